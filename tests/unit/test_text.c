/* Cutting texts up: character classes, the byte-level alphabet, the scanner of GPT-2's pattern case by case,
 * and normalisation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/heap_sort.h"
#include "base/utf8.h"
#include "text/bytes.h"
#include "text/normalize.h"
#include "text/pretokenize.h"
#include "text/unicode.h"

/* ---- classes and alphabet --------------------------------------------------------------------------- */

static void classes_of_characters(void **state) {
    (void)state;
    static const struct {
        uint32_t code;
        ls_char_class class;
    } cases[] = {
        {0, LS_CHAR_OTHER},        {8, LS_CHAR_OTHER},        {9, LS_CHAR_SPACE},
        {0xd, LS_CHAR_SPACE},      {0xe, LS_CHAR_OTHER},      {0x1f, LS_CHAR_OTHER},
        {' ', LS_CHAR_SPACE},      {'!', LS_CHAR_OTHER},      {'/', LS_CHAR_OTHER},
        {'0', LS_CHAR_NUMBER},     {'9', LS_CHAR_NUMBER},     {':', LS_CHAR_OTHER},
        {'@', LS_CHAR_OTHER},      {'A', LS_CHAR_LETTER},     {'Z', LS_CHAR_LETTER},
        {'[', LS_CHAR_OTHER},      {'`', LS_CHAR_OTHER},      {'a', LS_CHAR_LETTER},
        {'z', LS_CHAR_LETTER},     {'{', LS_CHAR_OTHER},      {0x7f, LS_CHAR_OTHER},
        {0x85, LS_CHAR_SPACE},     {0xa0, LS_CHAR_SPACE},     {0xaa, LS_CHAR_LETTER},
        {0xb2, LS_CHAR_NUMBER},    {0xbd, LS_CHAR_NUMBER},    {0xd7, LS_CHAR_OTHER},
        {0xe9, LS_CHAR_LETTER},    {0x301, LS_CHAR_OTHER},    {0x661, LS_CHAR_NUMBER},
        {0x1680, LS_CHAR_SPACE},   {0x180e, LS_CHAR_OTHER},   {0x200a, LS_CHAR_SPACE},
        {0x200b, LS_CHAR_OTHER},   {0x2028, LS_CHAR_SPACE},   {0x202f, LS_CHAR_SPACE},
        {0x205f, LS_CHAR_SPACE},   {0x216b, LS_CHAR_NUMBER},  {0x3000, LS_CHAR_SPACE},
        {0x4e00, LS_CHAR_LETTER},  {0xd800, LS_CHAR_OTHER},   {0xfeff, LS_CHAR_OTHER},
        {0x10d40, LS_CHAR_NUMBER}, {0x16d40, LS_CHAR_LETTER}, {0x1d7ce, LS_CHAR_NUMBER},
        {0x1f600, LS_CHAR_OTHER},  {0x20000, LS_CHAR_LETTER}, {0x323af, LS_CHAR_LETTER},
        {0x323b0, LS_CHAR_OTHER},  {0x10ffff, LS_CHAR_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (ls_unicode_classify(cases[i].code) != cases[i].class)
            fail_msg("U+%04lX", (unsigned long)cases[i].code);
}

static void alphabet_is_a_bijection(void **state) {
    (void)state;
    unsigned seen = 0;
    for (uint32_t code = 0; code < 0x400; code++) {
        int byte = ls_symbol_byte(code);
        if (byte < 0) continue;
        assert_int_equal(ls_byte_symbol((uint8_t)byte), code);
        seen++;
    }
    assert_int_equal(seen, 256);
    assert_int_equal(ls_byte_symbol(' '), 0x120);
    assert_int_equal(ls_byte_symbol('\n'), 0x10a);
    assert_int_equal(ls_byte_symbol('a'), 'a');
    assert_int_equal(ls_byte_symbol(0xad), 0x143);
    assert_int_equal(ls_symbol_byte(0x144), -1);
    assert_int_equal(ls_symbol_byte(UINT32_MAX), -1);
    assert_int_equal(ls_symbol_byte(' '), -1);
}

static void tokens_to_bytes(void **state) {
    (void)state;
    char out[16];
    assert_int_equal(ls_symbols_to_bytes(LS_STR("\u0120a\u00c3\u00a9"), out), 4);
    assert_memory_equal(out, " a\xc3\xa9", 4);
    assert_int_equal(ls_symbols_to_bytes(LS_STR(""), out), 0);
    /* Not in the alphabet, or no UTF-8: the token stands for itself. */
    assert_int_equal(ls_symbols_to_bytes(LS_STR("\u0120 b"), out), 4);
    assert_memory_equal(out, "\u0120 b", 4);
    assert_int_equal(ls_symbols_to_bytes(LS_STR("ab\xff"), out), 3);
    assert_memory_equal(out, "ab\xff", 3);
}

/* ---- the scanner ------------------------------------------------------------------------------------ */

/* A text and its pieces, separated by bars. */
static const struct {
    const char *text, *pieces;
} scans[] = {
    /* each alternative */
    {"'s", "'s"},
    {"'t't", "'t|'t"},
    {"'re", "'re"},
    {"'ve", "'ve"},
    {"'m", "'m"},
    {"'ll", "'ll"},
    {"'d", "'d"},
    {"abc", "abc"},
    {" abc", " abc"},
    {"123", "123"},
    {" 123", " 123"},
    {"!?", "!?"},
    {" !?", " !?"},
    {" ", " "},
    {"   ", "   "},
    /* contractions */
    {"don't", "don|'t"},
    {"DON'T", "DON|'|T"},
    {"we'll've", "we|'ll|'ve"},
    {"'sa", "'s|a"},
    {"'r", "'|r"},
    {"'l", "'|l"},
    {"'x", "'|x"},
    {"'", "'"},
    {"''s", "''|s"},
    {"!'s", "!'|s"},
    {" 's", " '|s"},
    {"\u2019s", "\u2019|s"},
    {"'\u017f", "'|\u017f"},
    {"'1", "'|1"},
    {"a's'd", "a|'s|'d"},
    /* spaces before words */
    {"  a", " | a"},
    {"   a", "  | a"},
    {"a  ", "a|  "},
    {"a b", "a| b"},
    {"a  b", "a| | b"},
    {"a  1", "a| | 1"},
    {"a  !", "a| | !"},
    {"a\tb", "a|\t|b"},
    {"a\t\tb", "a|\t|\t|b"},
    {"a \tb", "a| |\t|b"},
    {"a\t b", "a|\t| b"},
    {"\n\n", "\n\n"},
    {"\n\na", "\n|\n|a"},
    {"\n a", "\n| a"},
    {" \na", " |\n|a"},
    {"a\r", "a|\r"},
    {"a\rb", "a|\r|b"},
    {"a\r\nb", "a|\r|\n|b"},
    {"\v\f", "\v\f"},
    {"a\x1f\x1f", "a|\x1f\x1f"},
    /* white space of more than one byte: no word takes it along */
    {"\u00a0a", "\u00a0|a"},
    {"\u00a0\u00a0a", "\u00a0|\u00a0|a"},
    {" \u00a0a", " |\u00a0|a"},
    {"\u00a0 a", "\u00a0| a"},
    {"a\u3000", "a|\u3000"},
    {"\u3000\u3000\u3000b", "\u3000\u3000|\u3000|b"},
    {"a\xc2\x85"
     "b",
     "a|\xc2\x85|b"},
    {"\u2028\u2029", "\u2028\u2029"},
    {"\u200b\u200ba", "\u200b\u200b|a"},
    /* letters, numbers and the rest do not mix */
    {"a1", "a|1"},
    {"1a", "1|a"},
    {"a!1", "a|!|1"},
    {"x\u00b2", "x|\u00b2"},
    {"1\u0661\u216b", "1\u0661\u216b"},
    {" \u0967", " \u0967"},
    {"\u4e00\u4e8c1", "\u4e00\u4e8c|1"},
    {"e\u0301e", "e|\u0301|e"},
    {" \u0301", " \u0301"},
    {"\u0939\u093f\u0928", "\u0939|\u093f|\u0928"},
    {"\u05e9\u05c1\u05b8", "\u05e9|\u05c1\u05b8"},
    {"hi\U0001f600", "hi|\U0001f600"},
    {" \U0001f468\u200d\U0001f469", " \U0001f468\u200d\U0001f469"},
    {"\u2764\ufe0f!", "\u2764\ufe0f!"},
    {"1\ufe0f\u20e3", "1|\ufe0f\u20e3"},
    {"a_b", "a|_|b"},
    {"f(x)", "f|(|x|)"},
    {" ((", " (("},
    {"a.  b", "a|.| | b"},
};

static void scan_case(const char *text, const char *pieces) {
    size_t n = strlen(text), at = 0;
    while (at < n) {
        size_t end = ls_scan_gpt2(text, n, at), length = strcspn(pieces, "|");
        if (end - at != length || memcmp(text + at, pieces, length) != 0)
            fail_msg("\"%s\": at %zu, %zu bytes instead of \"%.*s\"", text, at, end - at, (int)length, pieces);
        at = end;
        pieces += length + (pieces[length] == '|');
    }
    assert_int_equal(*pieces, '\0');
}

static void scanner_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof scans / sizeof *scans; i++) scan_case(scans[i].text, scans[i].pieces);
}

