"""Which respondents may not have read the questions. They are flagged and shown; they stay unless
the plan drops them.

The checks and their bounds follow Curran (2016), Methods for the detection of carelessly invalid
responses in survey data, Journal of Experimental Social Psychology 66, 4–19:

    straight-line  every rating the same, over at least 5 (variability 0)
    long-string    a run of the same rating as long as half of those asked, and at least 6
    contradiction  at least half of the pairs of a question and its reverse, and at least 2 pairs,
                   lie three quarters of the scale apart
    speed          less than 2 seconds a question (Huang et al. 2012)
    duplicate      the same answers as another respondent, over at least 10, not all the same
    outlier        Mahalanobis distance of the ratings beyond chi-square's 0.999
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..definition.questionnaire import Rating
from ..errors import EvidenceError, Place, Problem
from ..tables import shape
from .answers import Answers
from .cells import Cells
from .columns import Codes
from .group_means import codes_of
from .together import together, without

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
LEAST_RATINGS, LEAST_RUN, LEAST_ALIKE, LEAST_PAIRS = 5, 6, 10, 2
_ROWS = 1 << 13  # respondents looked at at once
FAR_APART, SECONDS_A_QUESTION, RARE = 0.75, 2.0, 0.001


@dataclass(frozen=True)
class Ratings:
    """Ratings as they were given: respondents × questions, in the order asked, NaN for none."""

    given: Array
    turned: Array  # the same with reversed questions turned round
    reverse: Mask  # by question
    feeds: tuple[str | None, ...]
    width: Array  # of each question's scale


def ratings_of(answers: Answers) -> Ratings:
    """The ratings of a questionnaire."""
    questions = [q for q in answers.sheet.questions.values() if isinstance(q, Rating)]
    n = len(answers.people)
    turned = np.column_stack([answers.values[q.id] for q in questions]) if questions else np.empty((n, 0))
    points = [answers.sheet.points(q) or (0.0, 0.0) for q in questions]
    ends = np.array([(min(of), max(of)) for of in points]).reshape(-1, 2)
    reverse = np.array([q.reverse for q in questions], dtype=bool)
    given = np.where(reverse, ends.sum(axis=1) - turned, turned)
    return Ratings(given, turned, reverse, tuple(q.feeds for q in questions), ends[:, 1] - ends[:, 0])


def respondents_table(sheets: Collection[Answers]) -> pd.DataFrame:
    """The table `respondents`: one row a respondent of every questionnaire and wave."""
    parts = [flagged(answers) for answers in together(sheets)]
    return shape("respondents", pd.concat(parts, ignore_index=True) if parts else {})


def flagged(answers: Answers) -> pd.DataFrame:
    """The respondents of one questionnaire with what was found, in their order. Ratings are looked
    at some thousands of respondents at a time, which keeps them where the processor is fast."""
    n = len(answers.people)
    found = answers.people[["wave", "unit", "role", "respondent"]].reset_index(drop=True)
    found.insert(0, "questionnaire", answers.sheet.questionnaire)
    parts = [_looked_at(answers.part(slice(start, start + _ROWS))) for start in range(0, n, _ROWS)]
    looks = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    for name in ("answered", "longest_string", "variability", "contradictions"):
        found[name] = looks[name]
    seconds = answers.seconds if answers.seconds is not None else np.full(n, np.nan)
    asked = looks["answered"].astype(float)
    found["seconds_a_question"] = np.divide(seconds, asked, out=np.full(n, np.nan), where=asked > 0)
    rated = [answers.cells[q.id] for q in answers.sheet.questions.values() if isinstance(q, Rating)]
    waves = codes_of(answers.people["wave"])[0]
    found["outlier_p"] = outlier_p(rated, waves)
    straight = (looks["rated"] >= LEAST_RATINGS) & (looks["variability"] == 0)
    alike = duplicates([*answers.cells.values()], waves)
    flags: dict[str, Mask] = {
        "straight-line": straight,
        "long-string": looks["longest_string"] >= max(LEAST_RUN, len(rated) / 2),
        "contradiction": (looks["contradictions"] >= LEAST_PAIRS)
        & (looks["contradictions"] * 2 >= looks["pairs"]),
        "speed": found["seconds_a_question"].to_numpy() < SECONDS_A_QUESTION,
        "duplicate": alike & (looks["answered"] >= LEAST_ALIKE) & ~straight,
        "outlier": found["outlier_p"].to_numpy() < RARE,
    }
    found["flags"] = _joined(flags, n)
    return found


def _looked_at(answers: Answers) -> dict[str, NDArray[Any]]:
    ratings = ratings_of(answers)
    pairs, apart = contradictions(ratings)
    answered = np.zeros(len(answers.people), dtype=np.int64)
    for cells in answers.cells.values():
        answered += (~np.isnan(cells.values))[cells.codes]
    return {
        "answered": answered,
        "rated": (~np.isnan(ratings.given)).sum(axis=1),
        "longest_string": longest_string(ratings.given),
        "variability": variability(ratings.given),
        "pairs": pairs,
        "contradictions": apart,
    }


def without_flagged(
    answers: Answers, found: pd.DataFrame, drop: Collection[str]
) -> tuple[Answers, list[str]]:
    """The answers without the respondents that bear a flag to drop, and how many those were.
    Raises EvidenceError where nobody would be left."""
    if not drop:
        return answers, []
    out = (
        found["flags"]
        .fillna("")
        .map(lambda flags: bool(set(flags.split(", ")) & set(drop)))
        .to_numpy(dtype=bool)
    )
    if out.all():
        what = f"every respondent is flagged as {', '.join(drop)}: nobody would be left"
        raise EvidenceError(Problem(Place(answers.file), what, "take flags out of `drop`"))
    note = f"{answers.file}: {int(out.sum())} of {len(out)} respondents are left out: {', '.join(drop)}"
    return without(answers, out), [note]


def without_any_flag(answers: Answers, found: pd.DataFrame) -> Answers:
    """The answers of those who bear no flag at all, whether or not the plan drops the others."""
    keys = ["wave", "unit", "role", "respondent"]
    doubted = pd.MultiIndex.from_frame(found.loc[found["flags"].fillna("") != "", keys])
    return without(answers, pd.MultiIndex.from_frame(answers.people[keys]).isin(doubted))


def _joined(flags: dict[str, Mask], n: int) -> pd.Series:
    """Names of the flags that a row bears; distinct sets of flags are spelled once."""
    code = np.zeros(n, dtype=np.int64)
    for bit, mask in enumerate(flags.values()):
        code |= mask.astype(np.int64) << bit
    names = list(flags)
    words = {c: ", ".join(name for bit, name in enumerate(names) if c >> bit & 1) for c in np.unique(code)}
    return pd.Series(code).map(words).replace("", np.nan)


def longest_string(given: Array) -> NDArray[np.int64]:
    """The longest run of the same rating; a blank ends a run.

    >>> longest_string(np.array([[1.0, 1, 1, 2], [1, 2, 2, np.nan], [np.nan] * 4])).tolist()
    [3, 2, 0]
    """
    run = np.zeros(len(given), dtype=np.int64)
    longest = run.copy()
    for n in range(given.shape[1]):
        same = given[:, n] == given[:, n - 1] if n else np.zeros(len(given), dtype=bool)
        run = np.where(np.isnan(given[:, n]), 0, np.where(same, run + 1, 1))
        longest = np.maximum(longest, run)
    return longest


def variability(given: Array) -> Array:
    """Each respondent's standard deviation over the ratings given; NaN for fewer than two.

    >>> variability(np.array([[1.0, 1, 1], [1, 3, np.nan]])).round(3).tolist()
    [0.0, 1.414]
    """
    counts = (~np.isnan(given)).sum(axis=1)
    safe = np.maximum(counts, 1)
    mean = np.nansum(given, axis=1) / safe
    squares = np.nansum((given - mean[:, None]) ** 2, axis=1)
    return np.where(counts > 1, np.sqrt(squares / np.maximum(counts - 1, 1)), np.nan)


def contradictions(ratings: Ratings) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of a question and a reversed one that feed the same measure, and how many of them lie
    three quarters of the scale apart once turned."""
    pairs = np.zeros(len(ratings.given), dtype=np.int64)
    apart = pairs.copy()
    for a in np.flatnonzero(~ratings.reverse):
        for b in np.flatnonzero(ratings.reverse):
            if (
                ratings.feeds[a] is None
                or ratings.feeds[a] != ratings.feeds[b]
                or ratings.width[a] != ratings.width[b]
            ):
                continue
            distance = np.abs(ratings.turned[:, a] - ratings.turned[:, b])
            pairs += ~np.isnan(distance)
            apart += distance >= FAR_APART * ratings.width[a]
    return pairs, apart


