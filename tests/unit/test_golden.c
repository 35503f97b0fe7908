/* Against Hugging Face transformers, point by point: tokens, residual stream, logits, every statistic. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dirent.h>

#include <cmocka.h>

#include "api/objects.h"
#include "support/golden.h"
#include "support/memory_source.h"
#include "support/runs.h"

/* ---- the forward pass ---------------------------------------------------------------------------------- */

static void test_shape(void **state) {
    const golden_run *run = *state;
    const ls_model_info *info = ls_model_describe(run->model);
    assert_int_equal(info->layers, run->layers);
    assert_int_equal(info->vocab, run->vocab);
    assert_int_equal(info->width, run->width);
    assert_int_equal(info->heads, 4);
    assert_int_equal(info->feed_forward, 32);
    assert_int_equal(info->context, 32);
    ls_result *result = golden_measure(run, LS_OP_MASS_MARGIN);
    assert_int_equal(result->positions, run->positions);
    const double *ids = golden_values(run, "ids", 1, run->positions);
    for (uint32_t t = 0; t < run->positions; t++)
        golden_check(run, "the token id", 0, t, result->tokens[t], ids[t], 0.0);
    assert_int_equal(result->nonfinite, 0);
    ls_result_close(result);
}

/* Compares a row; returns its largest difference, relative to its largest magnitude. */
static double check_row(const golden_run *run, const char *what, size_t layer, size_t position,
                        const float *ours, const double *expected, size_t n, double tolerance) {
    double largest = 0.0, worst = 0.0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(expected[i]));
    for (size_t i = 0; i < n; i++)
        worst = fmax(
            worst, golden_check(run, what, layer, position, (double)ours[i], expected[i], tolerance * largest));
    return worst / largest;
}

static void test_hidden(void **state) {
    const golden_run *run = *state;
    size_t rows = ((size_t)run->layers + 1) * run->positions;
    const double *hidden = golden_values(run, "hidden", rows, run->width);
    double worst = 0.0;
    for (size_t row = 0; row < rows; row++)
        worst = fmax(worst, check_row(run, "the residual stream", row / run->positions, row % run->positions,
                                      run->session->hidden + row * run->width, hidden + row * run->width,
                                      run->width, run->is.fixture->bounds->hidden));
    print_message("residual stream within %.2g of the row's largest\n", worst);
}

static double check_logits(const golden_run *run, uint32_t layer, const double *expected) {
    double worst = 0.0;
    float *logits = calloc(run->vocab, sizeof *logits);
    assert_non_null(logits);
    for (uint32_t t = 0; t < run->positions; t++) {
        ls_error err = {0};
        assert_int_equal(ls_session_logits(run->session, layer, t, logits, &err), LS_OK);
        worst = fmax(worst, check_row(run, "a logit", layer, t, logits, expected + (size_t)t * run->vocab,
                                      run->vocab, run->is.fixture->bounds->logits));
    }
    free(logits);
    return worst;
}

/* The last layer is in every reference, the others in two of them. */
static void test_logits(void **state) {
    const golden_run *run = *state;
    size_t layer_size = (size_t)run->positions * run->vocab;
    char name[32];
    double worst = check_logits(run, run->layers, golden_values(run, "output", run->positions, run->vocab));
    snprintf(name, sizeof name, "%s.logits", ls_lens_name(run->is.lens));
    if (reference_find(&run->ref, name) != NULL) {
        const double *expected = golden_values(run, name, (size_t)run->layers * run->positions, run->vocab);
        for (uint32_t layer = 0; layer < run->layers; layer++)
            worst = fmax(worst, check_logits(run, layer, expected + layer * layer_size));
    }
    print_message("logits within %.2g of the row's largest\n", worst);
}

/* ---- statistics ---------------------------------------------------------------------------------------- */

/* The bound of a statistic whose reference value is `expected`. Counts are exact: no probability in the
 * references is near a threshold. */
