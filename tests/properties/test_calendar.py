"""The calendar, over all days: month arithmetic against dateutil, working days against walking day by day."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from dunning.basis.calendar import (
    CYCLE_MONTHS,
    Calendar,
    Cycle,
    Year,
    add_months,
    days_between,
    month_age,
    months_in,
    next_period,
    parse_date,
    period_of,
)
from dunning.basis.errors import CalendarError

DAY = timedelta(1)

dates = st.dates(date(1990, 1, 1), date(2050, 12, 31))
month_ends = st.builds(lambda day, back: add_months(day.replace(day=1), 1) - back * DAY, dates, st.integers(1, 4))
tricky = dates | month_ends
cycles = st.sampled_from(list(CYCLE_MONTHS))


@st.composite
def years(draw: st.DrawFn, number: int) -> Year:
    """A year in which any day may be anything, which no notice would dare."""
    first = date(number, 1, 1)
    days = st.frozensets(st.integers(0, 364).map(lambda index: first + index * DAY), max_size=40)
    rest, festivals = draw(days), draw(days)
    return Year(rest=rest, festivals=festivals, work=draw(days) - rest - festivals)


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    numbers = draw(st.sets(st.integers(2024, 2027), max_size=3))
    return Calendar({number: draw(years(number)) for number in sorted(numbers)})


near = st.dates(date(2023, 12, 20), date(2028, 1, 10)) | st.sampled_from(
    [date(year, month, day) for year in range(2024, 2029) for month, day in ((1, 1), (1, 2), (12, 30), (12, 31))]
)


# Months


@given(st.dates())
def test_a_date_is_read_back_from_its_text(day: date) -> None:
    assert parse_date(day.isoformat()) == day


@given(st.text("0123456789-/.年月日T :+", max_size=14) | st.text(max_size=12))
def test_any_text_is_its_iso_date_or_is_refused(text: str) -> None:
    try:
        day = parse_date(text)
    except CalendarError:
        return
    assert day.isoformat() == text


@given(tricky, st.integers(-600, 600))
def test_adding_months_agrees_with_dateutil(day: date, months: int) -> None:
    assert add_months(day, months) == day + relativedelta(months=months)


@given(st.dates(), st.integers(-(10**6), 10**6))
def test_adding_months_gives_a_date_or_a_calendar_error(day: date, months: int) -> None:
    if 1 <= (day.year * 12 + day.month - 1 + months) // 12 <= 9999:
        assert add_months(day, months).day <= day.day
    else:
        with pytest.raises(CalendarError):
            add_months(day, months)


@given(tricky, tricky)
def test_the_age_in_months_is_as_defined(since: date, on: date) -> None:
    age = month_age(since, on)
    full, more = divmod(age, 2)
    assert add_months(since, full) <= on < add_months(since, full + 1)
    assert more == (on > add_months(since, full))


@given(tricky, tricky)
def test_the_age_in_months_never_falls_as_days_pass(since: date, on: date) -> None:
    assert 0 <= month_age(since, on + DAY) - month_age(since, on) <= 2
    assert (month_age(since, on) >= 0) == (on >= since)


@given(tricky, st.integers(0, 120), tricky)
def test_an_age_is_compared_as_the_dates_are(since: date, months: int, on: date) -> None:
    # 满n个月 is T >= D'+n months; n个月以内 is T <= D'+n months (rule-language.md)
    assert (month_age(since, on) >= 2 * months) == (on >= add_months(since, months))
    assert (month_age(since, on) <= 2 * months) == (on <= add_months(since, months))


@given(dates, dates)
def test_days_between_is_the_number_of_steps(since: date, on: date) -> None:
    assert since + days_between(since, on) * DAY == on


# Periods


@given(cycles, dates)
def test_periods_hold_their_days_and_follow_one_another(cycle: Cycle, day: date) -> None:
    first, last = period_of(cycle, day)
    after, _ = next_period(cycle, day)
    assert first <= day <= last
    assert last + DAY == after
    assert first.day == 1
    assert months_in(first, last) == CYCLE_MONTHS[cycle]
    assert period_of(cycle, first) == period_of(cycle, last) == (first, last)


@given(tricky, st.integers(1, 60))
def test_a_period_of_so_many_months_counts_so_many(first: date, months: int) -> None:
    last = add_months(first, months) - DAY
    assert months_in(first, last) == months
    assert months_in(first, last + DAY) == months + 1


# Working days


def walked(calendar: Calendar, day: date, count: int) -> date:
    """Day by day, as a person with the calendar on the wall does it."""
    step = DAY if count > 0 else -DAY
    for _ in range(abs(count)):
        day += step
        while calendar.kind(day) != "workday":
            day += step
    return day


@given(calendars(), near)
def test_rolling_forward_finds_the_first_working_day(calendar: Calendar, day: date) -> None:
    rolled = calendar.roll_forward(day)
    assert rolled.day == walked(calendar, day - DAY, 1)
    assert rolled == calendar.roll_forward(day)
    passed = range(day.toordinal(), rolled.day.toordinal() + 1)
    assert rolled.provisional == any(not calendar.known(date.fromordinal(number)) for number in passed)


@given(calendars(), near, st.integers(-30, 30).filter(bool) | st.sampled_from([-262, 262]))
def test_adding_working_days_agrees_with_walking(calendar: Calendar, day: date, count: int) -> None:
    found = calendar.add_working_days(day, count)
    assert found.day == walked(calendar, day, count)
    step = 1 if count > 0 else -1
    passed = range(day.toordinal() + step, found.day.toordinal() + step, step)
    assert found.provisional == any(not calendar.known(date.fromordinal(number)) for number in passed)


@given(calendars(), near, st.integers(1, 400))
def test_working_days_count_what_adding_them_walked_over(calendar: Calendar, day: date, count: int) -> None:
    later = calendar.add_working_days(day, count).day
    assert calendar.working_days(day, later) == count
    assert calendar.working_days(later, day) == -count


@given(calendars(), calendars(), near)
def test_the_newer_calendar_holds_for_its_years_and_the_older_for_the_rest(
    older: Calendar, newer: Calendar, day: date
) -> None:
    both = older.updated(newer)
    assert both.kind(day) == (newer if newer.known(day) else older).kind(day)
    assert both.known(day) == (older.known(day) or newer.known(day))


@given(calendars(), calendars())
def test_calendars_with_one_digest_agree_on_every_day(one: Calendar, other: Calendar) -> None:
    first, last = date(2024, 1, 1).toordinal(), date(2027, 12, 31).toordinal()
    same = one.years.keys() == other.years.keys() and all(
        one.kind(day) == other.kind(day) for day in map(date.fromordinal, range(first, last + 1))
    )
    assert (one.digest == other.digest) == same
