#!/usr/bin/env python3
"""Writes reference.tsv: what the published tokenisers make of the texts of corpus.py.

    pip install tokenizers==0.23.3
    python3 tests/golden/tokenizer/make_reference.py [FOLDER]

FOLDER holds gpt2/, opt-125m/ and pythia/, each with its published tokenizer.json (default: ../shared/data/tokenizers
beside the project). With --show N it prints line N of the file and its ids in full instead of writing.

A line holds a text and one column for each tokeniser, between tabs: the ids, or #COUNT:HASH (64-bit FNV-1a over the
ids as four bytes each, lowest first) where there are many. In a text, \\n \\r \\t \\\\ and \\u{HEX} are escapes. A text
of the form @FIRST-LAST BEFORE AFTER stands for all code points of that range, each between the two strings; they are
quoted by slashes. Lines that start with a semicolon are remarks.
"""

import argparse
import sys
from pathlib import Path

import tokenizers

import corpus

VERSION = "0.23.3"
NAMES = ("gpt2", "opt-125m", "pythia")
MOST_IDS = 12
ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


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
    parser.add_argument("--show", type=int, metavar="N")
    options = parser.parse_args()
    if tokenizers.__version__ != VERSION:
        sys.exit(f"tokenizers is {tokenizers.__version__}, needed is {VERSION}")
    encoders = [tokenizers.Tokenizer.from_file(str(options.folder / n / "tokenizer.json")) for n in NAMES]
    lines = ["; made by make_reference.py, do not edit: text, " + ", ".join(NAMES)]
    for shown, text in entries():
        ids = [e.encode(text).ids for e in encoders]
        lines.append("\t".join([shown, *map(show_ids, ids)]))
        if options.show == len(lines):
            print(shown, *ids, sep="\n")
    if options.show is None:
        (here.parent / "reference.tsv").write_text("\n".join(lines) + "\n", encoding="ascii")
        print(f"{len(lines) - 1} lines")


if __name__ == "__main__":
    main()
