/* Vocabularies that do not fit together, each by name: what is refused, and what is accepted all the same. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/small_vocab.h"

/* ---- by name ---------------------------------------------------------------------------------------- */

typedef struct vocab_case {
    const char *name;
    void (*spoil)(small_vocab *small);
    ls_status status;
    const char *message; /* a part of it; NULL when accepted */
} vocab_case;

static void nothing(small_vocab *s) { (void)s; }
static void model_bert(small_vocab *s) { s->vocab.model = LS_STR("bert"); }
static void model_absent(small_vocab *s) { s->vocab.model = LS_STR(""); }
static void model_html(small_vocab *s) { s->vocab.model = LS_STR("<b>\x01\xff</b>"); }
static void pre_unknown(small_vocab *s) { s->vocab.pre = LS_STR("tekken"); }
static void pre_prefix(small_vocab *s) { s->vocab.pre = LS_STR("gpt-"); }
static void pre_nul(small_vocab *s) { s->vocab.pre = LS_STR("gpt-2\0"); }
static void pre_olmo(small_vocab *s) { s->vocab.pre = LS_STR("olmo"); }
static void pre_mpt(small_vocab *s) { s->vocab.pre = LS_STR("mpt"); }
static void pre_neox(small_vocab *s) { s->vocab.pre = LS_STR("gpt-neox"); }
static void pre_default(small_vocab *s) { s->vocab.pre = LS_STR("default"); }
static void pre_absent(small_vocab *s) { s->vocab.pre = LS_STR(""); }
static void pre_absent_arch_unknown(small_vocab *s) {
    s->vocab.pre = LS_STR("");
    s->vocab.arch = LS_STR("mamba");
}
static void pre_absent_neox(small_vocab *s) {
    s->vocab.pre = LS_STR("");
    s->vocab.arch = LS_STR("gptneox");
}
static void no_tokens(small_vocab *s) { s->vocab.count = s->vocab.type_count = 0; }
static void types_too_short(small_vocab *s) { s->vocab.type_count--; }
static void types_too_long(small_vocab *s) { s->vocab.type_count++; }
static void types_empty(small_vocab *s) { s->vocab.type_count = 0; }
static void types_absent(small_vocab *s) { s->vocab.types = NULL; }
static void type_negative(small_vocab *s) { s->types[7] = -1; }
static void type_beyond(small_vocab *s) { s->types[7] = 7; }
static void type_undefined(small_vocab *s) { s->types[7] = 0; }
static void bos_beyond(small_vocab *s) { s->vocab.bos = 256; }
static void bos_last(small_vocab *s) { s->vocab.bos = 255; }
static void eos_beyond(small_vocab *s) { s->vocab.eos = UINT32_MAX - 1; }
static void bos_asked_for_but_absent(small_vocab *s) { s->vocab.add_bos = 1; }
static void empty_token(small_vocab *s) { small_vocab_token(s, "", 0, LS_TOKEN_NORMAL); }
static void empty_tokens(small_vocab *s) {
    empty_token(s);
    small_vocab_token(s, "", 0, LS_TOKEN_CONTROL);
    small_vocab_token(s, "", 0, LS_TOKEN_USER);
}
static void duplicate_token(small_vocab *s) { small_vocab_token(s, "a", 1, LS_TOKEN_NORMAL); }
static void duplicate_control(small_vocab *s) {
    small_vocab_token(s, "<end>", 5, LS_TOKEN_CONTROL);
    small_vocab_token(s, "<end>", 5, LS_TOKEN_USER);
}
static void duplicate_unused(small_vocab *s) {
    small_vocab_token(s, "a", 1, LS_TOKEN_UNUSED);
    small_vocab_token(s, "[PAD]", 5, LS_TOKEN_UNUSED);
    small_vocab_token(s, "[PAD]", 5, LS_TOKEN_UNUSED);
}
static void token_not_utf8(small_vocab *s) { small_vocab_token(s, "\xff\xfe", 2, LS_TOKEN_NORMAL); }
static void control_not_utf8(small_vocab *s) { small_vocab_token(s, "<\xff>", 3, LS_TOKEN_CONTROL); }
static void control_of_256(small_vocab *s) {
    char text[256];
    memset(text, '=', sizeof text);
    small_vocab_token(s, text, sizeof text, LS_TOKEN_CONTROL);
}
static void control_of_257(small_vocab *s) {
    char text[257];
    memset(text, '=', sizeof text);
    small_vocab_token(s, text, sizeof text, LS_TOKEN_USER);
}
static void merge_left_unknown(small_vocab *s) { small_vocab_rule(s, "zz a"); }
static void merge_right_unknown(small_vocab *s) {
    small_vocab_merge(s, 'a', 'b');
    small_vocab_rule(s, "a zz");
}
static void merge_into_unknown(small_vocab *s) { small_vocab_rule(s, "a b"); }
static void merge_without_space(small_vocab *s) { small_vocab_rule(s, "ab"); }
static void merge_of_three(small_vocab *s) { small_vocab_rule(s, "a b c"); }
static void merge_empty(small_vocab *s) { small_vocab_rule(s, ""); }
static void merge_left_empty(small_vocab *s) { small_vocab_rule(s, " a"); }
static void merge_right_empty(small_vocab *s) { small_vocab_rule(s, "a "); }
static void merge_space_only(small_vocab *s) { small_vocab_rule(s, " "); }
static void merge_header_line(small_vocab *s) { small_vocab_rule(s, "#version: 0.2"); }
static void merge_twice(small_vocab *s) {
    small_vocab_merge(s, 'a', 'b');
    small_vocab_rule(s, "a b");
}
/* ab -> aba -> abab, and ab + ab -> abab: rules that feed each other end, for each makes a longer token. */
static void merges_that_feed_each_other(small_vocab *s) {
    uint32_t ab = small_vocab_merge(s, 'a', 'b'), aba = small_vocab_merge(s, ab, 'a');
    small_vocab_merge(s, aba, 'b');
    small_vocab_merge(s, ab, ab);
    small_vocab_merge(s, 'b', 'a');
}
static void merge_of_a_control_token(small_vocab *s) {
    uint32_t end = small_vocab_token(s, "<end>", 5, LS_TOKEN_CONTROL);
    small_vocab_merge(s, end, 'a');
}
static void byte_missing(small_vocab *s) { s->tokens['a'] = LS_STR("aaa"); }
static void count_wraps(small_vocab *s) { s->vocab.count = s->vocab.type_count = UINT64_MAX; }
static void merges_wrap(small_vocab *s) { s->vocab.merge_count = UINT64_C(1) << 60; }
static void file_name_html(small_vocab *s) {
    s->vocab.file = "a\nb\xff";
    s->vocab.bos = 256;
}

