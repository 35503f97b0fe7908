"""The texts of reference.tsv: the same every time, made here from rules and a seeded generator."""

MASK = (1 << 64) - 1


class Dice:
    """xorshift64*: the same numbers in every version of Python."""

    def __init__(self, seed: int):
        self.state = seed

    def below(self, n: int) -> int:
        x = self.state
        x ^= x >> 12
        x ^= x << 25 & MASK
        x ^= x >> 27
        self.state = x
        return (x * 0x2545F4914F6CDD1D & MASK) >> 33 if n == 1 << 31 else ((x * 0x2545F4914F6CDD1D & MASK) >> 33) % n

    def pick(self, items):
        return items[self.below(len(items))]

    def some(self, items, low: int, high: int) -> list:
        return [self.pick(items) for _ in range(low + self.below(high - low + 1))]


def code_points(*ranges: tuple[int, int]) -> list[str]:
    return [chr(c) for first, last in ranges for c in range(first, last + 1)]


SPECIALS = [
    "<|endoftext|>", "<|padding|>", "</s>", "<pad>", "<s>", "<unk>", "<mask>", "<|endoftext|", "<|ENDOFTEXT|>",
    "|endoftext|>", "<|end", "<<|endoftext|>>", "<|endoftext|><|endoftext|>", "<|padding|><|endoftext|>", "< /s>",
    "madeupword0000", "<|im_start|>", "[PAD]",
]

