/* Reports: canonical settings, digest, JSON and CSV of a result made by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arena.h"
#include "base/math.h"
#include "report/report.h"
#include "support/json_check.h"

/* ---- a result ------------------------------------------------------------------------------------------ */

enum { LAYERS = 1, POSITIONS = 2, POINTS = (LAYERS + 1) * POSITIONS, TOP = 2 };

/* A result whose every part can be changed; it points into itself. */
typedef struct sample {
    ls_result result;
    ls_model_info model;
    uint32_t tokens[POSITIONS], top_ids[POINTS * TOP], commit[POSITIONS], vocab_ids[2];
    float stats[LS_STAT_COUNT][POINTS], top_p[POINTS * TOP];
    const char *token_text[POSITIONS], *vocab_text[2];
    uint8_t states[POINTS];
    double by_layer[LAYERS + 1];
} sample;

static void fill_model(sample *s) {
    s->model = (ls_model_info){.name = "a \"tiny\" one, <b>",
                               .arch = "gpt2",
                               .weights = "F32",
                               .layers = LAYERS,
                               .width = 8,
                               .heads = 2,
                               .context = 4,
                               .vocab = 3,
                               .parameters = 12345678901234u};
    memset(s->model.sha256, 'a', 64);
}

static void fill_result(sample *s) {
    ls_result *r = &s->result;
    r->model = &s->model;
    r->kernel = "scalar";
    r->threads = 1;
    r->settings = ls_settings_default();
    r->bos = "none";
    r->layers = LAYERS;
    r->positions = POSITIONS;
    r->top_k = TOP;
    r->tokens = s->tokens;
    r->token_text = s->token_text;
    for (size_t i = 0; i < LS_STAT_COUNT; i++) r->stats[i] = s->stats[i];
    r->top_ids = s->top_ids;
    r->top_p = s->top_p;
    r->vocab_count = 2;
    r->vocab_ids = s->vocab_ids;
    r->vocab_text = s->vocab_text;
    r->states = s->states;
    r->gd_ratio_by_layer = r->entropy_by_layer = r->p1_by_layer = s->by_layer;
    r->commit = s->commit;
    r->gd_ratio = (ls_estimate){1.5, 1.25, 1.75};
    r->mean_g = (ls_estimate){0.5, NAN, NAN};
    r->sync = NAN;
    r->depth.p[0][0] = NAN;
    r->depth.stationary[0] = NAN;
    memset(r->digest, 'd', 64);
}

static void make(sample *s) {
    memset(s, 0, sizeof *s);
    fill_model(s);
    s->token_text[0] = "line\n\"quoted\", \\ \x7f";
    s->token_text[1] = "\xc3\xa9</script>";
    s->vocab_text[0] = "a";
    s->vocab_text[1] = "\t\x01";
    s->tokens[1] = s->vocab_ids[1] = 2;
    for (size_t stat = 0; stat < LS_STAT_COUNT; stat++)
        for (size_t i = 0; i < POINTS; i++) s->stats[stat][i] = 0.125f * (float)(stat + 1) + (float)i;
    for (size_t i = 0; i < POINTS * TOP; i++) s->top_ids[i] = i % 2 ? 2 : 0, s->top_p[i] = 0.25f;
    for (size_t i = 0; i < POINTS; i++) s->states[i] = i < POSITIONS ? LS_STATE_NONE : (uint8_t)(i % 5);
    s->stats[LS_STAT_STEP][0] = NAN;
    s->stats[LS_STAT_ENTROPY][3] = INFINITY;
    fill_result(s);
}

/* A text from a writer; freed by the caller. */
static char *settings_text(const sample *s) {
    ls_allocator allocator = ls_allocator_default();
    ls_text text;
    char *out = NULL;
    ls_text_init(&text, &allocator);
    ls_report_settings(&text, &s->result);
    assert_int_equal(ls_text_finish(&text, &out, NULL, NULL), LS_OK);
    return out;
}

typedef ls_status write_fn(const ls_result *, const ls_allocator *, char **, size_t *, ls_error *);

static char *written(write_fn *write, const sample *s, size_t *length) {
    ls_allocator allocator = ls_allocator_default();
    char *out = NULL;
    assert_int_equal(write(&s->result, &allocator, &out, length, NULL), LS_OK);
    return out;
}

/* ---- settings ------------------------------------------------------------------------------------------ */

