#include "support/spm_vocab.h"

#include <stdio.h>

void spm_vocab_init(spm_vocab *spm) {
    small_vocab *small = &spm->small;
    memset(spm, 0, sizeof *spm);
    small->vocab = (ls_vocab){.file = "small.gguf", .model = LS_STR("llama"), .pre = LS_STR("default")};
    small->vocab.arch = LS_STR("llama");
    small->vocab.tokens = small->tokens;
    small->vocab.types = small->types;
    small->vocab.scores = spm->scores;
    small->vocab.bos = SPM_BOS;
    small->vocab.eos = SPM_EOS;
    small->vocab.add_bos = small->vocab.space_prefix = -1;
    small_vocab_token(small, "<unk>", 5, LS_TOKEN_UNKNOWN);
    small_vocab_token(small, "<s>", 3, LS_TOKEN_CONTROL);
    small_vocab_token(small, "</s>", 4, LS_TOKEN_CONTROL);
    for (unsigned byte = 0; byte < 256; byte++) {
        char name[8];
        snprintf(name, sizeof name, "<0x%02X>", byte);
        small_vocab_token(small, name, 6, LS_TOKEN_BYTE);
    }
    small->vocab.score_count = small->vocab.count;
}

uint32_t spm_vocab_piece(spm_vocab *spm, const char *text, float score) {
    uint32_t id = small_vocab_token(&spm->small, text, strlen(text), LS_TOKEN_NORMAL);
    spm->scores[id] = score;
    spm->small.vocab.score_count = spm->small.vocab.count;
    return id;
}

void spm_vocab_words(spm_vocab *spm) {
    static const char *const words[] = {"ab",   "\u2581a",      "aa", "abab",         "\u2581ab",
                                        "aaaa", "\u2581\u2581", "ba", "\u00e9\u00e9", "<e"};
    char letter[2] = "a";
    for (; letter[0] <= 'z'; letter[0]++) spm_vocab_piece(spm, letter, -100);
    spm_vocab_piece(spm, "\u2581", -100);
    spm_vocab_piece(spm, "\u00e9", -100);
    spm_vocab_piece(spm, "<", -100);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) spm_vocab_piece(spm, words[i], -(float)(i / 2));
}
