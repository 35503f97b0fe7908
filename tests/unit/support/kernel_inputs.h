/* What the tests of the kernels share: numbers, memory, comparison by bits, and a turn for every table. */
#ifndef LS_TEST_KERNEL_INPUTS_H
#define LS_TEST_KERNEL_INPUTS_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/math.h"
#include "base/random.h"
#include "kernels/kernels.h"

static inline float random_float(uint64_t seed, uint64_t i, float scale) {
    return scale * ((float)(ls_random_u64(seed, i) >> 40) * 0x1p-23f - 1.0f);
}

/* Numbers that trip arithmetic up, one in four; the rest is ordinary. */
static inline float awkward_float(uint64_t seed, uint64_t i) {
    static const float odd[] = {0.0f,     -0.0f,     1e-45f,    -1e-45f, 1e-38f, INFINITY,       NAN,   3.4e38f,
                                -3.4e38f, -INFINITY, 0x1p-126f, 88.0f,   -87.0f, 0x1.fffffep-1f, -1e30f};
    uint32_t pick = ls_random_below(seed, 2 * i, 4 * sizeof odd / sizeof *odd);
    return pick < sizeof odd / sizeof *odd ? odd[pick] : random_float(seed, 2 * i + 1, 10.0f);
}

/* Any NaN equals any NaN, as the contract of kernels.h says; everything else by its bits. */
static inline int same_bits(const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (isnan(a[i]) && isnan(b[i])) continue;
        if (ls_float_bits(a[i]) != ls_float_bits(b[i])) return 0;
    }
    return 1;
}

/* Memory whose first float is 4 bytes past a 16-byte boundary, as rows of odd length give, and whose end is the
 * end of the allocation, so that the sanitizer sees an overrun. */
typedef struct unaligned {
    char *memory;
    void *at;
} unaligned;

static inline unaligned unaligned_new(size_t bytes) {
    unaligned u = {malloc(bytes + 4), NULL};
    assert_non_null(u.memory);
    u.at = u.memory + 4;
    return u;
}

/* Runs `count` tests, 32 at most, once for each table that this processor has, which they get as their state.
 */
static inline int run_for_each_table(const struct CMUnitTest *each, size_t count) {
    int failed = 0;
    for (size_t i = 0; ls_kernels_at(i) != NULL; i++) {
        const ls_kernels *kernels = ls_kernels_at(i);
        struct CMUnitTest tests[32];
        memcpy(tests, each, count * sizeof *each);
        for (size_t t = 0; t < count; t++) tests[t].initial_state = (void *)(uintptr_t)kernels;
        failed += _cmocka_run_group_tests(kernels->name, tests, count, NULL, NULL);
    }
    return failed;
}

#endif
