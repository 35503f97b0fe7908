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

static void describe(ls_model *model, const ls_source *source, const ls_arena *counted) {
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
    info->resident = sizeof *model + model->arena.bytes + counted->bytes;
}

/* Weights first, or their slots: they say by name what a file lacks, or that its family is not known. */
static ls_status read_weights(ls_model *model, const ls_source *source, const ls_gguf *gguf, ls_arena *counted,
                              ls_error *err) {
    if (model->loaded)
        return ls_network_load(source, gguf, model->engine->pool, &model->arena, &model->network,
                               model->info.sha256, err);
    return ls_network_check(gguf, &model->arena, counted, &model->network, err);
}

static ls_status fill(ls_model *model, const ls_source *source, ls_arena *header, ls_error *err) {
    const ls_gguf *gguf = NULL;
    ls_arena counted;
    ls_arena_init_counting(&counted);
    ls_status status = ls_gguf_open(source, header, &gguf, err);
    if (status == LS_OK) status = read_weights(model, source, gguf, &counted, err);
    if (status == LS_OK)
        status = ls_tokenizer_build(model->engine, gguf, &model->arena, &model->tokenizer, err);
    if (status == LS_OK) status = copy_name(gguf, source, &model->arena, &model->info.name, err);
    if (status != LS_OK) return status;
    describe(model, source, &counted);
    status = ls_session_count_memory(model, err);
    return status == LS_OK && model->loaded ? ls_model_self_check(model, err) : status;
}

static ls_status open_model(ls_engine *engine, const ls_source *source, int loaded, ls_model **out,
                            ls_error *err) {
    *out = NULL;
    ls_model *model = NULL;
    ls_status status = ls_alloc(&engine->allocator, 1, sizeof *model, "the model", &model, err);
    if (status != LS_OK) return status;
    model->engine = engine;
    model->loaded = loaded;
    ls_arena_init(&model->arena, &engine->allocator);
    ls_arena header;
    ls_arena_init(&header, &engine->allocator);
    status = fill(model, source, &header, err);
    ls_arena_clear(&header);
    if (status != LS_OK) {
        ls_model_close(model);
        return status;
    }
    *out = model;
    return LS_OK;
}

ls_status ls_model_open(ls_engine *engine, const ls_source *source, ls_model **out, ls_error *err) {
    return open_model(engine, source, 1, out, err);
}

ls_status ls_model_check(ls_engine *engine, const ls_source *source, ls_model **out, ls_error *err) {
    return open_model(engine, source, 0, out, err);
}

void ls_model_close(ls_model *model) {
    if (model == NULL) return;
    ls_arena_clear(&model->arena);
    model->engine->allocator.release(model->engine->allocator.ctx, model);
}

const ls_model_info *ls_model_describe(const ls_model *model) { return &model->info; }
