/* Every table of kernels against the scalar one, bit for bit, and the scalar one against plain float64. */
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
#include "kernels/kernels.h"
#include "support/kernel_inputs.h"

/* More rows than any table works on at once, by every remainder; blocks likewise. */
enum { OUT_STRIDE = 11, ROWS_MAX = 17, GUARD = 0x5a };

/* ---- int8 tiles ---------------------------------------------------------------------------------------- */

typedef struct q8_case {
    size_t rows, blocks;
    unaligned x, x_scale, x_sum, w, w_scale, w_minimum; /* scales for both halves of a block */
} q8_case;

typedef void fill_q8(q8_case *c, uint64_t seed);

static q8_case q8_new(size_t rows, size_t blocks, fill_q8 *fill, uint64_t seed) {
    q8_case c = {rows,
                 blocks,
                 unaligned_new(rows * blocks * LS_BLOCK * sizeof(int16_t)),
                 unaligned_new(rows * blocks * sizeof(float)),
                 unaligned_new(rows * blocks * sizeof(float)),
                 unaligned_new(blocks * LS_Q8_PANEL_BLOCK),
                 unaligned_new(2 * blocks * LS_LANES * sizeof(float)),
                 unaligned_new(blocks * LS_LANES * sizeof(float))};
    fill(&c, seed);
    return c;
}

static void q8_free(q8_case *c) {
    free(c->x.memory);
    free(c->x_scale.memory);
    free(c->x_sum.memory);
    free(c->w.memory);
    free(c->w_scale.memory);
    free(c->w_minimum.memory);
}

static void fill_ordinary(q8_case *c, uint64_t seed) {
    int16_t *x = c->x.at;
    int8_t *w = c->w.at;
    float *x_scale = c->x_scale.at, *w_scale = c->w_scale.at, *x_sum = c->x_sum.at,
          *w_minimum = c->w_minimum.at;
    for (size_t i = 0; i < c->rows * c->blocks * LS_BLOCK; i++) x[i] = (int16_t)ls_random_u64(seed, i);
    for (size_t i = 0; i < c->blocks * LS_Q8_PANEL_BLOCK; i++) w[i] = (int8_t)ls_random_u64(seed + 1, i);
    for (size_t i = 0; i < c->rows * c->blocks; i++) x_scale[i] = fabsf(random_float(seed + 2, i, 1e-3f));
    for (size_t i = 0; i < 2 * c->blocks * LS_LANES; i++) w_scale[i] = random_float(seed + 3, i, 1e-2f);
    for (size_t i = 0; i < c->rows * c->blocks; i++) x_sum[i] = random_float(seed + 6, i, 100.0f);
    for (size_t i = 0; i < c->blocks * LS_LANES; i++) w_minimum[i] = random_float(seed + 7, i, 1e-1f);
}

/* Every product at its limit: 32 * 32767 * 128 = 134,213,632 in one block, with either sign; fits in 32 bits.
 */
static void fill_extreme(q8_case *c, uint64_t seed) {
    int16_t *x = c->x.at;
    int8_t *w = c->w.at;
    fill_ordinary(c, seed);
    for (size_t i = 0; i < c->rows * c->blocks * LS_BLOCK; i++) x[i] = seed % 2 ? 32767 : -32767;
    for (size_t i = 0; i < c->blocks * LS_Q8_PANEL_BLOCK; i++) w[i] = seed % 3 ? -128 : 127;
}

static void fill_awkward_scales(q8_case *c, uint64_t seed) {
    float *x_scale = c->x_scale.at, *w_scale = c->w_scale.at, *x_sum = c->x_sum.at,
          *w_minimum = c->w_minimum.at;
    fill_ordinary(c, seed);
    for (size_t i = 0; i < c->rows * c->blocks; i++) x_scale[i] = awkward_float(seed + 4, i);
    for (size_t i = 0; i < 2 * c->blocks * LS_LANES; i++) w_scale[i] = awkward_float(seed + 5, i);
    for (size_t i = 0; i < c->rows * c->blocks; i++) x_sum[i] = awkward_float(seed + 8, i);
    for (size_t i = 0; i < c->blocks * LS_LANES; i++) w_minimum[i] = awkward_float(seed + 9, i);
}

