#include "text/pretokenize.h"
#include "text/scan.h"

/* Purpose: end of a piece that starts, after at most one space, with a character that is not white space. */
static int takes_space(const char *text, size_t n, size_t at, ls_char_class *next_class) {
    size_t next = at;
    if (text[at] != ' ' || at + 1 == n) return 0;
    *next_class = ls_scan_class(text, n, at + 1, &next);
    return *next_class != LS_CHAR_SPACE;
}

size_t ls_scan_gpt2(const char *text, size_t n, size_t at) {
    size_t special = ls_scan_contraction(text, n, at);
    if (special > 0) return at + special;
    size_t start = at, next = at, last = at;
    ls_char_class class = LS_CHAR_SPACE;
    if (takes_space(text, n, at, &class))
        start = at + 1;
    else
        class = ls_scan_class(text, n, at, &next);
    size_t end = ls_scan_run(text, n, start, class, &last);
    /* White space before a word leaves its last character to the word, unless it is the only one. */
    if (class == LS_CHAR_SPACE && end < n && last > start) return last;
    return end;
}

/* Every number is cut out first, and what is between them goes the way of GPT-2 as if it were a text of its
 * own: so a number takes no space along, and white space before one is at the end of its text. */
size_t ls_scan_smollm(const char *text, size_t n, size_t at) {
    size_t next = at, last = at;
    ls_char_class class = ls_scan_class(text, n, at, &next), after = LS_CHAR_SPACE;
    if (class == LS_CHAR_NUMBER) return next;
    if (class != LS_CHAR_SPACE || (takes_space(text, n, at, &after) && after != LS_CHAR_NUMBER))
        return ls_scan_gpt2(text, n, at);
    size_t end = ls_scan_run(text, n, at, LS_CHAR_SPACE, &last);
    if (end < n && last > at && ls_scan_class(text, n, end, &next) != LS_CHAR_NUMBER) return last;
    return end;
}
