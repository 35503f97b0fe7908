/* The layers that families are made of. Each reads and writes the buffers of ls_forward. */
#ifndef LS_MODEL_LAYERS_H
#define LS_MODEL_LAYERS_H

#include "model/network.h"

/* Purpose: normalise rows of d channels that lie `stride` floats apart; out [rows][d]. Sums run in double
 * precision, in index order.
 *   layer (Ba, Kiros and Hinton 2016)  out = (x - mean) / sqrt(variance + epsilon) * gain + bias
 *   RMS (Zhang and Sennrich 2019)      out = x / sqrt(mean of squares + epsilon) * gain */
void ls_norm_rows(const ls_hyper *hyper, const ls_norm *norm, size_t rows, const float *x, size_t stride,
                  float *out);

/* residual -> normed */
void ls_apply_norm(ls_forward *forward, const ls_norm *norm);
/* x [T][inputs] -> out [T] at out_stride floats */
void ls_apply_linear(ls_forward *forward, const ls_linear *linear, const float *x, float *out,
                     size_t out_stride);
/* normed -> update: queries, keys and values, rotation where there is one, causal attention, output product */
void ls_attend(ls_forward *forward, const ls_block *block);
/* normed -> update: up, the family's activation, down; with a gate, up times the activation of the gate */
void ls_feed_forward(ls_forward *forward, const ls_block *block);
/* residual += update */
void ls_add_update(ls_forward *forward);

/* The block of most families: norm, attention, add; norm, feed-forward, add. */
void ls_block_sequential(ls_forward *forward, const ls_block *block);

#endif
