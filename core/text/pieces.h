/* Tokens by what they read, for the two tokenisers that need it while they encode: SentencePiece, which merges
 * any two pieces that read as a third, and those that take a whole word where it is a token. */
#ifndef LS_TEXT_PIECES_H
#define LS_TEXT_PIECES_H

#include "text/lexicon.h"

typedef struct ls_pieces {
    ls_vocab texts; /* what tokens read; nothing for those that no merge makes */
    ls_lexicon lexicon;
    const ls_text_hash *hashes; /* [count] of texts; SentencePiece only, like all that follows */
    const uint32_t *ranks;      /* [count] the best score is 0, equal scores have equal ranks */
    size_t longest;             /* bytes of a text */
} ls_pieces;

/* Purpose: index the tokens of ordinary kinds by their text, which lies in `pool` between `offsets`. */
ls_status ls_pieces_build(const ls_vocab *vocab, const char *pool, const uint32_t *offsets, ls_arena *arena,
                          ls_pieces *out, ls_error *err);

/* Purpose: add what merging needs, from the scores of the vocabulary (there are count, none NaN). */
ls_status ls_pieces_rank(const ls_vocab *vocab, ls_arena *arena, ls_arena *scratch, ls_pieces *pieces,
                         ls_error *err);

/* Purpose: the token that reads as `left` and `right` together, ids of the vocabulary; or LS_NO_TOKEN. Time
 * does not grow with the length of the two unless there is one. */
uint32_t ls_pieces_merge(const ls_pieces *pieces, uint32_t left, uint32_t right);

#endif
