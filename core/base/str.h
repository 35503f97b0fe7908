/* A counted byte string: a view, never an owner, not NUL-terminated. */
#ifndef LS_BASE_STR_H
#define LS_BASE_STR_H

#include <stddef.h>
#include <string.h>

typedef struct ls_str {
    const char *bytes;
    size_t length;
} ls_str;

#define LS_STR(literal) ((ls_str){(literal), sizeof(literal) - 1})

static inline int ls_str_equal(ls_str a, ls_str b) {
    return a.length == b.length && (a.length == 0 || memcmp(a.bytes, b.bytes, a.length) == 0);
}

#endif
