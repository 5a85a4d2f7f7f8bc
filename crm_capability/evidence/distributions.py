"""How respondents divide over the answers to a measure: numbers of a group, never of a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import pandas as pd

from ..methods.suppression import MINIMUM_GROUP
from ..tables import MEASURED, shape
from .answers import Answers
from .audiences import KEYS


def distributions_table(
    sheets: Collection[Answers],
    measures: Collection[str],
    roles: Mapping[str, Mapping[str, float]],
    readings: pd.DataFrame,
    notes: list[str],
    fewest: int = MINIMUM_GROUP,
) -> pd.DataFrame:
    """The table `distributions` of the `measures` that respondents' answers feed.

    A respondent's answer is the mean over the questions of the measure, weighted as in the reading;
    several audiences are mixed by `roles`, so that the mean over a distribution is the reading.
    Where fewer than `fewest` answered there is none, and `notes` says so.
    """
    read = readings[(readings["state"] == MEASURED) & readings["measure"].isin(measures)]
    told = set(read[KEYS].itertuples(index=False, name=None))
    parts: dict[tuple[str, ...], dict[str, pd.DataFrame]] = {}
    for answers in sheets:
        for measure in answers.fed:
            if measure in measures:
                for (wave, unit, role), group in _answered(answers, measure).groupby(
                    ["wave", "unit", "role"], sort=False
                ):
                    if (wave, unit, measure) in told:
                        audiences = parts.setdefault((wave, unit, measure), {})
                        audiences[role] = pd.concat([audiences[role], group]) if role in audiences else group
    rows: list[dict[str, Any]] = []
    few: dict[str, int] = {}
    for key, audiences in parts.items():
        weights = _weights(audiences, roles.get(key[2]))
        n = sum(int(audiences[role]["mean"].notna().sum()) for role in weights)
        if 0 < n < fewest:
            few[key[2]] = few.get(key[2], 0) + 1
        elif n:
            rows += _rows(key, audiences, weights, n)
    notes += [
        f"{measure}: fewer than {fewest} respondents in {count} case{'s' * (count > 1)}: grades there come from the mean answer"
        for measure, count in few.items()
    ]
    return shape("distributions", pd.DataFrame(rows))


def _answered(answers: Answers, measure: str) -> pd.DataFrame:
    return answers.people[["wave", "unit", "role", "weight"]].assign(mean=answers.means(measure))


def _weights(audiences: Mapping[str, pd.DataFrame], given: Mapping[str, float] | None) -> dict[str, float]:
    """The weight of each audience that answered, as `combined` takes them: one audience alone
    counts whether `roles` names it or not."""
    heard = {role for role, group in audiences.items() if group["mean"].notna().any()}
    if len(audiences) > 1 and given is not None:
        return {role: weight for role, weight in given.items() if role in heard}
    return dict.fromkeys(sorted(heard), 1.0)


def _rows(
    key: tuple[str, ...], audiences: Mapping[str, pd.DataFrame], weights: Mapping[str, float], n: int
) -> list[dict[str, Any]]:
    shares: dict[float, float] = {}
    for role, weight in weights.items():
        group = audiences[role].dropna(subset="mean")
        by_answer = group.groupby("mean")["weight"].sum() / group["weight"].sum()
        for value, share in by_answer.items():
            shares[float(value)] = shares.get(float(value), 0.0) + share * weight / sum(weights.values())
    return [
        {**dict(zip(KEYS, key, strict=True)), "value": value, "share": shares[value], "n": n}
        for value in sorted(shares)
    ]
