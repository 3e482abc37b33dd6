"""Whose money settled a charge, told by arrays, is what `replay` tells, two payments of a day and all else included."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from random import Random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.columns.ledgers import ledgers
from dunning.columns.lots import paid_by
from dunning.columns.packing import pack
from dunning.engine.owed.ledger import replay
from dunning.model.account import Account, Charge, Contract, Payment
from dunning.model.rulebook import Cap, Dated, LateFee, RuleBook
from dunning.testing.making import LAST, PLAIN, from_random, make_account, make_book
from dunning.testing.strategies import accounts, books, days


def payers(portfolio: Sequence[Account], book: RuleBook, on: date) -> tuple[list[object], list[object]]:
    """By account and charge the payments that settled some of it: as arrays have it, and as `replay` has."""
    batch = pack(portfolio)
    money = ledgers(batch, book, on)
    paid = paid_by(batch, money, book, np.ones(len(batch.charges), np.bool_))
    charges, payments = batch.charges.texts("id"), batch.lists["payments"].texts("id")
    told = defaultdict(set)
    for charge, payment in zip(paid.charge.tolist(), paid.payment.tolist(), strict=True):
        assert batch.lists["payments"].owner[payment] == batch.charges.owner[charge]
        told[int(batch.charges.owner[charge]), charges.text(charge)].add(payments.text(payment))
    wanted: list[object] = []
    found: list[object] = []
    for place in np.flatnonzero(money.exact).tolist():
        for state in replay(portfolio[place], book, on).charges:
            wanted.append((place, state.charge.id, {each.payment for each in state.applied}))
            found.append((place, state.charge.id, told.get((place, state.charge.id), set())))
    return found, wanted


def test_the_payments_of_each_charge_are_those_of_replay() -> None:
    several: Counter[int] = Counter()
    for seed in range(300):
        pick = from_random(Random(seed))
        book = make_book(pick)
        portfolio = [make_account(pick, *([PLAIN] if seed % 3 == 0 else [])) for _ in range(pick.number(1, 12))]
        portfolio = [_named(account, number) for number, account in enumerate(portfolio)]
        found, wanted = payers(portfolio, book, pick.day(0, LAST + 10))
        assert found == wanted, f"seed {seed}"
        several += Counter(len(each[2]) for each in wanted)  # type: ignore[index]
    assert several[1] > 500
    assert several[2] > 100


def test_in_shares_who_is_paid_in_full_comes_first() -> None:
    """民法典560: b, without a late fee, wants less than its share, so that P1 goes to it and a takes the rest of P2."""
    due, later = date(2026, 1, 5), date(2027, 1, 5)
    account = Account(
        id="A",
        contracts=(Contract(id="K", late_fee_clause=True),),
        charges=(Charge(id="a", amount=1000_00, due=due), Charge(id="b", amount=1000_00, due=due, item="parking")),
        payments=(Payment(id="P1", on=later, amount=500_00), Payment(id="P2", on=later, amount=1520_00)),
    )
    terms = LateFee(
        items=("property_fee",), rate=Dated.always(Fraction(1, 1000)), cap=Dated.always(Cap(Fraction(1, 20)))
    )
    book = make_book(from_random(Random(1)), terms=(terms,), across_charges="statutory")
    found, wanted = payers([account], book, date(2027, 2, 1))
    assert found == wanted == [(0, "a", {"P2"}), (0, "b", {"P1", "P2"})]


@settings(max_examples=60)
@given(st.lists(accounts(), min_size=1, max_size=2), books(), days(0, LAST + 10))
def test_and_of_any_few_households(made: list[Account], book: RuleBook, on: date) -> None:
    found, wanted = payers([_named(account, number) for number, account in enumerate(made)], book, on)
    assert found == wanted


def _named(account: Account, number: int) -> Account:
    return replace(account, id=f"A-{number}")
