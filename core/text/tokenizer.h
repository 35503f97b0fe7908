/*
 * Tokenisers: byte-level BPE with the pre-tokeniser of GPT-2 and of GPT-NeoX. They know no container and no
 * model: a vocabulary goes in, text to ids and ids to bytes come out. Exact against the published tokenisers.
 * Sources: Sennrich, Haddow and Birch 2016 (BPE); Radford et al. 2019 (byte level).
 */
#ifndef LS_TEXT_TOKENIZER_H
#define LS_TEXT_TOKENIZER_H

#include "base/arena.h"
#include "base/str.h"
#include "logitscope.h"

/* Token kinds, as numbered in GGUF (tokenizer.ggml.token_type). */
enum {
    LS_TOKEN_NORMAL = 1,
    LS_TOKEN_UNKNOWN = 2,
    LS_TOKEN_CONTROL = 3,
    LS_TOKEN_USER = 4,
    LS_TOKEN_UNUSED = 5,
    LS_TOKEN_BYTE = 6
};

#define LS_NO_TOKEN UINT32_MAX

/* What a tokeniser is made of. The views must outlive the tokeniser. */
typedef struct ls_vocab {
    const char *file;     /* for messages */
    ls_str model;         /* tokenizer.ggml.model: "gpt2" = byte-level BPE */
    ls_str pre;           /* tokenizer.ggml.pre: "gpt-2", "gpt-neox", ...; empty when absent */
    ls_str arch;          /* general.architecture: decides the pre-tokeniser where `pre` is absent */
    const ls_str *tokens; /* [count], in the byte-level alphabet */
    uint64_t count;
    const int32_t *types; /* [count] kinds, or NULL: all normal */
    const ls_str *merges; /* [merge_count] "left right", by rank */
    uint64_t merge_count;
    uint32_t bos, eos; /* ids or LS_NO_TOKEN */
    int add_bos;       /* put bos in front of every text */
} ls_vocab;

typedef struct ls_bpe ls_bpe;

/* Purpose: build the tables. Memory comes from `arena`. Errors: LS_ERR_UNSUPPORTED (pre-tokeniser or model, by
 * name, with the known ones), LS_ERR_VALUE (merge of an unknown token, bos beyond the vocabulary, ...). */
ls_status ls_bpe_create(const ls_vocab *vocab, ls_arena *arena, const ls_bpe **out, ls_error *err);

/* Purpose: encode UTF-8 text. Added tokens written out in the text are recognised, as the published tokenisers
 * do. *ids is allocated in `arena` (which may be a scratch arena); bos in front when add_bos. Time is
 * O(n log n) at worst, and linear for ordinary text; the stack is bounded. */
ls_status ls_bpe_encode(const ls_bpe *bpe, const char *text, size_t n, ls_arena *arena, uint32_t **ids,
                        size_t *count, ls_error *err);

/* Purpose: the bytes a token stands for; NULL for an unknown id. Owned by the tokeniser. */
const char *ls_bpe_bytes(const ls_bpe *bpe, uint32_t id, size_t *length);
size_t ls_bpe_vocab(const ls_bpe *bpe);

#endif
