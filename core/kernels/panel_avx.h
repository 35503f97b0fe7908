/* A panel of eight lanes in one register of AVX2: for avx2.c and avx512vnni.c, which differ in their dot
 * products. */
#ifndef LS_KERNELS_PANEL_AVX_H
#define LS_KERNELS_PANEL_AVX_H

#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define PANEL_ROWS 8u

typedef __m256 panel;
typedef __m256i counts;

static inline panel panel_zero(void) { return _mm256_setzero_ps(); }
static inline panel panel_splat(float x) { return _mm256_set1_ps(x); }
static inline panel panel_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void panel_store(float *p, panel v) { _mm256_storeu_ps(p, v); }
static inline panel panel_add(panel a, panel b) { return _mm256_add_ps(a, b); }
static inline panel panel_sub(panel a, panel b) { return _mm256_sub_ps(a, b); }
static inline panel panel_mul(panel a, panel b) { return _mm256_mul_ps(a, b); }
static inline panel panel_div(panel a, panel b) { return _mm256_div_ps(a, b); }
static inline panel panel_larger(panel a, panel b) { return _mm256_max_ps(a, b); }
static inline panel panel_smaller(panel a, panel b) { return _mm256_min_ps(a, b); }

static inline panel panel_power(panel shifted) {
    __m256i power = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    return _mm256_castsi256_ps(_mm256_add_epi32(power, _mm256_set1_epi32(0x3f800000)));
}

static inline panel panel_zero_below(panel p, panel x, panel limit) {
    return _mm256_andnot_ps(_mm256_cmp_ps(x, limit, _CMP_LT_OQ), p);
}

static inline panel panel_magnitude(panel p) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0f), p); }

static inline panel panel_with_sign(panel p, panel sign) {
    const __m256 bit = _mm256_set1_ps(-0.0f);
    return _mm256_or_ps(_mm256_andnot_ps(bit, p), _mm256_and_ps(bit, sign));
}

static inline void panel_store_int16(int16_t *q, panel p) {
    __m256i rounded = _mm256_cvtps_epi32(p); /* in the mode that C starts with: half to even */
    __m128i low = _mm256_castsi256_si128(rounded), high = _mm256_extracti128_si256(rounded, 1);
    _mm_storeu_si128((__m128i *)q, _mm_packs_epi32(low, high));
}

static inline uint32_t panel_above(panel a, panel b) {
    return (uint32_t)_mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ));
}

static inline counts counts_zero(void) { return _mm256_setzero_si256(); }
static inline void counts_store(int32_t *p, counts c) { _mm256_storeu_si256((__m256i *)p, c); }

/* A comparison that holds gives -1. */
static inline counts counts_add_above(counts c, panel a, panel b) {
    return _mm256_sub_epi32(c, _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_GT_OQ)));
}

static inline counts counts_add_equal(counts c, panel a, panel b) {
    return _mm256_sub_epi32(c, _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_EQ_OQ)));
}

static inline panel panel_in_order(panel p) {
    __asm__ volatile("" : "+x"(p));
    return p;
}

#define panel_fetch(p) _mm_prefetch(p, _MM_HINT_T0)

#endif
