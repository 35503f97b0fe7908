/* Transitions of states written as letters: counts, shares, Wilson intervals, dwell, stationary distribution.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "measure/measure.h"

enum { A, B, C, D, E };

/* Rows of letters, layer 1 first, as long as the text. */
static uint8_t *states_of(const char *const *rows, size_t layers, size_t positions) {
    uint8_t *states = malloc((layers + 1) * positions);
    assert_non_null(states);
    memset(states, LS_STATE_NONE, positions);
    for (size_t i = 0; i < layers * positions; i++)
        states[positions + i] = (uint8_t)(rows[i / positions][i % positions] - 'A');
    return states;
}

typedef struct both {
    ls_transitions depth, token;
} both;

static both measure_rows(const char *const *rows, size_t layers) {
    size_t positions = strlen(rows[0]);
    const ls_points points = {.layers = (uint32_t)layers, .positions = (uint32_t)positions};
    uint8_t *states = states_of(rows, layers, positions);
    both result;
    ls_measure_depth(&points, states, &result.depth);
    ls_measure_token(&points, states, &result.token);
    free(states);
    return result;
}

/* One layer: a line of states along the text. */
static ls_transitions line(const char *letters) { return measure_rows(&letters, 1).token; }

static void near(double ours, double expected, double tolerance) {
    if (!(fabs(ours - expected) <= tolerance)) fail_msg("%.17g should be %.17g", ours, expected);
}

/* ---- counts -------------------------------------------------------------------------------------------- */

/* Down the columns: A-B-A, A-B-C, E-E-C. Along the rows: A-A-E, B-B-E, A-C-C. Layer 0 has no states and takes
 * no part, and the end of one row is no neighbour of the next one's start. */
static void test_directions(void **state) {
    (void)state;
    static const char *const rows[] = {"AAE", "BBE", "ACC"};
    static const uint32_t depth[5][5] = {[A] = {[B] = 2}, [B] = {[A] = 1, [C] = 1}, [E] = {[E] = 1, [C] = 1}};
    static const uint32_t token[5][5] = {
        [A] = {[A] = 1, [E] = 1, [C] = 1}, [B] = {[B] = 1, [E] = 1}, [C] = {[C] = 1}};
    both t = measure_rows(rows, 3);
    assert_memory_equal(t.depth.counts, depth, sizeof depth);
    assert_memory_equal(t.token.counts, token, sizeof token);
}

/* From A: once to A, twice to B. */
static void test_shares(void **state) {
    (void)state;
    ls_transitions t = line("AABAB");
    near(t.p[A][A], 1.0 / 3, 1e-16);
    near(t.p[A][B], 2.0 / 3, 1e-16);
    near(t.p[B][A], 1.0, 0.0);
    near(t.p[B][B], 0.0, 0.0);
    near(t.self[A], 1.0 / 3, 1e-16);
    near(t.self[B], 0.0, 0.0);
}

/* A state that never goes anywhere has no shares: not zeros. */
static void test_rows_without_observation(void **state) {
    (void)state;
    ls_transitions t = line("AAC");
    for (size_t to = 0; to < LS_STATE_COUNT; to++) {
        assert_false(isnan(t.p[A][to]) || isnan(t.low[A][to]) || isnan(t.high[A][to]));
        for (size_t from = B; from <= E; from++)
            assert_true(isnan(t.p[from][to]) && isnan(t.low[from][to]) && isnan(t.high[from][to]));
    }
    assert_true(isnan(t.self[C]) && isnan(t.self[E]));
    t = line("D"); /* one token: no neighbours at all */
    for (size_t s = 0; s < LS_STATE_COUNT; s++)
        assert_true(isnan(t.p[s][D]) && isnan(t.self[s]) && isnan(t.stationary[s]));
}

/* ---- intervals ----------------------------------------------------------------------------------------- */

/* k of n steps lead from A to A, the others to B: n layers of two tokens. */
static ls_transitions k_of_n(size_t k, size_t n) {
    const char **rows = malloc(n * sizeof *rows);
    assert_non_null(rows);
    for (size_t i = 0; i < n; i++) rows[i] = i < k ? "AA" : "AB";
    ls_transitions t = measure_rows(rows, n).token;
    free(rows);
    return t;
}

/* The four examples of Newcombe 1998 (Statistics in Medicine 17), table I, method 3, to its four digits; and a
 * single observation, whose lower end is 1 / (1 + z^2). */
static void test_wilson(void **state) {
    (void)state;
    static const struct {
        size_t k, n;
        double low, high;
    } examples[] = {
        {81, 263, 0.2553, 0.3662}, {15, 148, 0.0624, 0.1605}, {0, 20, 0.0, 0.1611}, {1, 29, 0.0061, 0.1718}};
    for (size_t i = 0; i < 4; i++) {
        ls_transitions t = k_of_n(examples[i].k, examples[i].n);
        near(t.low[A][A], examples[i].low, 5e-5);
        near(t.high[A][A], examples[i].high, 5e-5);
        near(t.low[A][B], 1.0 - t.high[A][A], 1e-15); /* the mirror image */
        near(t.high[A][B], 1.0 - t.low[A][A], 1e-15);
    }
    ls_transitions one = k_of_n(1, 1);
    near(one.low[A][A], 1.0 / (1.0 + 3.8414588206941236), 1e-15);
}

