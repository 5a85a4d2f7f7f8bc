"""Sensitivity: reuse against full rebuilds, frames and plans, shares, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_capability import CapabilityError, load_plan, score_values, sensitivity
from crm_capability.analysis.alternatives import Alternatives
from crm_capability.analysis.levers import lever
from crm_capability.analysis.robustness import Robustness
from crm_capability.analysis.sensitivity import _keys, plan_sensitivity
from crm_capability.analysis.variants import Case
from crm_capability.definition.framework import Framework
from crm_capability.definition.sensitivity import Sensitivity
from crm_capability.evidence.readings import collect
from crm_capability.methods.resampling import sample
from crm_capability.scoring.measure import apply_all, learn
from crm_capability.scoring.preparation import FitRows, Subjects, prepare, screened
from crm_capability.scoring.score import applicable_nodes, combine_children
from crm_capability.scoring.tree import grow
from crm_capability.scoring.weights import teaching_rows, weigh_branch

MIN_MAX = {"method": "min-max", "low": 1, "high": 100}
Z_SCORE = {"method": "z-score", "mean": 10, "sd": 2}
POSTS = {"method": "goalposts", "worst": 0.1, "best": 10}
HIGH = {"method": "goalposts", "worst": 4, "best": 10}  # a logarithm bears them, and what they move by


def framework(posts: dict[str, Any] = POSTS, **defaults: Any) -> Framework:
    """Three pillars of three measures; two measures and one pillar have settings of their own."""

    def measure(name: str, **own: Any) -> dict[str, Any]:
        return {"id": name, "title": name, "unit": "points", **own}

    pillars = [
        {
            "id": "a",
            "title": "A",
            "weight": 2,
            "children": [
                measure("a1"),
                measure("a2", better="lower", normalise=MIN_MAX),
                measure("a3", weight=3),
            ],
        },
        {"id": "b", "title": "B", "children": [measure("b1", normalise=posts), measure("b2"), measure("b3")]},
        {
            "id": "c",
            "title": "C",
            "aggregate": "minimum",
            "children": [measure("c1"), measure("c2", normalise=posts), measure("c3")],
        },
    ]
    tree = {"id": "index", "title": "Index", "children": pillars}
    whole = {
        "framework": "small",
        "version": "1.0.0",
        "title": "Small",
        "levels": ["index", "pillar", "measure"],
        "tree": tree,
    }
    return Framework.model_validate({**whole, "defaults": {"normalise": MIN_MAX, **defaults}})


GATE = {"method": "gate", "on": "a1", "below": 50, "cap": 50}
NAMES = [f"{pillar}{n}" for pillar in "abc" for n in (1, 2, 3)]


def table(units: int = 8, gaps: float = 0.1, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    values = random.uniform(0.5, 9.5, (units, 9))
    values[random.random(values.shape) < gaps] = np.nan
    return pd.DataFrame(values, columns=NAMES, index=[f"u{n}" for n in range(units)])


EVERYTHING: list[dict[str, Any]] = [
    {
        "choose": "defaults.aggregate",
        "among": ["arithmetic", "geometric", {"method": "power", "exponent": 2}],
    },
    {"choose": "defaults.normalise", "among": [MIN_MAX, Z_SCORE, POSTS]},
    {"choose": "defaults.transform", "among": ["none", "log"]},
    {"choose": "defaults.impute", "among": ["none", "median", "peer-row-mean"]},
    {"choose": "defaults.outliers", "among": ["none", {"method": "winsorise", "skew": 0.1, "kurtosis": 0.1}]},
    {"choose": "defaults.min_share", "among": [0.2, 0.9]},
    {"choose": "defaults.weights", "among": ["equal", {"method": "entropy"}]},
    {"choose": "weights", "among": [{"a1": 4, "c": 2}, {"index": {"a": 1, "b": 1, "c": 3}}]},
    {"choose": "scope.exclude", "among": [[], ["b"], ["a2", "c3"]]},
    {"vary": "weights", "at": "index", "share": 0.25},
    {"vary": "weights", "at": "a", "share": 0.5},
    {"vary": "goalposts", "share": 0.2},
    {"vary": "goalposts", "at": "c", "share": 0.1},
    {"vary": "readings"},
]


def case() -> Case:
    """Two waves of eight units, some readings missing, some with a standard error, weights of the
    second wave of its own."""
    values = np.concatenate([table().to_numpy().T, table(seed=2).to_numpy().T], axis=1)
    errors = np.full(values.shape, np.nan)
    errors[[0, 3]] = 0.3
    applicable = np.ones(values.shape, dtype=bool)
    applicable[4, :3] = False
    values[4, :3] = np.nan
    rows = np.arange(16) < 8
    subjects = Subjects(
        ("before", "after"), np.array([0.0, 100.0]), tuple(table().index), pd.DataFrame(index=table().index)
    )
    return Case(
        framework=framework(posts=HIGH),
        overrides=(({}, {}), ({}, {"b": {"b1": 1, "b2": 2, "b3": 5}})),
        subjects=subjects,
        values=values,
        errors=errors,
        linked=np.zeros(values.shape),
        applicable=applicable,
        screen=0.7,
        teaching=FitRows(np.ones(16, dtype=bool), rows, ~rows),
        answers={},
    )


def rebuilt(case: Case, others: Alternatives, key: np.ndarray, seed: int) -> np.ndarray:
    """One run from the ground up by the engine's own steps: nothing is kept from other runs."""
    written = case.framework.model_dump(by_alias=True, exclude_unset=True)
    extra: dict[str, Any] = {}
    out: list[str] = []
    values, away = case.values, {}
    for f, (option, one) in enumerate(zip(key, others.levers, strict=True)):
        name = one.path
        if hasattr(one, "options"):
            chosen = one.options[option - 1]
            if name == "weights":
                extra = chosen
            elif name == "scope.exclude":
                out = list(chosen)
            else:
                written["defaults"][name.removeprefix("defaults.")] = chosen
        elif name == "readings":
            noise = np.random.default_rng((seed, int(option))).standard_normal(values.shape)
            values = values + noise * np.nan_to_num(case.errors)
        else:
            away[name] = one.share * (2 * others.points[option - 1, others.spans[f]] - 1)
    built = Framework.model_validate(written)
    trees = [grow(built, (*wave, extra)) for wave in case.overrides]
    tree, base = trees[0], grow(case.framework)
    excluded = [n for node in out for n in base.below[base.ids.index(node)]]
    kept = case.applicable.copy()
    kept[excluded] = False
    values = np.where(kept, values, np.nan)
    leaves = list(tree.leaves)
    for name, path in (("goalposts", range(9)), ("goalposts:c", range(6, 9))):
        for n, place in enumerate(path):
            if leaves[place].written.method == "goalposts":  # type: ignore[attr-defined]
                away.setdefault(f"ends {place}", np.zeros(2))
                away[f"ends {place}"] = away[f"ends {place}"] + away[name][2 * n : 2 * n + 2] * (
                    tree.leaves[place].written.best - tree.leaves[place].written.worst
                )  # type: ignore[attr-defined]
    for place, leaf in enumerate(leaves):
        if f"ends {place}" in away:
            ends = away[f"ends {place}"]
            written = leaf.written.model_copy(  # in the measure's own unit, before its transform
                update={"worst": leaf.written.worst + ends[0], "best": leaf.written.best + ends[1]}
            )  # type: ignore[attr-defined]
            leaves[place] = replace(leaf, rule=written.after(leaf.transform))
    tree = replace(tree, leaves=tuple(leaves))
    left = screened(case.values, kept, case.screen) if case.screen else np.ones(16, dtype=bool)
    values = np.where(left, values, np.nan)
    teaching_all = FitRows(
        case.teaching.pooled & left, case.teaching.baseline & left, case.teaching.peers & left
    )
    prepared = prepare(tree, values, kept & left, case.subjects, teaching_all)
    scores = np.full((len(tree.ids), values.shape[1]), np.nan)
    apply_all(tree, learn(tree, prepared.values, teaching_all), prepared.values, scores)
    scores[tree.leaf_nodes] = np.where(kept, scores[tree.leaf_nodes], np.nan)
    applicable = applicable_nodes(tree, kept)
    for place, branch in enumerate(tree.branches):
        teaching = scores[list(branch.children)][:, teaching_rows(tree, branch, teaching_all)]
        waves = []
        for one in trees:
            weights = weigh_branch(branch, one.branches[place].weighting, teaching).weights
            if f"weights:{branch.id}" in away:
                weights = weights * (1 + away[f"weights:{branch.id}"])
                weights = weights / weights.sum()
            waves.append(np.repeat(weights[:, None], 8, axis=1))
        combine_children(branch, scores, np.concatenate(waves, axis=1), applicable)
    return scores[0]


