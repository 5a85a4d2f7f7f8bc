"""The score step against plain numpy that does the same arithmetic on the same table."""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from crm_capability.definition.framework import Framework
from crm_capability.scoring.values import score_values

from .timing import ratio

NAMES = (
    "score 10000x50",
    "score 10000x50 with gaps",
    "score 1000000x20",
    "score 1000000x20 memory",
    "score growth in units",
    "score growth in measures",
)
DIMENSIONS = 5
UNITS = (1_000, 10_000, 100_000, 1_000_000)
MEASURES = (10, 100, 1_000, 10_000)


def run(full: bool) -> Iterator[dict[str, Any]]:
    """10,000 units × 50 measures × 3 levels, complete and with one reading in twenty missing; a
    million units; and how time grows over three decades."""
    for name, gaps in zip(NAMES, (0.0, 0.05), strict=False):
        yield _against_floor(name, readings(10_000, 50, gaps), runs=40)
    million = readings(1_000_000, 20, 0.0)
    yield _against_floor(NAMES[2], million, runs=9)
    yield _memory(NAMES[3], million)
    yield _growth(NAMES[4], UNITS, lambda units: readings(units, 20, 0.0), "units x 20 measures")
    yield _growth(NAMES[5], MEASURES, lambda measures: readings(100, measures, 0.0), "measures x 100 units")


def _against_floor(name: str, table: pd.DataFrame, runs: int) -> dict[str, Any]:
    framework = three_levels(table.shape[1])
    same = np.allclose(score_values(framework, table)["index"], floor(table)[0], rtol=0, atol=1e-9)
    assert same, "the two sides do not compute the same"
    times, ours, plain = ratio(lambda: score_values(framework, table), lambda: floor(table), runs)
    return {
        "name": name,
        "ratio": round(times, 3),
        "goal": 1.5,
        "unit": "numpy floor",
        "seconds": round(ours, 6),
        "detail": f"floor {plain:.6f} s; every node's score, weights rescaled and min_share kept where readings lack",
    }


def _memory(name: str, table: pd.DataFrame) -> dict[str, Any]:
    """The most memory held at one moment, input and result included, as a multiple of the input."""
    framework = three_levels(table.shape[1])
    size = table.to_numpy().nbytes
    tracemalloc.start()
    start = time.perf_counter()
    score_values(framework, table)
    seconds = time.perf_counter() - start
    most = size + tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return {
        "name": name,
        "ratio": round(most / size, 3),
        "goal": 3,
        "unit": "input",
        "seconds": round(seconds, 6),
        "detail": f"input {size / 1e6:.0f} MB, at most {most / 1e6:.0f} MB with it and the result",
    }


def _growth(
    name: str, sizes: Sequence[int], table: Callable[[int], pd.DataFrame], what: str
) -> dict[str, Any]:
    """Seconds by decade; the ratio is the power of growth, fitted to all of them: 1 is linear, less
    is better while fixed costs still count."""
    seconds = []
    for size in sizes:
        values = table(size)
        framework = three_levels(values.shape[1])
        score_values(framework, values)  # warm-up
        seconds.append(statistics.median(_timed(framework, values) for _ in range(7)))
    power = np.polyfit(np.log(sizes), np.log(seconds), 1)[0]
    shown = ", ".join(f"{size}: {one:.6f} s" for size, one in zip(sizes, seconds, strict=True))
    return {
        "name": name,
        "ratio": round(float(power), 3),
        "goal": 1.1,
        "unit": "power of growth",
        "seconds": round(seconds[-1], 6),
        "detail": f"{what}: {shown}",
    }


def _timed(framework: Framework, values: pd.DataFrame) -> float:
    start = time.perf_counter()
    score_values(framework, values)
    return time.perf_counter() - start


def three_levels(measures: int) -> Framework:
    """Five dimensions with equally many measures each, the dimensions with unequal weights."""
    each = measures // DIMENSIONS
    leaf = {
        "title": "Measure",
        "unit": "points",
        "normalise": {"method": "goalposts", "worst": 0, "best": 10},
    }
    dimensions = [
        {
            "id": f"dimension-{d}",
            "title": "Dimension",
            "weight": d + 1,
            "children": [{"id": f"measure-{d}-{m}", **leaf} for m in range(each)],
        }
        for d in range(DIMENSIONS)
    ]
    return Framework.model_validate(
        {
            "framework": "bench",
            "version": "1.0.0",
            "title": "Bench",
            "levels": ["index", "dimension", "measure"],
            "tree": {"id": "index", "title": "Index", "children": dimensions},
        }
    )


def readings(units: int, measures: int, gaps: float) -> pd.DataFrame:
    """Seeded readings, some beyond the goalposts, a share of them missing."""
    random = np.random.default_rng(7)
    values = random.uniform(-1, 11, (units, measures))
    if gaps:
        values[random.random(values.shape) < gaps] = np.nan
    return pd.DataFrame(values, columns=list(three_levels(measures).measures))


def floor(table: pd.DataFrame) -> np.ndarray:
    """Every node by hand, shape (nodes, units): whole-array numpy, as somebody would write it
    for this one framework, missing readings and `min_share` included."""
    readings = table.to_numpy().T  # the table's own layout: nothing is copied
    each = len(readings) // DIMENSIONS
    scores = np.clip((readings - 0.0) * (100.0 / 10.0), 0.0, 100.0)
    blocks = scores.reshape(DIMENSIONS, each, -1)
    known = ~np.isnan(blocks)
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        dimensions = np.where(known, blocks, 0.0).sum(axis=1) / count
    dimensions[count < 0.5 * each] = np.nan
    weights = np.arange(1.0, DIMENSIONS + 1)[:, None]
    present = ~np.isnan(dimensions)
    with np.errstate(invalid="ignore"):
        index = (weights * np.where(present, dimensions, 0.0)).sum(axis=0) / (weights * present).sum(axis=0)
    index[present.sum(axis=0) < 0.5 * DIMENSIONS] = np.nan
    return np.concatenate([index[None], dimensions, scores])
