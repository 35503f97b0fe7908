/* Tokenisers against the published ones. The published files are not part of the project: they are read from
 * ../shared beside it (or $LOGITSCOPE_SHARED), those of Llama and Mistral from build/tokenizers (or
 * $LOGITSCOPE_TOKENIZERS), where tests/golden/tokenizer/fetch.sh puts them; where they are absent the tests are
 * skipped, saying so. Expected ids: tests/golden/tokenizer/reference.tsv, and the prompts of the published lens
 * grids. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "support/json_vocab.h"

typedef struct published {
    const char *name;    /* folder under data/tokenizers */
    const char *pre;     /* what a GGUF file of it says */
    uint32_t bos;        /* put in front, or LS_NO_TOKEN */
    unsigned column;     /* in reference.tsv */
    const char *grid[2]; /* files under data/lens-grids */
    int nfc;
    int parts;       /* vocab.json, merges.txt and tokenizer_config.json instead of tokenizer.json */
    int fetched;     /* by fetch.sh */
    int file_scores; /* SentencePiece: scores as the model's own file has them, not by the order of merges */
} published;

static published gpt2 = {.name = "gpt2", .pre = "gpt-2", .bos = LS_NO_TOKEN, .grid = {"gpt2"}};
static published opt = {.name = "opt-125m", .pre = "gpt-2", .bos = 2, .column = 1, .grid = {"opt-125m"}};
static published pythia = {.name = "pythia",
                           .pre = "olmo",
                           .bos = LS_NO_TOKEN,
                           .column = 2,
                           .grid = {"pythia-70m", "pythia-160m"},
                           .nfc = 1};
static published smollm2 = {
    .name = "smollm2", .pre = "smollm", .bos = LS_NO_TOKEN, .column = 3, .grid = {"smollm2-135m"}};
static published qwen = {
    .name = "qwen3", .pre = "qwen2", .bos = LS_NO_TOKEN, .column = 4, .nfc = 1, .parts = 1};
static published mistral = {.name = "mistral", .pre = "default", .bos = 1, .column = 5, .fetched = 1};
static published mistral_scores = {
    .name = "mistral", .pre = "default", .bos = 1, .column = 5, .fetched = 1, .file_scores = 1};
static published llama2 = {.name = "llama2", .pre = "default", .bos = 1, .column = 7, .fetched = 1};
static published llama2_scores = {
    .name = "llama2", .pre = "default", .bos = 1, .column = 7, .fetched = 1, .file_scores = 1};
/* The published file puts no <|begin_of_text|> in front. */
static published llama3 = {.name = "llama3", .pre = "llama-bpe", .bos = LS_NO_TOKEN, .column = 6, .fetched = 1};

typedef struct setup {
    ls_arena arena;
    ls_vocab vocab;
    const ls_bpe *bpe;
    ls_error err;
} setup;

static const char *shared_path(const char *folder, const char *name, const char *end) {
    static char path[1024];
    const char *root = getenv("LOGITSCOPE_SHARED");
    snprintf(path, sizeof path, "%s/data/%s/%s%s", root != NULL ? root : "../shared", folder, name, end);
    return path;
}

static const char *fetched_path(const char *name) {
    static char path[1024];
    const char *root = getenv("LOGITSCOPE_TOKENIZERS");
    snprintf(path, sizeof path, "%s/%s/tokenizer.json", root != NULL ? root : "build/tokenizers", name);
    return path;
}

static void skip_without(setup *s, const char *path) {
    print_message("SKIPPED: %s\n", path);
    ls_arena_clear(&s->arena);
    skip();
}

/* Purpose: a whole file; skips the test where it is absent. */
static ls_str must_read(setup *s, const char *path) {
    ls_str text = {NULL, 0};
    if (!json_vocab_available()) skip_without(s, "built without jsmn.h (Debian: libjsmn-dev)");
    text.bytes = read_whole_file(path, &s->arena, &text.length);
    if (text.bytes == NULL) skip_without(s, path);
    return text;
}

