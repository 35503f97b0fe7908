#include "report/text.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/math.h"
#include "base/status.h"

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
    char digits[24];
    snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    ls_text_string(text, digits);
}

/* About how many significant digits name the number among all floats, 6 to 9, by arithmetic: printing and
 * reading back every length would be most of a report's time. A guess below the least is found out by reading
 * back. */
static int digits_needed(double value) {
    static const double power[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                   1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    enum { POWERS = sizeof power / sizeof *power };
    if (value == 0.0) return 6;
    int exponent = (int)floor(ls_log(fabs(value)) * 0.43429448190325183);
    for (int digits = 6; digits < 9; digits++) {
        int shift = digits - 1 - exponent; /* decimals that are kept */
        if (shift <= -POWERS || shift >= POWERS) return 6;
        double scale = power[shift < 0 ? -shift : shift];
        double rounded = shift < 0 ? rint(value / scale) * scale : rint(value * scale) / scale;
        if ((float)rounded == (float)value) return digits;
    }
    return 9;
}

void ls_text_f32(ls_text *text, float value) {
    char digits[32] = "null";
    for (int precision = isfinite(value) ? digits_needed((double)value) : 10; precision <= 9; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, (double)value);
        if (strtof(digits, NULL) == value) break;
    }
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
