/* Sorting in place: n log n whatever the input, no recursion, no memory. */
#ifndef LS_BASE_HEAP_SORT_H
#define LS_BASE_HEAP_SORT_H

#include <stddef.h>

/* What is sorted: items 0..n-1 behind a context. `less` is a strict order of the items at i and j. */
typedef struct ls_sortable {
    void *ctx;
    int (*less)(const void *ctx, size_t i, size_t j);
    void (*swap)(void *ctx, size_t i, size_t j);
} ls_sortable;

/* Purpose: sort the items from first up to, not including, end. Not stable: let `less` decide every pair. */
void ls_heap_sort(const ls_sortable *items, size_t first, size_t end);

#endif
