#include "base/math.h"
#include "base/sha256.h"
#include "report/report.h"

void ls_report_settings(ls_text *text, const ls_result *result) {
    const ls_settings *s = &result->settings;
    ls_text_string(text, "{\"lens\":");
    ls_text_json_string(text, ls_lens_name(s->lens));
    ls_text_string(text, ",\"operator\":");
    ls_text_json_string(text, ls_operator_name(s->op));
    ls_text_string(text, ",\"from_layer\":");
    ls_text_u64(text, s->from_layer);
    ls_text_string(text, ",\"step_rule\":");
    ls_text_json_string(text, ls_step_rule_name(s->step_rule));
    ls_text_string(text, ",\"step_quantile\":");
    ls_text_f64(text, s->step_quantile);
    ls_text_string(text, ",\"step_absolute\":");
    ls_text_f64(text, s->step_absolute);
    ls_text_string(text, ",\"branch_p2\":");
    ls_text_f64(text, s->branch_p2);
    ls_text_string(text, ",\"branch_ratio\":");
    ls_text_f64(text, s->branch_ratio);
    ls_text_string(text, ",\"top_k\":");
    ls_text_u64(text, result->top_k);
    ls_text_string(text, ",\"bos\":");
    ls_text_json_string(text, result->bos);
    ls_text_string(text, ",\"cut_from\":");
    if (result->cut_from > 0)
        ls_text_u64(text, result->cut_from);
    else
        ls_text_string(text, "null");
    /* Left out where they are not used: results from before there were any keep their digests. */
    if (s->window > 0) {
        ls_text_string(text, ",\"sinks\":");
        ls_text_u64(text, s->sinks);
        ls_text_string(text, ",\"window\":");
        ls_text_u64(text, s->window);
    }
    ls_text_string(text, "}");
}

static void hash_u32(ls_sha256 *hash, const uint32_t *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        unsigned char bytes[4] = {(unsigned char)values[i], (unsigned char)(values[i] >> 8),
                                  (unsigned char)(values[i] >> 16), (unsigned char)(values[i] >> 24)};
        ls_sha256_update(hash, bytes, sizeof bytes);
    }
}

static void hash_f32(ls_sha256 *hash, const float *values, size_t n) {
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = ls_float_bits(values[i]);
        hash_u32(hash, &bits, 1);
    }
}

ls_status ls_report_digest(const ls_result *result, const ls_allocator *allocator, char hex[65],
                           ls_error *err) {
    size_t points = ((size_t)result->layers + 1) * result->positions, length = 0;
    ls_text settings;
    char *json = NULL;
    ls_text_init(&settings, allocator);
    ls_report_settings(&settings, result);
    ls_status status = ls_text_finish(&settings, &json, &length, err);
    if (status != LS_OK) return status;
    ls_sha256 hash;
    ls_sha256_init(&hash);
    ls_sha256_update(&hash, result->model->sha256, 64);
    ls_sha256_update(&hash, json, length);
    allocator->release(allocator->ctx, json);
    hash_u32(&hash, result->tokens, result->positions);
    for (size_t s = 0; s < LS_STAT_COUNT; s++) hash_f32(&hash, result->stats[s], points);
    hash_u32(&hash, result->top_ids, points * result->top_k);
    hash_f32(&hash, result->top_p, points * result->top_k);
    ls_sha256_update(&hash, result->states, points);
    ls_sha256_hex(&hash, hex);
    return LS_OK;
}
