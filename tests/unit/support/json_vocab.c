#include "support/json_vocab.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "text/bytes.h"
#include "text/lexicon.h"

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

/* Tokens on their way into a vocabulary. */
typedef struct builder {
    ls_str *tokens;
    int32_t *types;
    uint64_t room, count;
} builder;

/* Purpose: room for `most` ids, every one unused at first. */
static int make_room(ls_arena *arena, uint64_t most, builder *b) {
    *b = (builder){.room = most};
    if (ls_arena_alloc(arena, most, sizeof *b->tokens, "tokens", &b->tokens, NULL) != LS_OK) return -1;
    if (ls_arena_alloc(arena, most, sizeof *b->types, "types", &b->types, NULL) != LS_OK) return -1;
    for (uint64_t i = 0; i < most; i++) b->types[i] = LS_TOKEN_UNUSED;
    return 0;
}

static int put(builder *b, uint32_t id, ls_str token, int32_t type) {
    if (id >= b->room) return -1;
    b->tokens[id] = token;
    b->types[id] = type;
    if (id >= b->count) b->count = (uint64_t)id + 1;
    return 0;
}

/* Purpose: the entries "token": id of the object at `vocabulary`. */
static int read_tokens(const document *d, int vocabulary, int fallback, builder *b) {
    int at = vocabulary + 1;
    for (int i = 0; i < d->tokens[vocabulary].size; i++, at += 2) {
        uint8_t byte = 0;
        ls_str token = string(d, at);
        int32_t type = fallback && ls_byte_name(token, &byte) ? LS_TOKEN_BYTE : LS_TOKEN_NORMAL;
        if (put(b, number(d, at + 1), token, type) != 0) return -1;
    }
    return 0;
}

/* Purpose: one added token, described by the object at `at`. */
static int put_added(const document *d, int at, uint32_t id, builder *b) {
    int content = member(d, at, "content"), special = member(d, at, "special");
    if (content < 0 || special < 0) return -1;
    return put(b, id, string(d, content), is_text(d, special, "true") ? LS_TOKEN_CONTROL : LS_TOKEN_USER);
}

/* Purpose: added tokens as tokenizer.json lists them, or as tokenizer_config.json has them, by id. */
static int read_added(const document *d, int added, builder *b) {
    int by_id = d->tokens[added].type == JSMN_OBJECT, at = added + 1;
    for (int i = 0; i < d->tokens[added].size; i++) {
        int entry = at + by_id, id_at = by_id ? at : member(d, at, "id");
        if (id_at < 0 || put_added(d, entry, number(d, id_at), b) != 0) return -1;
        at = after(d, entry);
    }
    return 0;
}

static void finish(const builder *b, ls_vocab *out) {
    *out =
        (ls_vocab){.file = "tokenizer.json", .model = LS_STR("gpt2"), .bos = LS_NO_TOKEN, .eos = LS_NO_TOKEN};
    out->pre = out->arch = LS_STR("");
    out->tokens = b->tokens;
    out->types = b->types;
    out->count = out->type_count = b->count;
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

static ls_str merged_text(ls_str merge, char *out) {
    const char *space = memchr(merge.bytes, ' ', merge.length);
    size_t left = space != NULL ? (size_t)(space - merge.bytes) : merge.length;
    memcpy(out, merge.bytes, left);
    if (left < merge.length) memcpy(out + left, merge.bytes + left + 1, merge.length - left - 1);
    return (ls_str){out, merge.length - (left < merge.length)};
}

/* The list of merges came from scores: a token's score is the place of the first merge that makes it. */
static int scores_from_merges(ls_arena *arena, ls_vocab *out) {
    float *scores = NULL;
    ls_lexicon lexicon;
    if (ls_arena_alloc(arena, out->count, sizeof *scores, "scores", &scores, NULL) != LS_OK) return -1;
    if (ls_lexicon_build(out, arena, &lexicon, NULL) != LS_OK) return -1;
    for (uint64_t id = 0; id < out->count; id++) scores[id] = -(float)out->merge_count;
    for (uint64_t rank = out->merge_count; rank-- > 0;) {
        char text[512];
        if (out->merges[rank].length > sizeof text) return -1;
        uint32_t id = ls_lexicon_find(&lexicon, merged_text(out->merges[rank], text), LS_STR(""));
        if (id == LS_NO_TOKEN) return -1;
        scores[id] = -(float)rank;
    }
    out->scores = scores;
    out->score_count = out->count;
    out->model = LS_STR("llama");
    return 0;
}

int json_vocab_read(const char *json, size_t length, ls_arena *arena, ls_vocab *out) {
    document d;
    builder b;
    if (parse(json, length, arena, &d) != 0) return -1;
    int model = member(&d, 0, "model"), added = member(&d, 0, "added_tokens");
    int vocabulary = member(&d, model, "vocab"), merges = member(&d, model, "merges");
    int option = member(&d, model, "byte_fallback"), fallback = option >= 0 && is_text(&d, option, "true");
    if (vocabulary < 0 || merges < 0 || added < 0) return -1;
    uint64_t most = (uint64_t)d.tokens[vocabulary].size + (uint64_t)d.tokens[added].size;
    if (make_room(arena, most, &b) != 0 || read_tokens(&d, vocabulary, fallback, &b) != 0) return -1;
    if (read_added(&d, added, &b) != 0) return -1;
    finish(&b, out);
    if (read_merges(&d, merges, out) != 0) return -1;
    return fallback ? scores_from_merges(arena, out) : 0;
}

int json_vocab_read_parts(ls_str vocab_json, ls_str merges_txt, ls_str settings_json, ls_arena *arena,
                          ls_vocab *out) {
    document d, settings;
    builder b;
    ls_str *merges = NULL;
    if (parse(vocab_json.bytes, vocab_json.length, arena, &d) != 0) return -1;
    if (parse(settings_json.bytes, settings_json.length, arena, &settings) != 0) return -1;
    int added = member(&settings, 0, "added_tokens_decoder");
    if (added < 0 || d.tokens[0].type != JSMN_OBJECT) return -1;
    uint64_t most = (uint64_t)d.tokens[0].size + (uint64_t)settings.tokens[added].size;
    if (make_room(arena, most, &b) != 0 || read_tokens(&d, 0, 0, &b) != 0) return -1;
    if (read_added(&settings, added, &b) != 0) return -1;
    finish(&b, out);
    for (size_t i = 0; i < merges_txt.length; i++) out->merge_count += merges_txt.bytes[i] == '\n';
    if (ls_arena_alloc(arena, out->merge_count, sizeof *merges, "merges", &merges, NULL) != LS_OK) return -1;
    out->merges = merges;
    out->merge_count = 0;
    for (const char *line = merges_txt.bytes, *end; (end = strchr(line, '\n')) != NULL; line = end + 1)
        if (end > line && strncmp(line, "#version", 8) != 0)
            merges[out->merge_count++] = (ls_str){line, (size_t)(end - line)};
    return 0;
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

int json_vocab_read_parts(ls_str vocab_json, ls_str merges_txt, ls_str settings_json, ls_arena *arena,
                          ls_vocab *out) {
    (void)vocab_json, (void)merges_txt, (void)settings_json, (void)arena, (void)out;
    return -1;
}

int json_vocab_has_nfc(const char *json, size_t length, ls_arena *arena) {
    (void)json, (void)length, (void)arena;
    return 0;
}

#endif
