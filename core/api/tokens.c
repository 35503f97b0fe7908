#include "api/objects.h"
#include "base/status.h"
#include "base/utf8.h"

/* ---- from a header to a vocabulary ------------------------------------------------------------------------
 */

static int has(const ls_gguf *gguf, const char *key) { return ls_gguf_find(gguf, key) != NULL; }

/* The id of a special token, where there is one; the number that stands for none in here is no id in a file. */
static ls_status read_id(const ls_gguf *gguf, const char *key, uint32_t *id, ls_error *err) {
    *id = LS_NO_TOKEN;
    const ls_gguf_kv *kv = ls_gguf_find(gguf, key);
    ls_status status = kv != NULL ? ls_gguf_u32(gguf, key, id, err) : LS_OK;
    if (status != LS_OK || kv == NULL || *id != LS_NO_TOKEN) return status;
    return ls_fail(err, LS_ERR_VALUE, ls_gguf_value_offset(gguf, kv), "%s: %s is %u, beyond all tokens",
                   gguf->file, key, *id);
}

static ls_status read_special(const ls_gguf *gguf, ls_vocab *vocab, ls_error *err) {
    static const char bos[] = "tokenizer.ggml.bos_token_id", eos[] = "tokenizer.ggml.eos_token_id",
                      add_bos[] = "tokenizer.ggml.add_bos_token", prefix[] = "tokenizer.ggml.add_space_prefix";
    vocab->add_bos = vocab->space_prefix = -1;
    ls_status status = read_id(gguf, bos, &vocab->bos, err);
    if (status == LS_OK) status = read_id(gguf, eos, &vocab->eos, err);
    if (status == LS_OK && has(gguf, add_bos)) status = ls_gguf_bool(gguf, add_bos, &vocab->add_bos, err);
    if (status == LS_OK && has(gguf, prefix)) status = ls_gguf_bool(gguf, prefix, &vocab->space_prefix, err);
    return status;
}

/* Purpose: what pairs are merged by: scores in SentencePiece, else a list. Another kind of tokeniser has
 * neither, perhaps; it is refused by its name later. */
static ls_status read_merges(const ls_gguf *gguf, ls_arena *arena, ls_vocab *vocab, ls_error *err) {
    if (ls_str_equal(vocab->model, LS_STR("llama")))
        return ls_gguf_f32s(gguf, "tokenizer.ggml.scores", arena, &vocab->scores, &vocab->score_count, err);
    if (!ls_str_equal(vocab->model, LS_STR("gpt2"))) return LS_OK;
    return ls_gguf_strings(gguf, "tokenizer.ggml.merges", &vocab->merges, &vocab->merge_count, err);
}

/* Arrays that are not used as they lie in the header are copied into `scratch`. */
static ls_status read_vocab(const ls_gguf *gguf, ls_arena *scratch, ls_vocab *vocab, ls_error *err) {
    static const char pre[] = "tokenizer.ggml.pre", types[] = "tokenizer.ggml.token_type";
    *vocab = (ls_vocab){.file = gguf->file};
    ls_status status = ls_gguf_str(gguf, "general.architecture", &vocab->arch, err);
    if (status == LS_OK) status = ls_gguf_str(gguf, "tokenizer.ggml.model", &vocab->model, err);
    if (status == LS_OK && has(gguf, pre)) status = ls_gguf_str(gguf, pre, &vocab->pre, err);
    if (status == LS_OK)
        status = ls_gguf_strings(gguf, "tokenizer.ggml.tokens", &vocab->tokens, &vocab->count, err);
    if (status == LS_OK) status = read_merges(gguf, scratch, vocab, err);
    if (status == LS_OK && has(gguf, types))
        status = ls_gguf_i32s(gguf, types, scratch, &vocab->types, &vocab->type_count, err);
    return status == LS_OK ? read_special(gguf, vocab, err) : status;
}

