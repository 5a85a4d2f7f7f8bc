"""The words of respondents that the plan chose to print."""

from __future__ import annotations

from .audiences import audience, own
from .divided import questions
from .rows import Teller
from .shapes import Quoted


def quoted(teller: Teller) -> tuple[Quoted, ...]:
    """What people wrote, in the plan's order, each with the audience and the question alone."""
    lang, asked = teller.lang, questions(teller)
    return tuple(
        Quoted(
            audience(teller, one["role"]),
            lang.text(asked[one["question"]].text),
            lang.say("answers.quoted", text=one["text"]),
        )
        for one in own(teller, "quotes").to_dict("records")
    )
