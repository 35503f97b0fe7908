/* Models that cannot be used are refused by name; damaged weights load and are flagged. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "quant/types.h"
#include "support/debug_allocator.h"
#include "support/memory_source.h"
#include "support/runs.h"
#include "support/tiny_model.h"

enum { IQ4_NL = 20, MXFP4 = 39 };

/* Opens a file in memory on an allocator of its own; nothing may be left. Returns the status. */
static ls_status try_bytes(const void *bytes, size_t n, ls_error *err) {
    debug_allocator debug;
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_engine *engine = NULL;
    ls_model *model = NULL;
    memory_source memory;
    ls_source source = memory_source_open(&memory, bytes, n, "tiny.gguf");
    assert_int_equal(ls_engine_open(NULL, 1, &allocator, &engine, NULL), LS_OK);
    ls_status status = ls_model_open(engine, &source, &model, err);
    assert_int_equal(status == LS_OK, model != NULL);
    ls_model_close(model);
    ls_engine_close(engine);
    assert_int_equal(debug.live, 0);
    return status;
}

/* A model that must be refused with that status and a message with these two parts. */
static void expect_refused(const tiny_model *model, ls_status status, const char *first, const char *second) {
    gguf_builder b;
    ls_error err = {0};
    tiny_model_build(model, &b);
    ls_status got = try_bytes(b.file.bytes, b.file.length, &err);
    gb_free(&b);
    if (got != status || strstr(err.message, first) == NULL || strstr(err.message, second) == NULL)
        fail_msg("expected %s with \"%s\" and \"%s\", got %s: %s", ls_status_name(status), first, second,
                 ls_status_name(got), err.message);
    assert_non_null(strstr(err.message, "tiny.gguf"));
}

static void expect_accepted(const tiny_model *model) {
    gguf_builder b;
    ls_error err = {0};
    tiny_model_build(model, &b);
    ls_status got = try_bytes(b.file.bytes, b.file.length, &err);
    gb_free(&b);
    if (got != LS_OK) fail_msg("%s: %s", ls_status_name(got), err.message);
}

/* ---- what is accepted ---------------------------------------------------------------------------------- */

static void test_small_models(void **state) {
    (void)state;
    static const uint32_t types[] = {LS_GGML_F32, LS_GGML_F16, LS_GGML_Q8_0};
    for (size_t i = 0; i < 3; i++) {
        tiny_model model = tiny_model_default();
        model.type = types[i];
        expect_accepted(&model);
        model.family = model.says = "gptneox";
        expect_accepted(&model);
        model.layers = 5;
        model.heads = 1;
        model.feed_forward = 96;
        expect_accepted(&model);
    }
}

/* Widths that are no multiple of a block are fine where nothing is quantised. */
static void test_odd_sizes(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    model.width = 6;
    model.heads = 3;
    model.feed_forward = 7;
    model.context = 3;
    expect_accepted(&model);
    model.width = model.heads = model.feed_forward = 1;
    expect_accepted(&model);
}

/* A context of one token: the self-check at load must not read a second position. */
static void test_context_of_one(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    model.context = 1;
    expect_accepted(&model);
    model.family = model.says = "gptneox";
    expect_accepted(&model);
}

/* The name of a model is shown in messages and tables: it ends at the first character that would break a line
 * or steer a terminal, and is the source's where nothing is left. */
static void test_names(void **state) {
    (void)state;
    static const char *const names[][2] = {
        {"caf\xc3\xa9 1", "caf\xc3\xa9 1"},
        {"two\nlines", "two"},
        {"red \x1b[31m", "red "},
        {"c1 \xc2\x9b", "c1 "},
        {"bad \xff", "bad "},
        {"\ttab", "test.gguf"},
        {"", "test.gguf"},
    };
    ls_engine *engine = open_engine(NULL, 1);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tiny_model tiny = tiny_model_default();
        gguf_builder b;
        tiny.name = names[i][0];
        tiny_model_build(&tiny, &b);
        ls_model *model = open_model_bytes(engine, b.file.bytes, b.file.length);
        assert_string_equal(ls_model_describe(model)->name, names[i][1]);
        ls_model_close(model);
        gb_free(&b);
    }
    ls_engine_close(engine);
}

/* ---- what is refused ----------------------------------------------------------------------------------- */

static void test_unknown_architecture(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    model.says = "abacus";
    expect_refused(&model, LS_ERR_UNSUPPORTED, "\"abacus\"", "known are: gpt2, gptneox");
    model.says = "two\nlines";
    expect_refused(&model, LS_ERR_UNSUPPORTED, "two\\x0alines", "gpt2");
}

