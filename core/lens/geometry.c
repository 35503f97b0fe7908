/* How the residual stream moves: its length, its step on the unit sphere, the angle between steps. */
#include "base/math.h"
#include "lens/lens.h"

static double length_of(const float *h, size_t width) {
    double squares = 0.0;
    for (size_t i = 0; i < width; i++) squares += (double)h[i] * (double)h[i];
    return sqrt(squares);
}

/* One channel of the step from a to b, both brought to length 1. */
static double step_channel(const float *a, double a_length, const float *b, double b_length, size_t i) {
    return (double)b[i] / b_length - (double)a[i] / a_length;
}

static void geometry_of_position(ls_points *points, const float *hidden, size_t width, uint32_t position) {
    const float *h[3] = {NULL, NULL, NULL}; /* layers l - 2, l - 1, l */
    double length[3] = {0, 0, 0}, last_step = 0.0;
    for (uint32_t layer = 0; layer <= points->layers; layer++) {
        size_t point = ls_point_index(points, layer, position);
        h[0] = h[1], h[1] = h[2], h[2] = hidden + point * width;
        length[0] = length[1], length[1] = length[2], length[2] = length_of(h[2], width);
        ls_points_set(points, LS_STAT_NORM, point, length[2]);
        if (layer == 0) continue;
        double squares = 0.0, product = 0.0;
        for (size_t i = 0; i < width; i++) {
            double now = step_channel(h[1], length[1], h[2], length[2], i);
            squares += now * now;
            if (layer >= 2) product += now * step_channel(h[0], length[0], h[1], length[1], i);
        }
        double step = sqrt(squares);
        ls_points_set(points, LS_STAT_STEP, point, step);
        if (layer >= 2) ls_points_set(points, LS_STAT_TURN, point, ls_acos(product / (step * last_step)));
        last_step = step;
    }
}

typedef struct geometry {
    ls_points *points;
    const float *hidden;
    size_t width;
} geometry;

static void geometry_job(void *ctx, size_t position, unsigned worker) {
    (void)worker;
    const geometry *g = ctx;
    geometry_of_position(g->points, g->hidden, g->width, (uint32_t)position);
}

void ls_lens_geometry(ls_pool *pool, ls_points *points, const float *hidden, size_t width) {
    geometry g = {points, hidden, width};
    ls_pool_run(pool, points->positions, geometry_job, &g);
}
