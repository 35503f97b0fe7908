"""Trains one of the two models: python train.py bible-gpt|bible-neox OUT_FOLDER

Both see the same batches in the same order: a batch depends on the seed and the step alone. A run that was stopped
goes on from its last checkpoint when it is started again. OUT_FOLDER receives a Hugging Face model folder, loss.csv
and run.json; the checkpoint stays beside them until the run is complete.
"""

import csv
import json
import math
import sys
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import PreTrainedModel
from transformers.utils import logging as transformers_logging

from corpus import Chapter, load_corpus
from shapes import CONTEXT, MAKERS
from tokenizer import END_OF_TEXT_ID, save_tokenizer, train_tokenizer


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result, for both models."""

    seed: int = 1611
    steps: int = 5000
    batch: int = 8
    warm_up: int = 200
    peak_rate: float = 2e-3
    final_rate: float = 1e-4
    betas: tuple[float, float] = (0.9, 0.95)
    weight_decay: float = 0.1
    clip: float = 1.0
    report_every: int = 100
    check_every: int = 250


@dataclass
class Progress:
    """What a checkpoint carries beside the weights and the optimiser."""

    step: int = 0
    seconds: float = 0.0
    curve: list[dict[str, float]] = field(default_factory=list)


def encode_stream(tokenizer: Tokenizer, chapters: list[Chapter]) -> np.ndarray:
    """All chapters as one row of ids, each closed by the end-of-text token."""
    ids: list[int] = []
    for chapter in chapters:
        ids += tokenizer.encode(chapter.text).ids + [END_OF_TEXT_ID]
    return np.asarray(ids, dtype=np.int64)


def verse_starts(stream: np.ndarray, line_break: int) -> np.ndarray:
    """Where a verse begins and a whole window (and its last target) still fits. Windows start there, so that text
    which begins like a sentence is what the first positions know best."""
    after_break = np.flatnonzero((stream == line_break) | (stream == END_OF_TEXT_ID)) + 1
    starts = np.concatenate([[0], after_break])
    return starts[starts + CONTEXT + 1 <= len(stream)]


def make_batch(stream: np.ndarray, starts: np.ndarray, recipe: Recipe, step: int) -> torch.Tensor:
    """[batch, CONTEXT + 1] ids; the last column is only ever a target."""
    rng = np.random.default_rng([recipe.seed, step])
    chosen = rng.choice(starts, size=recipe.batch)
    return torch.from_numpy(np.stack([stream[s : s + CONTEXT + 1] for s in chosen]))


def mean_loss(model: PreTrainedModel, windows: torch.Tensor) -> torch.Tensor:
    """Mean cross entropy in nats over every position of the windows."""
    logits = model(input_ids=windows[:, :-1], use_cache=False).logits
    return torch.nn.functional.cross_entropy(logits.flatten(0, 1), windows[:, 1:].flatten())


@torch.no_grad()
def held_out_loss(model: PreTrainedModel, stream: np.ndarray) -> float:
    """Loss over the held-out stream cut into windows that do not overlap: quick, for the curve. The card's
    perplexity (evaluate.py) gives every token more context."""
    count = (len(stream) - 1) // CONTEXT
    windows = np.stack([stream[i * CONTEXT : (i + 1) * CONTEXT + 1] for i in range(count)])
    model.eval()
    losses = [mean_loss(model, part).item() * len(part) for part in torch.from_numpy(windows).split(16)]
    model.train()
    return sum(losses) / count


def rate_at(step: int, recipe: Recipe) -> float:
    """Linear warm-up, then half a cosine down to the final rate."""
    if step < recipe.warm_up:
        return recipe.peak_rate * (step + 1) / recipe.warm_up
    done = (step - recipe.warm_up) / (recipe.steps - recipe.warm_up)
    return recipe.final_rate + (recipe.peak_rate - recipe.final_rate) * (1 + math.cos(math.pi * done)) / 2


def make_optimiser(model: PreTrainedModel, recipe: Recipe) -> torch.optim.Optimizer:
    """AdamW; only matrices decay, not biases and norms."""
    matrices = [p for p in model.parameters() if p.dim() >= 2]
    vectors = [p for p in model.parameters() if p.dim() < 2]
    groups = [
        {"params": matrices, "weight_decay": recipe.weight_decay},
        {"params": vectors, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=recipe.peak_rate, betas=recipe.betas)


def save_checkpoint(path: Path, model: PreTrainedModel, optimiser: torch.optim.Optimizer, progress: Progress) -> None:
    """Written beside and renamed, so that a stopped run never leaves half a checkpoint."""
    part = path.with_suffix(".part")
    state = {"model": model.state_dict(), "optimiser": optimiser.state_dict(), "progress": asdict(progress)}
    torch.save(state, part)
    part.replace(path)


def load_checkpoint(path: Path, model: PreTrainedModel, optimiser: torch.optim.Optimizer) -> Progress:
    """The progress of an earlier run, or a fresh one."""
    if not path.exists():
        return Progress()
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    optimiser.load_state_dict(state["optimiser"])
    return Progress(**state["progress"])


def run_steps(
    model: PreTrainedModel,
    optimiser: torch.optim.Optimizer,
    streams: tuple[np.ndarray, np.ndarray],
    starts: np.ndarray,
    recipe: Recipe,
    checkpoint: Path,
) -> Progress:
    """The training loop. Returns the finished progress; the model is changed in place."""
    progress = load_checkpoint(checkpoint, model, optimiser)
    began, recent = time.monotonic() - progress.seconds, []
    for step in range(progress.step, recipe.steps):
        for group in optimiser.param_groups:
            group["lr"] = rate_at(step, recipe)
        loss = mean_loss(model, make_batch(streams[0], starts, recipe, step))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), recipe.clip)
        optimiser.step()
        optimiser.zero_grad()
        recent.append(loss.item())
        done = step + 1
        if done % recipe.report_every == 0:
            print(f"step {done} loss {np.mean(recent[-recipe.report_every:]):.4f}", flush=True)
        if done % recipe.check_every == 0 or done == recipe.steps:
            held_out = held_out_loss(model, streams[1])
            progress.curve.append({"step": done, "train": float(np.mean(recent)), "held_out": held_out})
            progress.step, progress.seconds, recent = done, time.monotonic() - began, []
            print(f"step {done} held-out {held_out:.4f} after {progress.seconds:.0f} s", flush=True)
            save_checkpoint(checkpoint, model, optimiser, progress)
    return progress


def save_run(folder: Path, recipe: Recipe, progress: Progress, facts: dict[str, object]) -> None:
    """loss.csv and run.json: what the model card is written from."""
    with (folder / "loss.csv").open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", "train_nats", "held_out_nats"])
        for row in progress.curve:
            writer.writerow([row["step"], f"{row['train']:.4f}", f"{row['held_out']:.4f}"])
    run = {**facts, "seconds": round(progress.seconds), "recipe": asdict(recipe)}
    (folder / "run.json").write_text(json.dumps(run, indent=2) + "\n")


def main(name: str, folder: Path) -> None:
    """Corpus, tokenizer, model, loop, files. One thread: runs are repeatable on one machine and can go side by side."""
    torch.set_num_threads(1)
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    recipe, corpus = Recipe(), load_corpus()
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = train_tokenizer(corpus.train)
    save_tokenizer(tokenizer, folder, CONTEXT)
    streams = (encode_stream(tokenizer, corpus.train), encode_stream(tokenizer, corpus.held_out))
    line_break = tokenizer.encode("\n").ids[0]

    torch.manual_seed(recipe.seed)
    model = MAKERS[name]().train()
    facts = {
        "name": name,
        "parameters": model.num_parameters(),
        "corpus_sha256": corpus.sha256,
        "chapters": [len(corpus.train), len(corpus.held_out)],
        "tokens": [len(streams[0]), len(streams[1])],
        "tokens_seen": recipe.steps * recipe.batch * CONTEXT,
    }
    print(json.dumps(facts), flush=True)
    checkpoint = folder / "checkpoint.pt"
    starts = verse_starts(streams[0], line_break)
    progress = run_steps(model, make_optimiser(model, recipe), streams, starts, recipe, checkpoint)
    model.eval().save_pretrained(folder)
    save_run(folder, recipe, progress, facts)
    checkpoint.unlink()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[1] not in MAKERS:
        sys.exit(__doc__)
    main(sys.argv[1], Path(sys.argv[2]))
