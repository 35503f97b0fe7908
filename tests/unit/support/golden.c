#include "support/golden.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/runs.h"

/* Float32 sums of at most 192 terms on either side round differently: up to 1.5e-6 of a row was seen, and of
 * the raw lens, whose logits reach 38, 4.2e-5 nats. Each bound is about twice what was seen. F16 weights are
 * exact in float32, so that they have the bounds of F32. */
static const golden_bounds float_bounds = {.hidden = 3e-6,
                                           .logits = 3e-6,
                                           .entropy = 1e-5,
                                           .nats = 8e-5,
                                           .p = 1.5e-5,
                                           .p_ratio = 2e-5,
                                           .motion = 1e-6,
                                           .rank = 0};

/* The reference multiplies the dequantised weights with float32 activations; ours are int16 in blocks of 32,
 * 1/65534 of a block's largest each. Seen: 1e-4 of a row, 2.5e-4 nats of entropy. The smallest gap of two
 * logits in these references, 6.5e-5, is below that error, so that a target may trade places with its
 * neighbour. */
static const golden_bounds int16_bounds = {.hidden = 2e-4,
                                           .logits = 2e-4,
                                           .entropy = 5e-4,
                                           .nats = 3e-3,
                                           .p = 8e-4,
                                           .p_ratio = 1.5e-3,
                                           .motion = 6e-5,
                                           .rank = 1};

const golden_fixture golden_fixtures[GOLDEN_FIXTURES] = {
    {"gpt2-f32", &float_bounds},    {"gpt2-f16", &float_bounds},     {"gpt2-q8_0", &int16_bounds},
    {"gptneox-f32", &float_bounds}, {"gptneox-q8_0", &int16_bounds}, {"gptneox-sequential-f32", &float_bounds},
    {"opt-f16", &float_bounds},     {"llama-f16", &float_bounds},    {"llama3-f16", &float_bounds},
    {"mistral-f16", &float_bounds}, {"qwen2-f16", &float_bounds},    {"phi-f16", &float_bounds},
};

/* ---- cases ------------------------------------------------------------------------------------------- */

static int open_run(void **state) {
    const golden_case *is = *state;
    char path[128];
    golden_run *run = calloc(1, sizeof *run);
    if (run == NULL) return -1;
    *state = run;
    run->is = *is;
    snprintf(path, sizeof path, FIXTURES "%s.ref", is->fixture->name);
    if (reference_open(&run->ref, path) != 0) fail_msg("%s is missing or damaged", path);
    run->text = (char *)load_file(FIXTURES "text.txt").bytes;
    snprintf(path, sizeof path, FIXTURES "%s.gguf", is->fixture->name);
    run->engine = open_engine(NULL, 1);
    run->model = open_model(run->engine, path);
    run->session = run_text(run->model, run->text, is->lens);
    const double *shape = golden_values(run, "shape", 1, 4);
    run->layers = (uint32_t)shape[0];
    run->positions = (uint32_t)shape[1];
    run->vocab = (uint32_t)shape[2];
    run->width = (uint32_t)shape[3];
    return 0;
}

static int close_run(void **state) {
    golden_run *run = *state;
    ls_session_close(run->session);
    ls_model_close(run->model);
    ls_engine_close(run->engine);
    reference_close(&run->ref);
    free(run->text);
    free(run);
    return 0;
}

void golden_list(struct CMUnitTest *tests, const golden_topic *topics, size_t count) {
    static golden_case cases[GOLDEN_CASES];
    static char names[GOLDEN_CASES * 8][80];
    if (count > 8) abort();
    for (size_t c = 0; c < GOLDEN_CASES; c++) {
        cases[c] = (golden_case){&golden_fixtures[c / LS_LENS_COUNT], (ls_lens)(c % LS_LENS_COUNT)};
        for (size_t t = 0; t < count; t++) {
            char *name = names[c * count + t];
            snprintf(name, sizeof names[0], "%s %s: %s", cases[c].fixture->name, ls_lens_name(cases[c].lens),
                     topics[t].name);
            tests[c * count + t] = (struct CMUnitTest){name, topics[t].test, open_run, close_run, &cases[c]};
        }
    }
}

ls_result *golden_measure(const golden_run *run, ls_operator op) {
    ls_result *result = NULL;
    ls_error err = {0};
    ls_settings settings = ls_settings_default();
    settings.lens = run->is.lens;
    settings.op = op;
    if (ls_session_measure(run->session, &settings, &result, &err) != LS_OK) fail_msg("%s", err.message);
    return result;
}

/* ---- the reference ------------------------------------------------------------------------------------- */

const double *golden_values(const golden_run *run, const char *name, size_t rows, size_t columns) {
    const ref_section *section = reference_find(&run->ref, name);
    if (section == NULL) fail_msg("%s.ref has no section %s", run->is.fixture->name, name);
    if (section->rows != rows || section->columns != columns)
        fail_msg("%s.ref: %s is %zu x %zu, not %zu x %zu", run->is.fixture->name, name, section->rows,
                 section->columns, rows, columns);
    return section->values;
}

const double *golden_lens(const golden_run *run, const char *name, size_t rows, size_t columns) {
    char full[64];
    snprintf(full, sizeof full, "%s.%s", ls_lens_name(run->is.lens), name);
    return golden_values(run, full, rows, columns);
}

double golden_check(const golden_run *run, const char *statistic, size_t layer, size_t position, double ours,
                    double expected, double tolerance) {
    if (isnan(ours) && isnan(expected)) return 0.0;
    double difference = fabs(ours - expected);
    if (!(difference <= tolerance))
        fail_msg(
            "%s %s: %s at layer %zu, position %zu is %.9g, the reference has %.9g (off by %.3g, allowed %.3g)",
            run->is.fixture->name, ls_lens_name(run->is.lens), statistic, layer, position, ours, expected,
            difference, tolerance);
    return difference;
}

void golden_check_all(const golden_run *run, const char *statistic, const double *ours, const double *expected,
                      size_t n, double tolerance) {
    for (size_t i = 0; i < n; i++) {
        if (isnan(ours[i]) && isnan(expected[i])) continue;
        if (!(fabs(ours[i] - expected[i]) <= tolerance))
            fail_msg("%s %s: %s[%zu] is %.9g, the reference has %.9g (allowed %.3g)", run->is.fixture->name,
                     ls_lens_name(run->is.lens), statistic, i, ours[i], expected[i], tolerance);
    }
}
