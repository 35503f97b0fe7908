/* Encoding with small vocabularies: the order of merges, added tokens, bad text, long text, refused memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "support/debug_allocator.h"
#include "support/small_vocab.h"

/* One vocabulary, its tokeniser and the last text that went through it. */
typedef struct bench {
    small_vocab small;
    debug_allocator debug;
    ls_arena arena;
    const ls_bpe *bpe;
    uint32_t *ids;
    size_t count;
    ls_error err;
} bench;

static void open_bench(bench *b, const char *pre) {
    memset(b, 0, sizeof *b);
    small_vocab_init(&b->small, pre);
    ls_allocator allocator = debug_allocator_open(&b->debug);
    ls_arena_init(&b->arena, &allocator);
}

static void create(bench *b) {
    if (ls_bpe_create(&b->small.vocab, &b->arena, &b->bpe, &b->err) != LS_OK) fail_msg("%s", b->err.message);
}

static void close_bench(bench *b) {
    ls_arena_clear(&b->arena);
    assert_int_equal(b->debug.live, 0);
}

static ls_status encode(bench *b, const char *text, size_t n) {
    return ls_bpe_encode(b->bpe, text, n, &b->arena, &b->ids, &b->count, &b->err);
}

/* Purpose: encode and compare with the ids in `expected`. */
static void check(bench *b, const char *text, const uint32_t *expected, size_t count) {
    assert_int_equal(encode(b, text, strlen(text)), LS_OK);
    assert_int_equal(b->count, count);
    for (size_t i = 0; i < count; i++) assert_int_equal(b->ids[i], expected[i]);
}

#define CHECK(b, text, ...)                                                                                    \
    check(b, text, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / sizeof(uint32_t))

/* ---- merges ----------------------------------------------------------------------------------------- */

static void merges_go_by_rank(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    uint32_t bc = small_vocab_merge(&b.small, 'b', 'c');
    uint32_t ab = small_vocab_merge(&b.small, 'a', 'b');
    uint32_t abc = small_vocab_merge(&b.small, ab, 'c');
    create(&b);
    CHECK(&b, "abc", 'a', bc);
    CHECK(&b, "ab", ab);
    CHECK(&b, "abab", ab, ab);
    CHECK(&b, "bcab", bc, ab);
    CHECK(&b, "xabcx", 'x', 'a', bc, 'x');
    assert_true(abc > ab); /* out of reach: "bc" always goes first */
    close_bench(&b);
}

static void leftmost_of_equal_pairs_first(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    uint32_t aa = small_vocab_merge(&b.small, 'a', 'a');
    uint32_t aaa = small_vocab_merge(&b.small, aa, 'a');
    create(&b);
    CHECK(&b, "a", 'a');
    CHECK(&b, "aa", aa);
    CHECK(&b, "aaa", aaa);
    CHECK(&b, "aaaa", aa, aa);
    CHECK(&b, "aaaaa", aa, aaa);
    close_bench(&b);
}

static void merges_stay_inside_pieces(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    uint32_t space_a = small_vocab_merge(&b.small, ' ', 'a');
    small_vocab_merge(&b.small, 'a', ' ');
    small_vocab_merge(&b.small, 'a', '1');
    uint32_t s = small_vocab_merge(&b.small, '\'', 's');
    create(&b);
    CHECK(&b, "a a1's", 'a', space_a, '1', s);
    CHECK(&b, "a  a", 'a', ' ', space_a);
    close_bench(&b);
}

static void a_rule_given_twice_counts_at_its_later_place(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    uint32_t ab = small_vocab_merge(&b.small, 'a', 'b');
    uint32_t bc = small_vocab_merge(&b.small, 'b', 'c');
    small_vocab_rule(&b.small, "a b");
    create(&b);
    CHECK(&b, "abc", 'a', bc);
    CHECK(&b, "ab", ab);
    close_bench(&b);
}

