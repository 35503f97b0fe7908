#include "support/debug_allocator.h"

#include <stdlib.h>
#include <string.h>

/* In front of every block; 16 bytes keep the payload aligned. */
typedef union block_header {
    size_t size;
    unsigned char room[16];
} block_header;

static void *debug_alloc(void *ctx, size_t size) {
    debug_allocator *debug = ctx;
    debug->allocations++;
    if (debug->allocations == debug->fail_at || size > SIZE_MAX - sizeof(block_header)) return NULL;
    block_header *block = malloc(sizeof *block + size);
    if (block == NULL) return NULL;
    block->size = size;
    memset(block + 1, 0xa5, size);
    debug->live++;
    debug->bytes += size;
    if (debug->bytes > debug->peak) debug->peak = debug->bytes;
    return block + 1;
}

static void debug_release(void *ctx, void *ptr) {
    debug_allocator *debug = ctx;
    if (ptr == NULL) return;
    block_header *block = (block_header *)ptr - 1;
    debug->live--;
    debug->bytes -= block->size;
    free(block);
}

ls_allocator debug_allocator_open(debug_allocator *debug) {
    *debug = (debug_allocator){0};
    return (ls_allocator){debug, debug_alloc, debug_release};
}
