"""The named tables that cross from room to room and land in a result folder.

Every table is documented here once: its columns, in order, with type and meaning. `shape`
puts a frame into that form; files hold full double precision.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pandas as pd

# states of a reading
MEASURED = "measured"
NOT_APPLICABLE = "not-applicable"
UNKNOWN = "unknown"
NOT_COLLECTED = "not-collected"
STATES = (MEASURED, NOT_APPLICABLE, UNKNOWN, NOT_COLLECTED)

_TEXT, _NUMBER, _WHOLE = "text", "number", "whole"

_COLUMNS: dict[str, dict[str, tuple[str, str]]] = {
    "readings": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "measure": (_TEXT, "the measure that was read"),
        "value": (_NUMBER, "raw value in the measure's own unit; blank unless measured"),
        "n": (_WHOLE, "respondents, rows or entities behind the value"),
        "standard_error": (_NUMBER, "of the value, in its unit; blank where not known"),
        "state": (_TEXT, "measured, not-applicable, unknown or not-collected"),
        "evidence": (_TEXT, "survey, operational, values or judgement"),
        "source": (_TEXT, "where the value comes from"),
        "imputed": (_NUMBER, "put in the place of a missing value, after any denominator; else blank"),
    },
    "scores": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "node": (_TEXT, "index, dimension, indicator or measure"),
        "level": (_TEXT, "the framework's name of the node's level"),
        "score": (_NUMBER, "on the framework's score range; blank when missing"),
        "low": (_NUMBER, "lower end of the 95 % interval from the standard errors below"),
        "high": (_NUMBER, "upper end of it"),
        "if_worst": (_NUMBER, "score if every applicable measure without a reading scored worst"),
        "if_best": (_NUMBER, "score if every one of them scored best"),
        "coverage": (_NUMBER, "share of the applicable measures below that have a score"),
        "rank": (_WHOLE, "among the units of the wave, 1 is best, ties share the lowest"),
        "band": (_TEXT, "the named score range"),
    },
    "contributions": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "node": (_TEXT, "every node"),
        "weight": (_NUMBER, "among its siblings, as defined; siblings sum to 1"),
        "effective_weight": (_NUMBER, "in the index, after rescaling to what the unit has"),
        "contribution": (_NUMBER, "points of the index; a wave's measures sum to its index"),
    },
    "changes": {
        "unit": (_TEXT, "what is assessed"),
        "node": (_TEXT, "every node"),
        "before_wave": (_TEXT, "the earlier wave"),
        "after_wave": (_TEXT, "the later wave"),
        "before": (_NUMBER, "score before"),
        "after": (_NUMBER, "score after"),
        "change": (_NUMBER, "after less before"),
        "low": (_NUMBER, "lower end of the change's 95 % interval"),
        "high": (_NUMBER, "upper end of it"),
        "p_value": (_NUMBER, "two-sided, of no change"),
        "q_value": (_NUMBER, "p after Benjamini and Hochberg within unit, waves and level"),
        "from_value": (_NUMBER, "part of the change due to readings present in both waves"),
        "from_weight": (_NUMBER, "part due to changed weight definitions"),
        "from_membership": (_NUMBER, "part due to readings present in one wave alone"),
    },
    "standing": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "node": (_TEXT, "every node"),
        "score": (_NUMBER, "the unit's score"),
        "peers": (_WHOLE, "how many others have a score here"),
        "percentile": (_NUMBER, "share of peers strictly worse plus half the ties, 0 to 100"),
        "quartile": (_WHOLE, "4 is the best quarter"),
        "median": (_NUMBER, "of the peers' scores"),
        "best": (_NUMBER, "of the peers' scores"),
        "gap_to_median": (_NUMBER, "score less median; negative is behind"),
        "gap_to_best": (_NUMBER, "score less best; negative is behind"),
        "top_quartile": (_NUMBER, "a quarter of the peers score at least this"),
        "gap_to_top_quartile": (_NUMBER, "score less that; negative is behind"),
        "percentile_low": (_NUMBER, "percentile at the lower end of the score's 95 % interval"),
        "percentile_high": (_NUMBER, "percentile at the upper end of it"),
        "like": (_TEXT, "what the peers have in common with the unit, where they must"),
    },
    "attributes": {
        "unit": (_TEXT, "what is assessed"),
        "attribute": (_TEXT, "what the plan says of it: a group, a denominator"),
        "value": (_TEXT, "as text"),
    },
    "shrinkage": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "a unit; where it is a peer, it counts with the drawn value"),
        "measure": (_TEXT, "what was read"),
        "value": (_NUMBER, "the reading"),
        "n": (_WHOLE, "cases behind it"),
        "method": (_TEXT, "normal (by standard errors) or beta-binomial (shares by cases)"),
        "toward": (_NUMBER, "the mean of all units that the reading is drawn toward"),
        "own_share": (_NUMBER, "how much of its distance from there it keeps, 0 to 1"),
        "drawn": (_NUMBER, "the reading that a peer counts with"),
    },
    "pairings": {
        "unit": (_TEXT, "what is assessed"),
        "measure": (_TEXT, "the measure"),
        "before_wave": (_TEXT, "the earlier wave"),
        "after_wave": (_TEXT, "the later wave"),
        "respondents": (_WHOLE, "who answered in both waves"),
        "covariance": (_NUMBER, "of the two readings, in the measure's unit squared"),
    },
    "reliability": {
        "questionnaire": (_TEXT, "whose answers"),
        "scale": (_TEXT, "the measure that the questions feed"),
        "wave": (_TEXT, "occasion of measuring"),
        "items": (_WHOLE, "questions with answers"),
        "respondents": (_WHOLE, "who answered every one of them, all units together"),
        "alpha": (
            _NUMBER,
            "Cronbach's, raw, from covariances; blank for one question, and for a formative measure",
        ),
        "alpha_standardized": (_NUMBER, "the same from correlations"),
        "omega": (_NUMBER, "McDonald's, of one factor"),
        "r_wg": (_NUMBER, "agreement, 1 is full, against answers even over the points"),
        "icc1": (_NUMBER, "share of variance between units; blank for one unit"),
        "icc2": (_NUMBER, "reliability of the units' means"),
    },
    "items": {
        "questionnaire": (_TEXT, "whose answers"),
        "scale": (_TEXT, "the measure that the questions feed"),
        "wave": (_TEXT, "occasion of measuring"),
        "question": (_TEXT, "one of them"),
        "item_rest": (_NUMBER, "correlation with the sum of the others"),
        "alpha_if_dropped": (_NUMBER, "raw alpha of the others"),
    },
    "respondents": {
        "questionnaire": (_TEXT, "whose answers"),
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "role": (_TEXT, "audience"),
        "respondent": (_TEXT, "who answered"),
        "answered": (_WHOLE, "questions with a value"),
        "longest_string": (_WHOLE, "longest run of the same rating"),
        "variability": (_NUMBER, "standard deviation of the ratings"),
        "contradictions": (_WHOLE, "pairs of a question and its reverse far apart"),
        "seconds_a_question": (_NUMBER, "time used for each question answered"),
        "outlier_p": (_NUMBER, "chance of ratings as far from the others'"),
        "flags": (_TEXT, "which checks the answers fail"),
    },
    "findings": {
        "node": (_TEXT, "what the finding is about"),
        "kind": (_TEXT, "which rule found it"),
        "severity": (_NUMBER, "findings are listed from high to low"),
        "evidence": (_TEXT, "the numbers behind it"),
    },
    "grades": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "node": (_TEXT, "a node that is evaluated by grades (`aggregate: fuzzy`)"),
        "grade": (_TEXT, "id of the grade, low to high"),
        "membership": (_NUMBER, "how far the node belongs to it; a node's grades sum to 1"),
    },
    "distributions": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "measure": (_TEXT, "a measure that a fuzzy evaluation takes apart into answers"),
        "value": (_NUMBER, "a respondent's mean over the measure's questions, low to high"),
        "share": (_NUMBER, "of the respondents, weighted as the reading is; a measure's sum to 1"),
        "n": (_WHOLE, "respondents to the measure; with fewer than five there are no rows"),
    },
    "ranking": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "node": (_TEXT, "every node with children; the columns beside the score compare units on them"),
        "score": (_NUMBER, "the node's score"),
        "rank": (_WHOLE, "by score, 1 is best"),
        "topsis": (_NUMBER, "closeness to the best of every child, 0 to 1"),
        "topsis_rank": (_WHOLE, "1 is best"),
        "vikor": (_NUMBER, "distance from the best compromise, 0 is best"),
        "vikor_rank": (_WHOLE, "1 is best"),
        "grey": (_NUMBER, "grey relational grade, up to 1"),
        "grey_rank": (_WHOLE, "1 is best"),
        "copeland": (_NUMBER, "units beaten less units lost to, child by child"),
        "copeland_rank": (_WHOLE, "1 is best"),
    },
    "importance": {
        "wave": (_TEXT, "occasion of measuring"),
        "node": (_TEXT, "every node with children"),
        "child": (_TEXT, "one of them"),
        "weight": (_NUMBER, "the nominal weight; siblings sum to 1"),
        "importance": (_NUMBER, "the correlation ratio as a share of the siblings' sum"),
        "correlation_ratio": (_NUMBER, "part of the node's variation that goes with the child"),
        "linear_r2": (_NUMBER, "part of it along a straight line"),
        "units": (_WHOLE, "with both scores"),
    },
    "correlations": {
        "wave": (_TEXT, "occasion of measuring"),
        "node": (_TEXT, "a node"),
        "other": (_TEXT, "another one"),
        "relation": (_TEXT, "siblings, parent, index, or across (measures of different parents)"),
        "r": (_NUMBER, "Pearson's correlation of the scores"),
        "units": (_WHOLE, "with both scores"),
        "flag": (_TEXT, "negative, collinear or silent (hardly moves with its parent or the index)"),
    },
    "pillars": {
        "wave": (_TEXT, "occasion of measuring"),
        "node": (_TEXT, "every node with children"),
        "children": (_WHOLE, "how many"),
        "units": (_WHOLE, "with a score of every child"),
        "mean_correlation": (_NUMBER, "mean of the children's correlations"),
        "explained": (_NUMBER, "share of their variance that the first component explains"),
        "alpha": (_NUMBER, "Cronbach's, only where the framework says `measurement: reflective`"),
    },
    "statistics": {
        "wave": (_TEXT, "occasion of measuring"),
        "measure": (_TEXT, "the measure; its raw readings over the units"),
        "n": (_WHOLE, "readings"),
        "missing": (_NUMBER, "share of the applicable ones that lack"),
        "mean": (_NUMBER, "in the measure's unit"),
        "sd": (_NUMBER, "over n - 1"),
        "min": (_NUMBER, "the least"),
        "median": (_NUMBER, "the middle"),
        "max": (_NUMBER, "the largest"),
        "skewness": (_NUMBER, "corrected for bias"),
        "kurtosis": (_NUMBER, "excess, corrected for bias"),
        "distinct": (_WHOLE, "different readings"),
    },
    "missing": {
        "wave": (_TEXT, "occasion of measuring"),
        "kind": (_TEXT, "unit or measure"),
        "name": (_TEXT, "which one"),
        "missing": (_NUMBER, "share of its applicable readings that were not had"),
        "asked": (_WHOLE, "applicable readings"),
    },
    "fitted": {
        "node": (_TEXT, "measure or parent"),
        "method": (_TEXT, "which method learned it"),
        "parameter": (_TEXT, "name of the parameter"),
        "value": (_NUMBER, "what was learned"),
    },
    "sensitivity": {
        "factor": (_TEXT, "what was chosen otherwise or varied, as the plan writes it"),
        "first_order": (_NUMBER, "share of the variance that goes back to this factor alone"),
        "total_order": (_NUMBER, "share it has a part in, interactions included"),
        "low": (_NUMBER, "lower end of the 95 % bootstrap interval of total_order"),
        "high": (_NUMBER, "upper end of it"),
        "first_low": (_NUMBER, "lower end of the 95 % bootstrap interval of first_order"),
        "first_high": (_NUMBER, "upper end of it"),
    },
    "uncertainty": {
        "wave": (_TEXT, "occasion of measuring"),
        "unit": (_TEXT, "what is assessed"),
        "node": (_TEXT, "the node that was analysed"),
        "rank_median": (_NUMBER, "median of the unit's ranks over all choices"),
        "rank_p05": (_NUMBER, "5 % of them are better than this, or as good"),
        "rank_p95": (_NUMBER, "5 % of them are worse than this, or as bad"),
        "score_p05": (_NUMBER, "5 % of its scores are below this"),
        "score_p95": (_NUMBER, "5 % of its scores are above this"),
    },
}

TABLES: Mapping[str, Mapping[str, tuple[str, str]]] = MappingProxyType(_COLUMNS)
_DTYPES = {_TEXT: "str", _NUMBER: "float64", _WHOLE: "Int64"}


def shape(name: str, frame: pd.DataFrame | Mapping[str, object]) -> pd.DataFrame:
    """The frame as the named table: its columns in order, each with its type.

    A column that is absent becomes blank; columns beyond the documented ones (the texts of
    findings, one a language) stay at the end.
    """
    frame = pd.DataFrame(frame)
    columns = TABLES[name]
    order = [*columns, *(column for column in frame.columns if column not in columns)]
    frame = frame.reindex(columns=order)
    kinds = {column: _DTYPES[kind] for column, (kind, _) in columns.items()}
    return frame.astype(kinds).reset_index(drop=True)


def write_table(frame: pd.DataFrame, path: Path) -> None:
    """Write a table as CSV; numbers keep every digit a double has."""
    frame.to_csv(path, index=False, lineterminator="\n")


def read_table(name: str, path: Path) -> pd.DataFrame:
    """Read a table that `write_table` wrote. Ids stay text (`9E`, `NA`, `001`)."""
    frame = pd.read_csv(path, dtype="str", keep_default_na=False)
    frame = frame.mask(frame == "")
    numbers = [column for column, (kind, _) in TABLES[name].items() if kind != _TEXT and column in frame]
    # by way of text: what reads a file's numbers itself may be off by a last digit
    frame[numbers] = frame[numbers].astype("float64")
    return shape(name, frame)
