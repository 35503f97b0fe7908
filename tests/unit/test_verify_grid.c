/* Grids that nobody should trust: every case is a file of tests/fuzz/corpus/grid, named for what is wrong with
 * it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/debug_allocator.h"
#include "support/runs.h"
#include "verify/json.h"

#define CASES "tests/fuzz/corpus/grid/"

typedef struct grid_case {
    const char *name;
    ls_status status;
    uint64_t offset;
} grid_case;

static const grid_case cases[] = {
    {"a-number", LS_ERR_MAGIC, 0},
    {"an-array", LS_ERR_TYPE, 0},
    {"bad-utf8", LS_ERR_ENCODING, 11},
    {"cell-empty", LS_ERR_SHAPE, 145},
    {"cells-differ", LS_ERR_SHAPE, 159},
    {"comma-at-end", LS_ERR_VALUE, 137},
    {"comma-for-colon", LS_ERR_VALUE, 135},
    {"control-character", LS_ERR_ENCODING, 127},
    {"cut-in-string", LS_ERR_TRUNCATED, 1},
    {"cut-short", LS_ERR_TRUNCATED, 149},
    {"duplicate-ids", LS_ERR_DUPLICATE, 140},
    {"duplicate-member", LS_ERR_DUPLICATE, 198},
    {"empty", LS_ERR_EMPTY, 0},
    {"escape-half-pair", LS_ERR_ENCODING, 126},
    {"escape-nul", LS_ERR_ENCODING, 126},
    {"escape-short", LS_ERR_VALUE, 125},
    {"escape-unknown", LS_ERR_VALUE, 125},
    {"escape-wrong-pair", LS_ERR_ENCODING, 126},
    {"escapes", LS_OK, LS_NO_OFFSET},
    {"id-2-to-the-32", LS_ERR_VALUE, 136},
    {"id-2-to-the-64", LS_ERR_VALUE, 136},
    {"id-exponent", LS_ERR_VALUE, 136},
    {"id-fractional", LS_ERR_VALUE, 136},
    {"id-negative", LS_ERR_VALUE, 136},
    {"id-true", LS_ERR_VALUE, 136},
    {"ids-a-number", LS_ERR_SHAPE, 135},
    {"ids-empty", LS_ERR_SHAPE, 135},
    {"layer-empty", LS_ERR_SHAPE, 145},
    {"layer-too-long", LS_ERR_SHAPE, 148},
    {"layers-differ", LS_ERR_SHAPE, 224},
    {"lens-a-number", LS_ERR_VALUE, 20},
    {"mismatched-brackets", LS_ERR_VALUE, 137},
    {"missing-colon", LS_ERR_VALUE, 135},
    {"missing-comma", LS_ERR_VALUE, 138},
    {"missing-prompts", LS_ERR_MISSING, 0},
    {"missing-weights", LS_ERR_MISSING, 0},
    {"model-a-number", LS_ERR_TYPE, 9},
    {"more-than-fits", LS_ERR_COUNT, 6143},
    {"name-without-value", LS_ERR_VALUE, 2},
    {"nested-22-deep", LS_ERR_LENGTH, 20},
    {"not-json", LS_ERR_MAGIC, 0},
    {"nul", LS_ERR_ENCODING, 20},
    {"number-as-name", LS_ERR_VALUE, 1},
    {"only-spaces", LS_ERR_EMPTY, 3},
    {"other-layers", LS_ERR_SHAPE, LS_NO_OFFSET},
    {"other-layout", LS_ERR_UNSUPPORTED, 55},
    {"other-vocabulary", LS_ERR_VALUE, LS_NO_OFFSET},
    {"pair-a-number", LS_ERR_TYPE, 148},
    {"pair-of-one", LS_ERR_SHAPE, 148},
    {"pair-of-three", LS_ERR_SHAPE, 148},
    {"probability-above-1", LS_ERR_VALUE, 151},
    {"probability-hexadecimal", LS_ERR_VALUE, 151},
    {"probability-huge", LS_ERR_VALUE, 151},
    {"probability-long", LS_ERR_VALUE, 151},
    {"probability-nan", LS_ERR_VALUE, 151},
    {"probability-negative", LS_ERR_VALUE, 151},
    {"probability-null", LS_ERR_VALUE, 151},
    {"probability-rising", LS_ERR_VALUE, 159},
    {"probability-two-points", LS_ERR_VALUE, 151},
    {"prompt-a-string", LS_ERR_TYPE, 118},
    {"prompt-without-top", LS_ERR_MISSING, 117},
    {"prompts-an-object", LS_ERR_TYPE, 116},
    {"prompts-empty", LS_ERR_SHAPE, 116},
    {"something-behind", LS_ERR_VALUE, 198},
    {"spaces", LS_OK, LS_NO_OFFSET},
    {"text-empty", LS_ERR_TEXT_EMPTY, 0},
    {"top-65", LS_ERR_SHAPE, 145},
    {"top-a-string", LS_ERR_SHAPE, 146},
    {"top-empty", LS_ERR_SHAPE, 145},
    {"two-commas", LS_ERR_VALUE, 139},
    {"two-values", LS_ERR_VALUE, 197},
    {"unknown-lens", LS_ERR_VALUE, 21},
    {"unknown-members", LS_OK, LS_NO_OFFSET},
    {"valid", LS_OK, LS_NO_OFFSET},
};
enum { CASE_COUNT = sizeof cases / sizeof *cases };

typedef struct fixture {
    debug_allocator debug;
    ls_allocator allocator;
    ls_engine *engine;
    ls_model *model;
} fixture;

static int open_fixture(void **state) {
    static fixture f;
    ls_error err;
    f.allocator = debug_allocator_open(&f.debug);
    assert_int_equal(ls_engine_open(NULL, 1, &f.allocator, &f.engine, &err), LS_OK);
    f.model = open_model(f.engine, FIXTURES "gpt2-f32.gguf");
    *state = &f;
    return 0;
}

static int close_fixture(void **state) {
    fixture *f = *state;
    ls_model_close(f->model);
    ls_engine_close(f->engine);
    return f->debug.live == 0 ? 0 : -1;
}

/* The whole way; what was opened is closed. */
static ls_status verify(fixture *f, const char *json, size_t n, ls_error *err) {
    ls_verify *verify = NULL;
    ls_status status = ls_verify_open(f->model, json, n, &verify, err);
    if (status != LS_OK) {
        assert_null(verify);
        return status;
    }
    do status = ls_verify_step(verify, NULL, err);
    while (status == LS_MORE);
    assert_int_equal(ls_verify_outcome(verify) != NULL, status == LS_OK);
    ls_verify_close(verify);
    return status;
}

