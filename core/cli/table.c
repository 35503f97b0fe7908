#include <math.h>
#include <string.h>

#include "cli.h"

/* Three significant digits, or a dash. */
static void number(FILE *out, int width, double value) {
    if (isfinite(value))
        fprintf(out, " %*.3g", width, value);
    else
        fprintf(out, " %*s", width, "-");
}

static void summary_line(FILE *out, const ls_result *r) {
    fprintf(out, "%-20.20s", r->model->name);
    number(out, 8, r->gd_ratio.value);
    if (isfinite(r->gd_ratio.low)) {
        char interval[32];
        snprintf(interval, sizeof interval, "%.3g..%.3g", r->gd_ratio.low, r->gd_ratio.high);
        fprintf(out, " %14s", interval);
    } else {
        fprintf(out, " %14s", "-");
    }
    number(out, 7, r->mean_g.value);
    number(out, 7, r->mean_d.value);
    for (size_t s = 0; s < LS_STATE_COUNT; s++) fprintf(out, " %5.1f", 100.0 * r->shares[s]);
    fprintf(out, "  %.1f of %u", r->commit_mean.value, r->layers);
    fputc('\n', out);
}

static void column(FILE *out, const char *title, const ls_result *const *results, size_t count, uint32_t layers,
                   const double *(*values)(const ls_result *)) {
    fprintf(out, "\n%s\n%-20s", title, "layer");
    for (uint32_t layer = 0; layer <= layers; layer++) fprintf(out, " %6u", layer);
    fputc('\n', out);
    for (size_t i = 0; i < count; i++) {
        fprintf(out, "%-20.20s", results[i]->model->name);
        for (uint32_t layer = 0; layer <= results[i]->layers; layer++)
            number(out, 6, values(results[i])[layer]);
        fputc('\n', out);
    }
}

static const double *entropy(const ls_result *r) { return r->entropy_by_layer; }
static const double *top1(const ls_result *r) { return r->p1_by_layer; }

void cli_print_table(FILE *out, const ls_result *const *results, size_t count) {
    uint32_t layers = 0;
    for (size_t i = 0; i < count; i++) layers = results[i]->layers > layers ? results[i]->layers : layers;
    fprintf(out, "%-20s %8s %14s %7s %7s %5s %5s %5s %5s %5s  %s\n", "model", "gd_ratio", "95%", "mean G",
            "mean D", "A %", "B %", "C %", "D %", "E %", "commit layer");
    for (size_t i = 0; i < count; i++) summary_line(out, results[i]);
    column(out, "entropy by layer, nats", results, count, layers, entropy);
    column(out, "top-1 probability by layer", results, count, layers, top1);
    fputs("\nA hidden turbulence, B surface branching, C committed, D full bifurcation, E stable\n", out);
    for (size_t i = 0; i < count; i++) {
        const ls_result *r = results[i];
        fprintf(out, "%-20.20s %u tokens, lens %s, operator %s, kernel %s, %u thread%s\n", r->model->name,
                r->positions, ls_lens_name(r->settings.lens), ls_operator_name(r->settings.op), r->kernel,
                r->threads, r->threads == 1 ? "" : "s");
        if (r->cut_from > 0)
            fprintf(out, "%-20s cut from %u tokens to the context of %u\n", "", r->cut_from, r->positions);
        if (r->left_out > 0)
            fprintf(out, "%-20s %llu bytes of the text left out: the vocabulary has no token for them\n", "",
                    (unsigned long long)r->left_out);
        if (r->nonfinite > 0)
            fprintf(out, "%-20s %u points are not finite numbers: the model's weights are damaged\n", "",
                    r->nonfinite);
        fprintf(out, "%-20s digest %s\n", "", r->digest);
    }
}
