"""What each type of weights costs: one text through the same model in every type, against float32.

    weight_types.py LOGITSCOPE FOLDER NAME=MODEL.gguf...

The base is float32: what the file's matrices say, moved at random by up to half a step of their blocks, since weights that
lie on the steps of one type would flatter it. The base is written anew in each type. A row that a K type cannot hold (its length is no multiple of 256) takes the type that llama.cpp falls
back to. Files go to FOLDER and are deleted again. Prints Markdown.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import k_blocks
import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGML_QUANT_SIZES, GGUFReader, GGUFWriter, ReaderTensor
from gguf.quants import dequantize, quantize

TEXT = (
    "In the beginning God created the heaven and the earth. And the earth was without form, and void; and darkness was "
    "upon the face of the deep. And the Spirit of God moved upon the face of the waters."
)
TYPES = (
    Type.F32, Type.F16, Type.BF16, Type.Q8_0, Type.Q6_K, Type.Q5_1, Type.Q5_0, Type.Q5_K, Type.Q4_1, Type.Q4_0, Type.Q4_K,
)  # fmt: skip
FALLBACK = {Type.Q4_K: Type.Q5_0, Type.Q5_K: Type.Q5_1, Type.Q6_K: Type.Q8_0}


@dataclass
class Reading:
    """One analysis: everything by [layer][position]."""

    entropy: np.ndarray
    top: list[list[list[tuple[int, float]]]]
    gd_ratio: float
    tokens: list[int]

    def best(self) -> np.ndarray:
        return np.array([[cell[0][0] for cell in layer] for layer in self.top])


class Model:
    """A GGUF file as float32, to be written with its matrices in any type."""

    def __init__(self, path: Path) -> None:
        self.reader = GGUFReader(path)
        self.keys = {
            name: (field.contents(), field.types[0], field.types[1] if len(field.types) > 1 else None)
            for name, field in self.reader.fields.items()
            if not name.startswith("GGUF.")
        }
        self.arch = str(self.keys.pop("general.architecture")[0])
        self.vectors = {t.name: t.data.copy() for t in self.reader.tensors if t.tensor_type == Type.F32}
        rng = np.random.default_rng(1)
        self.matrices = {t.name: between_steps(t, rng) for t in self.reader.tensors if t.tensor_type != Type.F32}

    def stored(self) -> str:
        kinds = [t.tensor_type.name for t in self.reader.tensors if t.name in self.matrices]
        return max(set(kinds), key=kinds.count)

    def write(self, path: Path, kind: Type, as_float: bool = False) -> int:
        """With `as_float`, what the matrices say in `kind`, written as float32. Returns how many hold `kind` itself."""
        writer = GGUFWriter(path, self.arch)
        for name, (value, value_type, sub_type) in self.keys.items():
            writer.add_key_value(name, value, value_type, sub_type=sub_type)
        direct = 0
        for tensor in self.reader.tensors:
            if tensor.name in self.vectors:
                writer.add_tensor(tensor.name, self.vectors[tensor.name])
                continue
            rows = self.matrices[tensor.name]
            own = kind if kind not in FALLBACK or rows.shape[-1] % k_blocks.SUPER == 0 else FALLBACK[kind]
            direct += own == kind
            data = k_blocks.encode(rows, own) if own in FALLBACK else quantize(rows, own)
            if as_float:
                writer.add_tensor(tensor.name, dequantize(data, own).astype(np.float32))
            else:
                writer.add_tensor(tensor.name, data, raw_dtype=own)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_tensors_to_file()
        writer.close()
        return direct


def between_steps(tensor: ReaderTensor, rng: np.random.Generator) -> np.ndarray:
    """Float weights that the file's matrix may have been rounded from: what it says, and up to half a step more or less.
    Without that, the type of the file would hold the base exactly, and the types around it too well. Q8_0 and Q4_1 begin
    each block of 32 with its step."""
    values = dequantize(tensor.data, tensor.tensor_type).astype(np.float32)
    block, width = GGML_QUANT_SIZES[tensor.tensor_type]
    if tensor.tensor_type not in (Type.Q8_0, Type.Q4_1):
        raise ValueError(f"{tensor.name} is {tensor.tensor_type.name}")
    steps = np.ascontiguousarray(tensor.data.reshape(-1, width)[:, :2]).view(np.float16).astype(np.float32)
    within = rng.uniform(-0.5, 0.5, (len(steps), block)).astype(np.float32)
    return values + (np.abs(steps) * within).reshape(values.shape)


def analyze(command: str, path: Path) -> Reading:
    result = json.loads(subprocess.check_output([command, "analyze", path, "--text", TEXT, "--json", "-"]))[0]
    points = result["points"]
    tokens = [token["id"] for token in result["tokens"]]
    return Reading(np.array(points["entropy"]), points["top"], result["summary"]["gd_ratio"], tokens)


def write_grid(path: Path, name: str, base: Reading) -> None:
    """The base as a known-answer grid, rounded as published ones are."""
    top = [[[(token, round(p, 5)) for token, p in cell] for cell in layer] for layer in base.top]
    layout = "top[layer][position][k] = [token id, probability]"
    prompt = {"text": TEXT, "ids": base.tokens, "top": top}
    grid = {"model": name, "lens": "normed", "weights": "float32", "layout": layout, "prompts": [prompt]}
    path.write_text(json.dumps(grid))


def verify(command: str, path: Path, grid: Path) -> dict:
    """The verdict is in the exit status as well, which may be either."""
    ran = subprocess.run([command, "verify", path, "--grid", grid, "--json", "-"], check=False, stdout=subprocess.PIPE)
    return json.loads(ran.stdout)


@dataclass
class Agreement:
    """Of one reading with another of the same text."""

    error: np.ndarray  # of entropy
    same: np.ndarray  # most likely token
    margin: float  # the widest lead of a first token over the second that was lost

    @classmethod
    def of(cls, own: Reading, other: Reading) -> "Agreement":
        same = own.best() == other.best()
        lead = np.array([[cell[0][1] - cell[1][1] for cell in layer] for layer in other.top])
        return cls(np.abs(own.entropy - other.entropy), same, float(lead[~same].max(initial=0.0)))


def measure(command: str, folder: Path, model: Model, kind: Type, base: Reading, grid: Path) -> tuple[str, str]:
    """A line of each table."""
    file = folder / "type.gguf"
    model.write(file, kind, as_float=True)
    in_float = analyze(command, file)
    direct = model.write(file, kind)
    own, verdict = analyze(command, file), verify(command, file, grid)
    file.unlink()
    cost, arithmetic = Agreement.of(own, base), Agreement.of(own, in_float)
    by_layer = 100 * cost.same.mean(1)
    first = (
        f"| {kind.name} | {direct} of {len(model.matrices)} | {cost.error.mean():.5f} | {cost.error.max():.4f} "
        f"| {100 * cost.same.mean():.2f}% | {by_layer.min():.1f}% | {by_layer[-1]:.1f}% | {cost.margin:.4f} "
        f"| {own.gd_ratio - base.gd_ratio:+.5f} | {arithmetic.error.mean():.5f} | {100 * arithmetic.same.mean():.2f}% |"
    )
    verified = f"{verdict['mean']:.5f} | {verdict['largest']:.4f} | {'pass' if verdict['pass'] else 'fail'}"
    return first, f"| {kind.name} | {verified} | {' '.join(f'{share:.0f}' for share in by_layer)} |"


FIRST = (
    "| type | matrices in it | entropy error, mean (nats) | largest | same top-1 | least layer | last layer "
    "| widest lead lost | gd_ratio error | arithmetic alone: entropy error | same top-1 |\n|---|" + "---:|" * 10
)
SECOND = (
    "| type | `verify`: difference of p, mean of cells | largest | verdict | same top-1 by layer, 0 to L, percent |\n"
    "|---|---:|---:|---|---|"
)


def table(command: str, folder: Path, name: str, path: Path) -> str:
    model = Model(path)
    grid, file = folder / f"{name}.json", folder / "base.gguf"
    model.write(file, Type.F32)
    base = analyze(command, file)
    file.unlink()
    write_grid(grid, name, base)
    first, second = zip(*(measure(command, folder, model, kind, base, grid) for kind in TYPES), strict=True)
    head = (
        f"## {name}\n\n{base.entropy.shape[0] - 1} layers, {len(base.tokens)} tokens, {base.entropy.size} points; gd_ratio "
        f"{base.gd_ratio:.5f} in float32. The base was made from the file's {model.stored()}.\n"
    )
    return "\n".join([head, FIRST, *first, "", SECOND, *second, ""])


def main() -> None:
    command, folder, *models = sys.argv[1:]
    Path(folder).mkdir(parents=True, exist_ok=True)
    for model in models:
        name, path = model.split("=", 1)
        print(table(command, Path(folder), name, Path(path)), flush=True)


if __name__ == "__main__":
    main()
