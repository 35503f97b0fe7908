/* What the scanners share: reading a text by characters and their classes. */
#ifndef LS_TEXT_SCAN_H
#define LS_TEXT_SCAN_H

#include <stddef.h>

#include "text/unicode.h"

/* Purpose: class of the character at `at` (< n); *end becomes the offset after it. */
ls_char_class ls_scan_class(const char *text, size_t n, size_t at, size_t *end);

/* Purpose: end of the run of characters of one class that starts at `at`; *last is where its last character
 * starts. */
size_t ls_scan_run(const char *text, size_t n, size_t at, ls_char_class class, size_t *last);

/* Purpose: length of an English contraction ('s 't 're 've 'm 'll 'd) at `at`, or 0. */
size_t ls_scan_contraction(const char *text, size_t n, size_t at);

#endif
