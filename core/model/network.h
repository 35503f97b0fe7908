/*
 * A decoder-only transformer as weights and a forward pass: what a family shares (this file) and what it does
 * its own way (ls_arch, one small file per family). It knows no lens: the residual stream is handed to a tap
 * after the embedding and after every block.
 *
 * Letters in shape comments: T positions, d width, H heads, V vocabulary, F feed-forward channels, L blocks.
 */
#ifndef LS_MODEL_NETWORK_H
#define LS_MODEL_NETWORK_H

#include "base/arena.h"
#include "gguf/gguf.h"
#include "logitscope.h"
#include "quant/matrix.h"

typedef struct ls_arch ls_arch;

typedef struct ls_hyper {
    uint32_t layers, width, heads, head_dim, feed_forward, context, vocab;
    uint32_t rotary_dims; /* leading channels of each head that are rotated; 0: learned positions */
    float rotary_base;    /* theta of RoPE */
    float norm_epsilon;
    int parallel_residual; /* attention and feed-forward read the same residual */
} ls_hyper;

typedef struct ls_norm {
    float *gain, *bias; /* [d] */
} ls_norm;

typedef struct ls_linear {
    ls_matrix weight;
    float *bias; /* [outputs] */
} ls_linear;

typedef struct ls_block {
    ls_norm attention_norm, feed_forward_norm;
    ls_linear qkv;           /* 3d x d: queries, keys, values */
    ls_linear attention_out; /* d x d */
    ls_linear up;            /* F x d */
    ls_linear down;          /* d x F */
} ls_block;

typedef struct ls_network {
    const ls_arch *arch;
    ls_hyper hyper;
    ls_matrix token_embedding; /* V x d */
    float *position_embedding; /* [context][d], or NULL */
    ls_block *blocks;          /* [L] */
    ls_norm output_norm;
    ls_matrix output;             /* V x d; empty when tied */
    const ls_matrix *unembedding; /* output, or token_embedding when tied */
    const char *weight_type;      /* storage type of most weights */
    uint64_t parameters;
} ls_network;

/* ---- families --------------------------------------------------------------------------------------- */

typedef struct ls_forward ls_forward;
typedef struct ls_slots ls_slots;

struct ls_arch {
    const char *name; /* general.architecture */
    /* Reads what is particular to the family; the shared fields are already there. */
    ls_status (*read_hyper)(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err);
    /* Announces every tensor of the family (slots.h). */
    void (*announce)(ls_network *network, ls_slots *slots);
    /* Adds one block's work to forward->residual. */
    void (*run_block)(ls_forward *forward, const ls_block *block);
};

extern const ls_arch ls_arch_gpt2;
extern const ls_arch ls_arch_gptneox;

/* Purpose: the family of that name; LS_ERR_UNSUPPORTED with the list of known ones. */
ls_status ls_arch_find(const ls_gguf *gguf, const ls_arch **out, ls_error *err);

/* ---- loading ---------------------------------------------------------------------------------------- */

/* Purpose: offset of a key's value in the file, for messages; LS_NO_OFFSET when absent. */
uint64_t ls_key_offset(const ls_gguf *gguf, const char *key);

/* Purpose: hyperparameters, checked against each other and against the number of tensors. */
ls_status ls_hyper_read(const ls_gguf *gguf, const ls_arch *arch, ls_hyper *out, ls_error *err);

/* Purpose: read every weight of `source` into `network`, in file order, each byte once; sha256_hex receives the
 * digest of the whole file. Refuses missing tensors (all named), foreign ones, wrong shapes and types. */
ls_status ls_network_load(const ls_source *source, const ls_gguf *gguf, ls_arena *arena, ls_network *out,
                          char sha256_hex[65], ls_error *err);

/* ---- forward pass ------------------------------------------------------------------------------------ */

/* Called with the residual stream of one position, [d]: layer 0 after the embedding, layer l after block l. */
typedef void ls_tap(void *ctx, uint32_t layer, uint32_t position, float *residual);

struct ls_forward {
    const ls_network *network;
    ls_compute compute;
    uint32_t positions; /* T */
    uint32_t layer;     /* blocks run so far */
    ls_tap *tap;
    void *tap_ctx;
    float *residual;          /* [T][d] */
    float *normed;            /* [T][d] */
    float *qkv;               /* [T][3d] */
    float *mixed;             /* [T][d] attention-weighted values */
    float *hidden;            /* [T][F] */
    float *update;            /* [T][d] */
    float *rotary;            /* [T][rotary_dims / 2][cos, sin], or NULL */
    float *attention_scratch; /* [threads][(head_dim + 1) * T] */
    ls_activation scratch;
};

/* Purpose: buffers for a text of `positions` tokens; the tap may be NULL. */
ls_status ls_forward_init(ls_forward *forward, const ls_network *network, ls_compute compute,
                          uint32_t positions, ls_tap *tap, void *tap_ctx, ls_arena *arena, ls_error *err);

/* Purpose: layer 0 from token ids (all below V). */
void ls_forward_embed(ls_forward *forward, const uint32_t *tokens);

/* Purpose: run the next block; `layer` counts it. */
void ls_forward_step(ls_forward *forward);

#endif
