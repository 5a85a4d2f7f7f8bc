"""How it was computed: weights, rules, scales, and what was learned from data."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd

from ...definition.framework import Group
from ...methods.weighting import ACCEPTED_INCONSISTENCY, Ahp
from ..language import decimals
from ..scales import scale_words
from .rows import Teller
from .shapes import Chapter, Method, Sentence, Table

AHP_PARAMETERS = ("lambda_max", "consistency_ratio")


def method(teller: Teller) -> Method:
    """The chapter an expert reads first."""
    book, lang = teller.book, teller.lang
    rules = lang.listing(
        dict.fromkeys(rule(teller, node) for node in book.nodes.values() if isinstance(node, Group))
    )
    title = lang.say("method.title", count=len(book.in_scope), rules=rules)
    share = next((s for s in (book.root.min_share, book.framework.defaults.min_share) if s is not None), 0.5)
    steps = ["normalise", "aggregate", "interval"]
    if _learned(teller) is not None:
        steps.insert(1, "fitted")
    if book.before is not None:
        steps += ["change", "rounding"]
    words = {"rules": rules, "share": lang.share(share)}
    stop = lang.say("headline.full_stop")
    said = [lang.say(f"method.step_{step}", **words) for step in steps]
    sentences = tuple(Sentence("plain", one + stop) for one in (*said, *_robust(teller)))
    if book.before is not None:
        sentences += (Sentence("plain", lang.say("page.arrows")),)
    tables = (_weights(teller), _judged(teller), _scales(teller), _learned(teller))
    chapter = Chapter("method", lang.say("method.topic"), title)
    return Method(chapter, sentences, tuple(table for table in tables if table is not None))


def _robust(teller: Teller) -> Iterator[str]:
    """Under which share of the choices that could have been made the change goes the same way."""
    book, lang = teller.book, teller.lang
    before, after, found = book.before, book.after, book.result.manifest.get("sensitivity")
    if before is None or after is None or found is None:
        return
    for pair in found["above"]:
        if (pair["before"], pair["after"]) == (before.id, after.id) and pair["share"] is not None:
            yield lang.say(
                "method.step_robust",
                node=teller.title(found["node"]),
                before=teller.wave(before),
                after=teller.wave(after),
                share=lang.share(pair["share"], 1),
                count=lang.number(2 * found["runs"], 0),
            )


def rule(teller: Teller, group: Group) -> str:
    """What combines a node's children, in words."""
    how = group.aggregate or teller.book.framework.defaults.aggregate
    return teller.lang.say(f"method.rules.{how.method if how else 'arithmetic'}")


def _weights(teller: Teller) -> Table:
    """Every node above the measures; measures have theirs in the table of scales."""
    book, lang = teller.book, teller.lang
    rows = [
        (_indented(teller, node.id), *_weight(teller, node.id), rule(teller, node))
        for node in book.nodes.values()
        if isinstance(node, Group) and not book.out_of_scope(node.id)
    ]
    heads = tuple(lang.say(f"method.{word}") for word in ("node", "weight", "effective", "rule"))
    return Table(heads, tuple(rows), (False, True, True, False), lang.say("method.weights"), (50, 12, 14, 24))


def _indented(teller: Teller, node: str) -> str:
    return "\u2003" * teller.book.depth[node] + teller.title(node)


def _weight(teller: Teller, node: str) -> tuple[str, str]:
    book, lang = teller.book, teller.lang
    own, whole = (book.contribution(book.after, node, column) for column in ("weight", "effective_weight"))
    return lang.share(own, 1), lang.share(whole, 1)


def _scales(teller: Teller) -> Table:
    book, lang = teller.book, teller.lang
    rows = tuple(
        (
            lang.text(m.title),
            scale_words(lang, book.framework, m),
            lang.say(f"method.{m.better}"),
            *_weight(teller, m.id),
        )
        for m in book.in_scope
    )
    heads = tuple(
        lang.say(key)
        for key in ("page.measure", "method.bounds", "method.better", "method.weight", "method.effective")
    )
    return Table(
        heads, rows, (False, False, False, True, True), lang.say("method.normalisation"), (36, 34, 8, 10, 12)
    )


def _fitted(teller: Teller) -> pd.DataFrame:
    frame = teller.book.frame("fitted")
    return frame if len(frame) else pd.DataFrame(columns=["node", "method", "parameter", "value"])


def _judged(teller: Teller) -> Table | None:
    """Consistency of pairwise judgements, with the table of random indices it was divided by."""
    book, lang = teller.book, teller.lang
    frame = _fitted(teller)
    ratios = frame[frame["parameter"].str.startswith("consistency_ratio").fillna(False)]
    rows = []
    for row in ratios.to_dict("records"):
        judge = str(row["parameter"]).partition(":")[2]
        if not judge and (ratios["node"] == row["node"]).sum() == 2:
            continue  # one judge alone: together says the same again
        largest = _parameter(frame, row["node"], "lambda_max" + (f":{judge}" if judge else ""))
        ratio = float(row["value"])
        verdict = lang.say("method.consistent" if ratio <= ACCEPTED_INCONSISTENCY else "method.inconsistent")
        node = str(row["node"])
        title = teller.title(node) if node in book.nodes else node
        told = judge or lang.say("method.together")
        index = _random_index(teller, node)
        rows.append((title, told, lang.number(largest, 3), lang.number(ratio, 3), index, verdict))
    if not rows:
        return None
    words = ("node", "judge", "lambda", "ratio", "index", "verdict")
    heads = tuple(lang.say(f"method.{word}") for word in words)
    return Table(
        heads,
        tuple(rows),
        (False, False, True, True, False, False),
        lang.say("method.ahp"),
        (28, 14, 10, 14, 15, 19),
    )


def _parameter(frame: pd.DataFrame, node: str, name: str) -> float | None:
    found = frame[(frame["node"] == node) & (frame["parameter"] == name)]["value"]
    return float(found.iloc[0]) if len(found) else None


def _random_index(teller: Teller, node: str) -> str:
    """The named table; an assessment's and a wave's weights come before the framework's."""
    book = teller.book
    own: Any = getattr(book.nodes.get(node), "weights", None)
    for rule in (
        book.after.weights.get(node),
        book.plan.weights.get(node),
        own,
        book.framework.defaults.weights,
    ):
        if isinstance(rule, Ahp):
            return rule.random_index
    return "–"


def _learned(teller: Teller) -> Table | None:
    """Ranges and treatments learned from data; weights stand in their own tables."""
    book, lang = teller.book, teller.lang
    frame = _fitted(teller)
    own = ~frame["parameter"].str.startswith(("weight:", *AHP_PARAMETERS)).fillna(False)
    frame = frame[own & frame["value"].notna()]
    if frame.empty:
        return None
    rows = tuple(
        (
            teller.title(row["node"]) if row["node"] in book.nodes else str(row["node"]),
            str(row["method"]),
            str(row["parameter"]),
            lang.number(float(row["value"]), decimals(float(row["value"]))),
        )
        for row in frame.to_dict("records")
    )
    heads = tuple(lang.say(f"method.{word}") for word in ("node", "method", "parameter", "value"))
    return Table(heads, rows, (False, False, False, True), lang.say("method.fitted"))
