"""The same metrics file on several engines: equal numbers, and the same words when it fails."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import duckdb
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


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "unit", "kind"),
    [(0, "", "parquet"), (1, "unit: branch, ", "parquet"), (2, "", "csv"), (3, "unit: branch, ", "csv")],
)
def test_spark_agrees_with_duckdb(tmp_path: Path, spark, shop, seed: int, unit: str, kind: str):
    frame = shop.orders(seed, 600 if seed else 25).astype(
        {"sold_at": "datetime64[us]", "sent_at": "datetime64[us]"}
    )
    file = tmp_path / f"orders.{kind}"
    frame.to_parquet(file, index=False) if kind == "parquet" else frame.to_csv(file, index=False)
    text = shop.TEXT.replace("UNIT ", unit)
    here = shop.read(tmp_path, text, orders=file)
    there = shop.read(tmp_path, text, connection=Connection(engine="spark"), orders=file)
    same(there.readings, here.readings)
    assert [one["rows"] for one in there.statements] == [one["rows"] for one in here.statements]


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
        'm:6:43: the types do not fit: "amount" holds text, "n/a" in the row with day "2017-01-06" (compare text with text, or clean the column)'
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


# Where engines differ when nobody looks: each with the number that all of them must give.
CASES = {
    "whole numbers divided": ("sum(a / b)", 7 / 2 + 8 / 3 - 9 / 2),
    "divided by zero": ("sum(a / (b - b))", None),
    "remainder": ("sum(a % b)", 1 + 2 - 1),
    "remainder of decimals": ("sum(d % 0.25)", 0.05 + 0.10 + 0.11 - 0.15),
    "sum of decimals": ("sum(d)", 2.36),
    "mean of decimals": ("avg(d)", 2.36 / 4),
    "mean of whole numbers": ("avg(a)", 7 / 4),
    "median of an even count": ("median(a)", 4.0),
    "square": ("sum(d * d)", 1.05**2 + 2.10**2 + 0.11**2 + 0.90**2),
    "single precision": ("sum(r)", float(np.float32(0.1)) * 4),
    "rounded half away from zero": ("sum(round(f))", 3 - 3 + 1 + 4),
    "rounded to a digit": ("sum(round(f, 1))", 2.5 - 2.5 + 0.5 + 3.6),
    "rounded decimals": ("sum(round(d, 1))", 1.1 + 2.1 + 0.1 - 0.9),
    "cast to whole": ("sum(cast(f as integer))", 2 - 2 + 0 + 4),
    "text to a number": ("sum(cast(n as number))", 10.5),
    "null is left out": ("count(b)", 3),
    "null is no zero": ("sum(coalesce(b, 100))", 2 + 3 + 2 + 100),
    "not in with a null": ("count_if(b not in (2))", 1),
    "null compared": ("count_if(b <> 2)", 1),
    "nullif": ("count(nullif(b, 2))", 1),
    "hours": ("sum(hours_between(t, u))", 25.5 + 24 * 29 + 1e-6 / 3600),
    "days of dates": ("sum(days_between(day, date '2017-03-01'))", 59 + 58 + 1 + 0),
    "days over a leap day": ("max(days_between(date '2016-02-28', date '2016-03-01'))", 2),
    "date against moment": ("count_if(t >= date '2017-01-02')", 3),
    "moment literal": ("count_if(t < timestamp '2017-01-02 00:00:00')", 1),
    "zoned": ("sum(hours_between(z, timestamp '2017-01-02 00:00:00'))", 4 * 2.0),
    "like has no escape": ("count_if(s like 'a%')", 2),
    "like is exact in case": ("count_if(s like 'A%')", 1),
    "lower": ("count_if(lower(s) = 'ab')", 2),
    "empty text": ("count_if(s = '')", 1),
    "true alone": ("count_if(flag)", 2),
    "not a null": ("count_if(not flag)", 1),
    "null and false": ("count_if(flag is null)", 1),
    "case": ("sum(case when flag then 1 when b = 2 then 10 end)", 1 + 1 + 10),
    "distinct": ("count(distinct b)", 2),
    "between": ("count_if(a between 7 and 8)", 2),
    "minus": ("sum(-a)", -7),
    "quote": ("count_if(s = 'o''x')", 0),
    "reserved name": ('sum("order")', 10),
    "name in another script": ('sum("金额")', 4),
}  # fmt: skip


def cases() -> pd.DataFrame:
    moments = {
        "t": ["2017-01-01 10:00:00", "2017-02-01", "2017-03-01", "2017-03-01 00:00:00"],
        "u": ["2017-01-02 11:30:00", "2017-03-02", "2017-03-01 00:00:00.000001", None],
        "z": ["2017-01-01 22:00:00"] * 4,
    }
    frame = pd.DataFrame(
        {
            "a": [7, 8, -9, 1], "b": [2, 3, 2, None], "f": [2.5, -2.5, 0.5, 3.55], "r": [0.1] * 4,
            "d": ["1.05", "2.10", "0.11", "-0.90"], "n": ["10", "0.5", None, None],
            "s": ["ab", "Ab", "a_b", ""], "day": ["2017-01-01", "2017-01-02", "2017-02-28", "2017-03-01"],
            "flag": [True, True, False, None], "order": [1, 2, 3, 4], "金额": [1, 1, 1, 1],
        }
    )  # fmt: skip
    return frame.assign(**moments).astype({"b": "Int64"})


KINDS = {
    "a": "integer", "b": "integer", "f": "double precision", "r": "real", "d": "decimal(9,2)", "n": "text", "s": "text",
    "day": "date", "flag": "boolean", "order": "bigint", "金额": "integer", "t": "timestamp", "u": "timestamp",
    "z": "timestamp with time zone",
}  # fmt: skip


def case_file(folder: Path) -> Path:
    """The cases in Parquet, each column of its own kind."""
    with duckdb.connect() as session:
        session.execute("SET TimeZone = 'UTC'")
        session.register("frame", cases())
        columns = ", ".join(f'CAST("{name}" AS {kind}) AS "{name}"' for name, kind in KINDS.items())
        session.execute(f"COPY (SELECT {columns} FROM frame) TO '{folder / 't.parquet'}' (FORMAT parquet)")
    return folder / "t.parquet"


def case_text() -> str:
    lines = [
        f"  c{number}: {{type: simple, source: t, value: {json.dumps(text)}}}"
        for number, (text, _) in enumerate(CASES.values())
    ]
    return SMALL.replace("time: day", "time: t") + "\n".join(lines) + "\n"


def check_cases(found: pd.DataFrame) -> None:
    values = found[found["wave"] == "before"]["value"].tolist()
    wrong = {
        name: (text, value, expected)
        for (name, (text, expected)), value in zip(CASES.items(), values, strict=True)
        if value
        != pytest.approx(math.nan if expected is None else expected, rel=1e-14, abs=1e-14, nan_ok=True)
    }
    assert wrong == {}


def test_cases_on_duckdb(tmp_path: Path, shop):
    check_cases(shop.read(tmp_path, case_text(), t=case_file(tmp_path)).readings)


def test_cases_on_postgres(tmp_path: Path, postgres, shop, monkeypatch):
    monkeypatch.setenv("TEST_DSN", postgres.dsn("reader"))
    zoned = cases().assign(z="2017-01-01 22:00:00+00")
    postgres.load("public.t", zoned, KINDS)
    check_cases(shop.read(tmp_path, case_text(), connection=Connection(**SETTINGS)).readings)


@pytest.mark.slow
def test_cases_on_spark(tmp_path: Path, spark, shop):
    file = case_file(tmp_path)
    check_cases(shop.read(tmp_path, case_text(), connection=Connection(engine="spark"), t=file).readings)


@pytest.mark.slow
def test_problems_on_spark(tmp_path: Path, spark, shop):
    def told(text: str, name: str = "t.parquet", **settings) -> list[str]:
        connection = Connection(engine="spark", **settings)
        return shop.faults(lambda: shop.read(tmp_path, text, connection=connection, t=tmp_path / name))

    ROWS.astype({"day": "datetime64[us]"}).to_parquet(tmp_path / "t.parquet", index=False)
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "t.parquet").read_bytes()[:-20])
    assert told(COUNT.replace("time: day", "time: dya")) == [
        'm:4:23: the table "t" has no column "dya" (did you mean "day"?)'
    ]
    assert told(SMALL + "  n: {type: simple, source: t, value: sum(cast(amount as number))}\n") == [
        'm:6:48: the types do not fit: "amount" holds text, "n/a" in the row with day "2017-01-06 00:00:00" (compare text with text, or clean the column)'
    ]
    assert told(COUNT, "cut.parquet")[0].startswith('m:4:14: the table "t" cannot be read: ')
    assert told(COUNT.replace("table: t", "table: tt"))[0].startswith(
        'm:4:14: the table "tt" cannot be read: the plan does not give it'
    )
    # as it is told on DuckDB and PostgreSQL
    text = COUNT.replace("table: t", "table: order")
    assert told(text, tables={"orders": "t.parquet"}) == [
        'm:4:14: the table "order" cannot be read: the plan does not give it (did you mean "orders"?)'
    ]


def test_spark_that_is_not_there(tmp_path: Path, shop, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    found = shop.faults(lambda: shop.read(tmp_path, COUNT, connection=Connection(engine="spark")))
    assert found == [
        "the engine spark needs pyspark, which is not installed (pip install 'crm-capability[spark]')"
    ]


CLOCKS = """\
metrics: m
version: 1.0.0
sources:
  here: {table: t, time: z, timezone: Asia/Shanghai}
  there: {table: t, time: z, timezone: America/New_York}
  utc: {table: t, time: z}
