"""The report as Markdown and as JSON: what the page says, every number, and nothing that is markup by chance."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.errors import ReportError
from crm_capability.report.markdown import markdown
from crm_capability.report.write import write_report

Make = Callable[..., Result]
Tree = Callable[..., Framework]
LANGUAGES = ("en", "zh-Hans", "zh-Hant")


@pytest.fixture(scope="module")
def written(whole_result: Result, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("texts")
    names = {path.name for path in write_report(whole_result, folder, formats=["md", "json"])}
    assert names == {"report.json", *(f"report.{code}.md" for code in LANGUAGES)}
    return folder


def tables(text: str) -> list[list[list[str]]]:
    """The cells of every table as an independent reader of Markdown sees them."""
    found: list[list[list[str]]] = []
    for token in MarkdownIt("commonmark").enable("table").parse(text):
        if token.type == "table_open":
            found.append([])
        elif token.type == "tr_open":
            found[-1].append([])
        elif token.type == "inline" and found and token.level >= 4:
            found[-1][-1].append("".join(part.content for part in token.children or ()))
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_score_stands_in_a_table(written: Path, whole_result: Result, code: str) -> None:
    scores = whole_result.tables["scores"].set_index(["wave", "node"])["score"]
    text = (written / f"report.{code}.md").read_text(encoding="utf-8")
    rows = {row[0].rstrip("†"): row for table in tables(text)[1:2] for row in table[1:]}
    for dimension in whole_result.framework.tree.children:
        for node in (dimension, *dimension.children):  # type: ignore[union-attr]
            told = rows[node.title[code]]  # type: ignore[index]
            for wave in ("before", "after"):
                value = scores[wave, node.id]
                assert value != value or f"{value:.1f}" in told, (node.id, wave)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_headings_are_the_pages_in_order(written: Path, whole_result: Result, code: str) -> None:
    write_report(whole_result, written / "..", [code], formats=["html"])
    html = (written / ".." / f"report.{code}.html").read_text(encoding="utf-8")
    squeeze = re.compile(r"<[^>]*>|&[^;]*;|[^\w]")
    wanted = [squeeze.sub("", one) for one in re.findall(r"<h2[^>]*>(.*?)</h2>", html, re.DOTALL)]
    text = (written / f"report.{code}.md").read_text(encoding="utf-8")
    found = [squeeze.sub("", line) for line in text.splitlines() if line.startswith("## ")]
    assert len(found) == len(wanted) > 10
    assert [line for line, title in zip(found, wanted, strict=True) if not line.endswith(title)] == []


def test_a_drawing_becomes_its_words_and_bars_go(written: Path) -> None:
    text = (written / "report.en.md").read_text(encoding="utf-8")
    assert "Waterfall from " in text
    assert "<" not in text.replace("<!--", "")
    assert all(any(cell for cell in column) for table in tables(text) for column in zip(*table, strict=False))


def test_text_is_no_markup(make: Make, framework: Tree, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script> [a](http://x.y) `c` *b* | d & &lt; # e"
    write_report(make(framework(2, 2, title=hostile), title="# 1. " + hostile), tmp_path, formats=["md"])
    text = (tmp_path / "report.en.md").read_text(encoding="utf-8")
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    inline = [part for token in tokens for part in token.children or ()]
    assert {part.type for part in inline} & {"html_inline", "link_open", "code_inline", "em_open"} == set()
    assert [token for token in tokens if token.type == "html_block"][1:] == []
    assert any(
        "".join(part.content for part in token.children or ()) == "# 1. " + hostile for token in tokens
    )


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("<tr><th>a</th><th>bar</th><th>n</th></tr><tr><td>x</td><td></td><td>1</td></tr>", ["| a | n |", "| x | 1 |"]),
        ("<tr><th>a</th><th></th><th>n</th></tr><tr><td>x</td><td colspan=2>none</td></tr><tr><td>y</td><td></td><td>2</td></tr>",
         ["| a | n |", "| x | none |", "| y | 2 |"]),
    ],
)  # fmt: skip
def test_columns_of_bars_go_whatever_spans_them(table: str, rows: list[str]) -> None:
    head, *rest = re.findall(r"<tr>.*?</tr>", table)
    page = f"<body><table><thead>{head}</thead><tbody>{''.join(rest)}</tbody></table></body>"
    assert [
        line for line in markdown(page).splitlines() if line.startswith("|") and "---" not in line
    ] == rows


def test_the_document_holds_every_number_as_a_double(written: Path, whole_result: Result) -> None:
    told = json.loads((written / "report.json").read_text(encoding="utf-8"))
    scores = whole_result.tables["scores"].set_index(["wave", "node"])
    assert [node["id"] for node in told["nodes"]] == [node.id for _, node, _ in whole_result.framework.walk()]
    for node in told["nodes"]:
        for wave, row in node["waves"].items():
            known = scores.loc[(wave, node["id"])]
            for column in ("score", "low", "high", "coverage", "if_worst"):
                value = row["scores"][column]
                assert value == known[column] if value is not None else known[column] != known[column]
    changes = whole_result.tables["changes"].set_index("node")["change"]
    for node in told["nodes"]:
        (change,) = (row["change"] for row in node["changes"])
        assert (
            change == changes[node["id"]]
            if change is not None
            else changes[node["id"]] != changes[node["id"]]
        )


def test_the_document_holds_each_languages_sentences(written: Path) -> None:
    texts = json.loads((written / "report.json").read_text(encoding="utf-8"))["texts"]
    assert set(texts) == set(LANGUAGES)
    for code, text in texts.items():
        page = (written / f"report.{code}.md").read_text(encoding="utf-8")
        assert f"# {text['answer']}" in page
        assert len(text["chapters"]) > 10
        assert [one["id"] for one in text["chapters"]] == [one["id"] for one in texts["en"]["chapters"]]


@pytest.mark.parametrize(
    "case", [{"missing": 2}, {"waves": ("now",)}, {"waves": tuple("abcdefghi")}, {"level": lambda wave, measure: 5.0}]
)  # fmt: skip
def test_odd_results_are_valid(case: dict[str, Any], make: Make, tmp_path: Path) -> None:
    write_report(make(**case), tmp_path, template="benchmark", formats=["md", "json"])
    told = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)
    assert len(told["nodes"]) == 9
    assert (tmp_path / "report.en.md").read_text(encoding="utf-8").count("\n## ") > 3


def test_unknown_formats_are_named_all_at_once(make: Make, tmp_path: Path) -> None:
    with pytest.raises(
        ReportError, match=r'no report format "pfd" \(did you mean "pdf"\?\)\nno report format "q"'
    ):
        write_report(make(), tmp_path, formats=["pfd", "q"])
    assert list(tmp_path.iterdir()) == []
