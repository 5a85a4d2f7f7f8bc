"""Levels that nobody showed evidence for: a maturity answer above a threshold counts as the
threshold unless the plan names a document that is good at the end of the wave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from ..definition.documents import Document
from ..definition.plan import Plan
from ..definition.questionnaire import Maturity
from ..methods.model import in_language
from ..tables import shape
from .answers import Answers
from .cells import Cells, cells
from .group_means import Groups, groups_of

KEYS = ["wave", "unit", "measure"]


def capped(answers: Answers, plan: Plan) -> tuple[Answers, pd.DataFrame]:
    """The answers with unproven levels brought down, and the table `caps` of them."""
    asked = {
        name: question
        for name, question in answers.sheet.questions.items()
        if isinstance(question, Maturity) and question.evidence_above is not None and name in answers.cells
    }
    if not asked:
        return answers, shape("caps", {})
    groups = groups_of(answers.people)
    changed, rows = dict(answers.cells), []
    for name, question in asked.items():
        assert question.evidence_above is not None
        most = max(level.value for level in question.levels if level.value <= question.evidence_above)
        above = answers.cells[name].numbers > question.evidence_above
        lacking = _lacking(groups, name, plan)
        why = np.array([reason is not None for reason in lacking])
        out = above & why[groups.which]
        if not out.any():
            continue
        changed[name] = _brought_down(answers.cells[name], out, most)
        counts = [
            np.bincount(groups.which[of], minlength=len(lacking)) for of in (out, _given(answers, name))
        ]
        part = groups.keys.assign(
            questionnaire=answers.sheet.questionnaire, question=name, measure=question.feeds, cap=most,
            capped=counts[0], answers=counts[1], why=lacking,
        )  # fmt: skip
        rows.append(part[counts[0] > 0])
    table = shape("caps", pd.concat(rows, ignore_index=True) if rows else {})
    return replace(answers, cells=changed), table


def _given(answers: Answers, question: str) -> np.ndarray:
    return np.asarray(~np.isnan(answers.cells[question].numbers))


def _brought_down(given: Cells, out: np.ndarray, most: float) -> Cells:
    """The answers with those that are out at the level that counts."""
    values, marks = np.append(given.values, most), np.append(given.marks, np.int8(0))
    codes = given.codes.astype(np.min_scalar_type(len(values) - 1))
    codes[out] = len(values) - 1
    return cells(codes, values, marks)


def _lacking(groups: Groups, question: str, plan: Plan) -> list[str | None]:
    """Why each wave and unit has no evidence for a question; None where it has."""
    found: list[str | None] = []
    for key in groups.keys.to_dict("records"):
        mine = [
            one
            for one in plan.documents
            if one.question == question
            and one.wave in (None, key["wave"])
            and one.unit in (None, key["unit"])
        ]
        found.append(_why_not(mine, plan.wave(key["wave"]).end))
    return found


def _why_not(documents: Sequence[Document], end: date | None) -> str | None:
    """Why none of the documents is good on a day; None where one is."""
    reasons = []
    for one in documents:
        title = in_language(one.title, "en")
        if end is not None and one.expires is not None and one.expires < end:
            reasons.append(f"{title} expired on {one.expires.isoformat()}")
        elif end is not None and one.date is not None and one.date > end:
            reasons.append(f"{title} is dated {one.date.isoformat()}, after the wave")
        else:
            return None
    return "; ".join(reasons) or "no document"


def marked(readings: pd.DataFrame, caps: pd.DataFrame) -> pd.DataFrame:
    """The readings with a word in their source where answers behind them were capped."""
    told = {(row.wave, row.unit, row.measure): row.cap for row in caps.itertuples()}
    if not told:
        return readings
    found = [told.get(key) for key in readings[KEYS].astype("str").itertuples(index=False, name=None)]
    words = [source if cap is None else f"{source} (capped at {cap:g} for want of evidence)"
             for source, cap in zip(readings["source"], found, strict=True)]  # fmt: skip
    return readings.assign(source=words)


def cap_notes(caps: pd.DataFrame) -> list[str]:
    """What to know of the capped answers, question by question."""
    return [
        f"{row.question} of {row.unit} in {row.wave}: {row.capped} of {row.answers} answers count as level "
        f"{row.cap:g}, {row.why} (table caps)"
        for row in caps.itertuples()
    ]
