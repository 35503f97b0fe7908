/* Small byte-level vocabularies for tests: the 256 bytes first (ids 0..255 in order), then what a test adds. */
#ifndef SMALL_VOCAB_H
#define SMALL_VOCAB_H

#include "text/tokenizer.h"

enum { SMALL_TOKENS = 512, SMALL_MERGES = 256, SMALL_TEXT = 16384 };

typedef struct small_vocab {
    ls_vocab vocab; /* points into this structure: do not copy it */
    ls_str tokens[SMALL_TOKENS];
    int32_t types[SMALL_TOKENS];
    ls_str merges[SMALL_MERGES];
    char text[SMALL_TEXT];
    size_t text_used;
} small_vocab;

/* Purpose: the 256 byte tokens, no merges, the rules of `pre`. */
void small_vocab_init(small_vocab *small, const char *pre);

/* Purpose: add a token as it would be written in a file; returns its id. */
uint32_t small_vocab_token(small_vocab *small, const char *bytes, size_t n, int32_t type);

/* Purpose: add the rule that merges two tokens, with the next rank, and the merged token where it is new;
 * returns the id of that. */
uint32_t small_vocab_merge(small_vocab *small, uint32_t left, uint32_t right);

/* Purpose: add a rule as written, whatever it says. */
void small_vocab_rule(small_vocab *small, const char *rule);

#endif
