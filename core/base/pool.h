/* A fixed pool of threads for work that is split by shape alone. Jobs write disjoint outputs, so the result
 * does not depend on how many threads there are or who runs what. Two implementations, one per file:
 * pool_threads.c (POSIX threads; asleep when idle) and pool_single.c (runs jobs in order on the caller). */
#ifndef LS_BASE_POOL_H
#define LS_BASE_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "logitscope.h"

#define LS_THREADS_MAX 64u

typedef struct ls_pool ls_pool;

/* One job of a run: `job` in [0, jobs); `worker` in [0, threads), for per-thread scratch. */
typedef void ls_job_fn(void *ctx, size_t job, unsigned worker);

ls_status ls_pool_open(unsigned threads, const ls_allocator *allocator, ls_pool **out, ls_error *err);
void ls_pool_close(ls_pool *pool);
unsigned ls_pool_threads(const ls_pool *pool);

/* Purpose: run fn for every job and return when all are done. */
void ls_pool_run(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx);

/* Purpose: the same for a caller with something else to do meanwhile: the other threads begin. Returns the
 * number of the run, never 0. `ctx` must live until the run is finished or dropped. There is one run at a time:
 * to start another finishes the one before. All calls come from the thread that opened the pool. */
uint64_t ls_pool_start(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx);
/* Purpose: do one job of a run; 0 when there is none left to begin. */
int ls_pool_help(ls_pool *pool, uint64_t run);
/* Purpose: do what is left of a run and return when all of it is done. */
void ls_pool_finish(ls_pool *pool, uint64_t run);
/* Purpose: begin no further job of a run and return when those that were begun are done. */
void ls_pool_drop(ls_pool *pool, uint64_t run);

#endif
