"""What moved and why: the index's change over its indicators, in figures and sentences."""

from __future__ import annotations

from ...definition.framework import Measure
from .. import charts
from . import layout
from .certain import certainties
from .movement import WEIGHTS, by_dimension, parts_of_change
from .rows import Teller
from .scorecard import counted
from .shapes import Chapter, Figure, Movement, Sentence, Table

MOST_STEPS = 16  # rows of the waterfall
POINTS = 72 / 25.4
LOW, HIGH = 14.0, 36.0  # points of a drawing's row


def movement(teller: Teller, notice: str, told_before: bool = False) -> Movement | None:
    """The chapter on change; None where there is one wave only. Sentences that another page has
    `told_before` take no room on this one."""
    book, lang = teller.book, teller.lang
    if book.before is None:
        return None
    parts = parts_of_change(book)
    chapter = Chapter("movement", lang.say("movement.topic"), _title(teller, parts), fictitious=notice)
    sentences, steps, pairs, split = (
        _sentences(teller, parts),
        _steps(teller, parts),
        _pairs(teller),
        _split(teller),
    )
    draft, other = _waterfall(teller, steps, LOW), _dumbbell(teller, pairs, LOW)
    captions = [layout.caption(figure.caption) + 5 if figure else 0.0 for figure in (draft, other)]
    above = layout.heading(chapter.title) + (0.0 if told_before else layout.told(sentences)) + captions[0]
    above += layout.notes(lang.say("notes.order")) if draft else 0.0
    titled = layout.paragraph(dumbbell_title(teller), 10.5) + 7 + 14 if pairs else 0.0  # its key and scale
    below = titled + captions[1] + 3.6
    below += layout.HEAD + 12 + 6.0 * len(split.rows) if split else 0.0
    rows = len(steps) + 2 + len(pairs) + 2
    on_one_page = (layout.PAGE - above - below) / rows * POINTS >= LOW
    if on_one_page:
        high = higher = _step(rows, above + below)
    else:
        high, higher = _step(len(steps) + 2, above), _step(len(pairs), below)
    waterfall, dumbbell = _waterfall(teller, steps, high), _dumbbell(teller, pairs, higher)
    return Movement(chapter, sentences, waterfall, dumbbell, split, on_one_page)


def _step(rows: int, taken: float) -> float:
    """Points of a drawing's row, so that so many rows fill a page beside what else is on it."""
    return min(max((layout.PAGE - taken) / rows * POINTS, LOW), HIGH)


def _title(teller: Teller, parts: dict[str, float]) -> str:
    """Which dimension the change came from."""
    book, lang = teller.book, teller.lang
    total = book.change(book.root.id)
    if total is None or not parts:
        return lang.say("movement.unknown")
    ranked = sorted(by_dimension(book).items(), key=lambda item: item[1])
    (down, loss), (up, gain) = ranked[0], ranked[-1]
    most, part = (up, gain) if total > 0 else (down, loss)
    if lang.signed(gain) == lang.signed(loss) == "0.0":
        return lang.say("movement.flat")
    words = {
        "up": teller.title(up),
        "down": teller.title(down),
        "gain": lang.number(gain),
        "loss": lang.number(-loss),
    }
    if gain > 0 > loss and lang.number(loss) != "0.0" and min(gain, -loss) > 0.2 * max(gain, -loss):
        return lang.say("movement.mixed", **words)
    if lang.signed(total) != "0.0" and part / total > 1 / max(len(ranked), 2):
        words = {"node": teller.title(most), "part": lang.signed(part), "total": lang.signed(total)}
        return lang.say("movement.mostly", **words)
    nodes = [teller.title(node) for node, _ in sorted(ranked, key=lambda item: -abs(item[1]))[:2]]
    return lang.say("movement.several", nodes=lang.names(nodes))


def _sentences(teller: Teller, parts: dict[str, float]) -> tuple[Sentence, ...]:
    ranked = sorted(((part, node) for node, part in parts.items() if node != WEIGHTS), reverse=True)
    clear = [(part, node) for part, node in ranked if teller.change(node).tone in ("up", "down")]
    rises = [
        _moved(teller, node, part, "rise") for part, node in clear[:3] if teller.lang.signed(part)[0] == "+"
    ]
    falls = [
        _moved(teller, node, part, "fall")
        for part, node in clear[:-3:-1]
        if teller.lang.signed(part)[0] == "−"
    ]
    came = [_came(teller, node, part) for part, node in ranked]
    return tuple(
        sentence for sentence in (*rises, *falls, *came, *certainties(teller), *_cautions(teller)) if sentence
    )


