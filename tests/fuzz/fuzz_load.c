/* Any bytes as a whole model: judged by the header, loaded, run on one token, measured. What the header's judge
 * refuses the load must refuse too; memory must be what was announced, and nothing of it may be left; a
 * result that is not finite must say so. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "logitscope.h"
#include "support/debug_allocator.h"
#include "support/memory_source.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static void must(int condition) {
    if (!condition) abort();
}

static void must_explain(ls_status status, const ls_error *err, size_t n) {
    must(err->status == status && strlen(err->message) > 10);
    must(err->offset == LS_NO_OFFSET || err->offset <= n);
}

/* Zero vectors have no direction, so that step and turn may be NaN in a sound model. */
static int must_be_finite(int stat) { return stat != LS_STAT_STEP && stat != LS_STAT_TURN; }

static void check_result(const ls_result *result) {
    size_t points = ((size_t)result->layers + 1) * result->positions;
    int damaged = 0;
    must(strlen(result->digest) == 64 && result->positions == 1 && result->nonfinite <= points);
    for (size_t i = 0; i < points; i++)
        for (int stat = 0; stat < LS_STAT_COUNT; stat++)
            if (must_be_finite(stat) && ls_stat_present((ls_stat)stat, (uint32_t)i, 0, 1) &&
                !isfinite(result->stats[stat][i]))
                damaged = 1;
    must(!damaged || result->nonfinite > 0);
    for (size_t i = 0; i < points * result->top_k; i++) must(result->top_ids[i] < result->model->vocab);
}

/* One token, cut from a text of two, so that contexts of one will do. */
static void run(ls_engine *engine, ls_model *model) {
    const ls_settings settings = ls_settings_default();
    ls_session *session = NULL;
    ls_result *result = NULL;
    char *json = NULL;
    ls_error err = {LS_OK, LS_NO_OFFSET, ""};
    ls_status status = ls_session_open(model, "a", 1, 1, &settings, &session, &err);
    if (status == LS_OK) status = LS_MORE;
    while (status == LS_MORE) status = ls_session_step(session, NULL, &err);
    if (status == LS_OK) status = ls_session_measure(session, &settings, &result, &err);
    if (status == LS_OK && result->positions == 1) check_result(result);
    if (status == LS_OK) status = ls_result_json(engine, result, &json, NULL, &err);
    if (status != LS_OK) must_explain(status, &err, SIZE_MAX);
    ls_release(engine, json);
    ls_result_close(result);
    ls_session_close(session);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    debug_allocator debug;
    memory_source memory;
    ls_engine *engine = NULL;
    ls_model *checked = NULL, *model = NULL;
    ls_error judged = {LS_OK, LS_NO_OFFSET, ""}, err = {LS_OK, LS_NO_OFFSET, ""};
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_source source = memory_source_open(&memory, bytes, n, "fuzz.gguf");
    must(ls_engine_open(NULL, 1, &allocator, &engine, NULL) == LS_OK);
    ls_status verdict = ls_model_check(engine, &source, &checked, &judged);
    uint64_t before = debug.bytes;
    ls_status status = ls_model_open(engine, &source, &model, &err);
    if (verdict != LS_OK) {
        must_explain(verdict, &judged, n);
        must(status == verdict && strcmp(err.message, judged.message) == 0);
    }
    if (status == LS_OK) {
        must(debug.bytes - before == ls_model_describe(model)->resident);
        must(ls_model_describe(checked)->resident == ls_model_describe(model)->resident);
        run(engine, model);
    } else {
        must_explain(status, &err, n);
    }
    ls_model_close(model);
    ls_model_close(checked);
    ls_engine_close(engine);
    must(debug.live == 0);
    return 0;
}
