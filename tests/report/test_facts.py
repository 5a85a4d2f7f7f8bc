"""What the report says, against the tables it says it from."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_capability import assess, load_plan
from crm_capability.analysis.result import Result
from crm_capability.definition.framework import Framework
from crm_capability.report.charts_priorities import Dot, Field
from crm_capability.report.facts import facts
from crm_capability.report.facts.book import Book
from crm_capability.report.facts.movement import WEIGHTS, by_dimension, parts_of_change
from crm_capability.report.language import language
from crm_capability.report.template import find_template

Make = Callable[..., Result]
Tree = Callable[..., Framework]


def told(result: Result, code: str = "en") -> Any:
    return facts(result, language(code))


def index(result: Result, column: str = "score", wave: str = "after") -> float:
    scores = result.tables["scores"]
    row = scores[
        (scores["wave"] == wave)
        & (scores["unit"] == result.plan.unit)
        & (scores["node"] == result.framework.tree.id)
    ]
    return float(row[column].iloc[0])


def steady(before: float, after: float, **one: float) -> Any:
    """Readings of every measure in the two waves, single measures apart."""
    return lambda wave, measure: one.get(measure.replace("-", "_"), after) if wave == "after" else before


@pytest.mark.parametrize("code", ["en", "zh-Hans", "zh-Hant"])
def test_the_answer_holds_the_index_of_both_waves(whole_result: Result, code: str) -> None:
    answer = told(whole_result, code).cover.answer
    assert f"{index(whole_result, wave='before'):.1f}" in answer
    assert f"{index(whole_result):.1f}" in answer


@pytest.mark.parametrize(
    ("before", "after", "error", "sentence"),
    [
        (4.0, 6.0, 0.1, "Small rose from 40.0 to 60.0 points"),
        (6.0, 4.0, 0.1, "Small fell from 60.0 to 40.0 points"),
        (4.0, 4.2, 3.0, "Small shows no clear change: 40.0 points before, 42.0 after"),
        (4.0, 4.0, 0.1, "Small stayed at 40.0 points"),
        (4.0, 6.0, None, "Small rose from 40.0 to 60.0 points"),
    ],
)
def test_the_answer_says_what_happened(
    before: float, after: float, error: float | None, sentence: str, make: Make
) -> None:
    cover = told(make(level=steady(before, after), error=error)).cover
    assert cover.answer.startswith(sentence)


def test_the_second_sentence_says_how_sure_the_first_is(make: Make) -> None:
    assert "more than chance" in told(make(level=steady(4, 6))).cover.second
    assert "could be chance" in told(make(level=steady(4, 4.2), error=3.0)).cover.second
    assert "is not known" in told(make(level=steady(4, 6), error=None)).cover.second


def test_who_led_and_who_slipped(make: Make) -> None:
    result = make(level=steady(4, 6, m1_0=3, m1_1=3, m1_2=3))
    assert told(result).cover.answer == (
        "Small rose from 40.0 to 45.0 points; Dimension 0 added most, 10.0 points, while Dimension 1 slipped by 10.0."
    )


AGGREGATIONS = ["arithmetic", "geometric", "harmonic", "minimum", "median"]


@pytest.mark.parametrize("rule", AGGREGATIONS)
@pytest.mark.parametrize("missing", [0.0, 0.2])
def test_the_parts_sum_to_the_change(rule: str, missing: float, make: Make, framework: Tree) -> None:
    raw = framework(3, 4).model_dump(mode="json", by_alias=True, exclude_unset=True)
    raw["tree"]["aggregate"] = rule
    result = make(Framework.model_validate(raw), missing=missing)
    book = Book(result)
    change = book.change("index")
    assert change is not None
    assert sum(parts_of_change(book).values()) == pytest.approx(change, abs=1e-9)
    assert sum(by_dimension(book).values()) == pytest.approx(change, abs=1e-9)


def test_changed_weights_are_a_part_of_their_own(make: Make) -> None:
    waves = [{"id": "before"}, {"id": "after", "weights": {"index": {"d0": 3, "d1": 1}}}]
    result = make(level=lambda wave, measure: 8.0 if measure < "m1" else 2.0, plan={"waves": waves})
    parts = parts_of_change(Book(result))
    assert parts[WEIGHTS] == pytest.approx(15.0)
    assert sum(abs(part) for node, part in parts.items() if node != WEIGHTS) < 1e-9


def test_arithmetic_parts_are_weight_times_change(make: Make) -> None:
    book = Book(make())
    for node, part in parts_of_change(book).items():
        assert part == pytest.approx((book.change(node) or 0) / 6)


def test_scorecard_titles_count_only_clear_changes(make: Make) -> None:
    assert told(make(level=steady(4, 6))).scorecard.chapter.title == "All 6 indicators rose clearly"
    mixed = told(make(level=steady(4, 6, m0_0=2, m0_1=4.1), error=0.2)).scorecard.chapter.title
    assert mixed == "Of 6 indicators, 4 rose clearly, 1 fell clearly and 1 moved within the noise"


def test_one_wave_has_no_change_chapter(make: Make) -> None:
    report = told(make(waves=("now",)))
    assert report.movement is None
    assert not report.two_waves
    assert report.cover.answer.startswith(
        f"Small stands at {index(make(waves=('now',)), wave='now'):.1f} points, in the band "
    )


def test_of_three_waves_the_first_comparison_leads(make: Make) -> None:
    compare = [{"before": "a", "after": "c"}, {"before": "b", "after": "c"}]
    report = told(make(waves=("a", "b", "c"), plan={"compare": compare}))
    assert (report.cover.before_label, report.cover.after_label) == ("a", "c")
    assert report.waves.headings == ("a", "b", "c")
    assert report.waves.multiples is not None


def test_everything_missing_is_said_and_never_zero(make: Make) -> None:
    report = told(make(missing=2))
    assert report.cover.answer == "Small cannot be scored: too little evidence."
    assert report.movement is None
    assert {row.after for row in report.scorecard.rows} == {"–"}
    assert report.gaps.chapter.title == "No measure has a reading"


def test_missing_is_named_in_every_list(whole_result: Result) -> None:
    report = told(whole_result)
    lacking = [row for part in report.dimensions for row in part.rows if row.mark.missing and not row.reason]
    assert lacking
    assert {row.after for row in lacking} == {"–"}
    assert all(
        row.mark.missing in ("not collected", "too little evidence", "out of scope") for row in lacking
    )


def test_out_of_scope_gives_its_reason(whole_result: Result) -> None:
    report = told(whole_result, "zh-Hans")
    reasons = [
        row.reason for part in report.dimensions for row in part.rows if row.node == "customised-production"
    ]
    assert reasons == ["不生产"]


def test_fictitious_answers_are_marked_where_they_count(whole_result: Result) -> None:
    report = told(whole_result)
    marked = {row.node for part in report.dimensions for row in part.rows if row.fictitious}
    assert marked == {"staff-service-level", "staff-attitude", "immediacy", "waiting-minutes"}
    notices = {part.chapter.id: part.chapter.fictitious for part in report.dimensions}
    assert not notices["dimension-customer-insight"]
    assert notices["dimension-customer-value"] == "Contains fictitious answers"


def test_standing_counts_peers_without_the_unit(make: Make) -> None:
    result = make(units=("us", *"abcdefgh"))
    report = told(result)
    assert report.standing.chapter.title.startswith(f"Us Ltd ranks {int(index(result, 'rank'))} of 9")
    assert all(len(strip.dots_at) == int(strip.peers) == 8 for strip in report.standing.strips)
    assert [place.own for place in report.standing.places].count(True) == 1


def test_consistency_of_judgements_names_its_random_index(make: Make, framework: Tree) -> None:
    pairs = [["d0", "d1", 3], ["d0", "d2", 5], ["d1", "d2", 2]]
    ahp = {"method": "ahp", "judges": [{"id": "boss", "pairs": pairs}]}
    report = told(make(framework(3, 2), plan={"weights": {"index": ahp}}))
    row = next(table.rows[0] for table in report.method.tables if "consistency" in table.caption)
    assert row[1:] == ("boss", "3.004", "0.003", "saaty-1980", "acceptable, at most 0.10")


def test_a_large_framework_keeps_its_scorecard_on_a_page(make: Make, framework: Tree) -> None:
    card = told(make(framework(6, 20))).scorecard
    assert len(card.rows) == 30
    assert "23 indicators that moved most, of 120" in card.note


def test_a_rounding_above_100_does_not_stretch_the_scale(make: Make) -> None:
    result = make()
    scores = result.tables["scores"].assign(
        score=lambda table: table["score"].mask(table.index == 0, 100 + 3e-14)
    )
    book = Book(dataclasses.replace(result, tables={**result.tables, "scores": scores}))
    assert book.axis == (0.0, 100.0)


def test_every_chapter_that_tells_scores_says_that_some_are_fictitious(whole_result: Result) -> None:
    template = find_template("benchmark")
    html = template.render(whole_result, template.language("en"))
    said = dict(re.findall(r'<section id="([\w-]+)"[^>]*data-fictitious="([^"]*)"', html))
    assert {"scorecard", "tree", "gaps", "explanation"} <= {name for name, notice in said.items() if notice}


def test_equal_weights_are_equal_and_the_lowest_comes_first(assessment: Any) -> None:
    """Twelfths, as halves of sixths: their mean is higher by the last digit."""
    measures = [f"m{n}" for n in range(12)]
    likert = {"method": "likert", "min": 1, "max": 5}
    leaves = [{"id": m, "title": m.upper(), "unit": "points", "normalise": likert} for m in measures]
    children = [{"id": f"d{n}", "title": f"D{n}", "children": leaves[2 * n : 2 * n + 2]} for n in range(6)]
    tree = {"id": "index", "title": "Index", "children": children}
    small = {"framework": "small", "version": "1.0.0", "title": "Small", "tree": tree}
    values = "wave,measure,value\n" + "".join(
        f"{wave},{m},{1 + (3 * n) % 5}\n" for wave in ("before", "after") for n, m in enumerate(measures)
    )
    result = assess(
        load_plan(assessment({"evidence": [{"values": "values.csv"}]}, framework=small, values=values))
    )
    table = result.tables["priorities"].set_index("node")
    assert set(table.loc[measures, "quadrant"]) == {"keep", "concentrate"}
    told = facts(result, language("en")).priorities
    assert told is not None
    assert "all weigh the same" in told.chapter.title
    scores = [float(row.score) for row in told.rows if row.quadrant == told.rows[0].quadrant]
    assert scores == sorted(scores)


@given(st.lists(st.tuples(st.floats(0.5, 20), st.floats(0, 100)), min_size=2, max_size=20))
def test_a_dot_of_the_priorities_stands_in_its_own_field(points: list[tuple[float, float]]) -> None:
    mean, index = sum(weight for weight, _ in points) / len(points), 60.0
    names = {(True, True): "keep", (True, False): "concentrate", (False, True): "possible-overkill", (False, False): "low-priority"}  # fmt: skip
    dots = [
        Dot(str(n), weight, score, names[weight >= mean, score >= index], f"Node {n}")
        for n, (weight, score) in enumerate(points)
    ]
    field = Field((mean, index), (0, 100), 230, dict.fromkeys(names.values(), "Field"))
    for dot, (x, y) in zip(dots, field.places(dots), strict=True):
        assert (x > field.across(mean, dots)) == (dot.weight >= mean)
        assert y <= field.up(index) + 1e-9 if dot.score >= index else y >= field.up(index) - 1e-9


def test_a_title_names_no_single_winner_among_equals(make: Make, framework: Tree) -> None:
    level = {"before": 3.0, "after": 4.0}
    page = facts(make(framework(1, 3), level=lambda wave, measure: level[wave]), language("en"))
    title = page.dimensions[0].chapter.title
    assert "and 2 more gained most" in title
