/* The public interface as a host uses it: texts, steps, lenses, settings, lifetimes. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/json_check.h"
#include "support/runs.h"

#define MODEL FIXTURES "gpt2-f32.gguf"

typedef struct bench {
    ls_engine *engine;
    ls_model *model;
    ls_error err;
} bench;

static int open_bench(void **state) {
    bench *b = calloc(1, sizeof *b);
    if (b == NULL) return -1;
    *state = b;
    b->engine = open_engine(NULL, 1);
    b->model = open_model(b->engine, MODEL);
    return 0;
}

static int close_bench(void **state) {
    bench *b = *state;
    ls_model_close(b->model);
    ls_engine_close(b->engine);
    free(b);
    return 0;
}

/* A text of exactly n tokens: no merge of the fixtures has a Z. */
static char *text_of(const bench *b, size_t n) {
    char *text = calloc(n + 1, 1);
    uint32_t *ids = NULL;
    size_t count = 0;
    assert_non_null(text);
    memset(text, 'Z', n);
    assert_int_equal(ls_tokenize(ls_model_tokenizer(b->model), text, n, &ids, &count, NULL), LS_OK);
    ls_release(b->engine, ids);
    assert_int_equal(count, n);
    return text;
}

static ls_status open_text(bench *b, const char *text, size_t n, int cut, ls_session **session) {
    return ls_session_open(b->model, text, n, cut, NULL, session, &b->err);
}

/* ---- texts --------------------------------------------------------------------------------------------- */

static void test_empty_text(void **state) {
    bench *b = *state;
    ls_session *session = (ls_session *)b;
    assert_int_equal(open_text(b, "", 0, 0, &session), LS_ERR_TEXT_EMPTY);
    assert_null(session);
    assert_non_null(strstr(b->err.message, "the text is empty"));
    assert_int_equal(b->err.status, LS_ERR_TEXT_EMPTY);
    ls_session_close(run_text(b->model, "still works", LS_LENS_NORMED));
}

static void test_long_text(void **state) {
    bench *b = *state;
    char *text = text_of(b, 33);
    ls_session *session = NULL;
    assert_int_equal(open_text(b, text, 33, 0, &session), LS_ERR_TEXT_LONG);
    assert_null(session);
    assert_non_null(strstr(b->err.message, "33 tokens"));
    assert_non_null(strstr(b->err.message, "at most 32"));
    assert_int_equal(open_text(b, text, 33, 1, &session), LS_OK);
    run_to_end(session);
    ls_result *result = measure(session, LS_LENS_NORMED);
    assert_int_equal(result->positions, 32);
    assert_int_equal(result->cut_from, 33);
    ls_result_close(result);
    ls_session_close(session);
    free(text);
}

static void test_text_of_just_the_context(void **state) {
    bench *b = *state;
    char *text = text_of(b, 32);
    for (int cut = 0; cut <= 1; cut++) {
        ls_session *session = NULL;
        assert_int_equal(open_text(b, text, 32, cut, &session), LS_OK);
        run_to_end(session);
        ls_result *result = measure(session, LS_LENS_NORMED);
        assert_int_equal(result->positions, 32);
        assert_int_equal(result->cut_from, 0);
        ls_result_close(result);
        ls_session_close(session);
    }
    free(text);
}

static void test_invalid_text(void **state) {
    bench *b = *state;
    ls_session *session = NULL;
    uint32_t *ids = NULL;
    size_t count = 0;
    assert_int_equal(open_text(b,
                               "ab\xff"
                               "cd",
                               5, 0, &session),
                     LS_ERR_ENCODING);
    assert_null(session);
    assert_int_equal(b->err.offset, 2);
    assert_int_equal(open_text(b, "caf\xc3", 4, 1, &session), LS_ERR_ENCODING); /* cut inside a character */
    assert_int_equal(b->err.offset, 3);
    b->err.offset = 0;
    assert_int_equal(ls_tokenize(ls_model_tokenizer(b->model), "\xed\xa0\x80", 3, &ids, &count, &b->err),
                     LS_ERR_ENCODING);
    assert_int_equal(b->err.offset, 0);
}

