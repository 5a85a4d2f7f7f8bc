"""Decks: the result's numbers in native charts and tables, nothing beyond its slide, the same bytes."""

from __future__ import annotations

import io
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pptx import Presentation

from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.definition.theme import Colours, Theme
from crm_capability.report.facts import facts
from crm_capability.report.language import language
from crm_capability.report.slides import PARTS, write_slides

Make = Callable[..., Result]
Tree = Callable[..., Framework]
Spilt = Callable[[Path], list[str]]

LANGUAGES = {"en": "en-GB", "zh-Hans": "zh-CN", "zh-Hant": "zh-TW"}
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
POINT = 12700


def written(result: Result, folder: Path, code: str = "en", **more: Any) -> Path:
    lang = language(code)
    return write_slides(facts(result, lang), result, lang, folder / f"report.{code}.pptx", **more)


@pytest.fixture(scope="module")
def decks(whole_result: Result, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("slides")
    return {code: written(whole_result, folder, code) for code in LANGUAGES}


def slides(path: Path) -> list[Any]:
    return list(Presentation(str(path)).slides)


def shapes(path: Path) -> Iterator[Any]:
    for slide in slides(path):
        yield from slide.shapes


def titles(path: Path) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in slides(path)]


def table_rows(slide: Any) -> list[list[str]]:
    return [
        [cell.text for cell in row.cells]
        for shape in slide.shapes
        if shape.has_table
        for row in shape.table.rows
    ]


def sheet(chart: Any) -> list[tuple[Any, ...]]:
    """The rows of a chart's workbook."""
    book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
    return list(book["Sheet1"].iter_rows(values_only=True))


@pytest.mark.parametrize("code", LANGUAGES)
def test_titles_are_the_messages_of_the_chapters(
    code: str, whole_result: Result, decks: dict[str, Path]
) -> None:
    told = facts(whole_result, language(code))
    found = titles(decks[code])
    assert found[0] == told.cover.answer
    assert all(title.strip() for title in found)
    for chapter in told.contents(PARTS):
        assert any(title.startswith(chapter.title) for title in found), chapter.title


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_beyond_its_slide_or_box(code: str, decks: dict[str, Path], spilt: Spilt) -> None:
    assert spilt(decks[code]) == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_charts_hold_the_scores_to_the_last_bit(
    code: str, whole_result: Result, decks: dict[str, Path]
) -> None:
    lang = language(code)
    scores = whole_result.tables["scores"]
    own = scores[scores["unit"] == whole_result.plan.unit].set_index(["wave", "node"])["score"]
    names = {lang.text(node.title): node.id for _, node, _ in whole_result.framework.walk()}
    waves = [wave.id for wave in whole_result.plan.waves]
    charts = [shape.chart for shape in shapes(decks[code]) if shape.has_chart]
    seen = set()
    for chart in charts:
        head, *rows = sheet(chart)
        if head[1:3] != tuple(waves):
            continue
        for row in rows:
            node = names[str(row[0])]
            wanted = [None if own[wave, node] != own[wave, node] else own[wave, node] for wave in waves]
            assert list(row[1:3]) == wanted
            seen.add(node)
    assert seen == {node for node in names.values() if ("after", node) in own.index} - _below_excluded(
        whole_result
    )


def _below_excluded(result: Result) -> set[str]:
    """What is out of scope together with what it belongs to stands on no slide."""
    excluded = set(result.plan.scope.exclude)
    return {node.id for _, node, parent in result.framework.walk() if parent and parent.id in excluded}


def test_what_a_chart_shows_is_what_its_workbook_holds(decks: dict[str, Path]) -> None:
    found = 0
    for shape in shapes(decks["en"]):
        if not shape.has_chart:
            continue
        cells = sheet(shape.chart)
        for formula, cached in _cached(shape.chart._chartSpace):
            column = ord(formula[len("Sheet1!$")]) - ord("A")
            first, last = (
                int(row)
                for row in re.findall(r"\$(\d+)", formula + "".join(re.findall(r"\$\d+$", formula)))[:2]
            )
            held = [cells[row - 1][column] for row in range(first, last + 1)]
            assert {
                n: float(value) for n, value in enumerate(held) if isinstance(value, int | float)
            } == cached
            found += len(cached)
    assert found > 300


