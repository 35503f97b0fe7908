#include "quant/matrix.h"

#include <math.h>
#include <string.h>

#include "base/status.h"
#include "quant/f16.h"

/* Room for rows of `size` bytes, whole panels of them. The last panel starts as zeros: rows may not fill it. */
static ls_status reserve_panels(ls_arena *arena, uint64_t panels, uint64_t size, const char *what,
                                void *out_pointer, ls_error *err) {
    unsigned char *memory = NULL;
    ls_status status = ls_arena_reserve(arena, panels * LS_LANES, size, what, &memory, err);
    if (status != LS_OK) return status;
    if (memory != NULL && panels > 0)
        memset(memory + (size_t)((panels - 1) * LS_LANES * size), 0, (size_t)(LS_LANES * size));
    memcpy(out_pointer, &memory, sizeof memory);
    return LS_OK;
}

ls_status ls_matrix_init(ls_matrix *matrix, ls_ggml_type type, uint64_t outputs, uint64_t inputs,
                         const char *what, ls_arena *arena, ls_error *err) {
    uint64_t panels = outputs / LS_LANES + (outputs % LS_LANES != 0);
    *matrix = (ls_matrix){.outputs = (size_t)outputs, .inputs = (size_t)inputs, .panels = (size_t)panels};
    matrix->form = ls_form_of(type);
    if (matrix->form == LS_FORM_FLOAT)
        return reserve_panels(arena, panels, inputs * sizeof(float), what, &matrix->f32, err);
    uint64_t blocks = inputs / LS_BLOCK, scales = matrix->form == LS_FORM_HALVES ? 2 * blocks : blocks;
    matrix->blocks = (size_t)blocks;
    ls_status status = reserve_panels(arena, panels, inputs, what, &matrix->q8, err);
    if (status == LS_OK)
        status = reserve_panels(arena, panels, scales * sizeof(float), what, &matrix->q8_scale, err);
    if (status == LS_OK && matrix->form == LS_FORM_MINIMUM)
        status = reserve_panels(arena, panels, blocks * sizeof(float), what, &matrix->q8_minimum, err);
    return status;
}

size_t ls_row_bytes(ls_ggml_type type, size_t inputs) {
    const ls_weight_type *layout = ls_weight_type_find(type);
    return inputs / layout->block * layout->block_bytes;
}

enum { FLOATS_AT_ONCE = 64 };

/* How many of `total` numbers are worked on at once from `first` on. */
static size_t floats_from(size_t first, size_t total) {
    return total - first < FLOATS_AT_ONCE ? total - first : FLOATS_AT_ONCE;
}

/* Plain numbers of a row of the file from `first` on, n of them, up to FLOATS_AT_ONCE. */
static void unpack_floats(ls_ggml_type type, const unsigned char *row, size_t first, size_t n, float *out) {
    uint16_t halves[FLOATS_AT_ONCE]; /* aligned, unlike the file */
    if (type == LS_GGML_F32) {
        memcpy(out, row + 4 * first, n * sizeof *out);
        return;
    }
    memcpy(halves, row + 2 * first, n * sizeof *halves);
    if (type == LS_GGML_F16)
        for (size_t i = 0; i < n; i++) out[i] = ls_f16_to_f32(halves[i]);
    else
        for (size_t i = 0; i < n; i++) out[i] = ls_float_from_bits((uint32_t)halves[i] << 16);
}

void ls_row_to_f32(ls_ggml_type type, size_t inputs, const unsigned char *row, float *out) {
    ls_form form = ls_form_of(type);
    if (form == LS_FORM_FLOAT) {
        for (size_t k = 0; k < inputs; k += FLOATS_AT_ONCE)
            unpack_floats(type, row, k, floats_from(k, inputs), out + k);
        return;
    }
    for (size_t b = 0; b < inputs / LS_BLOCK; b++) {
        ls_block32 block;
        ls_block_unpack(type, row, b, &block);
        for (size_t k = 0; k < LS_BLOCK; k++) out[b * LS_BLOCK + k] = ls_block_weight(form, &block, k);
    }
}

static int8_t *q8_block(const ls_matrix *matrix, size_t panel, size_t block) {
    return matrix->q8 + (panel * matrix->blocks + block) * LS_Q8_PANEL_BLOCK;
}

/* Scales of a block of a panel: of its first half, LS_LANES of them, then of its second where it has two. */
static float *q8_scale(const ls_matrix *matrix, size_t panel, size_t block) {
    size_t each = matrix->form == LS_FORM_HALVES ? 2 * LS_LANES : LS_LANES;
    return matrix->q8_scale + (panel * matrix->blocks + block) * each;
}

