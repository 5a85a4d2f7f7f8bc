"""The same metrics file on several engines: equal numbers, and the same words when it fails."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crm_capability.definition.plan import Connection

SETTINGS = {"engine": "postgres", "dsn_env": "TEST_DSN"}


def same(found: pd.DataFrame, expected: pd.DataFrame) -> None:
    """Readings agree: counts and shares to the last bit, sums of doubles by the order of summation."""
    pd.testing.assert_frame_equal(
        found[["wave", "unit", "measure", "n", "state", "source"]],
        expected[["wave", "unit", "measure", "n", "state", "source"]],
    )
    np.testing.assert_allclose(found["value"], expected["value"], rtol=1e-13, atol=1e-13)
    np.testing.assert_allclose(found["standard_error"], expected["standard_error"], rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("unit", ["", "unit: branch, "])
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_postgres_agrees_with_duckdb(tmp_path: Path, postgres, shop, monkeypatch, seed: int, unit: str):
    monkeypatch.setenv("TEST_DSN", postgres.dsn("reader"))
    frame = shop.orders(seed, 600 if seed else 25)
    frame.to_parquet(tmp_path / "orders.parquet", index=False)
    postgres.load("public.lines", frame)
    text = shop.TEXT.replace("UNIT ", unit)
    here = shop.read(tmp_path, text, orders=tmp_path / "orders.parquet")
    connection = Connection(**SETTINGS, tables={"orders": "public.lines"})
    there = shop.read(tmp_path, text, connection=connection)
    same(there.readings, here.readings)
    assert [one["rows"] for one in there.statements] == [one["rows"] for one in here.statements]
    assert all(one["files"] == [] for one in there.statements)


SMALL = "metrics: m\nversion: 1.0.0\nsources:\n  t: {table: t, time: day}\nmeasures:\n"
COUNT = SMALL + "  n: {type: simple, source: t, value: count(*)}\n"
ROWS = pd.DataFrame({"day": ["2017-01-05", "2017-01-06"], "amount": ["1", "n/a"], "x": [1, 2]})


@pytest.fixture
def told(tmp_path: Path, postgres, shop, monkeypatch):
    """The problems of a metrics file over the table t in PostgreSQL."""
    postgres.load("public.t", ROWS, {"day": "date"})

    def of(text: str = COUNT, dsn: str = "", **settings) -> list[str]:
        monkeypatch.setenv("TEST_DSN", dsn or postgres.dsn("reader"))
        connection = Connection(**{**SETTINGS, **settings})
        return shop.faults(lambda: shop.read(tmp_path, text, connection=connection))

    return of


def test_postgres_that_cannot_be_reached(told, postgres, monkeypatch):
    (found,) = told(dsn=postgres.dsn("reader", "wr0ng-pass"))
    assert "password authentication failed for user" in found
    assert "(check TEST_DSN)" in found
    assert "wr0ng-pass" not in found
    nobody = postgres.dsn("reader").replace(f":{postgres.port}", ":1")
    (found,) = told(dsn=nobody)
    assert "Connection refused" in found
    assert postgres.password not in found
    (found,) = told(dsn="host=x s3cret-word")
    assert (
        found == "TEST_DSN holds no connection to PostgreSQL (write postgresql://user:password@host/database)"
    )
    monkeypatch.delenv("NOT_SET", raising=False)
    (found,) = told(dsn_env="NOT_SET")
    assert found.startswith("the environment variable NOT_SET is not set (export NOT_SET=")


def test_postgres_tables_columns_and_types(told, postgres):
    assert told(COUNT, tables={"t": "public.tt"}) == [
        'm:4:14: the database shows this role no table "public.tt" (did you mean "t"?)'
    ]
    assert told(COUNT.replace("time: day", "time: dya")) == [
        'm:4:23: the table "t" has no column "dya" (did you mean "day"?)'
    ]
    assert told(SMALL + "  n: {type: simple, source: t, value: sum(amount)}\n") == [
        'm:6:43: the types do not fit: "amount" holds text, "n/a" (compare text with text, or clean the column)'
    ]
    assert told(SMALL.replace("time: day", "time: amount") + COUNT[len(SMALL) :])[0].startswith(
        'm:4:23: the time column "amount" holds "1"'
    )
    with postgres.owner() as session:
        session.execute("REVOKE SELECT ON public.t FROM reader")
    assert told()[0].startswith('m:4:14: the database shows this role no table "t" (')


def test_postgres_has_a_deadline(told, postgres):
    with postgres.owner() as session:
        session.execute("DROP TABLE public.t")
        session.execute(
            "CREATE VIEW public.t AS SELECT DATE '2017-01-05' AS day, n AS x FROM generate_series(1, 100000000) n"
        )
        session.execute("GRANT SELECT ON public.t TO reader")
    try:
        assert told(timeout=1) == [
            "m:1:1: a statement took longer than the connection's `timeout` allows (set `timeout` to more seconds)"
        ]
    finally:
        with postgres.owner() as session:
            session.execute("DROP VIEW public.t")


def test_postgres_that_goes_away_half_way(told, postgres, monkeypatch):
    from crm_capability.evidence.sources.postgres import Postgres

    whole = Postgres.run

    def run(self, tree):
        with postgres.owner() as session:
            session.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'crm-capability'"
            )
        return whole(self, tree)

    monkeypatch.setattr(Postgres, "run", run)
    assert told() == ["m:1:1: the connection to PostgreSQL was lost (check the server, then run again)"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE public.x (a int)",
        "CREATE TEMP TABLE x (a int)",
        "INSERT INTO public.t VALUES (now(), '1', 1)",
        "DELETE FROM public.t",
        "UPDATE public.t SET x = 0",
        "DROP TABLE public.t",
        "COPY public.t TO '/tmp/crm-capability-out'",
        "COPY public.t FROM PROGRAM 'true'",
        "SELECT pg_read_file('/etc/passwd')",
        "SELECT nextval('public.numbers')",
        "SELECT lo_import('/etc/passwd')",
        "SET TRANSACTION READ WRITE",
        "VACUUM public.t",
    ],
)
def test_postgres_is_read_only_even_for_its_owner(postgres, monkeypatch, statement: str):
    """The transaction refuses to write whatever the role may do; files, the owner may not read."""
    from crm_capability.errors import Place
    from crm_capability.evidence.sources.engine import EngineError
    from crm_capability.evidence.sources.postgres import open_postgres

    postgres.load("public.t", ROWS, {"day": "date"})
    with postgres.owner() as session:
        session.execute("CREATE SEQUENCE IF NOT EXISTS public.numbers")
        session.execute("DROP ROLE IF EXISTS writer")
        session.execute(f"CREATE ROLE writer LOGIN PASSWORD '{postgres.password}'")
        session.execute("GRANT ALL ON public.t, public.numbers TO writer")
        session.execute("GRANT ALL ON SCHEMA public TO writer")
    monkeypatch.setenv("TEST_DSN", postgres.dsn("writer"))
    try:
        with open_postgres(Connection(**SETTINGS), {"t": Place()}) as engine, pytest.raises(EngineError):
            engine._execute(statement)
    finally:
        with postgres.owner() as session:
            session.execute("DROP OWNED BY writer")
            assert session.execute("SELECT count(*), sum(x) FROM public.t").fetchone() == (2, 3)


def test_every_word_of_postgres_is_quoted_as_a_name(postgres):
    from sqlglot import exp

    from crm_capability.evidence.sources.dialects import sql
    from crm_capability.evidence.sources.fragments import column, named

    with postgres.owner() as session:
        words = [row[0] for row in session.execute("SELECT word FROM pg_get_keywords()").fetchall()]
        for word in [*words, "Größe", "尺寸", 'a"b', "a b", "A", "1a"]:
            tree = exp.Select().select(named(exp.Literal.number(1), word)).subquery("t")
            text = sql(exp.Select().select(column(word, "t"), column(word)).from_(tree), "postgres")
            assert session.execute(text).fetchall() == [(1, 1)]
