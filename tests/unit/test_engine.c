/* The parts of the public interface around a session: engines, names, tokens, lifetimes, and the digest that
 * must not depend on the engine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/json_check.h"
#include "support/runs.h"

#define MODEL FIXTURES "gpt2-f32.gguf"

/* ---- lifetimes ----------------------------------------------------------------------------------------- */

static void test_two_sessions(void **state) {
    (void)state;
    ls_engine *engine = open_engine(NULL, 2);
    ls_model *model = open_model(engine, MODEL);
    static const char *const texts[2] = {"The river ran to the sea.", "we sang"};
    ls_session *sessions[2] = {NULL, NULL};
    ls_status status[2] = {LS_MORE, LS_MORE};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(ls_session_open(model, texts[i], strlen(texts[i]), 0, NULL, &sessions[i], NULL),
                         LS_OK);
    while (status[0] == LS_MORE || status[1] == LS_MORE)
        for (size_t i = 0; i < 2; i++) status[i] = ls_session_step(sessions[i], NULL, NULL);
    for (size_t i = 0; i < 2; i++) {
        ls_result *together = measure(sessions[i], LS_LENS_NORMED);
        ls_result *alone = analyze(NULL, 1, MODEL, texts[i], LS_LENS_NORMED);
        assert_string_equal(together->digest, alone->digest);
        ls_result_close(together);
        ls_result_close(alone);
        ls_session_close(sessions[i]);
    }
    ls_model_close(model);
    ls_engine_close(engine);
}

/* analyze() closes session, model and engine; everything in the result must still be there. */
static void test_result_stands_alone(void **state) {
    (void)state;
    ls_engine *engine = open_engine(NULL, 1);
    ls_result *r = analyze(NULL, 1, MODEL, "The river", LS_LENS_NORMED);
    char *text = NULL;
    size_t n = 0;
    assert_int_equal(ls_result_json(engine, r, &text, &n, NULL), LS_OK);
    assert_true(json_is(text, "model.arch", "\"gpt2\""));
    assert_true(json_is(text, "model.weights", "\"F32\""));
    assert_true(json_is(text, "settings.bos", "\"none\""));
    assert_true(json_is(text, "tokens.0.text", "\"The\""));
    ls_release(engine, text);
    assert_int_equal(ls_result_csv(engine, r, &text, &n, NULL), LS_OK);
    ls_release(engine, text);
    ls_result_close(r);
    ls_engine_close(engine);
}

static void test_closing_nothing(void **state) {
    (void)state;
    ls_result_close(NULL);
    ls_session_close(NULL);
    ls_model_close(NULL);
    ls_tokenizer_close(NULL);
    ls_engine_close(NULL);
}

/* ---- one digest everywhere ----------------------------------------------------------------------------- */

/* The fixtures' own words, more than the 16 positions of a batch, so that threads share the work of the lens.
 */
static const char long_text[] = "The river ran to the sea, and we sang. The wind ran to the hill";

static void test_same_digest(void **state) {
    (void)state;
    static const char *const models[] = {"gpt2-f32",    "gpt2-f16",     "gpt2-q8_0",
                                         "gptneox-f32", "gptneox-q8_0", "gptneox-sequential-f32"};
    for (size_t m = 0; m < sizeof models / sizeof *models; m++)
        for (int lens = 0; lens < LS_LENS_COUNT; lens++) {
            char path[128];
            snprintf(path, sizeof path, FIXTURES "%s.gguf", models[m]);
            ls_result *expected = analyze("scalar", 1, path, long_text, (ls_lens)lens);
            assert_true(expected->positions > 16);
            for (size_t k = 0; ls_kernel_name(k) != NULL; k++)
                for (unsigned threads = 1; threads <= 3; threads++) {
                    ls_result *r = analyze(ls_kernel_name(k), threads, path, long_text, (ls_lens)lens);
                    if (strcmp(r->digest, expected->digest) != 0)
                        fail_msg("%s, lens %s: %s with %u threads differs from scalar", models[m],
                                 ls_lens_name((ls_lens)lens), ls_kernel_name(k), threads);
                    ls_result_close(r);
                }
            ls_result_close(expected);
        }
}

/* ---- engine and names ---------------------------------------------------------------------------------- */

