#include "base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

const char *ls_status_name(ls_status status) {
    static const char *const names[] = {
#define X(code, name) name,
        LS_STATUS_LIST(X)
#undef X
    };
    return (size_t)status < sizeof names / sizeof *names ? names[status] : "unknown";
}

ls_status ls_fail(ls_error *err, ls_status status, uint64_t offset, const char *format, ...) {
    if (err == NULL) return status;
    err->status = status;
    err->offset = offset;
    va_list args;
    va_start(args, format);
    int written = vsnprintf(err->message, sizeof err->message, format, args);
    va_end(args);
    if (written < 0) err->message[0] = '\0';
    size_t length = strlen(err->message);
    err->message[ls_utf8_valid_prefix(err->message, length)] = '\0';
    return status;
}

const char *ls_quote(char out[LS_QUOTE_MAX], const char *bytes, size_t n) {
    enum { SHOWN = 60 };
    static const char hex[] = "0123456789abcdef";
    size_t at = 0, used = 0;
    out[used++] = '"';
    while (at < n && at < SHOWN) {
        uint32_t code = 0;
        size_t length = ls_utf8_decode(bytes + at, n - at, &code);
        if (length > 0 && code >= 0x20 && !(code >= 0x7f && code < 0xa0)) {
            memcpy(out + used, bytes + at, length);
            used += length;
            at += length;
            continue;
        }
        unsigned char byte = (unsigned char)bytes[at++];
        out[used++] = '\\';
        out[used++] = 'x';
        out[used++] = hex[byte >> 4];
        out[used++] = hex[byte & 15];
    }
    if (at < n) {
        memcpy(out + used, "...", 3);
        used += 3;
    }
    out[used++] = '"';
    out[used] = '\0';
    return out;
}
