"""Peers with little evidence: what they count with in a comparison.

A rate from three cases lies at an end of the scale by chance alone, and would make the best and the
worst of every list. So readings of few cases are drawn toward what all units say together, as far as
their own uncertainty demands. Readings of many cases stand as they are, and so does the unit that is
compared.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..methods.model import in_language
from ..methods.shrinkage import FEWEST, Shrunk, beta_binomial_shrinkage, normal_shrinkage
from ..scoring.assessment import scores_table
from ..tables import MEASURED, shape
from .again import score_again
from .comparable import listed
from .result import Result

Array = NDArray[np.float64]
TINY = 30  # readings of fewer cases are drawn


def shrinkage_table(framework: Framework, readings: pd.DataFrame) -> pd.DataFrame:
    """The table `shrinkage`: readings of few cases, drawn toward those of all units of their wave.

    Readings with a standard error go by it; one that has none, or none above zero (a single case,
    three cases that all agree), goes by what one case of the others varies. Shares that nobody
    has a standard error for go by their number of cases. What says nothing of its uncertainty
    stands as it is.
    """
    usable = readings[(readings["state"] == MEASURED) & readings["value"].notna()]
    usable = usable[usable["measure"].isin(framework.measures)]
    parts = []
    for _, rows in usable.groupby(["wave", "measure"], sort=False):
        if len(rows) < FEWEST:
            continue
        is_share = in_language(framework.measures[rows["measure"].iloc[0]].unit, "en") == "share"
        for method, kept, found in _drawn(rows, is_share):
            part = rows.loc[kept, ["wave", "unit", "measure", "value", "n"]]
            part = part.assign(method=method, toward=found.mean, own_share=found.own, drawn=found.values)
            parts.append(part[(part["n"].fillna(TINY) < TINY).to_numpy(dtype=bool)])
    return shape("shrinkage", pd.concat(parts, ignore_index=True) if parts else {})


def _drawn(rows: pd.DataFrame, is_share: bool) -> Iterator[tuple[str, NDArray[np.bool_], Shrunk]]:
    """The readings of one measure that can be drawn, which they are, and how."""
    values, errors = rows["value"].to_numpy(float), rows["standard_error"].to_numpy(float)
    cases = rows["n"].to_numpy(dtype=float, na_value=np.nan)
    counted = cases > 0
    precise = errors > 0
    variances = np.where(precise, errors**2, np.nan)
    if (precise & counted).any():
        both = precise & counted
        of_one_case = np.average(cases[both] * variances[both], weights=cases[both])
        variances = np.where(~precise & counted, of_one_case / np.where(counted, cases, 1.0), variances)
    known = ~np.isnan(variances)
    if known.sum() >= FEWEST:
        yield "normal", known, normal_shrinkage(values[known], variances[known])
    elif is_share and not precise.any() and counted.sum() >= FEWEST:
        inside = counted & (values >= 0) & (values <= 1)
        if inside.sum() == counted.sum():
            yield "beta-binomial", counted, beta_binomial_shrinkage(values[counted], cases[counted])


def drawn_readings(readings: pd.DataFrame, shrinkage: pd.DataFrame) -> pd.DataFrame:
    """The readings with every one that the table `shrinkage` holds as it is drawn."""
    keys = ["wave", "unit", "measure"]
    drawn = readings[keys].merge(shrinkage[[*keys, "drawn"]], on=keys, how="left")["drawn"].to_numpy()
    return readings.assign(value=np.where(np.isnan(drawn), readings["value"], drawn))


def counting_scores(result: Result) -> Array:
    """What each row of the table `scores` counts with in a pool: scored again from drawn readings."""
    scores = result.tables["scores"]
    own = scores["score"].to_numpy(float)
    table = shrinkage_table(result.framework, result.tables["readings"])
    if not (table["own_share"] < 1.0).any():
        return own
    drawn = score_again(result, readings=drawn_readings(result.tables["readings"], table))
    found = scores_table(result.framework, drawn)
    return np.where(np.isnan(own), np.nan, found["score"].to_numpy(float))


def shrinkage_notes(shrinkage: pd.DataFrame, unit: str) -> Iterator[str]:
    """Which peers have so little evidence that they count otherwise: a sentence a wave."""
    little = shrinkage[shrinkage["unit"] != unit]
    for wave, rows in little.groupby("wave", sort=False):
        named = [_little(str(peer), part) for peer, part in rows.groupby("unit", sort=False)]
        yield (
            f"{wave}: readings of peers with little evidence count as drawn toward the peers' mean: "
            f"{listed(named)} (table shrinkage)"
        )


def _little(peer: str, rows: pd.DataFrame) -> str:
    """A peer, how little there is of it, and how much of its own it keeps."""
    n = "" if rows["n"].isna().all() else f"n {rows['n'].min()}, "
    shares = sorted({f"{share:.0%}" for share in (rows["own_share"].min(), rows["own_share"].max())})
    where = rows["measure"].iloc[0] if len(rows) == 1 else f"{len(rows)} measures"
    return f"{peer} ({n}{' to '.join(shares)} its own, {where})"
