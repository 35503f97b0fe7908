/* The tables of make_unicode.py; only unicode.c reads them. */
#ifndef LS_TEXT_UNICODE_TABLES_H
#define LS_TEXT_UNICODE_TABLES_H

#include <stddef.h>
#include <stdint.h>

/* start << 2 | class, ascending: the class holds up to the next start. */
extern const size_t ls_unicode_class_count;
extern const uint32_t ls_unicode_class[];

/* start << 9 | doubtful << 8 | combining class, ascending, likewise. */
extern const size_t ls_unicode_normal_count;
extern const uint32_t ls_unicode_normal[];

/* code << 42 | first << 21 | second (0 for none), ascending: one step of canonical decomposition. */
extern const size_t ls_unicode_decompose_count;
extern const uint64_t ls_unicode_decompose[];

/* first << 42 | second << 21 | code, ascending: canonical composition. */
extern const size_t ls_unicode_compose_count;
extern const uint64_t ls_unicode_compose[];

#endif
