"""The framework as it is weighed: every box as high as its share of the index."""

from __future__ import annotations

from .. import charts_tree
from .book import Node
from .pages import Tree
from .rows import Teller
from .shapes import Chapter, Figure

LEVELS = 3


def tree(teller: Teller, notice: str) -> Tree:
    """The chapter on weights."""
    book, lang = teller.book, teller.lang
    boxes: list[charts_tree.Box] = []
    digits = _digits(teller)
    _place(teller, book.root, 0, 0.0, 1.0, boxes, digits)
    shares = sorted(
        ((book.contribution(book.after, n.id, "effective_weight") or 0.0, n.id) for n in book.dimensions),
        reverse=True,
    )
    share, first = shares[0]
    level = [s for s, _ in shares]
    if len(shares) > 1 and lang.share(level[0], 0) != lang.share(level[-1], 0):
        last_share, last = shares[-1]
        words = {
            "up": teller.title(first),
            "high": lang.share(share, digits),
            "down": teller.title(last),
            "low": lang.share(last_share, digits),
        }
        title = lang.say("tree.uneven", **words)
    else:
        title = lang.say("tree.even", count=len(shares), share=lang.share(share, digits))
    told = lang.listing(f"{box.title} {box.share}" for box in boxes)
    alt = lang.say("tree.alt", parts=told)
    note = lang.say("tree.note") + teller.basis
    figure = Figure(lambda: charts_tree.icicle(boxes, LEVELS, lang, alt), note, alt, boxes)
    return Tree(Chapter("tree", lang.say("tree.topic"), title, fictitious=notice), figure)


def _digits(teller: Teller) -> int:
    """Whole per cents where they say it; else one decimal throughout."""
    book = teller.book
    shares = [100 * (book.contribution(book.after, node, "effective_weight") or 0.0) for node in book.nodes]
    return 0 if all(abs(share - round(share)) < 0.25 for share in shares) else 1


def _place(
    teller: Teller,
    node: Node,
    depth: int,
    start: float,
    height: float,
    boxes: list[charts_tree.Box],
    digits: int,
) -> None:
    """A box for the node, and inside its height one for each child by its share."""
    book, lang = teller.book, teller.lang
    whole = book.contribution(book.after, node.id, "effective_weight")
    share = 1.0 if depth == 0 else whole
    score = book.score(book.after, node.id)
    at = book.position(score)
    missing = "" if score is not None else teller.absence(node.id)
    boxes.append(
        charts_tree.Box(
            depth,
            start,
            height,
            teller.title(node.id),
            lang.share(share, digits),
            lang.number(score),
            at,
            missing,
        )
    )
    children = list(getattr(node, "children", ()))
    if depth + 1 >= LEVELS or not children:
        return
    parts = [book.contribution(book.after, child.id, "effective_weight") or 0.0 for child in children]
    least = 0.012 * height  # what weighs nothing now is still there to be seen
    parts = [max(part, least) for part in parts]
    total = sum(parts) or 1.0
    for child, part in zip(children, parts, strict=True):
        _place(teller, child, depth + 1, start, height * part / total, boxes, digits)
        start += height * part / total
