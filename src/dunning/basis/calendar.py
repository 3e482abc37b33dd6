"""Days, months, periods, and the Chinese working days.

Ages and due dates are law (民法典第201条至第203条), so month ends, leap days and make-up Saturdays are settled here
once. Which days rest is data (`rules/calendars/cn.yaml`) and is passed in; nothing here knows today's date.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import lru_cache
from hashlib import sha256
from typing import Literal, NamedTuple

from dunning.basis.errors import CalendarError
from dunning.basis.finding import Text

DayKind = Literal["workday", "rest_day", "festival"]
Cycle = Literal["month", "quarter", "half_year", "year"]
CYCLE_MONTHS: Mapping[Cycle, int] = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}

ASSUMED_FESTIVALS = frozenset({(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)})  # month, day: those on fixed days

_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OTHER_DATE = re.compile(r"([0-9]{4})(?:[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?|([0-9]{2})([0-9]{2}))(?:[T ].*)?")


# Dates and months


_ISO_ONLY = Text("日期要写成 2026-01-15 的样子", "dates are written like 2026-01-15")


def parse_date(text: str, *, name: str = "") -> date:
    """The day an ISO date names (`2026-01-15`, nothing else); 2026-02-30, 2026/1/15, a time raise CalendarError.

    Its `why` says what is wrong, `fix` the date that was meant where that is sure; `name` is the field's.
    """
    written = str(text)
    if len(written) == 10 and written[4] == written[7] == "-":
        try:
            return date.fromisoformat(written)
        except ValueError:
            if _ISO.fullmatch(written):
                raise _no_date(written, name, _no_such_day(written)) from None
    raise _no_date(written, name, _ISO_ONLY, _meant(written))


def _no_date(text: str, name: str, why: Text, fix: str = "") -> CalendarError:
    return CalendarError.of(text, "a date", name=name, why=why, fix=fix)


def _no_such_day(text: str) -> Text:
    year, month = int(text[:4]), int(text[5:7])
    if not year:
        return Text("没有公元0年", "there is no year 0")
    if not 1 <= month <= 12:
        return Text(f"没有{month}月", f"there is no month {month}")
    length = length_of_month(year, month)
    return Text(f"{year}年{month}月只有{length}天", f"month {month} of {year} has {length} days")


def _meant(text: str) -> str:
    """The ISO form of a date written in another usual way; empty when in doubt."""
    found = _OTHER_DATE.fullmatch(text.strip())
    if found is None:
        return ""
    year, month, day = found[1], found[2] or found[4], found[3] or found[5]
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""


def length_of_month(year: int, month: int) -> int:
    """28 to 31."""
    if month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0):
        return 29
    return _LENGTHS[month - 1]


def add_months(day: date, months: int) -> date:
    """The same day so many months on (or back), or that month's last day: 31 January + 1 = 28 or 29 February.

    Outside the years 1 to 9999: CalendarError.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if not 1 <= year <= 9999:
        raise CalendarError(f"{day} and {months} months is no date of the years 1 to 9999")
    in_month = day.day
    if in_month > 28:
        in_month = min(in_month, length_of_month(year, month + 1))
    return date(year, month + 1, in_month)


def month_age(since: date, on: date) -> int:
    """Age in half months, 2m+e: m the greatest with since + m months <= on, e 1 if `on` is later than that day.

    So 满n个月 is >= 2n, n个月以内 is <= 2n. Months are added to `since`, never subtracted from `on`. Before `since` it
    is negative; it never falls as `on` moves on.
    """
    months = (on.year - since.year) * 12 + on.month - since.month
    in_month = since.day
    if in_month > 28:
        in_month = min(in_month, length_of_month(on.year, on.month))
    if on.day > in_month:
        return 2 * months + 1
    return 2 * months if on.day == in_month else 2 * months - 1


def days_between(since: date, on: date) -> int:
    """The days from one date to the other; negative when `on` is earlier. The first day does not count (民法典201)."""
    return on.toordinal() - since.toordinal()


# Periods


def period_of(cycle: Cycle, day: date) -> tuple[date, date]:
    """First and last day of the calendar month, quarter, half-year or year that `day` lies in."""
    months = CYCLE_MONTHS[cycle]
    first_month = day.month - (day.month - 1) % months
    last_month = first_month + months - 1
    return date(day.year, first_month, 1), date(day.year, last_month, length_of_month(day.year, last_month))


def next_period(cycle: Cycle, day: date) -> tuple[date, date]:
    """The period after the one `day` lies in."""
    return period_of(cycle, add_months(day, CYCLE_MONTHS[cycle]))


def months_in(first: date, last: date) -> int:
    """The months from the first day to the last, both included; a month begun counts.

    A last day before the first raises CalendarError.
    """
    if last < first:
        raise CalendarError(f"the period ends on {last}, before it begins on {first}")
    return (month_age(first, last) + 2) // 2


# Working days


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """What a year's notice says. `rest`: the days off (weekends may be left out); `work`: make-up working days.

    `festivals`: the statutory festival days proper (全国年节及纪念日放假办法), in `rest` or not; `notice`: its number.
    """

    rest: frozenset[date] = frozenset()
    work: frozenset[date] = frozenset()
    festivals: frozenset[date] = frozenset()
    notice: str = ""


