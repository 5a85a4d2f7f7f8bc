"""No way in: what strangers write into expressions, and what a locked database still refuses."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import yaml

from crm_capability.definition.expressions import Refused, parse
from crm_capability.definition.plan import Connection
from crm_capability.errors import Place
from crm_capability.evidence.sources.duckdb_engine import open_duckdb

_TABLE = yaml.safe_load((Path(__file__).parent / "hostile.yaml").read_text("utf-8"))
HOSTILE = [str(text) for group in _TABLE.values() for text in group]


def test_the_table_is_long_and_says_nothing_twice():
    assert len(HOSTILE) > 250
    assert len(set(HOSTILE)) == len(HOSTILE)


@pytest.mark.parametrize("aggregate", [False, True])
@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_expression_is_refused(text: str, aggregate: bool):
    with pytest.raises(Refused) as refused:
        parse(text, aggregate)
    assert 0 <= refused.value.offset <= len(text)
    assert refused.value.what


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000 + "a" + ")" * 5000,
        "not " * 3000 + "a",
        "- " * 3000 + "a",
        "+".join("a" * 3000),
        "case when " * 500 + "a" + " then 1 end" * 500,
        "coalesce(" * 800 + "a" + ")" * 800,
        "a between 1 and " * 600 + "2",
        "a = " * 2400 + "a",
        "a" * 20_000,
        "a in (" + ",".join("1" * 10_000) + ")",
        "'" * 9_999,
        "(" * 9_999,
    ],
    ids=range(12),
)
def test_bombs_are_refused(text: str):
    with pytest.raises(Refused):
        parse(text, False)


@pytest.fixture
def locked(tmp_path: Path):
    """A locked database with one table, beside a file that it must not read."""
    file, secret = tmp_path / "it's.csv", tmp_path / "secret.csv"
    file.write_text("a\n1\n")
    secret.write_text("password\nx\n")
    with open_duckdb(Connection(), {"t": (file,)}, {"t": Place()}, {}) as engine:
        yield engine._session, secret


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{secret}')",
        "SELECT * FROM '{secret}'",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "ATTACH '{secret}.db'",
        "COPY t TO '{secret}.copy'",
        "EXPORT DATABASE '{secret}.folder'",
        "INSTALL httpfs",
        "LOAD '{secret}'",
        "SELECT * FROM 'https://example.org/x.csv'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "SET allowed_paths = ['{secret}']",
        "SET threads = 1",
        "RESET memory_limit",
        "SET home_directory = '/'",
        "CREATE SECRET s (TYPE s3)",
    ],
)
def test_a_locked_database_reads_and_writes_nothing_else(locked, statement: str):
    session, secret = locked
    assert session.execute("SELECT a FROM t").fetchall() == [(1,)]
    before = sorted(secret.parent.iterdir())
    with pytest.raises(duckdb.Error):
        session.execute(statement.format(secret=secret)).fetchall()
    assert sorted(secret.parent.iterdir()) == before


def test_no_variable_of_a_caller_is_a_table(locked):
    session, _ = locked
    local = duckdb.connect()  # a Python object that DuckDB would find by name
    with pytest.raises(duckdb.Error):
        session.execute("SELECT * FROM local")
    local.close()
