#include "lens/lens.h"

#include "base/math.h"
#include "lens/streaming.h"
#include "model/layers.h"

enum {
    TILE = LS_TILE_MAX, /* logits a row: a tile of 168 rows is 168 KB, inside the L2 cache */
    TILE_PANELS = TILE / LS_LANES,
    BATCH_ROWS = 168, /* rows (layers x positions) that share one pass over the unembedding, at most */
};

/* Multiply-adds of a batch, about: a fraction of a second, so that a step can be waited for. */
static const double BATCH_WORK = 7e9;

typedef struct ls_lens_scratch {
    float *rows;           /* [batch * (L+1)][d] what the unembedding is applied to */
    float *logits;         /* [batch * (L+1)][TILE] */
    ls_streaming *streams; /* [batch * (L+1)] */
    ls_activation activation;
} lens_scratch;

static uint32_t rows_per_position(const ls_lens_pass *pass) { return pass->network->hyper.layers + 1; }

/* Counts stop where p < 0.01 (n_1pct) or p < 500 / V (n_rel), whichever is lower. */
static double count_threshold(uint32_t vocab) {
    double relative = 500.0 / (double)vocab;
    return relative < 0.01 ? relative : 0.01;
}

/* Positions that a batch holds at most. */
static uint32_t positions_that_fit(const ls_lens_pass *pass) {
    const ls_hyper *hyper = &pass->network->hyper;
    double affordable = BATCH_WORK / ((double)hyper->vocab * hyper->width);
    double rows = affordable < BATCH_ROWS ? affordable : BATCH_ROWS;
    uint32_t fitting = (uint32_t)rows / rows_per_position(pass);
    return fitting > 0 ? fitting : 1;
}

/* Room for the largest batch, whatever the text: so that memory grows evenly with its length. */
static ls_status init_scratch(const ls_lens_pass *pass, lens_scratch *scratch, ls_arena *arena, ls_error *err) {
    const ls_hyper *hyper = &pass->network->hyper;
    static const char what[] = "the lens";
    uint64_t rows = (uint64_t)pass->fitting * rows_per_position(pass);
    double threshold = count_threshold(hyper->vocab);
    size_t capacity = ls_streaming_capacity(pass->points->top_k, threshold);
    ls_candidate *candidates = NULL;
    ls_status status = ls_arena_alloc(arena, rows * hyper->width, sizeof(float), what, &scratch->rows, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, rows * TILE, sizeof(float), what, &scratch->logits, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, rows, sizeof *scratch->streams, what, &scratch->streams, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, rows * capacity, sizeof *candidates, what, &candidates, err);
    if (status == LS_OK) status = ls_activation_init(&scratch->activation, rows * hyper->width, arena, err);
    if (status != LS_OK) return status;
    for (uint64_t r = 0; r < rows; r++)
        scratch->streams[r] = (ls_streaming){.threshold = threshold,
                                             .top_k = pass->points->top_k,
                                             .candidates = candidates + r * capacity,
                                             .capacity = capacity};
    return LS_OK;
}

/* Positions [first, first + count). */
typedef struct batch {
    uint32_t first, count;
} batch;

/* How many positions the batch has that begins at `first`; 0 past the last. With several threads the last
 * batches become smaller, so that no thread is left waiting for long. The bits do not depend on it: rows never
 * meet. */
static uint32_t batch_size(const ls_lens_pass *pass, uint32_t first) {
    uint32_t left = pass->points->positions - first, threads = ls_pool_threads(pass->compute.pool);
    uint32_t fair = threads == 1 ? left : (left + threads) / (threads + 1);
    uint32_t least = (pass->fitting + 2) / 3; /* few rows are not worth a pass over the unembedding */
    uint32_t count = fair > least ? fair : least;
    count = count < pass->fitting ? count : pass->fitting;
    return count < left ? count : left;
}

static batch batch_at(const ls_lens_pass *pass, size_t index) {
    batch b = {0, batch_size(pass, 0)};
    for (size_t i = 0; i < index; i++) {
        b.first += b.count;
        b.count = batch_size(pass, b.first);
    }
    return b;
}

