/* An allocator that counts what is alive, remembers the peak, and can refuse the n-th allocation. */
#ifndef DEBUG_ALLOCATOR_H
#define DEBUG_ALLOCATOR_H

#include "logitscope.h"

typedef struct debug_allocator {
    uint64_t allocations; /* asked for so far */
    uint64_t fail_at;     /* number of the allocation to refuse, counted from 1; 0: none */
    uint64_t live;        /* blocks not yet released */
    uint64_t bytes, peak; /* bytes alive now, and at most */
} debug_allocator;

/* Purpose: reset the counters and return the allocator. New memory is filled with 0xa5. */
ls_allocator debug_allocator_open(debug_allocator *debug);

#endif
