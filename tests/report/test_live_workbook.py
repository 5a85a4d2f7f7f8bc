"""The workbook calculates: cells are changed with openpyxl, recomputed by the independent engine
`formulas`, and compared with our own engine on the changed plan."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pandas as pd
import pytest

from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.report import live
from crm_capability.report.workbook import write_workbook
from crm_capability.scoring.assessment import contributions_table, score, scores_table

Make = Callable[..., Result]
Change = Callable[[Any], None]

GOALPOSTS = {"method": "goalposts", "worst": 0, "best": 10}
RULES = (
    "arithmetic",
    "geometric",
    "harmonic",
    {"method": "power", "exponent": 2},
    {"method": "power", "exponent": -0.5},
    {"method": "power", "exponent": 0},
    "minimum",
    "maximum",
    "median",
    {"method": "gate", "on": "a", "below": 60, "cap": 20},
)
NORMALISATIONS: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
    ({"method": "goalposts", "worst": 9, "best": 2}, {"better": "lower"}),
    ({"method": "goalposts", "worst": 1, "best": 5, "truncate": False}, {}),
    ({"method": "goalposts", "worst": 1, "best": 20}, {"transform": "log"}),
    (
        {"method": "goalposts", "worst": 1, "best": 20},
        {"transform": {"method": "box-cox", "lambda": 0.5}},
    ),
    ({"method": "likert", "min": 0, "max": 10}, {"better": "lower"}),
    ({"method": "piecewise", "points": [[0, 5], [3, 60], [6, 90], [8, 40]]}, {}),
    ({"method": "none"}, {}),
    ({"method": "min-max", "low": 5, "high": 95}, {"better": "lower"}),
    ({"method": "z-score", "mean": 50, "sd": 10}, {}),
    ({"method": "target", "target": 8, "cap": True}, {}),
    ({"method": "rank", "ties": "average"}, {}),
    ({"method": "borda"}, {"better": "lower"}),
    ({"method": "percentile-rank"}, {}),
)


def group(name: str, children: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    return {"id": name, "title": name, "children": children, **more}


def framework(children: list[dict[str, Any]], **root: Any) -> Framework:
    tree = group("index", children, **root)
    return Framework.model_validate({"framework": "f", "version": "1.0.0", "title": "F", "tree": tree})


def measure(name: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "title": name, "unit": "points", "normalise": GOALPOSTS, **more}


def recomputed(path: Path) -> dict[tuple[str, str, str], float]:
    """Scores of the sheet `calculation`, by a spreadsheet engine that is none of ours."""
    formulas = pytest.importorskip("formulas")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        solution = formulas.ExcelModel().loads(str(path)).finish().calculate()
    cells = {str(key).upper(): cell.value[0, 0] for key, cell in solution.items() if hasattr(cell, "value")}
    sheet = openpyxl.load_workbook(path)["calculation"]
    head = [cell.value for cell in sheet[1]]
    column = head.index("score") + 1
    found = {}
    for row in sheet.iter_rows(min_row=2):
        cell = row[column - 1]
        value = cells.get(f"'[{path.name}]CALCULATION'!{cell.coordinate}".upper(), cell.value)
        if isinstance(value, int | float | np.floating):
            found[tuple(row[n].value for n in range(3))] = float(value)
        else:
            assert str(value) in ("", "None", "empty"), (cell.coordinate, value)
    return found


def ours(result: Result, readings: pd.DataFrame, tree: Framework | None = None) -> dict[Any, float]:
    """The engine's scores of changed readings, with the old fit."""
    units = list(result.units)
    scored = score(tree or result.framework, result.plan, units, readings, None, result.tables["fitted"])
    frame = scores_table(tree or result.framework, scored).dropna(subset=["score"])
    return dict(
        zip(zip(frame["wave"], frame["unit"], frame["node"], strict=True), frame["score"], strict=True)
    )


def set_reading(path: Path, changes: Mapping[tuple[str, str, str], float | None]) -> None:
    book = openpyxl.load_workbook(path)
    sheet = book["readings"]
    head = [cell.value for cell in sheet[1]]
    for row in sheet.iter_rows(min_row=2):
        key = tuple(row[head.index(name)].value for name in ("wave", "unit", "measure"))
        if key in changes:
            row[head.index("value")].value = changes[key]
    book.save(path)


