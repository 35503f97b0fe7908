/* The scanners of SmolLM, Qwen2 and Llama 3, case by case, and against their patterns written out plainly. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "text/pretokenize.h"
#include "text/scan.h"

/* A text and its pieces, separated by bars. */
typedef struct scan_case {
    const char *text, *pieces;
} scan_case;

static const scan_case smollm_cases[] = {
    {"123", "1|2|3"},
    {" 123", " |1|2|3"},
    {"  1", "  |1"},
    {"\n 1", "\n |1"},
    {"a1b", "a|1|b"},
    {"a 1", "a| |1"},
    {"a  b", "a| | b"},
    {"1  b", "1| | b"},
    {"1 b", "1| b"},
    {"1'sx", "1|'s|x"},
    {"'1s", "'|1|s"},
    {"x\u00b2\u0661", "x|\u00b2|\u0661"},
    {"\u3000\u30001", "\u3000\u3000|1"},
    {"$1.50", "$|1|.|5|0"},
    {" !1", " !|1"},
    {"1", "1"},
    {"1  ", "1|  "},
    {"don't  stop", "don|'t| | stop"},
};

/* Those that Qwen2 and Llama 3 have in common. */
static const scan_case llama3_cases[] = {
    /* contractions, in letters of any case */
    {"don't", "don|'t"},
    {"DON'T", "DON|'T"},
    {"we'Ll'vE", "we|'Ll|'vE"},
    {"'sa", "'s|a"},
    {"'\u017fx", "'\u017f|x"},
    {"'\u212a", "'\u212a"},
    {"'r", "'r"},
    {"'rx", "'rx"},
    {"'", "'"},
    {"''s", "''|s"},
    {"'1", "'|1"},
    {" 's", " '|s"},
    {"'l\n", "'l|\n"},
    /* words, with one character of almost any kind in front */
    {"abc", "abc"},
    {" abc", " abc"},
    {"\tabc", "\tabc"},
    {"\u00a0abc", "\u00a0abc"},
    {"!abc", "!abc"},
    {"(a)b", "(a|)b"},
    {"!!abc", "!!|abc"},
    {" !abc", " !|abc"},
    {"\nabc", "\n|abc"},
    {"\rabc", "\r|abc"},
    {"\u0301a", "\u0301a"},
    {"a\u0301b", "a|\u0301b"},
    {"_x_y", "_x|_y"},
    {"1a", "1|a"},
    /* signs take line breaks along */
    {"!\n", "!\n"},
    {" !\r\n\r\na", " !\r\n\r\n|a"},
    {"!\n a", "!\n| a"},
    {"! \n", "!| \n"},
    {"{\n\t", "{\n|\t"},
    {"\U0001f600!", "\U0001f600!"},
    {"  !", " | !"},
    {"\t!", "\t|!"},
    /* white space ends after its last line break */
    {"\n", "\n"},
    {"\n\n  a", "\n\n| | a"},
    {" \n \n", " \n \n"},
    {" \n \n x", " \n \n| x"},
    {"a \n", "a| \n"},
    {" \t\n\u3000x", " \t\n|\u3000x"},
    {"\u2028x", "\u2028x"},
    {"\n1", "\n|1"},
    /* or before its last character */
    {"  a", " | a"},
    {"a  ", "a|  "},
    {"a   b", "a|  | b"},
    {"\t\ta", "\t|\ta"},
    {"  1", " | |1"},
    {" 1", " |1"},
    {" ", " "},
    {"   ", "   "},
    {"\u3000\u30001", "\u3000|\u3000|1"},
    {"\u200b\u200ba", "\u200b\u200b|a"},
};

static const scan_case llama3_numbers[] = {
    {"1234567", "123|456|7"},
    {"12 345", "12| |345"},
    {"1\u0661\uff11\u00bd", "1\u0661\uff11|\u00bd"},
    {"a1b22", "a|1|b|22"},
};
static const scan_case qwen2_numbers[] = {
    {"123", "1|2|3"},
    {"12 3", "1|2| |3"},
    {"1\u0661", "1|\u0661"},
    {"a1b22", "a|1|b|2|2"},
};

static void check_pieces(ls_scanner *next, const scan_case *c) {
    size_t n = strlen(c->text), at = 0;
    const char *pieces = c->pieces;
    while (at < n) {
        size_t end = next(c->text, n, at), length = strcspn(pieces, "|");
        if (end - at != length || memcmp(c->text + at, pieces, length) != 0)
            fail_msg("\"%s\": at %zu, %zu bytes instead of \"%.*s\"", c->text, at, end - at, (int)length,
                     pieces);
        at = end;
        pieces += length + (pieces[length] == '|');
    }
    assert_int_equal(*pieces, '\0');
}

#define CHECK_ALL(next, cases)                                                                                 \
    for (size_t i = 0; i < sizeof(cases) / sizeof *(cases); i++) check_pieces(next, &(cases)[i])

