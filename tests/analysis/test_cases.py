"""Published case figures: where the unit lies, and never a percentile."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from crm_capability import assess, load_plan
from crm_capability.definition.advice import load_cases
from crm_capability.definition.library import shipped
from crm_capability.definition.loaded import load_framework
from crm_capability.definition.validate import problems_of

Assessment = Callable[..., Path]
Faults = Callable[[Callable[[], Any]], list[str]]
Write = Callable[[str, str | bytes], Path]


def test_the_shipped_cases_are_the_documents_figures() -> None:
    path = shipped("pools") / "customer-loyalty-cases.yaml"
    assert problems_of(path) == []
    cases = load_cases(path, load_framework("customer-loyalty")).value
    figures = {case.id: (case.measure, case.low, case.high) for case in cases.entries}
    assert figures["members-bought-again"] == ("repurchase-share", 0.653, 0.653)
    assert figures["members-will-buy-again"] == ("intent-share", 0.569, 0.569)
    assert figures["members-will-recommend"] == ("recommend-share", 0.485, 0.485)
    assert figures["introduced-by-owners"] == ("referral-deal-share", 0.3, 0.5)
    assert figures["two-projects-in-shenzhen"] == ("referral-deal-share", 0.4, None)
    for case in cases.entries:
        assert isinstance(case.title, dict)
        assert set(case.title) == {"en", "zh-Hans", "zh-Hant"}


def test_beside_a_units_readings(write: Write) -> None:
    write("values.csv", "measure,value\nrepurchase-share,0.5\nintent-share,0.6\nreferral-deal-share,0.45\n")
    plan = write(
        "plan.yaml",
        "assessment: loyal\ntitle: Loyal\nframework: customer-loyalty@1\nunit: us\nwaves: [{id: now}]\n"
        "evidence: [{values: values.csv}]\nbenchmark: {cases: customer-loyalty-cases@1}\n",
    )
    result = assess(load_plan(plan))
    table = result.tables["cases"].set_index("case")
    assert table["position"].dropna().to_dict() == {
        "members-bought-again": "below",
        "members-will-buy-again": "above",
        "introduced-by-owners": "within",
        "two-projects-in-shenzhen": "within",
        "best-projects": "within",
    }
    assert result.tables["standing"].empty
    assert any("no known n" in note["text"] for note in result.manifest["notes"])
    assert "shipped:pools/customer-loyalty-cases.yaml" in [one["file"] for one in result.manifest["inputs"]]


def test_faults(assessment: Assessment, write: Write, faults: Faults) -> None:
    text = "cases: mine\nversion: 1.0.0\ntitle: Mine\nframework: small\nsource: a book\nlist:\n  - {id: a, measure: dayz, title: A, low: 2}\n"
    write("mine.yaml", text)

    def of(cases: str) -> list[str]:
        return faults(lambda: load_plan(assessment({"benchmark": {"cases": cases}})))

    assert of("./mine.yaml") == [
        'mine.yaml:7:22: "dayz" is no measure of the framework (did you mean "days"?)'
    ]
    write("mine.yaml", text.replace("small", "large"))
    assert of("./mine.yaml")[0].startswith("mine.yaml:4:12: cases for large, and the plan is of small")
    write("mine.yaml", text.replace("dayz", "days").replace("low: 2", "low: 2, high: 1"))
    assert "`low` is above `high`" in of("./mine.yaml")[0]
