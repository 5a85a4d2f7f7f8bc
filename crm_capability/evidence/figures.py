"""From the parts that a statement gives to value, n and standard error."""

from __future__ import annotations

import numpy as np
import pandas as pd

from ..definition.metric_types import (
    Abc,
    Conversion,
    Distribution,
    NewShare,
    Percentile,
    Ratio,
    Read,
    Retention,
    Rfm,
    Simple,
    TopShare,
)  # fmt: skip
from .sources.parts import spread

Parts = dict[str, np.ndarray]


def figures(metric: Read, parts: Parts) -> pd.DataFrame:
    """Value, n and standard error of a measure, a row for each row of its parts.

    A value is NaN where nothing stands behind it or a denominator is zero; so is a standard
    error that is not known.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        value, n, error = _FIGURES[type(metric)](metric, parts)
    value = np.where((n > 0) & np.isfinite(value), value, np.nan)
    error = np.where(np.isfinite(value) & np.isfinite(error) & (n > 1), error, np.nan)
    return pd.DataFrame({"value": value, "n": n, "standard_error": error})


def growth(now: np.ndarray, before: np.ndarray) -> np.ndarray:
    """The relative change; NaN where one side is missing or the earlier one is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        change = now / before - 1
    return np.where(np.isfinite(change), change, np.nan)


def _simple(metric: Read, parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A mean has the standard error s / √n, a median that of a quantile; other aggregates have
    none that is known."""
    n = _number(parts["n"])
    if "quantiles" in parts:
        return _quantile(0.5, parts)
    error = parts["deviation"] / np.sqrt(n) if "deviation" in parts else np.full(len(n), np.nan)
    return parts["value"], n, error


def _ratio(metric: Read, parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Delta method: (n / (n − 1) · (Σa² − 2RΣab + R²Σb²))^½ / |Σb| (Cochran 1977, ch. 2)."""
    n, below = _number(parts["n"]), parts["denominator"]
    value = parts["numerator"] / below
    if "aa" not in parts:
        return value, n, np.full(len(n), np.nan)
    squares = parts["aa"] - 2 * value * parts["ab"] + value**2 * parts["bb"]
    # rounding may leave a hair below zero where every row has the same ratio
    return value, n, np.sqrt(n / (n - 1) * np.maximum(squares, 0)) / np.abs(below)


def _retention(metric: Read, parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """√(p(1 − p)/(n − 1)); nothing is said of a wave that holds no rows."""
    assert isinstance(metric, Retention)
    n, kept = _number(parts["n"]), _number(parts["kept"])
    value = np.where(_number(parts["active"]) > 0, (n - kept if metric.lost else kept) / n, np.nan)
    return value, n, np.sqrt(value * (1 - value) / (n - 1))


def _top_share(metric: Read, parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    n = _number(parts["n"])
    return parts["top"] / parts["total"], n, np.full(len(n), np.nan)


def _percentile(metric: Read, parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    assert isinstance(metric, Percentile)
    return _quantile(metric.p, parts)


def _quantile(p: float, parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """√(p(1 − p)/n) times how fast values rise there, (Q(p + h) − Q(p − h)) / 2h (Siddiqui 1960;
    Bloch and Gastwirth 1968), with h a quarter of the way to the nearer end."""
    n = _number(parts["n"])
    below, value, above = parts["quantiles"].T
    rise = (above - below) / (2 * spread(p))
    return value, n, np.sqrt(p * (1 - p) / n) * rise


def _share(metric: Read, parts: Parts) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """√(p(1 − p)/(n − 1)); classes made by rank depend on all entities at once and have no
    standard error that is known."""
    n = _number(parts["n"])
    value = _number(parts["count"]) / n
    error = (
        np.full(len(n), np.nan) if isinstance(metric, Rfm | Abc) else np.sqrt(value * (1 - value) / (n - 1))
    )
    return value, n, error


def _number(count: np.ndarray) -> np.ndarray:
    """A count; one that a join did not find is zero."""
    return np.nan_to_num(count, nan=0.0)


_FIGURES = {
    Simple: _simple, Ratio: _ratio, Percentile: _percentile, Retention: _retention, TopShare: _top_share,
    **dict.fromkeys((NewShare, Conversion, Distribution, Rfm, Abc), _share),
}  # fmt: skip
