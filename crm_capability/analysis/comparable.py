"""Whether two waves can be compared: what else than the company changed between them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

import pandas as pd

from ..definition.plan import Plan, Wave
from ..evidence.samples import Sample
from ..tables import MEASURED

_MOST = 6  # names in one sentence
_LENGTHS = 0.2  # periods that differ by more than this share differ in length
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip


def wave_notes(
    plan: Plan, readings: pd.DataFrame, samples: Sequence[Sample] = ()
) -> Iterator[tuple[str, str]]:
    """What to know before the plan's comparisons are believed: node (or nothing) and sentence."""
    if len(plan.waves) == 1:
        yield "", f"one wave alone, {plan.waves[0].id}: nothing is compared, and no change is told"
    for pair in plan.comparisons:
        before, after = plan.wave(pair.before), plan.wave(pair.after)
        for text in period_notes(before, after):
            yield "", text
        first = readings[readings["wave"] == pair.before]
        second = readings[readings["wave"] == pair.after]
        yield from evidence_notes(first, second, pair.before, pair.after)
        yield from _nothing_in_common(plan.unit, first, second, pair.before, pair.after)
        yield from _audiences(plan.unit, samples, pair.before, pair.after)


def _nothing_in_common(
    unit: str, first: pd.DataFrame, second: pd.DataFrame, before: str, after: str
) -> Iterator[tuple[str, str]]:
    """Waves of the plan's unit that measured different things."""
    sides = [
        set(part.loc[(part["state"] == MEASURED) & (part["unit"] == unit), "measure"])
        for part in (first, second)
    ]
    if all(sides) and not sides[0] & sides[1]:
        yield (
            "",
            f"{before} and {after} have no measure in common: what differs between them are the measures, not {unit}",
        )


def _audiences(unit: str, samples: Sequence[Sample], before: str, after: str) -> Iterator[tuple[str, str]]:
    """Measures of the plan's unit that other audiences answered: another population."""
    heard: dict[str, dict[str, set[str]]] = {before: {}, after: {}}
    for sample in samples:
        if sample.unit == unit and sample.wave in heard:
            for measure in sample.measures:
                heard[sample.wave].setdefault(measure, set()).add(sample.role)
    changed: dict[tuple[str, str], list[str]] = {}
    for measure, old in heard[before].items():
        new = heard[after].get(measure, old)
        if old != new:
            changed.setdefault((", ".join(sorted(old)), ", ".join(sorted(new))), []).append(measure)
    for (one, other), measures in changed.items():
        yield (
            "",
            f"asked of {other} in {after} and of {one} in {before}, another population: {listed(measures)}",
        )


def apart_notes(apart: Mapping[tuple[str, str], Mapping[str, str]]) -> Iterator[tuple[str, str]]:
    """Measures that were asked otherwise in the two waves of a comparison, and so are not compared."""
    for (before, after), measures in apart.items():
        for measure, reason in measures.items():
            yield measure, f"not compared between {before} and {after}: {reason}; a bridge would match them"


def period_notes(before: Wave, after: Wave) -> Iterator[str]:
    """Order, season and length of two periods."""
    if before.start is None or before.end is None or after.start is None or after.end is None:
        return
    if before.start > after.start:
        yield f"{before.id} is compared as the earlier one, and its period starts after that of {after.id}"
    elif before.end >= after.start:
        yield f"{before.id} and {after.id} overlap: days in both count in both"
    months = [_months(wave) for wave in (before, after)]
    if months[0] != months[1]:
        yield (
            f"{before.id} covers {months[0]} and {after.id} {months[1]}: a season may be behind part of a change, "
            "and nothing here takes it out"
        )
    days = [(wave.is_over - wave.begins).days for wave in (before, after)]
    if abs(days[1] - days[0]) > _LENGTHS * max(days):
        yield f"{before.id} has {days[0]} days and {after.id} {days[1]}: counts and totals do not compare"


def _months(wave: Wave) -> str:
    assert wave.start is not None
    assert wave.end is not None
    first, last = _MONTHS[wave.start.month - 1], _MONTHS[wave.end.month - 1]
    if (wave.end.year - wave.start.year) * 12 + wave.end.month - wave.start.month >= 11:
        return "a whole year"
    return first if first == last else f"{first} to {last}"


def evidence_notes(
    first: pd.DataFrame, second: pd.DataFrame, before: str, after: str
) -> Iterator[tuple[str, str]]:
    """Evidence that is the same once more, of other kind or origin, or of other units."""
    keys = ["unit", "measure"]
    both = first[first["state"] == MEASURED].merge(
        second[second["state"] == MEASURED], on=keys, suffixes=("_before", "_after")
    )
    if _repeated(both):
        yield (
            "",
            f"{before} and {after} hold exactly the same {len(both)} readings"
            + (f" of {both['unit'].nunique()} units" if both["unit"].nunique() > 1 else "")
            + ": the later evidence looks like the earlier once more, so this pair shows no change, not that nothing changed",
        )
    kinds = both[both["evidence_before"].notna() & (both["evidence_before"] != both["evidence_after"])]
    for (old, new), rows in kinds.groupby(["evidence_before", "evidence_after"]):
        yield (
            "",
            f"other evidence in {after} ({new}) than in {before} ({old}): {listed(rows['measure'].unique())}",
        )
    same_kind = both[both["evidence_before"] == both["evidence_after"]]
    origins = same_kind.assign(
        old=same_kind["source_before"].map(origin), new=same_kind["source_after"].map(origin)
    )
    for measure, rows in origins[origins["old"] != origins["new"]].groupby("measure", sort=False):
        old, new = rows["old"].iloc[0], rows["new"].iloc[0]
        yield (
            str(measure),
            f"read otherwise in {after} ({new or 'no source named'}) than in {before} ({old or 'no source named'})",
        )
    yield from _population(first, second, before, after)


def _repeated(both: pd.DataFrame) -> bool:
    """Two readings or more that are all the same, to the last digit, with the same n."""
    if len(both) < 2:
        return False
    columns = ("value", "n", "standard_error")
    old = both[[f"{name}_before" for name in columns]].astype("float64").to_numpy()
    new = both[[f"{name}_after" for name in columns]].astype("float64").to_numpy()
    return bool(((old == new) | ((old != old) & (new != new))).all())


def _population(
    first: pd.DataFrame, second: pd.DataFrame, before: str, after: str
) -> Iterator[tuple[str, str]]:
    units = [set(part.loc[part["state"] == MEASURED, "unit"]) for part in (first, second)]
    if not all(units):
        return
    for here, there, wave in ((0, 1, before), (1, 0, after)):
        alone = sorted(units[here] - units[there])
        if alone:
            yield (
                "",
                f"{wave} alone has readings of {len(alone)} {'unit' if len(alone) == 1 else 'units'}, so ranks and fits rest on others: {listed(alone)}",
            )


def origin(source: object) -> str:
    """A reading's source without its file and row: which questions or which metric gave it.

    >>> origin("voice@1.0.0: kind, rude (customers.csv); staff@1.0.0: days (staff.csv)")
    'voice@1.0.0: kind, rude; staff@1.0.0: days'
    >>> origin("values.csv:12 annual report")
    'annual report'
    """
    if not isinstance(source, str):
        return ""
    return re.sub(r"^[^ ]+:\d+ ?", "", re.sub(r" \([^()]*\)", "", source))


def listed(names: object) -> str:
    """The first few names, and how many more."""
    known = [str(name) for name in names]  # type: ignore[attr-defined]
    return ", ".join(known[:_MOST]) + (f" and {len(known) - _MOST} more" if len(known) > _MOST else "")
