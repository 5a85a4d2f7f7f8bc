"""Every run of a plan's sensitivity against the plan rewritten and scored from its evidence: screening,
grades from answers, and goalposts that pass through a logarithm."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_capability import load_plan
from crm_capability.analysis import sensitivity as home
from crm_capability.analysis.alternatives import Alternatives
from crm_capability.definition.framework import Framework
from crm_capability.definition.loaded import LoadedPlan
from crm_capability.evidence.distributions import distributions_table
from crm_capability.evidence.readings import Evidence, collect
from crm_capability.scoring.answered import Answers
from crm_capability.scoring.assessment import score
from crm_capability.tables import shape

Write = Callable[[str, str | bytes], Path]
LIKERT = {"method": "likert", "min": 1, "max": 5}
POSTS = {"method": "goalposts", "worst": 40, "best": 200}
GRADES = [{"id": name, "value": value} for name, value in (("low", 0), ("middle", 50), ("high", 100))]
FUZZY = {"method": "fuzzy", "operator": "min-max", "grades": GRADES}
SUM = {**FUZZY, "operator": "product-sum"}
UNITS = ("us", "them", "others", "few")
FACTORS: list[dict[str, Any]] = [
    {"choose": "defaults.aggregate", "among": [FUZZY, SUM, "arithmetic"]},
    {"choose": "defaults.transform", "among": ["none", "log"]},
    {"choose": "scope.exclude", "among": [[], ["speed"], ["polite"]]},
    {"vary": "weights", "share": 0.3},
    {"vary": "goalposts", "share": 0.2},
    {"vary": "readings"},
]


def measure(name: str, **settings: Any) -> dict[str, Any]:
    return {"id": name, "title": name, "unit": "points", **settings}


def tree(**index: Any) -> dict[str, Any]:
    asked = [measure(name, normalise=LIKERT, transform="none") for name in ("polite", "fast", "kind")]
    counted = [measure(name, normalise=POSTS) for name in ("speed", "size", "reach")]
    return {
        "id": "index",
        "title": "Index",
        "children": [
            {"id": "voice", "title": "Voice", "children": asked},
            {"id": "figures", "title": "Figures", "children": counted},
        ],
        **index,
    }


@pytest.fixture
def planned(write: Write) -> LoadedPlan:
    """Two waves of four units; `few` has two of the six measures, and four respondents."""
    frame = {
        "framework": "f",
        "version": "1.0.0",
        "title": "F",
        "defaults": {"aggregate": "arithmetic", "normalise": POSTS},
        "tree": tree(),
    }
    questions = [{"id": f"q-{m}", "text": m, "scale": "five", "feeds": m} for m in ("polite", "fast", "kind")]
    sheet = {
        "questionnaire": "voice",
        "version": "1.0.0",
        "title": "Voice",
        "audience": "customer",
        "scales": {"five": {"points": [{"value": n, "label": str(n)} for n in range(1, 6)]}},
        "sections": [{"id": "all", "title": "All", "questions": questions}],
    }
    random = np.random.default_rng(4)
    rows, values = [], ["wave,unit,measure,value,standard_error"]
    for wave in ("before", "after"):
        for unit in UNITS:
            for person in range(4 if unit == "few" else 7):
                given = random.integers(1, 6, 3).tolist()
                rows.append([f"{unit}-{person}", unit, wave, *given])
            values += [
                f"{wave},{unit},{name},{random.uniform(50, 190):.3f},{random.uniform(1, 9):.3f}"
                for name in ("speed", "size", "reach")[: 1 if unit == "few" else 3]
            ]
    answers = pd.DataFrame(rows, columns=["respondent", "unit", "wave", *(q["id"] for q in questions)])
    answers.loc[answers["unit"] == "few", "q-kind"] = np.nan
    plan = {
        "assessment": "p",
        "title": "P",
        "framework": "./f.yaml",
        "unit": "us",
        "units": {unit: {} for unit in UNITS},
        "screen": {"min_share": 0.45},
        "waves": [{"id": "before"}, {"id": "after"}],
        "evidence": [{"survey": "./voice.yaml", "answers": "answers.csv"}, {"values": "v.csv"}],
        "sensitivity": {"of": "score", "factors": FACTORS, "runs": 8, "seed": 3},
    }
    write("f.yaml", json.dumps(frame))
    write("voice.yaml", json.dumps(sheet))
    write("answers.csv", answers.to_csv(index=False))
    write("v.csv", "\n".join(values))
    return load_plan(write("p.yaml", json.dumps(plan)))


def rewritten(
    loaded: LoadedPlan, evidence: Evidence, others: Alternatives, key: Mapping[str, int]
) -> np.ndarray:
    """The index in every wave and unit when the plan, its framework and its evidence say what the
    run chose: by the scoring of assessments, which knows nothing of runs."""
    framework = json.loads(loaded.framework.model_dump_json(by_alias=True, exclude_unset=True))
    chosen = {lever.path: lever for lever in others.levers}
    for path in ("aggregate", "transform"):
        lever = chosen[f"defaults.{path}"]
        option = lever.options[key[lever.path] - 1]
        framework["defaults"][path] = option if isinstance(option, str) else option.model_dump(by_alias=True)
    out = chosen["scope.exclude"].options[key["scope.exclude"] - 1]
    share = {
        path: 2 * others.points[key[path] - 1, span] - 1
        for path, span in zip(chosen, others.spans, strict=True)
    }
    for n, leaf in enumerate(framework["tree"]["children"][1]["children"]):
        place = chosen["goalposts"].places[3 + n]
        worst, best = np.array([40.0, 200.0]) + 0.2 * share["goalposts"][place] * 160
        leaf["normalise"] = {**POSTS, "worst": float(worst), "best": float(best)}
    weights = {}
    for branch in others.base.branches:
        place = chosen["weights"].places[branch.node]
        given = branch.weighting.weigh(branch.names).weights * (1 + 0.3 * share["weights"][place])
        weights[branch.id] = dict(zip(branch.names, (given / given.sum()).tolist(), strict=True))
    built = Framework.model_validate(framework)
    graded = built.graded_measures
    given = distributions_table(evidence.sheets, graded, {}, evidence.readings, [])
    readings, parts = evidence.readings.copy(), []
    noisy = others._noisy(key["readings"])  # the same dice: what they say is not what is tested
    for n, leaf in enumerate(others.base.leaves):
        rows = (readings["measure"] == leaf.id).to_numpy()
        before = readings.loc[rows, "value"].to_numpy(float)
        readings.loc[rows, "value"] = noisy[n]
        if leaf.id in out:
            readings.loc[rows, ["value", "standard_error"]] = np.nan
            readings.loc[rows, "state"] = "not-applicable"
            continue
        own = given[given["measure"] == leaf.id]
        moves = dict(
            zip(
                readings.loc[rows, ["wave", "unit"]].itertuples(index=False, name=None),
                noisy[n] - before,
                strict=True,
            )
        )
        for where, one in own.groupby(["wave", "unit"], sort=False):
            moved = Answers(one["value"].to_numpy(), one["share"].to_numpy()[:, None]).moved(
                np.array([moves[where]])
            )
            parts.append(one.assign(share=moved.shares[:, 0]))
    told = pd.concat(parts) if parts else shape("distributions", {})
    plan = loaded.plan.model_copy(update={"weights": {}})
    plan = type(loaded.plan).model_validate(
        {**json.loads(plan.model_dump_json(by_alias=True, exclude_unset=True)), "weights": weights}
    )
    found = score(built, plan, UNITS, readings, evidence.attributes, distributions=told)
    return found.scores[0]


def test_every_run_is_the_plan_rewritten(planned: LoadedPlan, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = collect(planned)
    kept: list[Alternatives] = []
    monkeypatch.setattr(home, "Alternatives", lambda *a: kept.append(Alternatives(*a)) or kept[-1])
    keys: list[np.ndarray] = []
    inner = home._keys
    monkeypatch.setattr(home, "_keys", lambda *a: keys.append(inner(*a)) or keys[-1])
    home.plan_sensitivity(planned, evidence)
    (others,), (runs,) = kept, keys
    found = others.scores("index", runs)
    names = [lever.path for lever in others.levers]
    for run, key in enumerate(runs):
        again = rewritten(planned, evidence, others, dict(zip(names, key.tolist(), strict=True)))
        np.testing.assert_allclose(found[run], again, rtol=0, atol=1e-10, err_msg=str(key))
    few = found[:, 3]  # three of six measures, or two of five: screened by what is left in
    assert 0 < np.isnan(few).mean() < 1


def test_answers_move_with_their_mean(planned: LoadedPlan, write: Write) -> None:
    """Readings alone move a node of grades about as far as its interval in the plan says."""
    path = Path(planned.definition.path)
    plan, framework = json.loads(path.read_text()), json.loads((path.parent / "f.yaml").read_text())
    framework["defaults"]["aggregate"] = SUM
    plan["sensitivity"] |= {"factors": [FACTORS[-1]], "runs": 512, "node": "voice"}
    write("f.yaml", json.dumps(framework))
    loaded = load_plan(write("p.yaml", json.dumps(plan)))
    evidence = collect(loaded)
    scored = score(
        loaded.framework,
        loaded.plan,
        UNITS,
        evidence.readings,
        evidence.attributes,
        distributions=evidence.distributions,
    )
    told = np.sqrt(scored.variance[scored.tree.ids.index("voice"), :3])
    spread = home.plan_sensitivity(loaded, evidence).scores[:, :3].std(axis=0)
    np.testing.assert_allclose(spread, told, rtol=0.2)
