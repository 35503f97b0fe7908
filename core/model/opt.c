/* OPT (Zhang et al. 2022) in the layout of OPT-125M: learned positions, norm before each half of the block,
 * ReLU. llama.cpp has no such family; names and keys follow its manner, general.architecture being "opt":
 *   opt.context_length, .embedding_length, .feed_forward_length, .block_count, .attention.head_count,
 *   .attention.layer_norm_epsilon; token_embd, position_embd, output_norm, blk.N.{attn_norm, attn_q, attn_k,
 *   attn_v, attn_output, ffn_norm, ffn_up, ffn_down}, each but the embeddings with weight and bias.
 * position_embd holds a row for each position of the context. The two rows that checkpoints have before them
 * belong to padding and are not stored. */
#include "model/layers.h"
#include "model/slots.h"

static void announce(ls_network *network, ls_slots *slots) {
    ls_slots_decoder(network, slots, LS_BIASED);
    ls_slots_positions(network, slots);
}

const ls_arch ls_arch_opt = {
    .name = "opt",
    .norm = LS_NORM_LAYER,
    .unit = LS_RELU,
    .announce = announce,
    .run_block = ls_block_sequential,
};
