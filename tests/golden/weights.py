"""Weights in every format that is read, as random bytes, and what the gguf package makes of them."""

import gguf
import numpy as np
from gguf import GGMLQuantizationType as Type

BLOCKS, SUPER_BLOCKS = 8, 2
TYPES = [
    Type.F16, Type.BF16, Type.Q8_0, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q4_K, Type.Q5_K, Type.Q6_K,
]  # fmt: skip
# Where the halves lie in a block: scales, minima. Their exponents are kept in the range of real files.
HALVES = {
    Type.Q8_0: [0], Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2],
    Type.Q4_K: [0, 2], Type.Q5_K: [0, 2], Type.Q6_K: [208],
}  # fmt: skip


def random_blocks(rng: np.random.Generator, kind: Type) -> np.ndarray:
    """[blocks, bytes]"""
    size, width = gguf.GGML_QUANT_SIZES[kind]
    if size == 1:
        # Every exponent but those of infinity and NaN, subnormal numbers among them.
        numbers = rng.standard_normal(32 * BLOCKS) * 10.0 ** rng.uniform(-7, 4, 32 * BLOCKS)
        return gguf.quants.quantize(numbers.astype(np.float32), kind).view(np.uint8)[None]
    blocks = rng.integers(0, 256, (SUPER_BLOCKS if size > 32 else BLOCKS, width), dtype=np.uint8)
    for at in HALVES[kind]:
        halves = (rng.standard_normal(len(blocks)) * 0.02).astype(np.float16)
        halves[-1] = np.float16(3e-6)  # subnormal
        blocks[:, at : at + 2] = halves.view(np.uint8).reshape(-1, 2)
    return blocks


def weight_sections() -> dict[str, np.ndarray]:
    """For each type `<type>.bytes` and `<type>.values`, a row each."""
    rng = np.random.default_rng(7)
    sections: dict[str, np.ndarray] = {}
    for kind in TYPES:
        blocks = random_blocks(rng, kind)
        sections[f"{kind.name}.bytes"] = blocks.reshape(-1).astype(float)
        sections[f"{kind.name}.values"] = gguf.quants.dequantize(blocks, kind).reshape(-1).astype(np.float32)
    return sections
