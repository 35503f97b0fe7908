/* Include arrows point down only. Reads the #include lines of core/ and holds each against the order of the
 * folders. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <dirent.h>

#include <cmocka.h>

/* Folders by height: a file may include its own folder and lower ones. Where `only` is set, the lower files
 * that it may include are those whose path begins with one of these words. */
typedef struct folder {
    const char *name;
    int height;
    const char *only[4];
} folder;

static const folder folders[] = {
    {"include", 0, {"-"}}, /* the public header stands alone */
    {"cli", 0, {"-"}},     /* and is all that the command line sees */
    {"base", 0, {NULL}},
    {"kernels", 1, {NULL}},
    {"quant", 2, {NULL}},
    {"gguf", 3, {"base/", "quant/types.h"}}, /* a container knows no computation */
    {"text", 3, {"base/"}},
    {"model", 4, {NULL}},
    {"lens", 5, {NULL}},
    {"measure", 6, {"base/", "lens/points.h"}}, /* columns, no model */
    {"report", 7, {NULL}},
    {"experiment", 7, {NULL}},
    {"verify", 8, {"base/", "report/text.h"}}, /* a grid and its tally, no model */
    {"api", 9, {NULL}},
};

static const folder *find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (strlen(folders[i].name) == length && strncmp(folders[i].name, name, length) == 0)
            return &folders[i];
    return NULL;
}

/* Whether a file of `from` may include `path`, as written between the quotes. */
static int is_allowed(const folder *from, const char *path) {
    const char *slash = strchr(path, '/');
    if (strcmp(path, "logitscope.h") == 0) return 1;
    if (slash == NULL) return strcmp(from->name, "cli") == 0 && strcmp(path, "cli.h") == 0;
    const folder *to = find(path, (size_t)(slash - path));
    if (to == from && strcmp(from->name, "include") != 0) return 1;
    if (to == NULL || to->height >= from->height) return 0;
    if (from->only[0] == NULL) return 1;
    for (size_t i = 0; i < 4 && from->only[i] != NULL; i++)
        if (strncmp(path, from->only[i], strlen(from->only[i])) == 0) return 1;
    return 0;
}

/* The path of an include line in quotes or angles, in place; NULL for any other line. */
static char *included(char *line) {
    char *at = line + strspn(line, " \t");
    if (*at++ != '#') return NULL;
    at += strspn(at, " \t");
    if (strncmp(at, "include", 7) != 0) return NULL;
    at += 7 + strspn(at + 7, " \t");
    if (*at != '"' && *at != '<') return NULL;
    char *end = strchr(at + 1, *at == '"' ? '"' : '>');
    if (end == NULL) return NULL;
    *end = '\0';
    /* <stdio.h> and the like are none of ours; <model/network.h> would be. */
    char *slash = strchr(at, '/');
    if (*at == '<' && (slash == NULL || find(at + 1, (size_t)(slash - at - 1)) == NULL)) return NULL;
    return at + 1;
}

static size_t check_file(const folder *from, const char *path) {
    char line[512];
    size_t arrows = 0, number = 0;
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        char *target = included(line);
        number++;
        if (target == NULL) continue;
        if (!is_allowed(from, target))
            fail_msg("%s:%zu: %s may not include %s", path, number, from->name, target);
        arrows++;
    }
    fclose(file);
    return arrows;
}

static size_t check_folder(const folder *from) {
    char path[512];
    size_t arrows = 0;
    snprintf(path, sizeof path, "core/%s", from->name);
    DIR *directory = opendir(path);
    assert_non_null(directory);
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        const char *ending = strrchr(entry->d_name, '.');
        if (ending == NULL || (strcmp(ending, ".c") != 0 && strcmp(ending, ".h") != 0)) continue;
        snprintf(path, sizeof path, "core/%s/%s", from->name, entry->d_name);
        arrows += check_file(from, path);
    }
    closedir(directory);
    return arrows;
}

static void test_core(void **state) {
    (void)state;
    size_t arrows = 0;
    DIR *core = opendir("core");
    if (core == NULL) fail_msg("core/ is not here (tests run in the top folder)");
    for (struct dirent *entry; (entry = readdir(core)) != NULL;) {
        if (strchr(entry->d_name, '.') != NULL) continue; /* files, and the folders . and .. */
        const folder *from = find(entry->d_name, strlen(entry->d_name));
        if (from == NULL) fail_msg("core/%s has no height in this test", entry->d_name);
        arrows += check_folder(from);
    }
    closedir(core);
    assert_true(arrows > 150); /* so many were found; none would mean that nothing was read */
}

static int allowed(const char *from, const char *path) { return is_allowed(find(from, strlen(from)), path); }

/* The check must be able to fail. */
static void test_rules(void **state) {
    (void)state;
    assert_true(allowed("api", "measure/measure.h") && allowed("api", "text/tokenizer.h"));
    assert_true(allowed("lens", "model/network.h") && allowed("model", "gguf/gguf.h"));
    assert_true(allowed("measure", "lens/points.h") && allowed("measure", "logitscope.h"));
    assert_true(allowed("cli", "cli.h") && allowed("cli", "logitscope.h"));
    assert_false(allowed("measure", "lens/lens.h") || allowed("measure", "model/network.h"));
    assert_false(allowed("model", "lens/points.h") || allowed("model", "api/objects.h"));
    assert_false(allowed("text", "gguf/gguf.h") || allowed("gguf", "text/tokenizer.h"));
    assert_false(allowed("gguf", "quant/matrix.h") || allowed("base", "kernels/kernels.h"));
    assert_false(allowed("cli", "base/str.h") || allowed("cli", "api/objects.h"));
    assert_false(allowed("include", "base/str.h") || allowed("base", "nowhere/at_all.h"));
    assert_false(allowed("model", "slots.h") || allowed("model", "../lens/lens.h"));
}

static void test_lines(void **state) {
    (void)state;
    static const struct {
        const char *line, *path;
    } lines[] = {{"#include \"base/str.h\"\n", "base/str.h"},
                 {"  #  include\t\"model/network.h\" /* why */\n", "model/network.h"},
                 {"#include <model/network.h>\n", "model/network.h"},
                 {"#include <sys/stat.h>\n", NULL},
                 {"#include <stdio.h>\n", NULL},
                 {"#define include \"base/str.h\"\n", NULL},
                 {"int include;\n", NULL}};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        char line[80];
        strcpy(line, lines[i].line);
        const char *path = included(line);
        assert_int_equal(path == NULL, lines[i].path == NULL);
        if (path != NULL) assert_string_equal(path, lines[i].path);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_core),
        cmocka_unit_test(test_rules),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
