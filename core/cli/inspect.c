/* info and tokenize */
#include <stdlib.h>
#include <string.h>

#include "cli.h"

static void print_info(const ls_model_info *info, const char *path) {
    printf("%s\n", path);
    printf("  name            %s\n", info->name);
    printf("  architecture    %s\n", info->arch);
    printf("  layers          %u\n", info->layers);
    printf("  width           %u channels, %u heads, %u feed-forward\n", info->width, info->heads,
           info->feed_forward);
    printf("  context         %u tokens\n", info->context);
    printf("  vocabulary      %u tokens\n", info->vocab);
    printf("  parameters      %llu, mostly %s\n", (unsigned long long)info->parameters, info->weights);
    printf("  file            %llu bytes\n", (unsigned long long)info->bytes);
    printf("  in memory       %llu bytes, and for a text of N tokens %llu + %llu N\n",
           (unsigned long long)info->resident, (unsigned long long)info->session_base,
           (unsigned long long)info->session_position);
}

static int info_of(ls_engine *engine, const char *path) {
    cli_source source;
    ls_error err;
    ls_model *model = NULL;
    int code = cli_source_open(path, &source);
    if (code != EXIT_GOOD) return code;
    if (ls_model_check(engine, &source.source, &model, &err) == LS_OK)
        print_info(ls_model_describe(model), path);
    else
        code = cli_refuse(&err);
    ls_model_close(model);
    cli_source_close(&source);
    return code;
}

int cli_info(const cli_options *options) {
    ls_error err;
    ls_engine *engine = NULL;
    int worst = EXIT_GOOD;
    if (ls_engine_open(options->kernel, options->threads, NULL, &engine, &err) != LS_OK)
        return cli_refuse(&err);
    for (size_t i = 0; i < options->model_count; i++) {
        int code = info_of(engine, options->models[i]);
        worst = code > worst ? code : worst;
    }
    ls_engine_close(engine);
    return worst;
}

/* Bytes that would move the cursor, or are no text on their own, as \xNN. */
static void print_visible(const char *bytes, size_t length) {
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < 0x20 || byte == 0x7f || byte == '\\')
            printf("\\x%02x", byte);
        else
            putchar(byte);
    }
}

static int print_tokens(const ls_engine *engine, const ls_tokenizer *tokenizer, const char *text,
                        size_t length) {
    ls_error err;
    uint32_t *ids = NULL;
    size_t count = 0;
    if (ls_tokenize(tokenizer, text, length, &ids, &count, &err) != LS_OK) return cli_refuse(&err);
    for (size_t i = 0; i < count; i++) {
        size_t size = 0;
        const char *bytes = ls_token_bytes(tokenizer, ids[i], &size);
        printf("%zu\t%u\t", i, ids[i]);
        print_visible(bytes, size);
        putchar('\n');
    }
    ls_release(engine, ids);
    return EXIT_GOOD;
}

static int tokenize_with(ls_engine *engine, const char *path, const char *text, size_t length) {
    cli_source source;
    ls_error err;
    ls_tokenizer *tokenizer = NULL;
    int code = cli_source_open(path, &source);
    if (code != EXIT_GOOD) return code;
    if (ls_tokenizer_open(engine, &source.source, &tokenizer, &err) == LS_OK)
        code = print_tokens(engine, tokenizer, text, length);
    else
        code = cli_refuse(&err);
    ls_tokenizer_close(tokenizer);
    cli_source_close(&source);
    return code;
}

static int tokenize_all(ls_engine *engine, const cli_options *options, const cli_text *text) {
    int worst = EXIT_GOOD;
    for (size_t i = 0; i < options->model_count; i++) {
        int code = tokenize_with(engine, options->models[i], text->bytes, text->length);
        worst = code > worst ? code : worst;
    }
    return worst;
}

int cli_tokenize(const cli_options *options) {
    ls_error err;
    ls_engine *engine = NULL;
    cli_text text;
    int code = cli_text_open(options, "tokenize", &text);
    if (code != EXIT_GOOD) return code;
    if (ls_engine_open(NULL, 1, NULL, &engine, &err) != LS_OK)
        code = cli_refuse(&err);
    else
        code = tokenize_all(engine, options, &text);
    ls_engine_close(engine);
    cli_text_close(&text);
    return code;
}
