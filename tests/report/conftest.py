"""Results to report on: small frameworks with made-up readings, scored by the real engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from crm_capability import load_framework
from crm_capability.analysis.benchmark import standing_table
from crm_capability.analysis.compare import changes_table
from crm_capability.analysis.peers import Peers
from crm_capability.analysis.respondents import Respondents
from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.definition.plan import Plan
from crm_capability.scoring.assessment import contributions_table, score, scores_table
from crm_capability.tables import shape

SHIPPED = Path(__file__).parents[2] / "indicators" / "crm-capability.yaml"
Make = Callable[..., Result]


def flat(dimensions: int = 2, measures: int = 3, title: str = "Small") -> Framework:
    """A flat framework: measures right under the dimensions."""
    goalposts = {"method": "goalposts", "worst": 0, "best": 10}
    children = [
        {"id": f"m{d}-{m}", "title": f"Measure {d}.{m}", "unit": "points", "normalise": goalposts}
        for d in range(dimensions)
        for m in range(measures)
    ]
    tree = {
        "id": "index",
        "title": title,
        "children": [
            {
                "id": f"d{d}",
                "title": f"Dimension {d}",
                "children": children[d * measures : (d + 1) * measures],
            }
            for d in range(dimensions)
        ],
    }
    bands = [{"id": "low", "from": 0, "title": "Low"}, {"id": "high", "from": 50, "title": "High"}]
    return Framework.model_validate(
        {"framework": "small", "version": "1.0.0", "title": title, "bands": bands, "tree": tree}
    )


def made(
    tree: Framework | None = None,
    waves: Sequence[str] = ("before", "after"),
    units: Sequence[str] = ("us",),
    missing: float = 0.0,
    plan: dict[str, Any] | None = None,
    title: str = "Us Ltd",
    level: Callable[[str, str], float] | None = None,
    error: float | None = 0.2,
    **manifest: Any,
) -> Result:
    """A result with seeded readings between the goalposts of each measure."""
    tree = tree or flat()
    told = {
        "assessment": "test", "title": "A test", "framework": "x.yaml", "unit": units[0],
        "units": {unit: {"title": unit} for unit in units},
        "waves": [{"id": wave, "from": f"{2017 + n}-01-01", "to": f"{2017 + n}-12-31"} for n, wave in enumerate(waves)],
        "evidence": [{"values": "v.csv"}], "report": {"languages": ["en"]},
        **({"benchmark": {"pool": "units", "minimum_peers": 3}} if len(units) > 3 else {}), **(plan or {}),
    }  # fmt: skip
    whole = Plan.model_validate(told)
    readings = _readings(tree, waves, units, missing, level, error)
    outside = {m for m in tree.measures if m in whole.scope.exclude}
    readings.loc[readings["measure"].isin(outside), ["state", "value", "n", "standard_error"]] = [
        "not-applicable",
        np.nan,
        pd.NA,
        np.nan,
    ]
    scored = score(tree, whole, list(units), readings)
    tables = {
        "readings": readings,
        "scores": scores_table(tree, scored),
        "contributions": contributions_table(scored),
        "changes": changes_table(Respondents(scored, ()), tree, whole),
        "standing": standing_table(Peers.of(scored, whole.benchmark), whole.benchmark.minimum_peers)
        if whole.benchmark
        else standing_table(None),
        "fitted": scored.fitted,
    }
    names = {unit: unit for unit in units} | {units[0]: title}
    return Result(
        whole, tree, (), names, tables, {"inputs": [{"file": "v.csv", "sha256": "0" * 64}], **manifest}
    )


def _readings(
    tree: Framework,
    waves: Sequence[str],
    units: Sequence[str],
    missing: float,
    level: Any,
    error: float | None,
) -> pd.DataFrame:
    numbers = np.random.default_rng(7)
    rows = []
    for number, wave in enumerate(waves):
        for unit in units:
            for measure, definition in tree.measures.items():
                rule = definition.normalise or tree.defaults.normalise
                ends = (
                    getattr(rule, "worst", getattr(rule, "min", 0)),
                    getattr(rule, "best", getattr(rule, "max", 1)),
                )
                share = min(0.2 + 0.15 * number + 0.5 * numbers.random(), 1.0)
                value = level(wave, measure) if level else ends[0] + share * (ends[1] - ends[0])
                gone = numbers.random() < missing
                rows.append({
                    "wave": wave, "unit": unit, "measure": measure, "value": np.nan if gone else value,
                    "n": pd.NA if gone else 40, "standard_error": np.nan if gone or error is None else error,
                    "state": "not-collected" if gone else "measured", "evidence": "" if gone else "operational",
                    "source": "" if gone else "v.csv",
                })  # fmt: skip
    return shape("readings", pd.DataFrame(rows))


@pytest.fixture(scope="session")
def framework() -> Callable[..., Framework]:
    """Makes a flat framework of so many dimensions with so many measures each."""
    return flat


@pytest.fixture(scope="session")
def make() -> Make:
    """Makes a result: framework, waves, units, share of missing readings, and what the plan says."""
    return made


@pytest.fixture(scope="session")
def whole_result() -> Result:
    """The shipped framework, two waves, some readings missing, one indicator out of scope."""
    tree = load_framework(SHIPPED)
    scope = {
        "exclude": ["customised-production"],
        "because": {"customised-production": {"en": "None made", "zh-Hans": "不生产"}},
    }
    outside = {"custom-breadth", "custom-lead-days", "custom-cost-premium"}
    languages = {"languages": ["en", "zh-Hans", "zh-Hant"], "date": "2018-07-01", "template": "benchmark"}
    return made(tree, missing=0.12, error=0.02, plan={"report": languages, "scope": {**scope, "exclude": [*scope["exclude"], *outside]}},
                  fictitious=["staff-attitude", "waiting-minutes"])  # fmt: skip