def _cached(space: Any) -> Iterator[tuple[str, dict[int, float]]]:
    chart = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
    for numbers in space.iter(f"{chart}numRef"):
        points = {int(pt.get("idx")): float(pt.findtext(f"{chart}v")) for pt in numbers.iter(f"{chart}pt")}
        yield numbers.findtext(f"{chart}f"), points


def test_the_waterfall_adds_up(make: Make, tmp_path: Path) -> None:
    result = make()
    path = written(result, tmp_path, parts=["cover", "movement"])
    scores = result.tables["scores"].query("unit == 'us' and node == 'index'").set_index("wave")["score"]
    rows = next(sheet(s.chart) for s in shapes(path) if s.has_chart and "label" in sheet(s.chart)[0])
    head, first, *steps, last = rows
    assert (first[2], last[3]) == (scores["before"], scores["after"])
    level = first[2]
    for step in steps:
        rise, fall = step[head.index("+")] or 0.0, step[head.index("−")] or 0.0
        assert step[1] == pytest.approx(min(level, level + rise - fall), abs=1e-9)
        level += rise - fall
    assert level == pytest.approx(scores["after"], abs=1e-9)


def test_tables_print_the_numbers_of_the_result(whole_result: Result, decks: dict[str, Path]) -> None:
    scores = whole_result.tables["scores"].query("wave == 'after'").set_index("node")["score"]
    printed = [row for slide in slides(decks["en"]) for row in table_rows(slide)]
    for node in [whole_result.framework.tree, *whole_result.framework.tree.children]:
        title = str(node.title["en"] if isinstance(node.title, dict) else node.title)
        rows = [row for row in printed if row[0].rstrip("†") == title]
        assert rows
        assert any(f"{scores[node.id]:.1f}".replace("-", "−") in row for row in rows)


def test_what_is_missing_is_hatched_and_named_and_never_zero(
    decks: dict[str, Path], whole_result: Result
) -> None:
    scores = whole_result.tables["scores"].query("wave == 'after'")
    lacking = set(scores[scores["score"].isna()]["node"])
    assert lacking
    hatched = [
        cell
        for shape in shapes(decks["en"])
        if shape.has_table
        for cell in shape.table.iter_cells()
        if cell._tc.find(f"{A}tcPr/{A}pattFill") is not None
    ]
    assert hatched
    assert all(cell.text.startswith("–") for cell in hatched)


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_told_to_those_who_do_not_see_it(code: str, decks: dict[str, Path]) -> None:
    frames = [shape for shape in shapes(decks[code]) if shape.has_chart or shape.has_table]
    assert len(frames) > 20
    assert all(shape._element.nvGraphicFramePr.cNvPr.get("descr") for shape in frames)
    assert all(shape.table.first_row for shape in frames if shape.has_table)
    deck = Presentation(str(decks[code]))
    assert deck.core_properties.language == LANGUAGES[code]
    for slide in deck.slides:
        looks = list(slide._element.iter(f"{A}rPr"))
        assert {look.get("lang") for look in looks} == {LANGUAGES[code]}
        assert all(look.find(f"{A}ea") is not None for look in looks)


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_slide_names_each_shape_once(code: str, decks: dict[str, Path]) -> None:
    for slide in slides(decks[code]):
        ids = [shape.shape_id for shape in slide.shapes]
        assert len(set(ids)) == len(ids)
        names = [shape.name for shape in slide.shapes]
        assert len(set(names)) == len(names)


