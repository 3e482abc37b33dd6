"""Facts made of arrays where months end unevenly and amounts stand exactly at the least that is chased."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from columns_facts import differences
from dunning.columns.facts import OF_ACCOUNT, facts_of
from dunning.columns.known import Known
from dunning.columns.ledgers import ledgers
from dunning.columns.packing import pack
from dunning.model.account import Account
from dunning.model.rulebook import Payments, RuleBook
from households import BOOK, CONTRACT, charge, day, household, paid

MONTHLY = replace(CONTRACT, cycle="month")


def facts(accounts: Sequence[Account], on: str, book: RuleBook = BOOK) -> dict[str, Known]:
    """All facts, after the engine has said the same of each account."""
    named = [replace(each, id=f"A{n}", debtor=replace(each.debtor, id=f"O{n}")) for n, each in enumerate(accounts)]
    assert differences(named, book, day(on)) == []
    batch = pack(named)
    return facts_of(batch, ledgers(batch, book, day(on)), book, day(on), OF_ACCOUNT).of_accounts


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("2026-01-01..2026-03-31", 3),
        ("2025-11-30..2026-02-27", 3),
        ("2026-01-31..2026-02-27", 1),
        ("2026-01-01..2026-01-20", 1),
        ("2023-02-28..2024-02-28", 12),
    ],
)
def test_a_period_has_so_many_months_whatever_their_ends(period: str, months: int) -> None:
    bill = charge("2026-03-12", period=period)
    assert facts([household(bill, contract=MONTHLY)], "2026-04-01")["overdue_periods"].at(0) == months


@pytest.mark.parametrize(("second", "late"), [("400.00", 1), ("400.01", 0)])
def test_what_is_left_exactly_at_the_least_chased_is_late_still(second: str, late: int) -> None:
    """100.00 of 1000.00 left on the due date is chased from 100.00 on, until more is paid; a fen less is not."""
    book = replace(BOOK, payments=Payments(chase_from=10_000))
    payments = (
        paid("2026-01-10", "500.00", name="P1"),
        paid("2026-01-12", second, name="P2"),
        paid("2026-02-20", "50.00", name="P3"),
    )
    early = [replace(each, for_=("2026-01-15",)) for each in payments]
    account = household(charge("2026-01-15"), payments=early)
    assert facts([account], "2026-04-01", book)["late_payments_12m"].at(0) == late


def test_the_last_twelve_months_begin_the_day_after_this_day_a_year_ago() -> None:
    before, within = paid("2025-04-01", "10.00", name="P1"), paid("2025-04-02", "7.00", name="P2")
    found = facts([household(payments=(before, within))], "2026-04-01")
    assert found["paid_12m"].at(0) == 700
    assert found["payment_habit"].at(0) is None
