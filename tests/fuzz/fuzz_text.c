/* Tokeniser data and encoding. The first byte chooses: encode the rest with a small vocabulary under one of the
 * rules or as SentencePiece, or read the rest as a vocabulary of either kind and encode with that. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "support/spm_vocab.h"
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

/* The rules, by their names. */
enum { GPT2, NEOX, SMOLLM, QWEN2, LLAMA3, RULES };
static const char *const rule_names[RULES] = {"gpt-2", "gpt-neox", "smollm", "qwen2", "llama-bpe"};

/* Purpose: whether a text may have an added token that is looked for before it is normalised. */
static int has_raw_token(ls_str text, int rules) {
    for (size_t i = 0; i < text.length; i++) {
        if (text.bytes[i] == '<') return 1;
        if (rules == QWEN2 && i > 0 && text.bytes[i] == ' ' && text.bytes[i - 1] == ' ') return 1;
    }
    return 0;
}

static void encode_text(const char *text, size_t n, int rules) {
    static small_vocab small;
    int nfc = rules == NEOX || rules == QWEN2;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    make_vocab(&small, rule_names[rules]);
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
    /* A token found before ends the part that is normalised, so only without one are the tokens the text's NFC.
     */
    if (status == LS_OK && nfc) {
        must(ls_nfc(whole, &arena, &once, NULL) == LS_OK && ls_nfc(once, &arena, &twice, NULL) == LS_OK);
        must(ls_str_equal(once, twice));
        if (!has_raw_token(whole, rules)) must_read(bpe, ids, count, once);
    }
    ls_arena_clear(&arena);
}

/* SentencePiece: without added tokens, the tokens read a space and the text, with a space for every U+2581. */
static void encode_spm(const char *text, size_t n) {
    static spm_vocab spm;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    spm_vocab_init(&spm);
    spm_vocab_words(&spm);
    small_vocab_token(&spm.small, "<e>", 3, LS_TOKEN_USER);
    spm.small.vocab.score_count = spm.small.vocab.count;
    const ls_bpe *bpe = NULL;
    must(ls_bpe_create(&spm.small.vocab, &arena, &bpe, NULL) == LS_OK);
    uint32_t *ids = NULL;
    size_t count = 0, used = 0;
    ls_error err;
    ls_status status = ls_bpe_encode(bpe, text, n, &arena, &ids, &count, &err);
    size_t valid = ls_utf8_valid_prefix(text, n);
    must(status == (valid == n ? LS_OK : LS_ERR_ENCODING));
    if (status == LS_OK) must(count > 0 && ids[0] == SPM_BOS);
    if (status == LS_OK && memchr(text, '<', n) == NULL) {
        char *read = NULL;
        must(ls_arena_alloc(&arena, (uint64_t)n + 1, 1, "a text", &read, NULL) == LS_OK);
        if (n > 0) read[used++] = ' ';
        for (size_t at = 0; at < n;) {
            int mark = n - at >= 3 && memcmp(text + at, "\u2581", 3) == 0;
            read[used++] = mark ? ' ' : text[at];
            at += mark ? 3 : 1;
        }
        must_read(bpe, ids + 1, count - 1, (ls_str){read, used});
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

/* Purpose: encode with a vocabulary, if it is one. */
static void try_vocab(const ls_vocab *vocab, const char *text, size_t n) {
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    const ls_bpe *bpe = NULL;
    ls_error err;
    uint32_t *ids = NULL;
    size_t count = 0;
    if (ls_bpe_create(vocab, &arena, &bpe, &err) == LS_OK &&
        ls_bpe_encode(bpe, text, n, &arena, &ids, &count, &err) == LS_OK)
        for (size_t i = 0; i < count; i++) must(ids[i] < ls_bpe_vocab(bpe));
    ls_arena_clear(&arena);
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
    try_vocab(&small.vocab, (const char *)data, size);
}

/* Purpose: the same for SentencePiece: each token with its kind and the byte that is its score. */
static void read_spm(const uint8_t *data, size_t size) {
    enum { MOST = 64 };
    static spm_vocab spm;
    small_vocab *small = &spm.small;
    spm_vocab_init(&spm);
    ls_str numbers = field(&data, &size);
    uint8_t n[5] = {0};
    if (numbers.length > 0) memcpy(n, numbers.bytes, numbers.length < 5 ? numbers.length : 5);
    small->vocab.bos = n[0] == 0xff ? LS_NO_TOKEN : n[0];
    small->vocab.add_bos = n[1] % 3 - 1;
    small->vocab.space_prefix = n[1] / 3 % 3 - 1;
    for (unsigned i = 0; i < n[2] % MOST; i++) {
        ls_str token = field(&data, &size);
        uint32_t id = (uint32_t)small->vocab.count++;
        small->types[id] = LS_TOKEN_NORMAL;
        if (token.length > 0) {
            int8_t tail = (int8_t)token.bytes[--token.length];
            spm.scores[id] = tail == 127 ? NAN : (float)(tail / 8);
            if (tail % 8 == 7) small->types[id] = (tail / 8 + 16) % 8;
        }
        small->tokens[id] = token;
    }
    small->vocab.type_count = small->vocab.score_count = small->vocab.count;
    if (n[3] & 1) small->vocab.types = NULL;
    if (n[3] & 2) small->vocab.score_count = n[4];
    if (n[3] & 4) small->vocab.scores = NULL;
    try_vocab(&small->vocab, (const char *)data, size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    unsigned choice = data[0] % (RULES + 3);
    if (choice < RULES)
        encode_text((const char *)data + 1, size - 1, (int)choice);
    else if (choice == RULES)
        read_vocab(data + 1, size - 1);
    else if (choice == RULES + 1)
        encode_spm((const char *)data + 1, size - 1);
    else
        read_spm(data + 1, size - 1);
    return 0;
}
