#include <stdio.h>

#include "base/status.h"
#include "model/network.h"

uint64_t ls_key_offset(const ls_gguf *gguf, const char *key) {
    const ls_gguf_kv *kv = ls_gguf_find(gguf, key);
    return kv != NULL ? ls_gguf_value_offset(gguf, kv) : LS_NO_OFFSET;
}

static const ls_arch *const families[] = {
    &ls_arch_gpt2, &ls_arch_gptneox, &ls_arch_opt, &ls_arch_llama, &ls_arch_qwen2, &ls_arch_phi2,
};

ls_status ls_arch_find(const ls_gguf *gguf, const ls_arch **out, ls_error *err) {
    ls_str name = {NULL, 0};
    ls_status status = ls_gguf_str(gguf, "general.architecture", &name, err);
    if (status != LS_OK) return status;
    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        ls_str known = {families[i]->name, strlen(families[i]->name)};
        if (!ls_str_equal(name, known)) continue;
        *out = families[i];
        return LS_OK;
    }
    char quoted[LS_QUOTE_MAX], known[128] = "";
    for (size_t i = 0, used = 0; i < sizeof families / sizeof *families && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", families[i]->name);
    return ls_fail(err, LS_ERR_UNSUPPORTED, ls_key_offset(gguf, "general.architecture"),
                   "%s: the architecture %s is not known here; known are: %s", gguf->file,
                   ls_quote(quoted, name.bytes, name.length), known);
}

typedef struct field {
    const char *suffix;
    uint32_t *target;
    uint32_t limit;
} field;

static ls_status read_field(const ls_gguf *gguf, const char *family, const field *f, ls_error *err) {
    char key[96];
    snprintf(key, sizeof key, "%s.%s", family, f->suffix);
    ls_status status = ls_gguf_u32(gguf, key, f->target, err);
    if (status != LS_OK) return status;
    if (*f->target == 0 || *f->target > f->limit)
        return ls_fail(err, LS_ERR_VALUE, ls_key_offset(gguf, key), "%s: %s is %u; it must be between 1 and %u",
                       gguf->file, key, *f->target, f->limit);
    return LS_OK;
}

ls_status ls_hyper_optional(const ls_gguf *gguf, const char *family, const char *suffix, uint32_t limit,
                            uint32_t otherwise, uint32_t *out, ls_error *err) {
    char key[96];
    snprintf(key, sizeof key, "%s.%s", family, suffix);
    *out = otherwise;
    if (ls_gguf_find(gguf, key) == NULL) return LS_OK;
    return read_field(gguf, family, &(field){suffix, out, limit}, err);
}

static ls_status read_epsilon(const ls_gguf *gguf, const ls_arch *arch, ls_hyper *hyper, ls_error *err) {
    char key[96];
    snprintf(key, sizeof key, "%s.attention.layer_norm_%sepsilon", arch->name,
             arch->norm == LS_NORM_RMS ? "rms_" : "");
    ls_status status = ls_gguf_f32(gguf, key, &hyper->norm_epsilon, err);
    if (status != LS_OK) return status;
    if (!(hyper->norm_epsilon > 0.0f && hyper->norm_epsilon <= 1.0f))
        return ls_fail(err, LS_ERR_VALUE, ls_key_offset(gguf, key),
                       "%s: %s is %g; it must be above 0 and at most 1", gguf->file, key,
                       (double)hyper->norm_epsilon);
    return LS_OK;
}

