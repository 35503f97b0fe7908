#include "base/heap_sort.h"

/* Purpose: let the item at `at` sink to its place in the heap of n items from `first`. */
static void sink(const ls_sortable *s, size_t first, size_t at, size_t n) {
    for (;;) {
        if (at >= n / 2) return;
        size_t child = 2 * at + 1;
        if (child + 1 < n && s->less(s->ctx, first + child, first + child + 1)) child++;
        if (!s->less(s->ctx, first + at, first + child)) return;
        s->swap(s->ctx, first + at, first + child);
        at = child;
    }
}

void ls_heap_sort(const ls_sortable *items, size_t first, size_t end) {
    size_t n = end - first;
    for (size_t i = n / 2; i-- > 0;) sink(items, first, i, n);
    while (n > 1) {
        items->swap(items->ctx, first, first + --n);
        sink(items, first, 0, n);
    }
}
