#include "base/arena.h"
#include "base/pool.h"
#include "base/status.h"

struct ls_pool {
    ls_allocator allocator;
    ls_job_fn *fn;
    void *ctx;
    size_t jobs;
};

ls_status ls_pool_open(unsigned threads, const ls_allocator *allocator, ls_pool **out, ls_error *err) {
    if (threads != 1)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "this build runs on one thread, not on %u", threads);
    ls_status status = ls_alloc(allocator, 1, sizeof **out, "the thread pool", out, err);
    if (status == LS_OK) (*out)->allocator = *allocator;
    return status;
}

void ls_pool_close(ls_pool *pool) {
    if (pool != NULL) pool->allocator.release(pool->allocator.ctx, pool);
}

unsigned ls_pool_threads(const ls_pool *pool) {
    (void)pool;
    return 1;
}

void ls_pool_start(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx) {
    ls_pool_finish(pool);
    pool->jobs = jobs;
    pool->fn = fn;
    pool->ctx = ctx;
}

void ls_pool_finish(ls_pool *pool) {
    for (size_t job = 0; job < pool->jobs; job++) pool->fn(pool->ctx, job, 0);
    pool->jobs = 0;
}

void ls_pool_run(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx) {
    ls_pool_start(pool, jobs, fn, ctx);
    ls_pool_finish(pool);
}
