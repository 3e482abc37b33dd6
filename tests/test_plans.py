"""How plans hold a late fee still, break, and are completed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any

import pytest

from dunning.engine.owed.ledger import Ledger
from dunning.model.account import (
    Instalment,
    Payment,
    Plan,
)
from dunning.model.anchor import Duration
from dunning.model.steps import Offer
from households import charge, day, paid
from ledgers import (
    FEBRUARY,
    JANUARY,
    A,
    B,
    C,
    dear,
    of,
    rules,
    the_ledger,
)

# Plans


def plan(signed: str, *instalments: tuple[str, str], charges: tuple[str, ...] = ("a",), **more: Any) -> Plan:
    due = tuple(Instalment(due=day(on), amount=paid(on, amount).amount) for on, amount in instalments)
    return Plan(id="PL", signed=day(signed), charges=charges, instalments=due, **more)


def offer(
    tolerance: int = 0, unit: Any = "d", on_break: Any = "resume", *, kind: Any = "instalments"
) -> tuple[Offer, ...]:
    return (Offer(id="offer", kind=kind, tolerance=Duration(tolerance, unit), on_break=on_break),)


TWO = plan("2026-01-20", ("2026-01-30", "50"), ("2026-02-27", "50"))


def accrued(ledger: Ledger) -> list[tuple[str, str]]:
    return [(each.since.isoformat()[5:], each.until.isoformat()[5:]) for each in of(ledger, "a").fee.segments]


def test_while_a_plan_is_kept_nothing_accrues_from_the_day_after_its_signing() -> None:
    ledger = the_ledger("2026-01-30", A, plans=[TWO])
    assert (accrued(ledger), ledger.plans[0].state) == ([("01-16", "01-20")], "kept")
    assert the_ledger("2026-01-19", A, plans=[TWO]).plans == ()
    assert [state.state for state in the_ledger("2026-01-20", A, plans=[TWO]).plans] == ["kept"]
    assert of(the_ledger("2026-01-30", A, B, plans=[TWO]), "b").fee.why == "not_due"


def test_a_plan_breaks_on_the_day_after_a_deadline_is_missed_and_accrual_resumes() -> None:
    ledger = the_ledger("2026-02-05", A, plans=[TWO], under=rules(relief=offer()))
    state = ledger.plans[0]
    assert (state.state, state.broken_on, state.completed_on) == ("broken", day("2026-01-31"), None)
    assert accrued(ledger) == [("01-16", "01-20"), ("01-31", "02-05")]
    assert accrued(the_ledger("2026-02-05", A, plans=[TWO])) == accrued(ledger)  # a book without offers resumes as well


def test_on_break_retroactive_the_days_since_signing_count_too_once_it_broke() -> None:
    book = rules(relief=offer(on_break="retroactive"))
    assert accrued(the_ledger("2026-01-30", A, plans=[TWO], under=book)) == [("01-16", "01-20")]
    assert accrued(the_ledger("2026-01-31", A, plans=[TWO], under=book)) == [("01-16", "01-31")]


def test_breaking_is_retroactive_only_if_every_offer_of_instalments_says_so() -> None:
    mixed = rules(relief=offer(on_break="retroactive") + offer())
    assert len(accrued(the_ledger("2026-02-05", A, plans=[TWO], under=mixed))) == 2
    other_kind = rules(relief=offer(on_break="retroactive") + offer(kind="deferral"))
    assert len(accrued(the_ledger("2026-02-05", A, plans=[TWO], under=other_kind))) == 1


def test_money_that_falls_due_by_a_retroactive_break_is_taken_from_credit_that_day() -> None:
    signed = plan("2026-01-20", ("2026-01-30", "150"))
    payments = [paid("2026-01-25", "110", "a")]
    book = dear(relief=offer(on_break="retroactive"))
    before = of(the_ledger("2026-01-30", A, plans=[signed], payments=payments, under=book), "a")
    assert (before.fee.assessed, before.fee.paid) == (500, 500)
    ledger = the_ledger("2026-01-31", A, plans=[signed], payments=payments, under=book)
    assert (of(ledger, "a").fee.assessed, of(ledger, "a").fee.paid, ledger.credit) == (1000, 1000, 0)
    assert of(ledger, "a").applied[-1] == ("P2026-01-25", day("2026-01-31"), "late_fee", 500)


def test_a_payment_meets_the_fee_as_it_stood_while_the_plan_was_kept() -> None:
    """On 30 January, the last day, 5.00 stands; the ten days since signing count from the 31st on."""
    signed = plan("2026-01-20", ("2026-01-30", "150"))
    payments = [paid("2026-01-30", "103", "a", name="P1"), paid("2026-01-30", "1", name="P2"), paid("2026-01-31", "4")]
    book = dear(relief=offer(on_break="retroactive"))
    state = of(the_ledger("2026-01-31", A, plans=[signed], payments=payments, under=book), "a")
    assert [(each.on.day, each.amount) for each in state.applied] == [(30, 10_000), (30, 300), (30, 100), (31, 400)]
    assert (state.fee.assessed, state.fee.outstanding) == (1500, 700)
    whole = [paid("2026-01-30", "105", name="P1"), paid("2026-01-30", "9", "b", name="P2")]
    state = of(the_ledger("2026-01-30", A, B, plans=[signed], payments=whole, under=book), "a")
    assert (state.fee.paid, state.fee.assessed) == (500, 500)
    asked_later = of(the_ledger("2026-01-31", A, B, plans=[signed], payments=whole, under=book), "a")
    assert (asked_later.fee.paid, asked_later.fee.assessed) == (500, 1500)


def test_a_charge_all_paid_up_owes_again_when_its_plan_breaks_retroactively() -> None:
    signed = plan("2026-01-20", ("2026-01-30", "150"))
    payments = [paid("2026-01-22", "105", "a"), paid("2026-01-25", "5"), paid("2026-01-31", "1")]
    book = dear(relief=offer(on_break="retroactive"))
    ledger = the_ledger("2026-01-31", A, plans=[signed], payments=payments, under=book)
    # Two days since signing until it was paid: 2.00, from what was left of the second payment.
    assert (of(ledger, "a").fee.assessed, of(ledger, "a").fee.paid, ledger.credit) == (700, 700, 400)


def test_two_plans_that_broke_retroactively_are_undone_each_from_its_own_day_on() -> None:
    first = replace(plan("2026-01-20", ("2026-01-25", "150")), id="PL1")
    second = replace(plan("2026-01-22", ("2026-01-30", "150")), id="PL2")
    payments = [paid("2026-01-28", "130", "a")]
    book = dear(relief=offer(on_break="retroactive"))
    state = of(the_ledger("2026-01-31", A, plans=[first, second], payments=payments, under=book), "a")
    # On the 28th the first had broken and the second was kept: days 16 to 22 count; from the 31st on all to the 28th.
    assert [(each.on.day, each.part, each.amount) for each in state.applied] == [
        (28, "principal", 10_000),
        (28, "late_fee", 700),
        (31, "late_fee", 600),
    ]


def test_while_two_plans_are_kept_both_hold_the_fee_still_whatever_became_of_them() -> None:
    first = replace(plan("2026-01-20", ("2026-01-25", "150")), id="PL1")
    second = replace(plan("2026-01-22", ("2026-01-30", "150")), id="PL2")
    payments = [paid("2026-01-24", "109", "a")]
    book = dear(relief=offer(on_break="retroactive"))
    state = of(the_ledger("2026-01-31", A, plans=[first, second], payments=payments, under=book), "a")
    assert [(each.on.day, each.amount) for each in state.applied] == [(24, 10_000), (24, 500), (26, 200), (31, 200)]


def test_what_a_completed_plan_waived_is_not_paid() -> None:
    signed = replace(TWO, waive_late_fee=Fraction(1, 2))
    payments = [paid("2026-01-30", "100", name="P1"), paid("2026-02-10", "50", name="P2")]
    ledger = the_ledger("2026-02-10", A, plans=[signed], payments=payments, under=dear())
    fee = of(ledger, "a").fee
    assert (fee.assessed, fee.waived, fee.paid, ledger.credit) == (500, 250, 250, 4750)


@pytest.mark.parametrize(
    ("tolerance", "unit", "broken_on"),
    [
        (0, "d", "2026-01-31"),
        (3, "d", "2026-02-03"),
        (3, "wd", "2026-02-05"),
        (0, "wd", "2026-01-31"),
        (1, "mo", "2026-03-01"),
        (48, "h", "2026-02-02"),
        (47, "h", "2026-02-01"),
        (1, "y", "2027-01-31"),
    ],
)
def test_each_instalment_has_its_tolerance(tolerance: int, unit: str, broken_on: str) -> None:
    book = rules(relief=offer(tolerance, unit))
    state = the_ledger("2027-03-10", A, plans=[TWO], under=book).plans[0]
    assert state.broken_on == day(broken_on)
    last_day = (day(broken_on) - timedelta(days=1)).isoformat()
    assert the_ledger(last_day, A, plans=[TWO], under=book).plans[0].state == "kept"
    in_time = [paid(last_day, "50")]
    assert the_ledger(broken_on, A, plans=[TWO], payments=in_time, under=book).plans[0].state == "kept"
    too_late = [paid(broken_on, "100")]
    assert the_ledger("2027-03-10", A, plans=[TWO], payments=too_late, under=book).plans[0].broken_on == day(broken_on)


@pytest.mark.parametrize("unit", ["d", "wd", "mo", "y"])
def test_a_deadline_beyond_all_days_is_never_missed(unit: str) -> None:
    endless = plan("2026-01-20", ("9999-12-31", "50"))
    assert the_ledger("9999-12-31", A, plans=[endless], under=rules(relief=offer(3, unit))).plans[0].state == "kept"


def test_among_several_offers_the_longest_tolerance_holds() -> None:
    book = rules(relief=offer(1) + offer(4) + offer(2) + offer(9, kind="waiver"))
    assert the_ledger("2026-03-10", A, plans=[TWO], under=book).plans[0].broken_on == day("2026-02-04")


def test_instalments_add_up_and_may_be_paid_ahead() -> None:
    ahead = [paid("2026-01-20", "100.25")]
    ledger = the_ledger("2026-06-30", A, plans=[TWO], payments=ahead)
    assert (ledger.plans[0].state, ledger.plans[0].completed_on) == ("completed", day("2026-01-20"))
    half = [paid("2026-01-21", "50")]
    assert the_ledger("2026-02-27", A, plans=[TWO], payments=half).plans[0].state == "kept"
    assert the_ledger("2026-02-28", A, plans=[TWO], payments=half).plans[0].broken_on == day("2026-02-28")
    all_but_one = the_ledger("2026-02-27", A, plans=[TWO], payments=[paid("2026-01-21", "99.99")]).plans[0]
    assert (all_but_one.state, all_but_one.completed_on) == ("kept", None)
    whole = [paid("2026-01-22", "40", name="P2"), paid("2026-01-21", "60", name="P1")]
    assert the_ledger("2026-02-27", A, plans=[TWO], payments=whole).plans[0].completed_on == day("2026-01-22")
    short = [paid("2026-01-21", "49.99")]
    assert the_ledger("2026-02-27", A, plans=[TWO], payments=short).plans[0].broken_on == day("2026-01-31")


def test_payments_before_signing_and_for_other_charges_do_not_count() -> None:
    def state(*payments: Payment, charges: tuple[str, ...] = ("a",)) -> str:
        signed = replace(TWO, charges=charges)
        parking = charge(JANUARY, "100.00", name="p", item="parking")
        return the_ledger("2026-01-31", A, B, parking, plans=[signed], payments=payments).plans[0].state

    assert state(paid("2026-01-19", "50")) == "broken"
    assert state(paid("2026-01-20", "50")) == "kept"
    assert state(paid("2026-01-20", "50", "b")) == "broken"
    assert state(paid("2026-01-20", "50", "b", "a")) == "kept"
    assert state(paid("2026-01-20", "50", only=("parking",))) == "broken"
    assert state(paid("2026-01-20", "50", only=("parking", "property_fee"))) == "kept"
    assert state(paid("2026-01-20", "50", "b"), charges=("a", "b")) == "kept"


def test_a_reversed_payment_breaks_the_plan_it_kept() -> None:
    payment = replace(paid("2026-01-25", "50"), reversed_on=day("2026-02-10"))
    assert the_ledger("2026-02-09", A, plans=[TWO], payments=[payment]).plans[0].state == "kept"
    assert the_ledger("2026-02-10", A, plans=[TWO], payments=[payment]).plans[0].broken_on == day("2026-01-31")


def test_a_plan_that_lists_no_charges_covers_what_was_due_when_it_was_signed() -> None:
    signed = plan(FEBRUARY, ("2026-12-31", "500"), charges=())
    ledger = the_ledger("2026-03-31", A, B, C, plans=[signed])
    assert [sum(each.days for each in state.fee.segments) for state in ledger.charges] == [28, 0, 19]


def test_a_plan_without_instalments_is_kept_and_never_completed() -> None:
    ledger = the_ledger("2026-12-31", A, plans=[plan("2026-01-20")], payments=[paid("2026-01-21", "500")])
    assert ledger.plans[0][1:] == ("kept", None, None)


def test_a_plan_s_waiver_is_contingent_until_it_is_completed() -> None:
    """Five days at 1% are 5.00 at signing, half of it to be waived."""
    signed = replace(TWO, waive_late_fee=Fraction(1, 2))
    kept = of(the_ledger("2026-01-30", A, plans=[signed], under=dear()), "a").fee
    assert (kept.assessed, kept.waived, kept.contingent, kept.outstanding) == (500, 0, 250, 500)
    without = of(the_ledger("2026-01-30", A, plans=[TWO], under=dear()), "a").fee
    assert (without.contingent, without.outstanding) == (0, 500)
    payments = [paid("2026-01-30", "50", name="P1"), paid("2026-02-10", "50", name="P2")]
    done = of(the_ledger("2026-02-10", A, plans=[signed], payments=payments, under=dear()), "a").fee
    assert (done.assessed, done.waived, done.contingent, done.outstanding, done.to_book) == (500, 250, 0, 250, 250)
    day_before = of(the_ledger("2026-02-09", A, plans=[signed], payments=payments, under=dear()), "a").fee
    assert (day_before.waived, day_before.contingent) == (0, 250)
    broken = of(the_ledger("2026-02-28", A, plans=[signed], payments=payments[:1], under=dear()), "a").fee
    assert (broken.waived, broken.contingent) == (0, 0)


def test_a_plan_waives_no_more_than_is_outstanding_and_rounds_half_up() -> None:
    third = replace(TWO, signed=day("2026-01-20"), waive_late_fee=Fraction(1, 3))
    assert of(the_ledger("2026-01-30", A, plans=[third], under=dear()), "a").fee.contingent == 167
    whole = replace(TWO, waive_late_fee=Fraction(1))
    partly_paid = [paid("2026-01-20", "102", "a")]
    fee = of(the_ledger("2026-01-30", A, plans=[whole], payments=partly_paid, under=dear()), "a").fee
    assert (fee.paid, fee.waived, fee.outstanding) == (200, 300, 0)
    unpaid_rest = of(
        the_ledger("2026-01-30", A, plans=[whole], payments=[paid("2026-01-19", "103")], under=dear()), "a"
    ).fee
    assert (unpaid_rest.paid, unpaid_rest.contingent, unpaid_rest.outstanding) == (300, 100, 100)
