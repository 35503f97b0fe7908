/* NEON of aarch64: a panel of eight lanes is two registers of four. */
#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#define PANEL_ROWS  8u
#define PANEL_PAIRS 1u

/* Lanes 0..3 and 4..7. */
typedef struct panel {
    float32x4_t low, high;
} panel;

typedef struct sums {
    int32x4_t low, high;
} sums, counts;

/* The first inputs of eight pairs, and the second ones. */
typedef struct weights {
    int16x8_t first, second;
} weights;

#define EACH(type, operation, a, b) ((type){operation((a).low, (b).low), operation((a).high, (b).high)})

static inline panel panel_splat(float x) { return (panel){vdupq_n_f32(x), vdupq_n_f32(x)}; }
static inline panel panel_zero(void) { return panel_splat(0.0f); }
static inline panel panel_load(const float *p) { return (panel){vld1q_f32(p), vld1q_f32(p + 4)}; }
static inline panel panel_add(panel a, panel b) { return EACH(panel, vaddq_f32, a, b); }
static inline panel panel_sub(panel a, panel b) { return EACH(panel, vsubq_f32, a, b); }
static inline panel panel_mul(panel a, panel b) { return EACH(panel, vmulq_f32, a, b); }

static inline panel panel_div(panel a, panel b) { return EACH(panel, vdivq_f32, a, b); }
static inline panel panel_magnitude(panel p) { return (panel){vabsq_f32(p.low), vabsq_f32(p.high)}; }

static inline void panel_store(float *p, panel v) {
    vst1q_f32(p, v.low);
    vst1q_f32(p + 4, v.high);
}

/* Not vmaxq and vminq: they give a NaN where either side is one. */
static inline float32x4_t larger(float32x4_t a, float32x4_t b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline float32x4_t smaller(float32x4_t a, float32x4_t b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
static inline panel panel_larger(panel a, panel b) { return EACH(panel, larger, a, b); }
static inline panel panel_smaller(panel a, panel b) { return EACH(panel, smaller, a, b); }

static inline float32x4_t power(float32x4_t shifted) {
    int32x4_t bits = vshlq_n_s32(vreinterpretq_s32_f32(shifted), 23);
    return vreinterpretq_f32_s32(vaddq_s32(bits, vdupq_n_s32(0x3f800000)));
}

static inline panel panel_power(panel shifted) { return (panel){power(shifted.low), power(shifted.high)}; }

static inline panel panel_zero_below(panel p, panel x, panel limit) {
    uint32x4_t low = vcltq_f32(x.low, limit.low), high = vcltq_f32(x.high, limit.high);
    return (panel){vbslq_f32(low, vdupq_n_f32(0.0f), p.low), vbslq_f32(high, vdupq_n_f32(0.0f), p.high)};
}

static inline panel panel_with_sign(panel p, panel sign) {
    uint32x4_t bit = vdupq_n_u32(0x80000000u);
    return (panel){vbslq_f32(bit, sign.low, p.low), vbslq_f32(bit, sign.high, p.high)};
}

static inline void panel_store_int16(int16_t *q, panel p) {
    vst1q_s16(q, vcombine_s16(vqmovn_s32(vcvtnq_s32_f32(p.low)), vqmovn_s32(vcvtnq_s32_f32(p.high))));
}

static inline uint32_t panel_above(panel a, panel b) {
    const uint32x4_t low = {1, 2, 4, 8}, high = {16, 32, 64, 128};
    return vaddvq_u32(vandq_u32(vcgtq_f32(a.low, b.low), low)) +
           vaddvq_u32(vandq_u32(vcgtq_f32(a.high, b.high), high));
}

static inline panel panel_in_order(panel p) {
    __asm__ volatile("" : "+w"(p.low), "+w"(p.high));
    return p;
}

#define panel_fetch(p) __builtin_prefetch(p)

static inline counts counts_zero(void) { return (counts){vdupq_n_s32(0), vdupq_n_s32(0)}; }

static inline void counts_store(int32_t *p, counts c) {
    vst1q_s32(p, c.low);
    vst1q_s32(p + 4, c.high);
}

/* A comparison that holds gives -1. */
static inline int32x4_t minus(int32x4_t c, uint32x4_t held) {
    return vsubq_s32(c, vreinterpretq_s32_u32(held));
}

static inline counts counts_add_above(counts c, panel a, panel b) {
    return (counts){minus(c.low, vcgtq_f32(a.low, b.low)), minus(c.high, vcgtq_f32(a.high, b.high))};
}

static inline counts counts_add_equal(counts c, panel a, panel b) {
    return (counts){minus(c.low, vceqq_f32(a.low, b.low)), minus(c.high, vceqq_f32(a.high, b.high))};
}

static inline sums sums_zero(void) { return counts_zero(); }
static inline panel sums_to_panel(sums s) { return (panel){vcvtq_f32_s32(s.low), vcvtq_f32_s32(s.high)}; }

/* There is no multiply-add of neighbours, so pairs are taken apart: eight first inputs, eight second ones. */
static inline void weights_widen(const int8_t *from, int16_t *to) {
    int8x8x2_t packed = vld2_s8(from);
    vst1q_s16(to, vmovl_s8(packed.val[0]));
    vst1q_s16(to + 8, vmovl_s8(packed.val[1]));
}

static inline weights weights_load(const int16_t *from) {
    return (weights){vld1q_s16(from), vld1q_s16(from + 8)};
}

static inline sums sums_add_dot(sums s, weights w, const int16_t *pair) {
    int32_t both;
    memcpy(&both, pair, sizeof both);
    int16x4_t inputs = vreinterpret_s16_s32(vdup_n_s32(both));
    s.low = vmlal_lane_s16(s.low, vget_low_s16(w.first), inputs, 0);
    s.high = vmlal_lane_s16(s.high, vget_high_s16(w.first), inputs, 0);
    s.low = vmlal_lane_s16(s.low, vget_low_s16(w.second), inputs, 1);
    s.high = vmlal_lane_s16(s.high, vget_high_s16(w.second), inputs, 1);
    __asm__ volatile("" : "+w"(s.low), "+w"(s.high));
    return s;
}

#include "kernels/panel_kernels.h"

static int always(void) { return 1; }

const ls_kernels ls_kernels_neon = PANEL_KERNELS("neon", always);
