"""The version that leaves the building: no name in any file, and every number as it was."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from crm_capability import assess, load_plan, load_result
from crm_capability.analysis.result import Result
from crm_capability.cli import main
from crm_capability.definition.framework import Framework
from crm_capability.definition.theme import Theme
from crm_capability.errors import ReportError
from crm_capability.report.anonymous import anonymised
from crm_capability.report.folder import write_result
from crm_capability.report.write import write_report

Make = Callable[..., Result]
Tree = Callable[..., Framework]
FORMATS = ("pdf", "html", "xlsx", "pptx", "md", "json")
UNITS = ("acme-corp", "Brown & Sons", "Zeta", "Omega", "Delta")
SECRET = re.compile(r"acme|brown|zeta|omega|delta|secret|survey\\.csv|Jane", re.IGNORECASE)


@pytest.fixture
def named(make: Make, framework: Tree) -> Result:
    """A result full of names: of units, files, people, in texts of the plan and of the framework."""
    result = make(
        framework(2, 3, title="The ways of Acme Corp plc"),
        units=UNITS,
        title="Acme Corp plc",
        plan={
            "assessment": "acme-2020",
            "title": "Acme Corp plc and its secret",
            "targets": {"index": 70},
            "scope": {"exclude": ["m0-0"], "because": {"m0-0": "a secret of Jane's"}},
            "report": {"languages": ["en", "zh-Hans"], "notice": "secret", "sources": ["survey.csv by Jane"]},
        },
        statements=[{"name": "acme", "sql": "select secret from acme"}],
        notes=[{"node": "", "text": "survey.csv: no column x"}, {"node": "", "text": "Zeta is small"}],
        excluded={"m0-0": "a secret of Jane's"},
    )
    theme = Theme(theme="acme", version="1.0.0")
    tables = {**result.tables, "readings": result.tables["readings"].assign(source="survey.csv")}
    return replace(result, theme=theme, tables=tables)


def everything(folder: Path) -> Iterator[tuple[str, str]]:
    """The text of every file, of what is packed in it and of what is attached to it."""
    for path in sorted(folder.iterdir()):
        if path.suffix in (".xlsx", ".pptx"):
            yield from _packed(path.name, path.read_bytes())
        elif path.suffix == ".pdf":
            reader = PdfReader(path)
            yield path.name, "\n".join(page.extract_text() for page in reader.pages)
            yield f"{path.name}: about", str(reader.metadata) + str(reader.outline)
            for name, contents in reader.attachments.items():
                yield f"{path.name}: {name}", "\n".join(one.decode() for one in contents)
        else:
            yield path.name, path.read_text(encoding="utf-8")


def _packed(name: str, content: bytes) -> Iterator[tuple[str, str]]:
    with zipfile.ZipFile(io.BytesIO(content)) as pack:
        for part in pack.namelist():
            if part.endswith(".xlsx"):
                yield from _packed(f"{name}: {part}", pack.read(part))
            elif part.endswith((".xml", ".rels")):
                yield f"{name}: {part}", pack.read(part).decode()


def test_the_test_would_find_the_names(named: Result, tmp_path: Path) -> None:
    write_report(named, tmp_path, formats=FORMATS)
    found = {name.partition(":")[0] for name, text in everything(tmp_path) if SECRET.search(text)}
    assert found == {path.name for path in tmp_path.iterdir()}


@pytest.mark.parametrize("template", ["scorecard", "benchmark", "appendix"])
def test_no_name_is_left_in_any_file(named: Result, tmp_path: Path, template: str) -> None:
    write_report(anonymised(named), tmp_path, formats=FORMATS, template=template)
    found = [(name, SECRET.findall(text)) for name, text in everything(tmp_path) if SECRET.search(text)]
    assert found == []
    assert "The company" in (tmp_path / "report.en.md").read_text(encoding="utf-8")
    assert "受评企业" in (tmp_path / "report.zh-Hans.html").read_text(encoding="utf-8")


def test_every_number_stays(named: Result) -> None:
    found = anonymised(named)
    for name in ("readings", "scores", "contributions", "changes", "standing", "fitted"):
        numbers = named.tables[name].select_dtypes("number")
        assert found.tables[name].select_dtypes("number").equals(numbers), name
    assert found.manifest["notes"] == [{"node": "", "text": "Peer 1 is small"}] or re.fullmatch(
        r"Peer \d is small", found.manifest["notes"][0]["text"]
    )


def test_peers_are_numbered_by_rank(named: Result) -> None:
    found = anonymised(named)
    scores = found.tables["scores"]
    last = scores[(scores["wave"] == "after") & (scores["node"] == "index") & (scores["unit"] != "company")]
    assert last.sort_values("rank")["unit"].tolist() == ["peer-1", "peer-2", "peer-3", "peer-4"]
    assert set(found.units) == {"company", "peer-1", "peer-2", "peer-3", "peer-4"}


def test_rows_of_single_persons_and_their_words_stay_behind(named: Result) -> None:
    tables = {**named.tables, "quotes": named.tables["readings"], "respondents": named.tables["readings"]}
    tables["tomorrow"] = named.tables["readings"]  # a table that nobody has looked at
    assert {"quotes", "respondents", "tomorrow"} & set(
        anonymised(replace(named, tables=tables)).tables
    ) == set()


def test_a_name_in_an_id_is_refused(make: Make, framework: Tree) -> None:
    result = make(framework(), units=("d0", "measure"), title="Index")
    with pytest.raises(ReportError, match=r'the id "index" holds the name "index".*rename it'):
        anonymised(result)


def test_short_and_chinese_names_in_texts(make: Make, framework: Tree) -> None:
    tree = framework(1, 1, title="华为与EV的EV-index, Devices of 华为")
    result = make(tree, units=("EV",), title="华为")
    title = anonymised(result).framework.title
    assert "华为" not in str(title)
    assert "Devices" in str(title)


def test_on_the_command_line_the_result_keeps_its_names(
    assessment: Callable[..., Path], tmp_path: Path, capsys: Any
) -> None:
    out = tmp_path / "out"
    write_result(assess(load_plan(assessment())), out)
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert main(["report", str(out), "--anonymise", "--to", "json,md"]) == 0
    written = capsys.readouterr().out.split()
    assert {Path(name).parent for name in written} == {out / "anonymous"}
    assert {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()} == before
    assert load_result(out).plan.assessment != "anonymous"
    assert main(["report", str(out), "--anonymise", "--to", "md", "--out", str(tmp_path / "sent")]) == 0
    assert [path.name for path in (tmp_path / "sent").iterdir()] == ["report.en.md"]
