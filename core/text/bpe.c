#include "text/bpe.h"

#include "base/status.h"
#include "base/utf8.h"
#include "text/bytes.h"
#include "text/normalize.h"
#include "text/spm.h"
#include "text/word.h"

/* ---- building --------------------------------------------------------------------------------------- */

static int is_literal(const ls_vocab *vocab, uint32_t id) {
    return ls_vocab_is_added(vocab, id, LS_TOKEN_CONTROL) || ls_vocab_is_added(vocab, id, LS_TOKEN_USER);
}

/* Purpose: what every token stands for. Added tokens stand for themselves; the others undo the byte alphabet,
 * or the marks of SentencePiece, which never makes them longer. */
static ls_status build_pool(const ls_vocab *vocab, ls_arena *arena, ls_bpe *bpe, ls_error *err) {
    uint64_t bytes = 0;
    for (uint64_t i = 0; i < vocab->count; i++) bytes += vocab->tokens[i].length;
    char *pool = NULL;
    uint32_t *offsets = NULL;
    ls_status status = ls_arena_alloc(arena, bytes, 1, "the text of tokens", &pool, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, vocab->count + 1, sizeof *offsets, "the text of tokens", &offsets, err);
    if (status != LS_OK) return status;
    for (uint32_t id = 0; id < vocab->count; id++) {
        ls_str token = vocab->tokens[id];
        size_t length = token.length;
        if (is_literal(vocab, id))
            memcpy(pool + offsets[id], token.bytes, length);
        else if (bpe->rules->spm)
            length = ls_spm_token_bytes(vocab, id, pool + offsets[id]);
        else
            length = ls_symbols_to_bytes(token, pool + offsets[id]);
        offsets[id + 1] = offsets[id] + (uint32_t)length;
    }
    bpe->count = (uint32_t)vocab->count;
    bpe->pool = pool;
    bpe->offsets = offsets;
    return LS_OK;
}

/* Purpose: whether an added token is looked for in the raw text or in the normalised one. */
static int belongs(const ls_vocab *vocab, const ls_rules *rules, uint32_t id, int raw) {
    if (ls_vocab_is_added(vocab, id, LS_TOKEN_CONTROL)) return raw;
    return ls_vocab_is_added(vocab, id, LS_TOKEN_USER) && raw == rules->raw_added;
}

/* Purpose: the added tokens that are looked for in the raw text, or those in the normalised one, where they are
 * normalised themselves. */
static ls_status build_added(const ls_vocab *vocab, int raw, const ls_bpe *bpe, ls_arena *arena, ls_added *set,
                             ls_error *err) {
    uint32_t count = 0;
    for (uint32_t id = 0; id < vocab->count; id++) count += (uint32_t)belongs(vocab, bpe->rules, id, raw);
    ls_status status = ls_arena_alloc(arena, count, sizeof *set->tokens, "the added tokens", &set->tokens, err);
    for (uint32_t id = 0; id < vocab->count && status == LS_OK; id++) {
        if (!belongs(vocab, bpe->rules, id, raw)) continue;
        ls_added_token *token = &set->tokens[set->count++];
        *token = (ls_added_token){{bpe->pool + bpe->offsets[id], vocab->tokens[id].length}, id};
        if (!raw && bpe->rules->nfc) status = ls_nfc(token->text, arena, &token->text, err);
    }
    if (status == LS_OK) ls_added_sort(set);
    return status;
}

static void find_byte_tokens(const ls_lexicon *lexicon, ls_bpe *bpe) {
    for (unsigned byte = 0; byte < 256; byte++) {
        char symbol[4];
        size_t length = ls_utf8_encode(ls_byte_symbol((uint8_t)byte), symbol);
        bpe->byte_ids[byte] = ls_lexicon_find(lexicon, (ls_str){symbol, length}, LS_STR(""));
    }
}

/* Purpose: what decides which pairs are merged, and in which order. */
static ls_status build_merges(const ls_vocab *vocab, const ls_lexicon *lexicon, ls_arena *arena,
                              ls_arena *scratch, ls_bpe *bpe, ls_error *err) {
    ls_status status = LS_OK;
    if (bpe->rules->spm || bpe->rules->whole_first)
        status = ls_pieces_build(vocab, bpe->pool, bpe->offsets, arena, &bpe->pieces, err);
    if (status != LS_OK) return status;
    if (bpe->rules->spm) {
        ls_spm_byte_tokens(vocab, bpe->byte_ids);
        return ls_pieces_rank(vocab, arena, scratch, &bpe->pieces, err);
    }
    find_byte_tokens(lexicon, bpe);
    return ls_merges_build(vocab, lexicon, arena, scratch, &bpe->merges, err);
}

static ls_status build(const ls_vocab *vocab, ls_arena *arena, ls_arena *scratch, ls_bpe *bpe, ls_error *err) {
    ls_lexicon lexicon = {NULL, NULL, NULL, 0};
    int add_bos = vocab->add_bos < 0 ? bpe->rules->add_bos : vocab->add_bos;
    bpe->bos = add_bos ? vocab->bos : LS_NO_TOKEN;
    bpe->space_prefix = vocab->space_prefix != 0;
    ls_status status = ls_lexicon_build(vocab, scratch, &lexicon, err);
    if (status == LS_OK) status = ls_lexicon_check(&lexicon, err);
    if (status == LS_OK) status = build_pool(vocab, arena, bpe, err);
    if (status == LS_OK) status = build_merges(vocab, &lexicon, arena, scratch, bpe, err);
    if (status == LS_OK) status = build_added(vocab, 1, bpe, arena, &bpe->control, err);
    if (status == LS_OK) status = build_added(vocab, 0, bpe, arena, &bpe->user, err);
    return status;
}

