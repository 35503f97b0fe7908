/* Look-ups, and values as C types. */
#include <float.h>
#include <math.h>
#include <string.h>

#include "gguf/cursor.h"
#include "gguf/gguf.h"
#include "gguf/index.h"

const ls_gguf_kv *ls_gguf_find(const ls_gguf *gguf, const char *key) {
    uint32_t entry = ls_gguf_index_find(gguf->key_index, (ls_str){key, strlen(key)});
    return entry == LS_GGUF_NO_ENTRY ? NULL : &gguf->kvs[entry];
}

const ls_gguf_tensor *ls_gguf_find_tensor(const ls_gguf *gguf, const char *name) {
    uint32_t entry = ls_gguf_index_find(gguf->name_index, (ls_str){name, strlen(name)});
    return entry == LS_GGUF_NO_ENTRY ? NULL : &gguf->tensors[entry];
}

uint64_t ls_gguf_value_offset(const ls_gguf *gguf, const ls_gguf_kv *kv) {
    return (uint64_t)(kv->raw - gguf->header);
}

/* What a typed access asks for, and where its refusals go. */
typedef struct lookup {
    const ls_gguf *gguf;
    const ls_gguf_kv *kv;
    ls_gguf_report report;
} lookup;

static ls_status look_up(lookup *l, const ls_gguf *gguf, const char *key, ls_error *err) {
    *l = (lookup){.gguf = gguf, .kv = ls_gguf_find(gguf, key), .report = {.file = gguf->file, .err = err}};
    ls_gguf_report_entry(&l->report, "metadata key", 0);
    ls_gguf_report_name(&l->report, key, strlen(key));
    if (l->kv != NULL) return LS_OK;
    return ls_gguf_refuse(&l->report, LS_ERR_MISSING, LS_NO_OFFSET, "it is missing");
}

static ls_status refuse_type(const lookup *l, const char *wanted) {
    int is_array = l->kv->type == LS_GGUF_ARRAY;
    return ls_gguf_refuse(&l->report, LS_ERR_TYPE, ls_gguf_value_offset(l->gguf, l->kv), "it is %s%s, not %s",
                          is_array ? "an array of " : "of type ", ls_gguf_type_name(l->kv->element), wanted);
}

/* An integer of any width: `bits` in two's complement, sign-extended. */
typedef struct integer {
    uint64_t bits;
    int negative;
} integer;

static uint32_t integer_bytes(uint8_t type) {
    switch (type) {
    case LS_GGUF_U8:
    case LS_GGUF_I8:
        return 1;
    case LS_GGUF_U16:
    case LS_GGUF_I16:
        return 2;
    case LS_GGUF_U32:
    case LS_GGUF_I32:
        return 4;
    case LS_GGUF_U64:
    case LS_GGUF_I64:
        return 8;
    default:
        return 0;
    }
}

static integer load_integer(const unsigned char *raw, uint8_t type) {
    uint32_t bytes = integer_bytes(type);
    int is_signed = type == LS_GGUF_I8 || type == LS_GGUF_I16 || type == LS_GGUF_I32 || type == LS_GGUF_I64;
    integer value = {0, 0};
    for (uint32_t i = 0; i < bytes; i++) value.bits |= (uint64_t)raw[i] << 8 * i;
    if (is_signed && (raw[bytes - 1] & 0x80) != 0) {
        value.negative = 1;
        if (bytes < 8) value.bits |= UINT64_MAX << 8 * bytes;
    }
    return value;
}

static ls_status refuse_integer(const lookup *l, const unsigned char *raw, integer value, long long low,
                                unsigned long long high) {
    unsigned long long magnitude = value.negative ? 0 - value.bits : value.bits;
    return ls_gguf_refuse(&l->report, LS_ERR_VALUE, (uint64_t)(raw - l->gguf->header),
                          "it is %s%llu, but must be from %lld to %llu", value.negative ? "-" : "", magnitude,
                          low, high);
}

ls_status ls_gguf_u32(const ls_gguf *gguf, const char *key, uint32_t *out, ls_error *err) {
    lookup l;
    ls_status status = look_up(&l, gguf, key, err);
    if (status != LS_OK) return status;
    if (integer_bytes(l.kv->type) == 0) return refuse_type(&l, "an integer");
    integer value = load_integer(l.kv->raw, l.kv->type);
    if (value.negative || value.bits > UINT32_MAX) return refuse_integer(&l, l.kv->raw, value, 0, UINT32_MAX);
    *out = (uint32_t)value.bits;
    return LS_OK;
}