static vocab_case cases[] = {
    {"sound", nothing, LS_OK, NULL},
    {"model of another kind", model_bert, LS_ERR_UNSUPPORTED, "tokenizer.ggml.model is \"bert\""},
    {"model absent", model_absent, LS_ERR_UNSUPPORTED, "tokenizer.ggml.model is \"\""},
    {"model name escaped", model_html, LS_ERR_UNSUPPORTED, "\"<b>\\x01\\xff</b>\""},
    {"pre unknown", pre_unknown, LS_ERR_UNSUPPORTED, "\"tekken\", a pre-tokeniser that is not known (gpt-2,"},
    {"pre cut short", pre_prefix, LS_ERR_UNSUPPORTED, "\"gpt-\""},
    {"pre with a NUL", pre_nul, LS_ERR_UNSUPPORTED, "\"gpt-2\\x00\""},
    {"pre olmo", pre_olmo, LS_OK, NULL},
    {"pre mpt", pre_mpt, LS_OK, NULL},
    {"pre gpt-neox", pre_neox, LS_OK, NULL},
    {"pre default", pre_default, LS_OK, NULL},
    {"pre absent", pre_absent, LS_OK, NULL},
    {"pre absent, gptneox", pre_absent_neox, LS_OK, NULL},
    {"pre absent, arch unknown", pre_absent_arch_unknown, LS_ERR_UNSUPPORTED, "architecture \"mamba\" (gpt2,"},
    {"no tokens", no_tokens, LS_ERR_VALUE, "tokens is empty"},
    {"types too short", types_too_short, LS_ERR_VALUE, "token_type has 255 items for 256 tokens"},
    {"types too long", types_too_long, LS_ERR_VALUE, "token_type has 257 items for 256 tokens"},
    {"types empty", types_empty, LS_ERR_VALUE, "token_type has 0 items for 256 tokens"},
    {"types absent", types_absent, LS_OK, NULL},
    {"type negative", type_negative, LS_ERR_VALUE, "token_type[7] is -1"},
    {"type beyond", type_beyond, LS_ERR_VALUE, "token_type[7] is 7"},
    {"type undefined", type_undefined, LS_OK, NULL},
    {"bos beyond", bos_beyond, LS_ERR_VALUE, "bos_token_id is 256, beyond the 256 tokens"},
    {"bos last", bos_last, LS_OK, NULL},
    {"eos beyond", eos_beyond, LS_ERR_VALUE, "eos_token_id is 4294967294, beyond"},
    {"bos asked for but absent", bos_asked_for_but_absent, LS_ERR_MISSING,
     "there is no tokenizer.ggml.bos_token_id"},
    {"empty token", empty_token, LS_OK, NULL},
    {"empty tokens", empty_tokens, LS_OK, NULL},
    {"duplicate token", duplicate_token, LS_ERR_DUPLICATE, "tokens[97] and [256] are the same, \"a\""},
    {"duplicate control token", duplicate_control, LS_ERR_DUPLICATE, "[256] and [257]"},
    {"duplicate unused token", duplicate_unused, LS_OK, NULL},
    {"token not UTF-8", token_not_utf8, LS_OK, NULL},
    {"control token not UTF-8", control_not_utf8, LS_ERR_ENCODING, "tokens[256]"},
    {"control token of 256 bytes", control_of_256, LS_OK, NULL},
    {"user token of 257 bytes", control_of_257, LS_ERR_LENGTH,
     "tokens[256], a control or user-defined token, has 257"},
    {"merge of an unknown left", merge_left_unknown, LS_ERR_VALUE, "merges[0] is \"zz a\": the left side"},
    {"merge of an unknown right", merge_right_unknown, LS_ERR_VALUE, "merges[1] is \"a zz\": the right side"},
    {"merge into an unknown token", merge_into_unknown, LS_ERR_VALUE,
     "merges[0] is \"a b\": the two sides together"},
    {"merge without space", merge_without_space, LS_ERR_VALUE, "merges[0] is \"ab\": there must be two tokens"},
    {"merge of three", merge_of_three, LS_ERR_VALUE, "merges[0] is \"a b c\": there must be two tokens"},
    {"merge empty", merge_empty, LS_ERR_VALUE, "merges[0] is \"\""},
    {"merge with an empty left", merge_left_empty, LS_ERR_VALUE, "merges[0] is \" a\""},
    {"merge with an empty right", merge_right_empty, LS_ERR_VALUE, "merges[0] is \"a \""},
    {"merge of a space only", merge_space_only, LS_ERR_VALUE, "merges[0] is \" \""},
    {"merge is a header line", merge_header_line, LS_ERR_VALUE, "merges[0] is \"#version: 0.2\""},
    {"merge twice", merge_twice, LS_OK, NULL},
    {"merges that feed each other", merges_that_feed_each_other, LS_OK, NULL},
    {"merge of a control token", merge_of_a_control_token, LS_OK, NULL},
    {"byte missing", byte_missing, LS_OK, NULL},
    {"count wraps", count_wraps, LS_ERR_OVERFLOW, "18446744073709551615 tokens"},
    {"merge count wraps", merges_wrap, LS_ERR_OVERFLOW, "1152921504606846976 merges"},
    {"file name escaped", file_name_html, LS_ERR_VALUE, "\"a\\x0ab\\xff\": tokenizer"},
};

