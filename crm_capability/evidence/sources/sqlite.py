"""Tables of a SQLite database, copied into DuckDB row by row: SQLite itself is only read.

DuckDB's own reader of SQLite is an extension, and none is ever loaded.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path
from urllib.parse import quote

import duckdb
import pandas as pd
from sqlglot import exp

from ...errors import near_miss
from .dialects import sql
from .engine import EngineError
from .fragments import identifier, table

_AT_ONCE = 100_000
# By what the declared type of a column holds, in this order; moments and days stand in it as text.
_KINDS = {
    "BOOL": "boolean", "INT": "bigint", "TIMESTAMP": "timestamp", "DATETIME": "timestamp", "DATE": "date",
    "REAL": "double", "FLOA": "double", "DOUB": "double", "DEC": "double", "NUM": "double",
}  # fmt: skip


def is_sqlite(path: Path) -> bool:
    """Whether a file is a SQLite database."""
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def copy_table(session: duckdb.DuckDBPyConnection, name: str, target: str, path: Path) -> None:
    """The table `target` of a SQLite database as the table `name`. Raises EngineError."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as source:
            known = [
                row[0]
                for row in source.execute("SELECT name FROM sqlite_master WHERE type IN ('table', 'view')")
            ]
            if target not in known:
                raise EngineError(f'the database holds no table "{target}"', near_miss(target, known))
            described = source.execute("SELECT name, type FROM pragma_table_info(?)", [target]).fetchall()
            columns = [
                exp.ColumnDef(this=identifier(column), kind=exp.DataType.build(_kind(declared)))
                for column, declared in described
            ]
            made = exp.Create(this=exp.Schema(this=table(name), expressions=columns), kind="TABLE")
            session.execute(sql(made, "duckdb"))
            rows = source.execute(exp.Select().select(exp.Star()).from_(table(target)).sql("sqlite"))
            while found := rows.fetchmany(_AT_ONCE):
                session.append(
                    name, pd.DataFrame(found, columns=[column for column, _ in described], dtype=object)
                )
    except sqlite3.Error as error:
        raise EngineError(f"SQLite says: {error}", "check the file") from None


def _kind(declared: str) -> str:
    return next((kind for word, kind in _KINDS.items() if word in declared.upper()), "text")
