"""What a changed framework would make of a result."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crm_capability import load_framework
from crm_capability.analysis.redefined import redefined
from crm_capability.analysis.result import Result, load_result
from crm_capability.cli import main
from crm_capability.definition.library import shipped


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("redefined")
    shutil.copytree(shipped("examples") / "first", place / "first")
    assert main(["score", str(place / "first" / "assessment.yaml"), "--out", str(place / "out")]) == 0
    shutil.copy(shipped("indicators") / "crm-capability.yaml", place / "new.yaml")
    return place


@pytest.fixture
def result(folder: Path) -> Result:
    return load_result(folder / "out")


def edited(folder: Path, old: str, new: str) -> Path:
    path = folder / "edited.yaml"
    text = (folder / "new.yaml").read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return path


def test_the_same_framework_moves_nothing(result: Result) -> None:
    assert redefined(result, load_framework("crm-capability")).empty


def test_a_bound_moves_its_measure_and_what_lies_above(folder: Path, result: Result) -> None:
    path = edited(
        folder, "{method: goalposts, worst: 30, best: 1}", "{method: goalposts, worst: 60, best: 1}"
    )
    moved = redefined(result, load_framework(path)).set_index(["wave", "node"])
    assert set(moved.index.get_level_values("node")) == {
        "feedback-days", "market-information-feedback", "customer-insight", "crm-capability",
    }  # fmt: skip
    # the starter's reading before is 12 days
    assert moved.loc[("before", "feedback-days"), "before"] == pytest.approx(100 * (30 - 12) / 29)
    assert moved.loc[("before", "feedback-days"), "after"] == pytest.approx(100 * (60 - 12) / 59)
    # an assessment by the new framework says the same
    text = (folder / "first" / "assessment.yaml").read_text().replace("crm-capability@1", "./edited.yaml", 1)
    (folder / "first" / "new.yaml").write_text(text)
    shutil.copy(path, folder / "first" / "edited.yaml")
    assert main(["score", str(folder / "first" / "new.yaml"), "--out", str(folder / "again")]) == 0
    again = load_result(folder / "again").tables["scores"].set_index(["wave", "node"])["score"]
    for place, row in moved.iterrows():
        assert row["after"] == pytest.approx(again[place], abs=1e-9)


def test_a_node_that_goes_has_no_score_afterwards(result: Result) -> None:
    moved = redefined(result, load_framework("crm-capability-retail")).set_index(["wave", "node"])
    assert moved["after"].isna()[("after", "ease-to-maintain")]
    assert moved["before"].notna()[("after", "ease-to-maintain")]


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = edited(
        folder, "{method: goalposts, worst: 30, best: 1}", "{method: goalposts, worst: 60, best: 1}"
    )
    capsys.readouterr()
    assert main(["diff", str(folder / "new.yaml"), str(path), "--result", str(folder / "out")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "~ feedback-days: normalise.worst: 30 → 60"
    assert "before\tfeedback-days\t62.1\t81.4" in lines
