#define _DEFAULT_SOURCE /* madvise */
#include "base/arena.h"

#include <stdlib.h>
#include <string.h>

#ifdef __linux__
#include <sys/mman.h>
#include <unistd.h>
#endif

#include "base/sizes.h"
#include "base/status.h"

/* Each allocation is a block of its own: arenas here hold a few dozen large arrays, and separate blocks let
 * AddressSanitizer see every overrun. 16 bytes of header keep the payload aligned. */
struct ls_arena_block {
    ls_arena_block *next;
    char padding[16 - sizeof(ls_arena_block *)];
};

static void *default_alloc(void *ctx, size_t size) {
    (void)ctx;
    return malloc(size);
}

static void default_release(void *ctx, void *ptr) {
    (void)ctx;
    free(ptr);
}

ls_allocator ls_allocator_default(void) { return (ls_allocator){NULL, default_alloc, default_release}; }

void ls_arena_init(ls_arena *arena, const ls_allocator *allocator) {
    arena->allocator = *allocator;
    arena->blocks = NULL;
    arena->bytes = 0;
}

void ls_arena_init_counting(ls_arena *arena) { *arena = (ls_arena){.allocator = {NULL, NULL, NULL}}; }

void ls_arena_clear(ls_arena *arena) {
    ls_arena_block *block = arena->blocks;
    while (block != NULL) {
        ls_arena_block *next = block->next;
        arena->allocator.release(arena->allocator.ctx, block);
        block = next;
    }
    arena->blocks = NULL;
    arena->bytes = 0;
}

static ls_status take(const ls_allocator *allocator, uint64_t count, uint64_t size, const char *what,
                      void **out, ls_error *err) {
    uint64_t wide = 0;
    size_t bytes = 0;
    if (!ls_mul_u64(count, size, &wide) || !ls_to_size(wide, &bytes))
        return ls_fail(err, LS_ERR_OVERFLOW, LS_NO_OFFSET,
                       "%s would need %llu items of %llu bytes, more than this build can address", what,
                       (unsigned long long)count, (unsigned long long)size);
    if (bytes == 0) bytes = 1;
    *out = allocator->alloc(allocator->ctx, bytes);
    if (*out != NULL) return LS_OK;
    return ls_fail(err, LS_ERR_MEMORY, LS_NO_OFFSET, "not enough memory for %s (%llu bytes)", what,
                   (unsigned long long)bytes);
}

/* Large pages for large blocks, where the system has them: finding small ones, page by page, is a good part of
 * the time that loading a model takes. A refusal changes nothing. */
static void prefer_large_pages(void *memory, uint64_t bytes) {
#ifdef __linux__
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), large = (uintptr_t)1 << 21;
    uintptr_t first = ((uintptr_t)memory + page - 1) / page * page, end = (uintptr_t)memory + (uintptr_t)bytes;
    if (bytes >= large) (void)madvise((char *)memory + (first - (uintptr_t)memory), end - first, MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}

ls_status ls_alloc(const ls_allocator *allocator, uint64_t count, uint64_t size, const char *what,
                   void *out_pointer, ls_error *err) {
    void *memory = NULL;
    ls_status status = take(allocator, count, size, what, &memory, err);
    if (memory == NULL) return status;
    memset(memory, 0, (size_t)(count * size));
    memcpy(out_pointer, &memory, sizeof memory);
    return LS_OK;
}

ls_status ls_arena_reserve(ls_arena *arena, uint64_t count, uint64_t size, const char *what, void *out_pointer,
                           ls_error *err) {
    uint64_t payload = 0, total = 0;
    if (!ls_mul_u64(count, size, &payload) || !ls_add_u64(payload, sizeof(ls_arena_block), &total))
        return ls_fail(err, LS_ERR_OVERFLOW, LS_NO_OFFSET,
                       "%s would need %llu items of %llu bytes, more than 64 bits can count", what,
                       (unsigned long long)count, (unsigned long long)size);
    void *taken = NULL, *memory = NULL;
    if (arena->allocator.alloc != NULL) {
        ls_status status = take(&arena->allocator, total, 1, what, &taken, err);
        if (taken == NULL) return status;
        ls_arena_block *block = taken;
        prefer_large_pages(block, total);
        block->next = arena->blocks;
        arena->blocks = block;
        memory = block + 1;
    }
    arena->bytes += total;
    memcpy(out_pointer, &memory, sizeof memory);
    return LS_OK;
}

ls_status ls_arena_alloc(ls_arena *arena, uint64_t count, uint64_t size, const char *what, void *out_pointer,
                         ls_error *err) {
    void *memory = NULL;
    ls_status status = ls_arena_reserve(arena, count, size, what, &memory, err);
    if (status != LS_OK) return status;
    if (memory != NULL) memset(memory, 0, (size_t)(count * size));
    memcpy(out_pointer, &memory, sizeof memory);
    return LS_OK;
}
