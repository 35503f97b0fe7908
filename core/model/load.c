/* Weights from the file into memory: one pass in file order, hashed as it goes. */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "base/status.h"
#include "model/rotary.h"
#include "model/slots.h"

/* A stretch of the file in memory, and what is to become of it besides being hashed: rows of a slot, or
 * nothing. */
typedef struct piece {
    ls_slot *slot;
    uint64_t row, rows;
    size_t row_bytes, bytes;
    unsigned char *data;
} piece;

/* A source read once from front to back, a piece at a time. While one piece is read the one before is hashed
 * and taken in: the hash is one job, groups of rows are the others. */
typedef struct stream {
    const ls_source *source;
    ls_pool *pool;
    uint64_t at;
    size_t capacity; /* of each buffer */
    unsigned char *buffers[2];
    unsigned turn; /* the buffer that is read into */
    uint64_t run;
    int working; /* whether `current` is still in the hands of the pool */
    piece current;
    size_t group; /* rows per job */
    ls_sha256 hash;
} stream;

enum { STREAM_BUFFER = 1 << 19, GROUP_BYTES = 1 << 16 };

static void take_rows(const piece *p, uint64_t first, uint64_t rows) {
    ls_ggml_type type = (ls_ggml_type)p->slot->tensor->type;
    const unsigned char *bytes = p->data + first * p->row_bytes;
    uint64_t row = p->row + first;
    if (p->slot->matrix != NULL) {
        ls_matrix_set_rows(p->slot->matrix, type, (size_t)row, (size_t)rows, bytes);
        return;
    }
    size_t inputs = (size_t)p->slot->inputs;
    float *out = *p->slot->vector + row * inputs;
    for (uint64_t r = 0; r < rows; r++) ls_row_to_f32(type, inputs, bytes + r * p->row_bytes, out + r * inputs);
}

static void work_on_piece(void *ctx, size_t job, unsigned worker) {
    (void)worker;
    stream *s = ctx;
    const piece *p = &s->current;
    if (job == 0) {
        ls_sha256_update(&s->hash, p->data, p->bytes);
        return;
    }
    uint64_t first = (job - 1) * s->group, left = p->rows - first;
    take_rows(p, first, left < s->group ? left : s->group);
}

/* Waits for the piece that is being worked on, if there is one. */
static void stream_settle(stream *s) {
    if (s->working) ls_pool_finish(s->pool, s->run);
    s->working = 0;
}

static ls_status stream_read(stream *s, piece next, ls_error *err) {
    next.data = s->buffers[s->turn];
    if (s->source->read(s->source->ctx, s->at, next.data, next.bytes) != 0)
        return ls_fail(err, LS_ERR_READ, s->at, "%s: could not read %llu bytes at offset %llu", s->source->name,
                       (unsigned long long)next.bytes, (unsigned long long)s->at);
    stream_settle(s);
    s->current = next;
    s->at += next.bytes;
    s->turn = !s->turn;
    size_t panels = next.row_bytes > 0 ? GROUP_BYTES / next.row_bytes / LS_LANES : 0;
    s->group = (panels > 0 ? panels : 1) * LS_LANES;
    s->run = ls_pool_start(s->pool, 1 + (size_t)((next.rows + s->group - 1) / s->group), work_on_piece, s);
    s->working = 1;
    return LS_OK;
}

/* Hashes the bytes up to `offset`: the header, padding, what follows the last tensor. */
static ls_status stream_skip(stream *s, uint64_t offset, ls_error *err) {
    while (s->at < offset) {
        uint64_t left = offset - s->at;
        piece next = {.bytes = left < s->capacity ? (size_t)left : s->capacity};
        ls_status status = stream_read(s, next, err);
        if (status != LS_OK) return status;
    }
    return LS_OK;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

/* Whole rows, as many at a time as a buffer holds, and whole panels where it can: it was made to hold one row.
 */
static ls_status read_rows(stream *s, ls_slot *slot, ls_error *err) {
    size_t row_bytes = ls_row_bytes((ls_ggml_type)slot->tensor->type, (size_t)slot->inputs);
    uint64_t at_once = s->capacity / row_bytes;
    if (at_once > LS_LANES) at_once -= at_once % LS_LANES;
    for (uint64_t row = 0; row < slot->outputs; row += at_once) {
        uint64_t left = slot->outputs - row;
        piece next = {
            .slot = slot, .row = row, .rows = left < at_once ? left : at_once, .row_bytes = row_bytes};
        next.bytes = (size_t)next.rows * row_bytes;
        ls_status status = stream_read(s, next, err);
        if (status != LS_OK) return status;
    }
    return LS_OK;
}

static ls_status read_tensor(stream *s, ls_slot *slot, ls_arena *arena, ls_error *err) {
    ls_status status = stream_skip(s, slot->tensor->offset, err);
    if (status == LS_OK) status = ls_slot_reserve(slot, arena, err);
    return status == LS_OK ? read_rows(s, slot, err) : status;
}

static ls_status read_all(const ls_source *source, const ls_gguf *gguf, ls_slot *const *by_tensor,
                          ls_pool *pool, ls_arena *arena, ls_arena *scratch, char sha256_hex[65],
                          ls_error *err) {
    stream s = {.source = source, .pool = pool, .capacity = STREAM_BUFFER};
    for (uint64_t i = 0; i < gguf->tensor_count; i++) {
        size_t row = ls_row_bytes((ls_ggml_type)gguf->tensors[i].type, (size_t)gguf->tensors[i].dims[0]);
        if (row > s.capacity) s.capacity = row;
    }
    ls_status status = LS_OK;
    for (int i = 0; i < 2 && status == LS_OK; i++)
        status = ls_arena_alloc(scratch, s.capacity, 1, "the reading buffer", &s.buffers[i], err);
    if (status != LS_OK) return status;
    ls_sha256_init(&s.hash);
    for (uint64_t i = 0; i < gguf->tensor_count && status == LS_OK; i++)
        status = read_tensor(&s, by_tensor[gguf->by_offset[i] - gguf->tensors], arena, err);
    if (status == LS_OK) status = stream_skip(&s, source->size, err);
    stream_settle(&s);
    if (status == LS_OK) ls_sha256_hex(&s.hash, sha256_hex);
    return status;
}

ls_status ls_network_load(const ls_source *source, const ls_gguf *gguf, ls_pool *pool, ls_arena *arena,
                          ls_network *out, char sha256_hex[65], ls_error *err) {
    ls_arena scratch;
    ls_arena_init(&scratch, &arena->allocator);
    ls_slots slots;
    ls_status status = ls_slots_match(gguf, arena, &scratch, out, &slots, err);
    if (status == LS_OK)
        status = read_all(source, gguf, slots.by_tensor, pool, arena, &scratch, sha256_hex, err);
    if (status == LS_OK) status = ls_rotary_check_factors(out, gguf, err);
    ls_arena_clear(&scratch);
    return status;
}

ls_status ls_network_check(const ls_gguf *gguf, ls_arena *arena, ls_arena *weights, ls_network *out,
                           ls_error *err) {
    ls_arena scratch;
    ls_arena_init(&scratch, &arena->allocator);
    ls_slots slots;
    ls_status status = ls_slots_match(gguf, arena, &scratch, out, &slots, err);
    for (uint64_t i = 0; i < gguf->tensor_count && status == LS_OK; i++)
        status = ls_slot_reserve(slots.by_tensor[i], weights, err);
    ls_arena_clear(&scratch);
    return status;
}
