#include "verify/tally.h"

#include <math.h>
#include <string.h>

typedef struct grade_facts {
    const char *name;
    double mean, largest, top1;
} grade_facts;

/* Where the figures come from: README.md. */
static const grade_facts grades[LS_GRADE_COUNT] = {
    [LS_GRADE_EXACT] = {"exact", 0.002, 0.02, 0.985},
    [LS_GRADE_BFLOAT] = {"bfloat", 0.01, 0.06, 0.97},
    [LS_GRADE_EIGHT] = {"eight-bit", 0.02, 0.3, 0.95},
    [LS_GRADE_FEW] = {"few-bit", 0.14, 0.95, 0.77},
};

const char *ls_grade_name(ls_grade grade) { return grades[grade].name; }

static ls_grade grade_of(const char *weights, const char *grid_weights) {
    static const struct {
        const char *weights;
        ls_grade grade;
    } known[] = {
        {"F32", LS_GRADE_EXACT},
        {"F16", LS_GRADE_EXACT},
        {"BF16", LS_GRADE_BFLOAT},
        {"Q8_0", LS_GRADE_EIGHT},
    };
    if (strcmp(weights, grid_weights) == 0) return LS_GRADE_EXACT;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(weights, known[i].weights) == 0) return known[i].grade;
    return LS_GRADE_FEW;
}

void ls_tally_start(ls_tally *tally, ls_verification *out, const char *weights, const char *grid_weights) {
    *tally = (ls_tally){.out = out};
    out->grade = grade_of(weights, grid_weights);
    out->mean_bound = grades[out->grade].mean;
    out->largest_bound = grades[out->grade].largest;
    out->top1_bound = grades[out->grade].top1;
}

double ls_tally_difference(const ls_tally_entry *entry) {
    double difference = fabs(entry->measured - entry->expected);
    return isnan(difference) ? INFINITY : difference;
}

void ls_tally_cell(ls_tally *tally, uint32_t prompt, uint32_t layer, uint32_t position, int same_top1,
                   const ls_tally_entry *worst) {
    ls_verification *out = tally->out;
    double difference = ls_tally_difference(worst);
    tally->cells++;
    tally->same_top1 += same_top1 != 0;
    tally->sum += difference;
    if (tally->cells > 1 && difference <= out->largest) return;
    out->largest = difference;
    out->worst.prompt = prompt;
    out->worst.layer = layer;
    out->worst.position = position;
    out->worst.token = worst->token;
    out->worst.expected = worst->expected;
    out->worst.measured = worst->measured;
}

void ls_tally_finish(const ls_tally *tally) {
    ls_verification *out = tally->out;
    double cells = (double)tally->cells;
    out->cells = tally->cells;
    out->top1 = (double)tally->same_top1 / cells; /* NaN without cells, which keeps no bound */
    out->mean = tally->sum / cells;
    if (tally->cells == 0) out->largest = NAN;
    out->pass = out->same_ids == out->prompts && out->mean <= out->mean_bound &&
                out->largest <= out->largest_bound && out->top1 >= out->top1_bound;
}
