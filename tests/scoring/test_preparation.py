"""From readings to scores with everything in between: denominators, gaps, outliers, learned weights,
fits that hold for every wave and for new data, and what the reader is told of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_capability import Result, assess, load_framework, load_plan, score_values
from crm_capability.analysis.result import load_result, save
from crm_capability.errors import CapabilityWarning, EvidenceError

Write = Callable[[str, str | bytes], Path]
Run = Callable[..., Result]


def measure(name: str, **settings: Any) -> dict[str, Any]:
    return {"id": name, "title": name, "unit": "points", "normalise": "min-max", **settings}


def framework(
    *children: dict[str, Any], defaults: dict[str, Any] | None = None, **tree: Any
) -> dict[str, Any]:
    return {
        "framework": "f",
        "version": "1.0.0",
        "title": "F",
        "defaults": defaults or {},
        "tree": {"id": "index", "title": "Index", "children": list(children), **tree},
    }


@pytest.fixture
def run(write: Write) -> Run:
    """Assess a framework on long rows `wave unit measure value`; further keys go into the plan."""

    def go(frame: dict[str, Any], rows: str, **plan: Any) -> Result:
        write("f.yaml", json.dumps(frame))
        lines = [",".join(line.split()).replace(",-", ",") for line in rows.strip().splitlines()]
        write("v.csv", "\n".join(["wave,unit,measure,value", *lines]))
        whole = {
            "assessment": "p",
            "title": "P",
            "framework": "./f.yaml",
            "unit": "a",
            "waves": [{"id": "w"}],
            "evidence": [{"values": "v.csv"}],
            **plan,
        }
        return assess(load_plan(write("p.yaml", json.dumps(whole))))

    return go


def column(result: Result, node: str, name: str = "score", wave: str = "w") -> dict[str, float]:
    table = result.tables["scores"]
    rows = table[(table["node"] == node) & (table["wave"] == wave)]
    return dict(zip(rows["unit"], rows[name], strict=True))


def notes(result: Result) -> str:
    return "\n".join(f"{note['node']}: {note['text']}" for note in result.manifest["notes"])


UNITS = {"a": {"staff": 2, "kind": "x"}, "b": {"staff": 4, "kind": "x"}, "c": {"staff": 10, "kind": "y"}}


def test_denominators_divide_before_anything_else(run: Run) -> None:
    frame = framework(measure("sales", denominator="staff"))
    result = run(frame, "w a sales 10\nw b sales 4\nw c sales 30", units=UNITS)
    assert column(result, "sales") == {"a": 100, "b": 0, "c": 50}  # 5, 1, 3 a head
    readings = result.tables["readings"]
    assert readings["value"].tolist() == [10, 4, 30]  # raw readings stay as they were read


@pytest.mark.parametrize("staff", [0, -3, None, ""])
def test_a_denominator_that_cannot_divide_loses_the_reading(run: Run, staff: Any) -> None:
    frame = framework(measure("sales", denominator="staff"))
    units = {**UNITS, "b": {"staff": staff}}
    result = run(frame, "w a sales 10\nw b sales 4\nw c sales 30", units=units)
    assert np.isnan(column(result, "sales")["b"])
    assert "the denominator staff is missing, zero or negative for b" in notes(result)


def test_a_denominator_that_is_no_number(run: Run) -> None:
    frame = framework(measure("sales", denominator="kind"))
    with pytest.raises(EvidenceError, match='kind of a is "x", no number'):
        run(frame, "w a sales 10", units=UNITS)


def test_imputed_readings_are_marked_and_count_as_missing_in_the_worst_case(run: Run) -> None:
    frame = framework(measure("m", impute="mean"), measure("n"))
    result = run(frame, "w a m 0\nw b m 10\nw a n 1\nw b n 3\nw c n 2", units=UNITS)
    assert column(result, "m") == {"a": 0, "b": 100, "c": 50}
    assert column(result, "index")["c"] == 50
    assert column(result, "index", "if_worst")["c"] == 25
    assert column(result, "index", "if_best")["c"] == 75
    assert column(result, "index", "if_best")["a"] == column(result, "index")["a"]
    assert column(result, "index", "coverage") == {"a": 1, "b": 1, "c": 1}
    readings = result.tables["readings"].set_index(["unit", "measure"])
    assert readings.loc[("c", "m"), "state"] == "not-collected"
    assert pd.isna(readings.loc[("c", "m"), "value"])
    assert readings.loc[("c", "m"), "imputed"] == 5
    assert readings.loc[("c", "m"), "source"] == "imputed by mean"
    assert readings["imputed"].notna().sum() == 1
    assert "m: 1 of 1 missing readings imputed by mean" in notes(result)
    assert fitted(result, "m", "mean") == {"mean": 5}


def fitted(result: Result, node: str, method: str) -> dict[str, float]:
    table = result.tables["fitted"]
    rows = table[(table["node"] == node) & (table["method"] == method)]
    return dict(zip(rows["parameter"], rows["value"], strict=True))


def test_what_is_not_applicable_is_never_imputed(run: Run) -> None:
    frame = framework(measure("m", impute="mean"), measure("n", impute="mean"))
    scope = {"scope": {"exclude": ["m"], "because": {"m": "not done here"}}}
    result = run(frame, "w a n 1\nw b n 3", units=UNITS, **scope)
    assert result.tables["readings"].query("measure == 'm'")["imputed"].isna().all()
    assert np.isnan(column(result, "m")["a"])


def test_screened_units_take_part_in_nothing(run: Run) -> None:
    frame = framework(measure("m", impute="mean"), measure("n"), measure("o"))
    rows = "w a m 0\nw a n 1\nw a o 1\nw b m 10\nw b n 3\nw b o 2\nw c n 99"
    result = run(frame, rows, units=UNITS, screen={"min_share": 0.66})
    assert np.isnan(column(result, "index")["c"])
    assert column(result, "n") == pytest.approx(
        {"a": 0, "b": 100, "c": np.nan}, nan_ok=True
    )  # 99 teaches nothing
    assert result.tables["readings"]["imputed"].isna().all()
    assert "c is screened out: 1 of 3 measures" in notes(result)


WAVES = {
    "waves": [
        {"id": "w", "from": "2020-01-01", "to": "2020-12-31"},
        {"id": "v", "from": "2021-01-01", "to": "2021-12-31"},
    ]
}


def test_imputation_by_group_holds_for_every_wave(run: Run) -> None:
    rule = {"method": "group-mean", "by": "kind"}
    frame = framework(
        measure("m", impute=rule, normalise={"method": "min-max", "fit": "baseline"}), measure("n")
    )
    rows = "w a m 0\nw c m 10\nv a m 4\nv c m 20\n" + "\n".join(f"{w} {u} n 1" for w in "wv" for u in "abc")
    result = run(frame, rows, units=UNITS, **WAVES)
    readings = result.tables["readings"].set_index(["wave", "unit", "measure"])["imputed"]
    assert readings["w", "b", "m"] == readings["v", "b", "m"] == 0  # the mean of group x in the first wave
    assert fitted(result, "m", "group-mean") == {"group:x": 0, "group:y": 10}
    assert column(result, "m", wave="v")["c"] == 200  # beyond the range of the first wave


def test_over_waves(run: Run) -> None:
    frame = framework(measure("m", impute="linear"), measure("n", impute="carry-forward"))
    three = {"waves": [{"id": f"w{n}", "from": f"20{n}-01-01", "to": f"20{n}-12-31"} for n in (17, 18, 21)]}
    result = run(frame, "w17 a m 0\nw21 a m 1461\nw17 a n 5\nw18 b n 9", units=UNITS, **three)
    imputed = result.tables["readings"].set_index(["wave", "unit", "measure"])["imputed"]
    assert imputed["w18", "a", "m"] == 365  # 365 of 1461 days
    assert imputed["w21", "a", "n"] == 5
    assert imputed["w21", "b", "n"] == 9
    assert pd.isna(imputed["w17", "b", "n"])


def test_tables_without_waves_refuse_imputation_over_them() -> None:
    from crm_capability.definition.framework import Framework

    model = Framework.model_validate(framework(measure("m", impute="carry-forward")))
    with pytest.raises(EvidenceError, match="m: carry-forward looks at other waves"):
        score_values(model, pd.DataFrame({"m": [1.0, 2.0]}))


ROWS = "\n".join(
    f"{wave} {unit} {name} {value}"
    for wave, shift in (("w", 0), ("v", 3))
    for unit, values in (("a", (1, 9, 2)), ("b", (5, 2, 8)), ("c", (9, 4, 5)))
    for name, value in zip("mno", np.add(values, shift), strict=True)
)


@pytest.mark.parametrize("method", ["entropy", "critic", "standard-deviation", "equal-variance"])
def test_weights_learned_from_data_hold_for_every_wave(run: Run, method: str) -> None:
    frame = framework(
        *(
            measure(name, normalise={"method": "z-score", "mean": 50, "sd": 9, "fit": "baseline"})
            for name in "mn"
        ),
        weights={"method": method},
    )
    rows = "\n".join(row for row in ROWS.splitlines() if " o " not in row)
    result = run(frame, rows, units=UNITS, **WAVES)
    table = result.tables["contributions"]
    weights = table[table["node"].isin(list("mn"))].pivot(
        index=["wave", "unit"], columns="node", values="weight"
    )
    assert (weights.nunique() == 1).all()
    learned = fitted(result, "index", method)
    assert {f"weight:{n}": weights[n].iloc[0] for n in "mn"} == pytest.approx(
        {k: learned[k] for k in ("weight:m", "weight:n")}
    )
    assert sum(learned[f"weight:{n}"] for n in "mn") == pytest.approx(1)


def test_a_component_of_mixed_signs_is_refused_by_name(run: Run) -> None:
    frame = framework(
        {"id": "pillar", "title": "P", "weights": {"method": "pca"}, "children": [measure("m"), measure("n")]}
    )
    with pytest.raises(EvidenceError, match=r"pillar: pca weights: .* mixed signs"):
        run(frame, "w a m 1\nw a n 9\nw b m 2\nw b n 5\nw c m 3\nw c n 1", units=UNITS)


FULL = framework(
    {
        "id": "left",
        "title": "L",
        "weights": {"method": "critic"},
        "children": [
            measure("m", impute="median", outliers={"method": "winsorise", "max_points": 2, "then": "log"}),
            measure("n", normalise={"method": "z-score", "mean": 50, "sd": 10}, impute="peer-row-mean"),
            measure("o", normalise="percentile-rank", denominator="staff"),
        ],
    },
    measure("p", normalise={"method": "target", "target": 40}, better="lower"),
)


def table(seed: int, rows: int) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = pd.DataFrame(random.lognormal(1, 1.5, (rows, 4)), columns=list("mnop"))
    return values.mask(random.random(values.shape) < 0.1)


@pytest.mark.filterwarnings("ignore::crm_capability.errors.CapabilityWarning")
def test_an_old_fit_scores_new_data(run: Run, tmp_path: Path) -> None:
    """A unit scored alone with the old fit scores what it scored among those who taught the fit."""
    old = table(1, 40)
    old.index = pd.Index([f"u{n}" for n in range(40)])
    units = pd.DataFrame({"staff": np.arange(1.0, 41)}, index=old.index)
    rows = "\n".join(
        f"w {u} {name} {old.at[u, name]!r}" for u in old.index for name in "mnop" if pd.notna(old.at[u, name])
    )
    rows = rows.replace("np.float64(", "").replace(")", "")
    result = run(FULL, rows, unit="u0", units={u: {"staff": float(units.at[u, "staff"])} for u in old.index})
    save(result, tmp_path / "result")
    (tmp_path / "result" / "manifest.json").write_text("{}")
    learned = load_result(tmp_path / "result").tables["fitted"]
    model = load_framework(tmp_path / "f.yaml")
    whole = score_values(model, old, units)
    for unit in ("u3", "u17", "u39"):
        alone = score_values(model, old.loc[[unit]], units, fitted=learned)
        np.testing.assert_allclose(alone.loc[unit], whole.loc[unit], rtol=1e-12)
    np.testing.assert_allclose(score_values(model, old, units, fitted=learned), whole, rtol=1e-12)
    with pytest.raises(EvidenceError, match="the old fit holds nothing for median of m"):
        score_values(model, old, units, fitted=learned[learned["node"] != "m"])


def test_outliers_and_lost_logarithms_are_told(run: Run) -> None:
    frame = framework(
        measure("m", outliers={"method": "winsorise"}), measure("n", transform="log", normalise="z-score")
    )
    units = {f"u{n}": {} for n in range(12)}
    rows = "\n".join(f"w u{n} m {n if n < 11 else 500}\nw u{n} n {n}" for n in range(12))
    result = run(frame, rows, unit="u0", units=units)
    assert "m: outliers: 1 winsorised, high at 10" in notes(result)
    assert "n: 1 readings of zero or below have no log: left missing" in notes(result)
    assert column(result, "m")["u11"] == column(result, "m")["u10"] == 100


def test_a_gate_and_a_mean_that_disagree_are_told(run: Run) -> None:
    points = {"method": "goalposts", "worst": 0, "best": 100}
    frame = framework(
        measure("law", normalise=points), measure("sales", normalise=points),
        aggregate={"method": "gate", "on": "law", "below": 50, "cap": 40},
    )  # fmt: skip
    result = run(
        frame, "w a law 30\nw a sales 90\nw b law 30\nw b sales 20\nw c law 80\nw c sales 90", units=UNITS
    )
    assert column(result, "index") == {"a": 40, "b": 25, "c": 85}
    told = [line for line in notes(result).splitlines() if "gate" in line]
    assert told == ["index: a: the mean is 60, and the gate caps it at 40, because law scores 30, below 50"]


def test_grades_of_a_fuzzy_node(run: Run) -> None:
    points = {"method": "goalposts", "worst": 0, "best": 100}
    frame = framework(measure("m", normalise=points), measure("n", normalise=points), aggregate="fuzzy")
    frame["bands"] = [{"id": "low", "from": 0, "title": "L"}, {"id": "high", "from": 50, "title": "H"}]
    result = run(frame, "w a m 25\nw a n 50\nw b m 75\nw b n 90", units={"a": {}, "b": {}})
    assert result.tables["grades"]["membership"].tolist() == [0.75, 0.25, 0, 1]
    assert column(result, "index") == {"a": 37.5, "b": 75}


def test_several_units_are_diagnosed(run: Run) -> None:
    frame = framework(
        {"id": "left", "title": "L", "measurement": "reflective", "children": [measure("m"), measure("n")]},
        measure("o"),
    )
    result = run(frame, ROWS.split("\nv ")[0], units=UNITS)
    tables = result.tables
    assert set(tables["ranking"]["node"]) == {"index", "left"}
    assert tables["pillars"].set_index("node")["alpha"].notna().to_dict() == {"left": True, "index": False}
    flags = tables["correlations"].set_index(["node", "other"])["flag"]
    assert flags["m", "n"] == "negative"
    missing = tables["missing"].set_index(["kind", "name"])["missing"]
    assert missing["unit", "a"] == 0
    two = run(frame, "w a m 1\nw b m 2", units={"a": {}, "b": {}})
    assert "ranking" not in two.tables


def test_importance_is_shared_out_among_siblings(run: Run) -> None:
    """m moves the node by the whole of its range, n by a tenth, o by nothing that can be seen."""
    units = list("abcdefghijkl")
    points = {"method": "goalposts", "worst": 0, "best": 100}
    frame = framework(*(measure(name, normalise=points) for name in "mno"))
    rows = [
        f"w {unit} m {8 * n}\nw {unit} n {50 + 5 * (-1) ** n}\nw {unit} o {50 + (-1) ** (n // 2)}"
        for n, unit in enumerate(units)
    ]
    tables = run(frame, "\n".join(rows), units={unit: {} for unit in units}).tables
    importance = tables["importance"].set_index("child")
    assert importance["importance"].sum() == pytest.approx(1)
    assert (importance["importance"] >= 0).all()
    assert importance["importance"]["m"] > 0.95
    assert importance["weight"].tolist() == pytest.approx([1 / 3] * 3)
    assert importance["correlation_ratio"]["m"] == pytest.approx(0.97, abs=0.03)
    assert importance["correlation_ratio"]["o"] < 0.05


def test_a_plain_table_of_attributes(tmp_path: Path) -> None:
    from crm_capability.definition.framework import Framework

    model = Framework.model_validate(
        framework(
            measure("m", denominator="staff"), measure("n", impute={"method": "group-mean", "by": "kind"})
        )
    )
    values = pd.DataFrame({"m": [2.0, 4.0, 9.0], "n": [1.0, np.nan, 3.0]}, index=["a", "b", "c"])
    units = pd.DataFrame({"staff": [1, 1, 3], "kind": ["x", "x", "y"]}, index=["a", "b", "c"])
    with pytest.warns(CapabilityWarning, match="n: 1 of 1 missing readings imputed"):
        scores = score_values(model, values, units)
    assert scores["m"].tolist() == [0, 100, 50]
    assert scores["n"].tolist() == [0, 0, 100]
    with pytest.raises(EvidenceError, match="holds no attributes of c"):
        score_values(model, values, units.drop("c"))
    with pytest.raises(EvidenceError, match="m needs the attribute staff"):
        score_values(model, values)
    with pytest.raises(EvidenceError, match="infinite"):
        score_values(model, values.replace(9.0, np.inf), units)


def test_a_plan_scores_with_an_old_fit(run: Run, tmp_path: Path) -> None:
    """After the best unit leaves, the others score what they did: `fitted` names the old table."""
    frame = framework(measure("m"), measure("n"))
    rows = "w a m 0\nw b m 5\nw c m 10\nw a n 4\nw b n 1\nw c n 9"
    old = run(frame, rows, units=UNITS)
    save(old, tmp_path)
    few = "\n".join(row for row in rows.splitlines() if " c " not in row)
    new = run(frame, few, units={"a": {}, "b": {}}, fitted="tables/fitted.csv")
    assert column(new, "m") == {"a": 0, "b": 50}
    assert {u: s for u, s in column(old, "index").items() if u != "c"} == column(new, "index")
    assert "tables/fitted.csv" in {entry["file"] for entry in new.manifest["inputs"]}
    assert column(run(frame, few, units={"a": {}, "b": {}}), "m") == {"a": 0, "b": 100}


def test_explain_shows_what_was_done_before_normalising(run: Run) -> None:
    from crm_capability.analysis.explain import explained

    frame = framework(
        measure("m", impute="mean", denominator="staff", outliers={"method": "winsorise"}), measure("n")
    )
    result = run(frame, "w a m 2\nw b m 12\nw c n 3\nw a n 1\nw b n 1", units=UNITS)
    lines = "\n".join(explained(result, "m", "c"))
    assert "divided by staff" in lines
    assert "nothing was read: 2.0 was put in its place" in lines  # the mean of 2/2 and 12/4
    assert "outliers: winsorise" in lines
    assert "fitted by mean: mean = 2.0" in lines
    assert "fitted by min-max: min = 1.0, max = 3.0" in lines
