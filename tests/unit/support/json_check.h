/* Just enough JSON to check a report: whether a text is JSON, and what stands at a path. */
#ifndef JSON_CHECK_H
#define JSON_CHECK_H

#include <stddef.h>

/* Purpose: whether the n bytes are one JSON value (RFC 8259) and nothing else. No depth beyond 64. */
int json_valid(const char *json, size_t n);

/* Purpose: where the value at a path begins, such as "summary.commit.by_position.3": names of members and
 * numbers of elements. NULL when there is none. The text must be valid, and its member names free of escapes.
 */
const char *json_at(const char *json, const char *path);

/* Purpose: whether the value at the path is written exactly so. */
int json_is(const char *json, const char *path, const char *value);

#endif
