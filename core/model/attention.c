#include "base/math.h"
#include "model/layers.h"

/* Rotates the pairs (i, i + rotary_dims / 2) of one head by the angles of its position: RoPE (Su et al. 2021)
 * in the half-split layout of GPT-NeoX. angles is [rotary_dims / 2][cos, sin]. */
static void rotate_head(float *head, size_t rotary_dims, const float *angles) {
    size_t half = rotary_dims / 2;
    for (size_t i = 0; i < half; i++) {
        float a = head[i], b = head[i + half], cosine = angles[2 * i], sine = angles[2 * i + 1];
        head[i] = a * cosine - b * sine;
        head[i + half] = b * cosine + a * sine;
    }
}

static void rotate_queries_and_keys(ls_forward *forward) {
    const ls_hyper *hyper = &forward->network->hyper;
    for (size_t t = 0; t < forward->positions; t++) {
        const float *angles = forward->rotary + t * hyper->rotary_dims;
        float *row = forward->qkv + t * 3 * hyper->width;
        for (size_t h = 0; h < 2 * (size_t)hyper->heads; h++) /* keys follow the queries */
            rotate_head(row + h * hyper->head_dim, hyper->rotary_dims, angles);
    }
}

/* Softmax of n scores in place; the sum runs in index order. */
static void softmax(float *scores, size_t n) {
    float largest = scores[0], sum = 0.0f;
    for (size_t j = 1; j < n; j++) largest = largest > scores[j] ? largest : scores[j];
    for (size_t j = 0; j < n; j++) scores[j] = ls_expf(scores[j] - largest);
    for (size_t j = 0; j < n; j++) sum += scores[j];
    for (size_t j = 0; j < n; j++) scores[j] = scores[j] / sum;
}

/* keys [head_dim][T]: transposed, so that scores of neighbouring positions are neighbouring lanes. */
static void transpose_keys(const ls_forward *forward, size_t head, float *keys) {
    const ls_hyper *hyper = &forward->network->hyper;
    size_t positions = forward->positions, row = 3 * (size_t)hyper->width;
    const float *first = forward->qkv + hyper->width + head * hyper->head_dim;
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
    size_t positions = forward->positions, head_dim = hyper->head_dim, row = 3 * (size_t)hyper->width;
    float *keys = forward->attention_scratch + worker * (head_dim + 1) * positions;
    float *scores = keys + head_dim * positions;
    const float *queries = forward->qkv + head * head_dim;
    const float *values = forward->qkv + 2 * (size_t)hyper->width + head * head_dim;
    transpose_keys(forward, head, keys);
    for (size_t t = 0; t < positions; t++)
        attend_position(queries + t * row, keys, positions, values, row, t + 1, head_dim, scores,
                        forward->mixed + t * hyper->width + head * head_dim);
}

void ls_attend(ls_forward *forward, const ls_block *block) {
    ls_matmul(&forward->compute, &block->qkv.weight, block->qkv.bias, forward->normed, forward->positions,
              &forward->scratch, forward->qkv);
    if (forward->rotary != NULL) rotate_queries_and_keys(forward);
    ls_pool_run(forward->compute.pool, forward->network->hyper.heads, attend_head, forward);
    ls_matmul(&forward->compute, &block->attention_out.weight, block->attention_out.bias, forward->mixed,
              forward->positions, &forward->scratch, forward->update);
}
