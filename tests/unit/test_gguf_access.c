/* What a valid file gives: entries, look-ups, values as C types, tensors and their places. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gguf/gguf.h"
#include "quant/types.h"
#include "support/gguf_cases.h"
#include "support/memory_source.h"

typedef struct fixture {
    gguf_builder builder;
    memory_source memory;
    ls_arena arena;
    const ls_gguf *gguf;
    ls_error err;
} fixture;

static int open_sample(void **state) {
    static fixture f;
    ls_allocator allocator = ls_allocator_default();
    gb_init(&f.builder);
    gguf_sample(&f.builder);
    ls_source source =
        memory_source_open(&f.memory, f.builder.file.bytes, f.builder.file.length, "a/b/sample.gguf");
    ls_arena_init(&f.arena, &allocator);
    *state = &f;
    return ls_gguf_open(&source, &f.arena, &f.gguf, &f.err) == LS_OK ? 0 : -1;
}

static int close_sample(void **state) {
    fixture *f = *state;
    ls_arena_clear(&f->arena);
    gb_free(&f->builder);
    return 0;
}

static void assert_message(const fixture *f, const char *part) {
    if (strstr(f->err.message, part) == NULL) fail_msg("\"%s\" lacks \"%s\"", f->err.message, part);
}

static void test_header(void **state) {
    fixture *f = *state;
    assert_int_equal(f->gguf->version, 3);
    assert_int_equal(f->gguf->alignment, 64);
    assert_int_equal(f->gguf->kv_count, 18);
    assert_int_equal(f->gguf->tensor_count, 3);
    assert_int_equal(f->gguf->size, f->builder.file.length);
    assert_int_equal(f->gguf->data % 64, 0);
    assert_true(f->gguf->data >= f->gguf->header_bytes && f->gguf->data < f->gguf->header_bytes + 64);
    assert_memory_equal(f->gguf->header, f->builder.file.bytes, (size_t)f->gguf->header_bytes);
    assert_string_equal(f->gguf->file, "a/b/sample.gguf");
}

static void test_entries_in_file_order(void **state) {
    fixture *f = *state;
    assert_true(ls_str_equal(f->gguf->kvs[0].key, LS_STR("general.architecture")));
    assert_true(ls_str_equal(f->gguf->kvs[17].key, LS_STR("empty")));
    const ls_gguf_kv *types = ls_gguf_find(f->gguf, "types");
    assert_non_null(types);
    assert_int_equal(types->type, LS_GGUF_ARRAY);
    assert_int_equal(types->element, LS_GGUF_I32);
    assert_int_equal(types->count, 4);
    assert_null(types->strings);
    uint64_t offset = ls_gguf_value_offset(f->gguf, types);
    assert_memory_equal(f->builder.file.bytes + offset, types->raw, 16);
}

static void test_absent(void **state) {
    fixture *f = *state;
    uint32_t value = 77;
    assert_null(ls_gguf_find(f->gguf, ""));
    assert_null(ls_gguf_find(f->gguf, "u3"));
    assert_null(ls_gguf_find(f->gguf, "u322"));
    assert_null(ls_gguf_find_tensor(f->gguf, "u32"));
    assert_int_equal(ls_gguf_u32(f->gguf, "gpt2.block_count", &value, &f->err), LS_ERR_MISSING);
    assert_string_equal(f->err.message,
                        "\"a/b/sample.gguf\": metadata key \"gpt2.block_count\": it is missing");
    assert_true(f->err.offset == LS_NO_OFFSET);
    assert_int_equal(value, 77);
    assert_int_equal(ls_gguf_u32(f->gguf, "gpt2.block_count", &value, NULL), LS_ERR_MISSING);
}

static void test_u32(void **state) {
    fixture *f = *state;
    static const struct {
        const char *key;
        ls_status status;
        uint32_t value;
        const char *message;
    } rows[] = {
        {"u32", LS_OK, 4000000000u, NULL},
        {"u8", LS_OK, 200, NULL},
        {"u16", LS_OK, 65534, NULL},
        {"i32", LS_OK, 7, NULL},
        {"u64", LS_ERR_VALUE, 0, "it is 4294967296, but must be from 0 to 4294967295"},
        {"i8", LS_ERR_VALUE, 0, "it is -56"},
        {"i16", LS_ERR_VALUE, 0, "it is -2"},
        {"i64", LS_ERR_VALUE, 0, "it is -1"},
        {"yes", LS_ERR_TYPE, 0, "it is of type bool, not an integer"},
        {"f32", LS_ERR_TYPE, 0, "it is of type f32, not an integer"},
        {"general.architecture", LS_ERR_TYPE, 0, "it is of type string, not an integer"},
        {"types", LS_ERR_TYPE, 0, "it is an array of i32, not an integer"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint32_t value = 0;
        assert_int_equal(ls_gguf_u32(f->gguf, rows[i].key, &value, &f->err), rows[i].status);
        assert_int_equal(value, rows[i].value);
        if (rows[i].message == NULL) continue;
        assert_message(f, rows[i].message);
        assert_int_equal(f->err.offset, ls_gguf_value_offset(f->gguf, ls_gguf_find(f->gguf, rows[i].key)));
    }
}

static void test_f32(void **state) {
    fixture *f = *state;
    float value = 0;
    assert_int_equal(ls_gguf_f32(f->gguf, "f32", &value, &f->err), LS_OK);
    assert_true(value == 0.1f);
    assert_int_equal(ls_gguf_f32(f->gguf, "f64", &value, &f->err), LS_ERR_VALUE);
    assert_message(f, "it is 1e+300, but must be at most 3.4028");
    assert_int_equal(ls_gguf_f32(f->gguf, "u32", &value, &f->err), LS_ERR_TYPE);
}

/* Doubles that a float can hold, and those that are no number: whoever uses them judges them. */
static void test_f64_as_f32(void **state) {
    (void)state;
    gguf_builder b;
    memory_source memory;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    const ls_gguf *gguf = NULL;
    float value = 0;
    gb_init(&b);
    gb_begin(&b);
    gb_kv_f64(&b, "half", 0.5);
    gb_kv_f64(&b, "nan", (double)NAN);
    gb_kv_f64(&b, "infinity", -(double)INFINITY);
    gb_finish(&b);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "doubles.gguf");
    ls_arena_init(&arena, &allocator);
    assert_int_equal(ls_gguf_open(&source, &arena, &gguf, NULL), LS_OK);
    assert_int_equal(ls_gguf_f32(gguf, "half", &value, NULL), LS_OK);
    assert_true(value == 0.5f);
    assert_int_equal(ls_gguf_f32(gguf, "nan", &value, NULL), LS_OK);
    assert_true(isnan(value));
    assert_int_equal(ls_gguf_f32(gguf, "infinity", &value, NULL), LS_OK);
    assert_true(isinf(value) && value < 0);
    ls_arena_clear(&arena);
    gb_free(&b);
}

