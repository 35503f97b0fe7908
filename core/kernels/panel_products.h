/*
 * Products of rows of activations and a panel of weights: `q8_tile`, `q8_minimum_tile`, `q8_halves_tile` and
 * `f32_tile`, scalar.c lane by lane. Part of panel_kernels.h, which says what a panel is.
 *
 * A few blocks of the panel are widened to int16 once, in a scratch area that stays in the first-level cache,
 * and then meet every row: widening costs a shuffle per load, which would otherwise come again for each group
 * of PANEL_ROWS rows. The row functions are small leaves, called often: a WebAssembly engine recompiles a
 * function for speed when it is called again, not while it runs.
 */
#ifndef LS_KERNELS_PANEL_PRODUCTS_H
#define LS_KERNELS_PANEL_PRODUCTS_H

#include <string.h>

#include "kernels/kernels.h"

enum { WIDE_BLOCKS = 24 }; /* 12 KB of int16 weights at a time */

#define INLINE static inline __attribute__((always_inline))
#define LEAF   static __attribute__((noinline)) void

/* Unrolled in full, so that accumulators are registers and addresses are constants. */
#ifdef __clang__
#define UNROLLED _Pragma("clang loop unroll(full)")
#else
#define UNROLLED _Pragma("GCC unroll 16")
#endif

/* `rows`, a power of two up to PANEL_ROWS, is a constant in each call. */
#define CONSTANT_ROWS(function, rows, ...)                                                                     \
    if (rows == PANEL_ROWS) {                                                                                  \
        function(PANEL_ROWS, __VA_ARGS__);                                                                     \
    } else if (rows == 4) {                                                                                    \
        function(4, __VA_ARGS__);                                                                              \
    } else if (rows == 2) {                                                                                    \
        function(2, __VA_ARGS__);                                                                              \
    } else {                                                                                                   \
        function(1, __VA_ARGS__);                                                                              \
    }

/* How many of the rows that are left are worked on at once. */
static inline size_t group_of_rows(size_t left) {
    size_t rows = PANEL_ROWS;
    while (rows > left) rows /= 2;
    return rows;
}

/* ---- int8 weights -------------------------------------------------------------------------------------- */

typedef enum q8_form { Q8_SCALED, Q8_MINIMUM, Q8_HALVES } q8_form;

/* Some neighbouring blocks of a product; everything points at the first of them. */
typedef struct q8_part {
    size_t blocks; /* of a whole row of x */
    size_t count;  /* of this part */
    int first;     /* whether the sums start here or go on from `out` */
    const int16_t *x;
    const float *x_scale, *x_sum;
    const int16_t *w; /* [count][LS_Q8_PANEL_BLOCK], widened */
    const float *w_scale, *w_minimum;
} q8_part;

/* Exact sums of pairs [from, from + LS_BLOCK / 4) of a block added to `exact`, for each row. */
INLINE void sum_pairs(size_t rows, size_t from, const int16_t *const *x, const int16_t *w, sums *exact) {
    UNROLLED for (size_t pair = from; pair < from + LS_BLOCK / 4; pair += PANEL_PAIRS) {
        weights packed = weights_load(w + pair * 2 * LS_LANES);
        UNROLLED for (size_t r = 0; r < rows; r++) exact[r] = sums_add_dot(exact[r], packed, x[r] + 2 * pair);
    }
}

/* total[r] += exact[r] * (x_scale[r] * w_scale) */
INLINE void add_scaled(size_t rows, size_t stride, sums *exact, const float *x_scale, const float *w_scale,
                       panel *total) {
    panel weight_scale = panel_load(w_scale);
    UNROLLED for (size_t r = 0; r < rows; r++) {
        panel scale = panel_mul(panel_splat(x_scale[r * stride]), weight_scale);
        total[r] = panel_add(total[r], panel_mul(sums_to_panel(exact[r]), scale));
        exact[r] = sums_zero();
    }
}

