"""The prompts of one known-answer grid, answered by another model: a grid made with transformers.

    grid.py MODEL.gguf GRID.json OUT.json

transformers loads the GGUF, dequantised to float32; its weights are therefore those of the file, which the grid says.
Token ids are the given grid's, from the published tokenizer.
"""

import json
import sys
from pathlib import Path

import torch
from compare import residual_stream
from gguf import GGUFReader
from transformers import AutoModelForCausalLM, PreTrainedModel

TOP = 10


def stored(path: Path) -> str:
    """The type of most weights."""
    sizes: dict[str, int] = {}
    for tensor in GGUFReader(path).tensors:
        sizes[tensor.tensor_type.name] = sizes.get(tensor.tensor_type.name, 0) + int(tensor.n_elements)
    return max(sizes, key=lambda name: sizes[name])


def layer_cells(model: PreTrainedModel, state: torch.Tensor) -> list[list[list[float]]]:
    p = model.lm_head(model.model.norm(state))[0].double().softmax(-1).topk(TOP)
    return [
        [[token, round(share, 5)] for token, share in zip(*cell, strict=True)]
        for cell in zip(p.indices.tolist(), p.values.tolist(), strict=True)
    ]


def main() -> None:
    path, questions, out = map(Path, sys.argv[1:])
    grid = json.loads(questions.read_text())
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
    with torch.no_grad():
        for prompt in grid["prompts"]:
            states = residual_stream(model, torch.tensor([prompt["ids"]]))
            prompt["top"] = [layer_cells(model, state) for state in states]
    out.write_text(json.dumps(grid | {"model": path.stem, "weights": stored(path), "source": "transformers"}))


if __name__ == "__main__":
    main()
