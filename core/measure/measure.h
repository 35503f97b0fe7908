/*
 * From columns of per-point statistics to poles, states, transitions and summaries: pure functions that know no
 * model. Definitions: README.md, "Definitions". Sums run in double precision in index order.
 */
#ifndef LS_MEASURE_MEASURE_H
#define LS_MEASURE_MEASURE_H

#include "base/arena.h"
#include "lens/points.h"
#include "logitscope.h"

/* Purpose: fill the columns G and D from p1, p2, top5_mass and entropy_norm, at every point.
 *   mass-margin  G = top5_mass,    D = 1 - (p1 - p2)
 *   top-ratio    G = p1,           D = p2 / p1
 *   entropic     G = 1 - H / ln V, D = binary entropy of p1 / (p1 + p2), in bits */
void ls_measure_poles(ls_points *points, ls_operator op);

/* Purpose: commit[t] = the smallest layer from which on the top token is the final layer's, [T]. */
void ls_measure_commit(const ls_points *points, uint32_t *commit);

/* Purpose: theta_step under the settings: the quantile of `step` over layers 1..L and all positions (linear
 * interpolation between order statistics), or the fixed number. NaN when no step is a number. */
ls_status ls_measure_theta(const ls_points *points, const ls_settings *settings, const ls_allocator *allocator,
                           double *theta, ls_error *err);

/* Purpose: states[(L+1) * T]: LS_STATE_NONE at layer 0, else one of five; shares over layers 1..L. */
void ls_measure_states(const ls_points *points, const ls_settings *settings, double theta,
                       const uint32_t *commit, uint8_t *states, double shares[LS_STATE_COUNT]);

/* Purpose: transitions from layer l to l + 1 at one position (l >= 1), or from position t to t + 1 at one
 * layer. */
void ls_measure_depth(const ls_points *points, const uint8_t *states, ls_transitions *out);
void ls_measure_token(const ls_points *points, const uint8_t *states, ls_transitions *out);

/* Purpose: mean of a column over positions at each layer, out[L+1]. */
void ls_measure_by_layer(const ls_points *points, ls_stat stat, double *out);

/* Means over the points from settings->from_layer to L, all positions, with bootstrap intervals over positions.
 */
typedef struct ls_means {
    ls_estimate gd_ratio, mean_g, mean_d, commit;
    double sync;
} ls_means;

/* Purpose: fill in the means. The bootstrap draws positions with replacement, LS_BOOTSTRAP_RESAMPLES times,
 * from a fixed seed, and takes the 2.5% and 97.5% quantiles (Efron and Tibshirani 1993). */
ls_status ls_measure_means(const ls_points *points, const ls_settings *settings, const uint32_t *commit,
                           const ls_allocator *allocator, ls_means *out, ls_error *err);

#define LS_BOOTSTRAP_RESAMPLES 1000u

/* Purpose: the q-quantile of sorted values, by linear interpolation between order statistics; n > 0. */
double ls_quantile_sorted(const double *sorted, size_t n, double q);
/* Purpose: sort rising, in place; no NaN inside. */
void ls_sort_doubles(double *values, size_t n);

#endif
