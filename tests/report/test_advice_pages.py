"""The pages of findings, roadmap and published cases: what they say, in three languages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan
from crm_capability.report.facts import facts
from crm_capability.report.language import language

Write = Callable[[str, str | bytes], Path]
VALUES = (
    "measure,value\nrepurchase-share,0.5\nintent-share,0.6\nreferral-deal-share,0.45\nperiod-retention,0.8\n"
)
ACTIONS = (
    "actions: mine\nversion: 1.0.0\nframework: customer-loyalty\nlist:\n"
    "  - {id: club, title: {en: A club, zh-Hant: 會員俱樂部}, effort: 2, takes: 3, months: 9, moves: {repurchase-share: 0.5}}\n"
    "  - {id: asking, title: Asking, effort: 1, months: 6, needs: [club], moves: {intent-share: 0.2}}\n"
)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("loyal")
    (folder / "values.csv").write_text(VALUES)
    (folder / "actions.yaml").write_text(ACTIONS, "utf-8")
    plan = {
        "assessment": "loyal",
        "title": "Loyal",
        "framework": "customer-loyalty@1",
        "unit": "us",
        "waves": [{"id": "now", "from": "2020-01-01", "to": "2020-12-31"}],
        "evidence": [{"values": "values.csv"}],
        "benchmark": {"cases": "customer-loyalty-cases@1"},
        "targets": {"repurchase-share": 80},
        "roadmap": {"actions": "./actions.yaml", "effort": 3},
    }
    (folder / "plan.yaml").write_text(json.dumps(plan))
    return assess(load_plan(folder / "plan.yaml"))


def test_published_cases_have_no_n_and_no_percentile(result: Any) -> None:
    page: Any = facts(result, language("en")).cases
    assert [(row.figure, row.own, row.position) for row in page.rows] == [
        ("65.3%", "50.0%", "below"),
        ("56.9%", "60.0%", "above"),
        ("48.5%", "–", ""),
        ("30.0% to 50.0%", "45.0%", "within"),
        ("over 40.0%", "45.0%", "within"),
        ("up to 50.0%", "45.0%", "within"),
    ]
    assert "n unknown" in page.chapter.title
    assert "percentile" in page.note


def test_the_roadmap_is_dated_and_leaves_the_owner_blank(result: Any) -> None:
    page: Any = facts(result, language("en")).roadmap
    first, second = page.steps
    assert (first.title, first.effort, first.again) == ("A club", "2", "1 October 2021")
    assert first.period == "1 January to 31 March 2021"
    assert (second.needs, second.owner) == ("after “A club”", "")
    chinese: Any = facts(result, language("zh-Hant")).roadmap
    assert chinese.steps[0].title == "會員俱樂部"
    index = result.tables["roadmap"]["index_then"].iloc[-1]
    assert f"{index:.1f}" in page.chapter.title


@pytest.mark.parametrize("code", ["en", "zh-Hans", "zh-Hant"])
def test_findings_lead_to_their_numbers(result: Any, code: str) -> None:
    page: Any = facts(result, language(code)).findings
    table = result.tables["findings"]
    assert [row.node for row in page.rows] == table["node"].head(10).to_list()
    assert [row.sentence for row in page.rows] == table[code].head(10).to_list()
    assert not any(row.kind in set(table["kind"]) for row in page.rows)  # words, no ids
