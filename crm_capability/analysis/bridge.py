"""Results of an earlier framework read by a later one, where that one says how."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from ..definition.bridges import Bridge, Crossing
from ..definition.framework import Measure
from ..methods.model import in_language
from ..scoring.assessment import score, scores_table
from ..tables import NOT_APPLICABLE, NOT_COLLECTED, shape
from .again import attributes_of
from .result import Result


@dataclass(frozen=True)
class Bridged:
    """The earlier result as the later framework would have scored it, by the later fit and weights;
    measures named on the bridge, measures that no bridge leads to."""

    result: Result
    named: frozenset[str]
    apart: frozenset[str]
    note: str


def bridge_between(first: Result, second: Result) -> Bridge | None:
    """The bridge of the second's framework from that of the first."""
    here, there = first.framework, second.framework
    for bridge in there.bridges:
        if (bridge.framework or there.framework, bridge.version) == (here.framework, here.version):
            return bridge
    return None


def bridged(first: Result, second: Result, bridge: Bridge) -> Bridged:
    """Carry the readings of the first over, and score them by the second's framework.

    Raises EvidenceError where the readings cannot be scored by it.
    """
    later = second.framework
    crossings = {
        name: bridge.measures.get(name) or _itself(first.framework.measures.get(name), measure)
        for name, measure in later.measures.items()
    }
    readings = _carried(first, crossings)
    plan = first.plan.model_copy(update={"weights": second.plan.weights})
    fitted = second.tables["fitted"]
    scored = score(
        later, plan, list(first.units), readings, attributes_of(first), fitted if len(fitted) else None
    )
    tables = {
        **first.tables,
        "readings": readings,
        "scores": scores_table(later, scored),
        "fitted": fitted,
    }
    origin = f"{first.framework.framework}@{first.framework.version}"
    told = [_told(name, crossing) for name, crossing in bridge.measures.items()]
    note = (
        f"the first, assessed by {origin}, is scored again by {later.framework}@{later.version} over its bridge"
        f" ({in_language(bridge.because, 'en')})" + (f": {'; '.join(told)}" if told else "")
    )
    apart = frozenset(name for name, crossing in crossings.items() if crossing is None)
    result = replace(first, framework=later, plan=plan, tables=tables)
    return Bridged(result, frozenset(bridge.measures), apart, note)


def _itself(old: Measure | None, new: Measure) -> Crossing | None:
    """A measure of one id, unit, direction and denominator crosses as it is."""
    if old is None or in_language(old.unit, "en") != in_language(new.unit, "en"):
        return None
    same = old.better == new.better and old.denominator == new.denominator
    return Crossing(was=new.id) if same else None


def _carried(first: Result, crossings: dict[str, Crossing | None]) -> pd.DataFrame:
    """The readings of the first by the later measures, its whole grid."""
    old = first.tables["readings"].set_index(["wave", "unit", "measure"])
    waves, units = [wave.id for wave in first.plan.waves], list(first.units)
    grid = pd.MultiIndex.from_product([waves, units, list(crossings)], names=["wave", "unit", "measure"])
    was = [crossing.was if crossing else "" for crossing in crossings.values()] * (len(waves) * len(units))
    frame = grid.to_frame(index=False).assign(was=was)
    found = old.reindex(pd.MultiIndex.from_frame(frame[["wave", "unit", "was"]])).reset_index(drop=True)
    times = np.array([crossing.times if crossing else 1.0 for crossing in crossings.values()])
    plus = np.array([crossing.plus if crossing else 0.0 for crossing in crossings.values()])
    rows = len(waves) * len(units)
    found["value"] = found["value"].astype(float) * np.tile(times, rows) + np.tile(plus, rows)
    found["standard_error"] = found["standard_error"].astype(float) * np.abs(np.tile(times, rows))
    found["imputed"] = np.nan
    found["state"] = found["state"].where(found["state"].notna(), NOT_COLLECTED)
    frame = pd.concat([frame.drop(columns="was"), found], axis=1)
    outside = set(first.plan.scope.exclude)
    frame.loc[frame["measure"].isin(outside), "state"] = NOT_APPLICABLE
    return shape("readings", frame)


def _told(name: str, crossing: Crossing) -> str:
    scale = "" if crossing.times == 1 else f"{crossing.times:g} × "
    shift = "" if crossing.plus == 0 else f" {'+' if crossing.plus > 0 else '−'} {abs(crossing.plus):g}"
    return f"{name} = {scale}{crossing.was}{shift}"
