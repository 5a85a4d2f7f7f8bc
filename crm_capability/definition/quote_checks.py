"""Whether the words that a plan chooses to print are answers to questions in words."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ..errors import Problem, near_miss
from .load import Definition
from .plan import Plan, SurveyEvidence
from .questionnaire import FreeText, Questionnaire


def quote_problems(
    definition: Definition[Plan], sheets: Collection[Questionnaire | None]
) -> Iterator[Problem]:
    """Quotes of questions that take no words, and of waves that are not there. `sheets` stand in the
    order of the plan's evidence; None for what is no questionnaire, or is wrong itself."""
    plan, say = definition.value, definition.problem
    waves = [wave.id for wave in plan.waves]
    for n, (entry, sheet) in enumerate(zip(plan.evidence, sheets, strict=True)):
        if not isinstance(entry, SurveyEvidence):
            continue
        for q, one in enumerate(entry.quotes):
            at = ("evidence", n, "quotes", q)
            if one.wave is not None and one.wave not in waves:
                yield say((*at, "wave"), f'no wave "{one.wave}"', near_miss(one.wave, waves))
            if sheet is None:
                continue
            texts = [name for name, found in sheet.questions.items() if isinstance(found, FreeText)]
            if one.question not in texts:
                what = f'"{one.question}" is no question of {sheet.questionnaire} that is answered in words'
                remedy = near_miss(one.question, texts) if texts else "it has none: leave `quotes` out"
                yield say((*at, "question"), what, remedy)
