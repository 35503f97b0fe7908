/* Poles, commitment, states and means on columns made by hand; the arithmetic is in the comments. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/math.h"
#include "base/random.h"
#include "measure/measure.h"
#include "support/debug_allocator.h"

typedef struct columns {
    ls_arena arena;
    ls_points points;
    ls_settings settings;
} columns;

static columns make(uint32_t layers, uint32_t positions) {
    ls_allocator allocator = ls_allocator_default();
    columns c = {.settings = ls_settings_default()};
    ls_arena_init(&c.arena, &allocator);
    assert_int_equal(ls_points_init(&c.points, layers, positions, 16, &c.arena, NULL), LS_OK);
    return c;
}

static void set(columns *c, ls_stat stat, uint32_t layer, uint32_t position, double value) {
    ls_points_set(&c->points, stat, ls_point_index(&c->points, layer, position), value);
}

static double get(const columns *c, ls_stat stat, uint32_t layer, uint32_t position) {
    return (double)c->points.stats[stat][ls_point_index(&c->points, layer, position)];
}

/* Results of a few operations in double. */
static void near(double ours, double expected) {
    if (!(fabs(ours - expected) <= 1e-15 * fmax(1.0, fabs(expected))))
        fail_msg("%.17g should be %.17g", ours, expected);
}

/* The same stored as float32. */
static void near_stored(double ours, double expected) {
    if (!(fabs(ours - expected) <= 0x1p-24 * fabs(expected))) fail_msg("%.9g should be %.9g", ours, expected);
}

/* ---- poles --------------------------------------------------------------------------------------------- */

static void set_distribution(columns *c, double p1, double p2, double top5, double entropy_norm) {
    set(c, LS_STAT_P1, 0, 0, p1);
    set(c, LS_STAT_P2, 0, 0, p2);
    set(c, LS_STAT_TOP5_MASS, 0, 0, top5);
    set(c, LS_STAT_ENTROPY_NORM, 0, 0, entropy_norm);
}

static void expect_poles(columns *c, ls_operator op, double g, double d) {
    ls_measure_poles(&c->points, op);
    near_stored(get(c, LS_STAT_G, 0, 0), g);
    near_stored(get(c, LS_STAT_D, 0, 0), d);
}

static void test_poles(void **state) {
    (void)state;
    columns c = make(0, 1);
    set_distribution(&c, 0.5, 0.25, 0.875, 0.375);
    expect_poles(&c, LS_OP_MASS_MARGIN, 0.875, 0.75); /* 1 - (0.5 - 0.25) */
    expect_poles(&c, LS_OP_TOP_RATIO, 0.5, 0.5);
    expect_poles(&c, LS_OP_ENTROPIC, 0.625, 0.91829583405448956); /* log2 3 - 2/3 */
    set_distribution(&c, 0.25, 0.25, 1.0, 0.5);                   /* even */
    expect_poles(&c, LS_OP_MASS_MARGIN, 1.0, 1.0);
    expect_poles(&c, LS_OP_TOP_RATIO, 0.25, 1.0);
    expect_poles(&c, LS_OP_ENTROPIC, 0.5, 1.0);
    set_distribution(&c, 1.0, 0.0, 1.0, 0.0); /* certain */
    expect_poles(&c, LS_OP_MASS_MARGIN, 1.0, 0.0);
    expect_poles(&c, LS_OP_TOP_RATIO, 1.0, 0.0);
    expect_poles(&c, LS_OP_ENTROPIC, 1.0, 0.0);
    ls_arena_clear(&c.arena);
}

static void test_poles_of_nothing(void **state) {
    (void)state;
    columns c = make(0, 1);
    for (int op = 0; op < LS_OP_COUNT; op++) {
        ls_measure_poles(&c.points, (ls_operator)op);
        for (int pole = LS_STAT_G; pole <= LS_STAT_D; pole++)
            assert_int_equal(ls_float_bits(c.points.stats[pole][0]), LS_CANONICAL_NAN_BITS);
    }
    ls_arena_clear(&c.arena);
}

