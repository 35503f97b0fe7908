#define _GNU_SOURCE /* isatty */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

/* ---- one model
 * ------------------------------------------------------------------------------------------------- */

static void show_progress(const ls_model_info *info, const ls_progress *progress) {
    static const char *const phases[] = {"forward pass, block", "lens, position", "done,"};
    if (!isatty(STDERR_FILENO)) return;
    fprintf(stderr, "\r%s: %s %u of %u (%.0f%%)\033[K", info->name, phases[progress->phase], progress->done,
            progress->total, 100.0 * progress->fraction);
    if (progress->phase == LS_PHASE_DONE) fputs("\r\033[K", stderr);
}

static int run(ls_model *model, const cli_options *options, const char *text, size_t length, ls_result **out) {
    ls_error err;
    ls_session *session = NULL;
    ls_progress progress;
    ls_status status = ls_session_open(model, text, length, options->cut, &options->settings, &session, &err);
    if (status == LS_OK) status = LS_MORE;
    while (status == LS_MORE) {
        status = ls_session_step(session, &progress, &err);
        show_progress(ls_model_describe(model), &progress);
    }
    if (status == LS_OK) status = ls_session_measure(session, &options->settings, out, &err);
    ls_session_close(session);
    return status == LS_OK ? EXIT_GOOD : cli_refuse(&err);
}

static int analyze_one(ls_engine *engine, const cli_options *options, const char *path, const char *text,
                       size_t length, ls_result **out) {
    cli_source source;
    ls_error err;
    ls_model *model = NULL;
    int code = cli_source_open(path, &source);
    if (code != EXIT_GOOD) return code;
    if (ls_model_open(engine, &source.source, &model, &err) == LS_OK)
        code = run(model, options, text, length, out);
    else
        code = cli_refuse(&err);
    ls_model_close(model);
    cli_source_close(&source);
    return code;
}

/* ---- output
 * ---------------------------------------------------------------------------------------------------- */

typedef ls_status writer(const ls_engine *engine, const ls_result *result, char **text, size_t *length,
                         ls_error *err);

/* Results as one JSON array, or one CSV table: every part but the first of a CSV leaves its heading out. */
static int write_all(const ls_engine *engine, ls_result *const *results, size_t count, const char *path,
                     writer *format, int is_json) {
    size_t parts = 2 * count + 1, used = 0;
    const char **texts = calloc(parts, sizeof *texts);
    size_t *lengths = calloc(parts, sizeof *lengths);
    char **owned = calloc(count, sizeof *owned);
    ls_error err;
    int code = texts == NULL || lengths == NULL || owned == NULL ? EXIT_BAD_INPUT : EXIT_GOOD;
    for (size_t i = 0; i < count && code == EXIT_GOOD; i++) {
        size_t length = 0;
        if (format(engine, results[i], &owned[i], &length, &err) != LS_OK) {
            code = cli_refuse(&err);
            break;
        }
        const char *body = owned[i];
        if (is_json) {
            texts[used] = i == 0 ? "[" : ",\n";
            lengths[used] = strlen(texts[used]);
            used++;
        } else if (i > 0) {
            body = strchr(body, '\n') + 1;
        }
        texts[used] = body;
        lengths[used++] = length - (size_t)(body - owned[i]);
    }
    if (is_json && code == EXIT_GOOD) {
        texts[used] = "]\n";
        lengths[used++] = 2;
    }
    if (code == EXIT_GOOD) code = cli_write(path, texts, lengths, used);
    for (size_t i = 0; i < count && owned != NULL; i++) ls_release(engine, owned[i]);
    free(owned);
    free(lengths);
    free(texts);
    return code;
}

static int report(const ls_engine *engine, const cli_options *options, ls_result *const *results,
                  size_t count) {
    int code = EXIT_GOOD;
    if (count == 0) return code;
    if (options->json != NULL) code = write_all(engine, results, count, options->json, ls_result_json, 1);
    if (options->csv != NULL && code == EXIT_GOOD)
        code = write_all(engine, results, count, options->csv, ls_result_csv, 0);
    if (options->json == NULL && options->csv == NULL)
        cli_print_table(stdout, (const ls_result *const *)results, count);
    return code;
}

/* ---- the command
 * ------------------------------------------------------------------------------------------------ */

/* Every model is tried; one that is refused does not take the others' results along. */
static int analyze_all(ls_engine *engine, const cli_options *options, const char *text, size_t length) {
    ls_result **results = calloc(options->model_count, sizeof *results);
    if (results == NULL) return EXIT_BAD_INPUT;
    size_t count = 0;
    int worst = EXIT_GOOD;
    for (size_t i = 0; i < options->model_count; i++) {
        int code = analyze_one(engine, options, options->models[i], text, length, &results[count]);
        if (code == EXIT_GOOD) count++;
        worst = code > worst ? code : worst;
    }
    int code = report(engine, options, results, count);
    for (size_t i = 0; i < count; i++) ls_result_close(results[i]);
    free(results);
    return code > worst ? code : worst;
}

int cli_analyze(const cli_options *options) {
    ls_error err;
    ls_engine *engine = NULL;
    cli_text text;
    int code = cli_text_open(options, "analyze", &text);
    if (code != EXIT_GOOD) return code;
    if (ls_engine_open(options->kernel, options->threads, NULL, &engine, &err) != LS_OK)
        code = cli_refuse(&err);
    else
        code = analyze_all(engine, options, text.bytes, text.length);
    ls_engine_close(engine);
    cli_text_close(&text);
    return code;
}
