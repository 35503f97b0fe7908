"""What a position sees: the llama fixture's residual stream after the last block, in float64 NumPy, for several
numbers of sinks and widths of the window, on a text longer than the context. A position attends to a cache of what it
sees, and positions count inside that cache (Xiao et al. 2024, section 3.2). The same code without a window, and with
Mistral's, is first held against transformers, so that the cache is the only thing that is new."""

import numpy as np
from numpy.typing import NDArray

from tiny import CONTEXT, HEADS, KEY_VALUE_HEADS, LAYERS, WIDTH, WINDOW

Array = NDArray[np.float64]
HEAD = WIDTH // HEADS
# Sinks and window. A window of 0 is none.
REACHES = [(0, 0), (0, 1), (1, 1), (2, 4), (5, 3), (4, 20), (0, WINDOW)]
POSITIONS = CONTEXT + 8


def rms_norm(x: Array, gain: Array) -> Array:
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5) * gain


def turn(heads: Array, positions: NDArray[np.int_], theta: float = 10000.0) -> Array:
    """Rotary positions on [T, heads, HEAD], halves turning together."""
    half = HEAD // 2
    angles = positions[:, None] * theta ** (-np.arange(half) / half)
    cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]
    a, b = heads[..., :half], heads[..., half:]
    return np.concatenate([a * cosine - b * sine, b * cosine + a * sine], axis=-1)


def cache(position: int, sinks: int, window: int) -> NDArray[np.int_]:
    """What a position sees, in order: the sinks, and the window that ends with itself."""
    there = np.arange(position + 1)
    return there[(there < sinks) | (position - there < window)] if window > 0 else there


def attend_one(q: Array, k: Array, v: Array) -> Array:
    """The last position of a cache: q [1, HEADS, HEAD], k and v [cache, HEADS, HEAD], none of them turned yet."""
    inside = np.arange(len(k))
    scores = np.einsum("thc,shc->hs", turn(q, inside[-1:]), turn(k, inside)) / np.sqrt(HEAD)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.einsum("hs,shc->hc", weights, v).reshape(WIDTH)


def attend(x: Array, layer: dict[str, Array], sinks: int, window: int) -> Array:
    positions = len(x)
    q = (x @ layer["self_attn.q_proj"].T).reshape(positions, HEADS, HEAD)
    k = (x @ layer["self_attn.k_proj"].T).reshape(positions, KEY_VALUE_HEADS, HEAD)
    v = (x @ layer["self_attn.v_proj"].T).reshape(positions, KEY_VALUE_HEADS, HEAD)
    k, v = (np.repeat(each, HEADS // KEY_VALUE_HEADS, axis=1) for each in (k, v))
    caches = [cache(t, sinks, window) for t in range(positions)]
    mixed = np.stack([attend_one(q[t : t + 1], k[seen], v[seen]) for t, seen in enumerate(caches)])
    return mixed @ layer["self_attn.o_proj"].T


def feed_forward(x: Array, layer: dict[str, Array]) -> Array:
    gate = x @ layer["mlp.gate_proj"].T
    return (gate / (1 + np.exp(-gate)) * (x @ layer["mlp.up_proj"].T)) @ layer["mlp.down_proj"].T


def last_residual(weights: dict[str, np.ndarray], ids: np.ndarray, sinks: int, window: int) -> Array:
    """[T, WIDTH] after the last block."""
    x = weights["model.embed_tokens.weight"].astype(np.float64)[ids]
    for number in range(LAYERS):
        prefix = f"model.layers.{number}."
        layer = {
            name.removeprefix(prefix).removesuffix(".weight"): values.astype(np.float64)
            for name, values in weights.items()
            if name.startswith(prefix)
        }
        x = x + attend(rms_norm(x, layer["input_layernorm"]), layer, sinks, window)
        x = x + feed_forward(rms_norm(x, layer["post_attention_layernorm"]), layer)
    return x


def reach_sections(
    weights: dict[str, np.ndarray], ids: np.ndarray, published: dict[int, np.ndarray]
) -> dict[str, np.ndarray]:
    """A section for each reach. `published` holds what transformers computes, by window."""
    for window, expected in published.items():
        ours = last_residual(weights, ids, 0, window)
        if not np.allclose(ours, expected, rtol=1e-5, atol=1e-4):
            raise AssertionError(f"window {window}: the NumPy model is not what transformers computes")
    ids = np.resize(ids, POSITIONS)  # the text over and over
    sections = {"ids": ids.astype(float), "reaches": np.array(REACHES, dtype=float)}
    for sinks, window in REACHES:
        sections[f"hidden.{sinks}.{window}"] = last_residual(weights, ids, sinks, window).astype(np.float32)
    return sections