/* ---- commitment ---------------------------------------------------------------------------------------- */

static void set_top(columns *c, uint32_t layer, uint32_t position, uint32_t id) {
    c->points.top_ids[ls_point_index(&c->points, layer, position) * c->points.top_k] = id;
}

/* Top tokens by layer, a column for each position; the last one comes back to its token and leaves it again. */
static void test_commit(void **state) {
    (void)state;
    static const uint32_t top[4][5] = {{7, 1, 1, 5, 9}, {7, 2, 1, 9, 9}, {7, 3, 1, 9, 2}, {7, 4, 2, 9, 9}};
    static const uint32_t expected[5] = {0, 3, 3, 1, 3};
    uint32_t commit[5];
    columns c = make(3, 5);
    for (uint32_t layer = 0; layer < 4; layer++)
        for (uint32_t t = 0; t < 5; t++) set_top(&c, layer, t, top[layer][t]);
    ls_measure_commit(&c.points, commit);
    assert_memory_equal(commit, expected, sizeof commit);
    ls_arena_clear(&c.arena);
}

/* ---- the threshold of turbulence ----------------------------------------------------------------------- */

static void test_quantile(void **state) {
    (void)state;
    static const double sorted[] = {1.0, 2.0, 4.0, 8.0};
    near(ls_quantile_sorted(sorted, 4, 0.75), 5.0); /* 2.25 places up: 4 + 0.25 * 4 */
    near(ls_quantile_sorted(sorted, 4, 0.5), 3.0);
    near(ls_quantile_sorted(sorted, 4, 0.0), 1.0);
    near(ls_quantile_sorted(sorted, 4, 1.0), 8.0);
    near(ls_quantile_sorted(sorted, 1, 0.3), 1.0);
}

static void test_sort(void **state) {
    (void)state;
    double values[257];
    for (size_t n = 0; n <= 257; n += n < 10 ? 1 : 31) {
        double sum = 0.0, sorted_sum = 0.0;
        for (size_t i = 0; i < n; i++)
            sum += values[i] = (double)ls_random_below(n, i, 40) - 20.0; /* with ties */
        ls_sort_doubles(values, n);
        for (size_t i = 0; i < n; i++) sorted_sum += values[i];
        for (size_t i = 1; i < n; i++) assert_true(values[i - 1] <= values[i]);
        assert_true(sum == sorted_sum); /* whole numbers: exact */
    }
}

/* Steps 0.25, 1, 0.5 and one that is no number: the quantile is over the three. Layer 0 has none. */
static void test_theta(void **state) {
    (void)state;
    columns c = make(2, 2);
    double theta = 0.0;
    set(&c, LS_STAT_STEP, 1, 0, 0.25);
    set(&c, LS_STAT_STEP, 1, 1, 1.0);
    set(&c, LS_STAT_STEP, 2, 0, 0.5);
    assert_int_equal(ls_measure_theta(&c.points, &c.settings, &c.arena.allocator, &theta, NULL), LS_OK);
    near(theta, 0.75); /* 1.5 places up in 0.25, 0.5, 1 */
    c.settings.step_quantile = 0.5;
    assert_int_equal(ls_measure_theta(&c.points, &c.settings, &c.arena.allocator, &theta, NULL), LS_OK);
    near(theta, 0.5);
    c.settings.step_rule = LS_STEP_ABSOLUTE;
    c.settings.step_absolute = 1.25;
    assert_int_equal(ls_measure_theta(&c.points, &c.settings, &c.arena.allocator, &theta, NULL), LS_OK);
    near(theta, 1.25);
    ls_arena_clear(&c.arena);
}

static void test_theta_of_nothing(void **state) {
    (void)state;
    columns c = make(2, 2);
    double theta = 0.0;
    assert_int_equal(ls_measure_theta(&c.points, &c.settings, &c.arena.allocator, &theta, NULL), LS_OK);
    assert_true(isnan(theta));
    ls_arena_clear(&c.arena);
}

