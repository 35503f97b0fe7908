#include "text/added.h"

#include "base/heap_sort.h"

static int token_less(const void *ctx, size_t i, size_t j) {
    const ls_added_token *a = &((const ls_added *)ctx)->tokens[i], *b = &((const ls_added *)ctx)->tokens[j];
    size_t common = a->text.length < b->text.length ? a->text.length : b->text.length;
    int order = memcmp(a->text.bytes, b->text.bytes, common);
    if (order != 0) return order < 0;
    return a->text.length != b->text.length ? a->text.length < b->text.length : a->id < b->id;
}

static void token_swap(void *ctx, size_t i, size_t j) {
    ls_added_token *tokens = ((ls_added *)ctx)->tokens, moved = tokens[i];
    tokens[i] = tokens[j];
    tokens[j] = moved;
}

static unsigned byte_of(const ls_added *set, uint32_t token, size_t depth) {
    return (unsigned char)set->tokens[token].text.bytes[depth];
}

void ls_added_sort(ls_added *set) {
    ls_sortable items = {set, token_less, token_swap};
    ls_heap_sort(&items, 0, set->count);
    memset(set->first, 0, sizeof set->first);
    for (uint32_t i = 0; i < set->count; i++) set->first[byte_of(set, i, 0) + 1] = i + 1;
    for (unsigned b = 0; b < 256; b++)
        if (set->first[b + 1] < set->first[b]) set->first[b + 1] = set->first[b];
}

/* Purpose: the first token of [low, high), all longer than depth and alike before it, whose byte there is at
 * least `byte`. */
static uint32_t lower_bound(const ls_added *set, uint32_t low, uint32_t high, size_t depth, unsigned byte) {
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (byte_of(set, middle, depth) < byte)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Purpose: the longest token that starts at `at`: the range of tokens that agree with the text narrows byte by
 * byte; one that ends stands first in its range. */
static ls_added_match longest_at(const ls_added *set, ls_str text, size_t at) {
    ls_added_match found = {at, 0, 0};
    unsigned byte = (unsigned char)text.bytes[at];
    uint32_t low = set->first[byte], high = set->first[byte + 1];
    for (size_t depth = 1; low < high; depth++) {
        if (set->tokens[low].text.length == depth) found = (ls_added_match){at, depth, set->tokens[low].id};
        while (low < high && set->tokens[low].text.length == depth) low++;
        if (low == high || depth == text.length - at) break;
        byte = (unsigned char)text.bytes[at + depth];
        low = lower_bound(set, low, high, depth, byte);
        high = lower_bound(set, low, high, depth, byte + 1);
    }
    return found;
}

ls_added_match ls_added_find(const ls_added *set, ls_str text, size_t from) {
    ls_added_match found = {text.length, 0, 0};
    for (size_t at = from; set->count > 0 && at < text.length && found.length == 0; at++) {
        unsigned byte = (unsigned char)text.bytes[at];
        if (set->first[byte] < set->first[byte + 1]) found = longest_at(set, text, at);
    }
    return found.length > 0 ? found : (ls_added_match){text.length, 0, 0};
}
