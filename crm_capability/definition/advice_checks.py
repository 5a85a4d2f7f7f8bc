"""What a plan's wishes for advice cannot say by their form: nodes that must exist, a day to start."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Problem, near_miss
from .framework import Framework
from .plan import Plan


def advice_problems(plan: Plan, framework: Framework, say: Any) -> Iterator[Problem]:
    """Problems of `links` and `roadmap`."""
    nodes = [node.id for _, node, _ in framework.walk()]
    if plan.links is not None:
        for key, names in (("from", plan.links.sources), ("to", plan.links.to)):
            for n, name in enumerate(names):
                if name not in nodes:
                    what = f'"{name}" is no node of the framework'
                    yield say(("links", key, n), what, near_miss(name, nodes))
        if plan.links.lag and len(plan.waves) < 2:
            yield say(("links", "lag"), "a lag needs a wave after the first, and there is one", "take it out")
    if plan.roadmap is not None and plan.roadmap.start is None and plan.waves[-1].end is None:
        what = "nothing says when the roadmap starts: the last wave has no period"
        yield say(("roadmap",), what, "add `start`, or `from` and `to` of the wave")
