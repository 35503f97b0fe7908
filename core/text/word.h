/* Byte-pair merging of one piece of text (Sennrich, Haddow and Birch 2016). */
#ifndef LS_TEXT_WORD_H
#define LS_TEXT_WORD_H

#include "text/bpe.h"

/* Ids that grow, in a scratch arena. */
typedef struct ls_ids {
    ls_arena *arena;
    uint32_t *ids;
    size_t count, capacity;
} ls_ids;

ls_status ls_ids_push(ls_ids *ids, uint32_t id, ls_error *err);

/* One place of a word: a byte or character at first, later the token that begins there. */
typedef struct ls_place {
    uint32_t id;
    uint32_t previous, next; /* places, or LS_NO_PLACE */
    uint32_t rank;           /* of the pair (this, next), or LS_NO_PLACE */
    uint32_t merged;         /* what that pair becomes */
} ls_place;

#define LS_NO_PLACE UINT32_MAX

/* Room that words share, in a scratch arena. */
typedef struct ls_word_room {
    ls_arena *arena;
    ls_place *places;
    uint64_t *heap; /* rank << 32 | place */
    size_t capacity;
} ls_word_room;

/* Purpose: append the ids of a word (n > 0 bytes, below 2^32) to `out`: the pair of lowest rank is merged
 * first, the leftmost of equals, until none is left. O(n log n). Errors: LS_ERR_MISSING when the vocabulary has
 * no token for a byte, LS_ERR_MEMORY. */
ls_status ls_word_encode(const ls_bpe *bpe, const char *bytes, size_t n, ls_word_room *room, ls_ids *out,
                         ls_error *err);

#endif