WRITTEN = [
    "", " ", "  ", "   ", "a", " a", "  a", "a ", "a  ", "a   b", "\n", "\n\n", "\n\n\n", " \n", "\n ", "\n\n a", "a\n\nb",
    "a \n b", "\r", "\r\n", "a\rb", "a\r\nb\r\n", "\t", "\t\t", "\ta", "a\t\tb", " \t a", "\v", "\f", "a\vb\fc",
    "\u00a0", "a\u00a0b", "a \u00a0b", "a\u00a0 b", "\u00a0\u00a0a", "\u3000", "\u3000\u3000a", "a\u3000 b", " \u3000b",
    "\u2028", "a\u2029b", "\u0085", "a\u0085b", "\u1680x", "\u180ex", "\u200bx", " \u200bx", "\ufeffx", "\u2003\u2003x",
    "\u202f1", "\u205f\u205f", "\x1c\x1d\x1e\x1f", "\x00", "a\x00b", "\x7f", "\x80\x9f",
    "'s", "'t", "'re", "'ve", "'m", "'ll", "'d", "'S", "'RE", "'x", "'", "''", "'''s", "don't", "DON'T", "it's", "we're",
    "they've", "I'm", "she'll", "he'd", "y'all'd've", "'sa", "'tis", " 's", " 't", "a 's", "!'s", "!'", "'re're", "'r",
    "'v", "'l", "'lll", "'ddd", "\u2019s", "don\u2019t", "'\u017f", "rock'n'roll", "O'Reilly's", "s's's", "'s's",
    "Hello, world!", "Hello World", "hello world", "The capital of Japan is the city of", "1234567890", " 1 22 333",
    "3.14159", "1,000,000", "a1b2c3", "1a", "x2", "2x", "v1.2.3-rc4+build.5", "100%", "$5.00", "\u00bd cup", "x\u00b2+y\u00b2",
    "\u0661\u0662\u0663", "\u0967\u0968\u0969", "\uff11\uff12", "\u216b", "\u2460\u2461", "\u4e00\u4e8c\u4e09", "\u3007",
    "\U0001d7d8\U0001d7d9", "a\u0661", "\u06611", "\u0e51 \u0e52",
    "...", "....", "!!!???", "-----", "=====", "#####", "*****", "/* */", "//", "\\\\", "<>", "</>", "({[]})", "``", "\"\"\"",
    "a.b", "a,b", "a;b", "a - b", "a-b", "a_b", "__init__", "_", "@user", "#tag", "a@b.c", "http://a.b/c?d=e&f=g#h",
    "e\u0301", "\u00e9", "e\u0301e\u0301", "\u0301", " \u0301", "a \u0301b", "\u0301\u0301", "e\u0323\u0301", "e\u0301\u0323",
    "\u1e09", "c\u0327\u0301", "c\u0301\u0327", "\u00c5", "\u212b", "A\u030a", "\u2126", "\u03a9", "\u00f4\u0323", "\u1ed9",
    "o\u0302\u0323", "\u0344", "\u0308\u0301", "\u0958", "\u0915\u093c", "\u0f43", "\u0f71\u0f72", "\u0f73", "\u0f81",
    "\u0dd9\u0dcf", "\u0ddc\u0dca", "\u09c7\u09be", "\u0b47\u0b3e", "\u0bc6\u0bbe", "\u0cc6\u0cc2\u0cd5", "\u1025\u102e",
    "\u304b\u3099", "\u304c", "\u30cf\u309a", "\u30d1", "\uff76\uff9e", "\U0001d15e", "\U0001d160", "\U0002f800", "\uf900",
    "\ufb1d", "\ufb2a", "\u05d0\u05b7", "\ufa0e", "\u2adc", "\u0340\u0341\u0343", "\u037e", "\u1fef", "\u2000\u2001",
    "\u1100\u1161", "\u1100\u1161\u11a8", "\uac00", "\uac00\u11a8", "\uac01", "\uac00\u11a7", "\u1100\u1161\u1161", "\u1161",
    "\u11a8", "\u1100", "\u1112\u1175\u11c2", "\u1113\u1161", "\ud7a3", "\u3131\u314f", "\uffa1", "\ud55c\uad6d\uc5b4",
    "\u1112\u1161\u11ab\u1100\u116e\u11a8",
    "\U0001f600", "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", "\U0001f1eb\U0001f1f7", "\U0001f44d\U0001f3fd",
    "\u2764\ufe0f", "1\ufe0f\u20e3", "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", "hi\U0001f600",
    " \U0001f600 ", "\U0001f600\U0001f600 \U0001f600", "\u2615\ufe0e", "\U0001f3f3\ufe0f\u200d\U0001f308",
    "\u0643\u0644\u0628", "\u0627\u0644\u0633\u0644\u0627\u0645 \u0639\u0644\u064a\u0643\u0645", "\u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627",
    "\u05e9\u05dc\u05d5\u05dd \u05e2\u05d5\u05dc\u05dd", "\u05e9\u05c1\u05b8\u05dc\u05d5\u05b9\u05dd", "\u4f60\u597d\uff0c\u4e16\u754c\u3002",
    "\u3053\u3093\u306b\u3061\u306f\u4e16\u754c", "\u041f\u0440\u0438\u0432\u0435\u0442, \u043c\u0438\u0440!", "\u0939\u093f\u0928\u094d\u0926\u0940",
    "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35", "\u03b1\u03b2\u03b3", "\u10d0\u10d1\u10d2", "\u1f80", "\u0149", "\ufb01", "\u01c6", "\U00010400",
    "\U0001d400\U0001d7ce", "\U00020000", "\ue000", "\U000f0000", "\U0010ffff", "\ufffd", "\uffff", "\U0001fbf0", "\U00010d40",
    "\U00016d40", "\u1c89", "\U0002ebf0",
    "supercalifragilisticexpialidocious", "a" * 40, "ab" * 300, "x" * 2000, " " * 24, " " * 25, " " * 23 + "a", " " * 100,
    "a" + " " * 50 + "b", "\n" * 40, "\t" * 30, "=" * 200, "0" * 300, "\U0001f600" * 60, "e\u0301" * 100, "\u0301" * 100,
    "a" + "\u0301\u0323" * 60 + "b", "\u1100" * 40 + "\u1161" * 40, "if (x) {\n        return 1;\n}\n",
    "def f(x):\n\treturn [i ** 2 for i in range(x)]  # squares\n",
]  # fmt: skip

