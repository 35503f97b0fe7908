#!/usr/bin/env python3
"""Writes reference.tsv: what the published tokenisers make of the texts of corpus.py.

    pip install tokenizers==0.23.3
    tests/golden/tokenizer/fetch.sh
    python3 tests/golden/tokenizer/make_reference.py [FOLDER]

FOLDER holds gpt2/, opt-125m/, pythia/ and smollm2/, each with its published tokenizer.json, and qwen3/ with vocab.json,
merges.txt and tokenizer_config.json (default: ../shared/data/tokenizers beside the project); those of Llama and Mistral
are where fetch.sh puts them. With --show N it prints line N of the file and its ids in full instead of writing.

A line holds a text and one column for each tokeniser, between tabs: the ids; or #COUNT:HASH (64-bit FNV-1a over the
ids as four bytes each, lowest first) where there are many. In a text, \\n \\r \\t \\\\ and \\u{HEX} are escapes. A text
of the form @FIRST-LAST BEFORE AFTER stands for all code points of that range, each between the two strings; they are
quoted by slashes. Lines that start with a semicolon are remarks.
"""

import argparse
import json
import sys
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

import corpus

VERSION = "0.23.3"
NAMES = ("gpt2", "opt-125m", "pythia", "smollm2", "qwen3", "mistral", "llama3", "llama2")
# How Qwen2 and all after it cut a text; their folder has no tokenizer.json to read it from.
QWEN_PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
MOST_IDS = 6
ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


def qwen(folder: Path) -> Tokenizer:
    vocab = json.loads((folder / "vocab.json").read_text(encoding="utf-8"))
    lines = (folder / "merges.txt").read_text(encoding="utf-8").split("\n")
    merges = [tuple(line.split(" ")) for line in lines if line and not line.startswith("#version")]
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=merges))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN_PATTERN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    settings = json.loads((folder / "tokenizer_config.json").read_text(encoding="utf-8"))
    for _, token in sorted(settings["added_tokens_decoder"].items(), key=lambda item: int(item[0])):
        kind = AddedToken(token["content"], normalized=token["normalized"], special=token["special"])
        (tokenizer.add_special_tokens if token["special"] else tokenizer.add_tokens)([kind])
    return tokenizer


def load(name: str, shared: Path, fetched: Path) -> Tokenizer:
    if name == "qwen3":
        return qwen(shared / name)
    folder = fetched if name in ("mistral", "llama3", "llama2") else shared
    return Tokenizer.from_file(str(folder / name / "tokenizer.json"))


def escape(text: str) -> str:
    return "".join(ESCAPES.get(c) or (c if " " <= c <= "~" else f"\\u{{{ord(c):x}}}") for c in text)


def show_ids(ids: list[int]) -> str:
    if len(ids) <= MOST_IDS:
        return " ".join(map(str, ids))
    value = 0xCBF29CE484222325
    for byte in b"".join(i.to_bytes(4, "little") for i in ids):
        value = (value ^ byte) * 0x100000001B3 & (1 << 64) - 1
    return f"#{len(ids)}:{value:016x}"


def entries():
    """(how the line shows it, the text) of every line."""
    for text in corpus.texts():
        shown = escape(text)
        yield (f"\\u{{{ord(text[0]):x}}}" + shown[1:] if shown.startswith(("@", ";")) else shown), text
    for first, last, before, after in corpus.sweeps():
        text = "".join(before + chr(c) + after for c in range(first, last + 1))
        yield f"@{first:x}-{last:x} /{escape(before)}/ /{escape(after)}/", text


def main() -> None:
    here = Path(__file__).resolve()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=here.parents[4] / "shared/data/tokenizers")
    parser.add_argument("--fetched", type=Path, default=here.parents[3] / "build/tokenizers")
    parser.add_argument("--show", type=int, metavar="N")
    options = parser.parse_args()
    if tokenizers.__version__ != VERSION:
        sys.exit(f"tokenizers is {tokenizers.__version__}, needed is {VERSION}")
    published = [load(name, options.folder, options.fetched) for name in NAMES]
    lines = ["; made by make_reference.py, do not edit: text, " + ", ".join(NAMES)]
    for shown, text in entries():
        encoded = [each.encode(text).ids for each in published]
        lines.append("\t".join([shown, *map(show_ids, encoded)]))
        if options.show == len(lines):
            print(shown, *encoded, sep="\n")
    if options.show is None:
        (here.parent / "reference.tsv").write_text("\n".join(lines) + "\n", encoding="ascii")
        print(f"{len(lines) - 1} lines")


if __name__ == "__main__":
    main()
