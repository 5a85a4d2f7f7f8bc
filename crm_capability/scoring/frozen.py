"""What scoring learned and decided, to score other readings of the same rows by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import measure as measures
from .score import roll_up
from .tree import Tree

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Frozen:
    """Arrays have the shape (nodes or measures, rows), as in `Scored`."""

    tree: Tree
    fit: measures.Fit
    values: Array  # prepared readings: divided, gaps filled
    errors: Array  # their standard errors
    divisors: Mapping[int, Array]  # by measure: what raw readings were divided by
    weights: Mapping[str, Array]
    applicable: NDArray[np.bool_]  # nodes

    def scores(self, row: int, readings: Array) -> Array:
        """Scores of all nodes, shape (nodes, draws), had a row had these prepared readings, shape
        (measures, draws). Fuzzy nodes take their children by their scores."""
        tree = self.tree
        found = np.empty((len(tree.ids), readings.shape[1]))
        measures.apply_all(tree, self.fit, readings, found)
        applicable = self.applicable[:, row]
        if not applicable.all():
            found[~applicable] = np.nan
        weights = {name: array[:, min(row, array.shape[1] - 1), None] for name, array in self.weights.items()}
        every = applicable[tree.leaf_nodes].all()
        roll_up(tree, found, weights, None if every else applicable[:, None])
        return found
