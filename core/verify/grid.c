#include "verify/grid.h"

#include <string.h>

#include "base/status.h"
#include "verify/json.h"

static const char layout_text[] = "top[layer][position][k] = [token id, probability]";

typedef struct reader {
    const ls_json *json;
    ls_arena *arena;
    ls_grid *grid;
    ls_grid_prompt *prompt; /* being read */
    size_t entry;           /* of its top_ids and top_p */
    ls_error *err;
} reader;

/* ---- lists and members ------------------------------------------------------------------------------------
 */

typedef ls_status read_element(reader *r, uint32_t value, uint32_t index);

/* Reads an array of exactly `count` elements. */
static ls_status read_list(reader *r, uint32_t value, const char *name, uint32_t count, read_element *read) {
    ls_json_walk walk;
    uint32_t element = 0;
    ls_status status = ls_json_array(r->json, value, name, &walk, r->err);
    if (status != LS_OK) return status;
    if (ls_json_size(r->json, value) != count)
        return ls_json_refuse(r->json, value, r->err, LS_ERR_SHAPE, "%s has %u entries where %u belong", name,
                              ls_json_size(r->json, value), count);
    for (uint32_t i = 0; (status = ls_json_element(&walk, &element, r->err)) == LS_MORE; i++)
        if ((status = read(r, element, i)) != LS_OK) return status;
    return status;
}

typedef struct member {
    const char *name;
    uint32_t value; /* 0, which is the root: absent */
} member;

/* Finds the members of an object that are known here; each must be there, once. */
static ls_status find_members(reader *r, uint32_t object, const char *name, member *members, size_t count) {
    ls_json_walk walk;
    uint32_t key = 0, value = 0;
    ls_status status = ls_json_object(r->json, object, name, &walk, r->err);
    if (status != LS_OK) return status;
    while ((status = ls_json_member(&walk, &key, &value, r->err)) == LS_MORE)
        for (size_t i = 0; i < count; i++) {
            if (!ls_json_is(r->json, key, members[i].name)) continue;
            if (members[i].value != 0)
                return ls_json_refuse(r->json, key, r->err, LS_ERR_DUPLICATE, "%s has \"%s\" twice", name,
                                      members[i].name);
            members[i].value = value;
        }
    for (size_t i = 0; i < count && status == LS_OK; i++)
        if (members[i].value == 0)
            return ls_json_refuse(r->json, object, r->err, LS_ERR_MISSING, "%s has no \"%s\"", name,
                                  members[i].name);
    return status;
}

/* ---- one prompt -------------------------------------------------------------------------------------------
 */

static ls_status read_id(reader *r, uint32_t value, uint32_t index) {
    return ls_json_u32(r->json, value, "a token id", &r->prompt->ids[index], r->err);
}

/* A token's id, then its probability. */
static ls_status read_half(reader *r, uint32_t value, uint32_t index) {
    uint32_t *id = &r->prompt->top_ids[r->entry];
    double *p = &r->prompt->top_p[r->entry];
    if (index == 0) {
        ls_status status = ls_json_u32(r->json, value, "a token id", id, r->err);
        if (*id > r->grid->largest_id) r->grid->largest_id = *id;
        return status;
    }
    ls_status status = ls_json_number(r->json, value, "a probability", p, r->err);
    if (status == LS_OK && !(*p >= 0.0 && *p <= 1.0))
        return ls_json_refuse(r->json, value, r->err, LS_ERR_VALUE, "a probability is %g, not from 0 to 1", *p);
    if (status == LS_OK && r->entry % r->grid->top_k > 0 && *p > p[-1])
        return ls_json_refuse(r->json, value, r->err, LS_ERR_VALUE, "a probability is above the one before it");
    r->entry++;
    return status;
}

static ls_status read_pair(reader *r, uint32_t value, uint32_t index) {
    (void)index;
    return read_list(r, value, "a pair of token id and probability", 2, read_half);
}

static ls_status read_cell(reader *r, uint32_t value, uint32_t index) {
    (void)index;
    return read_list(r, value, "a cell of \"top\"", r->grid->top_k, read_pair);
}

static ls_status read_layer(reader *r, uint32_t value, uint32_t index) {
    (void)index;
    return read_list(r, value, "a layer of \"top\"", r->prompt->positions, read_cell);
}

/* The first prompt says how many layers there are and how many tokens each cell lists; what is no array has no
 * entries, and arrays begin with the token behind them. */
static ls_status read_shape(reader *r, uint32_t top) {
    uint32_t layers = ls_json_size(r->json, top), positions = layers > 0 ? ls_json_size(r->json, top + 1) : 0;
    uint32_t top_k = positions > 0 ? ls_json_size(r->json, top + 2) : 0;
    if (top_k == 0) return ls_json_refuse(r->json, top, r->err, LS_ERR_SHAPE, "\"top\" lists no token");
    if (top_k > LS_GRID_TOP_MAX)
        return ls_json_refuse(r->json, top, r->err, LS_ERR_SHAPE,
                              "a cell of \"top\" lists %u tokens; at most %d are read", top_k, LS_GRID_TOP_MAX);
    r->grid->layers = layers - 1;
    r->grid->top_k = top_k;
    return LS_OK;
}

