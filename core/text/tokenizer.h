/*
 * Tokenisers: byte-level BPE with the pre-tokenisers of GPT-2 (OPT, Phi-1.5), GPT-NeoX, SmolLM, Qwen2 and Llama
 * 3, and SentencePiece BPE with byte fallback (Llama 2, TinyLlama). They know no container and no model: a
 * vocabulary goes in, text to ids and ids to bytes come out. Exact against the published tokenisers. Sources:
 * Sennrich, Haddow and Birch 2016 (BPE); Radford et al. 2019 (byte level); Kudo and Richardson 2018
 * (SentencePiece).
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

/* Longest text that is encoded, in bytes. */
#define LS_TEXT_MAX ((size_t)1 << 30)

/*
 * What a tokeniser is made of. Nothing in it is used after ls_bpe_create() has returned.
 * What files do, and what becomes of it:
 *   - control, unknown and user tokens: recognised where they are written out in a text, the longest at the
 *     leftmost place: control tokens and the unknown one in the raw text, user tokens after normalisation
 * (Qwen2 and SentencePiece: in the raw text too). Up to LS_ADDED_MAX bytes of UTF-8, else refused. They stand
 * for themselves, not for the alphabet's bytes;
 *   - no types at all: bos and eos are control tokens, <0x00> to <0xFF> are bytes in SentencePiece, all others
 *     are normal;
 *   - empty tokens: kept; they have an id and no bytes, and are never produced;
 *   - the same token twice: refused, unless all but one are marked unused;
 *   - a merge given twice: counts at its later place;
 *   - bytes without a token: the vocabulary is accepted; in byte-level BPE such bytes of a text are
 *     left out, as by the published library; SentencePiece refuses a text that needs one.
 */
typedef struct ls_vocab {
    const char *file;     /* for messages */
    ls_str model;         /* tokenizer.ggml.model: "gpt2" = byte-level BPE, "llama" = SentencePiece BPE */
    ls_str pre;           /* tokenizer.ggml.pre: "gpt-2", "olmo" (what Pythia's files say), "qwen2", ... */
    ls_str arch;          /* general.architecture: decides where `pre` is empty or "default" */
    const ls_str *tokens; /* [count], in the byte-level alphabet; SentencePiece: with U+2581 for the space */
    uint64_t count;
    const int32_t *types; /* [type_count] kinds, or NULL; 0 counts as normal */
    uint64_t type_count;  /* must be count where there are types */
    const float *scores;  /* [score_count], SentencePiece only: of several pairs, the one of the best score is
                             merged first, the leftmost of equals */
    uint64_t score_count; /* must be count */
    const ls_str *merges; /* [merge_count] "left right", by rank; byte-level only */
    uint64_t merge_count;
    uint32_t bos, eos; /* ids or LS_NO_TOKEN */
    int add_bos;       /* put bos in front of every text: 1 or 0; -1 where the file does not say (Llama 2 and 3
                          then do, where there is one) */
    int space_prefix; /* SentencePiece: a text, and what follows an added token, starts with a space: 1 or 0; -1
                         where the file does not say (it does) */
} ls_vocab;

typedef struct ls_bpe ls_bpe;

/* Purpose: build the tables. Memory comes from `arena`; time is O(n log n) in the bytes of the vocabulary,
 * however they were chosen. Errors: LS_ERR_UNSUPPORTED (pre-tokeniser or model, by name, with the known ones),
 * LS_ERR_VALUE (merge of an unknown token or into one, by its number; no tokens; types or scores too short or
 * out of range; a byte token that names no byte; bos or eos beyond the vocabulary), LS_ERR_MISSING (add_bos
 * without bos; SentencePiece without scores), LS_ERR_DUPLICATE, LS_ERR_LENGTH and LS_ERR_ENCODING (added
 * tokens), LS_ERR_OVERFLOW, LS_ERR_MEMORY. */
ls_status ls_bpe_create(const ls_vocab *vocab, ls_arena *arena, const ls_bpe **out, ls_error *err);

/* Purpose: encode UTF-8 text. Added tokens written out in the text are recognised, as the published tokenisers
 * do. *ids is allocated in `arena` (which may be a scratch arena) and nothing else is; bos in front when
 * add_bos. Time is O(n log n) at worst, and linear for ordinary text; the stack is bounded. Working memory is
 * about 40 bytes for each byte of the longest word, released before the call returns. Errors: LS_ERR_ENCODING
 * with the offset of the first bad byte, LS_ERR_LENGTH (over LS_TEXT_MAX), LS_ERR_MISSING (SentencePiece: no
 * token for a byte), LS_ERR_MEMORY. */
ls_status ls_bpe_encode(const ls_bpe *bpe, const char *text, size_t n, ls_arena *arena, uint32_t **ids,
                        size_t *count, ls_error *err);

/* Purpose: how many bytes of a text are left out because the vocabulary has no token for them. */
uint64_t ls_bpe_left_out(const ls_bpe *bpe, const char *text, size_t n);

/* Purpose: the bytes a token stands for, maybe a part of a character; NULL for an unknown id. Owned by the
 * tokeniser, not NUL-terminated. */
const char *ls_bpe_bytes(const ls_bpe *bpe, uint32_t id, size_t *length);
size_t ls_bpe_vocab(const ls_bpe *bpe);
/* Purpose: the token that goes in front of every text, or LS_NO_TOKEN. */
uint32_t ls_bpe_bos(const ls_bpe *bpe);

#endif
