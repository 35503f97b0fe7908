#include "lens/points.h"

#include "base/math.h"

ls_status ls_points_init(ls_points *points, uint32_t layers, uint32_t positions, uint32_t vocab,
                         ls_arena *arena, ls_error *err) {
    uint64_t count = ((uint64_t)layers + 1) * positions;
    uint32_t top_k = vocab < LS_TOP_K ? vocab : LS_TOP_K;
    *points = (ls_points){.layers = layers, .positions = positions, .vocab = vocab, .top_k = top_k};
    float *columns = NULL;
    ls_status status =
        ls_arena_alloc(arena, count, LS_STAT_COUNT * sizeof(float), "the statistics", &columns, err);
    if (status == LS_OK)
        status =
            ls_arena_alloc(arena, count * top_k, sizeof(uint32_t), "the top tokens", &points->top_ids, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, count * top_k, sizeof(float), "the top tokens", &points->top_p, err);
    if (status != LS_OK) return status;
    for (size_t i = 0; i < count * LS_STAT_COUNT; i++) columns[i] = ls_float_from_bits(LS_CANONICAL_NAN_BITS);
    for (size_t s = 0; s < LS_STAT_COUNT; s++) points->stats[s] = columns + s * count;
    return LS_OK;
}

void ls_points_set(ls_points *points, ls_stat stat, size_t point, double value) {
    float stored = (float)value;
    points->stats[stat][point] = isnan(stored) ? ls_float_from_bits(LS_CANONICAL_NAN_BITS) : stored;
}
