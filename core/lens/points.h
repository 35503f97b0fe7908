/* The columns of per-point statistics: what the lens fills in and `measure` reads. */
#ifndef LS_LENS_POINTS_H
#define LS_LENS_POINTS_H

#include "base/arena.h"
#include "logitscope.h"

typedef struct ls_points {
    uint32_t layers;    /* L */
    uint32_t positions; /* T */
    uint32_t vocab;     /* V */
    uint32_t top_k;
    float *stats[LS_STAT_COUNT]; /* [(L+1) * T], layer-major; canonical NaN where absent */
    uint32_t *top_ids;           /* [(L+1) * T * top_k] */
    float *top_p;                /* same shape */
} ls_points;

/* The one NaN that stands for "absent" or "not a number" in columns, so that digests agree. */
#define LS_CANONICAL_NAN_BITS 0x7fc00000u

/* Purpose: columns for a text; every statistic starts as canonical NaN. */
ls_status ls_points_init(ls_points *points, uint32_t layers, uint32_t positions, uint32_t vocab,
                         ls_arena *arena, ls_error *err);

static inline size_t ls_point_index(const ls_points *points, uint32_t layer, uint32_t position) {
    return (size_t)layer * points->positions + position;
}

/* Purpose: store a statistic, any NaN as the canonical one. */
void ls_points_set(ls_points *points, ls_stat stat, size_t point, double value);

#endif