/* What needs a neighbour is absent, not zero. */
static void test_one_token(void **state) {
    bench *b = *state;
    ls_session *session = run_text(b->model, "Z", LS_LENS_NORMED);
    ls_result *r = measure(session, LS_LENS_NORMED);
    char *json = NULL;
    size_t n = 0;
    assert_int_equal(r->positions, 1);
    assert_int_equal(ls_result_json(b->engine, r, &json, &n, &b->err), LS_OK);
    assert_true(json_valid(json, n));
    static const char *const nulls[] = {
        "points.surprisal.0.0",
        "points.target_p.3.0",
        "points.target_rank.1.0",
        "points.step.0.0",
        "points.turn.0.0",
        "points.turn.1.0",
        "points.state.0.0",
        "summary.gd_ratio_ci",
        "summary.mean_g_ci",
        "summary.mean_d_ci",
        "summary.commit.mean_ci",
        "summary.transitions.token.p.0",
        "summary.transitions.token.p.4",
        "summary.transitions.token.self.2",
        "summary.transitions.token.low.1",
        "summary.transitions.token.stationary",
        "settings.cut_from",
    };
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (!json_is(json, nulls[i], "null")) fail_msg("%s should be null", nulls[i]);
    static const char *const numbers[] = {"points.entropy.0.0", "points.step.1.0", "points.turn.2.0",
                                          "points.kl_final.3.0", "summary.gd_ratio"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (json_is(json, numbers[i], "null")) fail_msg("%s should be a number", numbers[i]);
    ls_release(b->engine, json);
    ls_result_close(r);
    ls_session_close(session);
}

/* ---- steps --------------------------------------------------------------------------------------------- */

static void test_progress(void **state) {
    bench *outer = *state, inner = {outer->engine, open_model(outer->engine, FIXTURES "gptneox-f32.gguf"), {0}};
    bench *b = &inner;
    enum { TOKENS = 70 }; /* two batches of the lens; a window lets a text be longer than the context */
    char *text = text_of(b, TOKENS);
    ls_settings settings = ls_settings_default();
    settings.window = 8;
    ls_session *session = NULL;
    ls_progress p = {0};
    double last = 0.0;
    uint32_t layers = ls_model_describe(b->model)->layers, blocks = 0, batches = 0;
    assert_int_equal(ls_session_open(b->model, text, TOKENS, 0, &settings, &session, &b->err), LS_OK);
    ls_status status = LS_MORE;
    for (ls_phase phase = LS_PHASE_FORWARD; status == LS_MORE; phase = p.phase) {
        status = ls_session_step(session, &p, &b->err);
        assert_true(p.fraction > last && p.fraction <= 1.0);
        assert_true(p.phase >= phase && p.done <= p.total);
        assert_int_equal(p.total, p.phase == LS_PHASE_FORWARD ? layers : TOKENS);
        last = p.fraction;
        blocks += phase == LS_PHASE_FORWARD;
        batches += phase == LS_PHASE_LENS;
    }
    assert_int_equal(status, LS_OK);
    assert_true(p.fraction == 1.0 && p.phase == LS_PHASE_DONE && p.done == TOKENS);
    assert_int_equal(blocks, layers);
    assert_int_equal(batches, 2);
    assert_int_equal(ls_session_step(session, &p, NULL), LS_OK); /* once more changes nothing */
    assert_true(p.phase == LS_PHASE_DONE && p.fraction == 1.0);
    ls_session_close(session);
    ls_model_close(b->model);
    free(text);
}

static void test_too_early(void **state) {
    bench *b = *state;
    ls_session *session = NULL;
    ls_result *result = (ls_result *)b;
    float logits[320];
    const ls_settings settings = ls_settings_default();
    assert_int_equal(open_text(b, "The river", 9, 0, &session), LS_OK);
    for (ls_status status = LS_MORE; status == LS_MORE;) {
        assert_int_equal(ls_session_measure(session, &settings, &result, &b->err), LS_ERR_ARGUMENT);
        assert_null(result);
        assert_non_null(strstr(b->err.message, "not complete"));
        ls_progress p;
        status = ls_session_step(session, &p, NULL);
        ls_status expected = p.phase == LS_PHASE_FORWARD ? LS_ERR_ARGUMENT : LS_OK;
        assert_int_equal(ls_session_logits(session, 0, 0, logits, &b->err), expected);
    }
    ls_session_close(session);
}

static void test_points_out_of_range(void **state) {
    bench *b = *state;
    ls_session *session = run_text(b->model, "The river", LS_LENS_NORMED);
    ls_result *result = measure(session, LS_LENS_NORMED);
    float logits[320];
    assert_int_equal(ls_session_logits(session, 3, result->positions - 1, logits, &b->err), LS_OK);
    assert_int_equal(ls_session_logits(session, 4, 0, logits, &b->err), LS_ERR_ARGUMENT);
    assert_int_equal(ls_session_logits(session, 0, result->positions, logits, &b->err), LS_ERR_ARGUMENT);
    ls_result_close(result);
    ls_session_close(session);
}

/* ---- lenses and settings ------------------------------------------------------------------------------- */

static void test_lens_switch(void **state) {
    bench *b = *state;
    ls_session *session = run_text(b->model, "The river ran", LS_LENS_NORMED);
    ls_result *before = measure(session, LS_LENS_NORMED), *after = NULL;
    const ls_settings normed = ls_settings_default();
    ls_progress p;
    assert_int_equal(ls_session_set_lens(session, LS_LENS_COUNT, &b->err), LS_ERR_ARGUMENT);
    assert_int_equal(ls_session_set_lens(session, LS_LENS_RAW, &b->err), LS_OK);
    assert_int_equal(ls_session_measure(session, &normed, &after, &b->err), LS_ERR_ARGUMENT);
    assert_int_equal(ls_session_step(session, &p, &b->err), LS_OK); /* one batch, no block */
    after = measure(session, LS_LENS_RAW);
    ls_result *fresh = analyze(NULL, 1, MODEL, "The river ran", LS_LENS_RAW);
    assert_string_equal(after->digest, fresh->digest);
    assert_string_not_equal(after->digest, before->digest);
    ls_result *other = NULL;
    assert_int_equal(ls_session_measure(session, &normed, &other, &b->err), LS_ERR_ARGUMENT);
    assert_non_null(strstr(b->err.message, "lens"));
    ls_result_close(before);
    ls_result_close(after);
    ls_result_close(fresh);
    ls_session_close(session);
}

static void test_back_to_the_first_lens(void **state) {
    bench *b = *state;
    ls_session *session = run_text(b->model, "The river ran", LS_LENS_NORMED);
    ls_result *first = measure(session, LS_LENS_NORMED);
    assert_int_equal(ls_session_set_lens(session, LS_LENS_RAW, &b->err), LS_OK);
    run_to_end(session);
    assert_int_equal(ls_session_set_lens(session, LS_LENS_NORMED, &b->err), LS_OK);
    run_to_end(session);
    ls_result *again = measure(session, LS_LENS_NORMED);
    assert_string_equal(first->digest, again->digest);
    ls_result_close(first);
    ls_result_close(again);
    ls_session_close(session);
}

/* With threads the lens goes on between steps, also while another session of the engine takes its own; each
 * ends with what it gives alone. One that is closed, or set to another lens, on the way disturbs neither. */
static void test_sessions_in_turns(void **state) {
    (void)state;
    ls_error err = {0};
    const ls_settings settings = ls_settings_default();
    ls_result *alone[2] = {analyze(NULL, 1, MODEL, "The river ran over the stones", LS_LENS_NORMED),
                           analyze(NULL, 1, MODEL, "And the evening and the morning", LS_LENS_NORMED)};
    const char *texts[3] = {"The river ran over the stones", "And the evening and the morning", "A third one"};
    for (unsigned threads = 1; threads <= 3; threads++) {
        ls_engine *engine = open_engine(NULL, threads);
        ls_model *model = open_model(engine, MODEL);
        for (unsigned closed_after = 3; closed_after < 6; closed_after++) {
            ls_session *sessions[3] = {NULL, NULL, NULL};
            for (size_t i = 0; i < 3; i++)
                assert_int_equal(
                    ls_session_open(model, texts[i], strlen(texts[i]), 0, &settings, &sessions[i], &err),
                    LS_OK);
            for (unsigned step = 0; step < closed_after; step++)
                for (size_t i = 0; i < 3; i++) ls_session_step(sessions[i], NULL, &err);
            ls_session_close(sessions[2]);
            assert_int_equal(ls_session_set_lens(sessions[1], LS_LENS_RAW, &err), LS_OK);
            ls_session_step(sessions[1], NULL, &err);
            assert_int_equal(ls_session_set_lens(sessions[1], LS_LENS_NORMED, &err), LS_OK);
            for (size_t i = 0; i < 2; i++) {
                run_to_end(sessions[i]);
                ls_result *result = measure(sessions[i], LS_LENS_NORMED);
                assert_string_equal(result->digest, alone[i]->digest);
                ls_result_close(result);
                ls_session_close(sessions[i]);
            }
        }
        ls_model_close(model);
        ls_engine_close(engine);
    }
    ls_result_close(alone[0]);
    ls_result_close(alone[1]);
}

static void expect_refused(bench *b, ls_session *session, const ls_settings *settings, const char *name) {
    ls_result *result = NULL;
    if (ls_session_measure(session, settings, &result, &b->err) != LS_ERR_ARGUMENT)
        fail_msg("%s out of its range is accepted", name);
    assert_null(result);
    if (strstr(b->err.message, name) == NULL) fail_msg("\"%s\" does not name %s", b->err.message, name);
}

static void test_wrong_settings(void **state) {
    bench *b = *state;
    ls_session *session = run_text(b->model, "The river", LS_LENS_NORMED);
    const double wrong[] = {-0.001, 2.001, NAN, INFINITY};
    for (size_t i = 0; i < 4; i++) {
        ls_settings s = ls_settings_default();
        s.step_quantile = wrong[i];
        expect_refused(b, session, &s, "step_quantile");
        s = ls_settings_default();
        s.step_absolute = wrong[i];
        expect_refused(b, session, &s, "step_absolute");
        s = ls_settings_default();
        s.branch_p2 = wrong[i];
        expect_refused(b, session, &s, "branch_p2");
        s = ls_settings_default();
        s.branch_ratio = wrong[i];
        expect_refused(b, session, &s, "branch_ratio");
    }
    ls_settings s = ls_settings_default();
    s.from_layer = 4;
    expect_refused(b, session, &s, "from_layer");
    s = ls_settings_default();
    s.op = LS_OP_COUNT;
    expect_refused(b, session, &s, "operator");
    s = ls_settings_default();
    s.step_rule = LS_STEP_RULE_COUNT;
    expect_refused(b, session, &s, "step rule");
    ls_session_close(session);
}

static void test_settings_at_their_limits(void **state) {
    bench *b = *state;
    ls_session *session = run_text(b->model, "The river", LS_LENS_NORMED);
    for (uint32_t layer = 0; layer <= 3; layer++) {
        ls_settings s = ls_settings_default();
        ls_result *result = NULL;
        s.from_layer = layer;
        s.step_rule = layer % 2 ? LS_STEP_ABSOLUTE : LS_STEP_RELATIVE;
        s.step_absolute = layer > 1 ? 2.0 : 0.0;
        s.branch_p2 = s.branch_ratio = layer > 1 ? 1.0 : 0.0;
        assert_int_equal(ls_session_measure(session, &s, &result, &b->err), LS_OK);
        ls_result_close(result);
    }
    ls_session_close(session);
}

int main(void) {
#define ON_BENCH(test) cmocka_unit_test_setup_teardown(test, open_bench, close_bench)
    const struct CMUnitTest tests[] = {
        ON_BENCH(test_empty_text),
        ON_BENCH(test_long_text),
        ON_BENCH(test_text_of_just_the_context),
        ON_BENCH(test_invalid_text),
        ON_BENCH(test_one_token),
        ON_BENCH(test_progress),
        ON_BENCH(test_too_early),
        ON_BENCH(test_points_out_of_range),
        ON_BENCH(test_lens_switch),
        ON_BENCH(test_back_to_the_first_lens),
        cmocka_unit_test(test_sessions_in_turns),
        ON_BENCH(test_wrong_settings),
        ON_BENCH(test_settings_at_their_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
