"""Spark through pyspark: the same statements over Parquet, CSV or tables of a catalog.

Without `master` it runs here on two cores; `master: spark://…`, `yarn` or `k8s://…` names a
cluster. Where a session is running already (a notebook), a new one beside it is used.
"""

from __future__ import annotations

import logging
import re
import shutil
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from sqlglot import exp

from ...definition.plan import Connection
from ...errors import EvidenceError, Place, Problem, near_miss
from .engine import Engine, EngineError, Unread
from .fragments import (
    BOOLEAN,
    DATE,
    DECIMAL,
    NUMBER,
    OTHER,
    SINGLE,
    TEXT,
    TIMESTAMP,
    ZONED,
    column,
    is_null,
)  # fmt: skip

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

_KINDS = {
    **dict.fromkeys(["tinyint", "smallint", "int", "bigint", "double"], NUMBER),
    "float": SINGLE, "string": TEXT, "date": DATE, "timestamp": ZONED, "timestamp_ntz": TIMESTAMP, "boolean": BOOLEAN,
}  # fmt: skip
# What a statement must mean on every machine, whatever its clock and its cluster are set to.
_MEANING = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "true",
}
_QUIET = "rootLogger.level = off\n"


class Spark(Engine):
    """A session whose temporary views are the tables of a plan."""

    dialect = "spark"

    def __init__(self, session: SparkSession):
        self._session = session

    def described(self, tree: exp.Select) -> dict[str, str]:
        return {name: _kind(kind) for name, kind in self._frame(tree).dtypes}

    def run(self, tree: exp.Select) -> pd.DataFrame:
        frame = self._frame(tree)
        with _in_words():
            rows = [tuple(row) for row in frame.collect()]
        return pd.DataFrame(rows, columns=frame.columns, dtype=object)

    def first_unread(self, name: str, column_name: str, as_type: str, by: str = "") -> Unread | None:
        read = exp.TryCast(this=column(column_name), to=exp.DataType.build(as_type), safe=True)
        return self.unread_where(name, column_name, exp.Not(this=is_null(read)), by)

    def _frame(self, tree: exp.Select) -> DataFrame:
        with _in_words():
            return self._session.sql(self.sql(tree))


