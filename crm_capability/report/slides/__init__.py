"""The report as slides: native charts and tables, on our own master or the client's.

Every slide is made from the facts that the PDF is made from: the same titles, sentences and
numbers. python-pptx is imported when a deck is written, not before.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ...analysis.result import Result
from ...definition.slide_master import load_master, master_bytes
from ..facts import Facts
from ..facts.book import Book
from ..language import Language
from . import advice, change, evidence, opening, outside, scorecard
from .client_master import client_stage
from .deck import Deck
from .finish import finished
from .look import Look
from .own_master import own_stage
from .tale import Tale

__all__ = ["PARTS", "write_slides"]

# Blocks of a report and what tells them. How each score arose (`explanation`) and what ran on
# databases (`statements`) are the speaker's notes of the slides whose numbers they explain.
_CHAPTERS: dict[str, Callable[[Tale, Any], None]] = {
    "scorecard": scorecard.scorecard,
    "movement": change.movement,
    "waves": scorecard.waves,
    "targets": outside.targets,
    "dimensions": scorecard.dimensions,
    "standing": outside.standing,
    "cases": outside.cases,
    "findings": advice.findings,
    "roadmap": advice.roadmap,
    "priorities": advice.priorities,
    "answers": evidence.answers,
    "tree": scorecard.tree,
    "gaps": evidence.gaps,
    "method": evidence.method,
    "sources": evidence.sources,
}
PARTS = ("cover", *_CHAPTERS)


def write_slides(
    told: Facts,
    result: Result,
    lang: Language,
    path: Path,
    master: Path | None = None,
    parts: Sequence[str] = PARTS,
) -> Path:
    """Write the deck of one language: `told` are its facts, `parts` the blocks of the report in order.

    `master` is a client's own PowerPoint file or template, before the one that the result holds. Blocks
    without slides (a template's own) are passed over. The same inputs give the same bytes. Raises
    ReportError or DefinitionError where the master cannot be used.
    """
    look = Look(result.theme)
    sealed = load_master(master) if master is not None else result.master
    stage = client_stage(master_bytes(sealed), lang.code) if sealed else own_stage(look, lang.code)
    cover = told.cover
    running = " · ".join(dict.fromkeys(text for text in (cover.organisation, cover.title) if text))
    tale = Tale(told, Book(result), lang, Deck(stage, look, running))
    opening.cover(tale)
    for name in parts:
        if name in _CHAPTERS and told.tells(name):
            _CHAPTERS[name](tale, getattr(told, name))
    path.write_bytes(finished(tale.deck, told))
    return path
