#include "base/math.h"
#include "measure/measure.h"

static uint32_t top_token(const ls_points *points, uint32_t layer, uint32_t position) {
    return points->top_ids[ls_point_index(points, layer, position) * points->top_k];
}

void ls_measure_commit(const ls_points *points, uint32_t *commit) {
    for (uint32_t t = 0; t < points->positions; t++) {
        uint32_t layer = points->layers, chosen = top_token(points, layer, t);
        while (layer > 0 && top_token(points, layer - 1, t) == chosen) layer--;
        commit[t] = layer;
    }
}

ls_status ls_measure_theta(const ls_points *points, const ls_settings *settings, const ls_allocator *allocator,
                           double *theta, ls_error *err) {
    if (settings->step_rule == LS_STEP_ABSOLUTE) {
        *theta = settings->step_absolute;
        return LS_OK;
    }
    double *steps = NULL;
    size_t count = (size_t)points->layers * points->positions, held = 0;
    ls_status status = ls_alloc(allocator, count, sizeof *steps, "the step quantile", &steps, err);
    if (status != LS_OK) return status;
    const float *column = points->stats[LS_STAT_STEP] + points->positions; /* from layer 1 on */
    for (size_t i = 0; i < count; i++)
        if (!isnan(column[i])) steps[held++] = (double)column[i];
    ls_sort_doubles(steps, held);
    *theta = held > 0 ? ls_quantile_sorted(steps, held, settings->step_quantile) : NAN;
    allocator->release(allocator->ctx, steps);
    return LS_OK;
}

static ls_state classify(int branching, int turbulent, int committed) {
    if (branching) return turbulent ? LS_STATE_D : LS_STATE_B;
    if (turbulent) return LS_STATE_A;
    return committed ? LS_STATE_C : LS_STATE_E;
}

void ls_measure_states(const ls_points *points, const ls_settings *settings, double theta,
                       const uint32_t *commit, uint8_t *states, double shares[LS_STATE_COUNT]) {
    uint32_t counts[LS_STATE_COUNT] = {0};
    for (uint32_t t = 0; t < points->positions; t++) states[t] = LS_STATE_NONE;
    for (uint32_t layer = 1; layer <= points->layers; layer++) {
        for (uint32_t t = 0; t < points->positions; t++) {
            size_t i = ls_point_index(points, layer, t);
            double p1 = points->stats[LS_STAT_P1][i], p2 = points->stats[LS_STAT_P2][i];
            int branching = p2 >= settings->branch_p2 && p2 / p1 >= settings->branch_ratio;
            int turbulent = (double)points->stats[LS_STAT_STEP][i] >= theta;
            states[i] = (uint8_t)classify(branching, turbulent, layer >= commit[t]);
            counts[states[i]]++;
        }
    }
    double total = (double)points->layers * points->positions;
    for (size_t s = 0; s < LS_STATE_COUNT; s++) shares[s] = counts[s] / total;
}
