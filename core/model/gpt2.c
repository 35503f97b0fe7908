/* GPT-2 (Radford et al. 2019), DistilGPT-2: learned positions, norm before each half of the block, the second
 * half reading what the first has written; GELU in its tanh form. */
#include "model/layers.h"
#include "model/slots.h"

static ls_status read_hyper(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err) {
    (void)gguf;
    (void)hyper;
    (void)err;
    return LS_OK;
}

static void announce(ls_network *network, ls_slots *slots) {
    ls_slots_decoder(network, slots);
    ls_slot_vector(slots, &network->position_embedding, network->hyper.context, network->hyper.width,
                   "position_embd.weight");
}

static void run_block(ls_forward *forward, const ls_block *block) {
    ls_layer_norm(forward, &block->attention_norm);
    ls_attend(forward, block);
    ls_add_update(forward);
    ls_layer_norm(forward, &block->feed_forward_norm);
    ls_feed_forward(forward, block, ls_gelu_tanh);
    ls_add_update(forward);
}

const ls_arch ls_arch_gpt2 = {"gpt2", read_hyper, announce, run_block};
