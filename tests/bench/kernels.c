/*
 * kernels [TABLE]: the ceiling: every kernel alone, on operands that stay in the first-level cache, on one
 * thread. Prints JSON: for each table that this processor can run (or the one named), 10^9 multiply-adds a
 * second of its products and 10^9 logits a second of the sums of the lens; then, as a table named "loading",
 * 10^9 bytes of the file a second of what loading a model does to every byte. The fastest of many short bursts
 * counts, so that a busy machine does not.
 */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "base/sha256_blocks.h"
#include "kernels/kernels.h"
#include "quant/matrix.h"

enum {
    ROWS = 64,
    INPUTS = 768, /* the width of GPT-2 */
    BLOCKS = INPUTS / (int)LS_BLOCK,
    LOGITS = 256,
    FILE_ROWS = 16,   /* of a matrix in the file: two panels */
    BURST_CALLS = 60, /* about a millisecond */
};

static const double MEASURING = 0.4; /* seconds for each number */

/* Operands of one call; scales of halves are twice as many. */
typedef struct operands {
    int16_t x[ROWS * INPUTS];
    int8_t w[INPUTS * LS_LANES];
    float x_scale[ROWS * BLOCKS], x_sum[ROWS * BLOCKS];
    float w_scale[2 * BLOCKS * LS_LANES], w_minimum[BLOCKS * LS_LANES];
    float x_float[ROWS * INPUTS], w_float[INPUTS * LS_LANES];
    float out[ROWS * LS_LANES];
    float logits[LOGITS], final_logits[LOGITS];
    unsigned char file[FILE_ROWS * INPUTS * 2]; /* the largest is F16 */
    uint32_t hash[8];
    ls_sha256_blocks_fn *take;
    ls_arena arena;
    ls_matrix q8_0, q4_1, q4_k, q6_k, f16;
    volatile float kept; /* so that no call is left out */
} operands;

typedef void call_fn(const ls_kernels *kernels, operands *o);

static void call_q8(const ls_kernels *kernels, operands *o) {
    kernels->q8_tile(ROWS, BLOCKS, o->x, o->x_scale, o->w, o->w_scale, NULL, o->out, LS_LANES);
}

static void call_q8_minimum(const ls_kernels *kernels, operands *o) {
    kernels->q8_minimum_tile(ROWS, BLOCKS, o->x, o->x_scale, o->x_sum, o->w, o->w_scale, o->w_minimum, NULL,
                             o->out, LS_LANES);
}

static void call_q8_halves(const ls_kernels *kernels, operands *o) {
    kernels->q8_halves_tile(ROWS, BLOCKS, o->x, o->x_scale, o->w, o->w_scale, NULL, o->out, LS_LANES);
}

static void call_f32(const ls_kernels *kernels, operands *o) {
    kernels->f32_tile(ROWS, INPUTS, o->x_float, INPUTS, o->w_float, o->out, LS_LANES);
}

static void call_lens(const ls_kernels *kernels, operands *o) {
    o->kept = kernels->lens_sums(LOGITS, o->logits, o->final_logits, 4.0f, 4.0f).mass;
}

static void call_sha256(const ls_kernels *kernels, operands *o) {
    (void)kernels;
    o->take(o->hash, o->file, sizeof o->file / 64);
}

static void call_sha256_plain(const ls_kernels *kernels, operands *o) {
    (void)kernels;
    ls_sha256_blocks_plain(o->hash, o->file, sizeof o->file / 64);
}

#define CALL_PACK(matrix, type)                                                                                \
    static void call_pack_##matrix(const ls_kernels *kernels, operands *o) {                                   \
        (void)kernels;                                                                                         \
        ls_matrix_set_rows(&o->matrix, type, 0, FILE_ROWS, o->file);                                           \
    }
CALL_PACK(q8_0, LS_GGML_Q8_0)
CALL_PACK(q4_1, LS_GGML_Q4_1)
CALL_PACK(q4_k, LS_GGML_Q4_K)
CALL_PACK(q6_k, LS_GGML_Q6_K)
CALL_PACK(f16, LS_GGML_F16)

typedef struct measured {
    const char *name;
    call_fn *call;
    double operations; /* of one call */
} measured;

static const measured of_tables[] = {
    {"q8", call_q8, (double)ROWS *LS_LANES *INPUTS},
    {"q8_minimum", call_q8_minimum, (double)ROWS *LS_LANES *INPUTS},
    {"q8_halves", call_q8_halves, (double)ROWS *LS_LANES *INPUTS},
    {"f32", call_f32, (double)ROWS *LS_LANES *INPUTS},
    {"lens_sums", call_lens, LOGITS},
};

