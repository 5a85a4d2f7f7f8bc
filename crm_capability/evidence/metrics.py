"""Readings from operational data: a metrics file, the plan's tables, one statement a grain."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import numpy as np
import pandas as pd

from ..definition.load import Definition
from ..definition.metric_types import Growth, NewShare
from ..definition.metrics import Metrics
from ..definition.plan import Connection, Wave
from ..errors import EvidenceError, Place, Problem
from ..tables import MEASURED, NOT_COLLECTED, shape
from .figures import figures, growth
from .metrics_checks import check_columns, check_keys, check_types, check_zones, explain
from .small_groups import without_small_groups
from .sources.duckdb_engine import open_duckdb
from .sources.engine import Engine, EngineError
from .sources.periods import periods
from .sources.statement import Statement, statements

_EPOCH = date(1970, 1, 1)
# between two words of how far a statement is
_SECONDS = 1.0


@dataclass(frozen=True)
class MetricsReading:
    """Readings of every metric, wave and unit, and the statements they came from.

    Each statement has a `name`, the `sources` of the readings it gave, the `files` it read, its `sql`, and
    `rows`: how many rows of the source, picked and
    filtered, fell into a wave or into a period before the first one that a measure asks for.
    """

    readings: pd.DataFrame
    statements: list[dict[str, Any]]
    notes: list[str]


def read_metrics(
    definition: Definition[Metrics],
    connection: Connection,
    files: Mapping[str, tuple[Path, ...]],
    waves: Sequence[Wave],
    unit: str,
    progress: Callable[[str], None] = lambda _: None,
    minimum_group: int | None = None,
) -> MetricsReading:
    """Read every metric of a file for every wave and unit.

    `files` gives each table's files, or a database's own under "database"; `unit` is whom
    sources without a unit column are about. `progress` is told each statement before it runs, and
    how far a long one is, from another thread.
    `minimum_group`: the plan's, where a source has none.
    Raises EvidenceError with every problem found.
    """
    metrics = definition.value
    _check_waves(waves)
    tables = {
        source.table: definition.document.place(("sources", name, "table"))
        for name, source in metrics.sources.items()
    }
    texts: dict[str, set[str]] = {}
    for source in metrics.sources.values():
        texts.setdefault(source.table, set()).update({source.unit} if source.unit else ())
    with _opened(connection, files, tables, texts) as engine:
        kinds = check_columns(definition, engine)
        plan = statements(metrics, waves, kinds)
        check_types(definition, engine, plan, waves, kinds)
        try:
            check_zones(definition, engine, kinds)
            check_keys(definition, engine, kinds)
            results = []
            for statement in plan:
                with _told(progress, f"{metrics.metrics}: {statement.name}", engine):
                    results.append(engine.run(statement.tree))
        except EngineError as error:
            raise EvidenceError(explain(definition, engine, waves, kinds, error)) from None
    found = {
        measure: _figures(metrics, measure, statement, frame, unit)
        for statement, frame in zip(plan, results, strict=True)
        for measure in statement.parts
    }
    shown = [
        {
            "name": f"{metrics.metrics}: {one.name}",
            "sources": [f"{metrics.metrics}:{measure}" for measure in _answered(metrics, one)],
            "files": [path.name for path in _files_of(one, files)],
            "sql": engine.sql(one.tree, pretty=True),
            "rows": _rows(one, frame),
        }
        for one, frame in zip(plan, results, strict=True)
    ]
    told, notes = without_small_groups(metrics, found, minimum_group)
    notes = [*_notes(metrics, found), *notes]
    return MetricsReading(_readings(metrics, told, waves, unit), shown, notes)


def _opened(
    connection: Connection,
    files: Mapping[str, tuple[Path, ...]],
    tables: Mapping[str, Place],
    texts: Mapping[str, set[str]],
) -> AbstractContextManager[Engine]:
    """The engine that a plan asks for; only that one is imported."""
    if connection.engine == "postgres":
        from .sources.postgres import open_postgres

        return open_postgres(connection, tables)
    if connection.engine == "spark":
        from .sources.spark import open_spark

        return open_spark(connection, files, tables, texts)
    return open_duckdb(connection, files, tables, texts)


@contextmanager
def _told(progress: Callable[[str], None], step: str, engine: Engine) -> Iterator[None]:
    """Tells a step, and each second how much of it is done where the engine knows."""
    progress(step)
    ended = Event()

    def watch() -> None:
        while not ended.wait(_SECONDS):
            share = engine.done()
            if share is not None:
                progress(f"{step}, {share:.0%}")

    watching = Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()
        watching.join()


def _check_waves(waves: Sequence[Wave]) -> None:
    undated = [wave.id for wave in waves if wave.start is None]
    if undated:
        what = "operational data needs waves with a period; these have none: " + ", ".join(undated)
        raise EvidenceError(Problem(Place(), what, "give each wave `from` and `to`"))


def _rows(statement: Statement, frame: pd.DataFrame) -> int:
    return int(np.nansum(frame[statement.rows].to_numpy("float64")))


def _files_of(statement: Statement, files: Mapping[str, tuple[Path, ...]]) -> tuple[Path, ...]:
    return files.get("database") or tuple(path for table in statement.tables for path in files.get(table, ()))


def _answered(metrics: Metrics, statement: Statement) -> list[str]:
    """The measures whose readings come from a statement, growth of them included."""
    return [
        name for name, (_, metric) in metrics.fed.items() if getattr(metric, "of", name) in statement.parts
    ]


def _figures(
    metrics: Metrics, measure: str, statement: Statement, frame: pd.DataFrame, unit: str
) -> pd.DataFrame:
    """Value, n and standard error of a measure by period and unit."""
    parts = {
        part: _quantiles(frame[name])
        if part == "quantiles"
        else frame[name].to_numpy("float64", na_value=np.nan)
        for part, name in statement.parts[measure].items()
    }
    metric = metrics.fed[measure][1]
    assert not isinstance(metric, Growth)
    result = figures(metric, parts)
    if isinstance(metric, NewShare):
        result = result.assign(since=parts["since"])
    units = frame[statement.unit].astype("str") if statement.unit else unit
    return result.assign(wave=frame["wave"].astype("str"), unit=units).set_index(["wave", "unit"])


def _quantiles(column: pd.Series) -> np.ndarray:
    """Three numbers a row; none where there was nothing to order."""
    found = [row if isinstance(row, list | np.ndarray) else [np.nan] * 3 for row in column]
    return np.array(found, "float64").reshape(-1, 3)


def _readings(
    metrics: Metrics, found: Mapping[str, pd.DataFrame], waves: Sequence[Wave], unit: str
) -> pd.DataFrame:
    ids = [wave.id for wave in waves]
    peers: set[str] = set()
    for measure, frame in found.items():
        if metrics.sources[metrics.source_of(measure)].unit:
            peers |= {name for wave, name in frame.index if wave in ids}
    frames = []
    for measure, (_, metric) in metrics.fed.items():
        source = metrics.sources[metrics.source_of(measure)]
        every = pd.MultiIndex.from_product(
            [ids, sorted(peers) or [unit] if source.unit else [unit]], names=["wave", "unit"]
        )
        frame = (
            _grown(found[metric.of], every, waves)
            if isinstance(metric, Growth)
            else found[measure].reindex(every)
        )
        frames.append(frame.assign(measure=measure, source=f"{metrics.metrics}:{measure}").reset_index())
    whole = pd.concat(frames, ignore_index=True).drop(columns="since", errors="ignore")
    whole["n"] = whole["n"].fillna(0).astype("int64")
    whole["state"] = np.where(whole["value"].notna(), MEASURED, NOT_COLLECTED)
    return shape("readings", whole.assign(evidence="operational"))


def _notes(metrics: Metrics, found: Mapping[str, pd.DataFrame]) -> Iterator[str]:
    """What must be known to read the readings: since when the data tell."""
    for measure, frame in found.items():
        name = f"{metrics.metrics}:{measure}"
        if "since" in frame and frame["since"].notna().any():
            first = _EPOCH + timedelta(days=int(frame["since"].min()))
            yield f"{name}: the data begin on {first}; who was there before counts as new in them"


def _grown(frame: pd.DataFrame, every: pd.MultiIndex, waves: Sequence[Wave]) -> pd.DataFrame:
    """The change of a measure against the period before; n is that of the wave itself."""
    earlier = {period.id: period.earlier for period in periods(waves, 0)}
    now = frame.reindex(every)
    before = frame.reindex(pd.MultiIndex.from_tuples([(earlier[wave], unit) for wave, unit in every]))
    return now.assign(
        value=growth(now["value"].to_numpy(), before["value"].to_numpy()), standard_error=np.nan
    )
