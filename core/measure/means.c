#include "base/heap_sort.h"
#include "base/math.h"
#include "base/random.h"
#include "measure/measure.h"

/* "logitscope" as a number: any fixed seed will do, the same one for every result. */
#define BOOTSTRAP_SEED UINT64_C(0x6c6f676974736370)

static int smaller(const void *ctx, size_t i, size_t j) {
    const double *values = ctx;
    return values[i] < values[j];
}

static void swap(void *ctx, size_t i, size_t j) {
    double *values = ctx, held = values[i];
    values[i] = values[j];
    values[j] = held;
}

void ls_sort_doubles(double *values, size_t n) { ls_heap_sort(&(ls_sortable){values, smaller, swap}, 0, n); }

double ls_quantile_sorted(const double *sorted, size_t n, double q) {
    double at = q * (double)(n - 1), base = floor(at);
    size_t i = (size_t)base;
    if (i + 1 >= n) return sorted[n - 1];
    return sorted[i] + (at - base) * (sorted[i + 1] - sorted[i]);
}

/* Means of one position over the chosen layers. */
typedef struct position_means {
    double g, d, commit;
} position_means;

static void collect(const ls_points *points, uint32_t from_layer, const uint32_t *commit, position_means *out) {
    double layers = points->layers - from_layer + 1.0;
    for (uint32_t t = 0; t < points->positions; t++) {
        double g = 0.0, d = 0.0;
        for (uint32_t layer = from_layer; layer <= points->layers; layer++) {
            size_t i = ls_point_index(points, layer, t);
            g += (double)points->stats[LS_STAT_G][i];
            d += (double)points->stats[LS_STAT_D][i];
        }
        out[t] = (position_means){g / layers, d / layers, commit[t]};
    }
}

/* Pearson correlation of G and D along the layers of one position; NaN when either does not vary. */
static double correlation(const ls_points *points, uint32_t from_layer, uint32_t position,
                          const position_means *mean) {
    double gg = 0.0, dd = 0.0, gd = 0.0;
    for (uint32_t layer = from_layer; layer <= points->layers; layer++) {
        size_t i = ls_point_index(points, layer, position);
        double g = (double)points->stats[LS_STAT_G][i] - mean->g;
        double d = (double)points->stats[LS_STAT_D][i] - mean->d;
        gg += g * g;
        dd += d * d;
        gd += g * d;
    }
    return gd / sqrt(gg * dd);
}

/* Positions without a correlation are left out; NaN when none has one. */
static double mean_correlation(const ls_points *points, uint32_t from_layer, const position_means *means) {
    double sum = 0.0;
    uint32_t count = 0;
    for (uint32_t t = 0; t < points->positions; t++) {
        double r = correlation(points, from_layer, t, &means[t]);
        if (isnan(r)) continue;
        sum += r;
        count++;
    }
    return count > 0 ? sum / count : NAN;
}

/* The four means of one draw of positions; `pick` NULL takes each once. */
enum { GD_RATIO, MEAN_G, MEAN_D, COMMIT, MEANS };

static void draw(const position_means *means, uint32_t n, const uint64_t *resample, double out[MEANS]) {
    position_means sum = {0.0, 0.0, 0.0};
    for (uint32_t i = 0; i < n; i++) {
        uint32_t t = resample != NULL ? ls_random_below(BOOTSTRAP_SEED, *resample * n + i, n) : i;
        sum.g += means[t].g;
        sum.d += means[t].d;
        sum.commit += means[t].commit;
    }
    out[GD_RATIO] = sum.g / sum.d;
    out[MEAN_G] = sum.g / n;
    out[MEAN_D] = sum.d / n;
    out[COMMIT] = sum.commit / n;
}

/* samples: [MEANS][LS_BOOTSTRAP_RESAMPLES] */
static void bootstrap(const position_means *means, uint32_t n, double *samples,
                      ls_estimate *const targets[MEANS]) {
    double value[MEANS];
    draw(means, n, NULL, value);
    for (size_t m = 0; m < MEANS; m++) *targets[m] = (ls_estimate){value[m], NAN, NAN};
    if (n < 2) return;
    for (uint64_t b = 0; b < LS_BOOTSTRAP_RESAMPLES; b++) {
        draw(means, n, &b, value);
        for (size_t m = 0; m < MEANS; m++) samples[m * LS_BOOTSTRAP_RESAMPLES + b] = value[m];
    }
    for (size_t m = 0; m < MEANS; m++) {
        double *sorted = samples + m * LS_BOOTSTRAP_RESAMPLES;
        if (isnan(targets[m]->value)) continue;
        ls_sort_doubles(sorted, LS_BOOTSTRAP_RESAMPLES);
        targets[m]->low = ls_quantile_sorted(sorted, LS_BOOTSTRAP_RESAMPLES, 0.025);
        targets[m]->high = ls_quantile_sorted(sorted, LS_BOOTSTRAP_RESAMPLES, 0.975);
    }
}

ls_status ls_measure_means(const ls_points *points, const ls_settings *settings, const uint32_t *commit,
                           const ls_allocator *allocator, ls_means *out, ls_error *err) {
    static const char what[] = "the bootstrap";
    position_means *means = NULL;
    double *samples = NULL;
    ls_status status = ls_alloc(allocator, points->positions, sizeof *means, what, &means, err);
    if (status != LS_OK) return status;
    status =
        ls_alloc(allocator, (uint64_t)MEANS * LS_BOOTSTRAP_RESAMPLES, sizeof *samples, what, &samples, err);
    if (status == LS_OK) {
        ls_estimate *const targets[MEANS] = {&out->gd_ratio, &out->mean_g, &out->mean_d, &out->commit};
        collect(points, settings->from_layer, commit, means);
        out->sync = mean_correlation(points, settings->from_layer, means);
        bootstrap(means, points->positions, samples, targets);
        allocator->release(allocator->ctx, samples);
    }
    allocator->release(allocator->ctx, means);
    return status;
}
