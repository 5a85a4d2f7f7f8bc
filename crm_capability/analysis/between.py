"""Two results side by side: what moved from one to the other, and what cannot be compared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..definition.bridges import Bridge
from ..definition.framework import Framework, Group, Measure
from ..definition.plan import Wave
from ..errors import NOWHERE, ComparisonError, Problem, near_miss
from ..methods.model import in_language
from ..methods.statistics import false_discovery, pooled_freedom, t_quantile, two_sided_p
from .bridge import Bridged, bridge_between, bridged
from .comparable import evidence_notes, listed, period_notes
from .result import Result

_WORDS = {"title", "definition", "note", "measurement"}  # nothing that a score is made by
COLUMNS = ("node", "level", "before", "after", "change", "low", "high", "p_value", "q_value", "why_not")


@dataclass(frozen=True)
class Between:
    """The plan's unit in one wave of each result: a row a node of either framework.

    `table` has the columns `COLUMNS`; where `why_not` says why two scores cannot be compared,
    the change is blank. `notes` are sentences about the whole.
    """

    before: str
    after: str
    table: pd.DataFrame
    notes: tuple[str, ...]


def between(
    first: Result, second: Result, before_wave: str | None = None, after_wave: str | None = None
) -> Between:
    """Set the second result beside the first: each one's last wave unless another is named.

    Intervals take the two samples as independent. Where the second's framework has a bridge from
    the first's, the first is scored again over it. Raises ComparisonError where the frameworks are
    neither the same nor bridged, or a wave is not there.
    """
    bridge = bridge_between(first, second)
    waves = _waves(first, second, before_wave, after_wave, bridge)
    over = bridged(first, second, bridge) if bridge is not None else None
    given, first = first, over.result if over is not None else first
    why = dict(_incomparable(first, second, over))
    old, new = (_scores(result, wave.id) for result, wave in zip((first, second), waves, strict=True))
    nodes = list(dict.fromkeys([*old.index, *new.index]))
    old, new = old.reindex(nodes), new.reindex(nodes)
    table = pd.DataFrame(
        {
            "node": nodes,
            "level": new["level"].where(new["level"].notna(), old["level"]).to_numpy(),
            "before": old["score"].to_numpy(float),
            "after": new["score"].to_numpy(float),
        }
    )
    table["why_not"] = [why.get(node, "") for node in nodes]
    usable = (table["why_not"] == "").to_numpy()
    change = np.where(usable, table["after"] - table["before"], np.nan)
    variances = np.stack([side["standard_error"].to_numpy(float) ** 2 for side in (old, new)])
    freedoms = np.stack([side["degrees_of_freedom"].fillna(np.inf).to_numpy(float) for side in (old, new)])
    error, freedom = np.sqrt(variances.sum(axis=0)), pooled_freedom(variances, freedoms)
    half = t_quantile(freedom) * error
    table = table.assign(change=change, low=change - half, high=change + half)
    table["p_value"] = two_sided_p(change, error, freedom)
    table["q_value"] = table.groupby("level", sort=False)["p_value"].transform(
        lambda family: false_discovery(family.to_numpy(float))
    )
    names = [f"{result.plan.unit} {wave.id}" for result, wave in zip((first, second), waves, strict=True)]
    versions = [over.note] if over is not None else list(_versions(given, second))
    notes = (*versions, *_notes(first, second, *waves))
    if not table["change"].notna().any():
        notes += ("nothing is compared: no node has a score in both that means the same",)
    return Between(names[0], names[1], table[list(COLUMNS)], notes)


def _waves(
    first: Result, second: Result, before: str | None, after: str | None, bridge: Bridge | None
) -> tuple[Wave, Wave]:
    problems = []
    here, there = first.framework, second.framework
    if here.framework != there.framework and bridge is None:
        what = f"assessed by {here.framework}@{here.version} and by {there.framework}@{there.version}: scores of different frameworks do not compare"
        problems.append(Problem(NOWHERE, what, "assess both by the same framework"))
    found = []
    for result, wanted in ((first, before), (second, after)):
        known = {wave.id: wave for wave in result.plan.waves}
        if wanted is not None and wanted not in known:
            what = f'{result.plan.assessment} has no wave "{wanted}"'
            problems.append(Problem(NOWHERE, what, near_miss(wanted, known)))
        else:
            found.append(known[wanted] if wanted is not None else result.plan.waves[-1])
    if problems:
        raise ComparisonError(problems)
    return found[0], found[1]


def _scores(result: Result, wave: str) -> pd.DataFrame:
    """The plan's unit in a wave, by node in the framework's order."""
    scores = result.tables["scores"]
    own = scores[(scores["unit"] == result.plan.unit) & (scores["wave"] == wave)]
    return own.set_index("node")


def _incomparable(first: Result, second: Result, over: Bridged | None) -> Iterator[tuple[str, str]]:
    """Nodes whose scores do not mean the same in both, with the reason; what lies above a node
    that does not compare does not compare either."""
    old, new = _nodes(first.framework), _nodes(second.framework)
    reasons: dict[str, str] = {}
    asked = _questions_changed(first, second)
    if over is not None:
        reasons = dict.fromkeys(sorted(over.apart), "no bridge leads to it from the first")
        asked = {name: changed for name, changed in asked.items() if name not in over.named}
    ranges = _fitted_changed(first, second)
    for name in (*old, *(name for name in new if name not in old)):
        if name not in new:
            reasons[name] = "not in the second framework"
        elif name not in old:
            reasons[name] = "not in the first framework"
        elif changed := _rules_changed(old[name], new[name]):
            reasons[name] = f"defined otherwise: {', '.join(changed)}"
        elif name in asked and name not in reasons:
            reasons[name] = f"asked otherwise: {listed(asked[name])}"
        elif name in ranges:
            reasons[name] = "fitted on other data: its range or weights differ"
    if _weights(first) != _weights(second):
        for name in {*_weights(first), *_weights(second)} - set(reasons):
            if _weights(first).get(name) != _weights(second).get(name):
                reasons[name] = "weighted otherwise by the plans"
    yield from reasons.items()
    for framework in (first.framework, second.framework):
        yield from _above(framework.tree, reasons)


def _above(node: Group | Measure, reasons: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if isinstance(node, Group):
        below = [name for name in _below(node) if name in reasons]
        if below and node.id not in reasons:
            yield node.id, f"rests on what does not compare: {listed(below)}"
        for child in node.children:
            yield from _above(child, reasons)


def _below(node: Group) -> Iterator[str]:
    for child in node.children:
        yield child.id
        if isinstance(child, Group):
            yield from _below(child)


def _nodes(framework: Framework) -> dict[str, dict[str, Any]]:
    """What each node's score is made by, the framework's defaults included, without the words."""
    defaults = framework.defaults.model_dump(mode="json")
    found = {}
    for _, node, _ in framework.walk():
        rules = node.model_dump(mode="json", exclude={"children", "evidence", *_WORDS})
        inherited = {key: defaults[key] for key in rules if rules[key] is None and key in defaults}
        if isinstance(node, Measure):
            rules["unit"] = in_language(node.unit, "en")
        else:
            rules["children"] = [child.id for child in node.children]
            rules["weight of each child"] = [child.weight for child in node.children]
        found[node.id] = {
            key: value for key, value in {**rules, **inherited}.items() if key not in ("id", "weight")
        }
    return found


def _rules_changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    return sorted(key for key in {*old, *new} if old.get(key) != new.get(key))


def _weights(result: Result) -> dict[str, Any]:
    return result.plan.model_dump(mode="json", include={"weights"})["weights"]


def _questions_changed(first: Result, second: Result) -> dict[str, list[str]]:
    """Measures with the questions that were asked otherwise, came or went: questionnaires of one
    id in both results. A wording counts in every language: respondents read one."""
    sheets = [{sheet.questionnaire: sheet for sheet in result.questionnaires} for result in (first, second)]
    found: dict[str, list[str]] = {}
    for name in sheets[0].keys() & sheets[1].keys():
        old, new = (_asked(side[name]) for side in sheets)
        for question in sorted(old.keys() | new.keys()):
            if old.get(question) != new.get(question):
                for measure in {side[question]["feeds"] for side in (old, new) if question in side}:
                    found.setdefault(str(measure), []).append(question)
    return found


def _asked(sheet: Any) -> dict[str, dict[str, Any]]:
    scales = {name: scale.model_dump(mode="json") for name, scale in sheet.scales.items()}
    found = {}
    for name, question in sheet.questions.items():
        asked = question.model_dump(mode="json")
        if asked.get("feeds") is not None:
            found[name] = {**asked, "scale": scales.get(asked.get("scale"))}
    return found


def _fitted_changed(first: Result, second: Result) -> set[str]:
    """Nodes whose fitted ranges, treatments or weights differ."""
    tables = []
    for result in (first, second):
        rows = result.tables["fitted"]
        tables.append({(r.node, r.method, r.parameter): r.value for r in rows.itertuples()})
    old, new = tables
    return {
        str(key[0])
        for key in {*old, *new}
        if not np.isclose(old.get(key, np.nan), new.get(key, np.nan), equal_nan=key in old and key in new)
    }


def _versions(first: Result, second: Result) -> Iterator[str]:
    here, there = first.framework, second.framework
    if here.version != there.version:
        yield f"{here.framework} has version {here.version} in the first and {there.version} in the second"


def _notes(first: Result, second: Result, before: Wave, after: Wave) -> Iterator[str]:
    here, there = first.framework, second.framework
    reworded = list(_reworded(here, there))
    if reworded:
        yield f"worded otherwise, by the same rules: {listed(reworded)}"
    if first.plan.unit != second.plan.unit:
        yield f"two units, {first.plan.unit} and {second.plan.unit}: a difference between them is no change of either"
    scopes = [set(result.plan.scope.exclude) for result in (first, second)]
    if scopes[0] != scopes[1]:
        yield f"in scope in one alone: {listed(sorted(scopes[0] ^ scopes[1]))}"
    yield from period_notes(before, after)
    parts = []
    for result, wave in ((first, before), (second, after)):
        readings = result.tables["readings"]
        own = readings[(readings["wave"] == wave.id) & (readings["unit"] == result.plan.unit)]
        parts.append(own.assign(unit=first.plan.unit))
    for node, text in evidence_notes(parts[0], parts[1], "the first", "the second"):
        yield f"{node}: {text}" if node else text
    yield from _files_changed(first.manifest, second.manifest)
    if parts[0]["standard_error"].notna().any() and parts[1]["standard_error"].notna().any():
        yield "intervals take the two samples as independent; for the same respondents, put both waves into one plan"


def _reworded(old: Framework, new: Framework) -> Iterator[str]:
    words = [
        {node.id: node.model_dump(include=_WORDS) for _, node, _ in framework.walk()}
        for framework in (old, new)
    ]
    return (name for name in words[0] if name in words[1] and words[0][name] != words[1][name])


def _files_changed(first: Mapping[str, Any], second: Mapping[str, Any]) -> Iterator[str]:
    """Metrics files of one name and other content: the numbers may be counted otherwise."""
    hashes = [
        {
            one["file"]: one["sha256"]
            for one in manifest.get("inputs", ())
            if one["file"].endswith(".metrics.yaml")
        }
        for manifest in (first, second)
    ]
    changed = sorted(name for name in hashes[0] if hashes[1].get(name, hashes[0][name]) != hashes[0][name])
    if changed:
        yield f"metrics defined in another text: {listed(changed)}"
