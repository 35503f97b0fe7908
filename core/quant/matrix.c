#include "quant/matrix.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "quant/f16.h"

/* Q8_0 in the file: an f16 scale, then 32 signed bytes. */
enum { Q8_BLOCK_BYTES = 2 + (int)LS_BLOCK };

static uint16_t load_u16(const unsigned char *p) { return (uint16_t)(p[0] | p[1] << 8); }

static float load_f32(const unsigned char *p) {
    uint32_t bits = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return ls_float_from_bits(bits);
}

ls_status ls_matrix_init(ls_matrix *matrix, ls_ggml_type type, uint64_t outputs, uint64_t inputs,
                         const char *what, ls_arena *arena, ls_error *err) {
    uint64_t panels = outputs / LS_LANES + (outputs % LS_LANES != 0);
    *matrix = (ls_matrix){.outputs = (size_t)outputs, .inputs = (size_t)inputs, .panels = (size_t)panels};
    if (type != LS_GGML_Q8_0)
        return ls_arena_alloc(arena, panels * LS_LANES, inputs * 4, what, &matrix->f32, err);
    matrix->blocks = (size_t)(inputs / LS_BLOCK);
    ls_status status = ls_arena_alloc(arena, panels * LS_LANES, inputs, what, &matrix->q8, err);
    if (status != LS_OK) return status;
    return ls_arena_alloc(arena, panels * LS_LANES, inputs / LS_BLOCK * sizeof(float), what, &matrix->q8_scale,
                          err);
}

size_t ls_row_bytes(ls_ggml_type type, size_t inputs) {
    switch (type) {
    case LS_GGML_F16:
        return inputs * 2;
    case LS_GGML_Q8_0:
        return inputs / LS_BLOCK * Q8_BLOCK_BYTES;
    case LS_GGML_F32:
        break;
    }
    return inputs * 4;
}

void ls_row_to_f32(ls_ggml_type type, size_t inputs, const unsigned char *row, float *out) {
    for (size_t i = 0; i < inputs; i++) {
        const unsigned char *block = row + i / LS_BLOCK * Q8_BLOCK_BYTES;
        switch (type) {
        case LS_GGML_F32:
            out[i] = load_f32(row + 4 * i);
            break;
        case LS_GGML_F16:
            out[i] = ls_f16_to_f32(load_u16(row + 2 * i));
            break;
        case LS_GGML_Q8_0:
            out[i] = ls_f16_to_f32(load_u16(block)) * (float)(int8_t)block[2 + i % LS_BLOCK];
            break;
        }
    }
}

static int8_t *q8_block(const ls_matrix *matrix, size_t panel, size_t block) {
    return matrix->q8 + (panel * matrix->blocks + block) * LS_Q8_PANEL_BLOCK;
}

static float *q8_scale(const ls_matrix *matrix, size_t panel, size_t block) {
    return matrix->q8_scale + (panel * matrix->blocks + block) * LS_LANES;
}

/* Where input k of a block stands for one output: neighbouring inputs side by side. */
static size_t packed_index(size_t lane, size_t k) { return k / 2 * 2 * LS_LANES + 2 * lane + k % 2; }

void ls_matrix_set_row(ls_matrix *matrix, ls_ggml_type type, size_t output, const unsigned char *row) {
    size_t panel = output / LS_LANES, lane = output % LS_LANES;
    if (type == LS_GGML_Q8_0) {
        for (size_t b = 0; b < matrix->blocks; b++, row += Q8_BLOCK_BYTES) {
            int8_t *packed = q8_block(matrix, panel, b);
            q8_scale(matrix, panel, b)[lane] = ls_f16_to_f32(load_u16(row));
            for (size_t k = 0; k < LS_BLOCK; k++) packed[packed_index(lane, k)] = (int8_t)row[2 + k];
        }
        return;
    }
    float *packed = matrix->f32 + panel * matrix->inputs * LS_LANES + lane;
    for (size_t k = 0; k < matrix->inputs; k++)
        packed[k * LS_LANES] =
            type == LS_GGML_F16 ? ls_f16_to_f32(load_u16(row + 2 * k)) : load_f32(row + 4 * k);
}

void ls_matrix_get_row(const ls_matrix *matrix, size_t output, float *out) {
    size_t panel = output / LS_LANES, lane = output % LS_LANES;
    for (size_t k = 0; k < matrix->inputs; k++) {
        if (matrix->f32 != NULL) {
            out[k] = matrix->f32[(panel * matrix->inputs + k) * LS_LANES + lane];
        } else {
            int8_t weight = q8_block(matrix, panel, k / LS_BLOCK)[packed_index(lane, k % LS_BLOCK)];
            out[k] = q8_scale(matrix, panel, k / LS_BLOCK)[lane] * (float)weight;
        }
    }
}

ls_status ls_activation_init(ls_activation *activation, uint64_t values, ls_arena *arena, ls_error *err) {
    *activation = (ls_activation){0};
    ls_status status =
        ls_arena_alloc(arena, values, sizeof(int16_t), "quantised activations", &activation->q, err);
    if (status != LS_OK) return status;
    return ls_arena_alloc(arena, values / LS_BLOCK + 1, sizeof(float), "activation scales", &activation->scale,
                          err);
}