def test_reuse_gives_full_rebuilds_bit_for_bit() -> None:
    one, runs, seed = case(), 8, 3
    spec = Sensitivity.model_validate({"factors": EVERYTHING})
    levers = [lever(factor, one.framework, grow(one.framework)) for factor in spec.factors]
    points = sample(sum(x.columns for x in levers), runs, seed)
    others = Alternatives(one, levers, points, seed)
    keys = _keys(levers, points, runs)
    found = others.scores("index", keys)
    assert np.isfinite(found).any(axis=0).all()
    for run, key in enumerate(keys):
        np.testing.assert_array_equal(found[run], rebuilt(one, others, key, seed), err_msg=str(key))


def test_each_stage_is_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import crm_capability.analysis.alternatives as home

    learned, combined = [], []
    monkeypatch.setattr(home, "learn", lambda *a: learned.append(1) or learn(*a))
    monkeypatch.setattr(
        home,
        "combine_children",
        lambda b, s, *a: combined.append((b.id, s.shape[1])) or combine_children(b, s, *a),
    )
    factors = [EVERYTHING[0], EVERYTHING[1], EVERYTHING[9]]
    sensitivity(framework(), table(gaps=0), factors, runs=64)
    assert len(learned) == 1 + 3  # the plan as it stands, and three normalisations
    states = pd.DataFrame(combined, columns=["branch", "columns"]).groupby("branch")["columns"].sum() / 8
    assert states["a"] == 1 + 3 * 3  # whatever the weights of the index
    assert states["c"] == 1 + 3  # takes the minimum, whatever the default
    assert states["index"] <= 1 + 64 * 5