/* As in the model's own file: by id, but for the runs of spaces, which come after everything else and are
 * equal. */
static void set_file_scores(ls_vocab *vocab, ls_arena *arena) {
    float *scores = NULL;
    assert_int_equal(ls_arena_alloc(arena, vocab->count, sizeof *scores, "scores", &scores, NULL), LS_OK);
    for (uint64_t id = 0; id < vocab->count; id++) {
        ls_str token = vocab->tokens[id];
        size_t marks = 0;
        while (3 * marks + 2 < token.length && memcmp(token.bytes + 3 * marks, "\u2581", 3) == 0) marks++;
        scores[id] = id < 259 ? 0 : marks > 1 && 3 * marks == token.length ? -1e9f : -(float)(id - 259);
    }
    vocab->scores = scores;
}

/* Purpose: the tokeniser of a published file; skips the test where the file is absent. */
static void open_published(const published *p, setup *s) {
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&s->arena, &allocator);
    if (p->parts) {
        ls_str vocab = must_read(s, shared_path("tokenizers", p->name, "/vocab.json"));
        ls_str merges = must_read(s, shared_path("tokenizers", p->name, "/merges.txt"));
        ls_str settings = must_read(s, shared_path("tokenizers", p->name, "/tokenizer_config.json"));
        assert_int_equal(json_vocab_read_parts(vocab, merges, settings, &s->arena, &s->vocab), 0);
    } else {
        ls_str json = must_read(s, p->fetched ? fetched_path(p->name)
                                              : shared_path("tokenizers", p->name, "/tokenizer.json"));
        assert_int_equal(json_vocab_read(json.bytes, json.length, &s->arena, &s->vocab), 0);
        assert_int_equal(json_vocab_has_nfc(json.bytes, json.length, &s->arena), p->nfc);
    }
    if (p->file_scores) set_file_scores(&s->vocab, &s->arena);
    s->vocab.pre = (ls_str){p->pre, strlen(p->pre)};
    s->vocab.bos = p->bos;
    s->vocab.add_bos = p->bos != LS_NO_TOKEN;
    s->vocab.space_prefix = -1;
    ls_status status = ls_bpe_create(&s->vocab, &s->arena, &s->bpe, &s->err);
    if (status != LS_OK) fail_msg("%s", s->err.message);
    assert_int_equal(ls_bpe_vocab(s->bpe), s->vocab.count);
}

/* ---- reference.tsv ---------------------------------------------------------------------------------- */

/* Purpose: undo the escapes of n bytes at `shown`; returns the length. */
static size_t unescape(const char *shown, size_t n, char *out) {
    size_t used = 0;
    for (size_t at = 0; at < n;) {
        if (shown[at] != '\\') {
            out[used++] = shown[at++];
            continue;
        }
        static const char from[] = "nrt\\", to[] = "\n\r\t\\";
        char kind = shown[at + 1];
        at += 2;
        if (kind == 'u') {
            char *end = NULL;
            used += ls_utf8_encode((uint32_t)strtoul(shown + at + 1, &end, 16), out + used);
            at = (size_t)(end - shown) + 1;
        } else {
            out[used++] = to[strchr(from, kind) - from];
        }
    }
    return used;
}

