/* LLaMA (Touvron et al. 2023) and what is built like it: TinyLlama, Llama 3, SmolLM2, Mistral. RMS norms,
 * rotary positions on whole heads, grouped queries, SwiGLU. Files hold the rows of q and k so that neighbouring
 * channels turn together. Llama 3 divides the rotary frequencies by rope_freqs. */
#include "model/layers.h"
#include "model/rotary.h"
#include "model/slots.h"

static ls_status read_hyper(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err) {
    return ls_rotary_read(gguf, "llama", LS_ROTARY_PAIRS, hyper, err);
}

static void announce(ls_network *network, ls_slots *slots) {
    ls_slots_decoder(network, slots, LS_GATED);
    ls_slot_vector(slots, &network->rotary_factors, 1, network->hyper.rotary_dims / 2, "rope_freqs.weight")
        ->optional = 1;
}

const ls_arch ls_arch_llama = {
    .name = "llama",
    .norm = LS_NORM_RMS,
    .unit = LS_SILU,
    .read_hyper = read_hyper,
    .announce = announce,
    .run_block = ls_block_sequential,
};
