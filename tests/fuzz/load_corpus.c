/* load_corpus DIR     writes small whole models as DIR/NAME.gguf, sound ones and those that are wrong by name:
 * what fuzz_load starts from, beside models of tests/golden/fixtures. */
#include <stdio.h>

#include "quant/types.h"
#include "support/model_cases.h"
#include "support/tiny_model.h"

/* Writes the file and frees the builder. */
static int write_file(const char *directory, const char *name, gguf_builder *b) {
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s.gguf", directory, name);
    FILE *file = fopen(path, "wb");
    int good = file != NULL && fwrite(b->file.bytes, 1, b->file.length, file) == b->file.length;
    if (file != NULL && fclose(file) != 0) good = 0;
    gb_free(b);
    if (!good) fprintf(stderr, "load_corpus: cannot write %s\n", path);
    return good;
}

int main(int count, char **arguments) {
    static const char *const families[] = {"gpt2", "gptneox"};
    static const struct {
        uint32_t width, type;
    } kinds[] = {{8, LS_GGML_F32}, {8, LS_GGML_F16}, {32, LS_GGML_Q8_0}, {32, LS_GGML_Q4_1}};
    int good = count == 2;
    if (!good) fprintf(stderr, "usage: load_corpus DIR\n");
    for (size_t i = 0; good && i < 8; i++) {
        tiny_model model = tiny_model_default();
        model.family = model.says = families[i / 4];
        model.width = model.feed_forward = kinds[i % 4].width;
        model.type = kinds[i % 4].type;
        gguf_builder b;
        char name[64];
        tiny_model_build(&model, &b);
        (void)snprintf(name, sizeof name, "%s-%u-%u", model.family, model.width, model.type);
        good = write_file(arguments[1], name, &b);
    }
    for (size_t i = 0; good && model_case_at(i) != NULL; i++) {
        gguf_builder b;
        model_case_build(model_case_at(i), &b);
        good = write_file(arguments[1], model_case_at(i)->name, &b);
    }
    return good ? 0 : 1;
}
