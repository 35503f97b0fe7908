/* Tokenisers out of GGUF files, through the public door: SentencePiece with its scores, what a file leaves
 * unsaid, and files whose arrays are not what they should be. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "api/objects.h"
#include "support/gguf_builder.h"
#include "support/memory_source.h"

enum { TOKENS = 8, SPACE = 3, A, SPACE_A, BYTE_A9, BYTE_LINE };

static const char *const tokens[TOKENS] = {"<unk>", "<s>",     "</s>",   "\u2581",
                                           "a",     "\u2581a", "<0xA9>", "<0x0A>"};
static const int32_t types[TOKENS] = {2, 3, 3, 1, 1, 1, 6, 6};
static const float scores[TOKENS] = {0, 0, 0, -2, -3, -1, 0, 0};

/* What is wrong with a file; nothing, to begin with. */
typedef struct oddity {
    const char *name;
    const char *key; /* this entry is written as `write` says; or left out */
    void (*write)(gguf_builder *b, const char *key);
    ls_status status;
    const char *message; /* a part of it */
} oddity;

static void write_entry(gguf_builder *b, const char *key) {
    if (strstr(key, "model") != NULL) gb_kv_string(b, key, "llama");
    if (strstr(key, "pre") != NULL) gb_kv_string(b, key, "default");
    if (strstr(key, "tokens") != NULL) gb_kv_strings(b, key, tokens, TOKENS);
    if (strstr(key, "token_type") != NULL) gb_kv_i32s(b, key, types, TOKENS);
    if (strstr(key, "scores") != NULL) gb_kv_f32s(b, key, scores, TOKENS);
    if (strstr(key, "bos_token_id") != NULL) gb_kv_u32(b, key, 1);
}

static void build(gguf_builder *b, const oddity *odd) {
    static const char *const keys[] = {"tokenizer.ggml.model",  "tokenizer.ggml.pre",
                                       "tokenizer.ggml.tokens", "tokenizer.ggml.token_type",
                                       "tokenizer.ggml.scores", "tokenizer.ggml.bos_token_id"};
    int written = 0;
    gb_init(b);
    gb_begin(b);
    gb_kv_string(b, "general.architecture", "llama");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        int is_odd = odd->key != NULL && strcmp(keys[i], odd->key) == 0;
        if (!is_odd)
            write_entry(b, keys[i]);
        else if (odd->write != NULL)
            odd->write(b, keys[i]);
        written |= is_odd;
    }
    if (odd->key != NULL && !written) odd->write(b, odd->key);
    gb_finish(b);
}

/* ---- what is read ----------------------------------------------------------------------------------- */

typedef struct bench {
    gguf_builder builder;
    memory_source memory;
    ls_engine engine;
    ls_tokenizer *tokenizer;
    ls_error err;
} bench;

static ls_status open_bench(bench *b, const oddity *odd) {
    memset(b, 0, sizeof *b);
    b->engine.allocator = ls_allocator_default();
    build(&b->builder, odd);
    ls_source source =
        memory_source_open(&b->memory, b->builder.file.bytes, b->builder.file.length, "tokens.gguf");
    return ls_tokenizer_open(&b->engine, &source, &b->tokenizer, &b->err);
}

static void close_bench(bench *b) {
    ls_tokenizer_close(b->tokenizer);
    gb_free(&b->builder);
}

static void encodes_to(bench *b, const char *text, const uint32_t *expected, size_t n) {
    uint32_t *ids = NULL;
    size_t count = 0;
    assert_int_equal(ls_tokenize(b->tokenizer, text, strlen(text), &ids, &count, &b->err), LS_OK);
    assert_int_equal(count, n);
    assert_memory_equal(ids, expected, n * sizeof *ids);
    b->engine.allocator.release(b->engine.allocator.ctx, ids);
}