typedef void run_q8(const ls_kernels *kernels, const q8_case *c, float *out);

static void run_scaled(const ls_kernels *kernels, const q8_case *c, float *out) {
    kernels->q8_tile(c->rows, c->blocks, c->x.at, c->x_scale.at, c->w.at, c->w_scale.at, c->w.at, out,
                     OUT_STRIDE);
}

static void run_minimum(const ls_kernels *kernels, const q8_case *c, float *out) {
    kernels->q8_minimum_tile(c->rows, c->blocks, c->x.at, c->x_scale.at, c->x_sum.at, c->w.at, c->w_scale.at,
                             c->w_minimum.at, c->w.at, out, OUT_STRIDE);
}

static void run_halves(const ls_kernels *kernels, const q8_case *c, float *out) {
    kernels->q8_halves_tile(c->rows, c->blocks, c->x.at, c->x_scale.at, c->w.at, c->w_scale.at, NULL, out,
                            OUT_STRIDE);
}

static void q8_run(const ls_kernels *kernels, run_q8 *run, const q8_case *c, float *out) {
    memset(out, GUARD, ROWS_MAX * OUT_STRIDE * sizeof *out);
    run(kernels, c, out);
}

/* Compares the whole output area: what lies between and behind the rows must stay as it was. */
static void compare_q8(const ls_kernels *kernels, const char *name, run_q8 *run, fill_q8 *fill) {
    float expected[ROWS_MAX * OUT_STRIDE], ours[ROWS_MAX * OUT_STRIDE];
    static const size_t block_counts[] = {0, 1, 2, 3, 24, 25, 49};
    for (size_t rows = 0; rows <= ROWS_MAX; rows++)
        for (size_t b = 0; b < sizeof block_counts / sizeof *block_counts; b++)
            for (uint64_t seed = 0; seed < 6; seed++) {
                q8_case c = q8_new(rows, block_counts[b], fill, seed);
                q8_run(&ls_kernels_scalar, run, &c, expected);
                q8_run(kernels, run, &c, ours);
                q8_free(&c);
                if (!same_bits(ours, expected, ROWS_MAX * OUT_STRIDE))
                    fail_msg("%s: %s differs from scalar at %zu rows, %zu blocks, seed %llu", kernels->name,
                             name, rows, block_counts[b], (unsigned long long)seed);
            }
}

static void compare_fills(const ls_kernels *kernels, const char *name, run_q8 *run) {
    compare_q8(kernels, name, run, fill_ordinary);
    compare_q8(kernels, name, run, fill_extreme);
    compare_q8(kernels, name, run, fill_awkward_scales);
}

static void test_q8_tile(void **state) { compare_fills(*state, "q8_tile", run_scaled); }
static void test_q8_minimum_tile(void **state) { compare_fills(*state, "q8_minimum_tile", run_minimum); }
static void test_q8_halves_tile(void **state) { compare_fills(*state, "q8_halves_tile", run_halves); }

