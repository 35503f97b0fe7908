"""Holds the command line against transformers on a real model, every layer of every position.

    compare.py MODEL.gguf LOGITSCOPE FINAL_LOGITS

transformers loads the same GGUF, dequantised to float32; the logit lens is its own final norm and output head on the
residual stream after every block. Prints a table; exits with 1 when a bound is broken.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForCausalLM, PreTrainedModel

TEXTS = (
    "The capital of Japan is the city of",
    "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want of a wife.",
    "def fibonacci(n):\n    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)\n",
)
MEAN_ENTROPY_ERROR = 0.02  # nats
TOP1_AGREEMENT = 0.98
CORRELATION = 0.9999


@dataclass
class Agreement:
    points: int
    mean_entropy_error: float
    largest_entropy_error: float
    top1: float
    correlation: float

    def holds(self) -> bool:
        return (
            self.mean_entropy_error <= MEAN_ENTROPY_ERROR
            and self.top1 >= TOP1_AGREEMENT
            and self.correlation >= CORRELATION
        )


def residual_stream(model: PreTrainedModel, ids: torch.Tensor) -> list[torch.Tensor]:
    """Layers 0..L, none of them normed: the last of `hidden_states` is, so that one comes from a hook."""
    last: list[torch.Tensor] = []
    hook = model.model.layers[-1].register_forward_hook(
        lambda _module, _inputs, output: last.append(output[0] if isinstance(output, tuple) else output)
    )
    states = model(ids, output_hidden_states=True).hidden_states
    hook.remove()
    return [*states[:-1], last[0].reshape(states[0].shape)]


def compare(model: PreTrainedModel, gguf: str, command: str, final_logits: str, text: str) -> Agreement:
    ours = json.loads(subprocess.check_output([command, "analyze", gguf, "--text", text, "--json", "-"]))[0]
    ids = torch.tensor([[token["id"] for token in ours["tokens"]]])
    errors, same = [], []
    logits = torch.empty(0)
    for layer, state in enumerate(residual_stream(model, ids)):
        logits = model.lm_head(model.model.norm(state))[0].double()
        log_p = logits.log_softmax(-1)
        entropy = -(log_p.exp() * log_p).sum(-1).numpy()
        errors.append(np.abs(entropy - np.array(ours["points"]["entropy"][layer])))
        top = [candidates[0][0] for candidates in ours["points"]["top"][layer]]
        same.append(logits.argmax(-1).numpy() == np.array(top))
    output = subprocess.check_output([final_logits, gguf, text])
    own = np.frombuffer(output, dtype=np.float32).reshape(logits.shape)
    correlation = min(np.corrcoef(a, b)[0, 1] for a, b in zip(own, logits.numpy(), strict=True))
    flat = np.concatenate(errors)
    return Agreement(flat.size, float(flat.mean()), float(flat.max()), float(np.concatenate(same).mean()), correlation)


def main() -> int:
    gguf, command, final_logits = sys.argv[1:]
    path = Path(gguf)
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32).eval()
    print("| text | points | entropy error, mean | largest | same top-1 | correlation of final logits, least |")
    print("|---|---:|---:|---:|---:|---:|")
    good = True
    with torch.no_grad():
        for text in TEXTS:
            a = compare(model, gguf, command, final_logits, text)
            good &= a.holds()
            name = text.split("\n")[0][:40]
            print(
                f"| {name} | {a.points} | {a.mean_entropy_error:.2g} nats | {a.largest_entropy_error:.2g} nats "
                f"| {100 * a.top1:.1f}% | {a.correlation:.7f} |"
            )
    print(f"bounds: {MEAN_ENTROPY_ERROR} nats mean, {100 * TOP1_AGREEMENT:.0f}%, {CORRELATION}:", "held" if good else "BROKEN")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
