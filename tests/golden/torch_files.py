"""Writes PyTorch files as torch.save does: python torch_files.py FIXTURES, after make_golden.py

torch/opt.bin is the model in opt/ as published ones are: float16, the output matrix sharing the embedding's storage.
torch/tiny*.bin are a GPT-2 with one layer, value i of tensor number n being n + i / 8192; whole, and in two shards.
torch/kinds.bin has a tensor of each kind that is read or measured; the others each have one thing that is refused.
"""

import sys
from collections import OrderedDict
from pathlib import Path

import torch
from safetensors.torch import load_file

TINY_SHAPES = {
    "wte.weight": (8, 32),
    "wpe.weight": (3, 32),
    "h.0.ln_1.weight": (32,),
    "h.0.ln_1.bias": (32,),
    "h.0.attn.c_attn.weight": (32, 96),
    "h.0.attn.c_attn.bias": (96,),
    "h.0.attn.c_proj.weight": (32, 32),
    "h.0.attn.c_proj.bias": (32,),
    "h.0.ln_2.weight": (32,),
    "h.0.ln_2.bias": (32,),
    "h.0.mlp.c_fc.weight": (32, 64),
    "h.0.mlp.c_fc.bias": (64,),
    "h.0.mlp.c_proj.weight": (64, 32),
    "h.0.mlp.c_proj.bias": (32,),
    "ln_f.weight": (32,),
    "ln_f.bias": (32,),
}
SHARDS = 2


def tiny() -> OrderedDict[str, torch.Tensor]:
    tensors = OrderedDict()
    for number, (name, shape) in enumerate(TINY_SHAPES.items()):
        values = torch.arange(torch.Size(shape).numel(), dtype=torch.float32) / 8192
        tensors[name] = (number + values).reshape(shape)
    return tensors


def kinds() -> OrderedDict[str, torch.Tensor]:
    """What state_dict() gives of a module, and then by hand."""
    module = torch.nn.Linear(3, 2)
    with torch.no_grad():
        module.weight.copy_(torch.arange(6.0).reshape(2, 3))
        module.bias.copy_(torch.tensor([0.5, -0.5]))
    tensors = module.state_dict()
    both = torch.arange(10.0)
    tensors["half"] = torch.tensor([[1.0, -2.0]]).half()
    tensors["bfloat"] = torch.tensor([[3.0], [4.0]]).bfloat16()
    tensors["tied"] = tensors["weight"]
    tensors["first"] = both[:4].reshape(2, 2)
    tensors["rest"] = both[4:]
    tensors["parameter"] = torch.nn.Parameter(torch.ones(2))
    tensors["scalar"] = torch.tensor(7)
    tensors["mask"] = torch.ones(1, 1, 2, 2, dtype=torch.bool)
    tensors["empty"] = torch.zeros(0, 4)
    return tensors


def main(fixtures: Path) -> None:
    folder = fixtures / "torch"
    folder.mkdir(exist_ok=True)

    def save(name: str, value: object, **options: bool) -> None:
        torch.save(value, folder / f"{name}.bin", **options)

    opt = OrderedDict(load_file(fixtures / "opt" / "model.safetensors"))
    opt["lm_head.weight"] = opt["model.decoder.embed_tokens.weight"]
    save("opt", opt)
    tensors = list(tiny().items())
    save("tiny", OrderedDict(tensors))
    for shard in range(SHARDS):
        save(f"tiny-{shard + 1}", OrderedDict(tensors[shard::SHARDS]))
    save("kinds", kinds())
    save("turned", {"a": torch.ones(2, 3).T})
    save("expanded", {"a": torch.ones(1, 3).expand(2, 3)})
    save("nested", {"model": {"a": torch.ones(2)}})
    save("module", torch.nn.Linear(2, 2))
    save("older", {"a": torch.ones(2)}, _use_new_zipfile_serialization=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