/* ---- states -------------------------------------------------------------------------------------------- */

typedef struct point {
    double p1, p2, step;
    ls_state expected; /* with theta 0.5, branch_p2 1/64, branch_ratio 0.5, commit layer 2 */
} point;

/* One position a row; at layer 1 it is not committed, at layer 2 it is. */
static void test_states(void **state) {
    (void)state;
    static const point rows[][2] = {
        {{0.5, 0.25, 0.5, LS_STATE_D}, {0.5, 0.25, 0.5, LS_STATE_D}},       /* all thresholds exactly met */
        {{0.5, 0.25, 0.4999, LS_STATE_B}, {0.5, 0.25, 0.4999, LS_STATE_B}}, /* the step just below */
        {{0.5, 0.2499, 0.5, LS_STATE_A}, {0.5, 0.2499, 0.5, LS_STATE_A}},   /* the ratio just below */
        {{0.03125, 0.015625, 0.1, LS_STATE_B}, {1.0 / 32, 1.0 / 64, 0.1, LS_STATE_B}}, /* p2 exactly met */
        {{0.02, 0.0156, 0.1, LS_STATE_E}, {0.02, 0.0156, 0.1, LS_STATE_C}},            /* p2 just below */
        {{0.02, 0.0156, 0.6, LS_STATE_A}, {0.02, 0.0156, 0.6, LS_STATE_A}},
        {{0.9, 0.05, 0.1, LS_STATE_E}, {0.9, 0.05, 0.1, LS_STATE_C}},
        {{NAN, NAN, NAN, LS_STATE_E}, {NAN, NAN, NAN, LS_STATE_C}}, /* no number meets nothing */
    };
    enum { ROWS = sizeof rows / sizeof *rows };
    columns c = make(2, ROWS);
    uint32_t commit[ROWS];
    uint8_t states[3 * ROWS];
    double shares[LS_STATE_COUNT];
    c.settings.branch_p2 = 1.0 / 64;
    for (uint32_t t = 0; t < ROWS; t++) {
        commit[t] = 2;
        for (uint32_t layer = 1; layer <= 2; layer++) {
            set(&c, LS_STAT_P1, layer, t, rows[t][layer - 1].p1);
            set(&c, LS_STAT_P2, layer, t, rows[t][layer - 1].p2);
            set(&c, LS_STAT_STEP, layer, t, rows[t][layer - 1].step);
        }
    }
    ls_measure_states(&c.points, &c.settings, 0.5, commit, states, shares);
    for (uint32_t t = 0; t < ROWS; t++) {
        assert_int_equal(states[t], LS_STATE_NONE);
        for (uint32_t layer = 1; layer <= 2; layer++)
            if (states[layer * ROWS + t] != rows[t][layer - 1].expected)
                fail_msg("row %u, layer %u is %c", t, layer, LS_STATE_LETTERS[states[layer * ROWS + t]]);
    }
    /* of 16: A 4, B 4, C 3, D 2, E 3 */
    static const double expected[LS_STATE_COUNT] = {4.0 / 16, 4.0 / 16, 3.0 / 16, 2.0 / 16, 3.0 / 16};
    for (size_t s = 0; s < LS_STATE_COUNT; s++) near(shares[s], expected[s]);
    ls_arena_clear(&c.arena);
}

/* Without a threshold nothing is turbulent. */
static void test_states_without_theta(void **state) {
    (void)state;
    columns c = make(1, 1);
    const uint32_t commit = 0;
    uint8_t states[2];
    double shares[LS_STATE_COUNT];
    set(&c, LS_STAT_P1, 1, 0, 0.5);
    set(&c, LS_STAT_P2, 1, 0, 0.4);
    set(&c, LS_STAT_STEP, 1, 0, 2.0);
    ls_measure_states(&c.points, &c.settings, NAN, &commit, states, shares);
    assert_int_equal(states[1], LS_STATE_B);
    near(shares[LS_STATE_B], 1.0);
    ls_arena_clear(&c.arena);
}

