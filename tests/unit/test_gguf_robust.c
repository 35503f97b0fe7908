/* What a hostile or unlucky file can do to the reader: nothing. Cuts, flips, failing reads and allocations,
 * files that change while they are read, and the ceilings on memory and time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "gguf/index.h"
#include "gguf/parse.h"
#include "quant/types.h"
#include "support/debug_allocator.h"
#include "support/gguf_cases.h"
#include "support/memory_source.h"

#define SMALL_WINDOW UINT64_C(16)

/* Opens, looks every entry up, closes; asserts that nothing leaks and that a refusal says why. */
static ls_status open_and_close(const ls_source *source, uint64_t window, debug_allocator *debug,
                                uint64_t fail_at, ls_error *err) {
    ls_allocator allocator = debug_allocator_open(debug);
    ls_arena arena;
    const ls_gguf *gguf = NULL;
    *err = (ls_error){LS_OK, LS_NO_OFFSET, ""};
    debug->fail_at = fail_at;
    ls_arena_init(&arena, &allocator);
    ls_status status = ls_gguf_open_windowed(source, &arena, window, &gguf, err);
    if (status == LS_OK) {
        for (uint64_t i = 0; i < gguf->kv_count; i++)
            assert_int_equal(ls_gguf_index_find(gguf->key_index, gguf->kvs[i].key), i);
        for (uint64_t i = 0; i < gguf->tensor_count; i++)
            assert_int_equal(ls_gguf_index_find(gguf->name_index, gguf->tensors[i].name), i);
    } else {
        assert_int_equal(err->status, status);
        assert_true(err->message[0] != '\0');
    }
    ls_arena_clear(&arena);
    assert_int_equal(debug->live, 0);
    return status;
}

static uint64_t header_bytes_of(const gguf_builder *b) {
    memory_source memory;
    ls_allocator allocator = ls_allocator_default();
    ls_arena arena;
    const ls_gguf *gguf = NULL;
    ls_source source = memory_source_open(&memory, b->file.bytes, b->file.length, "sample.gguf");
    ls_arena_init(&arena, &allocator);
    assert_int_equal(ls_gguf_open(&source, &arena, &gguf, NULL), LS_OK);
    uint64_t bytes = gguf->header_bytes;
    ls_arena_clear(&arena);
    return bytes;
}

static void test_cut_at_every_byte(void **state) {
    (void)state;
    gguf_builder b;
    memory_source memory;
    debug_allocator debug;
    gb_init(&b);
    gguf_sample(&b);
    /* The counts announce more than a short rest can hold; from then on the file ends too early. */
    uint64_t enough = 24 + 3 * 33 + 18 * 14;
    for (uint64_t n = 0; n < b.file.length; n++) {
        ls_error err, again;
        ls_source source = memory_source_open(&memory, b.file.bytes, n, "cut.gguf");
        ls_status status = open_and_close(&source, SMALL_WINDOW, &debug, 0, &err);
        ls_status expected = n == 0 ? LS_ERR_EMPTY : n < 24 || n >= enough ? LS_ERR_TRUNCATED : LS_ERR_COUNT;
        assert_int_equal(status, expected);
        assert_true(err.offset <= n);
        assert_int_equal(open_and_close(&source, 1 << 20, &debug, 0, &again), status);
        assert_int_equal(again.offset, err.offset);
        assert_string_equal(again.message, err.message);
    }
    gb_free(&b);
}

static void test_flip_every_bit(void **state) {
    (void)state;
    gguf_builder b;
    memory_source memory;
    debug_allocator debug;
    unsigned refused = 0, accepted = 0;
    gb_init(&b);
    gguf_sample(&b);
    uint64_t header = header_bytes_of(&b);
    for (uint64_t at = 0; at < header; at++)
        for (unsigned mask = 1; mask < 512; mask *= 2) {
            unsigned char flip = mask == 256 ? 0xff : (unsigned char)mask;
            ls_error err, again;
            ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "flipped.gguf");
            b.file.bytes[at] ^= flip;
            ls_status status = open_and_close(&source, SMALL_WINDOW, &debug, 0, &err);
            assert_int_equal(open_and_close(&source, 1 << 20, &debug, 0, &again), status);
            assert_int_equal(again.offset, err.offset);
            assert_string_equal(again.message, err.message);
            b.file.bytes[at] ^= flip;
            refused += status != LS_OK;
            accepted += status == LS_OK;
        }
    assert_true(refused > 0 && accepted > 0);
    gb_free(&b);
}