INLINE void q8_rows(size_t rows, q8_form form, const q8_part *p, float *out, size_t out_stride) {
    panel total[PANEL_ROWS];
    sums exact[PANEL_ROWS];
    const int16_t *x[PANEL_ROWS], *w = p->w;
    const float *x_scale = p->x_scale, *x_sum = p->x_sum, *w_scale = p->w_scale, *w_minimum = p->w_minimum;
    size_t stride = p->blocks, count = p->count;
    UNROLLED for (size_t r = 0; r < rows; r++) {
        total[r] = p->first ? panel_zero() : panel_load(out + r * out_stride);
        exact[r] = sums_zero();
        x[r] = p->x + r * stride * LS_BLOCK;
    }
    for (size_t b = 0; b < count; b++) {
        sum_pairs(rows, 0, x, w, exact);
        if (form == Q8_HALVES) {
            add_scaled(rows, stride, exact, x_scale + b, w_scale, total);
            w_scale += LS_LANES;
        }
        sum_pairs(rows, LS_BLOCK / 4, x, w, exact);
        add_scaled(rows, stride, exact, x_scale + b, w_scale, total);
        UNROLLED for (size_t r = 0; r < rows; r++) x[r] += LS_BLOCK;
        w += LS_Q8_PANEL_BLOCK;
        w_scale += LS_LANES;
        if (form != Q8_MINIMUM) continue;
        panel minimum = panel_load(w_minimum + b * LS_LANES);
        UNROLLED for (size_t r = 0; r < rows; r++) total[r] =
            panel_add(total[r], panel_mul(panel_splat(x_sum[r * stride + b]), minimum));
    }
    UNROLLED for (size_t r = 0; r < rows; r++) panel_store(out + r * out_stride, total[r]);
}

typedef void q8_leaf(size_t rows, const q8_part *part, float *out, size_t out_stride);

LEAF q8_scaled_rows(size_t rows, const q8_part *part, float *out,
                    size_t out_stride){CONSTANT_ROWS(q8_rows, rows, Q8_SCALED, part, out, out_stride)}

LEAF q8_minimum_rows(size_t rows, const q8_part *part, float *out,
                     size_t out_stride){CONSTANT_ROWS(q8_rows, rows, Q8_MINIMUM, part, out, out_stride)}

LEAF q8_halves_rows(size_t rows, const q8_part *part, float *out,
                    size_t out_stride){CONSTANT_ROWS(q8_rows, rows, Q8_HALVES, part, out, out_stride)}

LEAF widen(size_t blocks, const int8_t *w, int16_t *out) {
    size_t step = PANEL_PAIRS * 2 * LS_LANES;
    for (size_t i = 0; i < blocks * LS_Q8_PANEL_BLOCK; i += step) weights_widen(w + i, out + i);
}

/* While rows are worked on, their share of the weights that come next, if any. GCC takes a function that only
 * fetches for one without effects and drops its calls: this one is inlined before it looks. */
INLINE void fetch_share(const int8_t *next, size_t bytes, size_t row, size_t group, size_t rows) {
    if (next == NULL) return;
    for (size_t at = bytes * row / rows; at < bytes * (row + group) / rows; at += 64) panel_fetch(next + at);
}

/* Blocks of so many that are left that are widened together. */
static inline size_t at_once(size_t left) { return left < WIDE_BLOCKS ? left : WIDE_BLOCKS; }

