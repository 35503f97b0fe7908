/* The thread pool: every job runs once, on a worker of its own number, and is finished when the run returns. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/pool.h"
#include "support/debug_allocator.h"

enum { MANY = 1000 };

typedef struct tally {
    atomic_uint runs[MANY];
    atomic_uint inside[LS_THREADS_MAX]; /* jobs a worker is in: never two at once */
    atomic_uint total, wrong;
    unsigned threads;
} tally;

static void count_job(void *ctx, size_t job, unsigned worker) {
    tally *t = ctx;
    if (worker >= t->threads || job >= MANY) {
        atomic_fetch_add(&t->wrong, 1);
        return;
    }
    if (atomic_fetch_add(&t->inside[worker], 1) != 0) atomic_fetch_add(&t->wrong, 1);
    atomic_fetch_add(&t->runs[job], 1);
    atomic_fetch_add(&t->total, 1);
    atomic_fetch_sub(&t->inside[worker], 1);
}

static ls_pool *open_pool(unsigned threads) {
    ls_allocator allocator = ls_allocator_default();
    ls_pool *pool = NULL;
    ls_error err = {0};
    if (ls_pool_open(threads, &allocator, &pool, &err) != LS_OK) fail_msg("%s", err.message);
    assert_int_equal(ls_pool_threads(pool), threads);
    return pool;
}

static void check_runs(ls_pool *pool, size_t jobs) {
    static tally t;
    memset(&t, 0, sizeof t);
    t.threads = ls_pool_threads(pool);
    ls_pool_run(pool, jobs, count_job, &t);
    assert_int_equal(atomic_load(&t.wrong), 0);
    assert_int_equal(atomic_load(&t.total), jobs);
    for (size_t job = 0; job < MANY; job++) assert_int_equal(atomic_load(&t.runs[job]), job < jobs);
}

static void test_every_job_once(void **state) {
    (void)state;
    static const unsigned threads[] = {1, 2, 3, 7, 64};
    static const size_t jobs[] = {0, 1, 2, 3, 6, 7, 8, MANY};
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        ls_pool *pool = open_pool(threads[i]);
        for (size_t k = 0; k < sizeof jobs / sizeof *jobs; k++) check_runs(pool, jobs[k]);
        ls_pool_close(pool);
    }
}

/* Short runs one after another: a worker that wakes late must neither miss a run nor join a finished one. The
 * output of a run is read without any lock of our own. */
typedef struct short_run {
    unsigned slot[5];
    unsigned value;
} short_run;

static void write_slot(void *ctx, size_t job, unsigned worker) {
    short_run *run = ctx;
    (void)worker;
    run->slot[job] += run->value;
}

static void test_nothing_lost(void **state) {
    (void)state;
    for (unsigned threads = 2; threads <= 3; threads++) {
        ls_pool *pool = open_pool(threads);
        for (unsigned i = 0; i < 10000; i++) {
            short_run run = {{0}, i + 1};
            size_t jobs = 2 + i % 4;
            ls_pool_run(pool, jobs, write_slot, &run);
            for (size_t job = 0; job < 5; job++) assert_int_equal(run.slot[job], job < jobs ? i + 1 : 0);
        }
        ls_pool_close(pool);
    }
}

/* A run in two halves: what the caller does between them does not disturb it. */
static void test_two_halves(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 3; threads++) {
        ls_pool *pool = open_pool(threads);
        for (unsigned i = 0; i < 2000; i++) {
            short_run run = {{0}, i + 1};
            ls_pool_start(pool, i % 6, write_slot, &run);
            unsigned own = i * i;
            ls_pool_finish(pool);
            assert_int_equal(own, i * i);
            for (size_t job = 0; job < 5; job++) assert_int_equal(run.slot[job], job < i % 6 ? i + 1 : 0);
        }
        ls_pool_close(pool);
    }
}

/* A run that begins while another one is open: both are done, and the first can be finished once more. */
static void test_begun_meanwhile(void **state) {
    (void)state;
    for (unsigned threads = 1; threads <= 3; threads++) {
        ls_pool *pool = open_pool(threads);
        for (unsigned i = 0; i < 2000; i++) {
            short_run first = {{0}, i + 1}, second = {{0}, i + 2};
            ls_pool_start(pool, 5, write_slot, &first);
            ls_pool_run(pool, i % 6, write_slot, &second);
            ls_pool_finish(pool);
            for (size_t job = 0; job < 5; job++) {
                assert_int_equal(first.slot[job], i + 1);
                assert_int_equal(second.slot[job], job < i % 6 ? i + 2 : 0);
            }
        }
        ls_pool_close(pool);
    }
}

static void test_closed_without_a_run(void **state) {
    (void)state;
    for (int i = 0; i < 50; i++) ls_pool_close(open_pool(7));
    ls_pool_close(NULL);
}

static void test_refusals(void **state) {
    (void)state;
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_pool *pool = NULL;
    ls_error err = {0};
    assert_int_equal(ls_pool_open(0, &allocator, &pool, &err), LS_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "between 1 and 64, not 0"));
    assert_int_equal(ls_pool_open(LS_THREADS_MAX + 1, &allocator, &pool, &err), LS_ERR_ARGUMENT);
    assert_int_equal(debug.allocations, 0);
    debug.fail_at = 1;
    assert_int_equal(ls_pool_open(2, &allocator, &pool, &err), LS_ERR_MEMORY);
    assert_int_equal(debug.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_job_once),       cmocka_unit_test(test_nothing_lost),
        cmocka_unit_test(test_two_halves),           cmocka_unit_test(test_begun_meanwhile),
        cmocka_unit_test(test_closed_without_a_run), cmocka_unit_test(test_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
