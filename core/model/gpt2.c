/* GPT-2 (Radford et al. 2019), DistilGPT-2: learned positions, norm before each half of the block, the second
 * half reading what the first has written; GELU in its tanh form. */
#include "model/layers.h"
#include "model/slots.h"

static void announce(ls_network *network, ls_slots *slots) {
    ls_slots_decoder(network, slots, LS_FUSED_QKV | LS_BIASED);
    ls_slots_positions(network, slots);
}

const ls_arch ls_arch_gpt2 = {
    .name = "gpt2",
    .norm = LS_NORM_LAYER,
    .unit = LS_GELU_TANH,
    .announce = announce,
    .run_block = ls_block_sequential,
};
