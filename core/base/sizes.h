/* Checked arithmetic on untrusted sizes. Each returns 1 when the result fits, else 0 and leaves *out alone. */
#ifndef LS_BASE_SIZES_H
#define LS_BASE_SIZES_H

#include <stddef.h>
#include <stdint.h>

static inline int ls_add_u64(uint64_t a, uint64_t b, uint64_t *out) {
    if (b > UINT64_MAX - a) return 0;
    *out = a + b;
    return 1;
}

static inline int ls_mul_u64(uint64_t a, uint64_t b, uint64_t *out) {
    if (a != 0 && b > UINT64_MAX / a) return 0;
    *out = a * b;
    return 1;
}

/* Narrows to size_t, which has 32 bits in WebAssembly. */
static inline int ls_to_size(uint64_t a, size_t *out) {
    if (a > SIZE_MAX) return 0;
    *out = (size_t)a;
    return 1;
}

#endif
