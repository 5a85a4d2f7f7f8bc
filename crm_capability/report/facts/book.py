"""The result, looked up: whose report it is, which waves it compares, one number at a time."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping
from functools import cached_property
from typing import Any

import pandas as pd

from ...analysis.result import Result
from ...definition.framework import Group, Measure
from ...definition.plan import Wave
from ...tables import NOT_COLLECTED

Node = Group | Measure


class Book:
    """Numbers of the assessed unit by wave and node; None where there is none."""

    def __init__(self, result: Result):
        self.result, self.plan, self.framework = result, result.plan, result.framework
        self.unit = self.plan.unit
        self.root = self.framework.tree
        self.nodes: dict[str, Node] = {}
        self.parent: dict[str, str | None] = {}
        self.depth: dict[str, int] = {}
        for _, node, parent in self.framework.walk():
            self.nodes[node.id] = node
            self.parent[node.id] = parent.id if parent else None
            self.depth[node.id] = self.depth[parent.id] + 1 if parent else 0
        pairs = self.plan.comparisons
        self.before: Wave | None = self.plan.wave(pairs[0].before) if pairs else None
        self.after: Wave = self.plan.wave(pairs[0].after) if pairs else self.plan.waves[-1]

    def frame(self, name: str) -> pd.DataFrame:
        """A table of the result, empty if the result has none of that name."""
        frame = self.result.tables.get(name)
        return pd.DataFrame() if frame is None else frame

    def _own(self, name: str, keys: tuple[str, ...]) -> dict[Hashable, Mapping[str, Any]]:
        frame = self.frame(name)
        if frame.empty:
            return {}
        own = frame[frame["unit"] == self.unit]
        return {tuple(row[key] for key in keys): row for row in own.to_dict("records")}

    @cached_property
    def _scores(self) -> dict[Hashable, Mapping[str, Any]]:
        return self._own("scores", ("wave", "node"))

    @cached_property
    def _contributions(self) -> dict[Hashable, Mapping[str, Any]]:
        return self._own("contributions", ("wave", "node"))

    @cached_property
    def _changes(self) -> dict[Hashable, Mapping[str, Any]]:
        return self._own("changes", ("before_wave", "after_wave", "node"))

    @cached_property
    def _standing(self) -> dict[Hashable, Mapping[str, Any]]:
        return self._own("standing", ("wave", "node"))

    @cached_property
    def _priorities(self) -> dict[Hashable, Mapping[str, Any]]:
        return self._own("priorities", ("wave", "node"))

    @cached_property
    def _readings(self) -> dict[Hashable, Mapping[str, Any]]:
        return self._own("readings", ("wave", "measure"))

    def score(self, wave: Wave | None, node: str, column: str = "score") -> float | None:
        return _number(self._scores, (wave.id if wave else "", node), column)

    def band(self, wave: Wave, node: str) -> str:
        return _text(self._scores, (wave.id, node), "band")

    def contribution(self, wave: Wave | None, node: str, column: str = "contribution") -> float | None:
        return _number(self._contributions, (wave.id if wave else "", node), column)

    def change(self, node: str, column: str = "change") -> float | None:
        """Between the two waves of the headline."""
        return _number(self._changes, (self.before.id if self.before else "", self.after.id, node), column)

    def change_text(self, node: str, column: str) -> str:
        return _text(self._changes, (self.before.id if self.before else "", self.after.id, node), column)

    def priority(self, node: str, column: str) -> float | None:
        return _number(self._priorities, (self.after.id, node), column)

    def quadrant(self, node: str) -> str:
        """Which of the four fields of importance and performance a node lies in."""
        return _text(self._priorities, (self.after.id, node), "quadrant")

    def standing(self, node: str, column: str) -> float | None:
        return _number(self._standing, (self.after.id, node), column)

    def reading(self, wave: Wave | None, measure: str, column: str = "value") -> float | None:
        return _number(self._readings, (wave.id if wave else "", measure), column)

    def reading_text(self, wave: Wave, measure: str, column: str) -> str:
        return _text(self._readings, (wave.id, measure), column)

    def state(self, wave: Wave, measure: str) -> str:
        return self.reading_text(wave, measure, "state") or NOT_COLLECTED

    @property
    def waves(self) -> tuple[Wave, ...]:
        """The one or two waves of the headline."""
        return (self.before, self.after) if self.before else (self.after,)

    @cached_property
    def excluded(self) -> dict[str, Any]:
        """Nodes out of scope, with the reason, in plan order."""
        told = dict(self.result.manifest.get("excluded") or {})
        for node in self.plan.scope.exclude:
            told[node] = self.plan.scope.because.get(node) or told.get(node) or ""
        return {node: reason for node, reason in told.items() if node in self.nodes}

    def out_of_scope(self, node: str) -> bool:
        """Whether the node or one above it is left out of the assessment."""
        step: str | None = node
        while step is not None:
            if step in self.excluded:
                return True
            step = self.parent[step]
        return False

    def below(self, node: str) -> Iterator[Node]:
        """The node's descendants in the tree's order."""
        stack = [self.nodes[node]]
        while stack:
            item = stack.pop()
            if item.id != node:
                yield item
            if isinstance(item, Group):
                stack.extend(reversed(item.children))

    def measures(self, node: str) -> list[Measure]:
        """The measures at or below a node."""
        here = self.nodes[node]
        return (
            [here] if isinstance(here, Measure) else [m for m in self.below(node) if isinstance(m, Measure)]
        )

    @cached_property
    def in_scope(self) -> list[Measure]:
        """The measures of the assessment that are not out of scope."""
        return [m for m in self.measures(self.root.id) if not self.out_of_scope(m.id)]

    def applies(self, wave: Wave, node: str) -> bool:
        """Whether anything at or below the node applies to the unit in that wave."""
        return any(
            not self.out_of_scope(m.id) and self.state(wave, m.id) != "not-applicable"
            for m in self.measures(node)
        )

    @cached_property
    def dimensions(self) -> list[Node]:
        """The index's children."""
        return list(self.root.children)

    @cached_property
    def indicators(self) -> list[Node]:
        """What a dimension is made of; a measure right under the index speaks for itself."""
        return [
            child for dim in self.dimensions for child in (dim.children if isinstance(dim, Group) else (dim,))
        ]

    @cached_property
    def fictitious(self) -> frozenset[str]:
        return frozenset(self.result.manifest.get("fictitious") or ())

    def rests_on_fiction(self, node: str) -> bool:
        """Whether fictitious answers stand behind a node's score."""
        return any(m.id in self.fictitious for m in self.measures(node))

    @cached_property
    def axis(self) -> tuple[float, float]:
        """The one scale of all scores: 0 to 100 unless scores go beyond."""
        scores = self.frame("scores")
        values = scores["score"].dropna() if len(scores) else scores
        if not len(values):
            return 0.0, 100.0
        tiny = 1e-9  # a mean of hundreds may come out a rounding above them
        low = 10.0 * math.floor((float(values.min()) + tiny) / 10)
        high = 10.0 * math.ceil((float(values.max()) - tiny) / 10)
        return min(0.0, low), max(100.0, high)

    def position(self, value: float | None) -> float | None:
        """Where a score lies on the scale, in per cent of its width."""
        if value is None:
            return None
        low, high = self.axis
        return 100 * (value - low) / (high - low)


def _number(rows: Mapping[Hashable, Mapping[str, Any]], key: Hashable, column: str) -> float | None:
    row = rows.get(key)
    value = None if row is None else row.get(column)
    return None if value is None or pd.isna(value) else float(value)


def _text(rows: Mapping[Hashable, Mapping[str, Any]], key: Hashable, column: str) -> str:
    row = rows.get(key)
    value = None if row is None else row.get(column)
    return "" if value is None or pd.isna(value) else str(value)
