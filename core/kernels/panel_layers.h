/*
 * What happens between two products: quantised activations, activation functions, attention. scalar.c lane by
 * lane; part of panel_kernels.h, which says what a panel is.
 */
#ifndef LS_KERNELS_PANEL_LAYERS_H
#define LS_KERNELS_PANEL_LAYERS_H

#include "kernels/panel_math.h"

/* ---- activations to int16 ------------------------------------------------------------------------------ */

static float sum_lanes(panel p) {
    float lanes[LS_LANES], sum = 0.0f;
    panel_store(lanes, p);
    for (size_t i = 0; i < LS_LANES; i++) sum = sum + lanes[i];
    return sum;
}

static float max_lanes(panel p) {
    float lanes[LS_LANES];
    panel_store(lanes, p);
    return ls_join_max(lanes);
}

static void quantise(size_t blocks, const float *x, int16_t *q, float *scale) {
    for (size_t b = 0; b < blocks; b++, x += LS_BLOCK, q += LS_BLOCK) {
        panel largest = panel_zero(), nothing = panel_zero();
        for (size_t i = 0; i < LS_BLOCK; i += LS_LANES) {
            panel inputs = panel_load(x + i);
            largest = panel_larger(panel_magnitude(inputs), largest);
            nothing = panel_add(nothing, panel_mul(inputs, panel_zero()));
        }
        float most = max_lanes(largest), none = sum_lanes(nothing), inverse = ls_quantised_inverse(most, none);
        scale[b] = ls_quantised_scale(most, none);
        if (!(inverse > 0.0f)) memset(q, 0, LS_BLOCK * sizeof *q);
        for (size_t i = 0; inverse > 0.0f && i < LS_BLOCK; i += LS_LANES)
            panel_store_int16(q + i, panel_mul(panel_load(x + i), panel_splat(inverse)));
    }
}

/* ---- one value at a time ------------------------------------------------------------------------------- */

typedef panel lane_function(const exp_constants *constants, panel x, panel argument);

/* What is over after the last whole panel goes through one of its own. */
INLINE void map(size_t n, float *x, lane_function *function, float argument) {
    exp_constants constants = exp_constants_load();
    panel arguments = panel_splat(argument);
    size_t i = 0;
    for (; i + LS_LANES <= n; i += LS_LANES)
        panel_store(x + i, function(&constants, panel_load(x + i), arguments));
    if (i == n) return;
    float rest[LS_LANES] = {0};
    memcpy(rest, x + i, (n - i) * sizeof *x);
    panel_store(rest, function(&constants, panel_load(rest), arguments));
    memcpy(x + i, rest, (n - i) * sizeof *x);
}

INLINE panel panel_logistic(const exp_constants *constants, panel x, panel exponent) {
    return panel_div(x, panel_add(constants->c[C_ONE], panel_exp(constants, exponent)));
}

INLINE panel gelu_tanh_lanes(const exp_constants *constants, panel x, panel unused) {
    (void)unused;
    panel cube = panel_mul(panel_mul(x, x), x);
    panel u = panel_add(x, panel_mul(panel_splat(0.044715f), cube));
    u = panel_mul(panel_splat(0.7978845608f), u);
    return panel_logistic(constants, x, panel_mul(panel_splat(-2.0f), u));
}

INLINE panel gelu_erf_lanes(const exp_constants *constants, panel x, panel unused) {
    (void)unused;
    panel erf = panel_erf(constants, panel_mul(x, panel_splat(0.7071067812f)));
    return panel_mul(panel_mul(panel_splat(0.5f), x), panel_add(constants->c[C_ONE], erf));
}

INLINE panel silu_lanes(const exp_constants *constants, panel x, panel unused) {
    (void)unused;
    return panel_logistic(constants, x, panel_sub(panel_zero(), x));
}

INLINE panel relu_lanes(const exp_constants *constants, panel x, panel unused) {
    (void)constants;
    (void)unused;
    return panel_zero_below(x, x, panel_zero());
}

INLINE panel exponential_lanes(const exp_constants *constants, panel x, panel reference) {
    return panel_exp(constants, panel_sub(x, reference));
}

static void gelu_tanh(size_t n, float *x) { map(n, x, gelu_tanh_lanes, 0.0f); }
static void gelu_erf(size_t n, float *x) { map(n, x, gelu_erf_lanes, 0.0f); }
static void silu(size_t n, float *x) { map(n, x, silu_lanes, 0.0f); }
static void relu(size_t n, float *x) { map(n, x, relu_lanes, 0.0f); }
static void exponentials(size_t n, float *x, float reference) { map(n, x, exponential_lanes, reference); }

/* ---- attention ----------------------------------------------------------------------------------------- */

/* Outputs [0, panels * LS_LANES), which stay in registers while the rows go by. */
INLINE void add_rows_to(size_t panels, size_t count, const float *weight, const float *rows, size_t stride,
                        float *out) {
    enum { MOST = 4 };
    panel sum[MOST];
    UNROLLED for (size_t p = 0; p < panels; p++) sum[p] = panel_load(out + p * LS_LANES);
    for (size_t j = 0; j < count; j++) {
        panel factor = panel_splat(weight[j]);
        UNROLLED for (size_t p = 0; p < panels; p++) sum[p] =
            panel_add(sum[p], panel_mul(factor, panel_load(rows + j * stride + p * LS_LANES)));
    }
    UNROLLED for (size_t p = 0; p < panels; p++) panel_store(out + p * LS_LANES, sum[p]);
}

static void add_rows(size_t count, const float *weight, const float *rows, size_t stride, size_t n,
                     float *out) {
    size_t i = 0;
    for (; i + 4 * LS_LANES <= n; i += 4 * LS_LANES) add_rows_to(4, count, weight, rows + i, stride, out + i);
    for (; i + LS_LANES <= n; i += LS_LANES) add_rows_to(1, count, weight, rows + i, stride, out + i);
    for (size_t j = 0; j < count && i < n; j++)
        for (size_t k = i; k < n; k++) out[k] = out[k] + weight[j] * rows[j * stride + k];
}

#endif
