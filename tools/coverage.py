"""How often the 95 % intervals of changes contain the truth, in simulated assessments.

    python -m tools.coverage [--runs 2000] [--replicates 2000] [--seed 1]

Every simulated assessment has two waves, customers and employees, nine measures answered on a scale of
five points and one share read from tables, arithmetic and geometric nodes. Answers are skewed to the
upper end, answers of one person go together, and some are missing. Each simulated assessment is a unit
of one big one: the units share nothing but the framework. Prints a JSON object a line.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from crm_capability.analysis.certainty import resampled
from crm_capability.analysis.compare import changes_table
from crm_capability.analysis.respondents import Respondents
from crm_capability.definition.framework import Framework
from crm_capability.definition.plan import Plan
from crm_capability.evidence.samples import Sample
from crm_capability.scoring.assessment import score
from crm_capability.tables import shape

DIMENSIONS, EACH = 3, 3
WAVES = ("before", "after")
SHIFT = np.array([0.0, 0.4, 0.0, -0.3, 0.2, 0.0, 0.5, 0.0, 0.3])  # of the latent answers, after
CUTS = np.array([-1.9, -1.2, -0.6, 0.3])  # many fives, few ones
TOGETHER = 0.5  # correlation of one person's latent answers
SHARE, CASES = (0.55, 0.65), 80  # of the measure that is counted, before and after


@dataclass(frozen=True)
class Scene:
    """How many answer in each wave, how many of them in both, what share of the answers lacks."""

    name: str
    customers: int
    employees: int
    overlap: float
    missing: float


SCENES = (
    Scene("the same 12 and 8 people", 12, 8, 1.0, 0.0),
    Scene("fresh 12 and 8 people", 12, 8, 0.0, 0.0),
    Scene("15 and 10 people, half of them twice, a fifth of the answers missing", 15, 10, 0.5, 0.2),
    Scene("60 and 30 people, a third of them twice, a tenth missing", 60, 30, 1 / 3, 0.1),
)


def framework() -> Framework:
    """An index of three dimensions of three answered measures; the last has a counted one besides."""

    def answered(n: int) -> dict[str, Any]:
        rule = {"method": "likert", "min": 1, "max": 5}
        return {"id": f"q{n}", "title": f"Q{n}", "unit": "points", "normalise": rule}

    counted = {
        "id": "counted",
        "title": "Counted",
        "unit": "share",
        "normalise": {"method": "goalposts", "worst": 0, "best": 1},
    }
    dimensions = [
        {
            "id": f"d{d}",
            "title": f"D{d}",
            "aggregate": "geometric" if d == 1 else "arithmetic",
            "children": [answered(d * EACH + n) for n in range(EACH)]
            + ([counted] if d == DIMENSIONS - 1 else []),
        }
        for d in range(DIMENSIONS)
    ]
    tree = {"id": "index", "title": "Index", "aggregate": "geometric", "children": dimensions}
    whole = {"framework": "coverage", "version": "1.0.0", "title": "Coverage", "tree": tree}
    whole["levels"] = ["index", "dimension", "measure"]
    return Framework.model_validate(whole)


def plan(units: int, method: str, replicates: int, seed: int) -> Plan:
    """Two waves of so many simulated assessments."""
    return Plan.model_validate(
        {
            "assessment": "coverage", "title": "Coverage", "framework": "./x.yaml", "unit": "u0",
            "units": {f"u{n}": None for n in range(units)},
            "waves": [{"id": wave} for wave in WAVES], "evidence": [{"values": "v.csv"}],
            "uncertainty": {"method": method, "replicates": replicates, "seed": seed},
        }
    )  # fmt: skip


def truth() -> dict[str, tuple[float, float]]:
    """The expected reading of every measure, before and after: exact, from the normal distribution."""
    from scipy.stats import norm

    found = {"counted": SHARE}
    for n, shift in enumerate(SHIFT):
        found[f"q{n}"] = tuple(1 + norm.sf(CUTS - moved).sum() for moved in (0.0, shift))
    return found


def _people(random: np.random.Generator, scene: Scene, n: int) -> Iterator[tuple[str, Any, Any]]:
    """Of one audience: wave, persons, answers (people, measures)."""
    both = round(n * scene.overlap)
    lasting = random.standard_normal((2 * n - both, SHIFT.size + 1))  # what a person is like, wave or not
    for w, wave in enumerate(WAVES):
        persons = np.arange(n) if w == 0 else np.arange(n - both, 2 * n - both)
        own = lasting[persons]
        passing = random.standard_normal((n, SHIFT.size))
        taste = 0.8 * own[:, 1:] + 0.6 * passing
        latent = np.sqrt(TOGETHER) * own[:, :1] + np.sqrt(1 - TOGETHER) * taste + w * SHIFT
        answers = 1.0 + (latent[:, :, None] > CUTS).sum(axis=2)
        answers[random.random(answers.shape) < scene.missing] = np.nan
        yield wave, persons, answers


def simulated(scene: Scene, runs: int, seed: int) -> tuple[pd.DataFrame, list[Sample]]:
    """Readings and samples of so many simulated assessments."""
    random = np.random.default_rng(seed)
    samples: list[Sample] = []
    rows: dict[tuple[str, str, str], tuple[float, float]] = {}
    names = tuple(f"q{n}" for n in range(SHIFT.size))
    for u in range(runs):
        unit = f"u{u}"
        made: dict[str, list[Sample]] = {wave: [] for wave in WAVES}
        for role, n in (("customer", scene.customers), ("employee", scene.employees)):
            for wave, persons, answers in _people(random, scene, n):
                half = np.full(len(names), 0.5)
                made[wave].append(Sample(wave, unit, role, names, persons, answers, np.ones(n), half))
        for w, wave in enumerate(WAVES):
            means = [np.nanmean(sample.means, axis=0) for sample in made[wave]]
            squares = sum((sample.deviations**2).sum(axis=0) for sample in made[wave])
            for m, name in enumerate(names):
                rows[wave, unit, name] = (0.5 * (means[0][m] + means[1][m]), float(np.sqrt(squares[m])))
            share = random.binomial(CASES, SHARE[w]) / CASES
            rows[wave, unit, "counted"] = (share, float(np.sqrt(share * (1 - share) / CASES)))
            samples += made[wave]
    order = [(wave, f"u{u}", name) for wave in WAVES for u in range(runs) for name in (*names, "counted")]
    frame = pd.DataFrame(
        [
            {"wave": w, "unit": u, "measure": m, "value": rows[w, u, m][0], "standard_error": rows[w, u, m][1], "state": "measured"}
            for w, u, m in order
        ]
    )  # fmt: skip
    return shape("readings", frame), samples


def true_changes(tree: Framework) -> dict[str, float]:
    """The change of every node, had everybody been asked."""
    one = plan(1, "standard-errors", 200, 1)
    expected = truth()
    names = (*(f"q{n}" for n in range(SHIFT.size)), "counted")
    rows = [
        {"wave": wave, "unit": "u0", "measure": name, "value": expected[name][w], "state": "measured"}
        for w, wave in enumerate(WAVES)
        for name in names
    ]
    scored = score(tree, one, ["u0"], shape("readings", pd.DataFrame(rows)))
    return dict(zip(scored.tree.ids, scored.scores[:, 1] - scored.scores[:, 0], strict=True))


def coverage(scene: Scene, method: str, runs: int, replicates: int, seed: int) -> dict[str, Any]:
    """Share of the intervals that contain the true change: of the index, the dimensions, the measures."""
    tree = framework()
    whole = plan(runs, method, replicates, seed)
    readings, samples = simulated(scene, runs, seed)
    scored = score(tree, whole, [f"u{n}" for n in range(runs)], readings)
    respondents = Respondents(scored, samples)
    changes = changes_table(respondents, tree, whole, resampled(tree, whole, respondents))
    expected = changes["node"].map(true_changes(tree))
    hit = (changes["low"] <= expected) & (expected <= changes["high"])
    level = changes["node"].map(dict(zip(scored.tree.ids, scored.tree.levels, strict=True)))
    shares = hit.groupby(level).mean()
    return {
        "scene": scene.name,
        "method": method,
        "runs": runs,
        **{name: float(share) for name, share in shares.items()},
    }


def main() -> int:
    options = argparse.ArgumentParser(prog="coverage", description=__doc__)
    options.add_argument("--runs", type=int, default=2000)
    options.add_argument("--replicates", type=int, default=2000)
    options.add_argument("--seed", type=int, default=1)
    chosen = options.parse_args()
    for scene in SCENES:
        for method in ("standard-errors", "bootstrap"):
            print(
                json.dumps(coverage(scene, method, chosen.runs, chosen.replicates, chosen.seed)), flush=True
            )
    return 0


if __name__ == "__main__":
    sys.exit(main())
