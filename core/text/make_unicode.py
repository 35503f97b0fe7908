#!/usr/bin/env python3
"""Writes unicode_tables.c, the tables behind unicode.h.

    apt-get install unicode-data; pip install unicodedata2==16.0.0
    python3 core/text/make_unicode.py

The published tokenisers are run by a library that combines two versions of Unicode: its regular expressions know
letters and numbers as of 16.0, its normaliser stands at 9.0 (found by trying every code point against it). Both are
reproduced: letters and numbers come from the package unicodedata2, which is 16.0; everything about normalisation
comes from Debian's unicode-data, cut at the characters that 9.0 had (normalisation of a character never changes
once it is assigned, so the cut is exact).
"""

import argparse
import re
import sys
from pathlib import Path

import unicodedata2

CLASS_VERSION = "16.0.0"
NORMALISER_AGE = (9, 0)
LAST = 0x10FFFF
OTHER, LETTER, NUMBER, SPACE = range(4)
HANGUL_VOWELS_AND_TAILS = [*range(0x1161, 0x1176), *range(0x11A8, 0x11C3)]


def property_ranges(path: Path, wanted: str | None = None):
    """(first, last, value) of each line of a property file."""
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = [f.strip() for f in line.split("#")[0].split(";")]
        if len(fields) < 2 or (wanted and fields[1] != wanted):
            continue
        first, _, last = fields[0].partition("..")
        yield int(first, 16), int(last or first, 16), fields[1]


def classes(ucd: Path) -> list[int]:
    """The class of every code point, as the patterns \\p{L}, \\p{N} and \\s see it."""
    letter = {"L": LETTER, "N": NUMBER}
    found = [letter.get(unicodedata2.category(chr(code))[0], OTHER) for code in range(LAST + 1)]
    for first, last, _ in property_ranges(ucd / "PropList.txt", "White_Space"):
        found[first : last + 1] = [SPACE] * (last + 1 - first)
    return found


class Normalisation:
    """Combining classes and canonical mappings of the characters that the normaliser knows."""

    def __init__(self, ucd: Path):
        known = set()
        for first, last, age in property_ranges(ucd / "DerivedAge.txt"):
            if tuple(map(int, age.split("."))) <= NORMALISER_AGE:
                known.update(range(first, last + 1))
        excluded = set()
        text = (ucd / "DerivedNormalizationProps.txt").read_text(encoding="utf-8")
        for first, last in re.findall(r"^([0-9A-F]+)(?:\.\.([0-9A-F]+))?\s*; Full_Composition_Exclusion", text, re.M):
            excluded.update(range(int(first, 16), int(last or first, 16) + 1))
        self.combining: dict[int, int] = {}
        self.pairs: dict[int, tuple[int, int]] = {}
        for line in (ucd / "UnicodeData.txt").read_text(encoding="utf-8").splitlines():
            fields = line.split(";")
            code = int(fields[0], 16)
            if code not in known:
                continue
            if int(fields[3]):
                self.combining[code] = int(fields[3])
            if fields[5] and not fields[5].startswith("<"):
                first, *rest = (int(part, 16) for part in fields[5].split())
                self.pairs[code] = (first, rest[0] if rest else 0)
        self.composites = {code: pair for code, pair in self.pairs.items() if code not in excluded}
        self.check()

    def check(self) -> None:
        """What the C code relies on."""
        for code, (first, second) in self.pairs.items():
            assert second not in self.pairs, "the second part never decomposes"
            depth = 1
            while first in self.pairs:
                first, depth = self.pairs[first][0], depth + 1
            assert depth <= 3, "LS_DECOMPOSE_MAX"
        for code, (first, second) in self.composites.items():
            assert second and code not in self.combining and first not in self.combining

    def properties(self) -> list[int]:
        """Per code point: combining class, plus 256 where a text that has it may not be in NFC."""
        found = [0] * (LAST + 1)
        for code, value in self.combining.items():
            found[code] = value
        doubtful = {code for code in self.pairs if code not in self.composites}
        doubtful |= {second for _, second in self.composites.values()}
        doubtful |= set(HANGUL_VOWELS_AND_TAILS)
        for code in doubtful:
            found[code] += 256
        return found


def boundaries(values: list[int], bits: int) -> list[int]:
    """start << bits | value, wherever the value changes."""
    return [
        code << bits | value
        for code, value in enumerate(values)
        if code == 0 or values[code - 1] != value
    ]


def array(kind: str, digits: int, name: str, values: list[int], suffix: str) -> str:
    per_line = 112 // (digits + 5)
    cells = [f"0x{v:0{digits}x}{suffix}," for v in values]
    lines = ["    " + " ".join(cells[i : i + per_line]) for i in range(0, len(cells), per_line)]
    return f"const {kind} {name}[{len(values)}] = {{\n" + "\n".join(lines) + "\n};\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ucd", type=Path, default=Path("/usr/share/unicode"))
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("unicode_tables.c"))
    options = parser.parse_args()
    if unicodedata2.unidata_version != CLASS_VERSION:
        sys.exit(f"unicodedata2 is {unicodedata2.unidata_version}, needed is {CLASS_VERSION}")
    data = Normalisation(options.ucd)
    pack = lambda a, b, c: a << 42 | b << 21 | c
    tables = {
        "class": boundaries(classes(options.ucd), 2),
        "normal": boundaries(data.properties(), 9),
        "decompose": sorted(pack(code, *pair) for code, pair in data.pairs.items()),
        "compose": sorted(pack(*pair, code) for code, pair in data.composites.items()),
    }
    size = sum(len(v) * (4 if name in ("class", "normal") else 8) for name, v in tables.items())
    out = [
        "/* Generated by make_unicode.py: do not edit. Letters, numbers and white space as of Unicode "
        f"{CLASS_VERSION};\n"
        f" * normalisation as of Unicode {'.'.join(map(str, NORMALISER_AGE))}; why they differ is said there. "
        f"{size} bytes. To make it again:\n"
        " *     python3 core/text/make_unicode.py */",
        '#include "text/unicode_tables.h"\n',
        "/* clang-format off */",
    ]
    for name, values in tables.items():
        narrow = name in ("class", "normal")
        out.append(f"const size_t ls_unicode_{name}_count = {len(values)};")
        out.append(
            array("uint32_t", 8, f"ls_unicode_{name}", values, "u")
            if narrow
            else array("uint64_t", 16, f"ls_unicode_{name}", values, "u")
        )
    out.append("/* clang-format on */")
    options.out.write_text("\n".join(out) + "\n", encoding="ascii")
    print(f"{options.out}: {size} bytes of tables, " + ", ".join(f"{n} {len(v)}" for n, v in tables.items()))


if __name__ == "__main__":
    main()
