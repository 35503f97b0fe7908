#include "model/slots.h"

#include <stdio.h>

static ls_slot *next_slot(ls_slots *slots, const char *name, uint64_t outputs, uint64_t inputs) {
    ls_slot *slot = &slots->items[slots->count++];
    *slot = (ls_slot){.outputs = outputs, .inputs = inputs};
    snprintf(slot->name, sizeof slot->name, "%s", name);
    return slot;
}

ls_slot *ls_slot_matrix(ls_slots *slots, ls_matrix *matrix, uint64_t outputs, uint64_t inputs,
                        const char *name) {
    ls_slot *slot = next_slot(slots, name, outputs, inputs);
    slot->matrix = matrix;
    return slot;
}

ls_slot *ls_slot_vector(ls_slots *slots, float **vector, uint64_t rows, uint64_t length, const char *name) {
    ls_slot *slot = next_slot(slots, name, rows, length);
    slot->vector = vector;
    return slot;
}

/* blk.N.<part>.<kind> */
static const char *block_name(char name[LS_GGUF_NAME_MAX + 1], uint32_t block, const char *part,
                              const char *kind) {
    snprintf(name, LS_GGUF_NAME_MAX + 1, "blk.%u.%s.%s", block, part, kind);
    return name;
}

void ls_slot_norm(ls_slots *slots, ls_norm *norm, uint64_t width, const char *part, uint32_t block) {
    char name[LS_GGUF_NAME_MAX + 1];
    ls_slot_vector(slots, &norm->gain, 1, width, block_name(name, block, part, "weight"));
    ls_slot_vector(slots, &norm->bias, 1, width, block_name(name, block, part, "bias"));
}

void ls_slot_linear(ls_slots *slots, ls_linear *linear, uint64_t outputs, uint64_t inputs, const char *part,
                    uint32_t block) {
    char name[LS_GGUF_NAME_MAX + 1];
    ls_slot_matrix(slots, &linear->weight, outputs, inputs, block_name(name, block, part, "weight"));
    ls_slot_vector(slots, &linear->bias, 1, outputs, block_name(name, block, part, "bias"));
}

void ls_slots_decoder(ls_network *network, ls_slots *slots) {
    const ls_hyper *hyper = &network->hyper;
    uint64_t d = hyper->width, f = hyper->feed_forward;
    ls_slot_matrix(slots, &network->token_embedding, hyper->vocab, d, "token_embd.weight");
    for (uint32_t i = 0; i < hyper->layers; i++) {
        ls_block *block = &network->blocks[i];
        ls_slot_norm(slots, &block->attention_norm, d, "attn_norm", i);
        ls_slot_linear(slots, &block->qkv, 3 * d, d, "attn_qkv", i);
        ls_slot_linear(slots, &block->attention_out, d, d, "attn_output", i);
        ls_slot_norm(slots, &block->feed_forward_norm, d, "ffn_norm", i);
        ls_slot_linear(slots, &block->up, f, d, "ffn_up", i);
        ls_slot_linear(slots, &block->down, d, f, "ffn_down", i);
    }
    ls_slot_vector(slots, &network->output_norm.gain, 1, d, "output_norm.weight");
    ls_slot_vector(slots, &network->output_norm.bias, 1, d, "output_norm.bias");
    ls_slot_matrix(slots, &network->output, hyper->vocab, d, "output.weight")->optional = 1;
}