ls_status ls_lens_init(ls_lens_pass *pass, const ls_network *network, ls_compute compute, const float *hidden,
                       const uint32_t *tokens, ls_points *points, ls_arena *arena, ls_error *err) {
    *pass = (ls_lens_pass){
        .network = network, .compute = compute, .hidden = hidden, .tokens = tokens, .points = points};
    unsigned threads = ls_pool_threads(compute.pool);
    pass->fitting = positions_that_fit(pass);
    ls_status status = ls_arena_alloc(arena, threads, sizeof *pass->scratch, "the lens", &pass->scratch, err);
    for (unsigned i = 0; i < threads && status == LS_OK; i++)
        status = init_scratch(pass, &pass->scratch[i], arena, err);
    return status;
}

void ls_lens_start(ls_lens_pass *pass, ls_lens lens) {
    ls_lens_stop(pass);
    pass->lens = lens;
    pass->begun = 0;
    pass->batches = 0;
    for (uint32_t first = 0; first < pass->points->positions; first += batch_size(pass, first)) pass->batches++;
    atomic_store(&pass->done, 0);
}

/* The vectors that the unembedding reads at `count` layers of a position: out [count][d]. The last layer's is
 * always normed. */
static void lens_rows(const ls_lens_pass *pass, uint32_t layer, uint32_t count, uint32_t position, float *out) {
    const ls_network *network = pass->network;
    const ls_hyper *hyper = &network->hyper;
    size_t stride = (size_t)pass->points->positions * hyper->width;
    const float *h = pass->hidden + ls_point_index(pass->points, layer, position) * hyper->width;
    uint32_t last = hyper->layers - layer, raw = pass->lens == LS_LENS_NORMED ? 0 : count < last ? count : last;
    for (uint32_t i = 0; i < raw; i++, h += stride, out += hyper->width)
        memcpy(out, h, hyper->width * sizeof *out);
    ls_norm_rows(hyper, &network->output_norm, count - raw, h, stride, out);
}

/* Logits of `count` panels from `first` on, for every row of the activation; what lies past the vocabulary in
 * the last panel is whatever the padding gives. */
static void unembed(const ls_lens_pass *pass, const ls_activation *activation, size_t first, size_t count,
                    float *out, size_t out_stride) {
    const ls_matrix *unembedding = pass->network->unembedding;
    const float *bias = pass->network->output_bias;
    ls_matrix_panels(pass->compute.kernels, unembedding, activation, first, count, out, out_stride);
    if (bias == NULL) return;
    size_t start = first * LS_LANES, width = count * LS_LANES;
    if (width > unembedding->outputs - start) width = unembedding->outputs - start;
    for (size_t r = 0; r < activation->rows; r++)
        for (size_t i = 0; i < width; i++) out[r * out_stride + i] += bias[start + i];
}

/* The target's logit must be known before the pass, for its rank: it is one panel's product, with the same bits
 * as in the pass itself. */
static void start_position(const ls_lens_pass *pass, lens_scratch *scratch, uint32_t first_row,
                           uint32_t position) {
    const ls_matrix *unembedding = pass->network->unembedding;
    int has_next = position + 1 < pass->points->positions;
    uint32_t target = has_next ? pass->tokens[position + 1] : UINT32_MAX;
    for (uint32_t layer = 0; layer < rows_per_position(pass); layer++) {
        float logits[LS_LANES] = {0};
        size_t row = first_row + layer;
        ls_activation one = ls_activation_rows(&scratch->activation, unembedding, row, 1);
        if (has_next) unembed(pass, &one, target / LS_LANES, 1, logits, LS_LANES);
        ls_streaming_start(&scratch->streams[row], target, has_next ? logits[target % LS_LANES] : 0.0f);
    }
}