/* Purpose: the text that a line stands for, in `arena`. */
static ls_str line_text(const char *shown, size_t n, ls_arena *arena) {
    char *out = NULL, before[64], after[64];
    if (n == 0 || shown[0] != '@') {
        assert_int_equal(ls_arena_alloc(arena, n, 1, "a line", &out, NULL), LS_OK);
        return (ls_str){out, unescape(shown, n, out)};
    }
    char *at = NULL;
    uint32_t first = (uint32_t)strtoul(shown + 1, &at, 16), last = (uint32_t)strtoul(at + 1, &at, 16);
    const char *open = at + 2, *close = strchr(open, '/');
    size_t before_length = unescape(open, (size_t)(close - open), before), used = 0;
    open = close + 3;
    size_t after_length = unescape(open, (size_t)(strchr(open, '/') - open), after);
    size_t each = before_length + 4 + after_length;
    assert_int_equal(ls_arena_alloc(arena, last - first + 1, each, "a line", &out, NULL), LS_OK);
    for (uint32_t code = first; code <= last; code++) {
        memcpy(out + used, before, before_length);
        used += before_length;
        used += ls_utf8_encode(code, out + used);
        memcpy(out + used, after, after_length);
        used += after_length;
    }
    return (ls_str){out, used};
}

static uint64_t hash_ids(const uint32_t *ids, size_t n) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < 4 * n; i++) hash = (hash ^ (ids[i / 4] >> i % 4 * 8 & 0xff)) * 0x100000001b3u;
    return hash;
}

/* Purpose: whether ids are what a column says: the ids, or #COUNT:HASH. */
static int agrees(const char *column, const uint32_t *ids, size_t n) {
    char *end = NULL;
    if (column[0] == '#') {
        unsigned long long count = strtoull(column + 1, &end, 10), hash = strtoull(end + 1, NULL, 16);
        return count == n && hash == hash_ids(ids, n);
    }
    for (size_t i = 0; i < n; i++, column = end)
        if (strtoul(column, &end, 10) != ids[i] || end == column) return 0;
    return *column == '\t' || *column == '\n';
}

static void print_difference(size_t line, const char *column, const uint32_t *ids, size_t n) {
    print_error("line %zu: expected %.*s, got", line, (int)strcspn(column, "\t\n"), column);
    for (size_t i = 0; i < n && i < 12; i++) print_error(" %lu", (unsigned long)ids[i]);
    print_error(" (%zu ids, #%zu:%016llx)\n", n, n, (unsigned long long)hash_ids(ids, n));
}

/* Purpose: compare one line; returns 1 when it differs. */
static int check_line(const setup *s, const char *line, size_t number, unsigned column) {
    ls_arena scratch;
    ls_arena_init(&scratch, &s->arena.allocator);
    ls_str text = line_text(line, strcspn(line, "\t"), &scratch);
    for (unsigned i = 0; i <= column; i++) line = strchr(line, '\t') + 1;
    uint32_t *ids = NULL;
    size_t count = 0;
    ls_error err;
    ls_status status = ls_bpe_encode(s->bpe, text.bytes, text.length, &scratch, &ids, &count, &err);
    int differs = status != LS_OK || !agrees(line, ids, count);
    if (differs && status != LS_OK)
        print_error("line %zu: %s\n", number, err.message);
    else if (differs)
        print_difference(number, line, ids, count);
    ls_arena_clear(&scratch);
    return differs;
}

static void reference_corpus(void **state) {
    const published *p = *state;
    setup s;
    open_published(p, &s);
    size_t length = 0, number = 0, compared = 0, different = 0;
    char *file = read_whole_file("tests/golden/tokenizer/reference.tsv", &s.arena, &length);
    assert_non_null(file);
    for (char *line = file; *line != '\0'; line = strchr(line, '\n') + 1) {
        number++;
        if (*line == ';') continue;
        compared++;
        different += (size_t)check_line(&s, line, number, p->column);
    }
    print_message("%s: %zu lines compared, %zu differ\n", p->name, compared, different);
    ls_arena_clear(&s.arena);
    assert_true(compared >= 5000);
    assert_int_equal(different, 0);
}

/* ---- prompts of the lens grids ---------------------------------------------------------------------- */

