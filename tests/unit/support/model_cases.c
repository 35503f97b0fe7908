#include "support/model_cases.h"

#include <math.h>

enum { BYTES = 256 };

/* ---- settings ------------------------------------------------------------------------------------------ */

#define SETTING(name, kind, key, value)                                                                        \
    static void name(gguf_builder *b) { gb_kv_##kind(b, key, value); }

SETTING(layers_0, u32, "gpt2.block_count", 0)
SETTING(layers_1e9, u32, "gpt2.block_count", 1000000000)
SETTING(layers_4000, u32, "gpt2.block_count", 4000)
SETTING(layers_2_32, u64, "gpt2.block_count", (UINT64_C(1) << 32) + 1)
SETTING(layers_text, string, "gpt2.block_count", "1")
SETTING(width_0, u32, "gpt2.embedding_length", 0)
SETTING(width_64, u32, "gpt2.embedding_length", 64)
SETTING(feed_forward_0, u32, "gpt2.feed_forward_length", 0)
SETTING(feed_forward_64, u32, "gpt2.feed_forward_length", 64)
SETTING(context_0, u32, "gpt2.context_length", 0)
SETTING(context_2_32, u64, "gpt2.context_length", (UINT64_C(1) << 32) + 8)
SETTING(heads_0, u32, "gpt2.attention.head_count", 0)
SETTING(heads_5, u32, "gpt2.attention.head_count", 5)
SETTING(groups_0, u32, "gptneox.attention.head_count_kv", 0)
SETTING(groups_3, u32, "gptneox.attention.head_count_kv", 3)
SETTING(epsilon_nan, f32, "gpt2.attention.layer_norm_epsilon", NAN)
SETTING(epsilon_infinite, f32, "gpt2.attention.layer_norm_epsilon", INFINITY)
SETTING(epsilon_0, f32, "gpt2.attention.layer_norm_epsilon", 0.0f)
SETTING(epsilon_negative, f32, "gpt2.attention.layer_norm_epsilon", -1e-5f)
SETTING(base_nan, f32, "gptneox.rope.freq_base", NAN)
SETTING(base_infinite, f32, "gptneox.rope.freq_base", INFINITY)
SETTING(base_0, f32, "gptneox.rope.freq_base", 0.0f)
SETTING(rotary_0, u32, "gptneox.rope.dimension_count", 0)
SETTING(rotary_3, u32, "gptneox.rope.dimension_count", 3)
SETTING(rotary_1000, u32, "gptneox.rope.dimension_count", 1000)
SETTING(scaling, string, "gptneox.rope.scaling.type", "yarn")

/* ---- tokeniser ----------------------------------------------------------------------------------------- */

SETTING(pre_unknown, string, "tokenizer.ggml.pre", "tekken")
SETTING(model_unknown, string, "tokenizer.ggml.model", "bert")
SETTING(bos_beyond, u32, "tokenizer.ggml.bos_token_id", TINY_VOCAB)
SETTING(bos_2_32, u64, "tokenizer.ggml.bos_token_id", UINT64_C(1) << 32)
SETTING(eos_beyond, u32, "tokenizer.ggml.eos_token_id", UINT32_MAX)
SETTING(bos_text, string, "tokenizer.ggml.bos_token_id", "<end>")
SETTING(add_bos_number, u32, "tokenizer.ggml.add_bos_token", 1)
SETTING(tokens_text, string, "tokenizer.ggml.tokens", "abc")

static void no_tokens(gguf_builder *b) { gb_kv_strings(b, "tokenizer.ggml.tokens", NULL, 0); }
static void tokens_one(gguf_builder *b) { gb_kv_strings(b, "tokenizer.ggml.tokens", (const char *[]){"a"}, 1); }
static void tokens_numbers(gguf_builder *b) {
    gb_kv_i32s(b, "tokenizer.ggml.tokens", (int32_t[TINY_VOCAB]){0}, TINY_VOCAB);
}

static void types_short(gguf_builder *b) {
    gb_kv_i32s(b, "tokenizer.ggml.token_type", (int32_t[BYTES]){0}, BYTES);
}
static void types_floats(gguf_builder *b) {
    gb_kv_f32s(b, "tokenizer.ggml.token_type", (float[TINY_VOCAB]){0}, TINY_VOCAB);
}
static void types_beyond(gguf_builder *b) {
    gb_kv_i32s(b, "tokenizer.ggml.token_type", (int32_t[TINY_VOCAB]){[7] = 7}, TINY_VOCAB);
}

static void merges(gguf_builder *b, const char *const *rules, size_t n) {
    gb_kv_strings(b, "tokenizer.ggml.merges", rules, n);
}
static void merge_unknown(gguf_builder *b) { merges(b, (const char *[]){"a zz"}, 1); }
static void merge_unmade(gguf_builder *b) { merges(b, (const char *[]){"a b"}, 1); }
static void merges_numbers(gguf_builder *b) { gb_kv_i32s(b, "tokenizer.ggml.merges", (int32_t[2]){0}, 2); }

/* As many tokens as there are rows, all but the first few alike unused. */
static void write_tokens(gguf_builder *b, const char *const *first, size_t n) {
    const char *tokens[TINY_VOCAB];
    int32_t types[TINY_VOCAB];
    for (size_t i = 0; i < TINY_VOCAB; i++) {
        tokens[i] = i < n ? first[i] : "";
        types[i] = i < n ? 1 : 5;
    }
    gb_kv_strings(b, "tokenizer.ggml.tokens", tokens, TINY_VOCAB);
    gb_kv_i32s(b, "tokenizer.ggml.token_type", types, TINY_VOCAB);
}
static void token_twice(gguf_builder *b) { write_tokens(b, (const char *[]){"a", "b", "a"}, 3); }
static void tokens_empty(gguf_builder *b) { write_tokens(b, (const char *[]){"a", ""}, 2); }
/* Rules in a circle: what one makes is a part of what makes its own parts. */
static void merges_in_a_circle(gguf_builder *b) {
    write_tokens(b, (const char *[]){"a", "aa", "aaa"}, 3);
    merges(b, (const char *[]){"aa a", "a aa", "a a"}, 3);
}

/* SentencePiece: pieces of kind 6 are bytes. */
static void write_pieces(gguf_builder *b, const char *byte, size_t scores) {
    const char *tokens[TINY_VOCAB];
    int32_t types[TINY_VOCAB];
    float values[TINY_VOCAB] = {0};
    for (size_t i = 0; i < TINY_VOCAB; i++) {
        tokens[i] = i == 0 ? "<unk>" : i == 1 ? byte : "";
        types[i] = i == 0 ? 2 : i == 1 ? 6 : 5;
    }
    gb_kv_string(b, "tokenizer.ggml.model", "llama");
    gb_kv_strings(b, "tokenizer.ggml.tokens", tokens, TINY_VOCAB);
    gb_kv_i32s(b, "tokenizer.ggml.token_type", types, TINY_VOCAB);
    if (scores > 0) gb_kv_f32s(b, "tokenizer.ggml.scores", values, scores);
}
static void pieces_sound(gguf_builder *b) { write_pieces(b, "<0x41>", TINY_VOCAB); }
static void byte_negative(gguf_builder *b) { write_pieces(b, "<0x-1>", TINY_VOCAB); }
static void byte_no_digits(gguf_builder *b) { write_pieces(b, "<0xZZ>", TINY_VOCAB); }
static void scores_short(gguf_builder *b) { write_pieces(b, "<0x41>", BYTES); }
static void scores_missing(gguf_builder *b) { write_pieces(b, "<0x41>", 0); }
static void scores_text(gguf_builder *b) {
    write_pieces(b, "<0x41>", 0);
    gb_kv_string(b, "tokenizer.ggml.scores", "0");
}
static void scores_numbers(gguf_builder *b) {
    write_pieces(b, "<0x41>", 0);
    gb_kv_i32s(b, "tokenizer.ggml.scores", (int32_t[TINY_VOCAB]){0}, TINY_VOCAB);
}

/* ---- the table ----------------------------------------------------------------------------------------- */

#define TOKENS "tokenizer.ggml.tokens,tokenizer.ggml.token_type"
#define PIECES TOKENS ",tokenizer.ggml.model"

static const model_case cases[] = {
    {"sound", "gpt2", NULL, NULL, LS_OK, NULL},
    {"sound-rotary", "gptneox", NULL, NULL, LS_OK, NULL},
    {"layers-0", "gpt2", "block_count", layers_0, LS_ERR_VALUE, "block_count is 0; it must be between 1 and"},
    {"layers-1e9", "gpt2", "block_count", layers_1e9, LS_ERR_VALUE, "block_count is 1000000000; it must be"},
    {"layers-beyond-tensors", "gpt2", "block_count", layers_4000, LS_ERR_VALUE,
     "is 4000, but the file has only"},
    {"layers-2p32", "gpt2", "block_count", layers_2_32, LS_ERR_VALUE, "4294967297"},
    {"layers-text", "gpt2", "block_count", layers_text, LS_ERR_TYPE, "is of type string"},
    {"width-0", "gpt2", "embedding_length", width_0, LS_ERR_VALUE, "embedding_length is 0"},
    {"width-not-the-tensors", "gpt2", "embedding_length", width_64, LS_ERR_SHAPE, "64"},
    {"feed-forward-0", "gpt2", "feed_forward_length", feed_forward_0, LS_ERR_VALUE, "feed_forward_length is 0"},
    {"feed-forward-not-the-tensors", "gpt2", "feed_forward_length", feed_forward_64, LS_ERR_SHAPE,
     "ffn_up.weight has shape 32 x 32"},
    {"context-0", "gpt2", "context_length", context_0, LS_ERR_VALUE, "context_length is 0"},
    {"context-2p32", "gpt2", "context_length", context_2_32, LS_ERR_VALUE, "4294967304"},
    {"heads-0", "gpt2", "head_count", heads_0, LS_ERR_VALUE, "head_count is 0"},
    {"heads-not-dividing", "gpt2", "head_count", heads_5, LS_ERR_VALUE, "head_count, 5, does not divide"},
    {"groups-0", "gptneox", NULL, groups_0, LS_ERR_VALUE, "head_count_kv is 0"},
    {"groups-not-dividing", "gptneox", NULL, groups_3, LS_ERR_VALUE, "head_count_kv, 3, does not divide"},
    {"epsilon-nan", "gpt2", "layer_norm_epsilon", epsilon_nan, LS_ERR_VALUE, "nan; it must be above 0"},
    {"epsilon-infinite", "gpt2", "layer_norm_epsilon", epsilon_infinite, LS_ERR_VALUE,
     "inf; it must be above 0"},
    {"epsilon-0", "gpt2", "layer_norm_epsilon", epsilon_0, LS_ERR_VALUE, "is 0; it must be above 0"},
    {"epsilon-negative", "gpt2", "layer_norm_epsilon", epsilon_negative, LS_ERR_VALUE, "is -1e-05; it must"},
    {"rope-base-nan", "gptneox", NULL, base_nan, LS_ERR_VALUE, "freq_base is nan; it must be above 1"},
    {"rope-base-infinite", "gptneox", NULL, base_infinite, LS_ERR_VALUE,
     "freq_base is inf; it must be above 1"},
    {"rope-base-0", "gptneox", NULL, base_0, LS_ERR_VALUE, "freq_base is 0; it must be above 1"},
    {"rope-dimensions-0", "gptneox", "rope.dimension_count", rotary_0, LS_ERR_VALUE, "dimension_count is 0"},
    {"rope-dimensions-odd", "gptneox", "rope.dimension_count", rotary_3, LS_ERR_VALUE, "is 3; it must be even"},
    {"rope-dimensions-too-many", "gptneox", "rope.dimension_count", rotary_1000, LS_ERR_VALUE, "head size, 16"},
    {"rope-scaling-unknown", "gptneox", NULL, scaling, LS_ERR_UNSUPPORTED, "\"yarn\""},
    {"tensors-missing", "gpt2", "ffn_up.weight,ffn_down.bias,output_norm.bias", NULL, LS_ERR_MISSING,
     "3 tensors are missing: "},
    {"tensor-embedding-missing", "gpt2", "token_embd.weight", NULL, LS_ERR_MISSING,
     "token_embd.weight is missing"},
    {"pre-unknown", "gpt2", "tokenizer.ggml.pre", pre_unknown, LS_ERR_UNSUPPORTED,
     "\"tekken\", a pre-tokeniser"},
    {"tokeniser-unknown", "gpt2", "tokenizer.ggml.model", model_unknown, LS_ERR_UNSUPPORTED, "\"bert\""},
    {"bos-beyond", "gpt2", NULL, bos_beyond, LS_ERR_VALUE, "bos_token_id is 257, beyond the 257 tokens"},
    {"bos-2p32", "gpt2", NULL, bos_2_32, LS_ERR_VALUE, "4294967296"},
    {"bos-text", "gpt2", NULL, bos_text, LS_ERR_TYPE, "is of type string"},
    {"eos-beyond", "gpt2", NULL, eos_beyond, LS_ERR_VALUE, "eos_token_id is 4294967295"},
    {"add-bos-number", "gpt2", NULL, add_bos_number, LS_ERR_TYPE, "add_bos_token"},
    {"tokens-text", "gpt2", "tokenizer.ggml.tokens", tokens_text, LS_ERR_TYPE, "tokenizer.ggml.tokens"},
    {"tokens-numbers", "gpt2", "tokenizer.ggml.tokens", tokens_numbers, LS_ERR_TYPE, "tokenizer.ggml.tokens"},
    {"tokens-none", "gpt2", "tokenizer.ggml.tokens", no_tokens, LS_ERR_SHAPE, "257 rows and the tokeniser 0"},
    {"tokens-too-few", "gpt2", "tokenizer.ggml.tokens", tokens_one, LS_ERR_SHAPE,
     "257 rows and the tokeniser 1"},
    {"token-twice", "gpt2", TOKENS, token_twice, LS_ERR_DUPLICATE, "are the same, \"a\""},
    {"tokens-empty", "gpt2", TOKENS, tokens_empty, LS_OK, NULL},
    {"types-too-short", "gpt2", "tokenizer.ggml.token_type", types_short, LS_ERR_VALUE,
     "256 items for 257 tokens"},
    {"types-floats", "gpt2", "tokenizer.ggml.token_type", types_floats, LS_ERR_TYPE, "token_type"},
    {"type-unknown", "gpt2", "tokenizer.ggml.token_type", types_beyond, LS_ERR_VALUE, "token_type[7] is 7"},
    {"merge-of-unknown", "gpt2", "tokenizer.ggml.merges", merge_unknown, LS_ERR_VALUE, "the right side"},
    {"merge-into-unknown", "gpt2", "tokenizer.ggml.merges", merge_unmade, LS_ERR_VALUE, "merges[0] is \"a b\""},
    {"merges-in-a-circle", "gpt2", TOKENS ",tokenizer.ggml.merges", merges_in_a_circle, LS_OK, NULL},
    {"merges-numbers", "gpt2", "tokenizer.ggml.merges", merges_numbers, LS_ERR_TYPE, "tokenizer.ggml.merges"},
    {"pieces-sound", "gpt2", PIECES, pieces_sound, LS_OK, NULL},
    {"byte-token-negative", "gpt2", PIECES, byte_negative, LS_ERR_VALUE, "\"<0x-1>\" names no byte"},
    {"byte-token-no-digits", "gpt2", PIECES, byte_no_digits, LS_ERR_VALUE, "\"<0xZZ>\" names no byte"},
    {"scores-too-short", "gpt2", PIECES, scores_short, LS_ERR_VALUE, "scores has 256 items for 257 tokens"},
    {"scores-missing", "gpt2", PIECES, scores_missing, LS_ERR_MISSING,
     "\"tokenizer.ggml.scores\": it is missing"},
    {"scores-text", "gpt2", PIECES, scores_text, LS_ERR_TYPE, "tokenizer.ggml.scores"},
    {"scores-numbers", "gpt2", PIECES, scores_numbers, LS_ERR_TYPE, "tokenizer.ggml.scores"},
};

const model_case *model_case_at(size_t index) {
    return index < sizeof cases / sizeof *cases ? &cases[index] : NULL;
}

void model_case_build(const model_case *c, gguf_builder *b) {
    tiny_model model = tiny_model_default();
    model.family = model.says = c->family;
    model.left_out = c->left_out;
    model.instead = c->write;
    tiny_model_build(&model, b);
}
