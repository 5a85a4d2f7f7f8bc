"""The whole of scoring and change, computed a second time: slowly, by loops over dictionaries,
from the words of the contract alone. Random ragged trees, gaps, weights and methods."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_capability.analysis.compare import changes_table
from crm_capability.analysis.respondents import Respondents
from crm_capability.definition.framework import Framework
from crm_capability.definition.plan import Plan
from crm_capability.scoring.assessment import Scored, contributions_table, score, scores_table
from crm_capability.tables import shape

Node = dict[str, Any]
Readings = dict[tuple[str, str, str], tuple[float | None, str]]
WAVES = ("before", "after")


# --- the naive computation ---------------------------------------------------------------------


def leaves(node: Node) -> list[Node]:
    return [leaf for child in node["children"] for leaf in leaves(child)] if "children" in node else [node]


def nodes(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("children", ()):
        yield from nodes(child)


def normalised(measure: Node, value: float, column: list[float]) -> float:
    rule = measure["normalise"]
    if rule["method"] == "goalposts":
        share = (value - rule["worst"]) / (rule["best"] - rule["worst"])
        return 100 * min(max(share, 0), 1)
    if rule["method"] == "likert":
        share = (value - rule["min"]) / (rule["max"] - rule["min"])
        return 100 * (1 - share if measure.get("better") == "lower" else share)
    low, high = min(column), max(column)
    if low == high:
        return 50.0
    share = (value - low) / (high - low)
    return 100 * (1 - share if measure.get("better") == "lower" else share)


def places(rule: Any, count: int) -> list[float]:
    """Weights of places, the best first."""
    if rule == "maximum":
        return [1.0] + [0.0] * (count - 1)
    if rule == "minimum":
        return [0.0] * (count - 1) + [1.0]
    if rule == "median":
        return [((n == (count - 1) // 2) + (n == count // 2)) / 2 for n in range(count)]
    steps, whole = len(rule["weights"]), sum(rule["weights"])

    def curve(share: float) -> float:
        at = share * steps
        below = min(math.floor(at + 1e-12), steps)
        sofar = sum(rule["weights"][:below])
        return (sofar + (at - below) * rule["weights"][below] if below < steps else sofar) / whole

    return [curve((n + 1) / count) - curve(n / count) for n in range(count)]


def combined(rule: Any, present: list[tuple[str, float, float]]) -> tuple[float | None, list[float]]:
    """The mean of (name, score, weight), and each child's pull x·∂f/∂x."""
    if not present:
        return None, []
    total = sum(weight for _, _, weight in present)
    shares = [weight / total for _, _, weight in present]
    scores = [value for _, value, _ in present]
    name = rule if isinstance(rule, str) else rule["method"]
    if name == "arithmetic":
        return sum(w * x for w, x in zip(shares, scores, strict=True)), [
            w * x for w, x in zip(shares, scores, strict=True)
        ]
    if name == "gate":
        mean = sum(w * x for w, x in zip(shares, scores, strict=True))
        closed = any(child == rule["on"] and value < rule["below"] for child, value, _ in present)
        if closed and mean > rule["cap"]:
            return rule["cap"], [0.0] * len(scores)
        return mean, [w * x for w, x in zip(shares, scores, strict=True)]
    if name in ("geometric", "harmonic", "power"):
        exponent = {"geometric": 0, "harmonic": -1}.get(name, rule["exponent"] if name == "power" else None)
        if any(x == 0 for x in scores) and exponent <= 0:
            return 0.0, [0.0] * len(scores)
        if exponent == 0:
            mean = math.exp(sum(w * math.log(x) for w, x in zip(shares, scores, strict=True)))
        else:
            mean = sum(w * x**exponent for w, x in zip(shares, scores, strict=True)) ** (1 / exponent)
        if mean == 0:
            return mean, [0.0] * len(scores)
        return mean, [
            w * x**exponent * mean ** (1 - exponent) if x else 0.0
            for w, x in zip(shares, scores, strict=True)
        ]
    order = sorted(range(len(scores)), key=lambda n: -scores[n])
    by_place = dict(zip(order, places(rule, len(scores)), strict=True))
    pulls = [by_place[n] * scores[n] for n in range(len(scores))]
    return sum(pulls), pulls