static void test_bool_and_string(void **state) {
    fixture *f = *state;
    int flag = -1;
    ls_str text;
    assert_int_equal(ls_gguf_bool(f->gguf, "yes", &flag, &f->err), LS_OK);
    assert_int_equal(flag, 1);
    assert_int_equal(ls_gguf_bool(f->gguf, "no", &flag, &f->err), LS_OK);
    assert_int_equal(flag, 0);
    assert_int_equal(ls_gguf_bool(f->gguf, "u8", &flag, &f->err), LS_ERR_TYPE);
    assert_int_equal(ls_gguf_str(f->gguf, "general.architecture", &text, &f->err), LS_OK);
    assert_true(ls_str_equal(text, LS_STR("gpt2")));
    assert_int_equal(ls_gguf_str(f->gguf, "tokens", &text, &f->err), LS_ERR_TYPE);
    assert_message(f, "it is an array of string, not a string");
}

static void test_strings(void **state) {
    fixture *f = *state;
    const ls_str *tokens = NULL;
    uint64_t count = 0;
    assert_int_equal(ls_gguf_strings(f->gguf, "tokens", &tokens, &count, &f->err), LS_OK);
    assert_int_equal(count, 4);
    assert_true(ls_str_equal(tokens[0], LS_STR("a")));
    assert_int_equal(tokens[2].length, 0);
    assert_true(ls_str_equal(tokens[3], LS_STR("ab")));
    assert_int_equal(ls_gguf_strings(f->gguf, "types", &tokens, &count, &f->err), LS_ERR_TYPE);
    assert_int_equal(ls_gguf_strings(f->gguf, "general.architecture", &tokens, &count, &f->err), LS_ERR_TYPE);
}

