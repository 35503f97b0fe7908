"""Measures a trained model on the held-out chapters and lets it write: python evaluate.py MODEL_FOLDER

Writes metrics.json into the folder. Perplexity: each held-out chapter on its own, in windows of 256 tokens that advance
by 128; every token is scored once, with at least 128 tokens of context where the chapter has them; a chapter's first
token is context only. Nats are summed over all scored tokens and divided by the number of scored tokens, of their
bytes, and of their words (runs without white space in the same text).
"""

import json
import math
import sys
from pathlib import Path

import torch
from tokenizers import Tokenizer
from transformers import AutoModelForCausalLM, PreTrainedModel
from transformers.utils import logging as transformers_logging

from corpus import Chapter, load_corpus
from shapes import CONTEXT
from tokenizer import END_OF_TEXT_ID

STRIDE = CONTEXT // 2
PROMPTS = ["In the beginning", "And the king said unto", "Blessed are they that", "The words of the wise"]
SAMPLE_TOKENS = 60
TEMPERATURE = 0.8
SEED = 1611


@torch.no_grad()
def chapter_nats(model: PreTrainedModel, ids: list[int]) -> float:
    """Sum of the surprisals of all tokens but the first."""
    total, scored = 0.0, 1
    for begin in range(0, len(ids), STRIDE):
        window = torch.tensor([ids[begin : begin + CONTEXT]])
        log_p = model(input_ids=window, use_cache=False).logits[0].double().log_softmax(-1)
        fresh = range(scored - begin, window.shape[1])
        total -= sum(log_p[i - 1, window[0, i]].item() for i in fresh)
        scored = begin + window.shape[1]
        if scored == len(ids):
            break
    return total


def measure_perplexity(model: PreTrainedModel, tokenizer: Tokenizer, chapters: list[Chapter]) -> dict[str, float]:
    """Perplexity per token, per word, and bits per byte, with the counts they rest on."""
    nats, tokens, size, words = 0.0, 0, 0, 0
    for chapter in chapters:
        ids = tokenizer.encode(chapter.text).ids
        scored = chapter.text[len(tokenizer.decode(ids[:1])) :]
        nats += chapter_nats(model, ids)
        tokens += len(ids) - 1
        size += len(scored.encode())
        words += len(scored.split())
    return {
        "tokens": tokens,
        "bytes": size,
        "words": words,
        "nats_per_token": nats / tokens,
        "perplexity_per_token": math.exp(nats / tokens),
        "perplexity_per_byte": math.exp(nats / size),
        "bits_per_byte": nats / size / math.log(2),
        "perplexity_per_word": math.exp(nats / words),
    }


@torch.no_grad()
def write_text(model: PreTrainedModel, tokenizer: Tokenizer, prompt: str, temperature: float) -> str:
    """The prompt and what the model makes of it. Temperature 0 takes the most likely token each time."""
    generator = torch.Generator().manual_seed(SEED)
    ids = tokenizer.encode(prompt).ids
    for _ in range(SAMPLE_TOKENS):
        logits = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1]
        if temperature == 0:
            chosen = int(logits.argmax())
        else:
            chosen = int(torch.multinomial((logits / temperature).softmax(-1), 1, generator=generator))
        if chosen == END_OF_TEXT_ID:
            break
        ids.append(chosen)
    return tokenizer.decode(ids)


def main(folder: Path) -> None:
    torch.set_num_threads(1)
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    model = AutoModelForCausalLM.from_pretrained(folder).eval()
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    samples = [
        {"prompt": p, "temperature": t, "text": write_text(model, tokenizer, p, t)}
        for p in PROMPTS
        for t in (0, TEMPERATURE)
    ]
    metrics = {**measure_perplexity(model, tokenizer, load_corpus().held_out), "samples": samples}
    (folder / "metrics.json").write_text(json.dumps(metrics, indent=2) + "\n")
    print(f"{folder.name}: held-out perplexity {metrics['perplexity_per_token']:.2f} per token")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(Path(sys.argv[1]))
