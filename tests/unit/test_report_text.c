/* Numbers and strings as text: what is written reads back as the same. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/math.h"
#include "base/random.h"
#include "report/text.h"
#include "support/debug_allocator.h"
#include "support/json_check.h"

/* The check itself must be able to fail. */
static void test_json_check(void **state) {
    (void)state;
    static const char *const good[] = {"0",   "-1.5e+7", "[]", "{}", " [1 , {\"a\":null}] ", "\"\\u00e9\\n\"",
                                       "true"};
    static const char *const bad[] = {"",      "01",         "1.",      "nan",   "[1,]", "{\"a\"}",
                                      "{a:1}", "\"\n\"",     "\"\\x\"", "[1 2]", "1 2",  "\"\\u00g0\"",
                                      "[",     "{\"a\":1,}", "-",       "\"a"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) assert_true(json_valid(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) assert_false(json_valid(bad[i], strlen(bad[i])));
    assert_false(json_valid("1", 2));
    assert_true(json_is("{\"a\":[10,[true]]}", "a.1.0", "true"));
    assert_null(json_at("{\"a\":[10]}", "a.1"));
    assert_null(json_at("{\"ab\":1}", "a"));
}

static char *number(int is_float, double value) {
    ls_allocator allocator = ls_allocator_default();
    ls_text text;
    char *out = NULL;
    ls_text_init(&text, &allocator);
    if (is_float)
        ls_text_f32(&text, (float)value);
    else
        ls_text_f64(&text, value);
    assert_int_equal(ls_text_finish(&text, &out, NULL, NULL), LS_OK);
    return out;
}

/* Every finite number reads back as itself and is JSON; nothing else is written but null. */
static void test_round_trip(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 50000; i++) {
        uint64_t bits = ls_random_u64(1, i);
        double wide;
        memcpy(&wide, &bits, sizeof wide);
        float narrow = ls_float_from_bits((uint32_t)(bits >> 7));
        for (int is_float = 0; is_float <= 1; is_float++) {
            double value = is_float ? (double)narrow : wide;
            char *text = number(is_float, value);
            assert_true(json_valid(text, strlen(text)));
            double back = is_float ? (double)strtof(text, NULL) : strtod(text, NULL);
            if (isfinite(value))
                assert_memory_equal(&back, &value, sizeof back); /* to the sign of zero */
            else
                assert_string_equal(text, "null");
            free(text);
        }
    }
}

/* A float is written as printf would in the fewest digits from six on that read back. */
static void test_shortest(void **state) {
    (void)state;
    for (uint64_t i = 0; i < 200000; i++) {
        /* Every other one of the size that statistics have. */
        float value = ls_float_from_bits((uint32_t)(ls_random_u64(2, i) >> 32));
        if (i % 2 == 0) value = ldexpf((float)(ls_random_u64(3, i) >> 40), -(int)(i / 2 % 50));
        if (i % 16 == 0) value = (float)(ls_random_u64(4, i) >> 52) * 1e-3f; /* few digits */
        if (!isfinite(value)) continue;
        char expected[32];
        for (int digits = 6; digits <= 9; digits++) {
            snprintf(expected, sizeof expected, "%.*g", digits, (double)value);
            if (strtof(expected, NULL) == value) break;
        }
        char *text = number(1, (double)value);
        assert_string_equal(text, expected);
        free(text);
    }
}

static void expect_number(int is_float, double value, const char *expected) {
    char *text = number(is_float, value);
    assert_string_equal(text, expected);
    free(text);
}

static void test_numbers(void **state) {
    (void)state;
    expect_number(1, 0.1, "0.1");
    expect_number(0, 0.1, "0.1");
    expect_number(0, 0.1 + 0.2, "0.30000000000000004");
    expect_number(1, 16777216.0, "16777216");
    expect_number(1, 1e-45, "1.4013e-45");
    expect_number(0, 5e-324, "4.94065645841247e-324");
    expect_number(1, -0.0, "-0");
    expect_number(0, 1e300, "1e+300");
    expect_number(1, NAN, "null");
    expect_number(0, -INFINITY, "null");
}

/* Every character of ASCII but NUL, in a JSON string: what must not stand there is escaped, the rest is left
 * alone. */
static void test_strings(void **state) {
    (void)state;
    ls_allocator allocator = ls_allocator_default();
    for (int c = 1; c < 128; c++) {
        const char string[] = {'a', (char)c, 'b', '\0'};
        char expected[16];
        if (c == '"' || c == '\\')
            snprintf(expected, sizeof expected, "\"a\\%cb\"", c);
        else
            snprintf(expected, sizeof expected, c < 0x20 || c == 0x7f ? "\"a\\u%04xb\"" : "\"a%cb\"", c);
        ls_text text;
        char *out = NULL;
        ls_text_init(&text, &allocator);
        ls_text_json_string(&text, string);
        assert_int_equal(ls_text_finish(&text, &out, NULL, NULL), LS_OK);
        assert_string_equal(out, expected);
        assert_true(json_valid(out, strlen(out)));
        free(out);
    }
}

/* A long text grows; a refused allocation is reported at the end, once, and leaves nothing. */
static void test_growth(void **state) {
    (void)state;
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    for (uint64_t fail_at = 0; fail_at < 6; fail_at++) {
        ls_text text;
        char *out = NULL;
        size_t length = 0;
        debug.allocations = 0;
        debug.fail_at = fail_at;
        ls_text_init(&text, &allocator);
        for (unsigned i = 0; i < 10000; i++) ls_text_u64(&text, 1234567 + i);
        ls_status status = ls_text_finish(&text, &out, &length, NULL);
        assert_int_equal(status, fail_at == 0 || fail_at > debug.allocations ? LS_OK : LS_ERR_MEMORY);
        if (status == LS_OK) {
            assert_int_equal(length, 70000);
            assert_int_equal(strlen(out), 70000);
            assert_memory_equal(out + 7 * 9999, "1244566", 8);
            debug_allocator *counts = allocator.ctx;
            allocator.release(counts, out);
        }
        assert_int_equal(debug.live, 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_json_check), cmocka_unit_test(test_round_trip), cmocka_unit_test(test_shortest),
        cmocka_unit_test(test_numbers),    cmocka_unit_test(test_strings),    cmocka_unit_test(test_growth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