static float *q8_minimum(const ls_matrix *matrix, size_t panel, size_t block) {
    return matrix->q8_minimum + (panel * matrix->blocks + block) * LS_LANES;
}

/* Where input k of a block stands for one output: neighbouring inputs side by side. */
static size_t packed_index(size_t lane, size_t k) { return k / 2 * 2 * LS_LANES + 2 * lane + k % 2; }

/* Four pairs of inputs of four outputs: from a number for each output to one for each pair. Little-endian, as
 * every target is. */
static inline void transpose_pairs(uint64_t x[4]) {
    const uint64_t even_pairs = 0x0000ffff0000ffffu, first_two = 0x00000000ffffffffu;
    for (size_t i = 0; i < 4; i += 2) {
        uint64_t changed = (x[i] >> 16 ^ x[i + 1]) & even_pairs;
        x[i] ^= changed << 16;
        x[i + 1] ^= changed;
    }
    for (size_t i = 0; i < 2; i++) {
        uint64_t changed = (x[i] >> 32 ^ x[i + 2]) & first_two;
        x[i] ^= changed << 32;
        x[i + 2] ^= changed;
    }
}

/* The weights of a block of all outputs of a panel. */
static void set_panel(int8_t *packed, const ls_block32 *blocks) {
    for (size_t lane = 0; lane < LS_LANES; lane += 4)
        for (size_t k = 0; k < LS_BLOCK; k += 8) {
            uint64_t x[4];
            for (size_t i = 0; i < 4; i++) memcpy(&x[i], blocks[lane + i].q + k, sizeof x[i]);
            transpose_pairs(x);
            for (size_t i = 0; i < 4; i++) memcpy(packed + packed_index(lane, k + 2 * i), &x[i], sizeof x[i]);
        }
}

/* The same of some of them, `packed` at the first. */
static void set_some(int8_t *packed, size_t lanes, const ls_block32 *blocks) {
    for (size_t k = 0; k < LS_BLOCK; k += 2)
        for (size_t l = 0; l < lanes; l++) memcpy(packed + packed_index(l, k), blocks[l].q + k, 2);
}

/* Block b of `lanes` neighbouring outputs. */
static void set_blocks(ls_matrix *matrix, size_t panel, size_t lane, size_t lanes, size_t b,
                       const ls_block32 *blocks) {
    int8_t *packed = q8_block(matrix, panel, b) + packed_index(lane, 0);
    float *scale = q8_scale(matrix, panel, b) + lane;
    if (lanes == LS_LANES)
        set_panel(packed, blocks);
    else
        set_some(packed, lanes, blocks);
    for (size_t l = 0; l < lanes; l++) {
        scale[l] = blocks[l].scale[0];
        if (matrix->form == LS_FORM_HALVES) scale[LS_LANES + l] = blocks[l].scale[1];
        if (matrix->form == LS_FORM_MINIMUM) q8_minimum(matrix, panel, b)[lane + l] = blocks[l].minimum;
    }
}

static void get_block(const ls_matrix *matrix, size_t panel, size_t lane, size_t b, ls_block32 *block) {
    const int8_t *packed = q8_block(matrix, panel, b);
    const float *scale = q8_scale(matrix, panel, b);
    for (size_t k = 0; k < LS_BLOCK; k++) block->q[k] = packed[packed_index(lane, k)];
    block->scale[0] = scale[lane];
    block->scale[1] = matrix->form == LS_FORM_HALVES ? scale[LS_LANES + lane] : scale[lane];
    block->minimum = matrix->form == LS_FORM_MINIMUM ? q8_minimum(matrix, panel, b)[lane] : 0.0f;
}

/* Inputs of `lanes` neighbouring outputs, from `first` on, n of them; `packed` is the panel at the first
 * output. */
static void set_floats(float *packed, ls_ggml_type type, size_t lanes, const unsigned char *bytes,
                       size_t row_bytes, size_t first, size_t n) {
    float rows[LS_LANES][FLOATS_AT_ONCE];
    for (size_t l = 0; l < lanes; l++) unpack_floats(type, bytes + l * row_bytes, first, n, rows[l]);
    for (size_t k = 0; k < n; k++)
        for (size_t l = 0; l < lanes; l++) packed[(first + k) * LS_LANES + l] = rows[l][k];
}

