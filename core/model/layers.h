/* The layers that families are made of. Each reads and writes the buffers of ls_forward. */
#ifndef LS_MODEL_LAYERS_H
#define LS_MODEL_LAYERS_H

#include "model/network.h"

/* Purpose: layer normalisation of one row (Ba, Kiros and Hinton 2016): out = (x - mean) / sqrt(var + epsilon) *
 * gain + bias over d channels. Sums run in double precision, in index order. out may be x. */
void ls_norm_row(const ls_norm *norm, float epsilon, size_t d, const float *x, float *out);

/* residual -> normed */
void ls_layer_norm(ls_forward *forward, const ls_norm *norm);
/* normed -> update: queries, keys and values, rotation where there is one, causal attention, output product */
void ls_attend(ls_forward *forward, const ls_block *block);
/* normed -> update: up, activation, down */
void ls_feed_forward(ls_forward *forward, const ls_block *block, float (*activation)(float));
/* residual += update */
void ls_add_update(ls_forward *forward);

/* Gaussian error linear units (Hendrycks and Gimpel 2016): the tanh form of GPT-2, and x * Phi(x). */
float ls_gelu_tanh(float x);
float ls_gelu_erf(float x);

#endif
