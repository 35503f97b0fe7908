/* A model judged by its header alone: the same facts and verdicts as opening it whole, and what it says about
 * memory is what the allocator counts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/objects.h"
#include "support/debug_allocator.h"
#include "support/gguf_cases.h"
#include "support/memory_source.h"
#include "support/runs.h"
#include "support/tiny_model.h"

static const char *const models[] = {
    FIXTURES "gpt2-f16.gguf",    FIXTURES "gpt2-f32.gguf",     FIXTURES "gpt2-q8_0.gguf",
    FIXTURES "gptneox-f32.gguf", FIXTURES "gptneox-q8_0.gguf", FIXTURES "gptneox-sequential-f32.gguf",
    FIXTURES "llama-f16.gguf",   FIXTURES "llama3-f16.gguf",   FIXTURES "mistral-f16.gguf",
    FIXTURES "opt-f16.gguf",     FIXTURES "phi-f16.gguf",      FIXTURES "qwen2-f16.gguf",
    "models/bible-gpt.gguf",     "models/bible-neox.gguf",
};
enum { MODELS = sizeof models / sizeof *models };

typedef struct bench {
    debug_allocator debug;
    ls_engine *engine;
    file_bytes file;
    memory_source memory;
    ls_source source;
    uint64_t header; /* bytes */
} bench;

static void open_bench(bench *b, const char *path, unsigned threads) {
    ls_allocator allocator = debug_allocator_open(&b->debug);
    ls_arena arena;
    const ls_gguf *gguf = NULL;
    assert_int_equal(ls_engine_open(NULL, threads, &allocator, &b->engine, NULL), LS_OK);
    b->file = load_file(path);
    b->source = memory_source_open(&b->memory, b->file.bytes, b->file.length, path);
    ls_arena_init(&arena, &allocator);
    assert_int_equal(ls_gguf_open(&b->source, &arena, &gguf, NULL), LS_OK);
    b->header = gguf->header_bytes;
    ls_arena_clear(&arena);
}

static void close_bench(bench *b) {
    ls_engine_close(b->engine);
    assert_int_equal(b->debug.live, 0);
    free(b->file.bytes);
}

/* The file as one has it who has fetched its first `held` bytes; 0: all of it. */
static ls_model *take_model(bench *b, int whole, uint64_t held) {
    ls_model *model = NULL;
    ls_error err = {0};
    b->memory.held = held;
    ls_status status = (whole ? ls_model_open : ls_model_check)(b->engine, &b->source, &model, &err);
    if (status != LS_OK) fail_msg("%s: %s", ls_status_name(status), err.message);
    return model;
}

static void expect_same_facts(const ls_model_info *a, const ls_model_info *b) {
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->arch, b->arch);
    assert_string_equal(a->weights, b->weights);
    assert_int_equal(a->layers, b->layers);
    assert_int_equal(a->width, b->width);
    assert_int_equal(a->heads, b->heads);
    assert_int_equal(a->feed_forward, b->feed_forward);
    assert_int_equal(a->context, b->context);
    assert_int_equal(a->vocab, b->vocab);
    assert_int_equal(a->parameters, b->parameters);
    assert_int_equal(a->bytes, b->bytes);
    assert_int_equal(a->resident, b->resident);
    assert_int_equal(a->session_base, b->session_base);
    assert_int_equal(a->session_position, b->session_position);
}

static void test_same_facts(void **state) {
    (void)state;
    for (size_t i = 0; i < MODELS; i++) {
        bench b;
        open_bench(&b, models[i], 1 + (unsigned)i % 3);
        ls_model *checked = take_model(&b, 0, b.header);
        assert_true(b.memory.end_of_read <= b.file.length);
        ls_model *opened = take_model(&b, 1, 0);
        expect_same_facts(ls_model_describe(checked), ls_model_describe(opened));
        assert_string_equal(ls_model_describe(checked)->sha256, "");
        assert_int_equal(strlen(ls_model_describe(opened)->sha256), 64);
        ls_model_close(checked);
        ls_model_close(opened);
        close_bench(&b);
    }
}

/* ---- memory ---------------------------------------------------------------------------------------------- */

static void expect_session_bytes(bench *b, ls_model *model, const char *text, size_t n) {
    const ls_model_info *info = ls_model_describe(model);
    uint64_t before = b->debug.bytes;
    ls_session *session = NULL;
    assert_int_equal(ls_session_open(model, text, n, 0, NULL, &session, NULL), LS_OK);
    assert_int_equal(b->debug.bytes - before, info->session_base + session->positions * info->session_position);
    run_to_end(session);
    ls_session_close(session);
    assert_int_equal(b->debug.bytes, before);
}

