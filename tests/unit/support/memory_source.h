/* A block of memory as an ls_source, with the misbehaviour that tests need. */
#ifndef MEMORY_SOURCE_H
#define MEMORY_SOURCE_H

#include "logitscope.h"

typedef struct memory_source {
    const unsigned char *bytes;
    uint64_t stored;      /* bytes there; a source that claims more delivers zeros behind them */
    uint64_t reads;       /* so far */
    uint64_t end_of_read; /* highest offset read so far, exclusive */
    uint64_t held;        /* reads that go beyond this byte fail; 0: none does */
    uint64_t fail_read;   /* from this read on, counted from 1, all fail; 0: none */
    uint64_t twist_from;  /* from this read on, the file has changed; 0: never */
    uint64_t twist_at;    /* ... in this byte */
} memory_source;

/* Purpose: a source over n bytes. Its size may be raised by the test; fields above may be set. */
ls_source memory_source_open(memory_source *memory, const void *bytes, uint64_t n, const char *name);

#endif
