/* WebAssembly SIMD: a panel of eight outputs is two registers of four. Compiled with -msimd128. A browser
 * without SIMD cannot load a module that contains this file; the page then takes the scalar build. */
#include <string.h>
#include <wasm_simd128.h>

#include "base/math.h"
#include "kernels/kernels.h"

static int always(void) { return 1; }

static inline v128_t broadcast_pair(const int16_t *x) {
    int32_t pair;
    memcpy(&pair, x, sizeof pair);
    return wasm_i32x4_splat(pair);
}

typedef struct panel {
    v128_t low, high; /* outputs 0..3 and 4..7 */
} panel;

static inline panel panel_zero(void) { return (panel){wasm_i32x4_splat(0), wasm_i32x4_splat(0)}; }

static inline panel panel_load(const float *p) { return (panel){wasm_v128_load(p), wasm_v128_load(p + 4)}; }

static inline void panel_store(float *p, panel v) {
    wasm_v128_store(p, v.low);
    wasm_v128_store(p + 4, v.high);
}

static inline panel panel_add(panel a, panel b) {
    return (panel){wasm_f32x4_add(a.low, b.low), wasm_f32x4_add(a.high, b.high)};
}

static inline panel panel_mul(panel a, panel b) {
    return (panel){wasm_f32x4_mul(a.low, b.low), wasm_f32x4_mul(a.high, b.high)};
}

static inline panel panel_splat(float x) { return (panel){wasm_f32x4_splat(x), wasm_f32x4_splat(x)}; }

/* `rows` is a constant at every call, so that the accumulators stay in registers. */
static inline __attribute__((always_inline)) void q8_rows(size_t rows, size_t blocks, const int16_t *x,
                                                          const float *x_scale, const int8_t *w,
                                                          const float *w_scale, float *out, size_t out_stride) {
    panel sum[LS_TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sum[r] = panel_zero();
    for (size_t b = 0; b < blocks; b++) {
        panel exact[LS_TILE_ROWS];
        for (size_t r = 0; r < rows; r++) exact[r] = panel_zero();
        for (size_t pair = 0; pair < LS_BLOCK / 2; pair++) {
            v128_t packed = wasm_v128_load(w + b * LS_Q8_PANEL_BLOCK + pair * 2 * LS_LANES);
            v128_t low = wasm_i16x8_extend_low_i8x16(packed);
            v128_t high = wasm_i16x8_extend_high_i8x16(packed);
            for (size_t r = 0; r < rows; r++) {
                v128_t inputs = broadcast_pair(x + (r * blocks + b) * LS_BLOCK + 2 * pair);
                exact[r].low = wasm_i32x4_add(exact[r].low, wasm_i32x4_dot_i16x8(low, inputs));
                exact[r].high = wasm_i32x4_add(exact[r].high, wasm_i32x4_dot_i16x8(high, inputs));
            }
        }
        panel weight_scale = panel_load(w_scale + b * LS_LANES);
        for (size_t r = 0; r < rows; r++) {
            panel scale = panel_mul(panel_splat(x_scale[r * blocks + b]), weight_scale);
            panel converted = {wasm_f32x4_convert_i32x4(exact[r].low), wasm_f32x4_convert_i32x4(exact[r].high)};
            sum[r] = panel_add(sum[r], panel_mul(converted, scale));
        }
    }
    for (size_t r = 0; r < rows; r++) panel_store(out + r * out_stride, sum[r]);
}

static void q8_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                    const float *w_scale, float *out, size_t out_stride) {
    switch (rows) {
    case 4:
        q8_rows(4, blocks, x, x_scale, w, w_scale, out, out_stride);
        break;
    case 3:
        q8_rows(3, blocks, x, x_scale, w, w_scale, out, out_stride);
        break;
    case 2:
        q8_rows(2, blocks, x, x_scale, w, w_scale, out, out_stride);
        break;
    case 1:
        q8_rows(1, blocks, x, x_scale, w, w_scale, out, out_stride);
        break;
    default:
        break;
    }
}

static inline __attribute__((always_inline)) void f32_rows(size_t rows, size_t inputs, const float *x,
                                                           size_t x_stride, const float *w, float *out,
                                                           size_t out_stride) {
    panel sum[LS_TILE_ROWS];
    for (size_t r = 0; r < rows; r++) sum[r] = panel_zero();
    for (size_t k = 0; k < inputs; k++) {
        panel weights = panel_load(w + k * LS_LANES);
        for (size_t r = 0; r < rows; r++)
            sum[r] = panel_add(sum[r], panel_mul(panel_splat(x[r * x_stride + k]), weights));
    }
    for (size_t r = 0; r < rows; r++) panel_store(out + r * out_stride, sum[r]);
}

