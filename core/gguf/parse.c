#include "gguf/parse.h"

#include <string.h>

#include "base/status.h"
#include "base/utf8.h"
#include "gguf/index.h"

enum {
    READ_AHEAD = 256 * 1024,
    DEFAULT_ALIGNMENT = 32,
    SAMPLE = 512, /* of a file that is something else */
    /* The least an entry can take: key or name of one byte, value or dimension of the smallest size. */
    KV_BYTES_MIN = 8 + 1 + 4 + 1,
    TENSOR_BYTES_MIN = 8 + 1 + 4 + 8 + 4 + 8
};

static ls_status refuse_magic(ls_gguf_parser *parser) {
    const unsigned char *bytes = NULL;
    uint64_t size = parser->cursor.source->size;
    size_t n = size < SAMPLE ? (size_t)size : SAMPLE;
    parser->cursor.at = 0;
    ls_status status = ls_gguf_take(&parser->cursor, n, "the beginning of the file", &bytes);
    if (status != LS_OK) return status;
    char quoted[LS_QUOTE_MAX];
    return ls_gguf_refuse(&parser->report, LS_ERR_MAGIC, 0, "it begins with %s instead of \"GGUF\": %s",
                          ls_quote(quoted, (const char *)bytes, n < 4 ? n : 4),
                          ls_gguf_identify(bytes, n, size));
}

static ls_status parse_magic(ls_gguf_parser *parser) {
    static const char magic[4] = {'G', 'G', 'U', 'F'};
    const unsigned char *bytes = NULL;
    uint64_t size = parser->cursor.source->size;
    if (size == 0) return ls_gguf_refuse(&parser->report, LS_ERR_EMPTY, 0, "the file is empty");
    size_t n = size < sizeof magic ? (size_t)size : sizeof magic;
    ls_status status = ls_gguf_take(&parser->cursor, n, "the magic", &bytes);
    if (status != LS_OK) return status;
    if (memcmp(bytes, magic, n) != 0) return refuse_magic(parser);
    if (n == sizeof magic) return LS_OK;
    return ls_gguf_refuse(&parser->report, LS_ERR_TRUNCATED, 0,
                          "the file ends after %llu bytes, inside the magic: it is cut short",
                          (unsigned long long)size);
}

static ls_status parse_version(ls_gguf_parser *parser) {
    uint64_t offset = parser->cursor.at;
    ls_status status = ls_gguf_take_u32(&parser->cursor, "the version", &parser->gguf->version);
    if (status != LS_OK) return status;
    uint32_t version = parser->gguf->version;
    if (version == 2 || version == 3) return LS_OK;
    /* No version is anywhere near 2^24: this is one whose bytes are the other way round. */
    if (version != 0 && (version & 0x00ffffffu) == 0)
        return ls_gguf_refuse(&parser->report, LS_ERR_UNSUPPORTED, offset,
                              "this is a big-endian GGUF file (version %u); only little-endian ones are read",
                              version >> 24);
    return ls_gguf_refuse(&parser->report, LS_ERR_VERSION, offset, "GGUF version %u is not read, only 2 and 3",
                          version);
}

/* Refuses a count of entries that the rest of the file cannot hold. */
static ls_status check_count(const ls_gguf_parser *parser, uint64_t offset, const char *what, uint64_t count,
                             uint64_t room, uint64_t least) {
    if (count <= room / least) return LS_OK;
    return ls_gguf_refuse(
        &parser->report, LS_ERR_COUNT, offset,
        "it announces %llu %s, but the %llu bytes left have room for %llu at most: the file is cut "
        "short or damaged",
        (unsigned long long)count, what, (unsigned long long)room, (unsigned long long)(room / least));
}