/* Purpose: rank of the rule for two tokens by looking through all of them; the last of several counts. */
static uint64_t rank_by_definition(const small_vocab *small, ls_str l, ls_str r) {
    for (uint64_t m = small->vocab.merge_count; m-- > 0;) {
        ls_str rule = small->merges[m];
        if (rule.length == l.length + 1 + r.length && memcmp(rule.bytes, l.bytes, l.length) == 0 &&
            rule.bytes[l.length] == ' ' && memcmp(rule.bytes + l.length + 1, r.bytes, r.length) == 0)
            return m;
    }
    return UINT64_MAX;
}

/* The definition, by hand: again and again, the best pair of all, the leftmost of equals. */
static size_t merge_by_definition(const small_vocab *small, uint32_t *ids, size_t n) {
    for (;;) {
        uint64_t best = UINT64_MAX;
        size_t at = 0;
        for (size_t i = 0; i + 1 < n; i++) {
            uint64_t rank = rank_by_definition(small, small->tokens[ids[i]], small->tokens[ids[i + 1]]);
            if (rank < best) at = i;
            if (rank < best) best = rank;
        }
        if (best == UINT64_MAX) return n;
        ls_str l = small->tokens[ids[at]], r = small->tokens[ids[at + 1]];
        for (uint32_t id = 0; id < small->vocab.count; id++) {
            ls_str t = small->tokens[id];
            if (t.length == l.length + r.length && memcmp(t.bytes, l.bytes, l.length) == 0 &&
                memcmp(t.bytes + l.length, r.bytes, r.length) == 0)
                ids[at] = id;
        }
        memmove(ids + at + 1, ids + at + 2, (n - at - 2) * sizeof *ids);
        n--;
    }
}

