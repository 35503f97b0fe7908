/* Resident matrices: conversion from the file's formats, quantised activations, products against float64. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/math.h"
#include "base/random.h"
#include "quant/f16.h"
#include "quant/matrix.h"
#include "support/debug_allocator.h"

static float random_float(uint64_t seed, uint64_t i) {
    return (float)((double)(ls_random_u64(seed, i) >> 11) * 0x1p-52 - 1.0);
}

/* ---- half precision ------------------------------------------------------------------------------------ */

/* What IEEE 754 says a half is worth, in double. */
static double half_value(unsigned half) {
    double sign = half & 0x8000 ? -1.0 : 1.0, mantissa = half & 0x3ff;
    int exponent = (int)(half >> 10 & 31);
    if (exponent == 31) return mantissa == 0.0 ? sign * INFINITY : NAN;
    return exponent == 0 ? sign * ldexp(mantissa, -24) : sign * ldexp(1024.0 + mantissa, exponent - 25);
}

static void test_every_half(void **state) {
    (void)state;
    for (unsigned half = 0; half < 65536; half++) {
        double expected = half_value(half);
        float ours = ls_f16_to_f32((uint16_t)half);
        if (isnan(expected)) {
            assert_true(isnan(ours));
        } else {
            assert_true((double)ours == expected);
            assert_int_equal(!!signbit(ours), half >> 15);
        }
    }
}

/* ---- rows of the file ---------------------------------------------------------------------------------- */

/* A matrix as a file has it, made of random bytes that are finite numbers. */
static unsigned char *file_rows(ls_ggml_type type, size_t outputs, size_t inputs, uint64_t seed) {
    size_t row = ls_row_bytes(type, inputs), bytes = outputs * row;
    unsigned char *rows = malloc(bytes + 1);
    assert_non_null(rows);
    for (size_t i = 0; i < bytes; i++) rows[i] = (unsigned char)ls_random_u64(seed, i);
    for (size_t i = 0; type == LS_GGML_F32 && i < bytes / 4; i++) {
        float value = random_float(seed, i);
        memcpy(rows + 4 * i, &value, sizeof value);
    }
    for (size_t i = 0; type == LS_GGML_F16 && i < bytes / 2; i++)
        if ((rows[2 * i + 1] & 0x7c) == 0x7c) rows[2 * i + 1] ^= 0x40; /* neither infinite nor NaN */
    for (size_t i = 0; type == LS_GGML_Q8_0 && i < bytes; i += 34)
        rows[i + 1] = (unsigned char)(0x20 | (rows[i + 1] & 0x83)); /* scales from 2^-7 to 2^-6, either sign */
    return rows;
}

static uint32_t file_u16(const unsigned char *p) { return p[0] | (uint32_t)p[1] << 8; }

/* One weight, straight from the bytes. */
static double file_weight(ls_ggml_type type, size_t inputs, const unsigned char *rows, size_t output,
                          size_t k) {
    const unsigned char *row = rows + output * ls_row_bytes(type, inputs);
    float single = 0.0f;
    switch (type) {
    case LS_GGML_F16:
        return half_value(file_u16(row + 2 * k));
    case LS_GGML_Q8_0:
        row += k / 32 * 34;
        return half_value(file_u16(row)) * (int8_t)row[2 + k % 32];
    default:
        memcpy(&single, row + 4 * k, sizeof single);
        return (double)single;
    }
}

static ls_matrix make_matrix(ls_ggml_type type, size_t outputs, size_t inputs, const unsigned char *rows,
                             ls_arena *arena) {
    ls_matrix matrix;
    assert_int_equal(ls_matrix_init(&matrix, type, outputs, inputs, "a matrix", arena, NULL), LS_OK);
    /* One row, then as many as there are, so that they begin inside a panel and cross into others. */
    ls_matrix_set_rows(&matrix, type, 0, 1, rows);
    ls_matrix_set_rows(&matrix, type, 1, outputs - 1, rows + ls_row_bytes(type, inputs));
    return matrix;
}

static void open_arena(ls_arena *arena) {
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(arena, &allocator);
}