static void check_case(void **state) {
    const vocab_case *c = *state;
    static small_vocab small;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    small_vocab_init(&small, "gpt-2");
    c->spoil(&small);
    const ls_bpe *bpe = NULL;
    ls_error err = {LS_OK, 0, ""};
    ls_status status = ls_bpe_create(&small.vocab, &arena, &bpe, &err);
    assert_string_equal(ls_status_name(status), ls_status_name(c->status));
    if (c->message != NULL) {
        assert_int_equal(err.status, status);
        assert_int_equal(err.offset, LS_NO_OFFSET);
        if (strstr(err.message, c->message) == NULL) fail_msg("\"%s\" lacks \"%s\"", err.message, c->message);
        assert_null(bpe);
    } else {
        uint32_t *ids = NULL;
        size_t count = 0;
        assert_int_equal(ls_bpe_encode(bpe, "bbc ab", 6, &arena, &ids, &count, NULL), LS_OK);
    }
    ls_arena_clear(&arena);
}

/* ---- size ------------------------------------------------------------------------------------------- */

/* Purpose: create a tokeniser of `count` tokens of `length` bytes that differ in their last four bytes only,
 * after `lead`; returns the seconds it took. */
static double seconds_to_build(uint64_t count, size_t length, ls_status expected) {
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    ls_str *tokens = NULL;
    char *text = NULL;
    assert_int_equal(ls_arena_alloc(&arena, count, sizeof *tokens, "tokens", &tokens, NULL), LS_OK);
    assert_int_equal(ls_arena_alloc(&arena, count, length, "text", &text, NULL), LS_OK);
    memset(text, 'a', count * length);
    for (uint64_t i = 0; i < count; i++) {
        char *end = text + (i + 1) * length;
        for (unsigned digit = 0; digit < 4; digit++) end[-1 - (int)digit] = (char)('a' + (i >> 4 * digit & 15));
        tokens[i] = (ls_str){text + i * length, length};
    }
    ls_vocab vocab = {.file = "large.gguf", .model = LS_STR("gpt2"), .pre = LS_STR("gpt-2")};
    vocab.tokens = tokens;
    vocab.count = count;
    vocab.bos = vocab.eos = LS_NO_TOKEN;
    const ls_bpe *bpe = NULL;
    clock_t start = clock();
    assert_int_equal(ls_bpe_create(&vocab, &arena, &bpe, NULL), expected);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    ls_arena_clear(&arena);
    return seconds;
}

