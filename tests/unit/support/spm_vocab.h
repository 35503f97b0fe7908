/* Small SentencePiece vocabularies for tests: <unk>, <s>, </s>, the 256 bytes (ids 3..258), then what a test
 * adds. */
#ifndef SPM_VOCAB_H
#define SPM_VOCAB_H

#include "support/small_vocab.h"

enum { SPM_UNKNOWN = 0, SPM_BOS = 1, SPM_EOS = 2, SPM_BYTES = 3 };

typedef struct spm_vocab {
    small_vocab small; /* do not copy */
    float scores[SMALL_TOKENS];
} spm_vocab;

/* Purpose: the special tokens and the bytes; bos in front of every text, and a space. */
void spm_vocab_init(spm_vocab *spm);

/* Purpose: add a piece as it would be written in a file; returns its id. */
uint32_t spm_vocab_piece(spm_vocab *spm, const char *text, float score);

/* Purpose: add pieces a to z and the mark of a space, of low scores, and some words; for texts of many kinds.
 */
void spm_vocab_words(spm_vocab *spm);

#endif
