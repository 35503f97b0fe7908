#include <stdarg.h>
#include <string.h>

#include "cli.h"

static const char general_help[] =
    "logitscope " LS_VERSION ": how a language model makes up its mind, layer by layer\n"
    "\n"
    "usage: logitscope COMMAND MODEL... [options]\n"
    "\n"
    "  info MODEL...                     what a model file holds\n"
    "  tokenize MODEL --text T           how a model reads a text\n"
    "  analyze MODEL... --text T         the logit lens at every layer and token, and what follows from it\n"
    "  verify MODEL --grid F             whether a model gives the known answers\n"
    "\n"
    "`logitscope COMMAND --help` says more. Models are GGUF files of the families gpt2, gptneox, opt, llama,\n"
    "qwen2 and phi2, with weights in F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K or Q6_K.\n"
    "Exit codes: 0 done, 1 bad input or a failed verification, 2 wrong use.\n";

static const char info_help[] =
    "usage: logitscope info MODEL...\n"
    "\n"
    "Judges each model by its header, without reading its weights, and prints its name, "
    "family, shape, size\n"
    "and the memory it takes.\n";

static const char tokenize_help[] =
    "usage: logitscope tokenize MODEL... (--text T | --file F)\n"
    "\n"
    "Prints one line per token: position, id, text. Only the header of the file is read.\n";

static const char analyze_help[] =
    "usage: logitscope analyze MODEL... (--text T | --file F) [options]\n"
    "\n"
    "  --text T              the text\n"
    "  --file F              the text is in a file (-: standard input)\n"
    "  --cut                 cut a text that is longer than the model's context, instead of refusing it\n"
    "  --window N            a token sees the last N tokens, itself among them (rotary models; default 0: as "
    "the\n"
    "                        model was made); a text may then be longer than the context\n"
    "  --sinks N             ... and the first N (default 0)\n"
    "  --lens NAME           normed (default) or raw\n"
    "  --operator NAME       mass-margin (default), top-ratio or entropic\n"
    "  --from-layer N        first layer of the means (default 1; 0 includes the embedding)\n"
    "  --step-quantile Q     a point is turbulent from this quantile of the model's own steps on (default "
    "0.75)\n"
    "  --step-absolute S     ... or from this step on (0 to 2)\n"
    "  --branch-p2 P         a competitor needs this probability (default 0.01)\n"
    "  --branch-ratio R      ... and this share of the leader's (default 0.5)\n"
    "  --threads N           default: one for each processor\n"
    "  --kernel NAME         default: the fastest here; the result is the same with any\n"
    "  --json FILE           write the whole result (-: standard output)\n"
    "  --csv FILE            write one line per point (-: standard output)\n"
    "\n"
    "Without --json and --csv a table is printed.\n";

static const char verify_help[] =
    "usage: logitscope verify MODEL --grid F [--json FILE] [--threads N] [--kernel NAME]\n"
    "\n"
    "Compares the lens at every layer and position with the known answers in a grid: token ids, most likely "
    "tokens\n"
    "and their probabilities. models/known-answers/ holds grids of published models; the format is described "
    "in\n"
    "core/include/logitscope.h. --json writes the outcome (-: standard output) instead of printing it.\n"
    "Exit codes: 0 pass, 1 fail or bad input, 2 wrong use.\n";

typedef struct command {
    const char *name, *help;
    int (*run)(const cli_options *options);
} command;

static const command commands[] = {
    {"info", info_help, cli_info},
    {"tokenize", tokenize_help, cli_tokenize},
    {"analyze", analyze_help, cli_analyze},
    {"verify", verify_help, cli_verify},
};

int cli_wrong_use(const char *format, ...) {
    va_list args;
    va_start(args, format);
    fputs("logitscope: ", stderr);
    vfprintf(stderr, format, args);
    fputs("; see logitscope --help\n", stderr);
    va_end(args);
    return EXIT_WRONG_USE;
}

int cli_refuse(const ls_error *err) {
    fprintf(stderr, "logitscope: %s\n", err->message);
    return err->status == LS_ERR_ARGUMENT ? EXIT_WRONG_USE : EXIT_BAD_INPUT;
}

static int run_command(const command *c, int argc, char **argv) {
    cli_options options;
    int code = cli_parse(argc, argv, &options);
    if (code != EXIT_GOOD) return code;
    if (options.help) {
        fputs(c->help, stdout);
        return EXIT_GOOD;
    }
    if (options.model_count == 0) return cli_wrong_use("%s needs a model file", c->name);
    return c->run(&options);
}

int main(int argc, char **argv) {
    if (argc < 2) {
        fputs(general_help, stderr);
        return EXIT_WRONG_USE;
    }
    if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0) {
        fputs(general_help, stdout);
        return EXIT_GOOD;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("logitscope " LS_VERSION);
        return EXIT_GOOD;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(argv[1], commands[i].name) == 0) return run_command(&commands[i], argc - 1, argv + 1);
    return cli_wrong_use("there is no command '%s'; there are info, tokenize, analyze and verify", argv[1]);
}
