"""The score step against plain numpy that does the same arithmetic on the same table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from crm_capability.definition.framework import Framework
from crm_capability.scoring.values import score_values

from .timing import ratio

NAMES = ("score 10000x50", "score 10000x50 with gaps")
DIMENSIONS, EACH = 5, 10


def run(full: bool) -> Iterator[dict[str, Any]]:
    """10,000 units × 50 measures × 3 levels, complete and with one reading in twenty missing."""
    for name, gaps in zip(NAMES, (0.0, 0.05), strict=True):
        table = readings(10_000, gaps)
        framework = three_levels()
        same = np.allclose(score_values(framework, table)["index"], floor(table)[0], rtol=0, atol=1e-9)
        assert same, "the two sides do not compute the same"
        times, ours, plain = ratio(lambda t=table, f=framework: score_values(f, t), lambda t=table: floor(t), runs=40)
        yield {
            "name": name,
            "ratio": round(times, 3),
            "goal": 1.5,
            "unit": "numpy floor",
            "seconds": round(ours, 6),
            "detail": f"floor {plain:.6f} s; every node's score, weights rescaled and min_share kept where readings lack",
        }


def three_levels() -> Framework:
    """Five dimensions of ten measures each, with unequal weights."""
    return Framework.model_validate(
        {
            "framework": "bench",
            "version": "1.0.0",
            "title": "Bench",
            "levels": ["index", "dimension", "measure"],
            "tree": {
                "id": "index",
                "title": "Index",
                "children": [
                    {
                        "id": f"dimension-{d}",
                        "title": "Dimension",
                        "weight": d + 1,
                        "children": [
                            {
                                "id": f"measure-{d}-{m}",
                                "title": "Measure",
                                "unit": "points",
                                "normalise": {"method": "goalposts", "worst": 0, "best": 10},
                            }
                            for m in range(EACH)
                        ],
                    }
                    for d in range(DIMENSIONS)
                ],
            },
        }
    )


def readings(units: int, gaps: float) -> pd.DataFrame:
    """Seeded readings, some beyond the goalposts, a share of them missing."""
    random = np.random.default_rng(7)
    values = random.uniform(-1, 11, (units, DIMENSIONS * EACH))
    values[random.random(values.shape) < gaps] = np.nan
    return pd.DataFrame(values, columns=list(three_levels().measures))


def floor(table: pd.DataFrame) -> np.ndarray:
    """Every node by hand, shape (nodes, units): whole-array numpy, as somebody would write it
    for this one framework, missing readings and `min_share` included."""
    readings = table.to_numpy().T  # the table's own layout: nothing is copied
    scores = np.clip((readings - 0.0) * (100.0 / 10.0), 0.0, 100.0)
    blocks = scores.reshape(DIMENSIONS, EACH, -1)
    known = ~np.isnan(blocks)
    count = known.sum(axis=1)
    with np.errstate(invalid="ignore"):
        dimensions = np.where(known, blocks, 0.0).sum(axis=1) / count
    dimensions[count < 0.5 * EACH] = np.nan
    weights = np.arange(1.0, DIMENSIONS + 1)[:, None]
    present = ~np.isnan(dimensions)
    with np.errstate(invalid="ignore"):
        index = (weights * np.where(present, dimensions, 0.0)).sum(axis=0) / (weights * present).sum(axis=0)
    index[present.sum(axis=0) < 0.5 * DIMENSIONS] = np.nan
    return np.concatenate([index[None], dimensions, scores])
