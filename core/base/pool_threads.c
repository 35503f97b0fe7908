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

struct ls_pool {
    ls_allocator allocator;
    unsigned threads; /* the caller is thread 0; workers[1..threads) are ours */
    pthread_mutex_t mutex;
    pthread_cond_t start, finished;
    unsigned long generation; /* counts runs; a worker sleeps until it changes */
    unsigned busy;            /* workers still inside the current run */
    int stopping;
    ls_job_fn *fn;
    void *ctx;
    size_t jobs;
    atomic_size_t next;
    worker workers[LS_THREADS_MAX];
};

static void take_jobs(ls_pool *pool, unsigned index) {
    for (;;) {
        size_t job = atomic_fetch_add(&pool->next, 1);
        if (job >= pool->jobs) return;
        pool->fn(pool->ctx, job, index);
    }
}

static void *worker_main(void *argument) {
    worker *self = argument;
    ls_pool *pool = self->pool;
    unsigned long seen = 0;
    pthread_mutex_lock(&pool->mutex);
    for (;;) {
        while (pool->generation == seen && !pool->stopping) pthread_cond_wait(&pool->start, &pool->mutex);
        if (pool->stopping) break;
        seen = pool->generation;
        pthread_mutex_unlock(&pool->mutex);
        take_jobs(pool, self->index);
        pthread_mutex_lock(&pool->mutex);
        if (--pool->busy == 0) pthread_cond_signal(&pool->finished);
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
    pool->stopping = 1;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->mutex);
    for (unsigned i = 1; i < pool->threads; i++) pthread_join(pool->workers[i].thread, NULL);
    pthread_cond_destroy(&pool->finished);
    pthread_cond_destroy(&pool->start);
    pthread_mutex_destroy(&pool->mutex);
    pool->allocator.release(pool->allocator.ctx, pool);
}

unsigned ls_pool_threads(const ls_pool *pool) { return pool->threads; }

void ls_pool_start(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx) {
    ls_pool_finish(pool);
    pthread_mutex_lock(&pool->mutex);
    pool->fn = fn;
    pool->ctx = ctx;
    pool->jobs = jobs;
    atomic_store(&pool->next, 0);
    pool->busy = pool->threads - 1;
    pool->generation++;
    pthread_cond_broadcast(&pool->start);
    pthread_mutex_unlock(&pool->mutex);
}

void ls_pool_finish(ls_pool *pool) {
    take_jobs(pool, 0);
    pthread_mutex_lock(&pool->mutex);
    while (pool->busy > 0) pthread_cond_wait(&pool->finished, &pool->mutex);
    pthread_mutex_unlock(&pool->mutex);
}

void ls_pool_run(ls_pool *pool, size_t jobs, ls_job_fn *fn, void *ctx) {
    if (pool->threads == 1 || jobs <= 1) {
        for (size_t job = 0; job < jobs; job++) fn(ctx, job, 0);
        return;
    }
    ls_pool_start(pool, jobs, fn, ctx);
    ls_pool_finish(pool);
}
