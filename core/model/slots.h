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
    const ls_gguf *gguf; /* for families with a choice of layouts */
    ls_slot *items;
    size_t count, capacity;
    ls_slot **by_tensor; /* [tensors of the file] where each goes */
};

/* The most tensors a block of any known family has; sizes the list. */
#define LS_SLOTS_PER_BLOCK 20u
#define LS_SLOTS_SHARED    8u

/* What a family's decoder is made of beside embedding, norms, attention, up and down. */
typedef enum ls_decoder_traits {
    LS_PLAIN = 0,
    LS_BIASED = 1,      /* every linear layer has a bias; without, a file may have them or not */
    LS_BIASED_QKV = 2,  /* queries, keys and values have one */
    LS_GATED = 4,       /* a gate beside up */
    LS_SHARED_NORM = 8, /* one norm per block */
    LS_FUSED_QKV = 16,  /* queries, keys and values always in one matrix; without, a file may have it so */
} ls_decoder_traits;

/* Purpose: expect a matrix or a vector of that name (copied). */
ls_slot *ls_slot_matrix(ls_slots *slots, ls_matrix *matrix, uint64_t outputs, uint64_t inputs,
                        const char *name);
ls_slot *ls_slot_vector(ls_slots *slots, float **vector, uint64_t rows, uint64_t length, const char *name);

/* Purpose: the tensors of a decoder: embedding, blocks, final norm, output (tied where the file has none).
 * Queries, keys and values are three matrices unless the family, or the file with blk.N.attn_qkv, has one. */
void ls_slots_decoder(ls_network *network, ls_slots *slots, unsigned traits);

/* Purpose: learned positions, a row for each place in the context. */
void ls_slots_positions(ls_network *network, ls_slots *slots);

#define LS_OUTPUT_TENSOR "output.weight"

/* Purpose: the family and shape of a model, and a slot for every tensor of the file. The blocks of `out` come
 * from `arena`, the lists from `scratch`. Refuses missing tensors (all named), foreign ones, wrong shapes and
 * types. */
ls_status ls_slots_match(const ls_gguf *gguf, ls_arena *arena, ls_arena *scratch, ls_network *out,
                         ls_slots *slots, ls_error *err);

/* Purpose: room for the weights of every slot that has its tensor, in the order of the file. */
ls_status ls_slots_reserve(const ls_slots *slots, ls_arena *arena, ls_error *err);

#endif