static void test_engine_refusals(void **state) {
    (void)state;
    ls_engine *engine = NULL;
    ls_error err;
    assert_int_equal(ls_engine_open("abacus", 1, NULL, &engine, &err), LS_ERR_ARGUMENT);
    assert_null(engine);
    assert_non_null(strstr(err.message, "abacus"));
    for (size_t i = 0; ls_kernel_name(i) != NULL; i++) assert_non_null(strstr(err.message, ls_kernel_name(i)));
    assert_int_equal(ls_engine_open("a\nb", 1, NULL, &engine, &err), LS_ERR_ARGUMENT);
    assert_null(strchr(err.message, '\n'));
    assert_int_equal(ls_engine_open(NULL, 0, NULL, &engine, &err), LS_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "not 0"));
    assert_int_equal(ls_engine_open(NULL, 65, NULL, &engine, &err), LS_ERR_ARGUMENT);
    assert_non_null(strstr(err.message, "not 65"));
    assert_int_equal(ls_engine_open("scalar", 64, NULL, &engine, &err), LS_OK);
    assert_string_equal(ls_engine_kernel(engine), "scalar");
    assert_int_equal(ls_engine_threads(engine), 64);
    ls_engine_close(engine);
}

static void test_names(void **state) {
    (void)state;
    assert_string_equal(ls_lens_name(LS_LENS_RAW), "raw");
    assert_string_equal(ls_operator_name(LS_OP_ENTROPIC), "entropic");
    assert_string_equal(ls_step_rule_name(LS_STEP_ABSOLUTE), "absolute");
    assert_string_equal(ls_stat_name(LS_STAT_TOP5_MASS), "top5_mass");
    assert_null(ls_lens_name(LS_LENS_COUNT));
    assert_null(ls_operator_name(LS_OP_COUNT));
    assert_null(ls_step_rule_name(LS_STEP_RULE_COUNT));
    assert_null(ls_stat_name(LS_STAT_COUNT));
    assert_true(ls_stat_present(LS_STAT_TURN, 2, 0, 1) && !ls_stat_present(LS_STAT_TURN, 1, 0, 1));
    assert_true(ls_stat_present(LS_STAT_SURPRISAL, 0, 3, 5) && !ls_stat_present(LS_STAT_SURPRISAL, 0, 4, 5));
}

static void test_tokens(void **state) {
    (void)state;
    ls_engine *engine = open_engine(NULL, 1);
    ls_model *model = open_model(engine, MODEL);
    const ls_tokenizer *tokenizer = ls_model_tokenizer(model);
    size_t length = 9, count = 9;
    uint32_t *ids = NULL;
    assert_int_equal(ls_tokenizer_vocab(tokenizer), 320);
    assert_null(ls_token_bytes(tokenizer, 320, &length));
    assert_int_equal(length, 0);
    assert_int_equal(ls_tokenize(tokenizer, "", 0, &ids, &count, NULL), LS_OK);
    assert_int_equal(count, 0);
    ls_release(engine, ids);
    ls_release(engine, NULL);
    ls_model_close(model);
    ls_engine_close(engine);
}

/* A character split over tokens of single bytes, and NUL, which would end a C string: shown as U+FFFD, one
 * each. */
static void test_token_texts(void **state) {
    (void)state;
    static const char text[] = "\xe4\xb8\x96\0Z"; /* one character of three bytes, NUL, Z */
    ls_engine *engine = open_engine(NULL, 1);
    ls_model *model = open_model(engine, MODEL);
    ls_session *session = NULL;
    assert_int_equal(ls_session_open(model, text, 5, 0, NULL, &session, NULL), LS_OK);
    run_to_end(session);
    ls_result *r = measure(session, LS_LENS_NORMED);
    assert_int_equal(r->positions, 5);
    for (uint32_t t = 0; t < 4; t++) assert_string_equal(r->token_text[t], "\xef\xbf\xbd");
    assert_string_equal(r->token_text[4], "Z");
    for (uint32_t i = 1; i < r->vocab_count; i++) assert_true(r->vocab_ids[i] > r->vocab_ids[i - 1]);
    ls_result_close(r);
    ls_session_close(session);
    ls_model_close(model);
    ls_engine_close(engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_two_sessions),    cmocka_unit_test(test_result_stands_alone),
        cmocka_unit_test(test_closing_nothing), cmocka_unit_test(test_same_digest),
        cmocka_unit_test(test_engine_refusals), cmocka_unit_test(test_names),
        cmocka_unit_test(test_tokens),          cmocka_unit_test(test_token_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
