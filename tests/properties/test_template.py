"""Whatever households are put into the template's ERP, they come out owing what they owe."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from datetime import date
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.basis.money import Fen
from dunning.model.account import Account
from dunning.testing.probes import Pass, unpaid
from dunning.testing.strategies import PLAIN, accounts, days
from templates import bench, template

TEMPLATE = template()


@settings(max_examples=25)
@given(st.lists(accounts(PLAIN), min_size=1, max_size=6), st.integers(1, 3), days())
def test_households_come_out_owing_what_they_owe(drawn: list[Account], persons: int, on: date) -> None:
    """Several accounts of one person among them, in pages of two persons."""
    households = [
        replace(one, id=f"{n}-101", unit=f"{n}-101", debtor=replace(one.debtor, id=f"O-{n % persons}"))
        for n, one in enumerate(drawn)
    ]
    with tempfile.TemporaryDirectory() as folder:
        erp = bench(Path(folder), TEMPLATE, page=2)
        kept = erp.put(households)
        found = Pass.of(erp.open().accounts(None)).accounts
    assert len(found) == len(households)
    for name, account in zip(kept, households, strict=True):
        assert by_due(found[name.at], on) == by_due(account, on)


def by_due(account: Account, on: date) -> dict[date | None, Fen]:
    """What is unpaid by due date: of two charges with one due date, the ERP's own ids say which is paid first."""
    owed = unpaid(account, on)
    dues = {one.due for one in account.charges}
    return {due: sum(owed[one.id] for one in account.charges if one.due == due) for due in dues}
