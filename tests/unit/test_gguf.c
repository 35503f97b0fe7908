/* Every GGUF case by name: verdict, offset and message. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "gguf/parse.h"
#include "support/gguf_cases.h"
#include "support/memory_source.h"

static void check_case(void **state) {
    const gguf_case *c = *state;
    gguf_builder b;
    memory_source memory;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    gb_init(&b);
    c->build(&b);
    /* Every window must give the same verdict; 0 stands for the public function. */
    static const uint64_t windows[] = {0, 1, 7, 64, 65535, 1 << 20};
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++) {
        const ls_gguf *gguf = NULL;
        ls_error err = {LS_OK, LS_NO_OFFSET, ""};
        ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, "case.gguf");
        ls_arena_init(&arena, &allocator);
        ls_status status = windows[i] == 0 ? ls_gguf_open(&source, &arena, &gguf, &err)
                                           : ls_gguf_open_windowed(&source, &arena, windows[i], &gguf, &err);
        ls_arena_clear(&arena);
        if (i == 0 && err.message[0] != '\0') print_message("%s\n", err.message);
        assert_string_equal(ls_status_name(status), ls_status_name(c->status));
        assert_int_equal(err.status, c->status);
        assert_int_equal(err.offset, b.mark);
        if (c->message != NULL) {
            if (strstr(err.message, c->message) == NULL)
                fail_msg("\"%s\" lacks \"%s\"", err.message, c->message);
            assert_ptr_equal(strstr(err.message, "\"case.gguf\", byte "), err.message);
            assert_null(gguf);
        }
    }
    gb_free(&b);
}

int main(void) {
    size_t count = 0;
    while (gguf_case_at(count) != NULL) count++;
    struct CMUnitTest *tests = calloc(count, sizeof *tests);
    if (tests == NULL) return 1;
    for (size_t i = 0; i < count; i++) {
        const gguf_case *c = gguf_case_at(i);
        tests[i] = (struct CMUnitTest){c->name, check_case, NULL, NULL, (void *)(uintptr_t)c};
    }
    int failed = _cmocka_run_group_tests("gguf cases", tests, count, NULL, NULL);
    free(tests);
    return failed;
}