def _came(teller: Teller, node: str, part: float) -> Sentence | None:
    """An indicator that has a score in one wave alone and still moves the index."""
    book, lang = teller.book, teller.lang
    has_before, has_after = (book.score(wave, node) is not None for wave in (book.before, book.after))
    if has_before == has_after or lang.signed(part) == "0.0":
        return None
    kind = "came" if has_after else "went"
    text = lang.say(f"movement.{kind}", node=teller.title(node), part=lang.signed(part))
    return Sentence("gap", text + lang.say("headline.full_stop"))


def _moved(teller: Teller, node: str, part: float, kind: str) -> Sentence | None:
    """One indicator's part, with the raw reading that moved most in the same direction."""
    book, lang = teller.book, teller.lang
    change = book.change(node)
    if change is None or (change > 0) != (kind == "rise"):
        return None
    text = lang.say(
        f"movement.{kind}",
        node=teller.title(node),
        before=teller.score(book.before, node),
        after=teller.score(book.after, node),
        part=lang.number(abs(part)),
    )
    mover = _mover(teller, node, rising=kind == "rise")
    if mover is not None:
        old, new = teller.raw(book.before, mover), teller.raw(book.after, mover)
        key = "movement.itself" if mover.id == node else "movement.because"
        text = lang.say(key, first=text, measure=lang.text(mover.title), old=old, new=new)
    apart = book.change(node, "from_membership") or 0.0
    if abs(apart) > 0.25 * abs(change):
        text = lang.say("movement.membership", first=text, part=lang.number(apart))
    return Sentence("up" if kind == "rise" else "down", text + lang.say("headline.full_stop"))


def _mover(teller: Teller, node: str, rising: bool) -> Measure | None:
    book = teller.book
    moved = [(book.change(m.id) or 0.0, m) for m in book.measures(node)]
    moved = [(abs(change), m) for change, m in moved if change != 0 and (change > 0) == rising]
    best = max(moved, key=lambda item: item[0], default=None)
    return best[1] if best and teller.raw(book.before, best[1]) != teller.raw(book.after, best[1]) else None


def _cautions(teller: Teller) -> list[Sentence]:
    book, lang = teller.book, teller.lang
    stop = lang.say("headline.full_stop")
    changes = [change for node in counted(teller) if (change := teller.change(node.id)).points is not None]
    noisy = sum(change.arrow == "≈" for change in changes)
    unknown = sum(change.arrow in ("↑", "↓") for change in changes)
    found = []
    if noisy:
        found.append(Sentence("noise", lang.say("movement.noise", count=noisy, all=len(changes)) + stop))
    if unknown:
        found.append(Sentence("gap", lang.say("movement.unknown_interval", count=unknown) + stop))
    lacking = sum(_lacks(teller, m.id) for m in book.in_scope)
    low, high = (book.score(book.after, book.root.id, column) for column in ("if_worst", "if_best"))
    if lacking and low is not None and high is not None:
        words = {"wave": teller.wave(book.after), "low": lang.number(low), "high": lang.number(high)}
        found.append(Sentence("gap", lang.say("movement.gaps", count=lacking, **words) + stop))
    return found


def _lacks(teller: Teller, measure: str) -> bool:
    return teller.book.state(teller.book.after, measure) in ("unknown", "not-collected")


def _steps(teller: Teller, parts: dict[str, float]) -> list[charts.Step]:
    book, lang = teller.book, teller.lang
    parts = {n: part for n, part in parts.items() if n == WEIGHTS or not book.out_of_scope(n)}
    shown = sorted(parts, key=lambda n: -abs(parts[n]))[: MOST_STEPS if len(parts) > MOST_STEPS + 1 else None]
    rest = [n for n in parts if n not in shown]
    steps = [_part(teller, n, parts[n]) for n in parts if n in shown]
    if rest:
        steps.append(charts.Step(lang.say("movement.others", count=len(rest)), sum(parts[n] for n in rest)))
    return steps


