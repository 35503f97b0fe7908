/* Blocks of every weight type, whatever their bytes: unpacked, packed for the kernels, multiplied. A row comes
 * back from memory as it is in the file; every kernel gives the same bits; and the product is within rounding
 * of the plain one, in float64 on the weights as they are. Where a weight or an input is NaN or infinite, the
 * product is not finite.
 *
 * Input: type, outputs, blocks, a seed and the binary exponent of the activations; one activation and its
 * place; then the bytes of the weights, repeated as often as the shape asks. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "base/random.h"
#include "quant/matrix.h"

enum {
    HEAD = 10,
    MOST_OUTPUTS = 17,
    SUPER_BLOCKS = 2,
    SUPER_BLOCK = 256,
    MOST_INPUTS = SUPER_BLOCKS * SUPER_BLOCK
};
/* Below what a float can hold the kernels' terms may vanish: |isum| < 2^28 times two numbers off by 2^-150. */
#define SMALLEST 0x1p-120
/* From here on a partial sum may overflow, be it of products or of a block's activations, or the product of a
 * block's two scales, which is taken before the exact sum, be that 0. */
#define LARGEST 0x1p126

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition) {
    if (!condition) abort();
}

static int same_float(float a, float b) {
    return (isnan(a) && isnan(b)) || ls_float_bits(a) == ls_float_bits(b);
}

/* The plain product of one output, and how far a product in int16 and float32 may be from it. */
typedef struct plain_product {
    double sum, bound, magnitude, inputs;
    double scale; /* the largest product of an activation's and a weight's scale */
    int finite;
} plain_product;

static int may_overflow(const plain_product *p) {
    return p->magnitude >= LARGEST || p->inputs >= LARGEST || p->scale >= LARGEST;
}

static double largest_of(const float *x) {
    double largest = 0.0;
    for (size_t i = 0; i < LS_BLOCK; i++) largest = fmax(largest, fabs((double)x[i]));
    return largest;
}

/* Adds n inputs whose weights are the difference of at most `parts[k]` in magnitude; `half_step` is the error
 * of an activation. */
static void add_inputs(plain_product *p, size_t n, const float *w, const double *parts, const float *x,
                       double half_step) {
    for (size_t k = 0; k < n; k++) {
        p->finite = p->finite && isfinite(w[k]) && isfinite(x[k]);
        p->sum += (double)w[k] * (double)x[k];
        p->magnitude += parts[k] * (fabs((double)x[k]) + half_step);
        p->bound += parts[k] * half_step;
        p->inputs += fabs((double)x[k]);
    }
}

static plain_product multiply(ls_ggml_type type, size_t inputs, const unsigned char *row, const float *w,
                              const float *x) {
    plain_product p = {.finite = 1};
    ls_form form = ls_form_of(type);
    for (size_t b = 0; b * LS_BLOCK < inputs; b++) {
        double parts[LS_BLOCK], half_step = 0.0;
        const float *block_w = w + b * LS_BLOCK, *block_x = x + b * LS_BLOCK;
        for (size_t k = 0; k < LS_BLOCK; k++) parts[k] = fabs((double)block_w[k]);
        if (form != LS_FORM_FLOAT) {
            ls_block32 block;
            ls_block_unpack(type, row, b, &block);
            half_step = largest_of(block_x) / 65534.0;
            for (size_t half = 0; half < 2; half++)
                p.scale = fmax(p.scale, 2.0 * half_step * fabs((double)block.scale[half]));
            for (size_t k = 0; k < LS_BLOCK; k++)
                parts[k] =
                    fabs((double)block.scale[k / (LS_BLOCK / 2)] * block.q[k]) + fabs((double)block.minimum);
        }
        add_inputs(&p, LS_BLOCK, block_w, parts, block_x, half_step);
    }
    /* A weight is rounded once, an activation by its scale; each term and each sum once more. */
    p.bound += ((double)inputs + 8.0) * 0x1p-23 * p.magnitude + SMALLEST;
    return p;
}

