#define _GNU_SOURCE       /* fseeko with 64 bits */
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli.h"

static int say(const char *path, const char *why) {
    fprintf(stderr, "logitscope: %s: %s\n", path, why);
    return EXIT_BAD_INPUT;
}

static int read_at(void *ctx, uint64_t offset, void *target, size_t n) {
    FILE *stream = ctx;
    return fseeko(stream, (off_t)offset, SEEK_SET) != 0 || fread(target, 1, n, stream) != n;
}

int cli_source_open(const char *path, cli_source *out) {
    struct stat facts;
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) return say(path, strerror(errno));
    if (fstat(fileno(stream), &facts) != 0 || !S_ISREG(facts.st_mode)) {
        fclose(stream);
        return say(path, S_ISDIR(facts.st_mode) ? "this is a directory, not a model file"
                                                : "this is no regular file");
    }
    *out = (cli_source){{stream, (uint64_t)facts.st_size, path, read_at}, stream};
    return EXIT_GOOD;
}

void cli_source_close(cli_source *source) { fclose(source->stream); }

/* Texts are small: 16 MiB is far beyond every context, and bounds what standard input can make us hold. */
enum { TEXT_MAX = 16 << 20 };

static int read_stream(FILE *stream, const char *path, char **text, size_t *length) {
    char *bytes = malloc(TEXT_MAX + 1);
    if (bytes == NULL) return say(path, "not enough memory to read the text");
    *length = fread(bytes, 1, TEXT_MAX + 1, stream);
    if (ferror(stream) || *length > TEXT_MAX) {
        free(bytes);
        return say(path, ferror(stream) != 0 ? strerror(errno) : "the text is longer than 16 MiB");
    }
    *text = bytes;
    return EXIT_GOOD;
}

int cli_file_read(const char *path, cli_text *out) {
    if (strcmp(path, "-") == 0) return read_stream(stdin, "standard input", &out->held, &out->length);
    FILE *stream = fopen(path, "rb");
    if (stream == NULL) return say(path, strerror(errno));
    int code = read_stream(stream, path, &out->held, &out->length);
    fclose(stream);
    return code;
}

int cli_text_open(const cli_options *options, const char *command, cli_text *out) {
    *out = (cli_text){NULL, 0, NULL};
    if (options->text == NULL && options->file == NULL)
        return cli_wrong_use("%s needs --text or --file", command);
    int code = options->file != NULL ? cli_file_read(options->file, out) : EXIT_GOOD;
    out->bytes = options->file != NULL ? out->held : options->text;
    if (options->file == NULL) out->length = strlen(options->text);
    return code;
}

void cli_text_close(cli_text *text) { free(text->held); }

int cli_write(const char *path, const char *const *parts, const size_t *lengths, size_t count) {
    int to_stdout = strcmp(path, "-") == 0;
    FILE *stream = to_stdout ? stdout : fopen(path, "wb");
    if (stream == NULL) return say(path, strerror(errno));
    int good = 1;
    for (size_t i = 0; i < count; i++) good &= fwrite(parts[i], 1, lengths[i], stream) == lengths[i];
    good &= (to_stdout ? fflush(stream) : fclose(stream)) == 0;
    return good ? EXIT_GOOD : say(path, "could not write the result");
}