def test_parts_give_what_the_whole_gives(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sensitivity(framework(), table(), EVERYTHING[:2] + EVERYTHING[9:12], runs=32)
    monkeypatch.setattr("crm_capability.analysis.sensitivity.MOST_NUMBERS", 1)
    parts = sensitivity(framework(), table(), EVERYTHING[:2] + EVERYTHING[9:12], runs=32)
    np.testing.assert_array_equal(whole.scores, parts.scores)
    pd.testing.assert_frame_equal(whole.sensitivity, parts.sensitivity)


def test_scores_are_those_of_score_values() -> None:
    found = sensitivity(framework(), table(), EVERYTHING[:1], runs=16)
    options = [
        score_values(framework(aggregate=rule), table())["index"].to_numpy()
        for rule in EVERYTHING[0]["among"]
    ]
    for run in found.scores:
        assert any(np.allclose(run, one, rtol=0, atol=1e-9, equal_nan=True) for one in options)


def test_one_factor_alone_explains_everything() -> None:
    found = sensitivity(framework(), table(), EVERYTHING[:1], runs=256).sensitivity
    assert found["factor"].tolist() == ["defaults.aggregate"]
    assert found.loc[0, "first_order"] == pytest.approx(1.0, abs=0.05)
    assert found.loc[0, "total_order"] == pytest.approx(1.0, abs=0.05)
    assert found.loc[0, "low"] <= found.loc[0, "total_order"] <= found.loc[0, "high"]


def test_score_of_an_additive_index_splits_by_the_variance_of_its_terms() -> None:
    """y = Σ wᵢxᵢ/Σ wᵢ with one reading's error: the index moves by wᵢ/Σ w times its slope."""
    errors = pd.DataFrame(0.0, index=table().index, columns=NAMES)
    errors.loc["u2", "a1"] = 0.5
    posts = framework(normalise=POSTS)
    found = sensitivity(
        posts, table(gaps=0), [{"vary": "readings"}], of="score", unit="u2", errors=errors, runs=1024
    )
    spread = found.scores[:, 2].std()
    assert spread == pytest.approx(0.5 * 10 * (2 / 4) * (1 / 5), rel=0.05)
    assert np.ptp(found.scores[:, 3]) == 0


def test_weights_stay_within_their_share() -> None:
    values = pd.DataFrame(0.0, index=["x", "y"], columns=NAMES)
    values["b1"], values["a2"] = [10.0, 0.0], np.nan  # the other pillars score 0
    flat = framework(normalise=POSTS)
    found = sensitivity(
        flat, values, [{"vary": "weights", "at": "index", "share": 0.5}], of="score", unit="x", runs=512
    )
    least, most = found.scores[:, 0].min(), found.scores[:, 0].max()
    inside = 100 / 3  # b's own score: one of three measures
    assert inside * 0.5 / (0.5 + 3 * 1.5) <= least < inside * 0.75 / 4
    assert inside * 1.25 / 4 < most <= inside * 1.5 / (1.5 + 3 * 0.5)


def test_ranks_and_scores_of_every_unit() -> None:
    found = sensitivity(framework(), table(), EVERYTHING[:2], runs=64)
    assert found.uncertainty["unit"].tolist() == list(table().index)
    assert (found.uncertainty["rank_p05"] <= found.uncertainty["rank_median"]).all()
    assert (found.uncertainty["rank_median"] <= found.uncertainty["rank_p95"]).all()
    assert (found.uncertainty["score_p05"] <= found.uncertainty["score_p95"]).all()
    assert set(found.uncertainty["node"]) == {"index"}


def test_another_node_looks_at_nothing_beside_it() -> None:
    found = sensitivity(framework(), table(), [EVERYTHING[0], EVERYTHING[9]], node="a", runs=64)
    assert found.sensitivity.set_index("factor").loc["weights:index", "total_order"] == 0
    assert found.notes == (
        "weights:index changes nothing in a: what it would set is set lower down, or has no effect here",
    )


def test_seed_and_repetition() -> None:
    first, again, other = (
        sensitivity(framework(), table(), EVERYTHING[:2] + EVERYTHING[9:], runs=32, seed=s) for s in (1, 1, 2)
    )
    pd.testing.assert_frame_equal(first.sensitivity, again.sensitivity)
    assert not first.sensitivity.equals(other.sensitivity)


def test_shares_of_one_unit_ahead_of_another() -> None:
    found = sensitivity(framework(), table(), EVERYTHING[:2] + EVERYTHING[9:10], runs=128)
    order = found.uncertainty.sort_values("rank_median")["unit"].tolist()
    for ahead, behind in pairwise(order):
        there, back = found.ahead(ahead, behind), found.ahead(behind, ahead)
        assert 0 <= back <= 1
        assert there + back == pytest.approx(1.0)
    assert found.ahead(order[0], order[-1]) > 0.95
    with pytest.raises(CapabilityError, match='no unit "nobody"'):
        found.ahead("nobody", order[0])


def test_leaving_nodes_out() -> None:
    found = sensitivity(
        framework(), table(gaps=0), [{"choose": "scope.exclude", "among": [[], "b"]}], runs=16
    )
    without = score_values(framework(), table(gaps=0).assign(b1=np.nan, b2=np.nan, b3=np.nan))["index"]
    whole = score_values(framework(), table(gaps=0))["index"]
    for run in found.scores:
        assert np.allclose(run, whole) or np.allclose(run, without)


def test_a_run_without_scores_is_noted() -> None:
    z = {"method": "z-score"}  # around zero: a geometric mean of it is not defined for all
    factors = [EVERYTHING[0], {"choose": "defaults.normalise", "among": [MIN_MAX, z]}]
    values = pd.DataFrame(np.tile([[1.0], [9.0]], (1, 9)), index=["x", "y"], columns=NAMES)
    found = sensitivity(framework(), values, factors, of="score", unit="x", runs=16)
    assert any("give no outcome" in note for note in found.notes)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (
            {"factors": [{"choose": "defaults.agregate", "among": ["a", "b"]}]},
            'did you mean "defaults.aggregate"',
        ),
        (
            {"factors": [{"choose": "defaults.aggregate", "among": ["arithmetic", "geometrc"]}]},
            'did you mean "geometric"',
        ),
        ({"factors": [{"choose": "defaults.aggregate", "among": ["arithmetic"]}]}, "nothing stands here"),
        ({"factors": [{"choose": "defaults.aggregate"}]}, "needs `among`"),
        ({"factors": [{"choose": "weights", "among": [{"a": 1}, {"aa": 1}]}]}, '"aa" is no node'),
        ({"factors": [{"choose": "weights", "among": [{"a": 1}, {"index": 1}]}]}, "no siblings"),
        (
            {"factors": [{"choose": "weights", "among": [{"a": 1}, {"a": {"a1": 1}}]}]},
            "a2 has no weight here",
        ),
        (
            {"factors": [{"choose": "scope.exclude", "among": [[], ["index"]]}]},
            "the whole framework is excluded",
        ),
        ({"factors": [{"choose": "defaults.transform", "among": ["none", "logg"]}]}, 'did you mean "log"'),
        ({"factors": [{"choose": "defaults.aggregate", "among": ["arithmetic", GATE]}]}, "no child of index"),
        ({"factors": [{"vary": "weights", "at": "a1", "share": 0.2}]}, "has no children"),
        ({"factors": [{"vary": "weights", "share": 1.0}]}, "below 1"),
        ({"factors": [{"vary": "goalposts"}]}, "needs a `share`"),
        (
            {"factors": [EVERYTHING[2], {"vary": "goalposts", "at": "b", "share": 0.2}]},
            "the goalposts of b1 can fall to -1.88, which its transform cannot take",
        ),
        ({"factors": [{"vary": "readings", "share": 0.1}]}, "by their standard errors"),
        ({"factors": [EVERYTHING[0], EVERYTHING[0]]}, "stands twice"),
        ({"factors": [{"foo": 1}]}, "starts with `choose` or `vary`"),
        ({"factors": []}, "nothing stands here"),
        ({"node": "indx"}, 'did you mean "index"'),
        ({"runs": 0}, "out of range"),
        ({"of": "score"}, "needs the unit"),
        ({"values": table(units=1)}, "two units or more"),
    ],
)
def test_what_is_refused(change: dict[str, Any], says: str) -> None:
    call = {"values": table(), "factors": EVERYTHING[:1], **change}
    with pytest.raises(CapabilityError) as caught:
        sensitivity(framework(), **call)
    assert says in str(caught.value)


