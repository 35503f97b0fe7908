/*
 * One distribution over the vocabulary, read tile by tile while its logits are in cache and never kept: running
 * maximum, sum, entropy term, cross term with the final layer, the most likely tokens, the target's rank. Tiles
 * come in vocabulary order and their size depends on nothing, so every sum has one order.
 */
#ifndef LS_LENS_STREAMING_H
#define LS_LENS_STREAMING_H

#include "base/arena.h"
#include "kernels/kernels.h"
#include "logitscope.h"

typedef struct ls_candidate {
    float logit;
    uint32_t id;
} ls_candidate;

typedef struct ls_streaming {
    /* set by ls_streaming_start */
    uint32_t target; /* the next token, or UINT32_MAX */
    float target_logit;
    double threshold; /* smallest probability that any count needs */
    uint32_t top_k;
    ls_candidate *candidates;
    size_t capacity;
    /* running */
    float max;       /* reference of the sums */
    float final_max; /* reference of the final layer's logits in `cross` */
    double mass;     /* sum of exp(z - max) */
    double moment;   /* sum of exp(z - max) (z - max) */
    double cross;    /* sum of exp(z - max) ((z - max) - (z_final - final_max)) */
    size_t count;    /* candidates held */
    float floor;     /* logits at or below it can be no candidate */
    uint32_t above_target;
} ls_streaming;

/* Purpose: candidates to make room for: every token that may be among the top K or reach `threshold`, twice. */
size_t ls_streaming_capacity(uint32_t top_k, double threshold);

/* Purpose: begin a distribution; candidates, capacity, top_k and threshold are in place. */
void ls_streaming_start(ls_streaming *s, uint32_t target, float target_logit);

#define LS_TILE_MAX 256u

/* One tile of a row: n logits, LS_TILE_MAX at most, of which `valid` belong to the vocabulary, from first_id
 * on; the rest is padding, LS_PADDING_LOGIT. */
typedef struct ls_tile {
    const float *z;
    size_t n, valid;
    uint32_t first_id;
} ls_tile;

/* Purpose: take in the next tile. `final_layer` is the final layer's distribution at the same position, which
 * has taken in its own tile, z_final, before; it may be s itself. */
void ls_streaming_add(ls_streaming *s, const ls_kernels *kernels, ls_tile tile, const ls_streaming *final_layer,
                      const float *z_final);

/* exp(LS_PADDING_LOGIT - max) is 0 for any sane max, and finite numbers keep 0 * (z - max) at 0. */
#define LS_PADDING_LOGIT (-1e30f)

/* Purpose: sort what is held; candidates[0..count) are then the tokens by falling logit, ties by lower id: the
 * top K and every token of at least `threshold`. */
void ls_streaming_finish(ls_streaming *s);

/* Purpose: KL(p || p_final), from both distributions when they are complete; never below 0. */
double ls_streaming_kl(const ls_streaming *s, const ls_streaming *final_layer);

/* Purpose: ln of the sum of exp over the vocabulary. */
double ls_streaming_log_mass(const ls_streaming *s);

#endif
