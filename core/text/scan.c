#include "text/scan.h"

#include <string.h>

#include "base/utf8.h"

ls_char_class ls_scan_class(const char *text, size_t n, size_t at, size_t *end) {
    unsigned char byte = (unsigned char)text[at];
    uint32_t code = byte;
    size_t length = byte < 0x80 ? 1 : ls_utf8_decode(text + at, n - at, &code);
    *end = at + (length > 0 ? length : 1);
    return ls_unicode_classify(code);
}

size_t ls_scan_run(const char *text, size_t n, size_t at, ls_char_class class, size_t *last) {
    size_t end = at;
    *last = at;
    while (at < n && ls_scan_class(text, n, at, &end) == class) {
        *last = at;
        at = end;
    }
    return at;
}

size_t ls_scan_contraction(const char *text, size_t n, size_t at) {
    static const char *const endings[] = {"s", "t", "re", "ve", "m", "ll", "d"};
    if (text[at] != '\'') return 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(endings[i]);
        if (length < n - at && memcmp(text + at + 1, endings[i], length) == 0) return 1 + length;
    }
    return 0;
}
