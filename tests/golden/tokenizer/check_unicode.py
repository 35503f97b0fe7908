#!/usr/bin/env python3
"""Compares the Unicode data behind core/text with what the published library does, for every code point.

    pip install tokenizers==0.23.3 unicodedata2==16.0.0; apt-get install unicode-data
    python3 tests/golden/tokenizer/check_unicode.py

This is how the two versions in core/text/make_unicode.py were found; the tables themselves are checked through
reference.tsv. Takes a minute or two. Ends with 1 when anything differs.
"""

import sys
from pathlib import Path

from tokenizers import normalizers, pre_tokenizers

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "core/text"))
import make_unicode  # noqa: E402

UCD = Path("/usr/share/unicode")
# One mark of each of many classes: the order they end up in tells the class of the character beside them.
PROBES = "\u0334\u0327\u0301\u0345\u0323\u05b0\u3099\u094d\u0f71\u0e38\u0315\u031b\u0321\u035c\u05ae\u302e\u302a"


def class_of(character: str, split) -> int:
    """A character joins a letter, a number or a sign in one piece, or it is white space."""
    for kind, before in ((make_unicode.LETTER, "a"), (make_unicode.NUMBER, "1"), (make_unicode.OTHER, "!")):
        if len(split(before + character)) == 1:
            return kind
    return make_unicode.SPACE


class Reference:
    """NFC by the book, over the data that the tables are made of."""

    def __init__(self):
        self.data = make_unicode.Normalisation(UCD)
        self.pairs = {pair: code for code, pair in self.data.composites.items()}

    def decompose(self, code: int) -> list[int]:
        if 0xAC00 <= code < 0xD7A4:
            index = code - 0xAC00
            return [0x1100 + index // 588, 0x1161 + index % 588 // 28] + ([0x11A7 + index % 28] if index % 28 else [])
        if code not in self.data.pairs:
            return [code]
        first, second = self.data.pairs[code]
        return self.decompose(first) + ([second] if second else [])

    def compose(self, first: int, second: int) -> int | None:
        if 0x1100 <= first < 0x1113 and 0x1161 <= second < 0x1176:
            return 0xAC00 + ((first - 0x1100) * 21 + second - 0x1161) * 28
        if 0xAC00 <= first < 0xD7A4 and (first - 0xAC00) % 28 == 0 and 0x11A7 < second < 0x11C3:
            return first + second - 0x11A7
        return self.pairs.get((first, second))

    def nfc(self, text: str) -> str:
        combining = lambda code: self.data.combining.get(code, 0)
        codes: list[int] = []
        run: list[int] = []
        for code in (part for c in text for part in self.decompose(ord(c))):
            if combining(code) == 0:
                codes += sorted(run, key=combining)
                run = []
                codes.append(code)
            else:
                run.append(code)
        codes += sorted(run, key=combining)
        out: list[int] = []
        starter = -1
        for code in codes:
            blocked = starter < 0 or (len(out) > starter + 1 and combining(out[-1]) >= combining(code))
            whole = None if blocked else self.compose(out[starter], code)
            if whole is not None:
                out[starter] = whole
                continue
            if combining(code) == 0:
                starter = len(out)
            out.append(code)
        return "".join(map(chr, out))


def main() -> None:
    split = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True).pre_tokenize_str
    normalise = normalizers.NFC().normalize_str
    classes = make_unicode.classes(UCD)
    reference = Reference()
    wrong_class = wrong_form = 0
    for code in (c for c in range(0x110000) if not 0xD800 <= c < 0xE000):
        character = chr(code)
        if class_of(character, split) != classes[code]:
            wrong_class += 1
            print(f"class of U+{code:04X}")
        texts = [character, *(text for p in PROBES for text in ("a" + character + p, "a" + p + character))]
        if any(normalise(text) != reference.nfc(text) for text in texts):
            wrong_form += 1
            print(f"normalisation of U+{code:04X}")
    for first, second in reference.pairs:
        text = chr(first) + chr(second)
        wrong_form += normalise(text) != reference.nfc(text)
    print(f"{wrong_class} classes and {wrong_form} normal forms differ")
    sys.exit(wrong_class + wrong_form > 0)


if __name__ == "__main__":
    main()
