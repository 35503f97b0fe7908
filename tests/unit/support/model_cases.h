/*
 * Whole models by name, each wrong in one setting, one part of the tokeniser or one set of tensors, in a
 * container that is sound. One table for the unit tests and for the parity of native and WebAssembly builds.
 */
#ifndef MODEL_CASES_H
#define MODEL_CASES_H

#include "support/tiny_model.h"

typedef struct model_case {
    const char *name;
    const char *family;             /* whose tiny model it is made from */
    const char *left_out;           /* what that lacks (tiny_model), or NULL */
    void (*write)(gguf_builder *b); /* the entries that it has instead, or NULL */
    ls_status status;
    const char *message; /* a part of the refusal's sentence; NULL for LS_OK */
} model_case;

/* Purpose: the case of this number, or NULL past the last. */
const model_case *model_case_at(size_t index);

/* Purpose: write the file of a case; the caller frees the builder. */
void model_case_build(const model_case *c, gguf_builder *b);

#endif
