"""What the answers are worth: who answered, how far people agree, and how differently audiences see
the same thing."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import pandas as pd

from ...analysis.worth import AGREE, RELIABLE
from ...methods.suppression import MINIMUM_GROUP
from .. import charts
from ..language import MISSING
from .audiences import audience, own, within
from .divided import MOST, disagreed, divided
from .quoted import quoted
from .rows import Teller
from .scales import formative, scales, told_scales
from .segments import segments
from .shapes import AnswersPage, Chapter, Figure, Sentence, Table

# Which gap is told first: what those who decide think, less what those think who are served.
PAIRS = (("manager", "customer"), ("employee", "customer"), ("expert", "customer"))
ROOM = 11  # rows of the figures together, where no other table takes room
WIDTHS = {
    "audience": 13, "respondents": 13, "rate": 11, "effective": 10, "flagged": 9, "alpha": 14, "alpha_below": 11,
    "agreement": 12, "agreement_below": 11,
}  # fmt: skip
MUCH = 7  # sentences and rows of a table that go together
FEWEST = 5  # rows that one figure at least is given
CLEAR = 0.05
FLAGS = ("straight_line", "long_string", "contradiction", "speed", "duplicate", "outlier")
Row = dict[str, Any]


def answers(teller: Teller, notice: str) -> AnswersPage | None:
    """The page on the answers; None where nobody was asked."""
    lang = teller.lang
    people = own(teller, "responses")
    if people.empty:
        return None
    gaps = own(teller, "audience_gaps")
    title, pairs = _told_first(teller, people, gaps, _pairs(gaps))
    chapter = Chapter("answers", lang.say("answers.topic"), title, fictitious=notice)
    others = (formative(teller), _weighted(teller, people), _withheld(teller), _capped(teller))
    said = sum(one is not None for one in others) + 1
    loose, apart = scales(teller, people, MUCH - said), segments(teller, MUCH - said)
    tables = [one for one in (loose, apart) if one]
    drawn = divided(teller)[: max(MOST - len(tables) - max(said - 2, 0), 0)]
    told = (_flagged(teller), others[0], _split(teller, bool(drawn)), *others[1:])
    room = ROOM - sum(len(one.rows) // 2 + 1 for one in tables) - max(said - 1, 0)
    figures = tuple(_figures(teller, gaps, pairs, max(room, FEWEST)))
    shown = {"items": loose, "gaps": figures, "bars": drawn, "source": True}
    notes = [lang.say("answers.note", agree=lang.number(AGREE, 2), alpha=lang.number(RELIABLE, 2))]
    notes += [lang.say(f"answers.note_{kind}") for kind, there in shown.items() if there]
    return AnswersPage(
        chapter,
        tuple(one for one in told if one is not None),
        _table(teller, people),
        loose,
        apart,
        figures,
        drawn,
        quoted(teller),
        lang.say("list.sentence").join(notes),
    )


def _pairs(gaps: pd.DataFrame) -> list[tuple[str, str]]:
    """Pairs of audiences, the most telling first."""
    if gaps.empty:
        return []
    known = gaps[["audience", "other"]].drop_duplicates().itertuples(index=False, name=None)
    return sorted(known, key=lambda pair: PAIRS.index(pair) if pair in PAIRS else len(PAIRS))


def _between(gaps: pd.DataFrame, pair: tuple[str, str]) -> pd.DataFrame:
    return gaps[(gaps["audience"] == pair[0]) & (gaps["other"] == pair[1])]


def _told_first(
    teller: Teller, people: pd.DataFrame, gaps: pd.DataFrame, pairs: list[tuple[str, str]]
) -> tuple[str, list[tuple[str, str]]]:
    """The title: which two audiences see the whole most differently, beyond chance, else who answered.
    And the pairs, the title's own first."""
    lang, root = teller.lang, teller.book.root.id
    count = int(people["respondents"].sum())
    for pair in pairs:
        row = _between(gaps[gaps["node"] == root], pair)
        if len(row) and row["q_value"].iloc[0] < CLEAR:
            gap = float(row["gap"].iloc[0])
            kind = "higher" if gap > 0 else "lower"
            names = {"audience": audience(teller, pair[0]), "other": within(teller, pair[1])}
            ends = sorted(abs(float(row[end].iloc[0])) for end in ("low", "high"))
            low, high = map(lang.number, ends)
            words = {
                **names,
                "gap": lang.number(abs(gap)),
                "interval": lang.say("interval", low=low, high=high),
            }
            return lang.say(f"answers.{kind}", count=count, **words), sorted(
                pairs, key=lambda one: one != pair
            )
    return lang.say("answers.alike" if pairs else "answers.asked", count=count), pairs


