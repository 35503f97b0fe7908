/* The kernels between two products: every table against the scalar one, bit for bit, and the scalar one against
 * plain float64. */
#include "support/kernel_inputs.h"

enum { MOST = 131 };

static void fill(float *x, size_t n, int awkward, uint64_t seed) {
    for (size_t i = 0; i < n; i++) x[i] = awkward ? awkward_float(seed, i) : random_float(seed, i, 12.0f);
}

/* ---- quantising ---------------------------------------------------------------------------------------- */

enum { BLOCKS_MAX = 5 };

static void compare_quantise(const ls_kernels *kernels, size_t blocks, int awkward, uint64_t seed) {
    size_t n = blocks * LS_BLOCK;
    unaligned x = unaligned_new(n * sizeof(float)), q = unaligned_new(n * sizeof(int16_t));
    int16_t expected[BLOCKS_MAX * LS_BLOCK];
    float scale[BLOCKS_MAX], expected_scale[BLOCKS_MAX];
    fill(x.at, n, awkward, seed);
    ls_kernels_scalar.quantise(blocks, x.at, expected, expected_scale);
    kernels->quantise(blocks, x.at, q.at, scale);
    assert_memory_equal(q.at, expected, n * sizeof(int16_t));
    assert_true(same_bits(scale, expected_scale, blocks));
    free(x.memory);
    free(q.memory);
}

static void test_quantise(void **state) {
    for (size_t blocks = 1; blocks <= BLOCKS_MAX; blocks++)
        for (uint64_t seed = 0; seed < 200; seed++) {
            compare_quantise(*state, blocks, 0, seed);
            compare_quantise(*state, blocks, 1, seed);
        }
}

/* One awkward number in a block; the others must come out as they should beside it. */
static void test_quantise_values(void **state) {
    const ls_kernels *kernels = *state;
    static const struct {
        float first, second;
        int16_t q; /* of the second */
        float scale;
    } cases[] = {
        {32767.0f, 0.5f, 0, 1.0f}, /* half to even */
        {32767.0f, 1.5f, 2, 1.0f},
        {-32767.0f, -2.5f, -2, 1.0f},
        {32767.0f, 32766.5f, 32766, 1.0f},
        {-65534.0f, 65534.0f, 32767, 2.0f},
        {0.0f, -0.0f, 0, 0.0f},
        {INFINITY, 1.0f, 0, NAN},
        {-INFINITY, 1.0f, 0, NAN},
        {NAN, 1.0f, 0, NAN},
        {1e-45f, 0.0f, 0, 0.0f}, /* less than any scale can say */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float x[LS_BLOCK] = {0}, scale = -1.0f;
        int16_t q[LS_BLOCK];
        x[i % LS_BLOCK] = cases[i].first;
        x[31 - i % LS_BLOCK] = cases[i].second;
        kernels->quantise(1, x, q, &scale);
        assert_int_equal(q[31 - i % LS_BLOCK], cases[i].q);
        assert_true(same_bits(&scale, &cases[i].scale, 1));
    }
}

/* Half a step; and scale, factor and product are each rounded once, to 2^-24 of at most 32,767 steps. */
static void test_quantise_error(void **state) {
    const ls_kernels *kernels = *state;
    for (uint64_t seed = 0; seed < 100; seed++) {
        float x[LS_BLOCK], scale = 0.0f;
        int16_t q[LS_BLOCK];
        fill(x, LS_BLOCK, 0, seed);
        kernels->quantise(1, x, q, &scale);
        for (size_t i = 0; i < LS_BLOCK; i++)
            assert_true(fabs((double)scale * q[i] - (double)x[i]) <=
                        (0.5 + 3 * 32767 * 0x1p-24) * (double)scale);
    }
}

/* ---- one value at a time ------------------------------------------------------------------------------- */

typedef void apply_fn(const ls_kernels *kernels, int which, size_t n, float *x);

static void apply_unit(const ls_kernels *kernels, int which, size_t n, float *x) {
    kernels->activate[which](n, x);
}

static void apply_exponentials(const ls_kernels *kernels, int which, size_t n, float *x) {
    static const float references[] = {0.0f, 12.0f, -90.0f, INFINITY, NAN};
    kernels->exponentials(n, x, references[which]);
}

