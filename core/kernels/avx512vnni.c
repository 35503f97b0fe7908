/* AVX-512 VNNI: a multiply-add of pairs is one instruction, and a register takes two pairs for each of the
 * eight outputs. Floats stay in registers of eight lanes (VL). Compiled with -mavx2 -mavx512f -mavx512vl
 * -mavx512vnni and without FMA. */
#include "kernels/panel_avx.h"

#define PANEL_PAIRS 2u

/* For outputs 0 1 4 5 2 3 6 7 the sums of even and of odd pairs side by side. */
typedef __m512i sums;
typedef __m512i weights;

static inline sums sums_zero(void) { return _mm512_setzero_si512(); }

static inline panel sums_to_panel(sums s) {
    __m256 low = _mm256_castsi256_ps(_mm512_castsi512_si256(s));
    __m256 high = _mm256_castsi256_ps(_mm512_extracti64x4_epi64(s, 1));
    __m256i even = _mm256_castps_si256(_mm256_shuffle_ps(low, high, 0x88));
    __m256i odd = _mm256_castps_si256(_mm256_shuffle_ps(low, high, 0xdd));
    return _mm256_cvtepi32_ps(_mm256_add_epi32(even, odd));
}

static inline void weights_widen(const int8_t *from, int16_t *to) {
    __m128i even = _mm_loadu_si128((const __m128i *)from), odd = _mm_loadu_si128((const __m128i *)from + 1);
    __m128i low = _mm_unpacklo_epi16(even, odd), high = _mm_unpackhi_epi16(even, odd);
    _mm256_storeu_si256((__m256i *)to, _mm256_cvtepi8_epi16(_mm_unpacklo_epi64(low, high)));
    _mm256_storeu_si256((__m256i *)to + 1, _mm256_cvtepi8_epi16(_mm_unpackhi_epi64(low, high)));
}

static inline weights weights_load(const int16_t *from) { return _mm512_loadu_si512(from); }

static inline sums sums_add_dot(sums s, weights w, const int16_t *inputs) {
    int64_t pairs;
    memcpy(&pairs, inputs, sizeof pairs);
    s = _mm512_dpwssd_epi32(s, w, _mm512_set1_epi64(pairs));
    __asm__ volatile("" : "+v"(s));
    return s;
}

#include "kernels/panel_kernels.h"

static int available(void) {
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl");
}

const ls_kernels ls_kernels_avx512vnni = PANEL_KERNELS("avx512vnni", available);
