"""What stands out, what to do, where to work first: chapters that share pages, planned together.

The full report sets them in order, as many on a page as it holds. The board's report has one page for
them and for what is not known: the lists are cut to what fits, and what room is left is filled with
the priorities, then with how it was computed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product, takewhile
from typing import TypeVar

from . import layout
from .findings import Findings, cut_findings, findings
from .gaps import gaps
from .method import method
from .pages import Priorities
from .priorities import priorities
from .roadmap import RoadmapPage, cut_steps, roadmap
from .rows import Teller
from .shapes import Gaps, Sentence
from .sources import sources

Page = TypeVar("Page", Findings, RoadmapPage, Priorities)

FINDINGS, STEPS = (16, 59, 8, 17), (4.5, 34, 6.5, 26, 14, 7, 8)  # per cent of the columns
PRIORITIES = (6, 32.5, 25, 12.5, 9, 15)
LEAST_FIGURE, MOST_FIGURE = 165.0, 330.0  # points
BOARD_FINDINGS, BOARD_STEPS = 5, 6
BOARD_FIGURE = 150.0  # points: the least height of the board's figure


@dataclass(frozen=True)
class Advice:
    """The full report's, and how much of it stands on the page of the chapter before."""

    findings: Findings | None
    roadmap: RoadmapPage | None
    priorities: Priorities | None
    shared: float


@dataclass(frozen=True)
class Board:
    """The board's, on one page."""

    findings: Findings | None
    roadmap: RoadmapPage | None
    priorities: Priorities | None
    gaps: Gaps
    notes: tuple[str, ...]
    method: tuple[Sentence, ...]


def advice(teller: Teller, notice: str, above: float = layout.PAGE) -> Advice:
    """The three chapters with their places. `above` is what the chapter before takes of its last page."""
    found, steps, first = findings(teller, notice), roadmap(teller, notice), priorities(teller, notice)
    first = replace(first, figure=first.drawing(LEAST_FIGURE, False)) if first else None
    parts = [
        *([_findings(found)] if found else []),
        *([_steps(steps)] if steps else []),
        *([_priorities(first, LEAST_FIGURE)] if first else []),
    ]
    places = layout.placed(parts, above)
    if first and places[-1].new_page:  # a page of its own: the figure grows before the table
        free = (layout.PAGE - parts[-1].high(layout.USUAL)) / layout.POINT
        high = min(max(LEAST_FIGURE + free, LEAST_FIGURE), MOST_FIGURE)
        first = replace(first, figure=first.drawing(high, False))
        parts[-1] = _priorities(first, high)
        places = layout.placed(parts, above)
    sharing = takewhile(lambda two: not two[1].new_page, zip(parts, places, strict=True))
    shared = sum(layout.BETWEEN + part.high(place.air) for part, place in sharing)
    place = iter(places)
    found = _set(found, next(place)) if found else None
    steps = _set(steps, next(place)) if steps else None
    first = _set(first, next(place)) if first else None
    return Advice(found, steps, first, shared)


def _set(page: Page, place: layout.Place) -> Page:
    """The chapter where it came to stand."""
    return replace(page, air=place.air, chapter=replace(page.chapter, new_page=place.new_page))


def board(teller: Teller, notice: str) -> Board:
    """As much of it as one page holds."""
    found, steps, lacking = findings(teller, notice), roadmap(teller, notice), gaps(teller, notice)
    notes = sources(teller).notes
    last = layout.Part(
        layout.heading(lacking.chapter.title) + layout.told(lacking.sentences) + layout.caption(*notes)
    )
    for shown, taken in _sizes(found, steps):
        cut = cut_findings(teller, found, shown) if found and shown else None
        few = cut_steps(teller, steps, taken) if steps and taken else None
        parts = [*([_findings(cut)] if cut else []), *([_steps(few)] if few else []), last]
        if not any(place.new_page for place in layout.placed(parts)[1:]):
            break
    first = _alone(priorities(teller, notice))
    if first and layout.fits([*parts, _priorities(first, BOARD_FIGURE, table=False)]):
        parts.append(_priorities(first, BOARD_FIGURE, table=False))
    else:
        first = None
    how = method(teller).sentences
    below = layout.Part(layout.told(how) + 11)
    if layout.fits([*parts, below]):
        parts.append(below)
    else:
        how = ()
    place = layout.placed(parts)[0]
    air, left = place.air, place.left
    if first:
        first = replace(
            first, figure=first.drawing(min(BOARD_FIGURE + left / layout.POINT, MOST_FIGURE), True)
        )
    return Board(
        replace(cut, air=air) if cut else None, replace(few, air=air) if few else None, first, lacking, notes, how
    )  # fmt: skip


def _sizes(found: Findings | None, steps: RoadmapPage | None) -> list[tuple[int, int]]:
    """How many findings and steps might be told, the most first."""
    most_found = min(len(found.rows), BOARD_FINDINGS) if found else 0
    most_steps = min(len(steps.steps), BOARD_STEPS) if steps else 0
    sizes = product(range(most_found + 1), range(most_steps + 1))
    return sorted(sizes, key=lambda two: (-two[0] - two[1], abs(two[0] - two[1]), -two[1]))


def _alone(found: Priorities | None) -> Priorities | None:
    """The figure without its table: names stand beside the dots."""
    return replace(found, figure=found.drawing(BOARD_FIGURE, True)) if found else None


def _findings(page: Findings) -> layout.Part:
    rows = [(row.kind, row.sentence, row.points, row.node) for row in page.rows]
    fixed = layout.heading(page.chapter.title) + layout.HEAD + layout.caption(page.note)
    return layout.Part(fixed, layout.words(rows, FINDINGS), len(rows))


def _steps(page: RoadmapPage) -> layout.Part:
    rows = [
        (one.number, f"{one.title} {one.needs}", one.effort, one.period, one.again, one.index, one.owner)
        for one in page.steps
    ]
    fixed = layout.heading(page.chapter.title) + layout.HEAD + layout.caption(page.note)
    return layout.Part(fixed, layout.words(rows, STEPS), len(rows))


def _priorities(page: Priorities, figure: float, table: bool = True) -> layout.Part:
    rows = [(one.number, one.title, one.quadrant, one.weight, one.score, one.gain) for one in page.rows]
    fixed = layout.heading(page.chapter.title) + figure * layout.POINT + layout.caption(page.figure.caption)
    if not table:
        return layout.Part(fixed + 5)
    fixed += 5 + layout.HEAD + layout.notes(page.note)
    return layout.Part(fixed, layout.words(rows, PRIORITIES), len(rows))
