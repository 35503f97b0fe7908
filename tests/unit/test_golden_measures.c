/* Against the definitions in float64 NumPy on Hugging Face transformers' logits: poles, means, commitment,
 * states, transitions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "support/golden.h"

/* A section named operator.name. */
static const double *of_operator(const golden_run *run, ls_operator op, const char *name, size_t rows,
                                 size_t columns) {
    char full[64];
    snprintf(full, sizeof full, "%s.%s", ls_operator_name(op), name);
    return golden_lens(run, full, rows, columns);
}

static void check_poles(const golden_run *run, const ls_result *result, ls_operator op, double tolerance) {
    static const ls_stat poles[] = {LS_STAT_G, LS_STAT_D};
    for (size_t pole = 0; pole < 2; pole++) {
        const char *name = ls_stat_name(poles[pole]);
        const double *expected = of_operator(run, op, name, run->layers + 1, run->positions);
        for (size_t layer = 0; layer <= run->layers; layer++)
            for (size_t t = 0; t < run->positions; t++) {
                size_t i = layer * run->positions + t;
                golden_check(run, name, layer, t, (double)result->stats[poles[pole]][i], expected[i],
                             tolerance);
            }
    }
}

/* D of the entropic operator is a function of r = p2 / p1 whose slope, log2(1 / r) / (1 + r)^2, times r is at
 * most 0.33: a third of the relative error of r. */
static double pole_tolerance(const golden_bounds *bounds, ls_operator op) {
    return op == LS_OP_MASS_MARGIN ? bounds->p : bounds->p_ratio;
}

static void test_operator(const golden_run *run, ls_operator op) {
    const golden_bounds *bounds = run->is.fixture->bounds;
    double tolerance = pole_tolerance(bounds, op);
    ls_result *result = golden_measure(run, op);
    check_poles(run, result, op, tolerance);
    golden_check(run, "mean_g", 0, 0, result->mean_g.value, *of_operator(run, op, "mean_g", 1, 1), bounds->p);
    golden_check(run, "mean_d", 0, 0, result->mean_d.value, *of_operator(run, op, "mean_d", 1, 1), bounds->p);
    double ratio = *of_operator(run, op, "gd_ratio", 1, 1);
    golden_check(run, "gd_ratio", 0, 0, result->gd_ratio.value, ratio, bounds->p * ratio);
    golden_check(run, "sync", 0, 0, result->sync, *of_operator(run, op, "sync", 1, 1), tolerance);
    const double *by_layer = of_operator(run, op, "gd_ratio_by_layer", 1, run->layers + 1);
    for (uint32_t layer = 0; layer <= run->layers; layer++)
        golden_check(run, "gd_ratio_by_layer", layer, 0, result->gd_ratio_by_layer[layer], by_layer[layer],
                     tolerance * by_layer[layer]);
    ls_result_close(result);
}

static void test_mass_margin(void **state) { test_operator(*state, LS_OP_MASS_MARGIN); }
static void test_top_ratio(void **state) { test_operator(*state, LS_OP_TOP_RATIO); }
static void test_entropic(void **state) { test_operator(*state, LS_OP_ENTROPIC); }

static void test_layers_and_commitment(void **state) {
    const golden_run *run = *state;
    const golden_bounds *bounds = run->is.fixture->bounds;
    ls_result *result = golden_measure(run, LS_OP_MASS_MARGIN);
    golden_check_all(run, "entropy_by_layer", result->entropy_by_layer,
                     golden_lens(run, "entropy_by_layer", 1, run->layers + 1), run->layers + 1,
                     bounds->entropy);
    golden_check_all(run, "p1_by_layer", result->p1_by_layer,
                     golden_lens(run, "p1_by_layer", 1, run->layers + 1), run->layers + 1, bounds->p);
    const double *commit = golden_lens(run, "commit", 1, run->positions);
    for (uint32_t t = 0; t < run->positions; t++)
        golden_check(run, "the commit layer", result->commit[t], t, result->commit[t], commit[t], 0.0);
    golden_check(run, "commit_mean", 0, 0, result->commit_mean.value, *golden_lens(run, "commit_mean", 1, 1),
                 1e-12);
    ls_result_close(result);
}

static void test_states(void **state) {
    const golden_run *run = *state;
    ls_result *result = golden_measure(run, LS_OP_MASS_MARGIN);
    golden_check(run, "theta_step", 0, 0, result->theta_step, *golden_values(run, "theta_step", 1, 1),
                 run->is.fixture->bounds->motion);
    const double *expected = golden_lens(run, "state", run->layers + 1, run->positions);
    for (size_t layer = 0; layer <= run->layers; layer++)
        for (size_t t = 0; t < run->positions; t++) {
            size_t i = layer * run->positions + t;
            double ours = result->states[i] == LS_STATE_NONE ? NAN : result->states[i];
            golden_check(run, "the state", layer, t, ours, expected[i], 0.0);
        }
    golden_check_all(run, "state_shares", result->shares, golden_lens(run, "state_shares", 1, LS_STATE_COUNT),
                     LS_STATE_COUNT, 1e-15);
    ls_result_close(result);
}

/* Counts are exact, and shares of counts to the last bit but one. */
static void check_transitions(const golden_run *run, const char *direction, const ls_transitions *ours) {
    enum { CELLS = LS_STATE_COUNT * LS_STATE_COUNT };
    char name[32];
    double counts[CELLS];
    for (size_t i = 0; i < CELLS; i++) counts[i] = ours->counts[i / LS_STATE_COUNT][i % LS_STATE_COUNT];
    snprintf(name, sizeof name, "%s_counts", direction);
    golden_check_all(run, name, counts, golden_lens(run, name, LS_STATE_COUNT, LS_STATE_COUNT), CELLS, 0.0);
    snprintf(name, sizeof name, "%s_p", direction);
    golden_check_all(run, name, &ours->p[0][0], golden_lens(run, name, LS_STATE_COUNT, LS_STATE_COUNT), CELLS,
                     1e-15);
}

static void test_transitions(void **state) {
    const golden_run *run = *state;
    ls_result *result = golden_measure(run, LS_OP_MASS_MARGIN);
    check_transitions(run, "depth", &result->depth);
    check_transitions(run, "token", &result->token);
    ls_result_close(result);
}

int main(void) {
    static const golden_topic topics[] = {
        {"mass-margin", test_mass_margin}, {"top-ratio", test_top_ratio},
        {"entropic", test_entropic},       {"layers and commitment", test_layers_and_commitment},
        {"states", test_states},           {"transitions", test_transitions},
    };
    enum { TOPICS = sizeof topics / sizeof *topics };
    struct CMUnitTest tests[GOLDEN_CASES * TOPICS];
    golden_list(tests, topics, TOPICS);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