measures:
  here: {type: simple, source: here, value: count(*)}
  there: {type: simple, source: there, value: count(*)}
  utc: {type: simple, source: utc, value: count(*)}
  spring: {type: simple, source: here, value: "max(days_between(z, timestamp '2017-07-01 00:00:00'))"}
"""


def test_the_clock_of_a_source_decides_the_day(engine):
    """Moments around midnight of 1 January and of 1 July, and around New York's changed clock."""
    moments = [
        "2016-12-31 15:59",
        "2016-12-31 16:00",
        "2017-01-01 04:59",
        "2017-01-01 05:00",
        "2017-06-30 15:59:59.999999",
    ]
    moments += ["2017-06-30 16:00", "2017-07-01 03:59", "2017-07-01 04:00"]
    frame = pd.DataFrame({"z": [f"{one}+00" for one in moments]})
    found = engine(CLOCKS, t=(frame, {"z": "timestamp with time zone"})).readings
    value = found.set_index(["measure", "wave"])["value"]
    utc = pd.to_datetime(pd.Series(moments), format="ISO8601", utc=True)
    for measure, clock in (("here", "Asia/Shanghai"), ("there", "America/New_York"), ("utc", "UTC")):
        local = utc.dt.tz_convert(clock).dt.tz_localize(None)
        for wave, start, end in (
            ("before", "2017-01-01", "2017-07-01"),
            ("after", "2017-07-01", "2018-01-01"),
        ):
            assert value[measure, wave] == ((local >= start) & (local < end)).sum(), (measure, wave)


