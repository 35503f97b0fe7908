/* Weights in every format that is read: against the gguf package bit for bit, and as products against float64.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/math.h"
#include "base/random.h"
#include "quant/matrix.h"
#include "support/reference.h"
#include "support/runs.h"

static const ls_ggml_type types[] = {LS_GGML_F16,  LS_GGML_BF16, LS_GGML_Q8_0, LS_GGML_Q4_0, LS_GGML_Q4_1,
                                     LS_GGML_Q5_0, LS_GGML_Q5_1, LS_GGML_Q4_K, LS_GGML_Q5_K, LS_GGML_Q6_K};
enum { TYPES = sizeof types / sizeof *types };

typedef struct row {
    const ls_weight_type *type;
    unsigned char *bytes;
    const double *values;
    size_t inputs;
} row;

static reference ref;

static int open_reference(void **state) {
    (void)state;
    return reference_open(&ref, FIXTURES "weights.ref");
}

static int close_reference(void **state) {
    (void)state;
    reference_close(&ref);
    return 0;
}

static const ref_section *section(const char *type, const char *what) {
    char name[64];
    snprintf(name, sizeof name, "%s.%s", type, what);
    const ref_section *found = reference_find(&ref, name);
    if (found == NULL) fail_msg("weights.ref has no section %s", name);
    return found;
}

static row open_row(ls_ggml_type id) {
    row r = {.type = ls_weight_type_find(id)};
    const ref_section *bytes = section(r.type->name, "bytes"), *values = section(r.type->name, "values");
    r.values = values->values;
    r.inputs = values->columns;
    assert_int_equal(bytes->columns, ls_row_bytes(id, r.inputs));
    r.bytes = malloc(bytes->columns);
    assert_non_null(r.bytes);
    for (size_t i = 0; i < bytes->columns; i++) r.bytes[i] = (unsigned char)bytes->values[i];
    return r;
}

static void expect_bits(const row *r, const float *ours) {
    for (size_t k = 0; k < r->inputs; k++)
        if (ls_float_bits(ours[k]) != ls_float_bits((float)r->values[k]))
            fail_msg("%s: weight %zu is %.9g, the gguf package reads %.9g", r->type->name, k, (double)ours[k],
                     r->values[k]);
}

static void test_against_the_gguf_package(void **state) {
    (void)state;
    for (size_t t = 0; t < TYPES; t++) {
        row r = open_row(types[t]);
        float ours[512];
        ls_allocator allocator = ls_allocator_default();
        ls_arena arena;
        ls_arena_init(&arena, &allocator);
        ls_matrix matrix;
        assert_true(r.inputs <= 512);
        assert_true(r.type->readable);
        ls_row_to_f32(types[t], r.inputs, r.bytes, ours);
        expect_bits(&r, ours);
        assert_int_equal(ls_matrix_init(&matrix, types[t], 11, r.inputs, "a matrix", &arena, NULL), LS_OK);
        ls_matrix_set_rows(&matrix, types[t], 10, 1, r.bytes);
        ls_matrix_get_row(&matrix, 10, ours);
        expect_bits(&r, ours);
        ls_arena_clear(&arena);
        free(r.bytes);
    }
}

/* ---- products ------------------------------------------------------------------------------------------ */

enum { INPUTS = 512, OUTPUTS = 19, ROWS = 5 };

/* Largest error that int16 activations allow: half a step, and float32 sums. */
static double allowed(const float *x, const float *w) {
    double total = 0.0;
    for (size_t b = 0; b < INPUTS / LS_BLOCK; b++) {
        double largest = 0.0, weights = 0.0;
        for (size_t i = b * LS_BLOCK; i < (b + 1) * LS_BLOCK; i++) {
            largest = fmax(largest, fabs((double)x[i]));
            weights += fabs((double)w[i]);
        }
        total += largest * weights * (1.0 / 65534 + 4e-6);
    }
    return total;
}

/* Rows of the reference, turned by whole blocks so that each output has others. */
static ls_matrix make_matrix(const row *r, float weights[OUTPUTS][INPUTS], ls_arena *arena) {
    ls_matrix matrix;
    size_t row_bytes = ls_row_bytes((ls_ggml_type)r->type->id, INPUTS),
           stored = ls_row_bytes((ls_ggml_type)r->type->id, r->inputs);
    size_t step = r->type->block_bytes;
    unsigned char bytes[INPUTS * 2];
    assert_int_equal(
        ls_matrix_init(&matrix, (ls_ggml_type)r->type->id, OUTPUTS, INPUTS, "a matrix", arena, NULL), LS_OK);
    for (size_t o = 0; o < OUTPUTS; o++) {
        for (size_t i = 0; i < row_bytes; i++) bytes[i] = r->bytes[(o * step + i) % stored];
        ls_matrix_set_rows(&matrix, (ls_ggml_type)r->type->id, o, 1, bytes);
        ls_row_to_f32((ls_ggml_type)r->type->id, INPUTS, bytes, weights[o]);
    }
    return matrix;
}

static void check_product(const row *r, const float *x, float weights[OUTPUTS][INPUTS], const float *out) {
    for (size_t n = 0; n < ROWS; n++)
        for (size_t o = 0; o < OUTPUTS; o++) {
            double expected = 0.0, bound = allowed(x + n * INPUTS, weights[o]);
            for (size_t k = 0; k < INPUTS; k++) expected += (double)x[n * INPUTS + k] * (double)weights[o][k];
            if (!(fabs((double)out[n * OUTPUTS + o] - expected) <= bound))
                fail_msg("%s: row %zu, output %zu is %.9g, not %.9g (allowed %.3g)", r->type->name, n, o,
                         (double)out[n * OUTPUTS + o], expected, bound);
        }
}

/* Every kernel the same bits, and all of them near what the weights say. */
static void test_products(void **state) {
    (void)state;
    float x[ROWS * INPUTS], out[ROWS * OUTPUTS], first[ROWS * OUTPUTS];
    static float weights[OUTPUTS][INPUTS];
    for (size_t i = 0; i < ROWS * INPUTS; i++)
        x[i] = (float)(ls_random_u64(3, i) >> 40) * 0x1p-23f - (i % INPUTS < 64 ? 0.0f : 1.0f);
    for (size_t t = 0; t < TYPES; t++) {
        row r = open_row(types[t]);
        ls_allocator allocator = ls_allocator_default();
        ls_arena arena;
        ls_arena_init(&arena, &allocator);
        ls_matrix matrix = make_matrix(&r, weights, &arena);
        ls_activation scratch;
        assert_int_equal(ls_activation_init(&scratch, ROWS * INPUTS, &arena, NULL), LS_OK);
        for (size_t k = 0; ls_kernels_at(k) != NULL; k++) {
            ls_compute compute = {ls_kernels_at(k), NULL};
            assert_int_equal(ls_pool_open(2, &allocator, &compute.pool, NULL), LS_OK);
            ls_matmul(&compute, &matrix, NULL, x, ROWS, &scratch, out, OUTPUTS);
            ls_pool_close(compute.pool);
            if (k == 0) memcpy(first, out, sizeof out);
            assert_memory_equal(first, out, sizeof out);
        }
        check_product(&r, x, weights, first);
        ls_arena_clear(&arena);
        free(r.bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_against_the_gguf_package),
        cmocka_unit_test(test_products),
    };
    return cmocka_run_group_tests(tests, open_reference, close_reference);
}
