/* SHA-256 in plain C, unrolled: sixteen rounds at a time, so that the working variables change their names
 * instead of their places. */
#include "base/sha256_blocks.h"

const uint32_t ls_sha256_constants[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static inline uint32_t rotate_right(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

static inline uint32_t load_big_endian(const unsigned char *p) {
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static inline uint32_t small_sigma0(uint32_t x) { return rotate_right(x, 7) ^ rotate_right(x, 18) ^ x >> 3; }
static inline uint32_t small_sigma1(uint32_t x) { return rotate_right(x, 17) ^ rotate_right(x, 19) ^ x >> 10; }

/* One round; `s` are a..h, a at place -i: place p of round i holds the variable number p + i. */
static inline void one_round(uint32_t s[8], unsigned i, uint32_t word) {
    uint32_t a = s[(0u - i) % 8], b = s[(1u - i) % 8], c = s[(2u - i) % 8];
    uint32_t e = s[(4u - i) % 8], f = s[(5u - i) % 8], g = s[(6u - i) % 8];
    uint32_t sum1 = rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25);
    uint32_t t1 = s[(7u - i) % 8] + sum1 + (g ^ (e & (f ^ g))) + word;
    uint32_t sum0 = rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22);
    s[(3u - i) % 8] += t1;
    s[(7u - i) % 8] = t1 + sum0 + ((a & b) | (c & (a | b)));
}

/* Round i and, in place of its word, the one that is needed sixteen rounds later. */
static inline void round_and_next(uint32_t s[8], uint32_t w[16], unsigned i, const uint32_t *constants) {
    one_round(s, i, w[i] + constants[i]);
    w[i] += small_sigma0(w[(i + 1) % 16]) + w[(i + 9) % 16] + small_sigma1(w[(i + 14) % 16]);
}

static inline void sixteen_rounds(uint32_t s[8], uint32_t w[16], const uint32_t *constants) {
#pragma GCC unroll 16
    for (unsigned i = 0; i < 16; i++) round_and_next(s, w, i, constants);
}

static void compress(uint32_t state[8], const unsigned char *block) {
    uint32_t w[16], s[8];
#pragma GCC unroll 16
    for (int i = 0; i < 16; i++) w[i] = load_big_endian(block + 4 * i);
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) s[i] = state[i];
    sixteen_rounds(s, w, ls_sha256_constants);
    sixteen_rounds(s, w, ls_sha256_constants + 16);
    sixteen_rounds(s, w, ls_sha256_constants + 32);
#pragma GCC unroll 16
    for (unsigned i = 0; i < 16; i++) one_round(s, i, w[i] + ls_sha256_constants[48 + i]);
#pragma GCC unroll 8
    for (int i = 0; i < 8; i++) state[i] += s[i];
}

void ls_sha256_blocks_plain(uint32_t state[8], const unsigned char *blocks, size_t count) {
    for (; count > 0; count--, blocks += 64) compress(state, blocks);
}
