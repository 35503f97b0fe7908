/* SHA-256 with the cryptographic extension of ARMv8: four rounds a pair of instructions. Compiled with +crypto.
 */
#include <arm_neon.h>

#include "base/sha256_blocks.h"

#ifdef __linux__
#include <sys/auxv.h>
int ls_sha256_arm_available(void) {
    const unsigned long sha2 = 1ul << 6; /* HWCAP_SHA2 */
    return (getauxval(AT_HWCAP) & sha2) != 0;
}
#else
/* Every other system with 64-bit ARM that we know of runs on processors that have it. */
int ls_sha256_arm_available(void) { return 1; }
#endif

typedef struct halves {
    uint32x4_t abcd, efgh;
} halves;

static inline void four_rounds(halves *s, uint32x4_t words, int first) {
    uint32x4_t sum = vaddq_u32(words, vld1q_u32(ls_sha256_constants + first)), abcd = s->abcd;
    s->abcd = vsha256hq_u32(abcd, s->efgh, sum);
    s->efgh = vsha256h2q_u32(s->efgh, abcd, sum);
}

/* The next four words of the schedule from the last sixteen. */
static inline uint32x4_t next_words(uint32x4_t w0, uint32x4_t w1, uint32x4_t w2, uint32x4_t w3) {
    return vsha256su1q_u32(vsha256su0q_u32(w0, w1), w2, w3);
}

static inline uint32x4_t load_words(const unsigned char *bytes) {
    return vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(bytes)));
}

static inline void compress(halves *s, const unsigned char *block) {
    halves before = *s;
    uint32x4_t w0 = load_words(block), w1 = load_words(block + 16);
    uint32x4_t w2 = load_words(block + 32), w3 = load_words(block + 48);
    for (int first = 0; first < 48; first += 16) {
        four_rounds(s, w0, first);
        w0 = next_words(w0, w1, w2, w3);
        four_rounds(s, w1, first + 4);
        w1 = next_words(w1, w2, w3, w0);
        four_rounds(s, w2, first + 8);
        w2 = next_words(w2, w3, w0, w1);
        four_rounds(s, w3, first + 12);
        w3 = next_words(w3, w0, w1, w2);
    }
    four_rounds(s, w0, 48);
    four_rounds(s, w1, 52);
    four_rounds(s, w2, 56);
    four_rounds(s, w3, 60);
    s->abcd = vaddq_u32(s->abcd, before.abcd);
    s->efgh = vaddq_u32(s->efgh, before.efgh);
}

void ls_sha256_blocks_arm(uint32_t state[8], const unsigned char *blocks, size_t count) {
    halves s = {vld1q_u32(state), vld1q_u32(state + 4)};
    for (; count > 0; count--, blocks += 64) compress(&s, blocks);
    vst1q_u32(state, s.abcd);
    vst1q_u32(state + 4, s.efgh);
}