/* None and all: the ends are 0 and 1 exactly, not a rounding error beside them. */
static void test_wilson_ends(void **state) {
    (void)state;
    for (size_t n = 1; n < 200; n++) {
        ls_transitions t = k_of_n(n, n);
        assert_true(t.high[A][A] == 1.0 && t.low[A][B] == 0.0);
        assert_true(t.low[A][A] > 0.0 && t.high[A][B] < 1.0);
    }
}

/* ---- dwell --------------------------------------------------------------------------------------------- */

/* A in runs of 2 and 1, B in one of 3, C in one of 1; runs end with the line. */
static void test_dwell(void **state) {
    (void)state;
    ls_transitions t = line("AABBBAC");
    near(t.dwell[A], 1.5, 0.0);
    near(t.dwell[B], 3.0, 0.0);
    near(t.dwell[C], 1.0, 0.0);
    assert_true(isnan(t.dwell[D]) && isnan(t.dwell[E]));
    static const char *const rows[] = {"AA", "AB"};
    both two = measure_rows(rows, 2);
    near(two.token.dwell[A], 1.5, 0.0); /* 2, then a run of its own in the next row */
    near(two.depth.dwell[A], 1.5, 0.0); /* 2 in the first column, 1 in the second */
    near(two.depth.dwell[B], 1.0, 0.0);
}

/* ---- stationary distribution --------------------------------------------------------------------------- */

static void expect_stationary(const ls_transitions *t, double a, double b, double c, double d, double e) {
    const double expected[LS_STATE_COUNT] = {a, b, c, d, e};
    for (size_t s = 0; s < LS_STATE_COUNT; s++) near(t->stationary[s], expected[s], 1e-14);
}

static void expect_no_stationary(const ls_transitions *t) {
    for (size_t s = 0; s < LS_STATE_COUNT; s++) assert_true(isnan(t->stationary[s]));
}

static void test_stationary(void **state) {
    (void)state;
    ls_transitions t = line("AABAABA"); /* A stays half of the time, B never: 2/3, 1/3 */
    expect_stationary(&t, 2.0 / 3, 1.0 / 3, 0.0, 0.0, 0.0);
    t = line("ABABA"); /* periodic, and yet there is one */
    expect_stationary(&t, 0.5, 0.5, 0.0, 0.0, 0.0);
    t = line("CEDCEDC"); /* a ring of three, in another order than their letters */
    expect_stationary(&t, 0.0, 0.0, 1.0 / 3, 1.0 / 3, 1.0 / 3);
    t = line("DDD");
    expect_stationary(&t, 0.0, 0.0, 0.0, 1.0, 0.0);
    /* All five: A-A-B-C-D-E-A. pi_A leaves by half, the others entirely: pi_A = 2 pi_B, the rest equal: 1/3,
     * 1/6... */
    t = line("AABCDEA");
    expect_stationary(&t, 1.0 / 3, 1.0 / 6, 1.0 / 6, 1.0 / 6, 1.0 / 6);
}

static void test_no_stationary(void **state) {
    (void)state;
    static const char *const apart[] = {"AA", "BB"};
    ls_transitions t = line("AABB"); /* B absorbs */
    expect_no_stationary(&t);
    t = line("AAB"); /* nobody knows where B leads */
    expect_no_stationary(&t);
    t = measure_rows(apart, 2).token; /* two worlds */
    expect_no_stationary(&t);
}

/* pi P = pi on a long random line, and the shares of a state among all steps, which it must come near. */
static void test_stationary_of_a_long_line(void **state) {
    (void)state;
    char letters[2001];
    uint32_t seed = 12345;
    for (size_t i = 0; i < 2000; i++) {
        seed = seed * 1664525 + 1013904223;
        letters[i] = (char)('A' + (seed >> 16) % 7 % 5); /* not even */
    }
    letters[2000] = '\0';
    ls_transitions t = line(letters);
    double total = 0.0;
    for (size_t to = 0; to < LS_STATE_COUNT; to++) {
        double inflow = 0.0, left = 0.0;
        for (size_t s = 0; s < LS_STATE_COUNT; s++) inflow += t.stationary[s] * t.p[s][to];
        for (size_t s = 0; s < LS_STATE_COUNT; s++) left += t.counts[to][s];
        near(inflow, t.stationary[to], 1e-15);
        near(t.stationary[to], left / 1999.0, 1e-3); /* they differ by the two ends of the line */
        total += t.stationary[to];
    }
    near(total, 1.0, 1e-15);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_directions),
        cmocka_unit_test(test_shares),
        cmocka_unit_test(test_rows_without_observation),
        cmocka_unit_test(test_wilson),
        cmocka_unit_test(test_wilson_ends),
        cmocka_unit_test(test_dwell),
        cmocka_unit_test(test_stationary),
        cmocka_unit_test(test_no_stationary),
        cmocka_unit_test(test_stationary_of_a_long_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
