#include "support/tiny_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/utf8.h"
#include "quant/types.h"
#include "support/memory_source.h"
#include "text/bytes.h"
#include "text/tokenizer.h"

tiny_model tiny_model_default(void) {
    return (tiny_model){.family = "gpt2",
                        .says = "gpt2",
                        .name = "tiny",
                        .layers = 1,
                        .width = 32,
                        .heads = 2,
                        .feed_forward = 32,
                        .context = 8,
                        .type = LS_GGML_F32};
}

static int is_left_out(const tiny_model *model, const char *name) {
    size_t length = strlen(name);
    for (const char *end = model->left_out; end != NULL && *end != '\0';) {
        size_t ending = strcspn(end, ",");
        if (length >= ending && strncmp(name + length - ending, end, ending) == 0) return 1;
        end += ending + (end[ending] == ',');
    }
    return 0;
}

/* ---- metadata ------------------------------------------------------------------------------------------ */

static void family_u32(gguf_builder *b, const tiny_model *model, const char *suffix, uint32_t value) {
    char key[96];
    snprintf(key, sizeof key, "%s.%s", model->family, suffix);
    if (!is_left_out(model, key)) gb_kv_u32(b, key, value);
}

static void write_settings(gguf_builder *b, const tiny_model *model) {
    char key[96];
    gb_kv_string(b, "general.architecture", model->says);
    gb_kv_string(b, "general.name", model->name);
    family_u32(b, model, "block_count", model->layers);
    family_u32(b, model, "embedding_length", model->width);
    family_u32(b, model, "attention.head_count", model->heads);
    family_u32(b, model, "feed_forward_length", model->feed_forward);
    family_u32(b, model, "context_length", model->context);
    snprintf(key, sizeof key, "%s.attention.layer_norm_epsilon", model->family);
    if (!is_left_out(model, key)) gb_kv_f32(b, key, 1e-5f);
    if (strcmp(model->family, "gptneox") == 0)
        family_u32(b, model, "rope.dimension_count", model->width / model->heads / 2);
}

static void write_vocabulary(gguf_builder *b, const tiny_model *model) {
    char symbols[256][5] = {{0}};
    const char *tokens[TINY_VOCAB];
    int32_t types[TINY_VOCAB];
    for (unsigned byte = 0; byte < 256; byte++) {
        ls_utf8_encode(ls_byte_symbol((uint8_t)byte), symbols[byte]);
        tokens[byte] = symbols[byte];
        types[byte] = LS_TOKEN_NORMAL;
    }
    tokens[256] = "<end>";
    types[256] = LS_TOKEN_CONTROL;
    if (!is_left_out(model, "tokenizer.ggml.model")) gb_kv_string(b, "tokenizer.ggml.model", "gpt2");
    if (!is_left_out(model, "tokenizer.ggml.pre")) gb_kv_string(b, "tokenizer.ggml.pre", "gpt-2");
    if (!is_left_out(model, "tokenizer.ggml.tokens"))
        gb_kv_strings(b, "tokenizer.ggml.tokens", tokens, TINY_VOCAB);
    if (!is_left_out(model, "tokenizer.ggml.merges")) gb_kv_strings(b, "tokenizer.ggml.merges", NULL, 0);
    if (!is_left_out(model, "tokenizer.ggml.token_type"))
        gb_kv_i32s(b, "tokenizer.ggml.token_type", types, TINY_VOCAB);
}

/* ---- tensors ------------------------------------------------------------------------------------------- */

/* Bytes of a row as the format counts them, also of types that are not read. */
static size_t row_bytes(uint32_t type, uint64_t inputs) {
    const ls_weight_type *row = ls_weight_type_find(type);
    return (size_t)(inputs / row->block * row->block_bytes);
}

