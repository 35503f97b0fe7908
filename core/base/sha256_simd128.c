/* SHA-256 in WebAssembly SIMD. The message schedule of a block depends on that block alone: four neighbouring
 * ones are made at once, a lane for each. The rounds, which must go one block after the other, are plain
 * arithmetic. Compiled with -msimd128. */
#include <wasm_simd128.h>

#include "base/sha256_blocks.h"

enum { LANES = 4 };

/* Unrolled in full, so that the working variables change their names instead of their places. */
#define UNROLLED _Pragma("clang loop unroll(full)")

/* Four blocks' words of all rounds, and the same with the constant of each round added. */
typedef struct schedule {
    v128_t words[64];
    v128_t sums[64];
} schedule;

static inline void set_word(schedule *s, size_t round, v128_t words) {
    s->words[round] = words;
    s->sums[round] = wasm_i32x4_add(words, wasm_v128_load32_splat(ls_sha256_constants + round));
}

static inline v128_t load_big_endian(const unsigned char *p) {
    v128_t bytes = wasm_v128_load(p);
    return wasm_i8x16_shuffle(bytes, bytes, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
}

/* Words `first` to first + 3 of each block, transposed. */
static inline void set_four_words(schedule *s, size_t first, const unsigned char *blocks) {
    const unsigned char *p = blocks + 4 * first;
    v128_t a = load_big_endian(p), b = load_big_endian(p + 64);
    v128_t c = load_big_endian(p + 128), d = load_big_endian(p + 192);
    v128_t ab_low = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), ab_high = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
    v128_t cd_low = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), cd_high = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
    set_word(s, first, wasm_i64x2_shuffle(ab_low, cd_low, 0, 2));
    set_word(s, first + 1, wasm_i64x2_shuffle(ab_low, cd_low, 1, 3));
    set_word(s, first + 2, wasm_i64x2_shuffle(ab_high, cd_high, 0, 2));
    set_word(s, first + 3, wasm_i64x2_shuffle(ab_high, cd_high, 1, 3));
}

static inline v128_t rotate_words(v128_t x, uint32_t n) {
    return wasm_v128_or(wasm_u32x4_shr(x, n), wasm_i32x4_shl(x, 32 - n));
}

static inline v128_t small_sigma0(v128_t x) {
    return wasm_v128_xor(wasm_v128_xor(rotate_words(x, 7), rotate_words(x, 18)), wasm_u32x4_shr(x, 3));
}

static inline v128_t small_sigma1(v128_t x) {
    return wasm_v128_xor(wasm_v128_xor(rotate_words(x, 17), rotate_words(x, 19)), wasm_u32x4_shr(x, 10));
}

static __attribute__((noinline)) void make_schedule(schedule *s, const unsigned char *blocks) {
    for (size_t i = 0; i < 16; i += 4) set_four_words(s, i, blocks);
    v128_t last_but_one = s->words[14], last = s->words[15];
    for (size_t i = 16; i < 64; i += 4) UNROLLED for (size_t k = i; k < i + 4; k++) {
            const v128_t *w = s->words + k;
            v128_t sum = wasm_i32x4_add(wasm_i32x4_add(w[-16], small_sigma0(w[-15])), w[-7]);
            v128_t next = wasm_i32x4_add(sum, small_sigma1(last_but_one));
            set_word(s, k, next);
            last_but_one = last;
            last = next;
        }
}

/* x, at this place in the program: the compiler would add the terms of a round in another order, for which the
 * next round waits longer. */
static inline uint32_t in_order(uint32_t x) {
    __asm__ volatile("" : "+r"(x));
    return x;
}

static inline uint32_t rotate_right(uint32_t x, unsigned n) { return x >> n | x << (32 - n); }

/* One round; `s` are a..h, a at place -i: place p of round i holds the variable number p + i. */
static inline void one_round(uint32_t s[8], unsigned i, uint32_t word) {
    uint32_t a = s[(0u - i) % 8], b = s[(1u - i) % 8], c = s[(2u - i) % 8];
    uint32_t e = s[(4u - i) % 8], f = s[(5u - i) % 8], g = s[(6u - i) % 8];
    uint32_t sum = in_order(s[(7u - i) % 8] + word);
    sum = in_order(sum + (g ^ (e & (f ^ g))));
    sum = in_order(sum + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)));
    s[(3u - i) % 8] = in_order(s[(3u - i) % 8] + sum);
    sum = in_order(sum + ((a & b) | (c & (a | b))));
    s[(7u - i) % 8] = in_order(sum + (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)));
}

/* `sums` of the block: every LANES-th number. */
static __attribute__((noinline)) void compress(uint32_t state[8], const uint32_t *sums) {
    uint32_t s[8];
    UNROLLED for (int i = 0; i < 8; i++) s[i] = state[i];
    for (int left = 4; left > 0; left--, sums += 16 * LANES)
        UNROLLED for (unsigned i = 0; i < 16; i++) one_round(s, i, sums[i * LANES]);
    UNROLLED for (int i = 0; i < 8; i++) state[i] += s[i];
}

void ls_sha256_blocks_simd128(uint32_t state[8], const unsigned char *blocks, size_t count) {
    schedule s;
    for (; count >= LANES; count -= LANES, blocks += LANES * 64) {
        make_schedule(&s, blocks);
        for (int lane = 0; lane < LANES; lane++) compress(state, (const uint32_t *)s.sums + lane);
    }
    ls_sha256_blocks_plain(state, blocks, count);
}
