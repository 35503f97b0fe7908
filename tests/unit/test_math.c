/* The core's elementary functions against libm, in double for the float32 ones and in long double for the
 * others: dense grids, random bit patterns, special values. The bounds are those of base/math.h. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/math.h"
#include "base/random.h"

/* What libm adds where long double is no wider than double: half a unit in the last place, and a little more.
 */
#define LIBM_SLACK (sizeof(long double) > sizeof(double) ? 0.0L : 2e-16L)

enum { RANDOM_POINTS = 300000 };

static double uniform(uint64_t seed, uint64_t i) { return (double)(ls_random_u64(seed, i) >> 11) * 0x1p-53; }

static double random_bits(uint64_t seed, uint64_t i) {
    uint64_t bits = ls_random_u64(seed, i);
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- float32 ------------------------------------------------------------------------------------------- */

static void check_expf(float x) {
    double truth = exp((double)x), error = fabs((double)ls_expf(x) - truth);
    if (!(error <= 1e-7 * truth))
        fail_msg("ls_expf(%.9g) is off by %.3g of its value", (double)x, error / truth);
}

/* Every 301st float of the range, from the smallest to the largest magnitude, with both signs. */
static void test_expf(void **state) {
    (void)state;
    for (uint32_t bits = 0; bits <= ls_float_bits(LS_EXP_MAX); bits += 301) {
        check_expf(ls_float_from_bits(bits));
        if (ls_float_from_bits(bits) <= -LS_EXP_MIN) check_expf(-ls_float_from_bits(bits));
    }
    check_expf(LS_EXP_MAX);
    check_expf(LS_EXP_MIN);
}

static void test_expf_special(void **state) {
    (void)state;
    assert_true(ls_expf(0.0f) == 1.0f && ls_expf(-0.0f) == 1.0f);
    assert_true(ls_expf(nextafterf(LS_EXP_MIN, -INFINITY)) == 0.0f);
    assert_true(ls_expf(-INFINITY) == 0.0f && ls_expf(-1e30f) == 0.0f);
    assert_true(ls_expf(INFINITY) == ls_expf(LS_EXP_MAX) && ls_expf(89.0f) == ls_expf(LS_EXP_MAX));
    assert_true(isnan(ls_expf(NAN)));
    for (float x = -87.0f; x < 88.0f; x += 0.37f) assert_true(ls_expf(x) > 0.0f && ls_expf(x) < INFINITY);
}

static void check_erff(float x) {
    double error = fabs((double)ls_erff(x) - erf((double)x));
    if (!(error <= 5e-7)) fail_msg("ls_erff(%.9g) is off by %.3g", (double)x, error);
    assert_true(ls_float_bits(ls_erff(-x)) == (ls_float_bits(ls_erff(x)) ^ 0x80000000u)); /* odd, to the bit */
}

static void test_erff(void **state) {
    (void)state;
    for (uint32_t bits = 0; bits <= ls_float_bits(16.0f); bits += 301) check_erff(ls_float_from_bits(bits));
    for (float x = 0.0f; x < 6.0f; x += 1e-4f) check_erff(x);
    assert_true(ls_erff(10.0f) == 1.0f && ls_erff(INFINITY) == 1.0f && ls_erff(-INFINITY) == -1.0f);
    assert_true(isnan(ls_erff(NAN)));
}

/* ---- double -------------------------------------------------------------------------------------------- */

typedef double ours_fn(double);
typedef long double truth_fn(long double);

static void check_relative(ours_fn *ours, truth_fn *truth, const char *name, double x, long double bound) {
    long double expected = truth(x), error = fabsl(ours(x) - expected);
    if (!(error <= (bound + LIBM_SLACK) * fabsl(expected)))
        fail_msg("%s(%.17g) is off by %.3Lg of its value", name, x, error / fabsl(expected));
}

static void check_absolute(ours_fn *ours, truth_fn *truth, const char *name, double x, long double bound) {
    long double error = fabsl(ours(x) - truth(x));
    if (!(error <= bound + LIBM_SLACK)) fail_msg("%s(%.17g) is off by %.3Lg", name, x, error);
}

static void test_exp(void **state) {
    (void)state;
    for (uint64_t i = 0; i < RANDOM_POINTS; i++) {
        double u = 2.0 * uniform(1, i) - 1.0;
        check_relative(ls_exp, expl, "ls_exp", 700.0 * u, 3e-16L);
        check_relative(ls_exp, expl, "ls_exp", u, 3e-16L);
        check_relative(ls_exp, expl, "ls_exp", ldexp(u, -(int)(i % 60)), 3e-16L);
    }
    assert_true(ls_exp(0.0) == 1.0 && ls_exp(-700.5) == 0.0 && ls_exp(-INFINITY) == 0.0);
    assert_true(ls_exp(INFINITY) == ls_exp(700.0) && ls_exp(1e6) == ls_exp(700.0));
    assert_true(isnan(ls_exp(NAN)));
}

static void test_log(void **state) {
    (void)state;
    for (uint64_t i = 0; i < RANDOM_POINTS; i++) {
        double x = fabs(random_bits(2, i));
        if (isfinite(x) && x >= 0x1p-1022) check_relative(ls_log, logl, "ls_log", x, 6e-16L);
        check_relative(ls_log, logl, "ls_log", 0.5 + 1.5 * uniform(3, i), 6e-16L);
        check_relative(ls_log, logl, "ls_log", 1.0 + ldexp(uniform(4, i), -(int)(i % 50)), 6e-16L);
    }
    assert_true(ls_log(1.0) == 0.0 && ls_log(0.0) == -INFINITY && ls_log(-0.0) == -INFINITY);
    assert_true(ls_log(0x1p-1040) == -INFINITY && ls_log(INFINITY) == INFINITY);
    assert_true(isnan(ls_log(-1.0)) && isnan(ls_log(-INFINITY)) && isnan(ls_log(NAN)));
}

/* Multiples of a quarter turn are where the reduction of the argument shows. */
static void test_sin_cos(void **state) {
    (void)state;
    for (uint64_t i = 0; i < RANDOM_POINTS; i++) {
        double u = 2.0 * uniform(5, i) - 1.0, quarter = (double)(i % 1000) * 1.5707963267948966;
        const double points[] = {1e6 * u, 4.0 * u, 630.0 * quarter, quarter + 1e-9 * u};
        for (size_t k = 0; k < 4; k++) {
            check_absolute(ls_sin, sinl, "ls_sin", points[k], 3e-16L);
            check_absolute(ls_cos, cosl, "ls_cos", points[k], 3e-16L);
        }
    }
    assert_true(ls_sin(0.0) == 0.0 && ls_cos(0.0) == 1.0);
    assert_true(isnan(ls_sin(INFINITY)) && isnan(ls_cos(-INFINITY)) && isnan(ls_sin(NAN)) &&
                isnan(ls_cos(NAN)));
}

static void test_acos(void **state) {
    (void)state;
    for (uint64_t i = 0; i < RANDOM_POINTS; i++) {
        double u = uniform(6, i), near_one = 1.0 - ldexp(u, -(int)(i % 54));
        check_absolute(ls_acos, acosl, "ls_acos", 2.0 * u - 1.0, 1e-15L);
        check_absolute(ls_acos, acosl, "ls_acos", near_one, 1e-15L);
        check_absolute(ls_acos, acosl, "ls_acos", -near_one, 1e-15L);
    }
    const double pi = 3.141592653589793;
    assert_true(ls_acos(1.0) == 0.0 && ls_acos(-1.0) == pi && fabs(ls_acos(0.0) - pi / 2) <= 1e-15);
    assert_true(ls_acos(1.0 + 1e-9) == 0.0 && ls_acos(-1.0 - 1e-9) == pi && ls_acos(INFINITY) == 0.0);
    assert_true(isnan(ls_acos(NAN)));
}

/* The generator is part of the digest, too: the bootstrap draws from it. The first number is the published one
 * for SplitMix64 with seed 1234567. */
static void test_random(void **state) {
    (void)state;
    assert_true(ls_random_u64(1234567, 0) == UINT64_C(6457827717110365317));
    assert_true(ls_random_u64(1234567, 1) == UINT64_C(3203168211198807973));
    uint32_t counts[7] = {0};
    for (uint64_t i = 0; i < 70000; i++) {
        uint32_t drawn = ls_random_below(3, i, 7);
        assert_true(drawn < 7);
        counts[drawn]++;
    }
    for (size_t k = 0; k < 7; k++) assert_in_range(counts[k], 9600, 10400); /* 4 standard deviations of 93 */
    assert_int_equal(ls_random_below(3, 0, 1), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_expf), cmocka_unit_test(test_expf_special), cmocka_unit_test(test_erff),
        cmocka_unit_test(test_exp),  cmocka_unit_test(test_log),          cmocka_unit_test(test_sin_cos),
        cmocka_unit_test(test_acos), cmocka_unit_test(test_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