static void smollm(void **state) {
    (void)state;
    CHECK_ALL(ls_scan_smollm, smollm_cases);
}

static void qwen2(void **state) {
    (void)state;
    CHECK_ALL(ls_scan_qwen2, llama3_cases);
    CHECK_ALL(ls_scan_qwen2, qwen2_numbers);
}

static void llama3(void **state) {
    (void)state;
    CHECK_ALL(ls_scan_llama3, llama3_cases);
    CHECK_ALL(ls_scan_llama3, llama3_numbers);
}

/* The end of the text is where it says, not where the bytes end. */
static void scanners_stop_at_the_end(void **state) {
    (void)state;
    assert_int_equal(ls_scan_llama3("'rest", 2, 0), 2);
    assert_int_equal(ls_scan_llama3("'\xc5\xbf", 1, 0), 1);
    assert_int_equal(ls_scan_llama3("1234", 2, 0), 2);
    assert_int_equal(ls_scan_llama3("!\n\n", 2, 0), 2);
    assert_int_equal(ls_scan_llama3("  a", 2, 0), 2);
    assert_int_equal(ls_scan_llama3(" !", 1, 0), 1);
    assert_int_equal(ls_scan_llama3(" a", 1, 0), 1);
    assert_int_equal(ls_scan_llama3("a\0\0b", 4, 1), 3);
    assert_int_equal(ls_scan_smollm("  1", 2, 0), 2);
    assert_int_equal(ls_scan_smollm(" 1", 1, 0), 1);
}

/* ---- the pattern, written out ----------------------------------------------------------------------- */

static ls_char_class class_of(char c) {
    size_t end = 0;
    return ls_scan_class(&c, 1, 0, &end);
}

static int is_break(char c) { return c == '\r' || c == '\n'; }

/* One ASCII piece of the pattern of Llama 3, alternative by alternative, each as the pattern has it. */
static size_t by_definition(const char *t, size_t n, size_t most) {
    static const char *const endings[] = {"s", "t", "re", "ve", "m", "ll", "d"};
    for (size_t i = 0; t[0] == '\'' && i < 7; i++) {
        size_t length = strlen(endings[i]), same = 0;
        while (same < length && 1 + same < n && (t[1 + same] | 0x20) == endings[i][same] &&
               class_of(t[1 + same]) == LS_CHAR_LETTER)
            same++;
        if (same == length) return 1 + length;
    }
    for (size_t lead = 2; lead-- > 0;) {
        size_t end = lead;
        if (lead == 1 &&
            (is_break(t[0]) || class_of(t[0]) == LS_CHAR_LETTER || class_of(t[0]) == LS_CHAR_NUMBER))
            continue;
        while (end < n && class_of(t[end]) == LS_CHAR_LETTER) end++;
        if (end > lead) return end;
    }
    size_t end = 0;
    while (end < n && end < most && class_of(t[end]) == LS_CHAR_NUMBER) end++;
    if (end > 0) return end;
    for (size_t lead = t[0] == ' ' ? 2 : 1; lead-- > 0;) {
        end = lead;
        while (end < n && class_of(t[end]) == LS_CHAR_OTHER) end++;
        if (end == lead) continue;
        while (end < n && is_break(t[end])) end++;
        return end;
    }
    size_t spaces = 0;
    while (spaces < n && class_of(t[spaces]) == LS_CHAR_SPACE) spaces++;
    for (size_t before = spaces; before-- > 0;) /* \s* gives back until [\r\n]+ has one */
        if (is_break(t[before])) return before + 1;
    for (size_t length = spaces; length > 0; length--) /* \s+ gives back until (?!\S) holds */
        if (length == n || class_of(t[length]) == LS_CHAR_SPACE) return length;
    return spaces;
}

/* All texts of up to seven of these characters. */
static void agrees_with_the_pattern(void **state) {
    (void)state;
    static const char alphabet[] = "a1 \n!'\tS";
    enum { KINDS = sizeof alphabet - 1, LONGEST = 7 };
    for (uint32_t number = 0; number < 2097152; number++) {
        char text[LONGEST];
        for (uint32_t i = 0, rest = number; i < LONGEST; i++, rest /= KINDS) text[i] = alphabet[rest % KINDS];
        for (size_t at = 0; at < LONGEST; at++) {
            size_t three = at + by_definition(text + at, LONGEST - at, 3);
            size_t one = at + by_definition(text + at, LONGEST - at, 1);
            if (at > 0 && number % 8 != 0) break; /* the tails of one are the heads of others */
            assert_int_equal(ls_scan_llama3(text, LONGEST, at), three);
            assert_int_equal(ls_scan_qwen2(text, LONGEST, at), one);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smollm),
        cmocka_unit_test(qwen2),
        cmocka_unit_test(llama3),
        cmocka_unit_test(scanners_stop_at_the_end),
        cmocka_unit_test(agrees_with_the_pattern),
    };
    return cmocka_run_group_tests_name("scanners", tests, NULL, NULL);
}
