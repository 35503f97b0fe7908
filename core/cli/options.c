#define _GNU_SOURCE /* getopt_long */
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"

enum {
    OPT_TEXT = 1,
    OPT_FILE,
    OPT_CUT,
    OPT_SINKS,
    OPT_WINDOW,
    OPT_LENS,
    OPT_OPERATOR,
    OPT_FROM_LAYER,
    OPT_STEP_QUANTILE,
    OPT_STEP_ABSOLUTE,
    OPT_BRANCH_P2,
    OPT_BRANCH_RATIO,
    OPT_THREADS,
    OPT_KERNEL,
    OPT_JSON,
    OPT_CSV,
    OPT_GRID,
    OPT_HELP
};

static const struct option long_options[] = {
    {"text", required_argument, NULL, OPT_TEXT},
    {"file", required_argument, NULL, OPT_FILE},
    {"cut", no_argument, NULL, OPT_CUT},
    {"sinks", required_argument, NULL, OPT_SINKS},
    {"window", required_argument, NULL, OPT_WINDOW},
    {"lens", required_argument, NULL, OPT_LENS},
    {"operator", required_argument, NULL, OPT_OPERATOR},
    {"from-layer", required_argument, NULL, OPT_FROM_LAYER},
    {"step-quantile", required_argument, NULL, OPT_STEP_QUANTILE},
    {"step-absolute", required_argument, NULL, OPT_STEP_ABSOLUTE},
    {"branch-p2", required_argument, NULL, OPT_BRANCH_P2},
    {"branch-ratio", required_argument, NULL, OPT_BRANCH_RATIO},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"kernel", required_argument, NULL, OPT_KERNEL},
    {"json", required_argument, NULL, OPT_JSON},
    {"csv", required_argument, NULL, OPT_CSV},
    {"grid", required_argument, NULL, OPT_GRID},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static int parse_whole(const char *name, const char *word, unsigned long low, unsigned long high,
                       unsigned *out) {
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(word, &end, 10);
    if (errno != 0 || end == word || *end != '\0' || word[0] == '-' || value < low || value > high)
        return cli_wrong_use("--%s takes a whole number from %lu to %lu, not '%s'", name, low, high, word);
    *out = (unsigned)value;
    return EXIT_GOOD;
}

static int parse_number(const char *name, const char *word, double low, double high, double *out) {
    char *end = NULL;
    double value = strtod(word, &end);
    if (end == word || *end != '\0' || !(value >= low && value <= high))
        return cli_wrong_use("--%s takes a number from %g to %g, not '%s'", name, low, high, word);
    *out = value;
    return EXIT_GOOD;
}

static int parse_lens(const char *word, ls_lens *out) {
    for (int i = 0; i < LS_LENS_COUNT; i++) {
        if (strcmp(word, ls_lens_name((ls_lens)i)) != 0) continue;
        *out = (ls_lens)i;
        return EXIT_GOOD;
    }
    return cli_wrong_use("there is no lens '%s'; there are normed and raw", word);
}

static int parse_operator(const char *word, ls_operator *out) {
    for (int i = 0; i < LS_OP_COUNT; i++) {
        if (strcmp(word, ls_operator_name((ls_operator)i)) != 0) continue;
        *out = (ls_operator)i;
        return EXIT_GOOD;
    }
    return cli_wrong_use("there is no operator '%s'; there are mass-margin, top-ratio and entropic", word);
}

static int take_setting(int option, const char *word, ls_settings *settings) {
    switch (option) {
    case OPT_SINKS:
        return parse_whole("sinks", word, 0, 1ul << 24, &settings->sinks);
    case OPT_WINDOW:
        return parse_whole("window", word, 0, 1ul << 24, &settings->window);
    case OPT_LENS:
        return parse_lens(word, &settings->lens);
    case OPT_OPERATOR:
        return parse_operator(word, &settings->op);
    case OPT_FROM_LAYER:
        return parse_whole("from-layer", word, 0, 4096, &settings->from_layer);
    case OPT_STEP_QUANTILE:
        settings->step_rule = LS_STEP_RELATIVE;
        return parse_number("step-quantile", word, 0, 1, &settings->step_quantile);
    case OPT_STEP_ABSOLUTE:
        settings->step_rule = LS_STEP_ABSOLUTE;
        return parse_number("step-absolute", word, 0, 2, &settings->step_absolute);
    case OPT_BRANCH_P2:
        return parse_number("branch-p2", word, 0, 1, &settings->branch_p2);
    default:
        return parse_number("branch-ratio", word, 0, 1, &settings->branch_ratio);
    }
}

static int take_option(int option, const char *word, cli_options *options) {
    switch (option) {
    case OPT_TEXT:
        options->text = word;
        return EXIT_GOOD;
    case OPT_FILE:
        options->file = word;
        return EXIT_GOOD;
    case OPT_CUT:
        options->cut = 1;
        return EXIT_GOOD;
    case OPT_THREADS:
        return parse_whole("threads", word, 1, 64, &options->threads);
    case OPT_KERNEL:
        options->kernel = word;
        return EXIT_GOOD;
    case OPT_JSON:
        options->json = word;
        return EXIT_GOOD;
    case OPT_CSV:
        options->csv = word;
        return EXIT_GOOD;
    case OPT_GRID:
        options->grid = word;
        return EXIT_GOOD;
    case OPT_HELP:
        options->help = 1;
        return EXIT_GOOD;
    default:
        return take_setting(option, word, &options->settings);
    }
}

static unsigned processors(void) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > 64 ? 64 : (unsigned)online;
}

int cli_parse(int argc, char **argv, cli_options *options) {
    *options = (cli_options){.threads = processors(), .settings = ls_settings_default()};
    opterr = 0; /* our own sentences */
    for (;;) {
        int option = getopt_long(argc, argv, ":", long_options, NULL);
        if (option == -1) break;
        if (option == ':') return cli_wrong_use("%s needs a value", argv[optind - 1]);
        if (option == '?') return cli_wrong_use("there is no option '%s'", argv[optind - 1]);
        int code = take_option(option, optarg, options);
        if (code != EXIT_GOOD) return code;
    }
    if (options->text != NULL && options->file != NULL) return cli_wrong_use("give --text or --file, not both");
    options->models = (const char **)argv + optind;
    options->model_count = (size_t)(argc - optind);
    return EXIT_GOOD;
}