/* Symmetric, round half to even; returns the scale. */
static float quantise_block(const float *x, int16_t *q) {
    float largest = 0.0f;
    int finite = 1;
    for (size_t i = 0; i < LS_BLOCK; i++) {
        float magnitude = fabsf(x[i]);
        largest = magnitude > largest ? magnitude : largest;
        finite &= magnitude <= 3.402823466e38f;
    }
    if (!finite || largest == 0.0f) {
        memset(q, 0, LS_BLOCK * sizeof *q);
        return finite ? 0.0f : NAN;
    }
    float inverse = 32767.0f / largest;
    if (inverse > 3.402823466e38f) inverse = 3.402823466e38f; /* a block of subnormals */
    for (size_t i = 0; i < LS_BLOCK; i++) q[i] = (int16_t)rintf(x[i] * inverse);
    return largest / 32767.0f;
}

void ls_activation_set(ls_activation *activation, const ls_matrix *matrix, const float *x, size_t rows,
                       size_t inputs) {
    activation->rows = rows;
    activation->inputs = inputs;
    activation->x = x;
    if (matrix->q8 == NULL) return;
    for (size_t b = 0; b < rows * inputs / LS_BLOCK; b++)
        activation->scale[b] = quantise_block(x + b * LS_BLOCK, activation->q + b * LS_BLOCK);
}

void ls_matrix_panels(const ls_kernels *kernels, const ls_matrix *matrix, const ls_activation *activation,
                      size_t first, size_t count, float *out, size_t out_stride) {
    for (size_t p = 0; p < count; p++) {
        for (size_t r = 0; r < activation->rows; r += LS_TILE_ROWS) {
            size_t rows = activation->rows - r < LS_TILE_ROWS ? activation->rows - r : LS_TILE_ROWS;
            float *target = out + r * out_stride + p * LS_LANES;
            if (matrix->q8 != NULL)
                kernels->q8_tile(rows, matrix->blocks, activation->q + r * matrix->inputs,
                                 activation->scale + r * matrix->blocks, q8_block(matrix, first + p, 0),
                                 q8_scale(matrix, first + p, 0), target, out_stride);
            else
                kernels->f32_tile(rows, matrix->inputs, activation->x + r * matrix->inputs, matrix->inputs,
                                  matrix->f32 + (first + p) * matrix->inputs * LS_LANES, target, out_stride);
        }
    }
}

/* ---- the whole product, in jobs of a few panels ------------------------------------------------------ */

enum { JOB_PANELS = 8 };

typedef struct matmul_job {
    const ls_kernels *kernels;
    const ls_matrix *matrix;
    const float *bias;
    const ls_activation *activation;
    float *out;
    size_t out_stride;
} matmul_job;

/* Stores one panel's outputs with the bias added; the last panel may be short. */
static void store_panel(const matmul_job *job, size_t panel, size_t rows, size_t row, const float *values) {
    size_t outputs = job->matrix->outputs, start = panel * LS_LANES;
    size_t width = outputs - start < LS_LANES ? outputs - start : LS_LANES;
    for (size_t r = 0; r < rows; r++)
        for (size_t o = 0; o < width; o++) {
            float value = values[r * LS_LANES + o];
            job->out[(row + r) * job->out_stride + start + o] =
                job->bias != NULL ? value + job->bias[start + o] : value;
        }
}

static void matmul_run(void *ctx, size_t index, unsigned worker) {
    (void)worker;
    const matmul_job *job = ctx;
    const ls_matrix *m = job->matrix;
    size_t end = (index + 1) * JOB_PANELS < m->panels ? (index + 1) * JOB_PANELS : m->panels;
    for (size_t panel = index * JOB_PANELS; panel < end; panel++) {
        for (size_t r = 0; r < job->activation->rows; r += LS_TILE_ROWS) {
            float values[LS_TILE_ROWS * LS_LANES];
            ls_activation rows = *job->activation;
            rows.rows = rows.rows - r < LS_TILE_ROWS ? rows.rows - r : LS_TILE_ROWS;
            rows.x += r * m->inputs;
            rows.q += r * m->inputs;
            rows.scale += r * m->blocks;
            ls_matrix_panels(job->kernels, m, &rows, panel, 1, values, LS_LANES);
            store_panel(job, panel, rows.rows, r, values);
        }
    }
}

void ls_matmul(const ls_compute *compute, const ls_matrix *matrix, const float *bias, const float *x,
               size_t rows, ls_activation *scratch, float *out, size_t out_stride) {
    ls_activation_set(scratch, matrix, x, rows, matrix->inputs);
    matmul_job job = {compute->kernels, matrix, bias, scratch, out, out_stride};
    ls_pool_run(compute->pool, (matrix->panels + JOB_PANELS - 1) / JOB_PANELS, matmul_run, &job);
}
