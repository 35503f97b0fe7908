#include "gguf/cursor.h"

#include "base/arena.h"
#include "gguf/gguf.h"

void ls_gguf_cursor_open(ls_gguf_cursor *cursor, const ls_source *source, const ls_allocator *allocator,
                         uint64_t window, const ls_gguf_report *report) {
    *cursor = (ls_gguf_cursor){.source = source, .allocator = allocator, .report = report};
    cursor->capacity = window < source->size ? window : source->size;
}

void ls_gguf_cursor_open_memory(ls_gguf_cursor *cursor, const ls_source *source, unsigned char *bytes,
                                uint64_t n, const ls_gguf_report *report) {
    *cursor = (ls_gguf_cursor){.source = source, .report = report, .window = bytes, .filled = n, .capacity = n};
}

void ls_gguf_cursor_close(ls_gguf_cursor *cursor) {
    if (cursor->allocator != NULL && cursor->window != NULL)
        cursor->allocator->release(cursor->allocator->ctx, cursor->window);
    cursor->window = NULL;
    cursor->filled = 0;
}

uint64_t ls_gguf_cursor_remaining(const ls_gguf_cursor *cursor) { return cursor->source->size - cursor->at; }

/* Whether the next n bytes are there and belong to a header of allowed size. */
static ls_status check_room(const ls_gguf_cursor *cursor, uint64_t n, const char *what) {
    uint64_t remaining = ls_gguf_cursor_remaining(cursor);
    if (n > remaining)
        return ls_gguf_refuse(
            cursor->report, LS_ERR_TRUNCATED, cursor->at,
            "%s needs %llu bytes, but the file ends after %llu more: it is cut short or damaged", what,
            (unsigned long long)n, (unsigned long long)remaining);
    if (cursor->at > LS_GGUF_HEADER_MAX || n > LS_GGUF_HEADER_MAX - cursor->at)
        return ls_gguf_refuse(cursor->report, LS_ERR_LENGTH, cursor->at,
                              "%s (%llu bytes) takes the header over its limit of %u bytes", what,
                              (unsigned long long)n, LS_GGUF_HEADER_MAX);
    if (cursor->allocator == NULL && cursor->at + n > cursor->filled)
        return ls_gguf_refuse(cursor->report, LS_ERR_READ, cursor->at, "the file changed while it was read");
    return LS_OK;
}

/* Makes the window hold at least n bytes; what it held is read again. */
static ls_status grow_window(ls_gguf_cursor *cursor, uint64_t n) {
    ls_gguf_cursor_close(cursor);
    while (cursor->capacity < n) cursor->capacity *= 2;
    if (cursor->capacity > cursor->source->size) cursor->capacity = cursor->source->size;
    return ls_alloc(cursor->allocator, cursor->capacity, 1, "reading the model's header", &cursor->window,
                    cursor->report->err);
}

/* Slides the window to the cursor, so that it holds the next n bytes. What cannot be read ahead, because the
 * source has no more than the header yet, is asked for in halves, down to those n. */
static ls_status slide_window(ls_gguf_cursor *cursor, uint64_t n) {
    if (cursor->window == NULL || n > cursor->capacity) {
        ls_status status = grow_window(cursor, n);
        if (status != LS_OK) return status;
    }
    uint64_t remaining = ls_gguf_cursor_remaining(cursor);
    uint64_t wanted = remaining < cursor->capacity ? remaining : cursor->capacity;
    cursor->filled = 0;
    while (cursor->source->read(cursor->source->ctx, cursor->at, cursor->window, (size_t)wanted) != 0) {
        if (wanted == n)
            return ls_gguf_refuse(cursor->report, LS_ERR_READ, cursor->at,
                                  "%llu bytes of the header could not be read", (unsigned long long)n);
        wanted = wanted / 2 > n ? wanted / 2 : n;
    }
    cursor->start = cursor->at;
    cursor->filled = wanted;
    return LS_OK;
}

ls_status ls_gguf_take(ls_gguf_cursor *cursor, uint64_t n, const char *what, const unsigned char **bytes) {
    ls_status status = check_room(cursor, n, what);
    if (status != LS_OK) return status;
    /* skip() may have left the cursor past the window, never before it. */
    uint64_t used = cursor->at - cursor->start;
    if (used > cursor->filled || n > cursor->filled - used) {
        status = slide_window(cursor, n);
        if (status != LS_OK) return status;
        used = 0;
    }
    *bytes = cursor->window + used;
    cursor->at += n;
    return LS_OK;
}

ls_status ls_gguf_take_u32(ls_gguf_cursor *cursor, const char *what, uint32_t *value) {
    const unsigned char *bytes = NULL;
    ls_status status = ls_gguf_take(cursor, 4, what, &bytes);
    if (status == LS_OK) *value = ls_gguf_load_u32(bytes);
    return status;
}

ls_status ls_gguf_take_u64(ls_gguf_cursor *cursor, const char *what, uint64_t *value) {
    const unsigned char *bytes = NULL;
    ls_status status = ls_gguf_take(cursor, 8, what, &bytes);
    if (status == LS_OK) *value = ls_gguf_load_u64(bytes);
    return status;
}

ls_status ls_gguf_skip(ls_gguf_cursor *cursor, uint64_t n, const char *what) {
    ls_status status = check_room(cursor, n, what);
    if (status == LS_OK) cursor->at += n;
    return status;
}
