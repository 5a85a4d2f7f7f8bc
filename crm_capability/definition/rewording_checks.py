"""Whether a questionnaire's bridges lead from something to something."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..errors import Problem, near_miss
from .questionnaire import Questionnaire


def rewording_problems(sheet: Questionnaire, say: Any) -> Iterator[Problem]:
    """Bridges to questions that are not there, or to answers that they do not offer."""
    known = sheet.questions
    for n, bridge in enumerate(sheet.bridges):
        if bridge.source == f"{sheet.questionnaire}@{sheet.version}":
            yield say(("bridges", n, "from"), "a bridge from this very version", "name an earlier one")
        for name, one in bridge.questions.items():
            at = ("bridges", n, "questions", name)
            if name not in known:
                yield say(at, f'no question "{name}"', near_miss(name, known), key=True)
                continue
            question = known[name]
            scale = getattr(question, "scale", None)
            if scale is not None and scale not in sheet.scales:
                continue  # said elsewhere
            points = sheet.points(question)
            for old, new in one.values or ():
                if points is not None and new not in points:
                    allowed = ", ".join(f"{point:g}" for point in points)
                    what = f"{old:g} becomes {new:g}, which is no answer to {name}"
                    yield say((*at, "values"), what, f"allowed: {allowed}")
