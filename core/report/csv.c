/* One line per point, for spreadsheets and scripts (RFC 4180). Absent values are empty. */
#include <math.h>
#include <string.h>

#include "report/report.h"

static void quoted(ls_text *text, const char *string) {
    ls_text_string(text, "\"");
    for (const char *c = string; *c != '\0'; c++)
        ls_text_bytes(text, *c == '"' ? "\"\"" : c, *c == '"' ? 2 : 1);
    ls_text_string(text, "\"");
}

static const char *top_token(const ls_result *r, uint32_t id) {
    uint32_t low = 0, high = r->vocab_count;
    while (low + 1 < high) {
        uint32_t middle = low + (high - low) / 2;
        if (r->vocab_ids[middle] <= id)
            low = middle;
        else
            high = middle;
    }
    return r->vocab_text[low];
}

static void header(ls_text *text) {
    ls_text_string(text, "model,layer,position,token_id,token,top_id,top_token,state");
    for (int s = 0; s < LS_STAT_COUNT; s++) {
        ls_text_string(text, ",");
        ls_text_string(text, ls_stat_name((ls_stat)s));
    }
    ls_text_string(text, "\r\n");
}

static void line(ls_text *text, const ls_result *r, uint32_t layer, uint32_t position) {
    size_t point = (size_t)layer * r->positions + position;
    uint32_t top = r->top_ids[point * r->top_k];
    char letter[2] = "";
    if (r->states[point] != LS_STATE_NONE) letter[0] = LS_STATE_LETTERS[r->states[point]];
    quoted(text, r->model->name);
    const uint64_t numbers[] = {layer, position, r->tokens[position]};
    for (size_t i = 0; i < 3; i++) {
        ls_text_string(text, ",");
        ls_text_u64(text, numbers[i]);
    }
    ls_text_string(text, ",");
    quoted(text, r->token_text[position]);
    ls_text_string(text, ",");
    ls_text_u64(text, top);
    ls_text_string(text, ",");
    quoted(text, top_token(r, top));
    ls_text_string(text, ",");
    ls_text_string(text, letter);
    for (int s = 0; s < LS_STAT_COUNT; s++) {
        ls_text_string(text, ",");
        if (isfinite(r->stats[s][point])) ls_text_f32(text, r->stats[s][point]);
    }
    ls_text_string(text, "\r\n");
}

ls_status ls_report_csv(const ls_result *r, const ls_allocator *allocator, char **out, size_t *length,
                        ls_error *err) {
    ls_text text;
    ls_text_init(&text, allocator);
    header(&text);
    for (uint32_t layer = 0; layer <= r->layers; layer++)
        for (uint32_t t = 0; t < r->positions; t++) line(&text, r, layer, t);
    return ls_text_finish(&text, out, length, err);
}
