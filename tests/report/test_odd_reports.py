"""Odd input, each rendered in every template: nothing breaks, and what is odd is said."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.report.facts import facts
from crm_capability.report.language import language
from crm_capability.report.write import write_report

Make = Callable[..., Result]
Tree = Callable[..., Framework]


def pages(folder: Path, code: str = "en") -> list[str]:
    return [page.extract_text() for page in PdfReader(folder / f"report.{code}.pdf").pages]


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_a_title_of_300_characters_stays_in_its_place(tmp_path: Path, make: Make) -> None:
    title = "Customer relationship management capability " * 7
    write_report(make(plan={"title": title[:300]}), tmp_path)
    told = pages(tmp_path)
    assert len(told) == 4
    assert "Customer relationship management" in told[0]
    assert "Small rose" in squeezed(told[0]).replace("Smallrose", "Small rose")


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "{{ 7 * 7 }} {% raw %}", "A & B <b>"])
def test_a_name_is_text_whatever_it_holds(name: str, tmp_path: Path, make: Make) -> None:
    write_report(make(title=name, plan={"title": name}), tmp_path)
    html = (tmp_path / "report.en.html").read_text(encoding="utf-8")
    assert name not in html or "{" in name
    assert "<script>alert" not in html  # the page has a script of its own
    assert squeezed(name) in squeezed(pages(tmp_path)[0])


def test_right_to_left_marks_do_not_turn_the_page(tmp_path: Path, make: Make, framework: Tree) -> None:
    tree = framework(2, 3, title="Small \u202eturned")
    result = make(tree, title="\u202eUs\u2066 مرحبا", plan={"title": "T \u202e x"})
    write_report(result, tmp_path, formats=["pdf", "html"])
    scores = result.tables["scores"].set_index(["wave", "node"])["score"]
    told = pages(tmp_path)
    before, after = (f"{scores[wave, 'index']:.1f}" for wave in ("before", "after"))
    assert f"Small turned rose from {before} to {after} points" in " ".join(told[0].split())
    assert re.search(f"Small turned\\s+{before}\\s+{after}", told[1])
    html = (tmp_path / "report.en.html").read_text(encoding="utf-8")
    assert "مرحبا" in html
    assert not re.search("[\u202a-\u202e\u2066-\u2069]", html)


@pytest.mark.parametrize("code", ["en", pytest.param("zh-Hant", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    ("size", "waves"),
    [((10, 3), 2), ((14, 2), 2), ((6, 20), 2), ((2, 3), 9)],
    ids=["ten", "fourteen", "120", "nine-waves"],
)
def test_the_scorecard_is_four_pages_in_every_language(
    code: str, size: tuple[int, int], waves: int, tmp_path: Path, make: Make, framework: Tree
) -> None:
    tree = framework(*size)
    result = make(
        tree,
        waves=tuple("abcdefghi"[:waves]),
        plan={"title": "How well we know our customers 客户关系管理能力"},
    )
    write_report(result, tmp_path, [code], "scorecard", formats=["pdf"])
    told = pages(tmp_path, code)
    assert len(told) == 4
    shown = [dim.title for dim in tree.tree.children if str(dim.title) in told[0]]
    left = len(tree.tree.children) - len(shown)
    more = language(code).say("notes.more", count=left)
    assert (left == 0) == (len(tree.tree.children) <= 10)
    assert (squeezed(more) in squeezed(told[0])) == (left > 0)


@pytest.mark.slow
@pytest.mark.parametrize("template", ["scorecard", "benchmark", "appendix"])
@pytest.mark.parametrize(
    ("size", "waves", "more"),
    [
        ((1, 3), ("before", "after"), {}),
        ((6, 20), ("before", "after"), {}),
        ((2, 3), ("now",), {}),
        ((2, 3), tuple("abcdefghi"), {}),
        ((2, 3), ("before", "after"), {"missing": 2}),
        ((2, 3), ("before", "after"), {"level": lambda wave, measure: 5.0}),
    ],
    ids=["three", "120", "one-wave", "nine-waves", "nothing", "equal"],
)
def test_every_template_takes_it(
    size: tuple[int, int],
    waves: tuple[str, ...],
    more: dict[str, Any],
    template: str,
    tmp_path: Path,
    make: Make,
    framework: Tree,
) -> None:
    result = make(framework(*size), waves=waves, **more)
    write_report(result, tmp_path, template=template)
    told = pages(tmp_path)
    assert all(page.strip() for page in told)
    assert template != "scorecard" or len(told) <= 4
    if "missing" in more:
        assert "cannot be scored" in told[0]
        assert " 0.0 " not in told[0]
    else:
        scores = result.tables["scores"]
        last = scores[(scores["wave"] == waves[-1]) & (scores["node"] == "index")]["score"].iloc[0]
        first_page = told[0]
        assert f"{last:.1f}" in first_page or len(waves) > 2


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_every_wave_stands_in_the_heat_map(count: int, make: Make) -> None:
    waves = tuple("abcdefghi"[:count])
    told = facts(make(waves=waves), language("en")).waves
    if count == 1:
        assert told is None
        return
    assert told is not None
    assert told.headings == waves
    assert {len(row.cells) for row in told.rows} == {count}
    assert (told.multiples is None) == (count < 3)


def test_a_heat_map_names_what_is_missing_and_never_says_zero(make: Make) -> None:
    told = facts(make(missing=0.4), language("en")).waves
    assert told is not None
    missing = [cell for row in told.rows for cell in row.cells if cell.missing]
    assert missing
    assert {cell.text for cell in missing} == {"–"}
    assert {cell.missing for cell in missing} <= {"not collected", "too little evidence"}


def test_the_run_of_the_index_is_told_as_it_was(make: Make) -> None:
    levels = {"a": 3.0, "b": 4.0, "c": 5.0}
    rising = make(waves=tuple("abc"), level=lambda wave, measure: levels[wave])
    told = facts(rising, language("en")).waves
    assert told is not None
    assert told.chapter.title == "Small rose in every wave, from 30.0 to 50.0"
    levels |= {"b": 6.0}
    turning = make(waves=tuple("abc"), level=lambda wave, measure: levels[wave])
    told = facts(turning, language("en")).waves
    assert told is not None
    assert told.chapter.title == "Small went up and down over 3 waves, from 30.0 to 50.0"


def test_targets_are_met_missed_or_unknown(make: Make) -> None:
    level = {"before": 4.0, "after": 5.0}
    plan = {"targets": {"index": 45, "d0": 50, "d1": 62.5}}
    told = facts(make(level=lambda wave, measure: level[wave], plan=plan), language("en")).targets
    assert told is not None
    assert told.chapter.title == "2 of 3 targets are met; Dimension 1 misses its own by 12.5 points"
    assert [bullet.gap.text for bullet in told.bullets] == ["+5.0", "0.0", "−12.5"]
    assert [bullet.mark.target_at for bullet in told.bullets] == [45, 50, 62.5]
    bands = told.bullets[0].bands
    assert [start for start, _, _ in bands] == [0, 50]
    assert sum(wide for _, wide, _ in bands) == pytest.approx(100)
    lost = facts(make(missing=2, plan=plan), language("en")).targets
    assert lost is not None
    assert lost.chapter.title == "No target can be compared with a score"
    assert facts(make(), language("en")).targets is None


def test_the_tree_tells_the_weights_of_the_tables(make: Make, framework: Tree) -> None:
    result = make(framework(2, 2), plan={"weights": {"index": {"d0": 3, "d1": 1}}})
    told = facts(result, language("en")).tree
    assert told.chapter.title == "Dimension 0 counts for 75.0% of the index, Dimension 1 for 25.0%"
    assert "Measure 0.0 37.5%" in told.figure.svg


def test_every_score_has_a_line_that_says_how_it_arose(make: Make) -> None:
    result = make()
    told = facts(result, language("en")).explanation
    assert [line.node for line in told.lines] == list(dict.fromkeys(result.tables["scores"]["node"]))
    scores = result.tables["scores"].query("wave == 'after'").set_index("node")["score"]
    assert {line.node: line.number for line in told.lines} == {n: f"{s:.1f}" for n, s in scores.items()}
    index = told.lines[0].how
    assert all(f"Dimension {d} {scores[f'd{d}']:.1f} × 50.0%" in index for d in (0, 1))


def test_numbers_of_the_full_report_lead_to_their_lines(whole_result: Result, tmp_path: Path) -> None:
    write_report(whole_result, tmp_path, ["zh-Hans"])
    html = (tmp_path / "report.zh-Hans.html").read_text(encoding="utf-8")
    aims = set(re.findall(r'href="#([^"]+)"', html))
    assert "node-crm-capability" in aims
    assert aims <= set(re.findall(r'id="([^"]+)"', html))


NOTES = [
    ("before covers January to June and after July to December: a season may be behind part of a change, and nothing here takes it out", "季节"),
    ("customers.csv: no column for m0-0, m0-1", "Measure 0.0、Measure 0.1"),
    ("m0-1: not collected in before, there were no rows or nothing to divide by", "Measure 0.1"),
    ("the target of 60 is met already, with 61.6: set the next one", "目标60分"),
    ("us, after: the index is 61.6, and 61.5 without the 13 flagged respondents of 544 (table respondents)", "544"),
    ("us:m0-1: the data begin on 2017-01-01; who was there before counts as new in them", "us:Measure 0.1：数据自2017年1月1日起"),
    ("after: readings of peers with little evidence count as drawn toward the peers' mean: a (n 3, 14% to 20% its own, 6 measures), b (9% its own, m0-1) (table shrinkage)", "a（样本量3、自身读数占14%至20%、6个测量项）、b（自身读数占9%、Measure 0.1）；详见表shrinkage"),
    ("expert, after: people disagree, r_wg below 0.7: m0-0 (0.50), m0-1 (0.64); table item_shares", "Measure 0.0（0.50）、Measure 0.1（0.64）"),
    ("other evidence in after (survey) than in before (operational): m0-0, m0-1", "证据类型不同（问卷，业务数据）：Measure 0.0、Measure 0.1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), NOTES)
def test_what_a_run_notes_is_said_in_chinese(text: str, told: str, make: Make) -> None:
    found = facts(make(notes=[{"node": "", "text": text}]), language("zh-Hans")).sources.run_notes
    assert len(found) == 1
    assert told in found[0]
    assert not re.search("[a-z]{4,} [a-z]{3,}", found[0])


def test_a_note_without_words_stands_in_english_and_says_so(make: Make) -> None:
    found = facts(
        make(notes=[{"node": "d0", "text": "nobody foresaw this"}]), language("zh-Hant")
    ).sources.run_notes
    assert found[0] == "Dimension 0：nobody foresaw this."
    assert "1" in found[1]


def test_every_note_is_written_in_both_scripts() -> None:
    from crm_capability.definition.library import shipped
    from crm_capability.yaml_files import read_yaml

    for entry in read_yaml(shipped("reports") / "notes.yaml").data:
        names = set(re.findall(r"\{(\w+)\}", entry.get("match") or entry["detail"]))
        for code in ("zh-Hans", "zh-Hant"):
            assert set(re.findall(r"\{(\w+)\}", entry[code])) <= names, entry
