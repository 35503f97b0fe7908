/* SHA-256 with the SHA extensions of x86: two rounds an instruction. Compiled with -msha -msse4.1. */
#include <cpuid.h>
#include <immintrin.h>

#include "base/sha256_blocks.h"

int ls_sha256_x86_available(void) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || (c & bit_SSE4_1) == 0) return 0;
    return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA) != 0;
}

/* The state as the instructions want it, lowest lane first. */
typedef struct halves {
    __m128i feba, hgdc;
} halves;

static inline void four_rounds(halves *s, __m128i words, int first) {
    __m128i constants = _mm_loadu_si128((const __m128i *)(const void *)(ls_sha256_constants + first));
    __m128i sum = _mm_add_epi32(words, constants);
    s->hgdc = _mm_sha256rnds2_epu32(s->hgdc, s->feba, sum);
    s->feba = _mm_sha256rnds2_epu32(s->feba, s->hgdc, _mm_shuffle_epi32(sum, 0x0e));
}

/* The next four words of the schedule from the last sixteen. */
static inline __m128i next_words(__m128i w0, __m128i w1, __m128i w2, __m128i w3) {
    __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w0, w1), _mm_alignr_epi8(w3, w2, 4));
    return _mm_sha256msg2_epu32(sum, w3);
}

static inline __m128i load_words(const unsigned char *bytes) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    return _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(const void *)bytes), big_endian);
}

static inline void compress(halves *s, const unsigned char *block) {
    halves before = *s;
    __m128i w0 = load_words(block), w1 = load_words(block + 16);
    __m128i w2 = load_words(block + 32), w3 = load_words(block + 48);
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
    s->feba = _mm_add_epi32(s->feba, before.feba);
    s->hgdc = _mm_add_epi32(s->hgdc, before.hgdc);
}

void ls_sha256_blocks_x86(uint32_t state[8], const unsigned char *blocks, size_t count) {
    __m128i *memory = (__m128i *)(void *)state;
    __m128i badc = _mm_shuffle_epi32(_mm_loadu_si128(memory), 0xb1);
    __m128i hgfe = _mm_shuffle_epi32(_mm_loadu_si128(memory + 1), 0x1b);
    halves s = {_mm_alignr_epi8(badc, hgfe, 8), _mm_blend_epi16(hgfe, badc, 0xf0)};
    for (; count > 0; count--, blocks += 64) compress(&s, blocks);
    __m128i abef = _mm_shuffle_epi32(s.feba, 0x1b), ghcd = _mm_shuffle_epi32(s.hgdc, 0xb1);
    _mm_storeu_si128(memory, _mm_blend_epi16(abef, ghcd, 0xf0));
    _mm_storeu_si128(memory + 1, _mm_alignr_epi8(ghcd, abef, 8));
}