static double tolerance_of(const golden_bounds *bounds, ls_stat stat, double expected, uint32_t vocab) {
    switch (stat) {
    case LS_STAT_ENTROPY:
        return bounds->entropy;
    case LS_STAT_ENTROPY_NORM:
        return bounds->entropy / log(vocab) + 1e-7;
    case LS_STAT_EFFECTIVE_TOKENS: /* exp(H) */
        return bounds->entropy * expected;
    case LS_STAT_N_1PCT:
    case LS_STAT_N_REL:
        return 0.0;
    case LS_STAT_TARGET_RANK:
        return bounds->rank;
    case LS_STAT_RATIO:
        return bounds->p_ratio;
    case LS_STAT_SURPRISAL:
    case LS_STAT_KL_FINAL:
        return bounds->nats;
    case LS_STAT_NORM:
        return bounds->motion * expected;
    case LS_STAT_STEP:
    case LS_STAT_TURN:
        return bounds->motion;
    default:
        return bounds->p;
    }
}

static double check_column(const golden_run *run, const ls_result *result, ls_stat stat) {
    size_t rows = (size_t)run->layers + 1;
    const char *name = ls_stat_name(stat);
    int of_lens = stat != LS_STAT_NORM && stat != LS_STAT_STEP && stat != LS_STAT_TURN;
    const double *expected =
        of_lens ? golden_lens(run, name, rows, run->positions) : golden_values(run, name, rows, run->positions);
    double worst = 0.0;
    for (size_t layer = 0; layer < rows; layer++)
        for (size_t t = 0; t < run->positions; t++) {
            size_t i = layer * run->positions + t;
            double tolerance = tolerance_of(run->is.fixture->bounds, stat, expected[i], run->vocab);
            worst = fmax(worst, golden_check(run, name, layer, t, (double)result->stats[stat][i], expected[i],
                                             tolerance));
            int present = ls_stat_present(stat, (uint32_t)layer, (uint32_t)t, run->positions);
            if (present == isnan(result->stats[stat][i]))
                fail_msg("%s: present where it should be absent", name);
        }
    return worst;
}

static void test_statistics(void **state) {
    const golden_run *run = *state;
    ls_result *result = golden_measure(run, LS_OP_MASS_MARGIN);
    for (int stat = 0; stat < LS_STAT_G; stat++) {
        double worst = check_column(run, result, (ls_stat)stat);
        if (stat == LS_STAT_ENTROPY) print_message("entropy within %.2g nats\n", worst);
    }
    ls_result_close(result);
}

/* Order and probabilities of the ten most likely. */
static void test_top(void **state) {
    const golden_run *run = *state;
    size_t points = ((size_t)run->layers + 1) * run->positions;
    ls_result *result = golden_measure(run, LS_OP_MASS_MARGIN);
    assert_int_equal(result->top_k, LS_TOP_K);
    const double *ids = golden_lens(run, "top_ids", points, LS_TOP_K);
    const double *p = golden_lens(run, "top_p", points, LS_TOP_K);
    for (size_t i = 0; i < points * LS_TOP_K; i++) {
        size_t layer = i / LS_TOP_K / run->positions, t = i / LS_TOP_K % run->positions;
        golden_check(run, "the id of a top token", layer, t, result->top_ids[i], ids[i], 0.0);
        golden_check(run, "p of a top token", layer, t, (double)result->top_p[i], p[i],
                     run->is.fixture->bounds->p);
    }
    ls_result_close(result);
}

/* ---- tokenisers ---------------------------------------------------------------------------------------- */

/* Bytes from hexadecimal digits, in place. */
static size_t unhex(char *text) {
    size_t n = strlen(text) / 2;
    for (size_t i = 0; i < n; i++) {
        char pair[3] = {text[2 * i], text[2 * i + 1], '\0'};
        text[i] = (char)strtoul(pair, NULL, 16);
    }
    return n;
}

