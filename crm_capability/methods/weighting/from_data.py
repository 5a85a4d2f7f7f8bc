"""Weights learned from the children's scores.

They say how much a child tells units apart, not how much it matters: the two are different
questions (OECD/JRC handbook 2008, section 6). Rows where a child is missing are left out.
"""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np

from .rule import Array, Weighed, Weighting, WeightingError, to_one


class FromData(Weighting):
    """Shared by all: complete rows, a single child, children that do not vary."""

    needs_scores: ClassVar[bool] = True
    least_rows: ClassVar[int] = 2

    def weigh(self, children: tuple[str, ...], scores: Array | None = None) -> Weighed:
        assert scores is not None
        there = np.asarray(~np.isnan(scores).all(axis=1))
        if there.sum() < 2:  # nothing to tell apart
            return Weighed(np.full(len(children), 1.0 / len(children)))
        if not there.all():  # out of scope, say: the weights are those of the others
            names = tuple(child for child, known in zip(children, there, strict=True) if known)
            found = self.weigh(names, scores[there])
            weights = np.zeros(len(children))
            weights[there] = found.weights
            return Weighed(weights, found.parameters, found.notes)
        rows = scores[:, ~np.isnan(scores).any(axis=0)]
        if rows.shape[1] < self.least_rows:
            method = self.method  # type: ignore[attr-defined]
            what = f"{method} weights need {self.least_rows} rows in which every child has a score"
            raise WeightingError(f"{what}, and there are {rows.shape[1]}")
        return self._weigh(children, rows)

    def _weigh(self, children: tuple[str, ...], rows: Array) -> Weighed:
        raise NotImplementedError


_TINY = 1e-12  # correlations of equal children miss 1 by a few roundings


def _by_amount(children: tuple[str, ...], amounts: Array, rows: Array) -> Weighed:
    """Weights in proportion to amounts; a child that does not vary gets none, and a note says so;
    where none varies, all weigh the same."""
    flat = ~(np.ptp(rows, axis=1) > 0)
    if flat.all():
        equal = np.full(len(children), 1.0 / len(children))
        return Weighed(equal, notes=("no child varies: all weigh the same",))
    told = np.where(flat, 0.0, np.maximum(amounts, 0.0))
    if not told.max() > _TINY:
        equal = np.where(flat, 0.0, 1.0)
        return Weighed(to_one(equal), notes=("all children say the same: equal weights",))
    weights = to_one(told)
    notes = [
        f"{child} does not vary and weighs nothing"
        for child, still in zip(children, flat, strict=True)
        if still
    ]
    return Weighed(weights, notes=tuple(notes))


class Entropy(FromData):
    """1 − E_j, rescaled; E_j = −Σ p_ij ln p_ij / ln n, p_ij = s_ij / Σ_i s_ij.

    Scores must not be negative. A child that does not vary gets no weight, and a note says so.

    Source: Zeleny (1982), chapter 7; Shannon (1948) for the entropy.
    Use when: children are amounts with a true zero, and telling units apart is what matters.
    Not when: scores may be negative, or were shifted: the weights change with the origin.

    >>> Entropy(method="entropy").weigh(("a", "b"), np.array([[1.0, 4.0], [2.0, 16.0]])).weights.round(6).tolist()
    [0.358889, 0.641111]
    """

    method: Literal["entropy"]

    def _weigh(self, children: tuple[str, ...], rows: Array) -> Weighed:
        for child, row in zip(children, rows, strict=True):
            if (row < 0).any():
                raise WeightingError(
                    f"entropy weights need scores of zero or above, and {child} has {row.min():.4g}"
                )
        totals = rows.sum(axis=1, keepdims=True)
        share = np.divide(rows, totals, out=np.full(rows.shape, 1.0 / rows.shape[1]), where=totals > 0)
        logs = np.log(share, out=np.zeros_like(share), where=share > 0)
        entropy = -(share * logs).sum(axis=1) / np.log(rows.shape[1])
        return _by_amount(children, 1.0 - entropy, rows)


class StandardDeviation(FromData):
    """σ_j / Σσ: a child weighs as much as its scores spread.

    Source: Diakoulaki, Mavrotas and Papayannakis (1995), section 2, as the plain alternative.
    Use when: children are on one scale and a child that separates units shall decide.
    Not when: spread comes from the normalisation: z-scores all spread alike.

    >>> rule = StandardDeviation(method="standard-deviation")
    >>> rule.weigh(("a", "b"), np.array([[1.0, 4.0], [2.0, 16.0]])).weights.round(6).tolist()
    [0.176471, 0.823529]
    """

    method: Literal["standard-deviation"]

    def _weigh(self, children: tuple[str, ...], rows: Array) -> Weighed:
        return _by_amount(children, rows.std(axis=1, ddof=1), rows)