/* A NUL is a character like others. */
static void scanner_takes_nul(void **state) {
    (void)state;
    assert_int_equal(ls_scan_gpt2("a\0\0b", 4, 0), 1);
    assert_int_equal(ls_scan_gpt2("a\0\0b", 4, 1), 3);
    assert_int_equal(ls_scan_gpt2(" \0", 2, 0), 2);
}

/* The end of the text is where it says, not where the bytes end. */
static void scanner_stops_at_the_end(void **state) {
    (void)state;
    assert_int_equal(ls_scan_gpt2("'rest", 2, 0), 1);
    assert_int_equal(ls_scan_gpt2("  a", 2, 0), 2);
    assert_int_equal(ls_scan_gpt2("  a", 1, 0), 1);
    assert_int_equal(ls_scan_gpt2("abc", 2, 0), 2);
}

/* ---- normalisation ---------------------------------------------------------------------------------- */

static const struct {
    const char *text, *nfc;
} normals[] = {
    {"", ""},
    {"plain", "plain"},
    {"e\u0301", "\u00e9"},
    {"\u00e9", "\u00e9"},
    {"\u0301", "\u0301"},
    {" \u0301", " \u0301"},
    {"e\u0323\u0301", "\u1eb9\u0301"},
    {"e\u0301\u0323", "\u1eb9\u0301"},
    {"o\u0302\u0323", "\u1ed9"},
    {"\u00f4\u0323", "\u1ed9"},
    {"c\u0327\u0301", "\u1e09"},
    {"c\u0301\u0327", "\u1e09"},
    {"a\u0301\u0301", "\u00e1\u0301"},
    {"a\u0315\u0300\u05ae\u0300", "\u00e0\u05ae\u0300\u0315"},
    /* what stands for something else, always */
    {"\u212b", "\u00c5"},
    {"\u2126", "\u03a9"},
    {"\u037e", ";"},
    {"\uf900", "\u8c48"},
    {"\U0002f800", "\u4e3d"},
    {"\u0340", "\u0300"},
    {"\u0344", "\u0308\u0301"},
    /* what may not be composed */
    {"\u0958", "\u0915\u093c"},
    {"\u0915\u093c", "\u0915\u093c"},
    {"\ufb1d", "\u05d9\u05b4"},
    {"\u2adc", "\u2add\u0338"},
    {"\U0001d160", "\U0001d158\U0001d165\U0001d16e"},
    {"\u0f73", "\u0f71\u0f72"},
    /* starters that compose */
    {"\u0dd9\u0dcf\u0dca", "\u0ddd"},
    {"\u09c7\u09be", "\u09cb"},
    {"\u1025\u102e", "\u1026"},
    {"\u304b\u3099", "\u304c"},
    {"\u30cf\u309a", "\u30d1"},
    {"\u09c7x\u09be", "\u09c7x\u09be"},
    /* Hangul */
    {"\u1100\u1161", "\uac00"},
    {"\u1100\u1161\u11a8", "\uac01"},
    {"\uac00\u11a8", "\uac01"},
    {"\uac00\u11a7", "\uac00\u11a7"},
    {"\uac01\u11a8", "\uac01\u11a8"},
    {"\u1100\u1161\u1161", "\uac00\u1161"},
    {"\u1112\u1175\u11c2", "\ud7a3"},
    {"\u1100\u0301\u1161", "\u1100\u0301\u1161"},
    {"\u1113\u1161", "\u1113\u1161"},
    {"\u1161", "\u1161"},
    {"\u11a8\u1100", "\u11a8\u1100"},
    {"\ud7a3", "\ud7a3"},
    {"\uff76\uff9e", "\uff76\uff9e"},
};

