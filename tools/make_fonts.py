"""Make the fonts that reports embed: small static OpenType files, committed under reports/fonts.

Users and CI never run this. It is here so that anyone can see where the fonts come from, and
make them again: `make fonts` fetches the sources and calls it.

    python tools/make_fonts.py --debian DIR --out reports/fonts

DIR holds the unpacked Debian packages fonts-inter and fonts-noto-cjk ("/" when they are
installed). The regular Chinese weights come from the PyPI packages pylopdf-fonts-zh-cn and
pylopdf-fonts-zh-tw, which are subsets already and so smaller to read. The same sources give the
same bytes.

Why static subsets and not the fonts as they are: laying out 3,000 Chinese characters takes
0.14 s with these, 1.7 s with a variable font and 5 s with compressed web fonts. Why OTF and not
a system package: a report must look the same on every machine, whatever fonts that has.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

STYLES = {400: "Regular", 500: "Medium", 600: "SemiBold", 700: "Bold"}

# Asked of every font; a source without the glyph goes without, and the next family of the
# report's style sheet has it.
SYMBOLS = (
    "\u2212±×÷·∙≤≥≈≠∞√∑∂∆∏∫′″‰%％°"  # mathematics, with the real minus
    "←↑→↓↔↕↖↗↘↙"
    "△▲▽▼◁◀▷▶○●◎◯◇◆□■☆★▪▫◦•✓✔✗"
    "–—―‐‑‒‘’‚“”„†‡…‹›«»§¶©®™€¥£¢№"
    "₀₁₂₃₄₅₆₇₈₉⁰¹²³⁴⁵⁶⁷⁸⁹½¼¾⅓⅔①②③④⑤⑥⑦⑧⑨⑩"
    "\u00a0\u00ad\u2002\u2003\u2007\u2009\u200a\u200b\u202f\u2060\ufeff"  # spaces, joiners
    "、。〃々〇〈〉《》「」『』【】〒〔〕〖〗〜～・￥￡￠￣"
)


def span(first: int, last: int) -> str:
    """All characters from one code point to another, both included."""
    return "".join(map(chr, range(first, last + 1)))


LATIN = span(0x20, 0x7E) + span(0xA0, 0xFF)
EUROPEAN = LATIN + span(0x100, 0x24F) + span(0x2B0, 0x36F) + span(0x1E00, 0x1EFF)
GREEK = span(0x370, 0x3FF)
FULL_WIDTH = span(0xFF01, 0xFF5E)


def character_set(encoding: str) -> str:
    """Every character that a two-byte Chinese encoding can write, symbols and kana included."""
    pairs = (bytes((lead, trail)) for lead in range(0xA1, 0xFF) for trail in range(0x40, 0xFF))
    return "".join(sorted({pair.decode(encoding, "ignore") for pair in pairs}))


@dataclass(frozen=True)
class Font:
    """One font to make: what it is called, where it comes from and what it shall hold."""

    family: str
    weight: int
    source: Path
    face: int  # which font of a collection
    characters: str
    features: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.family.replace(' ', '')}-{STYLES[self.weight]}"


# Inter: tabular figures for columns of numbers, capital forms, fractions, indices. Not `calt`:
# it draws "->" as an arrow, and a report prints what was written.
LATIN_FEATURES = (
    "ccmp",
    "kern",
    "mark",
    "mkmk",
    "tnum",
    "case",
    "frac",
    "numr",
    "dnom",
    "sups",
    "subs",
    "zero",
)
# Chinese: `locl`, `vert` and `vrt2` would pull in the glyphs of other regions and of vertical
# text, which doubles the bold fonts.
CHINESE_FEATURES = ("ccmp", "kern", "mark", "liga", "halt", "palt")
VERTICAL_TABLES = ("vhea", "vmtx", "VORG")


def fonts(debian: Path) -> Iterable[Font]:
    """The fonts that reports/fonts holds."""
    opentype = debian / "usr/share/fonts/opentype"
    for weight, style in STYLES.items():
        source = opentype / "inter" / f"Inter-{style}.otf"
        yield Font("Inter", weight, source, 0, EUROPEAN + GREEK + SYMBOLS, LATIN_FEATURES)
    chinese = (("Noto Sans SC", "gb2312", "zh_cn", 2), ("Noto Sans TC", "big5", "zh_tw", 3))
    for family, encoding, package, face in chinese:
        characters = character_set(encoding) + LATIN + FULL_WIDTH + SYMBOLS
        regular = packaged(f"pylopdf_fonts_{package}", f"{family.replace(' ', '')}-Regular.otf")
        bold = opentype / "noto/NotoSansCJK-Bold.ttc"
        yield Font(family, 400, regular, 0, characters, CHINESE_FEATURES)
        yield Font(family, 700, bold, face, characters, CHINESE_FEATURES)


# One mark in Unicode, two in print: narrow in a Latin sentence, as wide as a character in a Chinese
# one. A style sheet names these fonts before Inter, which would draw them narrow.
WIDE_MARKS = "—“”…"


def marks(out: Path) -> Iterable[Font]:
    """The wide marks alone, cut out of the Chinese fonts that were made before."""
    for family in ("Noto Sans SC", "Noto Sans TC"):
        for weight in (400, 700):
            source = out / f"{family.replace(' ', '')}-{STYLES[weight]}.otf"
            yield Font(f"{family} Marks", weight, source, 0, WIDE_MARKS, CHINESE_FEATURES)


def packaged(package: str, file: str) -> Path:
    """A file inside an installed Python package."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        sys.exit(f"{package} is not installed; type: pip install '.[fonts]'")
    return Path(spec.origin).with_name(file)


