/*
 * Inside the reader: two passes of one grammar. The first slides over the file, judges every field and counts;
 * it keeps nothing, so a file costs it one window whatever it announces. The second runs over the header in
 * memory and fills tables of exactly the counted size.
 */
#ifndef LS_GGUF_PARSE_H
#define LS_GGUF_PARSE_H

#include "gguf/cursor.h"
#include "gguf/gguf.h"

typedef struct ls_gguf_parser {
    ls_gguf_report report;
    ls_gguf_cursor cursor;
    ls_gguf *gguf;
    /* Second pass only; NULL in the first. */
    ls_gguf_kv *kvs;
    ls_gguf_tensor *tensors;
    ls_str *strings;
    uint64_t kv_room, tensor_room, string_room;
    uint64_t string_count; /* strings met so far */
} ls_gguf_parser;

/* Purpose: ls_gguf_open with a read-ahead of `window` bytes (at least 1), which must not change the outcome. */
ls_status ls_gguf_open_windowed(const ls_source *source, ls_arena *arena, uint64_t window, const ls_gguf **out,
                                ls_error *err);

/* Purpose: magic, version and counts. */
ls_status ls_gguf_parse_start(ls_gguf_parser *parser);
/* Purpose: one metadata entry; alignment is noted on the way. */
ls_status ls_gguf_parse_kv(ls_gguf_parser *parser, uint64_t number);
/* Purpose: one tensor entry. Its offset is checked against the alignment, and stays relative to the data. */
ls_status ls_gguf_parse_tensor(ls_gguf_parser *parser, uint64_t number);

/* Purpose: take the name of an entry, `limit` bytes at most: not empty, UTF-8, no NUL. The view lasts until the
 * next take. Errors: LS_ERR_LENGTH, LS_ERR_ENCODING, those of take. */
ls_status ls_gguf_parse_name(ls_gguf_parser *parser, uint32_t limit, ls_str *name);

/* Purpose: refuse a file whose second reading differs from its first. */
ls_status ls_gguf_refuse_changed(const ls_gguf_parser *parser);

/* Purpose: place the tensors in the file: absolute offsets, none beyond the end, none over another; by_offset.
 * `tensors` is the array of gguf->tensors. Errors: LS_ERR_TRUNCATED, LS_ERR_OVERFLOW, LS_ERR_OVERLAP,
 * LS_ERR_MEMORY. */
ls_status ls_gguf_place_tensors(ls_gguf *gguf, ls_gguf_tensor *tensors, ls_arena *arena,
                                ls_gguf_report *report);

/* Purpose: what a file that is no GGUF seems to be, from its first n bytes, as the end of a sentence that began
 * "it is no GGUF model: "; never NULL. */
const char *ls_gguf_identify(const unsigned char *bytes, size_t n, uint64_t size);

#endif