static void tokens_of_a_mebibyte(void **state) {
    (void)state;
    double seconds = seconds_to_build(8, 1 << 20, LS_OK);
    print_message("8 tokens of 1 MiB: %.3f s\n", seconds);
    assert_true(seconds < 4);
}

static void many_tokens(void **state) {
    (void)state;
    double seconds = seconds_to_build(65536, 16, LS_OK);
    print_message("65,536 tokens of 16 bytes: %.3f s\n", seconds);
    assert_true(seconds < 4);
    /* 65,536 twice over: the second half repeats the first. */
    seconds = seconds_to_build(131072, 16, LS_ERR_DUPLICATE);
    assert_true(seconds < 4);
}

int main(void) {
    enum { CASES = sizeof cases / sizeof *cases };
    struct CMUnitTest tests[CASES + 2];
    for (size_t i = 0; i < CASES; i++)
        tests[i] = (struct CMUnitTest){cases[i].name, check_case, NULL, NULL, &cases[i]};
    tests[CASES] = (struct CMUnitTest)cmocka_unit_test(tokens_of_a_mebibyte);
    tests[CASES + 1] = (struct CMUnitTest)cmocka_unit_test(many_tokens);
    return cmocka_run_group_tests_name("vocabularies", tests, NULL, NULL);
}
