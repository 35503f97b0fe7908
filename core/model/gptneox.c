/* GPT-NeoX (Black et al. 2022), Pythia (Biderman et al. 2023): rotary positions on the leading channels of each
 * head, both halves of the block reading the same residual where use_parallel_residual says so; GELU with the
 * exact erf. */
#include "model/layers.h"
#include "model/rotary.h"
#include "model/slots.h"

static ls_status read_hyper(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err) {
    ls_status status = ls_rotary_read(gguf, "gptneox", LS_ROTARY_HALVES, hyper, err);
    if (status != LS_OK) return status;
    hyper->parallel_residual = 1;
    if (ls_gguf_find(gguf, "gptneox.use_parallel_residual") == NULL) return LS_OK;
    return ls_gguf_bool(gguf, "gptneox.use_parallel_residual", &hyper->parallel_residual, err);
}

static void announce(ls_network *network, ls_slots *slots) {
    ls_slots_decoder(network, slots, LS_FUSED_QKV | LS_BIASED);
}

/* In the parallel form the feed-forward norm must read the residual before attention's update is added. */
static void run_parallel(ls_forward *forward, const ls_block *block) {
    ls_apply_norm(forward, &block->attention_norm);
    ls_attend(forward, block);
    ls_apply_norm(forward, &block->feed_forward_norm);
    ls_add_update(forward);
    ls_feed_forward(forward, block);
    ls_add_update(forward);
}

static void run_block(ls_forward *forward, const ls_block *block) {
    if (forward->network->hyper.parallel_residual)
        run_parallel(forward, block);
    else
        ls_block_sequential(forward, block);
}

const ls_arch ls_arch_gptneox = {
    .name = "gptneox",
    .norm = LS_NORM_LAYER,
    .unit = LS_GELU_ERF,
    .read_hyper = read_hyper,
    .announce = announce,
    .run_block = run_block,
};
