#include "text/lexicon.h"

#include "base/heap_sort.h"
#include "base/status.h"

/* Polynomial in an odd base, modulo 2^64. Keys can be chosen to meet; see lexicon.h for why that is harmless.
 */
ls_text_hash ls_hash_text(ls_str text) {
    const uint64_t base = 0x9fb21c651e98df25u;
    ls_text_hash hash = {0, 1};
    for (size_t i = 0; i < text.length; i++) {
        hash.value = hash.value * base + (unsigned char)text.bytes[i] + 1;
        hash.power *= base;
    }
    return hash;
}

/* A finishing mix: the bucket is taken from the top bits. */
static uint64_t mix(uint64_t hash) { return (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u; }

static uint64_t hash_token(const ls_vocab *vocab, uint32_t id) {
    return mix(ls_hash_text(vocab->tokens[id]).value);
}

static int is_unused(const ls_vocab *vocab, uint32_t id) {
    return vocab->types != NULL && vocab->types[id] == LS_TOKEN_UNUSED;
}

/* Purpose: order of `left right` against a token: by length, then by bytes. */
static int compare(ls_str left, ls_str right, ls_str token) {
    uint64_t length = (uint64_t)left.length + right.length;
    if (length != token.length) return length < token.length ? -1 : 1;
    int order = left.length > 0 ? memcmp(left.bytes, token.bytes, left.length) : 0;
    if (order == 0 && right.length > 0) order = memcmp(right.bytes, token.bytes + left.length, right.length);
    return order;
}

/* Equal tokens stand together, the one in use first. */
static int entry_less(const void *ctx, size_t i, size_t j) {
    const ls_lexicon *lexicon = ctx;
    const ls_lexicon_entry *a = &lexicon->entries[i], *b = &lexicon->entries[j];
    if (a->hash != b->hash) return a->hash < b->hash;
    const ls_vocab *vocab = lexicon->vocab;
    int order = compare(vocab->tokens[a->id], LS_STR(""), vocab->tokens[b->id]);
    if (order != 0) return order < 0;
    int a_unused = is_unused(vocab, a->id), b_unused = is_unused(vocab, b->id);
    return a_unused != b_unused ? b_unused : a->id < b->id;
}

static void entry_swap(void *ctx, size_t i, size_t j) {
    ls_lexicon_entry *entries = ((ls_lexicon *)ctx)->entries, moved = entries[i];
    entries[i] = entries[j];
    entries[j] = moved;
}

/* Purpose: put the tokens into their buckets: count, sum up, place. */
static void fill(ls_lexicon *lexicon, uint32_t buckets) {
    const ls_vocab *vocab = lexicon->vocab;
    uint32_t *start = lexicon->start, total = 0;
    for (uint32_t id = 0; id < vocab->count; id++)
        if (vocab->tokens[id].length > 0) start[hash_token(vocab, id) >> lexicon->shift]++;
    for (uint32_t b = 0; b <= buckets; b++) {
        uint32_t here = start[b];
        start[b] = total;
        total += here;
    }
    for (uint32_t id = 0; id < vocab->count; id++) {
        if (vocab->tokens[id].length == 0) continue;
        uint64_t hash = hash_token(vocab, id);
        lexicon->entries[start[hash >> lexicon->shift]++] = (ls_lexicon_entry){(uint32_t)hash, id};
    }
    /* Placing moved every start to the next one's place. */
    memmove(start + 1, start, buckets * sizeof *start);
    start[0] = 0;
}

static ls_status check_duplicates(const ls_lexicon *lexicon, size_t first, size_t end, ls_error *err) {
    const ls_vocab *vocab = lexicon->vocab;
    for (size_t i = first + 1; i < end; i++) {
        uint32_t a = lexicon->entries[i - 1].id, b = lexicon->entries[i].id;
        if (is_unused(vocab, b) || !ls_str_equal(vocab->tokens[a], vocab->tokens[b])) continue;
        char quoted[LS_QUOTE_MAX];
        return ls_fail(
            err, LS_ERR_DUPLICATE, LS_NO_OFFSET,
            "%s: tokenizer.ggml.tokens[%lu] and [%lu] are the same, %s; each token must be there once",
            vocab->file, (unsigned long)a, (unsigned long)b,
            ls_quote(quoted, vocab->tokens[a].bytes, vocab->tokens[a].length));
    }
    return LS_OK;
}

ls_status ls_lexicon_check(const ls_lexicon *lexicon, ls_error *err) {
    ls_status status = LS_OK;
    uint32_t buckets = (uint32_t)1 << (64 - lexicon->shift);
    for (uint32_t b = 0; b < buckets && status == LS_OK; b++)
        status = check_duplicates(lexicon, lexicon->start[b], lexicon->start[b + 1], err);
    return status;
}

ls_status ls_lexicon_build(const ls_vocab *vocab, ls_arena *arena, ls_lexicon *out, ls_error *err) {
    unsigned bits = 4;
    while (bits < 31 && (uint64_t)1 << bits < vocab->count) bits++;
    uint32_t buckets = (uint32_t)1 << bits;
    *out = (ls_lexicon){vocab, NULL, NULL, 64 - bits};
    ls_status status = ls_arena_alloc(arena, (uint64_t)buckets + 1, sizeof *out->start, "the index of tokens",
                                      &out->start, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, vocab->count, sizeof *out->entries, "the index of tokens", &out->entries,
                                err);
    if (status != LS_OK) return status;
    fill(out, buckets);
    ls_sortable items = {out, entry_less, entry_swap};
    for (uint32_t b = 0; b < buckets; b++) ls_heap_sort(&items, out->start[b], out->start[b + 1]);
    return LS_OK;
}

uint32_t ls_lexicon_find(const ls_lexicon *lexicon, ls_str left, ls_str right) {
    return ls_lexicon_find_hashed(lexicon, left, ls_hash_text(left), right, ls_hash_text(right));
}

uint32_t ls_lexicon_find_hashed(const ls_lexicon *lexicon, ls_str left, ls_text_hash left_hash, ls_str right,
                                ls_text_hash right_hash) {
    uint64_t hash = mix(left_hash.value * right_hash.power + right_hash.value);
    uint32_t key = (uint32_t)hash;
    const uint32_t *start = lexicon->start + (hash >> lexicon->shift);
    size_t low = start[0], high = start[1], end = start[1];
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const ls_lexicon_entry *entry = &lexicon->entries[middle];
        int after = entry->hash == key ? compare(left, right, lexicon->vocab->tokens[entry->id]) > 0
                                       : entry->hash < key;
        if (after)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == end || lexicon->entries[low].hash != key) return LS_NO_TOKEN;
    uint32_t id = lexicon->entries[low].id;
    return compare(left, right, lexicon->vocab->tokens[id]) == 0 ? id : LS_NO_TOKEN;
}
