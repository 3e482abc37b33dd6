"""Lengths of time, and the days steps are tied to: `due - 15d .. due - 7d`, `day 1..3 of month`, `10:00-12:00`.

Read once by `lang.grammar`, so that the ladder and the reminders never see rule text.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time
from fractions import Fraction
from typing import Literal

Unit = Literal["d", "wd", "mo", "y", "h"]

Event = Literal[
    "due",
    "period_start",
    "period_end",
    "handover",
    "promise",
    "plan",
    "dispute",
    "paid",
    "settled",
    "judgment",
    "performance_end",
    "contact",  # of an outcome
    "done",  # of a step, as the next three
    "delivered",
    "failed",
    "expired",
]
"""What a step may be anchored on; the last five name an outcome or a step in brackets."""

CalendarPeriod = Literal["month", "quarter", "half_year", "year"]


@dataclass(frozen=True, slots=True)
class Duration:
    """A length of time as written: so many days, working days, months, years or hours; negative is before."""

    count: int
    unit: Unit


@dataclass(frozen=True, slots=True)
class Anchor:
    """A day tied to an event: `due - 15d`, `done(due_notice) + 3d`. `of` is the outcome or step in brackets."""

    event: Event
    of: str = ""
    offset: Duration = Duration(0, "d")


@dataclass(frozen=True, slots=True)
class AnchorWindow:
    """From one anchored day to another, both counted; `last` None: from that day on."""

    first: Anchor
    last: Anchor | None = None


@dataclass(frozen=True, slots=True)
class CalendarWindow:
    """The days `first`..`last` (from 1) of every month, quarter, half year or year; -1 is its last (`quarter_end`).

    `quarter_end - 15d .. quarter_end` is -16 to -1.
    """

    period: CalendarPeriod
    first: int
    last: int
    offset: Duration = Duration(0, "d")


Window = AnchorWindow | CalendarWindow


@dataclass(frozen=True, slots=True)
class ClockRange:
    """Hours of a day in Asia/Shanghai, from `since` up to but not including `until`; None = midnight at the end."""

    since: time
    until: time | None


@dataclass(frozen=True, slots=True)
class CountRange:
    """Whole numbers between two ends, both included."""

    least: int
    most: int


@dataclass(frozen=True, slots=True)
class ShareRange:
    """Fractions between two ends, both included, of what `of` names (`late_fee`); empty if nothing was named."""

    least: Fraction
    most: Fraction
    of: str = ""