Assessment = Callable[..., Path]


def analysed(path: Path) -> Robustness:
    loaded = load_plan(path)
    return plan_sensitivity(loaded, collect(loaded))


PLANNED = {
    "of": "score",
    "factors": [
        {"choose": "weights", "among": [{"speed": 1, "voice": 1}, {"speed": 3, "voice": 1}]},
        {"vary": "goalposts", "at": "speed", "share": 0.2},
        {"vary": "readings"},
    ],
    "runs": 64,
    "seed": 7,
}


def test_a_plan(assessment: Assessment) -> None:
    found = analysed(assessment({"sensitivity": PLANNED}))
    assert found.sensitivity["factor"].tolist() == ["weights", "goalposts:speed", "readings"]
    assert found.uncertainty["wave"].tolist() == ["before", "after"]
    assert found.above("after", "before", "us") > 0.9
    assert found.above("after", "before", "us") + found.above("before", "after", "us") == pytest.approx(1.0)


def test_the_same_respondents_err_alike(assessment: Assessment) -> None:
    """Two who answer twice: what is known of the change is more than two samples would say."""
    paired = "respondent,wave,kind,rude\n1,before,2,3\n2,before,3,3\n1,after,3,2\n2,after,4,2\n"
    apart = paired.replace("1,after", "3,after").replace("2,after", "4,after")
    spec = {"of": "score", "factors": [{"vary": "readings"}], "runs": 256}
    spread = []
    for answers in (paired, apart):
        found = analysed(assessment({"sensitivity": spec}, answers=answers))
        spread.append(float((found.scores[:, 1] - found.scores[:, 0]).std()))
    assert spread[0] == pytest.approx(0.0, abs=1e-9)  # both moved by one point exactly
    assert spread[1] > 1.0  # 0.25 on a scale of five, √2 times, half of the index