/* Bits of a weight in the file, the scales of its block with it. */
#define FILE_BYTES(bits) ((double)FILE_ROWS * INPUTS * (bits) / 8)

static const measured of_loading[] = {
    {"sha256", call_sha256, FILE_BYTES(16)},        {"sha256_plain", call_sha256_plain, FILE_BYTES(16)},
    {"pack_q8_0", call_pack_q8_0, FILE_BYTES(8.5)}, {"pack_q4_1", call_pack_q4_1, FILE_BYTES(5)},
    {"pack_q4_k", call_pack_q4_k, FILE_BYTES(4.5)}, {"pack_q6_k", call_pack_q6_k, FILE_BYTES(6.5625)},
    {"pack_f16", call_pack_f16, FILE_BYTES(16)},
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double seconds_of_a_call(const ls_kernels *kernels, call_fn *call, operands *o) {
    double first = now(), start = first, best = MEASURING;
    while (start - first < MEASURING) {
        for (int i = 0; i < BURST_CALLS; i++) call(kernels, o);
        double end = now(), seconds = (end - start) / BURST_CALLS;
        best = seconds < best ? seconds : best;
        start = end;
    }
    return best;
}

static void fill_floats(float *out, size_t n, uint64_t seed) {
    for (size_t i = 0; i < n; i++) out[i] = (float)ls_random_below(seed, i, 4096) / 1024.0f - 2.0f;
}

#define FILL(array, seed) fill_floats(array, sizeof(array) / sizeof *(array), seed)

static ls_matrix new_matrix(ls_ggml_type type, ls_arena *arena) {
    ls_matrix matrix;
    if (ls_matrix_init(&matrix, type, FILE_ROWS, INPUTS, "a matrix", arena, NULL) != LS_OK) abort();
    return matrix;
}

static void fill_loading(operands *o) {
    const ls_allocator allocator = ls_allocator_default();
    ls_arena_init(&o->arena, &allocator);
    for (size_t i = 0; i < sizeof o->file; i++) o->file[i] = (unsigned char)ls_random_below(11, i, 0x100);
    memset(o->hash, 0, sizeof o->hash);
    o->take = ls_sha256_blocks_find();
    o->q8_0 = new_matrix(LS_GGML_Q8_0, &o->arena);
    o->q4_1 = new_matrix(LS_GGML_Q4_1, &o->arena);
    o->q4_k = new_matrix(LS_GGML_Q4_K, &o->arena);
    o->q6_k = new_matrix(LS_GGML_Q6_K, &o->arena);
    o->f16 = new_matrix(LS_GGML_F16, &o->arena);
}

static void fill(operands *o) {
    for (size_t i = 0; i < sizeof o->x / sizeof *o->x; i++) o->x[i] = (int16_t)ls_random_below(1, i, 0x8000);
    for (size_t i = 0; i < sizeof o->w; i++) o->w[i] = (int8_t)ls_random_below(2, i, 0x80);
    FILL(o->x_scale, 3);
    FILL(o->x_sum, 4);
    FILL(o->w_scale, 5);
    FILL(o->w_minimum, 6);
    FILL(o->x_float, 7);
    FILL(o->w_float, 8);
    FILL(o->logits, 9);
    FILL(o->final_logits, 10);
}

static void measure(const char *name, const ls_kernels *kernels, const measured *list, size_t count,
                    operands *o) {
    printf("{\"kernel\": \"%s\"", name);
    for (size_t i = 0; i < count; i++)
        printf(", \"%s\": %.2f", list[i].name,
               1e-9 * list[i].operations / seconds_of_a_call(kernels, list[i].call, o));
    printf("}");
}

#define COUNT(list) (sizeof(list) / sizeof *(list))

int main(int argc, char **argv) {
    const char *only = argc > 1 ? argv[1] : NULL;
    operands *o = malloc(sizeof *o);
    if (o == NULL) return 1;
    fill(o);
    fill_loading(o);
    printf("[");
    const ls_kernels *kernels = NULL;
    for (size_t i = 0; (kernels = ls_kernels_at(i)) != NULL; i++) {
        if (only != NULL && strcmp(only, kernels->name) != 0) continue;
        measure(kernels->name, kernels, of_tables, COUNT(of_tables), o);
        if (only == NULL) printf(",\n ");
    }
    if (only == NULL || strcmp(only, "loading") == 0)
        measure("loading", NULL, of_loading, COUNT(of_loading), o);
    printf("]\n");
    ls_arena_clear(&o->arena);
    free(o);
    return 0;
}
