#include "text/unicode.h"

#include <stddef.h>

#include "text/unicode_tables.h"

/* Hangul syllables compose by arithmetic: syllable = base + (lead * 21 + vowel) * 28 + tail. */
enum {
    SYLLABLE = 0xac00,
    LEAD = 0x1100,
    VOWEL = 0x1161,
    TAIL = 0x11a7, /* one before the first: tail 0 means none */
    LEADS = 19,
    VOWELS = 21,
    TAILS = 28,
    SYLLABLES = LEADS * VOWELS * TAILS
};

#define PART_BITS 21
#define PART_MASK ((1u << PART_BITS) - 1)

/* Purpose: the value that holds at `code` in a table of start << bits | value. */
static uint32_t value_at(const uint32_t *table, size_t count, unsigned bits, uint32_t code) {
    size_t low = 0, high = count; /* table[low] starts at or before code, table[high] after it */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (table[middle] >> bits <= code)
            low = middle;
        else
            high = middle;
    }
    return table[low] & ((1u << bits) - 1);
}

/* Purpose: the first entry at or above `key`; `count` when there is none. */
static size_t lower_bound(const uint64_t *table, size_t count, uint64_t key) {
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (table[middle] < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static ls_char_class classify_ascii(uint32_t code) {
    if ((code | 0x20) >= 'a' && (code | 0x20) <= 'z') return LS_CHAR_LETTER;
    if (code >= '0' && code <= '9') return LS_CHAR_NUMBER;
    return code == ' ' || (code >= '\t' && code <= '\r') ? LS_CHAR_SPACE : LS_CHAR_OTHER;
}

ls_char_class ls_unicode_classify(uint32_t code) {
    if (code < 0x80) return classify_ascii(code);
    return (ls_char_class)value_at(ls_unicode_class, ls_unicode_class_count, 2, code);
}

uint8_t ls_unicode_combining(uint32_t code, int *doubtful) {
    uint32_t value = 0;
    if (code >= LS_NFC_TRIVIAL) value = value_at(ls_unicode_normal, ls_unicode_normal_count, 9, code);
    if (doubtful != NULL) *doubtful = (int)(value >> 8);
    return (uint8_t)(value & 0xff);
}

static unsigned decompose_hangul(uint32_t index, uint32_t out[LS_DECOMPOSE_MAX]) {
    out[0] = LEAD + index / (VOWELS * TAILS);
    out[1] = VOWEL + index % (VOWELS * TAILS) / TAILS;
    out[2] = TAIL + index % TAILS;
    return index % TAILS == 0 ? 2 : 3;
}

unsigned ls_unicode_decompose_full(uint32_t code, uint32_t out[LS_DECOMPOSE_MAX]) {
    if (code - SYLLABLE < SYLLABLES) return decompose_hangul(code - SYLLABLE, out);
    uint32_t tail[LS_DECOMPOSE_MAX]; /* second parts, the outermost first; only first parts decompose further */
    unsigned depth = 0, count = 0;
    while (code >= 0xc0 && depth < LS_DECOMPOSE_MAX - 1) {
        uint64_t key = (uint64_t)code << 2 * PART_BITS;
        size_t at = lower_bound(ls_unicode_decompose, ls_unicode_decompose_count, key);
        if (at == ls_unicode_decompose_count || ls_unicode_decompose[at] >> 2 * PART_BITS != code) break;
        uint32_t second = (uint32_t)(ls_unicode_decompose[at] & PART_MASK);
        code = (uint32_t)(ls_unicode_decompose[at] >> PART_BITS & PART_MASK);
        if (second != 0) tail[depth++] = second;
    }
    out[count++] = code;
    while (depth > 0) out[count++] = tail[--depth];
    return count;
}

uint32_t ls_unicode_compose_pair(uint32_t first, uint32_t second) {
    if (first - LEAD < LEADS && second - VOWEL < VOWELS)
        return SYLLABLE + ((first - LEAD) * VOWELS + (second - VOWEL)) * TAILS;
    if (first - SYLLABLE < SYLLABLES && (first - SYLLABLE) % TAILS == 0 && second - TAIL - 1 < TAILS - 1)
        return first + (second - TAIL);
    uint64_t key = ((uint64_t)first << PART_BITS | second) << PART_BITS;
    size_t at = lower_bound(ls_unicode_compose, ls_unicode_compose_count, key);
    if (at == ls_unicode_compose_count || ls_unicode_compose[at] >> PART_BITS != key >> PART_BITS) return 0;
    return (uint32_t)(ls_unicode_compose[at] & PART_MASK);
}
