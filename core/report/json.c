/* The result as JSON, schema logitscope.result/1. Absent and non-finite values are null. */
#include <math.h>
#include <string.h>

#include "report/report.h"

/* "name": with a comma in front unless it is the first. */
static void key(ls_text *text, const char *name, int first) {
    if (!first) ls_text_string(text, ",");
    ls_text_json_string(text, name);
    ls_text_string(text, ":");
}

static void string_field(ls_text *text, const char *name, const char *value, int first) {
    key(text, name, first);
    ls_text_json_string(text, value);
}

static void number_field(ls_text *text, const char *name, uint64_t value) {
    key(text, name, 0);
    ls_text_u64(text, value);
}

static void double_field(ls_text *text, const char *name, double value) {
    key(text, name, 0);
    ls_text_f64(text, value);
}

static void doubles(ls_text *text, const double *values, size_t n) {
    ls_text_string(text, "[");
    for (size_t i = 0; i < n; i++) {
        if (i > 0) ls_text_string(text, ",");
        ls_text_f64(text, values[i]);
    }
    ls_text_string(text, "]");
}

/* value, and its interval beside it as name_ci: [low, high] or null */
static void estimate_field(ls_text *text, const char *name, const char *interval, ls_estimate estimate,
                           int first) {
    key(text, name, first);
    ls_text_f64(text, estimate.value);
    key(text, interval, 0);
    const double ends[2] = {estimate.low, estimate.high};
    if (isfinite(estimate.low) && isfinite(estimate.high))
        doubles(text, ends, 2);
    else
        ls_text_string(text, "null");
}

static void engine_and_model(ls_text *text, const ls_result *r) {
    const ls_model_info *m = r->model;
    key(text, "engine", 0);
    ls_text_string(text, "{");
    string_field(text, "version", LS_VERSION, 1);
    string_field(text, "kernel", r->kernel, 0);
    number_field(text, "threads", r->threads);
    ls_text_string(text, "}");
    key(text, "model", 0);
    ls_text_string(text, "{");
    string_field(text, "name", m->name, 1);
    string_field(text, "arch", m->arch, 0);
    number_field(text, "layers", m->layers);
    number_field(text, "width", m->width);
    number_field(text, "heads", m->heads);
    number_field(text, "vocab", m->vocab);
    number_field(text, "context", m->context);
    number_field(text, "parameters", m->parameters);
    string_field(text, "weights", m->weights, 0);
    number_field(text, "bytes", m->bytes);
    string_field(text, "sha256", m->sha256, 0);
    ls_text_string(text, "}");
}

static void tokens(ls_text *text, const ls_result *r) {
    key(text, "tokens", 0);
    ls_text_string(text, "[");
    for (uint32_t t = 0; t < r->positions; t++) {
        ls_text_string(text, t > 0 ? ",{\"id\":" : "{\"id\":");
        ls_text_u64(text, r->tokens[t]);
        string_field(text, "text", r->token_text[t], 0);
        ls_text_string(text, "}");
    }
    ls_text_string(text, "]");
}

/* ---- points: nested as [layer][position] ------------------------------------------------------------------
 */

typedef void write_cell(ls_text *text, const ls_result *r, uint32_t layer, uint32_t position, int which);

static void grid(ls_text *text, const ls_result *r, write_cell *cell, int which) {
    ls_text_string(text, "[");
    for (uint32_t layer = 0; layer <= r->layers; layer++) {
        ls_text_string(text, layer > 0 ? ",[" : "[");
        for (uint32_t t = 0; t < r->positions; t++) {
            if (t > 0) ls_text_string(text, ",");
            cell(text, r, layer, t, which);
        }
        ls_text_string(text, "]");
    }
    ls_text_string(text, "]");
}

static void stat_cell(ls_text *text, const ls_result *r, uint32_t layer, uint32_t position, int which) {
    ls_text_f32(text, r->stats[which][(size_t)layer * r->positions + position]);
}

static void top_cell(ls_text *text, const ls_result *r, uint32_t layer, uint32_t position, int which) {
    (void)which;
    size_t first = ((size_t)layer * r->positions + position) * r->top_k;
    ls_text_string(text, "[");
    for (uint32_t k = 0; k < r->top_k; k++) {
        ls_text_string(text, k > 0 ? ",[" : "[");
        ls_text_u64(text, r->top_ids[first + k]);
        ls_text_string(text, ",");
        ls_text_f32(text, r->top_p[first + k]);
        ls_text_string(text, "]");
    }
    ls_text_string(text, "]");
}

static void state_cell(ls_text *text, const ls_result *r, uint32_t layer, uint32_t position, int which) {
    (void)which;
    uint8_t state = r->states[(size_t)layer * r->positions + position];
    char quoted[] = "\"?\"";
    if (state == LS_STATE_NONE) {
        ls_text_string(text, "null");
        return;
    }
    quoted[1] = LS_STATE_LETTERS[state];
    ls_text_string(text, quoted);
}

static void points(ls_text *text, const ls_result *r) {
    key(text, "points", 0);
    ls_text_string(text, "{");
    for (int s = 0; s < LS_STAT_COUNT; s++) {
        key(text, ls_stat_name((ls_stat)s), s == 0);
        grid(text, r, stat_cell, s);
    }
    key(text, "top", 0);
    grid(text, r, top_cell, 0);
    key(text, "state", 0);
    grid(text, r, state_cell, 0);
    ls_text_string(text, "}");
}

