/* Norms of several rows at a time: each row bit for bit what its definition gives alone, and that against
 * values that are known. */
#include "support/kernel_inputs.h"

#include "model/layers.h"

enum { ROWS_MAX = 9, WIDTH_MAX = 67, GAP = 3 };

static const float EPSILON = 1e-5f;

/* The definition, one row, sums in index order. */
static void expect_row(ls_norm_kind kind, const ls_norm *norm, size_t d, const float *x, const float *out) {
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < d; i++) sum += (double)x[i];
    double mean = kind == LS_NORM_RMS ? 0.0 : sum / (double)d;
    for (size_t i = 0; i < d; i++) squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    double inverse = 1.0 / sqrt(squares / (double)d + (double)EPSILON);
    for (size_t i = 0; i < d; i++) {
        float scaled = (float)(((double)x[i] - mean) * inverse) * norm->gain[i];
        float expected = kind == LS_NORM_RMS ? scaled : scaled + norm->bias[i];
        assert_true(same_bits(&out[i], &expected, 1));
    }
}

static void expect_rows(ls_norm_kind kind, size_t rows, size_t d, int awkward, uint64_t seed) {
    float gain[WIDTH_MAX], bias[WIDTH_MAX];
    size_t stride = d + GAP;
    unaligned x = unaligned_new(((rows - 1) * stride + d) * sizeof(float)), out = unaligned_new(rows * d * 4);
    for (size_t i = 0; i < d; i++) {
        gain[i] = random_float(seed + 1, i, 2.0f);
        bias[i] = random_float(seed + 2, i, 1.0f);
    }
    for (size_t i = 0; i < (rows - 1) * stride + d; i++)
        ((float *)x.at)[i] = awkward ? awkward_float(seed, i) : random_float(seed, i, 12.0f);
    const ls_norm norm = {gain, bias};
    const ls_hyper hyper = {.norm = kind, .norm_epsilon = EPSILON, .width = (uint32_t)d};
    ls_norm_rows(&hyper, &norm, rows, x.at, stride, out.at);
    for (size_t r = 0; r < rows; r++)
        expect_row(kind, &norm, d, (const float *)x.at + r * stride, (const float *)out.at + r * d);
    free(x.memory);
    free(out.memory);
}

static void test_rows(void **state) {
    (void)state;
    static const size_t widths[] = {1, 2, 8, 31, 32, WIDTH_MAX};
    for (size_t rows = 1; rows <= ROWS_MAX; rows++)
        for (size_t w = 0; w < sizeof widths / sizeof *widths; w++)
            for (uint64_t seed = 0; seed < 20; seed++) {
                expect_rows(LS_NORM_LAYER, rows, widths[w], seed % 2 == 1, seed);
                expect_rows(LS_NORM_RMS, rows, widths[w], seed % 2 == 1, seed);
            }
}

/* Of 1 and 3 the mean is 2 and the deviation 1; of 3 and 4 the root of the mean of squares is 3.5355. */
static void test_values(void **state) {
    (void)state;
    float gain[] = {1.0f, 2.0f}, bias[] = {0.5f, 0.0f}, x[] = {1.0f, 3.0f}, y[] = {3.0f, 4.0f}, out[2];
    const ls_norm norm = {gain, bias};
    ls_hyper hyper = {.norm = LS_NORM_LAYER, .width = 2};
    ls_norm_rows(&hyper, &norm, 1, x, 2, out);
    assert_float_equal(out[0], -0.5f, 0.0f);
    assert_float_equal(out[1], 2.0f, 0.0f);
    hyper.norm = LS_NORM_RMS;
    ls_norm_rows(&hyper, &norm, 1, y, 2, out);
    assert_float_equal(out[0], 0.8485281f, 1e-6f);
    assert_float_equal(out[1], 2.2627417f, 1e-6f);
}

int main(void) {
    static const struct CMUnitTest tests[] = {cmocka_unit_test(test_rows), cmocka_unit_test(test_values)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
