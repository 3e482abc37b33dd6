"""What the facts of one account are made from: its records and ledger, and what several facts share, made once.

Apart from `facts`, so that each fact there is a few lines that read like its definition.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, TypeVar

from dunning.basis.finding import Finding
from dunning.basis.money import Fen, rounded
from dunning.engine.known import clocks, contacts, history
from dunning.engine.known.clocks import Demand, PromiseState, fell_due
from dunning.engine.known.contacts import Person, Talk
from dunning.engine.known.history import NO_DUE_DATE, Periods
from dunning.engine.owed.ledger import ChargeState, Ledger
from dunning.model.account import Account, Contact, Contract, Dispute
from dunning.model.condition import Unknown
from dunning.model.rulebook import RuleBook

T = TypeVar("T")

_ABSENT: Any = object()
_NO_CLAUSE = Unknown(("contracts.late_fee_clause",))
_NO_RATE = Unknown(("late_fee.rate",))


class Material:
    """An account, its `ledger` made under `book`, and the `person` it belongs to (without: this account is all).

    `overdue` are the charges that count as arrears, by due date. `findings` are what the facts asked for so far have
    met; `provisional`: one of them hangs on a year the calendar does not know.
    """

    __slots__ = (
        "_parts", "_person", "account", "book", "chase_from", "findings", "ledger", "on", "overdue", "provisional",
    )  # fmt: skip

    def __init__(self, account: Account, ledger: Ledger, book: RuleBook, *, person: Person | None = None) -> None:
        self.account = account
        self.ledger = ledger
        self.book = book
        self.on = ledger.on
        self._person = person
        self.chase_from: Fen = max(1, book.payments.chase_from)
        self.overdue = clocks.overdue(ledger, self.chase_from)
        self.findings: list[Finding] = []
        self.provisional = False
        self._parts: dict[Callable[[Material], Any], Any] = {}

    def part(self, make: Callable[[Material], T]) -> T:
        """What several facts are made from, made when first wanted."""
        found: T = self._parts.get(make, _ABSENT)
        if found is _ABSENT:
            found = self._parts[make] = make(self)
        return found

    @property
    def person(self) -> Person:
        """The debtor with all their accounts."""
        if self._person is None:
            self._person = Person((self.account,), self.on)
        return self._person

    def counts(self, state: ChargeState) -> bool:
        """Whether a charge is part of the arrears."""
        return state.chased and state.unpaid >= self.chase_from and fell_due(state) < self.on

    def lacks(self, source: str) -> bool:
        """Whether the account's source cannot supply a record or field."""
        unknown = self.account.unknown
        return bool(unknown) and any(covers(name, source) for name in unknown)


def covers(name: str, source: str) -> bool:
    """Whether `name`, as written under `unknown`, takes in a field: `contacts` is all of a contact's fields."""
    return source == name or source.startswith(f"{name}.")


def arrears(of: Material) -> Fen:
    """The principal that counts as arrears."""
    return sum(state.unpaid for state in of.overdue)


def oldest(of: Material) -> date | Unknown | None:
    """The oldest due date of the arrears; of an opening balance, which goes first, nobody knows it."""
    return (of.overdue[0].due or NO_DUE_DATE) if of.overdue else None


def periods(of: Material) -> Periods | Unknown:
    """The billing periods of the arrears."""
    return history.periods(of.overdue)


def late_fee(of: Material) -> Fen | Unknown:
    """The late fee outstanding of the debtor's own charges."""
    total = 0
    for state in of.ledger.charges:
        if not state.other_debtor:
            outstanding = state.fee.outstanding
            if outstanding is None:
                return undetermined(state)
            total += outstanding
    return total


def undetermined(state: ChargeState) -> Unknown:
    """What is missing where a late fee cannot be assessed."""
    return _NO_RATE if state.fee.why == "no_rate_before" else _NO_CLAUSE


def contract(of: Material) -> Contract | None:
    """The contract in force on the day."""
    return history.contract_on(of.account, of.on)


def monthly_fee(of: Material) -> Fen | Unknown:
    """Tariff times area."""
    now, area = of.part(contract), of.account.area
    tariff = now.tariff if now is not None else None
    if tariff is not None and area is not None:
        return rounded(tariff * area, "half_up")
    return Unknown((("contracts.tariff",) if tariff is None else ()) + (("area",) if area is None else ()))


def due_dates(of: Material) -> dict[date, int]:
    """The due dates of the last 12 months, with the days each was met late."""
    return history.due_dates(of.ledger, of.chase_from)


def paid_ahead(of: Material) -> list[ChargeState]:
    """The charges settled before they are due."""
    return history.paid_ahead(of.ledger)


def disputes(of: Material) -> list[Dispute]:
    """The disputes open at the end of the day."""
    on = of.on
    return [
        dispute
        for dispute in of.account.disputes
        if dispute.opened <= on and (dispute.closed is None or dispute.closed > on)
    ]


def talks(of: Material) -> list[Talk]:
    """The contacts about this account, each once."""
    return contacts.of_account(of.account, of.on).once


def taken(of: Material) -> list[Talk]:
    """The same as steps: a contact that did for several stands for each of them."""
    return contacts.of_account(of.account, of.on).of_steps


def promises(of: Material) -> list[PromiseState]:
    """The promises to pay, in the order made."""
    said = of.part(talks) if of.account.contacts else []
    return clocks.promises(said, of.ledger, of.chase_from) if said else []


def demands(of: Material) -> list[Demand]:
    """The formal demands that may have arrived."""
    said = of.part(taken) if of.account.contacts else []
    found = clocks.demands(said, of.book) if said else []
    of.provisional = of.provisional or any(demand.until.provisional for demand in found)
    return found


def episode(of: Material) -> date | None:
    """The first day of the present episode of arrears."""
    return clocks.episode_since(of.ledger, of.chase_from) if of.overdue else None


def attitude(of: Material) -> Contact | None:
    """The last contact of the present episode that shows how the debtor stands."""
    said = of.part(talks) if of.account.contacts else []
    last = contacts.last_stance(said) if said else None
    if last is None:
        return None
    since = of.part(episode)
    return last.contact if since is not None and last.day >= since else None
