"""Ledgers of many households at once: who is handed back and why, and that nobody else is touched by it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from columns_ledgers import differences
from dunning.basis.calendar import Calendar, Year
from dunning.columns.facts import OF_ACCOUNT, OF_CHARGE, facts_of
from dunning.columns.ledgers import REASONS, ledgers
from dunning.columns.packing import pack
from dunning.model.account import Account, Charge, Instalment, Payment, Plan, Settled
from dunning.model.rulebook import Cap, Payments, RuleBook
from households import charge, day, household, paid
from ledgers import AGREED, JANUARY, adjust, dear, refund, rules

ON = day("2026-06-30")
PLAIN = household(
    charge(JANUARY, "1592.25", name="a"), payments=(paid("2026-03-01", "800.00", name="P1"),), contract=AGREED
)


def reasons_under(account: Account, book: RuleBook) -> list[str]:
    """The same for an account by itself."""
    made = ledgers(pack([account]), book, ON)
    assert differences([account], book, ON)[0] == []
    return [REASONS[made.reason[0]], "exact" if made.exact[0] else "handed back"]


def reasons(account: Account, book: RuleBook | None = None) -> list[str]:
    """Why it is handed back, or went through `replay`, between two others that are not."""
    named = [
        replace(each, id=f"A-{n}", debtor=replace(each.debtor, id=f"O-{n}"))
        for n, each in enumerate((PLAIN, account, PLAIN))
    ]
    made = ledgers(pack(named), book or rules(), ON)
    assert REASONS[made.reason[0]] == REASONS[made.reason[2]] == ""
    assert made.unpaid[0] == made.unpaid[-1] == 79_225
    assert made.fees.assessed[0] == made.fees.assessed[-1] == 7_961
    assert differences(named, book or rules(), ON)[0] == []
    return [REASONS[made.reason[1]], "exact" if made.exact[1] else "handed back"]


def of(*charges: Charge, **more: object) -> Account:
    return replace(household(*charges, contract=AGREED), **more)  # type: ignore[arg-type]


def test_payments_of_charges_that_nobody_has() -> None:
    split = paid("2026-03-01", "8.00", "gone", name="P1")
    payment = replace(split, settles=(Settled(charge="gone", amount=800),))
    gone = (adjust("2026-04-01", "relief", "1.00", "gone"),)
    assert reasons_under(of(payments=(payment,), adjustments=gone), rules()) == ["", "exact"]


def test_what_arrays_do_needs_no_reason() -> None:
    assert reasons(PLAIN) == ["", "exact"]
    forgiven = replace(
        PLAIN, adjustments=(adjust("2026-02-01", "relief", "100.00"), adjust("2026-04-01", "late_fee_waiver", "5.00"))
    )
    assert reasons(forgiven) == ["", "exact"]


def test_plans_refunds_and_money_for_some_items_go_through_replay_and_keep_their_place() -> None:
    plan = Plan(id="PL", signed=day("2026-02-01"), instalments=(Instalment(due=day("2026-05-01"), amount=100_000),))
    assert reasons(replace(PLAIN, plans=(plan,))) == ["plan", "exact"]
    assert reasons(replace(PLAIN, adjustments=(refund("2026-03-02", "10.00", "P1"),))) == ["refund", "exact"]
    only = Payment(id="P2", on=day("2026-03-01"), amount=100, only=("parking",))
    assert reasons(replace(PLAIN, payments=(only,))) == ["only", "exact"]


def test_a_plan_signed_later_and_a_payment_reversed_ask_for_nothing() -> None:
    assert reasons(replace(PLAIN, plans=(Plan(id="PL", signed=day("2026-07-01")),))) == ["", "exact"]
    gone = Payment(id="P2", on=day("2026-03-01"), amount=100, only=("parking",), reversed_on=day("2026-03-05"))
    assert reasons(replace(PLAIN, payments=(*PLAIN.payments, gone))) == ["", "exact"]


def test_a_charge_that_never_falls_due_is_for_assess_to_refuse() -> None:
    assert reasons(of(Charge(id="a", amount=100))) == ["no_due_date", "handed back"]
    last = date(9999, 12, 31)
    resting = replace(rules(), calendar=Calendar({2026: Year(), 9999: Year(rest=frozenset({last}))}))
    assert reasons(of(Charge(id="a", amount=100, due=last)), resting) == ["no_working_day", "handed back"]


@pytest.mark.parametrize("fen", [10**18, 2**62 - 1, 2**60])
def test_a_sum_that_64_bits_might_not_hold_is_left_to_numbers_of_any_size(fen: int) -> None:
    """Nothing wraps: neither the fee of a charge nor the sums that run through the whole batch."""
    assert reasons(of(charge(JANUARY, "1.00", name="a"), payments=(Payment(id="P", on=ON, amount=fen),))) == [
        "too_large",
        "handed back",
    ]
    assert reasons(of(Charge(id="a", amount=fen, due=day(JANUARY)))) == ["too_large", "handed back"]


def test_a_rate_that_64_bits_might_not_hold_is_too() -> None:
    contract = replace(AGREED, late_fee_rate=Fraction(1, 10**12 + 39))
    assert reasons(replace(PLAIN, contracts=(contract,)), rules()) == ["too_large", "handed back"]


def test_shares_too_large_to_be_multiplied_are_handed_back_alone() -> None:
    """民法典560 shares money by principal; the product of the two must fit."""
    book = dear(
        payments=Payments(across_charges="statutory"), rate=Fraction(1, 2000), cap=rules().late_fees[0].cap.steps[0][1]
    )
    many = 3 * 10**9
    charges = (Charge(id="a", amount=many, due=day(JANUARY)), Charge(id="b", amount=many, due=day(JANUARY)))
    rich = of(*charges, payments=(Payment(id="P", on=day("2026-02-01"), amount=many),))
    assert reasons(rich, book) == ["too_large", "handed back"]


def test_an_empty_batch_has_empty_ledgers() -> None:
    made = ledgers(pack([]), rules(), ON)
    assert len(made.exact) == len(made.unpaid) == 0
    made_of = facts_of(pack([]), made, rules(), ON, OF_ACCOUNT, OF_CHARGE)
    assert set(made_of.of_accounts) == set(OF_ACCOUNT)


def test_households_without_charges_or_payments_have_credit_or_nothing() -> None:
    paid_only = household(payments=(paid("2026-03-01", "5.00"),), contract=AGREED)
    made = ledgers(pack([replace(paid_only, id="A-1"), replace(household(), id="A-2")]), rules(), ON)
    assert made.credit.tolist() == [500, 0]
    assert np.all(made.exact)


def test_what_was_settled_within_grace_owes_no_fee_to_a_later_payment_either() -> None:
    """A second payment that names the charge finds nothing to settle: it is credit."""
    named = replace(
        PLAIN,
        payments=(
            paid("2026-01-17", "1592.25", name="P1"),
            replace(paid("2026-03-01", "50.00", name="P2"), for_=("a",)),
        ),
        adjustments=(adjust("2026-04-01", "late_fee_waiver", "1.00"),),
    )
    book = rules(grace=3)
    assert reasons_under(named, book) == ["", "exact"]
    assert ledgers(pack([named]), book, ON).credit.tolist() == [5_000]


def test_a_fee_lapses_at_the_end_of_the_day_the_principal_is_paid() -> None:
    """Asked about on that very day, what is left of it is waived already."""
    today = replace(PLAIN, payments=(paid("2026-06-30", "1592.25", name="P1"),))
    book = rules(after_principal="waive")
    assert reasons_under(today, book) == ["", "exact"]
    made = ledgers(pack([today]), book, ON)
    assert (made.fees.waived.tolist(), made.fees.outstanding.tolist()) == ([7_961], [0])


def test_relief_and_write_off_of_a_day_go_by_id() -> None:
    """Each takes at most what is unpaid, so that their order decides how much of either there is."""
    many = (
        adjust("2026-04-01", "relief", "700.00", name="J2"),
        adjust("2026-04-01", "write_off", "700.00", name="J1"),
    )
    both = replace(PLAIN, adjustments=many)
    assert reasons_under(both, rules()) == ["", "exact"]
    made = ledgers(pack([both]), rules(), ON)
    assert (made.written_off.tolist(), made.relief.tolist()) == ([70_000], [9_225])


def test_a_contract_lowers_the_share_of_a_cap_and_not_what_it_is_taken_of() -> None:
    early = replace(
        PLAIN,
        contracts=(replace(AGREED, late_fee_cap=Fraction(1, 100)),),
        payments=(replace(paid("2026-01-10", "592.25", name="P1"), for_=("a",)),),
    )
    book = rules(cap=Cap(Fraction(1, 20), "overdue"))
    assert reasons_under(early, book) == ["", "exact"]
    assert ledgers(pack([early]), book, ON).fees.assessed.tolist() == [1_000]
