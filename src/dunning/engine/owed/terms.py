"""What a book says of a charge, ready for use: its due date rolled, its late-fee terms as whole numbers, once a book.

Most charges of a portfolio fall due on the same few days under the same terms, so each is worked out once.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import NamedTuple

from dunning.basis.money import Fen
from dunning.engine.owed.fees import Clause, Schedule
from dunning.engine.owed.plans import plan_rules
from dunning.engine.owed.tab import Tab
from dunning.model.account import Charge, Contract, Item
from dunning.model.rulebook import LateFee, RuleBook

MOST_DAYS = 20_000
"""Due dates remembered for one item: enough for any portfolio, and an end to it."""


class _Due(NamedTuple):
    """A written due date under some terms: D' (step 1), and the terms in force on it, narrowed by no contract."""

    ordinal: int
    rolled: date
    provisional: bool
    schedule: Schedule | None


class _Line:
    """What a book says of one item: the terms of its late fee, or none."""

    def __init__(self, terms: LateFee | None) -> None:
        self.terms = terms
        self.clause = Clause(terms) if terms is not None else None
        self.lapses = terms is not None and terms.after_principal == "waive"
        self.counted = terms is None or terms.payment_day == "counted"
        # An item without terms rolls as 民法典203 has it.
        self.rolls = terms is None or terms.rest_day_due == "roll_forward"
        self.days: dict[date, _Due] = {}


class Desk:
    """One book. `tab` opens a charge; the rest is the book's own, at hand."""

    def __init__(self, book: RuleBook) -> None:
        self.payments = book.payments
        self.chased = frozenset(book.chased)
        self.plans = plan_rules(book)
        self._calendar = book.calendar
        self._others = _Line(None)
        self._lines: dict[Item, _Line] = {}
        for terms in reversed(book.late_fees):  # the first that names an item holds, as in RuleBook.late_fee_for
            line = _Line(terms)
            self._lines.update((item, line) for item in terms.items)

    def tab(self, charge: Charge, principal: Fen, contract: Contract | None) -> Tab | None:
        """A charge before any payment. Whether it bears a late fee, and on what terms, is settled by its due date.

        None where it has none and is no opening balance either: no due date is ever invented.
        """
        line = self._lines.get(charge.item, self._others)
        opening = charge.opening
        schedule: Schedule | None = None
        if charge.due is None:
            if opening is None:
                return None
            tab = Tab(charge, opening.on.toordinal(), None, principal)
        else:
            due = line.days.get(charge.due) or self._due(line, charge.due)
            tab = Tab(charge, due.ordinal, due.rolled, principal)
            if due.provisional:
                tab.provisional = True
            tab.contract = contract
            schedule = due.schedule
        tab.terms = line.terms
        if line.lapses:
            tab.lapses = True
        if not line.counted:
            tab.counted = False
        if opening is not None:
            tab.why = "opening"
            tab.fixed = opening.late_fee
            tab.known = opening.on.toordinal()
        elif line.clause is None or charge.due is None:
            tab.why = "item_bears_none"
        elif contract is not None and contract.late_fee_clause is False:
            tab.why = "no_clause"
        else:
            if contract is None or contract.late_fee_clause is None:
                tab.why = "clause_unknown"
            elif contract.late_fee_rate is not None or contract.late_fee_cap is not None:
                schedule = line.clause.on(charge.due.toordinal(), contract)
            tab.bear(schedule)
        if not principal:
            tab.settled = max(tab.due, tab.known)  # nothing to settle, even before
        return tab

    def _due(self, line: _Line, written: date) -> _Due:
        rolled, provisional = self._calendar.roll_forward(written) if line.rolls else (written, False)
        schedule = line.clause.on(written.toordinal(), None) if line.clause is not None else None
        if len(line.days) >= MOST_DAYS:
            line.days.clear()
        made = line.days[written] = _Due(rolled.toordinal(), rolled, provisional, schedule)
        return made


@lru_cache(maxsize=256)
def desk(book: RuleBook) -> Desk:
    """The desk of a book (books are compared by identity and never change)."""
    return Desk(book)
