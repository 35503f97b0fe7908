/*
 * Weight matrices as they live in memory, and their products. A matrix of `outputs` x `inputs` is kept in
 * panels of LS_LANES outputs, the layout the kernels read in a straight line; the last panel is padded with
 * zeros.
 *   int8    the block formats: blocks of 32 inputs, for each output one f32 scale, or one for each half of the
 *           block (Q6_K), or a scale and a minimum (Q4_1, Q5_1, Q4_K, Q5_K); inputs are a multiple of 32
 *   float32 F32, F16 and BF16
 * Both hold exactly what the file holds.
 */
#ifndef LS_QUANT_MATRIX_H
#define LS_QUANT_MATRIX_H

#include "base/arena.h"
#include "base/pool.h"
#include "kernels/kernels.h"
#include "logitscope.h"
#include "quant/blocks.h"

typedef struct ls_matrix {
    size_t outputs, inputs;
    size_t panels; /* ceil(outputs / LS_LANES) */
    size_t blocks; /* inputs / 32; int8 only */
    ls_form form;
    int8_t *q8;        /* [panels][blocks][LS_Q8_PANEL_BLOCK], or NULL */
    float *q8_scale;   /* [panels][blocks][LS_LANES], with halves [panels][blocks][2][LS_LANES], or NULL */
    float *q8_minimum; /* [panels][blocks][LS_LANES], or NULL */
    float *f32;        /* [panels][inputs][LS_LANES], or NULL */
} ls_matrix;

/* Purpose: make room for a matrix stored in the file as `type` (readable; rows checked by the container). What
 * its rows will hold is undefined until they are set. */
ls_status ls_matrix_init(ls_matrix *matrix, ls_ggml_type type, uint64_t outputs, uint64_t inputs,
                         const char *what, ls_arena *arena, ls_error *err);

/* Purpose: take in `rows` rows (each all inputs of one output) from `output` on, one after the other as the
 * file has them. Whole panels are fastest; different rows may be set at the same time. */
void ls_matrix_set_rows(ls_matrix *matrix, ls_ggml_type type, size_t output, size_t rows,
                        const unsigned char *bytes);

/* Purpose: the weights of one output as floats, out[inputs]: a row of an embedding. */
void ls_matrix_get_row(const ls_matrix *matrix, size_t output, float *out);

/* Purpose: bytes of one row in the file. */
size_t ls_row_bytes(ls_ggml_type type, size_t inputs);

/* Purpose: convert one row of the file to floats, out[inputs]. */
void ls_row_to_f32(ls_ggml_type type, size_t inputs, const unsigned char *row, float *out);

/* ---- products --------------------------------------------------------------------------------------- */

/* Rows of activations, ready for matrices of both kinds: int16 in blocks of 32 with an f32 scale each
 * (largest magnitude / 32767), and the floats themselves. A block that holds a NaN or an infinity gets a NaN
 * scale, so that a damaged value stays visible. */
typedef struct ls_activation {
    size_t rows, inputs;
    const float *x; /* [rows][inputs], borrowed */
    int16_t *q;     /* [rows][inputs] */
    float *scale;   /* [rows][inputs / 32] */
    float *sum;     /* [rows][inputs / 32] sum of a block's int16 times its scale; for minima only */
} ls_activation;

/* Purpose: room for up to `values` activations (rows * inputs). */
ls_status ls_activation_init(ls_activation *activation, uint64_t values, ls_arena *arena, ls_error *err);

/* Purpose: point at x [rows][inputs] and, when the matrix it is for is int8, quantise it. */
void ls_activation_set(ls_activation *activation, const ls_kernels *kernels, const ls_matrix *matrix,
                       const float *x, size_t rows, size_t inputs);

/* Purpose: the same, seen from row `first` on, `count` rows of it. */
ls_activation ls_activation_rows(const ls_activation *activation, const ls_matrix *matrix, size_t first,
                                 size_t count);

/* Purpose: outputs of panels [first, first + count) for every row: out [rows] at `out_stride` floats,
 * count * LS_LANES each. */
void ls_matrix_panels(const ls_kernels *kernels, const ls_matrix *matrix, const ls_activation *activation,
                      size_t first, size_t count, float *out, size_t out_stride);

/* What a product runs on. */
typedef struct ls_compute {
    const ls_kernels *kernels;
    ls_pool *pool;
} ls_compute;

/* Purpose: out[r][o] = sum_i x[r][i] W[o][i] + bias[o], for r < rows; bias [outputs] may be NULL; out is
 * [rows] at `out_stride` floats. `scratch` must have been made for rows * inputs values. Work is split over
 * panels. */
void ls_matmul(const ls_compute *compute, const ls_matrix *matrix, const float *bias, const float *x,
               size_t rows, ls_activation *scratch, float *out, size_t out_stride);

#endif
