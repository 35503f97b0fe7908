#include "api/objects.h"
#include "base/math.h"
#include "base/status.h"
#include "verify/grid.h"
#include "verify/outcome.h"
#include "verify/tally.h"

struct ls_verify {
    ls_model *model;
    ls_arena arena;
    ls_grid grid;
    ls_tally tally;
    ls_verification outcome;
    ls_session *session; /* of the prompt in work; NULL between prompts */
    uint32_t prompt;
    uint32_t cell; /* of that prompt: the next to compare */
    float *logits; /* [V], of one cell */
    int lens_done, finished;
};

/* ---- opening ----------------------------------------------------------------------------------------------
 */

static ls_status check_fit(const ls_verify *verify, ls_error *err) {
    const ls_grid *grid = &verify->grid;
    const ls_model_info *info = &verify->model->info;
    if (grid->layers != info->layers)
        return ls_fail(err, LS_ERR_SHAPE, LS_NO_OFFSET,
                       "the grid is of another model: its layers run to %u, those of %s to %u", grid->layers,
                       info->name, info->layers);
    if (grid->largest_id >= info->vocab)
        return ls_fail(err, LS_ERR_VALUE, LS_NO_OFFSET,
                       "the grid is of another model: it lists token %u, and %s has %u tokens",
                       grid->largest_id, info->name, info->vocab);
    return LS_OK;
}

ls_status ls_verify_open(ls_model *model, const char *json, size_t n, ls_verify **out, ls_error *err) {
    *out = NULL;
    ls_verify *verify = NULL;
    ls_status status = ls_alloc(&model->engine->allocator, 1, sizeof *verify, "the verification", &verify, err);
    if (status != LS_OK) return status;
    verify->model = model;
    ls_arena_init(&verify->arena, &model->engine->allocator);
    status = ls_grid_read(json, n, &verify->arena, &verify->grid, err);
    if (status == LS_OK) status = check_fit(verify, err);
    if (status == LS_OK)
        status = ls_arena_alloc(&verify->arena, model->info.vocab, sizeof *verify->logits, "the verification",
                                &verify->logits, err);
    if (status != LS_OK) {
        ls_verify_close(verify);
        return status;
    }
    ls_verification *outcome = &verify->outcome;
    outcome->grid_model = verify->grid.model;
    outcome->grid_weights = verify->grid.weights;
    outcome->lens = verify->grid.lens;
    outcome->prompts = verify->grid.prompt_count;
    ls_tally_start(&verify->tally, outcome, model->info.weights, verify->grid.weights);
    *out = verify;
    return LS_OK;
}

void ls_verify_close(ls_verify *verify) {
    if (verify == NULL) return;
    ls_allocator allocator = verify->arena.allocator;
    ls_session_close(verify->session);
    ls_arena_clear(&verify->arena);
    allocator.release(allocator.ctx, verify);
}

/* ---- comparing --------------------------------------------------------------------------------------------
 */

/* Another text is read differently at every position behind the first difference, so nothing of it is compared.
 */
static int ids_agree(ls_verify *verify) {
    const ls_grid_prompt *prompt = &verify->grid.prompts[verify->prompt];
    const ls_session *session = verify->session;
    uint32_t t = 0, most = prompt->positions > session->positions ? prompt->positions : session->positions;
    while (t < most && t < prompt->positions && t < session->positions && prompt->ids[t] == session->tokens[t])
        t++;
    if (t == most) return 1;
    ls_verification *outcome = &verify->outcome;
    if (outcome->same_ids < verify->prompt) return 0; /* not the first that differs */
    outcome->first_id.prompt = verify->prompt;
    outcome->first_id.position = t;
    outcome->first_id.expected = t < prompt->positions ? prompt->ids[t] : UINT32_MAX;
    outcome->first_id.measured = t < session->positions ? session->tokens[t] : UINT32_MAX;
    return 0;
}

/* ln of the sum of e^logit, without overflow. */
static double log_sum_exp(const float *logits, uint32_t n) {
    double largest = (double)logits[0], sum = 0.0;
    for (uint32_t i = 1; i < n; i++)
        if ((double)logits[i] > largest) largest = (double)logits[i];
    for (uint32_t i = 0; i < n; i++) sum += ls_exp((double)logits[i] - largest);
    return largest + ls_log(sum);
}

/* The probability of a token at the cell in work. What the lens has at hand is what an analysis shows, so that
 * is what is compared; logits are computed for a token that is not among the most likely. `total` is
 * log_sum_exp of the cell, or NaN as long as nobody needed it. */
