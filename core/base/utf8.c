#include "base/utf8.h"

static int is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

size_t ls_utf8_decode(const char *bytes, size_t n, uint32_t *code) {
    const unsigned char *b = (const unsigned char *)bytes;
    if (n == 0) return 0;
    if (b[0] < 0x80) {
        *code = b[0];
        return 1;
    }
    if (b[0] >= 0xc2 && b[0] < 0xe0) {
        if (n < 2 || !is_continuation(b[1])) return 0;
        *code = (uint32_t)(b[0] & 0x1f) << 6 | (b[1] & 0x3f);
        return 2;
    }
    if (b[0] >= 0xe0 && b[0] < 0xf0) {
        if (n < 3 || !is_continuation(b[1]) || !is_continuation(b[2])) return 0;
        uint32_t value = (uint32_t)(b[0] & 0x0f) << 12 | (uint32_t)(b[1] & 0x3f) << 6 | (b[2] & 0x3f);
        if (value < 0x800 || (value >= 0xd800 && value < 0xe000)) return 0;
        *code = value;
        return 3;
    }
    if (b[0] >= 0xf0 && b[0] < 0xf5) {
        if (n < 4 || !is_continuation(b[1]) || !is_continuation(b[2]) || !is_continuation(b[3])) return 0;
        uint32_t value = (uint32_t)(b[0] & 0x07) << 18 | (uint32_t)(b[1] & 0x3f) << 12 |
                         (uint32_t)(b[2] & 0x3f) << 6 | (b[3] & 0x3f);
        if (value < 0x10000 || value > 0x10ffff) return 0;
        *code = value;
        return 4;
    }
    return 0;
}

size_t ls_utf8_encode(uint32_t code, char out[4]) {
    unsigned char *o = (unsigned char *)out;
    if (code < 0x80) {
        o[0] = (unsigned char)code;
        return 1;
    }
    if (code < 0x800) {
        o[0] = (unsigned char)(0xc0 | code >> 6);
        o[1] = (unsigned char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        o[0] = (unsigned char)(0xe0 | code >> 12);
        o[1] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
        o[2] = (unsigned char)(0x80 | (code & 0x3f));
        return 3;
    }
    o[0] = (unsigned char)(0xf0 | code >> 18);
    o[1] = (unsigned char)(0x80 | (code >> 12 & 0x3f));
    o[2] = (unsigned char)(0x80 | (code >> 6 & 0x3f));
    o[3] = (unsigned char)(0x80 | (code & 0x3f));
    return 4;
}

size_t ls_utf8_valid_prefix(const char *bytes, size_t n) {
    size_t at = 0;
    while (at < n) {
        uint32_t code = 0;
        size_t length = ls_utf8_decode(bytes + at, n - at, &code);
        if (length == 0) break;
        at += length;
    }
    return at;
}
