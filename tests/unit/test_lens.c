/*
 * The fused lens against a plain softmax in float64, on logits chosen to be awkward. A network of two channels
 * makes any logits at all: row v of the unembedding is (a[v], b[v]); the residual stream is (1, 0), which the
 * raw lens turns into a, and the final norm, whose gain is 0 and bias (0, 1), makes b of anything.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/math.h"
#include "base/random.h"
#include "lens/lens.h"

/* ---- the network --------------------------------------------------------------------------------------- */

typedef struct stage {
    ls_arena arena;
    ls_network network;
    ls_matrix unembedding;
    ls_compute compute;
    ls_points points;
    ls_lens_pass pass;
    float gain[2], bias[2];
    uint32_t *tokens;
    float *hidden, *logits[2]; /* a and b */
} stage;

/* Purpose: layers 0 (logits a through the raw lens) and 1 (logits b) at each of the positions. */
static void stage_open(stage *s, uint32_t vocab, uint32_t positions, unsigned threads, const char *kernel) {
    ls_allocator allocator = ls_allocator_default();
    *s = (stage){.bias = {0.0f, 1.0f}};
    ls_arena_init(&s->arena, &allocator);
    assert_int_equal(ls_matrix_init(&s->unembedding, LS_GGML_F32, vocab, 2, "u", &s->arena, NULL), LS_OK);
    s->network = (ls_network){.hyper = {.layers = 1, .width = 2, .vocab = vocab, .norm_epsilon = 1e-5f},
                              .output_norm = {s->gain, s->bias},
                              .unembedding = &s->unembedding};
    s->compute.kernels = ls_kernels_find(kernel);
    assert_int_equal(ls_pool_open(threads, &allocator, &s->compute.pool, NULL), LS_OK);
    assert_int_equal(ls_points_init(&s->points, 1, positions, vocab, &s->arena, NULL), LS_OK);
    s->tokens = calloc(positions, sizeof *s->tokens);
    s->hidden = calloc(4 * (size_t)positions, sizeof *s->hidden);
    for (size_t i = 0; i < 2; i++) s->logits[i] = calloc(vocab, sizeof(float));
    assert_true(s->tokens != NULL && s->hidden != NULL && s->logits[0] != NULL && s->logits[1] != NULL);
    for (size_t i = 0; i < 2 * (size_t)positions; i++) s->hidden[2 * i] = 1.0f;
    assert_int_equal(
        ls_lens_init(&s->pass, &s->network, s->compute, s->hidden, s->tokens, &s->points, &s->arena, NULL),
        LS_OK);
}

static void stage_run(stage *s, ls_lens lens) {
    for (uint32_t v = 0; v < s->points.vocab; v++) {
        const float row[2] = {s->logits[0][v], s->logits[1][v]};
        unsigned char bytes[8];
        memcpy(bytes, row, sizeof row);
        ls_matrix_set_rows(&s->unembedding, LS_GGML_F32, v, 1, bytes);
    }
    ls_lens_start(&s->pass, lens);
    while (s->pass.done < s->points.positions) ls_lens_step(&s->pass);
}

static void stage_close(stage *s) {
    ls_pool_close(s->compute.pool);
    ls_arena_clear(&s->arena);
    free(s->tokens);
    free(s->hidden);
    free(s->logits[0]);
    free(s->logits[1]);
}

/* ---- the plain way ------------------------------------------------------------------------------------- */

typedef struct ranked {
    double logit;
    uint32_t id;
} ranked;

