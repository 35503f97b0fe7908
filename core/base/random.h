/* Random numbers as a pure function of (seed, counter): nothing to carry along, any element on its own.
 * Source: the output mix of SplitMix64, Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014. */
#ifndef LS_BASE_RANDOM_H
#define LS_BASE_RANDOM_H

#include <stdint.h>

static inline uint64_t ls_random_u64(uint64_t seed, uint64_t counter) {
    uint64_t z = seed + (counter + 1) * UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

/* A whole number in [0, bound), bound < 2^32; the bias is below bound / 2^32. */
static inline uint32_t ls_random_below(uint64_t seed, uint64_t counter, uint32_t bound) {
    return (uint32_t)((ls_random_u64(seed, counter) >> 32) * bound >> 32);
}

#endif