static void test_missing_tensors(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    model.left_out = "ffn_up.bias";
    expect_refused(&model, LS_ERR_MISSING, "1 tensors are missing", "blk.0.ffn_up.bias");
    model.layers = 2;
    model.left_out = "attn_norm.weight";
    expect_refused(&model, LS_ERR_MISSING, "2 tensors are missing",
                   "blk.0.attn_norm.weight, blk.1.attn_norm.weight");
    model.layers = 40;
    expect_refused(&model, LS_ERR_MISSING, "40 tensors are missing", ", and more");
    model.left_out = "token_embd.weight";
    expect_refused(&model, LS_ERR_MISSING, "token_embd.weight", "missing");
    model.left_out = "position_embd.weight";
    expect_refused(&model, LS_ERR_MISSING, "position_embd.weight", "missing");
}

static void test_foreign_tensor(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    model.foreign = "blk.0.attn_gate.weight";
    expect_refused(&model, LS_ERR_UNSUPPORTED, "\"blk.0.attn_gate.weight\"", "gpt2");
    model.foreign = "blk.1.attn_norm.weight"; /* a block beyond the last */
    expect_refused(&model, LS_ERR_UNSUPPORTED, "\"blk.1.attn_norm.weight\"", "gpt2");
}

static void test_wrong_shape(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    model.odd = "blk.0.ffn_up.weight";
    model.odd_rows = 33;
    expect_refused(&model, LS_ERR_SHAPE, "blk.0.ffn_up.weight has shape 32 x 33", "need 32 x 32");
    model.odd = "position_embd.weight";
    model.odd_rows = 7;
    expect_refused(&model, LS_ERR_SHAPE, "position_embd.weight has shape 32 x 7", "need 32 x 8");
    model.odd = "token_embd.weight";
    model.odd_rows = 258;
    expect_refused(&model, LS_ERR_SHAPE, "258 rows", "257 tokens");
    model.odd = "output_norm.bias";
    model.odd_rows = 2;
    expect_refused(&model, LS_ERR_SHAPE, "output_norm.bias", "32 x 2");
}

static void test_unreadable_types(void **state) {
    (void)state;
    tiny_model model = tiny_model_default();
    model.odd = "blk.0.attn_qkv.weight";
    model.odd_type = IQ4_NL;
    expect_refused(&model, LS_ERR_UNSUPPORTED, "blk.0.attn_qkv.weight is stored as IQ4_NL",
                   "Q5_K and Q6_K are read");
    model.odd_type = MXFP4;
    expect_refused(&model, LS_ERR_UNSUPPORTED, "stored as MXFP4", "F32, F16, BF16, Q8_0");
    model.odd = "blk.0.attn_qkv.bias"; /* a vector in blocks */
    model.odd_type = LS_GGML_Q8_0;
    expect_refused(&model, LS_ERR_UNSUPPORTED, "blk.0.attn_qkv.bias is stored as Q8_0",
                   "F32, F16 and BF16 are read");
}

static void test_missing_and_wrong_settings(void **state) {
    (void)state;
    static const char *const keys[] = {"block_count", "embedding_length", "head_count", "feed_forward_length",
                                       "context_length"};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        tiny_model model = tiny_model_default();
        model.left_out = keys[i];
        expect_refused(&model, LS_ERR_MISSING, keys[i], "gpt2.");
    }
    tiny_model model = tiny_model_default();
    model.heads = 5;
    expect_refused(&model, LS_ERR_VALUE, "embedding_length is 32", "head_count, 5");
    model.heads = 0;
    expect_refused(&model, LS_ERR_VALUE, "head_count is 0", "between 1 and");
    model = tiny_model_default();
    model.layers = 0;
    expect_refused(&model, LS_ERR_VALUE, "block_count is 0", "between 1 and");
    model = tiny_model_default();
    model.context = 0;
    model.left_out = "position_embd.weight";
    expect_refused(&model, LS_ERR_VALUE, "context_length is 0", "between 1 and");
    model = tiny_model_default();
    model.family = model.says = "gptneox";
    model.heads = 16; /* heads of 2 channels, of which 1 would be rotated */
    expect_refused(&model, LS_ERR_VALUE, "rope.dimension_count is 1", "even");
}

/* ---- damaged weights ----------------------------------------------------------------------------------- */