def duplicates(questions: Sequence[Cells], waves: Codes) -> Mask:
    """Rows equal to another's of the same wave, states included. Each row is summed up in one
    number first; only rows that share it are compared."""
    random = np.random.default_rng(0)
    mark = random.integers(0, 1 << 62, int(waves.max(initial=0)) + 1)[waves]
    for question in questions:
        mark += random.integers(0, 1 << 62, len(question.values))[question.codes]
    maybe = np.flatnonzero(pd.Series(mark).duplicated(keep=False).to_numpy())
    frame = pd.DataFrame({"wave": waves[maybe]} | {str(n): q.codes[maybe] for n, q in enumerate(questions)})
    found = np.zeros(len(waves), dtype=bool)
    found[maybe] = frame.duplicated(keep=False).to_numpy()
    return found


def outlier_p(questions: Sequence[Cells], waves: Codes) -> Array:
    """Chance of a Mahalanobis distance as large, from chi-square, within each wave. A blank takes
    its question's mean, which lies at no distance; NaN with fewer than 5 respondents a question.
    Turning a question round changes no distance."""
    found = np.full(len(waves), np.nan)
    several = int(waves.max(initial=0)) > 0
    for wave in range(int(waves.max(initial=-1)) + 1):
        rows = np.flatnonzero(waves == wave)
        found[rows] = _outlier_p([q.taken(rows) for q in questions] if several else questions, len(rows))
    return found


def _outlier_p(questions: Sequence[Cells], n: int) -> Array:
    from scipy.special import chdtrc

    tables = []
    for question in questions:
        counts = np.bincount(question.codes, minlength=len(question.values))
        given = ~np.isnan(question.values) & (counts > 0)
        if counts[given].sum() > 1:
            mean = np.average(question.values[given], weights=counts[given])
            tables.append((question.codes, np.nan_to_num(question.values - mean)))
    if len(tables) < 2 or n < 5 * len(tables):
        return np.full(n, np.nan)

    def blocks() -> Iterator[Array]:
        for start in range(0, n, _ROWS):
            yield np.stack([table[codes[start : start + _ROWS]] for codes, table in tables])

    covariance = np.sum([block @ block.T for block in blocks()], axis=0) / (n - 1)
    rank = int(np.linalg.matrix_rank(covariance, hermitian=True))
    if not rank:
        return np.full(n, np.nan)
    inverse = np.linalg.pinv(covariance, hermitian=True)
    distance = np.concatenate([((inverse @ block) * block).sum(axis=0) for block in blocks()])
    return np.asarray(chdtrc(rank, np.maximum(distance, 0.0)))
