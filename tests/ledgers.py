"""Ledgers written down briefly: charges a, b and c of 100.00 each, rules of few words, and what came of them.

Due dates are Thursdays, so that nothing rolls; the terms are 0.5‰ a day and 5% of the charge, and in `dear()` 1% a day
without a cap, where a fee must be worth its fen.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from dunning.basis.calendar import Calendar, Year
from dunning.engine.owed.ledger import ChargeState, Ledger, replay
from dunning.model.account import Adjustment, Contract, Payment, Settled
from dunning.model.rulebook import Cap, Dated, LateFee, Payments, RuleBook
from dunning.model.steps import Offer
from households import charge, day, household, paid

AGREED = Contract(id="K1", late_fee_clause=True)
JANUARY = "2026-01-15"
FEBRUARY = "2026-02-12"
MARCH = "2026-03-12"


def rules(*, relief: tuple[Offer, ...] = (), payments: Payments | None = None, **terms: Any) -> RuleBook:
    said = {"items": ("property_fee",), "rate": Fraction(1, 2000), "cap": Cap(Fraction(1, 20)), **terms}
    for name in ("rate", "cap", "grace"):
        if name in said:
            said[name] = Dated.always(said[name])
    return RuleBook(
        name="test", title="试验", version="1", calendar=Calendar({2025: Year(), 2026: Year()}), relief=relief,
        payments=payments or Payments(), late_fees=(LateFee(**said),), chased=("property_fee", "parking"),
    )  # fmt: skip


def dear(**said: Any) -> RuleBook:
    """1% a day without a cap."""
    return rules(**{"rate": Fraction(1, 100), "cap": None, **said})


FEE_FIRST = Payments(within_charge=("late_fee", "principal"))
STATUTORY = Payments(across_charges="statutory")


def the_ledger(on: str, *charges: Any, under: RuleBook | None = None, **more: Any) -> Ledger:
    return replay(household(*charges, **{"contract": AGREED, **more}), under or rules(), day(on))


def unpaid(ledger: Ledger) -> dict[str, int]:
    return {state.charge.id: state.unpaid for state in ledger.charges}


def fees(ledger: Ledger) -> dict[str, int | None]:
    return {state.charge.id: state.fee.assessed for state in ledger.charges}


def of(ledger: Ledger, name: str) -> ChargeState:
    return next(state for state in ledger.charges if state.charge.id == name)


def told(ledger: Ledger) -> list[tuple[str, str]]:
    return [(finding.code, finding.args["id"]) for finding in ledger.findings]


def adjust(on: str, kind: Any, amount: str, of: str = "a", *, name: str = "") -> Adjustment:
    return Adjustment(id=name or f"J{on}", on=day(on), kind=kind, amount=paid(on, amount).amount, charge=of)


def refund(on: str, amount: str, of: str | None, *, name: str = "R") -> Adjustment:
    return Adjustment(id=name, on=day(on), kind="refund", amount=paid(on, amount).amount, payment=of)


def booked(on: str, amount: str, *lines: tuple[str, str, Any], name: str = "P1", **more: Any) -> Payment:
    settles = tuple(Settled(charge=of, amount=paid(on, fen).amount, part=part) for of, fen, part in lines)
    return replace(paid(on, amount, name=name, **more), settles=settles)


A = charge(JANUARY, "100.00", name="a")
B = charge(FEBRUARY, "100.00", name="b")
C = charge(MARCH, "100.00", name="c")
