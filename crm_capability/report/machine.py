"""The report for machines: one JSON document with every number of the assessed unit as a double, and the
report's own sentences in each language.

Keys are the columns of the tables (docs/reports.md); null is missing, never zero.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pandas as pd

from ..analysis.result import Result
from ..definition.framework import Measure
from .facts import Facts, report_day
from .facts.book import Book

FORMAT = 1  # rises when a key changes its meaning or goes

Texts = Mapping[str, tuple[Facts, Sequence[str]]]  # by language: what is told, and in which blocks


def machine_readable(result: Result, texts: Texts) -> str:
    """The document; the same result gives the same text."""
    book, plan = Book(result), result.plan
    day = report_day(result)
    pair = plan.comparisons[:1]
    told = {
        "format": f"crm-capability report {FORMAT}",
        "assessment": plan.assessment,
        "title": plan.title,
        "framework": result.manifest.get("framework", result.framework.framework),
        "unit": {"id": plan.unit, "title": result.units.get(plan.unit, plan.unit)},
        "date": day.isoformat() if day else None,
        "waves": [wave.model_dump(mode="json", by_alias=True, exclude_none=True) for wave in plan.waves],
        "compared": pair[0].model_dump(mode="json") if pair else None,
        "fictitious": sorted(book.fictitious),
        "nodes": list(_nodes(book)),
        "findings": _rows(book.frame("findings")),
        "roadmap": _rows(book.frame("roadmap")),
        "notes": list(result.manifest.get("notes") or ()),
        "texts": {code: _text(facts, blocks) for code, (facts, blocks) in texts.items()},
    }
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _nodes(book: Book) -> Iterator[dict[str, Any]]:
    """Every node of the tree, parents first, with what each table says of it for the unit."""
    by_wave = {
        name: _keyed(book, name, ("wave", "measure" if name == "readings" else "node"))
        for name in ("scores", "contributions", "readings", "standing")
    }
    changes = _keyed(book, "changes", ("node",))
    levels = dict(zip(book.frame("scores")["node"], book.frame("scores")["level"], strict=True))
    for _, node, parent in book.framework.walk():
        yield {
            "id": node.id,
            "title": node.title,
            "level": levels.get(node.id),
            "parent": parent.id if parent else None,
            **({"unit": node.unit, "better": node.better} if isinstance(node, Measure) else {}),
            "target": book.plan.targets.get(node.id),
            "out_of_scope": book.out_of_scope(node.id),
            "waves": {
                wave.id: {
                    name: rows[wave.id, node.id][0]
                    for name, rows in by_wave.items()
                    if (wave.id, node.id) in rows
                }
                for wave in book.plan.waves
            },
            "changes": changes.get((node.id,), []),
        }


def _keyed(book: Book, name: str, keys: tuple[str, ...]) -> dict[tuple[str, ...], list[dict[str, Any]]]:
    """The unit's rows of a table by their keys, without what the keys say already."""
    frame = book.frame(name)
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in _rows(frame[frame["unit"] == book.unit]) if len(frame) else ():
        place = tuple(row[key] for key in keys)
        found.setdefault(place, []).append(
            {column: value for column, value in row.items() if column not in (*keys, "unit", "level")}
        )
    return found


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    if frame.empty:
        return []
    rows: list[dict[str, Any]] = frame.astype(object).where(frame.notna(), None).to_dict("records")
    return rows


def _text(facts: Facts, blocks: Sequence[str]) -> dict[str, Any]:
    """The sentences of a language: the answer, and each chapter's message with what stands below it."""
    cover = facts.cover
    chapters = []
    for block in blocks:
        told = getattr(facts, block, None)
        for part in told if isinstance(told, tuple) else (told,):
            if (chapter := getattr(part, "chapter", None)) is not None:
                sentences = [sentence.text for sentence in getattr(part, "sentences", ())]
                chapters.append(
                    {
                        "id": chapter.id,
                        "topic": chapter.topic,
                        "message": chapter.title,
                        "sentences": sentences,
                    }
                )
    return {
        "title": facts.title,
        "organisation": cover.organisation,
        "answer": cover.answer,
        "certainty": cover.second,
        "notices": [notice for notice in (cover.notice, cover.fictitious) if notice],
        "chapters": chapters,
    }
