"""The files: right fonts, right numbers in reading order, closed to the world, always the same bytes."""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from pypdf import PdfReader

from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.errors import CapabilityWarning, ReportError
from crm_capability.report import pdf, write
from crm_capability.report.write import write_report

Make = Callable[..., Result]
Tree = Callable[..., Framework]

LANGUAGES = ("en", "zh-Hans", "zh-Hant")
SHIPPED = re.compile(r"(Inter|Noto-Sans-[ST]C(-Marks)?)(-(Regular|Medium|Semi-Bold|SemiBold|Bold))?\Z")


@pytest.fixture(scope="module")
def written(whole_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(whole_result, folder)
    return folder


def fonts(path: Path) -> set[str]:
    """Names of all fonts in a PDF, without the tag of the subset."""
    reader = PdfReader(path)
    found: set[str] = set()
    for number in range(1, int(reader.trailer["/Size"])):
        entry = reader.get_object(number)
        if isinstance(entry, dict) and entry.get("/Type") == "/Font":
            found.add(str(entry["/BaseFont"]).lstrip("/").split("+")[-1])
    assert found
    return found


def text(path: Path) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(path).pages)


def test_it_writes_what_it_says(whole_result: Result, written: Path) -> None:
    names = {f"report.{code}.{kind}" for code in LANGUAGES for kind in ("pdf", "html")}
    assert {path.name for path in written.iterdir()} == names | {"workbook.xlsx"}


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_font_is_a_shipped_one(written: Path, code: str) -> None:
    assert [name for name in fonts(written / f"report.{code}.pdf") if not SHIPPED.match(name)] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_headline_numbers_stand_in_reading_order(written: Path, whole_result: Result, code: str) -> None:
    scores = whole_result.tables["scores"].set_index(["wave", "node"])["score"]
    pages = [page.extract_text() for page in PdfReader(written / f"report.{code}.pdf").pages]
    for wave in ("before", "after"):
        assert f"{scores[wave, 'crm-capability']:.1f}" in pages[0]
    nodes = [node.id for node in whole_result.framework.tree.children]
    for page in pages[:2]:
        places = [page.index(f"{scores['after', node]:.1f}") for node in nodes]
        assert places == sorted(places)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_scorecard_is_one_page(written: Path, whole_result: Result, code: str) -> None:
    pages = [page.extract_text() for page in PdfReader(written / f"report.{code}.pdf").pages]
    titles = [node.title[code] for dim in whole_result.framework.tree.children for node in dim.children]  # type: ignore[union-attr,index]
    plain = re.sub(r"\s", "", pages[1])
    assert [title for title in titles if re.sub(r"\s", "", title) not in plain] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_it_is_tagged_titled_and_in_a_language(written: Path, code: str) -> None:
    reader = PdfReader(written / f"report.{code}.pdf")
    root = reader.trailer["/Root"]
    assert root["/Lang"] == code
    assert root["/MarkInfo"]["/Marked"]
    assert reader.metadata is not None
    assert reader.metadata.title == "A test"
    assert len(reader.outline) >= 7
    assert b"pdfuaid:part" in root["/Metadata"].get_object().get_data()


def test_fictitious_answers_are_said_on_the_pages_that_use_them(written: Path) -> None:
    for page in PdfReader(written / "report.en.pdf").pages[1:]:
        told = page.extract_text()
        used = "Staff attitude" in told and "Value before" in told
        assert not used or "Contains fictitious answers" in told


def test_the_same_inputs_give_the_same_bytes(whole_result: Result, written: Path, tmp_path: Path) -> None:
    write_report(whole_result, tmp_path, ["zh-Hant", "en"])
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (written / path.name).read_bytes(), path.name


