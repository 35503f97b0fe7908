#include "model/network.h"
#include "model/rotary.h"

ls_status ls_forward_init(ls_forward *forward, const ls_network *network, ls_compute compute,
                          uint32_t positions, ls_tap *tap, void *tap_ctx, ls_arena *arena, ls_error *err) {
    const ls_hyper *hyper = &network->hyper;
    *forward = (ls_forward){.network = network,
                            .compute = compute,
                            .positions = positions,
                            .reach = hyper->reach,
                            .tap = tap,
                            .tap_ctx = tap_ctx};
    uint64_t t = positions, d = hyper->width, f = hyper->feed_forward;
    uint64_t a = (uint64_t)hyper->heads * hyper->head_dim, widest = f > d ? f : d;
    int gated = network->blocks->gate.weight.outputs > 0;
    const struct {
        float **buffer;
        uint64_t values;
    } plan[] = {
        {&forward->residual, t * d},
        {&forward->normed, t * d},
        {&forward->qkv, t * ls_qkv_width(hyper)},
        {&forward->mixed, t * a},
        {&forward->hidden, t * f},
        {&forward->gate, gated ? t * f : 0},
        {&forward->rotary, t * hyper->rotary_dims},
        {&forward->update, t * d},
        {&forward->attention_scratch, ls_pool_threads(compute.pool) * t * (hyper->head_dim + 1)},
    };
    for (size_t i = 0; i < sizeof plan / sizeof *plan; i++) {
        ls_status status =
            ls_arena_alloc(arena, plan[i].values, sizeof(float), "the forward pass", plan[i].buffer, err);
        if (status != LS_OK) return status;
    }
    if (!gated) forward->gate = NULL;
    if (hyper->rotary_dims > 0) ls_rotary_fill(forward);
    widest = a > widest ? a : widest;
    return ls_activation_init(&forward->scratch, t * ((widest + LS_BLOCK - 1) / LS_BLOCK * LS_BLOCK), arena,
                              err);
}

static void tap_all(const ls_forward *forward) {
    if (forward->tap == NULL) return;
    for (uint32_t t = 0; t < forward->positions; t++)
        forward->tap(forward->tap_ctx, forward->layer, t,
                     forward->residual + (size_t)t * forward->network->hyper.width);
}

void ls_forward_embed(ls_forward *forward, const uint32_t *tokens) {
    const ls_network *network = forward->network;
    size_t d = network->hyper.width;
    for (size_t t = 0; t < forward->positions; t++) {
        float *row = forward->residual + t * d;
        ls_matrix_get_row(&network->token_embedding, tokens[t], row);
        if (network->position_embedding != NULL)
            for (size_t i = 0; i < d; i++) row[i] += network->position_embedding[t * d + i];
    }
    forward->layer = 0;
    tap_all(forward);
}

void ls_forward_step(ls_forward *forward) {
    forward->network->arch->run_block(forward, &forward->network->blocks[forward->layer]);
    forward->layer++;
    tap_all(forward);
}
