"""Ledgers made of arrays are those of `replay`, to the fen, for every household that is not handed back."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from columns_ledgers import differences
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.testing.making import FULL, LAST, PLAIN, Pick, Shape, from_random, make_account, make_book
from dunning.testing.strategies import accounts, books, days

SIMPLE = replace(FULL, plans=False, only=False, adjustments=("credit_note", "relief", "write_off", "late_fee_waiver"))
"""All that arrays do."""
SHAPES = (FULL, PLAIN, SIMPLE, SIMPLE)


def neighbours(pick: Pick, shape: Shape) -> list[Account]:
    """Some households side by side, two accounts of each debtor."""
    made = [make_account(pick, shape) for _ in range(pick.number(1, 12))]
    return [
        replace(account, id=f"A-{n}", debtor=replace(account.debtor, id=f"O-{n // 2}"))
        for n, account in enumerate(made)
    ]


def test_many_households_in_one_batch_have_the_ledgers_of_replay() -> None:
    """Nobody's money runs into another's charges, whatever stands beside them."""
    reasons: Counter[str] = Counter()
    for seed in range(600):
        pick = from_random(Random(seed))
        book, portfolio = make_book(pick), neighbours(pick, SHAPES[seed % 4])
        found, back = differences(portfolio, book, pick.day(0, LAST + 10))
        assert found == [], f"seed {seed}"
        reasons += back
    assert reasons[""] > 0.4 * reasons.total()


@settings(max_examples=100)
@given(st.lists(accounts(), min_size=1, max_size=3), books(), days(0, LAST + 10))
def test_any_few_households_have_the_ledgers_of_replay(made: list[Account], book: RuleBook, on: date) -> None:
    """The same, for accounts that Hypothesis makes as simple as it can when they are not equal."""
    named = [replace(account, id=f"A-{n}") for n, account in enumerate(made)]
    found, _ = differences(named, book, on)
    assert found == []
