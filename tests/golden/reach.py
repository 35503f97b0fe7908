"""What a position sees: the llama fixture's residual stream after the last block, in float64 NumPy, for several
numbers of sinks and widths of the window. The same code without a mask, and with Mistral's window, is first held
against transformers, so that the mask is the only thing that is new."""

import numpy as np
from numpy.typing import NDArray

from tiny import CONTEXT, HEADS, KEY_VALUE_HEADS, LAYERS, WIDTH, WINDOW

Array = NDArray[np.float64]
HEAD = WIDTH // HEADS
# Sinks and window. A window of 0 is none; sinks inside of the window add nothing; (CONTEXT, 2) sees everything.
REACHES = [(0, 0), (0, 1), (1, 1), (2, 4), (5, 3), (3, 0), (CONTEXT, 2), (0, WINDOW)]


def rms_norm(x: Array, gain: Array) -> Array:
    return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + 1e-5) * gain


def turn(heads: Array, theta: float = 10000.0) -> Array:
    """Rotary positions on [T, heads, HEAD], halves turning together."""
    half = HEAD // 2
    angles = np.arange(len(heads))[:, None] * theta ** (-np.arange(half) / half)
    cosine, sine = np.cos(angles)[:, None], np.sin(angles)[:, None]
    a, b = heads[..., :half], heads[..., half:]
    return np.concatenate([a * cosine - b * sine, b * cosine + a * sine], axis=-1)


def visible(positions: int, sinks: int, window: int) -> NDArray[np.bool_]:
    """[T, T]: whether the row's position sees the column's."""
    here, there = np.arange(positions)[:, None], np.arange(positions)[None]
    near = here - there < window if window > 0 else True
    return (there <= here) & (near | (there < sinks))


def attend(x: Array, layer: dict[str, Array], seen: NDArray[np.bool_]) -> Array:
    positions = len(x)
    q = turn((x @ layer["self_attn.q_proj"].T).reshape(positions, HEADS, HEAD))
    k = turn((x @ layer["self_attn.k_proj"].T).reshape(positions, KEY_VALUE_HEADS, HEAD))
    v = (x @ layer["self_attn.v_proj"].T).reshape(positions, KEY_VALUE_HEADS, HEAD)
    k, v = (np.repeat(each, HEADS // KEY_VALUE_HEADS, axis=1) for each in (k, v))
    scores = np.where(seen, np.einsum("thc,shc->hts", q, k) / np.sqrt(HEAD), -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return np.einsum("hts,shc->thc", weights, v).reshape(positions, WIDTH) @ layer["self_attn.o_proj"].T


def feed_forward(x: Array, layer: dict[str, Array]) -> Array:
    gate = x @ layer["mlp.gate_proj"].T
    return (gate / (1 + np.exp(-gate)) * (x @ layer["mlp.up_proj"].T)) @ layer["mlp.down_proj"].T


def last_residual(weights: dict[str, np.ndarray], ids: np.ndarray, sinks: int, window: int) -> Array:
    """[T, WIDTH] after the last block."""
    x = weights["model.embed_tokens.weight"].astype(np.float64)[ids]
    seen = visible(len(ids), sinks, window)
    for number in range(LAYERS):
        prefix = f"model.layers.{number}."
        layer = {
            name.removeprefix(prefix).removesuffix(".weight"): values.astype(np.float64)
            for name, values in weights.items()
            if name.startswith(prefix)
        }
        x = x + attend(rms_norm(x, layer["input_layernorm"]), layer, seen)
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
    sections = {"ids": ids.astype(float), "reaches": np.array(REACHES, dtype=float)}
    for sinks, window in REACHES:
        sections[f"hidden.{sinks}.{window}"] = last_residual(weights, ids, sinks, window).astype(np.float32)
    return sections