static void test_i32s(void **state) {
    fixture *f = *state;
    const int32_t *types = NULL;
    uint64_t count = 0;
    assert_int_equal(ls_gguf_i32s(f->gguf, "types", &f->arena, &types, &count, &f->err), LS_OK);
    assert_int_equal(count, 4);
    assert_int_equal(types[2], 3);
    assert_int_equal(types[3], -1);
    assert_int_equal(ls_gguf_i32s(f->gguf, "empty", &f->arena, &types, &count, &f->err), LS_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ls_gguf_i32s(f->gguf, "wide", &f->arena, &types, &count, &f->err), LS_ERR_VALUE);
    assert_message(f, "\"wide\", item 2: it is 2147483648");
    assert_int_equal(f->err.offset, ls_gguf_value_offset(f->gguf, ls_gguf_find(f->gguf, "wide")) + 8);
    assert_int_equal(ls_gguf_i32s(f->gguf, "i32", &f->arena, &types, &count, &f->err), LS_ERR_TYPE);
    assert_int_equal(ls_gguf_i32s(f->gguf, "tokens", &f->arena, &types, &count, &f->err), LS_ERR_TYPE);
}

static void test_f32s(void **state) {
    (void)state;
    static const float scores[] = {0, -1.5f, -1e9f};
    static const double wide[] = {0.5, -2}, beyond[] = {0.5, -2, 1e39};
    static const int32_t whole[] = {1};
    fixture f;
    ls_allocator allocator = ls_allocator_default();
    gb_init(&f.builder);
    gb_begin(&f.builder);
    gb_kv_f32s(&f.builder, "scores", scores, 3);
    gb_kv_f64s(&f.builder, "wide", wide, 2);
    gb_kv_f64s(&f.builder, "beyond", beyond, 3);
    gb_kv_f32s(&f.builder, "empty", NULL, 0);
    gb_kv_i32s(&f.builder, "whole", whole, 1);
    gb_kv_f32(&f.builder, "one", 1);
    gb_finish(&f.builder);
    ls_source source = memory_source_open(&f.memory, f.builder.file.bytes, f.builder.file.length, "f32s.gguf");
    ls_arena_init(&f.arena, &allocator);
    assert_int_equal(ls_gguf_open(&source, &f.arena, &f.gguf, &f.err), LS_OK);
    const float *values = NULL;
    uint64_t count = 0;
    assert_int_equal(ls_gguf_f32s(f.gguf, "scores", &f.arena, &values, &count, &f.err), LS_OK);
    assert_int_equal(count, 3);
    assert_memory_equal(values, scores, sizeof scores);
    assert_int_equal(ls_gguf_f32s(f.gguf, "wide", &f.arena, &values, &count, &f.err), LS_OK);
    assert_true(count == 2 && values[0] == 0.5f && values[1] == -2);
    assert_int_equal(ls_gguf_f32s(f.gguf, "empty", &f.arena, &values, &count, &f.err), LS_OK);
    assert_int_equal(count, 0);
    assert_int_equal(ls_gguf_f32s(f.gguf, "beyond", &f.arena, &values, &count, &f.err), LS_ERR_VALUE);
    assert_message(&f, "\"beyond\", item 3: it is 1e+39");
    assert_int_equal(f.err.offset, ls_gguf_value_offset(f.gguf, ls_gguf_find(f.gguf, "beyond")) + 16);
    assert_int_equal(ls_gguf_f32s(f.gguf, "whole", &f.arena, &values, &count, &f.err), LS_ERR_TYPE);
    assert_message(&f, "an array of i32, not an array of f32 or f64");
    assert_int_equal(ls_gguf_f32s(f.gguf, "one", &f.arena, &values, &count, &f.err), LS_ERR_TYPE);
    assert_int_equal(ls_gguf_f32s(f.gguf, "none", &f.arena, &values, &count, &f.err), LS_ERR_MISSING);
    close_sample((void *[]){&f});
}

