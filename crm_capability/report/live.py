"""Sheets that calculate: from the readings' cells through goalposts and weights to the index.

`calculation` holds a block of rows for every wave and unit, `judged` what each measure is judged by,
`points` lists that belong to that, `nodes` how each node is made of its children, `weights` the
weights of each wave, `index` what comes of it. A changed cell of `readings`, `judged`, `points`,
`nodes` or `weights` moves the index.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from ..analysis.result import Result
from ..methods.normalisation import Fitted, Piecewise
from ..scoring.fitted import Recorded
from ..scoring.tree import Leaf
from .arithmetic import Arithmetic, arithmetic
from .live_block import AT, COLUMNS, SAID, Block, Sheets, treated

MOST_ROWS = 12_000  # of the calculation: beyond that for the plan's unit alone
_JUDGED = ("low", "high", "then_min", "then_max", "worst", "best", "min", "max", "mean", "sd", "from", "to", "target")  # fmt: skip


def write_live(sheets: Sheets, result: Result) -> str:
    """Fill the sheets `index`, `calculation`, `weights`, `nodes`, `judged` and `points`; gives a
    sentence on the units left out, if any."""
    sums = arithmetic(result)
    recorded = Recorded.read(result.tables["fitted"])
    _judged(sheets, sums, recorded)
    _nodes(sheets, sums)
    _weights(sheets, sums)
    rows = len(sums.waves) * len(sums.units) * len(sums.steps)
    units = sums.units if rows <= MOST_ROWS else (result.plan.unit,)
    roots = _calculation(sheets, sums, units, recorded, _divisors(result, sums))
    _index(sheets, sums, units, roots)
    if len(units) == len(sums.units):
        return ""
    return f"{rows:,} rows for all {len(sums.units):,} units would be too many: the calculation is that of {result.plan.unit} alone."


def _judged(sheets: Sheets, sums: Arithmetic, recorded: Recorded) -> None:
    widths = {"measure": 26, "title": 36, "better": 9, "method": 16, "transform": 12}
    sheet = sheets.sheet("judged", {**widths, **dict.fromkeys(_JUDGED, 11)})
    points = sheets.sheet("points", {"measure": 26, "method": 16, "x": 14, "score": 12})
    row = below = 1
    for step in sums.steps:
        leaf = step.leaf
        if leaf is None:
            continue
        texts = (leaf.id, sheets.titles[leaf.id], leaf.better, leaf.rule.method)  # type: ignore[attr-defined]
        for place, text in enumerate((*texts, leaf.transform.method if leaf.transform else "")):
            sheet.write_string(row, place, text)
        sheets.cells[leaf.id] = {}
        for name, value in _bounds(leaf, recorded).items():
            column = len(widths) + _JUDGED.index(name)
            sheets.cells[leaf.id][name] = f"judged!${chr(ord('A') + column)}${row + 1}"
            if math.isfinite(value):
                sheet.write_number(row, column, value, sheets.format("input"))
        listed = _listed(leaf, recorded)
        for n, (x, reached) in enumerate(listed):
            points.write_string(below + n, 0, leaf.id)
            points.write_string(below + n, 1, texts[3])
            points.write_number(below + n, 2, x, sheets.format("input"))
            if reached is not None:
                points.write_number(below + n, 3, reached, sheets.format("input"))
        area = f"${below + 1}:$%s${below + len(listed)}"
        sheets.points[leaf.id] = ("points!$C" + area % "C", "points!$D" + area % "D", len(listed))
        below += len(listed)
        row += 1
    sheet.freeze_panes(1, 2)
    points.freeze_panes(1, 1)


def _learned(leaf: Leaf, recorded: Recorded) -> Mapping[str, Any]:
    rule = leaf.rule
    return recorded.of(leaf.id, rule.method) if isinstance(rule, Fitted) else {}  # type: ignore[attr-defined]


def _bounds(leaf: Leaf, recorded: Recorded) -> dict[str, float]:
    """The numbers a measure is judged by, on the scale of its transform."""
    kept, learned, rule = treated(leaf, recorded), _learned(leaf, recorded), leaf.rule
    found = {name: kept[name] for name in ("low", "high", "then_min", "then_max") if name in kept}
    found |= {name: learned[name] for name in ("min", "max", "mean", "sd") if name in learned}
    written: dict[str, tuple[str, ...]] = {
        "goalposts": ("worst", "best"),
        "likert": ("min", "max"),
        "target": ("target",),
    }
    names = written.get(rule.method, ())  # type: ignore[attr-defined]
    found |= {name: getattr(rule, name) for name in names}
    ranges: dict[str, tuple[str, ...]] = {"min-max": ("low", "high"), "z-score": ("mean", "sd")}
    ends = ranges.get(rule.method, ())  # type: ignore[attr-defined]
    found |= {column: getattr(rule, name) for column, name in zip(("from", "to"), ends, strict=False)}
    return {name: float(value) for name, value in found.items()}


def _listed(leaf: Leaf, recorded: Recorded) -> list[tuple[float, float | None]]:
    """Points of lines, or the values that a rank was learned from."""
    if isinstance(leaf.rule, Piecewise):
        return list(leaf.rule.points)
    learned = _learned(leaf, recorded)
    return [(float(value), None) for value in learned.get("value", ())]


def _nodes(sheets: Sheets, sums: Arithmetic) -> None:
    sheet = sheets.sheet("nodes", {"node": 26, "title": 36, "level": 12, "aggregate": 60, "min_share": 11})
    branches = [step for step in sums.steps if step.branch is not None]
    for row, step in enumerate(branches, 1):
        rule = step.rule.model_dump_json(by_alias=True, exclude_unset=True)
        for place, text in enumerate((step.id, sheets.titles[step.id], step.level, rule[:32767])):
            sheet.write_string(row, place, text)
        assert step.branch is not None
        sheet.write_number(row, 4, step.branch.min_share, sheets.format("input"))
        sheets.shares[step.id] = f"nodes!$E${row + 1}"
    sheet.freeze_panes(1, 2)


def _weights(sheets: Sheets, sums: Arithmetic) -> None:
    sheet = sheets.sheet("weights", {"wave": 12, "parent": 26, "node": 26, "title": 36, "weight": 10})
    row = 1
    for wave in sums.waves:
        for step in sums.steps[1:]:
            assert step.parent is not None
            texts = (wave, sums.steps[step.parent].id, step.id, sheets.titles[step.id])
            for place, text in enumerate(texts):
                sheet.write_string(row, place, text)
            sheet.write_number(row, 4, sums.weights[wave, step.id], sheets.format("weight"))
            sheets.weights[wave, step.id] = f"weights!$E${row + 1}"
            row += 1
    sheet.freeze_panes(1, 4)


def _divisors(result: Result, sums: Arithmetic) -> dict[tuple[str, str], float]:
    """What a unit's readings of a measure are divided by."""
    attributes = result.tables.get("attributes")
    if attributes is None:
        return {}
    own = zip(attributes["unit"], attributes["attribute"], attributes["value"], strict=True)
    known = {(unit, name): value for unit, name, value in own}
    return {
        (unit, step.id): float(known[unit, step.leaf.denominator])
        for step in sums.steps
        if step.leaf is not None and step.leaf.denominator
        for unit in sums.units
        if (unit, step.leaf.denominator) in known
    }


