"""Findings, by hand: each rule fires where it should, with its numbers, in three languages."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crm_capability import assess, load_plan
from crm_capability.analysis.findings import shipped_rules
from crm_capability.definition.validate import problems_of
from crm_capability.tables import read_table, write_table

Assessment = Callable[..., Path]
Write = Callable[[str, str | bytes], Path]

ALONE: dict[str, Any] = {"evidence": [{"values": "values.csv"}]}
NOW: dict[str, Any] = {**ALONE, "waves": [{"id": "now"}]}
HEAD = "wave,measure,value,standard_error\n"


def found(plan: Path) -> Any:
    return assess(load_plan(plan)).tables["findings"].set_index(["kind", "node"])


@pytest.fixture
def framework(assessment: Assessment) -> dict[str, Any]:
    return json.loads(assessment().with_name("framework.yaml").read_text("utf-8"))


def test_what_moved_the_index_and_what_is_noise(assessment: Assessment, tmp_path: Path) -> None:
    """days 50 → 80 ± 10: speed, half of the index with `voice` away: 50 → 65; voice 3 → 3.2 ± 1."""
    values = (
        HEAD
        + "before,days,15,1\nafter,days,6,1\nbefore,share,0.5,\nafter,share,0.5,\nbefore,voice,3,0.5\nafter,voice,3.2,0.5\n"
    )
    table = found(assessment(ALONE, values=values))
    rise = table.loc[("largest-rise", "speed")]
    assert rise["severity"] == pytest.approx(15 * 0.5)
    assert rise["en"] == (
        "Of the clear rises, that of Speed lifted the index most: "
        "from 50.0 to 65.0 (+15.0, 95% interval +10.4 to +19.6)."
    )
    assert rise["evidence"].startswith("before=50.0; after=65.0; change=15.0; low=10.38")
    noise = table.loc[("inside-noise", "voice")]  # a measure right under the index: 50 → 55 ± 35
    assert noise["severity"] == pytest.approx(0.1 * 5 * 0.5)
    assert "moved by +5.0 points, and that may be chance" in noise["en"]
    assert ("largest-fall", "speed") not in table.index
    again = tmp_path / "findings.csv"
    write_table(
        table.reset_index()[["node", "kind", "severity", "evidence", "en", "zh-Hans", "zh-Hant"]], again
    )
    assert read_table("findings", again)["zh-Hans"].notna().all()


def test_a_fall_in_three_languages(assessment: Assessment) -> None:
    values = HEAD + "before,days,6,1\nafter,days,15,1\nbefore,share,0.5,\nafter,share,0.5,\n"
    fall = found(assessment(ALONE, values=values)).loc[("largest-fall", "speed")]
    assert "from 65.0 to 50.0 (−15.0, 95% interval −19.6 to −10.4)" in fall["en"]
    assert fall["zh-Hans"].startswith(
        "在明确的下降中，“Speed”对总分的拖累最大，由65.0分降至50.0分（−15.0，95%区间为−19.6至−10.4）"
    )
    assert fall["zh-Hant"].startswith("在明確的下降中，「Speed」對總分的拖累最大")


def test_no_interval_no_claim(assessment: Assessment) -> None:
    values = HEAD + "before,days,15,\nafter,days,6,\nbefore,share,0.5,\nafter,share,0.5,\n"
    kinds = set(found(assessment(ALONE, values=values)).reset_index()["kind"])
    assert not kinds & {"largest-rise", "largest-fall", "inside-noise"}


def test_weakest_link_and_unbalanced(assessment: Assessment) -> None:
    """speed 90 and 35, mean 62.5; without the mean it is unbalanced instead."""
    link = found(assessment(NOW, values="measure,value\ndays,3\nshare,0.35\nvoice,4\n"))
    row = link.loc[("weakest-link", "speed")]
    assert row["en"] == "Speed scores 62.5, which hides its weakest part: Share has 35.0."
    assert row["severity"] == pytest.approx((62.5 - 35) / 2 * 0.5)
    assert ("unbalanced", "speed") not in link.index
    apart = found(assessment(NOW, values="measure,value\ndays,3\nshare,0.1\nvoice,4\n"))
    row = apart.loc[("unbalanced", "speed")]
    assert row["en"] == "Speed is unbalanced: Days has 90.0 and Share 10.0."
    assert row["severity"] == pytest.approx(0.5 * 80 / 2 * 0.5)


def test_a_broken_gate(assessment: Assessment, framework: dict[str, Any]) -> None:
    gated = copy.deepcopy(framework)
    gated["tree"]["aggregate"] = {"method": "gate", "on": "voice", "below": 50, "cap": 40}
    values = "measure,value\ndays,3\nshare,0.9\nvoice,2\n"  # speed 90, voice 25: mean 57.5
    row = found(assessment(NOW, framework=gated, values=values)).loc[("gate-broken", "index")]
    assert row["severity"] == pytest.approx(17.5)
    assert (
        row["en"]
        == "Index is capped at 40: Voice scores 25.0, under the 50 that it needs; without the cap it would be 57.5."
    )
    whole = found(assessment(NOW, framework=gated, values="measure,value\ndays,3\nshare,0.9\nvoice,4\n"))
    assert "gate-broken" not in set(whole.reset_index()["kind"])


def test_missing_evidence_where_the_weight_is(assessment: Assessment) -> None:
    row = found(assessment(NOW, values="measure,value\ndays,3\nvoice,4\n")).loc[("missing-evidence", "speed")]
    assert row["en"] == "Speed lacks 1 of its measures and could be anywhere from 45.0 to 95.0."
    assert row["severity"] == pytest.approx(0.5 * 50 * 0.5)
    scope = {"scope": {"exclude": ["share"]}}
    without = found(assessment({**NOW, **scope}, values="measure,value\ndays,3\nvoice,4\n"))
    assert "missing-evidence" not in set(without.reset_index()["kind"])


def test_targets_and_peers(assessment: Assessment) -> None:
    values = "unit,measure,value\n" + "".join(
        f"{unit},days,{15 - 3 * n}\n{unit},share,0.5\n{unit},voice,3\n"
        for n, unit in enumerate(("us", "b", "c", "d"))
    )
    plan = {
        **NOW,
        "targets": {"speed": 60, "voice": 50},
        "benchmark": {"pool": "units", "minimum_peers": 3},
    }
    table = found(assessment(plan, values=values))
    missed = table.loc[("target-missed", "speed")]
    assert missed["severity"] == pytest.approx(10 * 0.5)
    assert missed["en"] == "Speed scores 50.0 and misses its target of 60.0."
    assert table.loc[("target-met", "voice"), "severity"] == 0
    behind = table.loc[("behind-peers", "speed")]  # peers 55, 60, 65
    assert behind["severity"] == pytest.approx(10 * 0.5)
    assert behind["en"] == "Speed lies in the last quarter of 3 peers, −10.0 points against their median."
    assert table["severity"].is_monotonic_decreasing


def test_nothing_to_say_is_an_empty_table(assessment: Assessment) -> None:
    assert found(assessment(NOW, values="measure,value\ndays,12\nshare,0.6\nvoice,3.4\n")).empty


def test_the_shipped_rules_speak_three_languages() -> None:
    for rule in shipped_rules().rules:
        assert set(rule.text) == {"en", "zh-Hans", "zh-Hant"}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("score < target", "scre < target", '"scre" is no fact'),
        ("score < target", "score <", "cannot be read as a formula"),
        ("score < target", "score.real", "holds more than numbers"),
        ("[score, target]", "[score, taget]", '"taget" is no fact'),
        ("{title}", "{name}", '"name" is no fact'),
        ("{target", "{target.real", '"target.real" is no fact'),
        ("{target:.1f}", "{target:.1q}", "nknown format code"),
        ("kind: missed", "kind: met", 'the kind "met" stands twice'),
    ],
)
def test_rules_with_faults(old: str, new: str, said: str, write: Write) -> None:
    text = (
        "findings: mine\nversion: 1.0.0\nrules:\n"
        '  - {kind: met, at: nodes, when: "score >= target", severity: "0", evidence: [score], text: {en: "Met"}}\n'
        '  - {kind: missed, at: nodes, when: "score < target", severity: "1", evidence: [score, target], text: {en: "{title}: {target:.1f}"}}\n'
    )
    assert problems_of(write("f.yaml", text)) == []
    assert old in text
    (problem,) = problems_of(write("f.yaml", text.replace(old, new)))
    assert said in problem.what
    assert problem.where.line >= 1


def test_differences_that_are_noise_are_named(assessment: Assessment) -> None:
    """us 50 ± 2 against 46, 48, 90: the first two within noise, the third clearly ahead."""
    values = "unit,measure,value,standard_error\nus,days,15,0.6\nu1,days,16.2,0.6\nu2,days,15.6,0.6\nu3,days,3,0.6\n"
    units = {"us": None, "u1": {"title": {"en": "First", "zh-Hans": "甲"}}, "u2": None, "u3": None}
    plan = {**NOW, "units": units, "benchmark": {"pool": "units", "minimum_peers": 1}}
    framework = json.loads(assessment().with_name("framework.yaml").read_text("utf-8"))
    framework["tree"]["min_share"] = 0.1
    row = found(assessment(plan, values=values, framework=framework)).loc[("level-with-peers", "index")]
    assert "from First, u2 is within the noise" in row["en"]
    assert "clearly ahead: 1 of the peers, clearly behind: 0" in row["en"]
    assert "与甲、u2的差距都在误差之内" in row["zh-Hans"]
    assert "level_peers=2.0; clear_ahead=1.0; clear_behind=0.0" in row["evidence"]


def test_audiences_at_odds(assessment: Assessment) -> None:
    """The larger gap is told from the side that scores higher, whichever way the table has it."""
    from crm_capability.analysis.finding_sides import between_facts
    from crm_capability.definition.plan import Plan
    from crm_capability.tables import shape

    plan = Plan.model_validate(json.loads(assessment(NOW).read_text("utf-8")))
    gaps = shape(
        "audience_gaps",
        {
            "wave": ["now"] * 3,
            "unit": ["us"] * 3,
            "node": ["speed", "speed", "voice"],
            "audience": ["customer", "employee", "customer"],
            "other": ["employee", "manager", "employee"],
            "gap": [-20.0, 9.0, 30.0],
            "low": [-30.0, 3.0, -5.0],
            "high": [-10.0, 15.0, 65.0],
            "q_value": [0.001, 0.01, 0.2],
        },
    )
    between = between_facts(plan, {"audience_gaps": gaps}, {}, {"customer": {"en": "customers"}})
    assert between.facts == {"speed": {"gap": 20.0, "gap_low": 10.0, "gap_high": 30.0, "gap_q": 0.001}}
    assert between.names("speed", "en") == {
        "level_names": "",
        "higher_title": "employee",
        "lower_title": "customers",
    }


def test_every_kind_of_the_argument_has_its_rule() -> None:
    kinds = {rule.kind for rule in shipped_rules().rules}
    assert kinds >= {
        *("largest-fall", "unbalanced", "gate-broken", "weakest-link", "audiences-at-odds"),
        *("missing-evidence", "inside-noise", "behind-peers", "level-with-peers"),
    }
    for rule in shipped_rules().rules:
        assert set(rule.text) == {"en", "zh-Hans", "zh-Hant"}
