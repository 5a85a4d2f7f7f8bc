"""Which wave and which unit a row of evidence belongs to."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..data_files import row_place
from ..errors import Place, Problem, near_miss


@dataclass(frozen=True)
class Occasions:
    """The plan's waves and units. Where the plan lists no units, any may turn up."""

    wave_ids: tuple[str, ...]
    unit: str
    unit_ids: Collection[str] | None

    def waves(self, column: pd.Series, given: str | None, path: Path, problems: list[Problem]) -> pd.Series:
        """The wave of each row. Blank everywhere means the wave given beside the file, or the
        plan's only one."""
        if (column == "").all():
            only = given or (self.wave_ids[0] if len(self.wave_ids) == 1 else None)
            if only is None:
                what = "no column says which wave a row belongs to"
                problems.append(
                    Problem(Place(str(path), 1), what, "add a column `wave`, or `wave:` beside the file")
                )
            return _alike(only, column)
        _unknown(column, self.wave_ids, "wave", path, problems)
        if given:  # a file may hold more waves than the one wanted
            problems += _others(column, given, path)
        return column

    def units(self, column: pd.Series, given: str | None, path: Path, problems: list[Problem]) -> pd.Series:
        """The unit of each row. Blank everywhere means the unit given beside the file, or the
        plan's unit."""
        if (column == "").all():
            return _alike(given or self.unit, column)
        if self.unit_ids is not None:
            _unknown(column, self.unit_ids, "unit", path, problems)
        elif (column == "").any():
            _unknown(column, set(column) - {""}, "unit", path, problems)
        return column


def repeated(value: str | None, index: pd.Index) -> pd.Series:
    """The same text for every row, held once."""
    codes = np.full(len(index), -1 if value is None else 0, dtype=np.int8)
    return pd.Series(pd.Categorical.from_codes(codes, [value or ""]), index=index)


def _alike(value: str | None, column: pd.Series) -> pd.Series:
    """The same text for every row of a column, in the column's own type."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return repeated(value, column.index)
    return pd.Series(value, index=column.index, dtype="str")


def _unknown(column: pd.Series, known: Iterable[str], what: str, path: Path, problems: list[Problem]) -> None:
    known = list(known)
    strange = column[~column.isin(known)]
    for row, name in strange.drop_duplicates().items():
        rows = int((strange == name).sum())
        more = f", in {rows} rows" if rows > 1 else ""
        said = f'"{name}" is no {what} of the plan' if name else f"no {what}"
        problems.append(Problem(row_place(path, row), said + more, near_miss(name, known)))


def _others(column: pd.Series, given: str, path: Path) -> list[Problem]:
    other = column[column != given]
    if other.empty:
        return []
    what = f'wave "{other.iloc[0]}", but the plan says the file is of wave "{given}"'
    return [
        Problem(
            row_place(path, other.index[0]),
            what,
            "take `wave:` out of the plan, or the column out of the file",
        )
    ]
