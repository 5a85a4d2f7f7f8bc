"""The shipped fonts hold what reports print, and every program files them under one name and weight."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from matplotlib.font_manager import get_font, ttfFontProperty
from pypdf import PdfReader
from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration

FONTS = Path(__file__).parents[1] / "reports" / "fonts"
SHIPPED = {
    "Inter-Regular": ("Inter", 400),
    "Inter-Medium": ("Inter", 500),
    "Inter-SemiBold": ("Inter", 600),
    "Inter-Bold": ("Inter", 700),
    "NotoSansSC-Regular": ("Noto Sans SC", 400),
    "NotoSansSC-Bold": ("Noto Sans SC", 700),
    "NotoSansTC-Regular": ("Noto Sans TC", 400),
    "NotoSansTC-Bold": ("Noto Sans TC", 700),
}
MARKS = {
    f"NotoSans{script}Marks-{style}": (f"Noto Sans {script} Marks", weight)
    for script in ("SC", "TC")
    for style, weight in (("Regular", 400), ("Bold", 700))
}
CHINESE = sorted(name for name in SHIPPED if name.startswith("Noto"))
LATIN = sorted(name for name in SHIPPED if name.startswith("Inter"))

# The marks of charts and tables. U+2212 is the real minus, which once fell back silently.
SYMBOLS = "\u2212±×÷·≤≥≈≠←↑→↓△▲▼●○◆–—…“”‘’‰%°§©€£¥½①②③\u00a0"
LATIN_SYMBOLS = "\u2009\u202f\u2007₀₁₂₃⁰¹²³✗"
CHINESE_SYMBOLS = "、。〈〉《》「」『』【】〔〕・～！％（），．／：；＜＝＞？［］｛｜｝０９Ａｚ￥"


def font(name: str) -> TTFont:
    return TTFont(FONTS / f"{name}.otf")


def characters(name: str) -> set[str]:
    return set(map(chr, font(name).getBestCmap()))


def ideographs(encoding: str) -> set[str]:
    """The Chinese characters that a two-byte encoding can write."""
    pairs = (bytes((lead, trail)) for lead in range(0xA1, 0xFF) for trail in range(0x40, 0xFF))
    written = {pair.decode(encoding, "ignore") for pair in pairs}
    return {
        text
        for text in written
        if len(text) == 1 and ("\u4e00" <= text <= "\u9fff" or "\uf900" <= text <= "\ufaff")
    }


def test_the_folder_holds_these_fonts_and_their_licence():
    assert {path.stem for path in FONTS.glob("*.otf")} == {*SHIPPED, *MARKS}
    licence = (FONTS / "OFL.txt").read_text(encoding="utf-8")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert "The Inter Project Authors" in licence
    assert "Adobe" in licence


@pytest.mark.parametrize(
    ("encoding", "count", "names"),
    [
        ("gb2312", 6763, ["NotoSansSC-Regular", "NotoSansSC-Bold"]),  # level 1: 3,755; level 2: 3,008
        ("big5", 13063, ["NotoSansTC-Regular", "NotoSansTC-Bold"]),  # levels 1 and 2, and its unit signs
    ],
)
def test_a_chinese_font_holds_every_character_of_its_standard(encoding, count, names):
    promised = ideographs(encoding)
    assert len(promised) == count
    for name in names:
        assert promised <= characters(name)


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_every_font_holds_ascii_and_the_marks_of_tables_and_charts(name):
    ascii_letters = {chr(code) for code in range(0x20, 0x7F)}
    assert ascii_letters | set(SYMBOLS) <= characters(name)


@pytest.mark.parametrize("name", CHINESE)
def test_a_chinese_font_holds_the_punctuation_of_both_scripts(name):
    assert set(CHINESE_SYMBOLS) <= characters(name)


@pytest.mark.parametrize("name", sorted(MARKS))
def test_marks_of_a_chinese_sentence_are_as_wide_as_its_characters(name):
    """And nothing else is in these fonts, or they would take it from Inter."""
    made, whole = font(name), font(name.replace("Marks", ""))
    assert set(map(chr, made.getBestCmap())) == set("—“”…")
    for mark, glyph in made.getBestCmap().items():
        assert made["hmtx"][glyph] == whole["hmtx"][whole.getBestCmap()[mark]]
        assert made["hmtx"][glyph][0] > 0.85 * made["head"].unitsPerEm
    assert (made["name"].getBestFamilyName(), made["OS/2"].usWeightClass) == MARKS[name]


@pytest.mark.parametrize("name", LATIN)
def test_the_latin_font_holds_thin_spaces_indices_and_european_names(name):
    assert set(LATIN_SYMBOLS + "ÅéñøßŁőşțžĐẾữαβΔμσ") <= characters(name)


@pytest.mark.parametrize("name", LATIN)
def test_tabular_figures_are_of_one_width(name):
    made = font(name)
    substitutes = {}
    for feature in made["GSUB"].table.FeatureList.FeatureRecord:
        if feature.FeatureTag == "tnum":
            for index in feature.Feature.LookupListIndex:
                for table in made["GSUB"].table.LookupList.Lookup[index].SubTable:
                    substitutes |= getattr(table, "ExtSubTable", table).mapping
    figures = [made.getBestCmap()[ord(figure)] for figure in "0123456789"]
    widths = {made["hmtx"][substitutes.get(figure, figure)][0] for figure in figures}
    # Inter 3.019 draws its bold 5 a five-hundredth of an em narrower than the others
    assert max(widths) - min(widths) <= made["head"].unitsPerEm / 500


@pytest.mark.parametrize("name", CHINESE)
def test_chinese_fonts_have_figures_of_one_width(name):
    made = font(name)
    assert len({made["hmtx"][made.getBestCmap()[ord(figure)]][0] for figure in "0123456789"}) == 1


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_no_hinting_and_no_features_of_other_regions(name):
    made = font(name)
    assert not {"fpgm", "prep", "cvt ", "DSIG", "fvar"} & set(made.keys())
    top = made["CFF "].cff.topDictIndex[0]
    for private in [part.Private for part in getattr(top, "FDArray", [top])]:
        assert not getattr(private, "BlueValues", None)
        assert not getattr(private, "StemSnapH", None)
    features = {
        record.FeatureTag
        for table in ("GSUB", "GPOS")
        for record in made[table].table.FeatureList.FeatureRecord
    }
    assert not {"locl", "vert", "vrt2", "calt"} & features


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_names_and_weight_agree(name):
    family, weight = SHIPPED[name]
    made = font(name)
    names = made["name"]
    assert names.getBestFamilyName() == family
    assert names.getDebugName(6) == name
    assert made["CFF "].cff.fontNames == [name]
    assert made["OS/2"].usWeightClass == weight
    bold = weight == 700
    assert bool(made["OS/2"].fsSelection & 0x20) is bold
    assert bool(made["head"].macStyle & 1) is bold


@pytest.mark.parametrize("family", sorted({family for family, _ in SHIPPED.values()}))
def test_weights_of_a_family_share_their_line_height(family):
    members = [font(name) for name, (of, _) in SHIPPED.items() if of == family]
    assert len({(made["hhea"].ascent, made["hhea"].descent, made["hhea"].lineGap) for made in members}) == 1


@pytest.mark.parametrize("name", sorted(SHIPPED))
def test_charts_file_the_font_under_its_family_and_weight(name):
    entry = ttfFontProperty(get_font(FONTS / f"{name}.otf"))
    assert (entry.name, entry.weight) == SHIPPED[name]


def test_pages_embed_each_weight_that_a_style_sheet_names():
    faces = "".join(
        f"@font-face {{font-family: '{family}'; font-weight: {weight}; src: url({(FONTS / name).as_uri()}.otf)}}"
        for name, (family, weight) in SHIPPED.items()
    )
    lines = "".join(
        f"<p style=\"font-family: '{family}'; font-weight: {weight}\">CRM \u22124.2 {'' if family == 'Inter' else '客'}"
        for family, weight in SHIPPED.values()
    )
    page = HTML(string=f"<style>{faces}</style>{lines}").write_pdf(font_config=FontConfiguration())
    resources = PdfReader(io.BytesIO(page)).pages[0]["/Resources"]["/Font"]
    embedded = {entry.get_object()["/BaseFont"].split("+")[-1] for entry in resources.values()}
    written = {400: "", 500: "-Medium", 600: "-Semi-Bold", 700: "-Bold"}
    assert embedded == {family.replace(" ", "-") + written[weight] for family, weight in SHIPPED.values()}
