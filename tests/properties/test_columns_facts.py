"""Facts of money and time made of arrays are those the engine finds, for every household that is not handed back."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from columns_facts import differences
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.testing.making import FULL, LAST, PLAIN, Pick, from_random, make_book, make_history
from dunning.testing.strategies import picks

SHAPES = (
    FULL,
    PLAIN,
    replace(FULL, plans=False, only=False),
    replace(PLAIN, contracts=True, openings=True, holds=True),
)
SOURCES = (
    "charges.due",
    "payments",
    "contracts",
    "adjustments",
    "area",
    "disputes.kind",
    "disputes",
    "contracts.tariff",
    "holds",
    "contacts",
    "plans",
)


def households(pick: Pick, number: int) -> list[Account]:
    """Some households side by side, some of whose sources cannot supply everything; a few charge things far apart."""
    found = []
    for n in range(number):
        account = make_history(pick, pick.one(SHAPES))
        account = replace(account, id=f"A-{n}", debtor=replace(account.debtor, id=f"O-{n // 2}"))
        found.append(replace(account, unknown=pick.some(SOURCES)) if pick.chance(15) else account)
    return found


def book_of(pick: Pick) -> RuleBook:
    return make_book(pick, chase_from=pick.one((1, 1, 100, 250)))


def test_facts_of_many_households_in_one_batch_are_those_of_the_engine() -> None:
    """On days near and far, so that a year passes since some payments and due dates, and not since others."""
    for seed in range(500):
        pick = from_random(Random(seed))
        book, accounts = book_of(pick), households(pick, pick.number(1, 12))
        on = pick.day(0, LAST + 10) if pick.chance(70) else pick.day(300, 480)
        assert differences(accounts, book, on) == [], f"seed {seed}"


@settings(max_examples=100)
@given(picks(), st.integers(1, 3))
def test_facts_of_any_few_households_are_those_of_the_engine(pick: Pick, number: int) -> None:
    """The same, as simple as it can be where they are not."""
    book, accounts = book_of(pick), households(pick, number)
    assert differences(accounts, book, pick.day(0, 480)) == []
