/* Token strings to ids. Buckets by hash, sorted inside: a look-up costs one or two comparisons, and still only
 * log n when someone chose the keys so that their hashes meet. */
#ifndef LS_TEXT_LEXICON_H
#define LS_TEXT_LEXICON_H

#include "text/tokenizer.h"

/* A hash of which that of two texts, one after the other, can be had without reading them again. */
typedef struct ls_text_hash {
    uint64_t value;
    uint64_t power; /* what a text in front is multiplied by */
} ls_text_hash;

ls_text_hash ls_hash_text(ls_str text);

typedef struct ls_lexicon_entry {
    uint32_t hash; /* the half that did not choose the bucket */
    uint32_t id;
} ls_lexicon_entry;

typedef struct ls_lexicon {
    const ls_vocab *vocab;
    ls_lexicon_entry *entries; /* all tokens but the empty ones, by bucket */
    uint32_t *start;           /* [buckets + 1] */
    unsigned shift;            /* hash >> shift is the bucket */
} ls_lexicon;

/* Purpose: index the tokens of a vocabulary (count below 2^32), which must live as long as the lexicon. Empty
 * tokens are left out: no text needs them. */
ls_status ls_lexicon_build(const ls_vocab *vocab, ls_arena *arena, ls_lexicon *out, ls_error *err);

/* Errors: LS_ERR_DUPLICATE when two tokens are the same and neither is marked unused. */
ls_status ls_lexicon_check(const ls_lexicon *lexicon, ls_error *err);

/* Purpose: id of the token that reads `left` followed by `right`, or LS_NO_TOKEN; of several that read the same
 * the one in use, of those the lowest. */
uint32_t ls_lexicon_find(const ls_lexicon *lexicon, ls_str left, ls_str right);

/* Purpose: the same where the hashes of the two are known. */
uint32_t ls_lexicon_find_hashed(const ls_lexicon *lexicon, ls_str left, ls_text_hash left_hash, ls_str right,
                                ls_text_hash right_hash);

#endif
