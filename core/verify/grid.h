/* A known-answer grid: what the most likely tokens are at every layer and position of a few prompts, as another
 * program has it. The format is described in logitscope.h. */
#ifndef LS_VERIFY_GRID_H
#define LS_VERIFY_GRID_H

#include "base/arena.h"

/* Limits of what is listed: far beyond what a person would look at. */
enum { LS_GRID_TOP_MAX = 64 };

typedef struct ls_grid_prompt {
    const char *text; /* UTF-8, NUL-terminated */
    size_t length;
    uint32_t positions; /* T >= 1 */
    uint32_t *ids;      /* [T] */
    uint32_t *top_ids;  /* [(L+1) * T * top_k], layer-major, most likely first */
    double *top_p;      /* same shape; each in [0, 1] */
} ls_grid_prompt;

typedef struct ls_grid {
    const char *model, *weights;
    ls_lens lens;
    uint32_t layers; /* L */
    uint32_t top_k;  /* 1..LS_GRID_TOP_MAX */
    uint32_t largest_id;
    uint32_t prompt_count; /* >= 1 */
    ls_grid_prompt *prompts;
} ls_grid;

/* Purpose: read a grid into `arena`. Errors: see ls_verify_open. */
ls_status ls_grid_read(const char *json, size_t n, ls_arena *arena, ls_grid *out, ls_error *err);

#endif
