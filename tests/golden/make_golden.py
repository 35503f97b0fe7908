"""Regenerates the golden fixtures: python make_golden.py [OUT_FOLDER] (default: fixtures beside this script)

For each entry of tiny.ARCHITECTURES: a Hugging Face folder <name>/, GGUF files by an independent writer
(<name>-f32.gguf, -f16, -q8_0), and one reference file for each GGUF (<name>-f32.ref, ...), computed by transformers'
own modules on exactly the weights that the GGUF holds.

A reference file is text. The first line is "logitscope-ref 1". Then follow sections: a line "name rows columns", then
rows lines of `columns` numbers each, as many digits as it takes to read the same float32 (hidden, output, logits) or
float64 (everything else) back. Absent values are the word nan. The last section is "end 0 0". In C, one section is
fscanf("%63s %d %d") and rows * columns times fscanf("%lf"). README.md lists the sections.
"""

import json
import sys
from dataclasses import astuple
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel
from transformers.utils import logging as transformers_logging

import gguf_files
import tiny
from measures import Guard, measure_lens, measure_motion
from reach import reach_sections
from tiny import Architecture
from weights import weight_sections

HERE = Path(__file__).resolve().parent
# Written as known-answer grids as well.
GRIDS = {"gpt2-f32": ("normed", "raw"), "gptneox-q8_0": ("normed",), "llama-f16": ("normed",)}
# Closer than this to a tie or a threshold, a correct implementation could disagree with the reference.
LEAST_GUARD = Guard(top_gap=1e-4, target_gap=5e-5, share_gap=1e-4, step_gap=2e-3)


@torch.no_grad()
def residual_stream(arch: Architecture, model: PreTrainedModel, ids: np.ndarray) -> tuple[torch.Tensor, torch.Tensor]:
    """Hidden states [L + 1, T, width] as they leave the embedding and each block, before any final norm, and the
    model's own logits [T, V]. Hooks, because the last entry of `hidden_states` is already normed."""
    blocks, taps = model.get_submodule(arch.blocks), []
    handles = [blocks[0].register_forward_pre_hook(lambda _, args: taps.append(args[0]))]
    for block in blocks:
        keep = lambda _, __, output: taps.append(output[0] if isinstance(output, tuple) else output)  # noqa: E731
        handles.append(block.register_forward_hook(keep))
    logits = model(input_ids=torch.from_numpy(ids)[None], use_cache=False).logits[0]
    for handle in handles:
        handle.remove()
    return torch.cat(taps), logits


@torch.no_grad()
def lens_logits(arch: Architecture, model: PreTrainedModel, ids: np.ndarray) -> dict[str, np.ndarray]:
    """Hidden states and both lenses' logits [L + 1, T, V] in float32, checked against the model's own output."""
    hidden, own = residual_stream(arch, model, ids)
    norm, head = model.get_submodule(arch.norm), model.get_submodule(arch.head)
    normed = head(norm(hidden))
    if not torch.allclose(normed[-1], own, rtol=1e-5, atol=1e-5):
        raise AssertionError(f"{arch.name}: the normed lens at the last layer is not the model's output")
    raw = torch.cat([head(hidden[:-1]), own[None]])
    return {"hidden": hidden.numpy(), "normed": normed.numpy(), "raw": raw.numpy()}


def format_value(value: np.floating) -> str:
    """The shortest number that reads back as the same float32 or float64; whole numbers without a point."""
    return f"{value:.0f}" if value == np.floor(value) and abs(value) < 1e9 else str(value)


def section_text(name: str, values: np.ndarray) -> str:
    """A section; more than two dimensions are folded into rows, a scalar is 1 x 1."""
    rows = np.atleast_2d(values)
    rows = rows.reshape(-1, rows.shape[-1])
    lines = [f"{name} {rows.shape[0]} {rows.shape[1]}"]
    lines += [" ".join(map(format_value, row)) for row in rows]
    return "\n".join(lines) + "\n"


def reference_sections(
    arch: Architecture, model: PreTrainedModel, ids: np.ndarray, all_logits: bool
) -> dict[str, np.ndarray]:
    """All sections of one reference file, in order. The last layer's logits are the same for both lenses."""
    values = lens_logits(arch, model, ids)
    motion = measure_motion(values["hidden"].astype(np.float64))
    shape = np.array([tiny.LAYERS, len(ids), tiny.VOCABULARY, tiny.WIDTH], dtype=float)
    sections = {"shape": shape, "ids": ids.astype(float), "hidden": values["hidden"], "output": values["raw"][-1]}
    sections |= motion
    for lens in ("normed", "raw"):
        if all_logits:
            sections[f"{lens}.logits"] = values[lens][:-1]
        measured = measure_lens(values[lens].astype(np.float64), motion, ids)
        sections |= {f"{lens}.{name}": column for name, column in measured.items()}
    return sections


