/*
 * The vector kernels, written once. A file per instruction set defines what a panel of eight lanes is and the
 * few operations below, then includes this file, which gives it `q8_tile`, `q8_minimum_tile`, `q8_halves_tile`,
 * `f32_tile`, `tile_max` and `lens_sums`: scalar.c lane by lane.
 *
 *   panel        eight floats             panel_zero, panel_splat, panel_load, panel_store, panel_add,
 * panel_sub, panel_mul panel_larger(a, b): a > b ? a : b, panel_smaller(a, b): a < b ? a : b panel_power(p, s):
 * p * 2^n, n in the low mantissa bits of s = n + LS_EXP_ROUND panel_zero_below(p, x, limit): 0 where x < limit,
 * else p sums         eight int32              sums_zero, sums_to_panel weights      eight pairs of int16
 * weights_load (from sixteen int8) sums_add_dot(s, w, pair): s + w0 * pair0 + w1 * pair1, lane by lane
 */
#ifndef LS_KERNELS_PANEL_KERNELS_H
#define LS_KERNELS_PANEL_KERNELS_H

#include <string.h>

#include "base/math.h"
#include "kernels/kernels.h"

/* Two neighbouring inputs as the bits of one int32. */
static inline int32_t input_pair(const int16_t *x) {
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return pair;
}

/* `rows` is a constant in each case, so that the accumulators stay in registers. */
#define CONSTANT_ROWS(function, rows, ...)                                                                     \
    switch (rows) {                                                                                            \
    case 4:                                                                                                    \
        function(4, __VA_ARGS__);                                                                              \
        break;                                                                                                 \
    case 3:                                                                                                    \
        function(3, __VA_ARGS__);                                                                              \
        break;                                                                                                 \
    case 2:                                                                                                    \
        function(2, __VA_ARGS__);                                                                              \
        break;                                                                                                 \
    case 1:                                                                                                    \
        function(1, __VA_ARGS__);                                                                              \
        break;                                                                                                 \
    default:                                                                                                   \
        break;                                                                                                 \
    }
#define INLINE static inline __attribute__((always_inline)) void

/* Exact sums of pairs [from, end) of block b, for each row. */
INLINE sum_pairs(size_t rows, size_t blocks, size_t b, size_t from, size_t end, const int16_t *x,
                 const int8_t *w, sums *exact) {
    for (size_t r = 0; r < rows; r++) exact[r] = sums_zero();
    for (size_t pair = from; pair < end; pair++) {
        weights packed = weights_load(w + b * LS_Q8_PANEL_BLOCK + pair * 2 * LS_LANES);
        for (size_t r = 0; r < rows; r++)
            exact[r] = sums_add_dot(exact[r], packed, input_pair(x + (r * blocks + b) * LS_BLOCK + 2 * pair));
    }
}

/* total[r] += exact[r] * (x_scale[r][b] * w_scale) */
INLINE add_scaled(size_t rows, size_t blocks, size_t b, const sums *exact, const float *x_scale,
                  const float *w_scale, panel *total) {
    panel weight_scale = panel_load(w_scale);
    for (size_t r = 0; r < rows; r++) {
        panel scale = panel_mul(panel_splat(x_scale[r * blocks + b]), weight_scale);
        total[r] = panel_add(total[r], panel_mul(sums_to_panel(exact[r]), scale));
    }
}

INLINE q8_rows(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
               const float *w_scale, float *out, size_t out_stride) {
    panel total[LS_TILE_ROWS];
    for (size_t r = 0; r < rows; r++) total[r] = panel_zero();
    for (size_t b = 0; b < blocks; b++) {
        sums exact[LS_TILE_ROWS];
        sum_pairs(rows, blocks, b, 0, LS_BLOCK / 2, x, w, exact);
        add_scaled(rows, blocks, b, exact, x_scale, w_scale + b * LS_LANES, total);
    }
    for (size_t r = 0; r < rows; r++) panel_store(out + r * out_stride, total[r]);
}

static void q8_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                    const float *w_scale, float *out, size_t out_stride){
    CONSTANT_ROWS(q8_rows, rows, blocks, x, x_scale, w, w_scale, out, out_stride)}

INLINE q8_minimum_rows(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const float *x_sum,
                       const int8_t *w, const float *w_scale, const float *w_minimum, float *out,
                       size_t out_stride) {
    panel total[LS_TILE_ROWS];
    for (size_t r = 0; r < rows; r++) total[r] = panel_zero();
    for (size_t b = 0; b < blocks; b++) {
        sums exact[LS_TILE_ROWS];
        sum_pairs(rows, blocks, b, 0, LS_BLOCK / 2, x, w, exact);
        add_scaled(rows, blocks, b, exact, x_scale, w_scale + b * LS_LANES, total);
        panel minimum = panel_load(w_minimum + b * LS_LANES);
        for (size_t r = 0; r < rows; r++)
            total[r] = panel_add(total[r], panel_mul(panel_splat(x_sum[r * blocks + b]), minimum));
    }
    for (size_t r = 0; r < rows; r++) panel_store(out + r * out_stride, total[r]);
}

static void q8_minimum_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale,
                            const float *x_sum, const int8_t *w, const float *w_scale, const float *w_minimum,
                            float *out, size_t out_stride){
    CONSTANT_ROWS(q8_minimum_rows, rows, blocks, x, x_scale, x_sum, w, w_scale, w_minimum, out, out_stride)}

INLINE q8_halves_rows(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                      const float *w_scale, float *out, size_t out_stride) {
    panel total[LS_TILE_ROWS];
    for (size_t r = 0; r < rows; r++) total[r] = panel_zero();
    for (size_t b = 0; b < blocks; b++) {
        sums exact[LS_TILE_ROWS];
        sum_pairs(rows, blocks, b, 0, LS_BLOCK / 4, x, w, exact);
        add_scaled(rows, blocks, b, exact, x_scale, w_scale + 2 * b * LS_LANES, total);
        sum_pairs(rows, blocks, b, LS_BLOCK / 4, LS_BLOCK / 2, x, w, exact);
        add_scaled(rows, blocks, b, exact, x_scale, w_scale + (2 * b + 1) * LS_LANES, total);
    }
    for (size_t r = 0; r < rows; r++) panel_store(out + r * out_stride, total[r]);
}

static void q8_halves_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                           const float *w_scale, float *out, size_t out_stride){
    CONSTANT_ROWS(q8_halves_rows, rows, blocks, x, x_scale, w, w_scale, out, out_stride)}

INLINE f32_rows(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
                size_t out_stride) {
    panel total[LS_TILE_ROWS];
    for (size_t r = 0; r < rows; r++) total[r] = panel_zero();
    for (size_t k = 0; k < inputs; k++) {
        panel packed = panel_load(w + k * LS_LANES);
        for (size_t r = 0; r < rows; r++)
            total[r] = panel_add(total[r], panel_mul(panel_splat(x[r * x_stride + k]), packed));
    }
    for (size_t r = 0; r < rows; r++) panel_store(out + r * out_stride, total[r]);
}

static void f32_tile(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
                     size_t out_stride) {
    CONSTANT_ROWS(f32_rows, rows, inputs, x, x_stride, w, out, out_stride)
}

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

#endif
