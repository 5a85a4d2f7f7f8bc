"""Published figures of single cases beside the unit's own: n unknown, so where they lie and no more."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from .rows import Teller
from .shapes import Chapter

DIGITS = 3  # a share as 65.3 %


@dataclass(frozen=True)
class CaseRow:
    title: str
    measure: str
    figure: str
    own: str
    position: str


@dataclass(frozen=True)
class CasesPage:
    chapter: Chapter
    rows: tuple[CaseRow, ...]
    head: tuple[str, ...]  # case, measure, figure, own, position
    note: str


def cases(teller: Teller, notice: str) -> CasesPage | None:
    """The chapter of published cases; None where the result holds none."""
    table = teller.book.frame("cases")
    if table.empty:
        return None
    lang = teller.lang
    rows = tuple(_row(teller, row) for row in table.to_dict("records"))
    chapter = Chapter(
        "cases",
        lang.say("cases.topic"),
        lang.say("cases.title", count=len(rows)),
        new_page=False,
        fictitious=notice,
    )
    head = tuple(lang.say(f"cases.{key}") for key in ("case", "measure", "figure", "own", "position"))
    return CasesPage(chapter, rows, head, lang.say("cases.note"))


def _row(teller: Teller, row: dict[Any, Any]) -> CaseRow:
    lang, measure = teller.lang, str(row["measure"])
    unit = teller.book.framework.measures[measure].unit
    low, high = (
        None if pd.isna(row[end]) else lang.quantity(row[end], unit, DIGITS) for end in ("low", "high")
    )
    key = "single" if low == high else "over" if high is None else "up_to" if low is None else "range"
    known = [row[code] for code in (lang.code, "en") if isinstance(row.get(code), str)]
    return CaseRow(
        title=str((known or [row["case"]])[0]),
        measure=teller.title(measure),
        figure=lang.say(f"cases.{key}", low=low or "", high=high or ""),
        own=lang.quantity(None if pd.isna(row["value"]) else row["value"], unit, DIGITS),
        position="" if pd.isna(row["position"]) else lang.say(f"cases.{row['position']}"),
    )
