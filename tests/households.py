"""Households written down briefly: a quarterly property fee under a committee's contract, and what came of it.

Days are ISO text, amounts yuan as text, so that a test reads like the case it tells.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from fractions import Fraction
from typing import Any

from dunning.basis.calendar import Calendar, Year
from dunning.basis.money import parse_yuan
from dunning.engine.known.contacts import Person
from dunning.engine.known.facts import Answer, Facts
from dunning.engine.owed.ledger import replay
from dunning.model.account import (
    SHANGHAI,
    Account,
    Adjustment,
    Charge,
    Contact,
    Contract,
    Dispute,
    Opening,
    Party,
    Payment,
    Promise,
)
from dunning.model.rulebook import Cap, Dated, LateFee, RuleBook

day = date.fromisoformat

BOOK = RuleBook(
    name="test",
    title="试验",
    version="1",
    calendar=Calendar({2025: Year(), 2026: Year(festivals=frozenset({day("2026-02-17")})), 2027: Year()}),
    chased=("property_fee", "parking"),
    late_fees=(
        LateFee(
            items=("property_fee",),
            rate=Dated.always(Fraction(1, 2000)),
            cap=Dated.always(Cap(Fraction(1, 20))),
        ),
    ),
)
CONTRACT = Contract(
    id="K1", since=day("2021-07-01"), kind="committee", tariff=550, cycle="quarter", late_fee_clause=True
)


def charge(due: str | None, amount: str = "1000.00", *, period: str = "", name: str = "", **more: Any) -> Charge:
    """A charge named after its due date; `period` as `2026-01-01..2026-03-31`."""
    first, _, last = period.partition("..")
    return Charge(
        id=name or due or "OPEN",
        amount=parse_yuan(amount),
        due=day(due) if due else None,
        period=(day(first), day(last)) if period else None,
        **more,
    )


def opening(on: str, amount: str = "1000.00") -> Charge:
    """A balance carried over, of which nobody knows when it fell due."""
    return charge(None, amount, opening=Opening(on=day(on)))


def paid(on: str, amount: str, *charges: str, name: str = "", **more: Any) -> Payment:
    """A payment named after its day, for the charges named."""
    return Payment(id=name or f"P{on}", on=day(on), amount=parse_yuan(amount), for_=charges, **more)


def credit_note(on: str, amount: str, of: str) -> Adjustment:
    return Adjustment(id=f"N{on}", on=day(on), kind="credit_note", amount=parse_yuan(amount), charge=of)


def said(at: str, outcome: str | None = None, channel: str | None = "phone", **more: Any) -> Contact:
    """A contact named after its time; a day alone is ten in the morning."""
    time = datetime.fromisoformat(at if "T" in at else f"{at}T10:00:00")
    more.setdefault("id", f"C{at}")
    return Contact(at=time if time.tzinfo else time.replace(tzinfo=SHANGHAI), outcome=outcome, channel=channel, **more)


def promised(at: str, on: str, amount: str | None = None, **more: Any) -> Contact:
    """A promise made on one day to pay by another."""
    promise = Promise(on=day(on), amount=parse_yuan(amount) if amount else None)
    return said(at, "promised", promise=promise, **more)


def demand(at: str, *, proof: str | None = "B", outcome: str | None = "delivered", **more: Any) -> Contact:
    """A formal demand by EMS."""
    return said(at, outcome, "ems", step="formal_demand", proof=proof, **more)


def dispute(opened: str, kind: str = "price", *, closed: str | None = None, amount: str = "", **more: Any) -> Dispute:
    more.setdefault("id", f"D{opened}{kind}")
    return Dispute(
        kind=kind,
        opened=day(opened),
        closed=day(closed) if closed else None,
        amount=parse_yuan(amount) if amount else None,
        **more,
    )


def household(*charges: Charge, contract: Contract | None = CONTRACT, **more: Any) -> Account:
    """An owner with these charges; lists may be given as lists."""
    given = {name: tuple(value) if isinstance(value, list) else value for name, value in more.items()}
    given.setdefault("id", "A1")
    given.setdefault("debtor", Party(id="O1", kind="person", role="owner"))
    return Account(contracts=(contract,) if contract else (), charges=charges, **given)


def facts(account: Account, on: str, *, book: RuleBook = BOOK, group: Sequence[Account] = ()) -> Facts:
    """The facts of an account, alone or among all of its debtor's."""
    person = Person(group, day(on)) if group else None
    return Facts(account, replay(account, book, day(on)), book, person=person)


def fact(name: str, account: Account, on: str, **more: Any) -> Answer:
    """One fact of an account."""
    return facts(account, on, **more).value(name)


def of_charge(name: str, account: Account, on: str, which: str, **more: Any) -> Answer:
    """One fact of one of its charges."""
    known = facts(account, on, **more)
    return known.charge_value(name, next(state for state in known.ledger.charges if state.charge.id == which))
