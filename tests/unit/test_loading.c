/* A model whose bytes come in pieces: whatever their sizes, it is the one that ls_model_open reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/random.h"
#include "quant/types.h"
#include "support/debug_allocator.h"
#include "support/memory_source.h"
#include "support/runs.h"
#include "support/tiny_model.h"

enum { MEBIBYTE = 1 << 20 };

static const char sea[] = "the sea";

typedef struct bench {
    debug_allocator debug;
    ls_engine *engine;
    gguf_builder file;
    memory_source memory;
    ls_source source;
} bench;

static void open_bench(bench *b, const tiny_model *model, unsigned threads) {
    ls_allocator allocator = debug_allocator_open(&b->debug);
    assert_int_equal(ls_engine_open(NULL, threads, &allocator, &b->engine, NULL), LS_OK);
    tiny_model_build(model, &b->file);
    b->source = memory_source_open(&b->memory, b->file.file.bytes, b->file.file.length, "tiny.gguf");
}

static void close_bench(bench *b) {
    ls_engine_close(b->engine);
    assert_int_equal(b->debug.live, 0);
    gb_free(&b->file);
}

static ls_loading *open_loading(bench *b, const char *sha256) {
    ls_loading *loading = NULL;
    ls_error err = {0};
    if (ls_loading_open(b->engine, &b->source, sha256, &loading, &err) != LS_OK) fail_msg("%s", err.message);
    return loading;
}

/* Bytes from `at` on as far as `end`, `most` at a time; 0: pieces of any size. Returns where it stopped. */
static uint64_t feed(bench *b, ls_loading *loading, uint64_t at, uint64_t end, size_t most) {
    while (at < end) {
        size_t room = 0;
        unsigned char *target = ls_loading_room(loading, &room);
        size_t n = most != 0 ? most : 1 + (size_t)(ls_random_u64(7, at) % (2 * MEBIBYTE));
        if (n > room) n = room;
        if (n > end - at) n = (size_t)(end - at);
        assert_true(room > 0 && room <= b->source.size - at);
        memcpy(target, b->file.file.bytes + at, n);
        assert_int_equal(ls_loading_feed(loading, n, NULL), LS_OK);
        at += n;
    }
    return at;
}

static ls_model *finish(ls_loading *loading) {
    size_t room = 1;
    ls_model *model = NULL;
    ls_error err = {0};
    (void)ls_loading_room(loading, &room);
    assert_int_equal(room, 0);
    if (ls_loading_finish(loading, &model, &err) != LS_OK) fail_msg("%s", err.message);
    ls_loading_close(loading);
    return model;
}

static void digest_of(ls_model *model, char digest[65]) {
    ls_session *session = run_text(model, sea, LS_LENS_NORMED);
    ls_result *result = measure(session, LS_LENS_NORMED);
    memcpy(digest, result->digest, 65);
    ls_result_close(result);
    ls_session_close(session);
}

/* ---- pieces ---------------------------------------------------------------------------------------------- */

static void expect_same_in_pieces(const tiny_model *model, unsigned threads, const size_t *most, size_t count) {
    bench b;
    char expected[65], digest[65];
    open_bench(&b, model, threads);
    ls_model *whole = NULL;
    assert_int_equal(ls_model_open(b.engine, &b.source, &whole, NULL), LS_OK);
    digest_of(whole, expected);
    for (size_t i = 0; i < count; i++) {
        ls_loading *loading = open_loading(&b, NULL);
        feed(&b, loading, 0, b.source.size, most[i]);
        ls_model *pieced = finish(loading);
        digest_of(pieced, digest);
        assert_string_equal(digest, expected);
        assert_string_equal(ls_model_describe(pieced)->sha256, ls_model_describe(whole)->sha256);
        assert_int_equal(ls_model_describe(pieced)->resident, ls_model_describe(whole)->resident);
        ls_model_close(pieced);
    }
    ls_model_close(whole);
    close_bench(&b);
}

static void test_small_model_in_pieces(void **state) {
    (void)state;
    static const size_t most[] = {1, 7, 1000, SIZE_MAX};
    for (unsigned threads = 1; threads <= 3; threads++) {
        tiny_model model = tiny_model_default();
        expect_same_in_pieces(&model, threads, most, 4);
        model.family = model.says = "gptneox";
        model.width = 96;
        model.heads = 3;
        model.type = LS_GGML_Q8_0;
        expect_same_in_pieces(&model, threads, most, 4);
    }
}

/* Matrices that lie in several pieces, with rows that no power of two divides. */
static void test_large_model_in_pieces(void **state) {
    (void)state;
    static const size_t most[] = {0, 65537, SIZE_MAX};
    tiny_model model = tiny_model_default();
    model.width = 352;
    model.feed_forward = 3008;
    model.layers = 2;
    model.type = LS_GGML_Q8_0;
    for (unsigned threads = 1; threads <= 3; threads++) expect_same_in_pieces(&model, threads, most, 3);
}

/* Rows of more than a mebibyte, of which a piece holds one, and of half of that, of which it holds no panel. */
static void test_long_rows(void **state) {
    (void)state;
    static const size_t most[] = {0, SIZE_MAX};
    static const uint32_t lengths[] = {MEBIBYTE / 4 + 3, MEBIBYTE / 12};
    for (size_t i = 0; i < 2; i++) {
        tiny_model model = tiny_model_default();
        model.width = 10;
        model.feed_forward = lengths[i];
        expect_same_in_pieces(&model, 2, most, 2);
    }
}

