"""Float rows as Q4_K, Q5_K and Q6_K, which the gguf package reads and does not write.

Plain: a sub-block's scale and minimum come from its range and numbers are rounded to the nearest step. llama.cpp searches
for better ones, so errors measured with these blocks are upper bounds.
"""

import numpy as np
from gguf import GGMLQuantizationType as Type

SUPER, SUB, SUB_Q6 = 256, 32, 16
FloatArray = np.ndarray


def _half(values: FloatArray) -> tuple[np.ndarray, FloatArray]:
    """As stored, and as read back."""
    halves = values.astype(np.float16)
    return halves, halves.astype(np.float32)


def _steps(values: FloatArray, step: FloatArray, low: int, high: int) -> np.ndarray:
    """values / step, rounded and kept in range; 0 where the step is 0."""
    quotient = np.divide(values, step, out=np.zeros_like(values), where=step != 0)
    return np.clip(np.rint(quotient), low, high).astype(np.int32)


def _pack_six_bits(scales: np.ndarray, minima: np.ndarray) -> np.ndarray:
    """Eight scales and eight minima of 6 bits in 12 bytes: four of each whole, the other four in nibbles and spare bits."""
    packed = np.empty((len(scales), 12), np.uint8)
    packed[:, 0:4] = scales[:, :4] | (scales[:, 4:] >> 4) << 6
    packed[:, 4:8] = minima[:, :4] | (minima[:, 4:] >> 4) << 6
    packed[:, 8:12] = (scales[:, 4:] & 15) | (minima[:, 4:] & 15) << 4
    return packed


def _encode_with_minima(rows: FloatArray, bits: int) -> np.ndarray:
    """Q4_K and Q5_K: x = d * scale * q - dmin * minimum, eight sub-blocks of 32."""
    blocks = rows.reshape(-1, SUPER // SUB, SUB)
    top = (1 << bits) - 1
    minimum = np.maximum(-blocks.min(-1), 0)
    scale = (blocks.max(-1) + minimum) / top
    d_bits, d = _half(scale.max(-1, keepdims=True) / 63)
    dmin_bits, dmin = _half(minimum.max(-1, keepdims=True) / 63)
    scales = _steps(scale, np.broadcast_to(d, scale.shape), 0, 63)
    minima = _steps(minimum, np.broadcast_to(dmin, scale.shape), 0, 63)
    step = np.broadcast_to((d * scales)[..., None], blocks.shape)
    q = _steps(blocks + (dmin * minima)[..., None], step, 0, top).astype(np.uint8)
    pairs = q.reshape(-1, 4, 2, SUB)  # a byte has the low four bits of one sub-block and of the next
    low = (pairs[:, :, 0] & 15) | (pairs[:, :, 1] & 15) << 4
    parts = [d_bits.view(np.uint8), dmin_bits.view(np.uint8), _pack_six_bits(scales, minima)]
    if bits == 5:  # bit s of byte i: the fifth bit of number i in sub-block s
        parts.append(((q >> 4) << np.arange(8, dtype=np.uint8)[:, None]).sum(1, dtype=np.uint8))
    return np.concatenate([*parts, low.reshape(len(low), -1)], 1).astype(np.uint8)


def _encode_q6(rows: FloatArray) -> np.ndarray:
    """Q6_K: x = d * scale * (q - 32), sixteen sub-blocks of 16, scales of 8 bits."""
    blocks = rows.reshape(-1, SUPER // SUB_Q6, SUB_Q6)
    scale = np.abs(blocks).max(-1) / 31
    d_bits, d = _half(scale.max(-1, keepdims=True) / 127)
    scales = _steps(scale, np.broadcast_to(d, scale.shape), 0, 127)
    step = np.broadcast_to((d * scales)[..., None], blocks.shape)
    q = (_steps(blocks, step, -32, 31) + 32).astype(np.uint8)
    quarters = q.reshape(-1, 2, 4, 32)  # of each half block
    low = np.concatenate([(quarters[:, :, i] & 15) | (quarters[:, :, i + 2] & 15) << 4 for i in (0, 1)], -1)
    high = sum((quarters[:, :, i] >> 4) << 2 * i for i in range(4))
    parts = [low.reshape(len(q), -1), high.reshape(len(q), -1), scales.astype(np.int8).view(np.uint8), d_bits.view(np.uint8)]
    return np.concatenate(parts, 1).astype(np.uint8)


def encode(rows: FloatArray, kind: Type) -> np.ndarray:
    """[rows, n] float32 to [rows, bytes]; n is a multiple of 256."""
    blocks = _encode_q6(rows) if kind == Type.Q6_K else _encode_with_minima(rows, 4 if kind == Type.Q4_K else 5)
    return blocks.reshape(len(rows), -1)
