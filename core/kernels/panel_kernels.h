/*
 * The vector kernels, written once. A file per instruction set defines what a panel of eight lanes is and the
 * few operations below, then includes this file, which gives it all that PANEL_KERNELS names: scalar.c lane by
 * lane.
 *
 *   PANEL_ROWS   rows of a product worked on at once, 4 or 8: as many as the registers can hold
 *   panel        eight floats
 *     panel_zero, panel_splat, panel_load, panel_store, panel_add, panel_sub, panel_mul
 *     panel_larger(a, b)          a > b ? a : b
 *     panel_smaller(a, b)         a < b ? a : b
 *     panel_power(p, s)           p * 2^n, n in the low mantissa bits of s = n + LS_EXP_ROUND
 *     panel_zero_below(p, x, c)   0 where x < c, else p; a NaN in x is not below
 *     panel_in_order(p)           p, at this place in the program (see below)
 *   sums         eight int32: sums_zero, sums_store, sums_to_panel
 *     sums_count_above(s, a, b)   s + 1 where a > b
 *     sums_count_equal(s, a, b)   s + 1 where a == b
 *   weights      eight pairs of int16 as the products want them
 *     weights_widen(from, to)     sixteen int8 of the packed panel to sixteen int16, in any order
 *     weights_load(from)          what weights_widen wrote
 *     sums_add_dot(s, w, pair)    s + w0 * pair0 + w1 * pair1, lane by lane, at this place in the program
 *
 * At this place in the program: compilers like to gather all terms of one accumulator, which leaves more values
 * alive than there are registers. An empty asm statement that claims to change the value stops that.
 */
#ifndef LS_KERNELS_PANEL_KERNELS_H
#define LS_KERNELS_PANEL_KERNELS_H

#include "base/math.h"
#include "kernels/kernels.h"
#include "kernels/panel_products.h"

static inline uint32_t join_counts(sums s) {
    int32_t lanes[LS_LANES], count = 0;
    sums_store(lanes, s);
    for (size_t i = 0; i < LS_LANES; i++) count += lanes[i];
    return (uint32_t)count;
}

static ls_tile_survey tile_survey(size_t n, const float *z, float floor, float target) {
    panel largest = panel_load(z), floors = panel_splat(floor), targets = panel_splat(target);
    sums above_floor = sums_zero(), above_target = sums_zero(), equal_target = sums_zero();
    for (size_t i = 0; i < n; i += LS_LANES) {
        panel logits = panel_load(z + i);
        largest = panel_larger(largest, logits);
        above_floor = sums_count_above(above_floor, logits, floors);
        above_target = sums_count_above(above_target, logits, targets);
        equal_target = sums_count_equal(equal_target, logits, targets);
    }
    float lanes[LS_LANES];
    panel_store(lanes, largest);
    return (ls_tile_survey){ls_join_max(lanes), join_counts(above_floor), join_counts(above_target),
                            join_counts(equal_target)};
}

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

/* ls_expf in every lane: the same operations in the same order. The bounds come first in the comparisons, so
 * that a NaN passes through. */
INLINE panel panel_exp(const exp_constants *constants, panel x) {
    const panel *c = constants->c;
    panel clamped = panel_larger(c[C_MIN], panel_smaller(c[C_MAX], x));
    panel shifted = panel_add(panel_mul(clamped, c[C_LOG2E]), c[C_ROUND]);
    panel n = panel_sub(shifted, c[C_ROUND]);
    panel r = panel_sub(clamped, panel_mul(n, c[C_LN2_HI]));
    r = panel_sub(r, panel_mul(n, c[C_LN2_LO]));
    panel p = c[C_P4];
    UNROLLED for (size_t i = C_P3; i >= C_P0; i--) p = panel_add(panel_mul(p, r), c[i]);
    p = panel_add(panel_mul(p, panel_mul(r, r)), r);
    p = panel_add(p, c[C_ONE]);
    return panel_zero_below(panel_power(p, shifted), x, c[C_MIN]);
}

static float join(panel p) {
    float lanes[LS_LANES];
    panel_store(lanes, p);
    return ls_join_lanes(lanes);
}

static ls_lens_sums lens_sums(size_t n, const float *z, const float *z_final, float m, float m_final) {
    panel mass = panel_zero(), moment = panel_zero(), cross = panel_zero();
    panel reference = panel_splat(m), reference_final = panel_splat(m_final);
    exp_constants constants = exp_constants_load();
    for (size_t i = 0; i < n; i += LS_LANES) {
        panel below = panel_sub(panel_load(z + i), reference), e = panel_exp(&constants, below);
        panel below_final = panel_sub(panel_load(z_final + i), reference_final);
        mass = panel_add(mass, e);
        moment = panel_add(moment, panel_mul(e, below));
        cross = panel_add(cross, panel_mul(e, panel_sub(below, below_final)));
    }
    return (ls_lens_sums){join(mass), join(moment), join(cross)};
}

#define PANEL_KERNELS(name, available)                                                                         \
    { name, available, q8_tile, q8_minimum_tile, q8_halves_tile, f32_tile, tile_survey, lens_sums }

#endif
