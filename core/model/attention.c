#include "base/math.h"
#include "model/layers.h"
#include "model/rotary.h"

/* Softmax of n scores in place; the sum runs in index order. */
static void softmax(float *scores, size_t n) {
    float largest = scores[0], sum = 0.0f;
    for (size_t j = 1; j < n; j++) largest = largest > scores[j] ? largest : scores[j];
    for (size_t j = 0; j < n; j++) scores[j] = ls_expf(scores[j] - largest);
    for (size_t j = 0; j < n; j++) sum += scores[j];
    for (size_t j = 0; j < n; j++) scores[j] = scores[j] / sum;
}

/* keys [head_dim][T]: transposed, so that scores of neighbouring positions are neighbouring lanes. */
static void transpose_keys(const ls_forward *forward, const float *first, float *keys) {
    const ls_hyper *hyper = &forward->network->hyper;
    size_t positions = forward->positions, row = ls_qkv_width(hyper);
    for (size_t t = 0; t < positions; t++)
        for (size_t c = 0; c < hyper->head_dim; c++) keys[c * positions + t] = first[t * row + c];
}

/* One query against the n keys before and at it: mixed[c] = sum_j softmax(q k_j / sqrt(head_dim))_j v_j[c]. */
static void attend_position(const float *query, const float *keys, size_t stride, const float *values,
                            size_t value_stride, size_t n, size_t head_dim, float *scores, float *mixed) {
    float scale = 1.0f / sqrtf((float)head_dim);
    for (size_t j = 0; j < n; j++) scores[j] = 0.0f;
    for (size_t c = 0; c < head_dim; c++)
        for (size_t j = 0; j < n; j++) scores[j] += query[c] * keys[c * stride + j];
    for (size_t j = 0; j < n; j++) scores[j] *= scale;
    softmax(scores, n);
    for (size_t c = 0; c < head_dim; c++) mixed[c] = 0.0f;
    for (size_t j = 0; j < n; j++)
        for (size_t c = 0; c < head_dim; c++) mixed[c] += scores[j] * values[j * value_stride + c];
}

static void attend_head(void *ctx, size_t head, unsigned worker) {
    ls_forward *forward = ctx;
    const ls_hyper *hyper = &forward->network->hyper;
    size_t positions = forward->positions, head_dim = hyper->head_dim, row = ls_qkv_width(hyper);
    size_t shared = head / (hyper->heads / hyper->key_value_heads); /* the keys and values it reads */
    float *keys = forward->attention_scratch + worker * (head_dim + 1) * positions;
    float *scores = keys + head_dim * positions;
    const float *queries = forward->qkv + head * head_dim;
    const float *own_keys = forward->qkv + (hyper->heads + shared) * head_dim;
    const float *values = own_keys + hyper->key_value_heads * head_dim;
    transpose_keys(forward, own_keys, keys);
    for (size_t t = 0; t < positions; t++)
        attend_position(queries + t * row, keys, positions, values, row, t + 1, head_dim, scores,
                        forward->mixed + (t * hyper->heads + head) * head_dim);
}

/* normed -> qkv, from one matrix or from three */
static void project(ls_forward *forward, const ls_block *block) {
    const ls_hyper *hyper = &forward->network->hyper;
    size_t row = ls_qkv_width(hyper);
    float *keys = forward->qkv + (size_t)hyper->heads * hyper->head_dim;
    if (block->qkv.weight.outputs > 0) {
        ls_apply_linear(forward, &block->qkv, forward->normed, forward->qkv, row);
        return;
    }
    ls_apply_linear(forward, &block->queries, forward->normed, forward->qkv, row);
    ls_apply_linear(forward, &block->keys, forward->normed, keys, row);
    ls_apply_linear(forward, &block->values, forward->normed,
                    keys + (size_t)hyper->key_value_heads * hyper->head_dim, row);
}

void ls_attend(ls_forward *forward, const ls_block *block) {
    const ls_hyper *hyper = &forward->network->hyper;
    project(forward, block);
    if (hyper->rotary_dims > 0) ls_rotary_turn(forward);
    ls_pool_run(forward->compute.pool, hyper->heads, attend_head, forward);
    ls_apply_linear(forward, &block->attention_out, forward->mixed, forward->update, hyper->width);
}