static int by_rank(const void *left, const void *right) {
    const ranked *a = left, *b = right;
    if (a->logit != b->logit) return a->logit > b->logit ? -1 : 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

typedef struct truth {
    ranked *order;
    uint32_t vocab;
    double log_mass, entropy, kl;
    double apart; /* mean distance of a logit from the final one, each below its row's largest */
} truth;

static double largest_of(const float *z, uint32_t vocab) {
    double largest = -INFINITY;
    for (uint32_t v = 0; v < vocab; v++) largest = fmax(largest, (double)z[v]);
    return largest;
}

static double log_mass_of(const float *z, uint32_t vocab) {
    double largest = largest_of(z, vocab), mass = 0.0;
    for (uint32_t v = 0; v < vocab; v++) mass += exp((double)z[v] - largest);
    return largest + log(mass);
}

static truth truth_of(const float *z, const float *z_final, uint32_t vocab) {
    truth t = {malloc(vocab * sizeof(ranked)), vocab, log_mass_of(z, vocab), 0.0, 0.0, 0.0};
    double log_final = log_mass_of(z_final, vocab);
    double offset = largest_of(z, vocab) - largest_of(z_final, vocab);
    assert_non_null(t.order);
    for (uint32_t v = 0; v < vocab; v++) {
        double log_p = (double)z[v] - t.log_mass, p = exp(log_p);
        t.order[v] = (ranked){(double)z[v], v};
        if (p == 0.0) continue;
        t.entropy -= p * log_p;
        t.kl += p * (log_p - ((double)z_final[v] - log_final));
        t.apart += p * fabs((double)z[v] - (double)z_final[v] - offset);
    }
    qsort(t.order, vocab, sizeof *t.order, by_rank);
    return t;
}

/* ---- comparison ---------------------------------------------------------------------------------------- */

/* The sums of a tile of 256 logits run in float32, 32 terms to a lane, with exp good to 1e-7: at worst 2e-6 of
 * a sum. So ln of the mass is off by at most that, and every probability by that share; the entropy by that
 * times a few nats (its terms are weighted with ln p), the divergence by that times the mean distance of the
 * two rows of logits once each is taken from its own largest, for an offset between the rows cancels first.
 * 4e-6 and, for what is stored as float32, half a unit in its last place. */
#define SHARE         4e-6
#define STORED(value) (fabs(value) * 0x1p-24 + 0x1p-150)

static void near(const char *what, const char *shape, uint32_t vocab, double ours, double expected,
                 double tolerance) {
    if (!(fabs(ours - expected) <= tolerance + STORED(expected)))
        fail_msg("%s, V = %u: %s is %.9g, should be %.9g", shape, vocab, what, ours, expected);
}

static double stat(const stage *s, ls_stat id, size_t point) { return (double)s->points.stats[id][point]; }

static void check_top(const stage *s, size_t point, const truth *t, const char *shape) {
    double top5 = 0.0;
    for (uint32_t k = 0; k < s->points.top_k; k++) {
        double p = exp(t->order[k].logit - t->log_mass);
        if (s->points.top_ids[point * s->points.top_k + k] != t->order[k].id)
            fail_msg("%s, V = %u: top %u is %u, should be %u", shape, t->vocab, k,
                     s->points.top_ids[point * s->points.top_k + k], t->order[k].id);
        near("a top p", shape, t->vocab, (double)s->points.top_p[point * s->points.top_k + k], p, SHARE * p);
        if (k < 5) top5 += p;
    }
    double p1 = exp(t->order[0].logit - t->log_mass), p2 = exp(t->order[1].logit - t->log_mass);
    near("p1", shape, t->vocab, stat(s, LS_STAT_P1, point), p1, SHARE * p1);
    near("p2", shape, t->vocab, stat(s, LS_STAT_P2, point), p2, SHARE * p2);
    near("margin", shape, t->vocab, stat(s, LS_STAT_MARGIN, point), p1 - p2, SHARE * p1);
    near("ratio", shape, t->vocab, stat(s, LS_STAT_RATIO, point), p2 / p1, 2e-7); /* of two float32 numbers */
    near("top5_mass", shape, t->vocab, stat(s, LS_STAT_TOP5_MASS, point), top5, SHARE);
}

/* Tokens whose probability is too near the threshold to tell may count or not. */
static void check_count(const stage *s, ls_stat id, size_t point, const truth *t, double threshold,
                        const char *shape) {
    uint32_t sure = 0, maybe = 0;
    for (uint32_t k = 0; k < t->vocab; k++) {
        double p = exp(t->order[k].logit - t->log_mass);
        if (p < threshold * (1.0 - SHARE)) break;
        sure += p > threshold * (1.0 + SHARE);
        maybe++;
    }
    double count = stat(s, id, point);
    if (!(count >= sure && count <= maybe))
        fail_msg("%s, V = %u: %s is %g, should be %u", shape, t->vocab, ls_stat_name(id), count, sure);
    if (id != LS_STAT_N_1PCT) return;
    double mass = 0.0;
    for (uint32_t k = 0; k < (uint32_t)count; k++) mass += exp(t->order[k].logit - t->log_mass);
    near("mass_1pct", shape, t->vocab, stat(s, LS_STAT_MASS_1PCT, point), mass, SHARE);
}

static void check_target(const stage *s, size_t point, uint32_t target, const truth *t, const char *shape) {
    uint32_t rank = 0;
    while (t->order[rank].id != target) rank++;
    double surprisal = t->log_mass - t->order[rank].logit;
    near("target_rank", shape, t->vocab, stat(s, LS_STAT_TARGET_RANK, point), rank + 1.0, 0.0);
    near("surprisal", shape, t->vocab, stat(s, LS_STAT_SURPRISAL, point), surprisal, SHARE);
    near("target_p", shape, t->vocab, stat(s, LS_STAT_TARGET_P, point), exp(-surprisal),
         SHARE * exp(-surprisal));
}

static void check_point(const stage *s, size_t point, const truth *t, const char *shape) {
    double entropy_norm = t->entropy / log(t->vocab), tolerance = 3.0 * SHARE;
    near("entropy", shape, t->vocab, stat(s, LS_STAT_ENTROPY, point), t->entropy, tolerance);
    near("entropy_norm", shape, t->vocab, stat(s, LS_STAT_ENTROPY_NORM, point), entropy_norm, tolerance);
    near("effective_tokens", shape, t->vocab, stat(s, LS_STAT_EFFECTIVE_TOKENS, point), exp(t->entropy),
         tolerance * exp(t->entropy));
    near("kl_final", shape, t->vocab, stat(s, LS_STAT_KL_FINAL, point), t->kl, SHARE * (3.0 + t->apart));
    check_top(s, point, t, shape);
    check_count(s, LS_STAT_N_1PCT, point, t, 0.01, shape);
    check_count(s, LS_STAT_N_REL, point, t, 500.0 / t->vocab, shape);
    uint32_t position = (uint32_t)(point % s->points.positions);
    if (position + 1 < s->points.positions)
        check_target(s, point, s->tokens[position + 1], t, shape);
    else
        assert_true(isnan(stat(s, LS_STAT_TARGET_RANK, point)) && isnan(stat(s, LS_STAT_SURPRISAL, point)));
}

/* ---- shapes -------------------------------------------------------------------------------------------- */

static float uniform(uint64_t seed, uint64_t i) {
    return (float)((double)(ls_random_u64(seed, i) >> 11) * 0x1p-53);
}

static float flat(uint32_t v, uint32_t vocab) { return (void)vocab, uniform(1, v); }
static float ordinary(uint32_t v, uint32_t vocab) { return (void)vocab, 12.0f * uniform(2, v) - 6.0f; }
static float peaked(uint32_t v, uint32_t vocab) { return (void)vocab, 40.0f * uniform(3, v) - 90.0f; }
/* The worst order for a list of candidates: everyone is better than all before, by much or by little. */
static float rising(uint32_t v, uint32_t vocab) { return 30.0f * (float)v / (float)vocab; }
static float rising_slowly(uint32_t v, uint32_t vocab) { return 0.01f * (float)v / (float)vocab - 3.0f; }
static float rising_steeply(uint32_t v, uint32_t vocab) { return (void)vocab, 0.5f * (float)v; }
static float falling(uint32_t v, uint32_t vocab) { return -30.0f * (float)v / (float)vocab; }
static float ties(uint32_t v, uint32_t vocab) { return (void)vocab, (float)ls_random_below(4, v, 4); }
static float all_equal(uint32_t v, uint32_t vocab) { return (void)v, (void)vocab, -7.25f; }
static float one_huge(uint32_t v, uint32_t vocab) { return v == vocab / 2 ? 10000.0f : uniform(5, v); }
/* As many tokens of just over 1% as there can be, spread out, each a hair above the one before. */
static float plateau(uint32_t v, uint32_t vocab) {
    uint32_t gap = vocab / 97 + 1;
    return v % gap == gap - 1 ? 1e-4f * (float)(v / gap) : -40.0f;
}
/* 99 tokens of 1.0005% each: the running sums must not be so sure as to drop them. */
static float edge(uint32_t v, uint32_t vocab) {
    if (vocab < 200) return ordinary(v, vocab);
    return v < 99 ? 0.0f : (float)log(0.95 / (vocab - 99.0));
}
/* 100 tokens of 0.7%, then 300 of 0.1%: in a large vocabulary the first count for n_rel and not for n_1pct. */
static float many(uint32_t v, uint32_t vocab) {
    uint32_t gap = vocab / 400 + 1;
    if (v % gap != 0) return -40.0f;
    return v / gap < 100 ? -5.0f : -7.0f;
}
static float floored(uint32_t v, uint32_t vocab) { return v % 7 == 1 ? (float)v / (float)vocab : -1e30f; }

static const struct shape {
    const char *name;
    float (*logit)(uint32_t v, uint32_t vocab);
} shapes[] = {
    {"flat", flat},
    {"ordinary", ordinary},
    {"peaked", peaked},
    {"rising", rising},
    {"rising slowly", rising_slowly},
    {"rising steeply", rising_steeply},
    {"falling", falling},
    {"ties", ties},
    {"all equal", all_equal},
    {"one huge", one_huge},
    {"plateau", plateau},
    {"floored", floored},
    {"edge", edge},
    {"many", many},
};

static void check_shapes(uint32_t vocab, const char *kernel) {
    enum { POSITIONS = 6 };
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        stage s;
        stage_open(&s, vocab, POSITIONS, 1, kernel);
        for (uint32_t v = 0; v < vocab; v++) {
            s.logits[0][v] = shapes[i].logit(v, vocab);
            s.logits[1][v] = ordinary(v + 1, vocab);
        }
        const uint32_t targets[POSITIONS] = {0, 0, vocab - 1, vocab / 2, vocab / 3, 3 % vocab};
        memcpy(s.tokens, targets, sizeof targets);
        stage_run(&s, LS_LENS_RAW);
        truth first = truth_of(s.logits[0], s.logits[1], vocab),
              last = truth_of(s.logits[1], s.logits[1], vocab);
        for (size_t t = 0; t < POSITIONS; t++) check_point(&s, t, &first, shapes[i].name);
        check_point(&s, POSITIONS, &last, "the last layer");
        free(first.order);
        free(last.order);
        assert_true(stat(&s, LS_STAT_KL_FINAL, POSITIONS) <= SHARE);
        stage_close(&s);
    }
}