@pytest.mark.parametrize(
    "bad", ["2017-02-02 10:00:00+02:00", "2017-02-02T10:00:00Z", "2017-02-02 10:00:00-0500"]
)
def test_texts_of_several_zones_are_refused(engine, shop, tmp_path: Path, bad: str):
    frame = pd.DataFrame({"day": ["2017-02-01 10:00:00", bad, "2017-02-03 10:00:00+01:00"], "x": [1, 2, 3]})
    (found,) = shop.faults(lambda: engine(COUNT, t=(frame, {"day": "text"})))
    assert found.startswith('m:4:23: the time column "day" holds texts with a time zone, such as "2017-02-0')
    assert found.endswith("(store moments with a zone as such (Parquet or a database), and say `timezone`)")
    if engine.name != "postgres":  # the same column in a CSV file
        frame.to_csv(tmp_path / "t.csv", index=False)
        connection = Connection(engine=engine.name)
        (found,) = shop.faults(
            lambda: shop.read(tmp_path, COUNT, connection=connection, t=tmp_path / "t.csv")
        )
        assert 'the time column "day" holds texts with a time zone' in found


def test_text_in_a_number_column_names_its_row(engine, shop):
    text = COUNT.replace("time: day", "time: day, key: number").replace(
        "count(*)", "sum(cast(amount as number))"
    )
    frame = pd.DataFrame({"day": ["2017-01-05"] * 3, "number": ["a", "b", "c"], "amount": ["1", "2", "n/a"]})
    (found,) = shop.faults(
        lambda: engine(text, t=(frame, {"day": "date", "number": "text", "amount": "text"}))
    )
    row = "row 3" if engine.name == "duckdb" else 'the row with number "c"'
    assert found == (
        f'm:6:48: the types do not fit: "amount" holds text, "n/a" in {row} (compare text with text, or clean the column)'
    )
    late = text.replace("time: day", "time: moment").replace("cast(amount as number)", "1")
    frame["moment"] = ["2017-01-05", "5. 1. 2017", "2017-01-07"]
    (found,) = shop.faults(
        lambda: engine(late, t=(frame, {"day": "date", "number": "text", "amount": "text"}))
    )
    row = "row 2" if engine.name == "duckdb" else 'the row with number "b"'
    assert f'the time column "moment" holds "5. 1. 2017" in {row}, which is no ISO date' in found


