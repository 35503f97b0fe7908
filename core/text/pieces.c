#include "text/pieces.h"

#include "base/heap_sort.h"
#include "text/bytes.h"

/* Purpose: whether a token is a piece of text like others. */
static int is_ordinary(const ls_vocab *vocab, uint32_t id) {
    uint8_t byte = 0;
    if (vocab->types != NULL) return vocab->types[id] == LS_TOKEN_NORMAL || vocab->types[id] == 0;
    return id != vocab->bos && id != vocab->eos && !ls_byte_name(vocab->tokens[id], &byte);
}

ls_status ls_pieces_build(const ls_vocab *vocab, const char *pool, const uint32_t *offsets, ls_arena *arena,
                          ls_pieces *out, ls_error *err) {
    ls_str *texts = NULL;
    ls_status status = ls_arena_alloc(arena, vocab->count, sizeof *texts, "the text of tokens", &texts, err);
    for (uint32_t id = 0; id < vocab->count && status == LS_OK; id++) {
        texts[id] = (ls_str){pool + offsets[id], 0};
        if (is_ordinary(vocab, id)) texts[id].length = offsets[id + 1] - offsets[id];
        if (texts[id].length > out->longest) out->longest = texts[id].length;
    }
    if (status != LS_OK) return status;
    out->texts = (ls_vocab){.tokens = texts, .count = vocab->count};
    return ls_lexicon_build(&out->texts, arena, &out->lexicon, err);
}

/* Ids on their way into the order of scores. */
typedef struct ordering {
    const float *scores;
    uint32_t *ids;
} ordering;

static int better(const void *ctx, size_t i, size_t j) {
    const ordering *order = ctx;
    uint32_t a = order->ids[i], b = order->ids[j];
    return order->scores[a] != order->scores[b] ? order->scores[a] > order->scores[b] : a < b;
}

static void swap_ids(void *ctx, size_t i, size_t j) {
    uint32_t *ids = ((ordering *)ctx)->ids, moved = ids[i];
    ids[i] = ids[j];
    ids[j] = moved;
}

ls_status ls_pieces_rank(const ls_vocab *vocab, ls_arena *arena, ls_arena *scratch, ls_pieces *pieces,
                         ls_error *err) {
    uint32_t *ranks = NULL, rank = 0;
    ls_text_hash *hashes = NULL;
    ordering order = {vocab->scores, NULL};
    ls_status status = ls_arena_alloc(scratch, vocab->count, sizeof *order.ids, "the scores", &order.ids, err);
    if (status == LS_OK) status = ls_arena_alloc(arena, vocab->count, sizeof *ranks, "the scores", &ranks, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, vocab->count, sizeof *hashes, "the index of tokens", &hashes, err);
    if (status != LS_OK) return status;
    for (uint32_t id = 0; id < vocab->count; id++) {
        order.ids[id] = id;
        hashes[id] = ls_hash_text(pieces->texts.tokens[id]);
    }
    ls_sortable items = {&order, better, swap_ids};
    ls_heap_sort(&items, 0, (size_t)vocab->count);
    for (uint32_t i = 0; i < vocab->count; i++) {
        if (i > 0 && vocab->scores[order.ids[i]] != vocab->scores[order.ids[i - 1]]) rank++;
        ranks[order.ids[i]] = rank;
    }
    pieces->ranks = ranks;
    pieces->hashes = hashes;
    return LS_OK;
}

uint32_t ls_pieces_merge(const ls_pieces *pieces, uint32_t left, uint32_t right) {
    ls_str l = pieces->texts.tokens[left], r = pieces->texts.tokens[right];
    if (l.length == 0 || r.length == 0 || r.length > pieces->longest - l.length) return LS_NO_TOKEN;
    return ls_lexicon_find_hashed(&pieces->lexicon, l, pieces->hashes[left], r, pieces->hashes[right]);
}
