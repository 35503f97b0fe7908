/* SentencePiece BPE with small vocabularies: the order of merges, bytes, spaces, added tokens, and vocabularies
 * that do not fit together. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/debug_allocator.h"
#include "support/spm_vocab.h"

/* One vocabulary, its tokeniser and the last text that went through it. */
typedef struct bench {
    spm_vocab spm;
    debug_allocator debug;
    ls_arena arena;
    const ls_bpe *bpe;
    uint32_t *ids;
    size_t count;
    ls_error err;
} bench;

static void open_bench(bench *b) {
    memset(b, 0, sizeof *b);
    spm_vocab_init(&b->spm);
    ls_allocator allocator = debug_allocator_open(&b->debug);
    ls_arena_init(&b->arena, &allocator);
}

static void create(bench *b) {
    if (ls_bpe_create(&b->spm.small.vocab, &b->arena, &b->bpe, &b->err) != LS_OK)
        fail_msg("%s", b->err.message);
}

static void close_bench(bench *b) {
    ls_arena_clear(&b->arena);
    assert_int_equal(b->debug.live, 0);
}

/* Purpose: encode and compare with the ids in `expected`, after bos. */
static void check(bench *b, const char *text, size_t n, const uint32_t *expected, size_t count) {
    assert_int_equal(ls_bpe_encode(b->bpe, text, n, &b->arena, &b->ids, &b->count, &b->err), LS_OK);
    assert_int_equal(b->count, 1 + count);
    assert_int_equal(b->ids[0], SPM_BOS);
    for (size_t i = 0; i < count; i++) assert_int_equal(b->ids[1 + i], expected[i]);
}

#define CHECK_BYTES(b, text, n, ...)                                                                           \
    check(b, text, n, (const uint32_t[]){__VA_ARGS__},                                                         \
          sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))
#define CHECK(b, text, ...) CHECK_BYTES(b, text, strlen(text), __VA_ARGS__)

/* ---- encoding --------------------------------------------------------------------------------------- */

static void the_best_score_goes_first(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    b.spm.small.vocab.space_prefix = 0;
    uint32_t a = spm_vocab_piece(&b.spm, "a", -9), bb = spm_vocab_piece(&b.spm, "b", -9);
    uint32_t c = spm_vocab_piece(&b.spm, "c", -9), ab = spm_vocab_piece(&b.spm, "ab", -2);
    uint32_t bc = spm_vocab_piece(&b.spm, "bc", -1), abc = spm_vocab_piece(&b.spm, "abc", -3);
    create(&b);
    CHECK(&b, "abc", abc); /* a + bc reads the same as ab + c */
    CHECK(&b, "bcc", bc, c);
    CHECK(&b, "aab", a, ab);
    CHECK(&b, "abbc", ab, bc);
    CHECK(&b, "cb", c, bb);
    close_bench(&b);
}

static void of_equal_scores_the_leftmost(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    b.spm.small.vocab.space_prefix = 0;
    uint32_t a = spm_vocab_piece(&b.spm, "a", 0), bb = spm_vocab_piece(&b.spm, "b", 0);
    uint32_t ba = spm_vocab_piece(&b.spm, "ba", -1), ab = spm_vocab_piece(&b.spm, "ab", -1);
    create(&b);
    CHECK(&b, "aba", ab, a);
    CHECK(&b, "bab", ba, bb);
    CHECK(&b, "aabb", a, ab, bb);
    close_bench(&b);
}

static void an_infinite_score_is_an_order_too(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    b.spm.small.vocab.space_prefix = 0;
    uint32_t a = spm_vocab_piece(&b.spm, "a", 0), c = spm_vocab_piece(&b.spm, "c", 0);
    spm_vocab_piece(&b.spm, "b", 0);
    spm_vocab_piece(&b.spm, "ab", -INFINITY);
    uint32_t bc = spm_vocab_piece(&b.spm, "bc", -1e30f);
    create(&b);
    CHECK(&b, "abcc", a, bc, c);
    close_bench(&b);
}

static void characters_without_token_fall_back_to_bytes(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    uint32_t space = spm_vocab_piece(&b.spm, "\u2581", -9), a = spm_vocab_piece(&b.spm, "a", -9);
    uint32_t e = spm_vocab_piece(&b.spm, "\u00e9", -9);
    create(&b);
    CHECK(&b, "a\u00e9\u00e8", space, a, e, SPM_BYTES + 0xc3, SPM_BYTES + 0xa8);
    CHECK(&b, "\n", space, SPM_BYTES + '\n');
    CHECK_BYTES(&b, "\0a", 2, space, SPM_BYTES, a);
    /* The name of a byte in a text is no byte. */
    CHECK(&b, "<0x", space, SPM_BYTES + '<', SPM_BYTES + '0', SPM_BYTES + 'x');
    close_bench(&b);
}

