#include "support/small_vocab.h"

#include <stdlib.h>

#include "base/utf8.h"
#include "text/bytes.h"

/* Purpose: keep n bytes as long as the vocabulary lives. */
static ls_str keep(small_vocab *small, const char *bytes, size_t n) {
    if (n > SMALL_TEXT - small->text_used) abort();
    ls_str kept = {small->text + small->text_used, n};
    if (n > 0) memcpy(small->text + small->text_used, bytes, n);
    small->text_used += n;
    return kept;
}

uint32_t small_vocab_token(small_vocab *small, const char *bytes, size_t n, int32_t type) {
    uint32_t id = (uint32_t)small->vocab.count++;
    if (id >= SMALL_TOKENS) abort();
    small->tokens[id] = keep(small, bytes, n);
    small->types[id] = type;
    small->vocab.type_count = small->vocab.count;
    return id;
}

void small_vocab_init(small_vocab *small, const char *pre) {
    memset(small, 0, sizeof *small);
    small->vocab = (ls_vocab){.file = "small.gguf", .model = LS_STR("gpt2"), .arch = LS_STR("gpt2")};
    small->vocab.pre = (ls_str){pre, strlen(pre)};
    small->vocab.tokens = small->tokens;
    small->vocab.types = small->types;
    small->vocab.merges = small->merges;
    small->vocab.bos = small->vocab.eos = LS_NO_TOKEN;
    for (unsigned byte = 0; byte < 256; byte++) {
        char symbol[4];
        size_t length = ls_utf8_encode(ls_byte_symbol((uint8_t)byte), symbol);
        small_vocab_token(small, symbol, length, LS_TOKEN_NORMAL);
    }
}

static void add_rule(small_vocab *small, ls_str rule) {
    if (small->vocab.merge_count >= SMALL_MERGES) abort();
    small->merges[small->vocab.merge_count++] = rule;
}

void small_vocab_rule(small_vocab *small, const char *rule) {
    add_rule(small, keep(small, rule, strlen(rule)));
}

uint32_t small_vocab_merge(small_vocab *small, uint32_t left, uint32_t right) {
    ls_str l = small->tokens[left], r = small->tokens[right];
    ls_str rule = keep(small, l.bytes, l.length);
    keep(small, " ", 1);
    keep(small, r.bytes, r.length);
    rule.length = l.length + 1 + r.length;
    add_rule(small, rule);
    ls_str merged = keep(small, l.bytes, l.length);
    keep(small, r.bytes, r.length);
    merged.length = l.length + r.length;
    for (uint32_t id = 0; id < small->vocab.count; id++)
        if (ls_str_equal(small->tokens[id], merged)) return id;
    uint32_t id = small_vocab_token(small, "", 0, LS_TOKEN_NORMAL);
    small->tokens[id] = merged;
    return id;
}
