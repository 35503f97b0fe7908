/* AVX-512 VNNI on registers of eight lanes (VL): a multiply-add of pairs is one instruction, which reads and
 * spreads its inputs from memory. Compiled with -mavx2 -mavx512f -mavx512vl -mavx512vnni and without FMA. */
#include "kernels/panel_avx.h"

static inline sums sums_add_dot(sums s, weights w, int32_t pair) {
    s = _mm256_dpwssd_epi32(s, w, _mm256_set1_epi32(pair));
    __asm__ volatile("" : "+v"(s));
    return s;
}

#include "kernels/panel_kernels.h"

static int available(void) {
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl");
}

const ls_kernels ls_kernels_avx512vnni = PANEL_KERNELS("avx512vnni", available);
