/* Motion of the residual stream, on vectors whose angles are known. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/math.h"
#include "lens/lens.h"

#define PI 3.141592653589793

/* Float32 columns of double results: half a unit in the last place of numbers up to 4. */
static const double tolerance = 0x1p-22;

enum { WIDTH = 4 };

/* Columns of a path: `layers` + 1 vectors at each of the positions, layer-major. */
static ls_points geometry_of(const float *hidden, uint32_t layers, uint32_t positions, ls_arena *arena) {
    ls_allocator allocator = ls_allocator_default();
    ls_points points;
    ls_arena_init(arena, &allocator);
    assert_int_equal(ls_points_init(&points, layers, positions, 10, arena, NULL), LS_OK);
    ls_pool *pool = NULL;
    assert_int_equal(ls_pool_open(2, &allocator, &pool, NULL), LS_OK);
    ls_lens_geometry(pool, &points, hidden, WIDTH);
    ls_pool_close(pool);
    return points;
}

static void expect(const ls_points *points, ls_stat stat, size_t point, double expected) {
    double ours = (double)points->stats[stat][point];
    if (isnan(expected) ? !isnan(ours) : !(fabs(ours - expected) <= tolerance))
        fail_msg("%s at %zu is %.9g, should be %.9g", ls_stat_name(stat), point, ours, expected);
    if (isnan(ours)) assert_int_equal(ls_float_bits(points->stats[stat][point]), LS_CANONICAL_NAN_BITS);
}

/* One position. Directions: x, y, -x, -x, x. Steps between unit vectors at 90, 90, 0, 180 degrees: sqrt 2, sqrt
 * 2, 0, 2. The first two steps are y - x and -x - y: their product is -1 + 1 = 0, a right angle. A step of
 * nothing has no direction, so that the angles to and from it do not exist. */
static void test_path(void **state) {
    (void)state;
    static const float hidden[5][WIDTH] = {
        {3.0f, 0.0f, 0.0f, 0.0f},  {0.0f, 0.5f, 0.0f, 0.0f},   {-7.0f, 0.0f, 0.0f, 0.0f},
        {-0.1f, 0.0f, 0.0f, 0.0f}, {100.0f, 0.0f, 0.0f, 0.0f},
    };
    static const double norms[] = {3.0, 0.5, 7.0, (double)0.1f, 100.0};
    static const double steps[] = {NAN, 1.4142135623730951, 1.4142135623730951, 0.0, 2.0};
    static const double turns[] = {NAN, NAN, PI / 2, NAN, NAN};
    ls_arena arena;
    ls_points points = geometry_of(hidden[0], 4, 1, &arena);
    for (size_t l = 0; l < 5; l++) {
        expect(&points, LS_STAT_NORM, l, norms[l]);
        expect(&points, LS_STAT_STEP, l, steps[l]);
        expect(&points, LS_STAT_TURN, l, turns[l]);
    }
    ls_arena_clear(&arena);
}

/* Back and forth between x and y: each step undoes the last, a turn of pi; its cosine may round beyond -1. */
static void test_there_and_back(void **state) {
    (void)state;
    static const float hidden[4][WIDTH] = {
        {0.3f, 0.1f, 0.7f, 0.0f}, {0.0f, 0.9f, 0.0f, 0.2f}, {0.3f, 0.1f, 0.7f, 0.0f}, {0.0f, 0.9f, 0.0f, 0.2f}};
    ls_arena arena;
    ls_points points = geometry_of(hidden[0], 3, 1, &arena);
    /* Near pi the angle is as ill-conditioned as acos: an error of 2^-52 in the cosine is 2^-26 in the angle.
     */
    for (size_t l = 2; l < 4; l++) expect(&points, LS_STAT_TURN, l, PI);
    ls_arena_clear(&arena);
}

/* Along a great circle in equal strides of 60 degrees: chords of length 1, each turned by 60 degrees. */
static void test_circle(void **state) {
    (void)state;
    float hidden[4][WIDTH] = {{0}};
    for (size_t l = 0; l < 4; l++) {
        hidden[l][0] = (float)(2.0 * cos((double)l * PI / 3));
        hidden[l][3] = (float)(2.0 * sin((double)l * PI / 3));
    }
    ls_arena arena;
    ls_points points = geometry_of(hidden[0], 3, 1, &arena);
    for (size_t l = 1; l < 4; l++) expect(&points, LS_STAT_STEP, l, 1.0);
    for (size_t l = 2; l < 4; l++) expect(&points, LS_STAT_TURN, l, PI / 3);
    ls_arena_clear(&arena);
}

/* The zero vector has a length and no direction. */
static void test_zero_vector(void **state) {
    (void)state;
    static const float hidden[4][WIDTH] = {{1.0f}, {0.0f}, {1.0f}, {0.0f, 1.0f}};
    ls_arena arena;
    ls_points points = geometry_of(hidden[0], 3, 1, &arena);
    expect(&points, LS_STAT_NORM, 1, 0.0);
    expect(&points, LS_STAT_STEP, 1, NAN);
    expect(&points, LS_STAT_STEP, 2, NAN);
    expect(&points, LS_STAT_STEP, 3, 1.4142135623730951);
    expect(&points, LS_STAT_TURN, 2, NAN);
    expect(&points, LS_STAT_TURN, 3, NAN);
    ls_arena_clear(&arena);
}

/* Positions do not mix, and a damaged one damages itself only. */
static void test_positions(void **state) {
    (void)state;
    static const float hidden[2][3][WIDTH] = {{{1.0f}, {0.0f, 2.0f}, {NAN}},
                                              {{0.0f, 1.0f}, {0.0f, 5.0f}, {1.0f}}};
    ls_arena arena;
    ls_points points = geometry_of(hidden[0][0], 1, 3, &arena);
    expect(&points, LS_STAT_STEP, 3, 1.4142135623730951);
    expect(&points, LS_STAT_STEP, 4, 0.0);
    expect(&points, LS_STAT_STEP, 5, NAN);
    expect(&points, LS_STAT_NORM, 2, NAN);
    expect(&points, LS_STAT_NORM, 4, 5.0);
    ls_arena_clear(&arena);
}

/* Squares of large and small float32 numbers are beyond float32, not beyond double. */
static void test_magnitudes(void **state) {
    (void)state;
    static const float hidden[2][WIDTH] = {{3e30f, 4e30f}, {3e-30f, -4e-30f}};
    ls_arena arena;
    ls_points points = geometry_of(hidden[0], 1, 1, &arena);
    assert_true(fabs((double)points.stats[LS_STAT_NORM][0] / 5e30 - 1.0) < 2e-7);
    assert_true(fabs((double)points.stats[LS_STAT_NORM][1] / 5e-30 - 1.0) < 2e-7);
    expect(&points, LS_STAT_STEP, 1, 1.6); /* (0.6, 0.8) to (0.6, -0.8) */
    ls_arena_clear(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_path),      cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_circle),    cmocka_unit_test(test_zero_vector),
        cmocka_unit_test(test_positions), cmocka_unit_test(test_magnitudes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
