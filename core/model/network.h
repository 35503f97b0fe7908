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

typedef enum ls_norm_kind {
    LS_NORM_LAYER, /* mean and variance; gain and bias */
    LS_NORM_RMS,   /* root mean square; gain alone */
} ls_norm_kind;

typedef enum ls_rotary_layout {
    LS_ROTARY_HALVES, /* channel i turns with i + rotary_dims / 2: GPT-NeoX, Qwen2, Phi */
    LS_ROTARY_PAIRS,  /* channel 2i turns with 2i + 1: LLaMA, whose GGUF files order q and k this way */
} ls_rotary_layout;

/* What a position sees: the first `sinks` positions (Xiao et al. 2024) and the last `window`, itself among
 * them; everything before it where window is 0. Rotary models only. Positions then count among what is seen, so
 * that no distance exceeds sinks + window, however long the text. */
typedef struct ls_reach {
    uint32_t sinks, window;
} ls_reach;

typedef struct ls_hyper {
    uint32_t layers, width, heads, head_dim, feed_forward, context, vocab;
    uint32_t key_value_heads; /* each is shared by heads / key_value_heads queries */
    uint32_t rotary_dims;     /* leading channels of each head that are rotated; 0: learned positions */
    ls_rotary_layout rotary_layout;
    float rotary_base; /* theta of RoPE */
    ls_reach reach;    /* as the model was trained */
    ls_norm_kind norm;
    float norm_epsilon;
    int parallel_residual; /* attention and feed-forward read the same residual */
} ls_hyper;

typedef struct ls_norm {
    float *gain, *bias; /* [d]; no bias in an RMS norm */
} ls_norm;

typedef struct ls_linear {
    ls_matrix weight; /* empty: this layer has none */
    float *bias;      /* [outputs], or NULL */
} ls_linear;

/* A file has queries, keys and values either in one matrix or in three. A is heads * head_dim, K is
 * key_value_heads * head_dim. */
typedef struct ls_block {
    ls_norm attention_norm, feed_forward_norm;
    ls_linear qkv;                   /* (A + 2K) x d, or empty */
    ls_linear queries, keys, values; /* A x d, K x d, K x d, or empty */
    ls_linear attention_out;         /* d x A */
    ls_linear gate;                  /* F x d, or empty */
    ls_linear up;                    /* F x d */
    ls_linear down;                  /* d x F */
} ls_block;

typedef struct ls_network {
    const ls_arch *arch;
    ls_hyper hyper;
    ls_matrix token_embedding; /* V x d */
    float *position_embedding; /* [context][d], or NULL */
    float *rotary_factors;     /* [rotary_dims / 2] divisors of the frequencies, or NULL */
    ls_block *blocks;          /* [L] */
    ls_norm output_norm;
    ls_matrix output;             /* V x d; empty when tied */
    const ls_matrix *unembedding; /* output, or token_embedding when tied */
    float *output_bias;           /* [V], or NULL */
    const char *weight_type;      /* storage type of most weights */
    uint64_t parameters;
} ls_network;

/* ---- families --------------------------------------------------------------------------------------- */

typedef struct ls_forward ls_forward;
typedef struct ls_slots ls_slots;

struct ls_arch {
    const char *name; /* general.architecture */
    ls_norm_kind norm;
    ls_unit unit; /* of the feed-forward network */
    /* Reads what is particular to the family; the shared fields are already there. May be NULL. */
    ls_status (*read_hyper)(const ls_gguf *gguf, ls_hyper *hyper, ls_error *err);
    /* Announces every tensor of the family (slots.h). */
    void (*announce)(ls_network *network, ls_slots *slots);
    /* Adds one block's work to forward->residual. */
    void (*run_block)(ls_forward *forward, const ls_block *block);
};

extern const ls_arch ls_arch_gpt2;
extern const ls_arch ls_arch_gptneox;
extern const ls_arch ls_arch_opt;
extern const ls_arch ls_arch_llama;
extern const ls_arch ls_arch_qwen2;
extern const ls_arch ls_arch_phi2;

/* Purpose: an optional number, `otherwise` when <family>.<suffix> is absent; refused outside of 1..limit. */
ls_status ls_hyper_optional(const ls_gguf *gguf, const char *family, const char *suffix, uint32_t limit,
                            uint32_t otherwise, uint32_t *out, ls_error *err);

/* Purpose: the family of that name; LS_ERR_UNSUPPORTED with the list of known ones. */
ls_status ls_arch_find(const ls_gguf *gguf, const ls_arch **out, ls_error *err);

/* ---- loading ---------------------------------------------------------------------------------------- */

/* Purpose: offset of a key's value in the file, for messages; LS_NO_OFFSET when absent. */
uint64_t ls_key_offset(const ls_gguf *gguf, const char *key);

/* Purpose: hyperparameters, checked against each other and against the number of tensors. */
ls_status ls_hyper_read(const ls_gguf *gguf, const ls_arch *arch, ls_hyper *out, ls_error *err);

/* ---- forward pass ------------------------------------------------------------------------------------ */

/* Called with the residual stream of one position, [d]: layer 0 after the embedding, layer l after block l. */
typedef void ls_tap(void *ctx, uint32_t layer, uint32_t position, float *residual);

struct ls_forward {
    const ls_network *network;
    ls_compute compute;
    uint32_t positions; /* T */
    uint32_t layer;     /* blocks run so far */
    ls_reach reach;     /* the model's own, unless it is changed before the first step */
    ls_tap *tap;
    void *tap_ctx;
    float *residual;          /* [T][d] */
    float *normed;            /* [T][d] */
    float *qkv;               /* [T][A + 2K] */
    float *mixed;             /* [T][A] attention-weighted values */
    float *hidden;            /* [T][F] */
    float *gate;              /* [T][F], or NULL */
    float *update;            /* [T][d] */
    float *rotary;            /* [T][rotary_dims / 2][cos, sin] */
    float *attention_scratch; /* [threads][(head_dim + 1) * T] */
    ls_activation scratch;
};

/* Purpose: buffers for a text of `positions` tokens; the tap may be NULL. */
ls_status ls_forward_init(ls_forward *forward, const ls_network *network, ls_compute compute,
                          uint32_t positions, ls_tap *tap, void *tap_ctx, ls_arena *arena, ls_error *err);

/* Purpose: floats of one row of queries, keys and values, A + 2K. */
static inline size_t ls_qkv_width(const ls_hyper *hyper) {
    return ((size_t)hyper->heads + 2 * (size_t)hyper->key_value_heads) * hyper->head_dim;
}

/* Purpose: layer 0 from token ids (all below V). */
void ls_forward_embed(ls_forward *forward, const uint32_t *tokens);

/* Purpose: run the next block; `layer` counts it. */
void ls_forward_step(ls_forward *forward);

#endif