static void test_shapes(void **state) {
    (void)state;
    static const uint32_t sizes[] = {2, 9, 10, 11, 255, 256, 257, 320, 2048, 50257, 100003};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) check_shapes(sizes[i], NULL);
}

/* The normed lens takes no notice of this residual stream: layer 0 is the last layer. */
static void test_normed(void **state) {
    (void)state;
    stage s;
    stage_open(&s, 1000, 2, 1, NULL);
    for (uint32_t v = 0; v < 1000; v++) {
        s.logits[0][v] = ties(v, 1000);
        s.logits[1][v] = ordinary(v, 1000);
    }
    stage_run(&s, LS_LENS_NORMED);
    truth expected = truth_of(s.logits[1], s.logits[1], 1000);
    check_point(&s, 0, &expected, "normed");
    free(expected.order);
    for (int id = 0; id < LS_STAT_NORM; id++)
        assert_true(ls_float_bits(s.points.stats[id][0]) == ls_float_bits(s.points.stats[id][2]));
    stage_close(&s);
}

/* ---- damage -------------------------------------------------------------------------------------------- */

/* One value that is no number leaves no statistic that looks like one, and touches no other point. */
static void test_nonfinite(void **state) {
    (void)state;
    static const float damage[] = {NAN, INFINITY, -INFINITY};
    for (size_t k = 0; k < 3; k++)
        for (uint32_t at = 0; at < 700; at += 233) {
            stage s;
            stage_open(&s, 700, 2, 1, NULL);
            for (uint32_t v = 0; v < 700; v++) s.logits[0][v] = s.logits[1][v] = ordinary(v, 700);
            s.logits[0][at] = damage[k];
            s.hidden[2] = 0.0f; /* position 1 of layer 0 reads b, times damage[k] * 0: damaged, too */
            s.hidden[3] = 1.0f;
            stage_run(&s, LS_LENS_RAW);
            assert_true(!isfinite(stat(&s, LS_STAT_ENTROPY, 0)));
            assert_true(isnan(stat(&s, LS_STAT_ENTROPY, 0))); /* the canonical NaN, for the digest */
            assert_int_equal(ls_float_bits(s.points.stats[LS_STAT_ENTROPY][0]), LS_CANONICAL_NAN_BITS);
            for (uint32_t i = 0; i < s.points.top_k; i++) assert_true(s.points.top_ids[i] < 700);
            stage_close(&s);
        }
}

