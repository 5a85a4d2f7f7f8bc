"""Settings of imputation and treatment that do not fit each other, the measure, or the plan."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..errors import Problem, near_miss
from ..methods.imputation import GroupImputation, LinearImputation, PeerRowMean
from ..methods.normalisation import Goalposts, Likert, Piecewise, Target
from ..methods.transformation import NoTransform
from ..methods.treatment import Winsorise
from .framework import Framework, Group, Measure
from .plan import Plan, Unit

Say = Callable[..., Problem]


def preparation_problems(
    framework: Framework, node: Measure, parent: Group | None, path: tuple[Any, ...], say: Say
) -> Iterator[Problem]:
    """What of a measure's imputation and treatment cannot be done, or would undo something."""
    outliers = node.outliers or framework.defaults.outliers
    if isinstance(outliers, Winsorise):
        at = (*path, "outliers") if node.outliers else path
        yield from _treatment_problems(framework, node, outliers, at, say)
    impute = node.impute or framework.defaults.impute
    others = [one for one in (parent.children if parent else ()) if isinstance(one, Measure)]
    if isinstance(impute, PeerRowMean) and len(others) < 2:
        at = (*path, "impute") if node.impute else path
        yield say(at, f"{node.id} has no other measure beside it to go by", "impute it by another method")


def _treatment_problems(
    framework: Framework, node: Measure, outliers: Winsorise, at: tuple[Any, ...], say: Say
) -> Iterator[Problem]:
    remedy = "leave one of them out; `outliers: none` takes the default away"
    if outliers.then is None:
        if outliers.combine:
            yield say(at, "`combine` without `then` does nothing", "say what `then` is to be applied")
        return
    rule = node.normalise or framework.defaults.normalise
    if isinstance(rule, Goalposts | Likert | Piecewise | Target):
        what = f"{rule.method} is written in the measure's own unit, and `then: {outliers.then.method}` leaves it"
        yield say(at, what, remedy)
    transform = node.transform or framework.defaults.transform
    if transform is not None and not isinstance(transform, NoTransform):
        yield say(
            at, f"`then: {outliers.then.method}` and `transform: {transform.method}` transform twice", remedy
        )


def plan_preparation_problems(plan: Plan, framework: Framework, say: Say) -> Iterator[Problem]:
    """What the framework's imputation and denominators need, and the plan does not give.

    Attributes in a file of units are looked at when the file is read.
    """
    wanted: dict[str, str] = {}
    for node in framework.measures.values():
        impute = node.impute or framework.defaults.impute
        if node.denominator is not None:
            wanted.setdefault(node.denominator, node.id)
        if isinstance(impute, GroupImputation):
            wanted.setdefault(impute.by, node.id)
        if isinstance(impute, LinearImputation):
            undated = [n for n, wave in enumerate(plan.waves) if wave.start is None]
            for n in undated:
                what = f'{node.id} is imputed on a line through dates, and the wave "{plan.waves[n].id}" has none'
                yield say(("waves", n), what, "add `from` and `to`")
            if undated:
                break
    if plan.units is None or isinstance(plan.units, dict):
        known = {name for unit in (plan.units or {}).values() for name in _attributes(unit)}
        for name, measure in wanted.items():
            if name not in known:
                what = f"{measure} needs the attribute {name} of the units, and no unit has it"
                at = ("units",) if plan.units else ("framework",)
                yield say(
                    at, what, near_miss(name, known) if known else "write it beside each unit, or name a file"
                )


def _attributes(unit: Unit | None) -> dict[str, Any]:
    return (unit.model_extra or {}) if unit else {}
