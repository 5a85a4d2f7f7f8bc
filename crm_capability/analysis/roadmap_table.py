"""A roadmap as tables: dated steps with owners to fill in, and the targets that it leads to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd

from ..definition.actions import Action
from ..methods.model import in_language
from ..scoring.assessment import Scored
from ..tables import shape
from .cases import by_language
from .gains import scores_if
from .result import Result
from .roadmap import BEST, Roadmap

ONE_DAY = timedelta(days=1)


def months_after(day: date, months: int) -> date:
    """The same day some months later; the month's last where it is shorter.

    >>> months_after(date(2018, 1, 31), 1)
    datetime.date(2018, 2, 28)
    """
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def first_day(result: Result, wanted: date | None) -> date | None:
    """When a roadmap starts: as wanted, else the day after the last wave; None without a period."""
    end = result.plan.waves[-1].end
    return wanted or (end + ONE_DAY if end is not None else None)


def roadmap_table(result: Result, scored: Scored, found: Roadmap, start: date | None) -> pd.DataFrame:
    """The table `roadmap`, by the day a step starts: when all that it needs is done. Steps without
    a day stand in an order that can be followed."""
    days = _days(found.steps, start)
    steps = tuple(sorted(found.steps, key=lambda step: days[step.id][0] if days else date.min))
    expected = _expected(result, scored, replace(found, steps=steps))
    root = scored.tree.branches[-1].node
    rows, effort = [], 0.0
    for n, step in enumerate(steps):
        begin, done = days.get(step.id, (None, None))
        effort += step.effort
        rows.append(
            {
                "step": n + 1,
                "action": step.id,
                "effort": step.effort,
                "start": begin and begin.isoformat(),
                "done": done and done.isoformat(),
                "measure_again": begin and months_after(begin, step.months).isoformat(),
                "needs": ", ".join(step.needs) or None,
                "precondition": in_language(step.precondition, "en") or None,
                "moves": ", ".join(m for m in step.moves if m in found.measures) or None,
                "effort_so_far": effort,
                "index_then": expected[root, n + 1],
                **by_language(step.title),
            }
        )
    return shape("roadmap", pd.DataFrame(rows))


def _days(steps: tuple[Action, ...], start: date | None) -> dict[str, tuple[date, date]]:
    """The first and last day of each step; nothing without a day to start from."""
    found: dict[str, tuple[date, date]] = {}
    if start is None:
        return found
    for step in steps:
        begin = max([start, *(found[need][1] + ONE_DAY for need in step.needs)])
        found[step.id] = (begin, months_after(begin, step.takes or step.months) - ONE_DAY)
    return found


def roadmap_targets(result: Result, scored: Scored, found: Roadmap) -> pd.DataFrame:
    """The table `roadmap_targets`: every node that the roadmap moves, scored anew."""
    expected = _expected(result, scored, found)
    now, then = expected[:, 0], expected[:, -1]
    moved = [n for n in range(len(scored.tree.ids)) if then[n] - now[n] > 1e-9]
    columns = {"node": [scored.tree.ids[n] for n in moved], "score": now[moved], "target": then[moved]}
    return shape("roadmap_targets", pd.DataFrame(columns))


def _expected(result: Result, scored: Scored, found: Roadmap) -> np.ndarray:
    """All scores now and after each step, shape (nodes, 1 + steps)."""
    row = scored.of_wave(result.plan.waves[-1].id).start + scored.units.index(result.plan.unit)
    leaves = {leaf.id: leaf.node for leaf in scored.tree.leaves}
    steps = [
        {leaves[m]: _after(scored.scores[leaves[m], row], found.steps[:n], m) for m in found.measures}
        for n in range(len(found.steps) + 1)
    ]
    return scores_if(scored, row, steps)


def _after(score: float, steps: tuple[Action, ...], measure: str) -> float:
    """A measure's score once some steps are done."""
    covered = sum(step.moves.get(measure, 0.0) for step in steps)
    return float(score + min(covered, 1.0) * max(BEST - score, 0.0))


def roadmap_notes(found: Roadmap, budget: float) -> Iterator[str]:
    """What to know before a roadmap is believed: sentences."""
    if not found.steps:
        yield f"roadmap: nothing within an effort of {budget:g} promises a gain"
        return
    yield (
        "roadmap: what it promises are the actions' own figures, which are judgements; the choice takes the index as "
        "linear, the figures of index_then do not"
    )
    if found.unscored:
        yield f"roadmap: not counted, for they have no score: {', '.join(found.unscored)}"
