"""Alternating runs of two sides, so that a machine that slows down slows both."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable


def ratio(
    ours: Callable[[], object], floor: Callable[[], object], runs: int = 15
) -> tuple[float, float, float]:
    """Median of the pairwise ratios ours/floor, and the median seconds of each side."""
    bytearray(24_000_000)  # freed at once: from now on the allocator keeps pages, for both sides
    ours(), floor()  # warm-up
    pairs = [(_seconds(ours), _seconds(floor)) for _ in range(runs)]
    return (
        statistics.median(a / b for a, b in pairs),
        statistics.median(a for a, _ in pairs),
        statistics.median(b for _, b in pairs),
    )


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start
