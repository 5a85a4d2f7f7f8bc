"""Working hours between moments, against a walk from day to day and against numpy's own calendar."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from pydantic import ValidationError

from crm_capability.definition.calendars import DAYS, Calendar
from crm_capability.definition.load import read_definition
from crm_capability.definition.metrics import Metrics, metrics_problems

OFFICE = {
    "hours": {"mon-thu": ["09:00-12:00", "13:00-17:30"], "fri": "09:00-15:00", "sat": "22:00-24:00"},
    "holidays": ["2017-12-25", "2017-12-26", "2018-01-01", "2018-01-06", "2018-01-07"],
}
TEXT = """\
metrics: desk
version: 1.0.0
calendars:
  office:
    hours: {mon-thu: ["09:00-12:00", "13:00-17:30"], fri: 09:00-15:00, sat: 22:00-24:00}
    holidays: [2017-12-25, 2017-12-26, 2018-01-01, 2018-01-06, 2018-01-07]
  round-the-clock: {hours: {mon-sun: 00:00-24:00}}
  shop: {hours: {sat-mon: 10:00-18:00}, timezone: America/New_York}
sources:
  tickets: {table: tickets, time: day, unit: ticket, timezone: Europe/Vienna}
measures:
  office: {type: simple, source: tickets, value: "sum(working_hours_between(a, b, 'office'))"}
  all: {type: simple, source: tickets, value: "sum(working_hours_between(a, b, 'round-the-clock'))"}
  hours: {type: simple, source: tickets, value: "sum(hours_between(a, b))"}
  zoned: {type: simple, source: tickets, value: "sum(working_hours_between(y, z, 'office'))"}
  abroad: {type: simple, source: tickets, value: "sum(working_hours_between(y, z, 'shop'))"}
  within: {type: ratio, source: tickets, numerator: "count_if(working_hours_between(a, coalesce(b, a), 'office') <= 8)", denominator: count(*)}
