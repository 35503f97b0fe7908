/* Models against known-answer grids that transformers made (tests/golden): the right ones pass, others fail. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/json_check.h"
#include "support/runs.h"
#include "verify/tally.h"

typedef struct run {
    ls_engine *engine;
    ls_model *model;
    ls_verify *verify;
    const ls_verification *outcome;
} run;

/* A model's fixture against a grid's. */
static run start(const char *model, const char *grid) {
    char path[128];
    run r = {.engine = open_engine(NULL, 1)};
    ls_error err;
    snprintf(path, sizeof path, FIXTURES "%s.gguf", model);
    r.model = open_model(r.engine, path);
    snprintf(path, sizeof path, FIXTURES "%s.json", grid);
    file_bytes file = load_file(path);
    if (ls_verify_open(r.model, (const char *)file.bytes, file.length, &r.verify, &err) != LS_OK)
        fail_msg("%s", err.message);
    free(file.bytes);
    return r;
}

static run verify(const char *model, const char *grid) {
    run r = start(model, grid);
    ls_error err;
    ls_status status;
    do status = ls_verify_step(r.verify, NULL, &err);
    while (status == LS_MORE);
    if (status != LS_OK) fail_msg("%s", err.message);
    r.outcome = ls_verify_outcome(r.verify);
    assert_non_null(r.outcome);
    return r;
}

static void finish(run *r) {
    ls_verify_close(r->verify);
    ls_model_close(r->model);
    ls_engine_close(r->engine);
}

/* ---- verdicts ------------------------------------------------------------------------------------------- */

typedef struct pair {
    const char *model, *grid;
    int pass;
    ls_grade grade;
    double mean; /* at most, where it passes: half a unit of the fifth digit, and what the type costs */
} pair;

static const pair pairs[] = {
    {"gpt2-f32", "gpt2-f32.normed", 1, LS_GRADE_EXACT, 6e-6},
    {"gpt2-f32", "gpt2-f32.raw", 1, LS_GRADE_EXACT, 6e-6},
    {"llama-f16", "llama-f16.normed", 1, LS_GRADE_EXACT, 6e-6},
    {"gptneox-q8_0", "gptneox-q8_0.normed", 1, LS_GRADE_EXACT, 4e-5},
    {"gpt2-f16", "gpt2-f32.normed", 1, LS_GRADE_EXACT, 2e-4},
    {"gpt2-q8_0", "gpt2-f32.normed", 1, LS_GRADE_EIGHT, 4e-3},
    /* Weights that differ, blocks in another order of operations, another rotary scaling, a window, another
       family. */
    {"gptneox-f32", "gptneox-q8_0.normed", 0, LS_GRADE_EXACT, 0},
    {"gptneox-sequential-f32", "gptneox-q8_0.normed", 0, LS_GRADE_EXACT, 0},
    {"llama3-f16", "llama-f16.normed", 0, LS_GRADE_EXACT, 0},
    {"mistral-f16", "llama-f16.normed", 0, LS_GRADE_EXACT, 0},
    {"qwen2-f16", "llama-f16.normed", 0, LS_GRADE_EXACT, 0},
    {"opt-f16", "gpt2-f32.normed", 0, LS_GRADE_EXACT, 0},
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static void test_verdicts(void **state) {
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        run r = verify(pairs[i].model, pairs[i].grid);
        const ls_verification *v = r.outcome;
        print_message("%s on %s: mean %.6f, largest %.6f, top-1 %.3f\n", pairs[i].model, pairs[i].grid, v->mean,
                      v->largest, v->top1);
        assert_int_equal(v->pass, pairs[i].pass);
        assert_int_equal(v->grade, pairs[i].grade);
        assert_int_equal(v->same_ids, v->prompts);
        if (v->pass) assert_true(v->mean <= pairs[i].mean);
        finish(&r);
    }
}

/* The worst cell is where it is said to be: an analysis shows the same number there. */
static void test_worst_cell(void **state) {
    (void)state;
    run r = verify("llama3-f16", "llama-f16.normed");
    const ls_verification *v = r.outcome;
    assert_string_equal(v->worst.text, "The river ran to the sea,  and we sang.");
    assert_true(fabs(fabs(v->worst.measured - v->worst.expected) - v->largest) < 1e-15);
    ls_session *session = run_text(r.model, v->worst.text, LS_LENS_NORMED);
    ls_result *result = measure(session, LS_LENS_NORMED);
    size_t first = ((size_t)v->worst.layer * result->positions + v->worst.position) * result->top_k, k = 0;
    while (k < result->top_k && result->top_ids[first + k] != v->worst.token) k++;
    if (k < result->top_k)
        assert_true((double)result->top_p[first + k] == v->worst.measured);
    else
        assert_true((double)result->top_p[first + k - 1] >= v->worst.measured);
    ls_result_close(result);
    ls_session_close(session);
    finish(&r);
}

/* Another tokeniser: nothing is compared, the first difference is named, and that is a fail. */
static void test_other_ids(void **state) {
    (void)state;
    run r = verify("gptneox-f32", "gpt2-f32.normed");
    const ls_verification *v = r.outcome;
    assert_int_equal(v->pass, 0);
    assert_int_equal(v->same_ids, 0);
    assert_int_equal(v->cells, 0);
    assert_true(isnan(v->mean) && isnan(v->largest) && isnan(v->top1));
    assert_int_equal(v->first_id.prompt, 0);
    assert_int_equal(v->first_id.position, 0);
    assert_int_equal(v->first_id.expected, 273);
    assert_int_equal(v->first_id.measured, 274);
    finish(&r);
}

