"""The PDF as a file that is read aloud and kept: PDF/UA-1 and PDF/A-3a, with the data inside."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pandas as pd
import pdfua
import pytest
from pypdf import PdfReader

from crm_capability.analysis.result import Result
from crm_capability.report.write import write_report

TEMPLATES = ("scorecard", "benchmark", "appendix")


@pytest.fixture(scope="module")
def written(whole_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("standards")
    for template in TEMPLATES:
        write_report(whole_result, folder, ["zh-Hant" if template == "scorecard" else "en"], template)
        (folder / f"report.{'zh-Hant' if template == 'scorecard' else 'en'}.pdf").rename(
            folder / f"{template}.pdf"
        )
    return folder


@pytest.mark.parametrize("template", TEMPLATES)
def test_the_checker_of_accessibility_finds_nothing(written: Path, template: str) -> None:
    found = pdfua.validate(str(written / f"{template}.pdf"))
    assert [f"{one.rule_id} {one.message}" for one in found.findings] == []


def tagged(element: Any) -> Iterator[Any]:
    """All structure elements below one, in reading order."""
    kids = element.get("/K", [])
    for kid in kids if isinstance(kids, list) else [kids]:
        kid = kid.get_object()
        if isinstance(kid, dict) and "/S" in kid:
            yield kid
            yield from tagged(kid)


@pytest.mark.parametrize("template", TEMPLATES)
def test_headings_skip_no_level(written: Path, template: str) -> None:
    root = PdfReader(written / f"{template}.pdf").trailer["/Root"]["/StructTreeRoot"]
    kinds = [one["/S"] for one in tagged(root)]
    levels = [int(kind[2]) for kind in kinds if kind in ("/H1", "/H2", "/H3", "/H4")]
    assert levels[0] == 1
    assert len(levels) > 3
    assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_figure_has_words_and_every_heading_cell_a_scope(written: Path, template: str) -> None:
    root = PdfReader(written / f"{template}.pdf").trailer["/Root"]["/StructTreeRoot"]
    elements = list(tagged(root))
    assert all(one.get("/Alt") for one in elements if one["/S"] == "/Figure")
    scopes = {one["/A"].get_object().get("/Scope") for one in elements if one["/S"] == "/TH" and "/A" in one}
    assert scopes == {"/Column", "/Row"}


def test_the_tables_travel_inside_with_every_digit(written: Path, whole_result: Result) -> None:
    inside = PdfReader(written / "benchmark.pdf").attachments
    scores = pd.read_csv(io.BytesIO(inside["scores.csv"][0]))
    expected = whole_result.tables["scores"]["score"]
    text = inside["scores.csv"][0].decode()
    assert all(repr(float(score)) in text for score in expected.dropna())
    assert scores["score"].notna().to_list() == expected.notna().to_list()
    assert json.loads(inside["manifest.json"][0])["inputs"] == whole_result.manifest["inputs"]


def test_it_claims_both_standards_and_names_its_colours(written: Path) -> None:
    root = PdfReader(written / "scorecard.pdf").trailer["/Root"]
    told = root["/Metadata"].get_object().get_data().decode()
    assert '<rdf:Description rdf:about="" pdfaid:part="3" pdfaid:conformance="A" />' in told
    assert "<pdfuaid:part>1</pdfuaid:part>" in told
    assert told.count("</rdf:RDF>") == 1
    assert root["/OutputIntents"][0].get_object()["/S"] == "/GTS_PDFA1"
    kinds = {file.get_object()["/AFRelationship"] for file in root["/AF"]}
    assert kinds == {"/Data"}
