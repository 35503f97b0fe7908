/* How models are mutated: mostly a few bytes of the metadata or the tensor table, in place, since a model whose
 * tensors have moved is refused before it is loaded. Otherwise whatever libFuzzer does. */
#include <stddef.h>
#include <stdint.h>

#include "base/random.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed);

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    /* A value, or the length of a key. */
    static const size_t widths[] = {4, 4, 8, 32};
    size_t few = widths[ls_random_below(seed, 0, 4)];
    if (size <= few || ls_random_below(seed, 1, 8) == 0) return LLVMFuzzerMutate(data, size, max_size);
    /* Metadata comes first, then the vocabulary, then tensors: short distances from the start more often. */
    size_t reach = (size - few) >> ls_random_below(seed, 2, 7);
    size_t at = ls_random_below(seed, 3, (uint32_t)reach + 1);
    LLVMFuzzerMutate(data + at, few, few);
    return size;
}