static void pieces_that_merge_into_the_name_of_a_byte_do_not(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    b.spm.small.vocab.space_prefix = 0;
    uint32_t front = spm_vocab_piece(&b.spm, "<0x0", 0), back = spm_vocab_piece(&b.spm, "A>", 0);
    spm_vocab_piece(&b.spm, "<", 0), spm_vocab_piece(&b.spm, "0", 0), spm_vocab_piece(&b.spm, "x", 0);
    spm_vocab_piece(&b.spm, "A", 0), spm_vocab_piece(&b.spm, ">", 0);
    spm_vocab_piece(&b.spm, "<0", 0), spm_vocab_piece(&b.spm, "<0x", 0);
    create(&b);
    CHECK(&b, "<0x0A>", front, back);
    close_bench(&b);
}

static void spaces_and_the_mark(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    uint32_t space = spm_vocab_piece(&b.spm, "\u2581", -9), a = spm_vocab_piece(&b.spm, "a", -9);
    uint32_t space_a = spm_vocab_piece(&b.spm, "\u2581a", -1);
    create(&b);
    CHECK(&b, "a", space_a);
    CHECK(&b, " a", space, space_a);
    CHECK(&b, "a a", space_a, space_a);
    CHECK(&b, "\u2581a", space, space_a);
    CHECK(&b, "aa ", space_a, a, space);
    close_bench(&b);
}

static void an_empty_text_is_bos_alone(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    spm_vocab_words(&b.spm);
    create(&b);
    check(&b, "", 0, NULL, 0);
    assert_int_equal(ls_bpe_bos(b.bpe), SPM_BOS);
    close_bench(&b);
}

static void added_tokens_start_a_text_anew(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    uint32_t a = spm_vocab_piece(&b.spm, "a", -9), space = spm_vocab_piece(&b.spm, "\u2581", -9);
    uint32_t space_a = spm_vocab_piece(&b.spm, "\u2581a", -1), user = spm_vocab_piece(&b.spm, "[x]", 0);
    b.spm.small.types[user] = LS_TOKEN_USER;
    create(&b);
    CHECK(&b, "a</s>a", space_a, SPM_EOS, space_a);
    CHECK(&b, "</s></s>", SPM_EOS, SPM_EOS);
    CHECK(&b, "a [x] a", space_a, space, user, space, space_a);
    CHECK(&b, "<unk>a", SPM_UNKNOWN, space_a);
    b.spm.small.vocab.space_prefix = 0;
    create(&b);
    CHECK(&b, "a</s>a", a, SPM_EOS, a);
    close_bench(&b);
}

