"""Waves as periods, each with the period before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from ...definition.plan import Wave


@dataclass(frozen=True)
class Period:
    """A wave, or a period before the first one.

    Waves are numbered from 1 in the plan's order, periods before the first one from 0 downwards:
    databases group by a number far faster than by a name. `ends` is the first day after it.
    """

    id: str
    number: int
    begins: date
    ends: date
    earlier: str = ""

    def overlaps(self, other: Period) -> bool:
        return self.begins < other.ends and other.begins < self.ends


def periods(waves: Sequence[Wave], reach: int) -> tuple[Period, ...]:
    """The waves, with as many periods before the first as `reach` says, each as long as it.

    The period before a wave is the wave before it in the plan's order.
    """
    result = []
    before = earlier_than(waves[0].id)
    for number, wave in enumerate(waves, 1):
        assert wave.start is not None
        assert wave.end is not None
        result.append(Period(wave.id, number, wave.start, wave.end + timedelta(days=1), before))
        before = wave.id
    first = result[0]
    for back in range(reach):
        length = first.ends - first.begins
        first = Period(first.earlier, -back, first.begins - length, first.begins, earlier_than(first.earlier))
        result.append(first)
    return tuple(result)


def earlier_than(wave: str) -> str:
    """The name of the period before a wave that has none before it; no wave is called so."""
    return f"earlier than {wave}"


def spans(all_periods: Sequence[Period]) -> list[tuple[date, date]]:
    """The stretches of time that the periods cover, the fewest there are."""
    result: list[tuple[date, date]] = []
    for period in sorted(all_periods, key=lambda one: one.begins):
        if result and period.begins <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], period.ends))
        else:
            result.append((period.begins, period.ends))
    return result
