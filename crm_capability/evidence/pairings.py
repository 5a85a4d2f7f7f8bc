"""Respondents who answered in two waves: what pairs their readings."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .answers import Answers


def pairings(
    sheets: list[Answers], measure: str, unit: str, role: str, before: str, after: str
) -> tuple[int, float]:
    """How many respondents of a unit and role answered for a measure in both waves, and the
    covariance of the two mean answers that follows from them."""
    sides = [_side(sheets, measure, unit, role, wave) for wave in (before, after)]
    if any(side.empty for side in sides):
        return 0, 0.0
    totals = [side["weight"].sum() for side in sides]
    centres = [np.average(side["mean"], weights=side["weight"]) for side in sides]
    both = sides[0].add_suffix("_before").join(sides[1].add_suffix("_after"), how="inner")
    n = len(both)
    if n < 2:
        return n, 0.0
    deviations = (
        both["weight_before"]
        * (both["mean_before"] - centres[0])
        * both["weight_after"]
        * (both["mean_after"] - centres[1])
    )
    return n, float(n / (n - 1) * deviations.sum() / (totals[0] * totals[1]))


def _side(sheets: list[Answers], measure: str, unit: str, role: str, wave: str) -> pd.DataFrame:
    parts = []
    for answers in sheets:
        if measure not in answers.fed:
            continue
        people = answers.people
        here = ((people["unit"] == unit) & (people["role"] == role) & (people["wave"] == wave)).to_numpy()
        mean = answers.means(measure)[here]
        part = pd.DataFrame(
            {"mean": mean, "weight": people["weight"].to_numpy()[here]},
            index=people["respondent"].to_numpy()[here],
        )
        parts.append(part[part["mean"].notna()])
    return pd.concat(parts) if parts else pd.DataFrame({"mean": [], "weight": []})
