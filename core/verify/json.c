#include "verify/json.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/utf8.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS /* without them, closing a bracket may cost the length of the text */
#include <jsmn.h>

struct ls_json {
    const char *bytes, *what;
    size_t length;
    const jsmntok_t *tokens;
    uint32_t count;
};

static ls_status refuse_at(const ls_json *json, size_t at, ls_error *err, ls_status status, const char *why) {
    return ls_fail(err, status, at, "%s: %s, at byte %llu", json->what, why, (unsigned long long)at);
}

ls_status ls_json_refuse(const ls_json *json, uint32_t value, ls_error *err, ls_status status,
                         const char *format, ...) {
    char why[LS_MESSAGE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(why, sizeof why, format, args);
    va_end(args);
    return refuse_at(json, (size_t)json->tokens[value].start, err, status, why);
}

/* ---- tokens -----------------------------------------------------------------------------------------------
 */

static int is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; }

/* The first byte from `at` on that is no space, or `end`. */
static size_t skip_spaces(const ls_json *json, size_t at, size_t end) {
    while (at < end && is_space(json->bytes[at])) at++;
    return at;
}

static ls_status check_bytes(const ls_json *json, ls_error *err) {
    if (json->length > LS_JSON_MAX)
        return ls_fail(err, LS_ERR_LENGTH, LS_JSON_MAX, "%s has %llu bytes; at most %d are read", json->what,
                       (unsigned long long)json->length, LS_JSON_MAX);
    size_t start = skip_spaces(json, 0, json->length);
    if (start == json->length) return refuse_at(json, start, err, LS_ERR_EMPTY, "there is nothing in it");
    if (json->bytes[start] != '{' && json->bytes[start] != '[')
        return refuse_at(json, start, err, LS_ERR_MAGIC, "this is not JSON");
    size_t valid = ls_utf8_valid_prefix(json->bytes, json->length);
    if (valid < json->length) return refuse_at(json, valid, err, LS_ERR_ENCODING, "this is not UTF-8");
    const char *nul = memchr(json->bytes, '\0', json->length);
    if (nul != NULL)
        return refuse_at(json, (size_t)(nul - json->bytes), err, LS_ERR_ENCODING, "there is a NUL in it");
    return LS_OK;
}

static ls_status refuse_parse(const ls_json *json, const jsmn_parser *parser, int code, ls_error *err) {
    if (code == JSMN_ERROR_PART)
        return refuse_at(json, parser->pos, err, LS_ERR_TRUNCATED, "it ends before what it began is closed");
    return refuse_at(json, parser->pos, err, LS_ERR_VALUE, "this is not JSON");
}

/* Deeper than any grid. Closing a bracket costs jsmn its depth; and with this, a token has two bytes at least.
 */
enum { DEPTH_MAX = 16 };

static ls_status check_depth(const ls_json *json, ls_error *err) {
    int depth = 0, quoted = 0;
    for (size_t at = 0; at < json->length; at++) {
        char byte = json->bytes[at];
        if (byte == '"')
            quoted = !quoted;
        else if (quoted)
            at += byte == '\\';
        else if (byte == '[' || byte == '{')
            depth++;
        else if (byte == ']' || byte == '}')
            depth--;
        if (depth > DEPTH_MAX)
            return refuse_at(json, at, err, LS_ERR_LENGTH, "brackets are nested more than 16 deep");
    }
    return LS_OK;
}

static ls_status find_tokens(ls_json *json, ls_arena *arena, ls_error *err) {
    jsmn_parser parser;
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, json->bytes, json->length, NULL, 0);
    if (count < 0) return refuse_parse(json, &parser, count, err);
    jsmntok_t *tokens = NULL;
    ls_status status = ls_arena_alloc(arena, (uint64_t)count, sizeof *tokens, json->what, &tokens, err);
    if (status != LS_OK) return status;
    jsmn_init(&parser);
    int found = jsmn_parse(&parser, json->bytes, json->length, tokens, (unsigned)count);
    if (found < 0) return refuse_parse(json, &parser, found, err);
    json->tokens = tokens;
    json->count = (uint32_t)found;
    size_t end = skip_spaces(json, (size_t)tokens[0].end, json->length);
    if (end < json->length) return refuse_at(json, end, err, LS_ERR_VALUE, "something follows its end");
    return LS_OK;
}

