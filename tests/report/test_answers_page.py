"""The page on the answers, against the tables it is told from."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_capability import assess, load_plan
from crm_capability.report.facts import facts
from crm_capability.report.language import language

SIDES = {"customer": [2, 1, 2, 3, 2, 1, 2, 3, 2, 2], "manager": [4, 5, 4, 4, 5, 4, 1, 5], "expert": [3, 2]}


def file_of(sides: dict[str, list[int]]) -> str:
    lines = ["respondent,wave,role,kind,rude"]
    lines += [
        f"{role}{n},{wave},{role},{x},{6 - x}"
        for role, ratings in sides.items()
        for wave in ("before", "after")
        for n, x in enumerate(ratings)
    ]
    return "\n".join(lines) + "\n"


@pytest.fixture
def told(assessment: Any) -> Any:
    def tell(sides: dict[str, list[int]] | str = SIDES, code: str = "en", **plan: Any) -> Any:
        text = sides if isinstance(sides, str) else file_of(sides)
        result = assess(load_plan(assessment(answers=text, plan=plan)))
        return result, facts(result, language(code)).answers

    return tell


def test_nobody_was_asked_nothing_is_told(make: Any) -> None:
    assert facts(make(), language("en")).answers is None


@pytest.mark.parametrize(
    ("code", "title"),
    [
        (
            "en",
            "Managers rate the same things {} points higher than customers (95% interval {} to {}); 18 people answered",
        ),
        ("zh-Hans", "同一事项，管理者评分比客户高{}分（95%区间为{}至{}）；共18人作答"),
        ("zh-Hant", "同一事項，主管評分比客戶高{}分（95%區間為{}至{}）；共18人作答"),
    ],
)
def test_the_title_is_the_clearest_gap(told: Any, code: str, title: str) -> None:
    result, page = told({name: SIDES[name] for name in ("customer", "manager")}, code)
    gaps = result.tables["audience_gaps"]
    gap = gaps[(gaps["node"] == "index") & (gaps["wave"] == "after")].iloc[0]
    told_numbers = (f"{gap[name]:.1f}" for name in ("gap", "low", "high"))
    assert page.chapter.title == title.format(*told_numbers)
    assert len(page.figures) == 1


def test_a_gap_within_the_noise_is_no_title(told: Any) -> None:
    _, page = told({"customer": [1, 2, 3, 4, 5], "manager": [1, 2, 3, 5, 5]})
    assert (
        page.chapter.title
        == "10 people answered, and no audience's view of the whole clearly differs from another's"
    )


def test_a_row_an_audience_with_responses_and_agreement(told: Any) -> None:
    result, page = told()
    assert [row[0] for row in page.table.rows] == ["Customers", "Managers", "Experts"]
    assert [row[1] for row in page.table.rows] == ["10 → 10", "8 → 8", "2 → 2"]
    assert page.table.rows[2][-2:] == ("–", "–"), "two experts are not told"
    assert page.table.rows[1][-1] == "–", "nor the managers, who would give them away"
    assert any("fewer than 5 people" in sentence.text for sentence in page.sentences)
    told_rates = result.tables["audiences"].query("wave == 'after' and role == 'customer'")["r_wg"].iloc[0]
    assert page.table.rows[0][-2] == f"{told_rates:.2f}"


def test_where_people_disagree_their_answers_are_drawn(told: Any) -> None:
    result, page = told({"customer": [1, 5, 1, 5, 5, 1, 3, 5], "manager": [3, 3, 3, 4, 3]})
    assert any("customers on Voice" in sentence.text for sentence in page.sentences)
    first = page.divided[0]
    shares = result.tables["item_shares"].query(
        "wave == 'after' and role == 'customer' and question == 'kind'"
    )
    low = shares[shares["value"] < 3]["share"].sum()
    assert first.audience == "Customers"
    assert first.shares[0] == f"{100 * low:.0f}%"
    starts = [start for start, _, _ in first.bars]
    ends = [start + wide for start, wide, _ in first.bars]
    assert starts == sorted(starts)
    assert min(starts) >= -1e-9
    assert max(ends) <= 100 + 1e-9
    middle = next(bar for bar in first.bars if bar[2] == "mid")
    assert middle[0] + middle[1] / 2 == pytest.approx(50), "the middle is split over the centre"


def test_response_rates_are_told_where_the_plan_gives_them(told: Any) -> None:
    evidence = [{"values": "values.csv"}, {"survey": "./sheet.yaml", "answers": "answers.csv", "invited": 20}]
    _, page = told({"customer": SIDES["customer"]}, evidence=evidence)
    assert page.table.headings[2] == "Response rate"
    assert page.table.rows[0][2] == "50%"
    _, without = told({"customer": SIDES["customer"]})
    assert "Response rate" not in without.table.headings


def test_levels_without_a_document_are_told(assessment: Any) -> None:
    sheet = {
        "questionnaire": "levels", "version": "1.0.0", "title": "Levels", "audience": "expert",
        "sections": [{"id": "all", "title": "All", "questions": [
            {"id": "model", "type": "maturity", "text": "How far?", "feeds": "voice", "evidence_above": 2,
             "levels": [{"value": n, "label": str(n)} for n in range(1, 6)]}]}],
    }  # fmt: skip
    answers = "respondent,wave,model\n" + "".join(
        f"{n},{w},{x}\n" for w in ("before", "after") for n, x in enumerate((1, 4, 5))
    )
    page = facts(assess(load_plan(assessment(sheet=sheet, answers=answers))), language("en")).answers
    assert page is not None
    assert any(
        "2 of 3 maturity answers claim a level that no document backs up" in one.text
        for one in page.sentences
    )


def test_the_loosest_scales_have_all_their_figures(told: Any) -> None:
    random = [(1, 2), (5, 3), (2, 2), (4, 5), (3, 1), (2, 4), (5, 5), (1, 1), (4, 3), (3, 3)]
    text = "respondent,wave,role,kind,rude\n" + "".join(
        f"{n},{wave},customer,{a},{6 - b}\n"
        for wave in ("before", "after")
        for n, (a, b) in enumerate(random)
    )
    result, page = told(text)
    row = result.tables["reliability"].set_index(["wave", "scale"]).loc[("after", "voice")]
    cells = dict(zip(page.scales.headings, page.scales.rows[0], strict=True))
    assert (cells["Questions"], cells["n"], cells["Audience"]) == ("2", "10", "Customers")
    assert cells["Alpha"] == f"{row['alpha']:.2f}"
    assert cells["95% interval"] == f"{row['alpha_low']:.2f} to {row['alpha_high']:.2f}"
    assert cells["Std. alpha"] == f"{row['alpha_standardized']:.2f}"
    assert cells["Omega"] == f"{row['omega']:.2f}"
    items = result.tables["items"]
    least = items[items["wave"] == "after"]["item_rest"].min()
    assert page.scales.rows[0][-1] == f"{least:.2f}", "of two questions neither can be dropped"
    assert page.scales.caption.startswith(
        "The one scale has an alpha below" if row["alpha"] < 0.7 else "The questions of the one scale"
    )


def test_a_formative_measure_has_no_alpha_and_the_reason_is_told(assessment: Any) -> None:
    plan = assessment(answers=file_of(SIDES))
    file = plan.parent / "framework.yaml"
    framework = json.loads(file.read_text())
    framework["tree"]["children"][1]["measurement"] = "formative"
    file.write_text(json.dumps(framework))
    page = facts(assess(load_plan(plan)), language("en")).answers
    assert page is not None
    assert page.scales is None
    assert any(
        one.text == "“Voice” is made up of its questions, which need not go together (formative): "
        "it has no alpha and no omega."
        for one in page.sentences
    )


def test_flags_are_named(told: Any) -> None:
    lines = "".join(f"{n},{w},customer,3,3\n" for w in ("before", "after") for n in range(6))
    text = "respondent,wave,role,kind,rude,seconds\n" + lines.replace(",3,3\n", ",3,3,1\n")
    _, page = told(text)
    assert any(
        "6 of 6 respondents may not have read the questions (too fast 6)" in one.text
        for one in page.sentences
    )


def test_segments_are_told_and_the_small_ones_are_not(assessment: Any) -> None:
    rows = [("gold", 5)] * 8 + [("basic", 2)] * 7 + [("basic", 3)] * 2
    text = "respondent,wave,tariff,kind,rude\n" + "".join(
        f"{n},{wave},{tariff},{x},{6 - x}\n"
        for wave in ("before", "after")
        for n, (tariff, x) in enumerate(rows)
    )
    entry = {"survey": "./sheet.yaml", "answers": "answers.csv", "segments": ["tariff"]}
    plan = {"evidence": [{"values": "values.csv"}, entry]}
    page = facts(assess(load_plan(assessment(answers=text, plan=plan))), language("en")).answers
    assert page is not None
    assert page.segments is not None
    assert page.segments.rows == (
        ("basic", "Customers", "9", "53%", "0", "0.95", "Voice: 2.2 against 3.5"),
        ("gold", "Customers", "8", "47%", "0", "1.00", "–"),
    )
    few = text.replace("gold", "basic", 6).replace("after,gold", "after,basic", 6)
    page = facts(assess(load_plan(assessment(answers=few, plan=plan))), language("en")).answers
    assert page is not None
    assert page.segments is not None
    assert page.segments.rows == ()
    assert page.segments.caption.endswith("2 are of too few people to be told")
