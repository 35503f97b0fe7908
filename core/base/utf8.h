/* UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, at most U+10FFFF. */
#ifndef LS_BASE_UTF8_H
#define LS_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Purpose: decode the code point at bytes[0..n). Returns its length 1..4, or 0 when n is 0 or the bytes are no
 * valid UTF-8; *code is set only on success. */
size_t ls_utf8_decode(const char *bytes, size_t n, uint32_t *code);

/* Purpose: encode a code point into out; returns the length 1..4. */
size_t ls_utf8_encode(uint32_t code, char out[4]);

/* Purpose: offset of the first byte that starts no valid sequence, or n when all is valid. */
size_t ls_utf8_valid_prefix(const char *bytes, size_t n);

#endif