"""
# What a service desk meets: name, from, to, hours by hand in the calendar `office`.
BY_HAND = [
    ("within a morning", "2018-01-10 09:30", "2018-01-10 11:00", 1.5),
    ("over noon", "2018-01-10 11:30", "2018-01-10 13:30", 1.0),
    ("begins before opening", "2018-01-10 06:00", "2018-01-10 10:00", 1.0),
    ("ends after closing", "2018-01-10 17:00", "2018-01-10 23:00", 0.5),
    ("outside hours", "2018-01-10 18:00", "2018-01-11 08:00", 0.0),
    ("over a night", "2018-01-10 17:00", "2018-01-11 10:00", 1.5),
    ("over a weekend", "2018-01-12 14:00", "2018-01-15 10:00", 1.0 + 2.0 + 1.0),
    ("up to midnight", "2018-01-13 23:00", "2018-01-14 12:00", 1.0),
    ("a whole week", "2018-01-08 00:00", "2018-01-15 00:00", 4 * 7.5 + 6 + 2),
    ("over Christmas", "2017-12-22 14:00", "2017-12-27 10:00", 1.0 + 2.0 + 1.0),
    ("a holiday itself", "2017-12-25 09:00", "2017-12-25 17:00", 0.0),
    ("from a holiday on", "2018-01-01 12:00", "2018-01-02 12:00", 3.0),
    ("into a holiday", "2017-12-30 21:00", "2018-01-01 12:00", 2.0),
    ("holidays on days off", "2018-01-05 14:00", "2018-01-08 10:00", 1.0 + 0.0 + 1.0),
    ("the wrong way round", "2018-01-10 11:00", "2018-01-10 09:30", -1.5),
    ("the wrong way round, over days", "2018-01-11 10:00", "2018-01-10 17:00", -1.5),
    ("at once", "2018-01-10 10:00", "2018-01-10 10:00", 0.0),
    ("a microsecond", "2018-01-10 10:00:00.000001", "2018-01-10 10:00:00.000002", 1e-6 / 3600),
    ("no end", "2018-01-10 10:00", None, None),
    ("no beginning", None, "2018-01-10 10:00", None),
    ("a year far back", "1899-12-29 00:00", "1900-01-05 00:00", 38.0),
]  # fmt: skip
# The clocks of Vienna go forward on 26 March and back on 29 October 2017; in New York on 12 March.
ZONED = [
    ("over the change in spring", "2017-03-24 13:00", "2017-03-27 08:00", 1.0 + 2.0 + 1.0),
    ("over the change in autumn", "2017-10-27 12:00", "2017-10-30 09:00", 1.0 + 2.0 + 1.0),
    ("a winter's day in UTC", "2018-01-10 07:00", "2018-01-10 17:00", 7.5),
    ("a summer's day in UTC", "2017-07-12 06:00", "2017-07-12 16:00", 7.5),
]


def cases() -> pd.DataFrame:
    random = np.random.default_rng(4)
    start = pd.Timestamp("2017-11-01") + pd.to_timedelta(random.integers(0, 9e12, 120), unit="us")
    length = pd.to_timedelta(random.integers(-3e11, 3e12, 120), unit="us")
    rows = [*BY_HAND, *((name, None, None, None) for name, *_ in ZONED)]
    frame = pd.DataFrame(
        {
            "ticket": [name for name, *_ in rows] + [f"random {number}" for number in range(120)],
            "a": [pd.Timestamp(one) for _, one, *_ in rows] + list(start),
            "b": [pd.Timestamp(one) for _, _, one, _ in rows] + list(start + length),
        }
    )
    instants = {name: (begins, ends) for name, begins, ends, _ in ZONED}
    for number, column in enumerate(("y", "z")):
        given = [instants[name][number] if name in instants else None for name in frame["ticket"]]
        frame[column] = pd.Series([one and one + "+00" for one in given], dtype=object)
    frame.loc[len(rows) :, "y"] = [f"{one}+00" for one in start]
    frame.loc[len(rows) :, "z"] = [f"{one}+00" for one in start + length]
    return frame.assign(day=pd.Timestamp("2017-02-01"))


def walked(calendar: Calendar, start: datetime, end: datetime) -> float:
    """Hours from day to day, each stretch cut to what lies between the moments."""
    if end < start:
        return -walked(calendar, end, start)
    total, today = timedelta(), start.date()
    while today <= end.date():
        for begins, ends in () if today in calendar.holidays else calendar.week[today.weekday()]:
            midnight = datetime.combine(today, time())
            opens, closes = midnight + timedelta(minutes=begins), midnight + timedelta(minutes=ends)
            total += max(min(closes, end) - max(opens, start), timedelta())
        today += timedelta(days=1)
    return total / timedelta(hours=1)


KINDS = {"a": "timestamp", "b": "timestamp", "y": "timestamp with time zone", "z": "timestamp with time zone", "day": "timestamp"}  # fmt: skip


def test_every_engine_counts_alike(engine):
    frame = cases()
    found = engine(TEXT, tickets=(frame, KINDS)).readings.query("wave == 'before'")
    value = found.set_index(["measure", "unit"])["value"]
    office, shop = Calendar(**OFFICE), Calendar(hours={"sat-mon": "10:00-18:00"})
    for name, *_, hours in BY_HAND:
        assert value["office", name] == pytest.approx(np.nan if hours is None else hours, nan_ok=True), name
    for name, *_, hours in ZONED:
        assert value["zoned", name] == hours, name
    for row in frame.itertuples():
        if pd.notna(row.a) and pd.notna(row.b):
            expected = walked(office, row.a.to_pydatetime(), row.b.to_pydatetime())
            assert value["office", row.ticket] == pytest.approx(expected, rel=1e-14, abs=1e-14)
            # a calendar that never closes counts every hour there is
            assert value["all", row.ticket] == value["hours", row.ticket]
        if row.y is not None and pd.notna(row.y):
            utc = [datetime.fromisoformat(one) for one in (row.y, row.z)]
            for measure, calendar, clock in (
                ("zoned", office, "Europe/Vienna"),
                ("abroad", shop, "America/New_York"),
            ):
                there = [one.astimezone(ZoneInfo(clock)).replace(tzinfo=None) for one in utc]
                assert value[measure, row.ticket] == pytest.approx(
                    walked(calendar, *there), rel=1e-14, abs=1e-14
                )
    assert value["within", "over a night"] == 1
    assert value["within", "a whole week"] == 0


def test_whole_days_are_those_of_numpy(tmp_path, shop):
    holidays = ["2017-12-25", "2017-12-26", "2018-01-01"]
    random = np.random.default_rng(7)
    first = np.datetime64("2017-10-01") + random.integers(0, 150, 300)
    last = first + random.integers(0, 400, 300)
    frame = pd.DataFrame({"day": pd.Timestamp("2017-02-01"), "a": first, "b": last, "ticket": range(300)})
    frame.to_parquet(tmp_path / "tickets.parquet", index=False)
    text = f"""\
