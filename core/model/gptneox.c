/* GPT-NeoX (Black et al. 2022), Pythia (Biderman et al. 2023): rotary positions on the leading channels of each
 * head, both halves of the block reading the same residual where use_parallel_residual says so; GELU with the
 * exact erf. */
#include "base/status.h"
#include "model/layers.h"
#include "model/slots.h"

static ls_status read_rotary(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err) {
    static const char key[] = "gptneox.rope.dimension_count";
    ls_status status = ls_gguf_u32(gguf, key, &hyper->rotary_dims, err);
    if (status != LS_OK) return status;
    if (hyper->rotary_dims == 0 || hyper->rotary_dims % 2 != 0 || hyper->rotary_dims > hyper->head_dim)
        return ls_fail(err, LS_ERR_VALUE, ls_key_offset(gguf, key),
                       "%s: %s is %u; it must be even and at most the head size, %u", gguf->file, key,
                       hyper->rotary_dims, hyper->head_dim);
    hyper->rotary_base = 10000.0f;
    if (ls_gguf_find(gguf, "gptneox.rope.freq_base") == NULL) return LS_OK;
    status = ls_gguf_f32(gguf, "gptneox.rope.freq_base", &hyper->rotary_base, err);
    if (status != LS_OK) return status;
    if (!(hyper->rotary_base > 1.0f && hyper->rotary_base <= 1e9f))
        return ls_fail(err, LS_ERR_VALUE, ls_key_offset(gguf, "gptneox.rope.freq_base"),
                       "%s: gptneox.rope.freq_base is %g; it must be above 1 and at most 1e9", gguf->file,
                       (double)hyper->rotary_base);
    return LS_OK;
}

static ls_status read_hyper(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err) {
    ls_status status = read_rotary(gguf, hyper, err);
    if (status != LS_OK) return status;
    hyper->parallel_residual = 1;
    if (ls_gguf_find(gguf, "gptneox.use_parallel_residual") == NULL) return LS_OK;
    return ls_gguf_bool(gguf, "gptneox.use_parallel_residual", &hyper->parallel_residual, err);
}

static void announce(ls_network *network, ls_slots *slots) { ls_slots_decoder(network, slots); }

/* In the parallel form the feed-forward norm must read the residual before attention's update is added. */
static void run_parallel(ls_forward *forward, const ls_block *block) {
    ls_layer_norm(forward, &block->attention_norm);
    ls_attend(forward, block);
    ls_layer_norm(forward, &block->feed_forward_norm);
    ls_add_update(forward);
    ls_feed_forward(forward, block, ls_gelu_erf);
    ls_add_update(forward);
}

static void run_sequential(ls_forward *forward, const ls_block *block) {
    ls_layer_norm(forward, &block->attention_norm);
    ls_attend(forward, block);
    ls_add_update(forward);
    ls_layer_norm(forward, &block->feed_forward_norm);
    ls_feed_forward(forward, block, ls_gelu_erf);
    ls_add_update(forward);
}

static void run_block(ls_forward *forward, const ls_block *block) {
    if (forward->network->hyper.parallel_residual)
        run_parallel(forward, block);
    else
        run_sequential(forward, block);
}

const ls_arch ls_arch_gptneox = {"gptneox", read_hyper, announce, run_block};
