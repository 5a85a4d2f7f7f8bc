"""A Sobol' analysis of four factors against plain numpy that keeps intermediate results likewise.

The floor is written for this one framework and these four factors: it normalises twice, scores the
pillars four times, the two halves eight times, and the index in whole arrays of runs. It samples,
ranks, estimates, bootstraps and takes quantiles as the package does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import qmc

from crm_capability import sensitivity
from crm_capability.definition.framework import Framework

from .timing import ratio

NAMES = ("sobol 4 factors 51x49",)
UNITS, RUNS, SEED, FACTORS = 51, 1024, 7, 4
PILLARS = {"one": (8, 6, 5, 5), "two": (7, 6, 6, 6)}  # measures of each pillar of each half: 49
SETS: list[dict[str, Any]] = [{"one-0": 1.0, "two-0": 1.0}, {"one-0": 3.0, "two-0": 2.0}]
SHARE = 0.25
CHOSEN: list[dict[str, Any]] = [
    {
        "choose": "defaults.normalise",
        "among": [{"method": "min-max", "low": 1, "high": 100}, {"method": "z-score", "mean": 10, "sd": 2}],
    },
    {"choose": "defaults.aggregate", "among": ["arithmetic", "geometric"]},
    {"choose": "weights", "among": SETS},
    {"vary": "weights", "at": "index", "share": SHARE},
]


def run(full: bool) -> Iterator[dict[str, Any]]:
    """N = 1,024: 6,144 rebuilds of 51 units × 49 measures."""
    framework, table = four_levels(), readings()
    found = analysed(framework, table)
    first, total, places = floor(table)
    same = np.allclose(found.sensitivity["first_order"], first, atol=1e-9) and np.allclose(
        found.sensitivity["total_order"], total, atol=1e-9
    )
    assert same, "the two sides do not find the same indices"
    assert np.array_equal(found.uncertainty["rank_median"], places[0]), "nor the same ranks"
    times, ours, plain = ratio(lambda: analysed(framework, table), lambda: floor(table), runs=15)
    yield {
        "name": NAMES[0],
        "ratio": round(times, 3),
        "goal": 3,
        "unit": "numpy floor",
        "seconds": round(ours, 6),
        "detail": f"floor {plain:.6f} s; {RUNS * (FACTORS + 2)} rebuilds, ranks, bootstrap intervals, quantiles of every unit",
    }


def analysed(framework: Framework, table: pd.DataFrame) -> Any:
    """Our side: the public call."""
    return sensitivity(framework, table, CHOSEN, runs=RUNS, seed=SEED)


def four_levels() -> Framework:
    """An index of two halves, eight pillars and 49 measures."""

    def pillar(half: str, number: int, measures: int) -> dict[str, Any]:
        name = f"{half}-{number}"
        below = [{"id": f"{name}-{m}", "title": "Measure", "unit": "points"} for m in range(measures)]
        return {"id": name, "title": "Pillar", "children": below}

    halves = [
        {
            "id": half,
            "title": "Half",
            "children": [pillar(half, number, size) for number, size in enumerate(sizes)],
        }
        for half, sizes in PILLARS.items()
    ]
    return Framework.model_validate(
        {
            "framework": "bench",
            "version": "1.0.0",
            "title": "Bench",
            "levels": ["index", "half", "pillar", "measure"],
            "defaults": {"normalise": {"method": "min-max", "low": 1, "high": 100}},
            "tree": {"id": "index", "title": "Index", "children": halves},
        }
    )


def readings() -> pd.DataFrame:
    """Seeded readings, none missing, units that differ throughout."""
    random = np.random.default_rng(SEED)
    level = random.normal(0, 1, (UNITS, 1))
    values = np.exp(random.normal(level, 1.0, (UNITS, sum(map(sum, PILLARS.values())))))
    return pd.DataFrame(values, columns=list(four_levels().measures))


def floor(table: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """First and total order, and quantiles of every unit's rank and score."""
    points = qmc.Sobol(10, scramble=True, rng=SEED).random_base2(10)
    sample = np.concatenate([points[:, :5], points[:, 5:]])
    picked = [np.tile(np.arange(RUNS), FACTORS + 2) for _ in range(FACTORS)]
    for f, picks in enumerate(picked):
        picks[RUNS : 2 * RUNS] += RUNS
        picks[(2 + f) * RUNS : (3 + f) * RUNS] += RUNS
    option = [(sample[picked[f], f] * 2).astype(int) for f in range(3)]
    shares = 1 + SHARE * (2 * sample[picked[3], 3:5] - 1)
    halves = _halves(table.to_numpy().T)
    code = option[0] * 4 + option[1] * 2 + option[2]
    below = halves[code]  # (runs, 2, units)
    weights = (shares / shares.sum(axis=1, keepdims=True))[:, :, None]
    geometric = option[1] == 1
    scores = np.empty((len(code), UNITS))
    scores[~geometric] = (weights[~geometric] * below[~geometric]).sum(axis=1)
    scores[geometric] = np.exp((weights[geometric] * np.log(below[geometric])).sum(axis=1))
    ranks = _ranks(scores)
    y = np.abs(ranks - _ranks(halves[0].mean(axis=0)[None])).mean(axis=1).reshape(FACTORS + 2, RUNS)
    y -= y[:2].mean()
    steps = y[2:] - y[0]
    parts = np.concatenate([[y[:2].mean(axis=0), (y[:2] ** 2).mean(axis=0)], y[1] * steps, steps, steps**2]).T
    drawn = np.random.default_rng(SEED).integers(0, RUNS, (1000, RUNS)) + np.arange(1000)[:, None] * RUNS
    counts = np.bincount(drawn.ravel(), minlength=1000 * RUNS).reshape(1000, RUNS)
    first, total = _shares(parts.mean(axis=0, keepdims=True))
    np.quantile(_shares(counts @ parts / RUNS), (0.025, 0.975), axis=1)
    places = np.quantile(ranks[: 2 * RUNS], (0.5, 0.05, 0.95), axis=0)
    np.quantile(scores[: 2 * RUNS], (0.05, 0.95), axis=0)
    return first[0], total[0], places


