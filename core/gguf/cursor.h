/*
 * The one way into the bytes of a header: a reader that checks every step against the size of the file and the
 * limit on headers, over a window that slides along the source (first pass) or over the header in memory
 * (second). Its verdicts do not depend on the size of the window.
 */
#ifndef LS_GGUF_CURSOR_H
#define LS_GGUF_CURSOR_H

#include "gguf/report.h"
#include "logitscope.h"

typedef struct ls_gguf_cursor {
    const ls_source *source;
    const ls_allocator *allocator; /* of the window; NULL over memory */
    const ls_gguf_report *report;
    unsigned char *window;
    uint64_t start;    /* offset in the file of window[0] */
    uint64_t filled;   /* bytes of the file in the window */
    uint64_t capacity; /* bytes the window can hold; grows when one piece needs more */
    uint64_t at;       /* offset in the file of the next byte */
} ls_gguf_cursor;

/* Purpose: a cursor at byte 0 with a window of `window` bytes (at least 1), allocated when first used. */
void ls_gguf_cursor_open(ls_gguf_cursor *cursor, const ls_source *source, const ls_allocator *allocator,
                         uint64_t window, const ls_gguf_report *report);
/* Purpose: a cursor at byte 0 over the first n bytes of the source, held in memory by the caller. */
void ls_gguf_cursor_open_memory(ls_gguf_cursor *cursor, const ls_source *source, unsigned char *bytes,
                                uint64_t n, const ls_gguf_report *report);
/* Purpose: release the window. */
void ls_gguf_cursor_close(ls_gguf_cursor *cursor);

/* Purpose: bytes from the cursor to the end of the file. */
uint64_t ls_gguf_cursor_remaining(const ls_gguf_cursor *cursor);

/* Purpose: take n bytes; *bytes stays valid until the next take. `what` names them in messages.
 * Errors: LS_ERR_TRUNCATED, LS_ERR_LENGTH (header over its limit), LS_ERR_READ, LS_ERR_MEMORY. */
ls_status ls_gguf_take(ls_gguf_cursor *cursor, uint64_t n, const char *what, const unsigned char **bytes);
ls_status ls_gguf_take_u32(ls_gguf_cursor *cursor, const char *what, uint32_t *value);
ls_status ls_gguf_take_u64(ls_gguf_cursor *cursor, const char *what, uint64_t *value);

/* Purpose: pass over n bytes without reading them. Errors: as for take. */
ls_status ls_gguf_skip(ls_gguf_cursor *cursor, uint64_t n, const char *what);

/* Purpose: little-endian numbers from bytes of any alignment. */
static inline uint32_t ls_gguf_load_u16(const unsigned char *b) { return (uint32_t)b[0] | (uint32_t)b[1] << 8; }
static inline uint32_t ls_gguf_load_u32(const unsigned char *b) {
    return ls_gguf_load_u16(b) | ls_gguf_load_u16(b + 2) << 16;
}
static inline uint64_t ls_gguf_load_u64(const unsigned char *b) {
    return ls_gguf_load_u32(b) | (uint64_t)ls_gguf_load_u32(b + 4) << 32;
}

#endif
