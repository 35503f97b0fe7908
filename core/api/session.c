#include "api/objects.h"
#include "base/status.h"
#include "model/layers.h"

/* ---- opening ------------------------------------------------------------------------------------------------
 */

/* Sinks and window that this model can be run with. */
static ls_status check_reach(const ls_model *model, ls_reach reach, ls_error *err) {
    const ls_hyper *hyper = &model->network.hyper;
    if (reach.sinks == 0 && reach.window == 0) return LS_OK;
    if (hyper->rotary_dims == 0)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET,
                       "%s has learned positions; sinks and a window are for models with rotary ones",
                       model->info.name);
    if (reach.window == 0)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET,
                       "there are %u sinks and no window; without a window everything is seen anyway",
                       reach.sinks);
    if (reach.window <= hyper->context && reach.sinks <= hyper->context - reach.window) return LS_OK;
    return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET,
                   "%u sinks and a window of %u are more than the %u tokens that %s can see at once",
                   reach.sinks, reach.window, hyper->context, model->info.name);
}

/* The longest text: the context, unless a window takes care that no position sees more than that. */
static uint32_t longest_text(const ls_session *session) {
    return session->reach.window > 0 ? UINT32_MAX : session->model->info.context;
}

static ls_status take_tokens(ls_session *session, const char *text, size_t n, int cut, ls_error *err) {
    const ls_model_info *info = &session->model->info;
    uint32_t longest = longest_text(session);
    if (n == 0)
        return ls_fail(err, LS_ERR_TEXT_EMPTY, 0, "the text is empty; write a word or more for %s to read",
                       info->name);
    size_t count = 0;
    ls_status status =
        ls_bpe_encode(session->model->tokenizer.bpe, text, n, &session->arena, &session->tokens, &count, err);
    if (status != LS_OK) return status;
    if (count == 0) return ls_fail(err, LS_ERR_TEXT_EMPTY, 0, "the text has no tokens for %s", info->name);
    if (count > longest && !cut)
        return ls_fail(
            err, LS_ERR_TEXT_LONG, LS_NO_OFFSET,
            "the text has %llu tokens and %s reads at most %u; shorten it, or cut it to the first %u",
            (unsigned long long)count, info->name, longest, longest);
    session->left_out = ls_bpe_left_out(session->model->tokenizer.bpe, text, n);
    session->cut_from = count > longest ? (uint32_t)count : 0;
    session->positions = count > longest ? longest : (uint32_t)count;
    return LS_OK;
}

static void keep_residual(void *ctx, uint32_t layer, uint32_t position, float *residual) {
    ls_session *session = ctx;
    size_t width = session->model->network.hyper.width;
    memcpy(session->hidden + ls_point_index(&session->points, layer, position) * width, residual,
           width * sizeof *residual);
}

static ls_status make_room(ls_session *session, ls_error *err) {
    ls_model *model = session->model;
    const ls_hyper *hyper = &model->network.hyper;
    ls_compute compute = {model->engine->kernels, model->engine->pool};
    uint64_t points = ((uint64_t)hyper->layers + 1) * session->positions;
    ls_status status = ls_arena_alloc(&session->arena, points * hyper->width, sizeof(float),
                                      "the residual stream", &session->hidden, err);
    if (status == LS_OK)
        status = ls_points_init(&session->points, hyper->layers, session->positions, hyper->vocab,
                                &session->arena, err);
    if (status == LS_OK)
        status = ls_forward_init(&session->forward, &model->network, compute, session->positions, keep_residual,
                                 session, &session->arena, err);
    if (session->reach.window > 0) session->forward.reach = session->reach;
    if (status == LS_OK)
        status = ls_lens_init(&session->lens, &model->network, compute, session->hidden, session->tokens,
                              &session->points, &session->arena, err);
    return status;
}

/* Bytes that a session of so many tokens holds. */
static ls_status count_bytes(ls_model *model, uint32_t positions, uint64_t *bytes, ls_error *err) {
    ls_session session = {.model = model, .positions = positions};
    ls_arena_init(&session.arena, &model->engine->allocator);
    ls_status status =
        ls_arena_alloc(&session.arena, positions, sizeof *session.tokens, "the session", &session.tokens, err);
    if (status == LS_OK) status = make_room(&session, err);
    *bytes = sizeof session + session.arena.bytes;
    ls_arena_clear(&session.arena);
    return status;
}

/* All that grows, grows with the number of positions: two sizes tell the rest. */
ls_status ls_session_count_memory(ls_model *model, ls_error *err) {
    uint64_t one = 0, two = 0;
    ls_status status = count_bytes(model, 1, &one, err);
    if (status == LS_OK) status = count_bytes(model, 2, &two, err);
    model->info.session_position = two - one;
    model->info.session_base = one - model->info.session_position;
    return status;
}