class Naive:
    def __init__(
        self,
        tree: Node,
        defaults: Node,
        overrides: dict[str, dict[str, dict[str, float]]],
        readings: Readings,
        units: list[str],
    ):
        self.tree, self.defaults, self.overrides, self.readings, self.units = (
            tree,
            defaults,
            overrides,
            readings,
            units,
        )
        self.parent = {child["id"]: node for node in nodes(tree) for child in node.get("children", ())}
        self.columns = {
            leaf["id"]: [
                value
                for (_, _, measure), (value, _) in readings.items()
                if measure == leaf["id"] and value is not None
            ]
            for leaf in leaves(tree)
        }

    def rule(self, node: Node) -> Any:
        return node.get("aggregate", self.defaults.get("aggregate", "arithmetic"))

    def weight(self, node: Node, child: Node, wave: str) -> float:
        return self.overrides[wave].get(node["id"], {}).get(child["id"], child.get("weight", 1.0))

    def leaf(self, measure: Node, wave: str, unit: str) -> float | None:
        value, _ = self.readings[wave, unit, measure["id"]]
        return None if value is None else normalised(measure, value, self.columns[measure["id"]])

    def applicable(self, node: Node, wave: str, unit: str) -> bool:
        return any(self.readings[wave, unit, leaf["id"]][1] != "not-applicable" for leaf in leaves(node))

    def score(self, node: Node, wave: str, unit: str, fill: float | None = None) -> float | None:
        if "children" not in node:
            found = self.leaf(node, wave, unit)
            return fill if found is None and self.applicable(node, wave, unit) else found
        present = self.present(node, wave, unit, fill)
        asked = sum(self.applicable(child, wave, unit) for child in node["children"])
        share = node.get("min_share", self.defaults.get("min_share", 0.5))
        if not present or len(present) < share * asked - 1e-9:
            return None
        return combined(self.rule(node), present)[0]

    def present(
        self, node: Node, wave: str, unit: str, fill: float | None = None
    ) -> list[tuple[str, float, float]]:
        found = [
            (child["id"], self.score(child, wave, unit, fill), self.weight(node, child, wave))
            for child in node["children"]
        ]
        return [(name, value, weight) for name, value, weight in found if value is not None]

    def coverage(self, node: Node, wave: str, unit: str) -> float | None:
        asked = [leaf for leaf in leaves(node) if self.applicable(leaf, wave, unit)]
        return sum(self.leaf(leaf, wave, unit) is not None for leaf in asked) / len(asked) if asked else None

    def rank(self, node: Node, wave: str, unit: str) -> int | None:
        own = self.score(node, wave, unit)
        if own is None:
            return None
        others = [self.score(node, wave, other) for other in self.units]
        return 1 + sum(value > own + 1e-9 for value in others if value is not None)

    def parts(self, wave: str, unit: str) -> dict[str, tuple[float | None, float | None]]:
        """Effective weight and contribution of every node."""
        whole = self.score(self.tree, wave, unit)
        found: dict[str, tuple[float | None, float | None]] = {
            self.tree["id"]: (None if whole is None else 1.0, whole)
        }
        for node in nodes(self.tree):
            above, points = found[node["id"]]
            present = self.present(node, wave, unit) if "children" in node else []
            mean, pulls = combined(self.rule(node), present) if present else (None, [])
            total = sum(weight for _, _, weight in present)
            for child in node.get("children", ()):
                if above is None or points is None:
                    found[child["id"]] = (None, None)
                    continue
                at = next((n for n, (name, _, _) in enumerate(present) if name == child["id"]), None)
                if at is None or mean is None:
                    found[child["id"]] = (0.0, 0.0)
                    continue
                share = present[at][2] / total
                pull = pulls[at] / sum(pulls) if abs(sum(pulls)) > 1e-12 else share
                found[child["id"]] = (above * share, points * pull)
        return found

    # what a change is made of

    def common(self, node: Node, unit: str) -> bool:
        both = all(self.score(node, wave, unit) is not None for wave in WAVES)
        return both and (
            "children" not in node or any(self.common(child, unit) for child in node["children"])
        )

    def reduced(self, node: Node, values: str, weights: str, unit: str) -> float:
        """The score from one wave's readings under one wave's weights, common members alone."""
        if "children" not in node:
            found = self.score(node, values, unit)
        else:
            present = [
                (child["id"], self.reduced(child, values, weights, unit), self.weight(node, child, weights))
                for child in node["children"]
                if self.common(child, unit)
            ]
            found = combined(self.rule(node), present)[0]
        assert found is not None
        return found

    def change(self, node: Node, unit: str) -> tuple[float, float, float] | None:
        before, after = (self.score(node, wave, unit) for wave in WAVES)
        if before is None or after is None:
            return None
        if not self.common(node, unit):
            return 0.0, 0.0, after - before
        old, new = self.reduced(node, "before", "before", unit), self.reduced(node, "after", "after", unit)
        values_first = self.reduced(node, "after", "before", unit)
        weights_first = self.reduced(node, "before", "after", unit)
        value = ((values_first - old) + (new - weights_first)) / 2
        weight = ((weights_first - old) + (new - values_first)) / 2
        return value, weight, after - before - value - weight