/* Rows of one panel, from `lane` on. */
static void set_lanes(ls_matrix *matrix, ls_ggml_type type, size_t panel, size_t lane, size_t lanes,
                      const unsigned char *bytes, size_t row_bytes) {
    if (matrix->form == LS_FORM_FLOAT) {
        float *packed = matrix->f32 + panel * matrix->inputs * LS_LANES + lane;
        for (size_t k = 0; k < matrix->inputs; k += FLOATS_AT_ONCE)
            set_floats(packed, type, lanes, bytes, row_bytes, k, floats_from(k, matrix->inputs));
        return;
    }
    for (size_t b = 0; b < matrix->blocks; b++) {
        ls_block32 blocks[LS_LANES];
        for (size_t l = 0; l < lanes; l++) ls_block_unpack(type, bytes + l * row_bytes, b, &blocks[l]);
        set_blocks(matrix, panel, lane, lanes, b, blocks);
    }
}

void ls_matrix_set_rows(ls_matrix *matrix, ls_ggml_type type, size_t output, size_t rows,
                        const unsigned char *bytes) {
    size_t row_bytes = ls_row_bytes(type, matrix->inputs);
    while (rows > 0) {
        size_t lane = output % LS_LANES, left = LS_LANES - lane, lanes = rows < left ? rows : left;
        set_lanes(matrix, type, output / LS_LANES, lane, lanes, bytes, row_bytes);
        output += lanes;
        rows -= lanes;
        bytes += lanes * row_bytes;
    }
}

void ls_matrix_get_row(const ls_matrix *matrix, size_t output, float *out) {
    size_t panel = output / LS_LANES, lane = output % LS_LANES;
    if (matrix->form == LS_FORM_FLOAT) {
        for (size_t k = 0; k < matrix->inputs; k++)
            out[k] = matrix->f32[(panel * matrix->inputs + k) * LS_LANES + lane];
        return;
    }
    for (size_t b = 0; b < matrix->blocks; b++) {
        ls_block32 block;
        get_block(matrix, panel, lane, b, &block);
        for (size_t k = 0; k < LS_BLOCK; k++) out[b * LS_BLOCK + k] = ls_block_weight(matrix->form, &block, k);
    }
}

/* ---- activations --------------------------------------------------------------------------------------- */

ls_status ls_activation_init(ls_activation *activation, uint64_t values, ls_arena *arena, ls_error *err) {
    *activation = (ls_activation){0};
    ls_status status =
        ls_arena_alloc(arena, values, sizeof(int16_t), "quantised activations", &activation->q, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, values / LS_BLOCK + 1, sizeof(float), "activation scales",
                                &activation->scale, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, values / LS_BLOCK + 1, sizeof(float), "activation sums",
                                &activation->sum, err);
    return status;
}

/* The sum of a block in units of x; |sum of q| is below 2^20, so that it is exact but for the last product. */
static float sum_block(const int16_t *q, float scale) {
    int32_t sum = 0;
    for (size_t i = 0; i < LS_BLOCK; i++) sum += q[i];
    return (float)sum * scale;
}

ls_activation ls_activation_rows(const ls_activation *activation, const ls_matrix *matrix, size_t first,
                                 size_t count) {
    return (ls_activation){
        .rows = count,
        .inputs = activation->inputs,
        .x = activation->x + first * matrix->inputs,
        .q = activation->q + first * matrix->inputs,
        .scale = activation->scale + first * matrix->blocks,
        .sum = activation->sum + first * matrix->blocks,
    };
}

static void point_at(ls_activation *activation, const float *x, size_t rows, size_t inputs) {
    activation->rows = rows;
    activation->inputs = inputs;
    activation->x = x;
}

/* Rows [first, first + count), ready for a matrix. */
static void quantise_rows(const ls_activation *activation, const ls_kernels *kernels, const ls_matrix *matrix,
                          size_t first, size_t count) {
    if (matrix->q8 == NULL) return;
    ls_activation rows = ls_activation_rows(activation, matrix, first, count);
    size_t blocks = count * activation->inputs / LS_BLOCK;
    kernels->quantise(blocks, rows.x, rows.q, rows.scale);
    if (matrix->form != LS_FORM_MINIMUM) return;
    for (size_t b = 0; b < blocks; b++) rows.sum[b] = sum_block(rows.q + b * LS_BLOCK, rows.scale[b]);
}

void ls_activation_set(ls_activation *activation, const ls_kernels *kernels, const ls_matrix *matrix,
                       const float *x, size_t rows, size_t inputs) {
    point_at(activation, x, rows, inputs);
    quantise_rows(activation, kernels, matrix, 0, rows);
}

