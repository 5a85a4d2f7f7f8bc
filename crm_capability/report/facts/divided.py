"""Where people of one audience do not agree, and how their answers divide."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from ...analysis.worth import AGREE
from ...definition.questionnaire import Question
from .audiences import audience, own
from .rows import Teller
from .shapes import Divided

MOST = 4  # questions whose answers are drawn


def questions(teller: Teller) -> dict[str, Question]:
    """Every question that was asked, by its id."""
    sheets = teller.book.result.questionnaires
    return {name: question for sheet in sheets for name, question in sheet.questions.items()}


def disagreed(teller: Teller) -> pd.DataFrame:
    told = own(teller, "audiences")
    return told[told["r_wg"] < AGREE].sort_values("r_wg", kind="stable") if len(told) else told


def divided(teller: Teller) -> tuple[Divided, ...]:
    """How answers divide where people agree least: shares below, in and above the middle."""
    lang = teller.lang
    shares, asked = own(teller, "item_shares"), questions(teller)
    found: list[Divided] = []
    for one in disagreed(teller).to_dict("records"):
        rows = (
            shares[(shares["measure"] == one["measure"]) & (shares["role"] == one["role"])]
            if len(shares)
            else shares
        )
        for name, part in rows.groupby("question", sort=False):
            if len(found) == MOST:
                return _on_one_scale(found)
            question = asked[str(name)]
            points = part.sort_values("value")
            middle = (points["value"].min() + points["value"].max()) / 2
            sums = [
                float(points.loc[where, "share"].sum())
                for where in (points["value"] < middle, points["value"] == middle, points["value"] > middle)
            ]
            found.append(
                Divided(
                    audience(teller, one["role"]),
                    lang.text(question.text),
                    lang.number(float(one["r_wg"]), 2),
                    lang.number(int(points["n"].iloc[0]), 0),
                    tuple(lang.share(share) for share in sums),
                    _bars(list(points["share"]), list(points["value"] - middle)),
                )
            )
    return _on_one_scale(found)


def _bars(shares: list[float], sides: list[float]) -> tuple[tuple[float, float, str], ...]:
    """Each answer's bar, its start counted from the centre: answers below the middle lie to the
    left, the middle one is split over it."""
    left = sum(s for s, side in zip(shares, sides, strict=True) if side < 0)
    start = -left - sum(s for s, side in zip(shares, sides, strict=True) if side == 0) / 2
    most, found = max(abs(side) for side in sides), []
    for share, side in zip(shares, sides, strict=True):
        far = "" if abs(side) < most else " far"
        found.append((start, share, "mid" if side == 0 else ("less" if side < 0 else "more") + far))
        start += share
    return tuple(found)


def _on_one_scale(found: list[Divided]) -> tuple[Divided, ...]:
    """The bars in per cent of a track whose centre is the middle, as wide as the widest needs."""
    reach = max(
        (abs(end) for one in found for start, wide, _ in one.bars for end in (start, start + wide)), default=1
    )
    return tuple(
        replace(one, bars=tuple((50 + 50 * s / reach, 50 * w / reach, tone) for s, w, tone in one.bars))
        for one in found
    )
