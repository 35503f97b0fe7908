/* IEEE 754 half precision to single, exactly. */
#ifndef LS_QUANT_F16_H
#define LS_QUANT_F16_H

#include <stdint.h>

#include "base/math.h"

static inline float ls_f16_to_f32(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16;
    uint32_t exponent = half >> 10 & 31u;
    uint32_t mantissa = half & 0x3ffu;
    if (exponent == 0) { /* zero and subnormals: mantissa * 2^-24 */
        float magnitude = (float)mantissa * 0x1p-24f;
        return ls_float_from_bits(ls_float_bits(magnitude) | sign);
    }
    uint32_t wide = exponent == 31 ? 0xffu : exponent + 112u;
    return ls_float_from_bits(sign | wide << 23 | mantissa << 13);
}

#endif