static void expect_settings(const sample *s, const char *expected) {
    char *text = settings_text(s);
    assert_string_equal(text, expected);
    free(text);
}

static void test_settings(void **state) {
    (void)state;
    sample s;
    make(&s);
    expect_settings(
        &s, "{\"lens\":\"normed\",\"operator\":\"mass-margin\",\"from_layer\":1,\"step_rule\":\"relative\","
            "\"step_quantile\":0.75,\"step_absolute\":0.5,\"branch_p2\":0.01,\"branch_ratio\":0.5,"
            "\"top_k\":2,\"bos\":\"none\",\"cut_from\":null}");
    s.result.settings = (ls_settings){LS_LENS_RAW, LS_OP_ENTROPIC, 0, LS_STEP_ABSOLUTE, 1.0 / 3, 2.0, 1e-7, 1.0,
                                      4,           4294967295u};
    s.result.bos = "prepended \"<s>\"";
    s.result.cut_from = 4000000000u;
    expect_settings(&s,
                    "{\"lens\":\"raw\",\"operator\":\"entropic\",\"from_layer\":0,\"step_rule\":\"absolute\","
                    "\"step_quantile\":0.3333333333333333,\"step_absolute\":2,\"branch_p2\":1e-07,"
                    "\"branch_ratio\":1,\"top_k\":2,\"bos\":\"prepended \\\"<s>\\\"\",\"cut_from\":4000000000,"
                    "\"sinks\":4,\"window\":4294967295}");
}

/* ---- digest -------------------------------------------------------------------------------------------- */

static void digest_of(const sample *s, char hex[65]) {
    ls_allocator allocator = ls_allocator_default();
    assert_int_equal(ls_report_digest(&s->result, &allocator, hex, NULL), LS_OK);
}

/* Ingredients: the settings, then everything else, then the last bit of columns. */
enum { SETTINGS = 11, OTHERS = 6 };

static void change_settings(ls_result *r, size_t which) {
    ls_settings *s = &r->settings;
    double *const thresholds[] = {&s->step_quantile, &s->step_absolute, &s->branch_p2, &s->branch_ratio};
    if (which < 4) *thresholds[which] = nextafter(*thresholds[which], 1.0);
    if (which == 4) s->lens = LS_LENS_RAW;
    if (which == 5) s->op = LS_OP_TOP_RATIO;
    if (which == 6) s->from_layer = 0;
    if (which == 7) s->step_rule = LS_STEP_ABSOLUTE;
    if (which == 8) r->bos = "prepended x";
    if (which == 9) r->cut_from = 9;
    if (which == 10) s->window = 9;
}

static void change_others(sample *s, size_t which) {
    if (which == 0) s->model.sha256[63] = 'b';
    if (which == 1) s->tokens[0] ^= 1u << 24;
    if (which == 2) s->tokens[1]++;
    if (which == 3) s->top_ids[POINTS * TOP - 1] ^= 1;
    if (which == 4) s->top_p[0] = -s->top_p[0];
    if (which == 5) s->states[POINTS - 1]++;
}

/* The last value of each column, then all others of the first. */
static void change_column(sample *s, size_t which) {
    float *value = which < LS_STAT_COUNT ? &s->stats[which][POINTS - 1] : &s->stats[0][which - LS_STAT_COUNT];
    *value = ls_float_from_bits(ls_float_bits(*value) ^ 1);
}

static void change(sample *s, size_t which) {
    if (which < SETTINGS)
        change_settings(&s->result, which);
    else if (which < SETTINGS + OTHERS)
        change_others(s, which - SETTINGS);
    else
        change_column(s, which - SETTINGS - OTHERS);
}

enum { INGREDIENTS = SETTINGS + OTHERS + LS_STAT_COUNT + POINTS - 1 };

static void test_digest_of_everything(void **state) {
    (void)state;
    char seen[INGREDIENTS + 1][65];
    sample s;
    make(&s);
    digest_of(&s, seen[INGREDIENTS]);
    for (size_t i = 0; i < INGREDIENTS; i++) {
        make(&s);
        change(&s, i);
        digest_of(&s, seen[i]);
        assert_int_equal(strspn(seen[i], "0123456789abcdef"), 64);
        for (size_t k = 0; k < i; k++)
            if (strcmp(seen[i], seen[k]) == 0) fail_msg("ingredients %zu and %zu give one digest", i, k);
        if (strcmp(seen[i], seen[INGREDIENTS]) == 0) fail_msg("ingredient %zu is not in the digest", i);
    }
}

