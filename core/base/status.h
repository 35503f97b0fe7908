/* Filling in an ls_error: the only place where messages are formatted. */
#ifndef LS_BASE_STATUS_H
#define LS_BASE_STATUS_H

#include "logitscope.h"

/* Purpose: fill err (may be NULL) with status, offset and a printf-formatted sentence; returns status, so that
 * callers write `return ls_fail(...)`. Messages longer than LS_MESSAGE_MAX are cut on a UTF-8 boundary. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
ls_status
ls_fail(ls_error *err, ls_status status, uint64_t offset, const char *format, ...);

/* Room for a quoted untrusted name of at most 60 shown bytes. */
#define LS_QUOTE_MAX 256

/* Purpose: write n untrusted bytes into out[LS_QUOTE_MAX] for use inside a message: double quotes around,
 * printable ASCII and valid UTF-8 as they are, everything else as \xNN, cut with "..." after 60 bytes.
 * Returns out. */
const char *ls_quote(char out[LS_QUOTE_MAX], const char *bytes, size_t n);

#endif
