/* Inside of a tokeniser. */
#ifndef LS_TEXT_BPE_H
#define LS_TEXT_BPE_H

#include "text/added.h"
#include "text/merges.h"
#include "text/pieces.h"
#include "text/pretokenize.h"
#include "text/tokenizer.h"

struct ls_bpe {
    uint32_t count;          /* V */
    const char *pool;        /* what all tokens stand for, one after the other */
    const uint32_t *offsets; /* [count + 1] into pool */
    uint32_t byte_ids[256];  /* token of each single byte, or LS_NO_TOKEN */
    ls_merges merges;        /* byte-level only */
    ls_pieces pieces;        /* where the rules need them */
    ls_added control;        /* matched in the raw text */
    ls_added user;           /* matched in the normalised text */
    const ls_rules *rules;
    uint32_t bos;     /* put in front, or LS_NO_TOKEN */
    int space_prefix; /* SentencePiece: a space goes in front of every part between added tokens */
};

/* Purpose: refuse a vocabulary whose numbers do not fit together, before anything is built from it. */
ls_status ls_vocab_check(const ls_vocab *vocab, ls_error *err);

/* Purpose: whether this is SentencePiece BPE, not byte-level BPE. */
int ls_vocab_is_spm(const ls_vocab *vocab);

/* Purpose: whether token `id` is recognised where it is written out in a text: as `kind`, LS_TOKEN_CONTROL (the
 * unknown token too) or LS_TOKEN_USER. */
int ls_vocab_is_added(const ls_vocab *vocab, uint32_t id, int32_t kind);

#endif
