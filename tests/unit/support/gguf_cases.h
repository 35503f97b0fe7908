/*
 * GGUF files by name, each with the verdict the reader must give: the malformed ones that the container has to
 * refuse, and odd ones that it must accept. One table for the unit tests, the fuzz seeds and the parity of
 * native and WebAssembly builds. All are small files; several hold numbers beyond 2^32.
 */
#ifndef GGUF_CASES_H
#define GGUF_CASES_H

#include "support/gguf_builder.h"

typedef struct gguf_case {
    const char *name;
    void (*build)(gguf_builder *b); /* leaves the file in b->file and the offset of the refusal in b->mark */
    ls_status status;
    const char *message; /* a part of the refusal's sentence; NULL for LS_OK */
} gguf_case;

/* Purpose: the case of this number, or NULL past the last. */
const gguf_case *gguf_case_at(size_t index);

/* The two parts of the table. */
const gguf_case *gguf_metadata_case(size_t index);
const gguf_case *gguf_tensor_case(size_t index);

/* Purpose: a valid file with every type of value and three tensors. */
void gguf_sample(gguf_builder *b);

#endif
