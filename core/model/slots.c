#include "model/slots.h"

#include <stdio.h>

static ls_slot *next_slot(ls_slots *slots, const char *format, uint32_t index) {
    ls_slot *slot = &slots->items[slots->count++];
    *slot = (ls_slot){0};
    /* Formats are literals of the family files; an index they do not use is ignored. */
    snprintf(slot->name, sizeof slot->name, format, index);
    return slot;
}

ls_slot *ls_slot_matrix(ls_slots *slots, ls_matrix *matrix, uint64_t outputs, uint64_t inputs,
                        const char *format, uint32_t index) {
    ls_slot *slot = next_slot(slots, format, index);
    slot->matrix = matrix;
    slot->outputs = outputs;
    slot->inputs = inputs;
    return slot;
}

ls_slot *ls_slot_vector(ls_slots *slots, float **vector, uint64_t rows, uint64_t length, const char *format,
                        uint32_t index) {
    ls_slot *slot = next_slot(slots, format, index);
    slot->vector = vector;
    slot->outputs = rows;
    slot->inputs = length;
    return slot;
}

void ls_slot_norm(ls_slots *slots, ls_norm *norm, uint64_t width, const char *part, uint32_t index) {
    char format[LS_GGUF_NAME_MAX + 1];
    snprintf(format, sizeof format, "blk.%%u.%s.weight", part);
    ls_slot_vector(slots, &norm->gain, 1, width, format, index);
    snprintf(format, sizeof format, "blk.%%u.%s.bias", part);
    ls_slot_vector(slots, &norm->bias, 1, width, format, index);
}

void ls_slot_linear(ls_slots *slots, ls_linear *linear, uint64_t outputs, uint64_t inputs, const char *part,
                    uint32_t index) {
    char format[LS_GGUF_NAME_MAX + 1];
    snprintf(format, sizeof format, "blk.%%u.%s.weight", part);
    ls_slot_matrix(slots, &linear->weight, outputs, inputs, format, index);
    snprintf(format, sizeof format, "blk.%%u.%s.bias", part);
    ls_slot_vector(slots, &linear->bias, 1, outputs, format, index);
}

void ls_slots_decoder(ls_network *network, ls_slots *slots) {
    const ls_hyper *hyper = &network->hyper;
    uint64_t d = hyper->width, f = hyper->feed_forward;
    ls_slot_matrix(slots, &network->token_embedding, hyper->vocab, d, "token_embd.weight", 0);
    for (uint32_t i = 0; i < hyper->layers; i++) {
        ls_block *block = &network->blocks[i];
        ls_slot_norm(slots, &block->attention_norm, d, "attn_norm", i);
        ls_slot_linear(slots, &block->qkv, 3 * d, d, "attn_qkv", i);
        ls_slot_linear(slots, &block->attention_out, d, d, "attn_output", i);
        ls_slot_norm(slots, &block->feed_forward_norm, d, "ffn_norm", i);
        ls_slot_linear(slots, &block->up, f, d, "ffn_up", i);
        ls_slot_linear(slots, &block->down, d, f, "ffn_down", i);
    }
    ls_slot_vector(slots, &network->output_norm.gain, 1, d, "output_norm.weight", 0);
    ls_slot_vector(slots, &network->output_norm.bias, 1, d, "output_norm.bias", 0);
    ls_slot_matrix(slots, &network->output, hyper->vocab, d, "output.weight", 0)->optional = 1;
}