/* ---- products ------------------------------------------------------------------------------------------ */

/* All rows by one panel. */
static void tile(const ls_kernels *kernels, const ls_matrix *m, const ls_activation *a, size_t panel,
                 float *out, size_t out_stride) {
    const int8_t *next = m->q8 != NULL && panel + 1 < m->panels ? q8_block(m, panel + 1, 0) : NULL;
    switch (m->form) {
    case LS_FORM_FLOAT:
        kernels->f32_tile(a->rows, m->inputs, a->x, m->inputs, m->f32 + panel * m->inputs * LS_LANES, out,
                          out_stride);
        break;
    case LS_FORM_SCALED:
        kernels->q8_tile(a->rows, m->blocks, a->q, a->scale, q8_block(m, panel, 0), q8_scale(m, panel, 0), next,
                         out, out_stride);
        break;
    case LS_FORM_MINIMUM:
        kernels->q8_minimum_tile(a->rows, m->blocks, a->q, a->scale, a->sum, q8_block(m, panel, 0),
                                 q8_scale(m, panel, 0), q8_minimum(m, panel, 0), next, out, out_stride);
        break;
    case LS_FORM_HALVES:
        kernels->q8_halves_tile(a->rows, m->blocks, a->q, a->scale, q8_block(m, panel, 0),
                                q8_scale(m, panel, 0), next, out, out_stride);
        break;
    }
}

void ls_matrix_panels(const ls_kernels *kernels, const ls_matrix *matrix, const ls_activation *activation,
                      size_t first, size_t count, float *out, size_t out_stride) {
    for (size_t p = 0; p < count; p++)
        tile(kernels, matrix, activation, first + p, out + p * LS_LANES, out_stride);
}

/* ---- the whole product, in jobs of a few panels ------------------------------------------------------ */

enum {
    JOB_PANELS = 8,
    JOB_ROWS = 64, /* rows that meet the panels of a job while they are in the L2 cache */
    QUANTISED_ROWS = 16,
};

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
    float bias[LS_LANES] = {0}, *out = job->out + row * job->out_stride + start;
    if (job->bias != NULL) memcpy(bias, job->bias + start, width * sizeof *bias);
    for (size_t r = 0; r < rows; r++, values += LS_LANES, out += job->out_stride) {
        float sums[LS_LANES]; /* all lanes, so that they are added at once */
        for (size_t o = 0; o < LS_LANES; o++) sums[o] = job->bias != NULL ? values[o] + bias[o] : values[o];
        memcpy(out, sums, width * sizeof *out);
    }
}

static void matmul_run(void *ctx, size_t index, unsigned worker) {
    (void)worker;
    const matmul_job *job = ctx;
    const ls_matrix *m = job->matrix;
    size_t end = (index + 1) * JOB_PANELS < m->panels ? (index + 1) * JOB_PANELS : m->panels;
    for (size_t r = 0; r < job->activation->rows; r += JOB_ROWS) {
        size_t left = job->activation->rows - r;
        ls_activation rows = ls_activation_rows(job->activation, m, r, left < JOB_ROWS ? left : JOB_ROWS);
        for (size_t panel = index * JOB_PANELS; panel < end; panel++) {
            float values[JOB_ROWS * LS_LANES];
            ls_matrix_panels(job->kernels, m, &rows, panel, 1, values, LS_LANES);
            store_panel(job, panel, rows.rows, r, values);
        }
    }
}

static void quantise_run(void *ctx, size_t index, unsigned worker) {
    (void)worker;
    const matmul_job *job = ctx;
    size_t first = index * QUANTISED_ROWS, left = job->activation->rows - first;
    quantise_rows(job->activation, job->kernels, job->matrix, first,
                  left < QUANTISED_ROWS ? left : QUANTISED_ROWS);
}

void ls_matmul(const ls_compute *compute, const ls_matrix *matrix, const float *bias, const float *x,
               size_t rows, ls_activation *scratch, float *out, size_t out_stride) {
    matmul_job job = {compute->kernels, matrix, bias, scratch, out, out_stride};
    point_at(scratch, x, rows, matrix->inputs);
    ls_pool_run(compute->pool, (rows + QUANTISED_ROWS - 1) / QUANTISED_ROWS, quantise_run, &job);
    ls_pool_run(compute->pool, (matrix->panels + JOB_PANELS - 1) / JOB_PANELS, matmul_run, &job);
}