BAD = """\
metrics: m
version: 1.0.0
sources:
  t: {table: t, time: day, key: number, unit: unit}
measures:
  n: {type: simple, source: t, value: count(*)}
  amount: {type: simple, source: t, value: avg(amount)}
"""
BAD_ROWS = pd.DataFrame(
    {"day": ["2011-01-05"] * 3, "number": [1, 2, 2], "amount": [1.5, 2.5, 3.5], "unit": ["a", "b", "b"], "note": ["x", "y", "z"]}
)  # fmt: skip
BAD_KINDS = {"day": "date", "number": "bigint", "amount": "double precision", "unit": "text", "note": "text"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("time: day", "time: dya", 'm:4:23: the table "t" has no column "dya" (did you mean "day"?)'),
        ("avg(amount)", "avg(amuont)", 'm:7:48: the table "t" has no column "amuont" (did you mean "amount"?)'),
        ("time: day", "time: amount", 'm:4:23: the time column "amount" holds number values (name a column of dates or timestamps)'),
        ("value: avg(amount)", "value: max(note)", "m:7:44: gives a text, not a number (count, sum or measure something)"),
        ("", "", 'm:4:33: 1 keys of "t" have several rows, such as "2" (add `pick: {last_by: COLUMN}`)'),
        ("key: number", "key: number, pick: {last_by: day}", 'm:4:57: 1 keys of "t" have several last rows by day, such as "2" (add a column to `last_by` that tells them apart)'),
    ],
)  # fmt: skip
def test_bad_input_is_told_alike(engine, shop, old: str, new: str, told: str):
    text = BAD.replace(old, new) if old else BAD
    assert shop.faults(lambda: engine(text, t=(BAD_ROWS, BAD_KINDS))) == [told]


def test_a_period_with_no_rows_is_not_collected(engine):
    text = BAD.replace(", key: number, unit: unit", "")
    found = engine(text, t=(BAD_ROWS, BAD_KINDS)).readings
    assert len(found) == 6
    assert (found["state"] == "not-collected").all()
    assert found["value"].isna().all()
    assert (found["n"] == 0).all()


@pytest.mark.parametrize("lost", [ConnectionRefusedError("refused"), ConnectionResetError("reset")])
def test_a_spark_that_goes_away_is_told(lost: Exception):
    pytest.importorskip("pyspark")
    from crm_capability.evidence.sources.engine import EngineError
    from crm_capability.evidence.sources.spark import _in_words

    with pytest.raises(EngineError) as told, _in_words():
        raise lost
    assert (told.value.what, told.value.remedy, told.value.final) == (
        f"Spark stopped: {lost}",
        "run again",
        True,
    )


def test_a_spark_without_memory_says_what_to_raise():
    pyspark = pytest.importorskip("pyspark.errors")
    from crm_capability.evidence.sources.engine import EngineError
    from crm_capability.evidence.sources.spark import _in_words

    with pytest.raises(EngineError) as told, _in_words():
        raise pyspark.PySparkException("Job aborted: java.lang.OutOfMemoryError: Java heap space\n\tat …")
    assert told.value.what == "the source is too large for Spark's memory"
    assert told.value.remedy.startswith("raise `memory_limit` of the connection")
    assert told.value.final


def test_memory_and_threads_reach_spark(tmp_path: Path, monkeypatch):
    from crm_capability.evidence.sources import spark

    class Builder:
        def __init__(self):
            self.found = {}
            self.builder = self.sparkContext = self

        def appName(self, name):
            return self

        def master(self, name):
            return self.config("master", name)

        def config(self, key, value):
            self.found[key] = value
            return self

        def getOrCreate(self):
            return self

        def setLogLevel(self, level):
            pass

    monkeypatch.setattr(spark.shutil, "which", lambda name: "/usr/bin/java")
    builder = Builder()
    spark._started(builder, Connection(engine="spark", memory_limit="3 GB", threads=4), tmp_path)
    assert builder.found["master"] == "local[4]"
    assert builder.found["spark.driver.memory"] == "3gb"
    assert builder.found["spark.local.dir"] == str(tmp_path)
    assert builder.found["spark.driver.host"] == "127.0.0.1"