static uint32_t roll(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static void heap_agrees_with_the_definition(void **state) {
    (void)state;
    uint32_t seed = 1;
    for (unsigned round = 0; round < 60; round++) {
        bench b;
        open_bench(&b, "gpt-2");
        uint32_t made[40] = {'a', 'b', 'c'};
        for (unsigned i = 3; i < 40; i++) {
            uint32_t left = made[roll(&seed) % i], right = made[roll(&seed) % i];
            if (b.small.tokens[left].length + b.small.tokens[right].length > 12) right = 'a', left = 'b';
            made[i] = small_vocab_merge(&b.small, left, right);
        }
        create(&b);
        for (unsigned text = 0; text < 40; text++) {
            char letters[64];
            uint32_t expected[64];
            size_t n = 1 + roll(&seed) % 63;
            for (size_t i = 0; i < n; i++)
                expected[i] = (unsigned char)(letters[i] = (char)('a' + roll(&seed) % 3));
            size_t count = merge_by_definition(&b.small, expected, n);
            assert_int_equal(encode(&b, letters, n), LS_OK);
            assert_int_equal(b.count, count);
            assert_memory_equal(b.ids, expected, count * sizeof *expected);
        }
        close_bench(&b);
    }
}

/* ---- added tokens ----------------------------------------------------------------------------------- */

static void added_tokens_are_found_leftmost_longest(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    uint32_t end = small_vocab_token(&b.small, "<end>", 5, LS_TOKEN_CONTROL);
    uint32_t two = small_vocab_token(&b.small, "  ", 2, LS_TOKEN_USER);
    uint32_t four = small_vocab_token(&b.small, "    ", 4, LS_TOKEN_USER);
    uint32_t en = small_vocab_token(&b.small, "<en", 3, LS_TOKEN_CONTROL);
    create(&b);
    CHECK(&b, "<end>", end);
    CHECK(&b, "a<end>b", 'a', end, 'b');
    CHECK(&b, "<end><end>", end, end);
    CHECK(&b, "<<end>>", '<', end, '>');
    CHECK(&b, "<endx", en, 'd', 'x');
    CHECK(&b, "<e", '<', 'e');
    CHECK(&b, "a   b", 'a', two, ' ', 'b');
    CHECK(&b, "      b", four, two, 'b');
    CHECK(&b, "  <end>  ", two, end, two);
    close_bench(&b);
}

/* Around an added token the text is cut: white space before it ends its part. */
static void added_tokens_end_the_text_before_them(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    uint32_t end = small_vocab_token(&b.small, "<end>", 5, LS_TOKEN_CONTROL);
    uint32_t spaces = small_vocab_merge(&b.small, ' ', ' ');
    create(&b);
    CHECK(&b, "  <end>", spaces, end);
    CHECK(&b, "  <", ' ', ' ', '<');
    close_bench(&b);
}

/* Control tokens are looked for in the raw text, user-defined ones in the normalised text. */
static void added_tokens_and_normalisation(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-neox");
    uint32_t control = small_vocab_token(&b.small, "e\u0301<", 4, LS_TOKEN_CONTROL);
    uint32_t user = small_vocab_token(&b.small, "\u212b", 3, LS_TOKEN_USER);
    create(&b);
    CHECK(&b, "e\u0301<", control);
    CHECK(&b, "\u00e9<", 0xc3, 0xa9, '<');
    CHECK(&b, "\u00c5", user);
    CHECK(&b, "A\u030a", user);
    CHECK(&b, "e\u0301", 0xc3, 0xa9);
    CHECK(&b, "e\u0301<\u0323", control, 0xcc, 0xa3);
    size_t length = 0;
    assert_memory_equal(ls_bpe_bytes(b.bpe, user, &length), "\u212b", 3);
    close_bench(&b);

    open_bench(&b, "gpt-2");
    user = small_vocab_token(&b.small, "\u1eb9", 3, LS_TOKEN_USER);
    create(&b);
    CHECK(&b, "\u1eb9", user);
    CHECK(&b, "e\u0323", 'e', 0xcc, 0xa3);
    close_bench(&b);
}

/* Qwen2 normalises too, but looks for all added tokens before: a mark behind one does not change it. */
static void added_tokens_in_the_raw_text(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "qwen2");
    uint32_t user = small_vocab_token(&b.small, "<t>", 3, LS_TOKEN_USER);
    create(&b);
    CHECK(&b, "<t>\u0338", user, 0xcc, 0xb8);
    CHECK(&b, "e\u0301<t>", 0xc3, 0xa9, user);
    close_bench(&b);
    open_bench(&b, "gpt-neox");
    small_vocab_token(&b.small, "<t>", 3, LS_TOKEN_USER);
    create(&b);
    CHECK(&b, "<t>\u0338", '<', 't', 0xe2, 0x89, 0xaf);
    close_bench(&b);
}

/* Llama 3 takes a piece that is a token as that token, though no merge makes it. */
static void whole_pieces_first(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "llama-bpe");
    uint32_t bc = small_vocab_merge(&b.small, 'b', 'c'),
             abc = small_vocab_token(&b.small, "abc", 3, LS_TOKEN_NORMAL);
    uint32_t space_a = small_vocab_token(&b.small, "\u0120a", 3, LS_TOKEN_NORMAL);
    small_vocab_token(&b.small, "xyz", 3, LS_TOKEN_UNUSED);
    create(&b);
    CHECK(&b, "abc", abc);
    CHECK(&b, "abcb", 'a', bc, 'b');
    CHECK(&b, " a", space_a);
    CHECK(&b, " ab", ' ', 'a', 'b');
    CHECK(&b, "xyz", 'x', 'y', 'z');
    b.small.vocab.pre = LS_STR("qwen2");
    create(&b);
    CHECK(&b, "abc", 'a', bc);
    close_bench(&b);
}

