/* Tokeniser data and encoding. The first byte chooses: encode the rest with a small vocabulary under one of the
 * two rules, or read the rest as a vocabulary and encode with that. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "support/small_vocab.h"
#include "text/normalize.h"
#include "text/tokenizer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition) {
    if (!condition) abort();
}

/* Purpose: a vocabulary with merges and added tokens that ordinary mutations run into. */
static void make_vocab(small_vocab *small, const char *pre) {
    small_vocab_init(small, pre);
    uint32_t ab = small_vocab_merge(small, 'a', 'b'), aa = small_vocab_merge(small, 'a', 'a');
    small_vocab_merge(small, ab, aa);
    small_vocab_merge(small, aa, aa);
    small_vocab_merge(small, ' ', 'a');
    small_vocab_merge(small, 0xc3, 0xa9);
    small_vocab_token(small, "<e>", 3, LS_TOKEN_CONTROL);
    small_vocab_token(small, "<", 1, LS_TOKEN_UNUSED);
    small_vocab_token(small, "  ", 2, LS_TOKEN_USER);
    small_vocab_token(small, "    ", 4, LS_TOKEN_USER);
}

/* Purpose: the bytes of all tokens, one after the other, must read `text`. */
static void must_read(const ls_bpe *bpe, const uint32_t *ids, size_t count, ls_str text) {
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t length = 0;
        const char *bytes = ls_bpe_bytes(bpe, ids[i], &length);
        must(bytes != NULL && length <= text.length - used && memcmp(bytes, text.bytes + used, length) == 0);
        used += length;
    }
    must(used == text.length);
}

static void encode_text(const char *text, size_t n, int nfc) {
    static small_vocab small;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    make_vocab(&small, nfc ? "gpt-neox" : "gpt-2");
    const ls_bpe *bpe = NULL;
    must(ls_bpe_create(&small.vocab, &arena, &bpe, NULL) == LS_OK);
    uint32_t *ids = NULL;
    size_t count = 0;
    ls_error err;
    ls_status status = ls_bpe_encode(bpe, text, n, &arena, &ids, &count, &err);
    size_t valid = ls_utf8_valid_prefix(text, n);
    must(status == (valid == n ? LS_OK : LS_ERR_ENCODING));
    ls_str whole = {text, n}, once = whole, twice = whole;
    if (status != LS_OK)
        must(err.offset == valid);
    else if (!nfc)
        must_read(bpe, ids, count, whole);
    /* A control token ends the part that is normalised, so only without one are the tokens the text's NFC. */
    if (status == LS_OK && nfc) {
        must(ls_nfc(whole, &arena, &once, NULL) == LS_OK && ls_nfc(once, &arena, &twice, NULL) == LS_OK);
        must(ls_str_equal(once, twice));
        if (memchr(text, '<', n) == NULL) must_read(bpe, ids, count, once);
    }
    ls_arena_clear(&arena);
}

/* Purpose: the next field of the input: a length byte and that many bytes, as far as there are. */
static ls_str field(const uint8_t **data, size_t *size) {
    if (*size == 0) return LS_STR("");
    size_t length = **data < *size - 1 ? **data : *size - 1;
    ls_str found = {(const char *)*data + 1, length};
    *data += length + 1;
    *size -= length + 1;
    return found;
}

static void read_vocab(const uint8_t *data, size_t size) {
    enum { MOST = 64 };
    static small_vocab small;
    static ls_str merges[MOST];
    small_vocab_init(&small, "");
    small.vocab.pre = field(&data, &size);
    small.vocab.arch = LS_STR("gptneox");
    ls_str numbers = field(&data, &size);
    uint8_t n[5] = {0};
    if (numbers.length > 0) memcpy(n, numbers.bytes, numbers.length < 5 ? numbers.length : 5);
    small.vocab.bos = n[0] == 0xff ? LS_NO_TOKEN : 200u + n[0];
    small.vocab.add_bos = n[1] & 1;
    if (n[1] & 2) small.vocab.types = NULL;
    if (n[1] & 4) small.vocab.count = n[2];
    for (unsigned i = 0; i < n[3] % MOST; i++) {
        ls_str token = field(&data, &size);
        uint32_t id = (uint32_t)small.vocab.count++;
        small.tokens[id] = token;
        small.types[id] = (int32_t)(n[4] + i) % 8;
    }
    small.vocab.type_count = small.vocab.count;
    small.vocab.merges = merges;
    for (unsigned i = 0; i < MOST && size > 0 && *data != 0; i++) {
        merges[i] = field(&data, &size);
        small.vocab.merge_count = i + 1;
    }
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    const ls_bpe *bpe = NULL;
    ls_error err;
    uint32_t *ids = NULL;
    size_t count = 0;
    if (ls_bpe_create(&small.vocab, &arena, &bpe, &err) == LS_OK &&
        ls_bpe_encode(bpe, (const char *)data, size, &arena, &ids, &count, &err) == LS_OK)
        for (size_t i = 0; i < count; i++) must(ids[i] < ls_bpe_vocab(bpe));
    ls_arena_clear(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    if (data[0] % 3 == 2)
        read_vocab(data + 1, size - 1);
    else
        encode_text((const char *)data + 1, size - 1, data[0] % 3);
    return 0;
}
