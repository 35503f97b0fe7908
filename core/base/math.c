#include "base/math.h"

static const double ln2_hi = 0x1.62e42fee00000p-1; /* 33 bits: n * ln2_hi is exact for |n| < 2^20 */
static const double ln2_lo = 0x1.a39ef35793c76p-33;

static double from_bits(uint64_t bits) {
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static uint64_t to_bits(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* sum of c[i] * x^i, by Horner's rule */
static double polynomial(const double *c, int degree, double x) {
    double sum = c[degree];
    for (int i = degree - 1; i >= 0; i--) sum = sum * x + c[i];
    return sum;
}

/* Taylor series of exp on |r| <= ln 2 / 2: the first term left out is below 5e-18. */
double ls_exp(double x) {
    static const double c[] = {1.0,
                               1.0,
                               1.0 / 2,
                               1.0 / 6,
                               1.0 / 24,
                               1.0 / 120,
                               1.0 / 720,
                               1.0 / 5040,
                               1.0 / 40320,
                               1.0 / 362880,
                               1.0 / 3628800,
                               1.0 / 39916800,
                               1.0 / 479001600,
                               1.0 / 6227020800.0};
    if (isnan(x)) return x;
    if (x < -700.0) return 0.0;
    if (x > 700.0) x = 700.0;
    double n = rint(x * 0x1.71547652b82fep+0);
    double r = (x - n * ln2_hi) - n * ln2_lo;
    return polynomial(c, 13, r) * from_bits((uint64_t)(1023 + (int64_t)n) << 52);
}

/* log(2^e m) = e ln 2 + 2 atanh(s), s = (m - 1) / (m + 1), m in [sqrt(1/2), sqrt(2)). */
double ls_log(double x) {
    static const double c[] = {1.0,      1.0 / 3,  1.0 / 5,  1.0 / 7,  1.0 / 9, 1.0 / 11,
                               1.0 / 13, 1.0 / 15, 1.0 / 17, 1.0 / 19, 1.0 / 21};
    if (isnan(x) || x < 0.0) return NAN;
    if (x < 0x1p-1022) return -INFINITY;
    if (isinf(x)) return x;
    uint64_t bits = to_bits(x);
    int exponent = (int)(bits >> 52) - 1023;
    double m = from_bits((bits & UINT64_C(0x000fffffffffffff)) | UINT64_C(0x3ff0000000000000));
    if (m > 1.4142135623730951) {
        m *= 0.5;
        exponent++;
    }
    double s = (m - 1.0) / (m + 1.0);
    double tail = 2.0 * s * polynomial(c, 10, s * s);
    return exponent * ln2_hi + (exponent * ln2_lo + tail);
}

/* Taylor series on |r| <= pi / 4. */
static double sin_reduced(double r) {
    static const double c[] = {1.0,
                               -1.0 / 6,
                               1.0 / 120,
                               -1.0 / 5040,
                               1.0 / 362880,
                               -1.0 / 39916800.0,
                               1.0 / 6227020800.0,
                               -1.0 / 1307674368000.0,
                               1.0 / 355687428096000.0};
    return r * polynomial(c, 8, r * r);
}

static double cos_reduced(double r) {
    static const double c[] = {1.0,
                               -1.0 / 2,
                               1.0 / 24,
                               -1.0 / 720,
                               1.0 / 40320,
                               -1.0 / 3628800,
                               1.0 / 479001600.0,
                               -1.0 / 87178291200.0,
                               1.0 / 20922789888000.0,
                               -1.0 / 6402373705728000.0};
    return polynomial(c, 9, r * r);
}

/* x = n * pi / 2 + r, by a pi / 2 in two parts; returns n modulo 4. */
static int reduce_quarter_turns(double x, double *r) {
    static const double hi = 0x1.921fb54400000p+0, lo = 0x1.0b4611a626331p-34;
    double n = rint(x * 0.63661977236758134);
    *r = (x - n * hi) - n * lo;
    return (int)((int64_t)n & 3);
}

double ls_sin(double x) {
    double r = 0.0;
    if (!isfinite(x)) return NAN;
    int quarter = reduce_quarter_turns(x, &r);
    double value = quarter % 2 == 0 ? sin_reduced(r) : cos_reduced(r);
    return quarter >= 2 ? -value : value;
}

double ls_cos(double x) {
    double r = 0.0;
    if (!isfinite(x)) return NAN;
    int quarter = reduce_quarter_turns(x, &r);
    double value = quarter % 2 == 0 ? cos_reduced(r) : sin_reduced(r);
    return quarter == 1 || quarter == 2 ? -value : value;
}

/* atan on [0, 1]: brought to |y| <= tan(pi / 12) by the addition theorem with pi / 6, then the series. */
static double atan_unit(double y) {
    static const double c[] = {1.0,       -1.0 / 3,  1.0 / 5,   -1.0 / 7,  1.0 / 9,
                               -1.0 / 11, 1.0 / 13,  -1.0 / 15, 1.0 / 17,  -1.0 / 19,
                               1.0 / 21,  -1.0 / 23, 1.0 / 25,  -1.0 / 27, 1.0 / 29};
    double base = 0.0;
    if (y > 0.2679491924311227) {
        y = (1.7320508075688772 * y - 1.0) / (1.7320508075688772 + y);
        base = 0.52359877559829887;
    }
    return base + y * polynomial(c, 14, y * y);
}

/* acos(x) = 2 atan(sqrt((1 - x) / (1 + x))) */
double ls_acos(double x) {
    if (isnan(x)) return x;
    if (x >= 1.0) return 0.0;
    if (x <= -1.0) return 3.1415926535897932;
    double y = sqrt((1.0 - x) / (1.0 + x));
    double angle = y > 1.0 ? 1.5707963267948966 - atan_unit(1.0 / y) : atan_unit(y);
    return 2.0 * angle;
}