def _calculation(
    sheets: Sheets,
    sums: Arithmetic,
    units: Sequence[str],
    recorded: Recorded,
    divisors: Mapping[tuple[str, str], float],
) -> dict[tuple[str, str], int]:
    """A block of rows for every wave and unit; gives the row of each index."""
    sheet = sheets.sheet("calculation", COLUMNS, SAID)
    roots, first = {}, 1
    for wave in sums.waves:
        for unit in units:
            block = Block(sheets, sheet, sums, wave, unit, first)
            out = sums.screened_out(wave, unit)
            for n, step in enumerate(sums.steps):
                block.label(n, step)
                if out:
                    block.note(n, "screened out: too few of its measures have a reading")
                elif step.leaf is not None:
                    block.measure(n, step.leaf, recorded, divisors.get((unit, step.id)))
                else:
                    block.group(n, step)
                block.above(n, step)
            roots[wave, unit] = first
            first += len(sums.steps)
    sheet.freeze_panes(1, 4)
    sheet.autofilter(0, 0, max(first - 1, 1), len(COLUMNS) - 1)
    return roots


def _index(
    sheets: Sheets, sums: Arithmetic, units: Sequence[str], roots: Mapping[tuple[str, str], int]
) -> None:
    """The index of each unit, wave by wave, and its change from wave to wave."""
    columns = {"unit": 16, "title": 36, **{f"index: {wave}": 16 for wave in sums.waves}}
    changes = [f"change: {b} to {a}" for b, a in zip(sums.waves, sums.waves[1:], strict=False)]
    sheet = sheets.sheet("index", {**columns, **dict.fromkeys(changes, 18)})
    root = sums.steps[0].id
    for row, unit in enumerate(units, 1):
        sheet.write_string(row, 0, unit)
        sheet.write_string(row, 1, sheets.titles[root])
        known = [sums.scores.get((wave, unit, root)) for wave in sums.waves]
        for n, wave in enumerate(sums.waves):
            cell = f"calculation!{AT['score']}{roots[wave, unit] + 1}"
            value = "" if known[n] is None else known[n]
            sheet.write_formula(row, 2 + n, f'=IF(ISNUMBER({cell}),{cell},"")', sheets.format("bold"), value)
        for n in range(len(changes)):
            before, after = (f"{chr(ord('C') + n + k)}{row + 1}" for k in (0, 1))
            old, new = known[n], known[n + 1]
            moved = "" if old is None or new is None else new - old
            said = f'=IF(AND(ISNUMBER({before}),ISNUMBER({after})),{after}-{before},"")'
            sheet.write_formula(row, 2 + len(known) + n, said, sheets.format("number"), moved)
    sheet.freeze_panes(1, 2)
