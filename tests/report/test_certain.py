"""What the report says of bands, trends, comparison groups and changes that matter."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest

from crm_capability.analysis.result import Result
from crm_capability.report.facts import facts
from crm_capability.report.language import language
from crm_capability.tables import shape

Make = Callable[..., Result]


def sentences(result: Result, code: str = "en") -> list[str]:
    movement = facts(result, language(code)).movement
    assert movement is not None
    return [sentence.text for sentence in movement.sentences]


def with_table(result: Result, name: str, **row: Any) -> Result:
    table = shape(name, pd.DataFrame([{"node": result.framework.tree.id, **row}]))
    return dataclasses.replace(result, tables={**result.tables, name: table})


def edited(result: Result, name: str, **columns: Any) -> Result:
    table = result.tables[name].assign(**columns)
    return dataclasses.replace(result, tables={**result.tables, name: table})


def test_a_change_of_band_comes_with_its_probability(whole_result: Result) -> None:
    sure = edited(whole_result, "changes", band_change_probability=0.834)
    assert any("the probability that both bands are right is 83%" in text for text in sentences(sure))
    surest = edited(whole_result, "changes", band_change_probability=0.99999)
    assert any("both bands are right is more than 99%" in text for text in sentences(surest))


def test_a_band_that_stays_comes_with_its_probability(whole_result: Result) -> None:
    same = edited(whole_result, "changes", band_change_probability=float("nan"))
    same = edited(same, "scores", band_probability=0.62)
    assert any("with a probability of 62%" in text for text in sentences(same))


@pytest.mark.parametrize(
    ("code", "clear", "noise"),
    [
        ("en", "Treated units (3) moved by +4.0 points against the comparison group (5; 95% interval +1.0 to +7.0).", "may be chance"),
        ("zh-Hans", "与对照组（5个单位）相比，采取措施的3个单位多变动+4.0分（95%区间为+1.0至+7.0）。", "可能只是偶然"),
        ("zh-Hant", "與對照組（5個單位）相比，採取措施的3個單位多變動+4.0分（95%區間為+1.0至+7.0）。", "可能只是偶然"),
    ],
)  # fmt: skip
def test_a_comparison_group_is_told(whole_result: Result, code: str, clear: str, noise: str) -> None:
    row = {"before_wave": "before", "after_wave": "after", "treated": 3, "control": 5, "difference": 4.0}
    sure = with_table(whole_result, "difference_in_differences", **row, low=1.0, high=7.0)
    assert clear in sentences(sure, code)
    unsure = with_table(whole_result, "difference_in_differences", **row, low=-1.0, high=9.0)
    assert any(noise in text and "4.0" in text for text in sentences(unsure, code))
    assert clear not in sentences(whole_result, code)


def test_a_trend_is_told(whole_result: Result) -> None:
    row = {"unit": whole_result.plan.unit, "waves": 4, "per": "year", "slope": 2.0, "low": 0.5, "high": 3.5}
    text = "Over 4 waves the index moved by +2.0 points a year (95% interval +0.5 to +3.5)."
    assert text in sentences(with_table(whole_result, "trends", **row))


def test_a_clear_change_that_is_small_is_called_both(make: Make) -> None:
    told = facts(
        make(level=lambda wave, _: 6.0 if wave == "after" else 4.0, error=0.1, plan={"smallest_change": 90}),
        language("en"),
    )
    assert "clear, but small" in {row.change.word for row in told.scorecard.rows}