static void test_read_fails(void **state) {
    (void)state;
    gguf_builder b;
    memory_source memory;
    debug_allocator debug;
    ls_error err;
    gb_init(&b);
    gguf_sample(&b);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "unreadable.gguf");
    assert_int_equal(open_and_close(&source, SMALL_WINDOW, &debug, 0, &err), LS_OK);
    uint64_t reads = memory.reads;
    assert_true(reads > 10);
    for (uint64_t i = 1; i <= reads; i++) {
        source = memory_source_open(&memory, b.file.bytes, b.file.length, "unreadable.gguf");
        memory.fail_read = i;
        assert_int_equal(open_and_close(&source, SMALL_WINDOW, &debug, 0, &err), LS_ERR_READ);
        assert_non_null(strstr(err.message, "\"unreadable.gguf\", byte "));
        assert_non_null(strstr(err.message, "could not be read"));
        assert_true(err.offset < b.file.length);
    }
    gb_free(&b);
}

static void test_every_allocation_fails(void **state) {
    (void)state;
    gguf_builder b;
    memory_source memory;
    debug_allocator debug;
    ls_error err;
    uint64_t fail_at = 0;
    gb_init(&b);
    gguf_sample(&b);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "sample.gguf");
    ls_status status = LS_ERR_MEMORY;
    while (status != LS_OK) {
        status = open_and_close(&source, SMALL_WINDOW, &debug, ++fail_at, &err);
        if (status != LS_OK) assert_int_equal(status, LS_ERR_MEMORY);
    }
    assert_true(fail_at > 8);
    gb_free(&b);
}

/* The file changes between the first reading and the second: any verdict will do, damage will not. */
static void test_file_changes(void **state) {
    (void)state;
    gguf_builder b;
    memory_source memory;
    debug_allocator debug;
    ls_error err;
    unsigned noticed = 0;
    gb_init(&b);
    gguf_sample(&b);
    uint64_t header = header_bytes_of(&b);
    for (uint64_t at = 0; at < header; at++) {
        ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "changing.gguf");
        memory.twist_from = 2;
        memory.twist_at = at;
        noticed += open_and_close(&source, 1 << 20, &debug, 0, &err) != LS_OK;
    }
    assert_true(noticed > 0);
    gb_free(&b);
}

/* As above, but the change is one the grammar allows: more entries or strings than before, or fewer. */
static void test_counts_change(void **state) {
    (void)state;
    enum { OFFSET_OF_KV_COUNT = 16 };
    gguf_builder b;
    memory_source memory;
    debug_allocator debug;
    ls_error err;
    gb_init(&b);
    gb_start(&b, 3, 0, 0);
    gb_key(&b, "k", LS_GGUF_ARRAY);
    gb_u32(&b, LS_GGUF_STRING);
    uint64_t offset_of_string_count = b.file.length;
    gb_u64(&b, 0);
    for (int i = 0; i < 300; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%03d", i);
        gb_kv_string(&b, key, "");
    }
    gb_zeros(&b, 3000);
    static const unsigned char first_counts[] = {5, 250, 0x0f, 0xf0};
    for (size_t i = 0; i < sizeof first_counts; i++)
        for (int strings = 0; strings < 2; strings++) {
            uint64_t at = strings ? offset_of_string_count : OFFSET_OF_KV_COUNT;
            b.file.bytes[OFFSET_OF_KV_COUNT] = strings ? 1 : first_counts[i];
            b.file.bytes[offset_of_string_count] = 0;
            ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "changing.gguf");
            memory.twist_from = 2;
            memory.twist_at = at;
            ls_status status = open_and_close(&source, 1 << 20, &debug, 0, &err);
            /* 255 strings do not fit the shape of the entries behind them. */
            assert_true(status == LS_ERR_READ || (strings && status == LS_ERR_LENGTH));
        }
    gb_free(&b);
}

/* ---- ceilings ---- */

enum { MILLION = 1000 * 1000 };

/* A plain build stays under a second; sanitisers slow it down two to three times. */
#if defined(__SANITIZE_ADDRESS__)
#define SECONDS_MAX 3.0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SECONDS_MAX 3.0
#endif
#endif
#ifndef SECONDS_MAX
#define SECONDS_MAX 1.0
#endif

/* Distinct names of three bytes. */
static ls_str tiny_name(uint32_t i, char name[3]) {
    name[0] = (char)(1 + i / (127 * 127));
    name[1] = (char)(1 + i / 127 % 127);
    name[2] = (char)(1 + i % 127);
    return (ls_str){name, 3};
}