/* `whole` has everything but count, first and w. */
INLINE void q8_product(q8_form form, q8_leaf *leaf, size_t rows, q8_part whole, const int8_t *w,
                       const int8_t *next, float *out, size_t out_stride) {
    int16_t wide[WIDE_BLOCKS * LS_Q8_PANEL_BLOCK];
    size_t block = 0;
    do {
        q8_part part = whole;
        part.count = at_once(whole.blocks - block);
        part.first = block == 0;
        part.w = wide;
        part.w_scale += block * (form == Q8_HALVES ? 2 * LS_LANES : LS_LANES);
        if (form == Q8_MINIMUM) part.w_minimum += block * LS_LANES;
        widen(part.count, w + block * LS_Q8_PANEL_BLOCK, wide);
        size_t after = block + part.count, left = whole.blocks - after;
        const int8_t *coming = left > 0 ? w + after * LS_Q8_PANEL_BLOCK : next;
        size_t bytes = at_once(left > 0 ? left : whole.blocks) * LS_Q8_PANEL_BLOCK;
        for (size_t r = 0, group; r < rows; r += group) {
            size_t at = r * whole.blocks + block;
            group = group_of_rows(rows - r);
            part.x = whole.x + at * LS_BLOCK;
            part.x_scale = whole.x_scale + at;
            if (form == Q8_MINIMUM) part.x_sum = whole.x_sum + at;
            leaf(group, &part, out + r * out_stride, out_stride);
            fetch_share(coming, bytes, r, group, rows);
        }
        block = after;
    } while (block < whole.blocks);
}

static void q8_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                    const float *w_scale, const int8_t *next, float *out, size_t out_stride) {
    q8_part whole = {.blocks = blocks, .x = x, .x_scale = x_scale, .w_scale = w_scale};
    q8_product(Q8_SCALED, q8_scaled_rows, rows, whole, w, next, out, out_stride);
}

static void q8_minimum_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale,
                            const float *x_sum, const int8_t *w, const float *w_scale, const float *w_minimum,
                            const int8_t *next, float *out, size_t out_stride) {
    q8_part whole = {.blocks = blocks,
                     .x = x,
                     .x_scale = x_scale,
                     .x_sum = x_sum,
                     .w_scale = w_scale,
                     .w_minimum = w_minimum};
    q8_product(Q8_MINIMUM, q8_minimum_rows, rows, whole, w, next, out, out_stride);
}

static void q8_halves_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                           const float *w_scale, const int8_t *next, float *out, size_t out_stride) {
    q8_part whole = {.blocks = blocks, .x = x, .x_scale = x_scale, .w_scale = w_scale};
    q8_product(Q8_HALVES, q8_halves_rows, rows, whole, w, next, out, out_stride);
}

/* ---- float32 weights ----------------------------------------------------------------------------------- */

INLINE void add_input(size_t rows, const float *x, size_t x_stride, const float *w, panel *total) {
    panel packed = panel_load(w);
    UNROLLED for (size_t r = 0; r < rows; r++) total[r] =
        panel_in_order(panel_add(total[r], panel_mul(panel_splat(x[r * x_stride]), packed)));
}

INLINE void f32_rows(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
                     size_t out_stride) {
    enum { AT_ONCE = 8 };
    panel total[PANEL_ROWS];
    size_t k = 0;
    UNROLLED for (size_t r = 0; r < rows; r++) total[r] = panel_zero();
    for (; k + AT_ONCE <= inputs; k += AT_ONCE)
        UNROLLED for (size_t i = 0; i < AT_ONCE; i++)
            add_input(rows, x + k + i, x_stride, w + (k + i) * LS_LANES, total);
    for (; k < inputs; k++) add_input(rows, x + k, x_stride, w + k * LS_LANES, total);
    UNROLLED for (size_t r = 0; r < rows; r++) panel_store(out + r * out_stride, total[r]);
}

LEAF f32_leaf(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
              size_t out_stride) {
    CONSTANT_ROWS(f32_rows, rows, inputs, x, x_stride, w, out, out_stride)
}

static void f32_tile(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
                     size_t out_stride) {
    for (size_t r = 0, group; r < rows; r += group) {
        group = group_of_rows(rows - r);
        f32_leaf(group, inputs, x + r * x_stride, x_stride, w, out + r * out_stride, out_stride);
    }
}

#endif