def check_guards(label: str, sections: dict[str, np.ndarray]) -> None:
    """Refuses a reference that a correct implementation could contradict by rounding."""
    for lens in ("normed", "raw"):
        guard = sections[f"{lens}.guard"]
        if (guard < astuple(LEAST_GUARD)).any():
            raise AssertionError(f"{label} {lens}: too near a tie, choose another seed: {guard}")


def tokenizer_cases(tokenizer: Tokenizer) -> str:
    """A line per case: the text's bytes in hexadecimal, the number of ids, the ids."""
    encoded = [(case.encode().hex(), tokenizer.encode(case).ids) for case in tiny.TOKENIZER_CASES]
    return "".join(f"{text} {len(ids)} {' '.join(map(str, ids))}\n" for text, ids in encoded)


def grid_text(label: str, lens: str, ids: np.ndarray, sections: dict[str, np.ndarray]) -> str:
    """The ten most likely tokens of every point as a known-answer grid, rounded to five digits as published ones are."""
    shape = (tiny.LAYERS + 1, len(ids), -1)
    top_ids, top_p = (sections[f"{lens}.{name}"].reshape(shape).tolist() for name in ("top_ids", "top_p"))
    top = [
        [[(int(token), round(p, 5)) for token, p in zip(*cell, strict=True)] for cell in zip(*layer, strict=True)]
        for layer in zip(top_ids, top_p, strict=True)
    ]
    layout = "top[layer][position][k] = [token id, probability]"
    prompt = {"text": tiny.TEXT, "ids": ids.tolist(), "top": top}
    weights = label.rsplit("-", 1)[1].upper()
    grid = {"model": label, "lens": lens, "weights": weights, "layout": layout, "prompts": [prompt]}
    return json.dumps(grid, separators=(",", ":")) + "\n"


def make_fixture(arch: Architecture, out: Path) -> None:
    """Everything for one architecture."""
    tokenizer = tiny.make_tokenizer(arch)
    ids = np.asarray(tokenizer.encode(tiny.TEXT).ids, dtype=np.int64)
    weights = tiny.model_weights(tiny.build_model(arch))
    tiny.save_folder(arch, tiny.build_model(arch), tokenizer, out / arch.name)
    (out / f"{arch.name}.tokens").write_text(tokenizer_cases(tokenizer))
    for kind in arch.kinds:
        label = f"{arch.name}-{kind}"
        gguf_files.write_gguf(out / f"{label}.gguf", arch, weights, tokenizer, kind)
        model = tiny.build_model(arch, gguf_files.round_weights(arch, weights, kind))
        sections = reference_sections(arch, model, ids, arch.all_logits and kind == "f32")
        check_guards(label, sections)
        write_reference(out / f"{label}.ref", sections)
        for lens in GRIDS.get(label, ()):
            (out / f"{label}.{lens}.json").write_text(grid_text(label, lens, ids, sections))


def write_reference(path: Path, sections: dict[str, np.ndarray]) -> None:
    text = "".join(section_text(name, values) for name, values in sections.items())
    path.write_text(f"logitscope-ref 1\n{text}end 0 0\n")


def make_reach_fixture(out: Path) -> None:
    """The llama fixture under masks that no published model has."""
    by_name = {arch.name: arch for arch in tiny.ARCHITECTURES}
    llama = by_name["llama"]
    ids = np.asarray(tiny.make_tokenizer(llama).encode(tiny.TEXT).ids, dtype=np.int64)
    weights = tiny.model_weights(tiny.build_model(llama))
    published = {}
    for window, arch in ((0, llama), (tiny.WINDOW, by_name["mistral"])):
        published[window] = residual_stream(arch, tiny.build_model(arch, weights), ids)[0][-1].numpy()
    write_reference(out / "llama-reach.ref", reach_sections(weights, ids, published))


def main(out: Path) -> None:
    """All fixtures. One thread and no fused attention, so that two runs give the same bytes."""
    torch.set_num_threads(1)
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    out.mkdir(parents=True, exist_ok=True)
    (out / "text.txt").write_text(tiny.TEXT)
    for arch in tiny.ARCHITECTURES:
        make_fixture(arch, out)
        print(f"{arch.name}: done")
    make_reach_fixture(out)
    write_reference(out / "weights.ref", weight_sections())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "fixtures")
