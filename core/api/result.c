#include <stdio.h>

#include "api/objects.h"
#include "base/math.h"
#include "base/status.h"
#include "measure/measure.h"
#include "report/report.h"

/* A result stands alone: everything it points at is in its arena. */
typedef struct owned_result {
    ls_result result; /* first: the public pointer is ours */
    ls_arena arena;
} owned_result;

/* ---- settings
 * ------------------------------------------------------------------------------------------------ */

static ls_status check_range(const char *name, double value, double low, double high, ls_error *err) {
    if (value >= low && value <= high) return LS_OK;
    return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "%s is %g; it must be between %g and %g", name, value,
                   low, high);
}

static ls_status check_settings(const ls_session *session, const ls_settings *s, ls_error *err) {
    if (s->lens != session->lens.lens)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "the text was read through another lens");
    if (s->sinks != session->reach.sinks || s->window != session->reach.window)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET,
                       "the text was run with other sinks or another window");
    if (s->op >= LS_OP_COUNT || s->step_rule >= LS_STEP_RULE_COUNT)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "there is no such operator or step rule");
    ls_status status = check_range("from_layer", s->from_layer, 0, session->points.layers, err);
    if (status == LS_OK) status = check_range("step_quantile", s->step_quantile, 0, 1, err);
    if (status == LS_OK) status = check_range("step_absolute", s->step_absolute, 0, 2, err);
    if (status == LS_OK) status = check_range("branch_p2", s->branch_p2, 0, 1, err);
    return status == LS_OK ? check_range("branch_ratio", s->branch_ratio, 0, 1, err) : status;
}

/* ---- copies
 * -------------------------------------------------------------------------------------------------- */

static ls_status copy(ls_arena *arena, const void *from, uint64_t count, uint64_t size, void *out_pointer,
                      ls_error *err) {
    void *memory = NULL;
    ls_status status = ls_arena_alloc(arena, count, size, "the result", &memory, err);
    if (status != LS_OK) return status;
    if (count > 0) memcpy(memory, from, (size_t)(count * size));
    memcpy(out_pointer, &memory, sizeof memory);
    return LS_OK;
}

static ls_status copy_points(const ls_points *from, ls_points *to, ls_arena *arena, ls_error *err) {
    size_t count = ((size_t)from->layers + 1) * from->positions;
    ls_status status = ls_points_init(to, from->layers, from->positions, from->vocab, arena, err);
    if (status != LS_OK) return status;
    for (size_t s = 0; s < LS_STAT_COUNT; s++) memcpy(to->stats[s], from->stats[s], count * sizeof(float));
    memcpy(to->top_ids, from->top_ids, count * from->top_k * sizeof *to->top_ids);
    memcpy(to->top_p, from->top_p, count * from->top_k * sizeof *to->top_p);
    return LS_OK;
}

static ls_status copy_model(const ls_session *session, ls_arena *arena, ls_result *r, ls_error *err) {
    ls_model_info *info = NULL;
    const ls_model_info *from = &session->model->info;
    ls_status status = copy(arena, from, 1, sizeof *from, &info, err);
    if (status == LS_OK) status = copy(arena, from->name, strlen(from->name) + 1, 1, &info->name, err);
    r->model = info;
    r->kernel = session->model->engine->kernels->name;
    r->threads = ls_pool_threads(session->model->engine->pool);
    return status;
}

static ls_status describe_bos(const ls_session *session, ls_arena *arena, ls_result *r, ls_error *err) {
    const ls_tokenizer *tokenizer = &session->model->tokenizer;
    const char *text = NULL;
    char *bos = NULL;
    r->bos = "none";
    if (tokenizer->bos == LS_NO_TOKEN) return LS_OK;
    ls_status status = ls_token_text(tokenizer, tokenizer->bos, arena, &text, err);
    if (status != LS_OK) return status;
    size_t size = strlen(text) + sizeof "prepended ";
    status = ls_arena_alloc(arena, size, 1, "the result", &bos, err);
    if (status != LS_OK) return status;
    snprintf(bos, size, "prepended %s", text);
    r->bos = bos;
    return LS_OK;
}