static void bos_and_space_as_the_file_says(void **state) {
    (void)state;
    static const struct {
        int add_bos, space_prefix;
        size_t count;
    } cases[] = {{-1, -1, 3}, {1, 1, 3}, {0, 1, 2}, {1, 0, 2}, {0, 0, 1}, {-1, 0, 2}, {0, -1, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        bench b;
        open_bench(&b);
        spm_vocab_piece(&b.spm, "\u2581", 0);
        b.spm.small.vocab.add_bos = cases[i].add_bos;
        b.spm.small.vocab.space_prefix = cases[i].space_prefix;
        create(&b);
        assert_int_equal(ls_bpe_encode(b.bpe, "a", 1, &b.arena, &b.ids, &b.count, &b.err), LS_OK);
        assert_int_equal(b.count, cases[i].count);
        close_bench(&b);
    }
    bench b; /* nothing said, and none there */
    open_bench(&b);
    b.spm.small.vocab.bos = LS_NO_TOKEN;
    create(&b);
    assert_int_equal(ls_bpe_bos(b.bpe), LS_NO_TOKEN);
    close_bench(&b);
}

static void tokens_stand_for_bytes(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    uint32_t space_a = spm_vocab_piece(&b.spm, "\u2581a\u2581", 0),
             cut = spm_vocab_piece(&b.spm, "\xe2\x96", 0);
    create(&b);
    size_t length = 0;
    assert_memory_equal(ls_bpe_bytes(b.bpe, space_a, &length), " a ", 3);
    assert_int_equal(length, 3);
    assert_memory_equal(ls_bpe_bytes(b.bpe, cut, &length), "\xe2\x96", 2);
    assert_int_equal(length, 2);
    assert_memory_equal(ls_bpe_bytes(b.bpe, SPM_EOS, &length), "</s>", 4);
    assert_int_equal(length, 4);
    for (uint32_t byte = 0; byte < 256; byte++) {
        assert_int_equal((unsigned char)*ls_bpe_bytes(b.bpe, SPM_BYTES + byte, &length), byte);
        assert_int_equal(length, 1);
    }
    close_bench(&b);
}

static void text_that_is_refused(void **state) {
    (void)state;
    bench b;
    open_bench(&b);
    spm_vocab_piece(&b.spm, "\u2581", 0);
    b.spm.small.types[SPM_BYTES + 'q'] = LS_TOKEN_UNUSED;
    create(&b);
    assert_int_equal(ls_bpe_encode(b.bpe, "ab\xff", 3, &b.arena, &b.ids, &b.count, &b.err), LS_ERR_ENCODING);
    assert_int_equal(b.err.offset, 2);
    assert_int_equal(ls_bpe_encode(b.bpe, "abq", 3, &b.arena, &b.ids, &b.count, &b.err), LS_ERR_MISSING);
    assert_non_null(strstr(b.err.message, "0x71"));
    CHECK(&b, "x", 259, SPM_BYTES + 'x');
    close_bench(&b);
}

/* The definition, by hand: again and again, the best pair of all, the leftmost of equals. */
static size_t merge_by_definition(const spm_vocab *spm, uint32_t *ids, size_t n) {
    const small_vocab *small = &spm->small;
    for (;;) {
        uint32_t best = LS_NO_TOKEN;
        size_t place = 0;
        for (size_t i = 0; i + 1 < n; i++) {
            ls_str l = small->tokens[ids[i]], r = small->tokens[ids[i + 1]];
            for (uint32_t id = 259; id < small->vocab.count; id++) {
                ls_str t = small->tokens[id];
                int reads = t.length == l.length + r.length && memcmp(t.bytes, l.bytes, l.length) == 0 &&
                            memcmp(t.bytes + l.length, r.bytes, r.length) == 0;
                if (!reads || (best != LS_NO_TOKEN && spm->scores[id] <= spm->scores[best])) continue;
                best = id;
                place = i;
            }
        }
        if (best == LS_NO_TOKEN) return n;
        ids[place] = best;
        memmove(ids + place + 1, ids + place + 2, (n - place - 2) * sizeof *ids);
        n--;
    }
}

static uint32_t roll(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

/* Purpose: a vocabulary of pieces over a, b and c; some have equal scores. */
static void random_pieces(spm_vocab *spm, uint32_t *seed) {
    uint32_t made[36];
    for (unsigned i = 0; i < 36; i++) {
        char text[16] = {(char)('a' + i), '\0'};
        if (i >= 3) {
            ls_str l = spm->small.tokens[made[roll(seed) % i]], r = spm->small.tokens[made[roll(seed) % i]];
            if (l.length + r.length > 12) l.length = r.length = 1;
            memcpy(text, l.bytes, l.length);
            memcpy(text + l.length, r.bytes, r.length);
            text[l.length + r.length] = '\0';
        }
        made[i] = LS_NO_TOKEN;
        for (uint32_t id = 0; id < spm->small.vocab.count; id++)
            if (ls_str_equal(spm->small.tokens[id], (ls_str){text, strlen(text)})) made[i] = id;
        if (made[i] == LS_NO_TOKEN) made[i] = spm_vocab_piece(spm, text, -(float)(roll(seed) % 9));
    }
}

static void heap_agrees_with_the_definition(void **state) {
    (void)state;
    uint32_t seed = 7;
    for (unsigned round = 0; round < 60; round++) {
        bench b;
        open_bench(&b);
        b.spm.small.vocab.space_prefix = 0;
        random_pieces(&b.spm, &seed);
        create(&b);
        for (unsigned text = 0; text < 40; text++) {
            char letters[64];
            uint32_t expected[64];
            size_t n = 1 + roll(&seed) % 63;
            for (size_t i = 0; i < n; i++) {
                letters[i] = (char)('a' + roll(&seed) % 3);
                expected[i] = 259 + (uint32_t)(letters[i] - 'a');
            }
            check(&b, letters, n, expected, merge_by_definition(&b.spm, expected, n));
        }
        close_bench(&b);
    }
}

/* ---- vocabularies that do not fit together ---------------------------------------------------------- */

typedef struct vocab_case {
    const char *name;
    void (*spoil)(spm_vocab *spm);
    ls_status status;
    const char *message; /* a part of it; NULL when accepted */
} vocab_case;

static void nothing(spm_vocab *s) { (void)s; }
static void byte_negative(spm_vocab *s) { s->small.tokens[7] = LS_STR("<0x-1>"); }
static void byte_no_digits(spm_vocab *s) { s->small.tokens[7] = LS_STR("<0xZZ>"); }
static void byte_one_digit(spm_vocab *s) { s->small.tokens[7] = LS_STR("<0x4>"); }
static void byte_three_digits(spm_vocab *s) { s->small.tokens[7] = LS_STR("<0x100>"); }
static void byte_empty(spm_vocab *s) { s->small.tokens[7] = LS_STR(""); }
static void byte_unclosed(spm_vocab *s) { s->small.tokens[7] = LS_STR("<0x04 "); }
static void byte_capital_x(spm_vocab *s) { s->small.tokens[7] = LS_STR("<0X04>"); }
static void byte_small_letters(spm_vocab *s) { s->small.tokens[SPM_BYTES + 0xab] = LS_STR("<0xab>"); }
static void byte_twice(spm_vocab *s) {
    uint32_t id = spm_vocab_piece(s, "<0xab>", 0);
    s->small.types[id] = LS_TOKEN_BYTE;
}
static void byte_name_of_a_normal_token(spm_vocab *s) { spm_vocab_piece(s, "<0xZZ>", 0); }
static void byte_name_without_types(spm_vocab *s) {
    spm_vocab_piece(s, "<0xZZ>", 0);
    s->small.vocab.types = NULL;
}
static void bytes_missing(spm_vocab *s) {
    for (unsigned i = SPM_BYTES; i < 100; i++) s->small.types[i] = LS_TOKEN_UNUSED;
}
static void scores_missing(spm_vocab *s) { s->small.vocab.scores = NULL; }
static void scores_too_short(spm_vocab *s) { s->small.vocab.score_count--; }
static void scores_too_long(spm_vocab *s) { s->small.vocab.score_count++; }
static void scores_empty(spm_vocab *s) { s->small.vocab.score_count = 0; }
static void score_nan(spm_vocab *s) { s->scores[5] = NAN; }
static void score_infinite(spm_vocab *s) { s->scores[261] = INFINITY; }
static void types_too_short(spm_vocab *s) { s->small.vocab.type_count--; }
static void types_absent(spm_vocab *s) { s->small.vocab.types = NULL; }
static void type_beyond(spm_vocab *s) { s->small.types[9] = 7; }
static void bos_beyond(spm_vocab *s) { s->small.vocab.bos = 1 << 20; }
static void bos_asked_for(spm_vocab *s) {
    s->small.vocab.bos = LS_NO_TOKEN;
    s->small.vocab.add_bos = 1;
}
static void no_tokens(spm_vocab *s) {
    s->small.vocab.count = s->small.vocab.type_count = s->small.vocab.score_count = 0;
}
static void piece_twice(spm_vocab *s) { spm_vocab_piece(s, "abab", 0); }
static void piece_with_space(spm_vocab *s) { spm_vocab_piece(s, " ab", 0); }
static void piece_not_utf8(spm_vocab *s) { spm_vocab_piece(s, "\xff\xfe", 0); }
static void piece_empty(spm_vocab *s) { spm_vocab_piece(s, "", 0); }
static void pre_of_another(spm_vocab *s) { s->small.vocab.pre = LS_STR("gpt-2"); }

static vocab_case cases[] = {
    {"sound", nothing, LS_OK, NULL},
    {"byte token <0x-1>", byte_negative, LS_ERR_VALUE,
     "tokens[7] is a byte token, but \"<0x-1>\" names no byte"},
    {"byte token <0xZZ>", byte_no_digits, LS_ERR_VALUE, "\"<0xZZ>\" names no byte"},
    {"byte token of one digit", byte_one_digit, LS_ERR_VALUE, "\"<0x4>\" names no byte"},
    {"byte token of three digits", byte_three_digits, LS_ERR_VALUE, "\"<0x100>\" names no byte"},
    {"byte token empty", byte_empty, LS_ERR_VALUE, "\"\" names no byte"},
    {"byte token not closed", byte_unclosed, LS_ERR_VALUE, "names no byte"},
    {"byte token with a capital X", byte_capital_x, LS_ERR_VALUE, "names no byte"},
    {"byte token in small letters", byte_small_letters, LS_OK, NULL},
    {"byte token twice", byte_twice, LS_ERR_DUPLICATE, "both stand for the byte 0xab"},
    {"byte name of a normal token", byte_name_of_a_normal_token, LS_OK, NULL},
    {"byte name without types", byte_name_without_types, LS_OK, NULL},
    {"byte tokens missing", bytes_missing, LS_OK, NULL},
    {"scores missing", scores_missing, LS_ERR_MISSING, "tokenizer.ggml.scores is missing"},
    {"scores too short", scores_too_short, LS_ERR_VALUE, "scores has 297 items for 298 tokens"},
    {"scores too long", scores_too_long, LS_ERR_VALUE, "scores has 299 items for 298 tokens"},
    {"scores empty", scores_empty, LS_ERR_VALUE, "scores has 0 items"},
    {"score not a number", score_nan, LS_ERR_VALUE, "scores[5] is not a number"},
    {"score infinite", score_infinite, LS_OK, NULL},
    {"types too short", types_too_short, LS_ERR_VALUE, "token_type has 297 items for 298 tokens"},
    {"types absent", types_absent, LS_OK, NULL},
    {"type beyond", type_beyond, LS_ERR_VALUE, "token_type[9] is 7"},
    {"bos beyond", bos_beyond, LS_ERR_VALUE, "bos_token_id is 1048576"},
    {"bos asked for but absent", bos_asked_for, LS_ERR_MISSING, "there is no tokenizer.ggml.bos_token_id"},
    {"no tokens", no_tokens, LS_ERR_VALUE, "tokens is empty"},
    {"piece twice", piece_twice, LS_ERR_DUPLICATE, "are the same, \"abab\""},
    {"piece with a space", piece_with_space, LS_OK, NULL},
    {"piece not UTF-8", piece_not_utf8, LS_OK, NULL},
    {"piece empty", piece_empty, LS_OK, NULL},
    {"pre of another kind", pre_of_another, LS_OK, NULL},
};

static void check_case(void **state) {
    const vocab_case *c = *state;
    static spm_vocab spm;
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&arena, &allocator);
    spm_vocab_init(&spm);
    spm_vocab_words(&spm);
    c->spoil(&spm);
    const ls_bpe *bpe = NULL;
    ls_error err = {LS_OK, 0, ""};
    ls_status status = ls_bpe_create(&spm.small.vocab, &arena, &bpe, &err);
    assert_string_equal(ls_status_name(status), ls_status_name(c->status));
    if (c->message != NULL) {
        if (strstr(err.message, c->message) == NULL) fail_msg("\"%s\" lacks \"%s\"", err.message, c->message);
        assert_null(bpe);
    } else {
        uint32_t *ids = NULL;
        size_t count = 0;
        assert_int_equal(ls_bpe_encode(bpe, "abab \u00e8\u00e9", 9, &arena, &ids, &count, NULL), LS_OK);
    }
    ls_arena_clear(&arena);
}

static void every_refused_allocation_is_reported(void **state) {
    (void)state;
    static const char text[] =
        "abab</s> \u00e8 aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    uint64_t refused = 0;
    for (uint64_t fail_at = 1;; fail_at++) {
        bench b;
        open_bench(&b);
        spm_vocab_words(&b.spm);
        b.debug.fail_at = fail_at;
        ls_status status = ls_bpe_create(&b.spm.small.vocab, &b.arena, &b.bpe, &b.err);
        if (status == LS_OK)
            status = ls_bpe_encode(b.bpe, text, sizeof text - 1, &b.arena, &b.ids, &b.count, &b.err);
        else
            assert_null(b.bpe);
        close_bench(&b);
        if (status == LS_OK) break;
        assert_int_equal(status, LS_ERR_MEMORY);
        refused++;
    }
    assert_true(refused > 15);
}

/* ---- long text -------------------------------------------------------------------------------------- */

static double seconds_for(bench *b, const char *unit, size_t n) {
    size_t length = strlen(unit);
    char *text = malloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++) text[i] = unit[i % length];
    clock_t start = clock();
    assert_int_equal(ls_bpe_encode(b->bpe, text, n, &b->arena, &b->ids, &b->count, &b->err), LS_OK);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    free(text);
    return seconds;
}

