/* Added tokens: those that are recognised as written out in a text, before it is cut and merged. */
#ifndef LS_TEXT_ADDED_H
#define LS_TEXT_ADDED_H

#include "base/arena.h"
#include "base/str.h"

/* Longest added token: it bounds the time spent at a position of a text. Real ones have a few dozen bytes. */
enum { LS_ADDED_MAX = 256 };

typedef struct ls_added_token {
    ls_str text;
    uint32_t id;
} ls_added_token;

/* A set of them, sorted by text. */
typedef struct ls_added {
    ls_added_token *tokens;
    uint32_t count;
    uint32_t first[257]; /* tokens [first[b], first[b + 1]) start with byte b */
} ls_added;

/* An added token found in a text; length 0 means none. */
typedef struct ls_added_match {
    size_t at, length;
    uint32_t id;
} ls_added_match;

/* Purpose: sort the tokens of a set, whose `tokens` and `count` are filled in, none of them empty. */
void ls_added_sort(ls_added *set);

/* Purpose: the leftmost added token at or after `from`, the longest where several start there, the lowest id
 * where several read the same. */
ls_added_match ls_added_find(const ls_added *set, ls_str text, size_t from);

#endif
