"""What a book says of late fees, as tables: rolled due dates, and each set of terms that some charge follows.

Few terms serve many charges: each set is worked out once for a book, and a charge holds its place in the table.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple

import numpy as np

from dunning.basis.errors import CalendarError
from dunning.basis.money import Rate
from dunning.columns.rows import Bools, Ints
from dunning.model.account import Item
from dunning.model.rulebook import Cap, LateFee, RuleBook

FAR = date.max.toordinal() + 1
"""After all days."""


class Terms(NamedTuple):
    """The terms of one late fee in whole numbers; the rate of a day is `top / bottom`, that of the last step by then.

    `grace` and `first` are days from the due date: to the end of grace, to the first day that accrues. `cap_bottom` 0:
    no cap. Without steps nothing is known of the rate (fee-math, step 6).
    """

    steps: tuple[tuple[int, int], ...] = ()  # first day, top
    bottom: int = 1
    grace: int = 0
    first: int = 1
    half_up: bool = True
    cap_top: int = 0
    cap_bottom: int = 0
    cap_of_overdue: bool = False


NO_FEE = Terms(steps=((1, 0),))
"""For charges that bear none: a rate of nothing."""


class BookTerms:
    """One book's late fees. Line 0 are the items without; each section is a line of its own."""

    def __init__(self, book: RuleBook) -> None:
        self.lines: tuple[LateFee | None, ...] = (None, *book.late_fees)
        self.turns = [_turns(line) for line in self.lines]
        self._calendar = book.calendar
        self._rolled: dict[int, tuple[int, bool]] = {}
        self._made: dict[tuple[int, int, Rate | None, Rate | None], Terms] = {}

    def line_of(self, item: Item) -> int:
        """The first section that names the item; 0: it bears no late fee."""
        named = (place for place, line in enumerate(self.lines) if line is not None and item in line.items)
        return next(named, 0)

    def rolled(self, day: int) -> tuple[int, bool]:
        """The first working day on or after a day, and whether the calendar guessed; -2 beyond its years."""
        found = self._rolled.get(day)
        if found is None:
            if len(self._rolled) > 100_000:  # a bounded memory
                self._rolled.clear()
            try:
                rolled, guessed = self._calendar.roll_forward(date.fromordinal(day))
                found = rolled.toordinal(), guessed
            except CalendarError:
                found = -2, True
            self._rolled[day] = found
        return found

    def terms(self, line: int, turn: int, rate: Rate | None, cap: Rate | None) -> Terms:
        """The terms of a due date behind so many turns of its line, narrowed by a contract's rate and cap."""
        key = line, turn, rate, cap
        made = self._made.get(key)
        if made is None:
            said = self.lines[line]
            due = date.fromordinal(self.turns[line][turn - 1] if turn else 1)
            made = self._made[key] = NO_FEE if said is None else _terms(said, due, rate, cap)
        return made


@lru_cache(maxsize=64)
def book_terms(book: RuleBook) -> BookTerms:
    """The terms of a book (books are compared by identity and never change)."""
    return BookTerms(book)


def _turns(line: LateFee | None) -> list[int]:
    """The days on which anything of a section changes, ascending."""
    if line is None:
        return []
    dated = (line.rate, line.cap, line.grace, line.rounding)
    return sorted({day.toordinal() for values in dated for day, _ in values.steps})


def _terms(line: LateFee, due: date, rate: Rate | None, cap: Rate | None) -> Terms:
    grace, rounding = line.grace.on(due), line.rounding.on(due)
    steps = line.rate.steps
    if line.dated_by == "due":
        steps = tuple(step for step in steps if step[0] <= due)[-1:]
    if grace is None or rounding is None or due < line.cap.steps[0][0] or not steps:
        return Terms()
    rates = [(since.toordinal(), each if rate is None else min(each, rate)) for since, each in steps]
    if line.dated_by == "due":
        rates = [(1, rates[0][1])]
    bottom = lcm(*(each.denominator for _, each in rates))
    limit = _lower(line.cap.on(due), cap)
    return Terms(
        steps=tuple((since, int(each * bottom)) for since, each in rates),
        bottom=bottom,
        grace=grace,
        first=1 if line.after_grace == "from_due" else grace + 1,
        half_up=rounding == "half_up",
        cap_top=limit.share.numerator if limit else 0,
        cap_bottom=limit.share.denominator if limit else 0,
        cap_of_overdue=limit is not None and limit.of == "overdue",
    )


