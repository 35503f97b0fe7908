#include "base/math.h"
#include "model/layers.h"
#include "model/rotary.h"

/* Softmax of n scores in place; the sum runs in index order. */
static void softmax(const ls_kernels *kernels, float *scores, size_t n) {
    float largest = scores[0], sum = 0.0f;
    for (size_t j = 1; j < n; j++) largest = largest > scores[j] ? largest : scores[j];
    kernels->exponentials(n, scores, largest);
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

/* The positions that one query sees: [0, sinks) and [start, end). */
typedef struct seen {
    size_t sinks, start, end;
} seen;

static seen seen_from(ls_reach reach, size_t position) {
    size_t end = position + 1, start = reach.window > 0 && end > reach.window ? end - reach.window : 0;
    return (seen){reach.sinks < start ? reach.sinks : start, start, end};
}

/* One head of one layer; keys [head_dim][stride], values [T] at value_stride floats. */
typedef struct head_view {
    const ls_forward *forward;
    const float *keys, *values;
    size_t stride, value_stride, head_dim;
} head_view;

/* scores[j - from] = q k_j / sqrt(head_dim) for j in [from, end) */
static void score_range(const head_view *head, const float *query, size_t from, size_t end, float *scores) {
    float scale = 1.0f / sqrtf((float)head->head_dim);
    size_t n = end - from;
    for (size_t j = 0; j < n; j++) scores[j] = 0.0f;
    head->forward->compute.kernels->add_rows(head->head_dim, query, head->keys + from, head->stride, n, scores);
    for (size_t j = 0; j < n; j++) scores[j] *= scale;
}

static void mix_range(const head_view *head, const float *scores, size_t from, size_t end, float *mixed) {
    head->forward->compute.kernels->add_rows(end - from, scores, head->values + from * head->value_stride,
                                             head->value_stride, head->head_dim, mixed);
}

/* Positions count among what is seen, not in the text: the window follows the sinks without a gap (Xiao et al.
 * 2024). Between query and window that is the same; from the sinks the query is nearer by the gap, and turned
 * back by it. `turned` has room for the query. */
static void score_sinks(const head_view *head, const float *query, seen s, float *scores, float *turned) {
    if (s.start > s.sinks) query = ls_rotary_turn_back(head->forward, query, s.start - s.sinks, turned);
    score_range(head, query, 0, s.sinks, scores);
}

/* mixed[c] = sum_j softmax(q k_j / sqrt(head_dim))_j v_j[c] over the positions j that are seen, in their order
 */
static void attend_position(const head_view *head, const float *query, seen s, float *scores, float *mixed) {
    if (s.sinks > 0) score_sinks(head, query, s, scores, mixed);
    score_range(head, query, s.start, s.end, scores + s.sinks);
    softmax(head->forward->compute.kernels, scores, s.sinks + s.end - s.start);
    for (size_t c = 0; c < head->head_dim; c++) mixed[c] = 0.0f;
    mix_range(head, scores, 0, s.sinks, mixed);
    mix_range(head, scores + s.sinks, s.start, s.end, mixed);
}

static void attend_head(void *ctx, size_t index, unsigned worker) {
    ls_forward *forward = ctx;
    const ls_hyper *hyper = &forward->network->hyper;
    size_t positions = forward->positions, head_dim = hyper->head_dim, row = ls_qkv_width(hyper);
    size_t shared = index / (hyper->heads / hyper->key_value_heads); /* the keys and values it reads */
    float *keys = forward->attention_scratch + worker * (head_dim + 1) * positions;
    float *scores = keys + head_dim * positions;
    const float *queries = forward->qkv + index * head_dim;
    const float *own_keys = forward->qkv + (hyper->heads + shared) * head_dim;
    head_view head = {forward, keys, own_keys + hyper->key_value_heads * head_dim, positions, row, head_dim};
    transpose_keys(forward, own_keys, keys);
    for (size_t t = 0; t < positions; t++)
        attend_position(&head, queries + t * row, seen_from(forward->reach, t), scores,
                        forward->mixed + (t * hyper->heads + index) * head_dim);
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