def _halves(values: np.ndarray) -> np.ndarray:
    """Scores of both halves under each normalisation, aggregation and set, shape (8, 2, units)."""
    least, most = values.min(axis=1, keepdims=True), values.max(axis=1, keepdims=True)
    mean, spread = values.mean(axis=1, keepdims=True), values.std(axis=1, ddof=1, keepdims=True)
    found = np.empty((8, 2, UNITS))
    for n, scores in enumerate(
        (1 + 99 * (values - least) / (most - least), 10 + 2 * (values - mean) / spread)
    ):
        for a, mean_of in enumerate((_arithmetic, _geometric)):
            first = 0
            for h, (half, sizes) in enumerate(PILLARS.items()):
                pillars = []
                for size in sizes:
                    pillars.append(mean_of(scores[first : first + size], np.ones(size)))
                    first += size
                for s, chosen in enumerate(SETS):
                    weights = np.ones(len(sizes))
                    weights[0] = chosen[f"{half}-0"]
                    found[n * 4 + a * 2 + s, h] = mean_of(np.stack(pillars), weights)
    return found


def _arithmetic(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.asarray(weights @ scores / weights.sum())


def _geometric(scores: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.asarray(np.exp(weights @ np.log(scores) / weights.sum()))


def _ranks(scores: np.ndarray) -> np.ndarray:
    order = np.argsort(-scores, axis=1)
    found = np.empty(scores.shape)
    np.put_along_axis(
        found, order, np.arange(1.0, scores.shape[1] + 1)[None].repeat(len(scores), axis=0), axis=1
    )
    return found


def _shares(means: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    products, steps, squares = np.split(means[:, 2:], 3, axis=1)
    variance = means[:, 1:2] - means[:, :1] ** 2
    return (products - means[:, :1] * steps) / variance, squares / (2 * variance)
