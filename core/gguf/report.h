/* Refusals: which part of the file is being read, so that every message can name it. */
#ifndef LS_GGUF_REPORT_H
#define LS_GGUF_REPORT_H

#include "logitscope.h"

/* A name is copied, since the window it was read from moves on: what ls_quote shows, and a little more. */
#define LS_GGUF_REPORT_NAME 64

typedef struct ls_gguf_report {
    const char *file;
    ls_error *err;                  /* may be NULL */
    const char *kind;               /* "metadata key", "tensor", or NULL: the file as a whole */
    uint64_t number;                /* of the entry, counted from 1: shown until its name is known */
    uint64_t item;                  /* of an array, counted from 1, or 0 */
    size_t name_length;             /* 0: not known yet */
    char name[LS_GGUF_REPORT_NAME]; /* its first bytes */
} ls_gguf_report;

/* Purpose: say that an entry is being read whose name is not known yet. */
void ls_gguf_report_entry(ls_gguf_report *report, const char *kind, uint64_t number);
/* Purpose: its name. */
void ls_gguf_report_name(ls_gguf_report *report, const char *name, size_t length);

/* Purpose: fill the error with `"FILE", byte N: KIND "NAME": ` and the formatted rest; returns status. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
ls_status
ls_gguf_refuse(const ls_gguf_report *report, ls_status status, uint64_t offset, const char *format, ...);

#endif
