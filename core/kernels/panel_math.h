/*
 * The elementary functions of base/math.h in every lane of a panel: the same operations in the same order. Part
 * of panel_kernels.h, which says what a panel is.
 */
#ifndef LS_KERNELS_PANEL_MATH_H
#define LS_KERNELS_PANEL_MATH_H

#include "base/math.h"
#include "kernels/kernels.h"

/* The constants of ls_expf. They are read through a pointer whose origin the compiler cannot see: a WebAssembly
 * engine would otherwise build each of them anew in every round of a loop. */
enum { C_MAX, C_MIN, C_LOG2E, C_ROUND, C_LN2_HI, C_LN2_LO, C_P0, C_P1, C_P2, C_P3, C_P4, C_ONE, EXP_CONSTANTS };

static const float exp_numbers[EXP_CONSTANTS] = {LS_EXP_MAX,    LS_EXP_MIN,    LS_EXP_LOG2E, LS_EXP_ROUND,
                                                 LS_EXP_LN2_HI, LS_EXP_LN2_LO, LS_EXP_P0,    LS_EXP_P1,
                                                 LS_EXP_P2,     LS_EXP_P3,     LS_EXP_P4,    1.0f};

typedef struct exp_constants {
    panel c[EXP_CONSTANTS];
} exp_constants;

INLINE exp_constants exp_constants_load(void) {
    const float *numbers = exp_numbers;
    __asm__ volatile("" : "+r"(numbers));
    exp_constants constants;
    UNROLLED for (size_t i = 0; i < EXP_CONSTANTS; i++) constants.c[i] = panel_splat(numbers[i]);
    return constants;
}

/* exp(x) = e^rest * power, power = 2^n: two steps of few constants each. A long loop takes one after the other,
 * for both together want more registers than processors have. */
typedef struct exp_parts {
    panel rest, power;
} exp_parts;

/* The first step of ls_expf. The bounds come first in the comparisons, so that a NaN passes through. */
INLINE exp_parts panel_exp_split(const exp_constants *constants, panel x) {
    const panel *c = constants->c;
    panel clamped = panel_larger(c[C_MIN], panel_smaller(c[C_MAX], x));
    panel shifted = panel_add(panel_mul(clamped, c[C_LOG2E]), c[C_ROUND]);
    panel n = panel_sub(shifted, c[C_ROUND]);
    panel r = panel_sub(clamped, panel_mul(n, c[C_LN2_HI]));
    r = panel_sub(r, panel_mul(n, c[C_LN2_LO]));
    return (exp_parts){r, panel_zero_below(panel_power(shifted), x, c[C_MIN])};
}

/* The second: e^r for |r| <= ln(2) / 2. */
INLINE panel panel_exp_rest(const exp_constants *constants, panel r) {
    const panel *c = constants->c;
    panel p = c[C_P4];
    UNROLLED for (size_t i = C_P3; i >= C_P0; i--) p = panel_add(panel_mul(p, r), c[i]);
    p = panel_add(panel_mul(p, panel_mul(r, r)), r);
    return panel_add(p, c[C_ONE]);
}

/* ls_expf in every lane: the same operations in the same order, but that 0 comes from the power. */
INLINE panel panel_exp(const exp_constants *constants, panel x) {
    exp_parts parts = panel_exp_split(constants, x);
    return panel_mul(panel_exp_rest(constants, parts.rest), parts.power);
}

/* ls_erff in every lane. */
INLINE panel panel_erf(const exp_constants *constants, panel x) {
    static const float fitted[] = {-0.41617540f, 0.72925032f, -0.42490302f, 0.44291215f,
                                   0.12620211f,  0.23932147f, 0.22469272f};
    panel one = constants->c[C_ONE], magnitude = panel_magnitude(x);
    panel t = panel_div(one, panel_add(one, panel_mul(panel_splat(0.4f), magnitude)));
    panel p = panel_splat(0.07869964f);
    UNROLLED for (size_t i = 0; i < sizeof fitted / sizeof *fitted; i++) p =
        panel_add(panel_mul(p, t), panel_splat(fitted[i]));
    panel square = panel_sub(panel_zero(), panel_mul(magnitude, magnitude));
    panel tail = panel_mul(panel_mul(p, t), panel_exp(constants, square));
    return panel_with_sign(panel_sub(one, tail), x);
}

#endif
