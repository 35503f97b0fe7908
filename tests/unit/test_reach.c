/* What a position sees: sinks and a sliding window in the forward pass, against float64 NumPy. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/objects.h"
#include "support/reference.h"
#include "support/runs.h"

/* As the float32 fixtures: 3e-6 of the largest of a row. */
#define BOUND 3e-6

typedef struct fixture {
    reference ref;
    ls_engine *engine;
    ls_model *model;
    uint32_t *tokens;
    uint32_t positions;
} fixture;

static const ref_section *section(const fixture *f, const char *name) {
    const ref_section *found = reference_find(&f->ref, name);
    if (found == NULL) fail_msg("llama-reach.ref has no section %s", name);
    return found;
}

static int open_fixture(void **state) {
    fixture *f = calloc(1, sizeof *f);
    if (f == NULL || reference_open(&f->ref, FIXTURES "llama-reach.ref") != 0) return -1;
    const ref_section *ids = section(f, "ids");
    f->positions = (uint32_t)ids->columns;
    f->tokens = calloc(ids->columns, sizeof *f->tokens);
    if (f->tokens == NULL) return -1;
    for (size_t t = 0; t < ids->columns; t++) f->tokens[t] = (uint32_t)ids->values[t];
    f->engine = open_engine(NULL, 2);
    f->model = open_model(f->engine, FIXTURES "llama-f16.gguf");
    *state = f;
    return 0;
}

static int close_fixture(void **state) {
    fixture *f = *state;
    ls_model_close(f->model);
    ls_engine_close(f->engine);
    reference_close(&f->ref);
    free(f->tokens);
    free(f);
    return 0;
}

/* The residual stream after the last block, [T][d]; in the arena. */
static const float *run(const fixture *f, ls_reach reach, ls_arena *arena) {
    ls_compute compute = {f->engine->kernels, f->engine->pool};
    ls_forward *forward = NULL;
    assert_int_equal(ls_arena_alloc(arena, 1, sizeof *forward, "the test", &forward, NULL), LS_OK);
    assert_int_equal(
        ls_forward_init(forward, &f->model->network, compute, f->positions, NULL, NULL, arena, NULL), LS_OK);
    forward->reach = reach;
    ls_forward_embed(forward, f->tokens);
    for (uint32_t i = 0; i < f->model->network.hyper.layers; i++) ls_forward_step(forward);
    return forward->residual;
}

static void check_reach(const fixture *f, ls_reach reach) {
    char name[64];
    snprintf(name, sizeof name, "hidden.%u.%u", reach.sinks, reach.window);
    const ref_section *expected = section(f, name);
    size_t width = f->model->network.hyper.width;
    ls_arena arena;
    ls_arena_init(&arena, &f->engine->allocator);
    const float *ours = run(f, reach, &arena);
    assert_int_equal(expected->rows * expected->columns, f->positions * width);
    for (size_t t = 0; t < f->positions; t++) {
        double largest = 0.0;
        for (size_t i = 0; i < width; i++) largest = fmax(largest, fabs(expected->values[t * width + i]));
        for (size_t i = 0; i < width; i++) {
            double difference = fabs((double)ours[t * width + i] - expected->values[t * width + i]);
            if (!(difference <= BOUND * largest))
                fail_msg("%s, position %zu, channel %zu: off by %.3g of %.3g", name, t, i, difference, largest);
        }
    }
    ls_arena_clear(&arena);
}

static void test_reaches(void **state) {
    const fixture *f = *state;
    const ref_section *reaches = section(f, "reaches");
    assert_int_equal(reaches->columns, 2);
    assert_true(reaches->rows >= 8);
    for (size_t i = 0; i < reaches->rows; i++)
        check_reach(f, (ls_reach){(uint32_t)reaches->values[2 * i], (uint32_t)reaches->values[2 * i + 1]});
}

static void expect_same(const fixture *f, ls_reach reach, ls_reach other) {
    ls_arena arena;
    ls_arena_init(&arena, &f->engine->allocator);
    const float *first = run(f, reach, &arena), *second = run(f, other, &arena);
    assert_memory_equal(first, second, (size_t)f->positions * f->model->network.hyper.width * sizeof(float));
    ls_arena_clear(&arena);
}

/* A reach that holds the whole text is no reach at all, bit for bit. */
static void test_wide_reaches_change_nothing(void **state) {
    const fixture *f = *state;
    const ls_reach none = {0, 0};
    expect_same(f, none, (ls_reach){0, f->positions});
    expect_same(f, none, (ls_reach){0, UINT32_MAX});
    expect_same(f, none, (ls_reach){UINT32_MAX, 0});
    expect_same(f, none, (ls_reach){4, f->positions - 4});
    expect_same(f, (ls_reach){2, 5}, (ls_reach){2, 5});
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reaches),
        cmocka_unit_test(test_wide_reaches_change_nothing),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
