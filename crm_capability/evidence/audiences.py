"""One reading out of several: how the answers of different audiences combine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from ..errors import EvidenceError, Place, Problem
from ..tables import MEASURED, NOT_APPLICABLE, NOT_COLLECTED, UNKNOWN

KEYS = ["wave", "unit", "measure"]


def combined(parts: pd.DataFrame, roles: Mapping[str, Mapping[str, float]], notes: list[str]) -> pd.DataFrame:
    """One row a wave, unit and measure: several audiences combined by `roles`."""
    several = parts.duplicated(KEYS, keep=False)
    rows = [parts[~several]]
    clashes: list[Problem] = []
    for key, group in parts[several].groupby(KEYS, sort=False):
        weights = group["role"].map(dict(roles.get(key[2], {})))
        if key[2] not in roles:
            weights = pd.Series(1.0, index=group.index)
        left_out = sorted(set(group["role"].dropna()[weights.isna()]))
        if left_out:
            notes.append(
                f"{key[2]}: answers of {', '.join(left_out)} are not used, `roles` does not name them"
            )
        rows.append(_one(key, group, weights, clashes))
    if clashes:
        raise EvidenceError(clashes)
    return pd.concat(rows, ignore_index=True)


def _one(key: Any, group: pd.DataFrame, weights: pd.Series, clashes: list[Problem]) -> pd.DataFrame:
    wave, unit, measure = key
    measured = group[(group["state"] == MEASURED) & (group["role"].isna() | weights.notna())]
    if len(measured) > 1 and (measured["role"].isna().any() or measured["role"].duplicated().any()):
        sources = " and ".join(measured["source"])
        what = f"{measure} of {unit} in {wave} is measured twice: {sources}"
        clashes.append(Problem(Place(), what, "keep one of the sources"))
    if len(measured) < 2:
        return measured if len(measured) else group.iloc[[_strongest_state(group["state"])]]
    share = weights[measured.index] / weights[measured.index].sum()
    errors = measured["standard_error"]
    kinds = measured["evidence"].unique()
    return pd.DataFrame(
        [
            {
                **dict(zip(KEYS, key, strict=True)),
                "value": float((share * measured["value"]).sum()),
                "n": measured["n"].sum(),
                "standard_error": float(np.sqrt(((share * errors) ** 2).sum()))
                if errors.notna().all()
                else np.nan,
                "state": MEASURED,
                "evidence": kinds[0] if len(kinds) == 1 else "survey",
                "source": "; ".join(measured["source"]),
            }
        ]
    )


def _strongest_state(states: pd.Series) -> int:
    """All not applicable stays so; else anything unknown is unknown; else not collected."""
    if (states == NOT_APPLICABLE).all():
        return 0
    wanted = UNKNOWN if (states == UNKNOWN).any() else NOT_COLLECTED
    return int(np.argmax((states == wanted).to_numpy()))
