#include <stdio.h>

#include "api/objects.h"
#include "base/status.h"
#include "report/report.h"

const char *ls_kernel_name(size_t index) {
    const ls_kernels *kernels = ls_kernels_at(index);
    return kernels != NULL ? kernels->name : NULL;
}

static ls_status refuse_kernel(const char *kernel, ls_error *err) {
    char quoted[LS_QUOTE_MAX], known[96] = "";
    size_t used = 0;
    for (size_t i = 0; ls_kernel_name(i) != NULL && used < sizeof known; i++)
        used +=
            (size_t)snprintf(known + used, sizeof known - used, "%s%s", i > 0 ? ", " : "", ls_kernel_name(i));
    return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "there is no kernel %s on this processor; it runs: %s",
                   ls_quote(quoted, kernel, strlen(kernel)), known);
}

ls_status ls_engine_open(const char *kernel, unsigned threads, const ls_allocator *allocator, ls_engine **out,
                         ls_error *err) {
    *out = NULL;
    ls_allocator chosen = allocator != NULL ? *allocator : ls_allocator_default();
    const ls_kernels *kernels = ls_kernels_find(kernel);
    if (kernels == NULL) return refuse_kernel(kernel, err);
    ls_pool *pool = NULL;
    ls_status status = ls_pool_open(threads, &chosen, &pool, err);
    if (status != LS_OK) return status;
    ls_engine *engine = NULL;
    status = ls_alloc(&chosen, 1, sizeof *engine, "the engine", &engine, err);
    if (status != LS_OK) {
        ls_pool_close(pool);
        return status;
    }
    *engine = (ls_engine){chosen, kernels, pool};
    *out = engine;
    return LS_OK;
}

void ls_engine_close(ls_engine *engine) {
    if (engine == NULL) return;
    ls_pool_close(engine->pool);
    engine->allocator.release(engine->allocator.ctx, engine);
}

const char *ls_engine_kernel(const ls_engine *engine) { return engine->kernels->name; }

unsigned ls_engine_threads(const ls_engine *engine) { return ls_pool_threads(engine->pool); }

void ls_release(const ls_engine *engine, void *memory) {
    if (memory != NULL) engine->allocator.release(engine->allocator.ctx, memory);
}

ls_status ls_result_json(const ls_engine *engine, const ls_result *result, char **text, size_t *length,
                         ls_error *err) {
    return ls_report_json(result, &engine->allocator, text, length, err);
}

ls_status ls_result_csv(const ls_engine *engine, const ls_result *result, char **text, size_t *length,
                        ls_error *err) {
    return ls_report_csv(result, &engine->allocator, text, length, err);
}
