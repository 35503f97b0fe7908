#include "support/json_vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* jsmn is a header (Debian: libjsmn-dev). Without it the published tokenisers are not compared. */
#if defined(__has_include)
#if __has_include(<jsmn.h>)
#define HAVE_JSMN
#endif
#endif

char *read_whole_file(const char *path, ls_arena *arena, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (file == NULL) return NULL;
    char *bytes = NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (*length = (size_t)ftell(file)) < SIZE_MAX / 2 &&
        ls_arena_alloc(arena, *length + 1, 1, path, &bytes, NULL) == LS_OK) {
        rewind(file);
        if (fread(bytes, 1, *length, file) != *length) bytes = NULL;
    }
    fclose(file);
    return bytes;
}

#ifdef HAVE_JSMN
#define JSMN_STATIC
#define JSMN_PARENT_LINKS
#define JSMN_STRICT
#include <jsmn.h>

int json_vocab_available(void) { return 1; }

typedef struct document {
    const char *json;
    jsmntok_t *tokens;
    int count;
    ls_arena *arena;
} document;

static int parse(const char *json, size_t length, ls_arena *arena, document *out) {
    jsmn_parser parser;
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, json, length, NULL, 0);
    *out = (document){json, NULL, count, arena};
    if (count <= 0 ||
        ls_arena_alloc(arena, (uint64_t)count, sizeof *out->tokens, "JSON", &out->tokens, NULL) != 0)
        return -1;
    jsmn_init(&parser);
    return jsmn_parse(&parser, json, length, out->tokens, (unsigned)count) == count ? 0 : -1;
}

/* Purpose: index of the first token after the value at `at`. */
static int after(const document *d, int at) {
    int end = d->tokens[at++].end;
    while (at < d->count && d->tokens[at].start < end) at++;
    return at;
}

static int is_text(const document *d, int at, const char *text) {
    const jsmntok_t *t = &d->tokens[at];
    return strlen(text) == (size_t)(t->end - t->start) && memcmp(d->json + t->start, text, strlen(text)) == 0;
}

/* Purpose: index of the value of a key of the object at `at`, or -1. */
static int member(const document *d, int at, const char *key) {
    if (at < 0 || d->tokens[at].type != JSMN_OBJECT) return -1;
    int key_at = at + 1;
    for (int i = 0; i < d->tokens[at].size; i++, key_at = after(d, key_at + 1))
        if (is_text(d, key_at, key)) return key_at + 1;
    return -1;
}

static uint32_t hex4(const char *digits) {
    char text[5] = {digits[0], digits[1], digits[2], digits[3], '\0'};
    return (uint32_t)strtoul(text, NULL, 16);
}

