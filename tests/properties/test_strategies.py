"""What the public strategies draw: accounts an ERP could have, which are read as they were written and assessed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dunning.engine.assess import assess_group
from dunning.intake.files.writers import as_record
from dunning.intake.records import Read, read
from dunning.model.account import Account
from dunning.model.rulebook import RuleBook
from dunning.testing.strategies import FULL, PLAIN, Shape, accounts, books, days, debtors, histories


@given(histories())
def test_what_is_drawn_is_read_as_it_was_written(account: Account) -> None:
    found = read(as_record(account))
    assert isinstance(found, Read), found
    assert found.account == replace(account, unit=account.id)  # a short form, filled in


@given(debtors(), books(), days())
def test_what_is_drawn_can_be_assessed(accounts: tuple[Account, ...], book: RuleBook, on: date) -> None:
    results = assess_group(accounts, book, on=on)
    assert [result.account.id for result in results] == [f"A-{n}" for n in range(1, len(accounts) + 1)]
    assert len({result.account.debtor.id for result in results}) == 1


@pytest.mark.parametrize("shape", [PLAIN, Shape(payments=0)])
@given(data=st.data())
def test_a_shape_leaves_out_what_it_says(shape: Shape, data: st.DataObject) -> None:
    account = data.draw(accounts(shape))
    assert len(account.payments) <= shape.payments
    if shape is PLAIN:
        assert (account.adjustments, account.plans, account.holds, account.late_fees) == ((), (), (), ())
        assert all(not (one.for_ or one.settles or one.only or one.reversed_on) for one in account.payments)


@given(accounts(FULL))
def test_charges_have_the_names_that_are_promised(account: Account) -> None:
    assert 1 <= len(account.charges) <= FULL.charges
    assert {one.id for one in account.charges} <= set("abcd")
