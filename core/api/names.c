/* Names and defaults of settings and statistics. */
#include "logitscope.h"

ls_settings ls_settings_default(void) {
    return (ls_settings){.lens = LS_LENS_NORMED,
                         .op = LS_OP_MASS_MARGIN,
                         .from_layer = 1,
                         .step_rule = LS_STEP_RELATIVE,
                         .step_quantile = 0.75,
                         .step_absolute = 0.5,
                         .branch_p2 = 0.01,
                         .branch_ratio = 0.5};
}

const char *ls_lens_name(ls_lens lens) {
    static const char *const names[LS_LENS_COUNT] = {"normed", "raw"};
    return lens < LS_LENS_COUNT ? names[lens] : NULL;
}

const char *ls_operator_name(ls_operator op) {
    static const char *const names[LS_OP_COUNT] = {"mass-margin", "top-ratio", "entropic"};
    return op < LS_OP_COUNT ? names[op] : NULL;
}

const char *ls_step_rule_name(ls_step_rule rule) {
    static const char *const names[LS_STEP_RULE_COUNT] = {"relative", "absolute"};
    return rule < LS_STEP_RULE_COUNT ? names[rule] : NULL;
}

typedef struct stat_row {
    const char *name;
    uint32_t first_layer;
    int needs_next;
} stat_row;

static const stat_row stat_rows[LS_STAT_COUNT] = {
#define X(id, name, unit, first_layer, needs_next) [id] = {name, first_layer, needs_next},
    LS_STAT_LIST(X)
#undef X
};

const char *ls_stat_name(ls_stat stat) { return stat < LS_STAT_COUNT ? stat_rows[stat].name : NULL; }

int ls_stat_present(ls_stat stat, uint32_t layer, uint32_t position, uint32_t positions) {
    const stat_row *row = &stat_rows[stat];
    return layer >= row->first_layer && !(row->needs_next && position + 1 >= positions);
}
