"""How many answers are needed: Cochran's sample size, for shares and for means.

Cochran, W. G. (1977), Sampling Techniques, 3rd ed., equations 4.1, 4.2 and 4.5; Kish, L. (1965)
for the design effect.
"""

from __future__ import annotations

import math
from statistics import NormalDist


def sample_size(
    margin: float,
    confidence: float = 0.95,
    population: int | None = None,
    design_effect: float = 1.0,
    share: float = 0.5,
    deviation: float | None = None,
) -> int:
    """Answers needed for an interval of ± margin: n₀ = z²·p(1−p)/e², for a mean z²·s²/e², times
    the design effect; in a population of N, n = n₀ / (1 + (n₀ − 1)/N), rounded up.

    `share` is the share expected (0.5 needs the most answers), `deviation` the standard deviation
    of a rating in its own points, with the margin in points too.

    >>> sample_size(0.05), sample_size(0.05, population=1000), sample_size(0.05, design_effect=1.5)
    (385, 278, 577)
    """
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    spread = share * (1 - share) if deviation is None else deviation**2
    first = design_effect * z * z * spread / margin**2
    needed = first if population is None else first / (1 + (first - 1) / population)
    whole = math.ceil(needed - 1e-9)
    return max(1, whole if population is None else min(whole, population))
