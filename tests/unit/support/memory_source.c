#include "support/memory_source.h"

#include <string.h>

static int read_memory(void *ctx, uint64_t offset, void *dst, size_t n) {
    memory_source *memory = ctx;
    memory->reads++;
    if (memory->held != 0 && offset + n > memory->held) return -1;
    if (memory->fail_read != 0 && memory->reads >= memory->fail_read) return -1;
    if (offset + n > memory->end_of_read) memory->end_of_read = offset + n;
    size_t there = 0;
    if (offset < memory->stored) there = memory->stored - offset < n ? (size_t)(memory->stored - offset) : n;
    if (there > 0) memcpy(dst, memory->bytes + offset, there);
    memset((unsigned char *)dst + there, 0, n - there);
    int changed = memory->twist_from != 0 && memory->reads >= memory->twist_from;
    if (changed && memory->twist_at >= offset && memory->twist_at - offset < n)
        ((unsigned char *)dst)[memory->twist_at - offset] ^= 0xff;
    return 0;
}

ls_source memory_source_open(memory_source *memory, const void *bytes, uint64_t n, const char *name) {
    *memory = (memory_source){.bytes = bytes, .stored = n};
    return (ls_source){memory, n, name, read_memory};
}