static ls_status measure_token(ls_verify *verify, uint32_t token, double *total, double *p, ls_error *err) {
    const ls_points *points = &verify->session->points;
    size_t first = (size_t)verify->cell * points->top_k;
    for (size_t i = first; i < first + points->top_k; i++) {
        if (points->top_ids[i] != token) continue;
        *p = (double)points->top_p[i];
        return LS_OK;
    }
    if (isnan(*total)) {
        ls_status status = ls_session_logits(verify->session, verify->cell / points->positions,
                                             verify->cell % points->positions, verify->logits, err);
        if (status != LS_OK) return status;
        *total = log_sum_exp(verify->logits, points->vocab);
    }
    *p = ls_exp((double)verify->logits[token] - *total);
    return LS_OK;
}

static ls_status compare_cell(ls_verify *verify, ls_error *err) {
    const ls_grid *grid = &verify->grid;
    const ls_grid_prompt *prompt = &grid->prompts[verify->prompt];
    const ls_points *points = &verify->session->points;
    const uint32_t *expected = prompt->top_ids + (size_t)verify->cell * grid->top_k;
    const double *p = prompt->top_p + (size_t)verify->cell * grid->top_k;
    double total = NAN;
    ls_tally_entry worst = {0, 0.0, 0.0};
    for (uint32_t k = 0; k < grid->top_k; k++) {
        ls_tally_entry entry = {expected[k], p[k], NAN};
        ls_status status = measure_token(verify, expected[k], &total, &entry.measured, err);
        if (status != LS_OK) return status;
        if (k == 0 || ls_tally_difference(&entry) > ls_tally_difference(&worst)) worst = entry;
    }
    ls_tally_cell(&verify->tally, verify->prompt, verify->cell / points->positions,
                  verify->cell % points->positions,
                  points->top_ids[(size_t)verify->cell * points->top_k] == expected[0], &worst);
    verify->cell++;
    return LS_OK;
}

/* ---- stepping ---------------------------------------------------------------------------------------------
 */

static ls_status finish(ls_verify *verify, ls_error *err) {
    ls_verification *outcome = &verify->outcome;
    ls_tally_finish(&verify->tally);
    outcome->worst.text = verify->grid.prompts[outcome->worst.prompt].text;
    ls_status status = ls_token_text(&verify->model->tokenizer, outcome->worst.token, &verify->arena,
                                     &outcome->worst.token_text, err);
    verify->finished = status == LS_OK;
    return status;
}

static void next_prompt(ls_verify *verify) {
    ls_session_close(verify->session);
    verify->session = NULL;
    verify->lens_done = 0;
    verify->cell = 0;
    verify->prompt++;
}

static ls_status start_prompt(ls_verify *verify, ls_error *err) {
    const ls_grid_prompt *prompt = &verify->grid.prompts[verify->prompt];
    ls_settings settings = ls_settings_default();
    settings.lens = verify->grid.lens;
    ls_status status =
        ls_session_open(verify->model, prompt->text, prompt->length, 0, &settings, &verify->session, err);
    if (status != LS_OK) return status;
    if (ids_agree(verify))
        verify->outcome.same_ids++;
    else
        next_prompt(verify);
    return LS_OK;
}

static ls_status step_prompt(ls_verify *verify, ls_progress *progress, ls_error *err) {
    if (verify->session == NULL) return start_prompt(verify, err);
    if (!verify->lens_done) {
        ls_status status = ls_session_step(verify->session, progress, err);
        verify->lens_done = status == LS_OK;
        return status == LS_MORE ? LS_OK : status;
    }
    ls_status status = compare_cell(verify, err);
    const ls_points *points = &verify->session->points;
    if (status == LS_OK && verify->cell == (points->layers + 1) * points->positions) next_prompt(verify);
    return status;
}

ls_status ls_verify_step(ls_verify *verify, ls_progress *progress, ls_error *err) {
    ls_progress now = {LS_PHASE_FORWARD, 0, 0, 0.0};
    ls_status status = LS_OK;
    if (verify->prompt < verify->grid.prompt_count) status = step_prompt(verify, &now, err);
    if (status == LS_OK && verify->prompt == verify->grid.prompt_count && !verify->finished)
        status = finish(verify, err);
    if (status != LS_OK) return status;
    now.done = verify->prompt;
    now.total = verify->grid.prompt_count;
    now.fraction = (now.done + (verify->lens_done ? 1.0 : now.fraction)) / now.total;
    if (now.phase == LS_PHASE_DONE) now.phase = LS_PHASE_LENS; /* of one prompt; it is still to be compared */
    if (verify->finished) now.phase = LS_PHASE_DONE;
    if (progress != NULL) *progress = now;
    return verify->finished ? LS_OK : LS_MORE;
}

const ls_verification *ls_verify_outcome(const ls_verify *verify) {
    return verify->finished ? &verify->outcome : NULL;
}

ls_status ls_verification_json(const ls_engine *engine, const ls_verification *outcome, char **text,
                               size_t *length, ls_error *err) {
    return ls_outcome_json(outcome, &engine->allocator, text, length, err);
}