/* Four times the text may take about four times as long; a quadratic way would take sixteen. There are pieces
 * of one to a hundred times the same letter, of equal score: each grows by one letter at a time. */
static void one_mebibyte_of_anything_is_nearly_linear(void **state) {
    (void)state;
    static const char *const units[] = {"q",      "ab",     " ",    "\n",     "a",         "\u00e9",
                                        "\u00e8", "\u2581", "</s>", "a </s>", "\U0001f600"};
    bench b;
    open_bench(&b);
    spm_vocab_words(&b.spm);
    char run[128] = "qq";
    for (size_t n = 2; n <= 100; n++, run[n - 1] = 'q') spm_vocab_piece(&b.spm, run, -50);
    create(&b);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t unit = strlen(units[i]), whole = (1 << 20) / unit * unit;
        double quarter = seconds_for(&b, units[i], whole / 4 / unit * unit);
        double full = seconds_for(&b, units[i], whole);
        print_message("unit %zu: 256 KiB %.3f s, 1 MiB %.3f s\n", i, quarter, full);
        assert_true(full < 8 * quarter + 0.25);
    }
    close_bench(&b);
}

/* Pieces of one letter, of two, of four, up to 1 MiB, and one of 1 MiB that nothing makes: a text of a mebibyte
 * becomes one token. */
