#include "quant/blocks.h"

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

/* Sixteen bytes: the low nibbles are the first half, the high ones the second; less `zero`. */
static void unpack_nibbles(const unsigned char *bytes, int zero, int8_t *q) {
    for (int i = 0; i < HALF; i++) {
        q[i] = (int8_t)((bytes[i] & 15) - zero);
        q[HALF + i] = (int8_t)((bytes[i] >> 4) - zero);
    }
}

/* A fifth bit for each weight, bit i of four bytes. */
static void add_fifth_bits(const unsigned char *bytes, int8_t *q) {
    for (int i = 0; i < (int)LS_BLOCK; i++) q[i] = (int8_t)(q[i] + ((bytes[i / 8] >> i % 8 & 1) << 4));
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
static void unpack_k_nibbles(const unsigned char *bytes, size_t b, int8_t *q) {
    for (size_t i = 0; i < LS_BLOCK; i++) q[i] = (int8_t)(bytes[b / 2 * LS_BLOCK + i] >> b % 2 * 4 & 15);
}

static void unpack_q4_k(const unsigned char *super, size_t b, ls_block32 *out) {
    unpack_k_scale(super, b, out);
    unpack_k_nibbles(super + 16, b, out->q);
}

static void unpack_q5_k(const unsigned char *super, size_t b, ls_block32 *out) {
    const unsigned char *fifth = super + 16;
    unpack_k_scale(super, b, out);
    unpack_k_nibbles(super + 48, b, out->q);
    for (size_t i = 0; i < LS_BLOCK; i++) out->q[i] = (int8_t)(out->q[i] + ((fifth[i] >> b & 1) << 4));
}

/* Four low bits, two high ones, a signed scale for sixteen weights, and an f16 at the end for all of them. */
static void unpack_q6_k(const unsigned char *super, size_t b, ls_block32 *out) {
    const unsigned char *low = super + b / 4 * 64 + b % 2 * LS_BLOCK, *high = super + 128 + b / 4 * LS_BLOCK;
    const unsigned char *scales = super + 192 + 2 * b;
    float d = load_f16(super + 208);
    for (size_t i = 0; i < LS_BLOCK; i++) {
        int value = (low[i] >> b / 2 % 2 * 4 & 15) | (high[i] >> b % 4 * 2 & 3) << 4;
        out->q[i] = (int8_t)(value - 32);
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
        for (size_t i = 0; i < LS_BLOCK; i++) out->q[i] = (int8_t)bytes[i];
        return;
    }
    unpack_nibbles(bytes + (fifth ? 4 : 0), minimum ? 0 : fifth ? 16 : 8, out->q);
    if (fifth) add_fifth_bits(bytes, out->q);
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
