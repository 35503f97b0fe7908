#include "text/normalize.h"

#include "base/utf8.h"
#include "text/unicode.h"

/* A text taken apart: code points and their combining classes. */
typedef struct parts {
    uint32_t *codes;
    uint8_t *classes;
    size_t count;
} parts;

/* Purpose: whether the text is certainly in NFC; when it says no, it may still be. */
static int is_nfc(ls_str text) {
    uint8_t last = 0;
    for (size_t at = 0; at < text.length;) {
        uint32_t code = (unsigned char)text.bytes[at];
        size_t length = code < 0x80 ? 1 : ls_utf8_decode(text.bytes + at, text.length - at, &code);
        int doubtful = 0;
        uint8_t class = ls_unicode_combining(code, &doubtful);
        if (doubtful || (class != 0 && class < last)) return 0;
        last = class;
        at += length;
    }
    return 1;
}

/* Purpose: take a text apart into `into`, or only count when into->codes is NULL. */
static void decompose(ls_str text, parts *into) {
    into->count = 0;
    for (size_t at = 0; at < text.length;) {
        uint32_t code = 0, piece[LS_DECOMPOSE_MAX];
        at += ls_utf8_decode(text.bytes + at, text.length - at, &code);
        unsigned n = ls_unicode_decompose_full(code, piece);
        for (unsigned i = 0; i < n; i++, into->count++) {
            if (into->codes == NULL) continue;
            into->codes[into->count] = piece[i];
            into->classes[into->count] = ls_unicode_combining(piece[i], NULL);
        }
    }
}

/* Purpose: order one short run of marks by class, keeping equals in place. */
static void sort_short_run(uint32_t *codes, uint8_t *classes, size_t n) {
    for (size_t i = 1; i < n; i++) {
        uint32_t code = codes[i];
        uint8_t class = classes[i];
        size_t at = i;
        for (; at > 0 && classes[at - 1] > class; at--) {
            codes[at] = codes[at - 1];
            classes[at] = classes[at - 1];
        }
        codes[at] = code;
        classes[at] = class;
    }
}

/* Purpose: the same for a run of any length in linear time; room holds n code points. */
static void sort_long_run(uint32_t *codes, uint8_t *classes, size_t n, uint32_t *room) {
    size_t start[257] = {0};
    for (size_t i = 0; i < n; i++) start[classes[i] + 1]++;
    for (size_t c = 0; c < 256; c++) start[c + 1] += start[c];
    size_t next[256];
    memcpy(next, start, sizeof next);
    for (size_t i = 0; i < n; i++) room[next[classes[i]]++] = codes[i];
    memcpy(codes, room, n * sizeof *codes);
    for (size_t c = 0; c < 256; c++) memset(classes + start[c], (int)c, start[c + 1] - start[c]);
}

/* Purpose: canonical order: each run of marks (class above 0) sorted by class. */
static void order(parts *p, uint32_t *room) {
    enum { SHORT_RUN = 64 };
    for (size_t at = 0; at < p->count;) {
        size_t end = at;
        while (end < p->count && p->classes[end] != 0) end++;
        if (end - at <= SHORT_RUN)
            sort_short_run(p->codes + at, p->classes + at, end - at);
        else
            sort_long_run(p->codes + at, p->classes + at, end - at, room);
        at = end + 1;
    }
}

/* Purpose: put together, in place, what composes: each character with the last starter before it, unless
 * another of the same or a higher class stands between. */
static void compose(parts *p) {
    size_t used = 0, starter = 0;
    int has_starter = 0;
    for (size_t i = 0; i < p->count; i++) {
        uint32_t code = p->codes[i], whole = 0;
        uint8_t class = p->classes[i];
        int blocked = !has_starter || (used > starter + 1 && p->classes[used - 1] >= class);
        if (!blocked) whole = ls_unicode_compose_pair(p->codes[starter], code);
        if (whole != 0) {
            p->codes[starter] = whole;
            continue;
        }
        if (class == 0) {
            starter = used;
            has_starter = 1;
        }
        p->codes[used] = code;
        p->classes[used++] = class;
    }
    p->count = used;
}

static ls_status write_utf8(const parts *p, ls_arena *arena, ls_str *out, ls_error *err) {
    char one[4], *bytes = NULL;
    uint64_t size = 0;
    for (size_t i = 0; i < p->count; i++) size += ls_utf8_encode(p->codes[i], one);
    ls_status status = ls_arena_alloc(arena, size, 1, "a normalised text", &bytes, err);
    if (status != LS_OK) return status;
    size_t used = 0;
    for (size_t i = 0; i < p->count; i++) {
        size_t length = ls_utf8_encode(p->codes[i], one);
        memcpy(bytes + used, one, length);
        used += length;
    }
    *out = (ls_str){bytes, used};
    return LS_OK;
}

ls_status ls_nfc(ls_str text, ls_arena *arena, ls_str *out, ls_error *err) {
    *out = text;
    if (is_nfc(text)) return LS_OK;
    parts p = {NULL, NULL, 0};
    uint32_t *room = NULL;
    decompose(text, &p);
    uint64_t count = p.count;
    ls_status status = ls_arena_alloc(arena, count, sizeof *room, "the order of marks", &room, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, count, sizeof *p.classes, "combining classes", &p.classes, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, count, sizeof *p.codes, "a decomposed text", &p.codes, err);
    if (status != LS_OK) return status;
    decompose(text, &p);
    order(&p, room);
    compose(&p);
    return write_utf8(&p, arena, out, err);
}