def changed(readings: pd.DataFrame, changes: Mapping[tuple[str, str, str], float | None]) -> pd.DataFrame:
    frame = readings.copy()
    for (wave, unit, name), value in changes.items():
        at = (frame["wave"] == wave) & (frame["unit"] == unit) & (frame["measure"] == name)
        assert at.sum() == 1
        frame.loc[at, "value"] = np.nan if value is None else value
        frame.loc[at, "state"] = "not-collected" if value is None else "measured"
    return frame


def check(result: Result, path: Path, changes: Mapping[tuple[str, str, str], float | None]) -> None:
    """As written the sheet gives the engine's scores, and so it does after the changes."""
    write_workbook(result, path)
    assert recomputed(path) == pytest.approx(ours(result, result.tables["readings"]), rel=1e-9, abs=1e-9)
    set_reading(path, changes)
    expected = ours(result, changed(result.tables["readings"], changes))
    assert recomputed(path) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@pytest.mark.slow
def test_a_grocer_like_framework_with_a_geometric_root(
    make: Make, whole_result: Result, tmp_path: Path
) -> None:
    assert whole_result.framework.tree.aggregate is not None
    assert whole_result.framework.tree.aggregate.method == "geometric"
    known = (
        whole_result.tables["readings"].query("wave == 'after' and state == 'measured'")["measure"].tolist()
    )
    gone = (
        whole_result.tables["readings"]
        .query("wave == 'before' and state == 'not-collected'")["measure"]
        .tolist()
    )
    worst = whole_result.framework.measures[gone[0]].normalise
    value = getattr(worst, "worst", getattr(worst, "min", 1))
    changes = {
        ("after", "us", known[0]): None,
        ("after", "us", known[5]): None,
        ("before", "us", gone[0]): value,
    }
    check(whole_result, tmp_path / "w.xlsx", changes)


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES, ids=str)
def test_every_mean(rule: Any, make: Make, tmp_path: Path) -> None:
    inner = group(
        "d",
        [measure("b", weight=2), measure("c"), measure("e", weight=0.5)],
        aggregate=rule if rule != RULES[-1] else "arithmetic",
        weight=3,
    )
    tree = framework([measure("a"), inner, group("z", [measure("y")])], aggregate=rule)
    result = make(tree, units=("us", "them"))
    changes = {
        ("after", "us", "a"): 0.0,
        ("before", "us", "b"): None,
        ("after", "them", "c"): None,
        ("before", "them", "y"): None,
    }
    check(result, tmp_path / "w.xlsx", changes)


@pytest.mark.slow
def test_every_normalisation_with_what_was_learned(make: Make, tmp_path: Path) -> None:
    """A reading far outside the fitted range is scored by the frozen parameters."""
    children = [
        measure(f"m{n}", **{"normalise": rule, **more}) for n, (rule, more) in enumerate(NORMALISATIONS)
    ]
    children.append(
        measure(
            "treated",
            normalise={"method": "min-max"},
            outliers={"method": "winsorise", "skew": 0.5, "kurtosis": 0.5},
        )
    )
    children.append(
        measure(
            "logged",
            normalise={"method": "min-max"},
            outliers={"method": "winsorise", "max_points": 0, "skew": 0.1, "kurtosis": 0.1, "then": "log"},
        )
    )
    tree = framework([group(f"d{n}", [child]) for n, child in enumerate(children)], min_share=0.1)
    heights = np.random.default_rng(3)
    result = make(
        tree, units=tuple("abc"), level=lambda wave, name: float(np.round(heights.exponential(3) + 0.5, 1))
    )
    names = [child["id"] for child in children]
    changes: dict[tuple[str, str, str], float | None] = {
        ("after", "a", name): 17.0 for name in names if name != "m4"
    }
    changes |= {("before", "b", name): 0.01 for name in names} | {
        ("before", "c", name): None for name in names[::2]
    }
    changes[("after", "b", "m2")] = -1.0  # no logarithm: missing
    check(result, tmp_path / "w.xlsx", changes)


@pytest.mark.slow
def test_fewer_children_than_min_share_make_no_score_and_what_does_not_apply_does_not_count(
    make: Make, tmp_path: Path
) -> None:
    tree = framework(
        [group("d", [measure("a"), measure("b"), measure("c"), measure("e")], min_share=0.75), measure("z")]
    )
    result = make(tree, plan={"scope": {"exclude": ["e"]}})
    path = tmp_path / "w.xlsx"
    check(
        result, path, {("after", "us", "a"): None, ("before", "us", "a"): None, ("before", "us", "b"): None}
    )
    found = recomputed(path)
    assert ("before", "us", "d") not in found
    assert ("after", "us", "d") not in found, "2 of 3 are fewer than three quarters"


