/* The weight formats that GGUF can name: a data table, so that a new one is a new row. */
#ifndef LS_QUANT_TYPES_H
#define LS_QUANT_TYPES_H

#include <stdint.h>

/* The types that are computed with. */
typedef enum ls_ggml_type {
    LS_GGML_F32 = 0,
    LS_GGML_F16 = 1,
    LS_GGML_Q4_0 = 2,
    LS_GGML_Q4_1 = 3,
    LS_GGML_Q5_0 = 6,
    LS_GGML_Q5_1 = 7,
    LS_GGML_Q8_0 = 8,
    LS_GGML_Q4_K = 12,
    LS_GGML_Q5_K = 13,
    LS_GGML_Q6_K = 14,
    LS_GGML_BF16 = 30,
} ls_ggml_type;

typedef struct ls_weight_type {
    uint32_t id;          /* number in the file */
    const char *name;     /* "Q8_0" */
    uint32_t block;       /* weights per block: rows must be a multiple of it */
    uint32_t block_bytes; /* bytes per block; 0: removed from the format */
    int readable;         /* whether this version computes with it */
} ls_weight_type;

/* Type numbers run below this. */
#define LS_WEIGHT_TYPES 42u

/* Purpose: the row for a type number, or NULL when no such type was ever defined. */
const ls_weight_type *ls_weight_type_find(uint32_t id);

#endif