/* ---- texts
 * --------------------------------------------------------------------------------------------------- */

static ls_status token_texts(const ls_session *session, ls_arena *arena, ls_result *r, ls_error *err) {
    const char **texts = NULL;
    ls_status status = ls_arena_alloc(arena, r->positions, sizeof *texts, "the result", &texts, err);
    for (uint32_t t = 0; t < r->positions && status == LS_OK; t++)
        status = ls_token_text(&session->model->tokenizer, r->tokens[t], arena, &texts[t], err);
    r->token_text = texts;
    return status;
}

/* Marks every id in use with a bitmap, then lists them rising. */
static ls_status vocabulary(const ls_session *session, ls_arena *arena, ls_result *r, ls_error *err) {
    uint32_t vocab = session->points.vocab, *ids = NULL;
    size_t slots = ((size_t)r->layers + 1) * r->positions * r->top_k;
    unsigned char *used = NULL;
    const char **texts = NULL;
    ls_status status = ls_arena_alloc(arena, vocab, 1, "the result", &used, err);
    if (status != LS_OK) return status;
    for (size_t i = 0; i < slots; i++) {
        r->vocab_count += used[r->top_ids[i]] == 0;
        used[r->top_ids[i]] = 1;
    }
    status = ls_arena_alloc(arena, r->vocab_count, sizeof *ids, "the result", &ids, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, r->vocab_count, sizeof *texts, "the result", &texts, err);
    for (uint32_t id = 0, n = 0; id < vocab && status == LS_OK; id++) {
        if (!used[id]) continue;
        ids[n] = id;
        status = ls_token_text(&session->model->tokenizer, id, arena, &texts[n++], err);
    }
    r->vocab_ids = ids;
    r->vocab_text = texts;
    return status;
}

/* ---- measuring
 * ----------------------------------------------------------------------------------------------- */

static ls_status by_layer(const ls_points *points, ls_arena *arena, ls_result *r, ls_error *err) {
    double *means = NULL;
    size_t layers = (size_t)points->layers + 1;
    ls_status status = ls_arena_alloc(arena, 4 * layers, sizeof *means, "the result", &means, err);
    if (status != LS_OK) return status;
    double *ratio = means, *entropy = means + layers, *p1 = means + 2 * layers, *d = means + 3 * layers;
    ls_measure_by_layer(points, LS_STAT_G, ratio);
    ls_measure_by_layer(points, LS_STAT_D, d);
    ls_measure_by_layer(points, LS_STAT_ENTROPY, entropy);
    ls_measure_by_layer(points, LS_STAT_P1, p1);
    for (size_t l = 0; l < layers; l++) ratio[l] /= d[l];
    r->gd_ratio_by_layer = ratio;
    r->entropy_by_layer = entropy;
    r->p1_by_layer = p1;
    return LS_OK;
}

static ls_status classify(const ls_points *points, ls_arena *arena, ls_result *r, ls_error *err) {
    uint32_t *commit = NULL;
    uint8_t *states = NULL;
    size_t count = ((size_t)points->layers + 1) * points->positions;
    ls_status status = ls_arena_alloc(arena, points->positions, sizeof *commit, "the result", &commit, err);
    if (status == LS_OK) status = ls_arena_alloc(arena, count, sizeof *states, "the result", &states, err);
    if (status == LS_OK)
        status = ls_measure_theta(points, &r->settings, &arena->allocator, &r->theta_step, err);
    if (status != LS_OK) return status;
    ls_measure_commit(points, commit);
    ls_measure_states(points, &r->settings, r->theta_step, commit, states, r->shares);
    ls_measure_depth(points, states, &r->depth);
    ls_measure_token(points, states, &r->token);
    r->commit = commit;
    r->states = states;
    return LS_OK;
}

