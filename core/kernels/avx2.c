/* AVX2: a panel of eight lanes is one register. Compiled with -mavx2 and without FMA. */
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

static inline panel panel_zero_below(panel p, panel x, float limit) {
    return _mm256_andnot_ps(_mm256_cmp_ps(x, _mm256_set1_ps(limit), _CMP_LT_OQ), p);
}

static inline sums sums_zero(void) { return _mm256_setzero_si256(); }
static inline panel sums_to_panel(sums s) { return _mm256_cvtepi32_ps(s); }

static inline panel panel_in_order(panel p) {
    __asm__ volatile("" : "+x"(p));
    return p;
}

static inline void weights_widen(const int8_t *from, int16_t *to) {
    _mm256_storeu_si256((__m256i *)to, _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from)));
}

static inline weights weights_load(const int16_t *from) { return _mm256_loadu_si256((const __m256i *)from); }

static inline sums sums_add_dot(sums s, weights w, int32_t pair) {
    s = _mm256_add_epi32(s, _mm256_madd_epi16(w, _mm256_set1_epi32(pair)));
    __asm__ volatile("" : "+x"(s));
    return s;
}

#include "kernels/panel_kernels.h"

static int available(void) { return __builtin_cpu_supports("avx2"); }

const ls_kernels ls_kernels_avx2 = PANEL_KERNELS("avx2", available);
