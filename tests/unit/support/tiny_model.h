/* Whole models of a few kilobytes, right ones and wrong ones: random weights, a vocabulary of the 256 bytes and
 * an end of text, GPT-2's or GPT-NeoX's tensors. */
#ifndef TINY_MODEL_H
#define TINY_MODEL_H

#include "support/gguf_builder.h"

enum { TINY_VOCAB = 257 };

typedef struct tiny_model {
    const char *family; /* whose tensors and keys: "gpt2" or "gptneox" */
    const char *says;   /* general.architecture */
    const char *name;   /* general.name */
    uint32_t layers, width, heads, feed_forward, context;
    uint32_t type; /* of matrices: F32, F16 or Q8_0 */
    const char
        *left_out; /* ends of keys and of tensors' names, with commas between: these are missing; or NULL */
    void (*instead)(gguf_builder *b); /* writes more metadata, in place of what was left out; or NULL */
    const char *odd; /* the tensor that has odd_type and odd_rows where these are not 0; or NULL */
    uint32_t odd_type;
    uint64_t odd_rows;
    const char *foreign; /* one more tensor; or NULL */
} tiny_model;

/* Purpose: a GPT-2 of one block, width 32, context 8, F32, with nothing wrong. */
tiny_model tiny_model_default(void);

/* Purpose: write the file; the caller frees the builder. */
void tiny_model_build(const tiny_model *model, gguf_builder *b);

/* Purpose: where a tensor's data begins in a file. */
size_t tensor_offset(const void *bytes, size_t n, const char *name);

#endif
