"""What stands out: the findings, from the most severe down, each with where its numbers come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from .rows import Teller
from .shapes import Chapter

MOST = 10


@dataclass(frozen=True)
class FindingLine:
    kind: str
    sentence: str
    points: str
    node: str  # its id: `explain` leads from there


@dataclass(frozen=True)
class Findings:
    chapter: Chapter
    rows: tuple[FindingLine, ...]
    head: tuple[str, ...]  # kind, sentence, points, where from
    note: str
    air: float = 1.1  # millimetres above and below the words of a row


def findings(teller: Teller, notice: str) -> Findings | None:
    """The chapter of findings; None where no rule found anything."""
    book, lang = teller.book, teller.lang
    table = book.frame("findings")
    if table.empty:
        return None
    severe = table.sort_values("severity", ascending=False, kind="stable")
    rows = tuple(
        FindingLine(
            kind=_kind(teller, str(row["kind"])),
            sentence=_sentence(row, lang.code),
            points=lang.number(row["severity"], 1) if row["severity"] >= 0.05 else "",
            node=str(row["node"]),
        )
        for row in severe.head(MOST).to_dict("records")
    )
    first = str(severe["node"].iloc[0])
    title = lang.say("findings.title", count=len(table), node=teller.title(first))
    head = tuple(lang.say(f"findings.{key}") for key in ("kind", "sentence", "points", "node"))
    chapter = Chapter("findings", lang.say("findings.topic"), title, new_page=False, fictitious=notice)
    return Findings(chapter, rows, head, _note(teller, "findings.note", len(table) - len(rows)))


def cut_findings(teller: Teller, page: Findings, most: int) -> Findings:
    """The first of them, and a shorter note that says how many are left out."""
    left = len(teller.book.frame("findings")) - min(most, len(page.rows))
    return replace(page, rows=page.rows[:most], note=_note(teller, "notes.findings", left))


def _note(teller: Teller, key: str, left: int) -> str:
    told = teller.lang.say(key)
    return told + (teller.lang.say("findings.more", count=left) if left else "")


def _kind(teller: Teller, kind: str) -> str:
    """The kind in words; a rule of one's own has its id."""
    key = f"findings.kinds.{kind}"
    return teller.lang.say(key) if teller.lang.knows(key) else kind


def _sentence(row: dict[str, object], language: str) -> str:
    """In this language, else in English, else in the first that the rule has."""
    known = [name for name in (language, "en", *row) if name in row and name not in _FIXED]
    return next((str(row[name]) for name in known if not pd.isna(row[name])), "")


_FIXED = ("node", "kind", "severity", "evidence")
