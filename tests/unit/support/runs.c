#include "support/runs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "support/memory_source.h"

file_bytes load_file(const char *path) {
    file_bytes file = {0};
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) fail_msg("%s cannot be opened (tests run in the top folder)", path);
    fseek(stream, 0, SEEK_END);
    long size = ftell(stream);
    rewind(stream);
    file.length = size > 0 ? (size_t)size : 0;
    file.bytes = malloc(file.length + 1);
    if (file.bytes == NULL) fail_msg("no memory for %s", path);
    size_t read = fread(file.bytes, 1, file.length, stream);
    fclose(stream);
    if (read != file.length) fail_msg("%s cannot be read", path);
    file.bytes[file.length] = '\0';
    return file;
}

static void expect_ok(ls_status status, const ls_error *err) {
    if (status != LS_OK) fail_msg("%s: %s", ls_status_name(status), err->message);
}

ls_engine *open_engine(const char *kernel, unsigned threads) {
    ls_engine *engine = NULL;
    ls_error err = {0};
    expect_ok(ls_engine_open(kernel, threads, NULL, &engine, &err), &err);
    return engine;
}

ls_model *open_model_bytes(ls_engine *engine, const void *bytes, size_t n) {
    ls_model *model = NULL;
    ls_error err = {0};
    memory_source memory;
    ls_source source = memory_source_open(&memory, bytes, n, "test.gguf");
    expect_ok(ls_model_open(engine, &source, &model, &err), &err);
    return model;
}

ls_model *open_model(ls_engine *engine, const char *path) {
    file_bytes file = load_file(path);
    ls_model *model = open_model_bytes(engine, file.bytes, file.length);
    free(file.bytes);
    return model;
}

void run_to_end(ls_session *session) {
    ls_error err = {0};
    ls_status status = LS_MORE;
    while (status == LS_MORE) status = ls_session_step(session, NULL, &err);
    expect_ok(status, &err);
}

ls_session *run_text(ls_model *model, const char *text, ls_lens lens) {
    ls_session *session = NULL;
    ls_error err = {0};
    ls_settings settings = ls_settings_default();
    settings.lens = lens;
    expect_ok(ls_session_open(model, text, strlen(text), 0, &settings, &session, &err), &err);
    run_to_end(session);
    return session;
}

ls_result *measure(ls_session *session, ls_lens lens) {
    ls_result *result = NULL;
    ls_error err = {0};
    ls_settings settings = ls_settings_default();
    settings.lens = lens;
    expect_ok(ls_session_measure(session, &settings, &result, &err), &err);
    return result;
}

ls_result *analyze(const char *kernel, unsigned threads, const char *path, const char *text, ls_lens lens) {
    ls_engine *engine = open_engine(kernel, threads);
    ls_model *model = open_model(engine, path);
    ls_session *session = run_text(model, text, lens);
    ls_result *result = measure(session, lens);
    ls_session_close(session);
    ls_model_close(model);
    ls_engine_close(engine);
    return result;
}