/* Without minima, and with equal halves of which one is all zeros, both are q8_tile. */
static void test_q8_forms_agree(void **state) {
    const ls_kernels *kernels = *state;
    float plain[ROWS_MAX * OUT_STRIDE], other[ROWS_MAX * OUT_STRIDE];
    q8_case c = q8_new(4, 3, fill_ordinary, 12);
    float *w_scale = c.w_scale.at, doubled[2 * 3 * LS_LANES];
    memset(c.w_minimum.at, 0, c.blocks * LS_LANES * sizeof(float));
    q8_run(kernels, run_scaled, &c, plain);
    q8_run(kernels, run_minimum, &c, other);
    assert_true(same_bits(plain, other, ROWS_MAX * OUT_STRIDE));
    for (size_t b = 0; b < c.blocks; b++)
        memset((int8_t *)c.w.at + b * LS_Q8_PANEL_BLOCK, 0, LS_Q8_PANEL_BLOCK / 2);
    q8_run(kernels, run_scaled, &c, plain);
    for (size_t i = 0; i < 2 * c.blocks * LS_LANES; i++)
        doubled[i] = w_scale[i / (2 * LS_LANES) * LS_LANES + i % LS_LANES];
    memcpy(w_scale, doubled, sizeof doubled);
    q8_run(kernels, run_halves, &c, other);
    assert_true(same_bits(plain, other, ROWS_MAX * OUT_STRIDE));
    q8_free(&c);
}

/* The packed layout and the order of the inputs, against int64 sums: with powers of two as scales and few
 * blocks every float32 operation is exact. */
static void test_q8_exact(void **state) {
    const ls_kernels *kernels = *state;
    enum { ROWS = 3, BLOCKS = 2 };
    q8_case c = q8_new(ROWS, BLOCKS, fill_ordinary, 9);
    const int16_t *x = c.x.at;
    const int8_t *w = c.w.at;
    float out[ROWS_MAX * OUT_STRIDE];
    for (size_t i = 0; i < ROWS * BLOCKS; i++) ((float *)c.x_scale.at)[i] = 0.5f;
    for (size_t i = 0; i < BLOCKS * LS_LANES; i++) ((float *)c.w_scale.at)[i] = 0.25f;
    for (size_t i = 0; i < ROWS * BLOCKS * LS_BLOCK; i++) ((int16_t *)c.x.at)[i] %= 512; /* sums below 2^24 */
    q8_run(kernels, run_scaled, &c, out);
    for (size_t r = 0; r < ROWS; r++)
        for (size_t o = 0; o < LS_LANES; o++) {
            int64_t sum = 0;
            for (size_t k = 0; k < BLOCKS * LS_BLOCK; k++) {
                size_t pair = k % LS_BLOCK / 2;
                sum += x[r * BLOCKS * LS_BLOCK + k] *
                       w[k / LS_BLOCK * LS_Q8_PANEL_BLOCK + pair * 16 + 2 * o + k % 2];
            }
            assert_true((double)out[r * OUT_STRIDE + o] == (double)sum * 0.125);
        }
    q8_free(&c);
}

static void test_q8_largest_sum(void **state) {
    const ls_kernels *kernels = *state;
    float out[ROWS_MAX * OUT_STRIDE];
    q8_case c = q8_new(1, 1, fill_extreme, 1); /* 32767 * -128 */
    *(float *)c.x_scale.at = 1.0f;
    for (size_t o = 0; o < LS_LANES; o++) ((float *)c.w_scale.at)[o] = 1.0f;
    q8_run(kernels, run_scaled, &c, out);
    for (size_t o = 0; o < LS_LANES; o++) assert_true(out[o] == -134213632.0f);
    q8_free(&c);
}

/* ---- float32 tiles ------------------------------------------------------------------------------------- */