ls_status ls_json_open(const char *bytes, size_t n, const char *what, ls_arena *arena, const ls_json **out,
                       ls_error *err) {
    ls_json *json = NULL;
    ls_status status = ls_arena_alloc(arena, 1, sizeof *json, what, &json, err);
    if (status != LS_OK) return status;
    *json = (ls_json){.bytes = bytes, .what = what, .length = n};
    status = check_bytes(json, err);
    if (status == LS_OK) status = check_depth(json, err);
    if (status == LS_OK) status = find_tokens(json, arena, err);
    *out = json;
    return status;
}

/* ---- walking ----------------------------------------------------------------------------------------------
 */

static ls_status enter(const ls_json *json, uint32_t value, jsmntype_t type, const char *name,
                       ls_json_walk *walk, ls_error *err) {
    const jsmntok_t *token = &json->tokens[value];
    if (token->type != type)
        return ls_json_refuse(json, value, err, LS_ERR_TYPE, "%s is no %s", name,
                              type == JSMN_OBJECT ? "object" : "array");
    *walk = (ls_json_walk){json, value, value + 1, (size_t)token->start + 1, 1};
    return LS_OK;
}

ls_status ls_json_object(const ls_json *json, uint32_t value, const char *name, ls_json_walk *walk,
                         ls_error *err) {
    return enter(json, value, JSMN_OBJECT, name, walk, err);
}

ls_status ls_json_array(const ls_json *json, uint32_t value, const char *name, ls_json_walk *walk,
                        ls_error *err) {
    return enter(json, value, JSMN_ARRAY, name, walk, err);
}

/* The quotes of a string stand outside of its token. */
static size_t outer_start(const jsmntok_t *token) {
    return (size_t)token->start - (token->type == JSMN_STRING);
}
static size_t outer_end(const jsmntok_t *token) { return (size_t)token->end + (token->type == JSMN_STRING); }

/* Between walk->at and `end` there must be `mark` (0: nothing) and spaces. */
static ls_status check_gap(const ls_json_walk *walk, char mark, size_t end, ls_error *err) {
    size_t at = skip_spaces(walk->json, walk->at, end);
    if (mark != 0 && (at == end || walk->json->bytes[at] != mark))
        return refuse_at(walk->json, at, err, LS_ERR_VALUE,
                         mark == ',' ? "a comma is missing" : "a colon is missing");
    if (mark != 0) at = skip_spaces(walk->json, at + 1, end);
    return at == end ? LS_OK : refuse_at(walk->json, at, err, LS_ERR_VALUE, "this is not JSON");
}

/* The token behind a value and everything in it. */
static uint32_t behind(const ls_json *json, uint32_t value) {
    uint32_t next = value + 1;
    while (next < json->count && json->tokens[next].start < json->tokens[value].end) next++;
    return next;
}

ls_status ls_json_element(ls_json_walk *walk, uint32_t *value, ls_error *err) {
    const ls_json *json = walk->json;
    size_t end = (size_t)json->tokens[walk->container].end;
    if (walk->next >= json->count || (size_t)json->tokens[walk->next].start >= end)
        return check_gap(walk, 0, end - 1, err);
    const jsmntok_t *token = &json->tokens[walk->next];
    ls_status status = check_gap(walk, walk->first ? 0 : ',', outer_start(token), err);
    if (status != LS_OK) return status;
    *value = walk->next;
    walk->next = behind(json, walk->next);
    walk->at = outer_end(token);
    walk->first = 0;
    return LS_MORE;
}

ls_status ls_json_member(ls_json_walk *walk, uint32_t *key, uint32_t *value, ls_error *err) {
    const ls_json *json = walk->json;
    ls_status status = ls_json_element(walk, key, err);
    if (status != LS_MORE) return status;
    if (json->tokens[*key].type != JSMN_STRING)
        return ls_json_refuse(json, *key, err, LS_ERR_VALUE, "a name must be a string");
    if (walk->next >= json->count || json->tokens[walk->next].start >= json->tokens[walk->container].end)
        return ls_json_refuse(json, *key, err, LS_ERR_VALUE, "a name has no value");
    status = check_gap(walk, ':', outer_start(&json->tokens[walk->next]), err);
    if (status != LS_OK) return status;
    const jsmntok_t *token = &json->tokens[walk->next];
    *value = walk->next;
    walk->next = behind(json, walk->next);
    walk->at = outer_end(token);
    return LS_MORE;
}

uint32_t ls_json_size(const ls_json *json, uint32_t value) {
    uint32_t size = 0, end = behind(json, value);
    for (uint32_t i = value + 1; i < end; i = behind(json, i)) size++;
    return size;
}

