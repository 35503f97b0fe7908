"""What `logitscope verify` lets through: models with one thing wrong, in three types, against the grid of the right one.

    faults.py LOGITSCOPE FOLDER NAME=MODEL.gguf...

The right model is the float32 base of weight_types.py. Prints Markdown.
"""

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as Type
from weight_types import Model, analyze, verify, write_grid

TYPES = (Type.F32, Type.Q8_0, Type.Q4_0)


def swap_blocks(model: Model) -> None:
    """Two blocks in the wrong order."""
    for tensors in (model.matrices, model.vectors):
        for name in [name for name in tensors if name.startswith("blk.2.")]:
            other = name.replace("blk.2.", "blk.3.")
            tensors[name], tensors[other] = tensors[other], tensors[name]


def drop_bias(suffix: str) -> Callable[[Model], None]:
    def fault(model: Model) -> None:
        model.vectors[f"blk.2.{suffix}.bias"] = np.zeros_like(model.vectors[f"blk.2.{suffix}.bias"])

    return fault


def shift_positions(model: Model) -> None:
    model.vectors["position_embd.weight"] = np.roll(model.vectors["position_embd.weight"], 1, axis=0)


def drop_last_norm(model: Model) -> None:
    model.vectors["output_norm.weight"] = np.ones_like(model.vectors["output_norm.weight"])


def turn_other_channels(model: Model) -> None:
    """Queries and keys in the order of the Hugging Face folder: rotary pairs that do not belong together."""
    for part, heads in (("attn_q", "head_count"), ("attn_k", "head_count_kv")):
        name, count = f"blk.2.{part}.weight", model.keys[f"{model.arch}.attention.{heads}"][0]
        rows = model.matrices[name]
        pairs = rows.reshape(count, -1, 2, rows.shape[1])
        model.matrices[name] = pairs.swapaxes(1, 2).reshape(rows.shape).copy()


def set_key(key: str, value: object) -> Callable[[Model], None]:
    def fault(model: Model) -> None:
        full = f"{model.arch}.{key}"
        model.keys[full] = (value, *model.keys[full][1:])

    return fault


FAULTS: dict[str, dict[str, Callable[[Model], None]]] = {
    "gpt2": {
        "blocks 2 and 3 swapped": swap_blocks,
        "no bias on q, k and v of one block": drop_bias("attn_qkv"),
        "no bias behind the attention of one block": drop_bias("attn_output"),
        "no bias behind the feed-forward of one block": drop_bias("ffn_down"),
        "positions counted from 1": shift_positions,
        "no weight in the last norm": drop_last_norm,
    },
    "gptneox": {
        "blocks 2 and 3 swapped": swap_blocks,
        "blocks in sequence, not parallel": set_key("use_parallel_residual", False),
        "half the rotary channels": set_key("rope.dimension_count", 4),
        "no bias on q, k and v of one block": drop_bias("attn_qkv"),
    },
    "llama": {
        "blocks 2 and 3 swapped": swap_blocks,
        "rotary base 10,000 and not 100,000": set_key("rope.freq_base", 10000.0),
        "rotary pairs of one block in another order": turn_other_channels,
        "no weight in the last norm": drop_last_norm,
        "norm epsilon 0.001": set_key("attention.layer_norm_rms_epsilon", 1e-3),
    },
}


def cell(command: str, file: Path, grid: Path) -> str:
    verdict = verify(command, file, grid)
    shares = f"{verdict['mean']:.4f}, {verdict['largest']:.3f}, {100 * verdict['top1']:.1f}%"
    return f"{shares}: {'**passes**' if verdict['pass'] else 'fails'}"


def table(command: str, folder: Path, name: str, path: Path) -> str:
    file, grid = folder / f"{name}-fault.gguf", folder / f"{name}.json"
    right = Model(path)
    right.write(file, Type.F32)
    write_grid(grid, name, analyze(command, file))
    lines = [f"| {name} | {' | '.join(kind.name for kind in TYPES)} |", "|---|" + "---|" * len(TYPES)]
    for what, fault in {"nothing wrong": lambda _model: None, **FAULTS[right.arch]}.items():
        model = Model(path)
        fault(model)
        cells = []
        for kind in TYPES:
            model.write(file, kind)
            cells.append(cell(command, file, grid))
        lines.append(f"| {what} | {' | '.join(cells)} |")
    file.unlink()
    return "\n".join([*lines, ""])


def main() -> None:
    command, folder, *models = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for model in models:
        name, path = model.split("=", 1)
        print(table(command, Path(folder), name, Path(path)), flush=True)


if __name__ == "__main__":
    main()
