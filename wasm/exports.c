/*
 * The core for JavaScript: flat functions of numbers, addresses and lengths. wasm/core.ts is the one caller;
 * the names here are the reviewed export list, wasm/exports.txt.
 *
 * Conventions. Objects are addresses; 0 means the call was refused and lsw_error_*() says why. Strings are
 * NUL-terminated UTF-8; those returned as `char *` belong to the caller, who releases them with lsw_free();
 * those returned as `const char *` to the object. Offsets and sizes beyond 2^32 travel as doubles, exact up to
 * 2^53.
 */
#include <stdlib.h>

#include "exports.h"

/* The only state: what the last call left to be asked for. A worker makes one call at a time. */
static ls_error last_error;
static ls_progress last_progress;
static size_t last_length;

void *lsw_alloc(size_t n) { return malloc(n > 0 ? n : 1); }
void lsw_free(void *memory) { free(memory); }

const char *lsw_error_name(void) { return ls_status_name(last_error.status); }
const char *lsw_error_message(void) { return last_error.message; }
double lsw_error_offset(void) { return last_error.offset == LS_NO_OFFSET ? -1.0 : (double)last_error.offset; }
size_t lsw_length(void) { return last_length; }

/* ---- engine and model
 * ------------------------------------------------------------------------------------------ */

const char *lsw_kernel_name(int index) { return ls_kernel_name((size_t)index); }

ls_engine *lsw_engine_open(const char *kernel, int threads) {
    ls_engine *engine = NULL;
    (void)ls_engine_open(*kernel != '\0' ? kernel : NULL, (unsigned)threads, NULL, &engine, &last_error);
    return engine;
}

void lsw_engine_close(ls_engine *engine) { ls_engine_close(engine); }
const char *lsw_engine_kernel(const ls_engine *engine) { return ls_engine_kernel(engine); }
int lsw_engine_threads(const ls_engine *engine) { return (int)ls_engine_threads(engine); }

static int read_source(void *ctx, uint64_t offset, void *target, size_t n) {
    return lsw_host_read(*(const int *)ctx, (double)offset, target, n);
}

ls_loading *lsw_loading_open(ls_engine *engine, int source, double size, const char *name, const char *sha256) {
    ls_loading *loading = NULL;
    const ls_source host = {&source, (uint64_t)size, name, read_source};
    (void)ls_loading_open(engine, &host, *sha256 != '\0' ? sha256 : NULL, &loading, &last_error);
    return loading;
}

void *lsw_loading_room(ls_loading *loading) { return ls_loading_room(loading, &last_length); }

int lsw_loading_feed(ls_loading *loading, size_t n) {
    return ls_loading_feed(loading, n, &last_error) == LS_OK;
}

ls_model *lsw_loading_finish(ls_loading *loading) {
    ls_model *model = NULL;
    (void)ls_loading_finish(loading, &model, &last_error);
    return model;
}

void lsw_loading_close(ls_loading *loading) { ls_loading_close(loading); }

ls_model *lsw_model_check(ls_engine *engine, int source, double size, const char *name) {
    ls_model *model = NULL;
    const ls_source host = {&source, (uint64_t)size, name, read_source};
    (void)ls_model_check(engine, &host, &model, &last_error);
    return model;
}

void lsw_model_close(ls_model *model) { ls_model_close(model); }

const char *lsw_model_string(const ls_model *model, int which) {
    const ls_model_info *info = ls_model_describe(model);
    const char *const strings[] = {info->name, info->arch, info->weights, info->sha256};
    return strings[which];
}

double lsw_model_number(const ls_model *model, int which) {
    const ls_model_info *info = ls_model_describe(model);
    const double numbers[] = {info->layers,
                              info->width,
                              info->heads,
                              info->feed_forward,
                              info->context,
                              info->vocab,
                              (double)info->parameters,
                              (double)info->bytes,
                              (double)info->resident,
                              (double)info->session_base,
                              (double)info->session_position};
    return numbers[which];
}

/* ---- tokens
 * ---------------------------------------------------------------------------------------------------- */

uint32_t *lsw_tokenize(const ls_model *model, const char *text, size_t n) {
    uint32_t *ids = NULL;
    ls_status status = ls_tokenize(ls_model_tokenizer(model), text, n, &ids, &last_length, &last_error);
    return status == LS_OK ? ids : NULL;
}

const char *lsw_token_bytes(const ls_model *model, uint32_t id) {
    return ls_token_bytes(ls_model_tokenizer(model), id, &last_length);
}

/* ---- session
 * --------------------------------------------------------------------------------------------------- */

ls_session *lsw_session_open(ls_model *model, const char *text, size_t n, int cut, int lens, int sinks,
                             int window) {
    ls_session *session = NULL;
    ls_settings settings = ls_settings_default();
    settings.lens = (ls_lens)lens;
    settings.sinks = (uint32_t)sinks;
    settings.window = (uint32_t)window;
    (void)ls_session_open(model, text, n, cut, &settings, &session, &last_error);
    return session;
}

void lsw_session_close(ls_session *session) { ls_session_close(session); }

int lsw_session_set_lens(ls_session *session, int lens) {
    return ls_session_set_lens(session, (ls_lens)lens, &last_error) == LS_OK;
}

/* 1: more to do; 0: done; -1: refused */
int lsw_session_step(ls_session *session) {
    ls_status status = ls_session_step(session, &last_progress, &last_error);
    return status == LS_MORE ? 1 : status == LS_OK ? 0 : -1;
}

double lsw_progress(int which) {
    const double numbers[] = {last_progress.phase, last_progress.done, last_progress.total,
                              last_progress.fraction};
    return numbers[which];
}

char *lsw_session_report(const ls_engine *engine, ls_session *session, int csv, int lens, int op,
                         int from_layer, int step_rule, double step_quantile, double step_absolute,
                         double branch_p2, double branch_ratio, int sinks, int window) {
    const ls_settings settings = {.sinks = (uint32_t)sinks,
                                  .window = (uint32_t)window,
                                  .lens = (ls_lens)lens,
                                  .op = (ls_operator)op,
                                  .from_layer = (uint32_t)from_layer,
                                  .step_rule = (ls_step_rule)step_rule,
                                  .step_quantile = step_quantile,
                                  .step_absolute = step_absolute,
                                  .branch_p2 = branch_p2,
                                  .branch_ratio = branch_ratio};
    ls_result *result = NULL;
    char *text = NULL;
    ls_status status = ls_session_measure(session, &settings, &result, &last_error);
    if (status == LS_OK)
        status = (csv ? ls_result_csv : ls_result_json)(engine, result, &text, &last_length, &last_error);
    ls_result_close(result);
    return status == LS_OK ? text : NULL;
}

/* ---- verification
 * ---------------------------------------------------------------------------------------------- */

ls_verify *lsw_verify_open(ls_model *model, const char *grid, size_t n) {
    ls_verify *verify = NULL;
    (void)ls_verify_open(model, grid, n, &verify, &last_error);
    return verify;
}

void lsw_verify_close(ls_verify *verify) { ls_verify_close(verify); }

/* As lsw_session_step. */
int lsw_verify_step(ls_verify *verify) {
    ls_status status = ls_verify_step(verify, &last_progress, &last_error);
    return status == LS_MORE ? 1 : status == LS_OK ? 0 : -1;
}

char *lsw_verify_report(const ls_engine *engine, const ls_verify *verify) {
    char *text = NULL;
    const ls_verification *outcome = ls_verify_outcome(verify);
    ls_status status = ls_verification_json(engine, outcome, &text, &last_length, &last_error);
    return status == LS_OK ? text : NULL;
}
