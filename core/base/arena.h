/* Memory: one arena per object, so that an object is closed by releasing its arena, whatever was refused on the
 * way. Sizes are checked in 64 bits first, since size_t has 32 bits in WebAssembly. */
#ifndef LS_BASE_ARENA_H
#define LS_BASE_ARENA_H

#include "logitscope.h"

typedef struct ls_arena_block ls_arena_block;

typedef struct ls_arena {
    ls_allocator allocator;
    ls_arena_block *blocks;
    uint64_t bytes; /* asked of the allocator so far */
} ls_arena;

/* Purpose: the malloc-backed allocator. */
ls_allocator ls_allocator_default(void);

void ls_arena_init(ls_arena *arena, const ls_allocator *allocator);
/* Purpose: an arena that only counts: what it hands out is NULL, and its `bytes` are those of a real one. */
void ls_arena_init_counting(ls_arena *arena);
/* Purpose: release everything the arena handed out. The arena can be used again. */
void ls_arena_clear(ls_arena *arena);

/* Purpose: count * size zeroed bytes, aligned to 16, that live until the arena is cleared; `what` names them in
 * the message. count * size may be 0: *out is then a valid pointer to nothing.
 * Errors: LS_ERR_OVERFLOW when the product does not fit in size_t, LS_ERR_MEMORY when refused. */
ls_status ls_arena_alloc(ls_arena *arena, uint64_t count, uint64_t size, const char *what, void *out_pointer,
                         ls_error *err);

/* Purpose: the same without the zeros, for what is written before it is read. Large blocks then find their
 * pages where they are written: on all threads, if so, instead of on this one. */
ls_status ls_arena_reserve(ls_arena *arena, uint64_t count, uint64_t size, const char *what, void *out_pointer,
                           ls_error *err);

/* Purpose: the same, outside of an arena, for memory with its own life; release with allocator.release. */
ls_status ls_alloc(const ls_allocator *allocator, uint64_t count, uint64_t size, const char *what,
                   void *out_pointer, ls_error *err);

#endif
