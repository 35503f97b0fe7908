/* SHA-256 against the examples of FIPS 180-4, however the message is cut into pieces. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/sha256.h"

static void check(const void *message, size_t n, const char *expected) {
    ls_sha256 hash;
    char hex[65];
    ls_sha256_init(&hash);
    ls_sha256_update(&hash, message, n);
    ls_sha256_hex(&hash, hex);
    assert_string_equal(hex, expected);
}

static void test_examples(void **state) {
    (void)state;
    check("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    check("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56,
          "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
    check("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmnoijklmnopjklmnopqklmnopqrlmnopqrs"
          "mnopqrstnopqrstu",
          112, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
}

static void test_million(void **state) {
    (void)state;
    char thousand[1000], hex[65];
    ls_sha256 hash;
    memset(thousand, 'a', sizeof thousand);
    ls_sha256_init(&hash);
    for (int i = 0; i < 1000; i++) ls_sha256_update(&hash, thousand, sizeof thousand);
    ls_sha256_hex(&hash, hex);
    assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

/* Messages around one and two blocks, where the padding needs a block of its own, in two pieces at every place
 * and in single bytes. */
static void test_pieces(void **state) {
    (void)state;
    static const size_t lengths[] = {1, 54, 55, 56, 57, 63, 64, 65, 119, 120, 127, 128, 129, 200};
    unsigned char message[200];
    for (size_t i = 0; i < sizeof message; i++) message[i] = (unsigned char)(i * 7 + 1);
    for (size_t k = 0; k < sizeof lengths / sizeof *lengths; k++) {
        size_t n = lengths[k];
        char whole[65], pieces[65];
        ls_sha256 hash;
        ls_sha256_init(&hash);
        for (size_t i = 0; i < n; i++) ls_sha256_update(&hash, message + i, 1);
        ls_sha256_hex(&hash, whole);
        for (size_t cut = 0; cut <= n; cut++) {
            ls_sha256_init(&hash);
            ls_sha256_update(&hash, message, cut);
            ls_sha256_update(&hash, message + cut, n - cut);
            ls_sha256_hex(&hash, pieces);
            assert_string_equal(pieces, whole);
        }
    }
}

/* Lengths around the padding's limits; digests from an independent implementation. */
static void test_padding(void **state) {
    (void)state;
    char text[64];
    memset(text, 'a', sizeof text);
    check(text, 55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318");
    check(text, 56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a");
    check(text, 63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34");
    check(text, 64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb");
}

/* What this processor offers against plain C, over blocks at every alignment. */
static void test_instructions(void **state) {
    (void)state;
    unsigned char bytes[64 * 9 + 16];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (unsigned char)(i * i + 3 * i);
    for (size_t blocks = 0; blocks <= 9; blocks++)
        for (size_t offset = 0; offset < 16; offset++) {
            uint32_t plain[8], best[8];
            for (uint32_t i = 0; i < 8; i++) plain[i] = best[i] = 0x9e3779b9u * (i + 1);
            ls_sha256_blocks_plain(plain, bytes + offset, blocks);
            ls_sha256_blocks_find()(best, bytes + offset, blocks);
            assert_memory_equal(best, plain, sizeof plain);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_million),      cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_padding),  cmocka_unit_test(test_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
