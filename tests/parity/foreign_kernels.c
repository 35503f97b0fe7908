/* The kernels of another processor under an emulator (tests/parity/aarch64), and those of WebAssembly in Node
 * (kernels.test.ts): every table against the scalar one, bit for bit, on products and tiles of logits of many
 * sizes, and SHA-256 against plain C. What test_kernels does more thoroughly, but with nothing to link but the
 * core. Prints one line; exits with 1 where a bit differs. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/math.h"
#include "base/random.h"
#include "base/sha256_blocks.h"
#include "kernels/kernels.h"

enum { ROWS = 17, BLOCKS = 49, INPUTS = BLOCKS * (int)LS_BLOCK, LOGITS = 256 };

static int16_t x[ROWS * INPUTS];
static int8_t w[INPUTS * LS_LANES];
static float x_scale[ROWS * BLOCKS], x_sum[ROWS * BLOCKS], w_scale[2 * BLOCKS * LS_LANES],
    w_minimum[BLOCKS * LS_LANES];
static float x_float[ROWS * INPUTS], w_float[INPUTS * LS_LANES], z[LOGITS], z_final[LOGITS];

static void fill_floats(float *out, size_t n, uint64_t seed) {
    for (size_t i = 0; i < n; i++) {
        out[i] = (float)(int64_t)(ls_random_u64(seed, i) >> 40) * 0x1p-20f - 8.0f;
        if (ls_random_below(seed + 1, i, 199) == 0) out[i] = (i & 1) != 0 ? NAN : INFINITY;
    }
}

#define FILL(array, seed) fill_floats(array, sizeof(array) / sizeof *(array), seed)

static void fill(uint64_t seed) {
    for (size_t i = 0; i < sizeof x / sizeof *x; i++) x[i] = (int16_t)ls_random_u64(seed, i);
    for (size_t i = 0; i < sizeof w; i++) w[i] = (int8_t)ls_random_u64(seed + 1, i);
    FILL(x_scale, seed + 2);
    FILL(x_sum, seed + 3);
    FILL(w_scale, seed + 4);
    FILL(w_minimum, seed + 5);
    FILL(x_float, seed + 6);
    FILL(w_float, seed + 7);
    FILL(z, seed + 8);
    FILL(z_final, seed + 9);
}

static int same(const float *a, const float *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (!(isnan(a[i]) && isnan(b[i])) && ls_float_bits(a[i]) != ls_float_bits(b[i])) return 0;
    return 1;
}

/* The same of what happens between two products, on n values. */
static size_t layers(const ls_kernels *k, size_t rows, size_t n, float *out) {
    int16_t q[LS_BLOCK];
    uint32_t place[LOGITS];
    size_t at = 0;
    k->quantise(1, x_float + rows, q, &out[at++]);
    for (size_t i = 0; i < LS_BLOCK; i++) out[at++] = q[i];
    for (size_t unit = 0; unit < LS_UNITS; unit++, at += n) {
        memcpy(out + at, x_float, n * sizeof *out);
        k->activate[unit](n, out + at);
    }
    memcpy(out + at, x_float, n * sizeof *out);
    k->exponentials(n, out + at, 2.5f);
    k->add_rows(rows, w_float, x_float, INPUTS, n, out + at);
    out[at + n] = (float)k->tile_above(LOGITS, z, 1.0f, place);
    return at + n + 1;
}

/* Everything that one table gives for these sizes, one after the other. */
static size_t results(const ls_kernels *k, size_t rows, size_t blocks, float *out) {
    size_t tile = rows * LS_LANES, at = 4 * tile;
    k->q8_tile(rows, blocks, x, x_scale, w, w_scale, w, out, LS_LANES);
    k->q8_minimum_tile(rows, blocks, x, x_scale, x_sum, w, w_scale, w_minimum, w, out + tile, LS_LANES);
    k->q8_halves_tile(rows, blocks, x, x_scale, w, w_scale, w, out + 2 * tile, LS_LANES);
    k->f32_tile(rows, blocks * 7, x_float, INPUTS, w_float, out + 3 * tile, LS_LANES);
    size_t n = (blocks % 32 + 1) * LS_LANES;
    ls_tile_survey found = k->tile_survey(n, z, 1.0f, z[n / 2]);
    ls_lens_sums sums = k->lens_sums(n, z, z_final, 7.5f, 3.25f);
    const float numbers[] = {found.max,
                             (float)found.above_floor,
                             (float)found.above_target,
                             (float)found.equal_target,
                             sums.mass,
                             sums.moment,
                             sums.cross};
    memcpy(out + at, numbers, sizeof numbers);
    return at + sizeof numbers / sizeof *numbers + layers(k, rows, n + rows, out + at + 7);
}

/* Up to three times as many blocks as any implementation works on at once, by every remainder. */
static int same_hashes(void) {
    enum { BLOCKS_MAX = 13, BLOCK_BYTES = 64 };
    static unsigned char bytes[BLOCKS_MAX * BLOCK_BYTES + 16];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)ls_random_u64(1, i);
    for (size_t blocks = 0; blocks <= BLOCKS_MAX; blocks++)
        for (size_t offset = 0; offset < 16; offset++) {
            uint32_t plain[8], best[8];
            for (uint32_t i = 0; i < 8; i++) plain[i] = best[i] = 0x9e3779b9u * (i + 1);
            ls_sha256_blocks_plain(plain, bytes + offset, blocks);
            ls_sha256_blocks_find()(best, bytes + offset, blocks);
            if (memcmp(plain, best, sizeof plain) != 0) return 0;
        }
    return 1;
}

int main(void) {
    enum { MOST = 4 * ROWS * (int)LS_LANES + 64 + 8 * (LOGITS + ROWS) };
    static float expected[MOST], ours[MOST];
    const ls_kernels *k = NULL;
    for (size_t i = 0; (k = ls_kernels_at(i)) != NULL; i++)
        for (size_t rows = 0; rows <= ROWS; rows++)
            for (size_t blocks = 0; blocks <= BLOCKS; blocks += rows % 3 + 1) {
                fill(100 * rows + blocks);
                size_t n = results(&ls_kernels_scalar, rows, blocks, expected);
                results(k, rows, blocks, ours);
                if (same(ours, expected, n)) continue;
                printf("%s differs from scalar at %zu rows, %zu blocks\n", k->name, rows, blocks);
                return 1;
            }
    if (!same_hashes()) {
        printf("SHA-256 differs from plain C\n");
        return 1;
    }
    for (size_t i = 0; (k = ls_kernels_at(i)) != NULL; i++) printf(i == 0 ? "equal bits: %s" : ", %s", k->name);
    printf("\n");
    return 0;
}
