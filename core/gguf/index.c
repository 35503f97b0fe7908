#include "gguf/index.h"

#include <string.h>

#include "gguf/cursor.h"

static uint64_t rotate(uint64_t x, unsigned bits) { return x << bits | x >> (64 - bits); }

static void sip_round(uint64_t v[4]) {
    v[0] += v[1];
    v[1] = rotate(v[1], 13) ^ v[0];
    v[0] = rotate(v[0], 32);
    v[2] += v[3];
    v[3] = rotate(v[3], 16) ^ v[2];
    v[0] += v[3];
    v[3] = rotate(v[3], 21) ^ v[0];
    v[2] += v[1];
    v[1] = rotate(v[1], 17) ^ v[2];
    v[2] = rotate(v[2], 32);
}

/* Source: Aumasson and Bernstein 2012, with one round per word and three at the end. The second half of the key
 * is 0. */
uint64_t ls_gguf_hash(ls_str name, uint64_t seed) {
    uint64_t v[4] = {0x736f6d6570736575u ^ seed, 0x646f72616e646f6du, 0x6c7967656e657261u ^ seed,
                     0x7465646279746573u};
    const unsigned char *bytes = (const unsigned char *)name.bytes;
    size_t whole = name.length - name.length % 8;
    uint64_t last = (uint64_t)name.length << 56;
    for (size_t at = 0; at < whole; at += 8) {
        uint64_t word = ls_gguf_load_u64(bytes + at);
        v[3] ^= word;
        sip_round(v);
        v[0] ^= word;
    }
    for (size_t at = whole; at < name.length; at++) last |= (uint64_t)bytes[at] << 8 * (at - whole);
    v[3] ^= last;
    sip_round(v);
    v[0] ^= last;
    v[2] ^= 0xff;
    for (int i = 0; i < 3; i++) sip_round(v);
    return v[0] ^ v[1] ^ v[2] ^ v[3];
}

uint32_t ls_gguf_slot(uint64_t hash, uint32_t capacity) { return (uint32_t)((hash >> 32) * capacity >> 32); }

static ls_str entry_name(const ls_gguf_index *index, uint32_t entry) {
    ls_str name;
    memcpy(&name, index->entries + (size_t)entry * index->stride, sizeof name);
    return name;
}

/* Walks from the name's slot to the entry of that name, or to the free slot where it belongs. Adds the slots
 * passed to *steps. */
static uint32_t find_slot(const ls_gguf_index *index, ls_str name, uint64_t *steps) {
    uint32_t slot = ls_gguf_slot(ls_gguf_hash(name, index->seed), index->capacity);
    while (index->slots[slot] != 0 && !ls_str_equal(entry_name(index, index->slots[slot] - 1), name)) {
        slot = slot + 1 < index->capacity ? slot + 1 : 0;
        ++*steps;
    }
    return slot;
}

/* Fills the empty table under its seed. Returns 0 when that took more than `budget` steps. */
static int fill(ls_gguf_index *index, uint32_t count, uint64_t budget, uint32_t *duplicate, uint32_t *first) {
    uint64_t steps = 0;
    for (uint32_t entry = 0; entry < count; entry++) {
        uint32_t slot = find_slot(index, entry_name(index, entry), &steps);
        if (index->slots[slot] != 0) {
            *duplicate = entry;
            *first = index->slots[slot] - 1;
            return 1;
        }
        if (steps > budget) return 0;
        index->slots[slot] = entry + 1;
    }
    return 1;
}

ls_status ls_gguf_index_build(ls_arena *arena, const void *entries, size_t stride, uint32_t count,
                              const ls_gguf_index **out, uint32_t *duplicate, uint32_t *first, ls_error *err) {
    /* Two thirds full: about one step per entry where names fall by chance. */
    enum { FAIR_STEPS_PER_ENTRY = 16 };
    ls_gguf_index *index = NULL;
    uint64_t capacity = (uint64_t)count + count / 2 + 1;
    ls_status status = ls_arena_alloc(arena, 1, sizeof *index, "the index of names", &index, err);
    if (status != LS_OK) return status;
    status = ls_arena_alloc(arena, capacity, sizeof *index->slots, "the index of names", &index->slots, err);
    if (status != LS_OK) return status;
    index->entries = entries;
    index->stride = stride;
    index->capacity = (uint32_t)capacity;
    *duplicate = *first = LS_GGUF_NO_ENTRY;
    /* The budget doubles, so that this ends whatever the names. */
    uint64_t budget = (uint64_t)FAIR_STEPS_PER_ENTRY * count + 64;
    while (!fill(index, count, budget, duplicate, first)) {
        memset(index->slots, 0, (size_t)capacity * sizeof *index->slots);
        index->seed++;
        budget *= 2;
    }
    *out = index;
    return LS_OK;
}

uint32_t ls_gguf_index_find(const ls_gguf_index *index, ls_str name) {
    uint64_t steps = 0;
    uint32_t slot = find_slot(index, name, &steps);
    return index->slots[slot] != 0 ? index->slots[slot] - 1 : LS_GGUF_NO_ENTRY;
}