static void pieces_of_a_mebibyte(void **state) {
    (void)state;
    enum { DOUBLINGS = 20, LONGEST = 1 << DOUBLINGS };
    bench b;
    open_bench(&b);
    char *text = malloc(2 * (size_t)LONGEST);
    assert_non_null(text);
    memset(text, 'q', LONGEST);
    memset(text + LONGEST, 'r', LONGEST);
    b.spm.small.vocab.space_prefix = 0;
    uint32_t whole = 0;
    for (unsigned k = 0; k <= DOUBLINGS; k++) {
        whole = spm_vocab_piece(&b.spm, "", -(float)k);
        b.spm.small.tokens[whole] = (ls_str){text, (size_t)1 << k};
    }
    b.spm.small.tokens[spm_vocab_piece(&b.spm, "", 0)] = (ls_str){text + LONGEST, LONGEST};
    clock_t start = clock();
    create(&b);
    double built = (double)(clock() - start) / CLOCKS_PER_SEC;
    start = clock();
    CHECK_BYTES(&b, text, LONGEST, whole);
    double encoded = (double)(clock() - start) / CLOCKS_PER_SEC;
    print_message("pieces of 1 MiB: built in %.3f s, 1 MiB encoded in %.3f s\n", built, encoded);
    assert_true(built < 4 && encoded < 8);
    free(text);
    close_bench(&b);
}

