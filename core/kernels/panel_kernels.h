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
 *     panel_zero_below(p, x, c)   0 where x < c, else p
 *     panel_in_order(p)           p, at this place in the program (see below)
 *   sums         eight int32: sums_zero, sums_to_panel
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

static float tile_max(size_t n, const float *z) {
    panel largest = panel_load(z);
    for (size_t i = LS_LANES; i < n; i += LS_LANES) largest = panel_larger(largest, panel_load(z + i));
    float lanes[LS_LANES];
    panel_store(lanes, largest);
    return ls_join_max(lanes);
}

static inline panel multiply_add(panel a, panel b, float c) {
    return panel_add(panel_mul(a, b), panel_splat(c));
}

/* ls_expf in every lane: the same operations in the same order. The bounds come first in the comparisons, so
 * that a NaN passes through. */
static inline panel panel_exp(panel x) {
    panel clamped = panel_smaller(panel_splat(LS_EXP_MAX), x);
    clamped = panel_larger(panel_splat(LS_EXP_MIN), clamped);
    panel shifted = multiply_add(clamped, panel_splat(LS_EXP_LOG2E), LS_EXP_ROUND);
    panel n = panel_sub(shifted, panel_splat(LS_EXP_ROUND));
    panel r = panel_sub(clamped, panel_mul(n, panel_splat(LS_EXP_LN2_HI)));
    r = panel_sub(r, panel_mul(n, panel_splat(LS_EXP_LN2_LO)));
    panel p = multiply_add(panel_splat(LS_EXP_P4), r, LS_EXP_P3);
    p = multiply_add(p, r, LS_EXP_P2);
    p = multiply_add(p, r, LS_EXP_P1);
    p = multiply_add(p, r, LS_EXP_P0);
    p = panel_add(panel_mul(p, panel_mul(r, r)), r);
    p = panel_add(p, panel_splat(1.0f));
    return panel_zero_below(panel_power(p, shifted), x, LS_EXP_MIN);
}

static float join(panel p) {
    float lanes[LS_LANES];
    panel_store(lanes, p);
    return ls_join_lanes(lanes);
}

static ls_lens_sums lens_sums(size_t n, const float *z, const float *z_final, float m, float m_final) {
    panel mass = panel_zero(), moment = panel_zero(), cross = panel_zero();
    panel reference = panel_splat(m), reference_final = panel_splat(m_final);
    for (size_t i = 0; i < n; i += LS_LANES) {
        panel below = panel_sub(panel_load(z + i), reference), e = panel_exp(below);
        panel below_final = panel_sub(panel_load(z_final + i), reference_final);
        mass = panel_add(mass, e);
        moment = panel_add(moment, panel_mul(e, below));
        cross = panel_add(cross, panel_mul(e, panel_sub(below, below_final)));
    }
    return (ls_lens_sums){join(mass), join(moment), join(cross)};
}

#define PANEL_KERNELS(name, available)                                                                         \
    { name, available, q8_tile, q8_minimum_tile, q8_halves_tile, f32_tile, tile_max, lens_sums }

#endif
