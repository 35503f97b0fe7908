/*
 * The golden fixtures as cmocka cases: every model of tests/golden/fixtures through every lens, opened before a
 * test and closed after it, and comparisons that say where they fail.
 */
#ifndef GOLDEN_H
#define GOLDEN_H

#include <stddef.h>

#include "logitscope.h"
#include "support/reference.h"

struct CMUnitTest;

/* How far we may be from the reference. */
typedef struct golden_bounds {
    double hidden, logits; /* relative to the largest magnitude of the row */
    double entropy;        /* nats */
    double nats;           /* surprisal and divergence, which one logit's error reaches in full */
    double p;              /* probabilities and sums of them */
    double p_ratio;        /* p2 / p1 */
    double motion;         /* norm (relative), step, turn, theta_step */
    double rank;           /* of the target: 0, or 1 where two logits are closer than the error */
} golden_bounds;

typedef struct golden_fixture {
    const char *name; /* without its ending */
    const golden_bounds *bounds;
} golden_fixture;

typedef struct golden_case {
    const golden_fixture *fixture;
    ls_lens lens;
} golden_case;

typedef struct golden_run {
    golden_case is;
    reference ref;
    char *text;
    ls_engine *engine;
    ls_model *model;
    ls_session *session; /* run to its end */
    uint32_t layers, positions, vocab, width;
} golden_run;

enum { GOLDEN_FIXTURES = 12, GOLDEN_CASES = GOLDEN_FIXTURES * LS_LENS_COUNT };
extern const golden_fixture golden_fixtures[GOLDEN_FIXTURES];

typedef struct golden_topic {
    const char *name;
    void (*test)(void **state); /* *state is a golden_run */
} golden_topic;

/* Purpose: a test of each topic for each case, GOLDEN_CASES * count of them, named "fixture lens: topic". */
void golden_list(struct CMUnitTest *tests, const golden_topic *topics, size_t count);

/* Purpose: measure the run's session under the default settings but for the operator. */
ls_result *golden_measure(const golden_run *run, ls_operator op);

/* Purpose: a section of the reference, which must be there and of that shape; golden_lens looks under the name
 * of the run's lens. */
const double *golden_values(const golden_run *run, const char *name, size_t rows, size_t columns);
const double *golden_lens(const golden_run *run, const char *name, size_t rows, size_t columns);

/* Purpose: fail, naming fixture, lens, statistic and place, unless |ours - expected| <= tolerance or both are
 * absent. Returns the difference (0 when absent). */
double golden_check(const golden_run *run, const char *statistic, size_t layer, size_t position, double ours,
                    double expected, double tolerance);

/* Purpose: the same for n values in a row that belong to no point; the place shown is the index. */
void golden_check_all(const golden_run *run, const char *statistic, const double *ours, const double *expected,
                      size_t n, double tolerance);

#endif