metrics: desk
version: 1.0.0
calendars: {{office: {{hours: {{mon-fri: 09:00-17:00}}, holidays: [{", ".join(holidays)}]}}}}
sources: {{tickets: {{table: tickets, time: day, unit: ticket}}}}
measures: {{hours: {{type: simple, source: tickets, value: "sum(working_hours_between(a, b, 'office'))"}}}}
"""
    found = shop.read(tmp_path, text, tickets=tmp_path / "tickets.parquet").readings.query("wave == 'before'")
    expected = np.busday_count(first, last, holidays=np.array(holidays, "datetime64[D]")) * 8.0
    value = found.set_index("unit")["value"]
    assert [value[str(number)] for number in range(300)] == expected.tolist()


def test_a_calendar_of_the_week():
    week = Calendar(**OFFICE).week
    assert dict(zip(DAYS, week, strict=True))["sat"] == ((22 * 60, 24 * 60),)
    assert [len(day) for day in week] == [2, 2, 2, 2, 1, 1, 0]
    assert [bool(day) for day in Calendar(hours={"sat-mon": "8:00-9:00"}).week] == [
        True,
        *[False] * 4,
        True,
        True,
    ]


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"hours": {}}, "at least 1 item"),
        ({"hours": {"monday": "9:00-17:00"}}, "not days such as mon"),
        ({"hours": {"mon-fri": "9:00-17:00", "fri": "9:00-12:00"}}, "stands twice"),
        ({"hours": {"mon": "17:00-9:00"}}, "not a stretch of one day"),
        ({"hours": {"mon": "9:00-25:00"}}, "not a stretch of one day"),
        ({"hours": {"mon": "all day"}}, "not a stretch of one day"),
        ({"hours": {"mon": ["9:00-12:00", "11:00-14:00"]}}, "overlap"),
        ({"hours": {"mon": "9:00-12:00"}, "holidays": ["25.12.2017"]}, "not a day such as"),
        ({"hours": {"mon": "9:00-12:00"}, "timezone": "Vienna"}, "not a time zone"),
    ],
)
def test_what_is_no_calendar(given, what):
    with pytest.raises(ValidationError, match=what):
        Calendar(**given)


def test_problems_of_expressions_point_at_the_calendar(tmp_path):
    def told(value: str, more: str = "") -> list[str]:
        path = tmp_path / "m.metrics.yaml"
        path.write_text(
            "metrics: m\nversion: 1.0.0\ncalendars: {office: {hours: {mon: 9:00-17:00}}}\n"
            f"sources: {{t: {{table: t, time: day}}}}\nmeasures:\n  x: {{type: simple, source: t, {more}value: {value}}}\n"
        )
        return [str(problem) for problem in metrics_problems(read_definition(path, Metrics, "m"))]

    (found,) = told("\"avg(working_hours_between(a, b, 'offices'))\"")
    assert found == 'm:6:72: no calendar "offices" (did you mean "office"?)'
    (found,) = told('"avg(working_hours_between(a, b))"')
    assert "takes two moments and the name of a calendar" in found
    (found,) = told(
        "\"avg(working_hours_between(a, b, 'office'))\"", "per: c, facts: {a: min(a), b: max(b)}, "
    )
    assert "between columns, not between facts" in found