/* Texts of the ids in `top`, each once. */
static void vocabulary(ls_text *text, const ls_result *r) {
    key(text, "vocab", 0);
    ls_text_string(text, "{");
    for (uint32_t i = 0; i < r->vocab_count; i++) {
        if (i > 0) ls_text_string(text, ",");
        ls_text_string(text, "\"");
        ls_text_u64(text, r->vocab_ids[i]);
        ls_text_string(text, "\":");
        ls_text_json_string(text, r->vocab_text[i]);
    }
    ls_text_string(text, "}");
}

/* ---- summary ----------------------------------------------------------------------------------------------
 */

static void matrix(ls_text *text, const char *name, const double m[LS_STATE_COUNT][LS_STATE_COUNT]) {
    key(text, name, 0);
    ls_text_string(text, "[");
    for (size_t from = 0; from < LS_STATE_COUNT; from++) {
        if (from > 0) ls_text_string(text, ",");
        if (isfinite(m[from][0]))
            doubles(text, m[from], LS_STATE_COUNT);
        else
            ls_text_string(text, "null");
    }
    ls_text_string(text, "]");
}

static void doubles_or_null(ls_text *text, const char *name, const double *values, size_t n) {
    key(text, name, 0);
    if (isfinite(values[0]))
        doubles(text, values, n);
    else
        ls_text_string(text, "null");
}

static void transitions(ls_text *text, const char *name, const ls_transitions *t, int first) {
    key(text, name, first);
    ls_text_string(text, "{\"counts\":[");
    for (size_t from = 0; from < LS_STATE_COUNT; from++) {
        ls_text_string(text, from > 0 ? ",[" : "[");
        for (size_t to = 0; to < LS_STATE_COUNT; to++) {
            if (to > 0) ls_text_string(text, ",");
            ls_text_u64(text, t->counts[from][to]);
        }
        ls_text_string(text, "]");
    }
    ls_text_string(text, "]");
    matrix(text, "p", t->p);
    matrix(text, "low", t->low);
    matrix(text, "high", t->high);
    key(text, "self", 0);
    doubles(text, t->self, LS_STATE_COUNT);
    key(text, "dwell", 0);
    doubles(text, t->dwell, LS_STATE_COUNT);
    doubles_or_null(text, "stationary", t->stationary, LS_STATE_COUNT);
    ls_text_string(text, "}");
}

static void shares(ls_text *text, const ls_result *r) {
    key(text, "states", 0);
    ls_text_string(text, "{");
    for (size_t s = 0; s < LS_STATE_COUNT; s++) {
        char letter[2] = {LS_STATE_LETTERS[s], '\0'};
        key(text, letter, s == 0);
        ls_text_f64(text, r->shares[s]);
    }
    ls_text_string(text, "}");
}

static void by_layer(ls_text *text, const char *name, const ls_result *r, const double *values) {
    key(text, name, 0);
    doubles(text, values, (size_t)r->layers + 1);
}

static void commitment(ls_text *text, const ls_result *r) {
    key(text, "commit", 0);
    ls_text_string(text, "{");
    estimate_field(text, "mean", "mean_ci", r->commit_mean, 1);
    key(text, "by_position", 0);
    ls_text_string(text, "[");
    for (uint32_t t = 0; t < r->positions; t++) {
        if (t > 0) ls_text_string(text, ",");
        ls_text_u64(text, r->commit[t]);
    }
    ls_text_string(text, "]}");
}

static void summary(ls_text *text, const ls_result *r) {
    key(text, "summary", 0);
    ls_text_string(text, "{");
    estimate_field(text, "gd_ratio", "gd_ratio_ci", r->gd_ratio, 1);
    estimate_field(text, "mean_g", "mean_g_ci", r->mean_g, 0);
    estimate_field(text, "mean_d", "mean_d_ci", r->mean_d, 0);
    double_field(text, "sync", r->sync);
    double_field(text, "theta_step", r->theta_step);
    by_layer(text, "gd_ratio_by_layer", r, r->gd_ratio_by_layer);
    by_layer(text, "entropy_by_layer", r, r->entropy_by_layer);
    by_layer(text, "p1_by_layer", r, r->p1_by_layer);
    shares(text, r);
    commitment(text, r);
    number_field(text, "nonfinite", r->nonfinite);
    number_field(text, "left_out", r->left_out);
    key(text, "transitions", 0);
    ls_text_string(text, "{");
    transitions(text, "depth", &r->depth, 1);
    transitions(text, "token", &r->token, 0);
    ls_text_string(text, "}}");
}

ls_status ls_report_json(const ls_result *r, const ls_allocator *allocator, char **out, size_t *length,
                         ls_error *err) {
    ls_text text;
    ls_text_init(&text, allocator);
    ls_text_string(&text, "{");
    string_field(&text, "schema", "logitscope.result/1", 1);
    engine_and_model(&text, r);
    key(&text, "settings", 0);
    ls_report_settings(&text, r);
    tokens(&text, r);
    points(&text, r);
    vocabulary(&text, r);
    summary(&text, r);
    string_field(&text, "digest", r->digest, 0);
    ls_text_string(&text, "}");
    return ls_text_finish(&text, out, length, err);
}
