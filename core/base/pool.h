/* A fixed pool of threads for work that is split by shape alone. Jobs write disjoint outputs, so the result
 * does not depend on how many threads there are or who runs what. Two implementations, one per file:
 * pool_threads.c (POSIX threads; sleeps when idle) and pool_single.c (runs jobs in order on the caller). */
#ifndef LS_BASE_POOL_H
#define LS_BASE_POOL_H

#include <stddef.h>

#include "logitscope.h"

#define LS_THREADS_MAX 64u

typedef struct ls_pool ls_pool;

/* One job of a run: `job` in [0, jobs); `worker` in [0, threads), for per-thread scratch. */
typedef void ls_job_fn(void *ctx, size_t job, unsigned worker);

ls_status ls_pool_open(unsigned threads, const ls_allocator *allocator, ls_pool **out, ls_error *err);
void ls_pool_close(ls_pool *pool);
unsigned ls_pool_threads(const ls_pool *pool);

/* Purpose: run fn for every job and return when all are done. Not reentrant: jobs start no runs. */
void ls_pool_run(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx);

/* Purpose: the same in two halves, for a caller with something else to do meanwhile. The other threads begin;
 * ls_pool_finish() lends a hand and returns when all jobs are done. `ctx` must live until then. One run at a
 * time: another that is begun meanwhile finishes this one first, and to finish it again does nothing. */
void ls_pool_start(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx);
void ls_pool_finish(ls_pool *pool);

#endif
