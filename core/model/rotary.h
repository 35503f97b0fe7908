/* Rotary positions (RoPE, Su et al. 2021): queries and keys turned by angles that grow with the position. */
#ifndef LS_MODEL_ROTARY_H
#define LS_MODEL_ROTARY_H

#include "model/network.h"

/* Purpose: <family>.rope.dimension_count (the whole head where it is absent) and <family>.rope.freq_base
 * (10000), and what a position sees: <family>.attention.sliding_window and .sinks (everything where they are
 * absent or 0). A scaling of the frequencies that is announced in metadata is refused by name; Llama 3's comes
 * as the tensor rope_freqs.weight and is no setting. */
ls_status ls_rotary_read(const ls_gguf *gguf, const char *family, ls_rotary_layout layout, ls_hyper *hyper,
                         ls_error *err);

/* Purpose: refuse frequency factors that no model has: they must lie between 0.001 and 1e6. */
ls_status ls_rotary_check_factors(const ls_network *network, const ls_gguf *gguf, ls_error *err);

/* Purpose: forward->rotary, the angles of every position. */
void ls_rotary_fill(ls_forward *forward);

/* Purpose: turn all queries and keys of forward->qkv in place. */
void ls_rotary_turn(ls_forward *forward);

/* Purpose: a copy in `out` of one turned head, [head_dim], as if it stood `positions` earlier; returns `out`.
 */
const float *ls_rotary_turn_back(const ls_forward *forward, const float *head, size_t positions, float *out);

#endif