def _table(teller: Teller, people: pd.DataFrame) -> Table:
    """A row an audience: responses, flags, reliability, agreement."""
    book, lang = teller.book, teller.lang
    rated, weighted = (
        bool(people["response_rate"].notna().any()),
        bool((people["design_effect"] > 1.005).any()),
    )
    known, told = told_scales(teller), own(teller, "audiences")
    sheets = {sheet.questionnaire: sheet.title for sheet in book.result.questionnaires}
    several = people["role"].duplicated(keep=False).tolist()  # one audience, more than one questionnaire
    rows = []
    for one, again in zip(people.to_dict("records"), several, strict=True):
        alphas = (
            known.loc[known["questionnaire"] == one["questionnaire"], "alpha"]
            if len(known)
            else pd.Series(dtype="float64")
        )
        agree = told.loc[told["role"] == one["role"], "r_wg"].dropna()
        who, sheet = audience(teller, one["role"]), sheets.get(one["questionnaire"])
        if again and sheet is not None:
            who = lang.say("list.detailed", name=who, details=lang.text(sheet))
        cells = [who, _count(teller, one)]
        cells += [lang.share(_known(one["response_rate"]))] if rated else []
        cells += [lang.number(float(one["effective_n"]), 0)] if weighted else []
        cells += [
            lang.number(int(one["flagged"]), 0),
            _range(teller, alphas),
            _below(teller, alphas, RELIABLE),
            lang.number(float(agree.median()), 2) if len(agree) else MISSING,
            _below(teller, agree, AGREE),
        ]
        rows.append(tuple(cells))
    kinds = ["audience", "respondents", *["rate"] * rated, *["effective"] * weighted]
    kinds += ["flagged", "alpha", "alpha_below", "agreement", "agreement_below"]
    heads = tuple(
        lang.say(f"answers.{kind}", agree=lang.number(AGREE, 2), alpha=lang.number(RELIABLE, 2))
        for kind in kinds
    )
    caption = lang.say("answers.table", wave=teller.wave(book.after))
    widths = tuple(WIDTHS[kind] + (14 if kind == "audience" and any(several) else 0) for kind in kinds)
    return Table(heads, tuple(rows), (False, *(True for _ in kinds[1:])), caption, widths)