/* Room for the lists of a prompt. An entry takes 6 bytes of the file at least, which bounds their number. */
static ls_status make_room(reader *r, uint32_t top) {
    enum { ENTRY_BYTES = 6 };
    ls_grid_prompt *prompt = r->prompt;
    uint64_t entries = ((uint64_t)r->grid->layers + 1) * prompt->positions * r->grid->top_k;
    if (entries > LS_JSON_MAX / ENTRY_BYTES)
        return ls_json_refuse(r->json, top, r->err, LS_ERR_COUNT,
                              "%u layers of %u positions of %u tokens are more than a grid can hold",
                              r->grid->layers + 1, prompt->positions, r->grid->top_k);
    ls_status status =
        ls_arena_alloc(r->arena, entries, sizeof *prompt->top_ids, "the grid", &prompt->top_ids, r->err);
    if (status == LS_OK)
        status = ls_arena_alloc(r->arena, entries, sizeof *prompt->top_p, "the grid", &prompt->top_p, r->err);
    return status;
}

static ls_status read_prompt(reader *r, uint32_t value, uint32_t index) {
    member members[] = {{"text", 0}, {"ids", 0}, {"top", 0}};
    ls_status status = find_members(r, value, "a prompt", members, 3);
    if (status != LS_OK) return status;
    uint32_t text = members[0].value, ids = members[1].value, top = members[2].value;
    ls_grid_prompt *prompt = r->prompt = &r->grid->prompts[index];
    prompt->positions = ls_json_size(r->json, ids);
    r->entry = 0;
    if (prompt->positions == 0)
        return ls_json_refuse(r->json, ids, r->err, LS_ERR_SHAPE, "\"ids\" lists no token");
    status = ls_json_string(r->json, text, "\"text\"", r->arena, &prompt->text, &prompt->length, r->err);
    if (status == LS_OK)
        status =
            ls_arena_alloc(r->arena, prompt->positions, sizeof *prompt->ids, "the grid", &prompt->ids, r->err);
    if (status == LS_OK) status = read_list(r, ids, "\"ids\"", prompt->positions, read_id);
    if (status == LS_OK && index == 0) status = read_shape(r, top);
    if (status == LS_OK) status = make_room(r, top);
    return status == LS_OK ? read_list(r, top, "\"top\"", r->grid->layers + 1, read_layer) : status;
}

/* ---- the grid ---------------------------------------------------------------------------------------------
 */

static ls_status read_lens(reader *r, uint32_t value) {
    for (int lens = 0; lens < LS_LENS_COUNT; lens++) {
        if (!ls_json_is(r->json, value, ls_lens_name((ls_lens)lens))) continue;
        r->grid->lens = (ls_lens)lens;
        return LS_OK;
    }
    return ls_json_refuse(r->json, value, r->err, LS_ERR_VALUE, "\"lens\" is neither normed nor raw");
}

static ls_status read_root(reader *r) {
    member members[] = {{"model", 0}, {"weights", 0}, {"lens", 0}, {"layout", 0}, {"prompts", 0}};
    size_t length = 0;
    ls_grid *grid = r->grid;
    ls_status status = find_members(r, 0, "it", members, 5);
    if (status != LS_OK) return status;
    if (!ls_json_is(r->json, members[3].value, layout_text))
        return ls_json_refuse(r->json, members[3].value, r->err, LS_ERR_UNSUPPORTED, "\"layout\" is not \"%s\"",
                              layout_text);
    grid->prompt_count = ls_json_size(r->json, members[4].value);
    if (grid->prompt_count == 0)
        return ls_json_refuse(r->json, members[4].value, r->err, LS_ERR_SHAPE, "\"prompts\" lists no prompt");
    status = read_lens(r, members[2].value);
    if (status == LS_OK)
        status =
            ls_json_string(r->json, members[0].value, "\"model\"", r->arena, &grid->model, &length, r->err);
    if (status == LS_OK)
        status =
            ls_json_string(r->json, members[1].value, "\"weights\"", r->arena, &grid->weights, &length, r->err);
    if (status == LS_OK)
        status = ls_arena_alloc(r->arena, grid->prompt_count, sizeof *grid->prompts, "the grid", &grid->prompts,
                                r->err);
    return status == LS_OK ? read_list(r, members[4].value, "\"prompts\"", grid->prompt_count, read_prompt)
                           : status;
}

ls_status ls_grid_read(const char *json, size_t n, ls_arena *arena, ls_grid *out, ls_error *err) {
    reader r = {.arena = arena, .grid = out, .err = err};
    *out = (ls_grid){0};
    ls_status status = ls_json_open(json, n, "the grid", arena, &r.json, err);
    return status == LS_OK ? read_root(&r) : status;
}
