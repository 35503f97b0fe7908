/* The inner function of SHA-256, one file per instruction set; all give the same state. */
#ifndef LS_BASE_SHA256_BLOCKS_H
#define LS_BASE_SHA256_BLOCKS_H

#include <stddef.h>
#include <stdint.h>

/* First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
extern const uint32_t ls_sha256_constants[64];

/* Purpose: takes `count` blocks of 64 bytes into the state a..h. */
typedef void ls_sha256_blocks_fn(uint32_t state[8], const unsigned char *blocks, size_t count);

ls_sha256_blocks_fn ls_sha256_blocks_plain;
/* Compiled where the build defines LS_HAVE_SIMD128. */
ls_sha256_blocks_fn ls_sha256_blocks_simd128;
/* Compiled where the build defines LS_HAVE_SHA_X86 or LS_HAVE_SHA_ARM; to be called where *_available(). */
ls_sha256_blocks_fn ls_sha256_blocks_x86, ls_sha256_blocks_arm;
int ls_sha256_x86_available(void);
int ls_sha256_arm_available(void);

/* Purpose: the fastest that this processor runs. */
ls_sha256_blocks_fn *ls_sha256_blocks_find(void);

#endif