static void nfc_of(const char *text, size_t n, const char *expected, size_t expected_length) {
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    ls_str out = {NULL, 0};
    assert_int_equal(ls_nfc((ls_str){text, n}, &arena, &out, NULL), LS_OK);
    if (out.length != expected_length || memcmp(out.bytes, expected, expected_length) != 0)
        fail_msg("\"%.60s\" became \"%.*s\"", text, (int)(out.length < 60 ? out.length : 60), out.bytes);
    ls_arena_clear(&arena);
}

static void nfc_cases(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof normals / sizeof *normals; i++) {
        nfc_of(normals[i].text, strlen(normals[i].text), normals[i].nfc, strlen(normals[i].nfc));
        nfc_of(normals[i].nfc, strlen(normals[i].nfc), normals[i].nfc, strlen(normals[i].nfc));
    }
}

static void nfc_leaves_a_normal_text_alone(void **state) {
    (void)state;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    ls_str text = LS_STR("na\u00efve \u4f60\u597d \u0645\u064e"), out = {NULL, 0};
    assert_int_equal(ls_nfc(text, &arena, &out, NULL), LS_OK);
    assert_ptr_equal(out.bytes, text.bytes);
    assert_null(arena.blocks);
    ls_arena_clear(&arena);
}

/* Purpose: write a text several times over; returns where it ends. */
static char *repeat(char *at, const char *text, size_t times) {
    size_t length = strlen(text);
    for (size_t i = 0; i < times * length; i++) *at++ = text[i % length];
    return at;
}

