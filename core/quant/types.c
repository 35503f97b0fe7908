#include "quant/types.h"

#include <stddef.h>

/* Numbers, names and block sizes as the ggml project defines them. A removed type keeps its row, so that a
 * message can name it. */
static const ls_weight_type weight_types[LS_WEIGHT_TYPES] = {
    /* id, name, weights per block, bytes per block, readable */
    {LS_GGML_F32, "F32", 1, 4, 1},
    {LS_GGML_F16, "F16", 1, 2, 1},
    {LS_GGML_Q4_0, "Q4_0", 32, 18, 1},
    {LS_GGML_Q4_1, "Q4_1", 32, 20, 1},
    {4, "Q4_2", 32, 0, 0},
    {5, "Q4_3", 32, 0, 0},
    {LS_GGML_Q5_0, "Q5_0", 32, 22, 1},
    {LS_GGML_Q5_1, "Q5_1", 32, 24, 1},
    {LS_GGML_Q8_0, "Q8_0", 32, 34, 1},
    {9, "Q8_1", 32, 36, 0},
    {10, "Q2_K", 256, 84, 0},
    {11, "Q3_K", 256, 110, 0},
    {LS_GGML_Q4_K, "Q4_K", 256, 144, 1},
    {LS_GGML_Q5_K, "Q5_K", 256, 176, 1},
    {LS_GGML_Q6_K, "Q6_K", 256, 210, 1},
    {15, "Q8_K", 256, 292, 0},
    {16, "IQ2_XXS", 256, 66, 0},
    {17, "IQ2_XS", 256, 74, 0},
    {18, "IQ3_XXS", 256, 98, 0},
    {19, "IQ1_S", 256, 50, 0},
    {20, "IQ4_NL", 32, 18, 0},
    {21, "IQ3_S", 256, 110, 0},
    {22, "IQ2_S", 256, 82, 0},
    {23, "IQ4_XS", 256, 136, 0},
    {24, "I8", 1, 1, 0},
    {25, "I16", 1, 2, 0},
    {26, "I32", 1, 4, 0},
    {27, "I64", 1, 8, 0},
    {28, "F64", 1, 8, 0},
    {29, "IQ1_M", 256, 56, 0},
    {LS_GGML_BF16, "BF16", 1, 2, 1},
    {31, "Q4_0_4_4", 32, 0, 0},
    {32, "Q4_0_4_8", 32, 0, 0},
    {33, "Q4_0_8_8", 32, 0, 0},
    {34, "TQ1_0", 256, 54, 0},
    {35, "TQ2_0", 256, 66, 0},
    {36, "IQ4_NL_4_4", 32, 0, 0},
    {37, "IQ4_NL_4_8", 32, 0, 0},
    {38, "IQ4_NL_8_8", 32, 0, 0},
    {39, "MXFP4", 32, 17, 0},
    {40, "NVFP4", 64, 36, 0},
    {41, "Q1_0", 128, 18, 0},
};

const ls_weight_type *ls_weight_type_find(uint32_t id) {
    /* The table has no gaps: a row's number is its place (a test holds it to that). */
    return id < LS_WEIGHT_TYPES ? &weight_types[id] : NULL;
}
