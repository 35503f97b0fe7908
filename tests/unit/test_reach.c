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
    assert_true(reaches->rows >= 7);
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

/* ---- as settings of a run -------------------------------------------------------------------------------- */

static ls_settings with_reach(uint32_t sinks, uint32_t window) {
    ls_settings settings = ls_settings_default();
    settings.sinks = sinks;
    settings.window = window;
    return settings;
}

static void expect_refused(ls_model *model, ls_settings settings, const char *says) {
    ls_session *session = NULL;
    ls_error err = {0};
    assert_int_equal(ls_session_open(model, "the sea", 7, 0, &settings, &session, &err), LS_ERR_ARGUMENT);
    assert_null(session);
    if (strstr(err.message, says) == NULL) fail_msg("\"%s\" does not say \"%s\"", err.message, says);
}

static void test_refused(void **state) {
    const fixture *f = *state;
    expect_refused(f->model, with_reach(4, 0), "4 sinks and no window");
    expect_refused(f->model, with_reach(4, 29), "4 sinks and a window of 29 are more than the 32 tokens");
    expect_refused(f->model, with_reach(0, 33), "more than the 32");
    expect_refused(f->model, with_reach(UINT32_MAX, UINT32_MAX), "more than the 32");
    ls_model *learned = open_model(f->engine, FIXTURES "gpt2-f32.gguf");
    expect_refused(learned, with_reach(0, 8), "learned positions");
    ls_model_close(learned);
}

static ls_result *run_under(const fixture *f, const char *text, ls_settings settings) {
    ls_session *session = NULL;
    ls_result *result = NULL;
    ls_error err = {0};
    if (ls_session_open(f->model, text, strlen(text), 0, &settings, &session, &err) != LS_OK)
        fail_msg("%s", err.message);
    run_to_end(session);
    ls_settings other = settings;
    other.sinks ^= 1;
    assert_int_equal(ls_session_measure(session, &other, &result, &err), LS_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "other sinks"));
    assert_int_equal(ls_session_measure(session, &settings, &result, &err), LS_OK);
    ls_session_close(session);
    return result;
}

static void expect_entropies(const ls_result *a, const ls_result *b, int same) {
    size_t last = (size_t)a->layers * a->positions + a->positions - 1;
    assert_int_equal(a->positions, b->positions);
    if (same != (a->stats[LS_STAT_ENTROPY][last] == b->stats[LS_STAT_ENTROPY][last]))
        fail_msg("entropies %g and %g", (double)a->stats[LS_STAT_ENTROPY][last],
                 (double)b->stats[LS_STAT_ENTROPY][last]);
}

/* A window wide enough changes nothing that is measured, but it is a setting: the digest is another. */
static void test_settings(void **state) {
    const fixture *f = *state;
    static const char text[] = "The river ran to the sea.";
    ls_result *none = run_under(f, text, with_reach(0, 0)), *wide = run_under(f, text, with_reach(0, 32)),
              *narrow = run_under(f, text, with_reach(0, 3)), *sinks = run_under(f, text, with_reach(2, 3));
    expect_entropies(none, wide, 1);
    expect_entropies(none, narrow, 0);
    expect_entropies(narrow, sinks, 0);
    assert_string_not_equal(none->digest, wide->digest);
    ls_result_close(none);
    ls_result_close(wide);
    ls_result_close(narrow);
    ls_result_close(sinks);
}

static void test_text_beyond_the_context(void **state) {
    const fixture *f = *state;
    char text[101];
    memset(text, 'Z', 100); /* a token each: no merge of the fixtures has a Z */
    text[100] = '\0';
    ls_settings settings = with_reach(4, 28);
    ls_session *session = NULL;
    ls_error err = {0};
    assert_int_equal(ls_session_open(f->model, text, 100, 0, NULL, &session, &err), LS_ERR_TEXT_LONG);
    for (int cut = 0; cut <= 1; cut++) { /* there is nothing to cut */
        assert_int_equal(ls_session_open(f->model, text, 100, cut, &settings, &session, &err), LS_OK);
        run_to_end(session);
        ls_result *result = NULL;
        assert_int_equal(ls_session_measure(session, &settings, &result, &err), LS_OK);
        assert_int_equal(result->positions, 100);
        assert_int_equal(result->cut_from, 0);
        assert_int_equal(result->nonfinite, 0);
        ls_result_close(result);
        ls_session_close(session);
    }
}

/* The same token over and over: once the cache is full, each next position sees what the one before it saw,
 * whatever its place in the text, and the first block makes the same of it but for rounding. */
static void expect_stable(const fixture *f, const char *path) {
    fixture other = *f;
    char text[301];
    memset(text, 'Z', 300);
    text[300] = '\0';
    other.model = open_model(f->engine, path);
    ls_result *r = run_under(&other, text, with_reach(4, 8));
    const float *entropy = r->stats[LS_STAT_ENTROPY] + r->positions; /* layer 1 */
    for (uint32_t t = 13; t < r->positions; t++)
        if (fabsf(entropy[t] - entropy[12]) > 1e-4f)
            fail_msg("%s, position %u: %g, not %g", path, t, (double)entropy[t], (double)entropy[12]);
    ls_result_close(r);
    ls_model_close(other.model);
}

/* Both layouts of rotation, whole heads and parts of them. */
static void test_stable_beyond_the_context(void **state) {
    expect_stable(*state, FIXTURES "llama-f16.gguf");
    expect_stable(*state, FIXTURES "gptneox-f32.gguf");
    expect_stable(*state, FIXTURES "qwen2-f16.gguf");
    expect_stable(*state, FIXTURES "phi-f16.gguf");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reaches),
        cmocka_unit_test(test_wide_reaches_change_nothing),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_text_beyond_the_context),
        cmocka_unit_test(test_stable_beyond_the_context),
    };
    return cmocka_run_group_tests(tests, open_fixture, close_fixture);
}