def test_chapters_are_sections(whole_result: Result, decks: dict[str, Path]) -> None:
    deck = Presentation(str(decks["en"]))
    space = "{http://schemas.microsoft.com/office/powerpoint/2010/main}"
    found = list(deck.part._element.iter(f"{space}section"))
    told = [chapter.topic for chapter in facts(whole_result, language("en")).contents(PARTS)]
    assert [section.get("name") for section in found][2:] == told
    listed = [int(one.get("id")) for section in found for one in section.iter(f"{space}sldId")]
    assert listed == [slide.slide_id for slide in deck.slides]


def test_the_speaker_knows_where_numbers_come_from(whole_result: Result, decks: dict[str, Path]) -> None:
    told = facts(whole_result, language("en"))
    spoken = "\n".join(slide.notes_slide.notes_text_frame.text for slide in slides(decks["en"]))
    lines_told = [line for line in told.explanation.lines if line.how in spoken]
    assert len(lines_told) == len(told.explanation.lines)


def test_every_slide_says_its_period_n_and_page(decks: dict[str, Path], whole_result: Result) -> None:
    states = whole_result.tables["readings"].query("wave == 'after'")["state"]
    n = f"n = {(states == 'measured').sum()} of {(states != 'not-applicable').sum()} applicable"
    for number, slide in list(enumerate(slides(decks["en"]), 1))[1:]:
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        note = next(text for text in texts if "1 January to 31 December 2017" in text)
        assert n in note
        assert str(number) in texts


def test_parts_decide_which_chapters_come(make: Make, tmp_path: Path) -> None:
    told = facts(make(), language("en"))
    found = titles(written(make(), tmp_path, parts=["cover", "gaps", "a-block-of-ones-own"]))
    assert len(found) == 3
    assert found[2] == told.gaps.chapter.title


@pytest.mark.parametrize(
    ("size", "waves", "more"),
    [
        ((1, 3), ("before", "after"), {}),
        ((6, 20), ("before", "after"), {}),
        ((2, 3), ("now",), {}),
        ((2, 3), tuple("abcdefghi"), {"missing": 0.3}),
        ((2, 3), ("before", "after"), {"missing": 2}),
        ((2, 3), ("before", "after"), {"level": lambda wave, measure: 5.0}),
        (
            (2, 3),
            ("before", "after"),
            {"units": ("us", "b", "c", "d", "e", "f"), "plan": {"targets": {"index": 70, "d1": 20}}},
        ),
    ],
    ids=["three", "120", "one-wave", "nine-waves", "nothing", "equal", "peers-and-targets"],
)
def test_a_deck_of_odd_results_is_whole(
    size: tuple[int, int],
    waves: tuple[str, ...],
    more: dict[str, Any],
    tmp_path: Path,
    make: Make,
    framework: Tree,
    spilt: Spilt,
) -> None:
    result = make(framework(*size), waves=waves, **more)
    path = written(result, tmp_path)
    assert all(title.strip() for title in titles(path))
    assert spilt(path) == []
    if "missing" in more and more["missing"] == 2:
        assert "cannot be scored" in titles(path)[0]
        values = [cell for s in shapes(path) if s.has_chart for row in sheet(s.chart)[1:] for cell in row[1:]]
        known = [value for value in values if isinstance(value, int | float)]
        assert all(
            value == pytest.approx(0) or value == pytest.approx(100) for value in known
        )  # what it could be


def test_120_indicators_go_on_over_slides_with_their_heads(
    tmp_path: Path, make: Make, framework: Tree
) -> None:
    found = slides(written(make(framework(6, 20)), tmp_path, parts=["cover", "method"]))
    heads = [table_rows(slide)[0] for slide in found if len(table_rows(slide)) > 1]
    printed = [row[0] for slide in found for row in table_rows(slide)]
    assert {f"Measure {d}.{m}" for d in range(6) for m in range(20)} <= set(printed)
    assert heads.count(["Measure", "Scale", "Better", "Weight", "In the index"]) > 3