class Critic(FromData):
    """C_j = σ_j Σ_k (1 − r_jk), rescaled, on scores brought to 0–1; r is Pearson's.

    A child that does not vary has no correlation: its r counts as 0, and it gets no weight. Where
    all that vary correlate perfectly, they weigh the same.

    Source: Diakoulaki, Mavrotas and Papayannakis (1995), equations 1 to 4.
    Use when: children that repeat each other shall share their weight.
    Not when: units are few: the correlations are then chance.
    """

    method: Literal["critic"]

    def _weigh(self, children: tuple[str, ...], rows: Array) -> Weighed:
        span = np.ptp(rows, axis=1, keepdims=True)
        scaled = np.divide(
            rows - rows.min(axis=1, keepdims=True), span, out=np.zeros_like(rows), where=span > 0
        )
        information = scaled.std(axis=1, ddof=1) * (1.0 - correlations(scaled)).sum(axis=1)
        return _by_amount(children, information, rows)


class Pca(FromData):
    """The loadings of the first principal component of the correlation matrix, rescaled.

    Loadings of mixed signs are refused, naming the child: a negative weight would turn "better"
    round, and its absolute value would hide that. `explained` records the component's share of
    the variance.

    Source: OECD/JRC handbook (2008), section 6.1; Greco et al. (2019), section 3.2; the weights
    are COINr's (`get_PCA`), on standardised scores.
    Use when: one thing shall be measured, and the children are its symptoms.
    Not when: children may offset each other (a formative index), or the first component explains
    little.

    >>> scores = np.array([[1.0, 2, 3, 4], [1.0, 2, 3, 5], [2.0, 1, 4, 4]])
    >>> Pca(method="pca").weigh(("a", "b", "c"), scores).weights.round(4).tolist()
    [0.3453, 0.3422, 0.3125]
    """

    least_rows: ClassVar[int] = 3
    method: Literal["pca"]

    def _weigh(self, children: tuple[str, ...], rows: Array) -> Weighed:
        for child, row in zip(children, rows, strict=True):
            if not np.ptp(row) > 0:
                raise WeightingError(f"pca weights: {child} does not vary, and has no loading")
        values, vectors = np.linalg.eigh(correlations(rows))
        loadings = vectors[:, -1] * (-1.0 if vectors[:, -1].sum() < 0 else 1.0)
        against = [child for child, loading in zip(children, loadings, strict=True) if loading < -1e-9]
        if against:
            what = f"the first component has loadings of mixed signs: {', '.join(against)} run against the others"
            raise WeightingError(
                f"pca weights: {what}; turn their direction round or weigh by another method"
            )
        return Weighed(to_one(np.maximum(loadings, 0.0)), {"explained": float(values[-1] / values.sum())})


class EqualVariance(FromData):
    """Weights under which every child contributes the same to the variance of the mean:
    w_j·cov(s_j, Σwₖsₖ) is equal for all j, w > 0.

    The solution is unique for a positive definite covariance matrix: the minimum of ½·wᵀΣw − Σ ln w.

    Source: Maillard, Roncalli and Teiletche (2010), equation 4, for portfolios; Spinu (2013) for
    the convex form. OECD/JRC handbook (2008), section 6, asks for the same of an index.
    Use when: equal weights are meant, and unequal spreads and correlations would undo them.
    Not when: a child does not vary: no weight makes it contribute, and it is refused.

    >>> rule = EqualVariance(method="equal-variance")
    >>> rule.weigh(("a", "b"), np.array([[1.0, 2, 3, 4], [2.0, 8, 4, 6]])).weights.round(4).tolist()
    [0.6667, 0.3333]
    """

    method: Literal["equal-variance"]

    def _weigh(self, children: tuple[str, ...], rows: Array) -> Weighed:
        for child, row in zip(children, rows, strict=True):
            if not np.ptp(row) > 0:
                raise WeightingError(f"equal-variance weights: {child} does not vary, and cannot contribute")
        spread = rows.std(axis=1, ddof=1)
        matrix = correlations(rows)  # of standardised children: w = z/σ scales back
        if np.linalg.eigvalsh(matrix)[0] < 1e-10:
            raise WeightingError(
                "equal-variance weights: some children add up to nothing; there is no one solution"
            )
        z = np.ones(len(children))
        for _ in range(100):  # Newton's method with the step damped (Spinu 2013)
            slope = matrix @ z - 1.0 / z
            step = np.linalg.solve(matrix + np.diag(1.0 / z**2), slope)
            decrement = float(np.sqrt(max(float(slope @ step), 0.0)))
            z = z - (step / (1.0 + decrement) if decrement > 0.25 else step)
            if decrement < 1e-14:
                break
        return Weighed(to_one(z / spread))


def correlations(rows: Array) -> Array:
    """Pearson's correlations between rows of scores; 0 with a row that does not vary."""
    centred = rows - rows.mean(axis=1, keepdims=True)
    length = np.sqrt((centred**2).sum(axis=1, keepdims=True))
    flat = ~(np.ptp(rows, axis=1) > 0)
    unit = np.divide(centred, length, out=np.zeros_like(centred), where=(length > 0) & ~flat[:, None])
    found = np.clip(unit @ unit.T, -1.0, 1.0)
    np.fill_diagonal(found, 1.0)
    return np.asarray(found)