/* ---- means --------------------------------------------------------------------------------------------- */

static void set_poles(columns *c, uint32_t layer, uint32_t position, double g, double d) {
    set(c, LS_STAT_G, layer, position, g);
    set(c, LS_STAT_D, layer, position, d);
}

static ls_means means_of(const columns *c, const uint32_t *commit) {
    ls_means means;
    assert_int_equal(ls_measure_means(&c->points, &c->settings, commit, &c->arena.allocator, &means, NULL),
                     LS_OK);
    return means;
}

/* Layers 0..2 at two positions. G: 1 | 0.25 0.5 | 0.75 1, D: 1 | 0.5 0.5 | 0.25 0.25 (layer by layer). */
static columns two_positions(void) {
    columns c = make(2, 2);
    set_poles(&c, 0, 0, 1.0, 1.0);
    set_poles(&c, 0, 1, 1.0, 1.0);
    set_poles(&c, 1, 0, 0.25, 0.5);
    set_poles(&c, 1, 1, 0.5, 0.5);
    set_poles(&c, 2, 0, 0.75, 0.25);
    set_poles(&c, 2, 1, 1.0, 0.25);
    return c;
}

static void test_means(void **state) {
    (void)state;
    const uint32_t commit[2] = {1, 2};
    columns c = two_positions();
    ls_means m = means_of(&c, commit);
    near(m.mean_g.value, 0.625); /* 2.5 / 4 */
    near(m.mean_d.value, 0.375); /* 1.5 / 4 */
    near(m.gd_ratio.value, 0.625 / 0.375);
    near(m.commit.value, 1.5);
    near(m.sync, -1.0); /* G rises, D falls, at both positions */
    c.settings.from_layer = 0;
    m = means_of(&c, commit);
    near(m.mean_g.value, 0.75); /* 4.5 / 6 */
    near(m.mean_d.value, 3.5 / 6);
    c.settings.from_layer = 2;
    m = means_of(&c, commit);
    near(m.mean_g.value, 0.875);
    near(m.gd_ratio.value, 3.5);
    assert_true(isnan(m.sync)); /* one layer does not vary */
    ls_arena_clear(&c.arena);
}

/* Correlations of 1 and of -1/2, and a position without one, which is left out: the mean is 1/4. G over three
 * layers is 0, 1/2, 1; D is 0, 1/4, 1/2 (r = 1); 1/2, 0, 1/4 (cov = -1/12, both spreads alike up to scale: r =
 * -1/2). */
static void test_sync(void **state) {
    (void)state;
    static const double d[3][3] = {{0.0, 0.25, 0.5}, {0.5, 0.0, 0.25}, {0.5, 0.5, 0.5}};
    const uint32_t commit[3] = {0, 0, 0};
    columns c = make(3, 3);
    for (uint32_t t = 0; t < 3; t++)
        for (uint32_t layer = 1; layer <= 3; layer++)
            set_poles(&c, layer, t, 0.5 * (layer - 1), d[t][layer - 1]);
    near(means_of(&c, commit).sync, 0.25);
    ls_arena_clear(&c.arena);
}

static void test_by_layer(void **state) {
    (void)state;
    columns c = two_positions();
    double g[3];
    ls_measure_by_layer(&c.points, LS_STAT_G, g);
    near(g[0], 1.0);
    near(g[1], 0.375);
    near(g[2], 0.875);
    ls_measure_by_layer(&c.points, LS_STAT_TURN, g);
    assert_true(isnan(g[0]) && isnan(g[1]) && isnan(g[2]));
    ls_arena_clear(&c.arena);
}

/* ---- the bootstrap ------------------------------------------------------------------------------------- */

