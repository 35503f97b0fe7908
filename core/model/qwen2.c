/* Qwen2 and Qwen2.5 (Yang et al. 2024): as LLaMA, but with biases on queries, keys and values, and with the
 * halves of a head turning together. */
#include "model/layers.h"
#include "model/rotary.h"
#include "model/slots.h"

static ls_status read_hyper(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err) {
    return ls_rotary_read(gguf, "qwen2", LS_ROTARY_HALVES, hyper, err);
}

static void announce(ls_network *network, ls_slots *slots) {
    ls_slots_decoder(network, slots, LS_GATED | LS_BIASED_QKV);
}

const ls_arch ls_arch_qwen2 = {
    .name = "qwen2",
    .norm = LS_NORM_RMS,
    .unit = LS_SILU,
    .read_hyper = read_hyper,
    .announce = announce,
    .run_block = ls_block_sequential,
};
