#include "support/gguf_builder.h"

#include <stdlib.h>
#include <string.h>

enum { OFFSET_OF_COUNTS = 8 };

static void append(gguf_bytes *to, const void *bytes, size_t n) {
    if (n > to->capacity - to->length) {
        size_t capacity = 2 * (to->length + n) + 256;
        unsigned char *grown = realloc(to->bytes, capacity);
        if (grown == NULL) abort();
        to->bytes = grown;
        to->capacity = capacity;
    }
    if (n == 0) return;
    if (bytes != NULL)
        memcpy(to->bytes + to->length, bytes, n);
    else
        memset(to->bytes + to->length, 0, n);
    to->length += n;
}

static void pad(gguf_bytes *to, uint64_t alignment) {
    size_t over = (size_t)(to->length % alignment);
    if (over > 0) append(to, NULL, (size_t)alignment - over);
}

static void write_little(unsigned char *out, uint64_t value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) out[i] = (unsigned char)(value >> 8 * i);
}

static void append_little(gguf_builder *b, uint64_t value, size_t bytes) {
    unsigned char little[8];
    write_little(little, value, bytes);
    append(&b->file, little, bytes);
}

void gb_init(gguf_builder *b) {
    *b = (gguf_builder){.alignment = 32, .mark = LS_NO_OFFSET};
    append(&b->file, NULL, 0);
}

void gb_free(gguf_builder *b) {
    free(b->file.bytes);
    free(b->data.bytes);
}

void gb_bytes(gguf_builder *b, const void *bytes, size_t n) { append(&b->file, bytes, n); }
void gb_zeros(gguf_builder *b, size_t n) { append(&b->file, NULL, n); }
void gb_u8(gguf_builder *b, unsigned value) { append_little(b, value, 1); }
void gb_u32(gguf_builder *b, uint32_t value) { append_little(b, value, 4); }
void gb_u64(gguf_builder *b, uint64_t value) { append_little(b, value, 8); }

void gb_str(gguf_builder *b, ls_str text) {
    gb_u64(b, text.length);
    gb_bytes(b, text.bytes, text.length);
}

void gb_pad(gguf_builder *b) { pad(&b->file, b->alignment); }

void gb_mark(gguf_builder *b) { b->mark = b->file.length; }

void gb_start(gguf_builder *b, uint32_t version, uint64_t tensors, uint64_t kvs) {
    gb_bytes(b, "GGUF", 4);
    gb_u32(b, version);
    gb_u64(b, tensors);
    gb_u64(b, kvs);
}

void gb_begin(gguf_builder *b) {
    gb_start(b, 3, 0, 0);
    b->counts_itself = 1;
}

static ls_str view(const char *text) { return (ls_str){text, strlen(text)}; }

void gb_key(gguf_builder *b, const char *key, uint32_t type) {
    b->kvs++;
    gb_str(b, view(key));
    gb_u32(b, type);
}

void gb_kv_u32(gguf_builder *b, const char *key, uint32_t value) {
    gb_key(b, key, LS_GGUF_U32);
    gb_u32(b, value);
}

void gb_kv_u64(gguf_builder *b, const char *key, uint64_t value) {
    gb_key(b, key, LS_GGUF_U64);
    gb_u64(b, value);
}

void gb_kv_f32(gguf_builder *b, const char *key, float value) {
    uint32_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    gb_key(b, key, LS_GGUF_F32);
    gb_u32(b, bits);
}

void gb_kv_f64(gguf_builder *b, const char *key, double value) {
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    gb_key(b, key, LS_GGUF_F64);
    gb_u64(b, bits);
}

void gb_kv_bool(gguf_builder *b, const char *key, unsigned value) {
    gb_key(b, key, LS_GGUF_BOOL);
    gb_u8(b, value);
}

void gb_kv_string(gguf_builder *b, const char *key, const char *text) {
    gb_key(b, key, LS_GGUF_STRING);
    gb_str(b, view(text));
}

void gb_kv_strings(gguf_builder *b, const char *key, const char *const *texts, size_t n) {
    gb_key(b, key, LS_GGUF_ARRAY);
    gb_u32(b, LS_GGUF_STRING);
    gb_u64(b, n);
    for (size_t i = 0; i < n; i++) gb_str(b, view(texts[i]));
}

void gb_kv_i32s(gguf_builder *b, const char *key, const int32_t *values, size_t n) {
    gb_key(b, key, LS_GGUF_ARRAY);
    gb_u32(b, LS_GGUF_I32);
    gb_u64(b, n);
    for (size_t i = 0; i < n; i++) gb_u32(b, (uint32_t)values[i]);
}

void gb_kv_f32s(gguf_builder *b, const char *key, const float *values, size_t n) {
    gb_key(b, key, LS_GGUF_ARRAY);
    gb_u32(b, LS_GGUF_F32);
    gb_u64(b, n);
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = 0;
        memcpy(&bits, &values[i], sizeof bits);
        gb_u32(b, bits);
    }
}

void gb_kv_f64s(gguf_builder *b, const char *key, const double *values, size_t n) {
    gb_key(b, key, LS_GGUF_ARRAY);
    gb_u32(b, LS_GGUF_F64);
    gb_u64(b, n);
    for (size_t i = 0; i < n; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &values[i], sizeof bits);
        gb_u64(b, bits);
    }
}

void gb_kv_alignment(gguf_builder *b, uint32_t alignment) {
    gb_kv_u32(b, "general.alignment", alignment);
    b->alignment = alignment;
}

void gb_tensor_entry(gguf_builder *b, ls_str name, uint32_t n_dims, const uint64_t *dims, uint32_t type,
                     uint64_t offset) {
    b->tensors++;
    gb_str(b, name);
    gb_u32(b, n_dims);
    for (uint32_t i = 0; i < n_dims; i++) gb_u64(b, dims[i]);
    gb_u32(b, type);
    gb_u64(b, offset);
}

void gb_tensor(gguf_builder *b, const char *name, uint32_t n_dims, const uint64_t *dims, uint32_t type,
               const void *data, size_t n) {
    pad(&b->data, b->alignment);
    gb_tensor_entry(b, view(name), n_dims, dims, type, b->data.length);
    append(&b->data, data, n);
}

void gb_finish(gguf_builder *b) {
    if (b->counts_itself) {
        write_little(b->file.bytes + OFFSET_OF_COUNTS, b->tensors, 8);
        write_little(b->file.bytes + OFFSET_OF_COUNTS + 8, b->kvs, 8);
    }
    if (b->data.length == 0) return;
    pad(&b->file, b->alignment);
    append(&b->file, b->data.bytes, b->data.length);
}
