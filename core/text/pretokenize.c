#include "text/pretokenize.h"

#include <stdio.h>

#include "base/status.h"

static size_t scan_all(const char *text, size_t n, size_t at) {
    (void)text, (void)at;
    return n;
}

const ls_rules ls_rules_spm = {.next = scan_all, .raw_added = 1, .add_bos = 1, .spm = 1};

static const ls_rules gpt2_rules = {.next = ls_scan_gpt2};
static const ls_rules neox_rules = {.next = ls_scan_gpt2, .nfc = 1};
static const ls_rules smollm_rules = {.next = ls_scan_smollm};
static const ls_rules qwen2_rules = {.next = ls_scan_qwen2, .nfc = 1, .raw_added = 1};
static const ls_rules llama3_rules = {.next = ls_scan_llama3, .whole_first = 1, .add_bos = 1};

typedef struct named_rules {
    const char *name;
    const ls_rules *rules;
} named_rules;

/* Names as files have them. llama.cpp's converter calls the tokeniser of Pythia "olmo", after the first model
 * it met with the same behaviour; "mpt" is the same family. "phi-2" is that of Phi-1 to Phi-2, which is GPT-2's
 * with more tokens (CodeGen). */
static const named_rules known_names[] = {
    {"gpt-2", &gpt2_rules},    {"gpt2", &gpt2_rules},       {"phi-2", &gpt2_rules},
    {"gpt-neox", &neox_rules}, {"gptneox", &neox_rules},    {"olmo", &neox_rules},
    {"mpt", &neox_rules},      {"smollm", &smollm_rules},   {"llama-bpe", &llama3_rules},
    {"llama3", &llama3_rules}, {"llama-v3", &llama3_rules}, {"qwen2", &qwen2_rules},
};

static const named_rules known_archs[] = {
    {"gpt2", &gpt2_rules},    {"opt", &gpt2_rules},    {"phi2", &gpt2_rules},
    {"gptneox", &neox_rules}, {"qwen2", &qwen2_rules},
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const ls_rules *find(const named_rules *known, size_t count, ls_str name) {
    for (size_t i = 0; i < count; i++)
        if (ls_str_equal(name, (ls_str){known[i].name, strlen(known[i].name)})) return known[i].rules;
    return NULL;
}

/* Purpose: all names of a table in `out`, for a message. */
static const char *list(const named_rules *known, size_t count, char out[LS_QUOTE_MAX]) {
    size_t used = 0;
    for (size_t i = 0; i < count && used < LS_QUOTE_MAX; i++)
        used += (size_t)snprintf(out + used, LS_QUOTE_MAX - used, "%s%s",
                                 i == 0          ? ""
                                 : i + 1 < count ? ", "
                                                 : " and ",
                                 known[i].name);
    return out;
}

ls_status ls_rules_find(ls_str pre, ls_str arch, const char *file, const ls_rules **out, ls_error *err) {
    char quoted[LS_QUOTE_MAX], names[LS_QUOTE_MAX];
    int absent = pre.length == 0 || ls_str_equal(pre, LS_STR("default"));
    const ls_rules *found =
        absent ? find(known_archs, COUNT(known_archs), arch) : find(known_names, COUNT(known_names), pre);
    if (found != NULL) {
        *out = found;
        return LS_OK;
    }
    if (absent)
        return ls_fail(
            err, LS_ERR_UNSUPPORTED, LS_NO_OFFSET,
            "%s: tokenizer.ggml.pre names no pre-tokeniser and none is known for the architecture %s (%s are)",
            file, ls_quote(quoted, arch.bytes, arch.length), list(known_archs, COUNT(known_archs), names));
    return ls_fail(err, LS_ERR_UNSUPPORTED, LS_NO_OFFSET,
                   "%s: tokenizer.ggml.pre is %s, a pre-tokeniser that is not known (%s are)", file,
                   ls_quote(quoted, pre.bytes, pre.length), list(known_names, COUNT(known_names), names));
}