static void compare_apply(const ls_kernels *kernels, apply_fn *apply, int variants) {
    for (int which = 0; which < variants; which++)
        for (size_t n = 0; n <= MOST; n += n < 20 ? 1 : 37)
            for (uint64_t seed = 0; seed < 6; seed++) {
                unaligned x = unaligned_new(n * sizeof(float));
                float expected[MOST];
                fill(x.at, n, seed % 2 == 1, seed);
                if (n > 0) memcpy(expected, x.at, n * sizeof(float));
                apply(&ls_kernels_scalar, which, n, expected);
                apply(kernels, which, n, x.at);
                if (!same_bits(x.at, expected, n))
                    fail_msg("%s: number %d differs from scalar at %zu values", kernels->name, which, n);
                free(x.memory);
            }
}

static void test_activate(void **state) { compare_apply(*state, apply_unit, LS_UNITS); }
static void test_exponentials(void **state) { compare_apply(*state, apply_exponentials, 5); }

static double plain_unit(ls_unit unit, double x) {
    const double pi = 3.14159265358979323846;
    switch (unit) {
    case LS_GELU_TANH:
        return 0.5 * x * (1.0 + tanh(sqrt(2.0 / pi) * (x + 0.044715 * x * x * x)));
    case LS_GELU_ERF:
        return 0.5 * x * (1.0 + erf(x / sqrt(2.0)));
    case LS_SILU:
        return x / (1.0 + exp(-x));
    default:
        return x < 0.0 ? 0.0 : x;
    }
}

/* Against float64 by libm: the error of exp or erf (math.h) times |x|, and a few roundings. */
static void test_units_against_double(void **state) {
    const ls_kernels *kernels = *state;
    for (int unit = 0; unit < LS_UNITS; unit++)
        for (int i = -2000; i <= 2000; i++) {
            float x = (float)i * 0.01f, ours = x;
            kernels->activate[unit](1, &ours);
            double expected = plain_unit((ls_unit)unit, (double)x);
            double bound = 6e-7 * fabs((double)x) + 4e-7 * fabs(expected) + 1e-37;
            if (!(fabs((double)ours - expected) <= bound))
                fail_msg("unit %d of %g is %.9g, should be %.9g", unit, (double)x, (double)ours, expected);
        }
}

/* ---- attention ----------------------------------------------------------------------------------------- */

static void compare_rows(const ls_kernels *kernels, size_t count, size_t n, size_t stride, int awkward,
                         uint64_t seed) {
    size_t values = count > 0 ? (count - 1) * stride + n : 0;
    unaligned rows = unaligned_new(values * sizeof(float)), out = unaligned_new(n * sizeof(float));
    float weight[16], expected[MOST];
    fill(rows.at, values, awkward, seed);
    fill(weight, count, awkward, seed + 1);
    fill(out.at, n, awkward, seed + 2);
    if (n > 0) memcpy(expected, out.at, n * sizeof(float));
    ls_kernels_scalar.add_rows(count, weight, rows.at, stride, n, expected);
    kernels->add_rows(count, weight, rows.at, stride, n, out.at);
    if (!same_bits(out.at, expected, n))
        fail_msg("%s: add_rows differs from scalar at %zu rows of %zu", kernels->name, count, n);
    free(rows.memory);
    free(out.memory);
}

static void test_add_rows(void **state) {
    for (size_t count = 0; count <= 16; count += count < 4 ? 1 : 6)
        for (size_t n = 0; n <= MOST; n += n < 42 ? 1 : 23)
            for (size_t extra = 0; extra < 3; extra++) {
                compare_rows(*state, count, n, n + extra, 0, n);
                compare_rows(*state, count, n, n + extra, 1, n);
            }
}

/* In the order of the rows: a small number beside two large ones that cancel survives only after both. */
static void test_add_rows_order(void **state) {
    const ls_kernels *kernels = *state;
    const float large_first[] = {1e8f, -1e8f, 0.25f}, small_first[] = {0.25f, 1e8f, -1e8f};
    float rows[3 * 40], kept[40] = {0}, lost[40] = {0};
    for (size_t i = 0; i < 3 * 40; i++) rows[i] = 1.0f;
    kernels->add_rows(3, large_first, rows, 40, 40, kept);
    kernels->add_rows(3, small_first, rows, 40, 40, lost);
    for (size_t i = 0; i < 40; i++) assert_true(kept[i] == 0.25f && lost[i] == 0.0f);
}

int main(void) {
    static const struct CMUnitTest each[] = {
        cmocka_unit_test(test_quantise),       cmocka_unit_test(test_quantise_values),
        cmocka_unit_test(test_quantise_error), cmocka_unit_test(test_activate),
        cmocka_unit_test(test_exponentials),   cmocka_unit_test(test_units_against_double),
        cmocka_unit_test(test_add_rows),       cmocka_unit_test(test_add_rows_order),
    };
    return run_for_each_table(each, sizeof each / sizeof *each);
}
