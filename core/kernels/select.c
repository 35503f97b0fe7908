#include <string.h>

#include "kernels/kernels.h"

/* Fastest first. The build defines LS_HAVE_* for each file it compiled in (kernels.cmake). */
static const ls_kernels *const compiled[] = {
#ifdef LS_HAVE_AVX512VNNI
    &ls_kernels_avx512vnni,
#endif
#ifdef LS_HAVE_AVX2
    &ls_kernels_avx2,
#endif
#ifdef LS_HAVE_NEON
    &ls_kernels_neon,
#endif
#ifdef LS_HAVE_SIMD128
    &ls_kernels_simd128,
#endif
    &ls_kernels_scalar,
};

const ls_kernels *ls_kernels_at(size_t index) {
    for (size_t i = 0; i < sizeof compiled / sizeof *compiled; i++)
        if (compiled[i]->available() && index-- == 0) return compiled[i];
    return NULL;
}

const ls_kernels *ls_kernels_find(const char *name) {
    const ls_kernels *kernels = NULL;
    for (size_t i = 0; (kernels = ls_kernels_at(i)) != NULL; i++)
        if (name == NULL || strcmp(name, kernels->name) == 0) return kernels;
    return NULL;
}
