/* How models are mutated: three times in four a few bytes of the metadata or the tensor table, in place, since
 * a model whose tensors have moved is refused before it is loaded. Otherwise whatever libFuzzer does. */
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    enum { FEW = 32 };
    if (size <= FEW || ls_random_below(seed, 0, 4) == 0) return LLVMFuzzerMutate(data, size, max_size);
    size_t reach = size - FEW;
    /* Metadata comes first, then the vocabulary, then tensors: short distances from the start more often. */
    size_t within = reach >> ls_random_below(seed, 1, 7);
    size_t at = ls_random_below(seed, 2, (uint32_t)within + 1);
    LLVMFuzzerMutate(data + at, FEW, FEW);
    return size;
}