static ls_status means(const ls_points *points, const ls_allocator *allocator, ls_result *r, ls_error *err) {
    ls_means m;
    ls_status status = ls_measure_means(points, &r->settings, r->commit, allocator, &m, err);
    if (status != LS_OK) return status;
    r->gd_ratio = m.gd_ratio;
    r->mean_g = m.mean_g;
    r->mean_d = m.mean_d;
    r->commit_mean = m.commit;
    r->sync = m.sync;
    return LS_OK;
}

static int is_finite(const ls_points *points, size_t point) {
    return isfinite(points->stats[LS_STAT_ENTROPY][point]) && isfinite(points->stats[LS_STAT_NORM][point]);
}

/* A point that is sound itself may lie infinitely far from an output that is sound too: logits too large for a
 * float. From an output that is not, every point does, which is counted there. */
static uint32_t count_nonfinite(const ls_points *points) {
    uint32_t count = 0;
    for (uint32_t layer = 0; layer <= points->layers; layer++)
        for (uint32_t position = 0; position < points->positions; position++) {
            size_t point = ls_point_index(points, layer, position);
            int output_is_finite = is_finite(points, ls_point_index(points, points->layers, position));
            int far = output_is_finite && !isfinite(points->stats[LS_STAT_KL_FINAL][point]);
            count += !is_finite(points, point) || far;
        }
    return count;
}

static ls_status fill(const ls_session *session, owned_result *owned, ls_error *err) {
    ls_result *r = &owned->result;
    ls_arena *arena = &owned->arena;
    ls_points points;
    ls_status status = copy_points(&session->points, &points, arena, err);
    if (status != LS_OK) return status;
    ls_measure_poles(&points, r->settings.op);
    r->layers = points.layers;
    r->positions = points.positions;
    r->top_k = points.top_k;
    r->top_ids = points.top_ids;
    r->top_p = points.top_p;
    r->cut_from = session->cut_from;
    r->left_out = session->left_out;
    r->nonfinite = count_nonfinite(&points);
    for (size_t s = 0; s < LS_STAT_COUNT; s++) r->stats[s] = points.stats[s];
    status = copy(arena, session->tokens, points.positions, sizeof *session->tokens, &r->tokens, err);
    if (status == LS_OK) status = copy_model(session, arena, r, err);
    if (status == LS_OK) status = describe_bos(session, arena, r, err);
    if (status == LS_OK) status = token_texts(session, arena, r, err);
    if (status == LS_OK) status = vocabulary(session, arena, r, err);
    if (status == LS_OK) status = by_layer(&points, arena, r, err);
    if (status == LS_OK) status = classify(&points, arena, r, err);
    if (status == LS_OK) status = means(&points, &arena->allocator, r, err);
    if (status == LS_OK) status = ls_report_digest(r, &arena->allocator, r->digest, err);
    return status;
}

ls_status ls_session_measure(ls_session *session, const ls_settings *settings, ls_result **out, ls_error *err) {
    *out = NULL;
    if (session->lens.done < session->positions)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "the run is not complete");
    ls_status status = check_settings(session, settings, err);
    if (status != LS_OK) return status;
    owned_result *owned = NULL;
    const ls_allocator *allocator = &session->model->engine->allocator;
    status = ls_alloc(allocator, 1, sizeof *owned, "the result", &owned, err);
    if (status != LS_OK) return status;
    ls_arena_init(&owned->arena, allocator);
    owned->result.settings = *settings;
    status = fill(session, owned, err);
    if (status != LS_OK) {
        ls_result_close(&owned->result);
        return status;
    }
    *out = &owned->result;
    return LS_OK;
}

void ls_result_close(ls_result *result) {
    if (result == NULL) return;
    owned_result *owned = (owned_result *)(void *)result;
    ls_allocator allocator = owned->arena.allocator;
    ls_arena_clear(&owned->arena);
    allocator.release(allocator.ctx, owned);
}
