#include "text/word.h"

#include "base/status.h"
#include "text/spm.h"

ls_status ls_ids_push(ls_ids *ids, uint32_t id, ls_error *err) {
    if (ids->count == ids->capacity) {
        uint64_t capacity = ids->capacity < 64 ? 64 : (uint64_t)ids->capacity * 2;
        uint32_t *grown = NULL;
        ls_status status =
            ls_arena_alloc(ids->arena, capacity, sizeof *grown, "the tokens of a text", &grown, err);
        if (status != LS_OK) return status;
        if (ids->count > 0) memcpy(grown, ids->ids, ids->count * sizeof *grown);
        ids->ids = grown;
        ids->capacity = (size_t)capacity;
    }
    ids->ids[ids->count++] = id;
    return LS_OK;
}

/* Purpose: room for a word of n bytes. A word starts with fewer than n pairs, and each merge takes one entry
 * out of the heap and puts at most two in: 2n entries are enough. */
static ls_status reserve(ls_word_room *room, size_t n, ls_error *err) {
    if (n <= room->capacity) return LS_OK;
    uint64_t capacity = (uint64_t)room->capacity * 2;
    if (capacity < n) capacity = n < 64 ? 64 : n;
    room->capacity = 0;
    ls_status status =
        ls_arena_alloc(room->arena, capacity, sizeof *room->places, "a long word", &room->places, err);
    if (status == LS_OK)
        status = ls_arena_alloc(room->arena, 2 * capacity, sizeof *room->heap, "a long word", &room->heap, err);
    if (status == LS_OK) room->capacity = (size_t)capacity;
    return status;
}

static void sift_up(uint64_t *heap, size_t at) {
    uint64_t item = heap[at];
    while (at > 0 && heap[(at - 1) / 2] > item) {
        heap[at] = heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap[at] = item;
}

static uint64_t pop(uint64_t *heap, size_t *count) {
    uint64_t least = heap[0], item = heap[--*count];
    size_t at = 0;
    while (at < *count / 2) {
        size_t child = 2 * at + 1;
        if (child + 1 < *count && heap[child + 1] < heap[child]) child++;
        if (heap[child] >= item) break;
        heap[at] = heap[child];
        at = child;
    }
    heap[at] = item;
    return least;
}

/* Purpose: the rule for a pair: of the merges, or, in SentencePiece, the score of what the two read. */
static int find_rule(const ls_bpe *bpe, uint32_t left, uint32_t right, uint32_t *rank, uint32_t *merged) {
    if (bpe->rules->spm) {
        *merged = ls_pieces_merge(&bpe->pieces, left, right);
        if (*merged != LS_NO_TOKEN) *rank = bpe->pieces.ranks[*merged];
        return *merged != LS_NO_TOKEN;
    }
    const ls_merge *rule = ls_merges_find(&bpe->merges, left, right);
    if (rule == NULL) return 0;
    *rank = rule->rank;
    *merged = rule->merged;
    return 1;
}

/* Purpose: look the pair at a place up again and, where it merges, put it on the heap. */
static void offer(const ls_bpe *bpe, ls_word_room *room, uint32_t at, size_t *heap_count) {
    ls_place *place = &room->places[at];
    uint32_t rank = LS_NO_PLACE, next = place->next;
    int found = next != LS_NO_PLACE && find_rule(bpe, place->id, room->places[next].id, &rank, &place->merged);
    place->rank = rank;
    if (!found) return;
    room->heap[*heap_count] = (uint64_t)rank << 32 | at;
    sift_up(room->heap, (*heap_count)++);
}

/* Purpose: merge the pair at a place. The place of its right half is out of the list from then on. */
static void merge(const ls_bpe *bpe, ls_word_room *room, uint32_t at, size_t *heap_count) {
    ls_place *place = &room->places[at], *gone = &room->places[place->next];
    place->id = place->merged;
    place->next = gone->next;
    gone->rank = LS_NO_PLACE;
    if (place->next != LS_NO_PLACE) room->places[place->next].previous = at;
    offer(bpe, room, at, heap_count);
    if (place->previous != LS_NO_PLACE) offer(bpe, room, place->previous, heap_count);
}

/* Purpose: a place for each byte that has a token; the others are left out, as by the published library. */
static size_t spell_bytes(const ls_bpe *bpe, const char *bytes, size_t n, ls_place *places) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        uint32_t id = bpe->byte_ids[(uint8_t)bytes[i]];
        if (id != LS_NO_TOKEN) places[count++].id = id;
    }
    return count;
}

/* Purpose: places for a word, linked in a row: of bytes, or as SentencePiece spells it. */
static ls_status spell(const ls_bpe *bpe, const char *bytes, size_t n, ls_place *places, size_t *count,
                       ls_error *err) {
    ls_status status = LS_OK;
    if (bpe->rules->spm)
        status = ls_spm_spell(bpe, bytes, n, places, count, err);
    else
        *count = spell_bytes(bpe, bytes, n, places);
    for (size_t i = 0; i < *count && status == LS_OK; i++) {
        uint32_t at = (uint32_t)i;
        places[i].previous = i > 0 ? at - 1 : LS_NO_PLACE;
        places[i].next = i + 1 < *count ? at + 1 : LS_NO_PLACE;
        places[i].rank = LS_NO_PLACE;
    }
    return status;
}

ls_status ls_word_encode(const ls_bpe *bpe, const char *bytes, size_t n, ls_word_room *room, ls_ids *out,
                         ls_error *err) {
    uint32_t whole = LS_NO_TOKEN;
    if (bpe->rules->whole_first) whole = ls_lexicon_find(&bpe->pieces.lexicon, (ls_str){bytes, n}, LS_STR(""));
    if (whole != LS_NO_TOKEN) return ls_ids_push(out, whole, err);
    size_t count = 0;
    ls_status status = reserve(room, n, err);
    if (status == LS_OK) status = spell(bpe, bytes, n, room->places, &count, err);
    if (status != LS_OK || count == 0) return status;
    size_t heap_count = 0;
    for (size_t i = 0; i < count; i++) offer(bpe, room, (uint32_t)i, &heap_count);
    while (heap_count > 0) {
        uint64_t least = pop(room->heap, &heap_count);
        uint32_t at = (uint32_t)least;
        /* Entries of pairs that a merge beside them has changed since are stale: their rank is another now. */
        if (room->places[at].rank == least >> 32) merge(bpe, room, at, &heap_count);
    }
    for (uint32_t at = 0; at != LS_NO_PLACE && status == LS_OK; at = room->places[at].next)
        status = ls_ids_push(out, room->places[at].id, err);
    return status;
}
