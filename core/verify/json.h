/*
 * Untrusted JSON in a block of memory, over jsmn. jsmn finds tokens and is lax about what stands between them;
 * a walk over an object or array checks that as well. Nothing recurses, and memory is bounded by the length of
 * the text. A value is the index of its token; every refusal names the byte.
 */
#ifndef LS_VERIFY_JSON_H
#define LS_VERIFY_JSON_H

#include "base/arena.h"

enum { LS_JSON_MAX = 4 << 20 }; /* bytes */

typedef struct ls_json ls_json;

/* One object or array, element by element. */
typedef struct ls_json_walk {
    const ls_json *json;
    uint32_t container, next; /* token indices */
    size_t at;                /* the byte behind the last element */
    int first;
} ls_json_walk;

/* Purpose: find the tokens of a text of n bytes, which must outlive `json`. `what` names it in messages. The
 * root is value 0. */
ls_status ls_json_open(const char *bytes, size_t n, const char *what, ls_arena *arena, const ls_json **out,
                       ls_error *err);

/* Purpose: begin a walk; the value must be an object, or an array. `name` is for messages. */
ls_status ls_json_object(const ls_json *json, uint32_t value, const char *name, ls_json_walk *walk,
                         ls_error *err);
ls_status ls_json_array(const ls_json *json, uint32_t value, const char *name, ls_json_walk *walk,
                        ls_error *err);
/* Purpose: the next element; LS_MORE with one, LS_OK at the end. */
ls_status ls_json_element(ls_json_walk *walk, uint32_t *value, ls_error *err);
ls_status ls_json_member(ls_json_walk *walk, uint32_t *key, uint32_t *value, ls_error *err);

/* Purpose: elements of an array, before a walk. */
uint32_t ls_json_size(const ls_json *json, uint32_t value);
/* Purpose: whether a key is this word, written without escapes. */
int ls_json_is(const ls_json *json, uint32_t key, const char *word);

/* Purpose: read a value of a kind. Strings are unescaped into `arena`, with a NUL behind them; whole numbers
 * are digits alone. */
ls_status ls_json_string(const ls_json *json, uint32_t value, const char *name, ls_arena *arena,
                         const char **text, size_t *length, ls_error *err);
ls_status ls_json_u32(const ls_json *json, uint32_t value, const char *name, uint32_t *out, ls_error *err);
ls_status ls_json_number(const ls_json *json, uint32_t value, const char *name, double *out, ls_error *err);

/* Purpose: refuse a value, as ls_fail; the sentence begins with what and where. */
#if defined(__GNUC__)
__attribute__((format(printf, 5, 6)))
#endif
ls_status
ls_json_refuse(const ls_json *json, uint32_t value, ls_error *err, ls_status status, const char *format, ...);

#endif
