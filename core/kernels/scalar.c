/* The specification of every kernel, in plain C. Other files repeat these operations lane by lane. */
#include "base/math.h"
#include "kernels/kernels.h"

static int always(void) { return 1; }

/* Inputs [from, end) of a block. */
static int32_t block_sum(const int16_t *x, const int8_t *w, size_t output, size_t from, size_t end) {
    int32_t sum = 0;
    for (size_t k = from; k < end; k++) sum += x[k] * w[(k / 2) * 2 * LS_LANES + 2 * output + k % 2];
    return sum;
}

static void q8_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                    const float *w_scale, const int8_t *next, float *out, size_t out_stride) {
    (void)next;
    for (size_t r = 0; r < rows; r++) {
        for (size_t o = 0; o < LS_LANES; o++) {
            float sum = 0.0f;
            for (size_t b = 0; b < blocks; b++) {
                int32_t exact =
                    block_sum(x + (r * blocks + b) * LS_BLOCK, w + b * LS_Q8_PANEL_BLOCK, o, 0, LS_BLOCK);
                float scale = x_scale[r * blocks + b] * w_scale[b * LS_LANES + o];
                sum = sum + (float)exact * scale;
            }
            out[r * out_stride + o] = sum;
        }
    }
}

static void q8_minimum_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale,
                            const float *x_sum, const int8_t *w, const float *w_scale, const float *w_minimum,
                            const int8_t *next, float *out, size_t out_stride) {
    (void)next;
    for (size_t r = 0; r < rows; r++) {
        for (size_t o = 0; o < LS_LANES; o++) {
            float sum = 0.0f;
            for (size_t b = 0; b < blocks; b++) {
                const int16_t *inputs = x + (r * blocks + b) * LS_BLOCK;
                int32_t exact = block_sum(inputs, w + b * LS_Q8_PANEL_BLOCK, o, 0, LS_BLOCK);
                float scale = x_scale[r * blocks + b] * w_scale[b * LS_LANES + o];
                sum = sum + (float)exact * scale;
                sum = sum + x_sum[r * blocks + b] * w_minimum[b * LS_LANES + o];
            }
            out[r * out_stride + o] = sum;
        }
    }
}

static void q8_halves_tile(size_t rows, size_t blocks, const int16_t *x, const float *x_scale, const int8_t *w,
                           const float *w_scale, const int8_t *next, float *out, size_t out_stride) {
    (void)next;
    for (size_t r = 0; r < rows; r++) {
        for (size_t o = 0; o < LS_LANES; o++) {
            float sum = 0.0f;
            for (size_t half = 0; half < 2 * blocks; half++) {
                size_t b = half / 2, from = half % 2 * LS_BLOCK / 2;
                const int16_t *inputs = x + (r * blocks + b) * LS_BLOCK;
                int32_t exact = block_sum(inputs, w + b * LS_Q8_PANEL_BLOCK, o, from, from + LS_BLOCK / 2);
                float scale = x_scale[r * blocks + b] * w_scale[half * LS_LANES + o];
                sum = sum + (float)exact * scale;
            }
            out[r * out_stride + o] = sum;
        }
    }
}

static void f32_tile(size_t rows, size_t inputs, const float *x, size_t x_stride, const float *w, float *out,
                     size_t out_stride) {
    for (size_t r = 0; r < rows; r++) {
        for (size_t o = 0; o < LS_LANES; o++) {
            float sum = 0.0f;
            for (size_t k = 0; k < inputs; k++) sum = sum + x[r * x_stride + k] * w[k * LS_LANES + o];
            out[r * out_stride + o] = sum;
        }
    }
}

static void quantise(size_t blocks, const float *x, int16_t *q, float *scale) {
    for (size_t b = 0; b < blocks; b++, x += LS_BLOCK, q += LS_BLOCK) {
        float largest = 0.0f, nothing = 0.0f; /* x * 0 is no 0 for a NaN or an infinity */
        for (size_t i = 0; i < LS_BLOCK; i++) {
            float magnitude = fabsf(x[i]);
            largest = magnitude > largest ? magnitude : largest;
            nothing = nothing + x[i] * 0.0f;
        }
        scale[b] = ls_quantised_scale(largest, nothing);
        float inverse = ls_quantised_inverse(largest, nothing);
        for (size_t i = 0; i < LS_BLOCK; i++) q[i] = inverse > 0.0f ? (int16_t)rintf(x[i] * inverse) : 0;
    }
}

static void gelu_tanh(size_t n, float *x) {
    for (size_t i = 0; i < n; i++) {
        float u = 0.7978845608f * (x[i] + 0.044715f * (x[i] * x[i] * x[i]));
        x[i] = x[i] / (1.0f + ls_expf(-2.0f * u));
    }
}

static void gelu_erf(size_t n, float *x) {
    for (size_t i = 0; i < n; i++) x[i] = 0.5f * x[i] * (1.0f + ls_erff(x[i] * 0.7071067812f));
}

static void silu(size_t n, float *x) {
    for (size_t i = 0; i < n; i++) x[i] = x[i] / (1.0f + ls_expf(-x[i]));
}

static void relu(size_t n, float *x) {
    for (size_t i = 0; i < n; i++) x[i] = x[i] < 0.0f ? 0.0f : x[i]; /* a NaN stays */
}

static void exponentials(size_t n, float *x, float reference) {
    for (size_t i = 0; i < n; i++) x[i] = ls_expf(x[i] - reference);
}

static void add_rows(size_t count, const float *weight, const float *rows, size_t stride, size_t n,
                     float *out) {
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < n; i++) out[i] = out[i] + weight[j] * rows[j * stride + i];
}

static ls_tile_survey tile_survey(size_t n, const float *z, float floor, float target) {
    ls_tile_survey found = {0.0f, 0, 0, 0};
    float lanes[LS_LANES];
    for (size_t j = 0; j < LS_LANES; j++) lanes[j] = z[j];
    for (size_t i = 0; i < n; i++) {
        float *lane = &lanes[i % LS_LANES];
        *lane = *lane > z[i] ? *lane : z[i];
        found.above_floor += z[i] > floor;
        found.above_target += z[i] > target;
        found.equal_target += z[i] == target;
    }
    found.max = ls_join_max(lanes);
    return found;
}

static size_t tile_above(size_t n, const float *z, float floor, uint32_t *place) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (z[i] > floor) place[count++] = (uint32_t)i;
    return count;
}

static ls_lens_sums lens_sums(size_t n, const float *z, const float *z_final, float m, float m_final) {
    float mass[LS_LANES] = {0}, moment[LS_LANES] = {0}, cross[LS_LANES] = {0};
    for (size_t i = 0; i < n; i++) {
        size_t lane = i % LS_LANES;
        float below = z[i] - m;
        float e = ls_expf(below);
        mass[lane] = mass[lane] + e;
        moment[lane] = moment[lane] + e * below;
        cross[lane] = cross[lane] + e * (below - (z_final[i] - m_final));
    }
    return (ls_lens_sums){ls_join_lanes(mass), ls_join_lanes(moment), ls_join_lanes(cross)};
}

const ls_kernels ls_kernels_scalar = {"scalar",       always,   q8_tile,     q8_minimum_tile,
                                      q8_halves_tile, f32_tile, quantise,    {gelu_tanh, gelu_erf, silu, relu},
                                      exponentials,   add_rows, tile_survey, tile_above,
                                      lens_sums};