static void pad_tile(float *logits, size_t rows, size_t valid, size_t width) {
    for (size_t r = 0; r < rows; r++)
        for (size_t i = valid; i < width; i++) logits[r * TILE + i] = LS_PADDING_LOGIT;
}

/* One tile of all the layers of a position, the final one first: the others are compared with it. */
static void stream_position(const ls_lens_pass *pass, lens_scratch *scratch, uint32_t first_row, ls_tile tile) {
    uint32_t last_row = first_row + rows_per_position(pass) - 1;
    const float *last_logits = scratch->logits + (size_t)last_row * TILE;
    for (uint32_t row = last_row + 1; row-- > first_row;) {
        tile.z = scratch->logits + (size_t)row * TILE;
        ls_streaming_add(&scratch->streams[row], pass->compute.kernels, tile, &scratch->streams[last_row],
                         last_logits);
    }
}

/* One pass over the vocabulary for the rows of the batch. */
static void stream_vocabulary(const ls_lens_pass *pass, lens_scratch *scratch, uint32_t rows) {
    const ls_matrix *unembedding = pass->network->unembedding;
    uint32_t per_position = rows_per_position(pass);
    for (size_t panel = 0; panel < unembedding->panels; panel += TILE_PANELS) {
        size_t panels = unembedding->panels - panel < TILE_PANELS ? unembedding->panels - panel : TILE_PANELS;
        size_t first = panel * LS_LANES, width = panels * LS_LANES;
        size_t valid = unembedding->outputs - first < width ? unembedding->outputs - first : width;
        unembed(pass, &scratch->activation, panel, panels, scratch->logits, TILE);
        pad_tile(scratch->logits, rows, valid, width);
        for (uint32_t r = 0; r < rows; r += per_position)
            stream_position(pass, scratch, r, (ls_tile){scratch->logits, width, valid, (uint32_t)first});
    }
}

/* ---- from sums to statistics ----------------------------------------------------------------------------- */

static void write_top(ls_points *points, size_t point, const ls_streaming *s, double log_mass) {
    for (uint32_t k = 0; k < points->top_k; k++) {
        size_t slot = point * points->top_k + k;
        int held = k < s->count; /* a row of NaNs has no candidates */
        points->top_ids[slot] = held ? s->candidates[k].id : 0;
        points->top_p[slot] = held ? (float)ls_exp((double)s->candidates[k].logit - log_mass)
                                   : ls_float_from_bits(LS_CANONICAL_NAN_BITS);
    }
}

static void write_counts(ls_points *points, size_t point, const ls_streaming *s, double log_mass) {
    double relative = 500.0 / (double)points->vocab, mass = 0.0;
    uint32_t at_1pct = 0, at_relative = 0;
    for (size_t i = 0; i < s->count; i++) {
        double p = ls_exp((double)s->candidates[i].logit - log_mass);
        at_relative += p >= relative;
        if (p < 0.01) continue;
        at_1pct++;
        mass += p;
    }
    ls_points_set(points, LS_STAT_N_1PCT, point, at_1pct);
    ls_points_set(points, LS_STAT_MASS_1PCT, point, mass);
    ls_points_set(points, LS_STAT_N_REL, point, at_relative);
}

static void write_leaders(ls_points *points, size_t point) {
    const float *p = points->top_p + point * points->top_k;
    double top5 = 0.0;
    for (uint32_t k = 0; k < points->top_k && k < 5; k++) top5 += (double)p[k];
    ls_points_set(points, LS_STAT_P1, point, (double)p[0]);
    ls_points_set(points, LS_STAT_P2, point, (double)p[1]);
    ls_points_set(points, LS_STAT_MARGIN, point, (double)p[0] - (double)p[1]);
    ls_points_set(points, LS_STAT_RATIO, point, (double)p[1] / (double)p[0]);
    ls_points_set(points, LS_STAT_TOP5_MASS, point, top5 > 1.0 ? 1.0 : top5);
}

