#include <string.h>

#include "base/sizes.h"
#include "base/status.h"
#include "gguf/parse.h"

static const struct {
    const char *name;
    uint32_t bytes; /* of one value; 0: it varies */
} value_types[LS_GGUF_TYPE_COUNT] = {
    [LS_GGUF_U8] = {"u8", 1},       [LS_GGUF_I8] = {"i8", 1},     [LS_GGUF_U16] = {"u16", 2},
    [LS_GGUF_I16] = {"i16", 2},     [LS_GGUF_U32] = {"u32", 4},   [LS_GGUF_I32] = {"i32", 4},
    [LS_GGUF_F32] = {"f32", 4},     [LS_GGUF_BOOL] = {"bool", 1}, [LS_GGUF_STRING] = {"string", 0},
    [LS_GGUF_ARRAY] = {"array", 0}, [LS_GGUF_U64] = {"u64", 8},   [LS_GGUF_I64] = {"i64", 8},
    [LS_GGUF_F64] = {"f64", 8},
};

enum { STRING_BYTES_MIN = 8 /* its length alone */ };

const char *ls_gguf_type_name(uint32_t type) {
    return type < LS_GGUF_TYPE_COUNT ? value_types[type].name : "unknown";
}

static ls_status take_type(ls_gguf_parser *parser, const char *what, uint8_t *type) {
    uint64_t offset = parser->cursor.at;
    uint32_t value = 0;
    ls_status status = ls_gguf_take_u32(&parser->cursor, what, &value);
    if (status != LS_OK) return status;
    if (value >= LS_GGUF_TYPE_COUNT)
        return ls_gguf_refuse(&parser->report, LS_ERR_TYPE, offset, "%s is %u, the known types are 0 to %d",
                              what, value, LS_GGUF_TYPE_COUNT - 1);
    *type = (uint8_t)value;
    return LS_OK;
}

/* One string, passed over: its content is any bytes. */
static ls_status parse_string(ls_gguf_parser *parser) {
    uint64_t offset = parser->cursor.at, length = 0;
    ls_status status = ls_gguf_take_u64(&parser->cursor, "the length of a string", &length);
    if (status != LS_OK) return status;
    if (length > LS_GGUF_STRING_MAX)
        return ls_gguf_refuse(&parser->report, LS_ERR_LENGTH, offset,
                              "a string is %llu bytes long, the limit is %u", (unsigned long long)length,
                              LS_GGUF_STRING_MAX);
    uint64_t begin = parser->cursor.at;
    status = ls_gguf_skip(&parser->cursor, length, "a string");
    if (status != LS_OK) return status;
    if (parser->strings != NULL) {
        if (parser->string_count >= parser->string_room) return ls_gguf_refuse_changed(parser);
        /* In the second pass the window is the header. */
        parser->strings[parser->string_count] =
            (ls_str){(const char *)parser->cursor.window + begin, (size_t)length};
    }
    parser->string_count++;
    return LS_OK;
}

static ls_status parse_bools(ls_gguf_parser *parser, uint64_t count) {
    enum { CHUNK = 4096 };
    while (count > 0) {
        const unsigned char *bytes = NULL;
        uint64_t offset = parser->cursor.at, n = count < CHUNK ? count : CHUNK;
        ls_status status = ls_gguf_take(&parser->cursor, n, "a bool", &bytes);
        if (status != LS_OK) return status;
        for (size_t i = 0; i < n; i++)
            if (bytes[i] > 1)
                return ls_gguf_refuse(&parser->report, LS_ERR_VALUE, offset + i,
                                      "a bool is %u, only 0 and 1 are allowed", bytes[i]);
        count -= n;
    }
    return LS_OK;
}