# --- random assessments ------------------------------------------------------------------------

RULES = ("arithmetic", "geometric", "harmonic", "power", "minimum", "maximum", "median", "owa", "gate")


@st.composite
def assessments(draw: st.DrawFn, rules: tuple[str, ...] = RULES) -> dict[str, Any]:
    number = iter(range(1000))
    weight = st.floats(0.1, 9).map(lambda x: round(x, 2))

    def rule(children: list[Node]) -> Any:
        name = draw(st.sampled_from(rules))
        if name == "power":
            return {"method": "power", "exponent": draw(st.sampled_from([-2, 0, 0.5, 3]))}
        if name == "owa":
            return {"method": "owa", "weights": [1 + draw(st.integers(0, 3)) for _ in children]}
        if name == "gate":
            on = draw(st.sampled_from(children))["id"]
            return {
                "method": "gate",
                "on": on,
                "below": draw(st.integers(10, 90)),
                "cap": draw(st.integers(5, 60)),
            }
        return name

    def measure() -> Node:
        better = draw(st.sampled_from(["higher", "lower"]))
        ways = [
            {"method": "goalposts", "worst": 2, "best": 9}
            if better == "higher"
            else {"method": "goalposts", "worst": 9, "best": 2},
            {"method": "likert", "min": 0, "max": 10},
            {"method": "min-max"},
        ]
        return {
            "id": f"m{next(number)}",
            "title": "M",
            "unit": "u",
            "better": better,
            "weight": draw(weight),
            "normalise": draw(st.sampled_from(ways)),
        }

    def group(depth: int) -> Node:
        count = draw(st.integers(1, 4))
        children = [
            group(depth + 1) if depth < 2 and draw(st.booleans()) else measure() for _ in range(count)
        ]
        node: Node = {"id": f"g{next(number)}", "title": "G", "weight": draw(weight), "children": children}
        if draw(st.booleans()):
            node["aggregate"] = rule(children)
        if draw(st.booleans()):
            node["min_share"] = draw(st.sampled_from([0, 0.25, 0.5, 2 / 3, 1]))
        return node

    tree = group(0)
    units = [f"u{n}" for n in range(draw(st.integers(1, 3)))]
    plain = [name for name in rules if name not in ("power", "owa", "gate")]
    defaults: Node = {"aggregate": draw(st.sampled_from(plain))} if draw(st.booleans()) else {}
    overrides: dict[str, dict[str, dict[str, float]]] = {wave: {} for wave in WAVES}
    for node in nodes(tree):
        if "children" in node and draw(st.integers(0, 2)) == 0:
            overrides[draw(st.sampled_from(WAVES))][node["id"]] = {
                child["id"]: draw(weight) for child in node["children"]
            }
    readings: Readings = {}
    for wave in WAVES:
        for unit in units:
            for leaf in leaves(tree):
                state = draw(
                    st.sampled_from(["measured"] * 5 + ["unknown", "not-collected", "not-applicable"])
                )
                value = draw(st.integers(0, 100)) / 10 if state == "measured" else None
                readings[wave, unit, leaf["id"]] = value, state
    return {"tree": tree, "defaults": defaults, "overrides": overrides, "units": units, "readings": readings}