def test_problems_have_a_place(assessment: Assessment) -> None:
    path = assessment(
        {"sensitivity": {"factors": [{"choose": "defaults.aggregate", "among": ["arithmetic", "geometrc"]}]}}
    )
    line = next(n for n, text in enumerate(path.read_text().splitlines(), 1) if "geometrc" in text)
    with pytest.raises(CapabilityError, match=f"assessment.yaml:{line}:.*geometric"):
        load_plan(path)


def test_sets_of_weights_in_a_file(assessment: Assessment, write: Callable[[str, str], Path]) -> None:
    factors = [{"choose": "weights", "among_file": "sets.csv"}]
    write("sets.csv", "set,node,weight\none,speed,1\none,voice,1\ntwo,speed,3\n")
    path = assessment({"sensitivity": {**PLANNED, "factors": factors}})
    written = assessment({"sensitivity": {**PLANNED, "factors": PLANNED["factors"][:1]}})  # type: ignore[index]
    inline = analysed(written).scores
    np.testing.assert_array_equal(
        analysed(assessment({"sensitivity": {**PLANNED, "factors": factors}})).scores, inline
    )
    write("sets.csv", "set,node,weight\none,sped,1\none,voice,0\n")
    with pytest.raises(CapabilityError) as caught:
        analysed(assessment({"sensitivity": {**PLANNED, "factors": factors}}))
    assert "sets.csv:2" in str(caught.value)
    assert 'did you mean "speed"' in str(caught.value)
    assert "sets.csv:3" in str(caught.value)
    (path.parent / "sets.csv").unlink()
    with pytest.raises(CapabilityError, match="no such file"):
        load_plan(path)


