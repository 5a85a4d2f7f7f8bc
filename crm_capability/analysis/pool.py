"""A pool of peers out of results: how everybody scored, and nobody's name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..definition.framework import Framework
from ..definition.plan import Plan, Wave
from ..definition.pool import FEWEST, Pool, PoolReadings, Quantiles
from ..errors import NOWHERE, ComparisonError, Place, Problem, near_miss
from ..methods.model import ID_PATTERN, VERSION_PATTERN
from ..tables import MEASURED
from .again import attributes_of
from .disclosure import dominance, grouped_scores, named_problems, pool_scores, unknown_attributes
from .result import Result
from .shrinkage import counting_scores

_WORDING = {"title", "definition", "note", "source"}


def build_pool(
    results: Mapping[str, Result],
    pool_id: str,
    wave: str | None = None,
    without: Sequence[str] = (),
    version: str = "1.0.0",
    sector: str | None = None,
    source: str | None = None,
    group: str | None = None,
    owner: str | None = None,
    named: Sequence[str] = (),
) -> Pool:
    """A pool of all units of some results (by folder), in one wave; each result's last unless named.

    `group` and `owner` are attributes of the units: groups hold those that are alike, and no owner
    may bring more than half of the peers. `named` are units that agreed to be named. A node that
    fewer than five units have a score for is left out, and so are readings; units with little
    evidence count as drawn toward the others. Raises ComparisonError with every reason why the
    results do not go together.
    """
    _check_names(pool_id, version)
    waves = {folder: _wave(result, wave) for folder, result in results.items()}
    problems = [*_misfits(results), *_waveless(results, waves, wave)]
    problems += [*_strangers(results, without, "to leave out"), *_strangers(results, named, "to name")]
    if problems:
        raise ComparisonError(problems)
    parts = {
        folder: _units(results[folder], found.id, without)
        for folder, found in waves.items()
        if found is not None
    }
    problems = list(_counted_twice(parts, pool_id))
    first = next(iter(results.values()))
    scores = pd.concat([table for table, _ in parts.values()], ignore_index=True)
    peers = _number_of_peers(parts)
    attributes = pd.concat([attributes_of(result) for result in results.values()])
    problems += [*unknown_attributes(attributes, group, owner)]
    problems += [] if problems else dominance(scores["unit"].unique(), attributes, owner)
    problems += named_problems(peers, named)
    if peers < FEWEST:
        what = f"{peers} units have scores: with fewer than {FEWEST} a figure would tell of one of them"
        problems.append(Problem(Place(next(iter(results))), what, "add results of more units"))
    if problems:
        raise ComparisonError(problems)
    kept = pool_scores(scores)
    groups = grouped_scores(scores, attributes[group]) if group else {}
    everything = [node.id for _, node, _ in first.framework.walk()]
    dated = [found for found in waves.values() if found is not None and found.start is not None]
    names = {found.id for found in waves.values() if found is not None}
    return Pool(
        pool=pool_id,
        version=version,
        framework=first.framework.framework,
        framework_version=first.framework.version,
        wave=names.pop() if len(names) == 1 else None,
        **{"from": min((w.start for w in dated if w.start), default=None)},
        to=max((w.end for w in dated if w.end), default=None),
        sector=sector,
        source=source or ("1 assessment" if len(results) == 1 else f"{len(results)} assessments"),
        scale=scale_of(first.framework, first.plan, first.tables["fitted"]),
        peers=peers,
        members=tuple(
            sorted(mark for table, _ in parts.values() for mark in _marks(table, pool_id).values())
        ),
        left_out=tuple(node for node in everything if node not in kept),
        named={
            unit: dict(zip(rows["node"], rows["score"].astype(float), strict=True))
            for unit, rows in scores[scores["unit"].isin(named)].groupby("unit", sort=False)
        },
        nodes=kept,
        groups={group: groups} if group and groups else {},
        readings=_readings([table for _, table in parts.values()], first.framework),
    )


def scale_of(framework: Framework, plan: Plan, fitted: pd.DataFrame) -> str:
    """A hash of what turns readings into scores: the tree's rules, weights, whatever was fitted.

    Results with the same scale can be set side by side; wording takes no part in it.
    """
    learned = fitted[fitted["value"].notna()].sort_values(["node", "method", "parameter"])
    rows = [[r.node, r.method, r.parameter, format(r.value, ".9g")] for r in learned.itertuples()]
    weights = {
        "plan": plan.model_dump(mode="json", include={"weights"}),
        "waves": [wave.model_dump(mode="json", include={"weights"}) for wave in plan.waves if wave.weights],
    }
    # without defaults: a key that a later version brings must not tell old pools apart
    rules = _without_words(framework.model_dump(mode="json", by_alias=True, exclude_defaults=True))
    text = json.dumps([rules, weights, rows], sort_keys=True, ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _without_words(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _without_words(value) for key, value in part.items() if key not in _WORDING}
    return [_without_words(one) for one in part] if isinstance(part, list) else part


def fingerprint(pool_id: str, unit: str, scores: Iterable[tuple[str, float]]) -> str:
    """What a pool keeps of a member: a hash of its id with all its scores. Who has only a name to
    try, or only scores, learns nothing from it."""
    known = sorted((node, format(score, ".6f")) for node, score in scores if not np.isnan(score))
    return hashlib.sha256(json.dumps([pool_id, unit, known]).encode()).hexdigest()[:32]


def _check_names(pool_id: str, version: str) -> None:
    wrong = []
    if not re.fullmatch(ID_PATTERN, pool_id):
        remedy = "ids are small letters, digits and hyphens, a letter first"
        wrong.append(Problem(NOWHERE, f'"{pool_id}" cannot be the id of a pool', remedy))
    if not re.fullmatch(VERSION_PATTERN, version):
        wrong.append(Problem(NOWHERE, f'"{version}" is no version', "write one such as 1.0.0"))
    if wrong:
        raise ComparisonError(wrong)


def _wave(result: Result, wanted: str | None) -> Wave | None:
    if wanted is None:
        return result.plan.waves[-1]
    return next((wave for wave in result.plan.waves if wave.id == wanted), None)


def _units(result: Result, wave: str, without: Sequence[str]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scores and measured readings of one wave, of the units that are wanted."""
    scores, readings = result.tables["scores"], result.tables["readings"]
    scores = scores.assign(counting=counting_scores(result))
    scores = scores[(scores["wave"] == wave) & scores["score"].notna() & ~scores["unit"].isin(without)]
    readings = readings[(readings["wave"] == wave) & (readings["state"] == MEASURED)]
    readings = readings[~readings["unit"].isin(without) & readings["measure"].isin(result.framework.measures)]
    return scores[["unit", "node", "score", "counting"]], readings[["unit", "measure", "value"]]