static const ls_ggml_type types[] = {LS_GGML_F32, LS_GGML_F16, LS_GGML_Q8_0};
static const size_t outputs_around_panels[] = {1, 2, 7, 8, 9, 15, 16, 17, 65};

/* What went in comes out: exactly, since a Q8_0 weight is 11 bits times 8 and fits in a float. */
static void test_rows(void **state) {
    (void)state;
    for (size_t t = 0; t < 3; t++)
        for (size_t s = 0; s < sizeof outputs_around_panels / sizeof *outputs_around_panels; s++) {
            size_t outputs = outputs_around_panels[s], inputs = 96;
            float row[96], direct[96];
            ls_arena arena;
            open_arena(&arena);
            unsigned char *rows = file_rows(types[t], outputs, inputs, 10 * t + s);
            ls_matrix matrix = make_matrix(types[t], outputs, inputs, rows, &arena);
            for (size_t o = 0; o < outputs; o++) {
                ls_matrix_get_row(&matrix, o, row);
                ls_row_to_f32(types[t], inputs, rows + o * ls_row_bytes(types[t], inputs), direct);
                for (size_t k = 0; k < inputs; k++) {
                    double expected = file_weight(types[t], inputs, rows, o, k);
                    assert_true((double)row[k] == expected && (double)direct[k] == expected);
                }
            }
            ls_arena_clear(&arena);
            free(rows);
        }
}

static const ls_ggml_type every_type[] = {LS_GGML_F32,  LS_GGML_F16,  LS_GGML_BF16, LS_GGML_Q8_0,
                                          LS_GGML_Q4_0, LS_GGML_Q4_1, LS_GGML_Q5_0, LS_GGML_Q5_1,
                                          LS_GGML_Q4_K, LS_GGML_Q5_K, LS_GGML_Q6_K};

static int same_matrix(const ls_matrix *a, const ls_matrix *b) {
    size_t weights = a->panels * LS_LANES * a->inputs, blocks = a->panels * LS_LANES * a->blocks;
    size_t scales = a->form == LS_FORM_HALVES ? 2 * blocks : blocks;
    if (a->form == LS_FORM_FLOAT) return memcmp(a->f32, b->f32, weights * sizeof(float)) == 0;
    return memcmp(a->q8, b->q8, weights) == 0 &&
           memcmp(a->q8_scale, b->q8_scale, scales * sizeof(float)) == 0 &&
           (a->form != LS_FORM_MINIMUM || memcmp(a->q8_minimum, b->q8_minimum, blocks * sizeof(float)) == 0);
}

/* Panels taken in whole, row by row and in pieces that end inside a panel: the same bits, and those of the
 * rows. */
static void check_pieces(ls_ggml_type type, size_t outputs, size_t inputs) {
    static const size_t pieces[] = {1, 3, 8, 11};
    size_t row_bytes = ls_row_bytes(type, inputs);
    float row[520], direct[520];
    ls_arena arena;
    open_arena(&arena);
    unsigned char *rows = file_rows(type, outputs, inputs, outputs + inputs);
    ls_matrix whole, other;
    assert_int_equal(ls_matrix_init(&whole, type, outputs, inputs, "a matrix", &arena, NULL), LS_OK);
    ls_matrix_set_rows(&whole, type, 0, outputs, rows);
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        assert_int_equal(ls_matrix_init(&other, type, outputs, inputs, "a matrix", &arena, NULL), LS_OK);
        for (size_t o = 0; o < outputs; o += pieces[i])
            ls_matrix_set_rows(&other, type, o, outputs - o < pieces[i] ? outputs - o : pieces[i],
                               rows + o * row_bytes);
        if (!same_matrix(&whole, &other))
            fail_msg("%s: %zu outputs in pieces of %zu differ", ls_weight_type_find(type)->name, outputs,
                     pieces[i]);
    }
    for (size_t o = 0; o < outputs; o++) {
        ls_matrix_get_row(&whole, o, row);
        ls_row_to_f32(type, inputs, rows + o * row_bytes, direct);
        assert_memory_equal(row, direct, inputs * sizeof *row);
    }
    ls_arena_clear(&arena);
    free(rows);
}