/* Weights in [-0.25, 0.25); for Q8_0 random bytes with scales near 2^-9; anything else is zeros. */
static void fill(unsigned char *data, size_t n, uint32_t type, uint64_t seed) {
    for (size_t i = 0; type == LS_GGML_F32 && i < n / 4; i++) {
        float value = (float)(ls_random_u64(seed, i) >> 40) * 0x1p-25f - 0.25f;
        memcpy(data + 4 * i, &value, sizeof value);
    }
    for (size_t i = 0; type == LS_GGML_Q8_0 && i < n; i++)
        data[i] = i % 34 == 0 ? 0 : i % 34 == 1 ? 0x18 : (unsigned char)ls_random_u64(seed, i);
}

static void tensor(gguf_builder *b, const tiny_model *model, const char *name, uint64_t inputs, uint64_t rows,
                   uint32_t type) {
    if (is_left_out(model, name)) return;
    if (model->odd != NULL && strcmp(name, model->odd) == 0) {
        if (model->odd_type != 0) type = model->odd_type;
        if (model->odd_rows != 0) rows = model->odd_rows;
    }
    size_t bytes = row_bytes(type, inputs) * (size_t)rows;
    unsigned char *data = calloc(bytes + 1, 1);
    if (data == NULL) abort();
    fill(data, bytes, type, strlen(name) + (unsigned char)name[4]);
    const uint64_t dims[2] = {inputs, rows};
    gb_tensor(b, name, rows > 1 ? 2 : 1, dims, type, data, bytes);
    free(data);
}

static void block_tensors(gguf_builder *b, const tiny_model *model, uint32_t block) {
    const uint64_t d = model->width, f = model->feed_forward;
    const struct {
        const char *part;
        uint64_t outputs, inputs; /* inputs 0: a norm */
    } parts[] = {{"attn_norm", d, 0}, {"attn_qkv", 3 * d, d}, {"attn_output", d, d},
                 {"ffn_norm", d, 0},  {"ffn_up", f, d},       {"ffn_down", d, f}};
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        char name[64];
        snprintf(name, sizeof name, "blk.%u.%s.weight", block, parts[i].part);
        if (parts[i].inputs > 0)
            tensor(b, model, name, parts[i].inputs, parts[i].outputs, model->type);
        else
            tensor(b, model, name, parts[i].outputs, 1, LS_GGML_F32);
        snprintf(name, sizeof name, "blk.%u.%s.bias", block, parts[i].part);
        tensor(b, model, name, parts[i].outputs, 1, LS_GGML_F32);
    }
}

void tiny_model_build(const tiny_model *model, gguf_builder *b) {
    gb_init(b);
    gb_begin(b);
    write_settings(b, model);
    write_vocabulary(b, model);
    if (model->instead != NULL) model->instead(b);
    tensor(b, model, "token_embd.weight", model->width, TINY_VOCAB, model->type);
    if (strcmp(model->family, "gpt2") == 0)
        tensor(b, model, "position_embd.weight", model->width, model->context, LS_GGML_F32);
    else
        tensor(b, model, "output.weight", model->width, TINY_VOCAB, model->type);
    for (uint32_t i = 0; i < model->layers; i++) block_tensors(b, model, i);
    tensor(b, model, "output_norm.weight", model->width, 1, LS_GGML_F32);
    tensor(b, model, "output_norm.bias", model->width, 1, LS_GGML_F32);
    if (model->foreign != NULL) tensor(b, model, model->foreign, model->width, 1, LS_GGML_F32);
    gb_finish(b);
}

size_t tensor_offset(const void *bytes, size_t n, const char *name) {
    ls_allocator allocator = ls_allocator_default();
    ls_arena arena;
    ls_arena_init(&arena, &allocator);
    memory_source memory;
    ls_source source = memory_source_open(&memory, bytes, n, "test.gguf");
    const ls_gguf *gguf = NULL;
    size_t offset = 0;
    if (ls_gguf_open(&source, &arena, &gguf, NULL) == LS_OK && ls_gguf_find_tensor(gguf, name) != NULL)
        offset = (size_t)ls_gguf_find_tensor(gguf, name)->offset;
    ls_arena_clear(&arena);
    if (offset == 0) abort();
    return offset;
}