def test_hostile_names_print_as_they_are(tmp_path: Path, make: Make, framework: Tree) -> None:
    tree = framework(2, 2, title="<b>{{ 7*7 }}</b> {% include 'x' %}")
    write_report(make(tree, title="<script>alert(1)</script>", plan={"title": "T" * 300}), tmp_path)
    html = (tmp_path / "report.en.html").read_text(encoding="utf-8")
    assert html.count("<script") == 2  # the page's own: what it calculates with, and how
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt; {% include" in html
    assert "<script>alert(1)</script>" in text(tmp_path / "report.en.pdf")


@pytest.mark.slow
@pytest.mark.parametrize(
    "case",
    [
        {"missing": 2},
        {"waves": ("now",)},
        {"waves": ("now",), "missing": 2},
        {"waves": tuple("abcdefghi")},
        {"level": lambda wave, measure: 5.0},
        {"tree": (1, 1)},
        {"tree": (6, 20), "error": None},
        {"title": "\u202eright to left\u202c مرحبا"},
    ],
    ids=[
        "nothing",
        "one-wave",
        "one-wave-nothing",
        "nine-waves",
        "equal",
        "one-measure",
        "120",
        "right-to-left",
    ],
)
def test_odd_results_render(case: dict[str, Any], tmp_path: Path, make: Make, framework: Tree) -> None:
    sizes = case.get("tree", (2, 3))
    write_report(make(**{**case, "tree": framework(*sizes)}), tmp_path)
    assert "–" in text(tmp_path / "report.en.pdf") or case.get("missing") != 2


def test_a_language_without_words_falls_back_and_says_so(tmp_path: Path, make: Make) -> None:
    with pytest.warns(CapabilityWarning, match="no words in fr"):
        write_report(make(), tmp_path, ["fr"], template="benchmark")
    assert "no words in this language and stand in English" in (tmp_path / "report.fr.html").read_text(
        encoding="utf-8"
    )


def test_a_missing_library_is_one_clear_sentence(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any, make: Make
) -> None:
    real = ctypes.CDLL

    def lacking(name: str, *args: Any, **kwargs: Any) -> Any:
        if name and "harfbuzz-subset" in name:
            raise OSError(name)
        return real(name, *args, **kwargs)

    write._printer.cache_clear()  # a press that another test set up
    monkeypatch.setattr(pdf.ctypes, "CDLL", lacking)
    monkeypatch.setattr(pdf.sys, "platform", "linux")
    with pytest.raises(ReportError, match=r"libharfbuzz-subset.so.0 .*apt-get install"):
        write_report(make(), tmp_path)
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "trick",
    [
        '<img src="https://example.com/x.png">',
        '<img src="file:///etc/passwd">',
        '<img src="../../../../../../etc/hostname">',
        '<img src="%2e%2e/%2e%2e/pyproject.toml">',
        '<img src="nowhere.png">',
        '<link rel="stylesheet" href="http://example.com/x.css">',
        "<style>@import url(//example.com/x.css);</style>",
        '<object data="file://host/x.png"></object>',
    ],
)
def test_the_renderer_fetches_nothing_but_the_templates_files(trick: str, tmp_path: Path, make: Make) -> None:
    template = tmp_path / "mine"
    template.mkdir()
    (template / "style.css").write_text("p { color: black }")
    (template / "report.html").write_text(
        f"<html lang=en><title>x</title><body>{trick}<p>x</p></body></html>"
    )
    with pytest.raises(ReportError, match="may use files of its template only"):
        write_report(make(), tmp_path, template=template)


def test_a_template_may_override_one_block(tmp_path: Path, make: Make) -> None:
    template = tmp_path / "mine"
    template.mkdir()
    (template / "cover.html").write_text("<h1>Ours</h1>")
    write_report(make(), tmp_path, template=template)
    html = (tmp_path / "report.en.html").read_text(encoding="utf-8")
    assert "<h1>Ours</h1>" in html
    assert 'id="scorecard"' in html


def test_a_template_may_build_on_a_shipped_one_and_add_a_block(tmp_path: Path, make: Make) -> None:
    template = tmp_path / "mine"
    template.mkdir()
    (template / "report.html").write_text(
        "{% extends 'page.html' %}{% set parts = ['disclaimer', 'scorecard'] %}"
    )
    (template / "disclaimer.html").write_text("<h1>In confidence: {{ facts.title }}</h1>")
    write_report(make(), tmp_path, template=template)
    html = (tmp_path / "report.en.html").read_text(encoding="utf-8")
    assert html.index("<h1>In confidence: A test</h1>") < html.index('id="scorecard"')
    assert 'id="gaps"' not in html


@pytest.mark.parametrize("mistake", ["{{ facts.nothing }}", "{{ facts.__class__.__mro__ }}", "{% if %}"])
def test_a_template_with_a_mistake_is_named(mistake: str, tmp_path: Path, make: Make) -> None:
    template = tmp_path / "mine"
    template.mkdir()
    (template / "style.css").write_text("")
    (template / "report.html").write_text(mistake)
    with pytest.raises(ReportError, match="the template cannot be rendered"):
        write_report(make(), tmp_path, template=template)


def test_an_unknown_template_suggests_a_known_one(tmp_path: Path, make: Make) -> None:
    with pytest.raises(ReportError, match="scorecard"):
        write_report(make(), tmp_path, template="scorcard")


def test_the_workbook_holds_the_tables_to_sixteen_digits(written: Path, whole_result: Result) -> None:
    sheet = openpyxl.load_workbook(written / "workbook.xlsx")["scores"]
    head, *rows = sheet.iter_rows(values_only=True)
    score, node, wave = (head.index(name) for name in ("score", "node", "wave"))
    scores = whole_result.tables["scores"]
    known = {(r["wave"], r["node"]): r["score"] for r in scores.dropna(subset=["score"]).to_dict("records")}
    assert {(row[wave], row[node]): row[score] for row in rows if row[score] is not None} == pytest.approx(
        known, rel=1e-15
    )
    assert sheet.freeze_panes == "E2"


def test_text_is_no_formula_in_the_workbook(tmp_path: Path, make: Make) -> None:
    write_report(make(units=("=1+1",)), tmp_path)
    sheet = openpyxl.load_workbook(tmp_path / "workbook.xlsx")["scores"]
    assert {row[1].data_type for row in sheet.iter_rows(min_row=2)} == {"s"}
