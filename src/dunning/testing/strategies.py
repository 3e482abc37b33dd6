"""Hypothesis strategies for accounts, books and histories: what the engine and its adapters are tested with.

Everything drawn is valid: it can be assessed, and written as an adapter's mapping. What is drawn shrinks towards the
plain: one charge, no payment, the terms that most contracts have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

from dunning.model.account import Account
from dunning.model.rulebook import LateFee, RuleBook
from dunning.testing.making import (
    FIRST,
    FULL,
    LAST,
    PLAIN,
    STEPS,
    Pick,
    Shape,
    make_account,
    make_book,
    make_history,
    make_terms,
)

__all__ = [
    "FIRST", "FULL", "LAST", "PLAIN", "STEPS", "Shape", "accounts", "books", "days", "debtors", "histories", "terms",
]  # fmt: skip


def _pick(draw: st.DrawFn) -> Pick:
    return Pick(lambda low, high: draw(st.integers(low, high)))


@st.composite
def picks(draw: st.DrawFn) -> Pick:
    """Choices for making things of one's own that shrink as these do."""
    return _pick(draw)


def days(low: int = 0, high: int = LAST) -> st.SearchStrategy[date]:
    """A day from `FIRST` (a Thursday and a festival) to `LAST` days after it, and all that is drawn is dated so."""
    return st.integers(low, high).map(lambda number: FIRST + timedelta(days=number))


@st.composite
def accounts(draw: st.DrawFn, shape: Shape = FULL) -> Account:
    """An account as the ledger sees it, main/A-1 of debtor O-1.

    One to four charges (ids a to d, up to 6.00 yuan, some of them opening balances, or before the debtor's time), up to
    four payments (designated, booked by the source, bounced, for some items only), adjustments, plans, holds, booked
    late fees, and contracts that say different things of late fees. `shape` leaves things out: `PLAIN` everything but
    charges and payments.
    """
    return make_account(_pick(draw), shape)


@st.composite
def histories(draw: st.DrawFn, shape: Shape = FULL, steps: Sequence[str] = STEPS) -> Account:
    """An account of `accounts` and what has happened to it: contacts with outcomes and promises, disputes, approvals.

    Contacts and approvals are about `steps`; area, use, tags and tariff are there or not.
    """
    return make_history(_pick(draw), shape, steps)


@st.composite
def debtors(draw: st.DrawFn, shape: Shape = FULL, steps: Sequence[str] = STEPS) -> tuple[Account, ...]:
    """One to three accounts (A-1, A-2, A-3) of one debtor in one company, each with its history."""
    pick = _pick(draw)
    made = [make_history(pick, shape, steps) for _ in range(pick.number(1, 3))]
    return tuple(
        replace(account, id=f"A-{n}", debtor=replace(account.debtor, id=made[0].debtor.id))
        for n, account in enumerate(made, start=1)
    )


@st.composite
def terms(draw: st.DrawFn, *, dated: bool = True) -> LateFee:
    """Terms of 违约金 for the property fee: rate, cap, grace and rounding, changing over time if `dated`."""
    return make_terms(_pick(draw), dated=dated)


@st.composite
def books(draw: st.DrawFn, /, **payments: Any) -> RuleBook:
    """A book with late fees, an order of payments and instalment plans, without steps. `payments` settles fields of
    `Payments`: `books(across_charges="statutory")`; `terms=(...)` gives the late fees.
    """
    return make_book(_pick(draw), **payments)