class Rolled(NamedTuple):
    """A day found by working days. `provisional`: it hangs on a year whose notice is not in the calendar."""

    day: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class Calendar:
    """Which days are worked, rested or festival, by year. Two calendars that agree on every day are equal.

    A year that is not given is assumed: weekends, 1 January, 1-2 May and 1-3 October rest, and every answer that needed
    it is provisional. A day of another year, or both rested and worked, raises CalendarError.
    """

    years: Mapping[int, Year] = field(repr=False, compare=False)
    digest: str = field(init=False)  # of the kinds of day, not of notices or layout
    _kinds: dict[date, DayKind] = field(init=False, repr=False, compare=False)
    _rolled: dict[date, Rolled] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        kinds: dict[date, DayKind] = {}
        text = []
        for number, year in sorted(self.years.items()):
            kinds_of_year = _kinds_of(number, year)
            kinds.update(kinds_of_year)
            text.append(f"{number}:" + "".join(kind[0] for kind in kinds_of_year.values()))
        object.__setattr__(self, "years", dict(self.years))
        object.__setattr__(self, "digest", "sha256:" + sha256("\n".join(text).encode()).hexdigest())
        object.__setattr__(self, "_kinds", kinds)
        object.__setattr__(self, "_rolled", {})

    def __reduce__(self) -> tuple[type[Calendar], tuple[dict[int, Year]]]:
        return Calendar, (dict(self.years),)

    def updated(self, newer: Calendar) -> Calendar:
        """This calendar with the years of a newer one; where both know a year, the newer one's whole year holds."""
        return Calendar({**self.years, **newer.years})

    def known(self, day: date) -> bool:
        """Whether the day's year has data."""
        return day.year in self.years

    def kind(self, day: date) -> DayKind:
        """The kind of a day, assumed beyond the years; make-up days are workdays, festivals are not rest days."""
        return self._kinds.get(day) or _assumed(day)

    def roll_forward(self, day: date) -> Rolled:
        """The first working day on or after a day (民法典203: a period's last day that is a rest day moves)."""
        found = self._rolled.get(day)
        if found is None:
            found = self._from(day, 1)
            if day.year in self.years:  # a bounded memory
                self._rolled[day] = found
        return found

    def add_working_days(self, day: date, count: int) -> Rolled:
        """The so-manyth working day after a day (民法典201: the day itself does not count); before it if negative.

        0 is the day itself, rolled forward.
        """
        if count > 0:
            return self._from(_day(day.toordinal() + 1), count)
        if count < 0:
            return self._back_from(_day(day.toordinal() - 1), -count)
        return self.roll_forward(day)

    def working_days(self, since: date, on: date) -> int:
        """The working days d with since < d <= on; negative when `on` is earlier."""
        if on < since:
            return -self.working_days(on, since)
        start, end = since.toordinal(), on.toordinal()
        return sum(
            bisect_right(worked, end) - bisect_right(worked, start)
            for worked in (self._worked(year) for year in range(since.year, on.year + 1))
        )

    def _from(self, first: date, count: int) -> Rolled:
        """The so-manyth working day on or after the first."""
        start, year = first.toordinal(), first.year
        while True:
            worked = self._worked(year)
            index = bisect_left(worked, start) + count - 1
            if index < len(worked):
                return Rolled(_day(worked[index]), self._assumes(first.year, year))
            count = index - len(worked) + 1
            year += 1

    def _back_from(self, last: date, count: int) -> Rolled:
        """The so-manyth working day on or before the last, counted backwards."""
        end, year = last.toordinal(), last.year
        while True:
            worked = self._worked(year)
            index = bisect_right(worked, end) - count
            if index >= 0:
                return Rolled(_day(worked[index]), self._assumes(year, last.year))
            count = -index
            year -= 1

    def _assumes(self, first_year: int, last_year: int) -> bool:
        return any(year not in self.years for year in range(first_year, last_year + 1))

    def _worked(self, year: int) -> tuple[int, ...]:
        """The ordinals of a year's working days."""
        return _ordinals(self, year)


@lru_cache(maxsize=1024)
def _ordinals(calendar: Calendar, year: int) -> tuple[int, ...]:
    return tuple(day.toordinal() for day in _days_of(year) if calendar.kind(day) == "workday")


def _days_of(year: int) -> Iterable[date]:
    if not 1 <= year <= 9999:
        raise CalendarError(f"year {year} is not one of 1 to 9999")
    first, last = date(year, 1, 1).toordinal(), date(year, 12, 31).toordinal()
    return map(date.fromordinal, range(first, last + 1))


def _day(ordinal: int) -> date:
    try:
        return date.fromordinal(ordinal)
    except (ValueError, OverflowError):
        raise CalendarError("the day lies outside the years 1 to 9999") from None


def _assumed(day: date) -> DayKind:
    if isinstance(day, datetime):  # it would never be found among the dates, and its zone decides its date
        raise CalendarError(f"{day} is a clock time; give its date in Asia/Shanghai")
    if (day.month, day.day) in ASSUMED_FESTIVALS:
        return "festival"
    return "workday" if day.weekday() < 5 else "rest_day"


def _kinds_of(number: int, year: Year) -> dict[date, DayKind]:
    """Each day of the year, in order."""
    for day in year.rest | year.work | year.festivals:
        if day.year != number:
            raise CalendarError(f"{day} is listed under {number}")
    for day in year.work & (year.rest | year.festivals):
        raise CalendarError(f"{day} is listed both as a day off and as a working day")
    kinds: dict[date, DayKind] = {}
    for day in _days_of(number):
        if day in year.festivals:
            kinds[day] = "festival"
        elif day in year.work or (day.weekday() < 5 and day not in year.rest):
            kinds[day] = "workday"
        else:
            kinds[day] = "rest_day"
    return kinds
