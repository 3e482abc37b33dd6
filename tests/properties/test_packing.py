"""What is packed comes back equal, whatever it is."""

from __future__ import annotations

import numpy as np
from hypothesis import given

from dunning.columns.fields import LISTED, fields_of
from dunning.columns.packing import pack, unpack, unpack_all
from dunning.columns.rows import Coded, Numbers
from dunning.model.account import Account
from portfolios import portfolios


@given(portfolios())
def test_accounts_come_back_as_they_were(accounts: list[Account]) -> None:
    batch = pack(accounts)
    back = [unpack(batch, row) for row in range(len(batch))]
    assert back == accounts
    assert [[type(value) for value in account.attributes.values()] for account in back] == [
        [type(account.attributes[name]) for name in found.attributes]
        for account, found in zip(accounts, back, strict=True)
    ]


@given(portfolios())
def test_a_record_that_names_a_charge_knows_its_row(accounts: list[Account]) -> None:
    batch = pack(accounts)
    for row, account in enumerate(accounts):
        first = batch.charges.start[row]
        places = {charge.id: first + place for place, charge in enumerate(account.charges)}
        payments = batch.lists["payments"]
        for place, payment in enumerate(account.payments, start=payments.start[row]):
            named = batch.lists["payments.for"]
            found = named.numbers("charge_row").values[named.start[place] : named.start[place + 1]]
            assert found.tolist() == [places.get(id_, -1) for id_ in payment.for_]
        for place, adjustment in enumerate(account.adjustments, start=batch.lists["adjustments"].start[row]):
            assert batch.lists["adjustments"].numbers("charge_row").values[place] == places.get(adjustment.charge, -1)


@given(portfolios())
def test_every_column_is_there_and_has_every_row(accounts: list[Account]) -> None:
    batch = pack(accounts)
    for name in LISTED:
        rows = batch.lists[name]
        for field in fields_of(name):
            if field.kind != "rows":
                column = rows.columns[field.name]
                assert len(column) == len(rows)
                assert isinstance(column, Numbers) == (field.kind in ("amount", "day", "moment", "truth"))
                assert isinstance(column, Coded) == (field.kind in ("rate", "number", "word", "label", "words"))


@given(portfolios())
def test_many_at_once_come_back_as_each_by_itself(accounts: list[Account]) -> None:
    batch = pack(accounts)
    rows = np.arange(0, len(batch), 2)
    assert unpack_all(batch, rows) == [unpack(batch, row) for row in rows.tolist()]
    assert unpack_all(batch, np.arange(len(batch))) == accounts