static void compare_f32(const ls_kernels *kernels, size_t rows, size_t inputs, size_t stride, int awkward,
                        uint64_t seed) {
    float expected[ROWS_MAX * OUT_STRIDE], ours[ROWS_MAX * OUT_STRIDE];
    size_t x_count = rows > 0 ? (rows - 1) * stride + inputs : 0, w_count = inputs * LS_LANES;
    unaligned x = unaligned_new(x_count * sizeof(float)), w = unaligned_new(w_count * sizeof(float));
    float *x_values = x.at, *w_values = w.at;
    for (size_t i = 0; i < x_count; i++)
        x_values[i] = awkward ? awkward_float(seed, i) : random_float(seed, i, 3.0f);
    for (size_t i = 0; i < w_count; i++)
        w_values[i] = awkward ? awkward_float(seed + 1, i) : random_float(seed + 1, i, 1.0f);
    memset(expected, GUARD, sizeof expected);
    memset(ours, GUARD, sizeof ours);
    ls_kernels_scalar.f32_tile(rows, inputs, x.at, stride, w.at, expected, OUT_STRIDE);
    kernels->f32_tile(rows, inputs, x.at, stride, w.at, ours, OUT_STRIDE);
    free(x.memory);
    free(w.memory);
    if (!same_bits(ours, expected, ROWS_MAX * OUT_STRIDE))
        fail_msg("%s: f32_tile differs from scalar at %zu rows, %zu inputs, stride %zu", kernels->name, rows,
                 inputs, stride);
}

static void test_f32_tile(void **state) {
    static const size_t inputs[] = {0, 1, 2, 7, 8, 9, 31, 32, 33, 768};
    for (size_t rows = 0; rows <= ROWS_MAX; rows++)
        for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++)
            for (size_t extra = 0; extra < 3; extra++) {
                compare_f32(*state, rows, inputs[i], inputs[i] + extra, 0, 100 * rows + i);
                compare_f32(*state, rows, inputs[i], inputs[i] + extra, 1, 200 * rows + i);
            }
}

/* A sum of n products of float32 numbers in index order is within n * 2^-24 of the sum of their magnitudes
 * (Higham, Accuracy and Stability of Numerical Algorithms, 3.1; n * u plus the rounding of each product). */
static void test_f32_against_double(void **state) {
    const ls_kernels *kernels = *state;
    enum { INPUTS = 768 };
    float x[INPUTS], w[INPUTS * LS_LANES], out[LS_LANES];
    for (size_t i = 0; i < INPUTS; i++) x[i] = random_float(5, i, 2.0f);
    for (size_t i = 0; i < INPUTS * LS_LANES; i++) w[i] = random_float(6, i, 2.0f);
    kernels->f32_tile(1, INPUTS, x, INPUTS, w, out, LS_LANES);
    for (size_t o = 0; o < LS_LANES; o++) {
        double sum = 0.0, magnitude = 0.0;
        for (size_t k = 0; k < INPUTS; k++) {
            sum += (double)x[k] * (double)w[k * LS_LANES + o];
            magnitude += fabs((double)x[k] * (double)w[k * LS_LANES + o]);
        }
        assert_true(fabs((double)out[o] - sum) <= (INPUTS + 1) * 0x1p-24 * magnitude);
    }
}

/* ---- the lens ------------------------------------------------------------------------------------------ */

/* Logits of a tile: ordinary, awkward, or padded at the end as the lens pads. */
typedef enum tile_kind { ORDINARY, AWKWARD, PADDED, ALL_EQUAL, TILE_KINDS } tile_kind;

static void fill_tile(float *z, size_t n, tile_kind kind, uint64_t seed) {
    for (size_t i = 0; i < n; i++) {
        z[i] = kind == AWKWARD ? awkward_float(seed, i) : random_float(seed, i, 20.0f);
        if (kind == PADDED && i + 5 >= n) z[i] = -1e30f;
        if (kind == ALL_EQUAL) z[i] = -3.25f;
    }
}

static int same_survey(ls_tile_survey a, ls_tile_survey b) {
    return same_bits(&a.max, &b.max, 1) && a.above_floor == b.above_floor && a.above_target == b.above_target &&
           a.equal_target == b.equal_target;
}

