#include "text/spm.h"

#include <math.h>

#include "base/status.h"
#include "base/utf8.h"
#include "text/bytes.h"

/* U+2581 */
static const char space_mark[] = "\xe2\x96\x81";
enum { MARK_LENGTH = sizeof space_mark - 1 };

static int is_byte(const ls_vocab *vocab, uint32_t id) {
    uint8_t byte = 0;
    return vocab->types != NULL ? vocab->types[id] == LS_TOKEN_BYTE : ls_byte_name(vocab->tokens[id], &byte);
}

static ls_status check_scores(const ls_vocab *vocab, ls_error *err) {
    if (vocab->scores == NULL)
        return ls_fail(err, LS_ERR_MISSING, LS_NO_OFFSET,
                       "%s: tokenizer.ggml.scores is missing; a tokeniser of the kind llama merges by them",
                       vocab->file);
    if (vocab->score_count != vocab->count)
        return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET,
                       "%s: tokenizer.ggml.scores has %llu items for %llu tokens; there must be one for each",
                       vocab->file, (unsigned long long)vocab->score_count, (unsigned long long)vocab->count);
    for (uint64_t i = 0; i < vocab->count; i++)
        if (isnan(vocab->scores[i]))
            return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET,
                           "%s: tokenizer.ggml.scores[%llu] is not a number; scores must have an order",
                           vocab->file, (unsigned long long)i);
    return LS_OK;
}

ls_status ls_spm_check(const ls_vocab *vocab, ls_error *err) {
    uint32_t owners[256];
    char quoted[LS_QUOTE_MAX];
    for (unsigned i = 0; i < 256; i++) owners[i] = LS_NO_TOKEN;
    ls_status status = check_scores(vocab, err);
    for (uint32_t id = 0; id < vocab->count && status == LS_OK; id++) {
        uint8_t byte = 0;
        ls_str token = vocab->tokens[id];
        if (!is_byte(vocab, id)) continue;
        if (!ls_byte_name(token, &byte))
            return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET,
                           "%s: tokenizer.ggml.tokens[%lu] is a byte token, but %s names no byte; these are "
                           "<0x00> to <0xFF>",
                           vocab->file, (unsigned long)id, ls_quote(quoted, token.bytes, token.length));
        if (owners[byte] != LS_NO_TOKEN)
            return ls_fail(err, LS_ERR_DUPLICATE, LS_NO_OFFSET,
                           "%s: tokenizer.ggml.tokens[%lu] and [%lu] both stand for the byte 0x%02x",
                           vocab->file, (unsigned long)owners[byte], (unsigned long)id, (unsigned)byte);
        owners[byte] = id;
    }
    return status;
}

/* Purpose: copy a text with a space for every U+2581; returns the new length. */
static size_t unmark(ls_str text, char *out) {
    size_t used = 0;
    for (size_t at = 0; at < text.length;) {
        int marked = text.length - at >= MARK_LENGTH && memcmp(text.bytes + at, space_mark, MARK_LENGTH) == 0;
        out[used++] = marked ? ' ' : text.bytes[at];
        at += marked ? MARK_LENGTH : 1;
    }
    return used;
}

size_t ls_spm_token_bytes(const ls_vocab *vocab, uint32_t id, char *out) {
    uint8_t byte = 0;
    ls_str token = vocab->tokens[id];
    if (!is_byte(vocab, id) || !ls_byte_name(token, &byte)) return unmark(token, out);
    out[0] = (char)byte;
    return 1;
}

void ls_spm_byte_tokens(const ls_vocab *vocab, uint32_t byte_ids[256]) {
    for (unsigned i = 0; i < 256; i++) byte_ids[i] = LS_NO_TOKEN;
    for (uint32_t id = 0; id < vocab->count; id++) {
        uint8_t byte = 0;
        if (is_byte(vocab, id) && ls_byte_name(vocab->tokens[id], &byte)) byte_ids[byte] = id;
    }
}

ls_status ls_spm_normalize(ls_str text, int prefix, ls_arena *arena, ls_str *out, ls_error *err) {
    char *inner = NULL;
    size_t used = 0;
    ls_status status = ls_arena_alloc(arena, (uint64_t)text.length + 1, 1, "a text", &inner, err);
    if (status != LS_OK) return status;
    if (prefix && text.length > 0) inner[used++] = ' ';
    used += unmark(text, inner + used);
    *out = (ls_str){inner, used};
    return LS_OK;
}

static ls_status byte_token(const ls_bpe *bpe, uint8_t byte, uint32_t *id, ls_error *err) {
    *id = bpe->byte_ids[byte];
    if (*id != LS_NO_TOKEN) return LS_OK;
    return ls_fail(err, LS_ERR_MISSING, LS_NO_OFFSET,
                   "the text needs the byte 0x%02x, for which the model's vocabulary has no token", byte);
}

ls_status ls_spm_spell(const ls_bpe *bpe, const char *text, size_t n, ls_place *places, size_t *count,
                       ls_error *err) {
    ls_status status = LS_OK;
    *count = 0;
    for (size_t at = 0; at < n && status == LS_OK;) {
        uint32_t code = 0;
        size_t length = ls_utf8_decode(text + at, n - at, &code), end = at + (length > 0 ? length : 1);
        uint32_t id = ls_lexicon_find(&bpe->pieces.lexicon, (ls_str){text + at, end - at}, LS_STR(""));
        if (id != LS_NO_TOKEN) {
            places[(*count)++].id = id;
            at = end;
        }
        for (; at < end && status == LS_OK; at++)
            status = byte_token(bpe, (uint8_t)text[at], &places[(*count)++].id, err);
    }
    return status;
}
