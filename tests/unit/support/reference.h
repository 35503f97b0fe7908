/* Reader of the reference files in tests/golden/fixtures (their format: tests/golden/README.md). */
#ifndef REFERENCE_H
#define REFERENCE_H

#include <stddef.h>

typedef struct ref_section {
    char name[64];
    size_t rows, columns;
    double *values; /* [rows][columns], NaN where absent */
} ref_section;

typedef struct reference {
    ref_section *sections;
    size_t count;
} reference;

/* Purpose: read a whole file. Returns 0, or -1 when it cannot be read to its `end`; close it either way. */
int reference_open(reference *ref, const char *path);
void reference_close(reference *ref);

/* Purpose: the section of that name, or NULL. */
const ref_section *reference_find(const reference *ref, const char *name);

#endif
