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
    int working;   /* whether `current` is still in the hands of the pool */
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
    if (s->working) ls_pool_finish(s->pool);
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
    ls_pool_start(s->pool, 1 + (size_t)((next.rows + s->group - 1) / s->group), work_on_piece, s);
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

/* ---- matching tensors with slots ---------------------------------------------------------------------- */

static ls_status check_type(const ls_gguf *gguf, const ls_slot *slot, ls_error *err) {
    const ls_gguf_tensor *tensor = slot->tensor;
    const ls_weight_type *type = ls_weight_type_find(tensor->type);
    int fits = type != NULL && type->readable && (slot->matrix != NULL || type->block == 1);
    if (fits) return LS_OK;
    return ls_fail(err, LS_ERR_UNSUPPORTED, tensor->entry,
                   "%s: the tensor %s is stored as %s; %s are read here", gguf->file, slot->name,
                   type != NULL ? type->name : "an unknown type",
                   slot->matrix != NULL ? "F32, F16, BF16, Q8_0, Q4_0, Q4_1, Q5_0, Q5_1, Q4_K, Q5_K and Q6_K"
                                        : "F32, F16 and BF16");
}

static ls_status check_shape(const ls_gguf *gguf, const ls_slot *slot, ls_error *err) {
    const uint64_t *dims = slot->tensor->dims;
    if (dims[0] == slot->inputs && dims[1] == slot->outputs && dims[2] == 1 && dims[3] == 1) return LS_OK;
    return ls_fail(
        err, LS_ERR_SHAPE, slot->tensor->entry,
        "%s: the tensor %s has shape %llu x %llu x %llu x %llu; the model's settings need %llu x %llu",
        gguf->file, slot->name, (unsigned long long)dims[0], (unsigned long long)dims[1],
        (unsigned long long)dims[2], (unsigned long long)dims[3], (unsigned long long)slot->inputs,
        (unsigned long long)slot->outputs);
}

static ls_status refuse_missing(const ls_gguf *gguf, const ls_slots *slots, size_t missing, ls_error *err) {
    char list[360] = "";
    size_t used = 0, named = 0;
    for (size_t i = 0; i < slots->count && used + LS_GGUF_NAME_MAX + 3 < sizeof list; i++) {
        if (slots->items[i].tensor != NULL || slots->items[i].optional) continue;
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", named++ > 0 ? ", " : "",
                                 slots->items[i].name);
    }
    return ls_fail(err, LS_ERR_MISSING, LS_NO_OFFSET, "%s: %llu tensors are missing: %s%s", gguf->file,
                   (unsigned long long)missing, list, named < missing ? ", and more" : "");
}

/* A tensor that no slot asks for could be a part of the model that would go uncomputed. */
static ls_status refuse_foreign(const ls_gguf *gguf, const ls_slot *const *by_tensor, const char *family,
                                ls_error *err) {
    for (uint64_t i = 0; i < gguf->tensor_count; i++) {
        if (by_tensor[i] != NULL) continue;
        char quoted[LS_QUOTE_MAX];
        const ls_gguf_tensor *tensor = &gguf->tensors[i];
        return ls_fail(err, LS_ERR_UNSUPPORTED, tensor->entry,
                       "%s: the tensor %s is not a part of the %s models known here", gguf->file,
                       ls_quote(quoted, tensor->name.bytes, tensor->name.length), family);
    }
    return LS_OK;
}

static ls_status match(const ls_gguf *gguf, ls_slots *slots, ls_slot **by_tensor, ls_error *err) {
    size_t missing = 0;
    for (size_t i = 0; i < slots->count; i++) {
        ls_slot *slot = &slots->items[i];
        slot->tensor = ls_gguf_find_tensor(gguf, slot->name);
        if (slot->tensor != NULL)
            by_tensor[slot->tensor - gguf->tensors] = slot;
        else
            missing += !slot->optional;
    }
    if (missing > 0) return refuse_missing(gguf, slots, missing, err);
    for (size_t i = 0; i < slots->count; i++) {
        if (slots->items[i].tensor == NULL) continue;
        ls_status status = check_type(gguf, &slots->items[i], err);
        if (status == LS_OK) status = check_shape(gguf, &slots->items[i], err);
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
    if (status != LS_OK) return status;
    if (slot->matrix != NULL)
        status = ls_matrix_init(slot->matrix, (ls_ggml_type)slot->tensor->type, slot->outputs, slot->inputs,
                                slot->name, arena, err);
    else
        status =
            ls_arena_alloc(arena, slot->outputs, slot->inputs * sizeof(float), slot->name, slot->vector, err);
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

/* The storage type that holds most weights names the file. */
static void summarise(const ls_gguf *gguf, ls_network *network) {
    uint64_t by_type[LS_WEIGHT_TYPES] = {0}, most = 0;
    for (uint64_t i = 0; i < gguf->tensor_count; i++) {
        const ls_gguf_tensor *t = &gguf->tensors[i];
        uint64_t count = t->dims[0] * t->dims[1] * t->dims[2] * t->dims[3];
        network->parameters += count;
        by_type[t->type] += count;
    }
    for (uint32_t type = 0; type < LS_WEIGHT_TYPES; type++) {
        if (by_type[type] <= most) continue;
        most = by_type[type];
        network->weight_type = ls_weight_type_find(type)->name;
    }
}

static ls_status load(const ls_source *source, const ls_gguf *gguf, ls_pool *pool, ls_arena *arena,
                      ls_arena *scratch, ls_network *out, char sha256_hex[65], ls_error *err) {
    ls_slots slots = {.gguf = gguf,
                      .capacity = (size_t)out->hyper.layers * LS_SLOTS_PER_BLOCK + LS_SLOTS_SHARED};
    ls_slot **by_tensor = NULL;
    ls_status status =
        ls_arena_alloc(arena, out->hyper.layers, sizeof *out->blocks, "the list of blocks", &out->blocks, err);
    if (status == LS_OK)
        status = ls_arena_alloc(scratch, slots.capacity, sizeof *slots.items, "the list of tensors",
                                &slots.items, err);
    if (status == LS_OK)
        status = ls_arena_alloc(scratch, gguf->tensor_count, sizeof *by_tensor, "the list of tensors",
                                &by_tensor, err);
    if (status != LS_OK) return status;
    out->arch->announce(out, &slots);
    status = match(gguf, &slots, by_tensor, err);
    if (status == LS_OK) status = refuse_foreign(gguf, (const ls_slot *const *)by_tensor, out->arch->name, err);
    if (status == LS_OK) status = read_all(source, gguf, by_tensor, pool, arena, scratch, sha256_hex, err);
    if (status == LS_OK) status = ls_rotary_check_factors(out, gguf, err);
    if (status != LS_OK) return status;
    out->unembedding = out->output.outputs > 0 ? &out->output : &out->token_embedding;
    summarise(gguf, out);
    return LS_OK;
}

ls_status ls_network_load(const ls_source *source, const ls_gguf *gguf, ls_pool *pool, ls_arena *arena,
                          ls_network *out, char sha256_hex[65], ls_error *err) {
    *out = (ls_network){0};
    ls_status status = ls_arch_find(gguf, &out->arch, err);
    if (status == LS_OK) status = ls_hyper_read(gguf, out->arch, &out->hyper, err);
    if (status != LS_OK) return status;
    ls_arena scratch;
    ls_arena_init(&scratch, &arena->allocator);
    status = load(source, gguf, pool, arena, &scratch, out, sha256_hex, err);
    ls_arena_clear(&scratch);
    return status;
}