static void check_tokens(const char *fixture, const ls_engine *engine, const ls_tokenizer *tokenizer,
                         FILE *cases) {
    char text[1024];
    unsigned expected_count = 0, lines = 0;
    for (; fscanf(cases, "%1023s %u", text, &expected_count) == 2; lines++) {
        uint32_t *ids = NULL;
        size_t count = 0;
        ls_error err = {0};
        if (ls_tokenize(tokenizer, text, unhex(text), &ids, &count, &err) != LS_OK)
            fail_msg("%s, line %u: %s", fixture, lines + 1, err.message);
        if (count != expected_count)
            fail_msg("%s, line %u: %zu tokens, not %u", fixture, lines + 1, count, expected_count);
        for (size_t i = 0; i < count; i++) {
            unsigned expected = 0;
            assert_int_equal(fscanf(cases, "%u", &expected), 1);
            if (ids[i] != expected)
                fail_msg("%s, line %u: token %zu is %u, not %u", fixture, lines + 1, i, ids[i], expected);
        }
        ls_release(engine, ids);
    }
    assert_true(feof(cases));
    assert_int_equal(lines, 9);
}

static void test_tokens(void **state) {
    const char *fixture = *state;
    char path[128];
    ls_tokenizer *tokenizer = NULL;
    ls_error err = {0};
    memory_source memory;
    snprintf(path, sizeof path, FIXTURES "%s-f32.gguf", fixture);
    file_bytes file = load_file(path);
    ls_source source = memory_source_open(&memory, file.bytes, file.length, path);
    ls_engine *engine = open_engine(NULL, 1);
    if (ls_tokenizer_open(engine, &source, &tokenizer, &err) != LS_OK) fail_msg("%s", err.message);
    assert_int_equal(ls_tokenizer_vocab(tokenizer), 320);
    snprintf(path, sizeof path, FIXTURES "%s.tokens", fixture);
    FILE *cases = fopen(path, "r");
    if (cases == NULL) fail_msg("%s is missing", path);
    check_tokens(fixture, engine, tokenizer, cases);
    fclose(cases);
    ls_tokenizer_close(tokenizer);
    ls_engine_close(engine);
    free(file.bytes);
}

/* ---- completeness -------------------------------------------------------------------------------------- */

/* A model that somebody adds must not go untested. */
static void test_every_fixture_is_listed(void **state) {
    (void)state;
    size_t models = 0;
    DIR *folder = opendir(FIXTURES);
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *ending = strstr(entry->d_name, ".gguf");
        if (ending == NULL) continue;
        int listed = 0;
        for (size_t i = 0; i < GOLDEN_FIXTURES; i++) {
            const char *name = golden_fixtures[i].name;
            listed |= strlen(name) == (size_t)(ending - entry->d_name) &&
                      strncmp(name, entry->d_name, strlen(name)) == 0;
        }
        if (!listed) fail_msg("%s is not in golden_fixtures (support/golden.c)", entry->d_name);
        models++;
    }
    closedir(folder);
    assert_int_equal(models, GOLDEN_FIXTURES);
}

int main(void) {
    static const golden_topic topics[] = {
        {"shape and tokens", test_shape}, {"residual stream", test_hidden}, {"logits", test_logits},
        {"statistics", test_statistics},  {"top tokens", test_top},
    };
    static char *const tokenizers[] = {"gpt2", "gptneox", "gptneox-sequential"};
    enum { TOPICS = sizeof topics / sizeof *topics, OWN = 4 };
    struct CMUnitTest tests[GOLDEN_CASES * TOPICS + OWN];
    golden_list(tests, topics, TOPICS);
    struct CMUnitTest *own = tests + GOLDEN_CASES * TOPICS;
    own[0] = (struct CMUnitTest)cmocka_unit_test(test_every_fixture_is_listed);
    for (size_t i = 0; i < 3; i++)
        own[1 + i] = (struct CMUnitTest){tokenizers[i], test_tokens, NULL, NULL, tokenizers[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
