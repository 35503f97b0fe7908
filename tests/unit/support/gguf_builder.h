/*
 * Writes GGUF files for tests, right ones and wrong ones. Two levels: the numbers and strings of the format,
 * for headers that break its rules, and entries that count themselves, for files that keep them. Memory that
 * runs out ends the test program.
 */
#ifndef GGUF_BUILDER_H
#define GGUF_BUILDER_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "gguf/gguf.h"

typedef struct gguf_bytes {
    unsigned char *bytes;
    size_t length, capacity;
} gguf_bytes;

typedef struct gguf_builder {
    gguf_bytes file; /* the file so far */
    gguf_bytes data; /* tensor data, added at the end */
    uint64_t alignment;
    uint64_t kvs, tensors; /* entries counted */
    int counts_itself;     /* the counts in the header are written by gb_finish */
    uint64_t mark;         /* offset that a refusal is expected to name, or LS_NO_OFFSET */
} gguf_builder;

void gb_init(gguf_builder *b);
void gb_free(gguf_builder *b);

/* ---- numbers and strings ---- */
void gb_bytes(gguf_builder *b, const void *bytes, size_t n);
void gb_zeros(gguf_builder *b, size_t n);
void gb_u8(gguf_builder *b, unsigned value);
void gb_u32(gguf_builder *b, uint32_t value);
void gb_u64(gguf_builder *b, uint64_t value);
/* Purpose: a length and that many bytes. */
void gb_str(gguf_builder *b, ls_str text);
/* Purpose: zeros up to the next multiple of the alignment. */
void gb_pad(gguf_builder *b);
/* Purpose: remember where the file ends now: the next field is the one to be refused. */
void gb_mark(gguf_builder *b);

/* ---- the start ---- */
/* Purpose: magic, version and counts as given. */
void gb_start(gguf_builder *b, uint32_t version, uint64_t tensors, uint64_t kvs);
/* Purpose: magic, version 3, and counts that gb_finish fills in. */
void gb_begin(gguf_builder *b);

/* ---- metadata entries ---- */
void gb_key(gguf_builder *b, const char *key, uint32_t type);
void gb_kv_u32(gguf_builder *b, const char *key, uint32_t value);
void gb_kv_u64(gguf_builder *b, const char *key, uint64_t value);
void gb_kv_f32(gguf_builder *b, const char *key, float value);
void gb_kv_f64(gguf_builder *b, const char *key, double value);
void gb_kv_bool(gguf_builder *b, const char *key, unsigned value);
void gb_kv_string(gguf_builder *b, const char *key, const char *text);
void gb_kv_strings(gguf_builder *b, const char *key, const char *const *texts, size_t n);
void gb_kv_i32s(gguf_builder *b, const char *key, const int32_t *values, size_t n);
void gb_kv_f32s(gguf_builder *b, const char *key, const float *values, size_t n);
void gb_kv_f64s(gguf_builder *b, const char *key, const double *values, size_t n);
/* Purpose: general.alignment, which gb_tensor and gb_finish follow. */
void gb_kv_alignment(gguf_builder *b, uint32_t alignment);

/* ---- tensors ---- */
/* Purpose: an entry as given; its data is the caller's affair. */
void gb_tensor_entry(gguf_builder *b, ls_str name, uint32_t n_dims, const uint64_t *dims, uint32_t type,
                     uint64_t offset);
/* Purpose: an entry and its data, n bytes, placed behind that of the tensors before; NULL stands for zeros. */
void gb_tensor(gguf_builder *b, const char *name, uint32_t n_dims, const uint64_t *dims, uint32_t type,
               const void *data, size_t n);

/* Purpose: write the counts, pad, and add the tensor data. Then b->file is the file. */
void gb_finish(gguf_builder *b);

#endif
