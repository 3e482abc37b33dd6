"""What is claimed of a book, and the household that shows a claim to be false."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal, NamedTuple

from dunning.basis.finding import Text
from dunning.basis.money import Fen
from dunning.model.account import Account, Charge, Contract, Payment

Answer = Literal["proved", "false", "open"]


class Witness(NamedTuple):
    """A household for which a claim is false: one charge, what was paid of it and when, days after the due date."""

    principal: Fen
    days: int
    paid: Fen = 0
    paid_after: int = 0


class Claim(NamedTuple):
    """One claim and whether it holds; `open`: the solver did not get there. `due`: a due date that has these terms,
    None for what is claimed of the whole book.
    """

    title: Text
    answer: Answer
    due: date | None = None
    witness: Witness | None = None


def household(claim: Claim) -> tuple[Account, date] | None:
    """The household for which a claim is false, and the day to assess it on; None where there is none, or it lies so
    far ahead that no calendar has the day.
    """
    if claim.witness is None or claim.due is None:
        return None
    principal, days, paid, after = claim.witness
    if days > (date.max - claim.due).days:
        return None
    payments = (Payment(id="P1", on=claim.due + timedelta(days=after), amount=paid, for_=("Q1",)),) if paid else ()
    contract = Contract(id="K1", kind="committee", late_fee_clause=True, clause_shown=True)
    charge = Charge(id="Q1", amount=principal, due=claim.due)
    account = Account(id="Q", use="residential", contracts=(contract,), charges=(charge,), payments=payments)
    return account, claim.due + timedelta(days=days)