/* The type and number of an array's elements, bounded by the bytes that are left. */
static ls_status parse_array_start(ls_gguf_parser *parser, uint8_t *element, uint64_t *count) {
    uint64_t offset = parser->cursor.at, bytes = 0;
    ls_status status = take_type(parser, "the type of its elements", element);
    if (status != LS_OK) return status;
    if (*element == LS_GGUF_ARRAY)
        return ls_gguf_refuse(&parser->report, LS_ERR_UNSUPPORTED, offset, "arrays of arrays are not read");
    offset = parser->cursor.at;
    status = ls_gguf_take_u64(&parser->cursor, "the number of its elements", count);
    if (status != LS_OK) return status;
    uint32_t least = *element == LS_GGUF_STRING ? STRING_BYTES_MIN : value_types[*element].bytes;
    if (!ls_mul_u64(*count, least, &bytes))
        return ls_gguf_refuse(&parser->report, LS_ERR_OVERFLOW, offset,
                              "an array of %llu elements of %u bytes is more than 64 bits can count",
                              (unsigned long long)*count, least);
    if (bytes > LS_GGUF_HEADER_MAX)
        return ls_gguf_refuse(&parser->report, LS_ERR_LENGTH, offset,
                              "an array of %llu elements takes %llu bytes, the limit of a whole header is %u",
                              (unsigned long long)*count, (unsigned long long)bytes, LS_GGUF_HEADER_MAX);
    uint64_t remaining = ls_gguf_cursor_remaining(&parser->cursor);
    if (bytes > remaining)
        return ls_gguf_refuse(
            &parser->report, LS_ERR_TRUNCATED, offset,
            "an array of %llu elements needs %llu bytes, but the file ends after %llu more: it is "
            "cut short or damaged",
            (unsigned long long)*count, (unsigned long long)bytes, (unsigned long long)remaining);
    return LS_OK;
}

/* `count` values of one type. */
static ls_status parse_values(ls_gguf_parser *parser, uint8_t type, uint64_t count, int in_array) {
    if (type == LS_GGUF_BOOL) return parse_bools(parser, count);
    if (type != LS_GGUF_STRING)
        return ls_gguf_skip(&parser->cursor, count * value_types[type].bytes, "its value");
    for (uint64_t i = 0; i < count; i++) {
        if (in_array) parser->report.item = i + 1;
        ls_status status = parse_string(parser);
        if (status != LS_OK) return status;
    }
    parser->report.item = 0;
    return LS_OK;
}

/* general.alignment is part of the container: it says where the tensors lie. */
static ls_status note_alignment(ls_gguf_parser *parser, uint8_t type, uint64_t type_offset) {
    uint64_t offset = parser->cursor.at;
    uint32_t alignment = 0;
    if (type != LS_GGUF_U32)
        return ls_gguf_refuse(&parser->report, LS_ERR_TYPE, type_offset, "it is of type %s, not u32",
                              ls_gguf_type_name(type));
    ls_status status = ls_gguf_take_u32(&parser->cursor, "its value", &alignment);
    if (status != LS_OK) return status;
    if (alignment == 0 || alignment % 8 != 0 || alignment > LS_GGUF_ALIGNMENT_MAX)
        return ls_gguf_refuse(&parser->report, LS_ERR_ALIGNMENT, offset,
                              "it is %u, but must be a multiple of 8 from 8 to %u", alignment,
                              LS_GGUF_ALIGNMENT_MAX);
    parser->gguf->alignment = alignment;
    return LS_OK;
}

static void keep_kv(ls_gguf_parser *parser, uint64_t number, ls_str key, uint64_t value, ls_gguf_kv kv) {
    int is_string = kv.element == LS_GGUF_STRING;
    kv.key = key;
    kv.raw = parser->cursor.window + value;
    kv.strings = is_string ? parser->strings + parser->string_count - kv.count : NULL;
    parser->kvs[number] = kv;
}

ls_status ls_gguf_parse_kv(ls_gguf_parser *parser, uint64_t number) {
    ls_str key = {NULL, 0};
    uint8_t type = 0, element = 0;
    uint64_t count = 1;
    ls_gguf_report_entry(&parser->report, "metadata key", number + 1);
    ls_status status = ls_gguf_parse_name(parser, LS_GGUF_KEY_MAX, &key);
    if (status != LS_OK) return status;
    /* The view of the key ends with the next take. */
    int is_alignment = ls_str_equal(key, LS_STR("general.alignment"));
    uint64_t type_offset = parser->cursor.at;
    status = take_type(parser, "the type of its value", &type);
    if (status != LS_OK) return status;
    element = type;
    if (type == LS_GGUF_ARRAY && !is_alignment) status = parse_array_start(parser, &element, &count);
    if (status != LS_OK) return status;
    uint64_t value = parser->cursor.at;
    status = is_alignment ? note_alignment(parser, type, type_offset)
                          : parse_values(parser, element, count, type == LS_GGUF_ARRAY);
    if (status != LS_OK || parser->kvs == NULL) return status;
    if (number >= parser->kv_room) return ls_gguf_refuse_changed(parser);
    keep_kv(parser, number, key, value,
            (ls_gguf_kv){.count = (uint32_t)count, .type = type, .element = element});
    return LS_OK;
}
