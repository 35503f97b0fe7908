/*
 * The arithmetic that time is spent in: one const table of functions per instruction set, and the numeric
 * contract that makes all of them give the same bits.
 *
 * Contract. Lanes are outputs: a sum over inputs runs in index order inside its lane, so 4, 8 or 16 lanes round
 * alike. No fused multiply-add. Integer sums inside a block are exact, so their order is free. A reduction over
 * outputs (the sums of the lens) is split over LS_LANES interleaved partial sums, joined by ls_join_lanes().
 * scalar.c is the specification; every other file must equal it bit for bit, NaNs apart (any NaN equals any
 * NaN).
 */
#ifndef LS_KERNELS_H
#define LS_KERNELS_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

#define LS_LANES 8u  /* outputs per panel */
#define LS_BLOCK 32u /* inputs that share one scale */

/* Bytes of one block of a panel: [pair 0..15][output 0..7][2], two neighbouring inputs side by side. */
#define LS_Q8_PANEL_BLOCK (LS_LANES * LS_BLOCK)

/* Sums of one tile of logits relative to the references m and m_final; e = exp(z - m). */
typedef struct ls_lens_sums {
    float mass;   /* sum of e */
    float moment; /* sum of e (z - m) */
    float cross; /* sum of e ((z - m) - (z_final - m_final)): an offset common to a row cancels before it rounds
                  */
} ls_lens_sums;

/* What one pass over a tile of logits finds; a NaN is neither above nor equal to anything. */
typedef struct ls_tile_survey {
    float max;             /* largest logit; a NaN may or may not win */
    uint32_t above_floor;  /* logits above `floor` */
    uint32_t above_target; /* ... above `target` */
    uint32_t equal_target; /* ... equal to it */
} ls_tile_survey;

/* Activations of feed-forward networks: Gaussian error linear units (Hendrycks and Gimpel 2016) in GPT-2's tanh
 * form, x / (1 + exp(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3), and as x * Phi(x); x / (1 + exp(-x)), which
 * with a gate makes SwiGLU (Shazeer 2020); max(x, 0). */
typedef enum ls_unit { LS_GELU_TANH, LS_GELU_ERF, LS_SILU, LS_RELU, LS_UNITS } ls_unit;

typedef struct ls_kernels {
    const char *name;
    int (*available)(void); /* whether this processor can run the table */

    /* out[r][o] = sum over blocks b of (float)isum(r, o, b) * (x_scale[r][b] * w_scale[b][o]), in block order,
     * where isum is the exact int32 sum of x * w over the 32 inputs of the block.
     *   x        [rows][blocks * 32] int16      x_scale [rows][blocks]
     *   w        [blocks][LS_Q8_PANEL_BLOCK]    w_scale [blocks][LS_LANES]
     *   next     like w: what the next call will ask for, or NULL; only to have it near by then
     *   out      rows at `out_stride` floats, LS_LANES each; rows and blocks >= 0 */
    void (*q8_tile)(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                    const float *w_scale, const int8_t *next, float *out, size_t out_stride);

    /* The same with a minimum for each block and output: after each block's term follows
     * x_sum[r][b] * w_minimum[b][o], where x_sum is the sum of the block's inputs.
     *   x_sum [rows][blocks]   w_minimum [blocks][LS_LANES] */
    void (*q8_minimum_tile)(size_t rows, size_t blocks, const int16_t *x, const float *x_scale,
                            const float *x_sum, const int8_t *w, const float *w_scale, const float *w_minimum,
                            const int8_t *next, float *out, size_t out_stride);

    /* The same as q8_tile with a scale for each half of a block: inputs 0..15 and 16..31 are two exact sums and
     * two terms, one after the other.   w_scale [blocks][2][LS_LANES] */
    void (*q8_halves_tile)(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                           const float *w_scale, const int8_t *next, float *out, size_t out_stride);

    /* out[r][o] = sum over k of x[r][k] * w[k][o], in index order.
     *   x [rows] at `x_stride` floats; w [inputs][LS_LANES]; out as above; inputs >= 0 */
    void (*f32_tile)(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
                     size_t out_stride);

    /* Activations to int16 in blocks of LS_BLOCK with a scale each: x = scale * q, rounded half to even. A
     * block of zeros has the scale 0, one that holds a NaN or an infinity the scale NaN and zeros. x, q [blocks
     * * LS_BLOCK]   scale [blocks] */
    void (*quantise)(size_t blocks, const float *x, int16_t *q, float *scale);

    /* x[i] = unit(x[i]), i < n */
    void (*activate[LS_UNITS])(size_t n, float *x);

    /* x[i] = exp(x[i] - reference), i < n */
    void (*exponentials)(size_t n, float *x, float reference);

    /* out[i] += weight[j] * rows[j][i] for j = 0, 1, ... count - 1 in turn, i < n: scores of attention from
     * transposed keys, and its mixture of values.   rows [count] at `stride` floats; out [n] */
    void (*add_rows)(size_t count, const float *weight, const float *rows, size_t stride, size_t n, float *out);

    /* Survey of n logits, n a multiple of LS_LANES, n > 0. */
    ls_tile_survey (*tile_survey)(size_t n, const float *z, float floor, float target);

    /* Places of the logits above `floor` among n, a multiple of LS_LANES, in rising order; returns how many.
     *   place [n] */
    size_t (*tile_above)(size_t n, const float *z, float floor, uint32_t *place);

    /* Sums of a tile of n logits, n a multiple of LS_LANES; z_final is the last layer's tile, m_final its
     * reference. */
    ls_lens_sums (*lens_sums)(size_t n, const float *z, const float *z_final, float m, float m_final);
} ls_kernels;

/* Purpose: join interleaved partial sums in the fixed order ((0+4)+(2+6)) + ((1+5)+(3+7)). */
static inline float ls_join_lanes(const float lanes[LS_LANES]) {
    float even = (lanes[0] + lanes[4]) + (lanes[2] + lanes[6]);
    float odd = (lanes[1] + lanes[5]) + (lanes[3] + lanes[7]);
    return even + odd;
}

/* The same order for the maximum; a > b ? a : b is what every instruction set offers. */
static inline float ls_join_max(const float lanes[LS_LANES]) {
    float largest = lanes[0];
    for (size_t i = 1; i < LS_LANES; i++) largest = largest > lanes[i] ? largest : lanes[i];
    return largest;
}

/* Scale and factor of a block of activations from its largest magnitude and the sum of its inputs times 0. A
 * factor of 0 makes zeros of them all. */
static inline float ls_quantised_scale(float largest, float nothing) {
    return nothing == 0.0f ? largest / 32767.0f : NAN;
}

static inline float ls_quantised_inverse(float largest, float nothing) {
    if (largest == 0.0f || !(nothing == 0.0f)) return 0.0f;
    float inverse = 32767.0f / largest;
    return inverse > 3.402823466e38f ? 3.402823466e38f : inverse; /* a block of subnormals */
}

/* Purpose: the i-th table that this processor can run, fastest first; NULL past the last. */
const ls_kernels *ls_kernels_at(size_t index);
/* Purpose: the table of that name, or the fastest for NULL; NULL when there is none or it cannot run here. */
const ls_kernels *ls_kernels_find(const char *name);

extern const ls_kernels ls_kernels_scalar;
extern const ls_kernels ls_kernels_avx512vnni;
extern const ls_kernels ls_kernels_avx2;
extern const ls_kernels ls_kernels_neon;
extern const ls_kernels ls_kernels_simd128;

#endif
