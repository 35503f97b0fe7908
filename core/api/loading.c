/* A model whose bytes are coming in: what they become, and what is needed only until then. */
#include "api/objects.h"
#include "base/sha256.h"
#include "base/status.h"
#include "model/intake.h"
#include "model/rotary.h"

struct ls_loading {
    ls_model *model; /* NULL once it was given away */
    ls_arena scratch;
    ls_slots slots;
    ls_intake intake;
    ls_sha256 hash;
};

/* ---- opening -------------------------------------------------------------------------------------------- */

static int is_hex_digest(const char *text) {
    size_t length = strspn(text, "0123456789abcdef");
    return length == 64 && text[length] == '\0';
}

static ls_status take_digest(ls_loading *loading, const char *sha256, ls_error *err) {
    if (sha256 == NULL) {
        ls_sha256_init(&loading->hash);
        return LS_OK;
    }
    if (!is_hex_digest(sha256))
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET,
                       "a SHA-256 is given that is not 64 hexadecimal digits in lower case");
    memcpy(loading->model->info.sha256, sha256, sizeof loading->model->info.sha256);
    return LS_OK;
}

/* Messages name the source after the call, too. */
static ls_status keep_name(ls_loading *loading, ls_source *source, ls_error *err) {
    size_t size = strlen(source->name) + 1;
    char *name = NULL;
    ls_status status = ls_arena_alloc(&loading->scratch, size, 1, "the model's name", &name, err);
    if (status == LS_OK) memcpy(name, source->name, size);
    source->name = name;
    return status;
}

static ls_status open_loading(ls_loading *loading, ls_engine *engine, ls_source source, const char *sha256,
                              ls_error *err) {
    ls_status status = ls_model_create(engine, &loading->model, err);
    if (status == LS_OK) status = take_digest(loading, sha256, err);
    if (status == LS_OK) status = keep_name(loading, &source, err);
    if (status == LS_OK)
        status = ls_model_judge(loading->model, &source, &loading->scratch, &loading->slots, err);
    if (status != LS_OK) return status;
    return ls_intake_open(&loading->intake, &loading->slots, engine->pool,
                          sha256 == NULL ? &loading->hash : NULL, &loading->scratch, err);
}

ls_status ls_loading_open(ls_engine *engine, const ls_source *source, const char *sha256, ls_loading **out,
                          ls_error *err) {
    *out = NULL;
    ls_loading *loading = NULL;
    ls_status status = ls_alloc(&engine->allocator, 1, sizeof *loading, "the loading", &loading, err);
    if (status != LS_OK) return status;
    ls_arena_init(&loading->scratch, &engine->allocator);
    status = open_loading(loading, engine, *source, sha256, err);
    if (status == LS_OK)
        *out = loading;
    else
        ls_loading_close(loading);
    return status;
}

/* ---- bytes ------------------------------------------------------------------------------------------------
 */

void *ls_loading_room(ls_loading *loading, size_t *n) { return ls_intake_room(&loading->intake, n); }

ls_status ls_loading_feed(ls_loading *loading, size_t n, ls_error *err) {
    size_t room = 0;
    (void)ls_intake_room(&loading->intake, &room);
    if (n > room)
        return ls_fail(err, LS_ERR_ARGUMENT, LS_NO_OFFSET,
                       "%s: %llu bytes were fed where there is room for %llu", loading->slots.gguf->file,
                       (unsigned long long)n, (unsigned long long)room);
    ls_intake_feed(&loading->intake, n);
    return LS_OK;
}

/* ---- the end ----------------------------------------------------------------------------------------------
 */

static ls_status check_whole(ls_loading *loading, ls_error *err) {
    const ls_gguf *gguf = loading->slots.gguf;
    uint64_t fed = ls_intake_fed(&loading->intake);
    if (fed == gguf->size) return LS_OK;
    return ls_fail(err, LS_ERR_TRUNCATED, fed, "%s: it ends after %llu of %llu bytes", gguf->file,
                   (unsigned long long)fed, (unsigned long long)gguf->size);
}

ls_status ls_loading_finish(ls_loading *loading, ls_model **out, ls_error *err) {
    *out = NULL;
    ls_model *model = loading->model;
    ls_status status = check_whole(loading, err);
    if (status != LS_OK) return status;
    ls_intake_settle(&loading->intake);
    if (loading->intake.hash != NULL) ls_sha256_hex(&loading->hash, model->info.sha256);
    status = ls_rotary_check_factors(&model->network, loading->slots.gguf, err);
    if (status == LS_OK) status = ls_model_self_check(model, err);
    if (status != LS_OK) return status;
    model->loaded = 1;
    loading->model = NULL;
    *out = model;
    return LS_OK;
}

void ls_loading_close(ls_loading *loading) {
    if (loading == NULL) return;
    const ls_allocator allocator = loading->scratch.allocator;
    ls_intake_settle(&loading->intake);
    ls_model_close(loading->model);
    ls_arena_clear(&loading->scratch);
    allocator.release(allocator.ctx, loading);
}