static void test_pieces(void **state) {
    (void)state;
    static const size_t odd_inputs[] = {1, 63, 64, 65, 130};
    for (size_t t = 0; t < sizeof every_type / sizeof *every_type; t++)
        for (size_t s = 0; s < sizeof outputs_around_panels / sizeof *outputs_around_panels; s++) {
            check_pieces(every_type[t], outputs_around_panels[s], 512);
            for (size_t i = 0; ls_form_of(every_type[t]) == LS_FORM_FLOAT && i < 5; i++)
                check_pieces(every_type[t], outputs_around_panels[s], odd_inputs[i]);
        }
}

static void test_row_bytes(void **state) {
    (void)state;
    assert_int_equal(ls_row_bytes(LS_GGML_F32, 33), 132);
    assert_int_equal(ls_row_bytes(LS_GGML_F16, 33), 66);
    assert_int_equal(ls_row_bytes(LS_GGML_Q8_0, 64), 68);
}

/* ---- quantised activations ----------------------------------------------------------------------------- */

/* One block through ls_activation_set. */
static float quantise(const float x[LS_BLOCK], int16_t q[LS_BLOCK]) {
    int8_t weight = 0;
    float scale = 0.0f;
    ls_matrix matrix = {.outputs = 1, .inputs = LS_BLOCK, .q8 = &weight};
    ls_activation activation = {.q = q, .scale = &scale};
    ls_activation_set(&activation, ls_kernels_at(0), &matrix, x, 1, LS_BLOCK);
    return scale;
}

/* Half a step, and the rounding of x * (32767 / largest) and of the scale: 2 units in the last place of 24
 * bits. */
static void test_quantisation_error(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        float x[LS_BLOCK], largest = 0.0f, magnitude = ldexpf(1.0f, (int)(seed % 200) - 110);
        int16_t q[LS_BLOCK];
        for (size_t i = 0; i < LS_BLOCK; i++) {
            x[i] = magnitude * random_float(seed, i);
            largest = fmaxf(largest, fabsf(x[i]));
        }
        float scale = quantise(x, q);
        double bound = 0.5 * (double)scale + 2.0 * 0x1p-24 * (double)largest;
        for (size_t i = 0; i < LS_BLOCK; i++) {
            assert_in_range(q[i] + 32767, 0, 65534); /* never -32768 */
            assert_true(fabs((double)q[i] * (double)scale - (double)x[i]) <= bound);
            if (fabsf(x[i]) == largest) assert_int_equal(abs(q[i]), 32767);
        }
    }
}

/* Halves go to the even neighbour: with 32767 as the largest, the scale is 1. */
static void test_quantisation_rounds_to_even(void **state) {
    (void)state;
    float x[LS_BLOCK] = {32767.0f, 0.5f, 1.5f, 2.5f, -0.5f, -1.5f, -2.5f, 0.49f, 0.51f};
    static const int expected[9] = {32767, 0, 2, 2, 0, -2, -2, 0, 1};
    int16_t q[LS_BLOCK];
    assert_true(quantise(x, q) == 1.0f);
    for (size_t i = 0; i < LS_BLOCK; i++) assert_int_equal(q[i], i < 9 ? expected[i] : 0);
}

static void test_quantisation_of_odd_blocks(void **state) {
    (void)state;
    float x[LS_BLOCK] = {0};
    int16_t q[LS_BLOCK];
    memset(q, 0x55, sizeof q);
    assert_true(quantise(x, q) == 0.0f);
    for (size_t i = 0; i < LS_BLOCK; i++) assert_int_equal(q[i], 0);
    static const float damaged[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < 3; k++)
        for (size_t at = 0; at < LS_BLOCK; at += 31) {
            float y[LS_BLOCK] = {0};
            y[7] = 1.0f;
            y[at] = damaged[k];
            assert_true(isnan(quantise(y, q))); /* visible, not hidden as a zero */
        }
    x[3] = 3.4028234e38f;
    x[4] = -1.7014117e38f;
    assert_true(quantise(x, q) == 3.4028234e38f / 32767.0f);
    assert_int_equal(q[3], 32767);
    assert_int_equal(q[4], -16384); /* -16383.5 goes to the even side */
}