/* Phi-1.5: GPT-2 with runs of white space added, which are found before the text is cut; the longest first. */
static void runs_of_white_space_as_tokens(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "phi-2");
    uint32_t spaces[32] = {0}, tabs[10] = {0}, ends = 0;
    uint32_t space_x = small_vocab_merge(&b.small, ' ', 'x');
    small_vocab_merge(&b.small, ' ', ' '); /* never reached: the added token of two spaces goes first */
    ends = small_vocab_token(&b.small, "<|endoftext|>", 13, LS_TOKEN_CONTROL);
    for (uint32_t n = 31; n >= 2; n--)
        spaces[n] = small_vocab_token(&b.small, "                               ", n, LS_TOKEN_USER);
    for (uint32_t n = 9; n >= 2; n--)
        tabs[n] = small_vocab_token(&b.small, "\t\t\t\t\t\t\t\t\t", n, LS_TOKEN_USER);
    create(&b);
    CHECK(&b, " x", space_x);
    CHECK(&b, "  x", spaces[2], 'x');
    CHECK(&b, "x    x x", 'x', spaces[4], 'x', space_x);
    CHECK(&b, "\n        x", '\n', spaces[8], 'x');
    CHECK(&b, "x\tx\t\tx", 'x', '\t', 'x', tabs[2], 'x');
    CHECK(&b, "\t\t\t\t\t\t\t\t\t\t\t \t", tabs[9], tabs[2], ' ', '\t');
    CHECK(&b, "                                 ", spaces[31], spaces[2]);
    CHECK(&b, "                                x", spaces[31], space_x);
    CHECK(&b, "  <|endoftext|>   ", spaces[2], ends, spaces[3]);
    size_t length = 0;
    assert_memory_equal(ls_bpe_bytes(b.bpe, tabs[3], &length), "\t\t\t", 3);
    assert_int_equal(length, 3);
    close_bench(&b);
}

static void without_types_the_ends_of_a_text_are_control_tokens(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    b.small.vocab.eos = small_vocab_token(&b.small, "<end>", 5, LS_TOKEN_NORMAL);
    create(&b);
    CHECK(&b, "<end>", '<', 'e', 'n', 'd', '>');
    b.small.vocab.types = NULL;
    create(&b);
    CHECK(&b, "<end>", b.small.vocab.eos);
    close_bench(&b);
}

static void bos_goes_in_front(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    uint32_t bos = b.small.vocab.bos = small_vocab_token(&b.small, "<s>", 3, LS_TOKEN_CONTROL);
    create(&b);
    CHECK(&b, "a", 'a');
    assert_int_equal(encode(&b, "", 0), LS_OK);
    assert_int_equal(b.count, 0);
    assert_int_equal(encode(&b, NULL, 0), LS_OK);
    b.small.vocab.add_bos = 1;
    create(&b);
    CHECK(&b, "a", bos, 'a');
    CHECK(&b, "", bos);
    CHECK(&b, "<s>", bos, bos);
    close_bench(&b);
}

/* ---- text that is refused --------------------------------------------------------------------------- */

static void invalid_utf8_is_refused_at_its_offset(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n, offset;
    } cases[] = {
        {"\x80", 1, 0},
        {"a\xff", 2, 1},
        {"ab\xc3", 3, 2},
        {"ab\xc3(", 4, 2},
        {"\xc0\x80", 2, 0},
        {"abc\xed\xa0\x80", 6, 3},
        {"\xf4\x90\x80\x80", 4, 0},
        {"\u00e9\xe4\xbd", 4, 2},
        {"<end>\xf0\x9f", 7, 5},
        {"x\xf8", 2, 1},
        {"\xe0\x9f\xbf", 3, 0},
        {"a\0\xfe", 3, 2},
    };
    bench b;
    open_bench(&b, "gpt-neox");
    small_vocab_token(&b.small, "<end>", 5, LS_TOKEN_CONTROL);
    create(&b);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(encode(&b, cases[i].text, cases[i].n), LS_ERR_ENCODING);
        assert_int_equal(b.err.offset, cases[i].offset);
    }
    CHECK(&b, "still works", 's', 't', 'i', 'l', 'l', ' ', 'w', 'o', 'r', 'k', 's');
    close_bench(&b);
}

