/* A vocabulary out of a published tokenizer.json, as a GGUF file would carry it. */
#ifndef JSON_VOCAB_H
#define JSON_VOCAB_H

#include "base/arena.h"
#include "text/tokenizer.h"

/* Purpose: whether this was built with jsmn.h (Debian: libjsmn-dev), without which nothing can be read. */
int json_vocab_available(void);

/* Purpose: the bytes of a file, NUL-terminated, in `arena`; NULL when it cannot be read. */
char *read_whole_file(const char *path, ls_arena *arena, size_t *length);

/* Purpose: fill a vocabulary from the text of a tokenizer.json: tokens by id, added tokens as control
 * ("special") or user-defined, gaps as unused, merges as "left right"; with byte fallback, as SentencePiece:
 * scores by the order of the merges. No bos, no pre-tokeniser: the caller knows. Returns 0, or -1 when this is
 * no such file. */
int json_vocab_read(const char *json, size_t length, ls_arena *arena, ls_vocab *out);

/* Purpose: the same from the three files (NUL-terminated) that some models have instead. */
int json_vocab_read_parts(ls_str vocab_json, ls_str merges_txt, ls_str settings_json, ls_arena *arena,
                          ls_vocab *out);

/* Purpose: whether the file has the normaliser NFC; any other one, or none, gives 0. */
int json_vocab_has_nfc(const char *json, size_t length, ls_arena *arena);

#endif
