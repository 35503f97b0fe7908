"""pytorch.py MODEL.gguf IDS THREADS: the S1 job in PyTorch, on the same weights and tokens, when told to.

Each line on standard input is a command, each answer one line of JSON:
  eager             one analysis in float32 -> {"seconds", "rss"}
  compiled          the same through torch.compile (the first call compiles)
  reference FILE    float64: writes the normed residuals, [(L+1) * T][width] float32, to FILE -> {"entropy": [...]}

The job: hidden states of every layer, final norm, unembedding, entropy, ten most likely tokens, KL to the last layer and
the rank of the next token. Logits are made one layer at a time, which is how PyTorch is fastest here and needs the least.
"""

import copy
import json
import resource
import sys
import time

import torch
from gguf import GGUFReader
from gguf.quants import dequantize
from torch import nn
from torch.nn import functional as F

TOP = 10


class Block(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self.heads = heads
        self.attn_norm = nn.LayerNorm(width)
        self.attn_qkv = nn.Linear(width, 3 * width)
        self.attn_output = nn.Linear(width, width)
        self.ffn_norm = nn.LayerNorm(width)
        self.ffn_up = nn.Linear(width, 4 * width)
        self.ffn_down = nn.Linear(4 * width, width)

    def forward(self, h):
        split = lambda x: x.unflatten(-1, (self.heads, -1)).transpose(0, 1)
        q, k, v = map(split, self.attn_qkv(self.attn_norm(h)).chunk(3, dim=-1))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        h = h + self.attn_output(mixed.transpose(0, 1).flatten(1))
        return h + self.ffn_down(F.gelu(self.ffn_up(self.ffn_norm(h)), approximate="tanh"))


class GPT2(nn.Module):
    def __init__(self, layers: int, width: int, heads: int, vocabulary: int, context: int):
        super().__init__()
        self.token_embd = nn.Embedding(vocabulary, width)
        self.position_embd = nn.Embedding(context, width)
        self.blk = nn.ModuleList(Block(width, heads) for _ in range(layers))
        self.output_norm = nn.LayerNorm(width)

    def residuals(self, ids):
        """Normed residuals of layers 0..L: [L+1][T][width]."""
        h = self.token_embd(ids) + self.position_embd.weight[: len(ids)]
        kept = [h]
        for block in self.blk:
            h = block(h)
            kept.append(h)
        return self.output_norm(torch.stack(kept))

    def forward(self, ids):
        rows = self.residuals(ids)
        final = F.log_softmax(rows[-1] @ self.token_embd.weight.T, dim=-1)
        return [self.lens(row, final, ids[1:]) for row in rows]

    def lens(self, row, final, following):
        logits = row @ self.token_embd.weight.T
        log_p = F.log_softmax(logits, dim=-1)
        p = log_p.exp()
        entropy = -(p * log_p).sum(-1)
        kl = (p * (log_p - final)).sum(-1)
        target = logits[:-1].gather(-1, following[:, None])
        rank = (logits[:-1] > target).sum(-1) + 1
        return entropy, kl, rank, p.topk(TOP, dim=-1)


def load(path: str) -> GPT2:
    reader = GGUFReader(path)
    number = lambda name: int(reader.fields[f"gpt2.{name}"].contents())
    weights = {t.name: torch.from_numpy(dequantize(t.data, t.tensor_type).copy()) for t in reader.tensors}
    vocabulary, width = weights["token_embd.weight"].shape
    model = GPT2(number("block_count"), width, number("attention.head_count"), vocabulary, number("context_length"))
    assert float(reader.fields["gpt2.attention.layer_norm_epsilon"].contents()) - model.output_norm.eps < 1e-9
    model.load_state_dict(weights)
    return model.eval()


def timed(run, ids) -> dict:
    began = time.perf_counter()
    run(ids)
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "rss": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024}


def reference(model: GPT2, ids, path: str) -> dict:
    exact = copy.deepcopy(model).double()
    exact.residuals(ids).flatten(0, 1).float().numpy().tofile(path)
    return {"entropy": [h for entropy, *_ in exact(ids) for h in entropy.tolist()]}


def main() -> None:
    path, ids, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # in its favour: layer 0 of random weights is so sure that others' p are denormal
    tokens = torch.tensor([int(i) for i in ids.split(",")])
    model = load(path)
    compiled = torch.compile(model)
    answer = lambda value: print(json.dumps(value), flush=True)
    with torch.inference_mode():
        answer({"version": torch.__version__})
        for line in sys.stdin:
            command, *rest = line.split()
            try:
                if command == "reference":
                    answer(reference(model, tokens, rest[0]))
                else:
                    answer(timed({"eager": model, "compiled": compiled}[command], tokens))
            except Exception as error:  # the bench goes on without this figure and says why
                answer({"error": str(error).strip().splitlines()[0]})


main()
