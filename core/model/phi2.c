/* Phi-1, Phi-1.5 and Phi-2 (Li et al. 2023), which files call phi2: one norm per block, read by attention and
 * feed-forward alike; rotary positions on the leading channels of each head; biases everywhere, the output
 * included. */
#include "model/layers.h"
#include "model/rotary.h"
#include "model/slots.h"

static ls_status read_hyper(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err) {
    hyper->parallel_residual = 1;
    return ls_rotary_read(gguf, "phi2", LS_ROTARY_HALVES, hyper, err);
}

static void announce(ls_network *network, ls_slots *slots) {
    ls_slots_decoder(network, slots, LS_BIASED | LS_SHARED_NORM);
    ls_slot_vector(slots, &network->output_bias, 1, network->hyper.vocab, "output.bias");
}

static void run_block(ls_forward *forward, const ls_block *block) {
    ls_apply_norm(forward, &block->attention_norm);
    ls_attend(forward, block);
    ls_add_update(forward);
    ls_feed_forward(forward, block); /* reads what attention has read */
    ls_add_update(forward);
}

const ls_arch ls_arch_phi2 = {
    .name = "phi2",
    .norm = LS_NORM_LAYER,
    .unit = LS_GELU_TANH,
    .read_hyper = read_hyper,
    .announce = announce,
    .run_block = run_block,
};
