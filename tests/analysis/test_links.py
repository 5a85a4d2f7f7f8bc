"""Links between capability and performance: over units, waves and groups, and when they are too few."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from crm_capability import assess, load_plan

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]
TWO: dict[str, Any] = {"evidence": [{"values": "values.csv"}], "unit": "u0"}
LINK: dict[str, Any] = {"from": "voice", "to": ["days", "speed"]}


def values(count: int = 24, waves: tuple[str, ...] = ("before", "after")) -> pd.DataFrame:
    chance = np.random.default_rng(8)
    rows = []
    for wave in waves:
        voice = chance.uniform(1, 5, count)
        days = 28 - 4 * voice + chance.normal(0, 2, count)
        for n in range(count):
            rows += [(wave, f"u{n}", "voice", voice[n]), (wave, f"u{n}", "days", days[n])]
    return pd.DataFrame(rows, columns=["wave", "unit", "measure", "value"])


def links(assessment: Assessment, plan: dict[str, Any], frame: pd.DataFrame) -> Any:
    found = assess(load_plan(assessment({**TWO, **plan}, values=frame.to_csv(index=False))))
    return found.tables["links"], [note["text"] for note in found.manifest["notes"]]


def wide(frame: pd.DataFrame, wave: str, measure: str) -> np.ndarray:
    return frame.query("wave == @wave and measure == @measure")["value"].to_numpy()


def test_over_units_in_the_last_wave(assessment: Assessment) -> None:
    """A measure to link to keeps its own unit: fewer days for a point more of voice."""
    frame = values()
    table, notes = links(assessment, {"links": LINK}, frame)
    row = table.set_index("to").loc["days"]
    score = 25 * (wide(frame, "after", "voice") - 1)
    line = stats.linregress(score, wide(frame, "after", "days"))
    assert (row["slope"], row["pearson"], row["p_value"]) == pytest.approx(
        (line.slope, line.rvalue, line.pvalue)
    )
    assert row["slope_low"] < line.slope < row["slope_high"] < 0
    assert (row["n"], row["over"], row["lag"]) == (24, "units", 0)
    assert table.set_index("to").loc["speed", "slope"] > 0  # a node's score: high is good
    assert any("not what causes what" in note for note in notes)


def test_a_lag_sets_a_wave_beside_the_next(assessment: Assessment) -> None:
    frame = values()
    table, _ = links(assessment, {"links": {**LINK, "lag": 1, "to": "days"}}, frame)
    expected = stats.pearsonr(wide(frame, "before", "voice"), wide(frame, "after", "days")).statistic
    assert table["pearson"].to_list() == pytest.approx([expected])


def test_over_waves_where_there_is_one_unit(assessment: Assessment) -> None:
    names = tuple(f"w{n:02}" for n in range(14))
    frame = values(1, names)
    plan = {"links": {**LINK, "lag": 1, "to": "days"}, "waves": [{"id": name} for name in names]}
    table, _ = links(assessment, plan, frame)
    voice = frame.query("measure == 'voice'")["value"].to_numpy()
    days = frame.query("measure == 'days'")["value"].to_numpy()
    assert (table["over"][0], table["n"][0]) == ("waves", 13)
    assert table["spearman"][0] == pytest.approx(stats.spearmanr(voice[:-1], days[1:]).statistic)


def test_groups_of_a_moderator(assessment: Assessment) -> None:
    frame = values(30)
    plan = {
        "units": {f"u{n}": {"kind": "shop" if n < 15 else "bank"} for n in range(30)},
        "links": {**LINK, "to": "days", "moderator": "kind"},
    }
    table, _ = links(assessment, plan, frame)
    voice, days = wide(frame, "after", "voice"), wide(frame, "after", "days")
    own = table.set_index("group")["pearson"]
    assert own["shop"] == pytest.approx(stats.pearsonr(voice[:15], days[:15]).statistic)
    assert own["bank"] == pytest.approx(stats.pearsonr(voice[15:], days[15:]).statistic)
    z = (np.arctanh(own["shop"]) - np.arctanh(own["bank"])) / np.sqrt(2 / 12)  # Fisher's test of two
    assert table.set_index("group").loc["shop", "moderator_p"] == pytest.approx(2 * stats.norm.sf(abs(z)))


def test_too_few_is_a_sentence_and_no_number(assessment: Assessment, faults: Faults) -> None:
    table, notes = links(assessment, {"links": LINK}, values(7))
    assert table["pearson"].isna().all()
    assert "no link from voice to days: 7 units have both, and a link takes 10" in notes
    assert not any("not what causes" in note for note in notes)
    same = values()
    same.loc[same["measure"] == "voice", "value"] = 3.0
    table, notes = links(assessment, {"links": {**LINK, "to": "days"}}, same)
    assert "no link from voice to days: all units have the same first number" in notes


def test_faults(assessment: Assessment, faults: Faults) -> None:
    def of(link: dict[str, Any]) -> list[str]:
        plan = assessment(
            {**TWO, "links": link, "waves": [{"id": "before"}]}, values="measure,value\ndays,1\n"
        )
        return faults(lambda: assess(load_plan(plan)))

    (wrong,) = of({"from": ["voise"], "to": "days"})
    assert wrong.startswith("plan.yaml:") or wrong.startswith("assessment.yaml:")
    assert '"voise" is no node of the framework (did you mean "voice"?)' in wrong
    assert "a lag needs a wave after the first" in of({"from": "voice", "to": "days", "lag": 1})[0]
    assert (
        "links: the units have no attribute kind"
        in of({"from": "voice", "to": "days", "moderator": "kind"})[0]
    )
