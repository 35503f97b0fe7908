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

/* The k-th largest logit, k <= count. */
static float kth_largest(const ls_candidate *items, size_t count, uint32_t k) {
    float largest[LS_TOP_K] = {0};
    uint32_t held = 0;
    for (size_t i = 0; i < count; i++) {
        if (held == k && items[i].logit <= largest[k - 1]) continue;
        uint32_t place = held < k ? held++ : k - 1;
        for (; place > 0 && largest[place - 1] < items[i].logit; place--) largest[place] = largest[place - 1];
        largest[place] = items[i].logit;
    }
    return largest[k - 1];
}

/* A token's final probability is at most exp(z) over the mass so far, so what is below the threshold now stays
 * below. The slack of 0.001 nats covers rounding of the running sums. Candidates stay in the order of their
 * ids; of equal ones at the end of the top K the lower ids are kept. */
static void compact(ls_streaming *s) {
    double least = ls_streaming_log_mass(s) + ls_log(s->threshold) - 1e-3;
    float last_of_top = kth_largest(s->candidates, s->count, s->top_k);
    size_t kept = 0, room = s->top_k;
    for (size_t i = 0; i < s->count; i++) room -= s->candidates[i].logit > last_of_top;
    for (size_t i = 0; i < s->count; i++) {
        ls_candidate candidate = s->candidates[i];
        int equal = candidate.logit == last_of_top && room > 0;
        room -= equal ? 1 : 0;
        if (equal || candidate.logit > last_of_top || (double)candidate.logit >= least)
            s->candidates[kept++] = candidate;
    }
    s->count = kept;
    s->floor = (double)last_of_top < least ? last_of_top : (float)least;
}

static void hold_candidates(ls_streaming *s, const ls_kernels *kernels, ls_tile tile) {
    uint32_t place[LS_TILE_MAX];
    size_t above = kernels->tile_above(tile.n, tile.z, s->floor, place);
    for (size_t i = 0; i < above && place[i] < tile.valid; i++) {
        float logit = tile.z[place[i]];
        if (!(logit > s->floor)) continue; /* which has risen */
        if (s->count == s->capacity) compact(s);
        s->candidates[s->count++] = (ls_candidate){logit, tile.first_id + place[i]};
    }
}

void ls_streaming_finish(ls_streaming *s) {
    if (s->count > s->top_k) compact(s);
    sort_candidates(s->candidates, s->count);
}

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

/* Tokens of the tile that come before the target: larger logits, and equal ones of lower ids. */
static uint32_t count_above(const ls_streaming *s, ls_tile tile, const ls_tile_survey *found) {
    uint32_t above = found->above_target;
    if (LS_PADDING_LOGIT > s->target_logit) above -= (uint32_t)(tile.n - tile.valid);
    if (s->target >= tile.first_id + tile.valid) return above + found->equal_target;
    for (uint32_t id = tile.first_id; id < s->target; id++)
        above += tile.z[id - tile.first_id] == s->target_logit;
    return above;
}

/* The final layer's reference moved: each term of `cross` grows by as much. */
static void follow_final(ls_streaming *s, float final_max) {
    if (s->mass > 0.0) s->cross += ((double)final_max - (double)s->final_max) * s->mass;
    s->final_max = final_max;
}

void ls_streaming_add(ls_streaming *s, const ls_kernels *kernels, ls_tile tile, const ls_streaming *final_layer,
                      const float *z_final) {
    ls_tile_survey found = kernels->tile_survey(tile.n, tile.z, s->floor, s->target_logit);
    if (found.max > s->max) raise_reference(s, found.max);
    if (final_layer->max != s->final_max) follow_final(s, final_layer->max);
    ls_lens_sums sums = kernels->lens_sums(tile.n, tile.z, z_final, s->max, s->final_max);
    s->mass += (double)sums.mass;
    s->moment += (double)sums.moment;
    s->cross += (double)sums.cross;
    if (s->target != UINT32_MAX) s->above_target += count_above(s, tile, &found);
    if (found.above_floor > 0) hold_candidates(s, kernels, tile);
}

/* sum of p (z - z_final) - ln Z + ln Z_final; the references cancel. */
double ls_streaming_kl(const ls_streaming *s, const ls_streaming *final_layer) {
    double kl = s->cross / s->mass - ls_log(s->mass) + ls_log(final_layer->mass);
    return kl < 0.0 ? 0.0 : kl; /* rounding can take it a hair below */
}
