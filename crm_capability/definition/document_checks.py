"""Whether a plan's documents back up something that demands it."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..errors import Problem, near_miss
from .load import Definition
from .plan import Plan


def document_problems(definition: Definition[Plan], demanding: Collection[str]) -> Iterator[Problem]:
    """Documents of a plan for questions that demand none, for waves or units that are not there, and
    with days where a wave has none. `demanding` are the questions with `evidence_above`."""
    plan, say = definition.value, definition.problem
    waves = {wave.id: wave for wave in plan.waves}
    for n, one in enumerate(plan.documents):
        if one.question not in demanding:
            what = f'"{one.question}" is no question that demands evidence'
            yield say(("documents", n, "question"), what, near_miss(one.question, demanding))
        if one.wave is not None and one.wave not in waves:
            yield say(("documents", n, "wave"), f'no wave "{one.wave}"', near_miss(one.wave, waves))
        if isinstance(plan.units, dict) and one.unit is not None and one.unit not in plan.units:
            yield say(("documents", n, "unit"), f'no unit "{one.unit}"', near_miss(one.unit, plan.units))
        undated = [name for name, wave in waves.items() if wave.end is None and one.wave in (None, name)]
        if (one.date or one.expires) and undated:
            what = f'the wave "{undated[0]}" has no period, and the document has days'
            yield say(("documents", n), what, "add `from` and `to` to the wave")
