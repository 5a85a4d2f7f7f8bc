"""What the engines have in common: each runs statements and tells what columns hold."""

from __future__ import annotations

from abc import ABC, abstractmethod

import pandas as pd
from sqlglot import exp

from .dialects import sql
from .fragments import table


class EngineError(Exception):
    """What the database says of a statement, in a short form, and a remedy if there is one.

    `final`: nothing more can be asked of this database.
    """

    def __init__(self, what: str, remedy: str = "", final: bool = False):
        super().__init__(what)
        self.what, self.remedy, self.final = what, remedy, final


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

    @abstractmethod
    def first_unread(self, name: str, column: str, as_type: str) -> tuple[int, str] | None:
        """A text of a column that is no number (`double`) or moment (`timestamp`), with its row
        from 1, or 0 where rows have no order."""
