/* The pattern that Qwen2 and Llama 3 share but for the length of numbers. */
#include "text/pretokenize.h"
#include "text/scan.h"

static int is_line_break(char byte) { return byte == '\r' || byte == '\n'; }

/* Purpose: length of a contraction in letters of any case, or 0. The long s (U+017F) is a form of s. */
static size_t contraction(const char *text, size_t n, size_t at) {
    char lower[3] = {'\'', 0, 0};
    size_t known = n - at < sizeof lower ? n - at : sizeof lower;
    if (text[at] != '\'') return 0;
    if (known == sizeof lower && text[at + 1] == '\xc5' && text[at + 2] == '\xbf') return sizeof lower;
    for (size_t i = 1; i < known; i++) {
        char byte = text[at + i];
        lower[i] = (char)(byte >= 'A' && byte <= 'Z' ? byte + ('a' - 'A') : byte);
    }
    return ls_scan_contraction(lower, known, 0);
}

/* Purpose: end of a word of letters at `at`, which may start with one character that is no number and breaks no
 * line; or `at`. */
static size_t word_end(const char *text, size_t n, size_t at) {
    size_t next = at, last = at;
    ls_char_class class = ls_scan_class(text, n, at, &next);
    if (class == LS_CHAR_NUMBER || is_line_break(text[at])) return at;
    if (class == LS_CHAR_LETTER) return ls_scan_run(text, n, at, LS_CHAR_LETTER, &last);
    size_t end = ls_scan_run(text, n, next, LS_CHAR_LETTER, &last);
    return end > next ? end : at;
}

static size_t number_end(const char *text, size_t n, size_t at, unsigned most) {
    size_t next = at;
    for (unsigned i = 0; i < most && at < n && ls_scan_class(text, n, at, &next) == LS_CHAR_NUMBER; i++)
        at = next;
    return at;
}

/* Purpose: end of a run of signs after at most one space, with the line breaks behind it; or `at`. */
static size_t signs_end(const char *text, size_t n, size_t at) {
    size_t start = at + (text[at] == ' '), last = at;
    size_t end = ls_scan_run(text, n, start, LS_CHAR_OTHER, &last);
    if (end == start) return at;
    while (end < n && is_line_break(text[end])) end++;
    return end;
}

/* Purpose: end of white space: after its last line break; where it has none, before its last character when
 * something follows to which that may belong. */
static size_t space_end(const char *text, size_t n, size_t at) {
    size_t last = at, end = ls_scan_run(text, n, at, LS_CHAR_SPACE, &last), lines = end;
    while (lines > at && !is_line_break(text[lines - 1])) lines--;
    if (lines > at) return lines;
    return end < n && last > at ? last : end;
}

static size_t scan(const char *text, size_t n, size_t at, unsigned digits) {
    size_t end = at + contraction(text, n, at);
    if (end == at) end = word_end(text, n, at);
    if (end == at) end = number_end(text, n, at, digits);
    if (end == at) end = signs_end(text, n, at);
    return end == at ? space_end(text, n, at) : end;
}

size_t ls_scan_qwen2(const char *text, size_t n, size_t at) { return scan(text, n, at, 1); }

size_t ls_scan_llama3(const char *text, size_t n, size_t at) { return scan(text, n, at, 3); }