/* Blocks so small that 32767 / largest overflows: their weight in any product is nothing, and no number goes
 * out of its range. */
static void test_quantisation_of_tiny_blocks(void **state) {
    (void)state;
    for (int exponent = -149; exponent < -110; exponent++) {
        float x[LS_BLOCK] = {0};
        int16_t q[LS_BLOCK];
        for (size_t i = 0; i < LS_BLOCK; i++) x[i] = ldexpf(i % 2 ? -1.0f : 1.0f, exponent);
        float scale = quantise(x, q);
        for (size_t i = 0; i < LS_BLOCK; i++) {
            double back = (double)q[i] * (double)scale;
            assert_true(isfinite(back) && fabs(back) <= 1.01 * fabs((double)x[i]));
            assert_true(back == 0.0 || (back > 0.0) == (x[i] > 0.0f));
        }
    }
}

/* ---- products ------------------------------------------------------------------------------------------ */

typedef struct product {
    ls_ggml_type type;
    size_t rows, outputs, inputs;
    int biased;
} product;

/* Half a step of the block that input k of a row is in; nothing where activations stay floats. */
static double half_step(const product *p, const float *row, size_t k) {
    double largest = 0.0;
    if (p->type != LS_GGML_Q8_0) return 0.0;
    for (size_t i = 0; i < LS_BLOCK; i++)
        largest = fmax(largest, fabs((double)row[k / LS_BLOCK * LS_BLOCK + i]));
    return largest / 65534.0;
}

/* Against float64 on the weights of the file. In float32 a sum of n products is within (n + 2) * 2^-24 of the
 * sum of magnitudes; every int16 activation is off by half a step as well. */
static void check_product(const product *p, const unsigned char *file, const float *x, const float *bias,
                          const float *out) {
    for (size_t r = 0; r < p->rows; r++)
        for (size_t o = 0; o < p->outputs; o++) {
            const float *row = x + r * p->inputs;
            double sum = 0.0, magnitude = 0.0, steps = 0.0;
            for (size_t k = 0; k < p->inputs; k++) {
                double w = file_weight(p->type, p->inputs, file, o, k);
                sum += w * (double)row[k];
                magnitude += fabs(w * (double)row[k]);
                steps += fabs(w) * half_step(p, row, k);
            }
            if (p->biased) sum += (double)bias[o];
            double bound = (double)(p->inputs + 2) * 0x1p-24 * (magnitude + 1.0) + steps;
            assert_true(fabs((double)out[r * p->outputs + o] - sum) <= bound);
        }
}

/* Runs one product with every kernel and 1, 2 and 3 threads; all must agree to the bit. */
static void run_product(const product *p) {
    ls_arena arena;
    open_arena(&arena);
    unsigned char *file = file_rows(p->type, p->outputs, p->inputs, p->rows + p->outputs);
    ls_matrix matrix = make_matrix(p->type, p->outputs, p->inputs, file, &arena);
    size_t x_count = p->rows * p->inputs, out_count = p->rows * p->outputs;
    float *x = malloc(x_count * sizeof *x), *bias = malloc(p->outputs * sizeof *bias);
    float *out = malloc(out_count * sizeof *out), *first = malloc(out_count * sizeof *first);
    assert_true(x != NULL && bias != NULL && out != NULL && first != NULL);
    for (size_t i = 0; i < x_count; i++) x[i] = 3.0f * random_float(77, i);
    for (size_t o = 0; o < p->outputs; o++) bias[o] = random_float(78, o);
    ls_activation scratch;
    assert_int_equal(ls_activation_init(&scratch, x_count, &arena, NULL), LS_OK);
    int have_first = 0;
    for (size_t k = 0; ls_kernels_at(k) != NULL; k++)
        for (unsigned threads = 1; threads <= 3; threads++) {
            ls_compute compute = {ls_kernels_at(k), NULL};
            assert_int_equal(ls_pool_open(threads, &arena.allocator, &compute.pool, NULL), LS_OK);
            memset(out, 0xff, out_count * sizeof *out);
            ls_matmul(&compute, &matrix, p->biased ? bias : NULL, x, p->rows, &scratch, out, p->outputs);
            ls_pool_close(compute.pool);
            if (!have_first) memcpy(first, out, out_count * sizeof *out);
            have_first = 1;
            assert_memory_equal(out, first, out_count * sizeof *out);
        }
    check_product(p, file, x, bias, first);
    free(x);
    free(bias);
    free(out);
    free(first);
    free(file);
    ls_arena_clear(&arena);
}

