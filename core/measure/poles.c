#include "base/math.h"
#include "measure/measure.h"

static double binary_entropy_bits(double q) {
    if (isnan(q)) return q;
    if (q <= 0.0 || q >= 1.0) return 0.0;
    double rest = 1.0 - q;
    return -(q * ls_log(q) + rest * ls_log(rest)) / 0.69314718055994531;
}

void ls_measure_poles(ls_points *points, ls_operator op) {
    size_t count = ((size_t)points->layers + 1) * points->positions;
    for (size_t i = 0; i < count; i++) {
        double p1 = points->stats[LS_STAT_P1][i], p2 = points->stats[LS_STAT_P2][i], g, d;
        switch (op) {
        case LS_OP_TOP_RATIO:
            g = p1;
            d = p2 / p1;
            break;
        case LS_OP_ENTROPIC:
            g = 1.0 - (double)points->stats[LS_STAT_ENTROPY_NORM][i];
            d = binary_entropy_bits(p1 / (p1 + p2));
            break;
        default:
            g = points->stats[LS_STAT_TOP5_MASS][i];
            d = 1.0 - (p1 - p2);
            break;
        }
        ls_points_set(points, LS_STAT_G, i, g);
        ls_points_set(points, LS_STAT_D, i, d);
    }
}

void ls_measure_by_layer(const ls_points *points, ls_stat stat, double *out) {
    for (uint32_t layer = 0; layer <= points->layers; layer++) {
        double sum = 0.0;
        for (uint32_t t = 0; t < points->positions; t++)
            sum += (double)points->stats[stat][ls_point_index(points, layer, t)];
        out[layer] = sum / points->positions;
    }
}
