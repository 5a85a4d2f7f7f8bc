"""Many reports: every unit or plan gets its own, a failure is its own, and the summary says what is so."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from crm_capability import batch as batch_room
from crm_capability import load_result
from crm_capability.batch import Wish, batch, folder_names
from crm_capability.cli import main
from crm_capability.errors import CapabilityError, ReportError
from crm_capability.report.summary import Entry, write_summary

Assessment = Callable[..., Path]
QUICK = Wish(formats=("md",))
BRANCHES = ("North", "South/1", "south:1", "=1+1", "<b>East</b>")
VALUES = "wave,unit,measure,value\n" + "".join(
    f"{wave},{unit},{measure},{value}\n"
    for n, unit in enumerate(BRANCHES)
    for wave, shift in (("before", 0), ("after", 2))
    for measure, value in (("days", 20 - n - shift), ("share", 0.2 + 0.1 * n), ("voice", 2 + 0.3 * n))
)


@pytest.fixture
def branches(assessment: Assessment) -> Path:
    """A plan of five branches with awkward names."""
    return assessment(
        {
            "unit": "North",
            "units": {unit: {"title": f"{unit} branch"} for unit in BRANCHES},
            "evidence": [{"values": "values.csv"}],
            "report": {"languages": ["en", "zh-Hans"]},
        },
        values=VALUES,
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_every_unit_gets_its_own_report(branches: Path, tmp_path: Path) -> None:
    told: list[Any] = []
    entries = batch(
        [branches], tmp_path / "out", wish=QUICK, workers=2, progress=lambda *step: told.append(step)
    )
    assert {entry.unit for entry in entries} == set(BRANCHES)
    assert sorted(entry.folder for entry in entries) == ["North", "South-1", "b-East-b", "1-1", "south-1-2"] or len(
        {entry.folder for entry in entries}
    ) == 5  # fmt: skip
    for entry in entries:
        assert entry.problems == ()
        result = load_result(tmp_path / "out" / entry.folder)
        assert result.plan.unit == entry.unit
        scores = result.tables["scores"]
        own = scores[(scores["unit"] == entry.unit) & (scores["node"] == "index")].set_index("wave")["score"]
        assert (entry.before, entry.after) == (own["before"], own["after"])
        assert f"{entry.unit} branch".replace("<", "\\<").split("/")[0] in (
            tmp_path / "out" / entry.folder / "report.en.md"
        ).read_text(encoding="utf-8")
    assert told[-1][1:] == (5, 5)


def test_a_unit_scores_in_its_own_report_as_in_the_plans(branches: Path, tmp_path: Path) -> None:
    batch([branches], tmp_path / "out", wish=QUICK, workers=1)
    tables = [
        pd.read_csv(folder / "tables" / "scores.csv")
        for folder in sorted((tmp_path / "out").iterdir())
        if folder.is_dir()
    ]
    assert len(tables) == 5
    assert all(table.equals(tables[0]) for table in tables)


def test_processes_are_renewed_and_every_report_is_made(
    branches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_room, "_REPORTS_A_PROCESS", 2)
    entries = batch([branches], tmp_path / "out", wish=QUICK, workers=1)
    assert len(entries) == 5
    assert all((tmp_path / "out" / entry.folder / "report.en.md").is_file() for entry in entries)


def test_several_plans_one_report_each_and_a_failure_stops_nobody(
    assessment: Assessment, tmp_path: Path, capsys: Any
) -> None:
    good, bad = assessment(), tmp_path / "broken.yaml"
    bad.write_text(good.read_text().replace("framework", "framwork"))
    worse = tmp_path / "late.yaml"
    worse.write_text(good.read_text().replace("values.csv", "late.csv"))
    (tmp_path / "late.csv").write_text("wave,measure,value\nbefore,days,many\n")
    out = tmp_path / "out"
    words = ["batch", str(bad), str(good), str(worse), "--out", str(out), "--to", "md", "--jobs", "2"]
    assert main(words) == 1
    said = capsys.readouterr()
    assert re.search(r'^broken: .*broken\.yaml:\d+:\d+: unknown key "framwork"', said.err, re.MULTILINE)
    assert re.search(r"^late: .*late\.csv:2", said.err, re.MULTILINE)
    assert (out / good.stem / "report.en.md").is_file()
    assert not (out / "broken").exists()
    assert not (out / "late").exists()
    told = json.loads((out / "summary.json").read_text())
    assert told["finished"]
    assert [bool(entry["problems"]) for entry in told["reports"]] == [False, True, True]
    page = (out / "summary.en.html").read_text(encoding="utf-8")
    assert re.search(r"1 report: .*\b2 could not be made", page)
    assert "framwork" in page


def test_units_are_chosen_and_wrong_ones_named(branches: Path, tmp_path: Path, capsys: Any) -> None:
    out = str(tmp_path / "out")
    assert main(["batch", str(branches), "--out", out, "--to", "json", "--unit", "North,=1+1", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {entry["unit"] for entry in told["reports"]} == {"North", "=1+1"}
    assert main(["batch", str(branches), "--out", out, "--unit", "Nort,West"]) == 1
    assert 'no unit "Nort" (did you mean "North"?)' in capsys.readouterr().err


@pytest.mark.parametrize(
    "words", [["--jobs", "0"], ["--jobs", "two"], ["--to", "pfd"], ["--template", "scorcard"]]
)
def test_wrong_wishes_are_said_before_any_work(words: list[str], branches: Path, tmp_path: Path) -> None:
    try:
        status = main(["batch", str(branches), "--out", str(tmp_path / "out"), *words])
    except SystemExit as end:
        status = int(str(end.code))
    assert status == (2 if words[0] == "--jobs" else 1)
    assert not list((tmp_path / "out").glob("*/report*"))


def test_a_folder_of_others_is_left_alone(branches: Path, tmp_path: Path) -> None:
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "thesis.doc").write_text("years of work")
    with pytest.raises(ReportError, match="holds other things and no earlier batch"):
        batch([branches], tmp_path / "busy", wish=QUICK)
    assert contents(tmp_path / "busy") == {"thesis.doc": b"years of work"}


def test_again_into_the_same_folder_gives_the_same_bytes(branches: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    batch([branches], out, wish=QUICK, workers=2)
    first = contents(out)
    batch([branches], out, wish=QUICK, workers=1)
    assert contents(out) == first


def test_one_plan_that_cannot_be_read_is_said_as_by_run(tmp_path: Path) -> None:
    with pytest.raises(CapabilityError, match="nowhere"):
        batch([tmp_path / "nowhere.yaml"], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_process_that_the_system_ends_fails_alone(
    branches: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = batch_room._jobs_of_units(branches, BRANCHES[:3], tmp_path / "out")
    (tmp_path / "kept").write_bytes(b"")
    monkeypatch.setattr(batch_room, "_report", _dies_for_south)
    entries = list(batch_room._done(jobs, QUICK, tmp_path / "kept", 2, lambda *_: None))
    failed = {entry.unit: entry.problems for entry in entries}
    assert failed["South/1"] == ("the system ended the process: was there too little memory?",)
    assert failed["North"] == failed["south:1"] == ()


def _dies_for_south(job: Any) -> Entry:
    """What the real report does where memory ends."""
    if job.unit == "South/1":
        os.kill(os.getpid(), signal.SIGKILL)
    return Entry(job.folder.name, job.unit, job.unit)


def test_an_interrupt_ends_the_batch_and_leaves_whole_folders(branches: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    call = [sys.executable, "-m", "crm_capability", "batch", str(branches), "--out", str(out), "--jobs", "1"]
    with subprocess.Popen(call, stderr=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        deadline = time.monotonic() + 120
        while not list(out.glob("*/manifest.json")) and time.monotonic() < deadline:
            assert process.poll() is None
            time.sleep(0.05)
        process.send_signal(signal.SIGTERM)
        process.wait(120)
    assert process.returncode == 130
    whole = [folder for folder in out.iterdir() if folder.is_dir()]
    assert 0 < len(whole) < 5
    assert all((folder / "report.en.pdf").is_file() for folder in whole)
    assert json.loads((out / "summary.json").read_text())["finished"] is False
    assert batch([branches], out, wish=QUICK, workers=2)  # and may be begun again
    assert json.loads((out / "summary.json").read_text())["finished"] is True


def test_names_of_folders() -> None:
    names = ["a", "A", "a/b", "a:b", "..", ".", "", "CON ", "分店一", "x" * 300, "summary.csv", "\u202eabc"]
    found = folder_names(names)
    assert len({name.casefold() for name in found}) == len(names)
    assert all(re.fullmatch(r"\w[\w-]*", name) and len(name) < 70 for name in found)


def test_the_summary_says_every_number_and_what_is_missing(tmp_path: Path) -> None:
    entries = [
        Entry("a", "a", "<script>A</script>", "T", "w1", "w2", 50.0, 60.04, 10.04, 8.0, 12.0, 1.0, files=("report.en.html",)),
        Entry("b", "b", {"en": "B", "zh-Hant": "乙"}, "T", "w1", "w2", 70.0, 60.5, -9.5, -12.0, -7.0, 0.5, files=("report.en.pdf",)),
        Entry("c", "c", "C", "T", "w1", "w2", None, None, None, None, None, 0.0),
        Entry("d", "d", "D", problems=("no {{ such }} file",)),
    ]  # fmt: skip
    names = [path.name for path in write_summary(entries, tmp_path, ["en", "zh-Hant"])]
    assert names == ["summary.en.html", "summary.zh-Hant.html", "summary.csv", "summary.json"]
    page = (tmp_path / "summary.en.html").read_text(encoding="utf-8")
    assert "<script>A" not in page
    message = "3 reports: in 1 the index rose clearly, in 1 it fell clearly and 1 could not be made"
    assert message in page
    assert page.index(">B</a>") < page.index("A&lt;/script&gt;</a>") < page.index(">C</a>")
    assert 'href="b/report.en.pdf"' in page
    assert "no {{ such }} file" in page
    assert ">乙</a>" in (tmp_path / "summary.zh-Hant.html").read_text(encoding="utf-8")
    with (tmp_path / "summary.csv").open(encoding="utf-8") as stream:
        rows = {row["unit"]: row for row in csv.DictReader(stream)}
    assert rows["a"]["after"] == "60.04"
    assert rows["c"]["after"] == ""
    assert rows["d"]["problems"] == "no {{ such }} file"
