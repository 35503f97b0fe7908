/* Errors and their messages, UTF-8, memory, checked sizes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/sizes.h"
#include "base/status.h"
#include "base/str.h"
#include "base/utf8.h"
#include "support/debug_allocator.h"

/* ---- status ---- */

static void test_status_names(void **state) {
    (void)state;
    assert_string_equal(ls_status_name(LS_OK), "ok");
    assert_string_equal(ls_status_name(LS_ERR_OVERLAP), "overlap");
    assert_string_equal(ls_status_name(LS_ERR_INVARIANT), "invariant");
    assert_string_equal(ls_status_name((ls_status)1000), "unknown");
}

static void test_fail(void **state) {
    (void)state;
    ls_error err;
    assert_int_equal(ls_fail(&err, LS_ERR_VALUE, 12, "it is %d", 7), LS_ERR_VALUE);
    assert_int_equal(err.status, LS_ERR_VALUE);
    assert_int_equal(err.offset, 12);
    assert_string_equal(err.message, "it is 7");
    assert_int_equal(ls_fail(NULL, LS_ERR_READ, LS_NO_OFFSET, "nobody hears"), LS_ERR_READ);
}

/* A message is cut between characters, wherever the limit falls. */
static void test_fail_cuts_between_characters(void **state) {
    (void)state;
    static const char euro[] = "\xe2\x82\xac";
    for (int lead = 0; lead < 4; lead++) {
        char text[LS_MESSAGE_MAX * 2] = "";
        ls_error err;
        memset(text, 'x', (size_t)lead);
        for (size_t at = (size_t)lead; at + 4 < sizeof text; at += 3) memcpy(text + at, euro, 4);
        ls_fail(&err, LS_ERR_VALUE, 0, "%s", text);
        size_t length = strlen(err.message);
        assert_true(length <= LS_MESSAGE_MAX - 1 && length > LS_MESSAGE_MAX - 4);
        assert_int_equal(ls_utf8_valid_prefix(err.message, length), length);
        assert_int_equal((length - (size_t)lead) % 3, 0);
    }
}

static void test_fail_of_just_the_limit(void **state) {
    (void)state;
    char text[LS_MESSAGE_MAX + 1];
    ls_error err;
    memset(text, 'y', sizeof text);
    text[LS_MESSAGE_MAX - 1] = '\0';
    ls_fail(&err, LS_ERR_VALUE, 0, "%s", text);
    assert_string_equal(err.message, text);
    text[LS_MESSAGE_MAX - 1] = 'y';
    text[LS_MESSAGE_MAX] = '\0';
    ls_fail(&err, LS_ERR_VALUE, 0, "%s", text);
    assert_int_equal(strlen(err.message), LS_MESSAGE_MAX - 1);
}

static void test_quote(void **state) {
    (void)state;
    static const struct {
        ls_str bytes;
        const char *quoted;
    } rows[] = {
        {{"", 0}, "\"\""},
        {{"gpt2.block_count", 16}, "\"gpt2.block_count\""},
        {{"a\0b\n", 4}, "\"a\\x00b\\x0a\""},
        {{"caf\xc3\xa9", 5}, "\"caf\xc3\xa9\""},
        {{"\xff\xc3", 2}, "\"\\xff\\xc3\""},
        {{"\x7f\xc2\x85", 3}, "\"\\x7f\\xc2\\x85\""}, /* DEL and NEL: control characters */
        {{"\x1b[31m", 5}, "\"\\x1b[31m\""},
    };
    char out[LS_QUOTE_MAX];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_string_equal(ls_quote(out, rows[i].bytes.bytes, rows[i].bytes.length), rows[i].quoted);
}

