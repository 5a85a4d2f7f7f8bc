"""Where the unit stands among its peers: dots, median, quartiles, its own percentile."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .rows import Teller
from .shapes import Change, Chapter, Mark, Place, Standing, Strip

MOST_PLACES = 30
MOST_STRIPS = 20


def standing(teller: Teller, notice: str) -> Standing | None:
    """The chapter on peers; None where nobody is there to compare with."""
    book, lang = teller.book, teller.lang
    nodes = [book.root.id, *(n.id for n in book.below(book.root.id) if book.depth[n.id] <= 2)]
    nodes = [n for n in nodes if book.standing(n, "peers") is not None]
    if not nodes:
        return None
    nodes, left_out = teller.fitting(nodes, MOST_STRIPS)
    peers = _peer_scores(teller)
    strips = tuple(_strip(teller, node, peers.get(node, np.array([]))) for node in nodes)
    unit = lang.text(book.result.units.get(book.unit)) or book.unit
    note = lang.say("standing.note", unit=unit, wave=teller.wave(book.after))
    if not peers:
        note += lang.say("list.sentence") + lang.say("standing.note_pool")
    if not book.frame("shrinkage").empty:
        note += lang.say("list.sentence") + lang.say("standing.note_shrunk")
    note += left_out
    chapter = Chapter("standing", lang.say("standing.topic"), _title(teller, unit, nodes), fictitious=notice)
    return Standing(chapter, strips, _places(teller), note)


def _peer_scores(teller: Teller) -> dict[str, Any]:
    """The other units' scores of the later wave, where the peers are the plan's own units."""
    book = teller.book
    frame = book.frame("scores")
    benchmark = book.plan.benchmark
    if frame.empty or (benchmark is not None and benchmark.pool != "units"):
        return {}
    others = frame[(frame["wave"] == book.after.id) & (frame["unit"] != book.unit) & frame["score"].notna()]
    kinds = book.frame("standing")
    if benchmark is not None and benchmark.like and not kinds.empty:  # only those that are like it
        like = kinds.drop_duplicates("unit").set_index("unit")["like"]
        others = others[others["unit"].map(like) == like.get(book.unit)]
    return {str(node): np.sort(rows["score"].to_numpy()) for node, rows in others.groupby("node")}


def _strip(teller: Teller, node: str, dots: Any) -> Strip:
    book, lang = teller.book, teller.lang
    told = {
        column: book.standing(node, column)
        for column in ("median", "best", "percentile", "quartile", "peers")
    }
    score, gap = book.score(book.after, node), book.standing(node, "gap_to_median")
    quarters = np.percentile(dots, [25, 75]) if len(dots) else (None, None)
    text = lang.signed(gap)
    tone = {"+": "up", "−": "down"}.get(text[0], "noise")
    peers = lang.number(told["peers"], 0)
    words = {"score": lang.number(score), "median": lang.number(told["median"]), "peers": peers}
    return Strip(
        title=teller.title(node),
        depth=book.depth[node],
        score=lang.number(score),
        median=lang.number(told["median"]),
        gap=Change(text, "", "none" if gap is None else tone),
        percentile=lang.number(told["percentile"], 0),
        quartile=lang.number(told["quartile"], 0),
        peers=peers,
        own_at=book.position(score),
        median_at=book.position(told["median"]),
        low_quartile_at=book.position(quarters[0]),
        high_quartile_at=book.position(quarters[1]),
        best_at=book.position(told["best"]),
        dots_at=tuple(book.position(float(dot)) or 0.0 for dot in dots[:: max(len(dots) // 200, 1)]),
        description=lang.say("standing.alt", node=teller.title(node), **words),
        node=node,
        dots=tuple(float(dot) for dot in dots),
    )


def _title(teller: Teller, unit: str, nodes: list[str]) -> str:
    book, lang = teller.book, teller.lang
    root = book.root.id
    below = [book.standing(n, "gap_to_median") for n in nodes if book.depth[n] == 1]
    known = [gap for gap in below if gap is not None]
    rank, peers = book.score(book.after, root, "rank"), book.standing(root, "peers")
    gap = book.standing(root, "gap_to_median")
    if peers is None or gap is None:
        return lang.say("standing.none")
    if rank is not None and len(_index_scores(teller)) == peers + 1 and known:
        ahead = sum(gap > 0 for gap in known)
        kind = {0: "none_ahead", len(known): "all_ahead"}.get(ahead, "some_ahead")
        said = lang.say(f"standing.{kind}", ahead=ahead, count=len(known))
        return lang.say("standing.title", unit=unit, rank=int(rank), all=int(peers) + 1, said=said)
    if lang.signed(gap) == "0.0":
        return lang.say("standing.level", unit=unit, peers=int(peers))
    side = lang.say("standing.ahead" if gap > 0 else "standing.behind")
    return lang.say("standing.title_plain", unit=unit, side=side, peers=int(peers), gap=lang.number(abs(gap)))


def _index_scores(teller: Teller) -> pd.DataFrame:
    book = teller.book
    frame = book.frame("scores")
    if frame.empty:
        return frame
    return frame[(frame["node"] == book.root.id) & (frame["wave"] == book.after.id) & frame["score"].notna()]


def _places(teller: Teller) -> tuple[Place, ...]:
    """All units by the index, best first, where the page holds them."""
    book, lang = teller.book, teller.lang
    now = _index_scores(teller)
    if not 2 <= len(now) <= MOST_PLACES:
        return ()
    earlier: dict[str, float] = {}
    if book.before is not None:
        frame = book.frame("scores")
        frame = frame[(frame["node"] == book.root.id) & (frame["wave"] == book.before.id)].dropna(
            subset=["score"]
        )
        earlier = dict(zip(frame["unit"], frame["score"].astype(float), strict=True))
    places = []
    for row in now.sort_values(["rank", "unit"], kind="stable").to_dict("records"):
        unit, score, before = str(row["unit"]), float(row["score"]), earlier.get(str(row["unit"]))
        mark = Mark(
            before_at=book.position(before), after_at=book.position(score), zero_at=book.position(0.0) or 0.0
        )
        change = lang.signed(None if before is None else score - before)
        rank = "–" if pd.isna(row["rank"]) else lang.number(int(row["rank"]), 0)
        title = lang.text(book.result.units.get(unit)) or unit
        places.append(
            Place(unit, rank, title, unit == book.unit, lang.number(before), lang.number(score), change, mark)
        )
    return tuple(places)
