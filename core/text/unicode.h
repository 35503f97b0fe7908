/* Character classes and canonical mappings, over the tables that make_unicode.py generates. */
#ifndef LS_TEXT_UNICODE_H
#define LS_TEXT_UNICODE_H

#include <stdint.h>

/* The classes that the pre-tokenisers tell apart: \p{L}, \p{N}, \s, and everything else. */
typedef enum ls_char_class { LS_CHAR_OTHER, LS_CHAR_LETTER, LS_CHAR_NUMBER, LS_CHAR_SPACE } ls_char_class;

/* A canonical decomposition, taken all the way, has at most this many code points. */
enum { LS_DECOMPOSE_MAX = 4 };

/* Below this code point every text is in NFC. */
enum { LS_NFC_TRIVIAL = 0x300 };

/* Purpose: the class of a code point. */
ls_char_class ls_unicode_classify(uint32_t code);

/* Purpose: the canonical combining class of a code point, 0 for most. *doubtful (may be NULL) becomes 1 when a
 * text that holds this character may not be in NFC, whatever the order of its marks. */
uint8_t ls_unicode_combining(uint32_t code, int *doubtful);

/* Purpose: write the full canonical decomposition, in canonical order within a character; returns how many. */
unsigned ls_unicode_decompose_full(uint32_t code, uint32_t out[LS_DECOMPOSE_MAX]);

/* Purpose: the character that `first` followed by `second` compose to; 0 for none. */
uint32_t ls_unicode_compose_pair(uint32_t first, uint32_t second);

#endif