int ls_json_is(const ls_json *json, uint32_t key, const char *word) {
    const jsmntok_t *token = &json->tokens[key];
    size_t length = (size_t)(token->end - token->start);
    return length == strlen(word) && memcmp(json->bytes + token->start, word, length) == 0;
}

/* ---- values -----------------------------------------------------------------------------------------------
 */

/* Four hexadecimal digits, which jsmn has checked. */
static uint32_t read_hex(const char *digits) {
    char copy[5] = {digits[0], digits[1], digits[2], digits[3], '\0'};
    return (uint32_t)strtoul(copy, NULL, 16);
}

/* The code point after a backslash; `at` moves behind it. 0 for half of a surrogate pair, and for NUL. */
static uint32_t read_escape(const char *bytes, size_t end, size_t *at) {
    static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
    char letter = bytes[(*at)++];
    const char *found = memchr(letters, letter, sizeof letters - 1);
    if (found != NULL) return (uint32_t)meanings[found - letters];
    uint32_t code = read_hex(bytes + *at);
    *at += 4;
    if (code < 0xd800 || code > 0xdfff) return code;
    if (code > 0xdbff || end - *at < 6 || bytes[*at] != '\\' || bytes[*at + 1] != 'u') return 0;
    uint32_t low = read_hex(bytes + *at + 2);
    *at += 6;
    return low < 0xdc00 || low > 0xdfff ? 0 : 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}

ls_status ls_json_string(const ls_json *json, uint32_t value, const char *name, ls_arena *arena,
                         const char **text, size_t *length, ls_error *err) {
    const jsmntok_t *token = &json->tokens[value];
    char *out = NULL;
    size_t used = 0, at = (size_t)token->start, end = (size_t)token->end;
    if (token->type != JSMN_STRING)
        return ls_json_refuse(json, value, err, LS_ERR_TYPE, "%s is no string", name);
    ls_status status = ls_arena_alloc(arena, end - at + 1, 1, json->what, &out, err);
    if (status != LS_OK) return status;
    while (at < end) {
        size_t start = at;
        if ((unsigned char)json->bytes[at] < 0x20)
            return refuse_at(json, at, err, LS_ERR_ENCODING, "a control character in a string");
        if (json->bytes[at++] != '\\') {
            out[used++] = json->bytes[start];
            continue;
        }
        uint32_t code = read_escape(json->bytes, end, &at);
        if (code == 0) return refuse_at(json, start, err, LS_ERR_ENCODING, "this escape is no character");
        used += ls_utf8_encode(code, out + used); /* never longer than its escape */
    }
    *text = out;
    *length = used;
    return LS_OK;
}

enum { NUMBER_MAX = 32 }; /* characters */

/* A value as a string, when it has a number's characters alone: no words, no hexadecimal. */
static int copy_number(const ls_json *json, uint32_t value, char out[NUMBER_MAX]) {
    const jsmntok_t *token = &json->tokens[value];
    size_t length = (size_t)(token->end - token->start);
    if (token->type != JSMN_PRIMITIVE || length >= NUMBER_MAX) return 0;
    memcpy(out, json->bytes + token->start, length);
    out[length] = '\0';
    return strspn(out, "+-.0123456789eE") == length && strchr("-0123456789", out[0]) != NULL;
}

ls_status ls_json_u32(const ls_json *json, uint32_t value, const char *name, uint32_t *out, ls_error *err) {
    char digits[NUMBER_MAX];
    int whole = copy_number(json, value, digits) && strspn(digits, "0123456789") == strlen(digits);
    unsigned long long number = whole ? strtoull(digits, NULL, 10) : 0; /* ULLONG_MAX when out of range */
    if (!whole || number >= UINT32_MAX)
        return ls_json_refuse(json, value, err, LS_ERR_VALUE, "%s is no whole number from 0 to %u", name,
                              UINT32_MAX - 1);
    *out = (uint32_t)number;
    return LS_OK;
}

ls_status ls_json_number(const ls_json *json, uint32_t value, const char *name, double *out, ls_error *err) {
    char digits[NUMBER_MAX], *end = digits;
    if (copy_number(json, value, digits)) *out = strtod(digits, &end);
    if (end == digits || *end != '\0')
        return ls_json_refuse(json, value, err, LS_ERR_VALUE, "%s is no number", name);
    return LS_OK;
}
