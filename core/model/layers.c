#include "model/layers.h"

#include "base/math.h"

/* 0.5 x (1 + tanh(u)) = x / (1 + exp(-2u)), u = sqrt(2 / pi) (x + 0.044715 x^3) */
float ls_gelu_tanh(float x) {
    float u = 0.7978845608f * (x + 0.044715f * (x * x * x));
    return x / (1.0f + ls_expf(-2.0f * u));
}

float ls_gelu_erf(float x) { return 0.5f * x * (1.0f + ls_erff(x * 0.7071067812f)); }

void ls_norm_row(const ls_norm *norm, float epsilon, size_t d, const float *x, float *out) {
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < d; i++) sum += x[i];
    double mean = sum / (double)d;
    for (size_t i = 0; i < d; i++) squares += (x[i] - mean) * (x[i] - mean);
    double inverse = 1.0 / sqrt(squares / (double)d + (double)epsilon);
    for (size_t i = 0; i < d; i++) out[i] = (float)((x[i] - mean) * inverse) * norm->gain[i] + norm->bias[i];
}

void ls_layer_norm(ls_forward *forward, const ls_norm *norm) {
    const ls_hyper *hyper = &forward->network->hyper;
    for (size_t t = 0; t < forward->positions; t++)
        ls_norm_row(norm, hyper->norm_epsilon, hyper->width, forward->residual + t * hyper->width,
                    forward->normed + t * hyper->width);
}

void ls_add_update(ls_forward *forward) {
    size_t values = (size_t)forward->positions * forward->network->hyper.width;
    for (size_t i = 0; i < values; i++) forward->residual[i] += forward->update[i];
}

void ls_feed_forward(ls_forward *forward, const ls_block *block, float (*activation)(float)) {
    size_t positions = forward->positions;
    ls_matmul(&forward->compute, &block->up.weight, block->up.bias, forward->normed, positions,
              &forward->scratch, forward->hidden);
    for (size_t i = 0; i < positions * forward->network->hyper.feed_forward; i++)
        forward->hidden[i] = activation(forward->hidden[i]);
    ls_matmul(&forward->compute, &block->down.weight, block->down.bias, forward->hidden, positions,
              &forward->scratch, forward->update);
}
