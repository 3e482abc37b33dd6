"""An account a book applies to, for a counterexample: what it owes comes from the proof, all else from the book.

Without it a proof about a late fee would be shown on a household the book has nothing to say of.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.check.households import household
from dunning.model.account import Account, Contract
from dunning.model.boxes import EVERYTHING, Piece
from dunning.model.rulebook import RuleBook

_CLAUSE = Contract(id="K1", late_fee_clause=True, clause_shown=True)


def account_of(book: RuleBook, on: date, **records: Any) -> Account | None:
    """A household of the book on about that day with these records and no others, under a contract that has a late-fee
    clause and sets no terms of its own; None if none can be drawn up.
    """
    view = Chart(Subject(book), on=on).views[0]
    point = view.chart.space.find((Piece(EVERYTHING),))
    found = None if point is None else household(view.wishes(point), book, on)
    if found is None:
        return None
    emptied: dict[str, Any] = {"charges": (), "payments": (), "contacts": (), "disputes": (), "plans": ()}
    contracts = tuple(
        replace(each, late_fee_clause=True, clause_shown=True, late_fee_rate=None, late_fee_cap=None)
        for each in found.account.contracts or (_CLAUSE,)
    )
    return replace(found.account, contracts=contracts, **{**emptied, **records})
