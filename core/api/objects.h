/* What the opaque handles of logitscope.h are made of. */
#ifndef LS_API_OBJECTS_H
#define LS_API_OBJECTS_H

#include "base/arena.h"
#include "base/pool.h"
#include "gguf/gguf.h"
#include "kernels/kernels.h"
#include "lens/lens.h"
#include "logitscope.h"
#include "model/network.h"
#include "model/slots.h"
#include "text/tokenizer.h"

struct ls_engine {
    ls_allocator allocator;
    const ls_kernels *kernels;
    ls_pool *pool;
};

struct ls_tokenizer {
    const ls_engine *engine;
    ls_arena arena; /* empty when the tokeniser is part of a model */
    const ls_bpe *bpe;
    uint32_t bos; /* put in front of every text, or LS_NO_TOKEN */
};

struct ls_model {
    ls_engine *engine;
    ls_arena arena, weights;
    ls_tokenizer tokenizer;
    ls_network network;
    ls_model_info info;
    int loaded; /* 0: only the header was read, the weights are not there */
};

struct ls_session {
    ls_model *model;
    ls_arena arena;
    uint32_t *tokens;   /* [T] */
    uint32_t positions; /* T */
    uint32_t cut_from;
    uint64_t left_out; /* bytes of the text */
    ls_reach reach;    /* of the settings */
    float *hidden;     /* [L+1][T][d] */
    ls_points points;
    ls_forward forward;
    ls_lens_pass lens;
};

/* Purpose: a model of which nothing is known yet. */
ls_status ls_model_create(ls_engine *engine, ls_model **out, ls_error *err);

/* Purpose: judge a header and fill in all of the model that it tells; the weights get their room, or are
 * counted where model->weights counts. The slots and the header that they are of live in `scratch`; messages
 * about them name the source, whose name must live as long. */
ls_status ls_model_judge(ls_model *model, const ls_source *source, ls_arena *scratch, ls_slots *slots,
                         ls_error *err);

/* Purpose: the tokeniser that a GGUF header describes, built in `arena`. */
ls_status ls_tokenizer_build(const ls_engine *engine, const ls_gguf *gguf, ls_arena *arena, ls_tokenizer *out,
                             ls_error *err);

/* Purpose: a token as NUL-terminated UTF-8 in `arena`; bytes that are no UTF-8, and NUL, become U+FFFD. */
ls_status ls_token_text(const ls_tokenizer *tokenizer, uint32_t id, ls_arena *arena, const char **out,
                        ls_error *err);

/* Purpose: the self-check at load: the lens at layer L must equal the model's own output, computed the plain
 * way. Errors: LS_ERR_INVARIANT with both figures. */
ls_status ls_model_self_check(ls_model *model, ls_error *err);

/* Purpose: fill in what sessions of the model take, by laying out the smallest and counting. */
ls_status ls_session_count_memory(ls_model *model, ls_error *err);

#endif
