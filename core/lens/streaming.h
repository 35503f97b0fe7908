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
    float max;     /* reference of the sums */
    double mass;   /* sum of exp(z - max) */
    double moment; /* sum of exp(z - max) (z - max) */
    double cross;  /* sum of exp(z - max) (z - z_final) */
    size_t count;  /* candidates held */
    float floor;   /* logits at or below it can be no candidate */
    uint32_t above_target;
} ls_streaming;

/* Purpose: candidates to make room for: every token that may be among the top K or reach `threshold`, twice. */
size_t ls_streaming_capacity(uint32_t top_k, double threshold);

/* Purpose: begin a distribution; candidates, capacity, top_k and threshold are in place. */
void ls_streaming_start(ls_streaming *s, uint32_t target, float target_logit);

/* Purpose: take in logits first_id .. first_id + valid of this row, with the final layer's beside them; n >=
 * valid is the padded tile, its padding LS_PADDING_LOGIT in both. */
void ls_streaming_add(ls_streaming *s, const ls_kernels *kernels, const float *z, const float *z_final,
                      size_t n, size_t valid, uint32_t first_id);

/* exp(LS_PADDING_LOGIT - max) is 0 for any sane max, and finite numbers keep 0 * (z - max) at 0. */
#define LS_PADDING_LOGIT (-1e30f)

/* Purpose: sort what is held; candidates[0..count) are then the tokens by falling logit, ties by lower id: the
 * top K and every token of at least `threshold`. */
void ls_streaming_finish(ls_streaming *s);

/* Purpose: ln of the sum of exp over the vocabulary. */
double ls_streaming_log_mass(const ls_streaming *s);

#endif