ASEM = Path(__file__).parents[3] / "shared" / "data" / "composite_asem"


@pytest.mark.skipif(not ASEM.is_dir(), reason="the ASEM data set is not here")
def test_asem_under_four_factors() -> None:
    """The published index of 51 countries and 49 indicators under choices of the kind that COINr's
    vignette on sensitivity makes: nothing here depends on the sample's luck."""
    meta = pd.read_csv(ASEM / "iMeta.csv")
    data = pd.read_csv(ASEM / "iData.csv")
    found = sensitivity(
        asem(meta),
        data.set_index("uCode")[list(meta.loc[meta["Type"] == "Indicator", "iCode"])].rename(columns=code),
        [
            {"choose": "defaults.normalise", "among": [MIN_MAX, Z_SCORE]},
            {"choose": "defaults.aggregate", "among": ["arithmetic", "geometric"]},
            {"choose": "weights", "among": [{"conn": 1, "sust": 1}, {"conn": 2, "sust": 1}]},
            {"vary": "weights", "at": "conn", "share": 0.25},
        ],
        units=data.set_index("uCode"),
        runs=256,
        seed=1,
    )
    table = found.sensitivity.set_index("factor")
    assert (table["total_order"] >= table["first_order"] - 0.05).all()
    assert table["first_order"].sum() < 1.1
    assert (found.uncertainty["rank_median"].between(1, 51)).all()


def code(name: str) -> str:
    return name.lower().replace("_", "-")


def asem(meta: pd.DataFrame) -> Framework:
    def node(row: Any) -> dict[str, Any]:
        below = meta[meta["Parent"] == row.iCode]
        own: dict[str, Any] = {"id": code(row.iCode), "title": row.iName, "weight": float(row.Weight)}
        if len(below):
            return {**own, "children": [node(one) for one in below.itertuples()]}
        own |= {"unit": str(row.Unit), "better": "higher" if row.Direction > 0 else "lower"}
        return own | ({"denominator": row.Denominator} if isinstance(row.Denominator, str) else {})

    root = next(
        one for one in meta.itertuples() if one.Type == "Aggregate" and not isinstance(one.Parent, str)
    )
    written = {
        "framework": "asem",
        "version": "1.0.0",
        "title": "ASEM",
        "defaults": {"normalise": MIN_MAX},
        "tree": node(root),
    }
    return Framework.model_validate(json.loads(json.dumps(written)))