int main(void) {
    const struct CMUnitTest encoding[] = {
        cmocka_unit_test(the_best_score_goes_first),
        cmocka_unit_test(of_equal_scores_the_leftmost),
        cmocka_unit_test(an_infinite_score_is_an_order_too),
        cmocka_unit_test(characters_without_token_fall_back_to_bytes),
        cmocka_unit_test(pieces_that_merge_into_the_name_of_a_byte_do_not),
        cmocka_unit_test(spaces_and_the_mark),
        cmocka_unit_test(an_empty_text_is_bos_alone),
        cmocka_unit_test(added_tokens_start_a_text_anew),
        cmocka_unit_test(bos_and_space_as_the_file_says),
        cmocka_unit_test(tokens_stand_for_bytes),
        cmocka_unit_test(text_that_is_refused),
        cmocka_unit_test(heap_agrees_with_the_definition),
        cmocka_unit_test(one_mebibyte_of_anything_is_nearly_linear),
        cmocka_unit_test(pieces_of_a_mebibyte),
        cmocka_unit_test(every_refused_allocation_is_reported),
    };
    enum { CASES = sizeof cases / sizeof *cases };
    struct CMUnitTest vocabularies[CASES];
    for (size_t i = 0; i < CASES; i++)
        vocabularies[i] = (struct CMUnitTest){cases[i].name, check_case, NULL, NULL, &cases[i]};
    int failed = cmocka_run_group_tests_name("SentencePiece", encoding, NULL, NULL);
    return failed + cmocka_run_group_tests_name("SentencePiece vocabularies", vocabularies, NULL, NULL);
}