#define ENCODES(b, text, ...)                                                                                  \
    encodes_to(b, text, (const uint32_t[]){__VA_ARGS__},                                                       \
               sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

static void unsaid_means_bos_and_a_space(void **state) {
    (void)state;
    bench b;
    assert_int_equal(open_bench(&b, &(oddity){0}), LS_OK);
    assert_int_equal(ls_tokenizer_vocab(b.tokenizer), TOKENS);
    assert_int_equal(b.tokenizer->bos, 1);
    ENCODES(&b, "a", 1, SPACE_A);
    ENCODES(&b, "aa \n", 1, SPACE_A, A, SPACE, BYTE_LINE);
    close_bench(&b);
}

static void no_bos(gguf_builder *b, const char *key) { gb_kv_bool(b, key, 0); }

static void said_means_what_it_says(void **state) {
    (void)state;
    bench b;
    assert_int_equal(open_bench(&b, &(oddity){.key = "tokenizer.ggml.add_bos_token", .write = no_bos}), LS_OK);
    assert_int_equal(b.tokenizer->bos, LS_NO_TOKEN);
    ENCODES(&b, "a", SPACE_A);
    close_bench(&b);
    assert_int_equal(open_bench(&b, &(oddity){.key = "tokenizer.ggml.add_space_prefix", .write = no_bos}),
                     LS_OK);
    ENCODES(&b, "a", 1, A);
    close_bench(&b);
}

/* A token as it is shown: the mark is a space, a byte that is no character alone is the replacement character.
 */
static void tokens_as_text(void **state) {
    (void)state;
    static const char *const expected[TOKENS] = {"<unk>", "<s>", "</s>", " ", "a", " a", "\ufffd", "\n"};
    bench b;
    ls_arena arena;
    assert_int_equal(open_bench(&b, &(oddity){0}), LS_OK);
    ls_arena_init(&arena, &b.engine.allocator);
    for (uint32_t id = 0; id < TOKENS; id++) {
        const char *text = NULL;
        assert_int_equal(ls_token_text(b.tokenizer, id, &arena, &text, &b.err), LS_OK);
        assert_string_equal(text, expected[id]);
    }
    size_t length = 0;
    assert_memory_equal(ls_token_bytes(b.tokenizer, BYTE_A9, &length), "\xa9", 1);
    assert_int_equal(length, 1);
    ls_arena_clear(&arena);
    close_bench(&b);
}

/* ---- what is refused -------------------------------------------------------------------------------- */

static void too_short_f32s(gguf_builder *b, const char *key) { gb_kv_f32s(b, key, scores, TOKENS - 1); }
static void integers(gguf_builder *b, const char *key) { gb_kv_i32s(b, key, types, TOKENS); }
static void texts(gguf_builder *b, const char *key) { gb_kv_strings(b, key, tokens, TOKENS); }
static void one_f32(gguf_builder *b, const char *key) { gb_kv_f32(b, key, 1); }
static void reals(gguf_builder *b, const char *key) { gb_kv_f32s(b, key, scores, TOKENS); }
static void too_short_i32s(gguf_builder *b, const char *key) { gb_kv_i32s(b, key, types, TOKENS - 1); }
static void doubles(gguf_builder *b, const char *key) {
    static const double wide[TOKENS] = {0, 0, 0, -2, -3, -1, 0, 0};
    gb_kv_f64s(b, key, wide, TOKENS);
}
static void a_number(gguf_builder *b, const char *key) { gb_kv_u32(b, key, 1); }
static void far_id(gguf_builder *b, const char *key) { gb_kv_u32(b, key, TOKENS); }
static void bert(gguf_builder *b, const char *key) { gb_kv_string(b, key, "bert"); }
static void gpt2(gguf_builder *b, const char *key) { gb_kv_string(b, key, "gpt2"); }
static void with_bad_bytes(gguf_builder *b, const char *key) {
    static const char *const spoilt[TOKENS] = {"<unk>", "<s>",     "</s>",   "\u2581",
                                               "a",     "\u2581a", "<0xZZ>", "<0x-1>"};
    gb_kv_strings(b, key, spoilt, TOKENS);
}

static oddity oddities[] = {
    {"scores absent", "tokenizer.ggml.scores", NULL, LS_ERR_MISSING,
     "\"tokenizer.ggml.scores\": it is missing"},
    {"scores too short", "tokenizer.ggml.scores", too_short_f32s, LS_ERR_VALUE,
     "scores has 7 items for 8 tokens"},
    {"scores of integers", "tokenizer.ggml.scores", integers, LS_ERR_TYPE,
     "an array of i32, not an array of f32 or f64"},
    {"scores of strings", "tokenizer.ggml.scores", texts, LS_ERR_TYPE, "an array of string"},
    {"scores one number", "tokenizer.ggml.scores", one_f32, LS_ERR_TYPE, "of type f32, not an array"},
    {"scores in f64", "tokenizer.ggml.scores", doubles, LS_OK, ""},
    {"types absent", "tokenizer.ggml.token_type", NULL, LS_OK, ""},
    {"types too short", "tokenizer.ggml.token_type", too_short_i32s, LS_ERR_VALUE,
     "token_type has 7 items for 8"},
    {"types of reals", "tokenizer.ggml.token_type", reals, LS_ERR_TYPE,
     "an array of f32, not an array of integers"},
    {"tokens of integers", "tokenizer.ggml.tokens", integers, LS_ERR_TYPE, "not an array of strings"},
    {"byte tokens <0xZZ> and <0x-1>", "tokenizer.ggml.tokens", with_bad_bytes, LS_ERR_VALUE,
     "\"<0xZZ>\" names no byte"},
    {"model of another kind", "tokenizer.ggml.model", bert, LS_ERR_UNSUPPORTED,
     "tokenizer.ggml.model is \"bert\""},
    {"byte-level without merges", "tokenizer.ggml.model", gpt2, LS_ERR_MISSING,
     "\"tokenizer.ggml.merges\": it is missing"},
    {"pre absent", "tokenizer.ggml.pre", NULL, LS_OK, ""},
    {"bos absent", "tokenizer.ggml.bos_token_id", NULL, LS_OK, ""},
    {"bos beyond the vocabulary", "tokenizer.ggml.bos_token_id", far_id, LS_ERR_VALUE, "bos_token_id is 8"},
    {"eos beyond the vocabulary", "tokenizer.ggml.eos_token_id", far_id, LS_ERR_VALUE, "eos_token_id is 8"},
    {"add_bos_token a number", "tokenizer.ggml.add_bos_token", a_number, LS_ERR_TYPE, "not a bool"},
    {"add_space_prefix a number", "tokenizer.ggml.add_space_prefix", a_number, LS_ERR_TYPE, "not a bool"},
};

static void check_oddity(void **state) {
    const oddity *odd = *state;
    bench b;
    assert_string_equal(ls_status_name(open_bench(&b, odd)), ls_status_name(odd->status));
    if (odd->status == LS_OK)
        assert_non_null(b.tokenizer);
    else if (strstr(b.err.message, odd->message) == NULL)
        fail_msg("\"%s\" lacks \"%s\"", b.err.message, odd->message);
    close_bench(&b);
}

int main(void) {
    enum { CASES = sizeof oddities / sizeof *oddities };
    const struct CMUnitTest read[] = {
        cmocka_unit_test(unsaid_means_bos_and_a_space),
        cmocka_unit_test(said_means_what_it_says),
        cmocka_unit_test(tokens_as_text),
    };
    struct CMUnitTest refused[CASES];
    for (size_t i = 0; i < CASES; i++)
        refused[i] = (struct CMUnitTest){oddities[i].name, check_oddity, NULL, NULL, &oddities[i]};
    int failed = cmocka_run_group_tests_name("tokenisers of files", read, NULL, NULL);
    return failed + cmocka_run_group_tests_name("tokenisers of odd files", refused, NULL, NULL);
}
