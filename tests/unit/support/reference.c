#include "support/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LARGEST_SIDE = 1 << 20 };

static int read_values(FILE *file, ref_section *section) {
    size_t count = section->rows * section->columns;
    section->values = calloc(count, sizeof *section->values);
    if (section->values == NULL) return -1;
    for (size_t i = 0; i < count; i++)
        if (fscanf(file, "%lf", &section->values[i]) != 1) return -1;
    return 0;
}

/* Returns 1 for a section, 0 for the end, -1 for anything else. */
static int read_section(FILE *file, reference *ref) {
    ref_section section = {0};
    unsigned rows = 0, columns = 0;
    if (fscanf(file, "%63s %u %u", section.name, &rows, &columns) != 3) return -1;
    if (strcmp(section.name, "end") == 0) return 0;
    if (rows == 0 || columns == 0 || rows > LARGEST_SIDE || columns > LARGEST_SIDE) return -1;
    ref_section *grown = realloc(ref->sections, (ref->count + 1) * sizeof *grown);
    if (grown == NULL) return -1;
    section.rows = rows;
    section.columns = columns;
    ref->sections = grown;
    ref->sections[ref->count++] = section;
    return read_values(file, &ref->sections[ref->count - 1]) == 0 ? 1 : -1;
}

int reference_open(reference *ref, const char *path) {
    int version = 0, more = 1;
    *ref = (reference){0};
    FILE *file = fopen(path, "r");
    if (file == NULL) return -1;
    if (fscanf(file, "logitscope-ref %d", &version) != 1 || version != 1) more = -1;
    while (more == 1) more = read_section(file, ref);
    fclose(file);
    return more;
}

void reference_close(reference *ref) {
    for (size_t i = 0; i < ref->count; i++) free(ref->sections[i].values);
    free(ref->sections);
    *ref = (reference){0};
}

const ref_section *reference_find(const reference *ref, const char *name) {
    for (size_t i = 0; i < ref->count; i++)
        if (strcmp(ref->sections[i].name, name) == 0) return &ref->sections[i];
    return NULL;
}
