#include "gguf/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/status.h"

void ls_gguf_report_entry(ls_gguf_report *report, const char *kind, uint64_t number) {
    report->kind = kind;
    report->number = number;
    report->item = 0;
    report->name_length = 0;
}

void ls_gguf_report_name(ls_gguf_report *report, const char *name, size_t length) {
    report->name_length = length < sizeof report->name ? length : sizeof report->name;
    memcpy(report->name, name, report->name_length);
}

/* The part of a long path that tells files apart. */
static const char *shown_file(const char *file) {
    enum { SHOWN_WHOLE = 60 };
    if (file == NULL) return "";
    const char *slash = strrchr(file, '/');
    return slash != NULL && strlen(file) > SHOWN_WHOLE ? slash + 1 : file;
}

/* Writes `metadata key "x", item 5: `, or nothing. */
static void write_subject(const ls_gguf_report *report, char *out, size_t capacity) {
    char quoted[LS_QUOTE_MAX];
    char item[32] = "";
    out[0] = '\0';
    if (report->kind == NULL) return;
    if (report->item > 0) (void)snprintf(item, sizeof item, ", item %llu", (unsigned long long)report->item);
    if (report->name_length > 0)
        (void)snprintf(out, capacity, "%s %s%s: ", report->kind,
                       ls_quote(quoted, report->name, report->name_length), item);
    else
        (void)snprintf(out, capacity, "%s %llu: ", report->kind, (unsigned long long)report->number);
}

ls_status ls_gguf_refuse(const ls_gguf_report *report, ls_status status, uint64_t offset, const char *format,
                         ...) {
    if (report->err == NULL) return status;
    char file[LS_QUOTE_MAX], subject[LS_QUOTE_MAX + 64], detail[LS_MESSAGE_MAX], place[32] = "";
    va_list args;
    va_start(args, format);
    (void)vsnprintf(detail, sizeof detail, format, args);
    va_end(args);
    const char *shown = shown_file(report->file);
    ls_quote(file, shown, strlen(shown));
    write_subject(report, subject, sizeof subject);
    if (offset != LS_NO_OFFSET) (void)snprintf(place, sizeof place, ", byte %llu", (unsigned long long)offset);
    return ls_fail(report->err, status, offset, "%s%s: %s%s", file, place, subject, detail);
}