ls_status ls_gguf_parse_start(ls_gguf_parser *parser) {
    ls_gguf *gguf = parser->gguf;
    ls_status status = parse_magic(parser);
    if (status != LS_OK) return status;
    status = parse_version(parser);
    if (status != LS_OK) return status;
    uint64_t offset = parser->cursor.at;
    status = ls_gguf_take_u64(&parser->cursor, "the number of tensors", &gguf->tensor_count);
    if (status != LS_OK) return status;
    status = ls_gguf_take_u64(&parser->cursor, "the number of metadata entries", &gguf->kv_count);
    if (status != LS_OK) return status;
    uint64_t room = ls_gguf_cursor_remaining(&parser->cursor);
    status = check_count(parser, offset, "tensors", gguf->tensor_count, room, TENSOR_BYTES_MIN);
    if (status != LS_OK) return status;
    room -= gguf->tensor_count * TENSOR_BYTES_MIN;
    return check_count(parser, offset + 8, "metadata entries", gguf->kv_count, room, KV_BYTES_MIN);
}

ls_status ls_gguf_parse_name(ls_gguf_parser *parser, uint32_t limit, ls_str *name) {
    const unsigned char *bytes = NULL;
    uint64_t offset = parser->cursor.at, length = 0;
    ls_status status = ls_gguf_take_u64(&parser->cursor, "the length of its name", &length);
    if (status != LS_OK) return status;
    if (length == 0) return ls_gguf_refuse(&parser->report, LS_ERR_LENGTH, offset, "its name is empty");
    if (length > limit)
        return ls_gguf_refuse(&parser->report, LS_ERR_LENGTH, offset,
                              "its name is %llu bytes long, the limit is %u", (unsigned long long)length,
                              limit);
    offset = parser->cursor.at;
    status = ls_gguf_take(&parser->cursor, length, "its name", &bytes);
    if (status != LS_OK) return status;
    *name = (ls_str){(const char *)bytes, (size_t)length};
    ls_gguf_report_name(&parser->report, name->bytes, name->length);
    size_t valid = ls_utf8_valid_prefix(name->bytes, name->length);
    if (valid < name->length)
        return ls_gguf_refuse(&parser->report, LS_ERR_ENCODING, offset + valid, "the name is not valid UTF-8");
    const char *nul = memchr(name->bytes, '\0', name->length);
    if (nul != NULL)
        return ls_gguf_refuse(&parser->report, LS_ERR_ENCODING, offset + (uint64_t)(nul - name->bytes),
                              "the name holds a NUL byte");
    return LS_OK;
}

/* The whole grammar, in either pass. */
static ls_status parse_all(ls_gguf_parser *parser) {
    ls_gguf *gguf = parser->gguf;
    gguf->alignment = DEFAULT_ALIGNMENT;
    parser->string_count = 0;
    parser->report.kind = NULL;
    ls_status status = ls_gguf_parse_start(parser);
    for (uint64_t i = 0; status == LS_OK && i < gguf->kv_count; i++) status = ls_gguf_parse_kv(parser, i);
    for (uint64_t i = 0; status == LS_OK && i < gguf->tensor_count; i++)
        status = ls_gguf_parse_tensor(parser, i);
    parser->report.kind = NULL;
    return status;
}

/* First pass: judge and count, with one window of memory. */
static ls_status survey(ls_gguf_parser *parser, const ls_source *source, const ls_allocator *allocator,
                        uint64_t window) {
    ls_gguf_cursor_open(&parser->cursor, source, allocator, window, &parser->report);
    ls_status status = parse_all(parser);
    parser->gguf->header_bytes = parser->cursor.at;
    ls_gguf_cursor_close(&parser->cursor);
    return status;
}

static ls_status allocate_tables(ls_gguf_parser *parser, ls_arena *arena, unsigned char **header) {
    ls_gguf *gguf = parser->gguf;
    ls_error *err = parser->report.err;
    ls_status status = ls_arena_alloc(arena, gguf->header_bytes, 1, "the model's header", header, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, gguf->kv_count, sizeof *parser->kvs, "the metadata", &parser->kvs, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, parser->string_count, sizeof *parser->strings, "the strings",
                                &parser->strings, err);
    if (status == LS_OK)
        status = ls_arena_alloc(arena, gguf->tensor_count, sizeof *parser->tensors, "the list of tensors",
                                &parser->tensors, err);
    return status;
}

/* Second pass: keep. A source may deliver other bytes than before, so nothing is stored beyond the counted
 * room. */