@pytest.mark.slow
def test_weights_bounds_and_shares_are_cells_too(make: Make, tmp_path: Path) -> None:
    tree = framework([measure("a"), measure("b")])
    result = make(tree, waves=("now",))
    path = write_workbook(result, tmp_path / "w.xlsx")
    book = openpyxl.load_workbook(path)
    for row in book["weights"].iter_rows(min_row=2):
        row[4].value = {"a": 0.75, "b": 0.25}[row[2].value]
    head = [cell.value for cell in book["judged"][1]]
    for row in book["judged"].iter_rows(min_row=2):
        row[head.index("best")].value = 20
    book.save(path)
    heavier = framework(
        [
            measure("a", weight=3, normalise={**GOALPOSTS, "best": 20}),
            measure("b", normalise={**GOALPOSTS, "best": 20}),
        ]
    )
    assert recomputed(path) == pytest.approx(ours(result, result.tables["readings"], heavier), rel=1e-9)


def test_what_a_sheet_cannot_do_is_a_value_with_a_note(make: Make, tmp_path: Path) -> None:
    rule = {"method": "owa", "weights": [0.5, 0.3, 0.2]}
    result = make(
        framework([group("d", [measure("a"), measure("b"), measure("c")], aggregate=rule), measure("z")])
    )
    path = write_workbook(result, tmp_path / "w.xlsx")
    assert recomputed(path) == pytest.approx(ours(result, result.tables["readings"]), rel=1e-9)
    notes = {
        row[2].value: row[18].value
        for row in openpyxl.load_workbook(path)["calculation"].iter_rows(min_row=2)
    }
    assert notes["d"] == "owa: a value, no formula"
    assert notes["index"] is None


def test_cells_hold_their_values_for_readers_that_do_not_calculate(make: Make, tmp_path: Path) -> None:
    result = make(missing=0.2)
    path = write_workbook(result, tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(path, data_only=True)["calculation"]
    head, *rows = sheet.iter_rows(values_only=True)
    kept = {row[:3]: row[head.index("score")] for row in rows if row[head.index("score")] is not None}
    assert kept == pytest.approx(ours(result, result.tables["readings"]), rel=1e-12)
    assert sheet.freeze_panes == "E2"


def test_the_index_sheet_follows(make: Make, tmp_path: Path) -> None:
    result = make()
    path = write_workbook(result, tmp_path / "w.xlsx")
    sheet = openpyxl.load_workbook(path, data_only=True)["index"]
    scores = result.tables["scores"].query("node == 'index'").set_index("wave")["score"]
    unit, _, before, after, change = next(sheet.iter_rows(min_row=2, values_only=True))
    assert (unit, before, after) == ("us", pytest.approx(scores["before"]), pytest.approx(scores["after"]))
    assert change == pytest.approx(scores["after"] - scores["before"])


def test_very_many_units_leave_the_plans_unit_alone(
    make: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "MOST_ROWS", 50)
    path = write_workbook(make(units=tuple("abcdefgh")), tmp_path / "w.xlsx")
    book = openpyxl.load_workbook(path)
    assert {row[1].value for row in book["calculation"].iter_rows(min_row=2)} == {"a"}
    assert any("that of a alone" in str(row[0].value) for row in book["about"].iter_rows())


def test_the_same_result_gives_the_same_bytes(make: Make, tmp_path: Path) -> None:
    one, two = (write_workbook(make(), tmp_path / f"{n}.xlsx").read_bytes() for n in (1, 2))
    assert one == two


@pytest.mark.slow
def test_a_screened_unit_has_no_scores(make: Make, tmp_path: Path) -> None:
    tree = framework([measure("a"), measure("b"), measure("c")])
    whole = make(tree, units=("us", "them"))
    readings = changed(
        whole.tables["readings"], {("before", "them", "a"): None, ("before", "them", "b"): None}
    )
    plan = whole.plan.model_copy(update={"screen": _screen(whole)})
    scored = score(tree, plan, list(whole.units), readings)
    tables = {
        **whole.tables,
        "readings": readings,
        "scores": scores_table(tree, scored),
        "contributions": contributions_table(scored),
    }
    path = write_workbook(replace(whole, plan=plan, tables=tables), tmp_path / "w.xlsx")
    found = recomputed(path)
    assert not [key for key in found if key[:2] == ("before", "them")]
    assert ("after", "them", "index") in found


def _screen(result: Result) -> Any:
    told = result.plan.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return type(result.plan).model_validate({**told, "screen": {"min_share": 0.66}}).screen