static void f32_tile(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
                     size_t out_stride) {
    switch (rows) {
    case 4:
        f32_rows(4, inputs, x, x_stride, w, out, out_stride);
        break;
    case 3:
        f32_rows(3, inputs, x, x_stride, w, out, out_stride);
        break;
    case 2:
        f32_rows(2, inputs, x, x_stride, w, out, out_stride);
        break;
    case 1:
        f32_rows(1, inputs, x, x_stride, w, out, out_stride);
        break;
    default:
        break;
    }
}

/* a > b ? a : b, which is pmax with its operands exchanged. */
static inline v128_t larger(v128_t a, v128_t b) { return wasm_f32x4_pmax(b, a); }

static float tile_max(size_t n, const float *z) {
    panel largest = panel_load(z);
    for (size_t i = LS_LANES; i < n; i += LS_LANES) {
        panel next = panel_load(z + i);
        largest = (panel){larger(largest.low, next.low), larger(largest.high, next.high)};
    }
    float lanes[LS_LANES];
    panel_store(lanes, largest);
    return ls_join_max(lanes);
}

static inline v128_t multiply_add(v128_t a, v128_t b, v128_t c) {
    return wasm_f32x4_add(wasm_f32x4_mul(a, b), c);
}

/* ls_expf, four at a time: the same operations in the same order. */
static inline v128_t exp4(v128_t x) {
    v128_t min = wasm_f32x4_splat(LS_EXP_MIN), round = wasm_f32x4_splat(LS_EXP_ROUND);
    v128_t clamped = wasm_f32x4_pmin(x, wasm_f32x4_splat(LS_EXP_MAX));
    clamped = wasm_f32x4_pmax(clamped, min);
    v128_t shifted = multiply_add(clamped, wasm_f32x4_splat(LS_EXP_LOG2E), round);
    v128_t n = wasm_f32x4_sub(shifted, round);
    v128_t r = wasm_f32x4_sub(clamped, wasm_f32x4_mul(n, wasm_f32x4_splat(LS_EXP_LN2_HI)));
    r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, wasm_f32x4_splat(LS_EXP_LN2_LO)));
    v128_t p = multiply_add(wasm_f32x4_splat(LS_EXP_P4), r, wasm_f32x4_splat(LS_EXP_P3));
    p = multiply_add(p, r, wasm_f32x4_splat(LS_EXP_P2));
    p = multiply_add(p, r, wasm_f32x4_splat(LS_EXP_P1));
    p = multiply_add(p, r, wasm_f32x4_splat(LS_EXP_P0));
    p = multiply_add(p, wasm_f32x4_mul(r, r), r);
    p = wasm_f32x4_add(p, wasm_f32x4_splat(1.0f));
    v128_t power = wasm_i32x4_add(wasm_i32x4_shl(shifted, 23), wasm_i32x4_splat(0x3f800000));
    return wasm_v128_andnot(wasm_f32x4_mul(p, power), wasm_f32x4_lt(x, min));
}

static ls_lens_sums lens_sums(size_t n, const float *z, const float *z_final, float m) {
    panel mass = panel_zero(), moment = mass, cross = mass;
    v128_t reference = wasm_f32x4_splat(m);
    for (size_t i = 0; i < n; i += LS_LANES) {
        panel logit = panel_load(z + i), final = panel_load(z_final + i);
        panel below = {wasm_f32x4_sub(logit.low, reference), wasm_f32x4_sub(logit.high, reference)};
        panel apart = {wasm_f32x4_sub(logit.low, final.low), wasm_f32x4_sub(logit.high, final.high)};
        panel e = {exp4(below.low), exp4(below.high)};
        mass = panel_add(mass, e);
        moment = panel_add(moment, panel_mul(e, below));
        cross = panel_add(cross, panel_mul(e, apart));
    }
    float lanes[3][LS_LANES];
    panel_store(lanes[0], mass);
    panel_store(lanes[1], moment);
    panel_store(lanes[2], cross);
    return (ls_lens_sums){ls_join_lanes(lanes[0]), ls_join_lanes(lanes[1]), ls_join_lanes(lanes[2])};
}

const ls_kernels ls_kernels_simd128 = {"simd128", always, q8_tile, f32_tile, tile_max, lens_sums};
