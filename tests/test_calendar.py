"""The calendar: dates, months and periods to the day, working days, and the years in rules/calendars/cn.yaml."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import chinese_calendar
import pytest
import yaml

from dunning.basis.calendar import (
    Calendar,
    Cycle,
    Rolled,
    Year,
    add_months,
    days_between,
    length_of_month,
    month_age,
    months_in,
    next_period,
    parse_date,
    period_of,
)
from dunning.basis.errors import CalendarError
from dunning.basis.finding import Text

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "rules" / "calendars" / "cn.yaml"


def day(text: str) -> date:
    return date.fromisoformat(text)


def days(*texts: str) -> frozenset[date]:
    return frozenset(map(day, texts))


# Dates


@pytest.mark.parametrize("text", ["2026-01-15", "2024-02-29", "0001-01-01", "9999-12-31"])
def test_an_iso_date_is_read(text: str) -> None:
    assert parse_date(text).isoformat() == text


ISO_ONLY = Text("日期要写成 2026-01-15 的样子", "dates are written like 2026-01-15")


@pytest.mark.parametrize(
    ("text", "zh", "en", "fix"),
    [
        ("2026-02-30", "2026年2月只有28天", "month 2 of 2026 has 28 days", ""),
        ("2024-02-30", "2024年2月只有29天", "month 2 of 2024 has 29 days", ""),
        ("2026-04-31", "2026年4月只有30天", "month 4 of 2026 has 30 days", ""),
        ("2026-01-00", "2026年1月只有31天", "month 1 of 2026 has 31 days", ""),
        ("2026-12-32", "2026年12月只有31天", "month 12 of 2026 has 31 days", ""),
        ("2026-13-01", "没有13月", "there is no month 13", ""),
        ("2026-00-10", "没有0月", "there is no month 0", ""),
        ("0000-01-01", "没有公元0年", "there is no year 0", ""),
        ("2026/1/5", *ISO_ONLY, "2026-01-05"),
        ("2026-1-5", *ISO_ONLY, "2026-01-05"),
        ("2026.12.31", *ISO_ONLY, "2026-12-31"),
        ("2026年1月5日", *ISO_ONLY, "2026-01-05"),
        ("20260105", *ISO_ONLY, "2026-01-05"),
        (" 2026-01-05", *ISO_ONLY, "2026-01-05"),
        ("2026-01-05T08:30:00+08:00", *ISO_ONLY, "2026-01-05"),
        ("2026-01-05 00:00", *ISO_ONLY, "2026-01-05"),
        ("2026/2/30", *ISO_ONLY, ""),
        ("5/1/2026", *ISO_ONLY, ""),
        ("２026-01-05", *ISO_ONLY, ""),
        ("2026-W01-1", *ISO_ONLY, ""),
        ("2026-01", *ISO_ONLY, ""),
        ("", *ISO_ONLY, ""),
        ("2026-0a-01", *ISO_ONLY, ""),
    ],
)
def test_another_text_is_refused_with_what_is_wrong_and_what_was_meant(text: str, zh: str, en: str, fix: str) -> None:
    with pytest.raises(CalendarError) as refused:
        parse_date(text, name="due")
    assert refused.value.why == Text(zh, en)
    assert refused.value.fix == fix
    assert refused.value.text == text
    assert str(refused.value) == f"`due={text}` is not a date: {en}" + (f"; write {fix}" if fix else "")


@pytest.mark.parametrize("value", [None, 20261231, 3.5, ["2026-01-01"]])
def test_what_is_no_text_is_no_date(value: Any) -> None:
    with pytest.raises(CalendarError, match="is not a date"):
        parse_date(value)


def test_a_calendar_error_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="`x` is not a date"):
        parse_date("x")


# Months


@pytest.mark.parametrize(
    ("year", "lengths"),
    [
        (2026, [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
        (2024, [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]),
    ],
)
def test_the_length_of_every_month(year: int, lengths: list[int]) -> None:
    assert [length_of_month(year, month) for month in range(1, 13)] == lengths


@pytest.mark.parametrize(("year", "length"), [(1900, 28), (2000, 29), (2100, 28), (2400, 29), (2023, 28)])
def test_february_of_a_century(year: int, length: int) -> None:
    assert length_of_month(year, 2) == length


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2024-01-31", 1, "2024-02-29"),
        ("2026-01-29", 1, "2026-02-28"),
        ("2026-01-28", 1, "2026-02-28"),
        ("2026-01-31", 2, "2026-03-31"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2026-01-30", 3, "2026-04-30"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-02-29", 48, "2028-02-29"),
        ("2026-11-30", 1, "2026-12-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-01-15", 0, "2026-01-15"),
        ("2026-01-15", -13, "2024-12-15"),
        ("0001-01-31", 1, "0001-02-28"),
        ("9999-11-30", 1, "9999-12-30"),
    ],
)
def test_adding_months_keeps_the_day_or_takes_the_last_of_the_month(start: str, months: int, end: str) -> None:
    assert add_months(day(start), months) == day(end)


@pytest.mark.parametrize(("start", "months"), [("9999-12-01", 1), ("0001-01-01", -1)])
def test_adding_months_beyond_the_calendar_is_refused(start: str, months: int) -> None:
    with pytest.raises(CalendarError) as refused:
        add_months(day(start), months)
    assert str(refused.value) == f"{start} and {months} months is no date of the years 1 to 9999"


@pytest.mark.parametrize(
    ("since", "on", "age"),
    [
        ("2026-01-15", "2026-01-15", 0),
        ("2026-01-15", "2026-01-16", 1),
        ("2026-01-15", "2026-02-14", 1),
        ("2026-01-15", "2026-02-15", 2),
        ("2026-01-15", "2026-02-16", 3),
        ("2026-01-15", "2027-01-15", 24),
        ("2026-01-31", "2026-02-27", 1),
        ("2026-01-31", "2026-02-28", 2),
        ("2026-01-31", "2026-03-01", 3),
        ("2026-01-31", "2026-03-30", 3),
        ("2026-01-31", "2026-03-31", 4),
        ("2024-01-31", "2024-02-28", 1),
        ("2024-01-31", "2024-02-29", 2),
        ("2026-01-28", "2026-02-28", 2),
        ("2026-01-29", "2026-02-28", 2),
        ("2024-02-29", "2025-02-28", 24),
        ("2024-02-29", "2025-03-01", 25),
        ("2026-12-31", "2027-01-01", 1),
        ("2026-01-15", "2026-01-14", -1),
        ("2026-01-15", "2025-12-16", -1),
        ("2026-01-15", "2025-12-15", -2),
        ("2026-01-15", "2025-12-14", -3),
        ("2026-03-31", "2026-03-30", -1),
        ("2026-03-31", "2026-02-28", -2),
    ],
)
def test_the_age_in_months_is_twice_the_full_ones_and_one_for_a_day_more(since: str, on: str, age: int) -> None:
    assert month_age(day(since), day(on)) == age


@pytest.mark.parametrize(
    ("since", "on", "count"),
    [("2026-01-15", "2026-01-15", 0), ("2026-01-15", "2026-03-01", 45), ("2026-03-01", "2026-01-15", -45)],
)
def test_days_between_leaves_out_the_first_day(since: str, on: str, count: int) -> None:
    assert days_between(day(since), day(on)) == count


# Periods


@pytest.mark.parametrize(
    ("cycle", "on", "period", "following"),
    [
        ("month", "2026-02-10", ("2026-02-01", "2026-02-28"), ("2026-03-01", "2026-03-31")),
        ("month", "2024-01-31", ("2024-01-01", "2024-01-31"), ("2024-02-01", "2024-02-29")),
        ("month", "2026-12-01", ("2026-12-01", "2026-12-31"), ("2027-01-01", "2027-01-31")),
        ("quarter", "2026-01-01", ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30")),
        ("quarter", "2026-03-31", ("2026-01-01", "2026-03-31"), ("2026-04-01", "2026-06-30")),
        ("quarter", "2026-05-15", ("2026-04-01", "2026-06-30"), ("2026-07-01", "2026-09-30")),
        ("quarter", "2026-11-22", ("2026-10-01", "2026-12-31"), ("2027-01-01", "2027-03-31")),
        ("half_year", "2026-06-30", ("2026-01-01", "2026-06-30"), ("2026-07-01", "2026-12-31")),
        ("half_year", "2026-07-01", ("2026-07-01", "2026-12-31"), ("2027-01-01", "2027-06-30")),
        ("year", "2026-07-01", ("2026-01-01", "2026-12-31"), ("2027-01-01", "2027-12-31")),
    ],
)
def test_the_period_a_day_lies_in_and_the_next(
    cycle: Cycle, on: str, period: tuple[str, str], following: tuple[str, str]
) -> None:
    assert period_of(cycle, day(on)) == tuple(map(day, period))
    assert next_period(cycle, day(on)) == tuple(map(day, following))


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        ("2026-01-01", "2026-01-01", 1),
        ("2026-01-01", "2026-01-31", 1),
        ("2026-01-01", "2026-02-01", 2),
        ("2026-01-01", "2026-03-31", 3),
        ("2026-01-01", "2026-12-31", 12),
        ("2026-01-15", "2026-04-14", 3),
        ("2026-01-15", "2026-04-15", 4),
        ("2026-01-31", "2026-02-27", 1),
    ],
)
def test_a_month_begun_counts_as_a_month_of_the_period(first: str, last: str, months: int) -> None:
    assert months_in(day(first), day(last)) == months


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(CalendarError) as refused:
        months_in(day("2026-01-02"), day("2026-01-01"))
    assert str(refused.value) == "the period ends on 2026-01-01, before it begins on 2026-01-02"


# Working days, on the last days of 2025 and the first of 2026: the first three rest, Sunday the 4th is worked

TWO_YEARS = Calendar(
    {
        2025: Year(festivals=days("2025-01-01")),
        2026: Year(
            rest=days("2026-01-01", "2026-01-02", "2026-01-03", "2026-12-31"),
            work=days("2026-01-04"),
            festivals=days("2026-01-01", "2026-10-04"),
            notice="国办发明电〔2025〕7号",
        ),
    }
)


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        ("2025-12-31", "workday"),
        ("2026-01-01", "festival"),
        ("2026-01-02", "rest_day"),
        ("2026-01-03", "rest_day"),
        ("2026-01-04", "workday"),
        ("2026-01-05", "workday"),
        ("2026-01-09", "workday"),
        ("2026-01-10", "rest_day"),
        ("2026-01-11", "rest_day"),
        ("2026-10-04", "festival"),  # a festival on a Sunday is a festival, though not listed as rest
        ("2026-10-01", "workday"),  # a year with data is not assumed anything
        ("2027-01-01", "festival"),
        ("2027-01-02", "rest_day"),
        ("2027-01-04", "workday"),
        ("2027-01-08", "workday"),
        ("2027-01-10", "rest_day"),
        ("2027-05-01", "festival"),
        ("2027-05-02", "festival"),
        ("2027-05-03", "workday"),
        ("2027-10-01", "festival"),
        ("2027-10-02", "festival"),
        ("2027-10-03", "festival"),
        ("2027-10-04", "workday"),
    ],
)
def test_the_kind_of_a_day(on: str, kind: str) -> None:
    assert TWO_YEARS.kind(day(on)) == kind


def test_only_the_years_given_are_known() -> None:
    known = [text for text in ("2024-12-31", "2025-01-01", "2026-12-31", "2027-01-01") if TWO_YEARS.known(day(text))]
    assert known == ["2025-01-01", "2026-12-31"]


@pytest.mark.parametrize(
    ("on", "rolled", "provisional"),
    [
        ("2025-12-31", "2025-12-31", False),
        ("2026-01-01", "2026-01-04", False),
        ("2026-01-04", "2026-01-04", False),
        ("2026-01-10", "2026-01-12", False),
        ("2026-12-30", "2026-12-30", False),
        ("2026-12-31", "2027-01-04", True),  # the notice for 2027 may move it
        ("2027-01-04", "2027-01-04", True),
        ("2024-12-31", "2024-12-31", True),
        ("2027-10-01", "2027-10-04", True),
    ],
)
def test_a_rest_day_rolls_forward_to_the_next_working_day(on: str, rolled: str, provisional: bool) -> None:
    for _ in range(2):  # found, then remembered
        assert TWO_YEARS.roll_forward(day(on)) == Rolled(day(rolled), provisional)


@pytest.mark.parametrize(
    ("start", "count", "end", "provisional"),
    [
        ("2026-01-05", 1, "2026-01-06", False),
        ("2026-01-05", 4, "2026-01-09", False),
        ("2026-01-05", 5, "2026-01-12", False),
        ("2025-12-31", 1, "2026-01-04", False),
        ("2025-12-30", 2, "2026-01-04", False),
        ("2026-01-10", 1, "2026-01-12", False),
        ("2025-01-01", 260, "2025-12-31", False),  # all the working days of 2025 there are here
        ("2025-01-01", 261, "2026-01-04", False),
        ("2026-12-29", 1, "2026-12-30", False),
        ("2026-12-30", 1, "2027-01-04", True),
        ("2026-12-31", 1, "2027-01-04", True),
        ("2024-12-30", 1, "2024-12-31", True),
        ("2024-12-31", 1, "2025-01-02", False),  # the day itself does not count, nor does its year
        ("2026-01-10", 0, "2026-01-12", False),
        ("2026-01-09", 0, "2026-01-09", False),
        ("2026-12-31", 0, "2027-01-04", True),
        ("2026-01-06", -1, "2026-01-05", False),
        ("2026-01-05", -1, "2026-01-04", False),
        ("2026-01-05", -2, "2025-12-31", False),
        ("2026-01-05", -3, "2025-12-30", False),
        ("2026-01-11", -1, "2026-01-09", False),
        ("2025-01-02", -1, "2024-12-31", True),
        ("2027-01-01", -1, "2026-12-30", False),
        ("2027-01-04", -1, "2026-12-30", True),
        ("2026-01-04", -260, "2025-01-02", False),
        ("2026-01-04", -261, "2024-12-31", True),
    ],
)
def test_adding_working_days_leaves_out_the_day_itself(start: str, count: int, end: str, provisional: bool) -> None:
    assert TWO_YEARS.add_working_days(day(start), count) == Rolled(day(end), provisional)


def test_a_year_missing_in_between_makes_the_answer_provisional() -> None:
    gap = Calendar({2024: Year(), 2026: Year()})
    assert gap.add_working_days(day("2024-12-30"), 300).provisional
    assert gap.add_working_days(day("2026-01-05"), -300).provisional
    assert not gap.add_working_days(day("2024-01-05"), 200).provisional


@pytest.mark.parametrize(
    ("since", "on", "count"),
    [
        ("2026-01-05", "2026-01-05", 0),
        ("2026-01-05", "2026-01-06", 1),
        ("2025-12-31", "2026-01-05", 2),
        ("2026-01-05", "2025-12-31", -2),
        ("2026-01-09", "2026-01-11", 0),
        ("2026-01-09", "2026-01-12", 1),
        ("2024-12-31", "2026-01-04", 261),
        ("9999-12-01", "9999-12-31", 22),
    ],
)
def test_working_days_are_counted_from_the_day_after(since: str, on: str, count: int) -> None:
    assert TWO_YEARS.working_days(day(since), day(on)) == count


@pytest.mark.parametrize(
    ("start", "count", "told"),
    [
        ("9999-12-31", 1, "the day lies outside the years 1 to 9999"),
        ("0001-01-01", -1, "the day lies outside the years 1 to 9999"),
        ("9999-12-30", 2, "year 10000 is not one of 1 to 9999"),
        ("0001-01-02", -2, "year 0 is not one of 1 to 9999"),
    ],
)
def test_working_days_beyond_the_calendar_are_refused(start: str, count: int, told: str) -> None:
    with pytest.raises(CalendarError, match=f"^{told}$"):
        TWO_YEARS.add_working_days(day(start), count)


def test_a_clock_time_has_no_kind_of_day() -> None:
    with pytest.raises(CalendarError) as refused:
        TWO_YEARS.kind(datetime(2026, 1, 4, 8, 30))  # noqa: DTZ001 - without a zone on purpose
    assert str(refused.value) == "2026-01-04 08:30:00 is a clock time; give its date in Asia/Shanghai"


# Building, comparing, replacing


def test_calendars_are_equal_when_every_day_is() -> None:
    spelled_out = Year(rest=days("2026-01-01", "2026-01-02", "2026-01-03"), festivals=days("2026-01-01"))
    short = Year(rest=days("2026-01-02"), festivals=days("2026-01-01"), notice="x")
    one, other = Calendar({2026: spelled_out}), Calendar({2026: short})
    assert one == other
    assert hash(one) == hash(other)
    assert one.digest == other.digest
    assert re.fullmatch("sha256:[0-9a-f]{64}", one.digest)


@pytest.mark.parametrize(
    "other",
    [
        {},
        {2026: Year()},
        {2025: Year(), 2026: Year(rest=days("2026-01-01"))},
        {2026: Year(festivals=days("2026-01-01"))},
        {2026: Year(rest=days("2026-01-01"), work=days("2026-01-04"))},
        {2026: Year(rest=days("2026-01-02"))},
    ],
)
def test_the_digest_changes_with_any_day(other: dict[int, Year]) -> None:
    one = Calendar({2026: Year(rest=days("2026-01-01"))})
    assert one.digest != Calendar(other).digest
    assert one != Calendar(other)


def test_the_digest_does_not_depend_on_the_order_of_the_years() -> None:
    assert Calendar({2025: Year(), 2026: Year()}).digest == Calendar({2026: Year(), 2025: Year()}).digest


def test_the_digest_is_stable() -> None:
    """It is part of every decision record: a change of it is a change of what was signed."""
    assert Calendar({2026: Year(rest=days("2026-01-02"), work=days("2026-01-04"))}).digest == (
        "sha256:1db757955fba8f72b4fdf97ba4c0803cd9a4ea2416bed0ac6fdd334b6b6a33aa"
    )


def test_a_newer_file_replaces_and_adds_whole_years() -> None:
    newer = Calendar({2026: Year(rest=days("2026-01-05")), 2027: Year(rest=days("2027-01-04"))})
    both = TWO_YEARS.updated(newer)
    assert sorted(both.years) == [2025, 2026, 2027]
    assert both.kind(day("2026-01-05")) == "rest_day"
    assert both.kind(day("2026-01-04")) == "rest_day"  # not worked any more: the newer year holds whole
    assert both.roll_forward(day("2026-12-31")) == Rolled(day("2026-12-31"), provisional=False)
    assert both.roll_forward(day("2027-01-02")) == Rolled(day("2027-01-05"), provisional=False)
    assert TWO_YEARS.kind(day("2026-01-04")) == "workday"


def test_the_years_given_may_change_without_changing_the_calendar() -> None:
    given = {2026: Year()}
    calendar = Calendar(given)
    given[2027] = Year()
    assert not calendar.known(day("2027-01-01"))


def test_a_calendar_travels_to_another_process() -> None:
    TWO_YEARS.roll_forward(day("2026-01-01"))
    again = pickle.loads(pickle.dumps(TWO_YEARS))
    assert again == TWO_YEARS
    assert again.years == TWO_YEARS.years
    assert again.roll_forward(day("2026-01-01")) == Rolled(day("2026-01-04"), provisional=False)


@pytest.mark.parametrize(
    "year",
    [Year(rest=days("2027-01-01")), Year(work=days("2025-12-31")), Year(festivals=days("2027-01-01"))],
)
def test_a_day_of_another_year_is_refused(year: Year) -> None:
    with pytest.raises(CalendarError, match=r"^20\d\d-\d\d-\d\d is listed under 2026$"):
        Calendar({2026: year})


@pytest.mark.parametrize("other", ["rest", "festivals"])
def test_a_day_both_worked_and_off_is_refused(other: str) -> None:
    year = Year(work=days("2026-01-04"), **{other: days("2026-01-04")})  # type: ignore[arg-type]
    with pytest.raises(CalendarError, match=r"^2026-01-04 is listed both as a day off and as a working day$"):
        Calendar({2026: year})


def test_the_first_and_the_last_year_may_be_given() -> None:
    both = Calendar({1: Year(), 9999: Year()})
    assert both.kind(day("0001-01-01")) == "workday"
    assert both.roll_forward(day("9999-12-31")) == Rolled(day("9999-12-31"), provisional=False)


@pytest.mark.parametrize("number", [0, 10000])
def test_a_year_that_cannot_be_is_refused(number: int) -> None:
    with pytest.raises(CalendarError, match=f"^year {number} is not one of 1 to 9999$"):
        Calendar({number: Year()})


# The years of rules/calendars/cn.yaml


@cache
def shipped() -> dict[int, Any]:
    found: dict[int, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))["years"]
    return found


def spanned(year: int, spans: list[str]) -> frozenset[date]:
    found = set()
    for span in spans:
        first, _, last = span.partition("..")
        on, end = day(f"{year}-{first}"), day(f"{year}-{last or first}")
        assert on <= end, span
        while on <= end:
            found.add(on)
            on += timedelta(1)
    return frozenset(found)


@cache
def cn() -> Calendar:
    return Calendar(
        {
            year: Year(
                rest=spanned(year, entry["rest"]),
                work=spanned(year, entry["work"]),
                festivals=spanned(year, list(entry["festivals"].values())),
                notice=entry["notice"] or "",
            )
            for year, entry in shipped().items()
        }
    )


def test_the_file_has_every_year_from_2004_to_2026_in_order_and_whole() -> None:
    assert list(shipped()) == list(range(2004, 2027))
    for entry in shipped().values():
        assert list(entry) == ["notice", "festivals", "rest", "work"]


def test_every_day_agrees_with_chinesecalendar_but_the_one_it_misses() -> None:
    first, last = date(2004, 1, 1).toordinal(), date(2026, 12, 31).toordinal()
    differ = [
        on
        for on in map(date.fromordinal, range(first, last + 1))
        if (cn().kind(on) == "workday") != chinese_calendar.is_workday(on)
    ]
    # 国办发明电〔2005〕35号, 元旦: "12月31日(星期六)上班".
    assert differ == [date(2005, 12, 31)]


def test_the_script_finds_the_file_as_it_would_write_it() -> None:
    script = ROOT / "scripts" / "calendar_from_chinesecalendar.py"
    done = subprocess.run([sys.executable, script], capture_output=True, text=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_make_up_days_are_weekends_and_festivals_are_days_off() -> None:
    for year in cn().years.values():
        assert all(on.weekday() >= 5 for on in year.work)
        assert year.festivals <= year.rest


@pytest.mark.parametrize(
    ("years", "count"),
    [
        (range(2004, 2008), 10),  # 1999: New Year 1, Spring Festival 3, May 3, October 3
        (range(2008, 2025), 11),  # 2007: May 1; Qingming, Dragon Boat and Mid-Autumn 1 each
        (range(2025, 2027), 13),  # 2024: New Year's Eve and 2 May
    ],
)
def test_the_statutory_festivals_are_as_many_as_the_law_says(years: range, count: int) -> None:
    for year in years:
        extra = {2009: -1, 2020: -1, 2015: 1}.get(year, 0)  # Mid-Autumn in National Day; 3 September 2015
        assert len(cn().years[year].festivals) == count + extra, year


def test_notices_are_numbers_of_the_year_before_or_later() -> None:
    for year, entry in shipped().items():
        for notice in (entry["notice"] or "").split("、") if entry["notice"] else []:
            found = re.fullmatch(r"国(?:办)?发明电〔(\d{4})〕\d+号", notice)
            assert found, notice
            assert int(found[1]) in (year - 1, year)


@pytest.mark.parametrize(
    ("on", "kind"),
    [
        ("2026-02-14", "workday"),  # a Saturday before the Spring Festival
        ("2026-02-15", "rest_day"),
        ("2026-02-16", "festival"),  # New Year's Eve, since 2025
        ("2026-02-19", "festival"),
        ("2026-02-20", "rest_day"),
        ("2026-02-24", "workday"),
        ("2026-02-28", "workday"),
        ("2026-05-02", "festival"),
        ("2026-05-03", "rest_day"),
        ("2024-05-02", "rest_day"),  # not yet a festival day
        ("2024-02-09", "workday"),  # New Year's Eve 2024 was worked
        ("2020-01-31", "rest_day"),  # 国办发明电〔2020〕1号
        ("2020-02-01", "rest_day"),
        ("2019-05-03", "rest_day"),  # 国办发明电〔2019〕3号
        ("2015-09-03", "festival"),
        ("2015-09-06", "workday"),
    ],
)
def test_days_people_remember(on: str, kind: str) -> None:
    assert cn().kind(day(on)) == kind


def test_the_first_working_days_of_the_spring_festival_2026() -> None:
    assert cn().roll_forward(day("2026-02-15")) == Rolled(day("2026-02-24"), provisional=False)
    assert cn().add_working_days(day("2026-02-13"), 3) == Rolled(day("2026-02-25"), provisional=False)
    assert cn().roll_forward(day("2027-01-01")) == Rolled(day("2027-01-04"), provisional=True)
