/* The table of weight formats. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "quant/types.h"

enum { LAST = 41 };

static void test_rows_are_in_their_place(void **state) {
    (void)state;
    for (uint32_t id = 0; id <= LAST; id++) {
        const ls_weight_type *type = ls_weight_type_find(id);
        assert_non_null(type);
        assert_int_equal(type->id, id);
        assert_non_null(type->name);
        assert_true(type->block > 0);
    }
}

static void test_unknown(void **state) {
    (void)state;
    assert_null(ls_weight_type_find(LAST + 1));
    assert_null(ls_weight_type_find(UINT32_MAX));
}

static void test_readable(void **state) {
    (void)state;
    static const char readable[] = " F32 F16 BF16 Q8_0 Q4_0 Q4_1 Q5_0 Q5_1 Q4_K Q5_K Q6_K ";
    for (uint32_t id = 0; id <= LAST; id++) {
        const ls_weight_type *type = ls_weight_type_find(id);
        char word[32];
        snprintf(word, sizeof word, " %s ", type->name);
        assert_int_equal(type->readable, strstr(readable, word) != NULL);
    }
    assert_string_equal(ls_weight_type_find(LS_GGML_Q8_0)->name, "Q8_0");
    assert_int_equal(ls_weight_type_find(LS_GGML_Q8_0)->block, 32);
    assert_int_equal(ls_weight_type_find(LS_GGML_Q8_0)->block_bytes, 34);
}

static void test_removed(void **state) {
    (void)state;
    for (uint32_t id = 0; id <= LAST; id++) {
        int removed = id == 4 || id == 5 || (id >= 31 && id <= 33) || (id >= 36 && id <= 38);
        assert_int_equal(ls_weight_type_find(id)->block_bytes == 0, removed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_are_in_their_place),
        cmocka_unit_test(test_unknown),
        cmocka_unit_test(test_readable),
        cmocka_unit_test(test_removed),
    };
    return cmocka_run_group_tests_name("weight types", tests, NULL, NULL);
}
