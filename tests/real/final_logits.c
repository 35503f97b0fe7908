/* final_logits MODEL TEXT: the model's own logits at every position, [T][V] float32 in this machine's byte
 * order, on standard output. For comparisons that need more than the command line's ten most likely tokens. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "logitscope.h"

static int read_at(void *ctx, uint64_t offset, void *target, size_t n) {
    return fseek(ctx, (long)offset, SEEK_SET) != 0 || fread(target, 1, n, ctx) != n;
}

static ls_status write_logits(ls_session *session, const ls_model_info *info, uint32_t positions,
                              ls_error *err) {
    float *logits = malloc(info->vocab * sizeof *logits);
    ls_status status = logits != NULL ? LS_OK : LS_ERR_MEMORY;
    for (uint32_t t = 0; t < positions && status == LS_OK; t++) {
        status = ls_session_logits(session, info->layers, t, logits, err);
        if (status == LS_OK) fwrite(logits, sizeof *logits, info->vocab, stdout);
    }
    free(logits);
    return status;
}

static ls_status run(ls_model *model, const char *text, ls_error *err) {
    ls_session *session = NULL;
    ls_progress progress = {LS_PHASE_FORWARD, 0, 0, 0.0};
    ls_status status = ls_session_open(model, text, strlen(text), 0, NULL, &session, err);
    if (status != LS_OK) return status;
    while (progress.phase == LS_PHASE_FORWARD) (void)ls_session_step(session, &progress, err);
    status = write_logits(session, ls_model_describe(model), progress.total, err); /* of the lens: T */
    ls_session_close(session);
    return status;
}

int main(int argc, char **argv) {
    ls_error err = {LS_OK, 0, ""};
    ls_engine *engine = NULL;
    ls_model *model = NULL;
    FILE *stream = argc == 3 ? fopen(argv[1], "rb") : NULL;
    if (stream == NULL) {
        fputs("usage: final_logits MODEL TEXT\n", stderr);
        return 2;
    }
    fseek(stream, 0, SEEK_END);
    const ls_source source = {stream, (uint64_t)ftell(stream), argv[1], read_at};
    ls_status status = ls_engine_open(NULL, 2, NULL, &engine, &err);
    if (status == LS_OK) status = ls_model_open(engine, &source, &model, &err);
    if (status == LS_OK) status = run(model, argv[2], &err);
    if (status != LS_OK) fprintf(stderr, "final_logits: %s\n", err.message);
    ls_model_close(model);
    ls_engine_close(engine);
    fclose(stream);
    return status == LS_OK ? 0 : 1;
}
