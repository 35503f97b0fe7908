/*
 * gguf_corpus DIR     writes every case of the table as DIR/NAME.gguf, and DIR/cases.json:
 *                     [{"name", "file", "code", "offset"}], offset null where the file is accepted.
 * gguf_corpus         without a directory, gives every case to the reader and compares the verdicts. This needs
 * no test framework, so it runs wherever the core does (32-bit builds, for example).
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "gguf/gguf.h"
#include "support/gguf_cases.h"
#include "support/memory_source.h"

static int write_file(const char *path, const void *bytes, size_t n) {
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        fprintf(stderr, "gguf_corpus: cannot write %s: %s\n", path, strerror(errno));
        return 0;
    }
    size_t written = n > 0 ? fwrite(bytes, 1, n, file) : 0;
    return fclose(file) == 0 && written == n;
}

static int write_case(const char *directory, const gguf_case *c, FILE *json) {
    char path[4096], offset[32] = "null";
    gguf_builder b;
    gb_init(&b);
    c->build(&b);
    if (b.mark != LS_NO_OFFSET) (void)snprintf(offset, sizeof offset, "%" PRIu64, b.mark);
    fprintf(json, "{\"name\": \"%s\", \"file\": \"%s.gguf\", \"code\": \"%s\", \"offset\": %s}", c->name,
            c->name, ls_status_name(c->status), offset);
    int length = snprintf(path, sizeof path, "%s/%s.gguf", directory, c->name);
    int good = length > 0 && (size_t)length < sizeof path && write_file(path, b.file.bytes, b.file.length);
    gb_free(&b);
    return good;
}

static int write_corpus(const char *directory) {
    char path[4096];
    int length = snprintf(path, sizeof path, "%s/cases.json", directory);
    FILE *json = length > 0 && (size_t)length < sizeof path ? fopen(path, "wb") : NULL;
    if (json == NULL) {
        fprintf(stderr, "gguf_corpus: cannot write into %s\n", directory);
        return 1;
    }
    int good = 1;
    for (size_t i = 0; gguf_case_at(i) != NULL; i++) {
        fputs(i == 0 ? "[" : ",\n ", json);
        good = write_case(directory, gguf_case_at(i), json) && good;
    }
    fputs("]\n", json);
    return fclose(json) == 0 && good ? 0 : 1;
}

/* Returns whether the reader gives the verdict of the table. */
static int check_case(const gguf_case *c) {
    gguf_builder b;
    memory_source memory;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    const ls_gguf *gguf = NULL;
    ls_error err = {LS_OK, LS_NO_OFFSET, ""};
    gb_init(&b);
    c->build(&b);
    ls_source source = memory_source_open(&memory, b.file.bytes, b.file.length, c->name);
    ls_arena_init(&arena, &allocator);
    ls_status status = ls_gguf_open(&source, &arena, &gguf, &err);
    int good = status == c->status && err.offset == b.mark;
    if (!good)
        printf("%s: got %s at %" PRIu64 ", expected %s at %" PRIu64 "\n", c->name, ls_status_name(status),
               err.offset, ls_status_name(c->status), b.mark);
    ls_arena_clear(&arena);
    gb_free(&b);
    return good;
}

static int check_corpus(void) {
    size_t count = 0, wrong = 0;
    for (const gguf_case *c; (c = gguf_case_at(count)) != NULL; count++) wrong += check_case(c) ? 0 : 1;
    printf("%zu cases, %zu wrong, %zu-bit sizes\n", count, wrong, sizeof(size_t) * 8);
    return wrong == 0 ? 0 : 1;
}

int main(int argc, char **argv) {
    if (argc == 1) return check_corpus();
    if (argc == 2) return write_corpus(argv[1]);
    fprintf(stderr, "usage: gguf_corpus [DIR]\n");
    return 2;
}
