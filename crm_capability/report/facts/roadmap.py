"""What to do: the roadmap's steps, dated, with owners to be filled in by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import pandas as pd

from .rows import Teller
from .shapes import Chapter


@dataclass(frozen=True)
class Step:
    number: str
    title: str
    needs: str
    effort: str
    period: str
    again: str
    index: str
    owner: str


@dataclass(frozen=True)
class RoadmapPage:
    chapter: Chapter
    steps: tuple[Step, ...]
    head: tuple[str, ...]  # step, what, effort, when, measure again, index then, owner
    note: str
    air: float = 1.1  # millimetres above and below the words of a row


def roadmap(teller: Teller, notice: str) -> RoadmapPage | None:
    """The chapter of the roadmap; None where the result holds none."""
    book, lang = teller.book, teller.lang
    table = book.frame("roadmap")
    if table.empty:
        return None
    rows = table.to_dict("records")
    names = {str(row["action"]): _title(row, lang.code) for row in rows}
    steps = tuple(
        Step(
            number=lang.number(float(row["step"]), 0),
            title=names[str(row["action"])],
            needs=_needs(teller, row, names),
            effort=lang.number(row["effort"], 0 if float(row["effort"]).is_integer() else 1),
            period=_period(teller, row),
            again=_day(teller, row["measure_again"]),
            index=lang.number(row["index_then"]),
            owner="" if pd.isna(row["owner"]) else str(row["owner"]),
        )
        for row in rows
    )
    now = book.score(book.plan.waves[-1], book.root.id)
    words = {
        "count": len(rows),
        "effort": lang.number(rows[-1]["effort_so_far"], 0),
        "now": lang.number(now),
        "then": lang.number(rows[-1]["index_then"]),
    }
    chapter = Chapter(
        "roadmap",
        lang.say("roadmap.topic"),
        lang.say("roadmap.title", **words),
        new_page=False,
        fictitious=notice,
    )
    keys = ("step", "what", "effort", "when", "again", "index", "owner")
    return RoadmapPage(
        chapter, steps, tuple(lang.say(f"roadmap.{key}") for key in keys), lang.say("roadmap.note")
    )


def cut_steps(teller: Teller, page: RoadmapPage, most: int) -> RoadmapPage:
    """The first steps, and how many follow."""
    left = len(page.steps) - min(most, len(page.steps))
    more = teller.lang.say("notes.steps", count=left) if left else ""
    return replace(page, steps=page.steps[:most], note=page.note + more)


def _title(row: dict[str, object], language: str) -> str:
    texts = [row.get(language), row.get("en"), row["action"]]
    return next(str(text) for text in texts if text is not None and not pd.isna(text))


def _needs(teller: Teller, row: dict[str, object], names: dict[str, str]) -> str:
    if pd.isna(row["needs"]):
        return ""
    first = [names.get(name, name) for name in str(row["needs"]).split(", ")]
    return teller.lang.say("roadmap.after", steps=teller.lang.names(first))


def _period(teller: Teller, row: dict[str, object]) -> str:
    if pd.isna(row["start"]):
        return ""
    days = [date.fromisoformat(str(row[name])) for name in ("start", "done")]
    return teller.lang.period(*days)


def _day(teller: Teller, day: object) -> str:
    return "" if pd.isna(day) else teller.lang.date(date.fromisoformat(str(day)))
