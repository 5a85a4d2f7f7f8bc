"""Roadmaps: against every subset of actions tried one by one, and by hand."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_capability import assess, load_plan
from crm_capability.analysis.result import Result
from crm_capability.analysis.roadmap import roadmap
from crm_capability.cli import main
from crm_capability.definition.action_file import load_actions
from crm_capability.definition.actions import Actions
from crm_capability.definition.library import shipped
from crm_capability.definition.loaded import load_framework
from crm_capability.definition.validate import problems_of
from crm_capability.errors import ComparisonError

Assessment = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]
NOW: dict[str, Any] = {"evidence": [{"values": "values.csv"}], "waves": [{"id": "now"}]}
SCORES = {"days": 50.0, "share": 20.0, "voice": 75.0}
WEIGHTS = {"days": 0.25, "share": 0.25, "voice": 0.5}


@pytest.fixture
def result(assessment: Assessment) -> Result:
    return assess(load_plan(assessment(NOW, values="measure,value\ndays,15\nshare,0.2\nvoice,4\n")))


def actions(*entries: dict[str, Any]) -> Actions:
    whole = {"actions": "mine", "version": "1.0.0", "framework": "small"}
    return Actions.model_validate(
        {**whole, "list": [{"title": "x", "months": 6, **entry} for entry in entries]}
    )


def test_the_best_of_a_budget_by_hand(result: Result) -> None:
    """train: 0.5·80·¼ = 10 points for 4; system: 0.5·25·½ + 0.4·50·¼ = 11.25 for 6, but needs plan for 1."""
    known = actions(
        {"id": "system", "effort": 6, "needs": ["plan"], "moves": {"voice": 0.5, "days": 0.4}},
        {"id": "train", "effort": 4, "moves": {"share": 0.5}},
        {"id": "plan", "effort": 1, "moves": {}},
    )
    small, middle, large = (roadmap(result, known, budget) for budget in (6, 7, 11))
    assert ([step.id for step in small.steps], small.gain) == (["train"], pytest.approx(10))
    assert ([step.id for step in middle.steps], middle.gain) == (["plan", "system"], pytest.approx(11.25))
    assert (sorted(step.id for step in large.steps), large.gain) == (
        ["plan", "system", "train"],
        pytest.approx(21.25),
    )
    assert [step.id for step in large.steps].index("plan") < [step.id for step in large.steps].index("system")
    assert large.effort == 11
    assert large.measures == pytest.approx({"days": 20, "share": 40, "voice": 12.5})
    assert roadmap(result, known, 0).steps == ()


def test_a_measure_that_does_not_count_in_the_index_gains_nothing(assessment: Assessment) -> None:
    """Speed wants both of its measures and has one: days has a score, and nothing to gain by it.
    Where the index wants speed, there is no index to gain."""
    known = actions(
        {"id": "system", "effort": 1, "moves": {"days": 0.5}},
        {"id": "train", "effort": 1, "moves": {"voice": 0.4}},
    )
    values = "measure,value\ndays,15\nvoice,4\n"
    tree = json.loads(assessment(NOW).with_name("framework.yaml").read_text())
    tree["tree"]["children"][0]["min_share"] = 1
    found = roadmap(assess(load_plan(assessment(NOW, framework=tree, values=values))), known, 2)
    assert [step.id for step in found.steps] == ["train"]
    assert found.gain == pytest.approx(0.4 * 25)
    tree["tree"]["min_share"] = 1
    without_index = assess(load_plan(assessment(NOW, framework=tree, values=values)))
    with pytest.raises(ComparisonError, match="us has no index in now"):
        roadmap(without_index, known, 2)


def test_no_measure_passes_its_best(result: Result) -> None:
    known = actions(*({"id": f"a{n}", "effort": 1, "moves": {"voice": 0.6}} for n in range(3)))
    found = roadmap(result, known, 3)
    assert found.measures == pytest.approx({"voice": 25})
    assert len(found.steps) == 2  # a third would promise nothing more


ACTION = st.fixed_dictionaries(
    {
        "effort": st.integers(1, 5),
        "moves": st.dictionaries(
            st.sampled_from(sorted(SCORES)), st.sampled_from([0.1, 0.3, 0.6, 1.0]), max_size=3
        ),
        "needs": st.integers(0, 31),
    }
)


@given(st.lists(ACTION, min_size=1, max_size=5), st.integers(0, 15))
def test_no_other_choice_is_better(drawn: list[dict[str, Any]], budget: int) -> None:
    entries = [
        {"id": f"a{n}", "effort": float(one["effort"]), "moves": one["moves"],
         "needs": [f"a{m}" for m in range(n) if one["needs"] >> m & 1]}
        for n, one in enumerate(drawn)
    ]  # fmt: skip
    best = 0.0
    for taken in itertools.product((False, True), repeat=len(entries)):
        chosen = [entry for entry, is_in in zip(entries, taken, strict=True) if is_in]
        names = {entry["id"] for entry in chosen}
        if sum(e["effort"] for e in chosen) <= budget and all(set(e["needs"]) <= names for e in chosen):
            gain = sum(
                WEIGHTS[m] * (100 - score) * min(1.0, sum(e["moves"].get(m, 0.0) for e in chosen))
                for m, score in SCORES.items()
            )
            best = max(best, gain)
    found = roadmap(STANDS, actions(*entries), budget)
    assert found.gain == pytest.approx(best, abs=1e-4)
    assert found.effort <= budget + 1e-6


class _Stands:
    """As much of a result as a roadmap reads."""

    plan = SimpleNamespace(waves=(SimpleNamespace(id="now"),), unit="us")
    framework = SimpleNamespace(measures=SCORES)
    tables = {
        "scores": pd.DataFrame(
            {"wave": "now", "unit": "us", "node": list(SCORES), "score": list(SCORES.values())}
        ),
        "contributions": pd.DataFrame(
            {"wave": "now", "unit": "us", "node": list(WEIGHTS), "effective_weight": list(WEIGHTS.values())}
        ),
    }


STANDS: Any = _Stands()


@pytest.mark.parametrize("name", sorted(path.stem for path in shipped("actions").glob("*.yaml")))
def test_the_shipped_actions_fit_the_framework_and_speak_three_languages(name: str) -> None:
    path = shipped("actions") / f"{name}.yaml"
    assert problems_of(path) == []
    for action in load_actions(path, load_framework(name)).entries:
        assert isinstance(action.title, dict)
        assert set(action.title) == {"en", "zh-Hans", "zh-Hant"}
        assert action.precondition is None or set(action.precondition) == {"en", "zh-Hans", "zh-Hant"}
        assert action.takes is not None
        assert action.takes <= action.months + 1


def test_actions_with_faults(write: Write, assessment: Assessment) -> None:
    text = (
        "actions: mine\nversion: 1.0.0\nframework: framework\nlist:\n"
        "  - {id: a, title: A, effort: 1, months: 6, needs: [b], moves: {dayz: 0.1}}\n"
        "  - {id: b, title: B, effort: 1, months: 6, needs: [a, c]}\n"
        "  - {id: b, title: B, effort: 1, months: 6}\n"
    )
    write(
        "framework.yaml",
        assessment().with_name("framework.yaml").read_text("utf-8").replace('"small"', '"framework"'),
    )
    said = [str(problem).split(": ", 1)[1] for problem in problems_of(write("actions.yaml", text))]
    assert '"dayz" is no measure of the framework (did you mean "days"?)' in said
    assert any(one.startswith('no action "c"') for one in said)
    assert 'the action "b" stands twice (keep one of them)' in said
    circle = (
        text.replace("needs: [a, c]", "needs: [a]")
        .replace("dayz", "days")
        .replace("  - {id: b, title: B, effort: 1, months: 6}\n", "")
    )
    (problem,) = problems_of(write("circle.yaml", circle))
    assert problem.what.startswith("actions that wait for each other: ")


def test_from_the_command_line(
    assessment: Assessment, write: Write, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = assessment(NOW, values="measure,value\ndays,15\nvoice,4\n")
    assert main(["score", str(plan), "--out", str(tmp_path / "out")]) == 0
    file = write(
        "actions.yaml",
        "actions: mine\nversion: 1.0.0\nframework: small\nlist:\n"
        "  - {id: train, title: Train, effort: 2, months: 6, moves: {days: 0.5, share: 0.5}}\n",
    )
    capsys.readouterr()
    call = ["roadmap", str(tmp_path / "out"), "--budget"]
    assert main([*call, "3", "--actions", str(file)]) == 0
    out, err = capsys.readouterr()
    assert (
        out
        == "1\ttrain\tTrain\t2\tmeasure again after 6 months\neffort 2 of 3, expected gain of the index 12.5 points\n"
    )
    assert "not counted, for they have no score: share" in err
    assert main([*call, "3"]) == 1
    assert 'nothing shipped is called "small"' in capsys.readouterr().err
    assert main([*call, "-1"]) == 2
    capsys.readouterr()
    foreign = write("foreign.yaml", file.read_text("utf-8").replace("framework: small", "framework: large"))
    assert main([*call, "3", "--actions", str(foreign)]) == 1
    assert "actions for large, and the result is of small" in capsys.readouterr().err
