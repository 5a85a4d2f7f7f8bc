"""From respondents' answers to a vector of grades, through a plan: disagreement is kept."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_capability import Result, assess, load_plan
from crm_capability.report.facts.book import Book
from crm_capability.report.facts.movement import parts_of_change
from crm_capability.yaml_files import read_yaml

Write = Callable[[str, str | bytes], Path]
Run = Callable[..., Result]
CASES = Path(__file__).parent / "cases" / "fuzzy.yaml"
LIKERT = {"method": "likert", "min": 1, "max": 5}
GRADES = [{"id": name, "value": value} for name, value in (("low", 0), ("middle", 50), ("high", 100))]


def measure(name: str, **settings: Any) -> dict[str, Any]:
    return {"id": name, "title": name, "unit": "points", "normalise": LIKERT, **settings}


def node(
    name: str, *children: dict[str, Any], operator: str = "product-sum", **settings: Any
) -> dict[str, Any]:
    rule = {"method": "fuzzy", "operator": operator, "grades": GRADES}
    return {"id": name, "title": name, "aggregate": rule, "children": list(children), **settings}


@pytest.fixture
def run(write: Write) -> Run:
    """Assess a tree on answers: a column a measure's question, which bears the measure's name."""

    def go(tree: dict[str, Any], answers: pd.DataFrame, bands: Any = (), **plan: Any) -> Result:
        frame = {"framework": "f", "version": "1.0.0", "title": "F", "bands": bands, "tree": tree}
        asked = [name for name in answers if name not in ("respondent", "wave", "role", "weight", "unit")]
        names = {name: f"q{number}" for number, name in enumerate(asked)}
        questions = [
            {"id": names[name], "text": name, "scale": "five", "feeds": name.rstrip("+")} for name in asked
        ]
        sheet = {
            "questionnaire": "voice",
            "version": "1.0.0",
            "title": "Voice",
            "audience": "customer",
            "scales": {"five": {"points": [{"value": n, "label": str(n)} for n in range(1, 6)]}},
            "sections": [{"id": "all", "title": "All", "questions": questions}],
        }
        write("f.yaml", json.dumps(frame))
        write("voice.yaml", json.dumps(sheet))
        numbered = answers.rename(columns=names)
        if "respondent" not in numbered:
            numbered.insert(0, "respondent", range(len(numbered)))
        write("answers.csv", numbered.to_csv(index=False))
        values = plan.pop("values", None)
        if values:
            write("v.csv", values)
        whole = {
            "assessment": "p",
            "title": "P",
            "framework": "./f.yaml",
            "unit": "us",
            "waves": [{"id": "w"}],
            "evidence": [
                {"survey": "./voice.yaml", "answers": "answers.csv"},
                *([{"values": "v.csv"}] if values else []),
            ],
            **plan,
        }
        return assess(load_plan(write("p.yaml", json.dumps(whole))))

    return go


def vector(result: Result, name: str, wave: str = "w") -> list[float]:
    table = result.tables["grades"]
    return table[(table["node"] == name) & (table["wave"] == wave)]["membership"].tolist()


def score(result: Result, name: str, column: str = "score") -> float:
    return float(result.tables["scores"].set_index("node").at[name, column])


SPLIT = pd.DataFrame({"polite": [1, 1, 1, 1, 5, 5, 5, 5], "fast": [3] * 8})


def test_a_published_appraisal_by_ten_colleagues(run: Run) -> None:
    """The votes of the published case as answers: 5 is excellent, 1 poor; grades at their scores."""
    case = next(one for one in read_yaml(CASES).data if one["case"] == "an employee appraised by colleagues")
    votes = {
        f"m{n}": [5 - grade for grade, share in enumerate(row) for _ in range(round(10 * share))]
        for n, row in enumerate(case["memberships"])
    }
    tree = node(
        "index", *(measure(name) for name in votes), weights=dict(zip(votes, case["weights"], strict=True))
    )
    tree["aggregate"]["grades"] = [{"id": f"g{n}", "value": 25 * n} for n in range(5)]
    result = run(tree, pd.DataFrame(votes))
    assert vector(result, "index") == pytest.approx(case["composed"][::-1])
    assert score(result, "index") == pytest.approx(0.02 * 25 + 0.275 * 50 + 0.53 * 75 + 0.175 * 100)
    table = result.tables["distributions"].query("measure == 'm1'")
    assert table[["value", "share", "n"]].to_numpy().tolist() == [
        [2, 0.1, 10],
        [3, 0.2, 10],
        [4, 0.5, 10],
        [5, 0.2, 10],
    ]


def test_half_ones_and_half_fives_are_not_all_threes(run: Run) -> None:
    """By hand. polite: (½, 0, ½), fast: (0, 1, 0); service: (¼, ½, ¼), score 50. The index under
    M(∧,∨), weights 0.6 and 0.4, days at 100: (max(¼, 0), max(½, 0), max(¼, 0.4)) over their sum."""
    service = node("service", measure("polite"), measure("fast"), weight=3)
    days = measure("days", normalise={"method": "goalposts", "worst": 0, "best": 10}, weight=2)
    result = run(node("index", service, days, operator="min-max"), SPLIT, values="measure,value\ndays,10\n")
    assert vector(result, "service") == pytest.approx([0.25, 0.5, 0.25])
    assert score(result, "service") == pytest.approx(50)
    assert vector(result, "index") == pytest.approx([0.25 / 1.15, 0.5 / 1.15, 0.4 / 1.15])
    assert score(result, "index") == pytest.approx(65 / 1.15)
    assert score(result, "index", "if_worst") == score(result, "index") == score(result, "index", "if_best")
    assert score(result, "service", "low") < 50 < score(result, "service", "high")
    parts = result.tables["contributions"].set_index("node")["contribution"]
    assert parts[["polite", "fast", "days"]].sum() == pytest.approx(65 / 1.15)


def test_audiences_weights_and_several_questions(run: Run) -> None:
    """Customers weigh 1, 1, 1, 3 and say 1, 2, 3, 5; two employees say 5; 2 : 1. 1, 2 and 3 have
    (1/6)·(2/3) each, 5 has ½·⅔ + ⅓. The mean over it is the reading."""
    answers = pd.DataFrame(
        {
            "role": ["customer"] * 4 + ["employee"] * 2,
            "weight": [1, 1, 1, 3, 1, 1],
            "polite": [1, 1, 3, 5, 5, 5],
            "polite+": [None, 3, 3, None, 5, 5],
        }
    )
    result = run(node("index", measure("polite")), answers, roles={"polite": {"customer": 2, "employee": 1}})
    table = result.tables["distributions"]
    assert table["value"].tolist() == [1, 2, 3, 5]
    assert table["share"].tolist() == pytest.approx([1 / 9, 1 / 9, 1 / 9, 2 / 3])
    assert set(table["n"]) == {6}
    reading = result.tables["readings"]["value"].iloc[0]
    assert reading == pytest.approx((table["value"] * table["share"]).sum()) == pytest.approx(4)
    assert vector(result, "index") == pytest.approx([1 / 9 + 1 / 18, 1 / 18 + 1 / 9, 2 / 3])
    assert "respondent" not in table


def test_an_audience_that_roles_leave_out_is_not_in_the_distribution(run: Run) -> None:
    answers = pd.DataFrame({"role": ["customer"] * 5 + ["employee"], "polite": [2, 2, 2, 2, 4, 5]})
    result = run(node("index", measure("polite")), answers, roles={"polite": {"customer": 1}})
    assert result.tables["distributions"]["share"].tolist() == pytest.approx([0.8, 0.2])


@pytest.mark.parametrize("fitted", [False, True])
def test_where_answers_are_not_taken_apart_the_mean_counts_and_a_note_says_so(run: Run, fitted: bool) -> None:
    answers = pd.DataFrame({"polite": [1, 1, 5, 5], "unit": "us"})
    rule: Any = LIKERT
    if fitted:  # one answer has no place between the units' means
        them = pd.DataFrame({"polite": [1, 1, 1, 1, 1, 2, 2, 2, 2, 2], "unit": ["them"] * 5 + ["others"] * 5})
        answers, rule = pd.concat([answers, answers.iloc[:2], them]), "min-max"
    units = {"us": {}, "them": {}, "others": {}} if fitted else {"us": {}}
    result = run(node("index", measure("polite", normalise=rule)), answers, units=units)
    table = result.tables["grades"]
    own = table[table["unit"] == "us"]["membership"].tolist()
    assert own == ([0, 0, 1] if fitted else [0, 1, 0])
    told = " ".join(note["text"] for note in result.manifest["notes"])
    assert ("one answer alone has no score here" if fitted else "fewer than 5 respondents in 1 case") in told
    assert ("distributions" in result.tables) is fitted


def test_other_nodes_leave_no_distribution(run: Run) -> None:
    tree = {"id": "index", "title": "I", "children": [measure("polite"), measure("fast")]}
    assert not {"distributions", "grades"} & set(run(tree, SPLIT).tables)


def test_a_change_goes_back_to_the_answers(run: Run) -> None:
    """Nobody came or went and no weight changed: all of the change is value, though the reading of
    polite stays the same."""
    after = pd.DataFrame({"polite": [3] * 8, "fast": [4] * 8, "wave": "after"})
    answers = pd.concat([SPLIT.assign(wave="w"), after])
    tree = node(
        "index", measure("polite"), measure("fast"), operator="min-max", weights={"polite": 3, "fast": 2}
    )
    result = run(tree, answers, waves=[{"id": "w"}, {"id": "after"}])
    change = result.tables["changes"].set_index("node").loc["index"]
    # before (½, 0.4, ½)/1.4 scores 50; after (0, max(0.6, 0.4), 0.4) scores 70
    assert vector(result, "index", "after") == pytest.approx([0, 0.6, 0.4])
    assert change["change"] == pytest.approx(20)
    assert change["from_value"] == pytest.approx(20)
    assert change["from_weight"] == change["from_membership"] == pytest.approx(0)


def test_sensitivity_takes_the_answers_apart_as_the_plan_does(run: Run) -> None:
    factor = {"choose": "weights", "among": [{"polite": 1, "fast": 2}, {"polite": 1, "fast": 2.0}]}
    asked = {"of": "score", "factors": [factor], "runs": 8, "seed": 1}
    tree = node("index", measure("polite"), measure("fast"), operator="min-max")
    told = run({**tree, "weights": {"polite": 1, "fast": 2}}, SPLIT, sensitivity=asked)
    found = told.tables["uncertainty"].set_index("unit").loc["us"]
    index = told.tables["scores"].set_index("node")["score"]["index"]
    assert found["score_p05"] == found["score_p95"] == pytest.approx(index, abs=1e-12)


def test_what_moved_an_index_of_grades_is_told_where_it_can_be_rebuilt(run: Run) -> None:
    """A report has scores alone: the weighing operator gives the same from them, the others need
    not, and then it says nothing."""
    after = pd.DataFrame({"polite": [1, 1, 5, 5, 5, 5, 5, 5], "fast": [4] * 8, "wave": "after"})
    answers = pd.concat([SPLIT.assign(wave="w"), after])
    for operator, parts in (("product-sum", {"polite": 12.5, "fast": 12.5}), ("min-max", {})):
        tree = node("index", measure("polite"), measure("fast"), operator=operator)
        result = run(tree, answers, waves=[{"id": "w"}, {"id": "after"}])
        assert parts_of_change(Book(result)) == pytest.approx(parts)


def test_grades_that_are_the_bands_can_be_told_in_a_report(run: Run) -> None:
    after = pd.DataFrame({"polite": [3] * 8, "fast": [4] * 8, "wave": "after"})
    answers = pd.concat([SPLIT.assign(wave="w"), after])
    tree = node("index", measure("polite"), measure("fast"), aggregate="fuzzy")
    bands = [{"id": name, "from": start, "title": name} for name, start in (("low", 0), ("high", 50))]
    result = run(tree, answers, bands=bands, waves=[{"id": "w"}, {"id": "after"}])
    assert vector(result, "index", "after") == pytest.approx([0.25, 0.75])
    assert parts_of_change(Book(result)) == pytest.approx({"polite": 0, "fast": 12.5})


def test_the_index_without_flagged_respondents_is_taken_apart_too(run: Run) -> None:
    """Twenty who answer with care and two who tick 5 throughout: the index told for those without
    them is the one that the twenty alone have."""
    chance = random.Random(3)
    names = ["polite" + "+" * n for n in range(12)]
    careful = [[chance.choice((1, 2, 4, 5)) for _ in names] for _ in range(20)]
    tree = node("index", measure("polite"))
    tree["aggregate"]["grades"] = [{"id": "low", "value": 45}, {"id": "high", "value": 55}]
    alone = run(tree, pd.DataFrame(careful, columns=names))
    result = run(tree, pd.DataFrame([*careful, [5] * 12, [5] * 12], columns=names))
    told = next(note["text"] for note in result.manifest["notes"] if "2 flagged" in note["text"])
    with_them, without = score(result, "index"), score(alone, "index")
    assert f"the index is {with_them:.1f}, and {without:.1f} without" in told
    assert f"{with_them:.1f}" != f"{without:.1f}"


def test_a_node_with_too_few_children_has_no_grades(run: Run) -> None:
    tree = node("index", measure("polite"), measure("fast"), measure("kind"))
    result = run(tree, SPLIT[["polite"]].assign(fast=None, kind=None))
    assert pd.isna(vector(result, "index")).all()
