"""Expressions: what is allowed, what is refused and where."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlglot import exp

from crm_capability.definition.expressions import Refused, parse

ROWS = {
    "state <> 'Canceled'": ["state"],
    "a in (1, 2) and b not in ('x', 'y')": ["a", "b"],
    "not a like 'x%' or b not like '_y'": ["a", "b"],
    "resolved_at is not null and c is null or d is true": ["resolved_at", "c", "d"],
    "a between 1 and 2.5e3": ["a"],
    "day >= date '2017-01-31' and day < timestamp '2017-02-01 00:00:00'": ["day"],
    "cast(a as number) + cast(b as integer) > 1": ["a", "b"],
    "cast(a as text) = lower(upper(b))": ["a", "b"],
    "case when a then 1 else 0 end = case b when 'x' then 1 end": ["a", "b"],
    "coalesce(a, b, 0) <> nullif(abs(round(c, 2)), 0)": ["a", "b", "c"],
    "hours_between(opened, closed) > 24 and days_between(opened, closed) <= 3": ["opened", "closed"],
    "-a + b * c / d % 2 != 0": ["a", "b", "c", "d"],
    '"Order Date" = "order" and 金额 > 0': ["Order Date", "order", "金额"],
    "number = 1 and date = 2 and time = 3 and value = 4 and key = 5 and first = 6": [
        "number", "date", "time", "value", "key", "first",
    ],
    "a = 'it''s; -- no comment /* here */'": ["a"],
    "true": [],
}  # fmt: skip
AGGREGATES = {
    "count(*)": [],
    "count(1)": [],
    "count_if(made_sla) / count(*)": ["made_sla"],
    'count(distinct "Invoice No")': ["Invoice No"],
    "sum(price * quantity) - sum(discount)": ["price", "quantity", "discount"],
    "median(hours_between(opened_at, resolved_at))": ["opened_at", "resolved_at"],
    "round(100 * avg(a), 1)": ["a"],
    "max(a) - min(a)": ["a"],
    "COUNT_IF(A >= 2)": ["A"],
    "coalesce(sum(a), 0) / nullif(count(b), 0)": ["a", "b"],
}


@pytest.mark.parametrize("text", ROWS)
def test_row_expressions(text: str):
    assert list(parse(text, False).columns) == ROWS[text]


@pytest.mark.parametrize("text", AGGREGATES)
def test_aggregates(text: str):
    assert list(parse(text, True).columns) == AGGREGATES[text]


@pytest.mark.parametrize(
    ("text", "offset", "what"),
    [
        ("a = 1; b", 5, "a second statement"),
        ("a = 1 -- x", 6, "a comment"),
        ("a = 1 and b.c = 2", 11, "a qualified name"),
        ("a = 1 and read_csv('x')", 10, "`read_csv`"),
        ("a in (select 1)", 6, "a subquery"),
        ("a = b c", 6, "alias"),
        ("cast(a as blob)", 10, "no cast to `blob`"),
        ("a = 1 and sum(b) > 2", 10, "an aggregate where single rows"),
        ("a = 1 and b like c", 10, "`like` takes a pattern"),
        ("a =\n  $1", 6, "a parameter"),
        ("a = date '2017-02-30'", 9, "is no date"),
        ("a = 1\u00a0and b", 5, "U+00A0"),
        ("a = 1 and ſum(b)", 10, "only looks like"),
    ],
)
def test_a_refusal_says_where(text: str, offset: int, what: str):
    with pytest.raises(Refused) as refused:
        parse(text, False)
    assert refused.value.offset == offset
    assert what in refused.value.what
    assert refused.value.remedy


@pytest.mark.parametrize(
    ("text", "offset", "what"),
    [
        ("a + sum(b)", 0, 'the column "a" stands outside an aggregate'),
        ("sum(a) + b", 9, 'the column "b" stands outside an aggregate'),
        ("sum(a + sum(b))", 8, "an aggregate inside an aggregate"),
        ("1 + 2", 0, "nothing is aggregated"),
        ("countif(a)", 0, "the function `countif`"),
    ],
)
def test_an_aggregate_must_aggregate_all(text: str, offset: int, what: str):
    with pytest.raises(Refused) as refused:
        parse(text, True)
    assert refused.value.offset == offset
    assert what in refused.value.what


def test_a_near_miss_is_suggested():
    with pytest.raises(Refused) as refused:
        parse("countif(a)", True)
    assert refused.value.remedy == 'did you mean "count_if"?'


def test_every_cast_to_a_number_is_to_the_widest():
    for word in ("number", "decimal", "numeric", "float", "real", "double"):
        cast = parse(f"cast(a as {word}) = 1", False).tree.find(exp.Cast)
        assert cast is not None
        assert cast.to.this == exp.DType.DOUBLE


def test_an_identifier_of_any_script_keeps_its_letters():
    tree = parse('"Größe 尺寸" > 1', False).tree
    column = tree.find(exp.Column)
    assert column is not None
    assert column.name == "Größe 尺寸"


@given(
    st.text(
        alphabet="ab1 ()+-*/%=<>!'\",.;:$?@#[]{}\\|&^~`_\n\tsumcountlikeinascastnullé中\u200b", max_size=40
    )
)
def test_any_text_is_read_or_refused_and_nothing_else(text: str):
    for aggregate in (False, True):
        try:
            expression = parse(text, aggregate)
        except Refused as refused:
            assert 0 <= refused.offset <= len(text)  # noqa: PT017 - either outcome is right
        else:
            again = expression.tree.sql(dialect="duckdb")
            assert ";" not in again.replace("';", "").split("'")[0]