/* Many tensors in one piece. */
static void test_many_small_tensors(void **state) {
    (void)state;
    static const size_t most[] = {0, SIZE_MAX};
    tiny_model model = tiny_model_default();
    model.width = model.heads = model.feed_forward = 1;
    model.layers = 40;
    expect_same_in_pieces(&model, 2, most, 2);
}

/* ---- the digest of who knows it -------------------------------------------------------------------------- */

static void test_vouched_digest(void **state) {
    (void)state;
    static const char vouched[] = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
    bench b;
    tiny_model tiny = tiny_model_default();
    open_bench(&b, &tiny, 2);
    ls_loading *loading = open_loading(&b, vouched);
    feed(&b, loading, 0, b.source.size, SIZE_MAX);
    ls_model *model = finish(loading);
    assert_string_equal(ls_model_describe(model)->sha256, vouched);
    ls_model_close(model);
    close_bench(&b);
}

static void test_what_is_no_digest(void **state) {
    (void)state;
    static const char *const wrong[] = {"", "00112233",
                                        "00112233445566778899AABBCCDDEEFF00112233445566778899aabbccddeeff",
                                        "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff0"};
    bench b;
    tiny_model tiny = tiny_model_default();
    open_bench(&b, &tiny, 1);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        ls_loading *loading = NULL;
        ls_error err = {0};
        assert_int_equal(ls_loading_open(b.engine, &b.source, wrong[i], &loading, &err), LS_ERR_ARGUMENT);
        assert_null(loading);
        assert_non_null(strstr(err.message, "64 hexadecimal digits"));
    }
    close_bench(&b);
}

/* ---- what a host may do ---------------------------------------------------------------------------------- */

static void test_dropped_anywhere(void **state) {
    (void)state;
    bench b;
    tiny_model tiny = tiny_model_default();
    tiny.width = 352;
    tiny.feed_forward = 3008;
    open_bench(&b, &tiny, 2);
    for (uint64_t end = 0; end <= b.source.size; end += b.source.size / 7) {
        ls_loading *loading = open_loading(&b, NULL);
        feed(&b, loading, 0, end, 0);
        ls_loading_close(loading);
    }
    ls_loading_close(NULL);
    close_bench(&b);
}

static void test_ended_early(void **state) {
    (void)state;
    bench b;
    tiny_model tiny = tiny_model_default();
    open_bench(&b, &tiny, 2);
    for (uint64_t missing = 1; missing <= b.source.size; missing *= 3) {
        ls_loading *loading = open_loading(&b, NULL);
        ls_model *model = NULL;
        ls_error err = {0};
        uint64_t fed = feed(&b, loading, 0, b.source.size - missing, SIZE_MAX);
        assert_int_equal(ls_loading_finish(loading, &model, &err), LS_ERR_TRUNCATED);
        assert_int_equal(err.offset, fed);
        assert_non_null(strstr(err.message, "tiny.gguf"));
        assert_null(model);
        ls_loading_close(loading);
    }
    close_bench(&b);
}

static void test_fed_too_much(void **state) {
    (void)state;
    bench b;
    tiny_model tiny = tiny_model_default();
    open_bench(&b, &tiny, 1);
    size_t room = 0;
    ls_error err = {0};
    ls_loading *loading = open_loading(&b, NULL);
    (void)ls_loading_room(loading, &room);
    assert_int_equal(ls_loading_feed(loading, room + 1, &err), LS_ERR_ARGUMENT);
    feed(&b, loading, 0, b.source.size, SIZE_MAX);
    assert_int_equal(ls_loading_feed(loading, 1, &err), LS_ERR_ARGUMENT);
    ls_model_close(finish(loading));
    close_bench(&b);
}

/* The source and its name are not needed after the opening, and other models run between two pieces. */
static void test_engine_in_use_meanwhile(void **state) {
    (void)state;
    bench b;
    char name[] = "tiny.gguf", expected[65], digest[65];
    tiny_model tiny = tiny_model_default();
    tiny.width = 352;
    tiny.feed_forward = 3008;
    tiny.name = "";
    open_bench(&b, &tiny, 2);
    ls_model *other = open_model(b.engine, FIXTURES "gpt2-q8_0.gguf");
    digest_of(other, expected);
    b.source.name = name;
    ls_loading *loading = open_loading(&b, NULL);
    memset(name, '?', sizeof name);
    b.memory.fail_read = 1;
    for (uint64_t at = 0; at < b.source.size;) {
        uint64_t left = b.source.size - at;
        at = feed(&b, loading, at, at + (left < MEBIBYTE ? left : MEBIBYTE), SIZE_MAX);
        digest_of(other, digest);
        assert_string_equal(digest, expected);
    }
    ls_model *model = finish(loading);
    assert_string_equal(ls_model_describe(model)->name, "tiny.gguf");
    ls_model_close(model);
    ls_model_close(other);
    close_bench(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_model_in_pieces),
        cmocka_unit_test(test_large_model_in_pieces),
        cmocka_unit_test(test_long_rows),
        cmocka_unit_test(test_many_small_tensors),
        cmocka_unit_test(test_vouched_digest),
        cmocka_unit_test(test_what_is_no_digest),
        cmocka_unit_test(test_dropped_anywhere),
        cmocka_unit_test(test_ended_early),
        cmocka_unit_test(test_fed_too_much),
        cmocka_unit_test(test_engine_in_use_meanwhile),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