static ls_status fill_tables(ls_gguf_parser *parser, const ls_source *source, ls_arena *arena) {
    ls_gguf *gguf = parser->gguf;
    uint64_t counted = gguf->header_bytes;
    unsigned char *header = NULL;
    parser->kv_room = gguf->kv_count;
    parser->tensor_room = gguf->tensor_count;
    parser->string_room = parser->string_count;
    ls_status status = allocate_tables(parser, arena, &header);
    if (status != LS_OK) return status;
    if (source->read(source->ctx, 0, header, (size_t)counted) != 0)
        return ls_gguf_refuse(&parser->report, LS_ERR_READ, 0, "%llu bytes of the header could not be read",
                              (unsigned long long)counted);
    ls_gguf_cursor_open_memory(&parser->cursor, source, header, counted, &parser->report);
    status = parse_all(parser);
    if (status != LS_OK) return status;
    if (parser->cursor.at != counted || gguf->kv_count != parser->kv_room ||
        gguf->tensor_count != parser->tensor_room || parser->string_count != parser->string_room)
        return ls_gguf_refuse_changed(parser);
    gguf->header = header;
    gguf->kvs = parser->kvs;
    gguf->tensors = parser->tensors;
    return LS_OK;
}

ls_status ls_gguf_refuse_changed(const ls_gguf_parser *parser) {
    return ls_gguf_refuse(&parser->report, LS_ERR_READ, parser->cursor.at,
                          "the file changed while it was read");
}

static ls_status refuse_twice(ls_gguf_parser *parser, const char *kind, ls_str name, uint64_t second,
                              uint64_t first) {
    ls_gguf_report_entry(&parser->report, kind, 0);
    ls_gguf_report_name(&parser->report, name.bytes, name.length);
    return ls_gguf_refuse(&parser->report, LS_ERR_DUPLICATE, second,
                          "it appears a second time; the first is at byte %llu", (unsigned long long)first);
}

/* Offset of the length before a key: where the entry begins. */
static uint64_t key_offset(const ls_gguf *gguf, uint32_t number) {
    const unsigned char *key = (const unsigned char *)gguf->kvs[number].key.bytes;
    return (uint64_t)(key - gguf->header) - 8;
}

static ls_status index_names(ls_gguf_parser *parser, ls_arena *arena) {
    ls_gguf *gguf = parser->gguf;
    uint32_t second = 0, first = 0;
    ls_status status = ls_gguf_index_build(arena, gguf->kvs, sizeof *gguf->kvs, (uint32_t)gguf->kv_count,
                                           &gguf->key_index, &second, &first, parser->report.err);
    if (status != LS_OK) return status;
    if (second != LS_GGUF_NO_ENTRY)
        return refuse_twice(parser, "metadata key", gguf->kvs[second].key, key_offset(gguf, second),
                            key_offset(gguf, first));
    status = ls_gguf_index_build(arena, gguf->tensors, sizeof *gguf->tensors, (uint32_t)gguf->tensor_count,
                                 &gguf->name_index, &second, &first, parser->report.err);
    if (status != LS_OK) return status;
    if (second != LS_GGUF_NO_ENTRY)
        return refuse_twice(parser, "tensor", gguf->tensors[second].name, gguf->tensors[second].entry,
                            gguf->tensors[first].entry);
    return LS_OK;
}

ls_status ls_gguf_open_windowed(const ls_source *source, ls_arena *arena, uint64_t window, const ls_gguf **out,
                                ls_error *err) {
    ls_gguf *gguf = NULL;
    ls_status status = ls_arena_alloc(arena, 1, sizeof *gguf, "the model's header", &gguf, err);
    if (status != LS_OK) return status;
    gguf->file = source->name;
    gguf->size = source->size;
    ls_gguf_parser parser = {.report = {.file = source->name, .err = err}, .gguf = gguf};
    status = survey(&parser, source, &arena->allocator, window);
    if (status == LS_OK) status = fill_tables(&parser, source, arena);
    if (status == LS_OK) status = index_names(&parser, arena);
    if (status == LS_OK) status = ls_gguf_place_tensors(gguf, parser.tensors, arena, &parser.report);
    if (status == LS_OK) *out = gguf;
    return status;
}

ls_status ls_gguf_open(const ls_source *source, ls_arena *arena, const ls_gguf **out, ls_error *err) {
    return ls_gguf_open_windowed(source, arena, READ_AHEAD, out, err);
}
