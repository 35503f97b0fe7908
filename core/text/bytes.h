/* The byte-level alphabet: 256 printable characters, one for each byte, in which byte-level vocabularies are
 * written. Printable Latin-1 stands for itself; the other 68 bytes, in order, are U+0100 and up. */
#ifndef LS_TEXT_BYTES_H
#define LS_TEXT_BYTES_H

#include <stdint.h>

#include "base/str.h"

/* Purpose: the character that stands for a byte. */
uint32_t ls_byte_symbol(uint8_t byte);

/* Purpose: the byte that a character stands for; -1 when it is not in the alphabet. */
int ls_symbol_byte(uint32_t code);

/* Purpose: write the bytes that a token stands for into out[token.length] and return how many. A token that is
 * not written in the alphabet throughout stands for itself. */
size_t ls_symbols_to_bytes(ls_str token, char *out);

/* Purpose: whether a token is the name of a byte, <0x00> to <0xFF>, as vocabularies without that alphabet have
 * them; *byte becomes that byte. */
int ls_byte_name(ls_str token, uint8_t *byte);

#endif