@contextmanager
def open_spark(
    connection: Connection,
    files: Mapping[str, tuple[Path, ...]],
    tables: Mapping[str, Place],
    texts: Mapping[str, set[str]],
) -> Iterator[Spark]:
    """A Spark session with the tables that are asked for: files, or names of the catalog.

    Raises EvidenceError where Spark cannot start, and for each table that cannot be read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="crm-capability-") as room,
        _session(connection, Path(room)) as session,
    ):
        problems = []
        for name, place in tables.items():
            try:
                with _in_words():
                    found = _table(session, name, connection, files, texts.get(name, set()))
                    found.createOrReplaceTempView(name)
            except EngineError as error:
                what = f'the table "{name}" cannot be read: {error}'
                problems.append(Problem(place, what, error.remedy or "check the table"))
        if problems:
            raise EvidenceError(problems)
        yield Spark(session)


@contextmanager
def _session(connection: Connection, room: Path) -> Iterator[SparkSession]:
    with warnings.catch_warnings():
        # pyspark warns of pandas 3, which is not used to read from it
        warnings.simplefilter("ignore")
        try:
            from pyspark.sql import SparkSession
        except ImportError:
            what = "the engine spark needs pyspark, which is not installed"
            raise EvidenceError(Problem(Place(), what, "pip install 'crm-capability[spark]'")) from None
        running = SparkSession.getActiveSession()
        parent = running or _started(SparkSession, connection, room)
    # it prints every error in full, which is told in one line here
    logging.getLogger("SQLQueryContextLogger").disabled = True
    session = parent.newSession()
    try:
        for key, value in _MEANING.items():
            session.conf.set(key, value)
        yield session
    finally:
        if running is None:
            parent.stop()
        else:
            for view in session.catalog.listTables():
                session.catalog.dropTempView(view.name)


def _started(builder: Any, connection: Connection, room: Path) -> SparkSession:
    if shutil.which("java") is None and connection.master is None:
        what = "the engine spark needs Java 17 or newer, and there is no `java` on the path"
        raise EvidenceError(Problem(Place(), what, "install it, or use duckdb"))
    quiet = room / "log4j2.properties"
    quiet.write_text(_QUIET)
    settings = {
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.sql.warehouse.dir": str(room / "warehouse"),
        "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile=file:{quiet}",
    }
    if connection.memory_limit:
        settings["spark.driver.memory"] = connection.memory_limit.lower().replace(" ", "")
    master = connection.master or f"local[{connection.threads or 2}]"
    if master.startswith("local"):
        # nothing listens beyond this machine, and a small table is not cut into 200 parts
        local = {"spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
        settings |= {**local, "spark.local.dir": str(room), "spark.sql.shuffle.partitions": "4"}
    try:
        started = builder.builder.appName("crm-capability").master(master)
        for key, value in settings.items():
            started = started.config(key, value)
        found = started.getOrCreate()
        found.sparkContext.setLogLevel("OFF")
        return found
    except Exception as error:
        what = f"Spark cannot start on {master}: {_short(str(error))}"
        raise EvidenceError(Problem(Place(), what, "check `master`, Java and memory")) from None


def _table(
    session: SparkSession,
    name: str,
    connection: Connection,
    files: Mapping[str, tuple[Path, ...]],
    texts: set[str],
) -> DataFrame:
    if name not in files:
        target = connection.tables.get(name)
        if not isinstance(target, str):
            raise EngineError(
                "the plan does not give it", near_miss(name, connection.tables) or "add it to `tables`"
            )
        return session.table(target)
    paths = [str(path) for path in files[name]]
    suffixes = {path.suffix.lower() for path in files[name]}
    if suffixes <= {".parquet", ".pq"}:
        return session.read.parquet(*paths)
    if not suffixes <= {".csv", ".tsv", ".txt", ".gz"}:
        raise EngineError("neither Parquet nor CSV", "use duckdb, or save it as Parquet")
    reader = session.read.options(
        header=True, inferSchema=True, escape='"', multiLine=True, mode="FAILFAST", timestampFormat=None
    )
    # while types are found, a moment without a zone is told from one with: the latter stays a text
    session.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
    try:
        found = reader.csv(paths)
    finally:
        session.conf.unset("spark.sql.timestampType")
    folded = {text.casefold() for text in texts}
    written = {each for each, kind in found.dtypes if each.casefold() in folded or _kind(kind) == ZONED}
    if not written:
        return found
    schema = ", ".join(
        f"`{each.replace('`', '``')}` {'string' if each in written else kind}" for each, kind in found.dtypes
    )
    return (
        session.read.options(header=True, escape='"', multiLine=True, mode="FAILFAST")
        .schema(schema)
        .csv(paths)
    )


@contextmanager
def _in_words() -> Iterator[None]:
    """Errors of Spark become EngineErrors of one sentence."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except PySparkException as error:
        raise _told(error) or EngineError(_short(str(error))) from None
    except (Py4JError, ConnectionError) as error:
        stopped = EngineError(f"Spark stopped: {_short(str(error))}", "run again", final=True)
        raise _told(error) or stopped from None


def _told(error: Exception) -> EngineError | None:
    """Where memory ran out, no expression is to blame."""
    if not re.search(r"OutOfMemoryError|Java heap space|GC overhead limit", str(error)):
        return None
    remedy = "raise `memory_limit` of the connection (the driver's), or the memory of the cluster's executors"
    return EngineError("the source is too large for Spark's memory", remedy, final=True)


def _kind(name: str) -> str:
    return DECIMAL if name.startswith("decimal") else _KINDS.get(name, OTHER)


def _short(message: str) -> str:
    """The first sentence that tells what is wrong, without its code and stack."""
    cause = re.search(r"is not a Parquet file.*|\[FAILED_READ_FILE.*|\[MALFORMED.*", message)
    line = cause[0] if cause else message.strip().split("\n")[0]
    line = re.sub(r"^\[[A-Z_.0-9]+\] ", "", line)
    return line.split(" SQLSTATE")[0].split(". ")[0]