/* The vocabulary is what the embedding has rows for; the tokeniser must name as many. */
static ls_status read_vocab(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err) {
    const ls_str *tokens = NULL;
    uint64_t count = 0;
    ls_status status = ls_gguf_strings(gguf, "tokenizer.ggml.tokens", &tokens, &count, err);
    if (status != LS_OK) return status;
    const ls_gguf_tensor *embedding = ls_gguf_find_tensor(gguf, "token_embd.weight");
    if (embedding == NULL)
        return ls_fail(err, LS_ERR_MISSING, LS_NO_OFFSET, "%s: the tensor token_embd.weight is missing",
                       gguf->file);
    if (embedding->dims[1] != count || count < 2 || count > (1u << 24))
        return ls_fail(
            err, LS_ERR_SHAPE, embedding->entry,
            "%s: token_embd.weight has %llu rows and the tokeniser %llu tokens; both must be the same "
            "number, between 2 and %u",
            gguf->file, (unsigned long long)embedding->dims[1], (unsigned long long)count, 1u << 24);
    hyper->vocab = (uint32_t)count;
    return LS_OK;
}

static ls_status check_layers(const ls_gguf *gguf, const ls_arch *arch, const ls_hyper *hyper, ls_error *err) {
    if (hyper->layers <= gguf->tensor_count) return LS_OK;
    char key[96];
    snprintf(key, sizeof key, "%s.block_count", arch->name);
    return ls_fail(err, LS_ERR_VALUE, ls_key_offset(gguf, key),
                   "%s: %s is %u, but the file has only %llu tensors", gguf->file, key, hyper->layers,
                   (unsigned long long)gguf->tensor_count);
}

/* Heads, and the groups of them that share keys and values. A head is an equal part of the width unless the
 * file says how long it is. */
static ls_status read_heads(const ls_gguf *gguf, const ls_arch *arch, ls_hyper *out, ls_error *err) {
    uint32_t part = out->width % out->heads == 0 ? out->width / out->heads : 0, values = 0;
    ls_status status = ls_hyper_optional(gguf, arch->name, "attention.head_count_kv", 4096, out->heads,
                                         &out->key_value_heads, err);
    if (status == LS_OK)
        status =
            ls_hyper_optional(gguf, arch->name, "attention.key_length", 1u << 16, part, &out->head_dim, err);
    if (status == LS_OK)
        status = ls_hyper_optional(gguf, arch->name, "attention.value_length", 1u << 16, out->head_dim, &values,
                                   err);
    if (status != LS_OK) return status;
    if (out->head_dim == 0)
        return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET,
                       "%s: %s.embedding_length is %u, which %s.attention.head_count, %u, does not divide",
                       gguf->file, arch->name, out->width, arch->name, out->heads);
    if (out->heads % out->key_value_heads != 0)
        return ls_fail(
            err, LS_ERR_VALUE, LS_NO_OFFSET,
            "%s: %s.attention.head_count is %u, which %s.attention.head_count_kv, %u, does not divide",
            gguf->file, arch->name, out->heads, arch->name, out->key_value_heads);
    if (values != out->head_dim)
        return ls_fail(err, LS_ERR_UNSUPPORTED, LS_NO_OFFSET,
                       "%s: keys of %u channels and values of %u; only equal lengths are known here",
                       gguf->file, out->head_dim, values);
    return LS_OK;
}

ls_status ls_hyper_read(const ls_gguf *gguf, const ls_arch *arch, ls_hyper *out, ls_error *err) {
    *out = (ls_hyper){.norm = arch->norm};
    const field fields[] = {
        {"block_count", &out->layers, 4096},         {"embedding_length", &out->width, 1u << 20},
        {"attention.head_count", &out->heads, 4096}, {"feed_forward_length", &out->feed_forward, 1u << 22},
        {"context_length", &out->context, 1u << 24},
    };
    ls_status status = LS_OK;
    for (size_t i = 0; i < sizeof fields / sizeof *fields && status == LS_OK; i++)
        status = read_field(gguf, arch->name, &fields[i], err);
    if (status == LS_OK) status = check_layers(gguf, arch, out, err);
    if (status == LS_OK) status = read_epsilon(gguf, arch, out, err);
    if (status == LS_OK) status = read_vocab(gguf, out, err);
    if (status == LS_OK) status = read_heads(gguf, arch, out, err);
    if (status != LS_OK || arch->read_hyper == NULL) return status;
    return arch->read_hyper(gguf, out, err);
}
