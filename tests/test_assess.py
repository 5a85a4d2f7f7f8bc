"""The whole flow: tables that fit together, a manifest that says what they were made from."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import Result, assess, load_plan
from crm_capability.provenance import sha256
from crm_capability.report.folder import write_result
from crm_capability.tables import TABLES

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]


@pytest.fixture
def result(assessment: Assessment) -> Result:
    return assess(load_plan(assessment()))


def test_the_small_example_by_hand(result: Result) -> None:
    """days 15 of 30 → 50, share 0.25 → 25; voice (2 + 4)/2 − 1 over 4, reversed answers turned."""
    scores = result.tables["scores"].set_index(["wave", "node"])["score"]
    assert scores["before", "speed"] == pytest.approx((50 + 25) / 2)
    voice = ((2 + (6 - 4)) / 2 + (4 + (6 - 3)) / 2) / 2
    assert scores["before", "voice"] == pytest.approx(25 * (voice - 1))
    assert scores["before", "index"] == pytest.approx((37.5 + 25 * (voice - 1)) / 2)
    bands = result.tables["scores"].set_index(["wave", "node"])["band"]
    assert (bands["before", "index"], bands["after", "index"]) == ("weak", "strong")


def test_every_wave_unit_and_node_has_its_row(result: Result) -> None:
    for name in ("scores", "contributions"):
        assert len(result.tables[name]) == 2 * 1 * 5
    assert len(result.tables["changes"]) == 5
    assert len(result.tables["readings"]) == 2 * 1 * 3
    for name, table in result.tables.items():
        assert list(table.columns)[: len(TABLES[name])] == list(TABLES[name])


def test_the_manifest_names_every_input_with_its_hash(result: Result, tmp_path: Path) -> None:
    inputs = {entry["file"]: entry["sha256"] for entry in result.manifest["inputs"]}
    assert set(inputs) == {"assessment.yaml", "framework.yaml", "sheet.yaml", "values.csv", "answers.csv"}
    for name, found in inputs.items():
        assert found == sha256(tmp_path / name)
    assert result.manifest["framework"] == "small@1.2.0"
    assert {"crm-capability", "python", "numpy", "pandas"} <= set(result.manifest["versions"])
    assert str(tmp_path) not in json.dumps(dict(result.manifest))


def fitted(assessment: Assessment, values: str, rule: Any = "min-max", **plan: Any) -> Result:
    framework = copy.deepcopy(json.loads((assessment().parent / "framework.yaml").read_text()))
    framework["tree"]["children"][0]["children"][0]["normalise"] = rule
    evidence = [{"values": "values.csv"}]
    return assess(load_plan(assessment({"evidence": evidence, **plan}, framework=framework, values=values)))


def test_a_range_is_fitted_once_for_all_waves(assessment: Assessment) -> None:
    found = fitted(
        assessment,
        "wave,unit,measure,value\nbefore,us,days,10\nbefore,them,days,20\nafter,us,days,30\nafter,them,days,15\n",
    )
    scores = found.tables["scores"].query("node == 'days'").set_index(["wave", "unit"])["score"]
    assert scores.to_dict() == {
        ("before", "us"): 100,
        ("before", "them"): 50,
        ("after", "us"): 0,
        ("after", "them"): 75,
    }
    rows = found.tables["fitted"].set_index("parameter")["value"]
    assert (rows["min"], rows["max"]) == (10, 30)


@pytest.mark.parametrize(
    ("fit", "low", "high"), [("pooled", 10, 40), ("baseline", 10, 20), ("peers", 20, 40)]
)
def test_whose_rows_teach(assessment: Assessment, fit: str, low: float, high: float) -> None:
    values = "wave,unit,measure,value\nbefore,us,days,10\nbefore,them,days,20\nafter,us,days,30\nafter,them,days,40\n"
    rows = (
        fitted(assessment, values, {"method": "min-max", "fit": fit})
        .tables["fitted"]
        .set_index("parameter")["value"]
    )
    assert (rows["min"], rows["max"]) == (low, high)


def test_a_fitted_measure_that_nobody_has_is_missing_and_can_be_written(
    assessment: Assessment, tmp_path: Path
) -> None:
    found = fitted(assessment, "wave,measure,value\nbefore,share,0.5\nafter,share,0.5\n")
    assert found.tables["scores"].query("node == 'days'")["score"].isna().all()
    write_result(found, tmp_path / "out")
    assert json.loads((tmp_path / "out" / "manifest.json").read_text())


def test_a_constant_measure_stays_and_is_noted(assessment: Assessment) -> None:
    found = fitted(assessment, "wave,measure,value\nbefore,days,7\nafter,days,7\n")
    assert set(found.tables["scores"].query("node == 'days'")["score"]) == {50}
    assert any(
        note["node"] == "days" and "every reading it was fitted on is 7" in note["text"]
        for note in found.manifest["notes"]
    )


def test_units_with_too_few_measures_take_part_in_nothing(assessment: Assessment) -> None:
    values = "wave,unit,measure,value\nbefore,us,days,10\nbefore,us,share,1\nbefore,us,voice,3\nbefore,them,days,99\n"
    found = fitted(assessment, values, screen={"min_share": 0.6}, waves=[{"id": "before"}])
    assert found.tables["fitted"].set_index("parameter")["value"]["max"] == 10
    assert found.tables["scores"].query("unit == 'them'")["score"].isna().all()
    assert any("them is screened out: 1 of 3 measures" in note["text"] for note in found.manifest["notes"])


def test_weights_of_plan_and_wave_beat_the_frameworks(assessment: Assessment) -> None:
    plan = assessment(
        {
            "weights": {"index": {"speed": 3, "voice": 1}},
            "waves": [{"id": "before"}, {"id": "after", "weights": {"index": {"speed": 1, "voice": 9}}}],
        }
    )
    weights = assess(load_plan(plan)).tables["contributions"].set_index(["wave", "node"])["weight"]
    assert (weights["before", "speed"], weights["after", "voice"]) == (0.75, 0.9)


def test_judged_weights_and_their_consistency_are_recorded(assessment: Assessment) -> None:
    judges = [{"id": "one", "pairs": [["speed", "voice", 3]]}]
    found = assess(load_plan(assessment({"weights": {"index": {"method": "ahp", "judges": judges}}}))).tables[
        "fitted"
    ]
    rows = found[found["node"] == "index"].set_index("parameter")["value"]
    assert rows["weight:speed"] == pytest.approx(0.75)
    assert rows["lambda_max"] == pytest.approx(2)
    assert rows["consistency_ratio"] == rows["consistency_ratio:one"] == 0


def test_a_geometric_mean_that_meets_zero_says_so(assessment: Assessment) -> None:
    framework = copy.deepcopy(json.loads((assessment().parent / "framework.yaml").read_text()))
    framework["tree"]["aggregate"] = "geometric"
    plan = assessment(
        framework=framework, values="wave,measure,value\nbefore,days,30\nbefore,share,0\nafter,days,3\n"
    )
    notes = [note["text"] for note in assess(load_plan(plan)).manifest["notes"]]
    assert "a child scores zero in 1 of 2 cases, and a geometric mean with it" in notes


def test_bands_may_stand_under_defaults(assessment: Assessment) -> None:
    framework = copy.deepcopy(json.loads((assessment().parent / "framework.yaml").read_text()))
    framework["defaults"] = {"bands": framework.pop("bands")}
    table = assess(load_plan(assessment(framework=framework))).tables["scores"].set_index(["wave", "node"])
    assert table.loc[("after", "index"), "band"] == "strong"
