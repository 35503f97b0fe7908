/* The invariant of the lens, asserted on every model that is loaded. */
#include "api/objects.h"
#include "base/math.h"
#include "base/status.h"
#include "model/layers.h"

enum { CHECK_TOKENS = 2 };

typedef struct distribution {
    double entropy;
    uint32_t top;
} distribution;

/* The model's own output, without the lens: final norm, unembedding as one product, softmax over stored logits.
 */
static ls_status own_output(ls_model *model, const float *residual, ls_arena *arena, distribution *out,
                            ls_error *err) {
    const ls_network *network = &model->network;
    const ls_hyper *hyper = &network->hyper;
    ls_compute compute = {model->engine->kernels, model->engine->pool};
    float *normed = NULL, *logits = NULL;
    ls_activation scratch;
    ls_status status = ls_arena_alloc(arena, hyper->width, sizeof *normed, "the self-check", &normed, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, hyper->vocab, sizeof *logits, "the self-check", &logits, err);
    if (status == LS_OK) status = ls_activation_init(&scratch, hyper->width, arena, err);
    if (status != LS_OK) return status;
    ls_norm_rows(hyper, &network->output_norm, 1, residual, hyper->width, normed);
    ls_matmul(&compute, network->unembedding, network->output_bias, normed, 1, &scratch, logits, hyper->vocab);
    out->top = 0;
    for (uint32_t i = 1; i < hyper->vocab; i++)
        if (logits[i] > logits[out->top]) out->top = i;
    double mass = 0.0, moment = 0.0;
    for (uint32_t i = 0; i < hyper->vocab; i++) {
        double below = (double)logits[i] - (double)logits[out->top], e = ls_exp(below);
        mass += e;
        moment += e * below;
    }
    out->entropy = ls_log(mass) - moment / mass;
    return LS_OK;
}

/* The same through the fused lens, which is given this one layer: as if the model had no blocks below it. */
static ls_status through_lens(ls_model *model, const float *residual, ls_arena *arena, distribution *out,
                              ls_error *err) {
    ls_network last = model->network;
    ls_compute compute = {model->engine->kernels, model->engine->pool};
    ls_points points;
    ls_lens_pass pass;
    last.hyper.layers = 0;
    ls_status status = ls_points_init(&points, 0, 1, last.hyper.vocab, arena, err);
    if (status == LS_OK) status = ls_lens_init(&pass, &last, compute, residual, NULL, &points, arena, err);
    if (status != LS_OK) return status;
    ls_lens_start(&pass, LS_LENS_NORMED);
    while (pass.done < points.positions) ls_lens_step(&pass);
    out->entropy = (double)points.stats[LS_STAT_ENTROPY][0];
    out->top = points.top_ids[0];
    return LS_OK;
}

typedef struct kept {
    float *hidden;
    size_t width;
    uint32_t positions;
} kept;

static void keep(void *ctx, uint32_t layer, uint32_t position, float *residual) {
    const kept *k = ctx;
    memcpy(k->hidden + ((size_t)layer * k->positions + position) * k->width, residual,
           k->width * sizeof *residual);
}

static ls_status compare(ls_model *model, ls_arena *arena, ls_error *err) {
    const ls_hyper *hyper = &model->network.hyper;
    ls_compute compute = {model->engine->kernels, model->engine->pool};
    const uint32_t tokens[CHECK_TOKENS] = {hyper->vocab / 3, hyper->vocab / 2};
    /* A model may have room for one token only. */
    uint32_t positions = hyper->context < CHECK_TOKENS ? hyper->context : CHECK_TOKENS;
    size_t rows = ((size_t)hyper->layers + 1) * positions;
    kept k = {NULL, hyper->width, positions};
    ls_forward forward;
    distribution own, lens;
    ls_status status =
        ls_arena_alloc(arena, (uint64_t)rows * k.width, sizeof(float), "the self-check", &k.hidden, err);
    if (status == LS_OK)
        status = ls_forward_init(&forward, &model->network, compute, positions, keep, &k, arena, err);
    if (status != LS_OK) return status;
    ls_forward_embed(&forward, tokens);
    while (forward.layer < hyper->layers) ls_forward_step(&forward);
    const float *residual = k.hidden + (rows - 1) * k.width; /* at the last layer and position */
    status = own_output(model, residual, arena, &own, err);
    if (status == LS_OK) status = through_lens(model, residual, arena, &lens, err);
    if (status != LS_OK || !isfinite(own.entropy))
        return status; /* damaged weights are reported with the result */
    if (own.top == lens.top && fabs(own.entropy - lens.entropy) <= 1e-4) return LS_OK;
    return ls_fail(
        err, LS_ERR_INVARIANT, LS_NO_OFFSET,
        "%s: the lens at the last layer is not the model's output (entropy %.6g against %.6g nats, top "
        "token %u against %u)",
        model->info.name, lens.entropy, own.entropy, lens.top, own.top);
}

ls_status ls_model_self_check(ls_model *model, ls_error *err) {
    ls_arena arena;
    ls_arena_init(&arena, &model->engine->allocator);
    ls_status status = compare(model, &arena, err);
    ls_arena_clear(&arena);
    return status;
}
