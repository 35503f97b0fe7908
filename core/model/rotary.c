#include "model/rotary.h"

#include <stdio.h>

#include "base/math.h"
#include "base/status.h"

/* ---- settings ------------------------------------------------------------------------------------------ */

static ls_status read_base(const ls_gguf *gguf, const char *family, ls_hyper *hyper, ls_error *err) {
    char key[96];
    snprintf(key, sizeof key, "%s.rope.freq_base", family);
    hyper->rotary_base = 10000.0f;
    if (ls_gguf_find(gguf, key) == NULL) return LS_OK;
    ls_status status = ls_gguf_f32(gguf, key, &hyper->rotary_base, err);
    if (status != LS_OK) return status;
    if (!(hyper->rotary_base > 1.0f && hyper->rotary_base <= 1e9f))
        return ls_fail(err, LS_ERR_VALUE, ls_key_offset(gguf, key),
                       "%s: %s is %g; it must be above 1 and at most 1e9", gguf->file, key,
                       (double)hyper->rotary_base);
    return LS_OK;
}

static ls_status refuse_scaling(const ls_gguf *gguf, const char *family, ls_error *err) {
    char key[96], quoted[LS_QUOTE_MAX];
    snprintf(key, sizeof key, "%s.rope.scaling.type", family);
    if (ls_gguf_find(gguf, key) == NULL) return LS_OK;
    ls_str type = {NULL, 0};
    ls_status status = ls_gguf_str(gguf, key, &type, err);
    if (status != LS_OK || ls_str_equal(type, LS_STR("none"))) return status;
    return ls_fail(
        err, LS_ERR_UNSUPPORTED, ls_key_offset(gguf, key),
        "%s: %s is %s; of scaled rotary positions only Llama 3's are known here, which files hold as "
        "the tensor rope_freqs.weight",
        gguf->file, key, ls_quote(quoted, type.bytes, type.length));
}

ls_status ls_rotary_read(const ls_gguf *gguf, const char *family, ls_rotary_layout layout, ls_hyper *hyper,
                         ls_error *err) {
    static const char suffix[] = "rope.dimension_count";
    hyper->rotary_layout = layout;
    ls_status status =
        ls_hyper_optional(gguf, family, suffix, UINT32_MAX, hyper->head_dim, &hyper->rotary_dims, err);
    if (status != LS_OK) return status;
    if (hyper->rotary_dims % 2 != 0 || hyper->rotary_dims > hyper->head_dim) {
        char key[96];
        snprintf(key, sizeof key, "%s.%s", family, suffix);
        return ls_fail(err, LS_ERR_VALUE, ls_key_offset(gguf, key),
                       "%s: %s is %u; it must be even and at most the head size, %u", gguf->file, key,
                       hyper->rotary_dims, hyper->head_dim);
    }
    status =
        ls_hyper_optional(gguf, family, "attention.sliding_window", 1u << 24, 0, &hyper->reach.window, err);
    if (status == LS_OK)
        status = ls_hyper_optional(gguf, family, "attention.sinks", 1u << 24, 0, &hyper->reach.sinks, err);
    if (status == LS_OK) status = read_base(gguf, family, hyper, err);
    return status == LS_OK ? refuse_scaling(gguf, family, err) : status;
}

ls_status ls_rotary_check_factors(const ls_network *network, const ls_gguf *gguf, ls_error *err) {
    const float *factors = network->rotary_factors;
    for (uint32_t i = 0; factors != NULL && i < network->hyper.rotary_dims / 2; i++)
        if (!(factors[i] >= 1e-3f && factors[i] <= 1e6f))
            return ls_fail(err, LS_ERR_VALUE, ls_gguf_find_tensor(gguf, "rope_freqs.weight")->offset + 4ull * i,
                           "%s: rope_freqs.weight has %g as number %u; each must be between 0.001 and 1e6",
                           gguf->file, (double)factors[i], i);
    return LS_OK;
}

/* ---- angles -------------------------------------------------------------------------------------------- */

/* As the models were trained with: frequency and angle rounded to single precision, then cos and sin. */
void ls_rotary_fill(ls_forward *forward) {
    const ls_hyper *hyper = &forward->network->hyper;
    const float *factors = forward->network->rotary_factors;
    double log_base = ls_log((double)hyper->rotary_base);
    for (size_t i = 0; i < hyper->rotary_dims / 2; i++) {
        float frequency = (float)ls_exp(-log_base * (double)(2 * i) / (double)hyper->rotary_dims);
        if (factors != NULL) frequency = frequency / factors[i];
        for (size_t t = 0; t < forward->positions; t++) {
            float angle = (float)t * frequency;
            float *entry = forward->rotary + t * hyper->rotary_dims + 2 * i;
            entry[0] = (float)ls_cos((double)angle);
            entry[1] = (float)ls_sin((double)angle);
        }
    }
}

/* ---- turning ------------------------------------------------------------------------------------------- */

/* Turns the pairs (i * step, i * step + apart) of one head; angles is [rotary_dims / 2][cos, sin]. */
static void turn_head(float *head, size_t pairs, size_t step, size_t apart, const float *angles) {
    for (size_t i = 0; i < pairs; i++) {
        float *first = head + i * step, *second = first + apart;
        float a = *first, b = *second, cosine = angles[2 * i], sine = angles[2 * i + 1];
        *first = a * cosine - b * sine;
        *second = b * cosine + a * sine;
    }
}

void ls_rotary_turn(ls_forward *forward) {
    const ls_hyper *hyper = &forward->network->hyper;
    size_t pairs = hyper->rotary_dims / 2, turned = (size_t)hyper->heads + hyper->key_value_heads;
    int halves = hyper->rotary_layout == LS_ROTARY_HALVES;
    for (size_t t = 0; t < forward->positions; t++) {
        const float *angles = forward->rotary + t * hyper->rotary_dims;
        float *row = forward->qkv + t * ls_qkv_width(hyper);
        for (size_t h = 0; h < turned; h++) /* keys follow the queries */
            turn_head(row + h * hyper->head_dim, pairs, halves ? 1 : 2, halves ? pairs : 1, angles);
    }
}
