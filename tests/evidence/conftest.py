"""Real engines for tests: a scratch PostgreSQL that is gone afterwards, and the orders of a shop."""

from __future__ import annotations

import importlib.util
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import duckdb
import pandas as pd
import psycopg
import pytest
from psycopg import sql

from crm_capability.definition.plan import Connection

TYPES = {
    "int64": "bigint", "int32": "integer", "float64": "double precision", "float32": "real", "bool": "boolean",
    "datetime64[ns]": "timestamp", "datetime64[us]": "timestamp",
}  # fmt: skip


@pytest.fixture(scope="session")
def shop() -> ModuleType:
    """The orders, metrics and waves of `test_metrics.py`, where pandas has their numbers."""
    spec = importlib.util.spec_from_file_location("shop", Path(__file__).with_name("test_metrics.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["shop"] = module
    spec.loader.exec_module(module)
    return module


@dataclass(frozen=True)
class Server:
    """A running cluster: `owner` may do all, `reader` may SELECT what it was granted."""

    folder: Path
    programs: Path
    port: int
    password: str
    rights: dict[str, int]

    def dsn(self, user: str, password: str | None = None) -> str:
        return f"postgresql://{user}:{password or self.password}@127.0.0.1:{self.port}/postgres"

    def owner(self) -> psycopg.Connection:
        return psycopg.connect(self.dsn("owner"), autocommit=True)

    def load(self, table: str, frame: pd.DataFrame, types: dict[str, str] | None = None) -> None:
        """A table with the rows of a frame, which the reader may SELECT."""
        kinds = {name: (types or {}).get(name) or TYPES.get(str(frame[name].dtype), "text") for name in frame}
        name = sql.Identifier(*table.split("."))
        columns = sql.SQL(", ").join(
            sql.SQL("{} " + kind).format(sql.Identifier(c)) for c, kind in kinds.items()
        )
        with self.owner() as session:
            session.execute(sql.SQL("DROP TABLE IF EXISTS {}").format(name))
            session.execute(sql.SQL("CREATE TABLE {} ({})").format(name, columns))
            session.execute(sql.SQL("GRANT SELECT ON {} TO reader").format(name))
            rows = frame.astype(object).where(frame.notna(), None).itertuples(index=False, name=None)
            with session.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(name)) as copy:
                for row in rows:
                    copy.write_row(row)

    def program(self, name: str, *arguments: str) -> None:
        command = [str(self.programs / name), "-D", str(self.folder / "data"), *arguments]
        # the server keeps what it inherits open: a pipe would never end
        with (self.folder / "commands.log").open("w") as log:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                timeout=120,
                **self.rights,
            )
        if done.returncode:
            raise RuntimeError((self.folder / "commands.log").read_text())


def _programs() -> Path | None:
    """The folder of initdb and pg_ctl; Debian and Homebrew keep them off the search path."""
    found = shutil.which("initdb")
    folders = [Path(found).resolve().parent] if found else []
    for root in ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt", "/usr/pgsql"):
        folders += sorted((each.parent for each in Path(root).glob("*/bin/initdb")), reverse=True)
    return next((folder for folder in folders if (folder / "pg_ctl").exists()), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A scratch PostgreSQL on a free port of this machine, removed afterwards."""
    programs = _programs()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine: `make test` installs it")
    folder = Path(tempfile.mkdtemp(prefix="crm-capability-postgres-"))
    rights: dict[str, int] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        known = {each.pw_name: each for each in pwd.getpwall()}
        user = known.get("postgres") or known["nobody"]
        rights = {"user": user.pw_uid, "group": user.pw_gid}
        os.chown(folder, user.pw_uid, user.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = Server(folder, programs, port, secrets.token_urlsafe(12), rights)
    (folder / "password").write_text(server.password)
    settings = f"-p {port} -k {folder} -h 127.0.0.1 -c fsync=off -c shared_buffers=32MB"
    try:
        server.program(
            "initdb", "-U", "owner", "-A", "scram-sha-256", "--pwfile", str(folder / "password"),
            "--no-sync", "--no-locale", "-E", "UTF8",
        )  # fmt: skip
        server.program("pg_ctl", "-w", "-l", str(folder / "server.log"), "-o", settings, "start")
        with server.owner() as session:
            session.execute(
                sql.SQL("CREATE ROLE reader LOGIN PASSWORD {}").format(sql.Literal(server.password))
            )
        yield server
        server.program("pg_ctl", "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def spark():
    """Spark on this machine, started once; a test's own session stands beside it."""
    pytest.importorskip("pyspark", reason="no pyspark here: `pip install -e '.[spark]'` brings it")
    if shutil.which("java") is None:
        pytest.skip("no Java on this machine: `make test` installs it")
    from crm_capability.evidence.sources.spark import _session

    with tempfile.TemporaryDirectory() as room, _session(Connection(engine="spark"), Path(room)) as session:
        yield session


@pytest.fixture(params=["duckdb", "postgres", pytest.param("spark", marks=pytest.mark.slow)])
def engine(request, tmp_path: Path, shop, monkeypatch):
    """Reads a metrics file on each engine over the same tables: of each a frame, and the types of
    its columns. `engine.name` says which it is."""
    name = request.param
    if name != "duckdb":
        server = request.getfixturevalue(name)

    def read(text: str, waves=None, **tables):
        files, extra = {}, {"waves": waves} if waves else {}
        for table, (frame, kinds) in tables.items():
            if name == "postgres":
                server.load(f"public.{table}", frame, kinds)
            else:
                files[table] = typed_parquet(tmp_path / f"{table}.parquet", frame, kinds)
        if name == "postgres":
            monkeypatch.setenv("TEST_DSN", server.dsn("reader"))
            connection = Connection(engine="postgres", dsn_env="TEST_DSN")
        else:
            connection = Connection(engine=name)
        return shop.read(tmp_path, text, connection=connection, **extra, **files)

    read.name = name
    return read


def typed_parquet(file: Path, frame: pd.DataFrame, kinds: dict[str, str]) -> Path:
    """A Parquet file in which each column is of the type that PostgreSQL would call so."""
    with duckdb.connect() as session:
        session.execute("SET TimeZone = 'UTC'")
        session.register("frame", frame)
        columns = ", ".join(
            f'CAST("{name}" AS {kinds[name]}) AS "{name}"' if name in kinds else f'"{name}"' for name in frame
        )
        session.execute(f"COPY (SELECT {columns} FROM frame) TO '{file}' (FORMAT parquet)")
    return file