def _lower(book: Cap | None, contract: Rate | None) -> Cap | None:
    """The lower share, of what the book takes it of; a contract's own cap is a share of the charge."""
    if contract is None:
        return book
    return Cap(contract) if book is None else Cap(min(book.share, contract), book.of)


def outdone(line: LateFee | None, rate: Rate | None, cap: Rate | None) -> bool:
    """Whether a contract may say more than some rate or cap of the book."""
    if line is None:
        return False
    caps = [each.share for _, each in line.cap.steps if each is not None]
    return (rate is not None and any(each < rate for _, each in line.rate.steps)) or (
        cap is not None and any(share < cap for share in caps)
    )


@dataclass(frozen=True, slots=True)
class TermsTable:
    """Sets of terms side by side, a place each. A row of steps is the i-th of each; `since` FAR = it has none."""

    since: Ints  # [steps, sets]
    top: Ints
    bottom: Ints
    grace: Ints
    first: Ints
    half_up: Bools
    cap_top: Ints
    cap_bottom: Ints
    cap_of_overdue: Bools

    @property
    def known_from(self) -> Ints:
        """The first day with a rate."""
        return np.asarray(self.since[0])

    @property
    def simple(self) -> bool:
        """Whether each has one rate, and always had."""
        return len(self.since) == 1 and bool((self.since == 1).all())

    @property
    def dearest(self) -> Ints:
        """The highest rate of each."""
        return np.asarray(self.top.max(axis=0))


BIGGEST = 2**31
"""Terms with greater numbers than this are left to whole numbers of any size."""


def fits(terms: Terms) -> bool:
    """Whether its numbers leave room for amounts and days."""
    tops = [top for _, top in terms.steps]
    return max(*tops, terms.bottom, terms.cap_top, terms.cap_bottom, terms.grace, 0) < BIGGEST if tops else True


def table_of(sets: Sequence[Terms]) -> TermsTable:
    """Sets of terms as a table."""
    depth = max(1, *(len(each.steps) for each in sets)) if sets else 1
    since = np.full((depth, len(sets)), FAR, np.int64)
    top = np.zeros((depth, len(sets)), np.int64)
    for place, each in enumerate(sets):
        for row, (day, number) in enumerate(each.steps):
            since[row, place], top[row, place] = day, number

    def column(name: str) -> Ints:
        return np.array([getattr(each, name) for each in sets], np.int64)

    return TermsTable(
        since, top, column("bottom"), column("grace"), column("first"), column("half_up").astype(np.bool_),
        column("cap_top"), column("cap_bottom"), column("cap_of_overdue").astype(np.bool_),
    )  # fmt: skip


def places_of(days: Ints) -> tuple[Ints, Ints]:
    """The different ones among some days, ascending, and where each stands among them."""
    if not len(days):
        return days, days
    low, high = int(days.min()), int(days.max())
    if high - low > 200_000:
        found, at = np.unique(days, return_inverse=True)
        return found, at.astype(np.int64)
    seen = np.zeros(high - low + 1, np.bool_)
    seen[days - low] = True
    number = np.cumsum(seen) - 1
    return np.flatnonzero(seen) + low, number[days - low]


def turns_before(turns: Sequence[int], days: Ints) -> Ints:
    """How many turns lie on or before each day."""
    return np.array([bisect_right(turns, day) for day in days.tolist()], np.int64)


def shares(words: Sequence[object]) -> list[Fraction | None]:
    """None, for nothing said, and then the fractions a column has."""
    return [None, *(word for word in words if isinstance(word, Fraction))]