SCRIPTS = {
    "latin": [(0x61, 0x7A), (0x61, 0x7A), (0xC0, 0x24F)],
    "greek": [(0x391, 0x3A1), (0x3B1, 0x3C9), (0x1F00, 0x1F15)],
    "cyrillic": [(0x410, 0x44F), (0x450, 0x45F)],
    "hebrew": [(0x5D0, 0x5EA), (0x5D0, 0x5EA), (0x591, 0x5C7)],
    "arabic": [(0x621, 0x63A), (0x641, 0x652), (0x660, 0x669), (0x6D0, 0x6D5)],
    "devanagari": [(0x904, 0x939), (0x93C, 0x94D), (0x958, 0x96F)],
    "bengali": [(0x985, 0x9B9), (0x9BC, 0x9CD), (0x9D7, 0x9DD)],
    "tamil": [(0xB85, 0xBB9), (0xBBE, 0xBCD)],
    "thai": [(0xE01, 0xE3A), (0xE40, 0xE4E), (0xE50, 0xE59)],
    "tibetan": [(0xF40, 0xF6C), (0xF71, 0xF84), (0xF90, 0xFBC)],
    "georgian": [(0x10D0, 0x10FA)],
    "jamo": [(0x1100, 0x1112), (0x1161, 0x1175), (0x11A8, 0x11C2), (0x1100, 0x11FF)],
    "hangul": [(0xAC00, 0xD7A3), (0x11A8, 0x11C2)],
    "kana": [(0x3041, 0x3096), (0x3099, 0x309F), (0x30A1, 0x30FF)],
    "han": [(0x4E00, 0x9FFF), (0x3001, 0x3003), (0xFF01, 0xFF0F)],
    "compatibility han": [(0xF900, 0xFAD9), (0x2F800, 0x2FA1D)],
    "letterlike": [(0x2100, 0x214F), (0x1D400, 0x1D7FF), (0x2460, 0x24FF)],
    "symbols": [(0x2190, 0x23FF), (0x2500, 0x27BF), (0x20A0, 0x20C0)],
}
MARKS = [
    (0x300, 0x34E), (0x350, 0x36F), (0x483, 0x487), (0x591, 0x5C7), (0x610, 0x61A), (0x64B, 0x65F), (0x93C, 0x93C),
    (0x94D, 0x94D), (0x1AB0, 0x1ABE), (0x1DC0, 0x1DF5), (0x20D0, 0x20F0), (0x3099, 0x309A), (0xFE20, 0xFE2F),
    (0x1D165, 0x1D169), (0xF71, 0xF7D), (0xE38, 0xE3A),
]  # fmt: skip
BASES = [(0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x17F), (0x391, 0x3C9), (0x410, 0x44F), (0x1E00, 0x1EFF), (0x1F00, 0x1F15)]
SPACES = " " * 12 + "\t\t\n\n\n\r\u00a0\u1680\u2003\u200a\u2028\u202f\u3000\u0085\v\f\x1f\u200b\u180e\ufeff"
PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~\u00a1\u00bf\u2013\u2014\u2018\u2019\u201c\u201d\u2026\u3002\uff0c\u00b7\u20ac\u00a3"
DIGITS = [
    (0x30, 0x39), (0x30, 0x39), (0x660, 0x669), (0x6F0, 0x6F9), (0x966, 0x96F), (0xFF10, 0xFF19), (0xB2, 0xB3), (0xBC, 0xBE),
    (0x2150, 0x218B), (0x2460, 0x249B), (0x1D7CE, 0x1D7FF), (0x10D40, 0x10D49), (0x1F100, 0x1F10C),
]  # fmt: skip
EMOJI = [(0x1F600, 0x1F64F), (0x1F300, 0x1F3FF), (0x1F466, 0x1F487), (0x1F680, 0x1F6C5), (0x2600, 0x26FF), (0x1F90C, 0x1F9FF)]
JOINTS = ["", "", "\u200d", "\ufe0f", "\u200d\u2642\ufe0f", "\U0001f3fd", "\U0001f3fb\u200d", "\u20e3", " ", "\ufe0e"]
WORDS = (
    "the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which one "
    "you were all her she there would their we him been has when who will no more if out so up said what its about than "
    "into them can only other time new some could these two may first then do any like my now over such our man me even "
    "most made after also did many off before must well back through years where much your way down should because long "
    "each just state those people too mr how little good world make very year still see own work men day get here old "
    "life both between being under three never know same last another while us might great go come since against right "
    "came take used himself few house American use place during high without again home around small however found Mrs "
    "thought went say part once general upon school every don't can't I'm you've we'll he'd isn't won't let's o'clock"
).split()
CODE = [
    "for", "(", ")", "{", "}", "[", "]", ";", "int", "return", "if", "else", "while", "==", "!=", "+=", "->", "::", "//",
    "/*", "*/", "\n", "\n    ", "\n\t", "\n        ", " = ", " + ", "i", "x_1", "fooBar", "self.", "0x1F", "1e-5", "NULL",
    "\"%s\\n\"", "'c'", "#include <stdio.h>", "import os", "def ", "lambda x: x", "=>", "const ", "<div class=\"a\">", "</div>",
    "SELECT * FROM t;", "&&", "||", "@Override", "\r\n", "$HOME", "`ls`", "\\", "...", "    ", "  ",
]  # fmt: skip
MADE_16 = [(0x1C89, 0x1C8A), (0xA7CB, 0xA7CD), (0x10D40, 0x10D65), (0x16D40, 0x16D79), (0x11380, 0x113D3), (0x1612F, 0x16139)]


def words(dice: Dice) -> str:
    return "".join(w if i == 0 else dice.pick([" "] * 9 + [", ", ". ", "; ", "\n", "  "]) + w
                   for i, w in enumerate(dice.some(WORDS, 3, 20)))  # fmt: skip


