/*
 * damage DIR     what becomes of small whole models that are cut short or changed in one byte: writes each as
 *                DIR/NAME.gguf, and DIR/damage.json: [{"model", "header", "cut": [...], "flipped": [...]}].
 *                cut[i] is the verdict on the first `at` bytes, flipped[i] on the file whose byte i is
 * inverted: "CODE OFFSET" where it is refused (OFFSET -1: none), else "ok DIGEST" of a run of one token. The
 * parity tests damage the same files and expect the same of the WebAssembly build. Here every one of them is
 * read under the sanitizers, and nothing may be left in memory. The models that are wrong by name
 * (model_cases.h) go the same way: DIR/model-NAME.gguf, and DIR/models.json: [{"name", "file", "verdict"}].
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "gguf/gguf.h"
#include "quant/types.h"
#include "support/debug_allocator.h"
#include "support/memory_source.h"
#include "support/model_cases.h"
#include "support/tiny_model.h"

/* In the weights the files are cut at every so many bytes: no multiple of anything in there. */
enum { CUT_GRID = 997 };

static void must(int condition, const char *what) {
    if (condition) return;
    fprintf(stderr, "damage: %s\n", what);
    exit(1);
}

/* A run of one token, and the digest of what it measures. */
static ls_status run(ls_model *model, char digest[65], ls_error *err) {
    const ls_settings settings = ls_settings_default();
    ls_session *session = NULL;
    ls_result *result = NULL;
    ls_status status = ls_session_open(model, "a", 1, 1, &settings, &session, err);
    if (status == LS_OK) status = LS_MORE;
    while (status == LS_MORE) status = ls_session_step(session, NULL, err);
    if (status == LS_OK) status = ls_session_measure(session, &settings, &result, err);
    if (status == LS_OK) memcpy(digest, result->digest, 65);
    ls_result_close(result);
    ls_session_close(session);
    return status;
}

static void write_verdict(FILE *json, const void *bytes, uint64_t n) {
    debug_allocator debug;
    memory_source memory;
    ls_engine *engine = NULL;
    ls_model *model = NULL;
    ls_error err = {.offset = LS_NO_OFFSET};
    char digest[65] = "";
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_source source = memory_source_open(&memory, bytes, n, "damaged.gguf");
    must(ls_engine_open(NULL, 1, &allocator, &engine, NULL) == LS_OK, "no engine");
    ls_status status = ls_model_open(engine, &source, &model, &err);
    if (status == LS_OK) status = run(model, digest, &err);
    ls_model_close(model);
    ls_engine_close(engine);
    must(debug.live == 0, "memory is left");
    if (status == LS_OK)
        fprintf(json, "\"ok %s\"", digest);
    else
        fprintf(json, "\"%s %" PRId64 "\"", ls_status_name(status), (int64_t)err.offset);
}

static uint64_t header_bytes(const void *bytes, uint64_t n) {
    memory_source memory;
    debug_allocator debug;
    ls_arena arena;
    const ls_gguf *gguf = NULL;
    ls_allocator allocator = debug_allocator_open(&debug);
    ls_source source = memory_source_open(&memory, bytes, n, "whole.gguf");
    ls_arena_init(&arena, &allocator);
    must(ls_gguf_open(&source, &arena, &gguf, NULL) == LS_OK, "the whole file is refused");
    uint64_t header = gguf->header_bytes;
    ls_arena_clear(&arena);
    return header;
}

static FILE *create(const char *directory, const char *name, const char *ending) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s%s", directory, name, ending);
    FILE *file = fopen(path, "wb");
    must(file != NULL, "cannot write into the folder");
    return file;
}

static void write_file(const char *directory, const char *name, const void *bytes, uint64_t n) {
    FILE *file = create(directory, name, ".gguf");
    must(fwrite(bytes, 1, (size_t)n, file) == n && fclose(file) == 0, "cannot write a model");
}

static void write_model(const char *directory, const char *name, unsigned char *bytes, uint64_t n, FILE *json) {
    uint64_t header = header_bytes(bytes, n);
    write_file(directory, name, bytes, n);
    fprintf(json, "{\"model\": \"%s.gguf\", \"header\": %" PRIu64 ", \"grid\": %d,\n\"cut\": ", name, header,
            CUT_GRID);
    for (uint64_t at = 0; at < n; at += at < header ? 1 : CUT_GRID) {
        fputs(at == 0 ? "[" : ",", json);
        write_verdict(json, bytes, at);
    }
    fputs("],\n\"flipped\": ", json);
    for (uint64_t at = 0; at < header; at++) {
        fputs(at == 0 ? "[" : ",", json);
        bytes[at] ^= 0xff;
        write_verdict(json, bytes, n);
        bytes[at] ^= 0xff;
    }
    fputs("]}", json);
}

static void write_damaged(const char *directory) {
    tiny_model models[2] = {tiny_model_default(), tiny_model_default()};
    models[1].family = models[1].says = "gptneox";
    models[1].type = LS_GGML_Q8_0;
    FILE *json = create(directory, "damage", ".json");
    for (int i = 0; i < 2; i++) {
        gguf_builder b;
        char name[64];
        tiny_model_build(&models[i], &b);
        snprintf(name, sizeof name, "whole-%s", models[i].family);
        fputs(i == 0 ? "[" : ",\n", json);
        write_model(directory, name, b.file.bytes, b.file.length, json);
        gb_free(&b);
    }
    fputs("]\n", json);
    must(fclose(json) == 0, "cannot write damage.json");
}

static void write_named(const char *directory) {
    FILE *json = create(directory, "models", ".json");
    for (size_t i = 0; model_case_at(i) != NULL; i++) {
        const model_case *c = model_case_at(i);
        gguf_builder b;
        char name[64];
        model_case_build(c, &b);
        snprintf(name, sizeof name, "model-%s", c->name);
        write_file(directory, name, b.file.bytes, b.file.length);
        fprintf(json, "%s{\"name\": \"%s\", \"file\": \"%s.gguf\", \"verdict\": ", i == 0 ? "[" : ",\n",
                c->name, name);
        write_verdict(json, b.file.bytes, b.file.length);
        fputs("}", json);
        gb_free(&b);
    }
    fputs("]\n", json);
    must(fclose(json) == 0, "cannot write models.json");
}

int main(int count, char **arguments) {
    must(count == 2, "give it a folder");
    write_damaged(arguments[1]);
    write_named(arguments[1]);
    return 0;
}
