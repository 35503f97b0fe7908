/* The list of tensors that a family expects: where each goes and what shape it must have. */
#ifndef LS_MODEL_SLOTS_H
#define LS_MODEL_SLOTS_H

#include "model/network.h"

typedef struct ls_slot {
    char name[LS_GGUF_NAME_MAX + 1];
    ls_matrix *matrix; /* either a matrix, outputs x inputs */
    float **vector;    /* or plain floats, outputs rows of inputs */
    uint64_t outputs, inputs;
    int optional;
    const ls_gguf_tensor *tensor; /* found in the file */
} ls_slot;

struct ls_slots {
    ls_slot *items;
    size_t count, capacity;
};

/* The most tensors a block of any known family has; sizes the list. */
#define LS_SLOTS_PER_BLOCK 16u
#define LS_SLOTS_SHARED    8u

/* Purpose: expect a matrix or a vector of that name (copied). */
ls_slot *ls_slot_matrix(ls_slots *slots, ls_matrix *matrix, uint64_t outputs, uint64_t inputs,
                        const char *name);
ls_slot *ls_slot_vector(ls_slots *slots, float **vector, uint64_t rows, uint64_t length, const char *name);

/* Pairs that recur in every block: blk.N.<part>.weight and .bias. */
void ls_slot_norm(ls_slots *slots, ls_norm *norm, uint64_t width, const char *part, uint32_t block);
void ls_slot_linear(ls_slots *slots, ls_linear *linear, uint64_t outputs, uint64_t inputs, const char *part,
                    uint32_t block);

/* The tensors that GPT-2 and GPT-NeoX have in common: embedding, blocks, final norm, output. */
void ls_slots_decoder(ls_network *network, ls_slots *slots);

#endif
