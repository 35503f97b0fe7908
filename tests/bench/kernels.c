/*
 * kernels [TABLE]: the ceiling: every kernel alone, on operands that stay in the first-level cache, on one
 * thread. Prints JSON: for each table that this processor can run (or the one named), 10^9 multiply-adds a
 * second of its products and 10^9 logits a second of the sums of the lens. The fastest of many short bursts
 * counts, so that a busy machine does not.
 */
#define _POSIX_C_SOURCE 199309L /* clock_gettime */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "kernels/kernels.h"

enum {
    ROWS = 64,
    INPUTS = 768, /* the width of GPT-2 */
    BLOCKS = INPUTS / (int)LS_BLOCK,
    LOGITS = 256,
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

static const struct {
    const char *name;
    call_fn *call;
    double operations; /* of one call */
} measured[] = {
    {"q8", call_q8, (double)ROWS *LS_LANES *INPUTS},
    {"q8_minimum", call_q8_minimum, (double)ROWS *LS_LANES *INPUTS},
    {"q8_halves", call_q8_halves, (double)ROWS *LS_LANES *INPUTS},
    {"f32", call_f32, (double)ROWS *LS_LANES *INPUTS},
    {"lens_sums", call_lens, LOGITS},
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

static void measure(const ls_kernels *kernels, operands *o) {
    printf("{\"kernel\": \"%s\"", kernels->name);
    for (size_t i = 0; i < sizeof measured / sizeof *measured; i++)
        printf(", \"%s\": %.2f", measured[i].name,
               1e-9 * measured[i].operations / seconds_of_a_call(kernels, measured[i].call, o));
    printf("}");
}

int main(int argc, char **argv) {
    const char *only = argc > 1 ? argv[1] : NULL, *between = "";
    operands *o = malloc(sizeof *o);
    if (o == NULL) return 1;
    fill(o);
    printf("[");
    const ls_kernels *kernels = NULL;
    for (size_t i = 0; (kernels = ls_kernels_at(i)) != NULL; i++) {
        if (only != NULL && strcmp(only, kernels->name) != 0) continue;
        printf("%s", between);
        measure(kernels, o);
        between = ",\n ";
    }
    printf("]\n");
    free(o);
    return 0;
}