/* ---- one order of sums --------------------------------------------------------------------------------- */

/* Whatever the kernel, the number of threads and the size of a batch: the same bits in every column. */
static void test_same_bits(void **state) {
    (void)state;
    enum { VOCAB = 777, POSITIONS = 70, COLUMNS = LS_STAT_COUNT * 2 * POSITIONS };
    static const uint32_t batches[] = {0, 1, 3, 22};
    float *expected = NULL;
    for (size_t k = 0; ls_kernels_at(k) != NULL; k++)
        for (unsigned threads = 1; threads <= 3; threads++)
            for (size_t b = 0; b < 4; b++) {
                stage s;
                stage_open(&s, VOCAB, POSITIONS, threads, ls_kernels_at(k)->name);
                if (batches[b] > 0) s.pass.fitting = batches[b]; /* below what there is room for */
                for (uint32_t v = 0; v < VOCAB; v++) {
                    s.logits[0][v] = ordinary(v, VOCAB);
                    s.logits[1][v] = ties(v, VOCAB);
                }
                for (uint32_t t = 0; t < POSITIONS; t++) {
                    s.tokens[t] = t * 11;
                    s.hidden[2 * t] = uniform(8, t);
                }
                stage_run(&s, LS_LENS_RAW);
                if (expected == NULL) {
                    expected = malloc(COLUMNS * sizeof *expected);
                    assert_non_null(expected);
                    memcpy(expected, s.points.stats[0], COLUMNS * sizeof *expected);
                }
                assert_memory_equal(s.points.stats[0], expected, COLUMNS * sizeof *expected);
                stage_close(&s);
            }
    free(expected);
}

/* ls_lens_logits gives the logits that the statistics were made of. */
static void test_logits(void **state) {
    (void)state;
    stage s;
    float out[259];
    stage_open(&s, 259, 2, 1, NULL);
    for (uint32_t v = 0; v < 259; v++) {
        s.logits[0][v] = ordinary(v, 259);
        s.logits[1][v] = flat(v, 259);
    }
    stage_run(&s, LS_LENS_RAW);
    ls_lens_logits(&s.pass, 0, 1, out);
    assert_memory_equal(out, s.logits[0], sizeof out);
    ls_lens_logits(&s.pass, 1, 0, out);
    assert_memory_equal(out, s.logits[1], sizeof out);
    stage_close(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shapes),    cmocka_unit_test(test_normed), cmocka_unit_test(test_nonfinite),
        cmocka_unit_test(test_same_bits), cmocka_unit_test(test_logits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
