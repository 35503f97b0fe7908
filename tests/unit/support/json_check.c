#include "support/json_check.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { DEEPEST = 64 };

/* Each reader returns the end of what it read, or NULL. Texts are NUL-terminated. */
static const char *value_end(const char *at, int depth);

static const char *blanks(const char *at) { return at + strspn(at, " \t\r\n"); }

static const char *string_end(const char *at) {
    if (*at++ != '"') return NULL;
    for (; *at != '"'; at++) {
        if ((unsigned char)*at < 0x20) return NULL;
        if (*at != '\\') continue;
        at++;
        if (*at == 'u') {
            for (int i = 0; i < 4; i++)
                if (!isxdigit((unsigned char)*++at)) return NULL;
        } else if (*at == '\0' || strchr("\"\\/bfnrt", *at) == NULL) {
            return NULL;
        }
    }
    return at + 1;
}

static const char *digits(const char *at) {
    size_t n = strspn(at, "0123456789");
    return n > 0 ? at + n : NULL;
}

static const char *number_end(const char *at) {
    if (*at == '-') at++;
    if (at[0] == '0' && isdigit((unsigned char)at[1])) return NULL;
    at = digits(at);
    if (at != NULL && *at == '.') at = digits(at + 1);
    if (at != NULL && (*at == 'e' || *at == 'E')) {
        at++;
        at = digits(*at == '+' || *at == '-' ? at + 1 : at);
    }
    return at;
}

/* The members of an object or the elements of an array, behind the opening bracket. */
static const char *members_end(const char *at, char close, int depth) {
    at = blanks(at);
    if (*at == close) return at + 1;
    for (;;) {
        if (close == '}') {
            at = string_end(blanks(at));
            if (at == NULL || *(at = blanks(at)) != ':') return NULL;
            at++;
        }
        at = value_end(blanks(at), depth + 1);
        if (at == NULL) return NULL;
        at = blanks(at);
        if (*at == close) return at + 1;
        if (*at++ != ',') return NULL;
    }
}

static const char *value_end(const char *at, int depth) {
    static const char *const words[] = {"null", "true", "false"};
    if (depth > DEEPEST) return NULL;
    for (size_t i = 0; i < 3; i++)
        if (strncmp(at, words[i], strlen(words[i])) == 0) return at + strlen(words[i]);
    if (*at == '{') return members_end(at + 1, '}', depth);
    if (*at == '[') return members_end(at + 1, ']', depth);
    return *at == '"' ? string_end(at) : number_end(at);
}

int json_valid(const char *json, size_t n) {
    if (strlen(json) != n) return 0;
    const char *end = value_end(blanks(json), 0);
    return end != NULL && *blanks(end) == '\0';
}

/* The member of that name, or the element of that number, n characters long, inside the value at `at`. */
static const char *child(const char *at, const char *name, size_t n) {
    int is_object = *at == '{';
    if (!is_object && *at != '[') return NULL;
    unsigned long index = strtoul(name, NULL, 10);
    at = blanks(at + 1);
    while (*at != '}' && *at != ']') {
        int found = index-- == 0;
        if (is_object) {
            const char *end = string_end(at);
            found = (size_t)(end - at) == n + 2 && strncmp(at + 1, name, n) == 0;
            at = blanks(blanks(end) + 1);
        }
        if (found) return at;
        at = blanks(value_end(at, 0));
        if (*at == ',') at = blanks(at + 1);
    }
    return NULL;
}

const char *json_at(const char *json, const char *path) {
    const char *at = blanks(json);
    while (at != NULL && *path != '\0') {
        size_t n = strcspn(path, ".");
        at = child(at, path, n);
        path += n + (path[n] == '.');
    }
    return at;
}

int json_is(const char *json, const char *path, const char *value) {
    const char *at = json_at(json, path);
    if (at == NULL) return 0;
    size_t n = (size_t)(value_end(at, 0) - at);
    return n == strlen(value) && strncmp(at, value, n) == 0;
}
