"""Whom a unit is compared with: the plan's other units or a pool, all of them or its own kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..definition.plan import Benchmark, Plan
from ..definition.pool import Pool, PoolScores
from ..errors import EvidenceError, Place, Problem, near_miss
from ..evidence.readings import Evidence
from ..scoring.assessment import Scored, score
from ..tables import shape
from .pool import fingerprint
from .shrinkage import drawn_readings, shrinkage_table

Array = NDArray[np.float64]
NOBODY = np.array([])


@dataclass(frozen=True)
class Peers:
    """The peers of every unit of a plan. `counting` are the units' scores as peers count with
    them; `kinds` holds what each unit is by the attributes that peers must share, or None."""

    scored: Scored
    counting: Array
    pool: Pool | None
    like: tuple[str, ...]
    kinds: tuple[str | None, ...]
    members: dict[int, Array] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        scored: Scored,
        benchmark: Benchmark,
        pool: Pool | None = None,
        attributes: pd.DataFrame | None = None,
        drawn: Array | None = None,
    ) -> Peers:
        """Raises EvidenceError for an attribute that the units, or the pool, do not have."""
        counting = scored.scores if drawn is None else drawn
        kinds = _kinds(scored.units, benchmark.like, attributes)
        if pool is not None and benchmark.like and benchmark.like[0] not in pool.groups:
            what = f"the pool {pool.pool} has no groups by {benchmark.like[0]}"
            remedy = near_miss(benchmark.like[0], pool.groups) if pool.groups else "build it with --group"
            raise EvidenceError(Problem(Place(), what, remedy))
        return cls(scored, counting, pool, benchmark.like, kinds, _members(scored, counting, pool))

    def kind(self, unit: int) -> str | None:
        """What a unit and its peers have in common, in words; None where all are peers."""
        return f"{', '.join(self.like)}: {self.kinds[unit]}" if self.like else None

    def scores(self, wave: str, unit: int) -> list[Array]:
        """Each node's scores of the unit's peers in a wave, low to high."""
        if self.pool is None:
            block = self.counting[:, self.scored.of_wave(wave)]
            alike = [u for u, kind in enumerate(self.kinds) if u != unit and kind == self.kinds[unit]]
            if self.like and self.kinds[unit] is None:
                alike = []
            return [np.sort(row[~np.isnan(row)]) for row in block[:, alike]]
        nodes = self._pooled(unit)
        peers = [nodes[node].sorted if node in nodes else NOBODY for node in self.scored.tree.ids]
        own = self.members.get(unit)
        if own is None:
            return peers
        return [_less(known, score) for known, score in zip(peers, own, strict=True)]

    def _pooled(self, unit: int) -> dict[str, PoolScores]:
        assert self.pool is not None
        if not self.like:
            return dict(self.pool.nodes)
        return dict(self.pool.groups[self.like[0]].get(self.kinds[unit] or "", {}))


def peers_of(
    framework: Framework, plan: Plan, evidence: Evidence, scored: Scored, pool: Pool | None = None
) -> tuple[Peers | None, pd.DataFrame]:
    """The peers that the plan asks for, and the table `shrinkage` of what they count with.

    Raises EvidenceError for an attribute that the units, or the pool, do not have.
    """
    benchmark = plan.benchmark
    if benchmark is None or benchmark.pool is None:
        return None, shape("shrinkage", {})
    shrinkage = shrinkage_table(framework, evidence.readings)
    drawn = None
    if (shrinkage["own_share"] < 1.0).any():
        fitted = scored.fitted if len(scored.fitted) else None
        readings = drawn_readings(evidence.readings, shrinkage)
        units, attributes = list(evidence.units), evidence.attributes
        drawn = score(framework, plan, units, readings, attributes, fitted, evidence.distributions).scores
    return Peers.of(scored, benchmark, pool, evidence.attributes, drawn), shrinkage


def _kinds(
    units: Sequence[str], like: Sequence[str], attributes: pd.DataFrame | None
) -> tuple[str | None, ...]:
    if not like:
        return ("",) * len(units)
    known = pd.DataFrame(index=list(units)) if attributes is None else attributes.reindex(list(units))
    lacking = [name for name in like if name not in known.columns]
    if lacking:
        what = f"benchmark: the units have no attribute {lacking[0]} to be alike in"
        remedy = near_miss(lacking[0], known.columns) or "list the units with it, in the plan or a file"
        raise EvidenceError(Problem(Place(), what, remedy))
    rows = known[list(like)].itertuples(index=False, name=None)
    return tuple(
        None if any(pd.isna(part) or str(part) == "" for part in row) else " · ".join(map(str, row))
        for row in rows
    )


def _members(scored: Scored, counting: Array, pool: Pool | None) -> dict[int, Array]:
    """The units that are in the pool themselves, by number, with the scores they have there."""
    marks = set(pool.members) if pool is not None else set()
    found = {}
    if pool is not None and marks:
        for wave in scored.waves:
            block, there = scored.scores[:, scored.of_wave(wave)], counting[:, scored.of_wave(wave)]
            for u, unit in enumerate(scored.units):
                if fingerprint(pool.pool, unit, zip(scored.tree.ids, block[:, u], strict=True)) in marks:
                    found[u] = there[:, u]
    return found


def _less(known: Array, score: float) -> Array:
    if not len(known) or np.isnan(score):
        return known
    return np.delete(known, np.argmin(np.abs(known - score)))
