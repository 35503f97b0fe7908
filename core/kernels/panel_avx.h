/* A panel of eight lanes in one register of AVX2: for avx2.c and avx512vnni.c, which differ in their dot
 * product. */
#ifndef LS_KERNELS_PANEL_AVX_H
#define LS_KERNELS_PANEL_AVX_H

#include <immintrin.h>
#include <stdint.h>

#define PANEL_ROWS 8u

typedef __m256 panel;
typedef __m256i sums;
typedef __m256i weights;

static inline panel panel_zero(void) { return _mm256_setzero_ps(); }
static inline panel panel_splat(float x) { return _mm256_set1_ps(x); }
static inline panel panel_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void panel_store(float *p, panel v) { _mm256_storeu_ps(p, v); }
static inline panel panel_add(panel a, panel b) { return _mm256_add_ps(a, b); }
static inline panel panel_sub(panel a, panel b) { return _mm256_sub_ps(a, b); }
static inline panel panel_mul(panel a, panel b) { return _mm256_mul_ps(a, b); }
static inline panel panel_larger(panel a, panel b) { return _mm256_max_ps(a, b); }
static inline panel panel_smaller(panel a, panel b) { return _mm256_min_ps(a, b); }

static inline panel panel_power(panel p, panel shifted) {
    __m256i power = _mm256_slli_epi32(_mm256_castps_si256(shifted), 23);
    power = _mm256_add_epi32(power, _mm256_set1_epi32(0x3f800000));
    return _mm256_mul_ps(p, _mm256_castsi256_ps(power));
}

static inline panel panel_zero_below(panel p, panel x, panel limit) {
    return _mm256_andnot_ps(_mm256_cmp_ps(x, limit, _CMP_LT_OQ), p);
}

static inline sums sums_zero(void) { return _mm256_setzero_si256(); }
static inline panel sums_to_panel(sums s) { return _mm256_cvtepi32_ps(s); }
static inline void sums_store(int32_t *p, sums s) { _mm256_storeu_si256((__m256i *)p, s); }

/* A comparison that holds gives -1. */
static inline sums sums_count_above(sums s, panel a, panel b) {
    return _mm256_sub_epi32(s, _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_GT_OQ)));
}

static inline sums sums_count_equal(sums s, panel a, panel b) {
    return _mm256_sub_epi32(s, _mm256_castps_si256(_mm256_cmp_ps(a, b, _CMP_EQ_OQ)));
}

static inline panel panel_in_order(panel p) {
    __asm__ volatile("" : "+x"(p));
    return p;
}

static inline void weights_widen(const int8_t *from, int16_t *to) {
    _mm256_storeu_si256((__m256i *)to, _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from)));
}

static inline weights weights_load(const int16_t *from) { return _mm256_loadu_si256((const __m256i *)from); }

#endif
