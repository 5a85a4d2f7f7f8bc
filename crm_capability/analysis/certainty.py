"""How sure scores are, as the plan wants it: their intervals, and whether their bands are right."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.framework import Framework
from ..definition.plan import Plan
from ..methods.statistics import t_quantile, within
from ..scoring.assessment import reachable
from ..tables import shape
from .bootstrap import Bootstrap, bootstrap
from .respondents import Respondents

Array = NDArray[np.float64]
_TOO_NARROW = 1.25  # times: from here on it is worth a sentence


def resampled(framework: Framework, plan: Plan, respondents: Respondents) -> Bootstrap | None:
    """The replicates, where the plan asks for them."""
    if plan.uncertainty.method != "bootstrap":
        return None
    ends = band_ends(framework, respondents.scored.scores)
    return bootstrap(respondents, plan.comparisons, plan.uncertainty, ends)


def with_certainty(
    table: pd.DataFrame,
    framework: Framework,
    plan: Plan,
    respondents: Respondents,
    replicates: Bootstrap | None,
) -> pd.DataFrame:
    """The table `scores` with the intervals that the plan asks for, and how sure each band is."""
    scored = respondents.scored
    if replicates is not None:
        low, high, sure = replicates.scores.low, replicates.scores.high, replicates.scores.within
        error, freedom = replicates.scores.error, respondents.of_scores[1]
    else:
        variance, freedom = scored.variance, np.full(scored.variance.shape, np.inf)
        if plan.uncertainty.method == "respondents":
            variance, freedom = respondents.of_scores
        error = np.sqrt(variance)
        half = t_quantile(freedom) * error
        low, high = scored.scores - half, scored.scores + half
        sure = within(scored.scores, variance, *band_ends(framework, scored.scores))
    columns = {
        "band_probability": np.where(np.isnan(scored.variance), np.nan, sure),
        "standard_error": error,
        "degrees_of_freedom": finite_freedom(freedom, error),
    }
    if plan.uncertainty.method != "standard-errors":
        least, most = reachable(scored)
        columns |= {"low": np.maximum(low, least[:, None]), "high": np.minimum(high, most[:, None])}
    found = table.assign(**{name: array.T.ravel() for name, array in columns.items()})
    found.loc[found["band"].isna(), "band_probability"] = np.nan
    return shape("scores", found)


def finite_freedom(freedom: Array, error: Array) -> Array:
    """Degrees of freedom as a table tells them: blank where they are infinite, or no error is known."""
    return np.where(np.isfinite(freedom) & ~np.isnan(error), freedom, np.nan)


def band_ends(framework: Framework, scores: Array) -> tuple[Array, Array]:
    """Where the band of each score begins and ends; the first has no beginning and the last no end:
    a score beyond them is called the same."""
    named = framework.bands or framework.defaults.bands or ()
    starts = np.array([-np.inf, *(band.start for band in named[1:]), np.inf])
    reached = np.nan_to_num(scores, nan=-np.inf) + 1e-9  # as `bands` reads scores
    place = np.clip(np.searchsorted(starts, reached, side="right") - 1, 0, len(starts) - 2)
    return starts[place], starts[place + 1]


def certainty_notes(framework: Framework, plan: Plan, respondents: Respondents) -> list[dict[str, str]]:
    """Where intervals of scores are too narrow, because the same people answered for several measures
    and standard errors alone do not show it: said of the index of the plan's unit."""
    scored = respondents.scored
    row = scored.of_wave(scored.waves[-1]).start + scored.units.index(plan.unit)
    root = scored.tree.ids.index(framework.tree.id)
    apart, together = scored.variance[root, row], respondents.of_scores[0][root, row]
    if plan.uncertainty.method != "standard-errors" or not together > _TOO_NARROW**2 * apart:
        return []
    times = float(np.sqrt(together / apart))
    text = (
        f"the interval of the index takes measures as independent; by respondents it is {times:.1f} times as wide:"
        " let `uncertainty` in the plan have the method respondents"
    )
    return [{"node": framework.tree.id, "text": text}]