static void million_keys(gguf_builder *b) {
    char name[3];
    gb_start(b, 3, 0, MILLION);
    for (uint32_t i = 0; i < MILLION; i++) {
        gb_str(b, tiny_name(i, name));
        gb_u32(b, LS_GGUF_U8);
        gb_u8(b, 0);
    }
}
static void million_keys_last_twice(gguf_builder *b) {
    million_keys(b);
    memcpy(b->file.bytes + b->file.length - 8, b->file.bytes + 24 + 8, 3);
}
static void million_empty_strings(gguf_builder *b) {
    char name[3];
    gb_start(b, 3, 0, MILLION);
    for (uint32_t i = 0; i < MILLION; i++) {
        gb_str(b, tiny_name(i, name));
        gb_u32(b, LS_GGUF_STRING);
        gb_u64(b, 0);
    }
}
static void array_of_empty_strings(gguf_builder *b) {
    gb_start(b, 3, 0, 1);
    gb_key(b, "k", LS_GGUF_ARRAY);
    gb_u32(b, LS_GGUF_STRING);
    gb_u64(b, 2 * MILLION);
    gb_zeros(b, (size_t)16 * MILLION);
}
static void vocabulary(gguf_builder *b) {
    enum { TOKENS = 50000 };
    char text[32];
    gb_start(b, 3, 0, 3);
    gb_kv_string(b, "tokenizer.ggml.model", "gpt2");
    for (int list = 0; list < 2; list++) {
        gb_key(b, list == 0 ? "tokenizer.ggml.tokens" : "tokenizer.ggml.merges", LS_GGUF_ARRAY);
        gb_u32(b, LS_GGUF_STRING);
        gb_u64(b, TOKENS);
        for (int i = 0; i < TOKENS; i++) {
            int n = snprintf(text, sizeof text, list == 0 ? "%x" : "%x %x", (unsigned)i * 7919u, (unsigned)i);
            gb_str(b, (ls_str){text, (size_t)n});
        }
    }
}
static void many_tensors(gguf_builder *b) {
    enum { TENSORS = 300 * 1000 };
    char name[3];
    gb_start(b, 3, TENSORS, 0);
    for (uint32_t i = 0; i < TENSORS; i++)
        gb_tensor_entry(b, tiny_name(i, name), 1, (const uint64_t[]){8}, LS_GGML_F32,
                        (TENSORS - 1 - i) * UINT64_C(32));
    gb_pad(b);
    gb_zeros(b, (size_t)TENSORS * 32);
}
static void empty_file(gguf_builder *b) { gb_start(b, 3, 0, 0); }
/* One entry, then megabytes: the counts of a small header must not cost what the file could hold. */
static void boastful(gguf_builder *b) {
    gb_start(b, 3, 0, MILLION);
    gb_zeros(b, (size_t)16 * MILLION);
}

/* Memory and time of files of extreme shape. */
static void test_ceilings(void **state) {
    (void)state;
    static const struct {
        const char *name;
        void (*build)(gguf_builder *b);
        ls_status status;
    } rows[] = {
        {"a million tiny keys", million_keys, LS_OK},
        {"a million tiny keys, the last one twice", million_keys_last_twice, LS_ERR_DUPLICATE},
        {"a million keys with empty strings", million_empty_strings, LS_OK},
        {"an array of two million empty strings", array_of_empty_strings, LS_OK},
        {"a vocabulary of 50,000 strings", vocabulary, LS_OK},
        {"300,000 tensors, backwards", many_tensors, LS_OK},
        {"nothing", empty_file, LS_OK},
        {"a count that is not kept", boastful, LS_ERR_LENGTH},
        {"the sample", gguf_sample, LS_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        gguf_builder b;
        memory_source memory;
        debug_allocator debug;
        ls_error err;
        ls_arena arena;
        const ls_gguf *gguf = NULL;
        gb_init(&b);
        rows[i].build(&b);
        ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "extreme.gguf");
        ls_allocator allocator = debug_allocator_open(&debug);
        ls_arena_init(&arena, &allocator);
        clock_t begin = clock();
        ls_status status = ls_gguf_open(&source, &arena, &gguf, &err);
        double seconds = (double)(clock() - begin) / CLOCKS_PER_SEC;
        assert_int_equal(status, rows[i].status);
        double header = (double)(gguf != NULL ? gguf->header_bytes : err.offset);
        print_message("%s: header %.0f bytes, peak %.0f (%.2f x), %.3f s\n", rows[i].name, header,
                      (double)debug.peak, (double)debug.peak / header, seconds);
        assert_true((double)debug.peak <= 4 * header + 1024 * 1024);
        assert_true(seconds < SECONDS_MAX);
        ls_arena_clear(&arena);
        assert_int_equal(debug.live, 0);
        gb_free(&b);
    }
}

/* A file of any size costs its header: no read goes further than a read-ahead behind it. */
static void test_reads_the_header_alone(void **state) {
    (void)state;
    gguf_builder b;
    memory_source memory;
    debug_allocator debug;
    ls_error err;
    gb_init(&b);
    gguf_sample(&b);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "huge.gguf");
    source.size = UINT64_C(5) << 32;
    assert_int_equal(open_and_close(&source, SMALL_WINDOW, &debug, 0, &err), LS_OK);
    assert_true(memory.end_of_read <= header_bytes_of(&b) + 64);
    assert_true(debug.peak < 64 * 1024);
    gb_free(&b);
}