def script(dice: Dice) -> str:
    letters = code_points(*dice.pick(list(SCRIPTS.values())))
    return dice.pick([" ", " ", "", ", ", "\u3000"]).join("".join(dice.some(letters, 1, 9)) for _ in range(2 + dice.below(7)))


def marks(dice: Dice) -> str:
    bases, above = code_points(*BASES), code_points(*MARKS)
    return "".join(dice.pick(bases) + "".join(dice.some(above, 0, 5)) + dice.pick(["", "", " "]) for _ in range(2 + dice.below(9)))


def emoji(dice: Dice) -> str:
    return "".join(e + dice.pick(JOINTS) for e in dice.some(code_points(*EMOJI), 1, 10))


def spaces(dice: Dice) -> str:
    return "".join(dice.pick(["a", "b1", "!", "\u00e9", "'s", ""]) + dice.pick(SPACES) * (1 + dice.below(30) * dice.below(2))
                   for _ in range(1 + dice.below(10)))  # fmt: skip


def controls(dice: Dice) -> str:
    return "".join(dice.some(code_points((0, 0x20), (0x7F, 0xA0), (0x61, 0x63), (0x2000, 0x200F), (0x2028, 0x202F)), 1, 20))


def digits(dice: Dice) -> str:
    return "".join(dice.some(code_points(*DIGITS) + [" ", ",", ".", "-", "a"], 1, 25))


def punctuation(dice: Dice) -> str:
    return "".join(p * (1 + dice.below(4)) for p in dice.some(list(PUNCTUATION) + [" ", "'", "'s", "a", "ll"], 1, 20))


def apostrophes(dice: Dice) -> str:
    tails = ["s", "t", "re", "ve", "m", "ll", "d", "S", "r", "v", "l", "", "x", "1", " "]
    return "".join(dice.pick(["", "a", " ", "I", "we", "1", "'", "!"]) + "'" + dice.pick(tails) for _ in range(1 + dice.below(10)))


def code(dice: Dice) -> str:
    return "".join(part + dice.pick(["", " "]) for part in dice.some(CODE, 3, 30))


def long_word(dice: Dice) -> str:
    return "".join(dice.some(code_points((0x61, 0x7A)) + ["th", "ing", "tion", "er"], 30, 300))


def specials(dice: Dice) -> str:
    glue = ["", "", " ", "  ", "   ", "a", "'s", "\n", "\u0301", "e\u0301", "1"]
    return "".join(dice.pick(glue) + s + dice.pick(glue) for s in dice.some(SPECIALS, 1, 4))


def anything(dice: Dice) -> str:
    ranges = [(1, 0xD7FF), (0xE000, 0xFFFF), (0x10000, 0x1FFFF), (0x20000, 0x323AF), (0, 0x7FF), MADE_16[dice.below(len(MADE_16))]]
    if dice.below(4) == 0:
        ranges.append((0x32400, 0x10FFFF))
    out = []
    for _ in range(1 + dice.below(20)):
        first, last = dice.pick(ranges)
        out.append(chr(first + dice.below(last - first + 1)) + dice.pick(["", "", " ", "a", "\u0301"]))
    return "".join(out)


def mixture(dice: Dice) -> str:
    return "".join(dice.pick(KINDS)[0](dice)[:20] for _ in range(2 + dice.below(3)))


# What is made, and how many of each.
KINDS = [
    (words, 200), (script, 500), (marks, 400), (emoji, 150), (spaces, 200), (controls, 100), (digits, 150), (punctuation, 150),
    (apostrophes, 150), (code, 200), (long_word, 60), (specials, 200), (anything, 350),
]  # fmt: skip


