/* The logitscope command: files and words in, tables and exit codes out. Everything else is behind
 * logitscope.h. */
#ifndef LS_CLI_CLI_H
#define LS_CLI_CLI_H

#include <stdio.h>

#include "logitscope.h"

enum { EXIT_GOOD = 0, EXIT_BAD_INPUT = 1, EXIT_WRONG_USE = 2 };

/* What the words on the command line said. */
typedef struct cli_options {
    const char **models;
    size_t model_count;
    const char *text, *file; /* one of them, or neither */
    const char *kernel;      /* NULL: the fastest */
    unsigned threads;
    ls_settings settings;
    int cut, help;
    const char *json, *csv; /* a path, "-", or NULL */
    const char *grid;       /* of verify */
} cli_options;

/* Purpose: read the words after the command's name. Returns EXIT_GOOD, or EXIT_WRONG_USE after saying why. */
int cli_parse(int argc, char **argv, cli_options *options);

/* Purpose: say one sentence on stderr and return the exit code that fits the status. */
int cli_refuse(const ls_error *err);
int cli_wrong_use(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file as a source; closed with cli_source_close. */
typedef struct cli_source {
    ls_source source;
    FILE *stream;
} cli_source;
int cli_source_open(const char *path, cli_source *out);
void cli_source_close(cli_source *source);

/* The text that --text or --file gives; `held` is the file's content, released by cli_text_close. */
typedef struct cli_text {
    const char *bytes;
    size_t length;
    char *held;
} cli_text;
/* Purpose: a small file whole, or standard input for "-", into out->held. */
int cli_file_read(const char *path, cli_text *out);
int cli_text_open(const cli_options *options, const char *command, cli_text *out);
void cli_text_close(cli_text *text);

/* Purpose: write to a path or, for "-", to standard output. */
int cli_write(const char *path, const char *const *parts, const size_t *lengths, size_t count);

/* Purpose: the readable table of results. */
void cli_print_table(FILE *out, const ls_result *const *results, size_t count);

int cli_info(const cli_options *options);
int cli_tokenize(const cli_options *options);
int cli_analyze(const cli_options *options);
int cli_verify(const cli_options *options);

#endif