def ours(case: dict[str, Any]) -> tuple[Framework, Plan, Scored]:
    framework = Framework.model_validate(
        {
            "framework": "f",
            "version": "1.0.0",
            "title": "F",
            "defaults": case["defaults"],
            "tree": case["tree"],
        }
    )
    plan = Plan.model_validate(
        {
            "assessment": "a",
            "title": "A",
            "framework": "f",
            "unit": case["units"][0],
            "waves": [{"id": wave, "weights": case["overrides"][wave]} for wave in WAVES],
            "evidence": [{"values": "v.csv"}],
        }
    )
    measures = list(framework.measures)
    rows = [
        {
            "wave": wave,
            "unit": unit,
            "measure": measure,
            "value": case["readings"][wave, unit, measure][0],
            "state": case["readings"][wave, unit, measure][1],
        }
        for wave in WAVES
        for unit in case["units"]
        for measure in measures
    ]
    return framework, plan, score(framework, plan, case["units"], shape("readings", pd.DataFrame(rows)))


def same(found: Any, expected: float | None, what: Any) -> None:
    if expected is None:
        assert pd.isna(found), (what, found)
    else:
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-9), what


@given(assessments())
@settings(max_examples=120)
def test_scores_coverage_bounds_and_ranks(case: dict[str, Any]) -> None:
    framework, _, scored = ours(case)
    naive = Naive(**case)
    known = {node["id"]: node for node in nodes(case["tree"])}
    table = scores_table(framework, scored)
    assert len(table) == len(known) * len(case["units"]) * len(WAVES)
    for row in table.itertuples():
        node, where = known[row.node], (row.wave, row.unit)
        same(row.score, naive.score(node, *where), ("score", row.node, where))
        same(row.if_worst, naive.score(node, *where, fill=0.0), ("if_worst", row.node, where))
        same(row.if_best, naive.score(node, *where, fill=100.0), ("if_best", row.node, where))
        same(row.coverage, naive.coverage(node, *where), ("coverage", row.node, where))
        same(row.rank, naive.rank(node, *where), ("rank", row.node, where))


@given(assessments())
@settings(max_examples=80)
def test_effective_weights_and_contributions(case: dict[str, Any]) -> None:
    framework, _, scored = ours(case)
    naive = Naive(**case)
    table = contributions_table(scored)
    measures = set(framework.measures)
    for (wave, unit), rows in table.groupby(["wave", "unit"]):
        parts = naive.parts(wave, unit)
        for row in rows.itertuples():
            same(row.effective_weight, parts[row.node][0], ("effective weight", row.node, wave, unit))
            same(row.contribution, parts[row.node][1], ("contribution", row.node, wave, unit))
        index = naive.score(case["tree"], wave, unit)
        own = rows[rows["node"].isin(measures)]
        if index is None:
            assert own["contribution"].isna().all()
        else:
            assert own["contribution"].sum() == pytest.approx(index, rel=1e-9, abs=1e-9)
            assert own["effective_weight"].sum() == pytest.approx(1, abs=1e-9)
    for node in nodes(case["tree"]):
        for wave in WAVES:
            siblings = [child["id"] for child in node.get("children", ())]
            total = sum(naive.weight(node, child, wave) for child in node.get("children", ()))
            for child in node.get("children", ()):
                rows = table[(table["wave"] == wave) & (table["node"] == child["id"])]
                same(rows["weight"].iloc[0], naive.weight(node, child, wave) / total, ("weight", siblings))


@given(assessments())
@settings(max_examples=80)
def test_changes_and_what_they_are_made_of(case: dict[str, Any]) -> None:
    framework, plan, scored = ours(case)
    naive = Naive(**case)
    known = {node["id"]: node for node in nodes(case["tree"])}
    for row in changes_table(Respondents(scored, ()), framework, plan).itertuples():
        before, after = (naive.score(known[row.node], wave, row.unit) for wave in WAVES)
        same(row.before, before, "before")
        same(row.after, after, "after")
        same(row.change, None if before is None or after is None else after - before, "change")
        parts = naive.change(known[row.node], row.unit) or (None, None, None)
        for name, found, expected in zip(
            ("value", "weight", "membership"),
            (row.from_value, row.from_weight, row.from_membership),
            parts,
            strict=True,
        ):
            same(found, expected, (name, row.node, row.unit))


