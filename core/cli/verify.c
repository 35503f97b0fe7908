/* verify: a model against a known-answer grid */
#include "cli.h"

static void print_ids(const ls_verification *v) {
    printf("  token ids       those of the grid in %u of %u prompts\n", v->same_ids, v->prompts);
    if (v->same_ids == v->prompts) return;
    printf("                  prompt %u, position %u: ", v->first_id.prompt, v->first_id.position);
    if (v->first_id.measured == UINT32_MAX)
        printf("the text has ended, the grid has token %u\n", v->first_id.expected);
    else if (v->first_id.expected == UINT32_MAX)
        printf("token %u, the grid has ended\n", v->first_id.measured);
    else
        printf("token %u, the grid has %u\n", v->first_id.measured, v->first_id.expected);
}

static void print_outcome(const char *path, const ls_verification *v) {
    printf("%s: %s\n", path, v->pass ? "PASS" : "FAIL");
    printf("  grid            %s, computed from %s, lens %s\n", v->grid_model, v->grid_weights,
           ls_lens_name(v->lens));
    print_ids(v);
    if (v->cells == 0) return;
    printf("  top-1           the same in %.2f%% of %llu cells (at least %g%%)\n", 100.0 * v->top1,
           (unsigned long long)v->cells, 100.0 * v->top1_bound);
    printf("  difference of p %.6f in the mean cell (at most %g), %.6f in the worst (at most %g): bounds for "
           "%s weights\n",
           v->mean, v->mean_bound, v->largest, v->largest_bound, ls_grade_name(v->grade));
    printf("  worst cell      prompt %u, layer %u, position %u, token %u: %.5f, the grid has %.5f\n",
           v->worst.prompt, v->worst.layer, v->worst.position, v->worst.token, v->worst.measured,
           v->worst.expected);
}

static int report(const ls_engine *engine, const cli_options *options, const char *path,
                  const ls_verification *outcome) {
    ls_error err;
    char *json = NULL;
    size_t length = 0;
    if (options->json == NULL) {
        print_outcome(path, outcome);
        return EXIT_GOOD;
    }
    if (ls_verification_json(engine, outcome, &json, &length, &err) != LS_OK) return cli_refuse(&err);
    const char *const parts[] = {json, "\n"};
    const size_t lengths[] = {length, 1};
    int code = cli_write(options->json, parts, lengths, 2);
    ls_release(engine, json);
    return code;
}

static int compare(ls_engine *engine, const cli_options *options, const char *path, ls_model *model,
                   const cli_text *grid) {
    ls_error err;
    ls_verify *verify = NULL;
    ls_status status = ls_verify_open(model, grid->held, grid->length, &verify, &err);
    if (status == LS_OK) do
            status = ls_verify_step(verify, NULL, &err);
        while (status == LS_MORE);
    int code = status == LS_OK ? EXIT_GOOD : cli_refuse(&err);
    if (status == LS_OK) {
        code = report(engine, options, path, ls_verify_outcome(verify));
        if (code == EXIT_GOOD && !ls_verify_outcome(verify)->pass) code = EXIT_BAD_INPUT;
    }
    ls_verify_close(verify);
    return code;
}

static int verify_one(ls_engine *engine, const cli_options *options, const char *path, const cli_text *grid) {
    cli_source source;
    ls_error err;
    ls_model *model = NULL;
    int code = cli_source_open(path, &source);
    if (code != EXIT_GOOD) return code;
    code = ls_model_open(engine, &source.source, &model, &err) == LS_OK
               ? compare(engine, options, path, model, grid)
               : cli_refuse(&err);
    ls_model_close(model);
    cli_source_close(&source);
    return code;
}

int cli_verify(const cli_options *options) {
    ls_error err;
    ls_engine *engine = NULL;
    cli_text grid = {NULL, 0, NULL};
    if (options->grid == NULL) return cli_wrong_use("verify needs --grid");
    if (options->model_count > 1) return cli_wrong_use("verify takes one model");
    int code = cli_file_read(options->grid, &grid);
    if (code == EXIT_GOOD && ls_engine_open(options->kernel, options->threads, NULL, &engine, &err) != LS_OK)
        code = cli_refuse(&err);
    if (code == EXIT_GOOD) code = verify_one(engine, options, options->models[0], &grid);
    ls_engine_close(engine);
    cli_text_close(&grid);
    return code;
}
