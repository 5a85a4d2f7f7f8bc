"""A block of the sheet `calculation`: every node of one unit in one wave, as formulas."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..methods.aggregation import Gate
from ..methods.transformation import transformed
from ..scoring.fitted import Recorded
from ..scoring.tree import Leaf
from .arithmetic import Arithmetic, Place, Step
from .formulas import mean, prepared, score, term

COLUMNS = {
    "wave": 10, "unit": 12, "node": 24, "title": 34, "level": 11, "parent": 22, "reading": 11,
    "instead": 9, "per": 9, "used": 11, "prepared": 11, "applies": 8, "score": 11, "weight": 9,
    "counts": 9, "term": 11, "reported": 11, "difference": 11, "note": 40,
}  # fmt: skip
AT = {name: chr(ord("A") + place) for place, name in enumerate(COLUMNS)}
SAID = {
    "reading": "The cell of the sheet readings.",
    "instead": "What was imputed in the place of a missing reading: a value.",
    "per": "What a reading is divided by (denominator): a value.",
    "used": "The reading that counts, divided and imputed where the framework says so.",
    "prepared": "After treatment of outliers and transform; limits as they were learned.",
    "applies": "0: the measure does not apply, and leaves the denominator.",
    "score": "On the framework's range. Empty is missing, never zero.",
    "weight": "Among siblings: the cell of the sheet weights.",
    "counts": "The weight where the node has a score, else 0: the present ones share the whole.",
    "term": "What the node brings into its parent's mean: the score, its logarithm, its power.",
    "reported": "The score in the report: a value.",
    "difference": "What changed cells have moved: score minus reported.",
}


@dataclass
class Sheets:
    """A workbook under way, its formats, and where things stand in it."""

    book: Any
    titles: Mapping[str, str]
    readings: Mapping[Place, int]  # row of each reading on its sheet
    value_column: str
    state_column: str
    formats: dict[str, Any] = field(default_factory=dict)
    cells: dict[str, dict[str, str]] = field(default_factory=dict)  # measure -> what -> address
    points: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    shares: dict[str, str] = field(default_factory=dict)
    weights: dict[tuple[str, str], str] = field(default_factory=dict)

    def format(self, kind: str) -> Any:
        if kind not in self.formats:
            looks = {
                "head": {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"},
                "input": {"num_format": "General", "bg_color": "#FFF7E0"},
                "number": {"num_format": "0.00"},
                "general": {"num_format": "General"},
                "share": {"num_format": "0.0%"},
                "weight": {"num_format": "0.0%", "bg_color": "#FFF7E0"},
                "bold": {"num_format": "0.00", "bold": True},
                "text": {"text_wrap": True, "valign": "top"},
            }
            self.formats[kind] = self.book.add_format(looks[kind])
        return self.formats[kind]

    def sheet(self, name: str, widths: Mapping[str, int], said: Mapping[str, str] | None = None) -> Any:
        sheet = self.book.get_worksheet_by_name(name) or self.book.add_worksheet(name)
        for place, (column, width) in enumerate(widths.items()):
            sheet.write_string(0, place, column, self.format("head"))
            sheet.set_column(place, place, width)
            if said and column in said:
                sheet.write_comment(0, place, said[column], {"author": "crm-capability"})
        return sheet


@dataclass
class Block:
    """The rows of one wave and unit on the sheet `calculation`; `first` is the index's."""

    sheets: Sheets
    sheet: Any
    sums: Arithmetic
    wave: str
    unit: str
    first: int

    def at(self, column: str, n: int) -> str:
        return f"{AT[column]}{self.first + n + 1}"

    def span(self, column: str, rows: range) -> str:
        return f"{self.at(column, rows.start)}:{self.at(column, rows.stop - 1)}"

    def number(self, column: str, n: int, value: float, look: str = "general") -> None:
        self.sheet.write_number(self.at(column, n), value, self.sheets.format(look))

    def formula(self, column: str, n: int, text: str, value: float | None, look: str = "general") -> None:
        """A formula, with the value it has now for readers that do not calculate."""
        known = "" if value is None or not math.isfinite(value) else value
        self.sheet.write_formula(self.at(column, n), "=" + text, self.sheets.format(look), known)

    def label(self, n: int, step: Step) -> None:
        parent = "" if step.parent is None else self.sums.steps[step.parent].id
        texts = (self.wave, self.unit, step.id, self.sheets.titles[step.id], step.level, parent)
        for place, text in enumerate(texts):
            self.sheet.write_string(self.first + n, place, text[:32767])

    def note(self, n: int, text: str) -> None:
        self.sheet.write_string(self.at("note", n), text)

    def measure(self, n: int, leaf: Leaf, recorded: Recorded, divisor: float | None) -> None:
        place = (self.wave, self.unit, leaf.id)
        row = self.sheets.readings[place] + 1
        value, state = (
            f"readings!${column}${row}" for column in (self.sheets.value_column, self.sheets.state_column)
        )
        reading, imputed = self.sums.readings.get(place), self.sums.imputed.get(place)
        self.formula("reading", n, f'IF(ISNUMBER({value}),{value},"")', reading)
        applies = 0.0 if place in self.sums.not_applicable else 1.0
        self.formula("applies", n, f'IF({state}="not-applicable",0,1)', applies)
        if leaf.denominator and divisor is None:
            self._as_reported(n, place, "divided by what is not kept in the result: a value, no formula")
            return
        for column, given in (("instead", imputed), ("per", divisor)):
            if given is not None:
                self.number(column, n, given)
        used = self.at("reading", n) + (f"/{self.at('per', n)}" if divisor is not None else "")
        other = self.at("instead", n) if imputed is not None else '""'
        known = imputed if reading is None else reading / (divisor or 1.0)
        self.formula("used", n, f"IF(ISNUMBER({self.at('reading', n)}),{used},{other})", known)
        cells = self.sheets.cells[leaf.id]
        ready = prepared(leaf, self.at("used", n), cells)
        after = None if known is None else _after(leaf, recorded, known)
        self.formula("prepared", n, f'IF(ISNUMBER({self.at("used", n)}),{ready},"")', after)
        x, scores, count = self.sheets.points[leaf.id]
        said = score(leaf, self.at("prepared", n), cells, (x, scores), count)
        if said is None:
            self._as_reported(n, place, f"{leaf.rule.method}: a value, no formula")  # type: ignore[attr-defined]
            return
        guard = f"AND({self.at('applies', n)}=1,ISNUMBER({self.at('prepared', n)}))"
        self.formula("score", n, f'IF({guard},{said},"")', self.sums.scores.get(place), "number")

    def group(self, n: int, step: Step) -> None:
        place = (self.wave, self.unit, step.id)
        rows, rule = step.children, step.rule
        applies = self.span("applies", rows)
        any_applies = any(self._applies(self.sums.steps[child]) for child in rows)
        self.formula("applies", n, f"MAX({applies})", float(any_applies))
        gate = ""
        if isinstance(rule, Gate):
            assert step.branch is not None
            gate = self.at("score", rows[step.branch.names.index(rule.on)])
        scores, counts, terms = (self.span(column, rows) for column in ("score", "counts", "term"))
        said = mean(rule, scores, counts, terms, (self.sheets.shares[step.id], applies), gate)
        if said is None:
            self._as_reported(n, place, f"{rule.method}: a value, no formula")  # type: ignore[attr-defined]
        else:
            self.formula("score", n, said, self.sums.scores.get(place), "bold")

    def _applies(self, step: Step) -> bool:
        if step.leaf is not None:
            return (self.wave, self.unit, step.id) not in self.sums.not_applicable
        return any(self._applies(self.sums.steps[child]) for child in step.children)

    def _as_reported(self, n: int, place: Place, why: str) -> None:
        known = self.sums.scores.get(place)
        if known is not None:
            self.number("score", n, known, "number")
        self.note(n, why)

    def above(self, n: int, step: Step) -> None:
        """What the node brings to its parent, and how far it has moved from the report."""
        known = self.sums.scores.get((self.wave, self.unit, step.id))
        cell = self.at("score", n)
        if known is not None:
            self.number("reported", n, known, "number")
            moved = f'IF(ISNUMBER({cell}),{cell}-{self.at("reported", n)},"")'
            self.formula("difference", n, moved, 0.0, "number")
        if step.parent is None:
            return
        weight = self.sums.weights[self.wave, step.id]
        self.formula("weight", n, self.sheets.weights[self.wave, step.id], weight, "share")
        counts = f"IF(ISNUMBER({cell}),{self.at('weight', n)},0)"
        self.formula("counts", n, counts, 0.0 if known is None else weight, "share")
        rule = self.sums.steps[step.parent].rule
        said = term(rule, cell)
        if said is not None:
            self.formula("term", n, said, _brought(rule, known))


def _after(leaf: Leaf, recorded: Recorded, value: float) -> float:
    """One reading, treated and transformed, as the engine does it."""
    values = np.array([value])
    if leaf.outliers is not None:
        values = leaf.outliers.apply(values, treated(leaf, recorded))
    return float(transformed(leaf.transform, values)[0])


def _brought(rule: Any, score: float | None) -> float:
    """The value of a term now."""
    power = {"geometric": 0.0, "harmonic": -1.0, "power": getattr(rule, "exponent", 1.0)}.get(rule.method)
    if score is None or (power is not None and score <= 0):
        return 0.0
    if power is None:
        return score
    return math.log(score) if power == 0 else score**power


def treated(leaf: Leaf, recorded: Recorded) -> Mapping[str, Any]:
    return recorded.of(leaf.id, "winsorise") if leaf.outliers is not None else {}
