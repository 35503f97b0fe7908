/* A growing text: the one place where output is formatted. An allocation that fails is remembered and reported
 * by ls_text_finish, so that writers need no checks of their own. */
#ifndef LS_REPORT_TEXT_H
#define LS_REPORT_TEXT_H

#include "logitscope.h"

typedef struct ls_text {
    ls_allocator allocator;
    char *bytes;
    size_t length, capacity;
    int failed;
} ls_text;

void ls_text_init(ls_text *text, const ls_allocator *allocator);
/* Purpose: hand the text over (NUL-terminated), or release it and report LS_ERR_MEMORY. */
ls_status ls_text_finish(ls_text *text, char **out, size_t *length, ls_error *err);

void ls_text_bytes(ls_text *text, const char *bytes, size_t n);
void ls_text_string(ls_text *text, const char *string);
void ls_text_u64(ls_text *text, uint64_t value);
/* The shortest decimal that reads back as the same number; `null` when it is not finite. */
void ls_text_f32(ls_text *text, float value);
void ls_text_f64(ls_text *text, double value);
/* A JSON string: valid UTF-8 in, quotes and control characters escaped. */
void ls_text_json_string(ls_text *text, const char *string);

#endif
