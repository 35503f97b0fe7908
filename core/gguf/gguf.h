/*
 * The GGUF container, versions 2 and 3, little-endian: parsed and validated, with no knowledge of models.
 * Source of the format: the GGUF specification of the ggml project (docs/gguf.md).
 *
 * Everything in a file is untrusted. A refusal names the field or tensor, the byte offset, the value and the
 * limit. No memory is sized from a count before the bytes that remain have bounded it; header memory is at most
 * 4 x header bytes + 1 MiB; parsing time is linear in the header. The verdict and its offset depend on the
 * bytes of the file alone.
 *
 * Where the specification leaves room:
 *   - alignment is any multiple of 8 up to 1 MiB; it need not be a power of two;
 *   - keys and tensor names are UTF-8 without NUL (the specification wants ASCII keys), and not empty;
 *   - string values may hold any bytes: vocabularies in the wild do; they are escaped in messages;
 *   - arrays of arrays are refused: no model needs them;
 *   - no tensors at all is allowed (a vocabulary alone); a tensor of no dimensions, or with a dimension of 0,
 * is not;
 *   - bytes between tensors and after the last one are allowed, tensors in any order too; shared bytes are not.
 */
#ifndef LS_GGUF_H
#define LS_GGUF_H

#include "base/arena.h"
#include "base/str.h"
#include "logitscope.h"

/* Limits. */
#define LS_GGUF_KEY_MAX       65535u                /* bytes in a key */
#define LS_GGUF_STRING_MAX    (64u * 1024u * 1024u) /* bytes in a string value */
#define LS_GGUF_ALIGNMENT_MAX (1024u * 1024u)
#define LS_GGUF_NAME_MAX      63u /* bytes in a tensor name */
#define LS_GGUF_DIMS_MAX      4u
#define LS_GGUF_HEADER_MAX    (256u * 1024u * 1024u) /* bytes before the tensor data */

/* Value types as numbered in the file. */
typedef enum ls_gguf_type {
    LS_GGUF_U8,
    LS_GGUF_I8,
    LS_GGUF_U16,
    LS_GGUF_I16,
    LS_GGUF_U32,
    LS_GGUF_I32,
    LS_GGUF_F32,
    LS_GGUF_BOOL,
    LS_GGUF_STRING,
    LS_GGUF_ARRAY,
    LS_GGUF_U64,
    LS_GGUF_I64,
    LS_GGUF_F64,
    LS_GGUF_TYPE_COUNT
} ls_gguf_type;

/* One metadata entry. Scalars and arrays of scalars stay as little-endian bytes in the header; arrays of
 * strings are views, made while parsing. Small on purpose: a file may hold a million entries of 16 bytes. */
typedef struct ls_gguf_kv {
    ls_str key;
    const unsigned char *raw; /* the value (of an array: its first element) where it lies in the header */
    const ls_str *strings;    /* string (1) or array of strings (count), else NULL */
    uint32_t count;           /* elements of an array, else 1 */
    uint8_t type;             /* ls_gguf_type */
    uint8_t element;          /* ls_gguf_type of an array's elements, else the same as type */
} ls_gguf_kv;

typedef struct ls_gguf_tensor {
    ls_str name;
    uint32_t type;                   /* ggml type number: 0 F32, 1 F16, 8 Q8_0, ... see quant/types.h */
    uint32_t n_dims;                 /* 1..4 */
    uint64_t dims[LS_GGUF_DIMS_MAX]; /* dims[0] is contiguous; unused ones are 1 */
    uint64_t offset;                 /* absolute, in the file */
    uint64_t bytes;
    uint64_t entry; /* offset of the entry in the header, for messages */
} ls_gguf_tensor;

typedef struct ls_gguf {
    const char *file; /* the source's name, for messages */
    uint32_t version;
    uint32_t alignment;
    uint64_t data;               /* absolute offset of the tensor data */
    uint64_t size;               /* of the file */
    const unsigned char *header; /* the bytes [0, header_bytes), kept: strings point into it */
    uint64_t header_bytes;       /* bytes parsed: up to the end of the last tensor entry */
    uint64_t kv_count, tensor_count;
    const ls_gguf_kv *kvs;                  /* in file order */
    const ls_gguf_tensor *tensors;          /* in file order */
    const ls_gguf_tensor *const *by_offset; /* the same, by rising offset: the order to read them in */
    const struct ls_gguf_index *key_index, *name_index; /* for the look-ups below */
} ls_gguf;

/* Purpose: read and validate the header of `source`. All memory comes from `arena`, which must outlive *out;
 * after a refusal the arena holds memory that its owner clears. Reads the header twice, never past it by more
 * than a read-ahead; tensor data is not read. Errors: LS_ERR_EMPTY, LS_ERR_MAGIC (naming what the file is,
 * where that can be told), LS_ERR_VERSION, LS_ERR_UNSUPPORTED (big-endian, nested arrays), LS_ERR_TRUNCATED,
 * LS_ERR_COUNT, LS_ERR_LENGTH, LS_ERR_ENCODING, LS_ERR_DUPLICATE, LS_ERR_TYPE, LS_ERR_VALUE, LS_ERR_ALIGNMENT,
 * LS_ERR_SHAPE, LS_ERR_OVERFLOW, LS_ERR_OVERLAP, LS_ERR_READ, LS_ERR_MEMORY. Faults of structure are found
 * first, then duplicate keys, duplicate tensors, tensors beyond the end, overlaps. */
ls_status ls_gguf_open(const ls_source *source, ls_arena *arena, const ls_gguf **out, ls_error *err);

/* Purpose: look an entry up; NULL when absent. Constant time on average, whatever the file holds. */
const ls_gguf_kv *ls_gguf_find(const ls_gguf *gguf, const char *key);
const ls_gguf_tensor *ls_gguf_find_tensor(const ls_gguf *gguf, const char *name);

/* Purpose: offset of an entry's value in the file, for messages. */
uint64_t ls_gguf_value_offset(const ls_gguf *gguf, const ls_gguf_kv *kv);

/* Purpose: "u32", "string", ... or "unknown". */
const char *ls_gguf_type_name(uint32_t type);

/* Purpose: typed access. LS_ERR_MISSING when absent, LS_ERR_TYPE when of another kind, LS_ERR_VALUE when out of
 * range. Integers of any width are accepted as u32 when they fit; f32 and f64 as f32. */
ls_status ls_gguf_u32(const ls_gguf *gguf, const char *key, uint32_t *out, ls_error *err);
ls_status ls_gguf_f32(const ls_gguf *gguf, const char *key, float *out, ls_error *err);
ls_status ls_gguf_bool(const ls_gguf *gguf, const char *key, int *out, ls_error *err);
ls_status ls_gguf_str(const ls_gguf *gguf, const char *key, ls_str *out, ls_error *err);
ls_status ls_gguf_strings(const ls_gguf *gguf, const char *key, const ls_str **out, uint64_t *count,
                          ls_error *err);
/* An array of any integer type, widened; `out` is allocated in `arena`. */
ls_status ls_gguf_i32s(const ls_gguf *gguf, const char *key, ls_arena *arena, const int32_t **out,
                       uint64_t *count, ls_error *err);
/* An array of f32 or f64; `out` is allocated in `arena`. */
ls_status ls_gguf_f32s(const ls_gguf *gguf, const char *key, ls_arena *arena, const float **out,
                       uint64_t *count, ls_error *err);

#endif