/* Neither the engine nor names nor what follows from the columns. */
static void test_digest_of_nothing_else(void **state) {
    (void)state;
    char before[65], after[65];
    sample s;
    make(&s);
    digest_of(&s, before);
    s.result.kernel = "another";
    s.result.threads = 7;
    s.model.name = "renamed";
    s.token_text[0] = "x";
    s.result.gd_ratio.value = 9.0;
    s.result.digest[0] = 'x';
    digest_of(&s, after);
    assert_string_equal(before, after);
}

/* ---- JSON ---------------------------------------------------------------------------------------------- */

static void test_json(void **state) {
    (void)state;
    static const char *const expected[][2] = {
        {"schema", "\"logitscope.result/1\""},
        {"engine.kernel", "\"scalar\""},
        {"engine.threads", "1"},
        {"model.name", "\"a \\\"tiny\\\" one, <b>\""},
        {"model.parameters", "12345678901234"},
        {"settings.cut_from", "null"},
        {"tokens.0.text", "\"line\\u000a\\\"quoted\\\", \\\\ \\u007f\""},
        {"tokens.1.id", "2"},
        {"tokens.1.text", "\"\xc3\xa9</script>\""},
        {"vocab.2", "\"\\u0009\\u0001\""},
        {"points.step.0.0", "null"},
        {"points.step.1.1", "5.125"},
        {"points.entropy.1.1", "null"},
        {"points.entropy_norm.0.1", "1.25"},
        {"points.top.0.1.1", "[2,0.25]"},
        {"points.state.0.1", "null"},
        {"points.state.1.0", "\"C\""},
        {"summary.gd_ratio", "1.5"},
        {"summary.gd_ratio_ci", "[1.25,1.75]"},
        {"summary.mean_g_ci", "null"},
        {"summary.sync", "null"},
        {"summary.transitions.depth.p.0", "null"},
        {"summary.transitions.depth.p.1", "[0,0,0,0,0]"},
        {"summary.transitions.depth.stationary", "null"},
        {"summary.transitions.token.stationary", "[0,0,0,0,0]"},
        {"summary.commit.by_position", "[0,0]"},
        {"summary.states.E", "0"},
        {"summary.left_out", "0"},
    };
    sample s;
    size_t n = 0;
    make(&s);
    char *json = written(ls_report_json, &s, &n);
    assert_true(json_valid(json, n));
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!json_is(json, expected[i][0], expected[i][1])) {
            const char *at = json_at(json, expected[i][0]);
            fail_msg("%s should be %s, is %.40s", expected[i][0], expected[i][1], at != NULL ? at : "absent");
        }
    char *settings = settings_text(&s);
    assert_true(json_is(json, "settings", settings)); /* the same text that is in the digest */
    free(settings);
    free(json);
}

/* ---- CSV ----------------------------------------------------------------------------------------------- */

static void test_csv(void **state) {
    (void)state;
    sample s;
    make(&s);
    char *csv = written(ls_report_csv, &s, NULL);
    assert_ptr_equal(
        strstr(csv, "model,layer,position,token_id,token,top_id,top_token,state,entropy,entropy_norm,"), csv);
    static const char *const parts[] = {
        ",norm,step,turn,g,d\r\n",
        "\r\n\"a \"\"tiny\"\" one, <b>\",0,0,0,\"line\n\"\"quoted\"\", \\ \x7f\",0,\"a\",,0.125,0.25,", /* no
                                                                                                         * state
                                                                                                         */
        ",2,,2.25,2.375,2.5\r\n", /* no step */
        "\r\n\"a \"\"tiny\"\" one, <b>\",1,0,0,\"line\n\"\"quoted\"\", \\ \x7f\",0,\"a\",C,2.125,",
        ",1,1,2,\"\xc3\xa9</script>\",0,\"a\",D,,3.25,", /* an infinite entropy is empty */
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (strstr(csv, parts[i]) == NULL) fail_msg("part %zu is not in:\n%s", i, csv);
    size_t lines = 0;
    for (const char *c = csv; (c = strstr(c, "\r\n")) != NULL; c += 2) lines++;
    assert_int_equal(lines, 1 + POINTS);
    free(csv);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_settings),
        cmocka_unit_test(test_digest_of_everything),
        cmocka_unit_test(test_digest_of_nothing_else),
        cmocka_unit_test(test_json),
        cmocka_unit_test(test_csv),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
