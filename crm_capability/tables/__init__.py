"""The named tables that cross from room to room and land in a result folder.

Every table is documented here once: its columns, in order, with type and meaning. `shape`
puts a frame into that form; files hold full double precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd

from .advice import ADVICE
from .columns import COLUMNS
from .kinds import NUMBER, TEXT, WHOLE
from .surveys import SURVEYS

# states of a reading
MEASURED = "measured"
NOT_APPLICABLE = "not-applicable"
UNKNOWN = "unknown"
NOT_COLLECTED = "not-collected"
STATES = (MEASURED, NOT_APPLICABLE, UNKNOWN, NOT_COLLECTED)

TABLES: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType({**COLUMNS, **SURVEYS, **ADVICE})
_DTYPES = {TEXT: "str", NUMBER: "float64", WHOLE: "Int64"}


def shape(name: str, frame: pd.DataFrame | Mapping[str, object]) -> pd.DataFrame:
    """The frame as the named table: its columns in order, each with its type.

    A column that is absent becomes blank; columns beyond the documented ones (the texts of
    findings, one a language) stay at the end.
    """
    frame = pd.DataFrame(frame)
    columns = TABLES[name]
    order = [*columns, *(column for column in frame.columns if column not in columns)]
    frame = frame.reindex(columns=order)
    kinds = {column: _DTYPES[kind] for column, (kind, _) in columns.items()}
    return frame.astype(kinds).reset_index(drop=True)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV; numbers keep every digit a double has."""
    frame.to_csv(path, index=False, lineterminator="\n")


def read_table(name: str, path: Path) -> pd.DataFrame:
    """Read a table that `write_table` wrote. Ids stay text (`9E`, `NA`, `001`)."""
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    frame = frame.mask(frame == "")
    numbers = [column for column, (kind, _) in TABLES[name].items() if kind != TEXT and column in frame]
    # by way of text: what reads a file's numbers itself may be off by a last digit
    frame[numbers] = frame[numbers].astype("float64")
    return shape(name, frame)