/* Puts four bytes into a copy of a fixture and returns what the result counts as not finite. */
static uint32_t nonfinite_with(const char *tensor, size_t weight, uint32_t bits) {
    file_bytes file = load_file(FIXTURES "gpt2-f32.gguf");
    const unsigned char value[4] = {(unsigned char)bits, (unsigned char)(bits >> 8),
                                    (unsigned char)(bits >> 16), (unsigned char)(bits >> 24)};
    memcpy(file.bytes + tensor_offset(file.bytes, file.length, tensor) + 4 * weight, value, sizeof value);
    ls_engine *engine = open_engine(NULL, 1);
    ls_model *model = open_model_bytes(engine, file.bytes, file.length);
    ls_session *session = run_text(model, "The river ran", LS_LENS_NORMED);
    ls_result *result = measure(session, LS_LENS_NORMED);
    uint32_t count = result->nonfinite;
    assert_int_equal(result->positions, 4);
    assert_int_equal(strlen(result->digest), 64);
    ls_result_close(result);
    ls_session_close(session);
    ls_model_close(model);
    ls_engine_close(engine);
    free(file.bytes);
    return count;
}

static void test_damaged_weights(void **state) {
    (void)state;
    enum { QUIET_NAN = 0x7fc00000, INFINITE = 0x7f800000 };
    assert_int_equal(nonfinite_with("blk.1.attn_norm.weight", 3, 0x3f800000), 0); /* 1.0: no damage */
    /* The text has 4 tokens. A weight of the second block shows at layers 2 and 3. */
    assert_int_equal(nonfinite_with("blk.1.attn_norm.weight", 3, QUIET_NAN), 2 * 4);
    assert_int_equal(nonfinite_with("blk.1.attn_norm.weight", 3, INFINITE), 2 * 4);
    assert_int_equal(nonfinite_with("output_norm.weight", 0, QUIET_NAN), 4 * 4); /* every distribution */
    /* Position 1 itself at layer 0, then whoever attends to it: positions 1, 2 and 3 at three layers. */
    assert_int_equal(nonfinite_with("position_embd.weight", 64, QUIET_NAN), 1 + 3 * 3);
}

/* ---- files that end or fail ---------------------------------------------------------------------------- */

static void test_truncated_weights(void **state) {
    (void)state;
    file_bytes file = load_file(FIXTURES "gptneox-q8_0.gguf");
    size_t data = tensor_offset(file.bytes, file.length, "token_embd.weight");
    const size_t cuts[] = {data,           data + 1, data + 33, (data + file.length) / 2, file.length - 32,
                           file.length - 1};
    for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
        ls_error err = {0};
        unsigned char *cut = malloc(cuts[i]); /* its end is the end of the memory, so that an overrun shows */
        assert_non_null(cut);
        memcpy(cut, file.bytes, cuts[i]);
        assert_int_equal(try_bytes(cut, cuts[i], &err), LS_ERR_TRUNCATED);
        assert_true(err.offset < data); /* the entry that announces too much */
        free(cut);
    }
    free(file.bytes);
}

/* One read after another fails; the last round has none that does. */
static void test_failing_reads(void **state) {
    (void)state;
    gguf_builder b;
    tiny_model model = tiny_model_default();
    model.width = 512;
    model.feed_forward = 2048;
    model.type = LS_GGML_Q8_0;
    tiny_model_build(&model, &b);
    ls_status status = LS_ERR_READ;
    uint64_t fail_at = 0;
    while (status == LS_ERR_READ) {
        debug_allocator debug;
        ls_allocator allocator = debug_allocator_open(&debug);
        ls_engine *engine = NULL;
        ls_model *opened = NULL;
        memory_source memory;
        ls_error err = {0};
        ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "tiny.gguf");
        memory.fail_read = ++fail_at;
        assert_int_equal(ls_engine_open(NULL, 1, &allocator, &engine, NULL), LS_OK);
        status = ls_model_open(engine, &source, &opened, &err);
        if (status == LS_ERR_READ) assert_non_null(strstr(err.message, "tiny.gguf"));
        ls_model_close(opened);
        ls_engine_close(engine);
        assert_int_equal(debug.live, 0);
        assert_true(fail_at < 1000);
    }
    assert_int_equal(status, LS_OK);
    assert_true(fail_at > 3 + b.file.length / (1024 * 1024)); /* a read for each MiB, and the header's two */
    gb_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small_models),         cmocka_unit_test(test_odd_sizes),
        cmocka_unit_test(test_context_of_one),       cmocka_unit_test(test_names),
        cmocka_unit_test(test_unknown_architecture), cmocka_unit_test(test_missing_tensors),
        cmocka_unit_test(test_foreign_tensor),       cmocka_unit_test(test_wrong_shape),
        cmocka_unit_test(test_unreadable_types),     cmocka_unit_test(test_missing_and_wrong_settings),
        cmocka_unit_test(test_damaged_weights),      cmocka_unit_test(test_truncated_weights),
        cmocka_unit_test(test_failing_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
