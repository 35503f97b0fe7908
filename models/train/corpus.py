"""The corpus: the King James Bible as Debian packages it, in a form a small model can learn from.

`bible -f` (packages bible-kjv and bible-kjv-text) prints one verse a line, "Ge1:1 In the beginning ...".
The references are dropped: the models are meant to write prose, not to count verses. A chapter becomes
one document with a verse a line, so a verse begins right after a line break, without a leading space.
That makes "And" at the start of a verse the same token as "And" at the start of what a visitor types.
"""

import hashlib
import re
import subprocess
from dataclasses import dataclass

WHOLE_TEXT = "Gen1:1-Rev22:21"
VERSES = 31102
HELD_OUT_EVERY = 20
VERSE_LINE = re.compile(r"^([1-3]?[A-Za-z]+)(\d+):(\d+) (.+)$")


@dataclass(frozen=True)
class Chapter:
    """One document: `text` holds the verses, a verse a line, without a final line break."""

    book: str
    number: int
    text: str


@dataclass(frozen=True)
class Corpus:
    """Every chapter once, either to train on or held out."""

    train: list[Chapter]
    held_out: list[Chapter]
    sha256: str


def read_verses() -> list[tuple[str, int, str]]:
    """All verses in order as (book, chapter, text). Fails when the package's text is not the expected one."""
    printed = subprocess.run(
        ["bible", "-f", WHOLE_TEXT], stdin=subprocess.DEVNULL, capture_output=True, check=True
    ).stdout.decode("ascii")
    verses: list[tuple[str, int, str]] = []
    for line in printed.splitlines():
        match = VERSE_LINE.match(line)
        if match is None:
            raise ValueError(f"not a verse: {line!r}")
        verses.append((match[1], int(match[2]), match[4].strip()))
    if len(verses) != VERSES:
        raise ValueError(f"{len(verses)} verses, expected {VERSES}")
    return verses


def group_chapters(verses: list[tuple[str, int, str]]) -> list[Chapter]:
    """Joins consecutive verses of the same chapter."""
    grouped: dict[tuple[str, int], list[str]] = {}
    for book, number, text in verses:
        grouped.setdefault((book, number), []).append(text)
    return [Chapter(book, number, "\n".join(lines)) for (book, number), lines in grouped.items()]


def load_corpus() -> Corpus:
    """The chapters, every twentieth (the 20th, 40th, ...) held out; sha256 is that of all chapters' text."""
    chapters = group_chapters(read_verses())
    held_out = [c for i, c in enumerate(chapters, start=1) if i % HELD_OUT_EVERY == 0]
    train = [c for i, c in enumerate(chapters, start=1) if i % HELD_OUT_EVERY != 0]
    digest = hashlib.sha256("\n\n".join(c.text for c in chapters).encode()).hexdigest()
    return Corpus(train, held_out, digest)