/* Purpose: the code point of the escape at json[*at] ('\\'), moving *at behind it. */
static uint32_t unescape_one(const char *json, size_t *at) {
    static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
    char kind = json[*at + 1];
    *at += 2;
    if (kind != 'u') {
        const char *known = strchr(from, kind);
        return known != NULL ? (uint32_t)to[known - from] : (uint32_t)(unsigned char)kind;
    }
    uint32_t code = hex4(json + *at);
    *at += 4;
    if (code < 0xd800 || code >= 0xdc00) return code;
    uint32_t low = hex4(json + *at + 2);
    *at += 6;
    return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

/* Purpose: the string at `at`, escapes undone; a copy in the arena only where there are any. */
static ls_str string(const document *d, int at) {
    size_t from = (size_t)d->tokens[at].start, end = (size_t)d->tokens[at].end, used = 0;
    char *copy = NULL;
    if (memchr(d->json + from, '\\', end - from) == NULL) return (ls_str){d->json + from, end - from};
    if (ls_arena_alloc(d->arena, end - from, 1, "a string", &copy, NULL) != LS_OK) return LS_STR("");
    while (from < end) {
        if (d->json[from] == '\\')
            used += ls_utf8_encode(unescape_one(d->json, &from), copy + used);
        else
            copy[used++] = d->json[from++];
    }
    return (ls_str){copy, used};
}

static uint32_t number(const document *d, int at) {
    return (uint32_t)strtoul(d->json + d->tokens[at].start, NULL, 10);
}

/* Purpose: room for all ids of the vocabulary and the added tokens, every one unused at first. */
static int make_room(const document *d, int vocabulary, int added, ls_str **tokens, int32_t **types,
                     ls_vocab *out) {
    uint64_t most = (uint64_t)d->tokens[vocabulary].size + (uint64_t)d->tokens[added].size;
    if (ls_arena_alloc(d->arena, most, sizeof **tokens, "tokens", tokens, NULL) != LS_OK) return -1;
    if (ls_arena_alloc(d->arena, most, sizeof **types, "types", types, NULL) != LS_OK) return -1;
    for (uint64_t i = 0; i < most; i++) {
        (*tokens)[i] = LS_STR("");
        (*types)[i] = LS_TOKEN_UNUSED;
    }
    out->tokens = *tokens;
    out->types = *types;
    out->count = most;
    return 0;
}

static int read_tokens(const document *d, int vocabulary, int added, ls_vocab *out) {
    ls_str *tokens = NULL;
    int32_t *types = NULL;
    uint64_t count = 0;
    if (make_room(d, vocabulary, added, &tokens, &types, out) != 0) return -1;
    int at = vocabulary + 1;
    for (int i = 0; i < d->tokens[vocabulary].size; i++, at += 2) {
        uint32_t id = number(d, at + 1);
        if (id >= out->count) return -1;
        tokens[id] = string(d, at);
        types[id] = LS_TOKEN_NORMAL;
        if (id >= count) count = (uint64_t)id + 1;
    }
    at = added + 1;
    for (int i = 0; i < d->tokens[added].size; i++, at = after(d, at)) {
        int id_at = member(d, at, "id"), content = member(d, at, "content"), special = member(d, at, "special");
        uint32_t id = id_at < 0 ? UINT32_MAX : number(d, id_at);
        if (content < 0 || special < 0 || id >= out->count) return -1;
        tokens[id] = string(d, content);
        types[id] = is_text(d, special, "true") ? LS_TOKEN_CONTROL : LS_TOKEN_USER;
        if (id >= count) count = (uint64_t)id + 1;
    }
    out->count = out->type_count = count;
    return 0;
}

/* Merges are pairs of strings in newer files, one string with a space in older ones. */
static int read_merges(const document *d, int list, ls_vocab *out) {
    ls_str *merges = NULL;
    uint64_t count = (uint64_t)d->tokens[list].size;
    if (ls_arena_alloc(d->arena, count, sizeof *merges, "merges", &merges, NULL) != LS_OK) return -1;
    int at = list + 1;
    for (uint64_t i = 0; i < count; i++, at = after(d, at)) {
        if (d->tokens[at].type == JSMN_STRING) {
            merges[i] = string(d, at);
            continue;
        }
        ls_str left = string(d, at + 1), right = string(d, at + 2);
        char *joined = NULL;
        if (ls_arena_alloc(d->arena, left.length + right.length + 1, 1, "a merge", &joined, NULL) != LS_OK)
            return -1;
        memcpy(joined, left.bytes, left.length);
        joined[left.length] = ' ';
        memcpy(joined + left.length + 1, right.bytes, right.length);
        merges[i] = (ls_str){joined, left.length + right.length + 1};
    }
    out->merges = merges;
    out->merge_count = count;
    return 0;
}

int json_vocab_read(const char *json, size_t length, ls_arena *arena, ls_vocab *out) {
    document d;
    if (parse(json, length, arena, &d) != 0) return -1;
    int model = member(&d, 0, "model"), added = member(&d, 0, "added_tokens");
    int vocabulary = member(&d, model, "vocab"), merges = member(&d, model, "merges");
    if (vocabulary < 0 || merges < 0 || added < 0) return -1;
    *out =
        (ls_vocab){.file = "tokenizer.json", .model = LS_STR("gpt2"), .bos = LS_NO_TOKEN, .eos = LS_NO_TOKEN};
    out->pre = out->arch = LS_STR("");
    return read_tokens(&d, vocabulary, added, out) != 0 ? -1 : read_merges(&d, merges, out);
}

int json_vocab_has_nfc(const char *json, size_t length, ls_arena *arena) {
    document d;
    if (parse(json, length, arena, &d) != 0) return 0;
    int type = member(&d, member(&d, 0, "normalizer"), "type");
    return type >= 0 && is_text(&d, type, "NFC");
}

#else

int json_vocab_available(void) { return 0; }

int json_vocab_read(const char *json, size_t length, ls_arena *arena, ls_vocab *out) {
    (void)json, (void)length, (void)arena, (void)out;
    return -1;
}

int json_vocab_has_nfc(const char *json, size_t length, ls_arena *arena) {
    (void)json, (void)length, (void)arena;
    return 0;
}

#endif
