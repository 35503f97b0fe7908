#include "text/bytes.h"

#include "base/utf8.h"

/* The bytes that do not stand for themselves: 0x00..0x20, 0x7f..0xa0 and 0xad. */
enum { FIRST_SHIFTED = 0x100, LOW = 0x21, MIDDLE = 0x7f, MIDDLE_END = 0xa1, LONE = 0xad, SHIFTED = 68 };

uint32_t ls_byte_symbol(uint8_t byte) {
    if (byte < LOW) return FIRST_SHIFTED + byte;
    if (byte >= MIDDLE && byte < MIDDLE_END) return FIRST_SHIFTED + LOW + (uint32_t)(byte - MIDDLE);
    if (byte == LONE) return FIRST_SHIFTED + SHIFTED - 1;
    return byte;
}

int ls_symbol_byte(uint32_t code) {
    if (code < FIRST_SHIFTED) {
        int itself = code >= LOW && (code < MIDDLE || code >= MIDDLE_END) && code != LONE;
        return itself ? (int)code : -1;
    }
    uint32_t index = code - FIRST_SHIFTED;
    if (index < LOW) return (int)index;
    if (index < SHIFTED - 1) return (int)(MIDDLE + index - LOW);
    return index == SHIFTED - 1 ? LONE : -1;
}

size_t ls_symbols_to_bytes(ls_str token, char *out) {
    size_t at = 0, used = 0;
    while (at < token.length) {
        uint32_t code = 0;
        size_t length = ls_utf8_decode(token.bytes + at, token.length - at, &code);
        int byte = length > 0 ? ls_symbol_byte(code) : -1;
        if (byte < 0) break;
        out[used++] = (char)(unsigned char)byte;
        at += length;
    }
    if (at == token.length) return used;
    memcpy(out, token.bytes, token.length);
    return token.length;
}

/* Purpose: value of a hexadecimal digit, or -1. */
static int digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

int ls_byte_name(ls_str token, uint8_t *byte) {
    static const char form[] = "<0x00>";
    if (token.length != sizeof form - 1 || memcmp(token.bytes, form, 3) != 0 || token.bytes[5] != '>') return 0;
    int high = digit(token.bytes[3]), low = digit(token.bytes[4]);
    if (high < 0 || low < 0) return 0;
    *byte = (uint8_t)(high << 4 | low);
    return 1;
}
