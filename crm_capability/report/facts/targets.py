"""Scores against the plan's targets: bullet bars, after Few."""

from __future__ import annotations

from typing import Any

from .pages import Bullet, Targets
from .rows import Teller
from .shapes import Change, Chapter

TIE = 1e-9  # what arithmetic leaves of a score that is its target


def targets(teller: Teller, notice: str) -> Targets | None:
    """The chapter on targets; None where the plan has none."""
    book, lang = teller.book, teller.lang
    nodes = [node for node in book.nodes if node in book.plan.targets]
    if not nodes:
        return None
    title = _title(teller, nodes)
    chapter = Chapter(
        "targets", lang.say("targets.topic"), title, new_page=len(book.plan.waves) != 2, fictitious=notice
    )
    bands = tuple(lang.text(band.title) for band in _bands(teller))
    return Targets(
        chapter,
        tuple(_bullet(teller, node) for node in nodes),
        bands,
        lang.say("targets.note") + teller.basis,
    )


def _gap(teller: Teller, node: str) -> float | None:
    score = teller.book.score(teller.book.after, node)
    return None if score is None else score - float(teller.book.plan.targets[node])


def _title(teller: Teller, nodes: list[str]) -> str:
    lang = teller.lang
    gaps = {node: gap for node in nodes if (gap := _gap(teller, node)) is not None}
    if not gaps:
        return lang.say("targets.none")
    met = sum(gap >= -TIE for gap in gaps.values())
    if met == len(nodes):
        return lang.say("targets.all", count=met)
    worst = min(gaps, key=lambda node: (gaps[node], node))
    words = {"node": teller.title(worst), "gap": lang.number(-gaps[worst])}
    if len(nodes) == 1:
        return lang.say("targets.one", **words)
    kind = "some_but_one" if met == len(nodes) - 1 else "some"
    return lang.say(f"targets.{kind}", met=met, count=len(nodes), **words)


def _bands(teller: Teller) -> tuple[Any, ...]:
    framework = teller.book.framework
    return tuple(framework.bands or framework.defaults.bands or ())


def _bullet(teller: Teller, node: str) -> Bullet:
    book, lang = teller.book, teller.lang
    gap = _gap(teller, node)
    text = lang.signed(gap)
    tone = "none" if gap is None else "up" if gap >= -TIE else "down"
    met = {"up": "met", "down": "missed"}.get(tone)
    starts = [max(book.position(float(band.start)) or 0.0, 0.0) for band in _bands(teller)]
    ends = [*starts[1:], 100.0]
    bands = tuple(
        (start, max(end - start, 0.0), n) for n, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    return Bullet(
        title=teller.title(node),
        score=teller.score(book.after, node),
        target=lang.number(float(book.plan.targets[node])),
        gap=Change(text, "", tone, word=lang.say(f"targets.{met}") if met else ""),
        bands=bands,
        mark=teller.mark(node),
        gain=lang.signed(book.priority(node, "gain_to_target")),
    )