static void compare_lens(const ls_kernels *kernels, size_t n, tile_kind kind, uint64_t seed) {
    unaligned z = unaligned_new(n * sizeof(float)), z_final = unaligned_new(n * sizeof(float));
    fill_tile(z.at, n, kind, seed);
    fill_tile(z_final.at, n, kind, seed + 1);
    enum { COUNT = 6 };
    float max = ls_kernels_scalar.tile_survey(n, z.at, 0.0f, 0.0f).max;
    const float references[COUNT] = {max, -3.25f, -INFINITY, INFINITY, NAN, 50.0f};
    int same = 1;
    for (size_t i = 0; i < COUNT; i++) {
        float floor = references[i], target = references[(i + 1) % COUNT];
        same &= same_survey(ls_kernels_scalar.tile_survey(n, z.at, floor, target),
                            kernels->tile_survey(n, z.at, floor, target));
        ls_lens_sums a =
            ls_kernels_scalar.lens_sums(n, z.at, z_final.at, references[i], references[(i + 1) % COUNT]);
        ls_lens_sums b = kernels->lens_sums(n, z.at, z_final.at, references[i], references[(i + 1) % COUNT]);
        same &= same_bits(&a.mass, &b.mass, 1) && same_bits(&a.moment, &b.moment, 1) &&
                same_bits(&a.cross, &b.cross, 1);
    }
    free(z.memory);
    free(z_final.memory);
    if (!same) fail_msg("%s: the lens differs from scalar at %zu logits, kind %d", kernels->name, n, (int)kind);
}

static void test_lens(void **state) {
    static const size_t sizes[] = {8, 16, 24, 64, 248, 256, 264, 2048};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
        for (int kind = 0; kind < TILE_KINDS; kind++)
            for (uint64_t seed = 0; seed < 8; seed++) compare_lens(*state, sizes[i], (tile_kind)kind, seed);
}

/* The largest logit and the target may stand anywhere. */
static void test_survey(void **state) {
    const ls_kernels *kernels = *state;
    float z[64];
    for (size_t i = 0; i < 64; i++) z[i] = random_float(7, i, 5.0f) - 100.0f;
    for (size_t at = 0; at < 64; at++) {
        float held = z[at];
        z[at] = -90.0f;
        ls_tile_survey found = kernels->tile_survey(64, z, held, -90.0f);
        uint32_t above = 0;
        for (size_t i = 0; i < 64; i++) above += z[i] > held;
        assert_true(found.max == -90.0f);
        assert_int_equal(found.above_floor, above);
        assert_int_equal(found.above_target, 0);
        assert_int_equal(found.equal_target, 1);
        z[at] = held;
    }
    for (size_t i = 0; i < 8; i++) z[i] = i == 3 ? NAN : -INFINITY;
    ls_tile_survey found = kernels->tile_survey(8, z, -INFINITY, -INFINITY);
    assert_int_equal(found.above_floor + found.above_target, 0);
    assert_int_equal(found.equal_target, 7);
}

/* Places of what is above the floor, against a plain look at each; a NaN is not above. */
static void test_tile_above(void **state) {
    const ls_kernels *kernels = *state;
    enum { N = 256 };
    float z[N];
    uint32_t place[N];
    for (int kind = 0; kind < TILE_KINDS; kind++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            fill_tile(z, N, (tile_kind)kind, seed);
            const float floors[] = {-INFINITY, INFINITY, NAN, z[seed], 19.0f};
            size_t n = N - seed % 4 * LS_LANES;
            for (size_t f = 0; f < sizeof floors / sizeof *floors; f++) {
                size_t found = kernels->tile_above(n, z, floors[f], place), at = 0;
                for (size_t i = 0; i < n; i++)
                    if (z[i] > floors[f]) assert_int_equal(at < found ? place[at++] : N, i);
                assert_int_equal(at, found);
            }
        }
}

/* Against float64. A term is off by exp's error, 2e-7, plus that of its argument, 2^-24 of at most 40 nats; a
 * lane adds n / 8 terms in float32: below (n / 8 + 3) * 2^-24 of the sum of magnitudes. */
