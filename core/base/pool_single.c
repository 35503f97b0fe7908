#include "base/arena.h"
#include "base/pool.h"
#include "base/status.h"

struct ls_pool {
    ls_allocator allocator;
    ls_job_fn *fn;
    void *ctx;
    size_t next, jobs;
    uint64_t run;
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

uint64_t ls_pool_start(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx) {
    ls_pool_finish(pool, pool->run);
    pool->next = 0;
    pool->jobs = jobs;
    pool->fn = fn;
    pool->ctx = ctx;
    return ++pool->run;
}

int ls_pool_help(ls_pool *pool, uint64_t run) {
    if (run != pool->run || pool->next == pool->jobs) return 0;
    pool->fn(pool->ctx, pool->next++, 0);
    return 1;
}

void ls_pool_finish(ls_pool *pool, uint64_t run) {
    while (ls_pool_help(pool, run)) continue;
}

void ls_pool_drop(ls_pool *pool, uint64_t run) {
    if (run == pool->run) pool->jobs = pool->next;
}

void ls_pool_run(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx) {
    ls_pool_finish(pool, ls_pool_start(pool, jobs, fn, ctx));
}
