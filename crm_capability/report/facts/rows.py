"""Rows: one node's scores, change, band and mark, in one language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ...definition.framework import Measure
from ...definition.plan import Wave
from ...tables import MEASURED, NOT_APPLICABLE
from ..language import MISSING, OF_ONE, Language, earned
from .book import Book
from .shapes import Change, Mark, MeasureRow, Row


@dataclass(frozen=True)
class Teller:
    """A book and the language it is told in."""

    book: Book
    lang: Language

    def title(self, node: str) -> str:
        return self.lang.text(self.book.nodes[node].title)

    def wave(self, wave: Wave | None) -> str:
        if wave is None:
            return ""
        return self.lang.text(wave.title) or wave.id

    def period(self, wave: Wave | None) -> str:
        if wave is None or wave.start is None or wave.end is None:
            return ""
        return self.lang.period(wave.start, wave.end)

    def score(self, wave: Wave | None, node: str) -> str:
        return self.lang.number(self.book.score(wave, node))

    def band(self, node: str, wave: Wave | None = None) -> str:
        """The title of a score's band, in the later wave unless another is named."""
        band = self.book.band(wave or self.book.after, node)
        known = {
            b.id: b.title for b in (self.book.framework.bands or self.book.framework.defaults.bands or ())
        }
        return self.lang.text(known[band]) if band in known else band

    def interval(self, low: float | None, high: float | None, signed: bool = False) -> str:
        return interval(self.lang, low, high, signed)

    def change(self, node: str) -> Change:
        """The headline change of a node."""
        book = self.book
        found = self.changed(book.change(node), book.change(node, "low"), book.change(node, "high"))
        verdict = book.change_text(node, "verdict")
        said = f"certainty.{verdict}"
        return replace(found, word=self.lang.say(said)) if verdict and self.lang.knows(said) else found

    def changed(self, points: float | None, low: float | None, high: float | None) -> Change:
        return changed(self.lang, points, low, high)

    def mark(self, node: str) -> Mark:
        book = self.book
        after = book.score(book.after, node)
        return Mark(
            before_at=book.position(book.score(book.before, node)),
            after_at=book.position(after),
            target_at=book.position(book.plan.targets.get(node)),
            worst_at=book.position(book.score(book.after, node, "if_worst")),
            best_at=book.position(book.score(book.after, node, "if_best")),
            zero_at=book.position(0.0) or 0.0,
            missing="" if after is not None else self.absence(node),
        )

    def absence(self, node: str, wave: Wave | None = None) -> str:
        """Why a node has no score in a wave, in words."""
        book = self.book
        wave = wave or book.after
        if book.out_of_scope(node):
            return self.lang.say("state.out-of-scope")
        if isinstance(book.nodes[node], Measure):
            return self.lang.say(f"state.{book.state(wave, node)}")
        return self.lang.say("state.too-little" if book.applies(wave, node) else "state.not-applicable")

    def row(self, node: str) -> Row:
        """A node's row."""
        book = self.book
        low, high = (book.score(book.after, node, column) for column in ("low", "high"))
        worst, best = (book.score(book.after, node, column) for column in ("if_worst", "if_best"))
        reason = self.lang.text(book.excluded[node]) if node in book.excluded else ""
        return Row(
            node=node,
            title=self.title(node),
            depth=book.depth[node],
            before=self.score(book.before, node),
            after=self.score(book.after, node),
            change=self.change(node),
            interval=self.interval(low, high),
            band=self.band(node),
            coverage=self.lang.share(book.score(book.after, node, "coverage")),
            n=self._measured(node),
            span=self.interval(worst, best),
            mark=self.mark(node),
            fictitious=book.rests_on_fiction(node) and not book.out_of_scope(node),
            reason=reason,
        )

    def _measured(self, node: str) -> str:
        """How many of the applicable measures at or below a node have a reading."""
        states = [
            self.book.state(self.book.after, m.id)
            for m in self.book.measures(node)
            if not self.book.out_of_scope(m.id)
        ]
        applicable = sum(state != NOT_APPLICABLE for state in states)
        return f"{states.count(MEASURED)}/{applicable}" if applicable else MISSING

    @property
    def basis(self) -> str:
        """What a figure of scores rests on, in a sentence of its caption."""
        measured, _, applicable = self._measured(self.book.root.id).partition("/")
        words = {"measured": measured, "applicable": applicable or "0", "wave": self.wave(self.book.after)}
        return self.lang.say("list.sentence") + self.lang.say("notes.basis", **words)

    def leading(self, ranked: Sequence[tuple[float, str]], value: float) -> str:
        """Who has that value as it is printed: the first in the tree, and how many more have it."""
        told = self.lang.signed(value)
        tied = {node for points, node in ranked if self.lang.signed(points) == told}
        name = self.lang.say("list.name", name=self.title(next(n for n in self.book.nodes if n in tied)))
        more = len(tied) - 1
        return self.lang.say("list.tied", name=name, count=len(tied), more=more) if more else name

    def fitting(self, nodes: Sequence[str], most: int) -> tuple[list[str], str]:
        """As many of the index's parts as a page shows: all, else the index and its dimensions; and the
        sentence that says how many are left out."""
        if len(nodes) <= most:
            return list(nodes), ""
        kept = [node for node in nodes if self.book.depth[node] <= 1][:most]
        told = self.lang.say("notes.left_out", count=len(nodes) - len(kept))
        return kept, self.lang.say("list.sentence") + told

    def measure_row(self, measure: Measure) -> MeasureRow:
        """A measure's row: what was read, and what it became."""
        book, node = self.book, measure.id
        row = self.row(node)
        return MeasureRow(
            node=node,
            title=row.title,
            depth=row.depth,
            raw_before=self.figure(book.before, measure),
            raw_after=self.figure(book.after, measure),
            raw_unit=self.lang.unit(measure.unit),
            n=self._n(node),
            evidence=self._evidence(node),
            before=row.before,
            after=row.after,
            change=replace(row.change, interval=""),
            mark=row.mark,
            fictitious=row.fictitious,
            reason=row.reason,
        )

    def raw(self, wave: Wave | None, measure: Measure) -> str:
        """The raw value with its unit, with the decimals that both waves together earn."""
        value = self.book.reading(wave, measure.id)
        return self.lang.quantity(value, measure.unit, self._digits(measure))

    def figure(self, wave: Wave | None, measure: Measure) -> str:
        """The same without a unit that a column of its own says."""
        return self.lang.figure(self.book.reading(wave, measure.id), measure.unit, self._digits(measure))

    def _digits(self, measure: Measure) -> int:
        waves = self.book.waves
        values = [self.book.reading(w, measure.id) for w in waves]
        errors = [self.book.reading(w, measure.id, "standard_error") for w in waves]
        if measure.unit in OF_ONE:
            errors = [None if error is None else max(error, 0.001) for error in errors]
        counts = [self.book.reading(w, measure.id, "n") for w in waves]
        single = all(count is None or count <= 1 for count in counts)  # a mean of many is whole by chance
        whole = single and all(v is None or float(v).is_integer() for v in values)
        digits = 0 if whole else earned(errors, *values)
        if measure.unit in OF_ONE:
            digits = max(digits, 3)
        return digits

    def _n(self, node: str) -> str:
        counts = [self.lang.number(self.book.reading(wave, node, "n"), 0) for wave in self.book.waves]
        return counts[0] if len(set(counts)) == 1 else " → ".join(counts)

    def _evidence(self, node: str) -> str:
        book = self.book
        if book.out_of_scope(node):
            return self.lang.say("state.out-of-scope")
        state = book.state(book.after, node)
        if state != MEASURED:
            return self.lang.say(f"state.{state}")
        kind = book.reading_text(book.after, node, "evidence")
        key = f"evidence.{kind}"
        return self.lang.say(key) if kind and self.lang.knows(key) else kind


def interval(lang: Language, low: float | None, high: float | None, signed: bool = False) -> str:
    """Both ends in words; empty where there is none."""
    if low is None or high is None:
        return ""
    form = lang.signed if signed else lang.number
    return lang.say("interval", low=form(low), high=form(high))


def changed(lang: Language, points: float | None, low: float | None, high: float | None) -> Change:
    """A change with its arrow and how sure it is: clear where the interval excludes zero."""
    text = lang.signed(points)
    if points is None:
        return Change(MISSING, word=lang.say("certainty.missing"))
    rising, falling = text.startswith("+"), text.startswith("−")
    if low is None or high is None:
        arrow = "↑" if rising else "↓" if falling else "="
        tone = "up" if rising else "down" if falling else "noise"
        return Change(text, arrow, tone, "", lang.say("certainty.unknown"), points)
    told = interval(lang, low, high, signed=True)
    if low <= 0 <= high:
        return Change(text, "≈", "noise", told, lang.say("certainty.noise"), points)
    arrow, tone = ("▲", "up") if points > 0 else ("▼", "down")
    return Change(text, arrow, tone, told, lang.say("certainty.clear"), points)
