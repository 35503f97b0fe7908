"""GGUF files written by the `gguf` package: an independent writer for our reader to be tested against.

Names, keys and layouts are llama.cpp's: matrices as [out, in]; GPT-NeoX's query_key_value, which transformers
interleaves head by head, as three blocks q, k, v; Llama's q and k, whose heads transformers turns by halves, with the
halves interleaved; Llama 3's scaling of the rotary frequencies as the tensor rope_freqs. Matrices take the file's
type; position embeddings, norms and biases stay F32.
"""

import json
from pathlib import Path

import gguf
import numpy as np
from gguf import GGMLQuantizationType, TokenType
from tokenizers import Tokenizer

from tiny import CONTEXT, HEADS, INNER, LAYERS, WIDTH, Architecture, gguf_name, tensor_role

TYPES = {
    "f32": (GGMLQuantizationType.F32, gguf.LlamaFileType.ALL_F32),
    "f16": (GGMLQuantizationType.F16, gguf.LlamaFileType.MOSTLY_F16),
    "q8_0": (GGMLQuantizationType.Q8_0, gguf.LlamaFileType.MOSTLY_Q8_0),
}


def stored_type(name: str, values: np.ndarray, kind: str) -> GGMLQuantizationType:
    """The type of one tensor in a file of this kind."""
    is_matrix = values.ndim == 2 and tensor_role(name) != "position_embd"
    return TYPES[kind][0] if is_matrix else GGMLQuantizationType.F32


def split_heads(values: np.ndarray) -> np.ndarray:
    """[heads, 3, head_dim, ...] rows to [3, heads, head_dim, ...] rows."""
    per_head = values.reshape(HEADS, 3, WIDTH // HEADS, *values.shape[1:])
    return np.ascontiguousarray(per_head.swapaxes(0, 1)).reshape(values.shape)


def pair_halves(values: np.ndarray) -> np.ndarray:
    """[heads, 2, head_dim / 2, ...] rows to [heads, head_dim / 2, 2, ...] rows."""
    head = WIDTH // HEADS
    by_half = values.reshape(len(values) // head, 2, head // 2, *values.shape[1:])
    return np.ascontiguousarray(by_half.swapaxes(1, 2)).reshape(values.shape)


def rope_factors(rope: dict) -> np.ndarray:
    """Divisors of the rotary frequencies: 1 for waves that the training length holds `high_freq_factor` times, `factor`
    for those it does not hold `low_freq_factor` times, and what lies between by how often it does."""
    head = WIDTH // HEADS
    waves = 2 * np.pi * rope["rope_theta"] ** (np.arange(0, head, 2) / head)
    held = rope["original_max_position_embeddings"] / waves
    low, high, factor = rope["low_freq_factor"], rope["high_freq_factor"], rope["factor"]
    share = np.clip((held - low) / (high - low), 0, 1)
    return (1 / ((1 - share) / factor + share)).astype(np.float32)


def to_gguf(arch: Architecture, weights: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """All tensors under GGUF's names and in GGUF's layout, still float32."""
    tensors: dict[str, np.ndarray] = {}
    for name, values in weights.items():
        target = gguf_name(arch, name)
        if values.ndim == 2 and tensor_role(target) in arch.input_first:
            values = np.ascontiguousarray(values.T)
        if arch.interleaved_qkv and tensor_role(target) == "attn_qkv":
            values = split_heads(values)
        if arch.paired_rotary and tensor_role(target) in ("attn_q", "attn_k"):
            values = pair_halves(values)
        if tensor_role(target) == "position_embd":
            values = values[arch.padding_rows :]
        tensors[target] = values
    rope = getattr(arch.config(), "rope_parameters", None) or {}
    if rope.get("rope_type") == "llama3":
        tensors["rope_freqs.weight"] = rope_factors(rope)
    return tensors


def round_weights(arch: Architecture, weights: dict[str, np.ndarray], kind: str) -> dict[str, np.ndarray]:
    """The float32 weights that a file of this kind stands for. Blocks run along a matrix's inputs."""
    rounded: dict[str, np.ndarray] = {}
    for name, values in weights.items():
        target = gguf_name(arch, name)
        stored = stored_type(target, values, kind)
        flip = values.ndim == 2 and tensor_role(target) in arch.input_first
        rows = np.ascontiguousarray(values.T) if flip else values
        restored = gguf.quants.dequantize(gguf.quants.quantize(rows, stored), stored)
        rounded[name] = np.ascontiguousarray(restored.T) if flip else restored
    return rounded


def add_settings(writer: gguf.GGUFWriter, arch: Architecture, kind: str) -> None:
    """general.* and <arch>.* keys."""
    writer.add_name(f"tiny-{arch.name}")
    writer.add_file_type(TYPES[kind][1])
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INNER)
    writer.add_block_count(LAYERS)
    writer.add_head_count(HEADS)
    config = arch.config()
    rope = getattr(config, "rope_parameters", None)
    if hasattr(config, "rms_norm_eps"):
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_rope_freq_base(rope["rope_theta"])
    else:
        writer.add_layer_norm_eps(1e-5)
    if hasattr(config, "num_key_value_heads"):
        writer.add_head_count_kv(config.num_key_value_heads)
    if rope is not None and arch.gguf_arch != "qwen2":
        writer.add_rope_dimension_count(int(WIDTH // HEADS * rope.get("partial_rotary_factor", 1)))
    if arch.gguf_arch == "llama":
        writer.add_vocab_size(config.vocab_size)
    if getattr(config, "sliding_window", None) is not None:
        writer.add_sliding_window(config.sliding_window)
    if arch.gguf_arch == "gptneox":
        writer.add_parallel_residual(config.use_parallel_residual)


def add_tokenizer(writer: gguf.GGUFWriter, arch: Architecture, tokenizer: Tokenizer) -> None:
    """tokenizer.ggml.* keys. Added tokens are stored as plain text, the others in GPT-2's byte alphabet."""
    data = json.loads(tokenizer.to_str())
    added = {entry["id"]: entry["special"] for entry in data["added_tokens"]}
    by_id = sorted((i, text) for text, i in tokenizer.get_vocab(with_added_tokens=True).items())
    types = [
        TokenType.NORMAL if i not in added else TokenType.CONTROL if added[i] else TokenType.USER_DEFINED
        for i, _ in by_id
    ]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(arch.gguf_pre)
    writer.add_token_list([text for _, text in by_id])
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(pair) for pair in data["model"]["merges"]])
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(0)


def write_gguf(
    path: Path, arch: Architecture, weights: dict[str, np.ndarray], tokenizer: Tokenizer, kind: str
) -> None:
    """One file of the given kind (f32, f16, q8_0)."""
    tensors = to_gguf(arch, weights)
    writer = gguf.GGUFWriter(path, arch.gguf_arch)
    add_settings(writer, arch, kind)
    add_tokenizer(writer, arch, tokenizer)
    for name, values in tensors.items():
        stored = stored_type(name, values, kind)
        writer.add_tensor(name, gguf.quants.quantize(values, stored), raw_dtype=stored)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