# --- what must hold whatever the numbers --------------------------------------------------------


@given(assessments(), st.floats(0.01, 100))
def test_weights_in_another_unit_change_nothing(case: dict[str, Any], factor: float) -> None:
    framework, _, scored = ours(case)
    for node in nodes(case["tree"]):
        if "weight" in node:
            node["weight"] *= factor
    for weights in case["overrides"].values():
        for of_node in weights.values():
            of_node.update({name: value * factor for name, value in of_node.items()})
    pd.testing.assert_frame_equal(
        scores_table(framework, scored), scores_table(framework, ours(case)[2]), rtol=1e-9
    )


@given(assessments())
def test_units_in_another_order_score_the_same(case: dict[str, Any]) -> None:
    framework, _, scored = ours(case)
    turned = {**case, "units": case["units"][::-1]}
    one, two = (
        table.set_index(["wave", "unit", "node"]).sort_index()
        for table in (scores_table(framework, scored), scores_table(framework, ours(turned)[2]))
    )
    pd.testing.assert_frame_equal(one, two, rtol=1e-12)


@given(assessments(rules=("arithmetic", "geometric", "minimum", "owa", "harmonic")), st.data())
def test_a_better_reading_never_lowers_a_score(case: dict[str, Any], data: st.DataObject) -> None:
    framework, _, scored = ours(case)
    measured = [key for key, (value, _) in case["readings"].items() if value is not None]
    measures = {leaf["id"]: leaf for leaf in leaves(case["tree"])}
    measured = [key for key in measured if measures[key[2]]["normalise"]["method"] != "min-max"]
    if not measured:
        return
    key = data.draw(st.sampled_from(measured))
    value = case["readings"][key][0]
    better = data.draw(st.floats(0, value) if measures[key[2]]["better"] == "lower" else st.floats(value, 10))
    after = ours({**case, "readings": {**case["readings"], key: (better, "measured")}})[2]
    one, two = scores_table(framework, scored), scores_table(framework, after)
    assert ((two["score"] - one["score"]).fillna(0) >= -1e-9).all()


@given(assessments())
def test_the_same_data_twice_is_no_change(case: dict[str, Any]) -> None:
    for _, unit, measure in list(case["readings"]):
        case["readings"]["after", unit, measure] = case["readings"]["before", unit, measure]
    case["overrides"]["after"] = case["overrides"]["before"]
    framework, plan, scored = ours(case)
    changes = changes_table(Respondents(scored, ()), framework, plan)
    moved = changes[["change", "from_value", "from_weight", "from_membership"]].to_numpy(dtype=float)
    assert (abs(moved[~pd.isna(moved)]) < 1e-9).all()


@given(assessments())
def test_a_change_of_weights_alone_is_all_weight(case: dict[str, Any]) -> None:
    for _, unit, measure in list(case["readings"]):
        case["readings"]["after", unit, measure] = case["readings"]["before", unit, measure]
    framework, plan, scored = ours(case)
    changes = changes_table(Respondents(scored, ()), framework, plan)
    assert (changes["from_value"].abs().fillna(0) < 1e-9).all()
    assert (changes["from_membership"].abs().fillna(0) < 1e-9).all()


@given(assessments())
def test_bounds_hold_the_score_where_nothing_is_missing_above(case: dict[str, Any]) -> None:
    """Full data: worst case, best case and score are one."""
    for key in case["readings"]:
        case["readings"][key] = (case["readings"][key][0] or 5.0, "measured")
    framework, _, scored = ours(case)
    table = scores_table(framework, scored)
    assert (table["coverage"] == 1).all()
    for bound in ("if_worst", "if_best"):
        assert ((table[bound] - table["score"]).abs() < 1e-9).all()
