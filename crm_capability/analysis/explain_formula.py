"""A score's own formula with the numbers put in, as one would check it by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..methods.aggregation import Aggregation, Gate
from ..methods.normalisation import Goalposts, Likert, Normalisation

TIMES = " × "


def group_formula(
    rule: Aggregation, names: Sequence[str], scores: Sequence[float], weights: Sequence[float]
) -> str:
    """A group's rule over its children that have a score, weights rescaled to sum to 1.

    >>> from ..methods.aggregation import ARITHMETIC
    >>> group_formula(ARITHMETIC, ("a", "b"), (50.0, 75.0), (1.0, 3.0))
    '0.25 × 50.0 + 0.75 × 75.0'
    """
    shares = [weight / sum(weights) for weight in weights]
    pairs = list(zip(shares, scores, strict=True))
    mean = " + ".join(f"{share!r}{TIMES}{score!r}" for share, score in pairs)
    method = rule.method  # type: ignore[attr-defined]
    if method == "arithmetic":
        return mean
    if method == "geometric":
        return TIMES.join(f"{score!r} ^ {share!r}" for share, score in pairs)
    if method == "harmonic":
        return f"1 / ({' + '.join(f'{share!r} / {score!r}' for share, score in pairs)})"
    if method == "power":
        p = float(rule.exponent)  # type: ignore[attr-defined]
        return f"({' + '.join(f'{share!r}{TIMES}{score!r} ^ {p!r}' for share, score in pairs)}) ^ (1 / {p!r})"
    if isinstance(rule, Gate):
        gate = dict(zip(names, scores, strict=True)).get(rule.on)
        if gate is None or gate >= rule.below:
            why = "has no score" if gate is None else f"has {gate!r}, not under {rule.below!r}"
            return f"{mean} (the gate is open: {rule.on} {why})"
        return f"min({mean}, {rule.cap!r}) (the gate is closed: {rule.on} has {gate!r}, under {rule.below!r})"
    if method in ("minimum", "maximum"):
        return f"{method[:3]}({', '.join(repr(score) for score in scores)})"
    return f"{method} of {', '.join(f'{score!r} (weight {share!r})' for share, score in pairs)}"


def measure_formula(rule: Normalisation, reading: float, better: str) -> str | None:
    """A linear scale with the reading put in; None for a rule that needs more than a line.

    >>> measure_formula(Likert(method="likert", min=1, max=5), 4.0, "higher")
    '100 × (4.0 − 1.0) / (5.0 − 1.0)'
    """
    if isinstance(rule, Goalposts):
        line = f"100{TIMES}({reading!r} − {rule.worst!r}) / ({rule.best!r} − {rule.worst!r})"
        return f"{line}, kept within 0 to 100" if rule.truncate else line
    if isinstance(rule, Likert):
        ends: tuple[Any, Any] = (float(rule.min), float(rule.max))
        first, last = ends if better == "higher" else ends[::-1]
        return f"100{TIMES}({reading!r} − {first!r}) / ({last!r} − {first!r})"
    return None
