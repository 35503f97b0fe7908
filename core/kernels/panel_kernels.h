/*
 * The vector kernels, written once. A file per instruction set defines what a panel of eight lanes is and the
 * few operations below, then includes this file, which gives it all that PANEL_KERNELS names: scalar.c lane by
 * lane.
 *
 *   PANEL_ROWS   rows of a product worked on at once, 4 or 8: as many as the registers can hold
 *   panel        eight floats
 *     panel_zero, panel_splat, panel_load, panel_store, panel_add, panel_sub, panel_mul, panel_div
 *     panel_magnitude(p)          p without its sign
 *     panel_with_sign(p, s)       the magnitude of p with the sign of s
 *     panel_store_int16(q, p)     eight int16, rounded half to even; |p| is below 32767.5
 *     panel_larger(a, b)          a > b ? a : b
 *     panel_smaller(a, b)         a < b ? a : b
 *     panel_power(s)              2^n, n in the low mantissa bits of s = n + LS_EXP_ROUND
 *     panel_zero_below(p, x, c)   0 where x < c, else p; a NaN in x is not below
 *     panel_above(a, b)           a bit for each lane, 1 where a > b
 *     panel_in_order(p)           p, at this place in the program (see below)
 *   counts       eight int32: counts_zero, counts_store
 *     counts_add_above(c, a, b)   c + 1 where a > b
 *     counts_add_equal(c, a, b)   c + 1 where a == b
 *   PANEL_PAIRS  pairs of inputs that a product takes in one step
 *   sums         for each lane an exact sum, in one int32 or several: sums_zero, sums_to_panel
 *   panel_fetch(p)  brings the line of *p, which is there to be read, nearer; waits for nothing
 *   weights      eight times PANEL_PAIRS pairs of int16 as the products want them
 *     weights_widen(from, to)     so many int8 of the packed panel to int16, in any order
 *     weights_load(from)          what weights_widen wrote
 *     sums_add_dot(s, w, inputs)  s + the products of w with PANEL_PAIRS pairs of inputs, lane by lane, at this
 *                                 place in the program
 *
 * At this place in the program: compilers like to gather all terms of one accumulator, which leaves more values
 * alive than there are registers. An empty asm statement that claims to change the value stops that.
 */
#ifndef LS_KERNELS_PANEL_KERNELS_H
#define LS_KERNELS_PANEL_KERNELS_H

#include "kernels/kernels.h"
#include "kernels/panel_products.h"

#include "kernels/panel_math.h"

#include "kernels/panel_layers.h"

static inline uint32_t join_counts(counts c) {
    int32_t lanes[LS_LANES], count = 0;
    counts_store(lanes, c);
    for (size_t i = 0; i < LS_LANES; i++) count += lanes[i];
    return (uint32_t)count;
}

static size_t tile_above(size_t n, const float *z, float floor, uint32_t *place) {
    panel floors = panel_splat(floor);
    size_t count = 0;
    for (size_t i = 0; i < n; i += LS_LANES)
        for (uint32_t above = panel_above(panel_load(z + i), floors); above != 0; above &= above - 1)
            place[count++] = (uint32_t)i + (uint32_t)__builtin_ctz(above);
    return count;
}

static ls_tile_survey tile_survey(size_t n, const float *z, float floor, float target) {
    panel largest = panel_load(z), floors = panel_splat(floor), targets = panel_splat(target);
    counts above_floor = counts_zero(), above_target = counts_zero(), equal_target = counts_zero();
    for (size_t i = 0; i < n; i += LS_LANES) {
        panel logits = panel_load(z + i);
        largest = panel_larger(largest, logits);
        above_floor = counts_add_above(above_floor, logits, floors);
        above_target = counts_add_above(above_target, logits, targets);
        equal_target = counts_add_equal(equal_target, logits, targets);
    }
    float lanes[LS_LANES];
    panel_store(lanes, largest);
    return (ls_tile_survey){ls_join_max(lanes), join_counts(above_floor), join_counts(above_target),
                            join_counts(equal_target)};
}

static float join(panel p) {
    float lanes[LS_LANES];
    panel_store(lanes, p);
    return ls_join_lanes(lanes);
}

enum { SUMS_AT_ONCE = 256 };

LEAF split_exponents(size_t n, const float *z, panel reference, float *rest, float *power) {
    exp_constants constants = exp_constants_load();
    for (size_t i = 0; i < n; i += LS_LANES) {
        exp_parts parts = panel_exp_split(&constants, panel_sub(panel_load(z + i), reference));
        panel_store(rest + i, parts.rest);
        panel_store(power + i, parts.power);
    }
}

/* e[i] is the rest and becomes the exponential. */
LEAF join_exponentials(size_t n, const float *power, float *e) {
    exp_constants constants = exp_constants_load();
    for (size_t i = 0; i < n; i += LS_LANES)
        panel_store(e + i, panel_mul(panel_exp_rest(&constants, panel_load(e + i)), panel_load(power + i)));
}

/* Exponentials first, in two steps, and sums of them next: together they want more registers than there are. */
static ls_lens_sums lens_sums(size_t n, const float *z, const float *z_final, float m, float m_final) {
    panel mass = panel_zero(), moment = panel_zero(), cross = panel_zero();
    panel reference = panel_splat(m), reference_final = panel_splat(m_final);
    for (size_t first = 0; first < n; first += SUMS_AT_ONCE) {
        float e[SUMS_AT_ONCE], power[SUMS_AT_ONCE];
        size_t count = n - first < SUMS_AT_ONCE ? n - first : SUMS_AT_ONCE;
        split_exponents(count, z + first, reference, e, power);
        join_exponentials(count, power, e);
        for (size_t i = 0; i < count; i += LS_LANES) {
            panel below = panel_sub(panel_load(z + first + i), reference), each = panel_load(e + i);
            panel below_final = panel_sub(panel_load(z_final + first + i), reference_final);
            mass = panel_add(mass, each);
            moment = panel_add(moment, panel_mul(each, below));
            cross = panel_add(cross, panel_mul(each, panel_sub(below, below_final)));
        }
    }
    return (ls_lens_sums){join(mass), join(moment), join(cross)};
}

#define PANEL_KERNELS(name, available)                                                                         \
    {                                                                                                          \
        name, available, q8_tile, q8_minimum_tile, q8_halves_tile, f32_tile, quantise,                         \
            {gelu_tanh, gelu_erf, silu, relu}, exponentials, add_rows, tile_survey, tile_above, lens_sums      \
    }

#endif
