#include "text/pretokenize.h"

#include "base/status.h"
#include "base/utf8.h"
#include "text/unicode.h"

/* Purpose: class of the character at `at`; *end becomes the offset after it. */
static ls_char_class class_at(const char *text, size_t n, size_t at, size_t *end) {
    unsigned char byte = (unsigned char)text[at];
    uint32_t code = byte;
    size_t length = byte < 0x80 ? 1 : ls_utf8_decode(text + at, n - at, &code);
    *end = at + (length > 0 ? length : 1);
    return ls_unicode_classify(code);
}

/* Purpose: length of an English contraction at `at`, or 0. */
static size_t contraction(const char *text, size_t n, size_t at) {
    static const char *const endings[] = {"s", "t", "re", "ve", "m", "ll", "d"};
    if (text[at] != '\'') return 0;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t length = strlen(endings[i]);
        if (length < n - at && memcmp(text + at + 1, endings[i], length) == 0) return 1 + length;
    }
    return 0;
}

/* Purpose: end of the run of characters of one class that starts at `at`; *last is where its last character
 * starts. */
static size_t run_end(const char *text, size_t n, size_t at, ls_char_class class, size_t *last) {
    size_t end = at;
    *last = at;
    while (at < n && class_at(text, n, at, &end) == class) {
        *last = at;
        at = end;
    }
    return at;
}

size_t ls_scan_gpt2(const char *text, size_t n, size_t at) {
    size_t special = contraction(text, n, at);
    if (special > 0) return at + special;
    size_t start = at, next = at, last = at;
    if (text[at] == ' ' && at + 1 < n && class_at(text, n, at + 1, &next) != LS_CHAR_SPACE) start = at + 1;
    ls_char_class class = class_at(text, n, start, &next);
    size_t end = run_end(text, n, start, class, &last);
    /* White space before a word leaves its last character to the word, unless it is the only one. */
    if (class == LS_CHAR_SPACE && end < n && last > start) return last;
    return end;
}

static const ls_rules gpt2_rules = {ls_scan_gpt2, 0};
static const ls_rules neox_rules = {ls_scan_gpt2, 1};

/* Names as files have them. llama.cpp's converter calls the tokeniser of Pythia "olmo", after the first model
 * it met with the same behaviour; "mpt" is the same family. */
static const struct {
    const char *name;
    const ls_rules *rules;
} known_names[] =
    {
        {"gpt-2", &gpt2_rules},   {"gpt2", &gpt2_rules}, {"gpt-neox", &neox_rules},
        {"gptneox", &neox_rules}, {"olmo", &neox_rules}, {"mpt", &neox_rules},
},
  known_archs[] = {
      {"gpt2", &gpt2_rules},
      {"opt", &gpt2_rules},
      {"gptneox", &neox_rules},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static int is_named(ls_str text, const char *name) { return ls_str_equal(text, (ls_str){name, strlen(name)}); }

ls_status ls_rules_find(ls_str pre, ls_str arch, const char *file, const ls_rules **out, ls_error *err) {
    char quoted[LS_QUOTE_MAX];
    int absent = pre.length == 0 || is_named(pre, "default");
    for (size_t i = 0; !absent && i < COUNT(known_names); i++) {
        if (!is_named(pre, known_names[i].name)) continue;
        *out = known_names[i].rules;
        return LS_OK;
    }
    for (size_t i = 0; absent && i < COUNT(known_archs); i++) {
        if (!is_named(arch, known_archs[i].name)) continue;
        *out = known_archs[i].rules;
        return LS_OK;
    }
    if (absent)
        return ls_fail(
            err, LS_ERR_UNSUPPORTED, LS_NO_OFFSET,
            "%s: tokenizer.ggml.pre names no pre-tokeniser and none is known for the architecture %s "
            "(gpt2, opt and gptneox are)",
            file, ls_quote(quoted, arch.bytes, arch.length));
    return ls_fail(
        err, LS_ERR_UNSUPPORTED, LS_NO_OFFSET,
        "%s: tokenizer.ggml.pre is %s, a pre-tokeniser that is not known (gpt-2, gpt-neox, olmo and mpt "
        "are)",
        file, ls_quote(quoted, pre.bytes, pre.length));
}
