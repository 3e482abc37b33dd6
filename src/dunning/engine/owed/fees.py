"""The late fee (违约金) of one charge from its balance and its terms: exact, in whole numbers, with no loop over days.

Everything else in the product may be argued about; this may not be wrong by one fen. `docs/design/fee-math.md` defines
each figure, and the numbers in comments are its steps. Days are ordinals (`date.toordinal`), amounts fen.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from math import lcm
from typing import NamedTuple

from dunning.basis.money import Fen, Rate
from dunning.model.account import Contract
from dunning.model.rulebook import Cap, LateFee

Runs = tuple[tuple[int, Fen], ...]
"""The balance B(d) of a charge: first day and balance of each stretch, ascending; the last one goes on for ever."""

Rests = tuple[tuple[int, int], ...]
"""Stretches of days that do not count, first and last day of each; ascending and apart."""


@dataclass(frozen=True, slots=True)
class Schedule:
    """The terms of a late fee for one due date and one contract, in whole numbers.

    The rate of a day is `top / bottom`, `top` that of the last step beginning on or before it. `cap_bottom` 0 = no cap.
    """

    steps: tuple[tuple[int, int], ...]  # first day, top
    bottom: int
    grace: int  # days
    first: int  # days from the due date to the first day that accrues
    half_up: bool
    cap_top: int
    cap_bottom: int
    cap_of_overdue: bool

    def rate_on(self, day: int) -> int | None:
        """The top of that day's rate; None before the first."""
        at = bisect_right(self.steps, day, key=lambda step: step[0])
        return self.steps[at - 1][1] if at else None

    def limit(self, base: Fen) -> Fen | None:
        """floor(C), C = c * base: the most the fee may come to. None = no cap."""
        return base * self.cap_top // self.cap_bottom if self.cap_bottom else None

    def rounded(self, total: int) -> Fen:
        """round(F): a whole sum over `bottom` as fen, rounded this once (step 7)."""
        return (2 * total + self.bottom) // (2 * self.bottom) if self.half_up else total // self.bottom


class Clause:
    """One section of a book's late fees, made into schedules as due dates and contracts ask for them."""

    __slots__ = ("_made", "_turns", "terms")

    def __init__(self, terms: LateFee) -> None:
        self.terms = terms
        dated = (terms.rate, terms.cap, terms.grace, terms.rounding)
        self._turns = sorted({day.toordinal() for values in dated for day, _ in values.steps})
        self._made: dict[tuple[int, int, int, int, int], Schedule | None] = {}

    def on(self, due: int, contract: Contract | None) -> Schedule | None:
        """The schedule of a charge with that written due date; None where the terms begin only later (step 6)."""
        rate = contract.late_fee_rate if contract is not None else None
        cap = contract.late_fee_cap if contract is not None else None
        key = (
            bisect_right(self._turns, due),
            *((rate.numerator, rate.denominator) if rate is not None else (0, 0)),
            *((cap.numerator, cap.denominator) if cap is not None else (0, 0)),
        )
        try:
            return self._made[key]
        except KeyError:
            made = self._made[key] = _schedule(self.terms, date.fromordinal(due), rate, cap)
            return made