static void test_products(void **state) {
    (void)state;
    static const size_t row_counts[] = {1, 2, 3, 4, 5, 9};
    for (size_t t = 0; t < 3; t++)
        for (size_t s = 0; s < sizeof outputs_around_panels / sizeof *outputs_around_panels; s++)
            for (size_t r = 0; r < sizeof row_counts / sizeof *row_counts; r++) {
                product p = {types[t], row_counts[r], outputs_around_panels[s], 32 * (1 + (s + r) % 3),
                             (int)(r % 2)};
                run_product(&p);
                p.inputs = types[t] == LS_GGML_Q8_0 ? 768 : 31 + 2 * (s % 2); /* 31 and 33: no whole block */
                if (s % 4 == 0) run_product(&p);
            }
}

/* A damaged activation must come out as NaN, and in its own row only. */
static void test_damage_stays_in_its_row(void **state) {
    (void)state;
    ls_arena arena;
    open_arena(&arena);
    unsigned char *file = file_rows(LS_GGML_Q8_0, 16, 64, 5);
    ls_matrix matrix = make_matrix(LS_GGML_Q8_0, 16, 64, file, &arena);
    float x[3 * 64], out[3 * 16];
    for (size_t i = 0; i < 3 * 64; i++) x[i] = random_float(6, i);
    x[64 + 40] = INFINITY;
    ls_activation scratch;
    ls_compute compute = {ls_kernels_at(0), NULL};
    assert_int_equal(ls_activation_init(&scratch, 3 * 64, &arena, NULL), LS_OK);
    assert_int_equal(ls_pool_open(1, &arena.allocator, &compute.pool, NULL), LS_OK);
    ls_matmul(&compute, &matrix, NULL, x, 3, &scratch, out, 16);
    for (size_t i = 0; i < 3 * 16; i++) assert_int_equal(!!isnan(out[i]), i / 16 == 1);
    ls_pool_close(compute.pool);
    ls_arena_clear(&arena);
    free(file);
}

/* What pads the last panel is zero, whatever the memory held before. */
static void test_padding(void **state) {
    (void)state;
    enum { OUTPUTS = 2 * (int)LS_LANES + 3, INPUTS = 64, ALL = 3 * (int)LS_LANES };
    for (size_t t = 0; t < 3; t++) {
        debug_allocator debug;
        ls_allocator allocator = debug_allocator_open(&debug);
        ls_arena arena;
        ls_matrix matrix;
        float row[INPUTS];
        ls_arena_init(&arena, &allocator);
        assert_int_equal(ls_matrix_init(&matrix, types[t], OUTPUTS, INPUTS, "a test", &arena, NULL), LS_OK);
        unsigned char *rows = file_rows(types[t], OUTPUTS, INPUTS, 5);
        ls_matrix_set_rows(&matrix, types[t], 0, OUTPUTS, rows);
        for (size_t output = OUTPUTS; output < ALL; output++) {
            ls_matrix_get_row(&matrix, output, row);
            for (size_t k = 0; k < INPUTS; k++) assert_true(row[k] == 0.0f);
        }
        free(rows);
        ls_arena_clear(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_half),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_row_bytes),
        cmocka_unit_test(test_quantisation_error),
        cmocka_unit_test(test_quantisation_rounds_to_even),
        cmocka_unit_test(test_quantisation_of_odd_blocks),
        cmocka_unit_test(test_quantisation_of_tiny_blocks),
        cmocka_unit_test(test_products),
        cmocka_unit_test(test_damage_stays_in_its_row),
        cmocka_unit_test(test_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
