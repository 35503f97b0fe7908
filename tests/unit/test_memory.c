/* Memory that runs out: every single allocation of the whole way is refused once. Each refusal must be reported
 * as such, and nothing may be left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "quant/types.h"
#include "support/debug_allocator.h"
#include "support/memory_source.h"
#include "support/runs.h"
#include "support/tiny_model.h"
#include "text/tokenizer.h"

typedef struct journey {
    ls_engine *engine;
    ls_model *checked, *model;
    ls_settings settings;
    ls_session *session;
    ls_result *result;
    ls_tokenizer *tokenizer;
    uint32_t *ids;
    char *json, *csv;
} journey;

static ls_status open_all(journey *j, const ls_allocator *allocator, const ls_source *source, ls_error *err) {
    static const char text[] = "a few";
    size_t count = 0;
    ls_status status = ls_engine_open(NULL, 2, allocator, &j->engine, err);
    if (status == LS_OK) status = ls_tokenizer_open(j->engine, source, &j->tokenizer, err);
    if (status == LS_OK) status = ls_tokenize(j->tokenizer, text, strlen(text), &j->ids, &count, err);
    if (status == LS_OK) status = ls_model_check(j->engine, source, &j->checked, err);
    if (status == LS_OK) status = ls_model_open(j->engine, source, &j->model, err);
    if (status == LS_OK)
        status = ls_session_open(j->model, text, strlen(text), 0, &j->settings, &j->session, err);
    return status;
}

static ls_status go(journey *j, const ls_allocator *allocator, const ls_source *source, ls_error *err) {
    ls_status status = open_all(j, allocator, source, err);
    if (status != LS_OK) return status;
    do status = ls_session_step(j->session, NULL, err);
    while (status == LS_MORE);
    if (status == LS_OK) status = ls_session_measure(j->session, &j->settings, &j->result, err);
    if (status == LS_OK) status = ls_result_json(j->engine, j->result, &j->json, NULL, err);
    if (status == LS_OK) status = ls_result_csv(j->engine, j->result, &j->csv, NULL, err);
    return status;
}

/* What was refused must not have been handed out: the pointers are then still NULL. */
static void close_all(journey *j) {
    if (j->engine != NULL) {
        ls_release(j->engine, j->json);
        ls_release(j->engine, j->csv);
        ls_release(j->engine, j->ids);
    }
    ls_result_close(j->result);
    ls_session_close(j->session);
    ls_tokenizer_close(j->tokenizer);
    ls_model_close(j->checked);
    ls_model_close(j->model);
    ls_engine_close(j->engine);
}

static void refuse_each(const tiny_model *model, ls_settings settings) {
    gguf_builder b;
    tiny_model_build(model, &b);
    ls_status status = LS_ERR_MEMORY;
    uint64_t fail_at = 0;
    while (status == LS_ERR_MEMORY) {
        debug_allocator debug;
        journey j = {.settings = settings};
        ls_error err = {0};
        memory_source memory;
        ls_allocator allocator = debug_allocator_open(&debug);
        ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "tiny.gguf");
        debug.fail_at = ++fail_at;
        status = go(&j, &allocator, &source, &err);
        close_all(&j);
        if (debug.live != 0)
            fail_msg("allocation %llu refused: %llu blocks left", (unsigned long long)fail_at,
                     (unsigned long long)debug.live);
        if (status != LS_OK && status != LS_ERR_MEMORY)
            fail_msg("allocation %llu refused: %s: %s", (unsigned long long)fail_at, ls_status_name(status),
                     err.message);
        if (status == LS_ERR_MEMORY) assert_true(err.status == LS_ERR_MEMORY && strlen(err.message) > 10);
        assert_true(fail_at < 5000);
    }
    print_message("%llu allocations, each refused once\n", (unsigned long long)(fail_at - 1));
    assert_true(fail_at > 50);
    gb_free(&b);
}

static void test_gpt2(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    refuse_each(&model, ls_settings_default());
}

