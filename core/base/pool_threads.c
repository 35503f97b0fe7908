#include <pthread.h>
#include <stdatomic.h>

#include "base/arena.h"
#include "base/pool.h"
#include "base/status.h"

typedef struct worker {
    ls_pool *pool;
    pthread_t thread;
    unsigned index;
} worker;

/* Looks at a number that another thread will change before a thread goes to sleep for it, some tens of
 * microseconds: the runs of a forward pass follow each other faster than the system wakes anybody. */
enum { LOOKS = 1 << 15 };

struct ls_pool {
    ls_allocator allocator;
    unsigned threads; /* the caller is thread 0; workers[1..threads) are ours */
    pthread_mutex_t mutex;
    pthread_cond_t start, finished;
    atomic_ulong run;    /* the number of the latest run; changes under the mutex */
    int open;            /* whether workers may still join it */
    atomic_uint inside;  /* workers that did and have not left; changes under the mutex */
    atomic_int stopping; /* changes under the mutex */
    ls_job_fn *fn;
    void *ctx;
    size_t jobs;
    atomic_size_t next;
    worker workers[LS_THREADS_MAX];
};

static int take_job(ls_pool *pool, unsigned index) {
    if (atomic_load(&pool->next) >= pool->jobs) return 0;
    size_t job = atomic_fetch_add(&pool->next, 1);
    if (job >= pool->jobs) return 0;
    pool->fn(pool->ctx, job, index);
    return 1;
}

/* Whether there is something new for a worker that saw run number `seen`. */
static int called(ls_pool *pool, unsigned long seen) {
    return atomic_load(&pool->run) != seen || atomic_load(&pool->stopping);
}

/* Returns with the mutex held. */
static void await_call(ls_pool *pool, unsigned long seen) {
    for (int i = 0; i < LOOKS && !called(pool, seen); i++) continue;
    pthread_mutex_lock(&pool->mutex);
    while (!called(pool, seen)) pthread_cond_wait(&pool->start, &pool->mutex);
}

static void *worker_main(void *argument) {
    worker *self = argument;
    ls_pool *pool = self->pool;
    unsigned long seen = 0;
    for (;;) {
        await_call(pool, seen);
        if (atomic_load(&pool->stopping)) break;
        seen = atomic_load(&pool->run);
        int joins = pool->open;
        if (joins) atomic_fetch_add(&pool->inside, 1);
        pthread_mutex_unlock(&pool->mutex);
        while (joins && take_job(pool, self->index)) continue;
        if (!joins) continue;
        pthread_mutex_lock(&pool->mutex);
        if (atomic_fetch_sub(&pool->inside, 1) == 1) pthread_cond_signal(&pool->finished);
        pthread_mutex_unlock(&pool->mutex);
    }
    pthread_mutex_unlock(&pool->mutex);
    return NULL;
}

static ls_status start_workers(ls_pool *pool, unsigned threads, ls_error *err) {
    for (pool->threads = 1; pool->threads < threads; pool->threads++) {
        worker *w = &pool->workers[pool->threads];
        *w = (worker){.pool = pool, .index = pool->threads};
        if (pthread_create(&w->thread, NULL, worker_main, w) != 0)
            return ls_fail(err, LS_ERR_MEMORY, LS_NO_OFFSET, "the system refused to start thread %u of %u",
                           pool->threads + 1, threads);
    }
    return LS_OK;
}

ls_status ls_pool_open(unsigned threads, const ls_allocator *allocator, ls_pool **out, ls_error *err) {
    if (threads < 1 || threads > LS_THREADS_MAX)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "threads must be between 1 and %u, not %u",
                       LS_THREADS_MAX, threads);
    ls_pool *pool = NULL;
    ls_status status = ls_alloc(allocator, 1, sizeof *pool, "the thread pool", &pool, err);
    if (status != LS_OK) return status;
    pool->allocator = *allocator;
    pthread_mutex_init(&pool->mutex, NULL);
    pthread_cond_init(&pool->start, NULL);
    pthread_cond_init(&pool->finished, NULL);
    status = start_workers(pool, threads, err);
    if (status != LS_OK) {
        ls_pool_close(pool);
        return status;
    }
    *out = pool;
    return LS_OK;
}

void ls_pool_close(ls_pool *pool) {
    if (pool == NULL) return;
    pthread_mutex_lock(&pool->mutex);
    atomic_store(&pool->stopping, 1);
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 1; i < pool->threads; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->start);
    pthread_mutex_destroy(&pool->mutex);
    pool->allocator.release(pool->allocator.ctx, pool);
}

unsigned ls_pool_threads(const ls_pool *pool) { return pool->threads; }

uint64_t ls_pool_start(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx) {
    ls_pool_finish(pool, atomic_load(&pool->run));
    pthread_mutex_lock(&pool->mutex);
    pool->fn = fn;
    pool->ctx = ctx;
    pool->jobs = jobs;
    atomic_store(&pool->next, 0);
    pool->open = 1;
    unsigned long run = atomic_fetch_add(&pool->run, 1) + 1;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->mutex);
    return run;
}

int ls_pool_help(ls_pool *pool, uint64_t run) { return run == atomic_load(&pool->run) && take_job(pool, 0); }

/* Workers that have not woken by now need not. */
static void close_run(ls_pool *pool) {
    pthread_mutex_lock(&pool->mutex);
    pool->open = 0;
    pthread_mutex_unlock(&pool->mutex);
    for (int i = 0; i < LOOKS && atomic_load(&pool->inside) > 0; i++) continue;
    pthread_mutex_lock(&pool->mutex);
    while (atomic_load(&pool->inside) > 0) pthread_cond_wait(&pool->finished, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

void ls_pool_finish(ls_pool *pool, uint64_t run) {
    while (ls_pool_help(pool, run)) continue;
    if (run == atomic_load(&pool->run) && pool->open) close_run(pool);
}

void ls_pool_drop(ls_pool *pool, uint64_t run) {
    if (run != atomic_load(&pool->run)) return;
    atomic_store(&pool->next, pool->jobs);
    ls_pool_finish(pool, run);
}

void ls_pool_run(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx) {
    if (pool->threads == 1 || jobs <= 1) {
        for (size_t job = 0; job < jobs; job++) fn(ctx, job, 0);
        return;
    }
    ls_pool_finish(pool, ls_pool_start(pool, jobs, fn, ctx));
}
