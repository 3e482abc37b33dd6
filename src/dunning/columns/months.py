"""Months of many days at once, as `basis.calendar` counts them; and stretches of months as billing periods.

A month is year * 12 + month - 1; ages are in half months, 2m+e (docs: `month_age`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import NamedTuple

import numpy as np

from dunning.columns.rows import Ints
from dunning.columns.shares import ascending, different, expanded, turns

_EPOCH = 719_163  # the ordinal of 1970-01-01
_YEARS = 1970 * 12
_TOLD = (date(1900, 1, 1).toordinal(), date(2199, 12, 31).toordinal())
"""Days looked up in a table; others are worked out."""


class InMonth(NamedTuple):
    """The month of each day, which day of it each is, and how many it has."""

    month: Ints
    day: Ints
    length: Ints


def in_month(days: Ints) -> InMonth:
    """Where in their months some days (ordinals) lie."""
    first, last = _TOLD
    if len(days) and days.min() >= first and days.max() <= last:
        places = days - first
        return InMonth(*[column[places] for column in _table()])
    return _worked_out(days)


@cache
def _table() -> InMonth:
    return _worked_out(np.arange(_TOLD[0], _TOLD[1] + 1))


def _worked_out(days: Ints) -> InMonth:
    dates = (days - _EPOCH).astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    first = months.astype("datetime64[D]")
    after = (months + 1).astype("datetime64[D]")
    return InMonth(
        months.astype(np.int64) + _YEARS, (dates - first).astype(np.int64) + 1, (after - first).astype(np.int64)
    )


def age(since: Ints, on: Ints | int) -> Ints:
    """The age on a day of what began on another, in half months; negative before it."""
    began, now = in_month(since), in_month(np.atleast_1d(np.asarray(on, np.int64)))
    return 2 * (now.month - began.month) + np.sign(now.day - np.minimum(began.day, now.length))


def whole_months(first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """The month in which each period begins, and its whole months: 30 June to 30 September is three; at least one."""
    after = np.minimum(last + 1, np.int64(date.max.toordinal()))  # to the end of all days
    return in_month(first).month, np.maximum(1, age(first, after) // 2)


@dataclass(frozen=True, slots=True)
class Stretches:
    """Stretches of months, from `since` to before `until`, each of one household."""

    of: Ints
    since: Ints
    until: Ints

    def each(self, step: int) -> tuple[Ints, Ints]:
        """The different pieces of so many months, of the calendar, that they touch: whose, and which."""
        first = self.since // step
        places, of = expanded(first, (self.until - 1) // step - first + 1)
        found = different(self.of[of] << 32 | places)
        return found >> 32, found & ((1 << 32) - 1)


def cycles(of: Ints, first: Ints, length: Ints, cycle: Ints) -> Stretches:
    """What the cycle of each contract makes of periods: a stretch a cycle (months), or the period itself (0: none)."""
    step = np.where(cycle > 0, cycle, length)
    start = np.where(cycle > 0, first // np.maximum(cycle, 1) * cycle, first)
    if (length <= step).all():
        return Stretches(of, start, start + step)
    counts = -(-length // step)
    number, which = expanded(np.zeros(len(of), np.int64), counts)
    since = start[which] + number * step[which]
    return Stretches(of[which], since, since + step[which])


def counted(stretches: Stretches, households: int) -> tuple[Ints, Ints]:
    """How many periods they are, and how many in the longest row without a gap; what overlaps is one."""
    owed, longest = np.zeros(households, np.int64), np.zeros(households, np.int64)
    if not len(stretches.of):
        return owed, longest
    key = ascending((stretches.of << _MONTHS | stretches.since) << _MONTHS | stretches.until)
    of, since, until = key >> 2 * _MONTHS, key >> _MONTHS & _MONTH, key & _MONTH
    far = of << 32
    end = np.maximum.accumulate(until + far) - far
    before = np.concatenate(([0], end[:-1]))
    new_household = turns(of)
    apart = new_household | (since >= before)
    of, since, before, new_household = of[apart], since[apart], before[apart], new_household[apart]
    owed += np.bincount(of, minlength=households)
    row = np.cumsum(new_household | (since != before)) - 1
    lengths = np.bincount(row)
    np.maximum.at(longest, of, lengths[row])
    return owed, longest


_MONTHS = 17  # bits that hold any month
_MONTH = (1 << _MONTHS) - 1
