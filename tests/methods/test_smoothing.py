"""The smoothing spline against its own definition, and the correlation ratio against known truth."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy.interpolate import make_smoothing_spline
from scipy.optimize import minimize_scalar

from crm_capability.methods.diagnostics import correlation_ratio, linear_r2
from crm_capability.methods.smoothing import MOST_PLACES, residual_variance

Curve = Callable[[np.ndarray], np.ndarray]


def by_definition(x: np.ndarray, y: np.ndarray) -> float:
    """The same from SciPy's smoothing spline, its matrix built column by column and the likelihood
    of restricted maximum likelihood written out with determinants."""
    scaled = (x - x.min()) / np.ptp(x)
    order, n = np.argsort(scaled), len(x)
    at, units = scaled[order], np.eye(n)

    def left(log_stiffness: float) -> np.ndarray:
        smooth = np.array([make_smoothing_spline(at, one, lam=np.exp(log_stiffness))(at) for one in units]).T
        return units - (smooth + smooth.T) / 2

    def likelihood(log_stiffness: float) -> float:
        rough = left(log_stiffness)
        sizes = np.linalg.eigvalsh(rough)[2:]  # two for the straight lines, which are never removed
        return float((n - 2) * np.log(y[order] @ rough @ y[order]) - np.log(sizes).sum())

    starts = np.linspace(-16, 4, 21)
    best = starts[int(np.argmin([likelihood(one) for one in starts]))]
    found = minimize_scalar(likelihood, bounds=(best - 1, best + 1), method="bounded")
    return float(y[order] @ left(found.x) @ y[order]) / (n - 2)


@pytest.mark.parametrize("seed", range(4))
def test_the_spline_is_that_of_the_definition(seed: int) -> None:
    random = np.random.default_rng(seed)
    x = random.normal(size=25)
    y = np.sin(3 * x) + random.normal(size=25) * 0.5
    assert residual_variance(x, y) == pytest.approx(by_definition(x, y), rel=2e-3)


def test_ties_count_as_often_as_they_stand() -> None:
    random = np.random.default_rng(5)
    x, y = np.repeat(np.arange(8.0), 5), random.normal(size=40)
    apart = x + np.tile(np.arange(5) * 1e-6, 8)  # next to each other: nearly the same curve
    assert residual_variance(x, y) == pytest.approx(residual_variance(apart, y), rel=1e-3)


def test_many_places_are_taken_together() -> None:
    random = np.random.default_rng(6)
    x = random.normal(size=20 * MOST_PLACES)
    y = x**2 + random.normal(size=x.size)
    assert residual_variance(x, y) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("noise", [0.0, 1e-14])
def test_points_on_a_line_leave_nothing_over(noise: float) -> None:
    x = np.arange(12.0)
    y = 2 * x + noise * np.tile([1, -1], 6)
    assert residual_variance(x, y) == pytest.approx(0.0, abs=1e-12)
    assert correlation_ratio(x, y) == pytest.approx(1.0)
    assert correlation_ratio(np.r_[0, 1e-12, 1, 2, 3, 4, 5], np.r_[1, 1, 1, 2, 3, 4, 5]) <= 1.0


SHAPES: dict[str, Curve] = {
    "line": lambda x: x,
    "parabola": lambda x: x**2,
    "saturating": lambda x: np.tanh(2 * x),
    "wave": lambda x: np.sin(2.2 * x),
}
REACH = np.sqrt(3.0)
RUNS = {30: 300, 51: 300, 100: 150, 300: 50}  # the more rows, the less chance is left to average out


def simulated(shape: str, share: float, rows: int) -> tuple[np.ndarray, np.ndarray]:
    """Estimates of the correlation ratio, and adjusted r², where the truth is `share`."""
    curve, random = SHAPES[shape], np.random.default_rng((rows, round(10 * share), len(shape)))
    spread = curve(np.linspace(-REACH, REACH, 20_001)).std()
    found = []
    for _ in range(RUNS[rows]):
        x = random.uniform(-REACH, REACH, rows)
        y = np.sqrt(share) * curve(x) / spread + np.sqrt(1.0 - share) * random.normal(size=rows)
        found.append((correlation_ratio(x, y), 1.0 - (1.0 - linear_r2(x, y)) * (rows - 1) / (rows - 2)))
    ratios, lines = np.array(found).T
    return ratios, lines


@pytest.mark.parametrize("rows", [30, 51, 100, 300])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.9])
@pytest.mark.parametrize("shape", SHAPES)
def test_no_bias_worth_the_name(shape: str, share: float, rows: int) -> None:
    """Two points of a hundred, and what chance does to the mean of the estimates."""
    ratios, lines = simulated(shape, share, rows)
    chance = 3.0 * ratios.std() / np.sqrt(RUNS[rows])
    assert abs(ratios.mean() - share) < 0.02 + chance
    if shape == "line":  # where Pearson's r² is right, it is as good
        assert np.sqrt(((ratios - lines) ** 2).mean()) < 1.5 / rows + 0.01


@pytest.mark.parametrize(("rows", "most"), [(30, 0.03), (51, 0.02), (100, 0.01), (300, 0.005)])
def test_no_effect_is_not_taken_for_one(rows: int, most: float) -> None:
    ratios, _ = simulated("line", 0.0, rows)
    assert abs(ratios.mean()) < most + 3.0 * ratios.std() / np.sqrt(RUNS[rows])


def test_what_is_left_over_in_the_sample_would_be_biased() -> None:
    """Why the degrees of freedom count: without them, groups of five rows explain a fifth of
    nothing."""
    random = np.random.default_rng(1)
    child = np.repeat(np.arange(4.0), 5)
    found = [correlation_ratio(child, random.normal(size=20)) for _ in range(2000)]
    assert np.mean(found) == pytest.approx(0.0, abs=0.02)
    raw = [1.0 - (1.0 - one) * 16 / 19 for one in found]
    assert np.mean(raw) == pytest.approx(3 / 19, abs=0.02)
