#include "report/decimal.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/math.h"

enum { LEAST_DIGITS = 6, MOST_DIGITS = 9 };

/* number / 10^decimals, found with so many significant digits. */
typedef struct decimal {
    uint32_t number;
    int decimals, digits;
} decimal;

/* Whether a float is what its decimal number reads back as: number and power are exact, so that their quotient
 * is the nearest double; the float nearest to that is the one nearest to the decimal number, unless the double
 * lies half-way between two. */
static int reads_back(double number, double power, double value) {
    double quotient = number / power;
    uint64_t bits;
    memcpy(&bits, &quotient, sizeof bits);
    const uint64_t below = (UINT64_C(1) << 29) - 1, half = UINT64_C(1) << 28;
    return (bits & below) != half && (float)quotient == (float)value;
}

/* By arithmetic, for printing and reading back would be most of a report's time. Returns 0 where powers of ten
 * are not exact or no decimal number was found. */
static int find_decimal(double value, decimal *out) {
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    enum { POWERS = sizeof power / sizeof *power };
    int exponent = (int)floor(ls_log(value) * 0.43429448190325183);
    for (int digits = LEAST_DIGITS; digits <= MOST_DIGITS; digits++) {
        int decimals = digits - 1 - exponent;
        if (decimals < 0 || decimals >= POWERS) return 0;
        double number = rint(value * power[decimals]);
        if (!reads_back(number, power[decimals], value)) continue;
        *out = (decimal){(uint32_t)number, decimals, digits};
        return 1;
    }
    return 0;
}

/* Digits of a number above 0 without the zeros at its end, whose count goes to `zeros`. */
static int write_digits(uint32_t number, char digits[16], int *zeros) {
    for (*zeros = 0; number % 10 == 0; ++*zeros) number /= 10;
    char reversed[16];
    int count = 0;
    for (; number > 0; number /= 10) reversed[count++] = (char)('0' + number % 10);
    for (int i = 0; i < count; i++) digits[i] = reversed[count - 1 - i];
    return count;
}

/* The first `count` of the digits, a point after the first `whole` of them. */
static char *put_digits(char *out, const char *digits, int count, int whole) {
    for (int i = 0; i < count || i < whole; i++) {
        if (i == whole) *out++ = '.';
        *out++ = i < count ? digits[i] : '0';
    }
    return out;
}

static void write_decimal(const decimal *d, char *out) {
    char digits[16];
    int zeros = 0, count = write_digits(d->number, digits, &zeros);
    int exponent = count + zeros - 1 - d->decimals;
    if (exponent < -4 || exponent >= d->digits) {
        out = put_digits(out, digits, count, 1);
        unsigned distance = (unsigned)abs(exponent); /* below 100 */
        *out++ = 'e';
        *out++ = exponent < 0 ? '-' : '+';
        *out++ = (char)('0' + distance / 10);
        *out++ = (char)('0' + distance % 10);
        *out = '\0';
        return;
    }
    if (exponent < 0) {
        *out++ = '0';
        *out++ = '.';
        for (int i = -1; i > exponent; i--) *out++ = '0';
    }
    out = put_digits(out, digits, count, exponent < 0 ? count : exponent + 1);
    *out = '\0';
}

void ls_decimal_f32(float value, char out[LS_DECIMAL_MAX]) {
    decimal found;
    double magnitude = fabs((double)value);
    if (signbit(value)) *out++ = '-';
    if (magnitude == 0.0) {
        memcpy(out, "0", 2);
        return;
    }
    if (find_decimal(magnitude, &found)) {
        write_decimal(&found, out);
        return;
    }
    for (int digits = LEAST_DIGITS; digits <= MOST_DIGITS; digits++) {
        snprintf(out, LS_DECIMAL_MAX - 1, "%.*g", digits, magnitude);
        if ((double)strtof(out, NULL) == magnitude) return;
    }
}