static void test_memory(void **state) {
    (void)state;
    static const char text[] = "the earth was without form and void";
    for (size_t i = 0; i < MODELS; i++) {
        bench b;
        open_bench(&b, models[i], 1 + (unsigned)i % 3);
        uint64_t before = b.debug.bytes;
        ls_model *model = take_model(&b, 1, 0);
        assert_int_equal(b.debug.bytes - before, ls_model_describe(model)->resident);
        for (size_t n = 1; n < sizeof text; n++) expect_session_bytes(&b, model, text, n);
        ls_model_close(model);
        close_bench(&b);
    }
}

/* Sizes that are no multiple of anything: what grows with the text grows evenly all the same. */
static void test_memory_of_odd_sizes(void **state) {
    (void)state;
    bench b = {0};
    gguf_builder file;
    tiny_model odd = tiny_model_default();
    odd.width = 33;
    odd.heads = 3;
    odd.feed_forward = 65;
    odd.context = 40;
    tiny_model_build(&odd, &file);
    ls_allocator allocator = debug_allocator_open(&b.debug);
    b.source = memory_source_open(&b.memory, file.file.bytes, file.file.length, "odd.gguf");
    assert_int_equal(ls_engine_open(NULL, 2, &allocator, &b.engine, NULL), LS_OK);
    ls_model *model = take_model(&b, 1, 0);
    for (size_t n = 1; n < 40; n++)
        expect_session_bytes(&b, model, "forty bytes of text, each of them a token", n);
    ls_model_close(model);
    close_bench(&b);
    gb_free(&file);
}

/* Weights take nothing: the header of a model with a large embedding is judged in little memory. */
static void test_weights_are_not_held(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "models/bible-neox.gguf", 1);
    uint64_t before = b.debug.bytes;
    ls_model *model = take_model(&b, 0, b.header);
    assert_true(b.debug.bytes - before < ls_model_describe(model)->resident / 4);
    ls_model_close(model);
    close_bench(&b);
}

/* ---- what can be done with it ---------------------------------------------------------------------------- */

static void test_tokenises_and_refuses_to_run(void **state) {
    (void)state;
    bench b;
    open_bench(&b, FIXTURES "gpt2-q8_0.gguf", 1);
    ls_model *model = take_model(&b, 0, b.header);
    uint32_t *ids = NULL;
    size_t count = 0;
    ls_session *session = NULL;
    ls_error err = {0};
    assert_int_equal(ls_tokenize(ls_model_tokenizer(model), "the sea", 7, &ids, &count, &err), LS_OK);
    assert_true(count > 0);
    ls_release(b.engine, ids);
    assert_int_equal(ls_session_open(model, "the sea", 7, 0, NULL, &session, &err), LS_ERR_ARGUMENT);
    assert_null(session);
    assert_non_null(strstr(err.message, "only the header"));
    ls_model_close(model);
    close_bench(&b);
}

/* ---- verdicts -------------------------------------------------------------------------------------------- */

/* Every prefix of the header is refused as unreadable; none of it is taken for a shorter header. */
static void test_header_not_whole(void **state) {
    (void)state;
    bench b;
    open_bench(&b, FIXTURES "llama-f16.gguf", 1);
    for (uint64_t held = 1; held < b.header; held += held < 64 ? 1 : 61) {
        ls_model *model = NULL;
        ls_error err = {0};
        b.memory.held = held;
        assert_int_equal(ls_model_check(b.engine, &b.source, &model, &err), LS_ERR_READ);
        assert_null(model);
        assert_true(err.offset < b.header);
    }
    close_bench(&b);
}

static void expect_same_verdict(ls_engine *engine, const ls_source *source) {
    ls_model *checked = NULL, *opened = NULL;
    ls_error first = {.offset = LS_NO_OFFSET}, second = {.offset = LS_NO_OFFSET};
    ls_status a = ls_model_check(engine, source, &checked, &first),
              b = ls_model_open(engine, source, &opened, &second);
    if (a != b || first.offset != second.offset || strcmp(first.message, second.message) != 0)
        fail_msg("%s: checked %s (%s), opened %s (%s)", source->name, ls_status_name(a), first.message,
                 ls_status_name(b), second.message);
    ls_model_close(checked);
    ls_model_close(opened);
}

static void test_same_verdicts(void **state) {
    (void)state;
    ls_engine *engine = open_engine(NULL, 1);
    for (size_t i = 0; gguf_case_at(i) != NULL; i++) {
        gguf_builder built;
        memory_source memory;
        const gguf_case *c = gguf_case_at(i);
        gb_init(&built);
        c->build(&built);
        ls_source source = memory_source_open(&memory, built.file.bytes, built.file.length, c->name);
        expect_same_verdict(engine, &source);
        gb_free(&built);
    }
    ls_engine_close(engine);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_facts),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_memory_of_odd_sizes),
        cmocka_unit_test(test_weights_are_not_held),
        cmocka_unit_test(test_tokenises_and_refuses_to_run),
        cmocka_unit_test(test_header_not_whole),
        cmocka_unit_test(test_same_verdicts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