static void write_target(ls_points *points, size_t point, const ls_streaming *s, double log_mass) {
    if (s->target == UINT32_MAX) return;
    double surprisal = log_mass - (double)s->target_logit;
    ls_points_set(points, LS_STAT_TARGET_P, point, ls_exp(-surprisal));
    ls_points_set(points, LS_STAT_TARGET_RANK, point, s->above_target + 1.0);
    ls_points_set(points, LS_STAT_SURPRISAL, point, surprisal);
}

static void write_point(ls_points *points, size_t point, ls_streaming *s, const ls_streaming *final_layer) {
    ls_streaming_finish(s);
    double log_mass = ls_streaming_log_mass(s);
    double entropy = ls_log(s->mass) - s->moment / s->mass;
    entropy = entropy < 0.0 ? 0.0 : entropy; /* rounding can take it a hair below */
    ls_points_set(points, LS_STAT_ENTROPY, point, entropy);
    ls_points_set(points, LS_STAT_ENTROPY_NORM, point, entropy / ls_log((double)points->vocab));
    ls_points_set(points, LS_STAT_EFFECTIVE_TOKENS, point, ls_exp(entropy));
    ls_points_set(points, LS_STAT_KL_FINAL, point, ls_streaming_kl(s, final_layer));
    write_top(points, point, s, log_mass);
    write_leaders(points, point);
    write_counts(points, point, s, log_mass);
    write_target(points, point, s, log_mass);
}

/* ---- a batch --------------------------------------------------------------------------------------------- */

static void read_batch(void *ctx, size_t job, unsigned worker) {
    ls_lens_pass *pass = ctx;
    lens_scratch *scratch = &pass->scratch[worker];
    batch b = batch_at(pass, job);
    uint32_t per_position = rows_per_position(pass);
    size_t width = pass->network->hyper.width;
    for (uint32_t i = 0; i < b.count; i++)
        lens_rows(pass, 0, per_position, b.first + i, scratch->rows + (size_t)i * per_position * width);
    ls_activation_set(&scratch->activation, pass->compute.kernels, pass->network->unembedding, scratch->rows,
                      (size_t)b.count * per_position, width);
    for (uint32_t i = 0; i < b.count; i++) start_position(pass, scratch, i * per_position, b.first + i);
    stream_vocabulary(pass, scratch, b.count * per_position);
    for (uint32_t i = 0; i < b.count; i++) {
        ls_streaming *streams = scratch->streams + (size_t)i * per_position;
        for (uint32_t layer = 0; layer < per_position; layer++)
            write_point(pass->points, ls_point_index(pass->points, layer, b.first + i), &streams[layer],
                        &streams[per_position - 1]);
    }
    atomic_fetch_add(&pass->done, b.count);
}

void ls_lens_step(ls_lens_pass *pass) {
    if (!pass->begun) pass->run = ls_pool_start(pass->compute.pool, pass->batches, read_batch, pass);
    pass->begun = 1;
    if (!ls_pool_help(pass->compute.pool, pass->run)) ls_pool_finish(pass->compute.pool, pass->run);
}

void ls_lens_stop(ls_lens_pass *pass) {
    if (pass->begun) ls_pool_drop(pass->compute.pool, pass->run);
}

void ls_lens_logits(ls_lens_pass *pass, uint32_t layer, uint32_t position, float *out) {
    if (pass->begun) ls_pool_finish(pass->compute.pool, pass->run);
    lens_scratch *scratch = &pass->scratch[0];
    const ls_matrix *unembedding = pass->network->unembedding;
    lens_rows(pass, layer, 1, position, scratch->rows);
    ls_activation_set(&scratch->activation, pass->compute.kernels, unembedding, scratch->rows, 1,
                      pass->network->hyper.width);
    for (size_t panel = 0; panel < unembedding->panels; panel++) {
        float logits[LS_LANES];
        size_t first = panel * LS_LANES, left = unembedding->outputs - first;
        unembed(pass, &scratch->activation, panel, 1, logits, LS_LANES);
        memcpy(out + first, logits, (left < LS_LANES ? left : LS_LANES) * sizeof *out);
    }
}