ls_status ls_bpe_create(const ls_vocab *vocab, ls_arena *arena, const ls_bpe **out, ls_error *err) {
    char file[LS_QUOTE_MAX];
    ls_vocab named = *vocab; /* with a name that is safe to show */
    named.file = ls_quote(file, vocab->file, strlen(vocab->file));
    ls_bpe *bpe = NULL;
    const ls_rules *rules = NULL;
    ls_status status = ls_vocab_check(&named, err);
    if (status == LS_OK && ls_vocab_is_spm(&named))
        rules = &ls_rules_spm; /* which knows no pre-tokenisers, whatever the file calls them */
    else if (status == LS_OK)
        status = ls_rules_find(named.pre, named.arch, named.file, &rules, err);
    if (status == LS_OK) status = ls_arena_alloc(arena, 1, sizeof *bpe, "the tokeniser", &bpe, err);
    if (status != LS_OK) return status;
    bpe->rules = rules;
    ls_arena scratch;
    ls_arena_init(&scratch, &arena->allocator);
    status = build(&named, arena, &scratch, bpe, err);
    ls_arena_clear(&scratch);
    if (status == LS_OK) *out = bpe;
    return status;
}

/* ---- encoding --------------------------------------------------------------------------------------- */

/* One text on its way. */
typedef struct encoder {
    const ls_bpe *bpe;
    ls_arena *scratch;
    ls_word_room room;
    ls_ids ids;
} encoder;

static ls_status encode_plain(encoder *e, ls_str text, ls_error *err) {
    ls_status status = LS_OK;
    for (size_t at = 0, end; at < text.length && status == LS_OK; at = end) {
        end = e->bpe->rules->next(text.bytes, text.length, at);
        status = ls_word_encode(e->bpe, text.bytes + at, end - at, &e->room, &e->ids, err);
    }
    return status;
}

typedef ls_status encode_part(encoder *e, ls_str text, ls_error *err);

/* Purpose: hand the parts of a text between added tokens to `between`, and put the ids of those in their
 * places. */
static ls_status split(encoder *e, const ls_added *set, ls_str text, encode_part *between, ls_error *err) {
    ls_status status = LS_OK;
    for (size_t at = 0; at < text.length && status == LS_OK;) {
        ls_added_match found = ls_added_find(set, text, at);
        if (found.at > at) status = between(e, (ls_str){text.bytes + at, found.at - at}, err);
        if (status == LS_OK && found.length > 0) status = ls_ids_push(&e->ids, found.id, err);
        at = found.at + found.length;
    }
    return status;
}

static ls_status encode_section(encoder *e, ls_str text, ls_error *err) {
    ls_str normal = text;
    ls_status status = LS_OK;
    if (e->bpe->rules->spm) status = ls_spm_normalize(text, e->bpe->space_prefix, e->scratch, &normal, err);
    if (e->bpe->rules->nfc) status = ls_nfc(text, e->scratch, &normal, err);
    if (status != LS_OK) return status;
    return split(e, &e->bpe->user, normal, encode_plain, err);
}

static ls_status hand_over(const ls_ids *ids, ls_arena *arena, uint32_t **out, size_t *count, ls_error *err) {
    uint32_t *copy = NULL;
    ls_status status = ls_arena_alloc(arena, ids->count, sizeof *copy, "the tokens of a text", &copy, err);
    if (status != LS_OK) return status;
    if (ids->count > 0) memcpy(copy, ids->ids, ids->count * sizeof *copy);
    *out = copy;
    *count = ids->count;
    return LS_OK;
}

ls_status ls_bpe_encode(const ls_bpe *bpe, const char *text, size_t n, ls_arena *arena, uint32_t **ids,
                        size_t *count, ls_error *err) {
    if (n > LS_TEXT_MAX)
        return ls_fail(err, LS_ERR_LENGTH, LS_NO_OFFSET, "the text has %llu bytes; at most %lu can be encoded",
                       (unsigned long long)n, (unsigned long)LS_TEXT_MAX);
    size_t valid = ls_utf8_valid_prefix(text, n);
    if (valid < n)
        return ls_fail(err, LS_ERR_ENCODING, valid,
                       "the text is not UTF-8: byte 0x%02x at offset %llu is out of place",
                       (unsigned)(unsigned char)text[valid], (unsigned long long)valid);
    ls_arena scratch;
    ls_arena_init(&scratch, &arena->allocator);
    encoder e = {bpe, &scratch, {&scratch, NULL, NULL, 0}, {&scratch, NULL, 0, 0}};
    ls_status status = LS_OK;
    if (bpe->bos != LS_NO_TOKEN) status = ls_ids_push(&e.ids, bpe->bos, err);
    if (status == LS_OK) status = split(&e, &bpe->control, (ls_str){text, n}, encode_section, err);
    if (status == LS_OK) status = hand_over(&e.ids, arena, ids, count, err);
    ls_arena_clear(&scratch);
    return status;
}

uint64_t ls_bpe_left_out(const ls_bpe *bpe, const char *text, size_t n) {
    uint64_t count = 0;
    for (size_t i = 0; i < n; i++) count += !bpe->rules->spm && bpe->byte_ids[(uint8_t)text[i]] == LS_NO_TOKEN;
    return count;
}

/* ---- decoding --------------------------------------------------------------------------------------- */

const char *ls_bpe_bytes(const ls_bpe *bpe, uint32_t id, size_t *length) {
    *length = 0;
    if (id >= bpe->count) return NULL;
    *length = bpe->offsets[id + 1] - bpe->offsets[id];
    return bpe->pool + bpe->offsets[id];
}

size_t ls_bpe_vocab(const ls_bpe *bpe) { return bpe->count; }

uint32_t ls_bpe_bos(const ls_bpe *bpe) { return bpe->bos; }