/* Half a million marks in the wrong order: the long run is sorted, stably, in linear time. */
static void nfc_of_many_marks(void **state) {
    (void)state;
    enum { PAIRS = 1 << 18 };
    char *text = malloc(1 + 4 * PAIRS), *expected = malloc(3 + 4 * PAIRS);
    assert_non_null(text);
    assert_non_null(expected);
    char *end = repeat(repeat(text, "e", 1), "\u0301\u0323", PAIRS);
    char *expected_end = repeat(repeat(expected, "\u1eb9", 1), "\u0323", PAIRS - 1);
    expected_end = repeat(expected_end, "\u0301", PAIRS);
    nfc_of(text, (size_t)(end - text), expected, (size_t)(expected_end - expected));
    free(text);
    free(expected);
}

/* Every code point alone: NFC is valid UTF-8 and stays as it is the second time. */
static void nfc_is_idempotent(void **state) {
    (void)state;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    for (uint32_t code = 0; code <= 0x10ffff; code++) {
        char text[4];
        if (code == 0xd800) code = 0xe000;
        ls_str once = {NULL, 0}, twice = {NULL, 0};
        assert_int_equal(ls_nfc((ls_str){text, ls_utf8_encode(code, text)}, &arena, &once, NULL), LS_OK);
        assert_int_equal(ls_utf8_valid_prefix(once.bytes, once.length), once.length);
        assert_int_equal(ls_nfc(once, &arena, &twice, NULL), LS_OK);
        if (!ls_str_equal(once, twice)) fail_msg("U+%04lX", (unsigned long)code);
        if (code % 0x1000 == 0) ls_arena_clear(&arena);
    }
    ls_arena_clear(&arena);
}

/* ---- sorting ---------------------------------------------------------------------------------------- */

static int number_less(const void *ctx, size_t i, size_t j) {
    return ((const int *)ctx)[i] < ((const int *)ctx)[j];
}

static void number_swap(void *ctx, size_t i, size_t j) {
    int *numbers = ctx, moved = numbers[i];
    numbers[i] = numbers[j];
    numbers[j] = moved;
}

static void sorts(void **state) {
    (void)state;
    int numbers[40];
    for (size_t n = 0; n < 38; n++) {
        for (size_t i = 0; i < 40; i++) numbers[i] = (int)(i * 23 % 37);
        numbers[0] = numbers[n + 1] = -1; /* outside: stay */
        ls_sortable items = {numbers, number_less, number_swap};
        ls_heap_sort(&items, 1, n + 1);
        for (size_t i = 2; i < n + 1; i++) assert_true(numbers[i - 1] <= numbers[i]);
        assert_int_equal(numbers[0], -1);
        assert_int_equal(numbers[n + 1], -1);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(classes_of_characters),
        cmocka_unit_test(alphabet_is_a_bijection),
        cmocka_unit_test(tokens_to_bytes),
        cmocka_unit_test(scanner_cases),
        cmocka_unit_test(scanner_takes_nul),
        cmocka_unit_test(scanner_stops_at_the_end),
        cmocka_unit_test(nfc_cases),
        cmocka_unit_test(nfc_leaves_a_normal_text_alone),
        cmocka_unit_test(nfc_of_many_marks),
        cmocka_unit_test(nfc_is_idempotent),
        cmocka_unit_test(sorts),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
