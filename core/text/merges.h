/* The merge rules of a byte-level vocabulary, by pair of ids. */
#ifndef LS_TEXT_MERGES_H
#define LS_TEXT_MERGES_H

#include "text/lexicon.h"

/* What a pair becomes; the lower rank goes first. */
typedef struct ls_merge {
    uint32_t right;
    uint32_t rank;
    uint32_t merged;
} ls_merge;

/* Rules grouped by left id and sorted by right id: a look-up is a binary search among the few that share a left
 * side, and no choice of rules makes it slow. */
typedef struct ls_merges {
    const ls_merge *rules;
    const uint32_t *start; /* [vocab + 1] */
} ls_merges;

/* Purpose: resolve "left right" strings. The index comes from `arena`; `scratch` may be cleared afterwards.
 * A rule given twice counts at its last place, as in the published library. Cycles cannot arise: the merged
 * token reads left + right, so it is longer than both. Errors: LS_ERR_VALUE, with the number of the rule, when
 * it is not two tokens of the vocabulary separated by one space, or when the merged token is not in the
 * vocabulary. */
ls_status ls_merges_build(const ls_vocab *vocab, const ls_lexicon *lexicon, ls_arena *arena, ls_arena *scratch,
                          ls_merges *out, ls_error *err);

/* Purpose: the rule for a pair of ids of the vocabulary, or NULL. */
const ls_merge *ls_merges_find(const ls_merges *merges, uint32_t left, uint32_t right);

#endif