static void test_quote_cuts(void **state) {
    (void)state;
    char bytes[100], out[LS_QUOTE_MAX];
    memset(bytes, 'a', sizeof bytes);
    assert_int_equal(strlen(ls_quote(out, bytes, 60)), 62);
    assert_int_equal(strlen(ls_quote(out, bytes, 61)), 65);
    assert_string_equal(out + 58, "aaa...\"");
    /* The longest of all: every byte escaped. */
    memset(bytes, 1, sizeof bytes);
    assert_true(strlen(ls_quote(out, bytes, sizeof bytes)) < LS_QUOTE_MAX);
    /* A character across the cut is shown whole. */
    memset(bytes, 'a', sizeof bytes);
    memcpy(bytes + 59, "\xf0\x9f\x90\x8e", 4);
    ls_quote(out, bytes, sizeof bytes);
    assert_string_equal(out + 58, "aa\xf0\x9f\x90\x8e...\"");
}

/* ---- UTF-8 ---- */

static void test_utf8_round_trip(void **state) {
    (void)state;
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char bytes[4];
        uint32_t back = UINT32_MAX;
        if (code >= 0xd800 && code < 0xe000) continue;
        size_t length = ls_utf8_encode(code, bytes);
        assert_int_equal(ls_utf8_decode(bytes, length, &back), length);
        assert_int_equal(back, code);
        assert_int_equal(ls_utf8_decode(bytes, length - 1, &back), 0);
    }
}

static void test_utf8_invalid(void **state) {
    (void)state;
    static const ls_str rows[] = {
        {"\x80", 1},             /* continuation alone */
        {"\xc0\xaf", 2},         /* overlong */
        {"\xc1\xbf", 2},         /* overlong */
        {"\xe0\x9f\xbf", 3},     /* overlong */
        {"\xf0\x8f\xbf\xbf", 4}, /* overlong */
        {"\xed\xa0\x80", 3},     /* surrogate */
        {"\xed\xbf\xbf", 3},     /* surrogate */
        {"\xf4\x90\x80\x80", 4}, /* beyond U+10FFFF */
        {"\xf5\x80\x80\x80", 4}, /* beyond U+10FFFF */
        {"\xff", 1},
        {"\xc3(", 2},
        {"\xe2\x82(", 3},
        {"\xf0\x9f\x90(", 4},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t code = 99;
        assert_int_equal(ls_utf8_decode(rows[i].bytes, rows[i].length, &code), 0);
        assert_int_equal(code, 99);
    }
}

static void test_utf8_valid_prefix(void **state) {
    (void)state;
    assert_int_equal(ls_utf8_valid_prefix("", 0), 0);
    assert_int_equal(ls_utf8_valid_prefix("abc", 3), 3);
    assert_int_equal(ls_utf8_valid_prefix("ab\xc3\xa9", 4), 4);
    assert_int_equal(ls_utf8_valid_prefix("ab\xc3", 3), 2);
    assert_int_equal(ls_utf8_valid_prefix("\xff"
                                          "ab",
                                          3),
                     0);
}

/* ---- memory ---- */

static void test_arena(void **state) {
    (void)state;
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_arena arena;
    ls_arena_init(&arena, &allocator);
    for (uint64_t n = 0; n < 40; n++) {
        unsigned char *memory = NULL;
        assert_int_equal(ls_arena_alloc(&arena, n, 3, "a test", &memory, NULL), LS_OK);
        assert_non_null(memory);
        assert_int_equal((uintptr_t)memory % 16, 0);
        for (uint64_t i = 0; i < n * 3; i++) assert_int_equal(memory[i], 0);
        memset(memory, 0xff, (size_t)n * 3);
    }
    assert_int_equal(arena.bytes, debug.bytes);
    ls_arena_clear(&arena);
    assert_int_equal(debug.live, 0);
    assert_int_equal(debug.bytes, 0);
    int *again = NULL;
    assert_int_equal(ls_arena_alloc(&arena, 1, sizeof *again, "a test", &again, NULL), LS_OK);
    ls_arena_clear(&arena);
    assert_int_equal(debug.live, 0);
}

