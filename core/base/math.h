/*
 * The core's own elementary functions: libm differs between platforms in the last bit, these do not. Single
 * precision inline, in operations that every instruction set rounds alike, so that the kernels can repeat them
 * lane by lane; double precision in math.c. sqrt, division and rounding to integer are exact by IEEE 754 and
 * come from the platform. Error bounds are against the true value and are asserted in tests/unit/test_math.c.
 */
#ifndef LS_BASE_MATH_H
#define LS_BASE_MATH_H

#include <math.h>
#include <stdint.h>
#include <string.h>

/* exp(x) = 2^n * (1 + r + r^2 P(r)), n = round(x / ln 2), |r| <= ln 2 / 2; Cody and Waite's two-part ln 2.
 * P: least-maximum fit of (e^r - 1 - r) / r^2, degree 4. */
#define LS_EXP_LOG2E  1.44269504f
#define LS_EXP_ROUND  12582912.0f /* 1.5 * 2^23: adding it leaves round(x) in the low mantissa bits */
#define LS_EXP_LN2_HI 0.693359375f
#define LS_EXP_LN2_LO (-2.12194440e-4f)
#define LS_EXP_P0     0.5f
#define LS_EXP_P1     0.16666577f
#define LS_EXP_P2     0.04166638f
#define LS_EXP_P3     0.00836318f
#define LS_EXP_P4     0.00139411f
#define LS_EXP_MIN    (-87.0f) /* below: 0 */
#define LS_EXP_MAX    88.0f    /* above: exp(88) */

static inline uint32_t ls_float_bits(float x) {
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float ls_float_from_bits(uint32_t bits) {
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* Relative error below 1e-7 for x in [-87, 88]; 0 below, exp(88) above; NaN stays NaN. */
static inline float ls_expf(float x) {
    float clamped = x > LS_EXP_MAX ? LS_EXP_MAX : x;
    clamped = clamped < LS_EXP_MIN ? LS_EXP_MIN : clamped;
    float shifted = clamped * LS_EXP_LOG2E + LS_EXP_ROUND;
    float n = shifted - LS_EXP_ROUND;
    float r = clamped - n * LS_EXP_LN2_HI;
    r = r - n * LS_EXP_LN2_LO;
    float p = LS_EXP_P4 * r + LS_EXP_P3;
    p = p * r + LS_EXP_P2;
    p = p * r + LS_EXP_P1;
    p = p * r + LS_EXP_P0;
    p = p * (r * r) + r;
    p = p + 1.0f;
    float result = p * ls_float_from_bits((ls_float_bits(shifted) << 23) + 0x3f800000u);
    return x < LS_EXP_MIN ? 0.0f : result;
}

/* erf(x) = sign(x) (1 - t exp(-x^2) P(t)), t = 1 / (1 + 0.4 |x|): the form of Abramowitz and Stegun 7.1.26 with
 * a polynomial of degree 7 fitted for single precision. Absolute error below 5e-7. */
static inline float ls_erff(float x) {
    float magnitude = fabsf(x);
    float t = 1.0f / (1.0f + 0.4f * magnitude);
    float p = 0.07869964f * t - 0.41617540f;
    p = p * t + 0.72925032f;
    p = p * t - 0.42490302f;
    p = p * t + 0.44291215f;
    p = p * t + 0.12620211f;
    p = p * t + 0.23932147f;
    p = p * t + 0.22469272f;
    float tail = p * t * ls_expf(-(magnitude * magnitude));
    return copysignf(1.0f - tail, x);
}

/* Double precision; relative error below 3e-16 for exp (x in [-700, 700]), 6e-16 for log (normal x > 0),
 * absolute error below 1e-15 for acos (x in [-1, 1]), 3e-16 for sin and cos (|x| <= 1e6). */
double ls_exp(double x); /* 0 below -700, exp(700) above 700 */
double ls_log(double x); /* -infinity at 0, NaN below; subnormal numbers are taken as 0 */
double ls_sin(double x);
double ls_cos(double x);
double ls_acos(double x); /* arguments beyond +-1 are taken as +-1 */

#endif
