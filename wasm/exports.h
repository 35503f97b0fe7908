/* Prototypes of the flat functions, see exports.c. */
#ifndef LS_WASM_EXPORTS_H
#define LS_WASM_EXPORTS_H

#include "logitscope.h"

/* Given by JavaScript (host.js): copies n bytes at `offset` of source `id` to `target`; 0 when it could. */
int lsw_host_read(int id, double offset, void *target, size_t n);

void *lsw_alloc(size_t n);
void lsw_free(void *memory);

/* The last refusal: name of its status, sentence, offset or -1. */
const char *lsw_error_name(void);
const char *lsw_error_message(void);
double lsw_error_offset(void);
/* Length of what the last call returned: tokens of lsw_tokenize, bytes of lsw_loading_room, lsw_token_bytes,
 * lsw_session_report and lsw_verify_report. */
size_t lsw_length(void);

const char *lsw_kernel_name(int index);
ls_engine *lsw_engine_open(const char *kernel, int threads); /* kernel "": the fastest */
void lsw_engine_close(ls_engine *engine);
const char *lsw_engine_kernel(const ls_engine *engine);
int lsw_engine_threads(const ls_engine *engine);

/* sha256 "": it is computed. lsw_length() tells how many bytes the room is for. */
ls_loading *lsw_loading_open(ls_engine *engine, int source, double size, const char *name, const char *sha256);
void *lsw_loading_room(ls_loading *loading);
int lsw_loading_feed(ls_loading *loading, size_t n); /* 0: refused */
ls_model *lsw_loading_finish(ls_loading *loading);
void lsw_loading_close(ls_loading *loading);

ls_model *lsw_model_check(ls_engine *engine, int source, double size, const char *name);
void lsw_model_close(ls_model *model);
const char *lsw_model_string(const ls_model *model, int which); /* name, arch, weights, sha256 */
/* layers, width, heads, feed_forward, context, vocab, parameters, bytes, resident, session_base,
 * session_position */
double lsw_model_number(const ls_model *model, int which);

uint32_t *lsw_tokenize(const ls_model *model, const char *text, size_t n);
const char *lsw_token_bytes(const ls_model *model, uint32_t id);

ls_session *lsw_session_open(ls_model *model, const char *text, size_t n, int cut, int lens, int sinks,
                             int window);
void lsw_session_close(ls_session *session);
int lsw_session_set_lens(ls_session *session, int lens);
int lsw_session_step(ls_session *session);
double lsw_progress(int which); /* phase, done, total, fraction of the last step */
char *lsw_session_report(const ls_engine *engine, ls_session *session, int csv, int lens, int op,
                         int from_layer, int step_rule, double step_quantile, double step_absolute,
                         double branch_p2, double branch_ratio, int sinks, int window);

ls_verify *lsw_verify_open(ls_model *model, const char *grid, size_t n);
void lsw_verify_close(ls_verify *verify);
int lsw_verify_step(ls_verify *verify);
char *lsw_verify_report(const ls_engine *engine, const ls_verify *verify);

#endif