def make(font: Font, out: Path) -> Path:
    """Write one subset and give its path."""
    if not font.source.exists():
        sys.exit(f"{font.source} is missing: see the Debian packages in `{Path(__file__).name} --help`")
    options = subset.Options(
        hinting=False,
        layout_features=list(font.features),
        name_IDs=[0, 5, 7, 13, 14],  # copyright, version, trademark, licence and its address
        name_languages=[0x409],
        notdef_outline=True,
        recalc_timestamp=False,  # the clock would make every run's bytes differ
    )
    options.drop_tables += VERTICAL_TABLES
    made = TTFont(font.source, fontNumber=font.face, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text=font.characters)
    subsetter.subset(made)
    rename(made, font)
    path = out / f"{font.name}.otf"
    made.save(path)
    return path


def rename(made: TTFont, font: Font) -> None:
    """Name the font so that every program files it under its family and weight.

    Old programs know four styles a family, so Medium and SemiBold are families of their own in
    names 1 and 2; names 16 and 17 and the weight class tell the others.
    """
    style = STYLES[font.weight]
    four_styles = style in ("Regular", "Bold")
    names = {
        1: font.family if four_styles else f"{font.family} {style}",
        2: style if four_styles else "Regular",
        3: font.name,
        4: f"{font.family} {style}",
        6: font.name,
        16: font.family,
        17: style,
    }
    for number, text in names.items():
        made["name"].setName(text, number, 3, 1, 0x409)
    bold = font.weight == 700
    made["OS/2"].usWeightClass = font.weight
    italic_regular_bold = 0b0110_0001
    made["OS/2"].fsSelection &= ~italic_regular_bold
    made["OS/2"].fsSelection |= 0x20 if bold else 0x40
    made["head"].macStyle = int(bold)
    outlines = made["CFF "].cff
    outlines.fontNames = [font.name]
    outlines.topDictIndex[0].FamilyName = font.family
    outlines.topDictIndex[0].FullName = f"{font.family} {style}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument(
        "--debian", type=Path, default=Path("/"), help="unpacked fonts-inter and fonts-noto-cjk"
    )
    parser.add_argument("--out", type=Path, default=Path("reports/fonts"))
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for font in chain(fonts(arguments.debian), marks(arguments.out)):
        path = make(font, arguments.out)
        print(f"{path}  {path.stat().st_size / 1e6:.2f} MB")


if __name__ == "__main__":
    main()
