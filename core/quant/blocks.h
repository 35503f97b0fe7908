/* The block formats of GGUF, thirty-two weights at a time: w = scale * q + minimum. */
#ifndef LS_QUANT_BLOCKS_H
#define LS_QUANT_BLOCKS_H

#include <stddef.h>

#include "kernels/kernels.h"
#include "quant/types.h"

/* How the weights of a type are kept in memory. */
typedef enum ls_form {
    LS_FORM_FLOAT,   /* floats: F32, F16, BF16 */
    LS_FORM_SCALED,  /* int8, a scale per block: Q8_0, Q4_0, Q5_0 */
    LS_FORM_MINIMUM, /* int8, a scale and a minimum per block: Q4_1, Q5_1, Q4_K, Q5_K */
    LS_FORM_HALVES,  /* int8, a scale per half of a block: Q6_K */
} ls_form;

typedef struct ls_block32 {
    int8_t q[LS_BLOCK];
    float scale[2]; /* of each half; equal unless the form is LS_FORM_HALVES */
    float minimum;  /* 0 unless the form is LS_FORM_MINIMUM */
} ls_block32;

ls_form ls_form_of(ls_ggml_type type);

/* Purpose: block number `block` of a row of the file; the type's form is not LS_FORM_FLOAT. Scales and minima
 * are exact: products of a half and a small integer at most. */
void ls_block_unpack(ls_ggml_type type, const unsigned char *row, size_t block, ls_block32 *out);

/* Purpose: weight k of a block, rounded once, as the format defines it. */
static inline float ls_block_weight(ls_form form, const ls_block32 *block, size_t k) {
    float weight = block->scale[k / (LS_BLOCK / 2)] * (float)block->q[k];
    return form == LS_FORM_MINIMUM ? weight + block->minimum : weight;
}

#endif
