"""Which contacts count is the same in arrays, however often and under whichever accounts they are told."""

from __future__ import annotations

from dataclasses import replace
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from columns_talks import differences
from contacts_alike import make_talks
from dunning.model.account import Account
from dunning.testing.making import PLAIN, Pick, from_random, make_account
from dunning.testing.strategies import picks
from households import charge, day, demand, household


def debtors(pick: Pick, number: int) -> list[Account]:
    """Some debtors, of whom some have several accounts, all of them contacted."""
    found: list[Account] = []
    for n in range(number):
        plain = replace(make_account(pick, PLAIN), debtor=replace(make_account(pick, PLAIN).debtor, id=f"O-{n}"))
        theirs = [replace(plain, id=f"A-{n}{letter}") for letter in "ab"[: pick.number(1, 2)]]
        found.extend(make_talks(pick, theirs, pick.day(60, 70)))
    return found


def test_contacts_of_many_debtors_are_those_of_the_engine() -> None:
    for seed in range(300):
        pick = from_random(Random(seed))
        accounts = debtors(pick, pick.number(1, 6))
        assert differences(accounts, pick.day(60, 70)) == [], f"seed {seed}"


def test_a_contact_of_the_id_of_one_and_the_key_of_another_is_the_one_of_its_id() -> None:
    by_id = demand("2026-02-10", id="C1", charges=("a",))
    by_key = demand("2026-02-11", id="C2", key="K", charges=("b",))
    both = demand("2026-02-12", id="C1", key="K", charges=("c",))
    charges = [charge("2026-01-05", name=name) for name in "abc"]
    account = household(*charges, contacts=[by_id, by_key, both])
    assert differences([account], day("2026-02-20")) == []


@settings(max_examples=100)
@given(picks(), st.integers(1, 2))
def test_contacts_of_any_debtor_are_those_of_the_engine(pick: Pick, number: int) -> None:
    accounts = debtors(pick, number)
    assert differences(accounts, pick.day(60, 70)) == []
