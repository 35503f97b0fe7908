/*
 * A hash set over the names of an array of entries: finds duplicates and looks names up.
 *
 * Names are untrusted, and a program without a source of randomness has no secret seed: so the table watches
 * its own work, and starts again with another seed when a file's names collide far more than chance allows.
 * Names made to collide under one seed are scattered by the next one.
 */
#ifndef LS_GGUF_INDEX_H
#define LS_GGUF_INDEX_H

#include "base/arena.h"
#include "base/str.h"

/* The entries stay where they are; each is `stride` bytes and begins with its name, an ls_str. */
typedef struct ls_gguf_index {
    const unsigned char *entries;
    size_t stride;
    uint32_t *slots;   /* 1 + number of the entry, or 0 */
    uint32_t capacity; /* slots; at least one is free */
    uint64_t seed;
} ls_gguf_index;

#define LS_GGUF_NO_ENTRY UINT32_MAX

/* Purpose: SipHash-1-3 of a name under a seed. */
uint64_t ls_gguf_hash(ls_str name, uint64_t seed);
/* Purpose: the slot where the search for a hash begins. */
uint32_t ls_gguf_slot(uint64_t hash, uint32_t capacity);

/* Purpose: index `count` entries. *duplicate is the number of the first entry whose name an earlier one has,
 * *first that earlier one; LS_GGUF_NO_ENTRY when all differ. Errors: LS_ERR_MEMORY, LS_ERR_OVERFLOW. */
ls_status ls_gguf_index_build(ls_arena *arena, const void *entries, size_t stride, uint32_t count,
                              const ls_gguf_index **out, uint32_t *duplicate, uint32_t *first, ls_error *err);

/* Purpose: number of the entry with this name, or LS_GGUF_NO_ENTRY. */
uint32_t ls_gguf_index_find(const ls_gguf_index *index, ls_str name);

#endif
