"""PostgreSQL through psycopg: one read-only transaction, each statement against a deadline.

The plan names an environment variable that holds the connection; what stands in it is never
told. All statements see the same state of the database, and a role that may SELECT suffices.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pandas as pd
import psycopg
from psycopg import conninfo, pq
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
    column,
    table,
)  # fmt: skip

_KINDS = {
    **dict.fromkeys(["int2", "int4", "int8", "float8", "oid"], NUMBER),
    **dict.fromkeys(["text", "varchar", "bpchar", "name", "uuid", "citext"], TEXT),
    "float4": SINGLE, "numeric": DECIMAL, "date": DATE, "timestamp": TIMESTAMP, "timestamptz": ZONED, "bool": BOOLEAN,
}  # fmt: skip
# What a cast takes, as patterns: a failed cast would end the search for the text that fails it.
_READABLE = {
    "double": r"^\s*[-+]?(\d+\.?\d*([eE][-+]?\d+)?|\.\d+([eE][-+]?\d+)?|nan|inf(inity)?)\s*$",
    "timestamp": r"^\s*\d{4,}-\d{1,2}-\d{1,2}([T ]\d{1,2}:\d{2}(:\d{2}(\.\d*)?)?)?\s*([-+]\d{2}(:?\d{2})?|Z)?\s*$",
}


class Postgres(Engine):
    """A connection inside its read-only transaction. `names`: the plan's tables by name."""

    dialect = "postgres"

    def __init__(self, session: psycopg.Connection[Any], names: Mapping[str, exp.Table]):
        self._session, self._names = session, names

    def sql(self, tree: exp.Select, pretty: bool = False) -> str:
        return sql(self._named(tree), self.dialect, pretty)

    def _named(self, tree: exp.Select) -> exp.Select:
        """The statement with the database's own names of the plan's tables."""
        own = tree.copy()
        steps = {step.alias for step in own.find_all(exp.CTE)}
        for each in list(own.find_all(exp.Table)):
            target = self._names.get(each.name)
            if target is None or each.name in steps or each.db:
                continue
            alias = each.alias or each.name
            shown = exp.TableAlias(this=table(alias).this) if alias != target.name else None
            each.replace(exp.Table(this=target.this.copy(), db=target.args["db"].copy(), alias=shown))
        return own

    def described(self, tree: exp.Select) -> dict[str, str]:
        cursor = self._execute(f"SELECT * FROM ({self.sql(tree)}) AS described LIMIT 0")
        return {each.name: self._kind(each.type_code) for each in cursor.description or ()}

    def run(self, tree: exp.Select) -> pd.DataFrame:
        cursor = self._execute(self.sql(tree))
        names = [each.name for each in cursor.description or ()]
        return pd.DataFrame(cursor.fetchall(), columns=names, dtype=object)

    def first_unread(self, name: str, column_name: str, as_type: str, by: str = "") -> Unread | None:
        pattern = exp.Literal.string(_READABLE[as_type])
        return self.unread_where(
            name, column_name, exp.RegexpILike(this=column(column_name), expression=pattern), by
        )

    def _kind(self, code: int) -> str:
        known = self._session.adapters.types.get(code)
        return _KINDS.get(known.name, OTHER) if known is not None else OTHER

    def _execute(self, text: str) -> psycopg.Cursor[Any]:
        cursor = self._session.cursor()
        try:
            with self._session.transaction():
                # as bytes: nothing in a statement is a placeholder
                cursor.execute(text.encode(), prepare=False)
        except psycopg.Error as error:
            raise _told(error, self._session) from None
        return cursor


@contextmanager
def open_postgres(connection: Connection, tables: Mapping[str, Place]) -> Iterator[Postgres]:
    """A read-only transaction on the database that the environment names.

    `tables`: the tables wanted and where each is named. Raises EvidenceError if the database
    cannot be reached, and for each table that is not there.
    """
    with _session(connection) as session:
        names, problems = {}, []
        for name, place in tables.items():
            try:
                names[name] = _table(session, name, str(connection.tables.get(name, name)))
            except EngineError as error:
                problems.append(Problem(place, error.what, error.remedy))
        if problems:
            raise EvidenceError(problems)
        yield Postgres(session, names)


