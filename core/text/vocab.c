#include "base/status.h"
#include "base/utf8.h"
#include "text/bpe.h"
#include "text/spm.h"

static ls_status check_types(const ls_vocab *vocab, ls_error *err) {
    if (vocab->types == NULL) return LS_OK;
    if (vocab->type_count != vocab->count)
        return ls_fail(
            err, LS_ERR_VALUE, LS_NO_OFFSET,
            "%s: tokenizer.ggml.token_type has %llu items for %llu tokens; there must be one for each",
            vocab->file, (unsigned long long)vocab->type_count, (unsigned long long)vocab->count);
    for (uint64_t i = 0; i < vocab->count; i++) {
        int32_t type = vocab->types[i];
        if (type < 0 || type > LS_TOKEN_BYTE)
            return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET,
                           "%s: tokenizer.ggml.token_type[%llu] is %ld; kinds of token are 0 to %d",
                           vocab->file, (unsigned long long)i, (long)type, (int)LS_TOKEN_BYTE);
    }
    return LS_OK;
}

static ls_status check_added(const ls_vocab *vocab, ls_error *err) {
    for (uint32_t id = 0; id < vocab->count; id++) {
        ls_str token = vocab->tokens[id];
        if (!ls_vocab_is_added(vocab, id, LS_TOKEN_CONTROL) && !ls_vocab_is_added(vocab, id, LS_TOKEN_USER))
            continue;
        if (ls_utf8_valid_prefix(token.bytes, token.length) != token.length)
            return ls_fail(err, LS_ERR_ENCODING, LS_NO_OFFSET,
                           "%s: tokenizer.ggml.tokens[%lu], a control or user-defined token, is not UTF-8",
                           vocab->file, (unsigned long)id);
        if (token.length > LS_ADDED_MAX)
            return ls_fail(
                err, LS_ERR_LENGTH, LS_NO_OFFSET,
                "%s: tokenizer.ggml.tokens[%lu], a control or user-defined token, has %llu bytes; such a token "
                "may have %d",
                vocab->file, (unsigned long)id, (unsigned long long)token.length, (int)LS_ADDED_MAX);
    }
    return LS_OK;
}

static ls_status check_id(const ls_vocab *vocab, const char *field, uint32_t id, ls_error *err) {
    if (id == LS_NO_TOKEN || id < vocab->count) return LS_OK;
    return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET, "%s: %s is %lu, beyond the %llu tokens of the vocabulary",
                   vocab->file, field, (unsigned long)id, (unsigned long long)vocab->count);
}

static ls_status check_counts(const ls_vocab *vocab, ls_error *err) {
    if (vocab->count == 0)
        return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET, "%s: tokenizer.ggml.tokens is empty", vocab->file);
    if (vocab->count >= LS_NO_TOKEN || vocab->merge_count >= UINT32_MAX)
        return ls_fail(err, LS_ERR_OVERFLOW, LS_NO_OFFSET,
                       "%s: %llu tokens and %llu merges are more than 32 bits can count", vocab->file,
                       (unsigned long long)vocab->count, (unsigned long long)vocab->merge_count);
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < vocab->count && bytes <= UINT32_MAX; i++) bytes += vocab->tokens[i].length;
    if (bytes > UINT32_MAX)
        return ls_fail(err, LS_ERR_OVERFLOW, LS_NO_OFFSET, "%s: tokenizer.ggml.tokens holds more than 4 GiB",
                       vocab->file);
    return LS_OK;
}

int ls_vocab_is_spm(const ls_vocab *vocab) { return ls_str_equal(vocab->model, LS_STR("llama")); }

ls_status ls_vocab_check(const ls_vocab *vocab, ls_error *err) {
    if (!ls_vocab_is_spm(vocab) && !ls_str_equal(vocab->model, LS_STR("gpt2"))) {
        char quoted[LS_QUOTE_MAX];
        return ls_fail(
            err, LS_ERR_UNSUPPORTED, LS_NO_OFFSET,
            "%s: tokenizer.ggml.model is %s, a kind of tokeniser that is not read (gpt2, byte-level BPE, and "
            "llama, SentencePiece BPE, are)",
            vocab->file, ls_quote(quoted, vocab->model.bytes, vocab->model.length));
    }
    ls_status status = check_counts(vocab, err);
    if (status == LS_OK) status = check_types(vocab, err);
    if (status == LS_OK) status = check_id(vocab, "tokenizer.ggml.bos_token_id", vocab->bos, err);
    if (status == LS_OK) status = check_id(vocab, "tokenizer.ggml.eos_token_id", vocab->eos, err);
    if (status == LS_OK) status = check_added(vocab, err);
    if (status == LS_OK && ls_vocab_is_spm(vocab)) status = ls_spm_check(vocab, err);
    if (status == LS_OK && vocab->add_bos > 0 && vocab->bos == LS_NO_TOKEN)
        status = ls_fail(err, LS_ERR_MISSING, LS_NO_OFFSET,
                         "%s: tokenizer.ggml.add_bos_token is set, but there is no tokenizer.ggml.bos_token_id",
                         vocab->file);
    return status;
}

int ls_vocab_is_added(const ls_vocab *vocab, uint32_t id, int32_t kind) {
    if (vocab->tokens[id].length == 0) return 0;
    if (vocab->types != NULL)
        return vocab->types[id] == kind || (kind == LS_TOKEN_CONTROL && vocab->types[id] == LS_TOKEN_UNKNOWN);
    /* Old files have no kinds: there, the ends of a text are the control tokens. */
    return kind == LS_TOKEN_CONTROL && (id == vocab->bos || id == vocab->eos);
}
