"""Words that respondents wrote, chosen one by one to be printed."""

from __future__ import annotations

from ..methods.model import Id, Model, Whole, Words


class Quote(Model):
    """One respondent's answer to one question in words. `wave` where the respondent answered in
    several; the report names the audience alone."""

    respondent: Words | Whole
    question: Id
    wave: Id | None = None
