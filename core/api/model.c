#include "api/objects.h"
#include "base/status.h"
#include "base/utf8.h"

/* Bytes of a name that can be shown: what is no UTF-8, or a control character, ends it. */
static size_t shown_length(ls_str name) {
    size_t at = 0;
    for (;;) {
        uint32_t code = 0;
        size_t length = ls_utf8_decode(name.bytes + at, name.length - at, &code);
        if (length == 0 || code < 0x20 || (code >= 0x7f && code < 0xa0)) return at;
        at += length;
    }
}

/* A copy of a name for people, who meet it in messages and tables. */
static ls_status copy_name(const ls_gguf *gguf, const ls_source *source, ls_arena *arena, const char **out,
                           ls_error *err) {
    ls_str name = {source->name, strlen(source->name)}, given = {NULL, 0};
    if (ls_gguf_str(gguf, "general.name", &given, NULL) == LS_OK && given.length <= 200 &&
        shown_length(given) > 0)
        name = given;
    size_t length = shown_length(name);
    char *copy = NULL;
    ls_status status = ls_arena_alloc(arena, (uint64_t)length + 1, 1, "the model's name", &copy, err);
    if (status == LS_OK) memcpy(copy, name.bytes, length);
    *out = copy;
    return status;
}

static void describe(ls_model *model, const ls_source *source) {
    const ls_hyper *hyper = &model->network.hyper;
    ls_model_info *info = &model->info;
    info->arch = model->network.arch->name;
    info->weights = model->network.weight_type;
    info->layers = hyper->layers;
    info->width = hyper->width;
    info->heads = hyper->heads;
    info->feed_forward = hyper->feed_forward;
    info->context = hyper->context;
    info->vocab = hyper->vocab;
    info->parameters = model->network.parameters;
    info->bytes = source->size;
    info->resident = sizeof *model + model->arena.bytes + model->weights.bytes;
}

/* Slots first: they say by name what a file lacks, or that its family is not known. The room comes last, when
 * there is no doubt about anything smaller. */
ls_status ls_model_judge(ls_model *model, const ls_source *source, ls_arena *scratch, ls_slots *slots,
                         ls_error *err) {
    const ls_gguf *gguf = NULL;
    ls_status status = ls_gguf_open(source, scratch, &gguf, err);
    if (status == LS_OK) status = ls_slots_match(gguf, &model->arena, scratch, &model->network, slots, err);
    if (status == LS_OK)
        status = ls_tokenizer_build(model->engine, gguf, &model->arena, &model->tokenizer, err);
    if (status == LS_OK) status = copy_name(gguf, source, &model->arena, &model->info.name, err);
    if (status == LS_OK) status = ls_slots_reserve(slots, &model->weights, err);
    if (status != LS_OK) return status;
    describe(model, source);
    return ls_session_count_memory(model, err);
}

ls_status ls_model_create(ls_engine *engine, ls_model **out, ls_error *err) {
    ls_model *model = NULL;
    ls_status status = ls_alloc(&engine->allocator, 1, sizeof *model, "the model", &model, err);
    if (status != LS_OK) return status;
    model->engine = engine;
    ls_arena_init(&model->arena, &engine->allocator);
    ls_arena_init(&model->weights, &engine->allocator);
    *out = model;
    return LS_OK;
}

ls_status ls_model_check(ls_engine *engine, const ls_source *source, ls_model **out, ls_error *err) {
    *out = NULL;
    ls_model *model = NULL;
    ls_status status = ls_model_create(engine, &model, err);
    if (status != LS_OK) return status;
    ls_slots slots;
    ls_arena scratch;
    ls_arena_init(&scratch, &engine->allocator);
    ls_arena_init_counting(&model->weights);
    status = ls_model_judge(model, source, &scratch, &slots, err);
    ls_arena_clear(&scratch);
    if (status == LS_OK)
        *out = model;
    else
        ls_model_close(model);
    return status;
}

static ls_status feed_all(ls_loading *loading, const ls_source *source, ls_error *err) {
    uint64_t at = 0;
    for (;;) {
        size_t n = 0;
        void *room = ls_loading_room(loading, &n);
        if (n == 0) return LS_OK;
        if (source->read(source->ctx, at, room, n) != 0)
            return ls_fail(err, LS_ERR_READ, at, "%s: could not read %llu bytes at offset %llu", source->name,
                           (unsigned long long)n, (unsigned long long)at);
        ls_status status = ls_loading_feed(loading, n, err);
        if (status != LS_OK) return status;
        at += n;
    }
}

ls_status ls_model_open(ls_engine *engine, const ls_source *source, ls_model **out, ls_error *err) {
    *out = NULL;
    ls_loading *loading = NULL;
    ls_status status = ls_loading_open(engine, source, NULL, &loading, err);
    if (status == LS_OK) status = feed_all(loading, source, err);
    if (status == LS_OK) status = ls_loading_finish(loading, out, err);
    ls_loading_close(loading);
    return status;
}

void ls_model_close(ls_model *model) {
    if (model == NULL) return;
    ls_arena_clear(&model->weights);
    ls_arena_clear(&model->arena);
    model->engine->allocator.release(model->engine->allocator.ctx, model);
}

const ls_model_info *ls_model_describe(const ls_model *model) { return &model->info; }
