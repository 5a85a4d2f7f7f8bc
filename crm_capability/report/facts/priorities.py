"""Where to work first: importance against performance, after Martilla and James (1977)."""

from __future__ import annotations

from .. import charts_priorities
from .pages import Priorities, Priority
from .rows import Teller
from .scorecard import counted
from .shapes import Chapter, Figure

QUADRANTS = ("concentrate", "keep", "low-priority", "possible-overkill")
MOST = 30
EVEN = 1e-6  # per cent: weights that differ by no more are equal
USUAL = 230.0  # points: the height of the figure unless a page asks for another


def priorities(teller: Teller, notice: str) -> Priorities | None:
    """The chapter on priorities; None where the result holds none."""
    book, lang = teller.book, teller.lang
    nodes = [
        n.id for n in counted(teller) if book.quadrant(n.id) and book.score(book.after, n.id) is not None
    ]
    if len(nodes) < 2:
        return None
    order = {name: place for place, name in enumerate(QUADRANTS)}
    index = book.score(book.after, book.root.id) or 0.0

    def urgency(node: str) -> tuple[float, ...]:
        """First the field; in it the points that the index lacks here, then what a point more gives. What
        differs by the last digits alone is equal."""
        weight, score = book.priority(node, "effective_weight") or 0.0, book.score(book.after, node) or 0.0
        gain = book.priority(node, "gain_of_one") or 0.0
        lacks = weight * max(index - score, 0.0)
        return (order.get(book.quadrant(node), 9), -round(lacks, 9), -round(gain, 9), round(score, 9))

    nodes.sort(key=urgency)
    nodes = nodes[:MOST]
    dots = [
        charts_priorities.Dot(
            str(number),
            100 * (book.priority(n, "effective_weight") or 0.0),
            book.score(book.after, n) or 0.0,
            book.quadrant(n),
            teller.title(n),
        )
        for number, n in enumerate(nodes, 1)
    ]
    lines = (
        100 * (book.priority(nodes[0], "weight_line") or 0.0),
        book.priority(nodes[0], "score_line") or 0.0,
    )
    names = {name: lang.say(f"priorities.{name}") for name in QUADRANTS}
    axes = (lang.say("priorities.weight_axis"), lang.say("priorities.score_axis"))
    told = lang.listing(
        f"{dot.number} {teller.title(n)} {names[dot.quadrant]}" for dot, n in zip(dots, nodes, strict=True)
    )
    alt = lang.say("priorities.alt", parts=told)
    words = {"weight": lang.share(lines[0] / 100, 1), "score": lang.number(lines[1])}

    def drawing(high: float, alone: bool) -> Figure:
        """So high in points; `alone` where no table beside it says the names."""
        board = charts_priorities.Field(lines, book.axis, high, names)
        unnamed = [
            dot for dot, label in zip(dots, charts_priorities.labels(dots, board), strict=True) if not label
        ]
        caption = lang.say("notes.priorities_alone" if alone else "priorities.note", **words)
        if alone and unnamed:
            told = lang.listing(f"{dot.number} {dot.title}" for dot in unnamed)
            caption += lang.say("list.sentence") + lang.say("notes.unnamed", nodes=told)
        caption += teller.basis
        return Figure(
            lambda: charts_priorities.quadrants(dots, board, axes, lang, alt), caption, alt, (dots, lines)
        )

    rows = tuple(
        Priority(
            dot.number, teller.title(n), lang.share(book.priority(n, "effective_weight"), 1),
            teller.score(book.after, n), names[dot.quadrant], lang.signed(book.priority(n, "gain_of_one"), 2),
        )
        for dot, n in zip(dots, nodes, strict=True)
    )  # fmt: skip
    first = [teller.title(n) for n in nodes if book.quadrant(n) == "concentrate"][:3]
    weights = [dot.weight for dot in dots]
    kind = "first_even" if max(weights) - min(weights) < EVEN else "first"
    title = (
        lang.say(f"priorities.{kind}", count=len(first), nodes=lang.names(first))
        if first
        else lang.say("priorities.nothing")
    )
    chapter = Chapter("priorities", lang.say("priorities.topic"), title, fictitious=notice)
    return Priorities(chapter, drawing(USUAL, False), rows, lang.say("notes.fields"), drawing)