/* Fills the activations: random, of one magnitude, and one as the input has it. */
static void fill_activations(float *x, size_t inputs, const uint8_t *head) {
    for (size_t i = 0; i < inputs; i++)
        x[i] = ldexpf((float)(ls_random_u64(head[3], i) >> 40) * 0x1p-23f - 1.0f, (int8_t)head[4] / 2);
    uint32_t bits = 0;
    memcpy(&bits, head + 5, sizeof bits);
    if (head[9] < 255) x[head[9] % inputs] = ls_float_from_bits(bits);
}

static void check_rows(const ls_matrix *matrix, ls_ggml_type type, const unsigned char *rows, const float *x,
                       const float *out) {
    static float w[MOST_INPUTS], resident[MOST_INPUTS];
    size_t row_bytes = ls_row_bytes(type, matrix->inputs);
    for (size_t o = 0; o < matrix->outputs; o++) {
        ls_row_to_f32(type, matrix->inputs, rows + o * row_bytes, w);
        ls_matrix_get_row(matrix, o, resident);
        for (size_t k = 0; k < matrix->inputs; k++) must(same_float(w[k], resident[k]));
        plain_product p = multiply(type, matrix->inputs, rows + o * row_bytes, w, x);
        if (!p.finite)
            must(!isfinite(out[o]));
        else if (!may_overflow(&p))
            must(fabs((double)out[o] - p.sum) <= p.bound);
    }
}

static void check_products(const ls_matrix *matrix, ls_ggml_type type, const unsigned char *rows,
                           const float *x, ls_arena *arena) {
    enum { MOST_PANELS = (MOST_OUTPUTS + LS_LANES - 1) / LS_LANES };
    static float first[MOST_PANELS * LS_LANES], out[MOST_PANELS * LS_LANES];
    ls_activation activation;
    must(ls_activation_init(&activation, matrix->inputs, arena, NULL) == LS_OK);
    ls_activation_set(&activation, ls_kernels_at(0), matrix, x, 1, matrix->inputs);
    ls_matrix_panels(ls_kernels_at(0), matrix, &activation, 0, matrix->panels, first,
                     sizeof first / sizeof *first);
    for (size_t i = 1; ls_kernels_at(i) != NULL; i++) {
        ls_matrix_panels(ls_kernels_at(i), matrix, &activation, 0, matrix->panels, out,
                         sizeof out / sizeof *out);
        for (size_t o = 0; o < matrix->outputs; o++) must(same_float(out[o], first[o]));
    }
    check_rows(matrix, type, rows, x, first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const ls_ggml_type types[] = {LS_GGML_F32,  LS_GGML_F16,  LS_GGML_BF16, LS_GGML_Q8_0,
                                         LS_GGML_Q4_0, LS_GGML_Q4_1, LS_GGML_Q5_0, LS_GGML_Q5_1,
                                         LS_GGML_Q4_K, LS_GGML_Q5_K, LS_GGML_Q6_K};
    static float x[MOST_INPUTS];
    if (size <= HEAD) return 0;
    ls_ggml_type type = types[data[0] % (sizeof types / sizeof *types)];
    size_t outputs = 1 + data[1] % MOST_OUTPUTS;
    size_t block = ls_weight_type_find(type)->block == SUPER_BLOCK ? SUPER_BLOCK : LS_BLOCK;
    size_t inputs = block * (1 + data[2] % (MOST_INPUTS / block)), bytes = outputs * ls_row_bytes(type, inputs);
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    unsigned char *rows = NULL;
    must(ls_arena_alloc(&arena, bytes, 1, "rows", &rows, NULL) == LS_OK);
    for (size_t i = 0; i < bytes; i++) rows[i] = data[HEAD + i % (size - HEAD)];
    fill_activations(x, inputs, data);
    ls_matrix matrix;
    must(ls_matrix_init(&matrix, type, outputs, inputs, "a matrix", &arena, NULL) == LS_OK);
    /* In two parts, which need not be whole panels. */
    size_t split = data[1] / MOST_OUTPUTS % (outputs + 1);
    ls_matrix_set_rows(&matrix, type, 0, split, rows);
    ls_matrix_set_rows(&matrix, type, split, outputs - split, rows + split * ls_row_bytes(type, inputs));
    check_products(&matrix, type, rows, x, &arena);
    ls_arena_clear(&arena);
    return 0;
}