/* n positions of one layer whose G is 0 or 1 in turns, D 0.5, commit layer as G. */
static columns coin(uint32_t n, uint32_t *commit) {
    columns c = make(1, n);
    for (uint32_t t = 0; t < n; t++) {
        set_poles(&c, 1, t, t % 2, 0.5);
        commit[t] = t % 2;
    }
    return c;
}

/* The mean of 100 throws has a standard error of 0.05: the interval is 0.5 -+ 0.098, its ends good to about
 * 0.01. */
static void test_bootstrap(void **state) {
    (void)state;
    uint32_t commit[100];
    columns c = coin(100, commit);
    ls_means m = means_of(&c, commit);
    near(m.mean_g.value, 0.5);
    assert_true(fabs(m.mean_g.low - 0.402) < 0.01 && fabs(m.mean_g.high - 0.598) < 0.01);
    assert_true(m.commit.low == m.mean_g.low && m.commit.high == m.mean_g.high); /* the same draws */
    near(m.gd_ratio.low, 2.0 * m.mean_g.low);                                    /* D is 0.5 in each */
    assert_true(m.mean_d.low == 0.5 && m.mean_d.high == 0.5);
    ls_means again = means_of(&c, commit);
    assert_memory_equal(&m, &again, sizeof m);
    ls_arena_clear(&c.arena);
}

static void test_no_interval(void **state) {
    (void)state;
    uint32_t commit[1];
    columns c = coin(1, commit);
    ls_means m = means_of(&c, commit);
    near(m.mean_d.value, 0.5);
    assert_true(isnan(m.mean_g.low) && isnan(m.mean_g.high) && isnan(m.gd_ratio.low) && isnan(m.commit.high));
    ls_arena_clear(&c.arena);
}

/* A damaged point: no mean of G, and no interval whatever the draws, but both for D. */
static void test_damaged_mean(void **state) {
    (void)state;
    for (uint32_t n = 2; n < 20; n++) {
        uint32_t commit[20];
        columns c = coin(n, commit);
        set_poles(&c, 1, n / 2, NAN, 0.5);
        ls_means m = means_of(&c, commit);
        const ls_estimate *without[] = {&m.mean_g, &m.gd_ratio};
        for (size_t i = 0; i < 2; i++)
            assert_true(isnan(without[i]->value) && isnan(without[i]->low) && isnan(without[i]->high));
        assert_true(m.mean_d.value == 0.5 && m.mean_d.low == 0.5 && m.mean_d.high == 0.5);
        ls_arena_clear(&c.arena);
    }
}

static void test_no_memory(void **state) {
    (void)state;
    const uint32_t commit[2] = {1, 2};
    columns c = two_positions();
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_means means;
    double theta = 0.0;
    for (uint64_t fail_at = 1; fail_at <= 2; fail_at++) {
        debug.allocations = 0;
        debug.fail_at = fail_at;
        assert_int_equal(ls_measure_means(&c.points, &c.settings, commit, &allocator, &means, NULL),
                         LS_ERR_MEMORY);
        assert_int_equal(debug.live, 0);
    }
    debug.allocations = 1;
    assert_int_equal(ls_measure_theta(&c.points, &c.settings, &allocator, &theta, NULL), LS_ERR_MEMORY);
    ls_arena_clear(&c.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_poles),        cmocka_unit_test(test_poles_of_nothing),
        cmocka_unit_test(test_commit),       cmocka_unit_test(test_quantile),
        cmocka_unit_test(test_sort),         cmocka_unit_test(test_theta),
        cmocka_unit_test(test_states),       cmocka_unit_test(test_theta_of_nothing),
        cmocka_unit_test(test_means),        cmocka_unit_test(test_states_without_theta),
        cmocka_unit_test(test_sync),         cmocka_unit_test(test_by_layer),
        cmocka_unit_test(test_bootstrap),    cmocka_unit_test(test_no_interval),
        cmocka_unit_test(test_damaged_mean), cmocka_unit_test(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
