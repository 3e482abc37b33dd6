"""Portfolios at random for the columns: debtors with their accounts, histories, and attributes of every type."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import hypothesis.strategies as st

from dunning.model.account import Account
from dunning.testing.strategies import debtors

ATTRIBUTES: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.sampled_from("xyz"), st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(("是", "1")), max_size=3
)


@st.composite
def portfolios(draw: st.DrawFn, most: int = 3) -> list[Account]:
    """Some debtors of two companies, each with accounts."""
    found = []
    for number, group in enumerate(draw(st.lists(debtors(), max_size=most))):
        company = draw(st.sampled_from(("main", "wy-02")))
        for account in group:
            debtor = replace(account.debtor, id=f"O-{number}")
            id_ = f"{account.id}/{number}"
            found.append(replace(account, id=id_, company=company, debtor=debtor, attributes=draw(ATTRIBUTES)))
    return found
