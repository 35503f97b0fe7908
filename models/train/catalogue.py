"""Writes models/catalogue.json: python catalogue.py RUNS_FOLDER MODELS_FOLDER

Size and SHA-256 come from the GGUF files themselves, the rest from what the training run wrote down.
"""

import hashlib
import json
import sys
from pathlib import Path

from shapes import CONTEXT, HEADS, LAYERS, TITLES, WIDTH
from tokenizer import VOCABULARY

ARCHITECTURES = {"bible-gpt": "gpt2", "bible-neox": "gptneox"}


def describe(name: str, runs: Path, models: Path) -> dict[str, object]:
    """One model's entry."""
    data = (models / f"{name}.gguf").read_bytes()
    run = json.loads((runs / name / "run.json").read_text())
    return {
        "id": name,
        "name": TITLES[name],
        "file": f"{name}.gguf",
        "arch": ARCHITECTURES[name],
        "layers": LAYERS,
        "width": WIDTH,
        "heads": HEADS,
        "vocab": VOCABULARY,
        "parameters": run["parameters"],
        "context": CONTEXT,
        "bytes": len(data),
        "sha256": hashlib.sha256(data).hexdigest(),
        "licence": "CC0-1.0",
        "corpus": "King James Bible (Debian bible-kjv-text)",
        "card": f"{name}.md",
        "builtin": True,
    }


def main(runs: Path, models: Path) -> None:
    path = models / "catalogue.json"
    entries = [describe(name, runs, models) for name in ARCHITECTURES]
    # What others published on the Hub is in the same file, and stays.
    catalogue = json.loads(path.read_text()) | {"models": entries}
    path.write_text(json.dumps(catalogue, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