static void test_gptneox(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    model.family = model.says = "gptneox";
    model.type = LS_GGML_Q8_0;
    model.layers = 2;
    ls_settings settings = ls_settings_default();
    settings.sinks = 1;
    settings.window = 2;
    refuse_each(&model, settings);
}

/* ---- the ceiling ---------------------------------------------------------------------------------------- */

/* A vocabulary of every word of one to three letters, each made by a rule and each with its kind. A letter has
 * two bytes, so that words are as long as they are in published vocabularies, six bytes. */
static void write_words(gguf_builder *b) {
    enum { LETTERS = 48, TOKENS = LETTERS + LETTERS * LETTERS + LETTERS * LETTERS * LETTERS };
    static char names[TOKENS][7], rules[TOKENS][8];
    static const char *tokens[TOKENS], *merges[TOKENS];
    static int32_t types[TOKENS];
    size_t count = 0, made = 0;
    for (size_t length = 1, of = LETTERS; length <= 3; length++, of *= LETTERS)
        for (size_t i = 0; i < of; i++, count++) {
            char *name = names[count];
            for (size_t k = 0, rest = i; k < length; k++, rest /= LETTERS)
                memcpy(name + 2 * (length - 1 - k), (char[]){'\xc4', (char)(0x80 + rest % LETTERS)}, 2);
            tokens[count] = name;
            types[count] = LS_TOKEN_NORMAL;
            if (length == 1) continue;
            snprintf(rules[made], sizeof rules[made], "%.*s %s", (int)(2 * length - 2), name,
                     name + 2 * length - 2);
            merges[made] = rules[made];
            made++;
        }
    gb_init(b);
    gb_begin(b);
    gb_kv_string(b, "general.architecture", "gpt2");
    gb_kv_string(b, "tokenizer.ggml.model", "gpt2");
    gb_kv_string(b, "tokenizer.ggml.pre", "gpt-2");
    gb_kv_strings(b, "tokenizer.ggml.tokens", tokens, count);
    gb_kv_i32s(b, "tokenizer.ggml.token_type", types, count);
    gb_kv_strings(b, "tokenizer.ggml.merges", merges, made);
    gb_finish(b);
}

/* Container and tokeniser together stay within four times the header and a mebibyte. */
static void test_tokeniser_within_the_ceiling(void **state) {
    (void)state;
    gguf_builder b;
    debug_allocator debug;
    memory_source memory;
    ls_engine *engine = NULL;
    ls_tokenizer *tokenizer = NULL;
    ls_error err;
    write_words(&b);
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "words.gguf");
    assert_int_equal(ls_engine_open(NULL, 1, &allocator, &engine, NULL), LS_OK);
    if (ls_tokenizer_open(engine, &source, &tokenizer, &err) != LS_OK) fail_msg("%s", err.message);
    print_message("header %zu bytes, peak %llu (%.2f x)\n", b.file.length, (unsigned long long)debug.peak,
                  (double)debug.peak / (double)b.file.length);
    assert_true(debug.peak <= 4 * (uint64_t)b.file.length + 1024 * 1024);
    ls_tokenizer_close(tokenizer);
    ls_engine_close(engine);
    gb_free(&b);
}

/* An allocation of nothing, a text of nothing and errors that nobody wants to hear. */
static void test_errors_unheard(void **state) {
    (void)state;
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_engine *engine = NULL;
    ls_model *model = NULL;
    memory_source memory;
    ls_source source = memory_source_open(&memory, "GGUF", 4, "short.gguf");
    assert_int_equal(ls_engine_open("abacus", 1, &allocator, &engine, NULL), LS_ERR_ARGUMENT);
    assert_int_equal(ls_engine_open(NULL, 1, &allocator, &engine, NULL), LS_OK);
    assert_int_equal(ls_model_open(engine, &source, &model, NULL), LS_ERR_TRUNCATED);
    assert_null(model);
    ls_engine_close(engine);
    assert_int_equal(debug.live, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gpt2),
        cmocka_unit_test(test_gptneox),
        cmocka_unit_test(test_tokeniser_within_the_ceiling),
        cmocka_unit_test(test_errors_unheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