/* What is wrong with opening a session here, whatever the text. */
static ls_status check_model(const ls_model *model, ls_reach reach, ls_error *err) {
    if (model->loaded) return check_reach(model, reach, err);
    return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET,
                   "only the header of %s was read; there are no weights to read a text with",
                   model->info.name);
}

ls_status ls_session_open(ls_model *model, const char *text, size_t n, int cut, const ls_settings *settings,
                          ls_session **out, ls_error *err) {
    *out = NULL;
    ls_session *session = NULL;
    const ls_settings chosen = settings != NULL ? *settings : ls_settings_default();
    const ls_reach reach = {chosen.sinks, chosen.window};
    ls_status status = check_model(model, reach, err);
    if (status == LS_OK)
        status = ls_alloc(&model->engine->allocator, 1, sizeof *session, "the session", &session, err);
    if (status != LS_OK) return status;
    session->model = model;
    session->reach = reach;
    ls_arena_init(&session->arena, &model->engine->allocator);
    status = take_tokens(session, text, n, cut, err);
    if (status == LS_OK) status = make_room(session, err);
    if (status == LS_OK) status = ls_session_set_lens(session, chosen.lens, err);
    if (status != LS_OK) {
        ls_session_close(session);
        return status;
    }
    ls_forward_embed(&session->forward, session->tokens);
    *out = session;
    return LS_OK;
}

void ls_session_close(ls_session *session) {
    if (session == NULL) return;
    const ls_allocator *allocator = &session->model->engine->allocator;
    ls_lens_stop(&session->lens);
    ls_arena_clear(&session->arena);
    allocator->release(allocator->ctx, session);
}

ls_status ls_session_set_lens(ls_session *session, ls_lens lens, ls_error *err) {
    if (lens >= LS_LENS_COUNT)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "there is no lens %d", (int)lens);
    ls_lens_start(&session->lens, lens);
    return LS_OK;
}

/* ---- stepping -----------------------------------------------------------------------------------------------
 */

static int forward_done(const ls_session *session) {
    return session->forward.layer == session->model->network.hyper.layers;
}

/* Positions that the lens has read. */
static uint32_t lens_done(ls_session *session) { return atomic_load(&session->lens.done); }

/* Multiply-adds per position: of one block (without attention's scores), and of the lens at all layers. */
static void report_progress(ls_session *session, ls_progress *progress) {
    const ls_hyper *hyper = &session->model->network.hyper;
    double d = hyper->width, attention = (double)ls_qkv_width(hyper) + (double)hyper->heads * hyper->head_dim;
    double block = d * (attention + (session->model->network.blocks->gate.weight.outputs > 0 ? 3.0 : 2.0) *
                                        hyper->feed_forward);
    double lens = (hyper->layers + 1.0) * d * hyper->vocab;
    uint32_t read = lens_done(session);
    double done = block * session->forward.layer + lens * read / session->positions;
    int forward = !forward_done(session), finished = !forward && read == session->positions;
    progress->phase = forward ? LS_PHASE_FORWARD : finished ? LS_PHASE_DONE : LS_PHASE_LENS;
    progress->done = forward ? session->forward.layer : read;
    progress->total = forward ? hyper->layers : session->positions;
    progress->fraction = done / (block * hyper->layers + lens);
}

ls_status ls_session_step(ls_session *session, ls_progress *progress, ls_error *err) {
    (void)err; /* nothing here can fail yet: all memory is in place */
    if (!forward_done(session)) {
        ls_forward_step(&session->forward);
        if (forward_done(session))
            ls_lens_geometry(session->model->engine->pool, &session->points, session->hidden,
                             session->model->network.hyper.width);
    } else if (lens_done(session) < session->positions) {
        ls_lens_step(&session->lens);
    }
    ls_progress now;
    report_progress(session, &now);
    if (progress != NULL) *progress = now;
    return now.phase == LS_PHASE_DONE ? LS_OK : LS_MORE;
}

ls_status ls_session_logits(ls_session *session, uint32_t layer, uint32_t position, float *out, ls_error *err) {
    uint32_t layers = session->model->network.hyper.layers;
    if (!forward_done(session))
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET, "the forward pass is not complete");
    if (layer > layers || position >= session->positions)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET,
                       "there is no point (%u, %u): layers run to %u and positions to %u", layer, position,
                       layers, session->positions - 1);
    ls_lens_logits(&session->lens, layer, position, out);
    return LS_OK;
}