/* Reserved memory counts like any other, and is left as the allocator gave it. */
static void test_arena_reserve(void **state) {
    (void)state;
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_arena arena, counting;
    unsigned char *memory = NULL, *none = NULL;
    ls_arena_init(&arena, &allocator);
    ls_arena_init_counting(&counting);
    assert_int_equal(ls_arena_reserve(&arena, 7, 3, "a test", &memory, NULL), LS_OK);
    assert_int_equal(ls_arena_reserve(&counting, 7, 3, "a test", &none, NULL), LS_OK);
    for (size_t i = 0; i < 21; i++) assert_int_equal(memory[i], 0xa5);
    assert_null(none);
    assert_int_equal(arena.bytes, debug.bytes);
    assert_int_equal(counting.bytes, debug.bytes);
    ls_arena_clear(&arena);
    assert_int_equal(debug.live, 0);
}

static void test_arena_refusals(void **state) {
    (void)state;
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_arena arena;
    ls_error err;
    int *memory = NULL;
    ls_arena_init(&arena, &allocator);
    debug.fail_at = 1;
    assert_int_equal(ls_arena_alloc(&arena, 10, 4, "the weights", &memory, &err), LS_ERR_MEMORY);
    assert_non_null(strstr(err.message, "not enough memory for the weights"));
    assert_int_equal(ls_arena_alloc(&arena, UINT64_MAX / 4, 8, "the weights", &memory, &err), LS_ERR_OVERFLOW);
    assert_int_equal(ls_arena_alloc(&arena, UINT64_MAX, 1, "the weights", &memory, &err), LS_ERR_OVERFLOW);
    assert_null(memory);
    assert_int_equal(arena.bytes, 0);
    ls_arena_clear(&arena);
    assert_int_equal(debug.live, 0);
}

static void test_alloc(void **state) {
    (void)state;
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    char *memory = NULL;
    assert_int_equal(ls_alloc(&allocator, 0, 8, "nothing", &memory, NULL), LS_OK);
    assert_non_null(memory);
    allocator.release(allocator.ctx, memory);
    assert_int_equal(ls_alloc(&allocator, UINT64_MAX, 2, "too much", &memory, NULL), LS_ERR_OVERFLOW);
    assert_int_equal(debug.live, 0);
}

/* ---- sizes ---- */

static void test_sizes(void **state) {
    (void)state;
    uint64_t out = 5;
    size_t narrow = 6;
    assert_true(ls_add_u64(UINT64_MAX - 1, 1, &out));
    assert_true(out == UINT64_MAX);
    assert_false(ls_add_u64(UINT64_MAX, 1, &out));
    assert_true(out == UINT64_MAX);
    assert_true(ls_mul_u64(UINT64_C(0xffffffff), UINT64_C(0x100000001), &out));
    assert_true(out == UINT64_MAX);
    assert_false(ls_mul_u64(UINT64_C(1) << 32, UINT64_C(1) << 32, &out));
    assert_false(ls_mul_u64(3, UINT64_C(0xaaaaaaaaaaaaaaab), &out));
    assert_true(ls_mul_u64(0, UINT64_MAX, &out));
    assert_true(out == 0);
    assert_true(ls_to_size(SIZE_MAX, &narrow));
    assert_true(narrow == SIZE_MAX);
    assert_int_equal(ls_to_size(UINT64_C(1) << 32, &narrow), SIZE_MAX > UINT32_MAX);
}

static void test_str(void **state) {
    (void)state;
    assert_true(ls_str_equal(LS_STR("ab"), (ls_str){"abc", 2}));
    assert_false(ls_str_equal(LS_STR("ab"), LS_STR("ac")));
    assert_false(ls_str_equal(LS_STR("ab"), LS_STR("abc")));
    assert_true(ls_str_equal((ls_str){NULL, 0}, LS_STR("")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_status_names),
        cmocka_unit_test(test_fail),
        cmocka_unit_test(test_fail_cuts_between_characters),
        cmocka_unit_test(test_fail_of_just_the_limit),
        cmocka_unit_test(test_quote),
        cmocka_unit_test(test_quote_cuts),
        cmocka_unit_test(test_utf8_round_trip),
        cmocka_unit_test(test_utf8_invalid),
        cmocka_unit_test(test_utf8_valid_prefix),
        cmocka_unit_test(test_arena),
        cmocka_unit_test(test_arena_reserve),
        cmocka_unit_test(test_arena_refusals),
        cmocka_unit_test(test_alloc),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_str),
    };
    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