/* Its neighbours then stand side by side, and merge. */
static void a_byte_without_token_is_left_out(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    b.small.tokens[0xc3] = LS_STR("gone");
    uint32_t ab = small_vocab_merge(&b.small, 'a', 'b');
    b.small.tokens[0x07] = LS_STR("gone too");
    create(&b);
    CHECK(&b, "a\u0301", 'a', 0xcc, 0x81);
    CHECK(&b, "a\u00e9b", 'a', 0xa9, 'b');
    CHECK(&b, "\aab", ab);
    CHECK(&b, "x \a\a y", 'x', ' ', ' ', 'y');
    assert_int_equal(encode(&b, "\a\a", 2), LS_OK);
    assert_int_equal(b.count, 0);
    assert_int_equal(ls_bpe_left_out(b.bpe, "\a\u00e9b\a", 5), 3);
    close_bench(&b);
}

static void a_text_over_the_limit_is_refused(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    create(&b);
    assert_int_equal(encode(&b, "", LS_TEXT_MAX + 1), LS_ERR_LENGTH);
    close_bench(&b);
}

static void bytes_of_tokens(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-2");
    uint32_t control = small_vocab_token(&b.small, "\u0120 x", 4, LS_TOKEN_CONTROL);
    uint32_t normal = small_vocab_token(&b.small, "\u0120x", 3, LS_TOKEN_NORMAL);
    uint32_t literal = small_vocab_token(&b.small, "a b", 3, LS_TOKEN_UNUSED);
    uint32_t nothing = small_vocab_token(&b.small, "", 0, LS_TOKEN_CONTROL);
    create(&b);
    size_t length = 99;
    assert_memory_equal(ls_bpe_bytes(b.bpe, control, &length), "\u0120 x", 4);
    assert_int_equal(length, 4);
    assert_memory_equal(ls_bpe_bytes(b.bpe, normal, &length), " x", 2);
    assert_int_equal(length, 2);
    assert_memory_equal(ls_bpe_bytes(b.bpe, literal, &length), "a b", 3);
    assert_non_null(ls_bpe_bytes(b.bpe, nothing, &length));
    assert_int_equal(length, 0);
    for (uint32_t byte = 0; byte < 256; byte++) {
        assert_int_equal((unsigned char)*ls_bpe_bytes(b.bpe, byte, &length), byte);
        assert_int_equal(length, 1);
    }
    assert_null(ls_bpe_bytes(b.bpe, nothing + 1, &length));
    assert_null(ls_bpe_bytes(b.bpe, LS_NO_TOKEN, &length));
    assert_int_equal(ls_bpe_vocab(b.bpe), nothing + 1);
    close_bench(&b);
}

/* ---- long text and little memory -------------------------------------------------------------------- */

static double seconds_for(bench *b, const char *unit, size_t n) {
    size_t length = strlen(unit);
    char *text = malloc(n);
    assert_non_null(text);
    for (size_t i = 0; i < n; i++) text[i] = unit[i % length];
    clock_t start = clock();
    assert_int_equal(encode(b, text, n), LS_OK);
    double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    free(text);
    return seconds;
}

/* Four times the text may take about four times as long; a quadratic way would take sixteen. */
static void one_mebibyte_of_anything_is_nearly_linear(void **state) {
    (void)state;
    static const char *const units[] = {"a",       "ab",           " ",    "\n", "'", "\u0301\u0323",
                                        "e\u0301", "\u1100\u1161", "<end", "ba", "1", "! \n",
                                        "\u3000"};
    static const char *const rules[] = {"gpt-2", "gpt-neox", "smollm", "qwen2", "llama-bpe"};
    for (size_t r = 0; r < sizeof rules / sizeof *rules; r++) {
        bench b;
        open_bench(&b, rules[r]);
        small_vocab_token(&b.small, "<end>", 5, LS_TOKEN_CONTROL);
        small_vocab_token(&b.small, "  ", 2, LS_TOKEN_USER);
        uint32_t ab = small_vocab_merge(&b.small, 'a', 'b');
        for (uint32_t a = 'a', i = 0; i < 8; i++) a = small_vocab_merge(&b.small, a, a);
        for (uint32_t i = 0; i < 8; i++) ab = small_vocab_merge(&b.small, ab, ab);
        create(&b);
        for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
            size_t unit = strlen(units[i]), whole = (1 << 20) / unit * unit;
            double quarter = seconds_for(&b, units[i], whole / 4 / unit * unit);
            double full = seconds_for(&b, units[i], whole);
            print_message("%s, unit %zu: 256 KiB %.3f s, 1 MiB %.3f s\n", rules[r], i, quarter, full);
            assert_true(full < 8 * quarter + 0.25);
        }
        close_bench(&b);
    }
}

