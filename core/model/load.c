/* Weights from the file into memory: one pass in file order, hashed as it goes. */
#include <stdio.h>
#include <string.h>

#include "base/sha256.h"
#include "base/status.h"
#include "model/rotary.h"
#include "model/slots.h"

/* A source read once from front to back. */
typedef struct stream {
    const ls_source *source;
    uint64_t at;
    ls_sha256 hash;
    unsigned char *buffer;
    size_t capacity;
} stream;

enum { STREAM_BUFFER = 1 << 18 };

static ls_status stream_read(stream *s, void *target, size_t n, ls_error *err) {
    if (s->source->read(s->source->ctx, s->at, target, n) != 0)
        return ls_fail(err, LS_ERR_READ, s->at, "%s: could not read %llu bytes at offset %llu", s->source->name,
                       (unsigned long long)n, (unsigned long long)s->at);
    ls_sha256_update(&s->hash, target, n);
    s->at += n;
    return LS_OK;
}

/* Hashes the bytes up to `offset`: the header, padding, what follows the last tensor. */
static ls_status stream_skip(stream *s, uint64_t offset, ls_error *err) {
    while (s->at < offset) {
        uint64_t left = offset - s->at;
        ls_status status = stream_read(s, s->buffer, left < s->capacity ? (size_t)left : s->capacity, err);
        if (status != LS_OK) return status;
    }
    return LS_OK;
}

/* ---- reading ------------------------------------------------------------------------------------------ */

static void take_row(ls_slot *slot, uint64_t row, const unsigned char *bytes) {
    ls_ggml_type type = (ls_ggml_type)slot->tensor->type;
    if (slot->matrix != NULL)
        ls_matrix_set_row(slot->matrix, type, (size_t)row, bytes);
    else
        ls_row_to_f32(type, (size_t)slot->inputs, bytes, *slot->vector + row * slot->inputs);
}

/* Whole rows, as many at a time as the buffer holds; it was made to hold one at least. */
static ls_status read_rows(stream *s, ls_slot *slot, ls_error *err) {
    size_t row_bytes = ls_row_bytes((ls_ggml_type)slot->tensor->type, (size_t)slot->inputs);
    uint64_t at_once = s->capacity / row_bytes;
    for (uint64_t row = 0; row < slot->outputs; row += at_once) {
        uint64_t rows = slot->outputs - row < at_once ? slot->outputs - row : at_once;
        ls_status status = stream_read(s, s->buffer, (size_t)rows * row_bytes, err);
        if (status != LS_OK) return status;
        for (uint64_t r = 0; r < rows; r++) take_row(slot, row + r, s->buffer + r * row_bytes);
    }
    return LS_OK;
}

static ls_status read_tensor(stream *s, ls_slot *slot, ls_arena *arena, ls_error *err) {
    ls_status status = stream_skip(s, slot->tensor->offset, err);
    if (status == LS_OK) status = ls_slot_reserve(slot, arena, err);
    return status == LS_OK ? read_rows(s, slot, err) : status;
}

static ls_status read_all(const ls_source *source, const ls_gguf *gguf, ls_slot *const *by_tensor,
                          ls_arena *arena, ls_arena *scratch, char sha256_hex[65], ls_error *err) {
    stream s = {.source = source, .capacity = STREAM_BUFFER};
    for (uint64_t i = 0; i < gguf->tensor_count; i++) {
        size_t row = ls_row_bytes((ls_ggml_type)gguf->tensors[i].type, (size_t)gguf->tensors[i].dims[0]);
        if (row > s.capacity) s.capacity = row;
    }
    ls_status status = ls_arena_alloc(scratch, s.capacity, 1, "the reading buffer", &s.buffer, err);
    if (status != LS_OK) return status;
    ls_sha256_init(&s.hash);
    for (uint64_t i = 0; i < gguf->tensor_count && status == LS_OK; i++)
        status = read_tensor(&s, by_tensor[gguf->by_offset[i] - gguf->tensors], arena, err);
    if (status == LS_OK) status = stream_skip(&s, source->size, err);
    if (status == LS_OK) ls_sha256_hex(&s.hash, sha256_hex);
    return status;
}

ls_status ls_network_load(const ls_source *source, const ls_gguf *gguf, ls_arena *arena, ls_network *out,
                          char sha256_hex[65], ls_error *err) {
    ls_arena scratch;
    ls_arena_init(&scratch, &arena->allocator);
    ls_slots slots;
    ls_status status = ls_slots_match(gguf, arena, &scratch, out, &slots, err);
    if (status == LS_OK) status = read_all(source, gguf, slots.by_tensor, arena, &scratch, sha256_hex, err);
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
