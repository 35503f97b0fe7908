/*
 * timed_analysis KERNEL THREADS MODEL TEXT ANALYSES: opens a model and analyses a text so many times, each part
 * timed; one JSON object on standard output. `-` as KERNEL is the fastest. Without arguments: the kernels of
 * this processor.
 *
 * Seconds are of the wall. `bytes` is the most that the core had allocated at once, `analysis_bytes` the same
 * once the model was open, `rss` the most that the process had resident. The first analysis after the load is
 * the cold one.
 */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "logitscope.h"

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The most that this process had resident, in bytes. (getrusage would count the program that started it, too.)
 */
static long peak_resident(void) {
    char line[256];
    long kilobytes = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof line, status) != NULL)
        if (sscanf(line, "VmHWM: %ld", &kilobytes) == 1) break;
    if (status != NULL) fclose(status);
    return kilobytes * 1024;
}

/* ---- memory that is counted: each block remembers its size in front ------------------------------------ */

typedef union header {
    size_t size;
    max_align_t align;
} header;

typedef struct meter {
    size_t now, load_peak, peak; /* peak: since the model is open */
} meter;

static void *counted_alloc(void *ctx, size_t size) {
    meter *m = ctx;
    header *block = malloc(sizeof *block + size);
    if (block == NULL) return NULL;
    block->size = size;
    m->now += size;
    if (m->now > m->peak) m->peak = m->now;
    return block + 1;
}

static void counted_release(void *ctx, void *ptr) {
    meter *m = ctx;
    if (ptr == NULL) return;
    header *block = (header *)ptr - 1;
    m->now -= block->size;
    free(block);
}

/* ---- one analysis ---------------------------------------------------------------------------------------- */

typedef struct timed {
    double forward, lens, measure;
    uint32_t positions;
    char digest[65];
} timed;

/* Each step's time belongs to the phase it leaves behind: the one that was under way when it began. */
static ls_status take_steps(ls_session *session, timed *out, ls_error *err) {
    ls_progress progress = {LS_PHASE_FORWARD, 0, 0, 0.0};
    ls_status status = LS_MORE;
    while (status == LS_MORE) {
        double *phase = progress.phase == LS_PHASE_FORWARD ? &out->forward : &out->lens;
        double began = seconds_now();
        status = ls_session_step(session, &progress, err);
        *phase += seconds_now() - began;
    }
    return status;
}

static ls_status analyse(ls_model *model, const char *text, timed *out, ls_error *err) {
    ls_session *session = NULL;
    ls_result *result = NULL;
    const ls_settings settings = ls_settings_default();
    *out = (timed){0.0, 0.0, 0.0, 0, ""};
    ls_status status = ls_session_open(model, text, strlen(text), 0, &settings, &session, err);
    if (status == LS_OK) status = take_steps(session, out, err);
    double began = seconds_now();
    if (status == LS_OK) status = ls_session_measure(session, &settings, &result, err);
    out->measure = seconds_now() - began;
    if (status == LS_OK) {
        out->positions = result->positions;
        memcpy(out->digest, result->digest, sizeof out->digest);
    }
    ls_result_close(result);
    ls_session_close(session);
    return status;
}

static ls_status report(ls_model *model, const char *text, int analyses, const meter *memory, ls_error *err) {
    const ls_model_info *info = ls_model_describe(model);
    timed run = {0.0, 0.0, 0.0, 0, ""};
    ls_status status = LS_OK;
    printf("\"analyses\": [");
    for (int i = 0; i < analyses && status == LS_OK; i++) {
        double began = seconds_now();
        status = analyse(model, text, &run, err);
        printf("%s{\"seconds\": %.6f, \"forward\": %.6f, \"lens\": %.6f, \"measure\": %.6f}",
               i == 0 ? "" : ", ", seconds_now() - began, run.forward, run.lens, run.measure);
    }
    printf("], \"positions\": %u, \"layers\": %u, \"width\": %u, \"vocab\": %u, \"file\": %llu, \"resident\": "
           "%llu, "
           "\"bytes\": %zu, \"analysis_bytes\": %zu, \"rss\": %ld, \"digest\": \"%s\"}\n",
           run.positions, info->layers, info->width, info->vocab, (unsigned long long)info->bytes,
           (unsigned long long)info->resident,
           memory->peak > memory->load_peak ? memory->peak : memory->load_peak, memory->peak, peak_resident(),
           run.digest);
    return status;
}

/* ---- the command ------------------------------------------------------------------------------------------
 */

static int read_at(void *ctx, uint64_t offset, void *target, size_t n) {
    return fseek(ctx, (long)offset, SEEK_SET) != 0 || fread(target, 1, n, ctx) != n;
}

static ls_status run(char **argv, FILE *stream, meter *memory, ls_error *err) {
    const ls_allocator allocator = {memory, counted_alloc, counted_release};
    const char *kernel = strcmp(argv[1], "-") == 0 ? NULL : argv[1];
    ls_engine *engine = NULL;
    ls_model *model = NULL;
    fseek(stream, 0, SEEK_END);
    const ls_source source = {stream, (uint64_t)ftell(stream), argv[3], read_at};
    ls_status status = ls_engine_open(kernel, (unsigned)atoi(argv[2]), &allocator, &engine, err);
    double began = seconds_now();
    if (status == LS_OK) status = ls_model_open(engine, &source, &model, err);
    if (status == LS_OK) {
        printf("{\"kernel\": \"%s\", \"threads\": %u, \"load\": %.6f, ", ls_engine_kernel(engine),
               ls_engine_threads(engine), seconds_now() - began);
        memory->load_peak = memory->peak;
        memory->peak = memory->now;
        status = report(model, argv[4], atoi(argv[5]), memory, err);
    }
    ls_model_close(model);
    ls_engine_close(engine);
    return status;
}

int main(int argc, char **argv) {
    ls_error err = {LS_OK, 0, ""};
    meter memory = {0, 0, 0};
    if (argc == 1) {
        for (size_t i = 0; ls_kernel_name(i) != NULL; i++) puts(ls_kernel_name(i));
        return 0;
    }
    FILE *stream = argc == 6 ? fopen(argv[3], "rb") : NULL;
    if (stream == NULL) {
        fputs("usage: timed_analysis KERNEL|- THREADS MODEL TEXT ANALYSES\n", stderr);
        return 2;
    }
    ls_status status = run(argv, stream, &memory, &err);
    if (status != LS_OK) fprintf(stderr, "timed_analysis: %s\n", err.message);
    fclose(stream);
    return status == LS_OK ? 0 : 1;
}
