"""The tables that compare with others and say what to do."""

from __future__ import annotations

from .kinds import NUMBER, TEXT, WHOLE, Columns

ADVICE: Columns = {
    "standing": {
        "wave": (TEXT, "occasion of measuring"),
        "unit": (TEXT, "what is assessed"),
        "node": (TEXT, "every node"),
        "score": (NUMBER, "the unit's score"),
        "peers": (WHOLE, "how many others have a score here"),
        "percentile": (NUMBER, "share of peers strictly worse plus half the ties, 0 to 100"),
        "quartile": (WHOLE, "4 is the best quarter"),
        "median": (NUMBER, "of the peers' scores"),
        "best": (NUMBER, "of the peers' scores"),
        "gap_to_median": (NUMBER, "score less median; negative is behind"),
        "gap_to_best": (NUMBER, "score less best; negative is behind"),
        "top_quartile": (NUMBER, "a quarter of the peers score at least this"),
        "gap_to_top_quartile": (NUMBER, "score less that; negative is behind"),
        "percentile_low": (NUMBER, "percentile at the lower end of the score's 95 % interval"),
        "percentile_high": (NUMBER, "percentile at the upper end of it"),
        "like": (TEXT, "what the peers have in common with the unit, where they must"),
    },
    "attributes": {
        "unit": (TEXT, "what is assessed"),
        "attribute": (TEXT, "what the plan says of it: a group, a denominator"),
        "value": (TEXT, "as text"),
    },
    "shrinkage": {
        "wave": (TEXT, "occasion of measuring"),
        "unit": (TEXT, "a unit; where it is a peer, it counts with the drawn value"),
        "measure": (TEXT, "what was read"),
        "value": (NUMBER, "the reading"),
        "n": (WHOLE, "cases behind it"),
        "method": (TEXT, "normal (by standard errors) or beta-binomial (shares by cases)"),
        "toward": (NUMBER, "the mean of all units that the reading is drawn toward"),
        "own_share": (NUMBER, "how much of its distance from there it keeps, 0 to 1"),
        "drawn": (NUMBER, "the reading that a peer counts with"),
    },
    "findings": {
        "node": (TEXT, "what the finding is about"),
        "kind": (TEXT, "which rule found it"),
        "severity": (NUMBER, "findings are listed from high to low"),
        "evidence": (TEXT, "the numbers behind it"),
    },
}
