"""What moved the index: its change, split exactly over the indicators.

The change of each indicator is let into the index one at a time, and what the index gains at
that step is the indicator's. The order matters where parts interact (a geometric mean, a part
present in one wave alone), so the steps are averaged over every rotation of the tree's order
and of its reverse: each indicator comes first, second, … last equally often, and the parts
always sum to the change (a Shapley value over a balanced set of orders; Shapley 1953).
Changed weight definitions are a part of their own.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from ...definition.framework import Group
from ...definition.plan import Wave
from .book import Book

Array: TypeAlias = NDArray[np.float64]
WEIGHTS = "<weights>"
_EXACT = 1e-6


def parts_of_change(book: Book) -> dict[str, float]:
    """Points of the index's change by indicator (and `WEIGHTS`); empty where it cannot be told."""
    total = book.change(book.root.id)
    if book.before is None or total is None:
        return {}
    leaves = [node.id for node in book.indicators]
    players = [*leaves, WEIGHTS] if _weights_moved(book) else leaves
    orders = _orders(len(players))
    steps = _after_step(orders, len(players))  # players × (orders · (players + 1))
    index = _index(book, dict(zip(players, steps, strict=True)))
    index = _forward(index.reshape(len(orders), len(players) + 1))
    gains = np.diff(index, axis=1)
    parts = np.zeros(len(players))
    np.add.at(parts, orders, gains)
    parts /= len(orders)
    if not abs(parts.sum() - total) < _EXACT:  # a tree this page cannot rebuild: say nothing
        return {}
    return dict(zip(players, parts.tolist(), strict=True))


def by_dimension(book: Book) -> dict[str, float]:
    """The parts summed over each dimension."""
    totals: dict[str, float] = {}
    for node, part in parts_of_change(book).items():
        if node != WEIGHTS:
            up = book.parent[node] if book.depth[node] > 1 else node
            totals[str(up)] = totals.get(str(up), 0.0) + part
    return totals


def _weights_moved(book: Book) -> bool:
    return any(
        abs(
            (book.contribution(book.before, n, "weight") or 0)
            - (book.contribution(book.after, n, "weight") or 0)
        )
        > 1e-12
        for n in book.nodes
    )


def _orders(count: int) -> NDArray[np.int64]:
    turned = [np.roll(np.arange(count), -shift) for shift in range(count)]
    return np.array([*turned, *(order[::-1] for order in turned)])


def _after_step(orders: NDArray[np.int64], count: int) -> NDArray[np.bool_]:
    """Which players have moved to the later wave, in each step of each order."""
    place = np.argsort(orders, axis=1)  # place[order, player]
    moved = place[:, :, None] < np.arange(count + 1)
    return np.asarray(moved.transpose(1, 0, 2).reshape(count, -1))


def _index(book: Book, moved: dict[str, NDArray[np.bool_]]) -> Array:
    """The index in every state: `moved[leaf]` says where the leaf is at its later value."""
    rows = next(iter(moved.values())).size
    weights_moved = moved.get(WEIGHTS, np.ones(rows, bool))

    def two(leaf: str, before: float | None, after: float | None) -> Array:
        first, second = (np.nan if value is None else value for value in (before, after))
        return np.where(moved[leaf], second, first)

    def level(group: Group) -> tuple[Array, Array]:
        scores, applies, weights = [], [], []
        for child in group.children:
            if child.id in moved:
                scores.append(
                    two(child.id, book.score(book.before, child.id), book.score(book.after, child.id))
                )
                applies.append(
                    two(child.id, *(float(_applies(book, wave, child.id)) for wave in book.waves)) > 0
                )
            else:
                assert isinstance(child, Group)
                score, any_applies = level(child)
                scores.append(score)
                applies.append(any_applies > 0)
            first, second = (book.contribution(wave, child.id, "weight") or 0.0 for wave in book.waves)
            weights.append(np.where(weights_moved, second, first))
        return _combined(book, group, np.array(scores), np.array(applies), np.array(weights))

    return level(book.root)[0]


def _applies(book: Book, wave: Wave, node: str) -> bool:
    return book.score(wave, node) is not None or book.applies(wave, node)


def _combined(book: Book, group: Group, scores: Array, applies: Array, weights: Array) -> tuple[Array, Array]:
    defaults = book.framework.defaults
    rule = book.framework.aggregation(group)
    min_share = next((s for s in (group.min_share, defaults.min_share) if s is not None), 0.5)
    score = rule.combine(scores, weights, tuple(child.id for child in group.children))
    applicable = applies.sum(axis=0)
    enough = (~np.isnan(scores)).sum(axis=0) >= min_share * applicable - 1e-12
    return np.where(enough, score, np.nan), applicable


def _forward(index: Array) -> Array:
    """A state without an index keeps the one before it."""
    for step in range(1, index.shape[1]):
        index[:, step] = np.where(np.isnan(index[:, step]), index[:, step - 1], index[:, step])
    return index
