"""A file of answers column by column, as codes of its few distinct texts.

A Parquet file is read one column at a time, so that ten million respondents need no more memory
than their codes; other files come whole, and are seen the same way.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..data_files import read_frame, to_numbers, to_text
from ..errors import EvidenceError, Place, Problem

Codes: TypeAlias = NDArray[Any]  # whole numbers from 0, as narrow as they may be


_CLOSE = 1 << 15  # whole numbers within so many of each other


class Columns(Protocol):
    """The columns of a table of answers; `index` holds each row's place in the file."""

    names: Sequence[str]
    index: pd.Index

    def coded(self, name: str) -> tuple[Codes, list[str]]:
        """Which of its distinct texts each cell of a column holds; a blank is empty text."""

    def text(self, name: str) -> pd.Series:
        """A column as stripped text."""

    def numbers(self, name: str) -> pd.Series:
        """A column as numbers. Raises EvidenceError naming each row that holds something else."""

    def all_different(self, name: str) -> bool:
        """Whether no cell of a column stands twice, told without turning numbers into text."""


def columns_of(path: Path, sheet: str | None = None) -> Columns:
    """The columns of a file. Raises EvidenceError."""
    if path.is_file() and path.suffix.lower() in (".parquet", ".pq"):
        return _Parquet(path)
    return _Frame(path, read_frame(path, sheet))


def narrow(codes: Codes, distinct: int) -> Codes:
    """The codes as the narrowest whole numbers that hold so many."""
    return codes.astype(np.min_scalar_type(max(distinct - 1, 0)), copy=False)


class _Frame:
    def __init__(self, path: Path, frame: pd.DataFrame):
        self.path, self.frame = path, frame
        self.names: Sequence[str] = [str(name) for name in frame.columns]
        self.index = frame.index

    def coded(self, name: str) -> tuple[Codes, list[str]]:
        codes, found = pd.factorize(self.frame[name], use_na_sentinel=False)
        return _merged(codes, to_text(pd.Series(found)))

    def text(self, name: str) -> pd.Series:
        return to_text(self.frame[name])

    def numbers(self, name: str) -> pd.Series:
        return to_numbers(self.frame[name], self.path, name)

    def all_different(self, name: str) -> bool:
        return bool(self.text(name).is_unique)


class _Parquet:
    def __init__(self, path: Path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.path = path
        try:
            self.file = pq.ParquetFile(path, memory_map=True)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(path, error) from None
        self.names: Sequence[str] = self.file.schema_arrow.names
        self.index: pd.Index = pd.RangeIndex(self.file.metadata.num_rows)
        twice = sorted({name for name in self.names if list(self.names).count(name) > 1})
        if twice:
            what = f"the column {', '.join(twice)} stands twice"
            raise EvidenceError(Problem(Place(str(path), 1), what, "keep one of them"))

    def _column(self, name: str) -> Any:
        import pyarrow as pa

        try:
            return self.file.read([name]).column(0)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(self.path, error) from None

    def coded(self, name: str) -> tuple[Codes, list[str]]:
        column = self._column(name)
        return _of_whole_numbers(column) or self._by_dictionary(column)

    def _by_dictionary(self, column: Any) -> tuple[Codes, list[str]]:
        column = column.dictionary_encode().unify_dictionaries()
        if column.num_chunks == 0:
            return np.zeros(0, dtype=np.uint8), []
        distinct = column.chunk(0).dictionary.to_pandas()
        blank = len(distinct)
        kind = np.min_scalar_type(blank)
        codes = np.empty(len(self.index), dtype=kind)
        at = 0
        for chunk in column.chunks:
            places = chunk.indices
            if places.null_count:
                places = places.fill_null(blank)
            codes[at : at + len(places)] = places.to_numpy()
            at += len(places)
        return _merged(codes, pd.concat([to_text(distinct), pd.Series([""])], ignore_index=True))

    def text(self, name: str) -> pd.Series:
        import pyarrow as pa
        import pyarrow.compute as pc

        column = self._column(name)
        if pa.types.is_integer(column.type):
            column = column.cast(pa.string())
        if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
            return to_text(column.to_pandas())
        trimmed = pc.fill_null(pc.utf8_trim_whitespace(column), "")
        return pd.Series(pd.array(trimmed, dtype="str"), index=self.index)

    def numbers(self, name: str) -> pd.Series:
        return to_numbers(self._column(name).to_pandas(), self.path, name)

    def all_different(self, name: str) -> bool:
        import pyarrow as pa

        column = self._column(name)
        if pa.types.is_integer(column.type) and not column.null_count:
            return bool(pd.Index(column.to_numpy()).is_unique)
        return bool(self.text(name).is_unique)


def _of_whole_numbers(column: Any) -> tuple[Codes, list[str]] | None:
    """Whole numbers that lie close together need no dictionary: their distance from the least is
    their code. None for others."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not pa.types.is_integer(column.type):
        return None
    ends = pc.min_max(column).as_py()
    if ends["min"] is None or ends["max"] - ends["min"] >= _CLOSE:
        return None
    least, blank = ends["min"], ends["max"] - ends["min"] + 1
    if least + blank > np.iinfo(column.type.to_pandas_dtype()).max:
        return None  # no number is left that could stand for a blank
    kind = np.min_scalar_type(blank)
    places = np.empty(len(column), dtype=kind)
    at = 0
    for chunk in column.chunks:
        # the distance is right whatever the width it is taken in: it wraps round, and fits
        given = chunk.fill_null(least + blank).to_numpy().astype(kind)
        np.subtract(given, np.array(least).astype(kind), out=places[at : at + len(chunk)])
        at += len(chunk)
    found = np.bincount(places, minlength=blank + 1) > 0
    seen = np.flatnonzero(found)
    names = ["" if place == blank else str(least + place) for place in seen.tolist()]
    return relabelled(places, np.cumsum(found) - 1, len(seen)), names


def _merged(codes: Codes, texts: pd.Series) -> tuple[Codes, list[str]]:
    """Distinct texts alone: what differed by type or by spaces is one."""
    places, distinct = pd.factorize(texts)
    return relabelled(codes, places, len(distinct)), list(distinct)


def relabelled(codes: Codes, places: Codes, distinct: int) -> Codes:
    """The codes under the names that `places` gives to each; untouched where those are the same."""
    if len(places) == 0 or (places == np.arange(len(places))).all():
        return narrow(codes, distinct)
    return np.take(narrow(places, distinct), codes)


def _unreadable(path: Path, error: Exception) -> EvidenceError:
    what = f"cannot be read as Parquet: {error}"
    return EvidenceError(Problem(Place(str(path)), what, "write the file again"))
