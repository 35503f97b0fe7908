/* The families after GPT-2 and GPT-NeoX: settings and tensors that are refused, read from fixtures that are
 * changed in one place. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/objects.h"
#include "support/debug_allocator.h"
#include "support/memory_source.h"
#include "support/runs.h"
#include "support/tiny_model.h"

/* Where a text stands in a file, which must have it. */
static unsigned char *find(const file_bytes *file, const char *text) {
    size_t n = strlen(text);
    for (size_t i = 0; i + n <= file->length; i++)
        if (memcmp(file->bytes + i, text, n) == 0) return file->bytes + i;
    fail_msg("%s is not in the file", text);
    return NULL;
}

/* Another number for a key: the value follows the key's text and its type, four bytes each. */
static void set_u32(file_bytes *file, const char *key, uint32_t value) {
    memcpy(find(file, key) + strlen(key) + 4, &value, sizeof value);
}

static void expect_refused(file_bytes file, ls_status status, const char *first, const char *second) {
    memory_source memory;
    ls_source source = memory_source_open(&memory, file.bytes, file.length, "changed.gguf");
    ls_engine *engine = open_engine(NULL, 1);
    ls_model *model = NULL;
    ls_error err = {0};
    ls_status got = ls_model_open(engine, &source, &model, &err);
    if (got != status || strstr(err.message, first) == NULL || strstr(err.message, second) == NULL)
        fail_msg("expected %s with \"%s\" and \"%s\", got %s: %s", ls_status_name(status), first, second,
                 ls_status_name(got), err.message);
    ls_model_close(model);
    ls_engine_close(engine);
    free(file.bytes);
}

static void test_settings(void **state) {
    (void)state;
    static const struct {
        const char *fixture, *key;
        uint32_t value;
        const char *says;
    } cases[] = {
        {"llama", "llama.attention.head_count_kv", 3,
         "which llama.attention.head_count_kv, 3, does not divide"},
        {"llama", "llama.attention.head_count_kv", 0, "it must be between 1 and 4096"},
        {"llama", "llama.rope.dimension_count", 15, "must be even and at most the head size, 16"},
        {"llama", "llama.rope.dimension_count", 18, "must be even and at most the head size, 16"},
        {"llama", "llama.attention.layer_norm_rms_epsilon", 0, "must be above 0"},
        {"llama", "llama.rope.freq_base", 0x7fc00000, "must be above 1"},
        {"mistral", "llama.attention.sliding_window", (1u << 24) + 1, "sliding_window is 16777217"},
        {"qwen2", "qwen2.attention.head_count", 5, "does not divide"},
        {"phi", "phi2.rope.dimension_count", 0, "dimension_count is 0"},
        {"opt", "opt.attention.head_count", 7, "does not divide"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[128];
        snprintf(path, sizeof path, FIXTURES "%s-f16.gguf", cases[i].fixture);
        file_bytes file = load_file(path);
        set_u32(&file, cases[i].key, cases[i].value);
        expect_refused(file, LS_ERR_VALUE, "changed.gguf", cases[i].says);
    }
}

/* A name that is one letter off: the tensor is missing, whatever the file has in its place. */
static void test_missing_tensors(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"llama", "blk.1.attn_k.weight"}, {"llama", "blk.2.ffn_gate.weight"}, {"qwen2", "blk.0.attn_v.bias"},
        {"phi", "output.bias"},           {"phi", "blk.2.attn_norm.bias"},    {"opt", "position_embd.weight"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char path[128];
        snprintf(path, sizeof path, FIXTURES "%s-f16.gguf", cases[i][0]);
        file_bytes file = load_file(path);
        find(&file, cases[i][1])[0] = 'x';
        expect_refused(file, LS_ERR_MISSING, "missing", cases[i][1]);
    }
}

static void test_rotary_factors(void **state) {
    (void)state;
    static const float factors[] = {0.0f, -1.0f, 1e7f, NAN, INFINITY};
    for (size_t i = 0; i < sizeof factors / sizeof *factors; i++) {
        file_bytes file = load_file(FIXTURES "llama3-f16.gguf");
        size_t offset = tensor_offset(file.bytes, file.length, "rope_freqs.weight");
        memcpy(file.bytes + offset + 4 * sizeof(float), &factors[i], sizeof(float));
        expect_refused(file, LS_ERR_VALUE, "rope_freqs.weight", "as number 4");
    }
}

/* A tensor that the family knows nothing of, in a file that is otherwise whole. */
static void test_foreign_tensors(void **state) {
    (void)state;
    file_bytes file = load_file(FIXTURES "llama3-f16.gguf");
    memcpy(find(&file, "rope_freqs.weight"), "rope_fears", 10);
    expect_refused(file, LS_ERR_UNSUPPORTED, "rope_fears.weight", "llama");
}

/* Whatever allocation is refused while a file is opened, the answer is a refusal and nothing is leaked. */
static void test_every_allocation_refused(void **state) {
    (void)state;
    static const char *const fixtures[] = {"llama3", "phi", "opt"};
    for (size_t i = 0; i < sizeof fixtures / sizeof *fixtures; i++) {
        char path[128];
        snprintf(path, sizeof path, FIXTURES "%s-f16.gguf", fixtures[i]);
        file_bytes file = load_file(path);
        ls_status status = LS_ERR_MEMORY;
        for (uint64_t n = 1; status == LS_ERR_MEMORY; n++) {
            debug_allocator debug;
            ls_allocator allocator = debug_allocator_open(&debug);
            ls_engine *engine = NULL;
            ls_model *model = NULL;
            memory_source memory;
            ls_source source = memory_source_open(&memory, file.bytes, file.length, path);
            assert_int_equal(ls_engine_open(NULL, 1, &allocator, &engine, NULL), LS_OK);
            debug.fail_at = debug.allocations + n;
            status = ls_model_open(engine, &source, &model, NULL);
            ls_model_close(model);
            ls_engine_close(engine);
            assert_int_equal(debug.live, 0);
            assert_true(n < 5000);
        }
        assert_int_equal(status, LS_OK);
        free(file.bytes);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_missing_tensors),
        cmocka_unit_test(test_rotary_factors),
        cmocka_unit_test(test_foreign_tensors),
        cmocka_unit_test(test_every_allocation_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
