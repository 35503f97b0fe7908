"""Writes a model card from what a run left behind: python card.py RUN_FOLDER OUT.md

Everything measured comes from run.json, loss.csv and metrics.json; nothing is typed in by hand.
"""

import csv
import json
import sys
from pathlib import Path

from corpus import HELD_OUT_EVERY, VERSES
from evaluate import SAMPLE_TOKENS, SEED, STRIDE, TEMPERATURE
from shapes import CONTEXT, HEADS, LAYERS, TITLES, WIDTH
from tokenizer import END_OF_TEXT, VOCABULARY

SHAPES = {
    "bible-gpt": "GPT-2 (`GPT2LMHeadModel`): learned positions, attention then feed-forward in sequence, GELU (tanh "
    "form), output tied to the token embedding",
    "bible-neox": "GPT-NeoX as in Pythia (`GPTNeoXForCausalLM`): rotary positions on a quarter of each head, attention "
    "and feed-forward in parallel, GELU (exact), output not tied",
}
SIBLING = {"bible-gpt": "bible-neox", "bible-neox": "bible-gpt"}


def section_what(name: str, run: dict) -> str:
    sibling = SIBLING[name]
    return f"""# {TITLES[name]}

A language model of {run['parameters']:,} parameters that has read one book, the King James Bible, for looking at with
Logitscope. Its sibling [{TITLES[sibling]}]({sibling}.md) has the other built-in architecture and was trained alike:
same text, tokenizer, batches, number of steps and settings.

| | |
|---|---|
| Architecture | {SHAPES[name]} |
| Layers, width, heads | {LAYERS}, {WIDTH}, {HEADS} (feed-forward {4 * WIDTH}) |
| Context | {CONTEXT} tokens |
| Vocabulary | {VOCABULARY:,} tokens, byte-level BPE |
| Parameters | {run['parameters']:,} |
| File | `{name}.gguf`, matrices as Q8_0, position embeddings, norms and biases as F32 |
| Licence of the weights | CC0-1.0 |
"""


def section_data(run: dict) -> str:
    train, held_out = run["chapters"]
    tokens, held_out_tokens = run["tokens"]
    return f"""## Data

The text of the King James Bible from the Debian packages `bible-kjv` and `bible-kjv-text` (version 4.38). The
translation of 1611 is in the public domain (in the United Kingdom its printing is subject to a Crown patent).
{VERSES:,} verses; a chapter is one document, a verse a line, without verse numbers and headings; chapters are
separated by `{END_OF_TEXT}`. Every
{HELD_OUT_EVERY}th chapter is held out: {train:,} chapters ({tokens:,} tokens) to train on, {held_out} ({held_out_tokens:,} tokens)
held out. SHA-256 of all chapters, joined by blank lines: `{run['corpus_sha256']}`.

The tokenizer was trained on the training chapters only: GPT-2's splitting rule, all 256 bytes, no normaliser, no prefix
space, `{END_OF_TEXT}` as token 0 (beginning and end of text).
"""


def section_training(run: dict) -> str:
    r = run["recipe"]
    passes = run["tokens_seen"] / run["tokens"][0]
    return f"""## Training

{r['steps']:,} steps of {r['batch']} windows of {CONTEXT} tokens: {run['tokens_seen']:,} tokens, about {passes:.1f} passes. Every window starts at
the beginning of a verse. AdamW (betas {r['betas'][0]} and {r['betas'][1]}, weight decay {r['weight_decay']} on matrices),
learning rate {r['peak_rate']} after {r['warm_up']} steps of warm-up, then a cosine down to {r['final_rate']}; gradients clipped
at norm {r['clip']}; no dropout; seed {r['seed']}; float32. The last step's weights are the ones shipped. One thread of a
2-core machine that was busy with other work: {run['seconds'] / 60:.0f} minutes.
"""


def section_curve(curve: list[dict[str, str]]) -> str:
    """Mean loss over the steps since the row before, and on the held-out text, both in nats per token."""
    rows = "\n".join(f"| {c['step']} | {c['train_nats']} | {c['held_out_nats']} |" for c in curve)
    return f"""## Loss

Nats per token: mean over the steps since the row before, and on the held-out text (windows that do not overlap).

| step | training | held out |
|---:|---:|---:|
{rows}
"""


def section_quality(metrics: dict) -> str:
    m = metrics
    row = f"{m['perplexity_per_token']:.2f} | {m['perplexity_per_word']:.1f} | {m['perplexity_per_byte']:.3f}"
    return f"""## Held-out perplexity

| per token | per word | per byte | bits per byte |
|---:|---:|---:|---:|
| {row} | {m['bits_per_byte']:.3f} |

Measured on the float32 weights before they were rounded to Q8_0. Each held-out chapter on its own, in windows of
{CONTEXT} tokens that advance by {STRIDE}; every token but a chapter's first is scored once ({m['tokens']:,} tokens,
{m['words']:,} words, {m['bytes']:,} bytes). The same sum of nats is divided by tokens, words (separated by white space)
and bytes. Only the figures per word and per byte may be compared with a model that has another tokenizer.
"""


def quote(text: str) -> str:
    """A block quote that keeps the line breaks."""
    return "\n".join(f"> {line}  " if line.strip() else ">" for line in text.splitlines())


def section_samples(metrics: dict) -> str:
    blocks = []
    for s in metrics["samples"]:
        how = "greedy" if s["temperature"] == 0 else f"temperature {s['temperature']}"
        blocks.append(f"*{s['prompt']}* ({how})\n\n{quote(s['text'])}\n")
    return f"""## Samples

Up to {SAMPLE_TOKENS} tokens from the float32 weights, not selected: greedy, and at temperature {TEMPERATURE} with seed {SEED}.

""" + "\n".join(blocks)


def section_use() -> str:
    return """## What it is for, and what not

For seeing how a model of this kind makes up its mind, layer by layer, on a laptop and in a classroom. It writes in the
manner of its one book and knows nothing else: it is no source of facts, of scripture or of advice, its sentences soon
lose their thread, text in another manner or language is foreign to it, and the book's own views of people come with it.
What it shows about depth and commitment holds for six narrow layers; larger models may differ.
"""


def section_remake(name: str) -> str:
    return f"""## Making it again

Debian packages `bible-kjv` and `bible-kjv-text`, Python 3.11 or later, and the importer's requirements (see `web/`).
All of it, both models:

    sh models/train/make.sh

This model alone, from the top of the repository, in a virtual environment with `models/train/requirements.txt`:

    python models/train/train.py {name} build/models/{name}
    python models/train/evaluate.py build/models/{name}
    python models/train/card.py build/models/{name} models/{name}.md
    cd web
    npm run import -- ../build/models/{name} -o ../models/{name}.gguf --type q8_0 --name {TITLES[name]}

The same versions on the same kind of processor give the same weights; on another kind, sums are rounded differently and
the figures come out close, not equal.
"""


def main(folder: Path, out: Path) -> None:
    run = json.loads((folder / "run.json").read_text())
    metrics = json.loads((folder / "metrics.json").read_text())
    with (folder / "loss.csv").open(newline="") as file:
        curve = list(csv.DictReader(file))
    name = run["name"]
    parts = [
        section_what(name, run),
        section_data(run),
        section_training(run),
        section_curve(curve),
        section_quality(metrics),
        section_samples(metrics),
        section_use(),
        section_remake(name),
    ]
    out.write_text("\n".join(parts))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
