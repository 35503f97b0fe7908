#include "model/layers.h"

enum { ROWS_AT_ONCE = 4 };

typedef struct norm_rows {
    const ls_norm *norm;
    const float *x; /* rows that lie `stride` floats apart */
    size_t stride, d;
    float *out; /* [rows][d] */
} norm_rows;

/* The mean of x and the sum of (x - mean)^2 over each row, in index order. A sum in double precision waits for
 * the addition before it: rows, which never meet, are summed side by side. `rows` is a constant in each call.
 */
static inline void mean_values(size_t rows, const norm_rows *n, double *mean) {
    for (size_t r = 0; r < rows; r++) mean[r] = 0.0;
    for (size_t i = 0; i < n->d; i++)
        for (size_t r = 0; r < rows; r++) mean[r] += (double)n->x[r * n->stride + i];
    for (size_t r = 0; r < rows; r++) mean[r] /= (double)n->d;
}

static inline void sum_squares(size_t rows, const norm_rows *n, const double *mean, double *sum) {
    for (size_t r = 0; r < rows; r++) sum[r] = 0.0;
    for (size_t i = 0; i < n->d; i++)
        for (size_t r = 0; r < rows; r++) {
            double centred = (double)n->x[r * n->stride + i] - mean[r];
            sum[r] += centred * centred;
        }
}

/* An RMS norm is a layer norm of mean 0 without a bias. */
static inline void norm_group(size_t rows, ls_norm_kind kind, const norm_rows *n, double epsilon) {
    const float *gain = n->norm->gain, *bias = kind == LS_NORM_RMS ? NULL : n->norm->bias;
    double mean[ROWS_AT_ONCE] = {0.0}, squares[ROWS_AT_ONCE];
    if (kind == LS_NORM_LAYER) mean_values(rows, n, mean);
    sum_squares(rows, n, mean, squares);
    for (size_t r = 0; r < rows; r++) {
        double inverse = 1.0 / sqrt(squares[r] / (double)n->d + epsilon);
        const float *x = n->x + r * n->stride;
        float *out = n->out + r * n->d;
        for (size_t i = 0; i < n->d; i++) {
            float scaled = (float)((x[i] - mean[r]) * inverse) * gain[i];
            out[i] = bias != NULL ? scaled + bias[i] : scaled;
        }
    }
}

void ls_norm_rows(const ls_hyper *hyper, const ls_norm *norm, size_t rows, const float *x, size_t stride,
                  float *out) {
    norm_rows n = {norm, x, stride, hyper->width, out};
    double epsilon = (double)hyper->norm_epsilon;
    for (size_t left = rows, done; left > 0; left -= done) {
        done = left < ROWS_AT_ONCE ? 1 : ROWS_AT_ONCE;
        if (done == 1)
            norm_group(1, hyper->norm, &n, epsilon);
        else
            norm_group(ROWS_AT_ONCE, hyper->norm, &n, epsilon);
        n.x += done * stride;
        n.out += done * n.d;
    }
}

/* ---- all positions ------------------------------------------------------------------------------------- */

enum { JOB_ROWS = 2 * ROWS_AT_ONCE };

typedef struct norm_job {
    ls_forward *forward;
    const ls_norm *norm;
} norm_job;

static void norm_positions(void *ctx, size_t index, unsigned worker) {
    (void)worker;
    const norm_job *job = ctx;
    const ls_forward *forward = job->forward;
    const ls_hyper *hyper = &forward->network->hyper;
    size_t first = index * JOB_ROWS, left = forward->positions - first, at = first * hyper->width;
    ls_norm_rows(hyper, job->norm, left < JOB_ROWS ? left : JOB_ROWS, forward->residual + at, hyper->width,
                 forward->normed + at);
}

void ls_apply_norm(ls_forward *forward, const ls_norm *norm) {
    norm_job job = {forward, norm};
    ls_pool_run(forward->compute.pool, ((size_t)forward->positions + JOB_ROWS - 1) / JOB_ROWS, norm_positions,
                &job);
}
