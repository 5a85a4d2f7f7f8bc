"""Do 95 % intervals of changes contain the truth in 95 % of simulated assessments?"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import pytest
from scipy import stats

TOOL = Path(__file__).parents[2] / "tools" / "coverage.py"


def _tool() -> Any:
    spec = importlib.util.spec_from_file_location("coverage_of_intervals", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


TOOLS = _tool()
SCENES, coverage = TOOLS.SCENES, TOOLS.coverage


def bounds(runs: int, share: float = 0.95) -> tuple[float, float]:
    """Where the share of hits of a right interval lies in all but one in ten thousand such tests."""
    return tuple(stats.binom.ppf([5e-5, 1 - 5e-5], runs, share) / runs)


@pytest.mark.parametrize("scene", SCENES[:2], ids=lambda scene: scene.name)
def test_a_few_simulated_assessments(scene: Any) -> None:
    low, high = bounds(200)
    found = coverage(scene, "standard-errors", 200, 200, 3)
    assert low <= found["index"] <= high


@pytest.mark.slow
@pytest.mark.parametrize("method", ["standard-errors", "bootstrap"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.name)
def test_two_thousand_simulated_assessments(scene: Any, method: str) -> None:
    found = coverage(scene, method, 2000, 1000, 11)
    for level in ("index", "dimension", "measure"):
        assert 0.93 <= found[level] <= 0.97, level