def _number_of_peers(parts: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]]) -> int:
    return sum(table["unit"].nunique() for table, _ in parts.values())


def _marks(scores: pd.DataFrame, pool_id: str) -> dict[str, str]:
    """The fingerprint of each unit."""
    return {
        str(unit): fingerprint(pool_id, str(unit), zip(rows["node"], rows["score"], strict=True))
        for unit, rows in scores.groupby("unit", sort=False)
    }


def _readings(tables: list[pd.DataFrame], framework: Framework) -> dict[str, PoolReadings]:
    found = {}
    for measure, rows in pd.concat(tables, ignore_index=True).groupby("measure", sort=False):
        values = rows["value"].dropna().to_numpy(float)
        if len(values) >= FEWEST:
            unit = framework.measures[str(measure)].unit
            found[str(measure)] = PoolReadings(n=len(values), unit=unit, quantiles=Quantiles.of(values))
    return found


def _misfits(results: Mapping[str, Result]) -> list[Problem]:
    """Results whose scores do not mean the same as the first one's."""
    (first_folder, first), *others = results.items()
    scale = scale_of(first.framework, first.plan, first.tables["fitted"])
    problems = []
    for folder, result in others:
        here, there = _named(result.framework), _named(first.framework)
        if here != there:
            what, remedy = (
                f"assessed by {here}, and {first_folder} by {there}",
                "take results of one framework and version",
            )
        elif scale_of(result.framework, result.plan, result.tables["fitted"]) != scale:
            what = f"scored with other rules, weights or fitted ranges than {first_folder}"
            remedy = "assess all units in one plan, or by a framework with bounds and weights of its own"
        else:
            continue
        problems.append(Problem(Place(folder), what, remedy))
    return problems


def _named(framework: Framework) -> str:
    return f"{framework.framework}@{framework.version}"


def _waveless(
    results: Mapping[str, Result], waves: Mapping[str, Wave | None], wanted: str | None
) -> list[Problem]:
    return [
        Problem(
            Place(folder), f'no wave "{wanted}"', near_miss(str(wanted), [w.id for w in result.plan.waves])
        )
        for folder, result in results.items()
        if waves[folder] is None
    ]


def _strangers(results: Mapping[str, Result], wanted: Sequence[str], what_for: str) -> list[Problem]:
    known = {unit for result in results.values() for unit in result.units}
    return [
        Problem(NOWHERE, f'no result has a unit "{unit}" {what_for}', near_miss(unit, known))
        for unit in wanted
        if unit not in known
    ]


def _counted_twice(parts: Mapping[str, tuple[pd.DataFrame, pd.DataFrame]], pool_id: str) -> Iterable[Problem]:
    """Units of one result that another brings again: one would count for two."""
    seen: dict[str, str] = {}
    for folder, (table, _) in parts.items():
        again = [
            unit for unit, mark in _marks(table, pool_id).items() if seen.setdefault(mark, folder) != folder
        ]
        if again:
            shown = ", ".join(again[:5]) + (" …" if len(again) > 5 else "")
            yield Problem(
                Place(folder), f"brings units again, with the same scores: {shown}", "name each result once"
            )
