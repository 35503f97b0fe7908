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

static ls_status reserve(ls_slot *slot, ls_arena *arena, ls_error *err) {
    if (slot->matrix != NULL)
        return ls_matrix_init(slot->matrix, (ls_ggml_type)slot->tensor->type, slot->outputs, slot->inputs,
                              slot->name, arena, err);
    return ls_arena_reserve(arena, slot->outputs, slot->inputs * sizeof(float), slot->name, slot->vector, err);
}

ls_status ls_slots_reserve(const ls_slots *slots, ls_arena *arena, ls_error *err) {
    const ls_gguf *gguf = slots->gguf;
    ls_status status = LS_OK;
    for (uint64_t i = 0; i < gguf->tensor_count && status == LS_OK; i++)
        status = reserve(slots->by_tensor[gguf->by_offset[i] - gguf->tensors], arena, err);
    return status;
}

/* ---- the parts of a block ------------------------------------------------------------------------------ */

/* blk.N.<part>.<kind> */
static const char *block_name(char name[LS_GGUF_NAME_MAX + 1], uint32_t block, const char *part,
                              const char *kind) {
    snprintf(name, LS_GGUF_NAME_MAX + 1, "blk.%u.%s.%s", block, part, kind);
    return name;
}

static void expect_norm(ls_slots *slots, ls_norm *norm, const ls_hyper *hyper, const char *part,
                        uint32_t block) {
    char name[LS_GGUF_NAME_MAX + 1];
    ls_slot_vector(slots, &norm->gain, 1, hyper->width, block_name(name, block, part, "weight"));
    if (hyper->norm == LS_NORM_LAYER)
        ls_slot_vector(slots, &norm->bias, 1, hyper->width, block_name(name, block, part, "bias"));
}

static void expect_linear(ls_slots *slots, ls_linear *linear, uint64_t outputs, uint64_t inputs, int biased,
                          const char *part, uint32_t block) {
    char name[LS_GGUF_NAME_MAX + 1];
    ls_slot_matrix(slots, &linear->weight, outputs, inputs, block_name(name, block, part, "weight"));
    ls_slot_vector(slots, &linear->bias, 1, outputs, block_name(name, block, part, "bias"))->optional = !biased;
}

static void expect_attention(ls_slots *slots, ls_block *block, const ls_hyper *hyper, unsigned traits,
                             uint32_t i) {
    char name[LS_GGUF_NAME_MAX + 1];
    uint64_t d = hyper->width, head = hyper->head_dim, a = hyper->heads * head,
             k = hyper->key_value_heads * head;
    int biased = (traits & (LS_BIASED | LS_BIASED_QKV)) != 0;
    if (traits & LS_FUSED_QKV ||
        ls_gguf_find_tensor(slots->gguf, block_name(name, i, "attn_qkv", "weight")) != NULL) {
        expect_linear(slots, &block->qkv, a + 2 * k, d, biased, "attn_qkv", i);
    } else {
        expect_linear(slots, &block->queries, a, d, biased, "attn_q", i);
        expect_linear(slots, &block->keys, k, d, biased, "attn_k", i);
        expect_linear(slots, &block->values, k, d, biased, "attn_v", i);
    }
    expect_linear(slots, &block->attention_out, d, a, (traits & LS_BIASED) != 0, "attn_output", i);
}

static void expect_feed_forward(ls_slots *slots, ls_block *block, const ls_hyper *hyper, unsigned traits,
                                uint32_t i) {
    uint64_t d = hyper->width, f = hyper->feed_forward;
    int biased = (traits & LS_BIASED) != 0;
    if (traits & LS_GATED) expect_linear(slots, &block->gate, f, d, biased, "ffn_gate", i);
    expect_linear(slots, &block->up, f, d, biased, "ffn_up", i);
    expect_linear(slots, &block->down, d, f, biased, "ffn_down", i);
}

/* ---- whole decoders ------------------------------------------------------------------------------------ */

void ls_slots_decoder(ls_network *network, ls_slots *slots, unsigned traits) {
    const ls_hyper *hyper = &network->hyper;
    ls_slot_matrix(slots, &network->token_embedding, hyper->vocab, hyper->width, "token_embd.weight");
    for (uint32_t i = 0; i < hyper->layers; i++) {
        ls_block *block = &network->blocks[i];
        expect_norm(slots, &block->attention_norm, hyper, "attn_norm", i);
        expect_attention(slots, block, hyper, traits, i);
        if (!(traits & LS_SHARED_NORM)) expect_norm(slots, &block->feed_forward_norm, hyper, "ffn_norm", i);
        expect_feed_forward(slots, block, hyper, traits, i);
    }
    ls_slot_vector(slots, &network->output_norm.gain, 1, hyper->width, "output_norm.weight");
    if (hyper->norm == LS_NORM_LAYER)
        ls_slot_vector(slots, &network->output_norm.bias, 1, hyper->width, "output_norm.bias");
    ls_slot_matrix(slots, &network->output, hyper->vocab, hyper->width, LS_OUTPUT_TENSOR)->optional = 1;
}

void ls_slots_positions(ls_network *network, ls_slots *slots) {
    ls_slot_vector(slots, &network->position_embedding, network->hyper.context, network->hyper.width,
                   "position_embd.weight");
}
