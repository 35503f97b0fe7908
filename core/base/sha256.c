#include "base/sha256.h"

#include <string.h>

ls_sha256_blocks_fn *ls_sha256_blocks_find(void) {
#ifdef LS_HAVE_SHA_X86
    if (ls_sha256_x86_available()) return ls_sha256_blocks_x86;
#endif
#ifdef LS_HAVE_SHA_ARM
    if (ls_sha256_arm_available()) return ls_sha256_blocks_arm;
#endif
#ifdef LS_HAVE_SIMD128
    return ls_sha256_blocks_simd128;
#else
    return ls_sha256_blocks_plain;
#endif
}

void ls_sha256_init(ls_sha256 *hash) {
    static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    memcpy(hash->state, initial, sizeof initial);
    hash->bytes = 0;
    hash->take = ls_sha256_blocks_find();
}

void ls_sha256_update(ls_sha256 *hash, const void *bytes, size_t n) {
    const unsigned char *p = bytes;
    size_t held = (size_t)(hash->bytes % 64);
    hash->bytes += n;
    if (held > 0) {
        size_t take = n < 64 - held ? n : 64 - held;
        memcpy(hash->block + held, p, take);
        p += take;
        n -= take;
        if (held + take < 64) return;
        hash->take(hash->state, hash->block, 1);
    }
    hash->take(hash->state, p, n / 64);
    if (n % 64 > 0) memcpy(hash->block, p + n / 64 * 64, n % 64);
}

void ls_sha256_hex(ls_sha256 *hash, char out[65]) {
    static const char digits[] = "0123456789abcdef";
    static const unsigned char padding[64] = {0x80};
    uint64_t bits = hash->bytes * 8;
    unsigned char length[8];
    for (int i = 0; i < 8; i++) length[i] = (unsigned char)(bits >> (56 - 8 * i));
    size_t held = (size_t)(hash->bytes % 64);
    ls_sha256_update(hash, padding, held < 56 ? 56 - held : 120 - held);
    ls_sha256_update(hash, length, sizeof length);
    for (int i = 0; i < 64; i++) {
        uint32_t nibble = hash->state[i / 8] >> (28 - 4 * (i % 8)) & 15;
        out[i] = digits[nibble];
    }
    out[64] = '\0';
}
