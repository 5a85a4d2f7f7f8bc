"""DuckDB, embedded: binds the files of a plan, locks itself, runs statements.

Once the files are bound nothing else can be read or written: no other file, no network, no
extension, no setting (DuckDB's own lock; the expressions are held to an allow-list besides).
"""

from __future__ import annotations

import contextlib
import re
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import duckdb
import pandas as pd
from sqlglot import exp

from ...definition.plan import Connection
from ...errors import EvidenceError, Place, Problem, near_miss
from .dialects import sql
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
    identifier,
    named,
)
from .sqlite import copy_table, is_sqlite

_DATABASE = "plan_database"
_KINDS = {
    "VARCHAR": TEXT, "ENUM": TEXT, "DATE": DATE, "BOOLEAN": BOOLEAN, "DECIMAL": DECIMAL, "UUID": TEXT,
    **dict.fromkeys(["TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "DOUBLE"], NUMBER),
    "FLOAT": SINGLE,
    **dict.fromkeys(["UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"], NUMBER),
}  # fmt: skip

_NO_DISK = re.compile(r"max_temp_directory_size|No space left on device")


class DuckDB(Engine):
    """An open, locked database whose views are the tables of a plan."""

    dialect = "duckdb"

    def __init__(self, session: duckdb.DuckDBPyConnection, limit: str | None = None):
        self._session, self._limit = session, limit

    def described(self, tree: exp.Select) -> dict[str, str]:
        rows = self._execute(f"DESCRIBE {sql(tree, self.dialect)}").fetchall()
        return {name: _kind(kind) for name, kind, *_ in rows}

    def run(self, tree: exp.Select) -> pd.DataFrame:
        return self._execute(sql(tree, self.dialect), fetch=True)

    def done(self) -> float | None:
        percent = self._session.query_progress()
        return percent / 100 if percent > 0 else None

    def first_unread(self, name: str, column: str, as_type: str, by: str = "") -> Unread | None:
        inner = exp.Select().select(exp.Star(), named(exp.Window(this=exp.RowNumber()), "row_in_table"))
        held = exp.Column(this=identifier(column))
        unread = exp.Is(this=exp.TryCast(this=held, to=exp.DataType.build(as_type)), expression=exp.Null())
        query = exp.Select().select(exp.Column(this=identifier("row_in_table")), held.copy())
        query = query.from_(inner.from_(exp.Table(this=identifier(name))).subquery("numbered"))
        query = query.where(unread, exp.Not(this=exp.Is(this=held.copy(), expression=exp.Null()))).limit(1)
        found = self._execute(sql(query, self.dialect)).fetchall()
        return Unread(str(found[0][1]), f"row {found[0][0]:,}") if found else None

    def _execute(self, text: str, fetch: bool = False):  # type: ignore[no-untyped-def]
        try:
            result = self._session.execute(text)
            return result.df() if fetch else result
        except RuntimeError as error:
            # this is how DuckDB passes on Ctrl-C
            if "interrupt" in str(error).lower():
                raise KeyboardInterrupt from None
            raise
        except duckdb.Error as error:
            raise _told(error, self._limit) from None


@contextmanager
def open_duckdb(
    connection: Connection,
    files: Mapping[str, tuple[Path, ...]],
    tables: Mapping[str, Place],
    texts: Mapping[str, set[str]],
) -> Iterator[DuckDB]:
    """A locked DuckDB with the tables that are asked for.

    `files`: by table its files, or the database's own under "database"; `tables`: the tables
    wanted and where each is named; `texts`: columns that are text whatever they look like.
    Raises EvidenceError for each table that is not there or cannot be read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="crm-capability-") as room,
        contextlib.closing(_session(connection, room)) as session,
    ):
        problems: list[Problem] = []
        base = files["database"][0] if connection.database is not None else None
        copied = base is not None and is_sqlite(base)
        if base is not None and not copied:
            _attach(session, base)
        for table, place in tables.items():
            try:
                if base is not None and copied:
                    copy_table(session, table, str(connection.tables.get(table, table)), base)
                elif base is not None:
                    _bind_table(session, table, str(connection.tables.get(table, table)))
                elif table in files:
                    _bind_files(session, table, files[table], texts.get(table, set()))
                else:
                    known = near_miss(table, files)
                    problems.append(
                        Problem(place, f'the plan gives no table "{table}"', known or "add it to `tables`")
                    )
            except (duckdb.Error, EngineError, ValueError, OSError, KeyError) as error:
                told = _unreadable(table, files.get(table, ()), error, connection.memory_limit)
                problems.append(Problem(place, *told))
        if problems:
            raise EvidenceError(problems)
        _lock(session, connection, files)
        yield DuckDB(session, connection.memory_limit)


def _session(connection: Connection, room: str) -> duckdb.DuckDBPyConnection:
    settings: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "temp_directory": room,
    }
    if connection.memory_limit:
        settings["memory_limit"] = connection.memory_limit
    if connection.threads:
        settings["threads"] = connection.threads
    try:
        session = duckdb.connect(":memory:", config=settings)
    except duckdb.Error as error:
        raise EvidenceError(
            Problem(Place(), f"DuckDB cannot start: {_short(str(error))}", "check `connection`")
        ) from None
    # a statement must mean the same on every machine, whatever its clock says
    session.execute("SET TimeZone = 'UTC'")
    # reckoned, so that it can be asked for, and not printed
    session.execute("SET enable_progress_bar = true")
    session.execute("SET enable_progress_bar_print = false")
    return session


def _lock(
    session: duckdb.DuckDBPyConnection, connection: Connection, files: Mapping[str, tuple[Path, ...]]
) -> None:
    paths = [str(path) for group in files.values() for path in group]
    allowed = exp.Array(expressions=[exp.Literal.string(path) for path in paths])
    session.execute(f"SET allowed_paths = {sql(allowed, 'duckdb')}")
    session.execute("SET enable_external_access = false")
    session.execute("SET lock_configuration = true")


def _attach(session: duckdb.DuckDBPyConnection, path: Path) -> None:
    name = sql(exp.Literal.string(str(path)), "duckdb")
    try:
        session.execute(f"ATTACH {name} AS {_DATABASE} (TYPE duckdb, READ_ONLY)")
    except duckdb.Error as error:
        raise EvidenceError(
            Problem(Place(str(path)), f"not a DuckDB or SQLite database: {_short(str(error))}", "check it")
        ) from None


def _bind_table(session: duckdb.DuckDBPyConnection, table: str, name: str) -> None:
    """A table of the attached database: `orders` or `schema.orders`."""
    schema, _, own = name.rpartition(".")
    rows = session.execute(
        "SELECT table_schema, table_name FROM information_schema.tables WHERE table_catalog = ?", [_DATABASE]
    ).fetchall()
    if (schema or "main", own) not in rows:
        shown = [f"{s}.{t}" if s != "main" else t for s, t in rows]
        raise EngineError(f'the database holds no table "{name}"', near_miss(name, shown))
    target = exp.Table(
        this=exp.to_identifier(own, True),
        db=exp.to_identifier(schema or "main", True),
        catalog=exp.to_identifier(_DATABASE),
    )
    view = exp.Create(
        this=exp.Table(this=identifier(table)),
        kind="VIEW",
        expression=exp.Select().select(exp.Star()).from_(target),
    )
    session.execute(sql(view, "duckdb"))


def _bind_files(
    session: duckdb.DuckDBPyConnection, table: str, paths: tuple[Path, ...], texts: set[str]
) -> None:
    suffixes = {path.suffix.lower() for path in paths}
    names = [str(path) for path in paths]
    if suffixes <= {".parquet", ".pq"}:
        session.from_parquet(names, union_by_name=len(names) > 1).create_view(table)
    elif suffixes <= {".csv", ".tsv", ".txt", ".gz"}:
        _bind_csv(session, table, paths, texts)
    elif suffixes <= {".xlsx", ".xlsm"}:
        session.register("rows_of_sheet", pd.concat([_sheet(path) for path in paths], ignore_index=True))
        kept = exp.Create(
            this=exp.Table(this=identifier(table)), kind="TABLE",
            expression=exp.Select().select(exp.Star()).from_("rows_of_sheet"),
        )  # fmt: skip
        session.execute(sql(kept, "duckdb"))
        session.unregister("rows_of_sheet")
    else:
        raise ValueError("neither Parquet, CSV nor XLSX")


def _sheet(path: Path) -> pd.DataFrame:
    """The first sheet of a workbook; a text cell stays text (`001`), whatever it looks like."""
    try:
        return pd.read_excel(path, dtype=object, engine="openpyxl").convert_dtypes()
    except (BadZipFile, KeyError, TypeError) as error:
        raise ValueError(f"not an XLSX workbook: {error}") from None


def _bind_csv(
    session: duckdb.DuckDBPyConnection, table: str, paths: tuple[Path, ...], texts: set[str]
) -> None:
    """What a column holds is found by DuckDB, but ids stay as written (`001`), so do moments with a
    zone (one without would be taken for UTC), and no row is skipped or taken for a comment."""
    if any(path.stat().st_size == 0 for path in paths):
        raise ValueError("the file is empty")
    names: Any = [str(path) for path in paths]

    def read(types: dict[str, str]) -> duckdb.DuckDBPyRelation:
        return session.read_csv(names, header=True, comment="", skiprows=0, union_by_name=True, dtype=types)

    folded = {text.casefold() for text in texts}
    found = read({})
    written = {
        name: "VARCHAR"
        for name, kind in zip(found.columns, map(str, found.types), strict=True)
        if name.casefold() in folded or _kind(kind) == ZONED
    }
    (read(written) if written else found).create_view(table)


def _unreadable(table: str, paths: tuple[Path, ...], error: Exception, limit: str | None) -> tuple[str, str]:
    if isinstance(error, duckdb.OutOfMemoryException) or _NO_DISK.search(str(error)):
        error = _told(error, limit)
    if isinstance(error, EngineError):
        return error.what, error.remedy
    where = ", ".join(str(path) for path in paths)
    return f'the table "{table}" cannot be read from {where}: {_short(str(error))}', "check the file"


def _told(error: Exception, limit: str | None) -> EngineError:
    """What went wrong, in the user's words. Where room ran out, no expression is to blame."""
    message = str(error)
    if _NO_DISK.search(message):
        what = "the disk has no room for what memory could not hold"
        remedy = "make room where temporary files go (TMPDIR), or raise `memory_limit` of the connection"
        return EngineError(what, remedy, final=True)
    if isinstance(error, duckdb.OutOfMemoryException):
        given = f"`memory_limit: {limit}`" if limit else "four fifths of this machine's memory"
        remedy = (
            "raise `memory_limit` of the connection, lower its `threads`, or take fewer rows "
            "(a source's `where`, shorter waves)"
        )
        return EngineError(f"the source is too large for {given}", remedy, final=True)
    return EngineError(_short(message))


def _kind(name: str) -> str:
    base = re.split(r"[(\[]", name, maxsplit=1)[0]
    if base.startswith("TIMESTAMP"):
        return ZONED if name.endswith("WITH TIME ZONE") else TIMESTAMP
    if "[" in name or base.startswith(("STRUCT", "MAP")):
        return OTHER
    return _KINDS.get(base, OTHER)


def _short(message: str) -> str:
    """The sentence that tells what is wrong, without class names, hints and pictures of SQL."""
    line = re.search(r"CSV Error on Line: (\d+)", message)
    told = re.search(r"(Could not convert string .*|Error when converting .*|.*not utf-8.*)", message)
    if line:
        return f"line {line[1]}: {told[1] if told else message.splitlines()[2:3] or 'cannot be read'}"
    first = message.split("\n")[0]
    return re.sub(
        r"^(\w+ )?(Binder|Conversion|Invalid Input|IO|Catalog|Parser|Out of Range|Permission) Error: ",
        "",
        first,
    )
