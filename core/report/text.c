#include "report/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "report/decimal.h"

void ls_text_init(ls_text *text, const ls_allocator *allocator) { *text = (ls_text){.allocator = *allocator}; }

static int reserve(ls_text *text, size_t extra) {
    if (text->failed) return 0;
    if (text->capacity - text->length > extra) return 1;
    size_t wanted = text->capacity < 4096 ? 8192 : text->capacity * 2;
    while (wanted - text->length <= extra && wanted < SIZE_MAX / 2) wanted *= 2;
    char *grown = text->allocator.alloc(text->allocator.ctx, wanted);
    if (grown == NULL) {
        text->failed = 1;
        return 0;
    }
    if (text->length > 0) memcpy(grown, text->bytes, text->length);
    if (text->bytes != NULL) text->allocator.release(text->allocator.ctx, text->bytes);
    text->bytes = grown;
    text->capacity = wanted;
    return 1;
}

void ls_text_bytes(ls_text *text, const char *bytes, size_t n) {
    if (!reserve(text, n)) return;
    memcpy(text->bytes + text->length, bytes, n);
    text->length += n;
}

void ls_text_string(ls_text *text, const char *string) { ls_text_bytes(text, string, strlen(string)); }

ls_status ls_text_finish(ls_text *text, char **out, size_t *length, ls_error *err) {
    if (!reserve(text, 1)) {
        if (text->bytes != NULL) text->allocator.release(text->allocator.ctx, text->bytes);
        return ls_fail(err, LS_ERR_MEMORY, LS_NO_OFFSET, "not enough memory to write the result");
    }
    text->bytes[text->length] = '\0';
    *out = text->bytes;
    if (length != NULL) *length = text->length;
    return LS_OK;
}

void ls_text_u64(ls_text *text, uint64_t value) {
    char digits[20], *first = digits + sizeof digits;
    do *--first = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    ls_text_bytes(text, first, (size_t)(digits + sizeof digits - first));
}

void ls_text_f32(ls_text *text, float value) {
    char digits[LS_DECIMAL_MAX] = "null";
    if (isfinite(value)) ls_decimal_f32(value, digits);
    ls_text_string(text, digits);
}

void ls_text_f64(ls_text *text, double value) {
    char digits[32] = "null";
    for (int precision = 15; isfinite(value) && precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (strtod(digits, NULL) == value) break;
    }
    ls_text_string(text, digits);
}

void ls_text_json_string(ls_text *text, const char *string) {
    ls_text_bytes(text, "\"", 1);
    for (const char *c = string; *c != '\0'; c++) {
        char escaped[8];
        unsigned char byte = (unsigned char)*c;
        if (byte == '"' || byte == '\\')
            snprintf(escaped, sizeof escaped, "\\%c", byte);
        else if (byte < 0x20 || byte == 0x7f)
            snprintf(escaped, sizeof escaped, "\\u%04x", byte);
        else
            snprintf(escaped, sizeof escaped, "%c", byte);
        ls_text_string(text, escaped);
    }
    ls_text_bytes(text, "\"", 1);
}