def _known(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _count(teller: Teller, one: Row) -> str:
    """Respondents before and after."""
    book, lang = teller.book, teller.lang
    now = lang.number(int(one["respondents"]), 0)
    if book.before is None:
        return now
    frame = book.frame("responses")
    same = (frame["questionnaire"] == one["questionnaire"]) & (frame["role"] == one["role"])
    earlier = frame[same & (frame["wave"] == book.before.id) & (frame["unit"] == book.unit)]["respondents"]
    return f"{lang.number(int(earlier.sum()), 0) if len(earlier) else MISSING} → {now}"


def _range(teller: Teller, values: pd.Series) -> str:
    if values.empty:
        return MISSING
    low, high = (teller.lang.number(float(end), 2) for end in (values.min(), values.max()))
    return low if low == high else teller.lang.say("interval", low=low, high=high)


def _below(teller: Teller, values: pd.Series, bar: float) -> str:
    if values.empty:
        return MISSING
    return teller.lang.say("answers.of", some=int((values < bar).sum()), all=len(values))


def _figures(teller: Teller, gaps: pd.DataFrame, pairs: list[tuple[str, str]], room: int) -> Iterable[Figure]:
    """The measures on which two audiences differ most, for the first pairs that the page holds; `room`
    is how many rows it has for them."""
    book, lang = teller.book, teller.lang
    each = max(room - 2, 3) if len(pairs) < 2 else max((room - 2) // 2, 3)
    for pair in pairs[:2]:
        rows = _between(gaps[gaps["node"].isin(book.framework.measures)], pair)
        if rows.empty or room < 3:
            continue
        most = rows.reindex(rows["gap"].abs().sort_values(ascending=False, kind="stable").index)[:each]
        room -= len(most) + 2
        names = tuple(audience(teller, role) for role in (pair[1], pair[0]))
        drawn = [_drawn(teller, row) for row in most.sort_values("gap", ascending=False).to_dict("records")]
        told = lang.listing(
            lang.say(
                "answers.alt_pair", node=one.title, other=lang.number(one.before), own=lang.number(one.after)
            )
            for one in drawn
        )
        alt = lang.say("answers.alt", audience=names[1], other=names[0], parts=told)
        draw = partial(charts.dumbbell, drawn, (names[0], names[1]), book.axis, lang, alt)
        caption = lang.say("answers.figure", audience=names[1], other=within(teller, pair[1]))
        yield Figure(draw, caption, alt, ((names[0], names[1]), drawn))


def _drawn(teller: Teller, row: Row) -> charts.Pair:
    other = float(row["other_score"])
    low, high = float(row["low"]), float(row["high"])
    change = teller.changed(float(row["gap"]), low, high)
    return charts.Pair(
        teller.title(row["node"]), other, float(row["score"]), other + low, other + high, change
    )


def _flagged(teller: Teller) -> Sentence | None:
    """How many may not have read the questions, and what the index would be without them."""
    lang, root = teller.lang, teller.book.root.id
    people, scores = own(teller, "responses"), own(teller, "without_flagged")
    count, every = int(people["flagged"].sum()), int(people["respondents"].sum())
    if not count:
        return Sentence("plain", lang.say("answers.unflagged", count=every))
    flags = lang.listing(
        lang.say("answers.flag", flag=lang.say(f"answers.flags.{flag}"), count=int(people[flag].sum()))
        for flag in FLAGS
        if people[flag].sum()
    )
    row = scores[scores["node"] == root] if len(scores) else scores
    if row.empty or row[["score", "score_without"]].isna().any(axis=None):
        return Sentence("plain", lang.say("answers.flagged_alone", count=count, all=every, flags=flags))
    score, without = (lang.number(float(row[name].iloc[0])) for name in ("score", "score_without"))
    words = {"node": teller.title(root), "score": score, "without": without, "flags": flags}
    kind = "flagged_same" if score == without else "flagged_said"
    return Sentence("plain", lang.say(f"answers.{kind}", count=count, all=every, **words))


def _split(teller: Teller, drawn: bool) -> Sentence | None:
    """Where people of one audience do not agree with each other."""
    lang = teller.lang
    rows = disagreed(teller)
    if rows.empty:
        return None
    parts = [
        lang.say("answers.split_on", audience=within(teller, one["role"]), node=teller.title(one["measure"]))
        for one in rows.drop_duplicates("role")[:3].to_dict("records")
    ]
    kind = "split" if drawn else "split_undrawn"
    return Sentence("gap", lang.say(f"answers.{kind}", count=len(rows), names=lang.clauses(parts)))


def _weighted(teller: Teller, people: pd.DataFrame) -> Sentence | None:
    """What unequal weights cost, where they do."""
    lang = teller.lang
    most = people.sort_values("design_effect", ascending=False).iloc[0]
    if not float(most["design_effect"]) > 1.005:
        return None
    words = {
        "audience": within(teller, most["role"]),
        "used": lang.number(int(most["used"]), 0),
        "effective": lang.number(float(most["effective_n"]), 0),
        "effect": lang.number(float(most["design_effect"]), 2),
    }
    return Sentence("plain", lang.say("answers.weighted", **words))


def _withheld(teller: Teller) -> Sentence | None:
    told = own(teller, "audiences")
    if told.empty or not (told["state"] == "withheld").any():
        return None
    fewest = teller.book.plan.minimum_group or MINIMUM_GROUP
    return Sentence("gap", teller.lang.say("answers.withheld", fewest=fewest))


def _capped(teller: Teller) -> Sentence | None:
    """Levels that count lower for want of a document."""
    lang = teller.lang
    caps = own(teller, "caps")
    if caps.empty:
        return None
    names = lang.names(dict.fromkeys(teller.title(name) for name in caps["measure"][:3]))
    words = {"names": names, "all": int(caps["answers"].sum())}
    return Sentence("gap", lang.say("answers.capped", count=int(caps["capped"].sum()), **words))
