#include "model/rotary.h"

#include <stdio.h>
#include <string.h>

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

/* A number that may be 0 for none, as some files have it. */
static ls_status read_reach(const ls_gguf *gguf, const char *family, const char *suffix, uint32_t *out,
                            ls_error *err) {
    char key[96];
    snprintf(key, sizeof key, "%s.%s", family, suffix);
    *out = 0;
    if (ls_gguf_find(gguf, key) == NULL) return LS_OK;
    ls_status status = ls_gguf_u32(gguf, key, out, err);
    if (status != LS_OK || *out == 0) return status;
    return ls_hyper_optional(gguf, family, suffix, 1u << 24, 0, out, err);
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
    status = read_reach(gguf, family, "attention.sliding_window", &hyper->reach.window, err);
    if (status == LS_OK) status = read_reach(gguf, family, "attention.sinks", &hyper->reach.sinks, err);
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

/* Turns one head by the angles of a number of positions, forwards (1) or back (-1). */
static void turn_head(const ls_forward *forward, float *head, size_t positions, float direction) {
    const ls_hyper *hyper = &forward->network->hyper;
    const float *angles = forward->rotary + positions * hyper->rotary_dims;
    int halves = hyper->rotary_layout == LS_ROTARY_HALVES;
    size_t pairs = hyper->rotary_dims / 2, step = halves ? 1 : 2, apart = halves ? pairs : 1;
    for (size_t i = 0; i < pairs; i++) {
        float *first = head + i * step, *second = first + apart;
        float a = *first, b = *second, cosine = angles[2 * i], sine = direction * angles[2 * i + 1];
        *first = a * cosine - b * sine;
        *second = b * cosine + a * sine;
    }
}

void ls_rotary_turn(ls_forward *forward) {
    const ls_hyper *hyper = &forward->network->hyper;
    size_t turned = (size_t)hyper->heads + hyper->key_value_heads;
    for (size_t t = 0; t < forward->positions; t++) {
        float *row = forward->qkv + t * ls_qkv_width(hyper);
        for (size_t h = 0; h < turned; h++) /* keys follow the queries */
            turn_head(forward, row + h * hyper->head_dim, t, 1.0f);
    }
}

const float *ls_rotary_turn_back(const ls_forward *forward, const float *head, size_t positions, float *out) {
    memcpy(out, head, forward->network->hyper.head_dim * sizeof *out);
    turn_head(forward, out, positions, -1.0f);
    return out;
}
