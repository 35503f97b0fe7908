#include "lens/streaming.h"

#include "base/heap_sort.h"
#include "base/math.h"

/* Room for the threshold's candidates twice over, so that sorting is rare. */
size_t ls_streaming_capacity(uint32_t top_k, double threshold) {
    return 2 * (top_k + (size_t)(1.0 / threshold) + 8);
}

void ls_streaming_start(ls_streaming *s, uint32_t target, float target_logit) {
    s->target = target;
    s->target_logit = target_logit;
    s->max = s->final_max = -INFINITY;
    s->mass = s->moment = s->cross = 0.0;
    s->count = 0;
    s->floor = -INFINITY;
    s->above_target = 0;
}

double ls_streaming_log_mass(const ls_streaming *s) { return (double)s->max + ls_log(s->mass); }

/* ---- candidates ---------------------------------------------------------------------------------------- */

/* Most likely first; ties by the lower id. */
static int before(ls_candidate a, ls_candidate b) {
    return a.logit > b.logit || (a.logit == b.logit && a.id < b.id);
}

static int candidate_before(const void *ctx, size_t i, size_t j) {
    const ls_candidate *items = ctx;
    return before(items[i], items[j]);
}

static void candidate_swap(void *ctx, size_t i, size_t j) {
    ls_candidate *items = ctx, held = items[i];
    items[i] = items[j];
    items[j] = held;
}

static void sort_candidates(ls_candidate *items, size_t count) {
    ls_heap_sort(&(ls_sortable){items, candidate_before, candidate_swap}, 0, count);
}

/* A token's final probability is at most exp(z) over the mass so far, so what is below the threshold now stays
 * below. The slack of 0.001 nats covers rounding of the running sums. */
static void compact(ls_streaming *s) {
    double least = ls_streaming_log_mass(s) + ls_log(s->threshold) - 1e-3;
    sort_candidates(s->candidates, s->count);
    size_t kept = 0;
    while (kept < s->count && (kept < s->top_k || (double)s->candidates[kept].logit >= least)) kept++;
    s->count = kept;
    if (kept < s->top_k) return;
    float last_of_top = s->candidates[s->top_k - 1].logit;
    s->floor = (double)last_of_top < least ? last_of_top : (float)least;
}

static void hold_candidates(ls_streaming *s, const float *z, size_t valid, uint32_t first_id) {
    for (size_t i = 0; i < valid; i++) {
        if (!(z[i] > s->floor)) continue;
        if (s->count == s->capacity) compact(s);
        s->candidates[s->count++] = (ls_candidate){z[i], first_id + (uint32_t)i};
    }
}

void ls_streaming_finish(ls_streaming *s) { sort_candidates(s->candidates, s->count); }

/* ---- sums ---------------------------------------------------------------------------------------------- */

/* Moves the running sums from the old maximum to a larger one. */
static void raise_reference(ls_streaming *s, float larger) {
    if (s->mass > 0.0) {
        double shift = (double)s->max - (double)larger;
        double factor = ls_exp(shift);
        s->moment = factor * (s->moment + shift * s->mass);
        s->cross = factor * (s->cross + shift * s->mass);
        s->mass = factor * s->mass;
    }
    s->max = larger;
}

static uint32_t count_above(const ls_streaming *s, const float *z, size_t valid, uint32_t first_id) {
    uint32_t above = 0;
    float target = s->target_logit;
    for (size_t i = 0; i < valid; i++) above += z[i] > target;
    size_t earlier = s->target <= first_id ? 0 : s->target - first_id;
    if (earlier > valid) earlier = valid;
    for (size_t i = 0; i < earlier; i++) above += z[i] == target;
    return above;
}

/* The final layer's reference moved: each term of `cross` grows by as much. */
static void follow_final(ls_streaming *s, float final_max) {
    if (s->mass > 0.0) s->cross += ((double)final_max - (double)s->final_max) * s->mass;
    s->final_max = final_max;
}

void ls_streaming_add(ls_streaming *s, const ls_kernels *kernels, ls_tile tile, const ls_streaming *final_layer,
                      const float *z_final) {
    float tile_max = kernels->tile_max(tile.n, tile.z);
    if (tile_max > s->max) raise_reference(s, tile_max);
    if (final_layer->max != s->final_max) follow_final(s, final_layer->max);
    ls_lens_sums sums = kernels->lens_sums(tile.n, tile.z, z_final, s->max, s->final_max);
    s->mass += (double)sums.mass;
    s->moment += (double)sums.moment;
    s->cross += (double)sums.cross;
    if (s->target != UINT32_MAX) s->above_target += count_above(s, tile.z, tile.valid, tile.first_id);
    hold_candidates(s, tile.z, tile.valid, tile.first_id);
}

/* sum of p (z - z_final) - ln Z + ln Z_final; the references cancel. */
double ls_streaming_kl(const ls_streaming *s, const ls_streaming *final_layer) {
    double kl = s->cross / s->mass - ls_log(s->mass) + ls_log(final_layer->mass);
    return kl < 0.0 ? 0.0 : kl; /* rounding can take it a hair below */
}