/* Purpose: a number of type f32 or f64 at `raw`; one that f32 cannot hold is refused. */
static ls_status load_real(const lookup *l, const unsigned char *raw, float *out) {
    if (l->kv->element == LS_GGUF_F32) {
        uint32_t bits = ls_gguf_load_u32(raw);
        memcpy(out, &bits, sizeof *out);
        return LS_OK;
    }
    uint64_t bits = ls_gguf_load_u64(raw);
    double value = 0;
    memcpy(&value, &bits, sizeof value);
    if (isfinite(value) && fabs(value) > (double)FLT_MAX)
        return ls_gguf_refuse(&l->report, LS_ERR_VALUE, (uint64_t)(raw - l->gguf->header),
                              "it is %g, but must be at most %g", value, (double)FLT_MAX);
    *out = (float)value;
    return LS_OK;
}

static int is_real(uint8_t type) { return type == LS_GGUF_F32 || type == LS_GGUF_F64; }

ls_status ls_gguf_f32(const ls_gguf *gguf, const char *key, float *out, ls_error *err) {
    lookup l;
    ls_status status = look_up(&l, gguf, key, err);
    if (status != LS_OK) return status;
    if (!is_real(l.kv->type)) return refuse_type(&l, "f32 or f64");
    return load_real(&l, l.kv->raw, out);
}

ls_status ls_gguf_f32s(const ls_gguf *gguf, const char *key, ls_arena *arena, const float **out,
                       uint64_t *count, ls_error *err) {
    lookup l;
    float *values = NULL;
    ls_status status = look_up(&l, gguf, key, err);
    if (status != LS_OK) return status;
    if (l.kv->type != LS_GGUF_ARRAY || !is_real(l.kv->element))
        return refuse_type(&l, "an array of f32 or f64");
    status = ls_arena_alloc(arena, l.kv->count, sizeof *values, key, &values, err);
    size_t bytes = l.kv->element == LS_GGUF_F32 ? 4 : 8;
    for (uint32_t i = 0; i < l.kv->count && status == LS_OK; i++) {
        l.report.item = (uint64_t)i + 1;
        status = load_real(&l, l.kv->raw + i * bytes, &values[i]);
    }
    if (status != LS_OK) return status;
    *out = values;
    *count = l.kv->count;
    return LS_OK;
}

ls_status ls_gguf_bool(const ls_gguf *gguf, const char *key, int *out, ls_error *err) {
    lookup l;
    ls_status status = look_up(&l, gguf, key, err);
    if (status != LS_OK) return status;
    if (l.kv->type != LS_GGUF_BOOL) return refuse_type(&l, "a bool");
    *out = l.kv->raw[0];
    return LS_OK;
}

ls_status ls_gguf_str(const ls_gguf *gguf, const char *key, ls_str *out, ls_error *err) {
    lookup l;
    ls_status status = look_up(&l, gguf, key, err);
    if (status != LS_OK) return status;
    if (l.kv->type != LS_GGUF_STRING) return refuse_type(&l, "a string");
    *out = l.kv->strings[0];
    return LS_OK;
}

ls_status ls_gguf_strings(const ls_gguf *gguf, const char *key, const ls_str **out, uint64_t *count,
                          ls_error *err) {
    lookup l;
    ls_status status = look_up(&l, gguf, key, err);
    if (status != LS_OK) return status;
    if (l.kv->type != LS_GGUF_ARRAY || l.kv->element != LS_GGUF_STRING)
        return refuse_type(&l, "an array of strings");
    *out = l.kv->strings;
    *count = l.kv->count;
    return LS_OK;
}

ls_status ls_gguf_i32s(const ls_gguf *gguf, const char *key, ls_arena *arena, const int32_t **out,
                       uint64_t *count, ls_error *err) {
    lookup l;
    int32_t *values = NULL;
    ls_status status = look_up(&l, gguf, key, err);
    if (status != LS_OK) return status;
    uint32_t bytes = integer_bytes(l.kv->element);
    if (l.kv->type != LS_GGUF_ARRAY || bytes == 0) return refuse_type(&l, "an array of integers");
    status = ls_arena_alloc(arena, l.kv->count, sizeof *values, key, &values, err);
    if (status != LS_OK) return status;
    for (uint32_t i = 0; i < l.kv->count; i++) {
        const unsigned char *raw = l.kv->raw + (size_t)i * bytes;
        integer value = load_integer(raw, l.kv->element);
        l.report.item = (uint64_t)i + 1;
        if (value.negative ? value.bits < (uint64_t)INT32_MIN : value.bits > INT32_MAX)
            return refuse_integer(&l, raw, value, INT32_MIN, INT32_MAX);
        values[i] = (int32_t)(int64_t)value.bits;
    }
    *out = values;
    *count = l.kv->count;
    return LS_OK;
}
