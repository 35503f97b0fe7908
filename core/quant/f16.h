/* IEEE 754 half precision to single, exactly. */
#ifndef LS_QUANT_F16_H
#define LS_QUANT_F16_H

#include <stdint.h>

#include "base/math.h"

/* Without branches, so that loops become vectors, and without subnormal singles, which some processors are slow
 * with. A subnormal half, taken for 2^-14 more than it is, loses that exactly in a subtraction; of the two
 * readings of a number the right one is the smaller. */
static inline float ls_f16_to_f32(uint16_t half) {
    uint32_t bits = half, sign = (bits & 0x8000u) << 16, magnitude = (bits & 0x7fffu) << 13;
    float normal = ls_float_from_bits(magnitude + (112u << 23));
    float subnormal = ls_float_from_bits(magnitude + (113u << 23)) - 0x1p-14f;
    float value = subnormal < normal ? subnormal : normal;
    uint32_t endless = 0u - ((magnitude + (1u << 23)) >> 28); /* all ones for infinities and NaNs */
    return ls_float_from_bits(sign | ls_float_bits(value) | (endless & 0xffu << 23));
}

#endif