static void every_refused_allocation_is_reported(void **state) {
    (void)state;
    static const char text[] =
        "abab  e\u0301\u0323<end>\u212bab's "
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
        "abababababababababababababababababababababababababababababababababababababababababababababababababab";
    uint64_t refused = 0;
    for (uint64_t fail_at = 1;; fail_at++) {
        bench b;
        open_bench(&b, "gpt-neox");
        small_vocab_token(&b.small, "<end>", 5, LS_TOKEN_CONTROL);
        small_vocab_token(&b.small, "\u212b", 3, LS_TOKEN_USER);
        small_vocab_merge(&b.small, 'a', 'b');
        b.debug.fail_at = fail_at;
        ls_status status = ls_bpe_create(&b.small.vocab, &b.arena, &b.bpe, &b.err);
        if (status == LS_OK)
            status = encode(&b, text, sizeof text - 1);
        else
            assert_null(b.bpe);
        uint64_t asked = b.debug.allocations;
        close_bench(&b);
        if (status == LS_OK) {
            assert_true(asked < fail_at);
            break;
        }
        assert_int_equal(status, LS_ERR_MEMORY);
        assert_int_equal(b.err.status, LS_ERR_MEMORY);
        refused++;
    }
    assert_true(refused > 15);
}

/* All that a call leaves behind is the ids. */
static void working_memory_is_given_back(void **state) {
    (void)state;
    bench b;
    open_bench(&b, "gpt-neox");
    create(&b);
    uint64_t before = b.debug.live;
    assert_int_equal(encode(&b, "e\u0301 and more", 12), LS_OK);
    assert_int_equal(b.debug.live, before + 1);
    assert_int_equal(encode(&b, "\xff", 1), LS_ERR_ENCODING);
    assert_int_equal(b.debug.live, before + 1);
    close_bench(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merges_go_by_rank),
        cmocka_unit_test(leftmost_of_equal_pairs_first),
        cmocka_unit_test(merges_stay_inside_pieces),
        cmocka_unit_test(a_rule_given_twice_counts_at_its_later_place),
        cmocka_unit_test(heap_agrees_with_the_definition),
        cmocka_unit_test(added_tokens_are_found_leftmost_longest),
        cmocka_unit_test(added_tokens_end_the_text_before_them),
        cmocka_unit_test(added_tokens_and_normalisation),
        cmocka_unit_test(added_tokens_in_the_raw_text),
        cmocka_unit_test(whole_pieces_first),
        cmocka_unit_test(runs_of_white_space_as_tokens),
        cmocka_unit_test(without_types_the_ends_of_a_text_are_control_tokens),
        cmocka_unit_test(bos_goes_in_front),
        cmocka_unit_test(invalid_utf8_is_refused_at_its_offset),
        cmocka_unit_test(a_byte_without_token_is_left_out),
        cmocka_unit_test(a_text_over_the_limit_is_refused),
        cmocka_unit_test(bytes_of_tokens),
        cmocka_unit_test(one_mebibyte_of_anything_is_nearly_linear),
        cmocka_unit_test(every_refused_allocation_is_reported),
        cmocka_unit_test(working_memory_is_given_back),
    };
    return cmocka_run_group_tests_name("encoding", tests, NULL, NULL);
}