/* The files are plain: every prompt is {"text":"...","ids":[...],"top":... */
static unsigned check_prompts(const setup *s, const char *json) {
    static const char text_key[] = "{\"text\":\"", ids_key[] = "\",\"ids\":[";
    unsigned prompts = 0;
    for (const char *at = json; (at = strstr(at, text_key)) != NULL; prompts++) {
        at += sizeof text_key - 1;
        const char *end = strstr(at, ids_key), *number = end + sizeof ids_key - 1;
        ls_arena scratch;
        ls_arena_init(&scratch, &s->arena.allocator);
        ls_str text = line_text(at, (size_t)(end - at), &scratch);
        uint32_t *ids = NULL;
        size_t count = 0;
        assert_int_equal(ls_bpe_encode(s->bpe, text.bytes, text.length, &scratch, &ids, &count, NULL), LS_OK);
        for (size_t i = 0; i < count; i++) {
            char *next = NULL;
            assert_int_equal(ids[i], strtoul(number, &next, 10));
            assert_int_equal(*next, i + 1 < count ? ',' : ']');
            number = next + 1;
        }
        ls_arena_clear(&scratch);
    }
    return prompts;
}

static void grid_prompts(void **state) {
    const published *p = *state;
    setup s;
    open_published(p, &s);
    for (size_t i = 0; i < 2 && p->grid[i] != NULL; i++) {
        size_t length = 0;
        char *json = read_whole_file(shared_path("lens-grids", p->grid[i], ".json"), &s.arena, &length);
        assert_non_null(json);
        unsigned prompts = check_prompts(&s, json);
        print_message("%s: %u prompts compared\n", p->grid[i], prompts);
        assert_true(prompts > 0);
    }
    ls_arena_clear(&s.arena);
}

/* ---- bytes ------------------------------------------------------------------------------------------ */

/* Without a normaliser, or where it changes nothing, the bytes of the tokens of a text are the text; in
 * SentencePiece, a space and the text. */
static void round_trip(void **state) {
    static const char text[] =
        " It's 3\u00bd o'clock,\r\n\t\tna\u00efve\u3000\u4f60\u597d \U0001f600\U0001f3fd<|endoftext|>!";
    setup s;
    open_published(*state, &s);
    uint32_t *ids = NULL;
    size_t count = 0, used = s.vocab.scores != NULL ? 0 : 1;
    assert_int_equal(ls_bpe_encode(s.bpe, text + 1, sizeof text - 2, &s.arena, &ids, &count, NULL), LS_OK);
    for (size_t i = s.vocab.add_bos ? 1 : 0; i < count; i++) {
        size_t length = 0;
        const char *bytes = ls_bpe_bytes(s.bpe, ids[i], &length);
        assert_true(used + length <= sizeof text - 1);
        assert_memory_equal(text + used, bytes, length);
        used += length;
    }
    assert_int_equal(used, sizeof text - 1);
    ls_arena_clear(&s.arena);
}

#define CASE(test, p)                                                                                          \
    { #test " " #p, test, NULL, NULL, &(p) }

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(reference_corpus, gpt2),
        CASE(reference_corpus, opt),
        CASE(reference_corpus, pythia),
        CASE(reference_corpus, smollm2),
        CASE(reference_corpus, qwen),
        CASE(reference_corpus, llama2),
        CASE(reference_corpus, llama2_scores),
        CASE(reference_corpus, mistral),
        CASE(reference_corpus, mistral_scores),
        CASE(reference_corpus, llama3),
        CASE(grid_prompts, gpt2),
        CASE(grid_prompts, opt),
        CASE(grid_prompts, pythia),
        CASE(grid_prompts, smollm2),
        CASE(round_trip, gpt2),
        CASE(round_trip, opt),
        CASE(round_trip, pythia),
        CASE(round_trip, smollm2),
        CASE(round_trip, qwen),
        CASE(round_trip, llama2),
        CASE(round_trip, llama3),
        CASE(round_trip, mistral),
    };
    return cmocka_run_group_tests_name("published tokenisers", tests, NULL, NULL);
}
