/* Known-answer grids: what is read must keep its promises, and every refusal must have a sentence. */
#include <stdint.h>
#include <stdlib.h>

#include "verify/grid.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(int condition) {
    if (!condition) abort();
}

static void check(const ls_grid *grid) {
    must(grid->top_k >= 1 && grid->top_k <= LS_GRID_TOP_MAX && grid->prompt_count >= 1);
    for (uint32_t i = 0; i < grid->prompt_count; i++) {
        const ls_grid_prompt *prompt = &grid->prompts[i];
        size_t entries = ((size_t)grid->layers + 1) * prompt->positions * grid->top_k;
        must(prompt->positions >= 1 && prompt->text[prompt->length] == '\0');
        for (size_t k = 0; k < entries; k++) {
            must(prompt->top_ids[k] <= grid->largest_id);
            must(prompt->top_p[k] >= 0.0 && prompt->top_p[k] <= 1.0);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    ls_arena arena;
    ls_allocator allocator = ls_allocator_default();
    ls_grid grid;
    ls_error err = {LS_OK, LS_NO_OFFSET, ""};
    ls_arena_init(&arena, &allocator);
    ls_status status = ls_grid_read((const char *)data, size, &arena, &grid, &err);
    if (status == LS_OK)
        check(&grid);
    else
        must(err.message[0] != '\0' && (err.offset <= size || status == LS_ERR_MEMORY));
    ls_arena_clear(&arena);
    return 0;
}
