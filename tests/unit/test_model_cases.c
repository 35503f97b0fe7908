/* Whole models that are wrong by name: settings, tokeniser, tensors. Each is refused by the load and by the
 * judge of headers alike, in one sentence; those that are only odd run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "support/debug_allocator.h"
#include "support/memory_source.h"
#include "support/model_cases.h"

static void check_error(const model_case *c, ls_status got, const ls_error *err) {
    if (got != c->status) fail_msg("%s: %s: %s", c->name, ls_status_name(got), err->message);
    if (got == LS_OK) return;
    if (strstr(err->message, c->message) == NULL || strstr(err->message, "case.gguf") == NULL)
        fail_msg("%s: %s", c->name, err->message);
    assert_null(strchr(err->message, '\n'));
}

static void test_cases(void **state) {
    (void)state;
    for (size_t i = 0; model_case_at(i) != NULL; i++) {
        const model_case *c = model_case_at(i);
        gguf_builder b;
        debug_allocator debug;
        memory_source memory;
        ls_engine *engine = NULL;
        ls_model *model = NULL, *checked = NULL;
        ls_error err = {LS_OK, LS_NO_OFFSET, ""}, judged = {LS_OK, LS_NO_OFFSET, ""};
        model_case_build(c, &b);
        ls_allocator allocator = debug_allocator_open(&debug);
        ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "case.gguf");
        assert_int_equal(ls_engine_open(NULL, 1, &allocator, &engine, NULL), LS_OK);
        check_error(c, ls_model_open(engine, &source, &model, &err), &err);
        check_error(c, ls_model_check(engine, &source, &checked, &judged), &judged);
        assert_string_equal(err.message, judged.message);
        assert_true(err.offset == judged.offset);
        ls_model_close(checked);
        ls_model_close(model);
        ls_engine_close(engine);
        assert_int_equal(debug.live, 0);
        gb_free(&b);
    }
}

/* A name stands for one file. */
static void test_names(void **state) {
    (void)state;
    for (size_t i = 0; model_case_at(i) != NULL; i++)
        for (size_t k = 0; k < i; k++) assert_string_not_equal(model_case_at(i)->name, model_case_at(k)->name);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases), cmocka_unit_test(test_names)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
