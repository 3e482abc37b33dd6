"""Proofs about the late fee of a book, for every amount and every number of days at once; needs the extra `prove`.

The solver is asked of the very functions that compute the fee (`Schedule.rounded`, `Schedule.limit`), with symbols put
in for numbers: a proof about a copy of a formula would prove nothing about the formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any, NamedTuple

import z3

from dunning.basis.finding import Text
from dunning.check.claims import Claim, Witness
from dunning.check.legality import order
from dunning.engine.owed.fees import Clause, Schedule
from dunning.model.rulebook import LateFee, RuleBook

PATIENCE = 20_000  # milliseconds a claim


class Symbol:
    """A whole number the solver knows: what the fee's own arithmetic does with ints it does with these."""

    __slots__ = ("term",)

    def __init__(self, term: Any) -> None:
        self.term = term

    def __add__(self, other: Any) -> Symbol:
        return Symbol(self.term + _term(other))

    def __mul__(self, other: Any) -> Symbol:
        return Symbol(self.term * _term(other))

    __radd__, __rmul__ = __add__, __mul__

    def __floordiv__(self, other: Any) -> Symbol:
        return Symbol(self.term / _term(other))  # the solver's own division rounds down, for divisors above zero


def _term(value: Any) -> Any:
    return value.term if isinstance(value, Symbol) else value


def prove(book: RuleBook) -> Iterator[Claim]:
    """Every claim about every set of late-fee terms of a book, one at a time: zero at first, capped, never falling,
    nobody the worse for paying early, and the day the cap is reached; then that a demand comes before every court.
    """
    for terms in book.late_fees:
        for due in _turns(terms, book.since or _EARLIEST):
            schedule = Clause(terms).on(due.toordinal(), None)
            if schedule is not None:
                yield from (_asked(claim, schedule, due) for claim in CLAIMS)
    yield Claim(_DEMAND_FIRST, "false" if any(order(book)) else "proved")


_DEMAND_FIRST = Text("每一步起诉之前都有书面催告", "a written demand comes before every step to a court")


def _turns(terms: LateFee, earliest: date) -> list[date]:
    """A due date for each set of terms: the day the rate begins, and every later day on which something changes."""
    begins = terms.rate.steps[0][0]
    days = {day for values in (terms.rate, terms.cap, terms.grace, terms.rounding) for day, _ in values.steps}
    return sorted({max(day, begins, earliest) for day in days})


_EARLIEST = date(2000, 1, 1)
"""A due date for a book and terms without a first day."""


class _Household(NamedTuple):
    """The symbols of one charge: principal and days it is overdue; of a second point in time or payment, the others."""

    principal: Any
    days: Any
    later: Any
    paid: Any

    @classmethod
    def make(cls) -> _Household:
        return cls(z3.Int("principal"), z3.Int("days"), z3.Int("later"), z3.Int("paid"))

    def possible(self) -> list[Any]:
        principal, days, later, paid = self
        return [principal >= 0, days >= 0, later >= days, paid >= 0, paid <= principal]

    def usual(self) -> list[Any]:
        """What a reader can picture: up to 10,000 yuan and ten years."""
        return [self.principal <= 10_000_00, self.later <= 3650]


class _Claim(NamedTuple):
    title: Text
    asks: Callable[[Schedule, _Household], Any]  # the claim as a formula; None: nothing to ask of these terms


def _asked(claim: _Claim, schedule: Schedule, due: date) -> Claim:
    """Look for a household for which the claim is false; if there can be none, it is proved."""
    home = _Household.make()
    formula = claim.asks(schedule, home)
    if formula is None:
        return Claim(claim.title, "proved", due)
    solver = z3.Solver()
    solver.set("timeout", PATIENCE)
    solver.add(*home.possible(), z3.Not(formula))
    found = solver.check()
    if found != z3.sat:
        return Claim(claim.title, "proved" if found == z3.unsat else "open", due)
    solver.push()
    solver.add(*home.usual())
    if solver.check() != z3.sat:
        solver.pop()
        solver.check()
    return Claim(claim.title, "false", due, _witness(solver.model(), home))


def _witness(model: Any, home: _Household) -> Witness:
    principal, days, later, paid = (model.eval(term, model_completion=True).as_long() for term in home)
    return Witness(principal, max(days, later), paid, days)


# The fee


def _fee(schedule: Schedule, *stretches: tuple[Any, Any]) -> Any:
    """The fee of stretches of (balance, days) at the highest rate of the terms; its base is the first balance."""
    top = max(top for _, top in schedule.steps)
    total = Symbol(z3.IntVal(0))
    for balance, days in stretches:
        total = total + Symbol(balance) * Symbol(days) * top
    fee = _term(schedule.rounded(total))  # type: ignore[arg-type]
    limit = schedule.limit(Symbol(stretches[0][0]))  # type: ignore[arg-type]
    return fee if limit is None else z3.If(fee <= _term(limit), fee, _term(limit))


def _nothing_at_first(schedule: Schedule, home: _Household) -> Any:
    return _fee(schedule, (home.principal, z3.IntVal(0))) == 0


def _capped(schedule: Schedule, home: _Household) -> Any:
    """Never more than the share of the charge; without a cap there is a household that owes more than the charge."""
    fee = _fee(schedule, (home.principal, home.later))
    limit = schedule.limit(Symbol(home.principal))  # type: ignore[arg-type]
    return fee <= (home.principal if limit is None else _term(limit))


def _never_falls(schedule: Schedule, home: _Household) -> Any:
    return _fee(schedule, (home.principal, home.days)) <= _fee(schedule, (home.principal, home.later))


def _paying_early_never_costs(schedule: Schedule, home: _Household) -> Any:
    """The fee after a part payment is at most that of somebody who did not pay: B falls, F with it, and it is rounded
    once.
    """
    rest = home.principal - home.paid
    return _fee(schedule, (home.principal, home.days), (rest, home.later - home.days)) <= _fee(
        schedule, (home.principal, home.later)
    )


def _cap_day(schedule: Schedule, home: _Household) -> Any:
    """From the day that rate and cap say the fee is the cap, for every principal."""
    limit = schedule.limit(Symbol(home.principal))  # type: ignore[arg-type]
    if limit is None or schedule.cap_of_overdue:
        return None
    return z3.Implies(home.later >= cap_day(schedule), _fee(schedule, (home.principal, home.later)) == _term(limit))


def cap_day(schedule: Schedule) -> int:
    """The day on which the fee reaches its cap: the least n with rate x n >= cap, 100 for 0.5‰ and 5%."""
    top = max(top for _, top in schedule.steps)
    return -(-schedule.cap_top * schedule.bottom // (schedule.cap_bottom * top))


CLAIMS: Sequence[_Claim] = (
    _Claim(Text("到期那天没有违约金", "nothing is charged on the due date"), _nothing_at_first),
    _Claim(Text("不超过上限, 没有上限的不超过本金", "never above the cap, or without one above the charge"), _capped),
    _Claim(Text("一天比一天不减少", "from day to day it never falls"), _never_falls),
    _Claim(Text("早缴一部分, 不会更贵", "paying a part early never costs more"), _paying_early_never_costs),
    _Claim(Text("到顶那天以后等于上限", "from the day of the cap on it is the cap"), _cap_day),
)