def _waterfall(teller: Teller, steps: list[charts.Step], high: float) -> Figure | None:
    book, lang = teller.book, teller.lang
    if not steps:
        return None
    before, after = book.score(book.before, book.root.id), book.score(book.after, book.root.id)
    assert before is not None
    assert after is not None
    ends = ((teller.wave(book.before), before), (teller.wave(book.after), after))
    told = lang.listing(
        lang.say("movement.alt_part", node=s.title, change=s.missing or lang.signed(s.part)) for s in steps
    )
    words = {"before": lang.number(before), "after": lang.number(after)}
    alt = lang.say("movement.alt_waterfall", parts=told, **words)
    caption = lang.say("movement.waterfall", node=book.root.id, **words) + teller.basis
    low, _ = charts.extent(ends, steps)
    if low > 0:
        caption += lang.say("list.sentence") + lang.say("movement.waterfall_cut", low=lang.number(low, 0))
    return Figure(lambda: charts.waterfall(ends, steps, high, lang, alt), caption, alt, (ends, steps))


def _part(teller: Teller, node: str, part: float) -> charts.Step:
    book = teller.book
    if node == WEIGHTS:
        return charts.Step(teller.lang.say("movement.weights"), part)
    if all(book.score(wave, node) is None for wave in book.waves):
        return charts.Step(teller.title(node), 0.0, missing=teller.absence(node))
    change = teller.change(node)
    return charts.Step(teller.title(node), part, change.arrow if change.arrow != "=" else "")


def _pairs(teller: Teller) -> list[charts.Pair]:
    book = teller.book
    nodes = [n.id for n in counted(teller)]
    known = [n for n in nodes if book.change(n) is not None]
    if len(nodes) < 2 or not known:
        return []
    known.sort(key=lambda n: -(book.change(n) or 0.0))
    known = known if len(known) <= 34 else [*known[:17], *known[-17:]]
    known += [n for n in nodes if book.change(n) is None][: 34 - len(known)]
    return [
        charts.Pair(
            teller.title(n), book.score(book.before, n), book.score(book.after, n),
            book.score(book.after, n, "low"), book.score(book.after, n, "high"), teller.change(n), teller.mark(n).missing,
        )
        for n in known
    ]  # fmt: skip


def _dumbbell(teller: Teller, pairs: list[charts.Pair], high: float) -> Figure | None:
    book, lang = teller.book, teller.lang
    if not pairs:
        return None
    told = lang.listing(
        lang.say("movement.alt_pair", node=p.title, before=lang.number(p.before), after=lang.number(p.after))
        for p in pairs
    )
    ends = (teller.wave(book.before), teller.wave(book.after))
    alt = lang.say("movement.alt_dumbbell", parts=told)
    caption = lang.say("movement.dumbbell") + teller.basis
    return Figure(
        lambda: charts.dumbbell(pairs, ends, book.axis, lang, alt, high), caption, alt, (ends, pairs)
    )


def dumbbell_title(teller: Teller) -> str:
    """Which indicators clearly gained and lost most."""
    lang = teller.lang
    changes = {node.id: teller.change(node.id) for node in counted(teller)}
    ranked = sorted(
        (c.points, node) for node, c in changes.items() if c.points is not None and c.tone in ("up", "down")
    )
    if not ranked:
        return lang.say("movement.none_clear")
    least, most = ranked[0][0], ranked[-1][0]
    words = {
        "up": teller.leading(ranked, most),
        "change": lang.signed(most),
        "down": teller.leading(ranked, least),
        "loss": lang.signed(least),
    }
    words |= {"rise": lang.number(abs(most)), "drop": lang.number(abs(least))}
    kind = "ends_both" if least < 0 < most else "ends_up" if most > 0 else "ends_down"
    return lang.say(f"movement.{kind}", **words)


def _split(teller: Teller) -> Table | None:
    """Value, weight, membership: for the index and its dimensions."""
    book, lang = teller.book, teller.lang
    kinds = ("from_value", "from_weight", "from_membership")
    nodes = [n.id for n in (book.root, *book.dimensions) if book.change(n.id) is not None]
    if not nodes or not any(abs(book.change(n, kind) or 0) > 0.05 for n in nodes for kind in kinds[1:]):
        return None
    rows = tuple(
        (teller.title(n), *(lang.signed(book.change(n, kind)) for kind in kinds), lang.signed(book.change(n)))
        for n in nodes
    )
    heads = ("", *(lang.say(f"movement.{kind}") for kind in kinds), lang.say("page.change"))
    caption = lang.say("movement.split", total=lang.signed(book.change(book.root.id)))
    return Table(heads, rows, (False, True, True, True, True), caption)