# For the tokenisers that came later: contractions in capitals, line breaks after signs and spaces, numbers in groups,
# names of bytes, the mark that stands for a space, added tokens of theirs.
LATER_SPECIALS = [
    "<s>", "</s>", "<unk>", "<|begin_of_text|>", "<|end_of_text|>", "<|reserved_special_token_0|>", "<|im_start|>", "<|im_end|>",
    "<think>", "</tool_call>", "<|fim_prefix|>", "<jupyter_code>", "<file_sep>", "<|start_header_id|>", "<|begin_of_text",
]  # fmt: skip
LATER_WRITTEN = [
    "'S", "'T", "'Re", "'rE", "'VE", "'Ll", "'lL", "'D", "'M", "I'LL", "i'Ll go", "'\u017f", "a'\u017fb", "'\u017f\u017f", "'\u212a", "'sS",
    "\t'S", "x'", "x'1", "'\n", "!\n", "!\n\n a", "!\r\n\r\nx", " !\n", "  !\n", "\n!\n", "! \n", "!\n ", "a\n", "a \n\n  b", " \n \n ",
    "\n \t\n  x", "\t\tx", "\tx", "\u00a0x", "\u3000x", "\u3000\u3000x", "(x)", "_x", "-x-", "\u0301x", "x\u0301y", "\u0000x", "\rx", "\r\rx",
    "1", "12", "123", "1234", "12345", "123456", "1234567", " 123", "  1234", "x1y22z333w4444", "1\u0661\uff11\u00bd2", "3.14159265", "1,234,567",
    "a  1", " 1", "   1", "\t1", "\n1", "a \n 1", "1 ", "1  ", "1  a", "'s1", "1's", "a'1s", "\u3000\u30001",
    "<0x0A>", "<0x00>", "a<0xFF>b", "<0x", "<0x-1>", "\u2581", "\u2581\u2581", "a\u2581b", "\u2581a", "a \u2581 b", " \u2581", "\u2581 ", "\u2582", "\xe2",
    "\u0120", "\u010a", "\u0120a", "a\u0120b", "\ufffd", "\U00013000", "\U0001f9ff\u200d", "\u0b85\u0bcd", "\u0f40\u0f71", "\ue000\ue001",
]  # fmt: skip


def later_specials(dice: Dice) -> str:
    glue = ["", "", " ", "  ", "a", "a ", "\n", "'s", "1", "\u0338", "\u2581", "e\u0301"]
    return "".join(dice.pick(glue) + s + dice.pick(glue) for s in dice.some(LATER_SPECIALS, 1, 4))


def breaks(dice: Dice) -> str:
    parts = ["\n", "\r", "\r\n", " ", "  ", "\t", "\u00a0", "a", "B", "!", "?!", "1", "'s", "'LL", "\u2028", "\u3000", "{", "}"]
    return "".join(dice.some(parts, 1, 24))


def groups(dice: Dice) -> str:
    return "".join(dice.pick("0123456789") * (1 + dice.below(5)) + dice.pick(["", "", " ", "  ", ",", ".", "x", "\u0661", "\n"])
                   for _ in range(1 + dice.below(9)))  # fmt: skip


def repeated(dice: Dice) -> str:
    units = ["a", "e", "o", "ss", "ab", "l", "=", "-", "*", "#", "/", ".", "\u2581", "\u0430", "\u4e00", "\u2500", "\U0001f602", "ha", "0", "\n", "\t", " "]
    return "".join(dice.pick(units) * (1 + dice.below(40)) + dice.pick(["", " ", "x"]) for _ in range(1 + dice.below(4)))


LATER = [(later_specials, 150), (breaks, 150), (groups, 60), (repeated, 120), (mixture, 80)]


def texts() -> list[str]:
    dice = Dice(0x9E3779B97F4A7C15)
    made = WRITTEN + SPECIALS
    for make, count in [*KINDS, (mixture, 300)]:
        made += [make(dice) for _ in range(count)]
    made += LATER_WRITTEN + LATER_SPECIALS + ["x" + " " * n + "y" for n in range(65)] + [" " * n for n in range(65)]
    for make, count in LATER:
        made += [make(dice) for _ in range(count)]
    return list(dict.fromkeys(made))


# Numbers since Unicode 17: the library's two halves disagree on them, since one cuts numbers out as of 17.0 and the
# other knows letters and numbers as of 16.0. Only SmolLM2 uses both; the core has 16.0 throughout.
NEW_NUMBERS = [(0x11DE0, 0x11DE9), (0x16FF4, 0x16FF6)]


def without_new_numbers(first: int, last: int) -> list[tuple[int, int]]:
    for low, high in NEW_NUMBERS:
        if first < low and high < last:
            return [(first, low - 1), (high + 1, last)]
    return [(first, last)]


def sweeps() -> list[tuple[int, int, str, str]]:
    """(first, last, before, after): every code point there is, those of planes 0 and 1 among marks, after an apostrophe
    and before a number."""
    every = [(first, first + 0x3FF, "", "") for first in range(0, 0x110000, 0x400)]
    among = [(first, first + 0x1FF, "q", "\u0323\u0301 ") for first in range(0, 0x20000, 0x200)]
    later = [(*part, *ends) for ends in [(" '", ""), ("x  ", "1a")] for first in range(0, 0x20000, 0x800)
             for part in without_new_numbers(first, first + 0x7FF)]  # fmt: skip
    return [s for s in every + among + later if not 0xD800 <= s[0] < 0xE000]