static void test_lens_against_double(void **state) {
    const ls_kernels *kernels = *state;
    enum { N = 256 };
    float z[N], z_final[N];
    for (uint64_t seed = 0; seed < 20; seed++) {
        fill_tile(z, N, ORDINARY, seed);
        fill_tile(z_final, N, ORDINARY, seed + 1);
        float m = kernels->tile_survey(N, z, 0.0f, 0.0f).max;
        float m_final = kernels->tile_survey(N, z_final, 0.0f, 0.0f).max;
        ls_lens_sums sums = kernels->lens_sums(N, z, z_final, m, m_final);
        double mass = 0.0, moment = 0.0, cross = 0.0, cross_magnitude = 0.0;
        for (size_t i = 0; i < N; i++) {
            double below = (double)z[i] - (double)m, e = exp(below),
                   apart = below - ((double)z_final[i] - (double)m_final);
            mass += e;
            moment += e * below;
            cross += e * apart;
            cross_magnitude += fabs(e * apart);
        }
        const double bound = 2e-7 + (40 + N / 8 + 3 + 3) * 0x1p-24;
        assert_true(fabs((double)sums.mass - mass) <= bound * mass);
        assert_true(fabs((double)sums.moment - moment) <= bound * fabs(moment));
        assert_true(fabs((double)sums.cross - cross) <= bound * cross_magnitude);
    }
}

/* The order in which partial sums are joined is part of every digest. A small number beside two large ones that
 * cancel survives only where these two meet first. */
static void test_join(void **state) {
    (void)state;
    static const size_t pairs[4][3] = {
        {0, 4, 2}, {2, 6, 0}, {1, 5, 3}, {3, 7, 1}}; /* a pair, and another lane */
    for (size_t i = 0; i < 4; i++) {
        float lanes[LS_LANES] = {0};
        lanes[pairs[i][0]] = 1e8f;
        lanes[pairs[i][1]] = -1e8f;
        lanes[pairs[i][2]] = 0.25f;
        assert_true(ls_join_lanes(lanes) == 0.25f);
    }
    const float even_first[LS_LANES] = {1e8f, 0.25f, -1e8f}; /* 0 and 2 meet before 1 comes in */
    assert_true(ls_join_lanes(even_first) == 0.25f);
    const float odd_apart[LS_LANES] = {1e8f, -1e8f, 0.25f}; /* 2 is lost in 0 */
    assert_true(ls_join_lanes(odd_apart) == 0.0f);
}

/* ---- the choice ---------------------------------------------------------------------------------------- */

static void test_find(void **state) {
    (void)state;
    size_t count = 0;
    for (const ls_kernels *k = NULL; (k = ls_kernels_at(count)) != NULL; count++)
        assert_ptr_equal(ls_kernels_find(k->name), k);
    assert_true(count >= 1);
    assert_ptr_equal(ls_kernels_at(count - 1), &ls_kernels_scalar); /* the slowest, and always there */
    assert_ptr_equal(ls_kernels_find(NULL), ls_kernels_at(0));
    assert_null(ls_kernels_find("abacus"));
    assert_null(ls_kernels_find(""));
}

int main(void) {
    static const struct CMUnitTest each[] = {
        cmocka_unit_test(test_q8_tile),        cmocka_unit_test(test_q8_minimum_tile),
        cmocka_unit_test(test_q8_halves_tile), cmocka_unit_test(test_q8_forms_agree),
        cmocka_unit_test(test_q8_exact),       cmocka_unit_test(test_q8_largest_sum),
        cmocka_unit_test(test_f32_tile),       cmocka_unit_test(test_f32_against_double),
        cmocka_unit_test(test_lens),           cmocka_unit_test(test_survey),
        cmocka_unit_test(test_tile_above),     cmocka_unit_test(test_lens_against_double),
    };
    static const struct CMUnitTest fixed[] = {cmocka_unit_test(test_find), cmocka_unit_test(test_join)};
    int failed = cmocka_run_group_tests_name("all tables", fixed, NULL, NULL);
    return failed + run_for_each_table(each, sizeof each / sizeof *each);
}
