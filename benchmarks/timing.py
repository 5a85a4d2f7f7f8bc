"""Alternating runs of two sides, so that a machine that slows down slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def ratio(
    ours: Callable[[], object], floor: Callable[[], object], runs: int = 15, warm: bool = True
) -> tuple[float, float, float]:
    """Median of the pairwise ratios ours/floor, and the median seconds of each side.

    Who goes first alternates. `warm`: a run of each that does not count, before.
    """
    bytearray(24_000_000)  # freed at once: from now on the allocator keeps pages, for both sides
    if warm:
        ours(), floor()
    pairs = []
    for number in range(runs):
        if number % 2:
            theirs, mine = _seconds(floor), _seconds(ours)
        else:
            mine, theirs = _seconds(ours), _seconds(floor)
        pairs.append((mine, theirs))
    return (
        statistics.median(a / b for a, b in pairs),
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
    )


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