/* ---- steps and outcome ---------------------------------------------------------------------------------- */

static void test_progress(void **state) {
    (void)state;
    run r = start("gpt2-f32", "gpt2-f32.normed");
    ls_progress progress;
    double before = 0.0;
    unsigned steps = 0;
    while (ls_verify_step(r.verify, &progress, NULL) == LS_MORE) {
        assert_null(ls_verify_outcome(r.verify));
        assert_true(progress.fraction >= before && progress.fraction <= 1.0);
        assert_int_equal(progress.total, 1);
        assert_int_not_equal(progress.phase, LS_PHASE_DONE);
        before = progress.fraction;
        steps++;
    }
    assert_true(steps > 52); /* a cell is a step */
    assert_int_equal(progress.phase, LS_PHASE_DONE);
    assert_true(progress.fraction == 1.0);
    assert_int_equal(ls_verify_step(r.verify, NULL, NULL), LS_OK); /* and stays so */
    finish(&r);
}

static void test_dropped(void **state) {
    (void)state;
    run r = start("gpt2-f32", "gpt2-f32.normed");
    for (int i = 0; i < 7; i++) assert_int_equal(ls_verify_step(r.verify, NULL, NULL), LS_MORE);
    finish(&r); /* the sanitizer sees what is left */
}

static void check_json(const char *model, const char *grid, const char *pass, const char *worst_layer) {
    run r = verify(model, grid);
    char *text = NULL;
    size_t length = 0;
    assert_int_equal(ls_verification_json(r.engine, r.outcome, &text, &length, NULL), LS_OK);
    assert_int_equal(strlen(text), length);
    assert_true(json_valid(text, length));
    assert_true(json_is(text, "schema", "\"logitscope.verification/1\""));
    assert_true(json_is(text, "pass", pass));
    assert_true(json_is(text, worst_layer == NULL ? "worst" : "first_id", "null"));
    if (worst_layer != NULL) assert_true(json_is(text, "worst.layer", worst_layer));
    ls_release(r.engine, text);
    finish(&r);
}

static void test_json(void **state) {
    (void)state;
    check_json("gpt2-q8_0", "gpt2-f32.normed", "true", "1");
    check_json("gptneox-f32", "gpt2-f32.normed", "false", NULL); /* nothing compared */
}

/* ---- the tally ------------------------------------------------------------------------------------------ */

static void test_grades(void **state) {
    (void)state;
    static const struct {
        const char *weights, *grid;
        ls_grade grade;
    } facts[] = {
        {"F32", "float32", LS_GRADE_EXACT},   {"F16", "float32", LS_GRADE_EXACT},
        {"BF16", "float32", LS_GRADE_BFLOAT}, {"Q8_0", "float32", LS_GRADE_EIGHT},
        {"Q6_K", "float32", LS_GRADE_FEW},    {"Q4_0", "float32", LS_GRADE_FEW},
        {"Q4_0", "Q4_0", LS_GRADE_EXACT},     {"Q8_0", "Q4_0", LS_GRADE_EIGHT},
    };
    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        ls_tally tally;
        ls_verification out = {0};
        ls_tally_start(&tally, &out, facts[i].weights, facts[i].grid);
        assert_int_equal(out.grade, facts[i].grade);
    }
}

/* Each bound alone decides. */
static void test_bounds(void **state) {
    (void)state;
    for (int broken = 0; broken < 5; broken++) {
        ls_tally tally;
        ls_verification out = {.prompts = 1, .same_ids = 1};
        ls_tally_start(&tally, &out, "F32", "float32");
        for (uint32_t cell = 0; cell < 1000; cell++) {
            ls_tally_entry entry = {7, 0.5, 0.5};
            if (broken == 1) entry.measured += 1.01 * out.mean_bound;
            if (broken == 2 && cell == 3) entry.measured += 1.01 * out.largest_bound;
            ls_tally_cell(&tally, 0, cell, 0, broken != 3 || cell < 1000 * out.top1_bound - 1, &entry);
        }
        if (broken == 4) out.same_ids = 0;
        ls_tally_finish(&tally);
        assert_int_equal(out.pass, broken == 0);
        if (broken == 2) assert_int_equal(out.worst.layer, 3);
    }
}

/* A damaged model gives no numbers: that is the worst cell, and a fail. */
static void test_not_a_number(void **state) {
    (void)state;
    ls_tally tally;
    ls_verification out = {.prompts = 1, .same_ids = 1};
    ls_tally_start(&tally, &out, "F32", "float32");
    const ls_tally_entry good = {7, 0.5, 0.5}, bad = {8, 0.25, NAN};
    ls_tally_cell(&tally, 0, 0, 0, 1, &good);
    ls_tally_cell(&tally, 0, 1, 0, 1, &bad);
    ls_tally_cell(&tally, 0, 2, 0, 1, &good);
    ls_tally_finish(&tally);
    assert_int_equal(out.pass, 0);
    assert_int_equal(out.worst.layer, 1);
    assert_int_equal(out.worst.token, 8);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verdicts), cmocka_unit_test(test_worst_cell), cmocka_unit_test(test_other_ids),
        cmocka_unit_test(test_progress), cmocka_unit_test(test_dropped),    cmocka_unit_test(test_json),
        cmocka_unit_test(test_grades),   cmocka_unit_test(test_bounds),     cmocka_unit_test(test_not_a_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