static void test_tensors(void **state) {
    fixture *f = *state;
    const ls_gguf_tensor *embedding = ls_gguf_find_tensor(f->gguf, "token_embd.weight");
    assert_non_null(embedding);
    assert_int_equal(embedding->type, LS_GGML_Q8_0);
    assert_int_equal(embedding->n_dims, 3);
    assert_int_equal(embedding->dims[0], 32);
    assert_int_equal(embedding->dims[1], 2);
    assert_int_equal(embedding->dims[3], 1);
    assert_int_equal(embedding->bytes, 68);
    assert_int_equal(embedding->offset, f->gguf->data + 64);
    const ls_gguf_tensor *bias = ls_gguf_find_tensor(f->gguf, "norm.bias");
    float first = 0;
    memcpy(&first, f->builder.file.bytes + bias->offset, sizeof first);
    assert_true(first == 0.5f);
    assert_ptr_equal(f->gguf->by_offset[0], bias);
    assert_ptr_equal(f->gguf->by_offset[1], embedding);
}

/* The rising order of data, whatever the order in the header. */
static void test_by_offset(void **state) {
    (void)state;
    enum { TENSORS = 1000 };
    gguf_builder b;
    memory_source memory;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    const ls_gguf *gguf = NULL;
    gb_init(&b);
    gb_begin(&b);
    for (uint64_t i = 0; i < TENSORS; i++) {
        char name[4] = {(char)('a' + i / 100), (char)('a' + i / 10 % 10), (char)('a' + i % 10), 0};
        gb_tensor_entry(&b, (ls_str){name, 3}, 1, (const uint64_t[]){8}, LS_GGML_F32, i * 677 % TENSORS * 32);
    }
    gb_finish(&b);
    gb_pad(&b);
    gb_zeros(&b, TENSORS * 32);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "shuffled.gguf");
    ls_arena_init(&arena, &allocator);
    assert_int_equal(ls_gguf_open(&source, &arena, &gguf, NULL), LS_OK);
    for (uint64_t i = 0; i < TENSORS; i++) assert_int_equal(gguf->by_offset[i]->offset, gguf->data + i * 32);
    ls_arena_clear(&arena);
    gb_free(&b);
}

static void test_type_names(void **state) {
    (void)state;
    assert_string_equal(ls_gguf_type_name(LS_GGUF_U8), "u8");
    assert_string_equal(ls_gguf_type_name(LS_GGUF_F64), "f64");
    assert_string_equal(ls_gguf_type_name(LS_GGUF_TYPE_COUNT), "unknown");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_header, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(test_entries_in_file_order, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(test_absent, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(test_u32, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(test_f32, open_sample, close_sample),
        cmocka_unit_test(test_f64_as_f32),
        cmocka_unit_test_setup_teardown(test_bool_and_string, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(test_strings, open_sample, close_sample),
        cmocka_unit_test_setup_teardown(test_i32s, open_sample, close_sample),
        cmocka_unit_test(test_f32s),
        cmocka_unit_test_setup_teardown(test_tensors, open_sample, close_sample),
        cmocka_unit_test(test_by_offset),
        cmocka_unit_test(test_type_names),
    };
    return cmocka_run_group_tests_name("gguf access", tests, NULL, NULL);
}
