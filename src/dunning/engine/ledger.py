"""What was owed on each day: the replay of an account's records, from the first day to the day asked about.

A pure function of the records dated on or before that day, so that records dated later never change its answer.
"""

from __future__ import annotations

from datetime import date
from typing import Literal, NamedTuple

from dunning.basis.finding import Finding
from dunning.basis.money import Fen
from dunning.engine.fees import FeeState
from dunning.model.account import Account, AdjustmentKind, Charge, Contract, Part, Payment, Plan
from dunning.model.rulebook import LateFee, RuleBook


class Applied(NamedTuple):
    """Money of one payment that settled one part of a charge, on the day it did: a credit settles later than it came."""

    payment: str
    on: date
    part: Part
    amount: Fen


class Forgiven(NamedTuple):
    """Principal that a relief or write-off took off, as far as there was any. It counts from the day after `on`."""

    adjustment: str
    on: date
    kind: AdjustmentKind
    amount: Fen


class ChargeState(NamedTuple):
    """One charge on the day asked about. Amounts in fen; `principal` = unpaid + paid + relief + written_off.

    `contract` is the one in force on the due date; `terms` what the book says of its item (None: bears no late fee).
    `due` is the rolled due date (None: an opening balance without one), `provisional` where the calendar had to guess.
    `principal` is the amount less the credit notes known; `settled_on` the day the last of it went (None: still open).
    `other_debtor`: its period lies outside this debtor's time, or the unit was not yet sold or delivered; such a charge
    is not `chased`, and only a payment made for it by name settles it. `chased` is the item's, whatever is unpaid.
    """

    charge: Charge
    contract: Contract | None
    terms: LateFee | None
    due: date | None
    provisional: bool
    principal: Fen
    unpaid: Fen
    paid: Fen
    relief: Fen
    written_off: Fen
    settled_on: date | None
    other_debtor: bool
    chased: bool
    applied: tuple[Applied, ...]
    forgiven: tuple[Forgiven, ...]
    fee: FeeState

    def unpaid_on(self, day: date) -> Fen:
        """Principal unpaid at the end of that day, as known on the day asked about (whether due by then or not)."""
        paid = sum(entry.amount for entry in self.applied if entry.part == "principal" and entry.on <= day)
        return self.principal - paid - sum(entry.amount for entry in self.forgiven if entry.on <= day)


class PlanState(NamedTuple):
    """A plan known on that day. `broken_on`: the first day it was no longer kept; `completed_on`: all instalments paid."""

    plan: Plan
    state: Literal["kept", "broken", "completed"]
    broken_on: date | None
    completed_on: date | None


class Ledger(NamedTuple):
    """What an account owes on a day, and how it came to that.

    `charges` by (due date, id), opening balances without a due date first. `credit`: fen that settle nothing yet.
    `payments`: those known and not reversed, by (on, id). `refunded`: fen given back, as far as there was any to give.
    """

    on: date
    charges: tuple[ChargeState, ...]
    credit: Fen
    refunded: Fen
    payments: tuple[Payment, ...]
    plans: tuple[PlanState, ...]
    findings: tuple[Finding, ...]


def replay(account: Account, book: RuleBook, on: date) -> Ledger:
    """The ledger of `account` under `book` at the end of the day `on`."""
    raise NotImplementedError
