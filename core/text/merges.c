#include "text/merges.h"

#include "base/status.h"

/* A rule with its ids, before it is indexed. */
typedef struct pair {
    uint32_t left;
    ls_merge rule;
} pair;

static ls_status refuse(const ls_vocab *vocab, uint64_t index, const char *why, ls_error *err) {
    char quoted[LS_QUOTE_MAX];
    ls_str merge = vocab->merges[index];
    return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET, "%s: tokenizer.ggml.merges[%llu] is %s: %s", vocab->file,
                   (unsigned long long)index, ls_quote(quoted, merge.bytes, merge.length), why);
}

static ls_status resolve(const ls_vocab *vocab, const ls_lexicon *lexicon, uint32_t index, pair *out,
                         ls_error *err) {
    const ls_str none = LS_STR("");
    ls_str merge = vocab->merges[index];
    const char *space = merge.length > 0 ? memchr(merge.bytes, ' ', merge.length) : NULL;
    if (space == NULL) return refuse(vocab, index, "there must be two tokens with a space between", err);
    ls_str left = {merge.bytes, (size_t)(space - merge.bytes)};
    ls_str right = {space + 1, merge.length - left.length - 1};
    if (left.length == 0 || right.length == 0 || memchr(right.bytes, ' ', right.length) != NULL)
        return refuse(vocab, index, "there must be two tokens with one space between", err);
    *out = (pair){ls_lexicon_find(lexicon, left, none),
                  {ls_lexicon_find(lexicon, right, none), index, ls_lexicon_find(lexicon, left, right)}};
    if (out->left == LS_NO_TOKEN) return refuse(vocab, index, "the left side is not in the vocabulary", err);
    if (out->rule.right == LS_NO_TOKEN)
        return refuse(vocab, index, "the right side is not in the vocabulary", err);
    if (out->rule.merged == LS_NO_TOKEN)
        return refuse(vocab, index, "the two sides together are not in the vocabulary", err);
    return LS_OK;
}

/* Purpose: one stable pass of a counting sort by left or by right id. `start` is room for vocab + 1 counts. */
static void sort_pass(const pair *from, pair *to, uint32_t n, uint32_t *start, uint64_t vocab, int by_left) {
    memset(start, 0, (size_t)(vocab + 1) * sizeof *start);
    for (uint32_t i = 0; i < n; i++) start[(by_left ? from[i].left : from[i].rule.right) + 1]++;
    for (uint64_t v = 0; v < vocab; v++) start[v + 1] += start[v];
    for (uint32_t i = 0; i < n; i++) to[start[by_left ? from[i].left : from[i].rule.right]++] = from[i];
}

/* Purpose: write sorted pairs out as rules; of equal pairs the last one, which has the highest rank, stays. */
static uint32_t write_rules(const pair *sorted, uint32_t n, ls_merge *rules, uint32_t *start, uint64_t vocab) {
    uint32_t used = 0;
    memset(start, 0, (size_t)(vocab + 1) * sizeof *start);
    for (uint32_t i = 0; i < n; i++) {
        int again = i + 1 < n && sorted[i + 1].left == sorted[i].left &&
                    sorted[i + 1].rule.right == sorted[i].rule.right;
        if (again) continue;
        rules[used++] = sorted[i].rule;
        start[sorted[i].left + 1] = used;
    }
    for (uint64_t v = 0; v < vocab; v++)
        if (start[v + 1] < start[v]) start[v + 1] = start[v];
    return used;
}

ls_status ls_merges_build(const ls_vocab *vocab, const ls_lexicon *lexicon, ls_arena *arena, ls_arena *scratch,
                          ls_merges *out, ls_error *err) {
    static const char what[] = "the merge rules";
    uint32_t n = (uint32_t)vocab->merge_count, *start = NULL;
    pair *a = NULL, *b = NULL;
    ls_merge *rules = NULL;
    ls_status status = ls_arena_alloc(scratch, n, sizeof *a, what, &a, err);
    if (status == LS_OK) status = ls_arena_alloc(scratch, n, sizeof *b, what, &b, err);
    if (status == LS_OK) status = ls_arena_alloc(arena, n, sizeof *rules, what, &rules, err);
    if (status == LS_OK) status = ls_arena_alloc(arena, vocab->count + 1, sizeof *start, what, &start, err);
    for (uint32_t i = 0; i < n && status == LS_OK; i++) status = resolve(vocab, lexicon, i, &a[i], err);
    if (status != LS_OK) return status;
    sort_pass(a, b, n, start, vocab->count, 0);
    sort_pass(b, a, n, start, vocab->count, 1);
    write_rules(a, n, rules, start, vocab->count);
    *out = (ls_merges){rules, start};
    return LS_OK;
}

const ls_merge *ls_merges_find(const ls_merges *merges, uint32_t left, uint32_t right) {
    uint32_t low = merges->start[left], high = merges->start[left + 1], end = high;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (merges->rules[middle].right < right)
            low = middle + 1;
        else
            high = middle;
    }
    return low < end && merges->rules[low].right == right ? &merges->rules[low] : NULL;
}
