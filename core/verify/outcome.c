#include "verify/outcome.h"

#include "report/text.h"

static void key(ls_text *text, const char *name) {
    ls_text_string(text, ",\"");
    ls_text_string(text, name);
    ls_text_string(text, "\":");
}

static void string_field(ls_text *text, const char *name, const char *value) {
    key(text, name);
    ls_text_json_string(text, value);
}

static void whole_field(ls_text *text, const char *name, uint64_t value) {
    key(text, name);
    ls_text_u64(text, value);
}

static void number_field(ls_text *text, const char *name, double value) {
    key(text, name);
    ls_text_f64(text, value);
}

/* An id, or null where a text has ended. */
static void id_field(ls_text *text, const char *name, uint32_t id) {
    key(text, name);
    if (id == UINT32_MAX)
        ls_text_string(text, "null");
    else
        ls_text_u64(text, id);
}

static void first_id(ls_text *text, const ls_verification *v) {
    key(text, "first_id");
    if (v->same_ids == v->prompts) {
        ls_text_string(text, "null");
        return;
    }
    ls_text_string(text, "{\"prompt\":");
    ls_text_u64(text, v->first_id.prompt);
    whole_field(text, "position", v->first_id.position);
    id_field(text, "expected", v->first_id.expected);
    id_field(text, "measured", v->first_id.measured);
    ls_text_string(text, "}");
}

static void worst(ls_text *text, const ls_verification *v) {
    key(text, "worst");
    if (v->cells == 0) {
        ls_text_string(text, "null");
        return;
    }
    ls_text_string(text, "{\"prompt\":");
    ls_text_u64(text, v->worst.prompt);
    string_field(text, "text", v->worst.text);
    whole_field(text, "layer", v->worst.layer);
    whole_field(text, "position", v->worst.position);
    whole_field(text, "token", v->worst.token);
    string_field(text, "token_text", v->worst.token_text);
    number_field(text, "expected", v->worst.expected);
    number_field(text, "measured", v->worst.measured);
    ls_text_string(text, "}");
}

ls_status ls_outcome_json(const ls_verification *v, const ls_allocator *allocator, char **out, size_t *length,
                          ls_error *err) {
    ls_text text;
    ls_text_init(&text, allocator);
    ls_text_string(&text, "{\"schema\":\"logitscope.verification/1\"");
    key(&text, "pass");
    ls_text_string(&text, v->pass ? "true" : "false");
    string_field(&text, "grade", ls_grade_name(v->grade));
    string_field(&text, "grid_model", v->grid_model);
    string_field(&text, "grid_weights", v->grid_weights);
    string_field(&text, "lens", ls_lens_name(v->lens));
    whole_field(&text, "prompts", v->prompts);
    whole_field(&text, "same_ids", v->same_ids);
    first_id(&text, v);
    whole_field(&text, "cells", v->cells);
    number_field(&text, "top1", v->top1);
    number_field(&text, "top1_bound", v->top1_bound);
    number_field(&text, "mean", v->mean);
    number_field(&text, "mean_bound", v->mean_bound);
    number_field(&text, "largest", v->largest);
    number_field(&text, "largest_bound", v->largest_bound);
    worst(&text, v);
    ls_text_string(&text, "}");
    return ls_text_finish(&text, out, length, err);
}
