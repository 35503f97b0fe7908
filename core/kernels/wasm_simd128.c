/* WebAssembly SIMD: a panel of eight lanes is two registers of four. Compiled with -msimd128. A browser without
 * SIMD cannot load a module that contains this file; the page then takes the scalar build. */
#include <stdint.h>
#include <wasm_simd128.h>

#define PANEL_ROWS  4u
#define PANEL_PAIRS 1u

/* Lanes 0..3 and 4..7; of weights, pairs 0..3 and 4..7. */
typedef struct pair_of_registers {
    v128_t low, high;
} panel, sums, counts, weights;

#define EACH(operation, a, b) ((panel){operation((a).low, (b).low), operation((a).high, (b).high)})

static inline panel panel_splat(float x) { return (panel){wasm_f32x4_splat(x), wasm_f32x4_splat(x)}; }
static inline panel panel_zero(void) { return panel_splat(0.0f); }
static inline panel panel_load(const float *p) { return (panel){wasm_v128_load(p), wasm_v128_load(p + 4)}; }
static inline panel panel_add(panel a, panel b) { return EACH(wasm_f32x4_add, a, b); }
static inline panel panel_sub(panel a, panel b) { return EACH(wasm_f32x4_sub, a, b); }
static inline panel panel_mul(panel a, panel b) { return EACH(wasm_f32x4_mul, a, b); }
static inline panel panel_div(panel a, panel b) { return EACH(wasm_f32x4_div, a, b); }
/* pmax(b, a) is b < a ? a : b, pmin(b, a) is a < b ? a : b. */
static inline panel panel_larger(panel a, panel b) { return EACH(wasm_f32x4_pmax, b, a); }
static inline panel panel_smaller(panel a, panel b) { return EACH(wasm_f32x4_pmin, b, a); }

static inline void panel_store(float *p, panel v) {
    wasm_v128_store(p, v.low);
    wasm_v128_store(p + 4, v.high);
}

static inline v128_t power(v128_t shifted) {
    return wasm_i32x4_add(wasm_i32x4_shl(shifted, 23), wasm_i32x4_splat(0x3f800000));
}

static inline panel panel_power(panel shifted) { return (panel){power(shifted.low), power(shifted.high)}; }

static inline panel panel_zero_below(panel p, panel x, panel limit) {
    panel below = EACH(wasm_f32x4_lt, x, limit);
    return EACH(wasm_v128_andnot, p, below);
}

static inline panel panel_magnitude(panel p) { return (panel){wasm_f32x4_abs(p.low), wasm_f32x4_abs(p.high)}; }

static inline panel panel_with_sign(panel p, panel sign) {
    v128_t bit = wasm_f32x4_splat(-0.0f);
    return (panel){wasm_v128_bitselect(sign.low, p.low, bit), wasm_v128_bitselect(sign.high, p.high, bit)};
}

static inline v128_t rounded(v128_t v) { return wasm_i32x4_trunc_sat_f32x4(wasm_f32x4_nearest(v)); }

static inline void panel_store_int16(int16_t *q, panel p) {
    wasm_v128_store(q, wasm_i16x8_narrow_i32x4(rounded(p.low), rounded(p.high)));
}

static inline uint32_t panel_above(panel a, panel b) {
    panel above = EACH(wasm_f32x4_gt, a, b);
    return wasm_i32x4_bitmask(above.low) | wasm_i32x4_bitmask(above.high) << 4;
}

/* There is no prefetch: a load whose result nobody waits for does the same. */
static inline void panel_fetch(const int8_t *p) { (void)*(const volatile int8_t *)p; }

static inline counts counts_zero(void) { return (counts){wasm_i32x4_splat(0), wasm_i32x4_splat(0)}; }

static inline void counts_store(int32_t *p, counts c) {
    wasm_v128_store(p, c.low);
    wasm_v128_store(p + 4, c.high);
}

/* A comparison that holds gives -1. */
static inline counts counts_add_above(counts c, panel a, panel b) {
    panel above = EACH(wasm_f32x4_gt, a, b);
    return EACH(wasm_i32x4_sub, c, above);
}

static inline counts counts_add_equal(counts c, panel a, panel b) {
    panel equal = EACH(wasm_f32x4_eq, a, b);
    return EACH(wasm_i32x4_sub, c, equal);
}

static inline sums sums_zero(void) { return counts_zero(); }

static inline panel sums_to_panel(sums s) {
    return (panel){wasm_f32x4_convert_i32x4(s.low), wasm_f32x4_convert_i32x4(s.high)};
}

static inline v128_t in_order(v128_t v) {
    __asm__ volatile("" : "+r"(v));
    return v;
}

static inline panel panel_in_order(panel p) { return (panel){in_order(p.low), in_order(p.high)}; }

static inline void weights_widen(const int8_t *from, int16_t *to) {
    wasm_v128_store(to, wasm_i16x8_load8x8(from));
    wasm_v128_store(to + 8, wasm_i16x8_load8x8(from + 8));
}

static inline weights weights_load(const int16_t *from) {
    return (weights){wasm_v128_load(from), wasm_v128_load(from + 8)};
}

static inline sums sums_add_dot(sums s, weights w, const int16_t *inputs) {
    v128_t pair = wasm_v128_load32_splat(inputs);
    s.low = in_order(wasm_i32x4_add(s.low, wasm_i32x4_dot_i16x8(w.low, pair)));
    s.high = in_order(wasm_i32x4_add(s.high, wasm_i32x4_dot_i16x8(w.high, pair)));
    return s;
}

#include "kernels/panel_kernels.h"

static int always(void) { return 1; }

const ls_kernels ls_kernels_simd128 = PANEL_KERNELS("simd128", always);
