/* SentencePiece BPE with byte fallback (Kudo and Richardson 2018), as Llama 2 has it: no cutting and no byte
 * alphabet. A text is spelled in characters, and a character that is no token in its bytes <0x00> to <0xFF>.
 * Inside, the space is itself and not U+2581, for which it stands in files. */
#ifndef LS_TEXT_SPM_H
#define LS_TEXT_SPM_H

#include "text/word.h"

/* Purpose: refuse scores and byte tokens that make no sense. Errors: LS_ERR_MISSING (no scores), LS_ERR_VALUE
 * (too few or too many of them, NaN; a byte token that names no byte), LS_ERR_DUPLICATE (two for one byte). */
ls_status ls_spm_check(const ls_vocab *vocab, ls_error *err);

/* Purpose: what token `id` stands for, written into out[token.length]; returns how many bytes. */
size_t ls_spm_token_bytes(const ls_vocab *vocab, uint32_t id, char *out);

/* Purpose: fill in which token stands for which byte; LS_NO_TOKEN where none does. */
void ls_spm_byte_tokens(const ls_vocab *vocab, uint32_t byte_ids[256]);

/* Purpose: a text in the inner alphabet, after a space where `prefix` says so and the text is not empty. */
ls_status ls_spm_normalize(ls_str text, int prefix, ls_arena *arena, ls_str *out, ls_error *err);

/* Purpose: one place for each character that is a token, else for each of its bytes; returns through `count`.
 * Errors: LS_ERR_MISSING when there is no token for a byte. */
ls_status ls_spm_spell(const ls_bpe *bpe, const char *text, size_t n, ls_place *places, size_t *count,
                       ls_error *err);

#endif
