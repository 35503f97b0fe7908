#include "model/layers.h"

#include "base/math.h"

/* ---- norms --------------------------------------------------------------------------------------------- */

static void layer_norm_row(const ls_norm *norm, double epsilon, size_t d, const float *x, float *out) {
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < d; i++) sum += x[i];
    double mean = sum / (double)d;
    for (size_t i = 0; i < d; i++) squares += (x[i] - mean) * (x[i] - mean);
    double inverse = 1.0 / sqrt(squares / (double)d + epsilon);
    for (size_t i = 0; i < d; i++) out[i] = (float)((x[i] - mean) * inverse) * norm->gain[i] + norm->bias[i];
}

static void rms_norm_row(const ls_norm *norm, double epsilon, size_t d, const float *x, float *out) {
    double squares = 0.0;
    for (size_t i = 0; i < d; i++) squares += (double)x[i] * (double)x[i];
    double inverse = 1.0 / sqrt(squares / (double)d + epsilon);
    for (size_t i = 0; i < d; i++) out[i] = (float)(x[i] * inverse) * norm->gain[i];
}

void ls_norm_row(const ls_hyper *hyper, const ls_norm *norm, const float *x, float *out) {
    if (hyper->norm == LS_NORM_RMS)
        rms_norm_row(norm, (double)hyper->norm_epsilon, hyper->width, x, out);
    else
        layer_norm_row(norm, (double)hyper->norm_epsilon, hyper->width, x, out);
}

typedef struct norm_job {
    ls_forward *forward;
    const ls_norm *norm;
} norm_job;

static void norm_position(void *ctx, size_t position, unsigned worker) {
    (void)worker;
    const norm_job *job = ctx;
    const ls_hyper *hyper = &job->forward->network->hyper;
    size_t at = position * hyper->width;
    ls_norm_row(hyper, job->norm, job->forward->residual + at, job->forward->normed + at);
}

void ls_apply_norm(ls_forward *forward, const ls_norm *norm) {
    norm_job job = {forward, norm};
    ls_pool_run(forward->compute.pool, forward->positions, norm_position, &job);
}

/* ---- the rest of a block ------------------------------------------------------------------------------- */

void ls_apply_linear(ls_forward *forward, const ls_linear *linear, const float *x, float *out,
                     size_t out_stride) {
    ls_matmul(&forward->compute, &linear->weight, linear->bias, x, forward->positions, &forward->scratch, out,
              out_stride);
}

void ls_add_update(ls_forward *forward) {
    size_t values = (size_t)forward->positions * forward->network->hyper.width;
    for (size_t i = 0; i < values; i++) forward->residual[i] += forward->update[i];
}

/* hidden = unit(hidden), or with a gate unit(gate) * hidden, at one position */
static void activate_position(void *ctx, size_t position, unsigned worker) {
    (void)worker;
    const ls_forward *forward = ctx;
    size_t channels = forward->network->hyper.feed_forward;
    float *hidden = forward->hidden + position * channels;
    float *gate = forward->gate != NULL ? forward->gate + position * channels : NULL;
    forward->compute.kernels->activate[forward->network->arch->unit](channels, gate != NULL ? gate : hidden);
    for (size_t i = 0; i < channels && gate != NULL; i++) hidden[i] = gate[i] * hidden[i];
}

void ls_feed_forward(ls_forward *forward, const ls_block *block) {
    const ls_hyper *hyper = &forward->network->hyper;
    size_t channels = hyper->feed_forward;
    ls_apply_linear(forward, &block->up, forward->normed, forward->hidden, channels);
    if (forward->gate != NULL) ls_apply_linear(forward, &block->gate, forward->normed, forward->gate, channels);
    ls_pool_run(forward->compute.pool, forward->positions, activate_position, forward);
    ls_apply_linear(forward, &block->down, forward->hidden, forward->update, hyper->width);
}

void ls_block_sequential(ls_forward *forward, const ls_block *block) {
    ls_apply_norm(forward, &block->attention_norm);
    ls_attend(forward, block);
    ls_add_update(forward);
    ls_apply_norm(forward, &block->feed_forward_norm);
    ls_feed_forward(forward, block);
    ls_add_update(forward);
}
