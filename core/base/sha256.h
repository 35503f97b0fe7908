/* SHA-256 (FIPS 180-4), streaming. */
#ifndef LS_BASE_SHA256_H
#define LS_BASE_SHA256_H

#include <stddef.h>
#include <stdint.h>

#include "base/sha256_blocks.h"

typedef struct ls_sha256 {
    uint32_t state[8];
    uint64_t bytes;
    unsigned char block[64];
    ls_sha256_blocks_fn *take;
} ls_sha256;

void ls_sha256_init(ls_sha256 *hash);
void ls_sha256_update(ls_sha256 *hash, const void *bytes, size_t n);
/* Purpose: finish and write 64 lower-case hex digits and a NUL. The hash must be initialised anew afterwards.
 */
void ls_sha256_hex(ls_sha256 *hash, char out[65]);

#endif
