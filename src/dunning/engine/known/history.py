"""What the past of an account says: how many billing periods are owed, how punctually and when in the month it pays.

Counted from charges and payments alone, so that two systems with the same books see the same debtor.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dunning.basis.calendar import CYCLE_MONTHS, Cycle, add_months, days_between, month_age
from dunning.basis.money import Fen
from dunning.engine.known.clocks import cleared_on
from dunning.engine.owed.ledger import ChargeState, Ledger
from dunning.model.account import Account, Charge, Contract
from dunning.model.condition import Unknown

NO_DUE_DATE = Unknown(("charges.due",))
NO_CYCLE = Unknown(("contracts.cycle",))

Stretch = tuple[int, int]
"""Months from the first to before the second, as year * 12 + month - 1."""


# Billing periods


class Periods(NamedTuple):
    """How many billing periods, and how many in the longest row of them without a gap."""

    owed: int
    in_a_row: int


def periods(states: Sequence[ChargeState]) -> Periods | Unknown:
    """The billing periods some charges lie in.

    A period is a stretch of the contract's cycle in the calendar: so a quarter billed in three lines is one, and a year
    billed at once under a quarterly contract is four. Where no cycle is known a charge's own period is one.
    """
    stretches: set[Stretch] = set()
    for state in states:
        if state.due is None:
            return NO_DUE_DATE
        charge, contract = state.charge, state.contract
        found = _cycles(charge.period, charge.due, None if contract is None else contract.cycle)
        if found is None:
            return Periods(1, 1) if len(states) == 1 else NO_CYCLE  # one bill is one period, however long
        stretches.update(found)
    owed = in_a_row = longest = end = 0
    for since, until in sorted(stretches):
        if since < end:  # overlaps the one before, where the cycle changed
            end = max(end, until)
            continue
        owed += 1
        in_a_row = in_a_row + 1 if since == end else 1
        longest = max(longest, in_a_row)
        end = until
    return Periods(owed, longest)


@lru_cache(maxsize=8192)
def _cycles(period: tuple[date, date] | None, due: date | None, cycle: Cycle | None) -> tuple[Stretch, ...] | None:
    """The stretches of the contract's cycle that a charge is for; None where there is neither cycle nor period."""
    months = CYCLE_MONTHS[cycle] if cycle else 0
    if period is None:
        if not months or due is None:
            return None
        first = _month(due) // months * months
        return ((first, first + months),)
    first, length = _first_and_length(period)
    if not months:
        return ((first, first + length),)
    first = first // months * months
    return tuple((since, since + months) for since in range(first, first + length, months))


def quarters(states: Iterable[ChargeState]) -> int | Unknown:
    """The calendar quarters that the periods of some charges touch."""
    touched: set[int] = set()
    for state in states:
        if state.due is None:
            return NO_DUE_DATE
        stretch = _months_of(state)
        if stretch is None:
            return NO_CYCLE
        touched.update(range(stretch[0] // 3, (stretch[1] - 1) // 3 + 1))
    return len(touched)


def months_covered(states: Iterable[ChargeState]) -> int | Unknown:
    """The months that some charges cover together, each once."""
    covered: set[int] = set()
    for state in states:
        stretch = _months_of(state)
        if stretch is None:
            return NO_CYCLE
        covered.update(range(*stretch))
    return len(covered)


def _months_of(state: ChargeState) -> Stretch | None:
    """The months of a charge's period, else of its contract's cycle at the due date; None where there is neither."""
    charge, contract = state.charge, state.contract
    if charge.period is not None:
        first, months = _first_and_length(charge.period)
        return first, first + months
    stretches = _cycles(None, charge.due, None if contract is None else contract.cycle)
    return None if stretches is None else stretches[0]


def _month(day: date) -> int:
    return day.year * 12 + day.month - 1


def _first_and_length(period: tuple[date, date]) -> tuple[int, int]:
    """The month a period begins in, and its whole months: 30 June to 30 September is three; at least one."""
    first, last = period
    day_after = date.fromordinal(min(last.toordinal() + 1, date.max.toordinal()))
    return _month(first), max(1, month_age(first, day_after) // 2)


# Punctuality


def due_dates(ledger: Ledger, chase_from: Fen) -> dict[date, int]:
    """The due dates of the last 12 months, today's left out, with the days each was met late (0 = on time).

    Of chased charges; one still unpaid is late up to now, and where several fell due on one day the latest counts.
    """
    on = ledger.on
    since = a_year_before(on)
    found: dict[date, int] = {}
    for state in ledger.charges:
        due = state.due
        if due is None or not since < due < on or not state.chased or state.principal < chase_from:
            continue
        cleared = state.settled_on if chase_from == 1 else cleared_on(state, chase_from)
        late = max(0, days_between(due, cleared or on))
        if late >= found.get(due, 0):
            found[due] = late
    return found


def a_year_before(on: date) -> date:
    """The same day a year ago; 12 months back from `on` reach to the day after it."""
    return add_months(on, -12) if on.year > 1 else date.min


def ever_late_but(ledger: Ledger, chase_from: Fen, day: date) -> bool:
    """Whether any other due date than this was missed, paid since or not."""
    for state in ledger.charges:
        due = state.due
        if due is None or due == day or due >= ledger.on or not state.chased or state.principal < chase_from:
            continue
        cleared = cleared_on(state, chase_from)
        if cleared is None or cleared > due:
            return True
    return False


def has_opening(ledger: Ledger, chase_from: Fen) -> bool:
    """Whether the account carried over a chased balance of unknown age."""
    return any(state.due is None and state.chased and state.principal >= chase_from for state in ledger.charges)


def habit(days: Iterable[date]) -> str | None:
    """In which part of the month payments come, if two thirds of them do; None for fewer than two days of payment."""
    distinct = set(days)
    if len(distinct) < 2:
        return None
    counts = {"month_start": 0, "mid_month": 0, "month_end": 0}
    for day in distinct:
        if day.day <= 3:
            counts["month_start"] += 1
        elif 10 <= day.day <= 15:
            counts["mid_month"] += 1
        elif day.day >= 25:
            counts["month_end"] += 1
    most = max(counts, key=lambda part: counts[part])
    return most if 3 * counts[most] >= 2 * len(distinct) else "irregular"


# Paid ahead


def paid_ahead(ledger: Ledger) -> list[ChargeState]:
    """The chased charges that money has settled and that are not due yet, by due date."""
    return [
        state
        for state in ledger.charges
        if state.due is not None and state.due > ledger.on and state.chased and not state.unpaid and state.paid
    ]


def months_ahead(states: Sequence[ChargeState]) -> int:
    """From the day the first of them was settled to its due date as written, as 2m+e; 0 where there is none."""
    if not states:
        return 0
    charge: Charge = states[0].charge
    settled = states[0].settled_on
    return max(0, month_age(settled, charge.due)) if settled is not None and charge.due is not None else 0


# Contract


def contract_on(account: Account, day: date) -> Contract | None:
    """The contract in force that day, the one that began last where two are; None where there is none."""
    found: Contract | None = None
    for contract in account.contracts:
        since, until = contract.since or date.min, contract.until or date.max
        if since <= day <= until and (found is None or (since, contract.id) >= (found.since or date.min, found.id)):
            found = contract
    return found
