#include "base/math.h"
#include "measure/measure.h"

enum { N = LS_STATE_COUNT };

/* Wilson's score interval for k of n at 95% (Wilson 1927, JASA 22). */
static void wilson(uint32_t k, uint32_t n, double *low, double *high) {
    const double z = 1.959963984540054;
    double p = (double)k / n, z2 = z * z / n;
    double centre = (p + z2 / 2.0) / (1.0 + z2);
    double half = z * sqrt(p * (1.0 - p) / n + z2 / (4.0 * n)) / (1.0 + z2);
    *low = k == 0 ? 0.0 : centre - half;
    *high = k == n ? 1.0 : centre + half;
}

static void fill_probabilities(ls_transitions *t) {
    for (size_t from = 0; from < N; from++) {
        uint32_t total = 0;
        for (size_t to = 0; to < N; to++) total += t->counts[from][to];
        for (size_t to = 0; to < N; to++) {
            t->p[from][to] = t->low[from][to] = t->high[from][to] = NAN;
            if (total == 0) continue;
            t->p[from][to] = (double)t->counts[from][to] / total;
            wilson(t->counts[from][to], total, &t->low[from][to], &t->high[from][to]);
        }
        t->self[from] = t->p[from][from];
    }
}

/* ---- stationary distribution ----------------------------------------------------------------------------- */

/* Whether every state that occurs can be reached from every other one: then, and only then, the observed chain
 * has one stationary distribution with weight on all of them. */
static int is_irreducible(const ls_transitions *t, const int present[N]) {
    int reach[N][N];
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) reach[i][j] = t->counts[i][j] > 0;
    for (size_t k = 0; k < N; k++)
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) reach[i][j] |= reach[i][k] && reach[k][j];
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            if (present[i] && present[j] && !reach[i][j]) return 0;
    return 1;
}

/* Gaussian elimination with row pivoting on the n x (n + 1) system a. Returns 0 when it is singular. */
static int solve(double a[N][N + 1], size_t n, double *x) {
    for (size_t c = 0; c < n; c++) {
        size_t pivot = c;
        for (size_t r = c + 1; r < n; r++)
            if (fabs(a[r][c]) > fabs(a[pivot][c])) pivot = r;
        if (fabs(a[pivot][c]) < 1e-12) return 0;
        for (size_t k = 0; k <= n; k++) {
            double held = a[c][k];
            a[c][k] = a[pivot][k];
            a[pivot][k] = held;
        }
        for (size_t r = c + 1; r < n; r++) {
            double factor = a[r][c] / a[c][c];
            for (size_t k = c; k <= n; k++) a[r][k] -= factor * a[c][k];
        }
    }
    for (size_t r = n; r-- > 0;) {
        x[r] = a[r][n];
        for (size_t k = r + 1; k < n; k++) x[r] -= a[r][k] * x[k];
        x[r] /= a[r][r];
    }
    return 1;
}

/* pi P = pi, sum of pi = 1, over the states that occur. */
static void fill_stationary(ls_transitions *t) {
    int present[N] = {0};
    size_t order[N], n = 0;
    for (size_t i = 0; i < N; i++) t->stationary[i] = NAN;
    for (size_t from = 0; from < N; from++)
        for (size_t to = 0; to < N; to++)
            if (t->counts[from][to] > 0) present[from] = present[to] = 1;
    for (size_t i = 0; i < N; i++)
        if (present[i]) order[n++] = i;
    if (n == 0 || !is_irreducible(t, present)) return;
    double a[N][N + 1] = {{0}}, x[N] = {0};
    for (size_t r = 0; r + 1 < n; r++)
        for (size_t c = 0; c < n; c++) a[r][c] = t->p[order[c]][order[r]] - (r == c ? 1.0 : 0.0);
    for (size_t c = 0; c <= n; c++) a[n - 1][c] = 1.0;
    if (!solve(a, n, x)) return;
    for (size_t i = 0; i < N; i++) t->stationary[i] = 0.0;
    for (size_t i = 0; i < n; i++) t->stationary[order[i]] = x[i];
}

/* ---- counting -------------------------------------------------------------------------------------------- */

typedef struct runs {
    uint32_t count[N], length[N];
} runs;

/* One line of states, `n` of them at `stride`. */
static void count_line(const uint8_t *states, size_t n, size_t stride, ls_transitions *t, runs *r) {
    for (size_t i = 0; i < n; i++) {
        uint8_t now = states[i * stride];
        r->length[now]++;
        if (i > 0) t->counts[states[(i - 1) * stride]][now]++;
        if (i == 0 || states[(i - 1) * stride] != now) r->count[now]++;
    }
}

static void finish(ls_transitions *t, const runs *r) {
    fill_probabilities(t);
    fill_stationary(t);
    for (size_t s = 0; s < N; s++) t->dwell[s] = r->count[s] > 0 ? (double)r->length[s] / r->count[s] : NAN;
}

void ls_measure_depth(const ls_points *points, const uint8_t *states, ls_transitions *out) {
    runs r = {{0}, {0}};
    *out = (ls_transitions){0};
    for (uint32_t t = 0; t < points->positions; t++)
        count_line(states + ls_point_index(points, 1, t), points->layers, points->positions, out, &r);
    finish(out, &r);
}

void ls_measure_token(const ls_points *points, const uint8_t *states, ls_transitions *out) {
    runs r = {{0}, {0}};
    *out = (ls_transitions){0};
    for (uint32_t layer = 1; layer <= points->layers; layer++)
        count_line(states + ls_point_index(points, layer, 0), points->positions, 1, out, &r);
    finish(out, &r);
}