ls_status ls_tokenizer_build(const ls_engine *engine, const ls_gguf *gguf, ls_arena *arena, ls_tokenizer *out,
                             ls_error *err) {
    ls_vocab vocab;
    ls_arena scratch;
    ls_arena_init(&scratch, &engine->allocator);
    ls_status status = read_vocab(gguf, &scratch, &vocab, err);
    if (status == LS_OK) status = ls_bpe_create(&vocab, arena, &out->bpe, err);
    ls_arena_clear(&scratch);
    if (status != LS_OK) return status;
    out->engine = engine;
    out->bos = ls_bpe_bos(out->bpe);
    return LS_OK;
}

ls_status ls_tokenizer_open(ls_engine *engine, const ls_source *source, ls_tokenizer **out, ls_error *err) {
    *out = NULL;
    ls_tokenizer *tokenizer = NULL;
    ls_status status = ls_alloc(&engine->allocator, 1, sizeof *tokenizer, "the tokeniser", &tokenizer, err);
    if (status != LS_OK) return status;
    tokenizer->engine = engine;
    ls_arena_init(&tokenizer->arena, &engine->allocator);
    ls_arena header;
    ls_arena_init(&header, &engine->allocator);
    const ls_gguf *gguf = NULL;
    status = ls_gguf_open(source, &header, &gguf, err);
    if (status == LS_OK) status = ls_tokenizer_build(engine, gguf, &tokenizer->arena, tokenizer, err);
    ls_arena_clear(&header);
    if (status != LS_OK) {
        ls_tokenizer_close(tokenizer);
        return status;
    }
    *out = tokenizer;
    return LS_OK;
}

void ls_tokenizer_close(ls_tokenizer *tokenizer) {
    if (tokenizer == NULL) return;
    ls_arena_clear(&tokenizer->arena);
    tokenizer->engine->allocator.release(tokenizer->engine->allocator.ctx, tokenizer);
}

const ls_tokenizer *ls_model_tokenizer(const ls_model *model) { return &model->tokenizer; }

size_t ls_tokenizer_vocab(const ls_tokenizer *tokenizer) { return ls_bpe_vocab(tokenizer->bpe); }

const char *ls_token_bytes(const ls_tokenizer *tokenizer, uint32_t id, size_t *length) {
    return ls_bpe_bytes(tokenizer->bpe, id, length);
}

ls_status ls_tokenize(const ls_tokenizer *tokenizer, const char *text, size_t n, uint32_t **ids, size_t *count,
                      ls_error *err) {
    const ls_allocator *allocator = &tokenizer->engine->allocator;
    ls_arena scratch;
    ls_arena_init(&scratch, allocator);
    uint32_t *encoded = NULL;
    ls_status status = ls_bpe_encode(tokenizer->bpe, text, n, &scratch, &encoded, count, err);
    if (status == LS_OK) status = ls_alloc(allocator, *count, sizeof **ids, "the token ids", ids, err);
    if (status == LS_OK && *count > 0) memcpy(*ids, encoded, *count * sizeof **ids);
    ls_arena_clear(&scratch);
    return status;
}

ls_status ls_token_text(const ls_tokenizer *tokenizer, uint32_t id, ls_arena *arena, const char **out,
                        ls_error *err) {
    size_t length = 0, used = 0;
    char *text = NULL;
    const char *bytes = ls_bpe_bytes(tokenizer->bpe, id, &length);
    ls_status status = ls_arena_alloc(arena, (uint64_t)length * 3 + 1, 1, "a token's text", &text, err);
    if (status != LS_OK) return status;
    for (size_t at = 0; at < length;) {
        uint32_t code = 0;
        size_t valid = ls_utf8_decode(bytes + at, length - at, &code);
        if (valid > 0 && code != 0) {
            memcpy(text + used, bytes + at, valid);
            used += valid;
            at += valid;
        } else {
            used += ls_utf8_encode(0xfffd, text + used);
            at++;
        }
    }
    *out = text;
    return LS_OK;
}
