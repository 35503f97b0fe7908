"""Makes models/known-answers: known_answers.py FOLDER, which holds the grids as LensLapse publishes them.

Of each model two prompts, all layers and positions, the three most likely tokens.
"""

import json
import sys
from pathlib import Path

MODELS = ("gpt2", "opt-125m", "pythia-70m", "pythia-160m", "smollm2-135m")
PROMPTS = ("The capital of Japan is the city of", "def add(a, b):\n    return a +")
TOP = 3
SOURCE = "LensLapse (MIT): normed lens of the float32 model; a selection of two prompts and three tokens"


def select(grid: dict) -> dict:
    prompts = [
        prompt | {"top": [[cell[:TOP] for cell in layer] for layer in prompt["top"]]}
        for prompt in grid.pop("prompts")
        if prompt["text"] in PROMPTS
    ]
    return {"source": SOURCE, **grid, "prompts": prompts}


def main(folder: Path) -> None:
    out = Path(__file__).resolve().parent / "known-answers"
    out.mkdir(exist_ok=True)
    for model in MODELS:
        grid = select(json.loads((folder / f"{model}.json").read_text()))
        (out / f"{model}.json").write_text(json.dumps(grid, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
