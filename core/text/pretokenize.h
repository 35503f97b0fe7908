/* Pre-tokenisers: where a text is cut before pairs are merged. Hand-written scanners, one pass, no backtracking
 * beyond one character (white space: beyond its last line break); each knows one published pattern. */
#ifndef LS_TEXT_PRETOKENIZE_H
#define LS_TEXT_PRETOKENIZE_H

#include "base/str.h"
#include "logitscope.h"

/* Purpose: the end of the piece that starts at `at` (< n) in valid UTF-8. */
typedef size_t ls_scanner(const char *text, size_t n, size_t at);

/* What a published tokeniser does before it merges. */
typedef struct ls_rules {
    ls_scanner *next;
    int nfc;         /* normalise first */
    int raw_added;   /* user-defined tokens too are looked for in the raw text, not in the normalised one */
    int whole_first; /* a piece that is a token is that token, whatever the merges */
    int add_bos;     /* where the file does not say */
    int spm;         /* SentencePiece: characters instead of bytes, scores instead of merges */
} ls_rules;

/* Purpose: the rules for a pre-tokeniser's name as GGUF files give it, or, where that is empty or "default",
 * for the architecture; `file` is for the message. Errors: LS_ERR_UNSUPPORTED, by name, with the known ones. */
ls_status ls_rules_find(ls_str pre, ls_str arch, const char *file, const ls_rules **out, ls_error *err);

/* SentencePiece cuts nothing: a text is one piece. */
extern const ls_rules ls_rules_spm;

/* Purpose: one piece of the pattern of GPT-2 (Radford et al. 2019), whose alternatives are tried in order:
 *     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+        */
size_t ls_scan_gpt2(const char *text, size_t n, size_t at);

/* Purpose: the same between numbers, which are cut out one character each (SmolLM, StarCoder). */
size_t ls_scan_smollm(const char *text, size_t n, size_t at);

/* Purpose: one piece of the pattern of Qwen2:
 *     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}|
 * ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
 */
size_t ls_scan_qwen2(const char *text, size_t n, size_t at);

/* Purpose: the same with \p{N}{1,3}: Llama 3. */
size_t ls_scan_llama3(const char *text, size_t n, size_t at);

#endif