def test_an_index_below_zero_still_has_a_chart(tmp_path: Path, make: Make, framework: Tree) -> None:
    tree = framework(2, 2).model_dump(mode="json", by_alias=True, exclude_unset=True)
    for dimension in tree["tree"]["children"]:
        for measure in dimension["children"]:
            measure["normalise"] = {"method": "none"}
    level = {"before": -2.0, "after": 1.0}
    result = make(Framework.model_validate(tree), level=lambda wave, measure: level[wave])
    path = written(result, tmp_path, parts=["movement"])
    rows = [sheet(shape.chart) for shape in shapes(path) if shape.has_chart]
    assert any(row[0][1:] == ("+", "−") and row[1][1] == pytest.approx(0.75) for row in rows)


HOSTILE = [
    "=1+1",
    "<script>alert(1)</script>",
    "{{ 7 * 7 }}",
    "A & B <b>",
    "bell\x07 and null",
    "\u202eUs\u202c مرحبا",
    "+cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_text_whatever_it_holds(name: str, tmp_path: Path, make: Make, framework: Tree) -> None:
    tree = framework().model_dump(mode="json", by_alias=True, exclude_unset=True)
    tree["tree"]["children"][0]["title"] = name
    path = written(make(Framework.model_validate(tree), title=name, plan={"title": name}), tmp_path)
    wanted = name.replace("\x07", "")
    assert wanted in "\n".join(shape.text_frame.text for shape in shapes(path) if shape.has_text_frame)
    assert wanted in [row[0].rstrip("†") for slide in slides(path) for row in table_rows(slide)]
    for shape in shapes(path):
        if shape.has_chart:
            with zipfile.ZipFile(io.BytesIO(shape.chart.part.chart_workbook.xlsx_part.blob)) as book:
                assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")


def test_a_title_of_300_characters_stays_in_its_place(
    tmp_path: Path, make: Make, framework: Tree, spilt: Spilt
) -> None:
    title = ("Customer relationship management capability " * 7)[:300]
    tree = framework(title=title).model_dump(mode="json", by_alias=True, exclude_unset=True)
    tree["tree"]["children"][0]["title"] = title
    path = written(make(Framework.model_validate(tree), plan={"title": title}), tmp_path)
    assert spilt(path) == []


def test_two_runs_in_two_folders_give_the_same_bytes(tmp_path: Path, whole_result: Result) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        written(whole_result, tmp_path / name, "zh-Hans")
    first, second = ((tmp_path / name / "report.zh-Hans.pptx").read_bytes() for name in ("a", "b"))
    assert first == second
    with zipfile.ZipFile(io.BytesIO(first)) as deck:
        assert {entry.date_time for entry in deck.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        books = [entry for entry in deck.namelist() if entry.endswith(".xlsx")]
        assert books
        for book in books:
            with zipfile.ZipFile(io.BytesIO(deck.read(book))) as inner:
                assert {entry.date_time for entry in inner.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        about = deck.read("docProps/core.xml").decode()
    assert set(re.findall(r"\d{4}-\d\d-\d\dT", about)) == {"2018-07-01T"}


def test_a_theme_recolours_the_deck(tmp_path: Path, make: Make) -> None:
    theme = Theme(theme="a", version="1.0.0", colours=Colours(main="#1F4E6B", deep="#2B2F33"))
    path = written(replace(make(), theme=theme), tmp_path)
    with zipfile.ZipFile(path) as deck:
        text = "".join(
            deck.read(name).decode()
            for name in deck.namelist()
            if name.startswith(("ppt/slides/", "ppt/charts/chart", "ppt/theme/theme1"))
            and name.endswith(".xml")
        )
    assert "1F4E6B" in text
    assert "0B5CAD" not in text
    assert "0A2F57" not in text


def test_a_deck_knows_whose_it_is(whole_result: Result, decks: dict[str, Path]) -> None:
    about = Presentation(str(decks["en"])).core_properties
    assert (about.title, about.author) == ("A test", "Us Ltd")
    assert about.subject == facts(whole_result, language("en")).cover.answer


def test_slides_are_imported_only_when_a_deck_is_written() -> None:
    code = "import sys\nimport crm_capability.report.write, crm_capability.report.slides\nassert 'pptx' not in sys.modules\nassert 'lxml' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
