"""What the engines have in common: each runs statements and tells what columns hold."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import pandas as pd
from sqlglot import exp

from .dialects import sql
from .fragments import cast_text, column, is_null, named, table


class EngineError(Exception):
    """What the database says of a statement, in a short form, and a remedy if there is one.

    `final`: nothing more can be asked of this database.
    """

    def __init__(self, what: str, remedy: str = "", final: bool = False):
        super().__init__(what)
        self.what, self.remedy, self.final = what, remedy, final


@dataclass(frozen=True)
class Unread:
    """A text that cannot be read as what it is taken for, and the row it stands in."""

    text: str
    row: str = ""

    def __str__(self) -> str:
        return f'"{self.text[:40]}"' + (f" in {self.row}" if self.row else "")


class Engine(ABC):
    """An open database that statements can be run on, and nothing else."""

    dialect: str

    def columns(self, name: str) -> dict[str, str]:
        """The columns of a table and what each holds. Raises EngineError."""
        return self.described(exp.Select().select(exp.Star()).from_(table(name)))

    def sql(self, tree: exp.Select, pretty: bool = False) -> str:
        """The text of a statement as this engine is given it."""
        return sql(tree, self.dialect, pretty)

    @abstractmethod
    def described(self, tree: exp.Select) -> dict[str, str]:
        """The columns of a result and what each holds; nothing is read. Raises EngineError."""

    @abstractmethod
    def run(self, tree: exp.Select) -> pd.DataFrame:
        """The result of a statement. Raises EngineError, and KeyboardInterrupt when stopped."""

    def done(self) -> float | None:
        """What share of the statement that runs is done; None where that is not known. Asked from
        another thread."""
        return None

    @abstractmethod
    def first_unread(self, name: str, column: str, as_type: str, by: str = "") -> Unread | None:
        """A text of a column that is no number (`double`) or moment (`timestamp`), and its row:
        by its number from 1, or where rows have no order by what stands in the column `by`."""

    def unread_where(self, name: str, column_name: str, reads: exp.Expr, by: str) -> Unread | None:
        """The first text that `reads` is false of, its row told by the column `by`."""
        held = column(column_name)
        known = [named(cast_text(column(by)), "known_by")] if by and by != column_name else []
        query = exp.Select().select(named(held, "unread"), *known).from_(table(name))
        query = query.where(exp.Not(this=reads), exp.Not(this=is_null(held.copy()))).limit(1)
        found = self.run(query)
        if not len(found):
            return None
        row = f'the row with {by} "{found["known_by"].iloc[0]}"' if known else ""
        return Unread(str(found["unread"].iloc[0]), row)
