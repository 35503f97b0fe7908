/* AVX2, compiled with -mavx2 and without FMA. */
#include "kernels/panel_avx.h"

#define PANEL_PAIRS 1u

typedef __m256i sums;
typedef __m256i weights;

static inline sums sums_zero(void) { return _mm256_setzero_si256(); }
static inline panel sums_to_panel(sums s) { return _mm256_cvtepi32_ps(s); }

static inline void weights_widen(const int8_t *from, int16_t *to) {
    _mm256_storeu_si256((__m256i *)to, _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)from)));
}

static inline weights weights_load(const int16_t *from) { return _mm256_loadu_si256((const __m256i *)from); }

static inline sums sums_add_dot(sums s, weights w, const int16_t *inputs) {
    int32_t pair;
    memcpy(&pair, inputs, sizeof pair);
    s = _mm256_add_epi32(s, _mm256_madd_epi16(w, _mm256_set1_epi32(pair)));
    __asm__ volatile("" : "+x"(s));
    return s;
}

#include "kernels/panel_kernels.h"

static int available(void) { return __builtin_cpu_supports("avx2"); }

const ls_kernels ls_kernels_avx2 = PANEL_KERNELS("avx2", available);
