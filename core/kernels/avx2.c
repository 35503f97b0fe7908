/* AVX2, compiled with -mavx2 and without FMA. */
#include "kernels/panel_avx.h"

static inline sums sums_add_dot(sums s, weights w, int32_t pair) {
    s = _mm256_add_epi32(s, _mm256_madd_epi16(w, _mm256_set1_epi32(pair)));
    __asm__ volatile("" : "+x"(s));
    return s;
}

#include "kernels/panel_kernels.h"

static int available(void) { return __builtin_cpu_supports("avx2"); }

const ls_kernels ls_kernels_avx2 = PANEL_KERNELS("avx2", available);
