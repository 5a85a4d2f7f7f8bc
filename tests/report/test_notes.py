"""Notes at the foot of a page: there where they are called, tagged as notes, shown on a screen too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pdfua
import pytest
from pypdf import PdfReader

from crm_capability.analysis.result import Result
from crm_capability.report.facts import facts
from crm_capability.report.language import language
from crm_capability.report.write import write_report

Make = Callable[..., Result]
LANGUAGES = ("en", "zh-Hans", "zh-Hant")


@pytest.fixture(scope="module")
def written(whole_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    write_report(whole_result, folder, LANGUAGES, "scorecard")
    return folder


def squeezed(text: str) -> str:
    return "".join(text.split())


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_note_stands_at_the_foot_of_the_page_that_calls_it(
    written: Path, whole_result: Result, code: str
) -> None:
    told = facts(whole_result, language(code))
    assert told.cover.interval_note
    assert told.cover.mark_note
    reasons = [row.reason for row in told.scorecard.rows if row.reason]
    assert reasons
    pages = [squeezed(page.extract_text()) for page in PdfReader(written / f"report.{code}.pdf").pages]
    expected = [
        (0, [told.cover.interval_note, told.cover.mark_note]), (1, reasons), (2, [told.words["order_note"]]),
    ]  # fmt: skip
    number = 0
    for page, notes in expected:
        for note in notes:
            number += 1
            assert f"{number}{squeezed(note)}" in pages[page]
            assert [squeezed(note) in other for other in pages].count(True) == 1


def elements(place: Any) -> Any:
    kids = place.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from elements(kid)


@pytest.mark.parametrize("code", LANGUAGES)
def test_notes_are_tagged_each_with_an_id(written: Path, code: str) -> None:
    file = written / f"report.{code}.pdf"
    root = PdfReader(file).trailer["/Root"]["/StructTreeRoot"]
    notes = [one for one in elements(root) if one["/S"] == "/Note"]
    assert len(notes) == 4
    assert len({one["/ID"] for one in notes}) == 4
    assert not pdfua.validate(str(file)).findings


def test_a_screen_shows_them_where_they_stand(written: Path) -> None:
    html = (written / "report.en.html").read_text(encoding="utf-8")
    assert 'out of scope<span class="note">None made</span>' in html
    assert ".note { display: block" in html


def test_no_note_without_what_it_explains(make: Make) -> None:
    plain = facts(make(error=None), language("en")).cover
    assert (plain.interval_note, plain.mark_note) == ("", "")
