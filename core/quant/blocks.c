#include "quant/blocks.h"

#include <string.h>

#include "quant/f16.h"

enum { HALF = (int)LS_BLOCK / 2, SUPER = 8 /* blocks in a super-block of the K types */ };

static uint16_t load_u16(const unsigned char *p) { return (uint16_t)(p[0] | p[1] << 8); }

static float load_f16(const unsigned char *p) { return ls_f16_to_f32(load_u16(p)); }

ls_form ls_form_of(ls_ggml_type type) {
    switch (type) {
    case LS_GGML_F32:
    case LS_GGML_F16:
    case LS_GGML_BF16:
        return LS_FORM_FLOAT;
    case LS_GGML_Q4_1:
    case LS_GGML_Q5_1:
    case LS_GGML_Q4_K:
    case LS_GGML_Q5_K:
        return LS_FORM_MINIMUM;
    case LS_GGML_Q6_K:
        return LS_FORM_HALVES;
    case LS_GGML_Q4_0:
    case LS_GGML_Q5_0:
    case LS_GGML_Q8_0:
        break;
    }
    return LS_FORM_SCALED;
}

/* Eight neighbouring bytes as one number, the first in the lowest bits (every target is little-endian), and
 * operations on each of them that stay inside its eight bits: vectors that no compiler has to find. */
typedef uint64_t eight;

static inline eight load_eight(const unsigned char *bytes) {
    eight x;
    memcpy(&x, bytes, sizeof x);
    return x;
}

static inline void store_eight(int8_t *q, eight x) { memcpy(q, &x, sizeof x); }
static inline eight all_eight(unsigned byte) { return 0x0101010101010101u * byte; }

/* `bits` of each byte, shifted down to the lowest; a shift takes in bits of a neighbour that the mask leaves
 * out. */
static inline eight bits_of(eight x, unsigned shift, unsigned bits) { return x >> shift & all_eight(bits); }

/* Less `zero`, at most 128, as signed numbers; each is below 128. */
static inline eight less(eight x, unsigned zero) {
    return ((x | all_eight(128)) - all_eight(zero)) ^ all_eight(128);
}

/* Bit i of a byte as the lowest bit of byte i: kept in its place, then carried into the highest bit. */
static inline eight spread_bits(unsigned byte) {
    eight kept = all_eight(byte) & 0x8040201008040201u;
    return (kept + all_eight(127)) >> 7 & all_eight(1);
}

/* Weights of Q4 and Q5 less `zero`: sixteen bytes whose low nibbles are the first half, and four bytes of fifth
 * bits, or NULL. */
static void unpack_nibbles(const unsigned char *bytes, const unsigned char *fifth, unsigned zero, int8_t *q) {
    for (unsigned i = 0; i < LS_BLOCK; i += 8) {
        eight x = bits_of(load_eight(bytes + i % HALF), i / HALF * 4, 15);
        if (fifth != NULL) x |= spread_bits(fifth[i / 8]) << 4;
        store_eight(q + i, less(x, zero));
    }
}

/* Scale and minimum of block b of Q4_K and Q5_K: six bits each. The first four blocks have theirs in the low
 * bits of bytes 0..3 and 4..7; the others have four bits in bytes 8..11 and two above the low six. */
static void unpack_k_scale(const unsigned char *head, size_t b, ls_block32 *out) {
    const unsigned char *packed = head + 4;
    size_t place = b % 4;
    unsigned scale = packed[place] & 63u, minimum = packed[4 + place] & 63u;
    if (b >= 4) {
        scale = (packed[8 + place] & 15u) | (packed[place] >> 6 & 3u) << 4;
        minimum = (unsigned)(packed[8 + place] >> 4) | (packed[4 + place] >> 6 & 3u) << 4;
    }
    out->scale[0] = out->scale[1] = load_f16(head) * (float)scale;
    out->minimum = -(load_f16(head + 2) * (float)minimum);
}

/* A nibble of each of thirty-two bytes: low for even blocks, high for odd ones. */
static inline eight k_nibbles(const unsigned char *bytes, size_t b, size_t i) {
    return bits_of(load_eight(bytes + b / 2 * LS_BLOCK + i), b % 2 * 4, 15);
}

static void unpack_q4_k(const unsigned char *super, size_t b, ls_block32 *out) {
    unpack_k_scale(super, b, out);
    for (size_t i = 0; i < LS_BLOCK; i += 8) store_eight(out->q + i, k_nibbles(super + 16, b, i));
}

static void unpack_q5_k(const unsigned char *super, size_t b, ls_block32 *out) {
    unpack_k_scale(super, b, out);
    for (size_t i = 0; i < LS_BLOCK; i += 8) {
        eight fifth = bits_of(load_eight(super + 16 + i), (unsigned)b, 1);
        store_eight(out->q + i, k_nibbles(super + 48, b, i) | fifth << 4);
    }
}

/* Four low bits, two high ones, a signed scale for sixteen weights, and an f16 at the end for all of them. */
static void unpack_q6_k(const unsigned char *super, size_t b, ls_block32 *out) {
    const unsigned char *low = super + b / 4 * 64 + b % 2 * LS_BLOCK, *high = super + 128 + b / 4 * LS_BLOCK;
    const unsigned char *scales = super + 192 + 2 * b;
    float d = load_f16(super + 208);
    for (size_t i = 0; i < LS_BLOCK; i += 8) {
        eight x = bits_of(load_eight(low + i), b / 2 % 2 * 4, 15);
        x |= bits_of(load_eight(high + i), b % 4 * 2, 3) << 4;
        store_eight(out->q + i, less(x, 32));
    }
    for (size_t half = 0; half < 2; half++) out->scale[half] = d * (float)(int8_t)scales[half];
    out->minimum = 0.0f;
}

/* Formats of thirty-two weights: scale, minimum where there is one, fifth bits where there are some, weights.
 */
static void unpack_small(ls_ggml_type type, const unsigned char *bytes, ls_block32 *out) {
    int minimum = ls_form_of(type) == LS_FORM_MINIMUM, fifth = type == LS_GGML_Q5_0 || type == LS_GGML_Q5_1;
    out->scale[0] = out->scale[1] = load_f16(bytes);
    out->minimum = minimum ? load_f16(bytes + 2) : 0.0f;
    bytes += minimum ? 4 : 2;
    if (type == LS_GGML_Q8_0) {
        memcpy(out->q, bytes, LS_BLOCK);
        return;
    }
    unpack_nibbles(bytes + (fifth ? 4 : 0), fifth ? bytes : NULL, minimum ? 0 : fifth ? 16 : 8, out->q);
}

void ls_block_unpack(ls_ggml_type type, const unsigned char *row, size_t block, ls_block32 *out) {
    const ls_weight_type *layout = ls_weight_type_find(type);
    const unsigned char *bytes = row + block * LS_BLOCK / layout->block * layout->block_bytes;
    switch (type) {
    case LS_GGML_Q4_K:
        unpack_q4_k(bytes, block % SUPER, out);
        break;
    case LS_GGML_Q5_K:
        unpack_q5_k(bytes, block % SUPER, out);
        break;
    case LS_GGML_Q6_K:
        unpack_q6_k(bytes, block % SUPER, out);
        break;
    default:
        unpack_small(type, bytes, out);
    }
}