@contextmanager
def _session(connection: Connection) -> Iterator[psycopg.Connection[Any]]:
    variable = connection.dsn_env or ""
    dsn = os.environ.get(variable)
    if not dsn:
        what = f"the environment variable {variable} is not set"
        raise EvidenceError(
            Problem(Place(), what, f"export {variable}=postgresql://user:password@host/database")
        )
    try:
        conninfo.conninfo_to_dict(dsn)
    except psycopg.Error:  # the message repeats what it could not read
        what = f"{variable} holds no connection to PostgreSQL"
        raise EvidenceError(
            Problem(Place(), what, "write postgresql://user:password@host/database")
        ) from None
    try:
        session = psycopg.connect(dsn, connect_timeout=_patience(dsn), application_name="crm-capability")
    except psycopg.Error as error:
        told = _without_secrets(str(error), dsn).strip().splitlines()[0].removeprefix("connection failed: ")
        raise EvidenceError(
            Problem(Place(), f"PostgreSQL cannot be reached: {told}", f"check {variable}")
        ) from None
    try:
        session.read_only = True
        session.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        session.execute("SET LOCAL TimeZone = 'UTC'")
        session.execute("SET LOCAL search_path = pg_catalog, public")
        session.execute(f"SET LOCAL statement_timeout = {connection.timeout * 1000:d}".encode())
        # all digits of a double, whatever the role is set to
        session.execute("SET LOCAL extra_float_digits = 1")
        yield session
    finally:
        if not session.closed:
            if session.pgconn.transaction_status == pq.TransactionStatus.ACTIVE:
                session.cancel_safe(timeout=5)
            session.close()


def _patience(dsn: str) -> int:
    return int(conninfo.conninfo_to_dict(dsn).get("connect_timeout") or 10)


def _table(session: psycopg.Connection[Any], name: str, target: str) -> exp.Table:
    """A table of the database: `orders` or `schema.orders`. Raises EngineError."""
    schema, _, own = target.rpartition(".")
    schema = schema or "public"
    rows = session.execute("SELECT table_schema, table_name FROM information_schema.tables").fetchall()
    if (schema, own) not in rows:
        shown = [
            t if s == "public" else f"{s}.{t}"
            for s, t in rows
            if s not in ("pg_catalog", "information_schema")
        ]
        what = f'the database shows this role no table "{target}"'
        raise EngineError(
            what,
            near_miss(own if schema == "public" else target, shown) or "ask for the right to SELECT from it",
        )
    held = table(own).this
    return exp.Table(this=held, db=table(schema).this)


def _told(error: psycopg.Error, session: psycopg.Connection[Any]) -> EngineError:
    """What went wrong, in the user's words."""
    if isinstance(error, psycopg.errors.QueryCanceled):
        what = "a statement took longer than the connection's `timeout` allows"
        return EngineError(what, "set `timeout` to more seconds", final=True)
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return EngineError(
            error.diag.message_primary or "no right to read", "ask for the right to SELECT from it"
        )
    if isinstance(error, psycopg.errors.OutOfMemory | psycopg.errors.DiskFull):
        what = f"the server has too little room for this: {error.diag.message_primary}"
        return EngineError(what, "ask whoever runs it for memory or disk, or take fewer rows", final=True)
    if session.broken or session.closed:
        return EngineError(
            "the connection to PostgreSQL was lost", "check the server, then run again", final=True
        )
    return EngineError(error.diag.message_primary or str(error).split("\n")[0])


def _without_secrets(message: str, dsn: str) -> str:
    secrets = [conninfo.conninfo_to_dict(dsn).get(key) for key in ("password", "sslpassword")]
    for secret in [str(secret) for secret in secrets if secret]:
        message = message.replace(secret, "…")
    return message.replace(dsn, "…")
