/*
 * The logit lens (nostalgebraist 2020): every kept residual vector through the model's own final norm and
 * unembedding, straight to statistics. A batch holds a few positions with all their layers, so that the final
 * layer's logits are at hand for the divergence; logits exist one tile at a time.
 *   normed  U * Norm(h_l) + b at every layer
 *   raw     U * h_l + b below the last layer; the model's own output at it
 * b is the output bias of the few models that have one.
 */
#ifndef LS_LENS_LENS_H
#define LS_LENS_LENS_H

#include <stdatomic.h>

#include "lens/points.h"
#include "model/network.h"

typedef struct ls_lens_pass {
    const ls_network *network;
    ls_compute compute;
    ls_lens lens;
    const float *hidden;    /* [L+1][T][d], the residual stream as the taps gave it */
    const uint32_t *tokens; /* [T] */
    ls_points *points;
    uint32_t fitting;                /* positions that a batch has room for */
    size_t batches;                  /* jobs of a pass */
    int begun;                       /* whether the pool has them */
    uint64_t run;                    /* the pool's number for them */
    atomic_uint done;                /* positions read so far */
    struct ls_lens_scratch *scratch; /* [threads] */
} ls_lens_pass;

/* Purpose: scratch for a pass over all T positions of `points`. */
ls_status ls_lens_init(ls_lens_pass *pass, const ls_network *network, ls_compute compute, const float *hidden,
                       const uint32_t *tokens, ls_points *points, ls_arena *arena, ls_error *err);

/* Purpose: begin anew with a lens; what was being read is left. */
void ls_lens_start(ls_lens_pass *pass, ls_lens lens);

/* Purpose: read the next batch of positions, or wait for the last ones; pass->done counts all that were read.
 * The other threads go on between steps, until all is done. Every statistic of the lens is filled in at all
 * layers of a position; G and D are not (measure/poles.h). */
void ls_lens_step(ls_lens_pass *pass);

/* Purpose: read no further. Whoever began a pass ends it so before its memory goes. */
void ls_lens_stop(ls_lens_pass *pass);

/* Purpose: the V logits of one point; a pass that was begun is completed first. */
void ls_lens_logits(ls_lens_pass *pass, uint32_t layer, uint32_t position, float *out);

/* Purpose: norm, step and turn of the residual stream, at every point. */
void ls_lens_geometry(ls_pool *pool, ls_points *points, const float *hidden, size_t width);

#endif