def _schedule(terms: LateFee, due: date, rate: Rate | None, cap: Rate | None) -> Schedule | None:
    """Rates and cap are the lower of what book and contract say (min(book, contract)); None: the contract is silent."""
    grace, rounding = terms.grace.on(due), terms.rounding.on(due)
    if grace is None or rounding is None or due < terms.cap.steps[0][0]:
        return None
    steps = terms.rate.steps
    if terms.dated_by == "due":
        in_force = terms.rate.on(due)
        if in_force is None:
            return None
        steps = ((date.min, in_force),)
    rates = [(since.toordinal(), each if rate is None else min(each, rate)) for since, each in steps]
    bottom = lcm(*(each.denominator for _, each in rates))
    tops: list[tuple[int, int]] = []
    for since, each in rates:
        top = each.numerator * (bottom // each.denominator)
        if not tops or tops[-1][1] != top:
            tops.append((since, top))
    limit = _lower(terms.cap.on(due), cap)
    return Schedule(
        steps=tuple(tops),
        bottom=bottom,
        grace=grace,
        first=1 if terms.after_grace == "from_due" else grace + 1,
        half_up=rounding == "half_up",
        cap_top=limit.share.numerator if limit is not None else 0,
        cap_bottom=limit.share.denominator if limit is not None else 0,
        cap_of_overdue=limit is not None and limit.of == "overdue",
    )


def _lower(book: Cap | None, contract: Rate | None) -> Cap | None:
    """The lower share, of what the book takes it of; a contract's own cap is a share of the charge."""
    if contract is None:
        return book
    return Cap(contract) if book is None else Cap(min(book.share, contract), book.of)


def stretches(
    runs: Runs, steps: tuple[tuple[int, int], ...], rests: Rests, first: int, last: int
) -> Iterator[tuple[int, int, Fen, int]]:
    """Steps 2 to 6: the accrual days from `first` to `last`, cut where balance or rate changes or a rest lies between.

    Each as (first day, last day, balance, top of the rate). Days without a balance and days before any rate give none.
    """
    for index, (since, balance) in enumerate(runs):
        end = runs[index + 1][0] - 1 if index + 1 < len(runs) else last
        if not balance:
            continue
        for place, (start, top) in enumerate(steps):
            begin = max(first, since, start)
            close = min(last, end, steps[place + 1][0] - 1) if place + 1 < len(steps) else min(last, end)
            for rest_first, rest_last in rests:
                if rest_last < begin or rest_first > close:
                    continue
                if begin < rest_first:
                    yield begin, rest_first - 1, balance, top
                begin = rest_last + 1
            if begin <= close:
                yield begin, close, balance, top


def exact_sum(runs: Runs, schedule: Schedule, rests: Rests, first: int, last: int) -> int | None:
    """F over the accrual days from `first` to `last`, times `schedule.bottom`; None if one of them has no rate yet."""
    steps = schedule.steps
    known = steps[0][0]
    if rests or len(steps) > 1 or known > first:
        if known > first and owes(runs, rests, first, min(last, known - 1)):
            return None
        return sum((b - a + 1) * balance * top for a, b, balance, top in stretches(runs, steps, rests, first, last))
    fen_days = 0
    end = last + 1
    for since, balance in reversed(runs):
        if since < end:
            begin = since if since > first else first
            if begin >= end:
                break
            fen_days += (end - begin) * balance
            end = begin
    return fen_days * steps[0][1]


def owes(runs: Runs, rests: Rests, first: int, last: int) -> bool:
    """Whether any day from `first` to `last` counts and has a balance, whatever its rate."""
    return any(True for _ in stretches(runs, ((first, 0),), rests, first, last))


def merged(stretches_of_days: list[tuple[int, int]]) -> Rests:
    """The same days, ascending, stretches that touch joined; one that ends before it begins is none."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(stretches_of_days):
        if last < first:
            continue
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], last))
        else:
            joined.append((first, last))
    return tuple(joined)


@lru_cache(maxsize=256)
def _rate(top: int, bottom: int) -> Rate:
    return Fraction(top, bottom)


class Segment(NamedTuple):
    """A stretch of accrual days with one balance and one rate. `since` and `until` are its first and last day."""

    since: date
    until: date
    principal: Fen
    rate: Rate
    days: int

    @property
    def exact(self) -> Fraction:
        """Principal x rate x days in fen, not rounded: the segments of a charge add up to its exact sum."""
        return self.principal * self.days * self.rate


class Accrual(NamedTuple):
    """What a fee was summed over, kept so that its segments can be told when somebody asks."""

    runs: Runs
    schedule: Schedule
    rests: Rests
    first: int
    last: int


class FeeState(NamedTuple):
    """The late fee of one charge on the day asked about, in fen.

    `assessed` None = undetermined (then `outstanding` and `to_book` are None too); `why` says where it comes from:
    "" accrued, "not_due", "grace" (nothing yet, or all settled within it), "no_clause", "clause_unknown",
    "no_rate_before", "item_bears_none", "opening" (carried over, constant).
    `waived` holds waivers given, plans completed and, under `after_principal: waive`, what was left; `contingent` is
    what a kept plan will waive on completion, still part of `outstanding`. `booked` is what the ERP booked, `to_book`
    what it has to add (negative: overbooked): the assessed fee less what the rules waive; waivers that came as records
    are in the ERP already. `capped`: the fee has reached its cap and grows no more.
    """

    assessed: Fen | None = 0
    paid: Fen = 0
    waived: Fen = 0
    contingent: Fen = 0
    outstanding: Fen | None = 0
    booked: Fen = 0
    to_book: Fen | None = 0
    capped: bool = False
    why: str = ""
    accrual: Accrual | None = None

    @property
    def segments(self) -> tuple[Segment, ...]:
        """The stretches the fee is made of, by day; made on each reading, so that nobody pays for what nobody reads."""
        if self.accrual is None:
            return ()
        runs, schedule, rests, first, last = self.accrual
        return tuple(
            Segment(
                date.fromordinal(since),
                date.fromordinal(until),
                balance,
                _rate(top, schedule.bottom),
                until - since + 1,
            )
            for since, until, balance, top in stretches(runs, schedule.steps, rests, first, last)
        )

    @property
    def exact(self) -> Fraction:
        """The exact sum in fen, before rounding and cap (0 where nothing accrues or nothing is known)."""
        return sum((segment.exact for segment in self.segments), Fraction(0))
