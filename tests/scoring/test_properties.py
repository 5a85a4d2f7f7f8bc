"""What must hold of the whole path — denominator, gaps, outliers, transform, learned scales, learned
weights — whatever the numbers. The plain path has its properties in test_independent and test_odd_input."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from crm_capability import score_values
from crm_capability.definition.framework import Framework
from crm_capability.definition.plan import Plan
from crm_capability.errors import CapabilityError, CapabilityWarning
from crm_capability.scoring.assessment import Scored, contributions_table, score, scores_table
from crm_capability.tables import shape

LEARNED: tuple[Any, ...] = (
    "min-max",
    {"method": "z-score", "mean": 50, "sd": 10},
    "rank",
    {"method": "rank", "ties": "average"},
    "borda",
    "percentile-rank",
)
WEIGHTS = ("equal", "standard-deviation", "entropy", "critic", "equal-variance")
IMPUTE = (None, "mean", "median", "peer-row-mean", {"method": "group-mean", "by": "kind"})
OUTLIERS = (None, {"method": "winsorise", "max_points": 2}, {"method": "winsorise", "then": "log"})
MEASURES = ("m0", "m1", "m2")


def framework(
    rules: list[Any], better: list[str] | None = None, weights: Any = "equal", **settings: Any
) -> Framework:
    better = better or ["higher"] * len(rules)
    leaves = [
        {"id": f"m{n}", "title": "M", "unit": "points", "better": way, "normalise": rule, **settings}
        for n, (rule, way) in enumerate(zip(rules, better, strict=True))
    ]
    root = {"id": "index", "title": "Index", "weights": weights, "children": leaves}
    return Framework.model_validate({"framework": "f", "version": "1.0.0", "title": "F", "tree": root})


@st.composite
def prepared(draw: st.DrawFn) -> Framework:
    """A framework of three measures, each step taken or left out."""
    rules = [draw(st.sampled_from(LEARNED)) for _ in MEASURES]
    better = [draw(st.sampled_from(["higher", "lower"])) for _ in MEASURES]
    steps = {"impute": draw(st.sampled_from(IMPUTE)), "outliers": draw(st.sampled_from(OUTLIERS))}
    steps |= {"denominator": draw(st.sampled_from([None, "staff"]))}
    chosen = {name: step for name, step in steps.items() if step is not None}
    return framework(rules, better, {"method": draw(st.sampled_from(WEIGHTS))}, **chosen)


def scored(model: Framework, values: pd.DataFrame, units: pd.DataFrame | None = None) -> pd.DataFrame:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", CapabilityWarning)  # notes are meant; numpy's are not
        try:
            return score_values(model, values, units)
        except CapabilityError:  # weights that cannot be learned from such numbers: refused with a reason
            assume(False)
            raise


cell = st.one_of(st.integers(0, 60), st.none(), st.integers(0, 60))
rows = st.lists(st.tuples(cell, cell, cell), min_size=4, max_size=12)
full = st.lists(st.tuples(*[st.integers(0, 60)] * 3), min_size=4, max_size=12)


def table(found: list[tuple[int | None, ...]]) -> pd.DataFrame:
    index = [f"u{n}" for n in range(len(found))]
    return pd.DataFrame(found, columns=list(MEASURES), index=index, dtype=float)


def attributes(values: pd.DataFrame) -> pd.DataFrame:
    place = np.arange(len(values))
    return pd.DataFrame({"staff": place % 5 + 1.0, "kind": np.where(place % 2, "a", "b")}, index=values.index)


@given(prepared(), rows, st.randoms(use_true_random=False))
@settings(max_examples=60)
def test_units_in_another_order_score_the_same(
    model: Framework, found: list[tuple[int | None, ...]], random: Any
) -> None:
    values = table(found)
    order = list(values.index)
    random.shuffle(order)
    units = attributes(values)
    straight, mixed = scored(model, values, units), scored(model, values.loc[order], units.loc[order])
    np.testing.assert_allclose(mixed.loc[values.index], straight, rtol=1e-6, atol=1e-6)


@given(full, st.sampled_from(LEARNED), st.integers(-1000, 1000), st.integers(0, 2))
def test_a_constant_added_to_a_measure_changes_no_index(
    found: list[tuple[int | None, ...]], rule: Any, constant: int, which: int
) -> None:
    """Under min-max, and every other scale that is learned: differences alone count."""
    values = table(found)
    moved = values.copy()
    moved[MEASURES[which]] += constant
    model = framework([rule] * 3, weights={"method": "standard-deviation"})
    np.testing.assert_allclose(scored(model, moved), scored(model, values), rtol=1e-9, atol=1e-7)


@given(full, st.floats(0.01, 100), st.sampled_from(["arithmetic", "geometric", "harmonic"]))
def test_weights_in_another_unit_change_nothing(
    found: list[tuple[int | None, ...]], factor: float, rule: str
) -> None:
    def model(by: float) -> Framework:
        weights = {"method": "given", "weights": {"m0": 1.0 * by, "m1": 2.5 * by, "m2": 0.3 * by}}
        tree = framework([{"method": "min-max", "low": 1, "high": 100}] * 3, weights=weights).model_dump(
            mode="json", by_alias=True, exclude_unset=True
        )
        tree["tree"]["aggregate"] = rule
        return Framework.model_validate(tree)

    values = table(found)
    np.testing.assert_allclose(scored(model(factor), values), scored(model(1.0), values), rtol=1e-9)


@given(
    full,
    st.lists(st.sampled_from(LEARNED), min_size=3, max_size=3),
    st.lists(st.sampled_from(["higher", "lower"]), min_size=3, max_size=3),
    st.data(),
)
def test_a_better_reading_never_lowers_the_unit_that_has_it(
    found: list[tuple[int | None, ...]], rules: list[Any], better: list[str], data: st.DataObject
) -> None:
    """Although the scale is learned anew with it."""
    values = table(found)
    unit, which = data.draw(st.sampled_from(list(values.index))), data.draw(st.integers(0, 2))
    rise = data.draw(st.integers(1, 50)) * (1 if better[which] == "higher" else -1)
    risen = values.copy()
    risen.loc[unit, MEASURES[which]] += rise
    model = framework(rules, better)
    before, after = scored(model, values), scored(model, risen)
    assert after.at[unit, "index"] >= before.at[unit, "index"] - 1e-9


def test_critic_of_children_that_agree_to_the_last() -> None:
    values = table([(1, 10, 100), (2, 20, 200), (3, 30, 300), (5, 50, 500)])
    found = scored(framework(["min-max"] * 3, weights={"method": "critic"}), values)
    np.testing.assert_allclose(found["index"], [0, 25, 50, 100])


# --- with a plan: waves, peers, contributions ---------------------------------------------------

WAVES = ("before", "after")


def assessed(model: Framework, values: dict[str, pd.DataFrame], unit: str) -> Scored:
    units = list(values[WAVES[0]].index)
    plan = Plan.model_validate(
        {
            "assessment": "a",
            "title": "A",
            "framework": "f",
            "unit": unit,
            "waves": [{"id": wave} for wave in WAVES],
            "evidence": [{"values": "v.csv"}],
        }
    )
    readings = [
        {
            "wave": wave,
            "unit": name,
            "measure": measure,
            "value": None if np.isnan(value) else value,
            "state": state,
        }
        for wave in WAVES
        for name in units
        for measure in MEASURES
        for value in [values[wave].at[name, measure]]
        for state in ["unknown" if np.isnan(value) else "measured"]
    ]
    return score(model, plan, units, shape("readings", pd.DataFrame(readings)), attributes(values[WAVES[0]]))


def fitted_on(word: str, rules: list[Any]) -> list[Any]:
    return [{**({"method": rule} if isinstance(rule, str) else rule), "fit": word} for rule in rules]


@given(
    st.lists(st.sampled_from(LEARNED), min_size=3, max_size=3),
    st.lists(st.tuples(*[cell] * 6), min_size=4, max_size=8),
    st.lists(st.integers(0, 60), min_size=6, max_size=6),
    st.sampled_from(["baseline", "peers"]),
)
@settings(max_examples=60)
def test_a_score_does_not_depend_on_rows_that_it_is_not_fitted_with(
    rules: list[Any], found: list[tuple[int | None, ...]], other: list[int], word: str
) -> None:
    """`baseline`: nothing in the first wave moves with the second one. `peers`: nothing of the others
    moves with the assessed unit. Imputation and treatment learn from the same rows as the scale."""
    model = framework(
        fitted_on(word, rules), impute="median", outliers={"method": "winsorise", "max_points": 2}
    )
    values = {"before": table([row[:3] for row in found]), "after": table([row[3:] for row in found])}
    moved = {wave: frame.copy() for wave, frame in values.items()}
    if word == "baseline":
        moved["after"].loc["u1"] = other[:3]
    else:
        moved["before"].loc["u0"], moved["after"].loc["u0"] = other[:3], other[3:]
    one, two = (scores_table(model, assessed(model, at, "u0")) for at in (values, moved))
    kept = one["wave"] == "before" if word == "baseline" else one["unit"] != "u0"
    pd.testing.assert_frame_equal(
        one.loc[kept, ["wave", "unit", "node", "score"]], two.loc[kept, ["wave", "unit", "node", "score"]]
    )


@given(prepared(), st.lists(st.tuples(*[cell] * 6), min_size=4, max_size=8))
@settings(max_examples=60)
def test_contributions_of_the_measures_sum_to_the_index(
    model: Framework, found: list[tuple[int | None, ...]]
) -> None:
    values = {"before": table([row[:3] for row in found]), "after": table([row[3:] for row in found])}
    try:
        result = assessed(model, values, "u0")
    except CapabilityError:
        assume(False)
    parts, scores = contributions_table(result), scores_table(model, result)
    own = parts[parts["node"].isin(MEASURES)].groupby(["wave", "unit"])["contribution"].sum(min_count=1)
    index = scores[scores["node"] == "index"].set_index(["wave", "unit"])["score"]
    for key, whole in index.items():
        if pd.isna(whole):
            assert pd.isna(own[key])
        else:
            assert own[key] == pytest.approx(whole, rel=1e-9, abs=1e-9)
