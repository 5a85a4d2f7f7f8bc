"""Metrics as a plan runs them: what is shown, what a stopped run leaves, what stays secret."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import duckdb
import pytest

from crm_capability import load_plan
from crm_capability.cli import main
from crm_capability.evidence import metrics
from crm_capability.evidence.readings import collect
from crm_capability.evidence.sources.duckdb_engine import DuckDB

METRICS = """\
metrics: desk
version: 1.0.0
sources:
  tickets: {table: tickets, time: day, minimum_group: 1}
measures:
  days: {type: simple, source: tickets, value: median(took)}
  bands: {type: distribution, source: tickets, entity: who, value: sum(took), bands: {share: {from: 5}}}
"""
WAVES = [
    {"id": "before", "from": "2017-01-01", "to": "2017-06-30"},
    {"id": "after", "from": "2017-07-01", "to": "2017-12-31"},
]


@pytest.fixture
def plan(write, assessment):
    """A plan whose numbers come from a table of tickets."""

    def make(**connection: object) -> Path:
        write("desk.metrics.yaml", METRICS)
        write("tickets.csv", "day,who,took\n2017-01-05,1,3\n2017-01-06,2,9\n2017-08-01,1,2\n")
        settings = connection or {"tables": {"tickets": "tickets.csv"}}
        return assessment(
            plan={"waves": WAVES, "evidence": [{"metrics": "desk.metrics.yaml", "connection": settings}]}
        )

    return make


def test_the_statements_are_shown(plan, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["score", str(plan()), "--out", str(tmp_path / "out"), "--show-sql"]) == 0
    shown = capsys.readouterr()
    assert "-- desk: tickets: 3 rows\nWITH tickets_in_waves AS (" in shown.err
    assert "-- desk: tickets by who: 3 rows\n" in shown.err
    assert "SELECT" not in shown.out


def test_a_class_feeds_its_measure_and_each_statement_is_told(plan):
    steps: list[str] = []
    evidence = collect(load_plan(plan()), steps.append)
    values = evidence.readings.set_index(["measure", "wave"])["value"]
    assert (values["share", "before"], values["share", "after"]) == (0.5, 0.0)
    assert steps == ["desk.metrics.yaml", "desk: tickets", "desk: tickets by who"]


def test_how_far_a_long_statement_is_is_told(plan, write, tmp_path: Path, monkeypatch):
    monkeypatch.setattr(metrics, "_SECONDS", 0.01)
    path = plan(tables={"tickets": "tickets.parquet"}, threads=1)
    with duckdb.connect() as session:
        rows = "DATE '2017-01-01' + (i % 365)::INTEGER AS day, i % 500000 AS who, hash(i) / 3 AS took"
        session.execute(
            f"COPY (SELECT {rows} FROM range(3000000) numbers(i)) TO '{tmp_path}/tickets.parquet'"
        )
    steps: list[str] = []
    collect(load_plan(path), steps.append)
    shares = [
        int(step.split(", ")[1].rstrip("%")) for step in steps if step.startswith("desk: tickets by who, ")
    ]
    assert shares
    assert shares == sorted(shares)
    assert all(0 <= share <= 100 for share in shares)


def test_a_stopped_run_leaves_nothing(plan, tmp_path: Path, monkeypatch):
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    path = plan()
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr(DuckDB, "run", stop)
    assert main(["score", str(path), "--out", str(tmp_path / "out")]) != 0
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("earlier", [False, True])
def test_ctrl_c_within_a_long_statement_leaves_nothing(plan, write, tmp_path: Path, earlier: bool):
    """The signal that a terminal sends to a whole process group, once rows are on disk: neither a
    result, nor a temporary folder, nor what was spilled stays; an earlier result does."""
    room = tmp_path / "room"
    room.mkdir()
    tables = {"tickets": "tickets.parquet"}
    path = plan(tables=tables, memory_limit="100MB", threads=1)
    write(
        "desk.metrics.yaml",
        METRICS.replace("median(took)", "count(*)").replace("sum(took)", "count(distinct took)"),
    )
    with duckdb.connect() as session:
        rows = "DATE '2017-01-01' + (i % 365)::INTEGER AS day, i % 7000000 AS who, hash(i)::VARCHAR AS took"
        session.execute(
            f"COPY (SELECT {rows} FROM range(8000000) numbers(i)) TO '{tmp_path}/tickets.parquet'"
        )
    out = tmp_path / "out"
    if earlier:
        out.mkdir()
        (out / "manifest.json").write_text("{}")
    before = sorted(tmp_path.rglob("*"))
    child = subprocess.Popen(
        [sys.executable, "-m", "crm_capability", "score", str(path), "--out", str(out)],
        env={**os.environ, "TMPDIR": str(room)}, start_new_session=True, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    tick = threading.Event()
    while child.poll() is None and not list(room.glob("crm-capability-*/duckdb_temp_*_storage_*")):
        tick.wait(0.01)
    assert child.poll() is None, child.communicate()[1]
    os.killpg(child.pid, signal.SIGINT)
    _, told = child.communicate(timeout=60)
    assert told == "interrupted: nothing was written, an earlier result stands as it was\n"
    assert child.returncode == 130
    assert sorted(tmp_path.rglob("*")) == before


def test_no_secret_in_a_result(
    plan, postgres, tmp_path: Path, monkeypatch, capsys: pytest.CaptureFixture[str]
):
    with postgres.owner() as session:
        session.execute("DROP TABLE IF EXISTS public.tickets")
        session.execute(
            "CREATE TABLE public.tickets AS SELECT DATE '2017-01-05' AS day, 4711 AS who, 3 AS took"
        )
        session.execute("GRANT SELECT ON public.tickets TO reader")
    monkeypatch.setenv("DESK_DSN", postgres.dsn("reader"))
    path = plan(engine="postgres", dsn_env="DESK_DSN")
    assert main(["score", str(path), "--out", str(tmp_path / "out"), "--show-sql"]) == 0
    written = capsys.readouterr()
    texts = [file.read_text("utf-8", "ignore") for file in (tmp_path / "out").rglob("*") if file.is_file()]
    for text in (*texts, written.out, written.err):
        assert postgres.password not in text
        assert "4711" not in text  # no row of a customer


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"engine": "postgres"}, "postgres needs `dsn_env`"),
        ({"engine": "postgres", "dsn_env": "postgresql://u:p@h/d"}, "does not have the right form"),
        ({"dsn_env": "X"}, "`dsn_env` belongs to postgres"),
        ({"engine": "spark", "master": "local[2]; rm"}, "does not have the right form"),
        ({"engine": "spark", "tables": {"tickets": "../tickets.parquet"}}, "lies outside the plan's folder"),
        ({"tables": {"tickets": "/etc/hosts"}}, "lies outside the plan's folder"),
    ],
)
def test_connections_are_checked_before_data_is_read(plan, faults, settings, expected: str):
    (found, *_) = faults(lambda: load_plan(plan(**settings)))
    assert expected in found
