"""Facts of money and time made of arrays are those the engine finds, for every household that is not handed back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from columns_facts import differences
from contacts_alike import make_talks
from dunning.basis.calendar import Calendar, Year
from dunning.basis.finding import Text
from dunning.model.account import Account
from dunning.model.anchor import Duration
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Gives, Ladder, Promises, Retired, Step
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
    "contacts.at",
    "contacts.outcome",
    "contacts.channel",
    "contacts.reason",
    "contacts.promise",
    "contacts.proof",
    "debtor.tags",
    "plans",
)


DEMANDS = (
    Step(id="second_reminder", title=Text("", ""), action="remind"),
    Step(id="final_notice", title=Text("", ""), action="formal_demand", gives=Gives(Duration(3, "d"))),
    Step(id="letter", title=Text("", ""), action="formal_demand", gives=Gives(Duration(1, "mo"), Duration(5, "wd"))),
)
STEPS = ("second_reminder", "formal_demand", "final_notice", "letter", "once_called")


def households(pick: Pick, number: int, on: date) -> list[Account]:
    """Some households side by side, some of whose sources cannot supply everything; a few charge things far apart."""
    found: list[Account] = []
    for n in range(number):
        account = make_history(pick, pick.one(SHAPES), STEPS)
        tags = pick.one((account.debtor.tags, (), ("困难", "vip")))
        account = replace(account, id=f"A-{n}", debtor=replace(account.debtor, id=f"O-{n // 2}", tags=tags))
        found.append(replace(account, unknown=pick.some(SOURCES)) if pick.chance(25) else account)
    for first in range(0, number, 2):
        if pick.chance(60):
            found[first : first + 2] = make_talks(pick, found[first : first + 2], on, STEPS)
    return found


def book_of(pick: Pick) -> RuleBook:
    book = make_book(pick, chase_from=pick.one((1, 1, 100, 250)))
    if pick.chance(50):
        return book
    retired = (Retired(name="once_called", now=pick.one(("letter", "nothing"))),)
    promises = Promises(pick.one((Duration(5, "d"), Duration(5, "wd"), Duration(1, "mo"))), pick.number(0, 3))
    return replace(
        book, calendar=Calendar({2026: Year()}), reminders=DEMANDS[:2], ladder=Ladder(steps=DEMANDS[2:]),
        promises=promises, retired=retired,
    )  # fmt: skip


def test_facts_of_many_households_in_one_batch_are_those_of_the_engine() -> None:
    """On days near and far, so that a year passes since some payments and due dates, and not since others."""
    for seed in range(400):
        pick = from_random(Random(seed))
        on = pick.day(0, LAST + 10) if pick.chance(70) else pick.day(300, 480)
        book, accounts = book_of(pick), households(pick, pick.number(1, 12), on)
        assert differences(accounts, book, on, every=pick.one((1, 1, 2, 3))) == [], f"seed {seed}"


@settings(max_examples=100)
@given(picks(), st.integers(1, 3))
def test_facts_of_any_few_households_are_those_of_the_engine(pick: Pick, number: int) -> None:
    """The same, as simple as it can be where they are not."""
    on = pick.day(0, 480)
    book, accounts = book_of(pick), households(pick, number, on)
    assert differences(accounts, book, on) == []
