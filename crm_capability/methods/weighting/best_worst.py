"""The best-worst method: every child against the most and the least important one."""

from __future__ import annotations

from typing import Literal

import numpy as np

from ..model import Id, Ratio
from .rule import Array, Weighed, Weighting, to_one


class BestWorst(Weighting):
    """min ξ under |w_B − a_Bj·w_j| ≤ ξ and |w_j − a_jW·w_W| ≤ ξ, Σw = 1, w ≥ 0.

    `best_to_others` says how many times the best child matters more than each other one,
    `others_to_worst` how many times each matters more than the worst; both are 1 or more. `xi` is
    recorded: 0 is full consistency. So is `input_consistency_ratio`, the largest over the children
    of |a_Bj·a_jW − a_BW|/(a_BW² − a_BW), which needs no solution.

    Source: Rezaei (2016), linear model, equation 5; Liang, Brunelli and Rezaei (2020), equation 9,
    for the input-based ratio.
    Use when: judges are few or impatient: 2n − 3 judgements instead of n(n − 1)/2.
    Not when: they cannot agree which child matters most and which least.

    >>> rule = BestWorst(method="best-worst", best="price", worst="style",
    ...     best_to_others={"quality": 2, "comfort": 4, "safety": 2, "style": 8},
    ...     others_to_worst={"quality": 4, "price": 8, "comfort": 2, "safety": 4})
    >>> rule.weigh(("quality", "price", "comfort", "safety", "style")).weights.round(6).tolist()
    [0.210526, 0.421053, 0.105263, 0.210526, 0.052632]
    """

    method: Literal["best-worst"]
    best: Id
    worst: Id
    best_to_others: dict[Id, Ratio]
    others_to_worst: dict[Id, Ratio]

    def mistakes(self, children: tuple[str, ...]) -> list[str]:
        found = [f"{name} is no child here" for name in (self.best, self.worst) if name not in children]
        if self.best == self.worst:
            found.append(f"{self.best} is called both best and worst")
        for key, given, own in (
            ("best_to_others", self.best_to_others, self.best),
            ("others_to_worst", self.others_to_worst, self.worst),
        ):
            found += [f"{key} lacks {child}" for child in children if child not in given and child != own]
            found += [f"{key} names {name}, which is no child here" for name in given if name not in children]
            found += [f"{key}: {name} stands below 1" for name, ratio in given.items() if ratio < 1]
            if given.get(own, 1) != 1:
                found.append(f"{key}: {own} against itself is not 1")
        ends = self.best_to_others.get(self.worst), self.others_to_worst.get(self.best)
        if None not in ends and ends[0] != ends[1]:
            found.append(f"{self.best} against {self.worst} is judged twice, {ends[0]:g} and {ends[1]:g}")
        return found

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        from scipy.optimize import linprog  # heavy, and only needed here

        count = len(children)
        best, worst = children.index(self.best), children.index(self.worst)
        rows = []
        for n, child in enumerate(children):
            to_best = np.zeros(count)
            to_best[best] += 1.0
            to_best[n] -= self.best_to_others.get(child, 1.0)
            to_worst = np.zeros(count)
            to_worst[n] += 1.0
            to_worst[worst] -= self.others_to_worst.get(child, 1.0)
            rows += [row for row in (to_best, to_worst) if row.any()]
        gaps = np.array(rows)
        bound = -np.ones((len(gaps), 1))
        limits = np.vstack([np.hstack([gaps, bound]), np.hstack([-gaps, bound])])
        found = linprog(
            c=np.append(np.zeros(count), 1.0),
            A_ub=limits,
            b_ub=np.zeros(len(limits)),
            A_eq=np.append(np.ones(count), 0.0)[None, :],
            b_eq=[1.0],
            method="highs",
        )
        weights = to_one(np.maximum(found.x[:count], 0.0))
        xi = float(np.abs(gaps @ weights).max())
        return Weighed(weights, {"xi": xi, "input_consistency_ratio": self._input_ratio(children)})

    def _input_ratio(self, children: tuple[str, ...]) -> float:
        whole = self.best_to_others[self.worst]
        if whole == 1:
            return 0.0
        products = [self.best_to_others.get(c, 1.0) * self.others_to_worst.get(c, 1.0) for c in children]
        return max(abs(product - whole) for product in products) / (whole * whole - whole)
