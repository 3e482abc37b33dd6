"""What corrections and refunds undo, what is told of books and contracts, and what can be asked of a ledger."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from dunning.basis.errors import AccountError
from dunning.engine.owed.ledger import _least, replay
from dunning.model.account import (
    Account,
    BookedLateFee,
    Contract,
    Instalment,
    Opening,
    Party,
    Payment,
    Plan,
)
from dunning.model.rulebook import Dated, RuleBook
from households import charge, credit_note, day, household, paid
from ledgers import (
    AGREED,
    FEBRUARY,
    JANUARY,
    A,
    B,
    adjust,
    booked,
    dear,
    fees,
    of,
    refund,
    rules,
    the_ledger,
    told,
    unpaid,
)

# Corrections


def test_a_payment_counts_from_its_day_and_is_absent_from_the_day_it_was_reversed() -> None:
    payment = replace(paid("2026-01-20", "100.25"), reversed_on=day("2026-02-10"))
    days = ("2026-01-19", "2026-01-20", "2026-02-09", "2026-02-10")
    assert [unpaid(the_ledger(on, A, payments=[payment]))["a"] for on in days] == [10_000, 0, 0, 10_000]
    reversed_ledger = the_ledger("2026-02-10", A, payments=[payment])
    assert (reversed_ledger.payments, of(reversed_ledger, "a").fee.assessed) == ((), 26 * 5)


def test_principal_that_a_credit_note_frees_settles_the_next_charge_on_the_payments_own_day() -> None:
    payments = [paid(FEBRUARY, "100")]
    note = credit_note("2026-03-20", "40", "a")
    before = the_ledger("2026-03-19", A, B, payments=payments, adjustments=[note])
    assert unpaid(before) == {"a": 0, "b": 10_000}
    after = the_ledger("2026-03-20", A, B, payments=payments, adjustments=[note])
    # 60.00 and 28 days' fee on it, 0.84, go to a; the rest was b's on the same day.
    assert [(each.on, each.amount) for each in of(after, "b").applied] == [(day(FEBRUARY), 3916)]
    assert (of(after, "a").principal, of(after, "a").fee.assessed) == (6000, 84)


def test_credit_notes_add_up_and_end_at_the_amount() -> None:
    notes = [credit_note("2026-01-05", "60", "a"), credit_note("2026-01-06", "60", "a")]
    ledger = the_ledger("2026-06-30", A, adjustments=notes)
    state = of(ledger, "a")
    assert (state.principal, state.unpaid, state.settled_on, state.fee.assessed) == (0, 0, day(JANUARY), 0)
    (finding,) = ledger.findings
    assert (finding.code, finding.args["id"], finding.args["excess"]) == ("A402", "N2026-01-06", "20.00")
    assert of(the_ledger("2026-01-10", A, adjustments=notes), "a").settled_on == day("2026-01-10")
    assert the_ledger("2026-01-05", A, adjustments=notes).findings == ()
    exact = [credit_note("2026-01-05", "60", "a"), credit_note("2026-01-06", "40", "a")]
    assert the_ledger("2026-06-30", A, adjustments=exact).findings == ()


def test_relief_and_write_off_take_at_most_what_is_unpaid_at_the_end_of_their_day() -> None:
    given = [
        adjust("2026-01-20", "write_off", "30", name="J1"),
        adjust("2026-01-20", "relief", "50", name="J2"),
    ]
    ledger = the_ledger("2026-01-20", A, payments=[paid("2026-01-20", "40")], adjustments=given)
    state = of(ledger, "a")
    assert (state.paid, state.written_off, state.relief, state.unpaid) == (4000, 3000, 3000, 0)
    assert (state.principal, state.settled_on) == (10_000, day("2026-01-20"))
    (finding,) = ledger.findings
    assert (finding.code, finding.args["id"], finding.args["excess"]) == ("A403", "J2", "20.00")
    assert [tuple(each) for each in state.forgiven] == [
        ("J1", day("2026-01-20"), "write_off", 3000),
        ("J2", day("2026-01-20"), "relief", 3000),
    ]


def test_relief_of_nothing_unpaid_leaves_no_trace_but_the_finding() -> None:
    ledger = the_ledger(
        "2026-01-20", A, payments=[paid(JANUARY, "100")], adjustments=[adjust("2026-01-20", "relief", "5")]
    )
    assert (of(ledger, "a").forgiven, of(ledger, "a").settled_on, told(ledger)) == (
        (),
        day(JANUARY),
        [("A403", "J2026-01-20")],
    )


def test_adjustments_of_charges_nobody_knows_do_nothing() -> None:
    unknown = [
        adjust(JANUARY, kind, "5", "nowhere", name=kind) for kind in ("relief", "late_fee_waiver", "credit_note")
    ]
    ledger = the_ledger("2026-01-25", A, adjustments=unknown)
    assert ledger.charges == the_ledger("2026-01-25", A).charges
    assert ledger.findings == ()


def test_a_waiver_forgives_at_most_the_fee_outstanding_on_its_day_and_the_fee_grows_on() -> None:
    waiver = [adjust("2026-01-25", "late_fee_waiver", "0.60")]
    on_its_day = the_ledger("2026-01-25", A, adjustments=waiver)
    fee = of(on_its_day, "a").fee
    assert (fee.assessed, fee.waived, fee.outstanding, fee.to_book) == (50, 50, 0, 50)
    assert [(finding.code, finding.args["excess"]) for finding in on_its_day.findings] == [("A405", "0.10")]
    fee = of(the_ledger("2026-01-27", A, adjustments=waiver), "a").fee
    assert (fee.assessed, fee.waived, fee.outstanding) == (60, 50, 10)


def test_a_waiver_comes_after_the_payments_of_its_day() -> None:
    waiver = [adjust("2026-01-25", "late_fee_waiver", "0.60")]
    ledger = the_ledger("2026-01-25", A, payments=[paid("2026-01-25", "100.20")], adjustments=waiver)
    fee = of(ledger, "a").fee
    assert (fee.paid, fee.waived, fee.outstanding) == (20, 30, 0)


def test_waivers_add_up_to_no_more_than_was_outstanding() -> None:
    waivers = [
        adjust("2026-01-25", "late_fee_waiver", "0.20", name="J1"),
        adjust("2026-01-25", "late_fee_waiver", "0.20", name="J2"),
        adjust("2026-01-25", "late_fee_waiver", "0.20", name="J3"),
    ]
    ledger = the_ledger("2026-01-25", A, adjustments=waivers)
    assert (of(ledger, "a").fee.waived, of(ledger, "a").fee.outstanding) == (50, 0)
    assert [(finding.args["id"], finding.args["excess"]) for finding in ledger.findings] == [("J3", "0.10")]


def test_a_waiver_after_a_plan_was_completed_finds_what_the_plan_left() -> None:
    done = Plan(
        id="PL",
        signed=day("2026-01-20"),
        charges=("a",),
        waive_late_fee=Fraction(1, 2),
        instalments=(Instalment(due=day("2026-01-30"), amount=5000),),
    )
    waiver = [adjust("2026-01-28", "late_fee_waiver", "9")]
    ledger = the_ledger(
        "2026-01-30", A, plans=[done], payments=[paid("2026-01-28", "50")], adjustments=waiver, under=dear()
    )
    # On one day the waiver, a record, comes before what the rules waive.
    assert (of(ledger, "a").fee.waived, of(ledger, "a").fee.to_book) == (500, 500)
    later = [adjust("2026-01-29", "late_fee_waiver", "9")]
    ledger = the_ledger(
        "2026-01-30", A, plans=[done], payments=[paid("2026-01-28", "50")], adjustments=later, under=dear()
    )
    assert (of(ledger, "a").fee.waived, of(ledger, "a").fee.to_book) == (500, 250)


def test_under_waive_a_fee_can_be_paid_on_the_day_credit_settles_the_principal() -> None:
    old = replace(charge("2026-01-08", "50.00", name="o"), opening=Opening(on=day("2026-01-22"), late_fee=300))
    payments = [paid("2026-01-14", "50", name="P1"), paid("2026-01-22", "2", name="P2")]
    ledger = the_ledger("2026-01-23", old, payments=payments, under=rules(after_principal="waive"))
    fee = of(ledger, "o").fee
    assert (fee.paid, fee.waived, fee.outstanding, ledger.credit) == (200, 100, 0, 0)


def test_under_waive_a_waiver_counts_while_principal_is_open_and_on_the_day_it_is_settled() -> None:
    book = dear(after_principal="waive")
    waiver = [adjust("2026-01-25", "late_fee_waiver", "4")]
    still_open = the_ledger("2026-01-25", A, adjustments=waiver, under=book)
    assert (of(still_open, "a").fee.waived, of(still_open, "a").fee.outstanding) == (400, 600)
    settled = the_ledger("2026-01-25", A, payments=[paid("2026-01-25", "100")], adjustments=waiver, under=book)
    assert (of(settled, "a").fee.waived, of(settled, "a").fee.to_book, told(settled)) == (1000, 400, [])


def test_a_waived_fee_is_not_paid_again() -> None:
    waiver = [adjust("2026-01-20", "late_fee_waiver", "0.25")]
    ledger = the_ledger("2026-01-25", A, payments=[paid("2026-01-25", "101")], adjustments=waiver)
    assert (of(ledger, "a").fee.paid, of(ledger, "a").fee.outstanding, ledger.credit) == (25, 0, 75)


def test_under_waive_a_fee_can_be_paid_with_the_principal_and_lapses_after_that_day() -> None:
    book = dear(after_principal="waive")
    together = the_ledger("2026-01-27", A, payments=[paid("2026-01-25", "104")], under=book)
    fee = of(together, "a").fee
    assert (fee.assessed, fee.paid, fee.waived, fee.outstanding, fee.to_book) == (1000, 400, 600, 0, 400)
    later = [paid("2026-01-25", "100", name="P1"), paid("2026-01-26", "5", name="P2")]
    ledger = the_ledger("2026-01-27", A, payments=later, under=book)
    assert (of(ledger, "a").fee.paid, of(ledger, "a").fee.waived, ledger.credit) == (0, 1000, 500)
    waiver = [adjust("2026-01-26", "late_fee_waiver", "5")]
    ledger = the_ledger("2026-01-27", A, payments=later[:1], adjustments=waiver, under=book)
    assert (of(ledger, "a").fee.waived, told(ledger)) == (1000, [("A405", "J2026-01-26")])
    still_open = of(the_ledger("2026-01-27", A, payments=[paid("2026-01-25", "99.99")], under=book), "a").fee
    assert (still_open.waived, still_open.outstanding) == (0, still_open.assessed)


# Refunds


def test_a_refund_comes_from_credit_its_own_payments_first() -> None:
    payments = [paid("2026-01-05", "40", name="P1"), paid("2026-01-06", "40", name="P2")]
    ledger = the_ledger(JANUARY, A, payments=payments, adjustments=[refund("2026-01-10", "50", "P2")])
    assert (unpaid(ledger), ledger.credit, ledger.refunded) == ({"a": 7000}, 0, 5000)
    assert [(each.payment, each.amount) for each in of(ledger, "a").applied] == [("P1", 3000)]
    unnamed = the_ledger(JANUARY, A, payments=payments, adjustments=[refund("2026-01-10", "50", None)])
    assert [(each.payment, each.amount) for each in of(unnamed, "a").applied] == [("P2", 3000)]


def test_a_refund_takes_what_credit_is_left_at_the_end_of_its_day() -> None:
    ledger = the_ledger(JANUARY, A, payments=[paid(JANUARY, "130")], adjustments=[refund(JANUARY, "30", "P2026-01-15")])
    assert (unpaid(ledger), ledger.credit, ledger.findings) == ({"a": 0}, 0, ())


def test_what_credit_does_not_cover_was_never_paid() -> None:
    given = [refund("2026-03-20", "50", "P1")]
    payments = [paid("2026-01-20", "130", name="P1")]
    before = the_ledger("2026-03-19", A, payments=payments, adjustments=given)
    assert (unpaid(before), before.credit) == ({"a": 0}, 2975)
    after = the_ledger("2026-03-20", A, payments=payments, adjustments=given)
    # P1 counts for 80.00 from the first day: 20.00 is open since then, 59 days on from the payment.
    assert (unpaid(after), after.credit, after.refunded) == ({"a": 2000}, 0, 5000)
    assert of(after, "a").fee.exact == Fraction(5 * 10_000 + 59 * 2000, 2000)
    assert after.findings == ()


def test_a_gap_a_refund_left_is_filled_by_later_credit_until_none_is_left() -> None:
    payments = [paid(JANUARY, "100", name="P1"), paid("2026-01-20", "50", name="P2")]
    ledger = the_ledger("2026-01-30", A, payments=payments, adjustments=[refund("2026-01-30", "80", "P1")])
    assert (unpaid(ledger), ledger.credit, ledger.refunded) == ({"a": 3000}, 0, 8000)
    # P1 counts for 20.00, so that 80.00 stood open for five days, and 30.00 since.
    assert [(each.principal, each.days) for each in of(ledger, "a").fee.segments] == [(8000, 5), (3000, 10)]


def test_a_large_refund_is_settled_without_creeping_fen_by_fen() -> None:
    big = charge(JANUARY, "90000.00", name="a")
    payments = [paid(JANUARY, "90000", name="P1"), paid("2026-01-20", "50000", name="P2")]
    ledger = the_ledger("2026-01-30", big, payments=payments, adjustments=[refund("2026-01-30", "50000.01", "P1")])
    assert (ledger.refunded, ledger.credit) == (5_000_001, 0)
    assert of(ledger, "a").paid + of(ledger, "a").fee.paid == 14_000_000 - 5_000_001


def test_a_payment_refunded_whole_leaves_nothing_behind() -> None:
    ledger = the_ledger(
        "2026-01-30", A, payments=[paid(JANUARY, "40", name="P1")], adjustments=[refund("2026-01-20", "40", "P1")]
    )
    assert (of(ledger, "a").applied, of(ledger, "a").paid, ledger.credit) == ((), 0, 0)


@pytest.mark.parametrize(
    ("gap_until", "by", "low", "high", "least", "asked"),
    [
        (10, "all", 0, 100, 10, [0, 10]),
        (10, "all", 3, 100, 10, [3, 10]),
        (10, "all", 0, 10, 10, [0]),
        (10, "all", 0, 8, 8, [0]),
        (10, "all", 8, 8, 8, []),
        (0, "all", 0, 8, 0, [0]),
        (3, "one", 0, 100, 3, [0, 1, 2, 3]),
        (6, "one", 0, 100, 6, [0, 1, 2, 3, 52, 28, 16, 10, 7, 5, 6]),
        (4, "one", 0, 7, 4, [0, 1, 2, 3, 5, 4]),
        (7, "one", 0, 7, 7, [0, 1, 2, 3, 5, 6]),
        (6, "one", 0, 6, 6, [0, 1, 2, 3, 5]),
    ],
)
def test_the_least_to_take_back_is_found_in_a_few_steps(
    gap_until: int, by: str, low: int, high: int, least: int, asked: list[int]
) -> None:
    """What is missing either falls with each fen taken, or stays one fen until all of a later credit is used up."""
    seen: list[int] = []

    def missing(fen: int) -> int:
        seen.append(fen)
        left = max(0, gap_until - fen)
        return left if by == "all" else min(left, 1)

    assert (_least(missing, low, high), seen) == (least, asked)


def test_a_refund_of_more_than_credit_and_payment_hold_is_told() -> None:
    payments = [paid(JANUARY, "60", name="P1"), paid(JANUARY, "40", name="P2")]
    ledger = the_ledger("2026-01-16", A, payments=payments, adjustments=[refund("2026-01-16", "70", "P1")])
    assert (unpaid(ledger), ledger.refunded) == ({"a": 6000}, 6000)
    assert [(finding.code, finding.args["excess"]) for finding in ledger.findings] == [("A404", "10.00")]


@pytest.mark.parametrize(
    "payment",
    [
        paid("2026-01-17", "60", name="P1"),
        replace(paid(JANUARY, "60", name="P1"), reversed_on=day("2026-01-16")),
        paid(JANUARY, "60", name="P2"),
    ],
    ids=["made later", "reversed", "another"],
)
def test_nothing_is_taken_back_of_a_payment_that_was_not_there(payment: Payment) -> None:
    ledger = the_ledger("2026-01-20", A, payments=[payment], adjustments=[refund("2026-01-16", "10", "P1")])
    assert (ledger.refunded, told(ledger)) == (0, [("A404", "R")])


def test_what_an_earlier_refund_did_not_get_is_left_for_a_later_one() -> None:
    given = [refund("2026-01-14", "40", "P1", name="R1"), refund("2026-01-16", "40", "P1", name="R2")]
    ledger = the_ledger("2026-01-20", A, payments=[paid(JANUARY, "60", name="P1")], adjustments=given)
    assert (unpaid(ledger), ledger.refunded) == ({"a": 8000}, 4000)
    assert [(finding.args["id"], finding.args["excess"]) for finding in ledger.findings] == [("R1", "40.00")]


def test_a_refund_on_the_day_of_its_payment_takes_it_back() -> None:
    ledger = the_ledger(
        "2026-01-20", A, payments=[paid(JANUARY, "60", name="P1")], adjustments=[refund(JANUARY, "40", "P1")]
    )
    assert (unpaid(ledger), ledger.findings) == ({"a": 8000}, ())


def test_money_taken_back_was_not_paid_towards_a_plan_either() -> None:
    half = Plan(
        id="PL",
        signed=day("2026-01-14"),
        charges=("a",),
        instalments=(Instalment(due=day("2026-01-30"), amount=5000),),
    )
    payments = [paid(JANUARY, "60", name="P1")]

    def state(back: str) -> str:
        given = [refund("2026-01-20", back, "P1")]
        return the_ledger("2026-01-31", A, plans=[half], payments=payments, adjustments=given).plans[0].state

    assert (state("10"), state("10.01")) == ("completed", "broken")


def test_refunds_of_one_payment_come_to_the_payment_at_most_the_earlier_first() -> None:
    given = [refund("2026-01-17", "40", "P1", name="R2"), refund("2026-01-16", "40", "P1", name="R1")]
    ledger = the_ledger("2026-01-20", A, payments=[paid(JANUARY, "60", name="P1")], adjustments=given)
    assert (unpaid(ledger), ledger.refunded) == ({"a": 10_000}, 6000)
    assert [(finding.args["id"], finding.args["excess"]) for finding in ledger.findings] == [("R2", "20.00")]


# Books and contracts


def test_late_fees_the_erp_booked_are_set_against_what_we_assess_and_are_no_principal() -> None:
    rows = [
        BookedLateFee(id="L1", charge="a", on=day("2026-01-20"), amount=30),
        BookedLateFee(id="L2", charge="a", on=day("2026-01-25"), amount=25),
        BookedLateFee(id="L3", charge="b", on=day("2026-01-25"), amount=1),
    ]
    early = of(the_ledger("2026-01-24", A, B, late_fees=rows), "a").fee
    assert (early.assessed, early.booked, early.to_book) == (45, 30, 15)
    ledger = the_ledger("2026-01-25", A, B, late_fees=rows)
    assert (of(ledger, "a").fee.booked, of(ledger, "a").fee.to_book, of(ledger, "a").unpaid) == (55, -5, 10_000)
    assert [(f.code, f.args["id"], f.args["booked"], f.args["excess"]) for f in ledger.findings] == [
        ("A504", "a", "0.55", "0.05"),
        ("A504", "b", "0.01", "0.01"),
    ]
    exact = [BookedLateFee(id="L1", charge="a", on=day("2026-01-20"), amount=25)]
    assert the_ledger("2026-01-20", A, late_fees=exact).findings == ()


def contract_findings(book: RuleBook, on: str = "2026-06-30", **said: Any) -> list[tuple[str, str, str]]:
    contract = Contract(id="K9", **{"late_fee_clause": True, **said})
    ledger = the_ledger(on, A, B, contract=contract, under=book)
    return [(f.code, f.args.get("contract", ""), f.args.get("book", "")) for f in ledger.findings]


def test_a_contract_above_the_book_is_told_once_for_its_rate_and_once_for_its_cap() -> None:
    high = {"late_fee_rate": Fraction(1, 1000), "late_fee_cap": Fraction(1, 10)}
    assert contract_findings(rules(), **high) == [("A501", "0.001", "0.0005"), ("A502", "0.1", "0.05")]
    same = {"late_fee_rate": Fraction(1, 2000), "late_fee_cap": Fraction(1, 20)}
    assert contract_findings(rules(), **same) == []
    assert contract_findings(rules(cap=None), late_fee_cap=Fraction(1, 10)) == []
    assert contract_findings(rules(), late_fee_clause=None, **high) == []
    assert contract_findings(rules(items=("parking",)), **high) == []


def test_a_contract_is_compared_with_every_rate_it_has_met() -> None:
    falling = Dated(((day("2020-01-01"), Fraction(1, 2000)), (day("2026-03-01"), Fraction(3, 10_000))))
    between = {"late_fee_rate": Fraction(4, 10_000)}
    by_day, by_due = rules(), rules(dated_by="due")
    by_day = replace(by_day, late_fees=(replace(by_day.late_fees[0], rate=falling),))
    by_due = replace(by_due, late_fees=(replace(by_due.late_fees[0], rate=falling),))
    assert contract_findings(by_day, "2026-02-28", **between) == []
    assert contract_findings(by_day, "2026-03-01", **between) == [("A501", "0.0004", "0.0003")]
    assert contract_findings(by_due, "2026-03-01", **between) == []


@pytest.mark.parametrize(("shown", "codes"), [(None, []), (True, []), (False, ["A503"])])
def test_a_clause_nobody_was_shown_only_warns(shown: bool | None, codes: list[str]) -> None:
    ledger = the_ledger("2026-01-16", A, B, contract=replace(AGREED, clause_shown=shown))
    assert ([finding.code for finding in ledger.findings], fees(ledger)) == (codes, {"a": 5, "b": 0})


def test_of_contracts_in_force_together_the_one_that_began_last_holds() -> None:
    old = Contract(id="K1", since=day("2021-01-01"), late_fee_clause=False)
    new = Contract(id="K0", since=day("2026-01-01"), late_fee_clause=True)
    endless = Contract(id="K2", late_fee_clause=None)
    for order in ((old, new, endless), (endless, new, old)):
        account = replace(household(A), contracts=order)
        assert replay(account, rules(), day("2026-01-16")).charges[0].contract is new
    twins = (replace(new, id="K3"), new)
    assert replay(replace(household(A), contracts=twins), rules(), day("2026-01-16")).charges[0].contract is twins[0]


def test_a_contract_that_begins_after_the_day_asked_about_is_not_known() -> None:
    later = Contract(id="K1", since=day("2026-01-11"), late_fee_clause=True)
    account = replace(household(A), contracts=(later,))
    assert replay(account, rules(), day("2026-01-10")).charges[0].contract is None
    assert replay(account, rules(), day("2026-01-11")).charges[0].contract is later


# What can be asked of a ledger


def test_several_payments_of_one_day_change_the_balance_once() -> None:
    payments = [paid("2026-01-20", "10", "a", name="P1"), paid("2026-01-20", "20", name="P2"), paid("2026-01-22", "5")]
    segments = of(the_ledger("2026-01-25", A, payments=payments), "a").fee.segments
    assert [(each.principal, each.days) for each in segments] == [(10_000, 5), (7000, 2), (6500, 3)]


def test_principal_unpaid_at_the_end_of_any_earlier_day() -> None:
    ledger = the_ledger(
        "2026-03-31",
        A,
        payments=[paid("2026-01-20", "40", "a"), paid("2026-02-20", "0.50", "a")],
        adjustments=[adjust("2026-02-10", "relief", "30")],
    )
    days = ("2026-01-01", "2026-01-19", "2026-01-20", "2026-02-09", "2026-02-10", "2026-02-20", "2026-03-31")
    assert [ledger.charges[0].unpaid_on(day(on)) for on in days] == [10_000, 10_000, 6000, 6000, 3000, 2950, 2950]


def test_fee_money_is_no_principal_in_the_history() -> None:
    state = of(the_ledger("2026-03-31", A, payments=[paid("2026-01-25", "100.30")]), "a")
    assert (state.unpaid_on(day("2026-01-25")), state.paid, state.fee.paid) == (0, 10_000, 30)


def test_an_empty_account_has_an_empty_ledger() -> None:
    ledger = replay(Account(id="A"), rules(), day(JANUARY))
    assert ledger == (day(JANUARY), (), 0, 0, (), (), ())
    only_money = replay(Account(id="A", payments=(paid(JANUARY, "5"),)), rules(), day(JANUARY))
    assert only_money.credit == 500


def test_a_charge_without_a_due_date_that_is_no_opening_balance_is_refused() -> None:
    with pytest.raises(AccountError) as refused:
        the_ledger(JANUARY, A, replace(A, id="x", due=None))
    (finding,) = refused.value.findings
    assert (finding.code, str(finding.at), finding.args) == ("A205", "main/A1 charges[x]", {"field": "x"})


def test_a_due_date_beyond_the_calendar_is_provisional() -> None:
    state = of(the_ledger("2027-06-30", charge("2027-01-15", name="x"), A), "x")
    assert (state.provisional, state.due) == (True, day("2027-01-15"))
    as_written = the_ledger("2027-06-30", charge("2027-01-16", name="x"), under=rules(rest_day_due="as_written"))
    assert (as_written.charges[0].provisional, as_written.charges[0].due) == (False, day("2027-01-16"))


def test_every_finding_can_be_read_in_both_languages() -> None:
    told_all = the_ledger(
        "2026-06-30",
        A,
        charge(JANUARY, "1.00", name="n", period="2019-01-01..2019-01-31"),
        charge("2027-01-14", "1.00", name="o", period="2027-01-02..2027-02-01"),
        debtor=Party(id="O1", since=day("2020-01-01"), until=day("2027-01-01")),
        contract=Contract(
            id="K1",
            late_fee_clause=True,
            clause_shown=False,
            late_fee_rate=Fraction(1, 100),
            late_fee_cap=Fraction(1, 2),
        ),
        payments=[booked("2026-01-20", "50", ("n", "50", "principal")), paid("2026-01-20", "1", name="P2")],
        adjustments=[
            credit_note("2026-01-21", "500", "n"),
            adjust("2026-01-22", "relief", "500"),
            adjust("2026-01-23", "late_fee_waiver", "500"),
            refund("2026-01-24", "500", "P2"),
        ],
        late_fees=[BookedLateFee(id="L1", charge="n", on=day("2026-01-20"), amount=30)],
    )
    assert [(each.code, str(each.at), each.args) for each in told_all.findings] == [
        ("A401", "main/A1 payments[P1]", {"id": "P1", "amount": "50.00"}),
        (
            "A402",
            "main/A1 adjustments[N2026-01-21]",
            {"id": "N2026-01-21", "charge": "n", "amount": "500.00", "excess": "499.00", "billed": "1.00"},
        ),
        (
            "A403",
            "main/A1 adjustments[J2026-01-22]",
            {"id": "J2026-01-22", "charge": "a", "payment": "", "amount": "500.00", "excess": "450.00"},
        ),
        (
            "A405",
            "main/A1 adjustments[J2026-01-23]",
            {"id": "J2026-01-23", "charge": "a", "payment": "", "amount": "500.00", "excess": "499.70"},
        ),
        (
            "A404",
            "main/A1 adjustments[R]",
            {"id": "R", "charge": "", "payment": "P2", "amount": "500.00", "excess": "499.00"},
        ),
        ("A410", "main/A1 charges[n]", {"id": "n", "begins": day("2019-01-01"), "since": day("2020-01-01")}),
        ("A504", "main/A1 charges[n]", {"id": "n", "booked": "0.30", "excess": "0.30"}),
        ("A411", "main/A1 charges[o]", {"id": "o", "begins": day("2027-01-02"), "until": day("2027-01-01")}),
        ("A503", "main/A1 contracts[K1]", {"id": "K1"}),
        ("A501", "main/A1 contracts[K1]", {"id": "K1", "contract": "0.01", "book": "0.0005"}),
        ("A502", "main/A1 contracts[K1]", {"id": "K1", "contract": "0.5", "book": "0.05"}),
    ]
    within = charge(JANUARY, "1.00", name="a", period="2026-01-01..2026-02-28")
    debtor = Party(id="O1", kind="person", since=day("2026-01-01"), until=day("2026-01-01"))
    unsold = the_ledger(JANUARY, within, debtor=debtor, occupancy="unsold").findings
    assert [(each.code, str(each.at), each.args) for each in unsold] == [("A412", "main/A1 charges[a]", {"id": "a"})]
    for finding in (*told_all.findings, *unsold):
        assert finding.message("zh") != finding.message("en")
