#include "model/layers.h"

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