/* Tensors beyond 4 GiB, in a file that holds them. */
static void test_data_beyond_4_gib(void **state) {
    (void)state;
    static const uint64_t dims[] = {1024, 1024, 1024};
    gguf_builder b;
    memory_source memory;
    ls_allocator allocator = ls_allocator_default();
    ls_arena arena;
    const ls_gguf *gguf = NULL;
    gb_init(&b);
    gb_begin(&b);
    gb_tensor_entry(&b, LS_STR("big"), 3, dims, LS_GGML_F32, 0);
    gb_tensor_entry(&b, LS_STR("after"), 3, dims, LS_GGML_F32, UINT64_C(1) << 32);
    gb_finish(&b);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "9g.gguf");
    source.size = (UINT64_C(1) << 33) + 128;
    ls_arena_init(&arena, &allocator);
    assert_int_equal(ls_gguf_open(&source, &arena, &gguf, NULL), LS_OK);
    assert_true(gguf->tensors[0].bytes == UINT64_C(1) << 32);
    assert_true(gguf->tensors[1].offset == gguf->data + (UINT64_C(1) << 32));
    ls_arena_clear(&arena);
    source.size -= 1;
    assert_int_equal(ls_gguf_open(&source, &arena, &gguf, NULL), LS_ERR_TRUNCATED);
    ls_arena_clear(&arena);
    gb_free(&b);
}

/* A header of more than 256 MiB is refused, not read. */
static void test_header_limit(void **state) {
    (void)state;
    gguf_builder b;
    memory_source memory;
    debug_allocator debug;
    ls_error err;
    gb_init(&b);
    gb_start(&b, 3, 0, 1);
    gb_key(&b, "k", LS_GGUF_ARRAY);
    gb_u32(&b, LS_GGUF_U8);
    gb_u64(&b, LS_GGUF_HEADER_MAX);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "long.gguf");
    source.size = UINT64_C(1) << 33;
    assert_int_equal(open_and_close(&source, 1 << 20, &debug, 0, &err), LS_ERR_LENGTH);
    assert_int_equal(err.offset, b.file.length);
    assert_non_null(strstr(err.message, "over its limit of 268435456 bytes"));
    assert_true(debug.peak < 2 * 1024 * 1024);
    gb_free(&b);
}

/* ---- names made to collide ---- */

static void test_colliding_names(void **state) {
    (void)state;
    enum { NAMES = 3000, CROWDED = 40 };
    static char bytes[NAMES][8];
    static ls_str names[NAMES];
    const uint32_t capacity = NAMES + NAMES / 2 + 1;
    uint32_t found = 0;
    for (uint64_t i = 0; found < NAMES; i++) {
        ls_str name = {bytes[found], 8};
        memcpy(bytes[found], &i, 8);
        if (ls_gguf_slot(ls_gguf_hash(name, 0), capacity) < CROWDED) names[found++] = name;
    }
    ls_allocator allocator = ls_allocator_default();
    ls_arena arena;
    const ls_gguf_index *index = NULL;
    uint32_t duplicate = 0, first = 0;
    ls_arena_init(&arena, &allocator);
    assert_int_equal(ls_gguf_index_build(&arena, names, sizeof *names, NAMES, &index, &duplicate, &first, NULL),
                     LS_OK);
    assert_true(duplicate == LS_GGUF_NO_ENTRY);
    assert_int_equal(index->capacity, capacity);
    assert_int_equal(index->seed, 1); /* the crowd was noticed, and scattered */
    for (uint32_t i = 0; i < NAMES; i++) assert_int_equal(ls_gguf_index_find(index, names[i]), i);
    names[NAMES - 1] = names[7];
    assert_int_equal(ls_gguf_index_build(&arena, names, sizeof *names, NAMES, &index, &duplicate, &first, NULL),
                     LS_OK);
    assert_int_equal(duplicate, NAMES - 1);
    assert_int_equal(first, 7);
    ls_arena_clear(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_at_every_byte), cmocka_unit_test(test_flip_every_bit),
        cmocka_unit_test(test_read_fails),        cmocka_unit_test(test_every_allocation_fails),
        cmocka_unit_test(test_file_changes),      cmocka_unit_test(test_counts_change),
        cmocka_unit_test(test_ceilings),          cmocka_unit_test(test_reads_the_header_alone),
        cmocka_unit_test(test_data_beyond_4_gib), cmocka_unit_test(test_header_limit),
        cmocka_unit_test(test_colliding_names),
    };
    return cmocka_run_group_tests_name("gguf robustness", tests, NULL, NULL);
}