static void test_case(void **state) {
    void *pointer = NULL;
    const grid_case *is = *state;
    char path[128];
    snprintf(path, sizeof path, CASES "%s", is->name);
    file_bytes file = load_file(path);
    open_fixture(&pointer);
    ls_error err = {LS_OK, LS_NO_OFFSET, ""};
    assert_int_equal(verify(pointer, (const char *)file.bytes, file.length, &err), is->status);
    assert_true(err.offset == is->offset);
    if (is->status != LS_OK && err.message[0] == '\0') fail_msg("%s: no sentence", is->name);
    assert_int_equal(close_fixture(&pointer), 0);
    free(file.bytes);
}

static void refuses(void **state, const char *json, size_t n, ls_status status, uint64_t offset) {
    ls_error err;
    assert_int_equal(verify(*state, json, n, &err), status);
    assert_true(err.offset == offset);
}

static void test_nested_100000_deep(void **state) {
    enum { DEEP = 100000 };
    char *json = malloc(DEEP);
    assert_non_null(json);
    memset(json, '[', DEEP);
    refuses(state, json, DEEP, LS_ERR_LENGTH, 16);
    free(json);
}

static void test_too_large(void **state) {
    char *json = calloc(LS_JSON_MAX + 1, 1);
    assert_non_null(json);
    refuses(state, json, LS_JSON_MAX + 1, LS_ERR_LENGTH, LS_JSON_MAX);
    free(json);
}

/* As many tokens as fit: memory is bounded by the length, and so is time. */
static void test_full_of_numbers(void **state) {
    fixture *f = *state;
    char *json = malloc(LS_JSON_MAX);
    assert_non_null(json);
    for (size_t i = 0; i < LS_JSON_MAX; i++) json[i] = i % 2 == 0 ? '1' : ',';
    json[0] = '[';
    json[LS_JSON_MAX - 2] = '1';
    json[LS_JSON_MAX - 1] = ']';
    f->debug.peak = f->debug.bytes;
    uint64_t before = f->debug.bytes;
    refuses(state, json, LS_JSON_MAX, LS_ERR_TYPE, 0);
    assert_true(f->debug.peak - before < 11 * (uint64_t)LS_JSON_MAX);
    free(json);
}

/* Cut anywhere, or with any byte changed, a grid is refused or read; nothing else happens. */
static void test_truncated_and_flipped(void **state) {
    file_bytes file = load_file(CASES "escapes");
    for (size_t n = 0; n < file.length; n++) {
        ls_error err;
        /* In a block of its own, so that a read behind the end is seen. */
        char *part = malloc(n > 0 ? n : 1);
        assert_non_null(part);
        memcpy(part, file.bytes, n);
        ls_status status = verify(*state, part, n, &err);
        if (status == LS_OK) fail_msg("a grid cut to %zu bytes was read", n);
        free(part);
        unsigned char kept = file.bytes[n];
        for (unsigned bit = 0; bit < 8; bit++) {
            file.bytes[n] = (unsigned char)(kept ^ 1u << bit);
            (void)verify(*state, (const char *)file.bytes, file.length, &err);
        }
        file.bytes[n] = kept;
    }
    free(file.bytes);
}

static void test_memory_refused(void **state) {
    fixture *f = *state;
    file_bytes file = load_file(FIXTURES "gpt2-f32.normed.json");
    uint64_t live = f->debug.live;
    ls_status status = LS_ERR_MEMORY;
    ls_error err;
    for (uint64_t n = 1; status == LS_ERR_MEMORY; n++) {
        f->debug.fail_at = f->debug.allocations + n;
        status = verify(f, (const char *)file.bytes, file.length, &err);
        assert_true(f->debug.live == live);
    }
    f->debug.fail_at = 0;
    assert_int_equal(status, LS_OK);
    free(file.bytes);
}

int main(void) {
    static const struct CMUnitTest whole[] = {
        cmocka_unit_test(test_nested_100000_deep), cmocka_unit_test(test_too_large),
        cmocka_unit_test(test_full_of_numbers),    cmocka_unit_test(test_truncated_and_flipped),
        cmocka_unit_test(test_memory_refused),
    };
    struct CMUnitTest tests[CASE_COUNT];
    for (size_t i = 0; i < CASE_COUNT; i++)
        tests[i] = (struct CMUnitTest){cases[i].name, test_case, NULL, NULL, (void *)(uintptr_t)&cases[i]};
    int failed = cmocka_run_group_tests_name("grids by name", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("grids", whole, open_fixture, close_fixture);
}
