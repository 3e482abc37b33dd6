"""Who is settled first, by the rules, by the payer, by law or by the source; and what stays credit."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from dunning.model.account import (
    Hold,
    Opening,
    Party,
)
from dunning.model.rulebook import Cap, Payments, RuleBook
from households import charge, credit_note, day, opening, paid
from ledgers import (
    FEBRUARY,
    FEE_FIRST,
    JANUARY,
    MARCH,
    STATUTORY,
    A,
    B,
    C,
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

# Who is settled first


def test_money_goes_to_what_fell_due_first_fee_and_all_and_the_rest_is_credit() -> None:
    ledger = the_ledger("2026-02-20", A, B, C, payments=[paid("2026-02-20", "250")], under=dear())
    # 36 days at 1% on 100.00, then 8 days: 36.00 and 8.00; what is left settles nothing before its due date.
    assert (fees(ledger), unpaid(ledger)) == ({"a": 3600, "b": 800, "c": 0}, {"a": 0, "b": 0, "c": 10_000})
    assert ledger.credit == 25_000 - 10_000 - 3_600 - 10_000 - 800
    assert [tuple(each) for each in of(ledger, "a").applied] == [
        ("P2026-02-20", day("2026-02-20"), "principal", 10_000),
        ("P2026-02-20", day("2026-02-20"), "late_fee", 3_600),
    ]


def test_a_fee_comes_before_the_principal_of_the_next_charge_and_after_that_of_its_own() -> None:
    ledger = the_ledger("2026-02-20", A, B, payments=[paid("2026-02-20", "120")], under=dear())
    assert (of(ledger, "a").fee.paid, of(ledger, "a").fee.outstanding, of(ledger, "b").paid) == (2000, 1600, 0)


def test_where_the_contract_says_so_the_fee_comes_before_the_principal() -> None:
    ledger = the_ledger("2026-02-20", A, payments=[paid("2026-02-20", "50")], under=dear(payments=FEE_FIRST))
    assert (of(ledger, "a").fee.paid, of(ledger, "a").unpaid) == (3600, 10_000 - 1400)


@pytest.mark.parametrize(("payment_day", "paid_to_fee"), [("counted", 500), ("not_counted", 400)])
def test_a_payment_meets_the_fee_up_to_its_day_or_the_day_before(payment_day: str, paid_to_fee: int) -> None:
    book = dear(payments=FEE_FIRST, payment_day=payment_day)
    state = of(the_ledger("2026-01-20", A, payments=[paid("2026-01-20", "10")], under=book), "a")
    assert (state.fee.paid, state.paid) == (paid_to_fee, 1000 - paid_to_fee)


def test_charges_due_on_one_day_go_by_id_whatever_their_order_in_the_file() -> None:
    late, early = charge(JANUARY, "100.00", name="z"), charge(JANUARY, "100.00", name="y")
    assert unpaid(the_ledger(JANUARY, late, early, payments=[paid(JANUARY, "30")])) == {"y": 7000, "z": 10_000}


def test_the_rolled_due_date_decides_not_the_written_one() -> None:
    written_earlier = charge("2026-01-17", "100.00", name="b")  # a Saturday, rolls to the 19th
    rolled_same = charge("2026-01-19", "100.00", name="a")
    assert unpaid(the_ledger("2026-01-19", written_earlier, rolled_same, payments=[paid("2026-01-19", "30")])) == {
        "a": 7000,
        "b": 10_000,
    }


def test_a_payer_names_charges_in_an_order_of_their_own_due_or_not() -> None:
    ledger = the_ledger("2026-01-20", A, B, C, payments=[paid("2026-01-20", "150", "c", "b")])
    assert unpaid(ledger) == {"a": 10_000, "b": 5000, "c": 0}


def test_what_is_left_of_a_named_payment_goes_to_what_is_due_then_to_credit() -> None:
    ledger = the_ledger("2026-01-15", A, B, C, payments=[paid("2026-01-15", "250", "b")])
    assert (unpaid(ledger), ledger.credit) == ({"a": 0, "b": 0, "c": 10_000}, 5000)


def test_named_payments_go_before_those_for_some_items_and_these_before_the_rest_whatever_their_ids() -> None:
    payments = [
        paid(JANUARY, "60", name="P1"),
        paid(JANUARY, "60", name="P2", only=("property_fee",)),
        paid(JANUARY, "60", "a", name="P3"),
    ]
    ledger = the_ledger(JANUARY, A, charge(JANUARY, "30.00", name="b"), payments=payments)
    assert [each.payment for each in of(ledger, "a").applied] == ["P3", "P2"]
    assert [(each.payment, each.amount) for each in of(ledger, "b").applied] == [("P2", 2000), ("P1", 1000)]


def test_of_one_day_named_payments_go_first_then_the_lower_id() -> None:
    plain, named = paid(JANUARY, "60", name="P1"), paid(JANUARY, "60", "a", name="P2")
    applied = of(the_ledger(JANUARY, A, payments=[plain, named]), "a").applied
    assert [(each.payment, each.amount) for each in applied] == [("P2", 6000), ("P1", 4000)]
    first, second = paid(JANUARY, "60", name="P1"), paid(JANUARY, "60", name="P2")
    ledger = the_ledger(JANUARY, A, payments=[second, first])
    assert [(each.payment, each.amount) for each in of(ledger, "a").applied] == [("P1", 6000), ("P2", 4000)]
    assert ledger.payments == (first, second)


def test_named_money_is_settled_before_the_rest_of_any_payment_of_that_day() -> None:
    generous, exact = paid(JANUARY, "200", "a", name="P1"), paid(JANUARY, "100", "b", name="P2")
    due_too = charge(JANUARY, "100.00", name="b")
    ledger = the_ledger(JANUARY, A, due_too, payments=[generous, exact])
    assert [each.payment for each in of(ledger, "b").applied] == ["P2"]
    assert ledger.credit == 10_000


def test_money_for_an_unknown_charge_counts_as_not_designated() -> None:
    ledger = the_ledger(JANUARY, A, payments=[paid(JANUARY, "130", "nowhere")])
    assert (unpaid(ledger), ledger.credit) == ({"a": 0}, 3000)


def test_credit_settles_a_charge_on_its_due_date_in_the_names_of_the_payments_oldest_first() -> None:
    payments = [paid("2026-01-05", "30", name="P2"), paid("2026-01-06", "90", name="P1")]
    before = the_ledger("2026-01-14", A, payments=payments)
    assert (before.credit, unpaid(before)) == (12_000, {"a": 10_000})
    state = of(the_ledger("2026-06-30", A, payments=payments), "a")
    assert [(each.payment, each.on, each.amount) for each in state.applied] == [
        ("P2", day(JANUARY), 3000),
        ("P1", day(JANUARY), 7000),
    ]
    assert (state.settled_on, state.fee.assessed) == (day(JANUARY), 0)


def test_credit_comes_before_the_payments_of_the_day() -> None:
    payments = [paid("2026-01-05", "60", name="P9"), paid(JANUARY, "60", "a", name="P1")]
    ledger = the_ledger(JANUARY, A, payments=payments)
    assert [(each.payment, each.amount) for each in of(ledger, "a").applied] == [("P9", 6000), ("P1", 4000)]
    assert ledger.credit == 2000


def test_credit_left_after_one_due_date_settles_the_next_between_payments() -> None:
    payments = [paid("2026-01-05", "250"), paid("2026-04-01", "1")]
    ledger = the_ledger("2026-04-01", A, B, C, payments=payments)
    assert [of(ledger, name).settled_on for name in "abc"] == [day(JANUARY), day(FEBRUARY), None]
    assert [each.on for each in of(ledger, "c").applied] == [day(MARCH), day("2026-04-01")]


def test_costs_are_settled_first_then_opening_balances_with_their_fee() -> None:
    costs = charge("2026-01-16", "20.00", name="z", item="costs")
    old = replace(opening("2026-01-10", "50.00"), opening=Opening(on=day("2026-01-10"), late_fee=700))
    ledger = the_ledger("2026-01-16", A, old, costs, payments=[paid("2026-01-16", "90")])
    assert [state.charge.id for state in ledger.charges] == ["OPEN", "a", "z"]
    assert unpaid(ledger) == {"OPEN": 0, "a": 10_000 - 1300, "z": 0}
    assert (of(ledger, "OPEN").fee.paid, of(ledger, "OPEN").fee.outstanding) == (700, 0)


def test_an_opening_balance_counts_as_due_on_its_day_and_is_not_there_before() -> None:
    old = opening("2026-01-20", "50.00")
    assert unpaid(the_ledger("2026-01-19", A, old)) == {"a": 10_000}
    ledger = the_ledger("2026-01-20", A, old, payments=[paid("2026-01-20", "60")])
    assert (list(unpaid(ledger).items()), of(ledger, "OPEN").due) == ([("OPEN", 0), ("a", 9000)], None)
    before = the_ledger("2026-01-20", A, old, payments=[paid("2026-01-19", "60")])
    assert unpaid(before) == {"OPEN": 5000, "a": 4000}  # what was paid the day before had only a to settle


def test_nothing_settles_an_opening_balance_before_the_day_it_is_of() -> None:
    """What was paid by then is in the balance already: the money waits for other charges, or for that day."""
    old = replace(charge("2026-01-08", "50.00", name="o"), opening=Opening(on=day("2026-01-22"), late_fee=300))
    for payment in (
        paid("2026-01-14", "60"),
        paid("2026-01-14", "60", "o"),
        booked("2026-01-14", "60", ("o", "50", "principal"), ("o", "3", "late_fee")),
    ):
        assert unpaid(the_ledger("2026-01-21", A, old, payments=[payment])) == {"a": 4000}
        ledger = the_ledger("2026-01-22", A, old, payments=[payment])
        assert list(unpaid(ledger).items()) == [("o", 5000), ("a", 4000)]
    for payment in (paid("2026-01-22", "60", "o"), booked("2026-01-22", "60", ("o", "50", "principal"))):
        assert unpaid(the_ledger("2026-01-22", A, old, payments=[payment]))["o"] == 0
    early = [
        adjust("2026-01-21", "relief", "10", "o", name="J1"),
        adjust("2026-01-21", "late_fee_waiver", "1", "o", name="J2"),
        adjust("2026-01-22", "relief", "10", "o", name="J3"),
        adjust("2026-01-22", "late_fee_waiver", "1", "o", name="J4"),
    ]
    ledger = the_ledger("2026-01-22", A, old, payments=[paid("2026-01-10", "101")], adjustments=early)
    assert (of(ledger, "o").paid, of(ledger, "o").relief, of(ledger, "o").fee.waived) == (100, 1000, 100)
    assert told(ledger) == [("A403", "J1"), ("A405", "J2")]
    assert of(ledger, "o").applied[0].on == day("2026-01-22")
    empty = the_ledger("2026-01-23", replace(old, amount=0))
    assert (of(empty, "o").settled_on, of(empty, "o").fee.outstanding) == (day("2026-01-22"), 300)


def test_an_opening_balance_is_settled_by_name_from_its_day_on_due_or_not() -> None:
    old = replace(charge(FEBRUARY, "50.00", name="o"), opening=Opening(on=day("2026-01-22")))
    for payment in (paid("2026-01-22", "60", "o"), booked("2026-01-22", "60", ("o", "50", "principal"))):
        assert unpaid(the_ledger("2026-01-22", A, old, payments=[payment])) == {"a": 9000, "o": 0}


def test_statutory_order_knows_no_opening_balance_before_its_day_either() -> None:
    old = replace(charge("2026-01-08", "50.00", name="o"), opening=Opening(on=day("2026-01-22")))
    payments = [paid("2026-01-21", "30", name="P1"), paid("2026-01-22", "30", name="P2")]
    ledger = the_ledger("2026-01-22", A, old, payments=payments, under=rules(payments=STATUTORY))
    assert [each.payment for each in of(ledger, "o").applied] == []
    book = rules(payments=STATUTORY, items=("parking",))
    assert [
        each.payment for each in of(the_ledger("2026-01-22", A, old, payments=payments, under=book), "o").applied
    ] == ["P2"]


def test_an_opening_balance_with_a_due_date_takes_its_place_by_it_and_bears_no_further_fee() -> None:
    old = replace(charge(FEBRUARY, "50.00", name="o"), opening=Opening(on=day("2026-01-01"), late_fee=300))
    ledger = the_ledger("2026-06-30", old, A)
    assert [state.charge.id for state in ledger.charges] == ["a", "o"]
    assert (of(ledger, "o").due, of(ledger, "o").fee.assessed, of(ledger, "o").fee.why) == (
        day(FEBRUARY),
        300,
        "opening",
    )


def test_money_for_some_items_only_settles_nothing_else_and_goes_before_money_for_all() -> None:
    parking = charge(JANUARY, "100.00", name="p", item="parking")
    both = [paid(JANUARY, "100", name="P1"), paid(JANUARY, "150", name="P2", only=("parking",))]
    ledger = the_ledger("2026-02-20", A, parking, B, payments=both)
    assert (unpaid(ledger), ledger.credit) == ({"a": 0, "p": 0, "b": 10_000}, 5000)
    named = [paid(JANUARY, "100", "a", only=("parking",))]
    assert unpaid(the_ledger(JANUARY, A, parking, payments=named)) == {"a": 10_000, "p": 0}


def test_credit_for_some_items_only_waits_for_them() -> None:
    parking = charge(FEBRUARY, "100.00", name="p", item="parking")
    early = [paid("2026-01-05", "100", name="P1"), paid("2026-01-05", "40", name="P2", only=("parking",))]
    ledger = the_ledger(FEBRUARY, A, parking, payments=early)
    assert [(each.payment, each.amount) for each in of(ledger, "p").applied] == [("P2", 4000)]
    assert (unpaid(ledger), ledger.credit) == ({"a": 0, "p": 6000}, 0)


def test_another_debtors_charge_is_settled_only_by_name_and_never_chased() -> None:
    earlier = charge(JANUARY, "100.00", name="a", period="2025-12-01..2025-12-31")
    debtor = Party(id="O1", kind="person", since=day("2026-01-01"))
    ledger = the_ledger(FEBRUARY, earlier, B, debtor=debtor, payments=[paid("2026-01-20", "120")])
    assert (unpaid(ledger), ledger.credit) == ({"a": 10_000, "b": 0}, 2000)
    assert [(state.other_debtor, state.chased) for state in ledger.charges] == [(True, False), (False, True)]
    named = the_ledger(FEBRUARY, earlier, B, debtor=debtor, payments=[paid("2026-01-20", "120", "a")])
    assert unpaid(named) == {"a": 0, "b": 8000 + 25}  # five days' fee of 0.25 on a is met by name as well


def test_only_the_items_the_rules_chase_are_chased() -> None:
    deposit = charge(JANUARY, "1.00", name="d", item="deposit")
    parking = charge(JANUARY, "1.00", name="p", item="parking")
    assert [state.chased for state in the_ledger(JANUARY, A, deposit, parking).charges] == [True, False, True]


@pytest.mark.parametrize(
    ("period", "since", "until", "code"),
    [
        ("2025-12-31..2026-01-30", "2026-01-01", None, "A410"),
        ("2026-01-01..2026-01-31", "2026-01-01", None, None),
        ("2026-02-01..2026-02-28", None, "2026-01-31", "A411"),
        ("2026-01-31..2026-02-28", None, "2026-01-31", None),
        ("", "2027-01-01", "2020-01-01", None),
    ],
)
def test_a_period_that_begins_outside_the_debtors_time_is_anothers(
    period: str, since: str | None, until: str | None, code: str | None
) -> None:
    debtor = Party(id="O1", since=day(since) if since else None, until=day(until) if until else None)
    ledger = the_ledger(JANUARY, charge(JANUARY, name="a", period=period), debtor=debtor)
    assert (told(ledger), ledger.charges[0].other_debtor) == ([(code, "a")] if code else [], code is not None)


@pytest.mark.parametrize(
    ("kind", "occupancy", "another"),
    [
        ("person", "unsold", True),
        ("person", "undelivered", True),
        ("person", "vacant", False),
        ("person", None, False),
        ("developer", "unsold", False),
        ("company", "undelivered", False),
    ],
)
def test_a_person_owes_nothing_for_a_unit_not_yet_sold_or_delivered(kind: Any, occupancy: Any, another: bool) -> None:
    ledger = the_ledger(JANUARY, A, debtor=Party(id="O1", kind=kind), occupancy=occupancy)
    assert (ledger.charges[0].other_debtor, told(ledger)) == (another, [("A412", "a")] if another else [])


# 民法典560: the heavier burden first, then the earlier due, then pro rata


def statutory(**said: Any) -> RuleBook:
    return rules(payments=STATUTORY, **said)


def test_statutory_order_settles_what_still_accrues_before_what_is_capped() -> None:
    book = statutory(rate=Fraction(1, 100), cap=Cap(Fraction(1, 10)))
    on_day_10 = the_ledger("2026-01-25", A, B, payments=[paid("2026-01-25", "50")], under=book)
    assert unpaid(on_day_10) == {"a": 5000, "b": 10_000}
    both_due = the_ledger("2026-02-13", A, B, payments=[paid("2026-02-13", "50")], under=book)
    assert unpaid(both_due) == {"a": 10_000, "b": 5000}
    on_due_day = the_ledger(FEBRUARY, A, B, payments=[paid(FEBRUARY, "50")], under=book)
    assert unpaid(on_due_day) == {
        "a": 5000,
        "b": 10_000,
    }  # b accrues from tomorrow only; neither does, the earlier goes first


@pytest.mark.parametrize(("on", "first"), [("2026-01-18", "x"), ("2026-01-19", "z")], ids=["in grace", "past grace"])
def test_statutory_order_takes_a_charge_in_grace_for_one_that_does_not_accrue(on: str, first: str) -> None:
    """x, due earlier, bears no late fee; z does once its grace is over."""
    x, z = charge("2026-01-14", "100.00", name="x", item="parking"), charge(JANUARY, "100.00", name="z")
    ledger = the_ledger(on, x, z, payments=[paid(on, "1")], under=statutory(grace=3))
    assert [name for name, left in unpaid(ledger).items() if left < 10_000] == [first]


def test_statutory_order_knows_holds_and_rates_of_zero() -> None:
    x, z = charge("2026-01-14", "100.00", name="x", item="parking"), charge(JANUARY, "100.00", name="z")
    payment = [paid("2026-01-20", "1")]
    assert of(the_ledger("2026-01-20", x, z, payments=payment, under=statutory()), "z").paid == 100
    assert of(the_ledger("2026-01-20", x, z, payments=payment, under=statutory(rate=Fraction(0))), "x").paid == 100
    for since, until, name in (("20", "20", "x"), ("21", "30", "z"), ("10", "19", "z"), ("19", "21", "x")):
        hold = Hold(id="H", kind="accrual", since=day(f"2026-01-{since}"), until=day(f"2026-01-{until}"))
        ledger = the_ledger("2026-01-20", x, z, payments=payment, holds=[hold], under=statutory())
        assert of(ledger, name).paid == 100, (since, until)


def test_statutory_order_shares_between_charges_due_on_one_day_by_principal_largest_remainder_first() -> None:
    names = [charge(JANUARY, amount, name=name) for name, amount in (("a", "1.00"), ("b", "1.00"), ("c", "1.00"))]
    ledger = the_ledger(JANUARY, *names, payments=[paid(JANUARY, "1.00")], under=statutory())
    assert unpaid(ledger) == {"a": 66, "b": 67, "c": 67}  # 33⅓ each; the fen over goes to the first id
    uneven = [charge(JANUARY, amount, name=name) for name, amount in (("a", "1.00"), ("b", "2.00"), ("c", "4.00"))]
    ledger = the_ledger(JANUARY, *uneven, payments=[paid(JANUARY, "0.10")], under=statutory())
    assert unpaid(ledger) == {"a": 99, "b": 197, "c": 394}  # 1.43, 2.86, 5.71: b and c have the largest remainders


def test_statutory_order_pays_the_small_in_full_and_shares_the_rest_anew() -> None:
    small, large = charge(JANUARY, "0.01", name="a"), charge(JANUARY, "100.00", name="b")
    book = statutory(cap=None)
    ledger = the_ledger("2026-01-25", small, large, payments=[paid("2026-01-25", "100.20")], under=book)
    assert unpaid(ledger) == {"a": 0, "b": 0}
    assert (of(ledger, "b").fee.paid, ledger.credit) == (19, 0)
    all_of_it = the_ledger("2026-01-25", small, large, payments=[paid("2026-01-25", "101")], under=book)
    assert (of(all_of_it, "b").fee.paid, all_of_it.credit) == (50, 49)


def test_statutory_order_shares_anew_only_when_a_share_is_more_than_is_owed() -> None:
    small = [charge(JANUARY, amount, name=name) for name, amount in (("a", "0.01"), ("b", "0.01"), ("c", "0.03"))]
    ledger = the_ledger(JANUARY, *small, payments=[paid(JANUARY, "0.03")], under=statutory())
    assert unpaid(ledger) == {"a": 0, "b": 1, "c": 1}  # 0.6, 0.6 and 1.8: a's share is all it owes, and stands


def test_statutory_order_gives_what_one_charge_cannot_take_to_the_others_due_that_day() -> None:
    """Ten days' fee is 0.50 each, b's is waived: of 200.40 b can take 100.00 only, a takes the rest."""
    two = [A, charge(JANUARY, "100.00", name="b")]
    ledger = the_ledger(
        "2026-01-25",
        *two,
        payments=[paid("2026-01-25", "200.40")],
        adjustments=[
            adjust("2026-01-24", "late_fee_waiver", "1", "b"),
            adjust("2026-01-24", "late_fee_waiver", "1", "a", name="J0"),
        ],
        under=statutory(),
    )
    assert [(state.paid, state.fee.paid) for state in ledger.charges] == [(10_000, 5), (10_000, 5)]
    ledger = the_ledger(
        "2026-01-25",
        *two,
        payments=[paid("2026-01-25", "200.40")],
        adjustments=[adjust("2026-01-24", "late_fee_waiver", "0.45", "b")],
        under=statutory(),
    )
    assert [(state.paid, state.fee.paid) for state in ledger.charges] == [(10_000, 35), (10_000, 5)]
    assert ledger.credit == 0


@pytest.mark.parametrize(
    ("payment_day", "on", "first"),
    [
        ("counted", "2026-01-24", "z"),
        ("counted", "2026-01-25", "x"),
        ("not_counted", "2026-01-25", "z"),
        ("not_counted", "2026-01-26", "x"),
    ],
)
def test_statutory_order_takes_a_fee_for_capped_by_the_days_a_payment_meets(
    payment_day: str, on: str, first: str
) -> None:
    """1% a day, at most 10%: the fee of z has reached its cap with the tenth day, 25 January. x bears none."""
    x, z = charge("2026-01-14", "100.00", name="x", item="parking"), charge(JANUARY, "100.00", name="z")
    book = statutory(rate=Fraction(1, 100), cap=Cap(Fraction(1, 10)), payment_day=payment_day)
    ledger = the_ledger(on, x, z, payments=[paid(on, "1")], under=book)
    assert [name for name, left in unpaid(ledger).items() if left < 10_000] == [first]


def test_statutory_order_pays_a_fee_that_is_left_after_its_principal() -> None:
    payments = [
        paid("2026-01-25", "200", name="P1"),
        paid("2026-01-26", "8", name="P2"),
        paid("2026-01-27", "20", name="P3"),
    ]
    two = [A, charge(JANUARY, "100.00", name="b")]
    ledger = the_ledger("2026-01-27", *two, payments=payments, under=dear(payments=STATUTORY))
    assert [(state.unpaid, state.fee.assessed, state.fee.paid) for state in ledger.charges] == [(0, 1000, 1000)] * 2
    assert ledger.credit == 800
    first_only = the_ledger("2026-01-26", *two, payments=payments[:2], under=dear(payments=STATUTORY))
    assert [state.fee.paid for state in first_only.charges] == [800, 0]  # without principal no share: by id


def test_statutory_order_settles_costs_and_openings_first_too() -> None:
    costs = charge("2026-01-20", "1.00", name="z", item="costs")
    old = opening("2026-01-20", "1.00")
    ledger = the_ledger("2026-01-20", A, costs, old, payments=[paid("2026-01-20", "1.50")], under=statutory())
    assert unpaid(ledger) == {"OPEN": 50, "a": 10_000, "z": 0}


def test_payments_of_one_day_and_designation_are_one_also_where_shares_are_rounded() -> None:
    three = [charge(JANUARY, "1.00", name=name) for name in "abc"]
    halves = [paid(JANUARY, "0.05", name="P1"), paid(JANUARY, "0.05", name="P2")]
    ledger = the_ledger(JANUARY, *three, payments=halves, under=statutory())
    assert unpaid(ledger) == {"a": 96, "b": 97, "c": 97}
    apart = [paid("2026-01-14", "0.05", "a", name="P1"), paid(JANUARY, "0.05", name="P2")]
    assert unpaid(the_ledger(JANUARY, *three, payments=apart, under=statutory())) == {"a": 94, "b": 98, "c": 98}


def test_false_under_the_statutory_order_that_paying_earlier_never_raises_a_fee() -> None:
    """0.54 due day 23, 0.15 due day 33, 1% a day, cap 7%: 0.16 paid on day 36 costs 3 fen, on day 20 it costs 4."""
    book = rules(rate=Fraction(1, 100), cap=Cap(Fraction(7, 100)), payments=STATUTORY, rest_day_due="as_written")
    two = [charge("2026-01-24", "0.54", name="a"), charge("2026-02-03", "0.15", name="b")]
    late = the_ledger("2026-03-02", *two, payments=[paid("2026-02-06", "0.16")], under=book)
    early = the_ledger("2026-03-02", *two, payments=[paid("2026-01-21", "0.16")], under=book)
    assert (fees(late), fees(early)) == ({"a": 3, "b": 0}, {"a": 3, "b": 1})


# What the source booked


IGNORE = Payments(source_split="ignore")


def test_a_source_s_split_is_followed_and_what_it_moved_is_told() -> None:
    split = booked(FEBRUARY, "100", ("a", "30", "principal"), ("b", "70", "principal"))
    ledger = the_ledger(FEBRUARY, A, B, payments=[split])
    assert unpaid(ledger) == {"a": 7000, "b": 3000}
    assert [(finding.code, finding.args["amount"]) for finding in ledger.findings] == [("A401", "70.00")]


def test_a_source_s_split_can_be_ignored_and_what_it_moved_is_told_all_the_same() -> None:
    split = booked(FEBRUARY, "100", ("a", "30", "principal"), ("b", "70", "principal"))
    ledger = the_ledger(FEBRUARY, A, B, payments=[split], under=rules(payments=IGNORE))
    assert unpaid(ledger) == {"a": 0, "b": 10_000}
    assert [(finding.code, finding.args["amount"]) for finding in ledger.findings] == [("A401", "70.00")]


@pytest.mark.parametrize("payments", [Payments(), IGNORE], ids=["follow", "ignore"])
def test_a_split_as_the_rules_would_have_it_is_no_finding(payments: Payments) -> None:
    split = booked("2026-01-25", "101", ("a", "100", "principal"), ("a", "0.50", "late_fee"))
    ledger = the_ledger("2026-01-25", A, B, payments=[split], under=rules(payments=payments))
    assert (told(ledger), ledger.credit, of(ledger, "a").fee.paid) == ([], 50, 50)


def test_a_split_against_the_payer_s_word_is_followed_and_told() -> None:
    split = replace(booked(FEBRUARY, "100", ("a", "100", "principal")), for_=("b",))
    ledger = the_ledger(FEBRUARY, A, B, payments=[split])
    assert (unpaid(ledger), ledger.findings[0].args["amount"]) == ({"a": 0, "b": 10_000}, "100.00")


def test_what_the_source_did_not_split_goes_by_name_and_then_by_order() -> None:
    split = replace(booked(FEBRUARY, "100", ("b", "30", "principal")), for_=("b",))
    assert unpaid(the_ledger(FEBRUARY, A, B, payments=[split])) == {"a": 10_000, "b": 0}
    split = booked(FEBRUARY, "100", ("a", "30", "principal"))
    ledger = the_ledger(FEBRUARY, A, B, payments=[split])
    assert (unpaid(ledger), told(ledger)) == ({"a": 0, "b": 10_000}, [])


def test_a_split_of_more_than_there_was_leaves_money_over() -> None:
    split = booked(JANUARY, "150", ("a", "150", "principal"))
    ledger = the_ledger(JANUARY, A, B, payments=[split])
    assert (unpaid(ledger), ledger.credit) == ({"a": 0, "b": 10_000}, 5000)
    assert [finding.args["amount"] for finding in ledger.findings] == ["50.00"]
    more_than_money = booked(JANUARY, "50", ("a", "80", "principal"), ("b", "30", "principal"))
    ledger = the_ledger(JANUARY, A, B, payments=[more_than_money])
    assert (unpaid(ledger), ledger.credit) == ({"a": 5000, "b": 10_000}, 0)
    assert [finding.args["amount"] for finding in ledger.findings] == ["60.00"]


def test_a_split_to_an_unknown_charge_or_beyond_the_items_is_left_over() -> None:
    unknown = booked(JANUARY, "50", ("nowhere", "50", "principal"))
    assert unpaid(the_ledger(JANUARY, A, payments=[unknown])) == {"a": 5000}
    beyond = replace(booked(JANUARY, "50", ("a", "50", "principal")), only=("parking",))
    ledger = the_ledger(JANUARY, A, payments=[beyond])
    assert (unpaid(ledger), ledger.credit) == ({"a": 10_000}, 5000)


def test_splits_of_one_day_are_followed_each_for_itself_by_id() -> None:
    splits = [
        booked(FEBRUARY, "60", ("b", "60", "principal"), name="P2"),
        booked(FEBRUARY, "60", ("b", "60", "principal")),
    ]
    ledger = the_ledger(FEBRUARY, A, B, payments=splits)
    assert [(each.payment, each.amount) for each in of(ledger, "b").applied] == [("P1", 6000), ("P2", 4000)]
    assert [(each.payment, each.amount) for each in of(ledger, "a").applied] == [("P2", 2000)]


def test_ignored_splits_of_payments_that_are_one_are_compared_as_one() -> None:
    crossed = [
        booked(FEBRUARY, "100", ("b", "100", "principal"), name="P1"),
        booked(FEBRUARY, "101.40", ("a", "100", "principal"), ("a", "1.40", "late_fee"), name="P2"),
    ]
    ledger = the_ledger(FEBRUARY, A, B, payments=crossed, under=rules(payments=IGNORE))
    assert (told(ledger), ledger.credit) == ([], 0)
    assert [(each.payment, each.amount) for each in of(ledger, "b").applied] == [("P2", 10_000)]


def test_a_fee_booked_beyond_the_assessed_one_is_left_over_on_the_day() -> None:
    split = booked("2026-01-25", "101", ("a", "100", "principal"), ("a", "1", "late_fee"))
    ledger = the_ledger("2026-01-25", A, payments=[split])
    assert (of(ledger, "a").fee.paid, ledger.credit) == (50, 50)
    assert [finding.args["amount"] for finding in ledger.findings] == ["0.50"]


def test_a_split_is_compared_within_the_items_it_may_pay() -> None:
    parking = charge(JANUARY, "100.00", name="p", item="parking")
    split = replace(booked(JANUARY, "50", ("p", "50", "principal")), only=("parking",))
    ledger = the_ledger(JANUARY, A, parking, payments=[split])
    assert (unpaid(ledger), told(ledger)) == ({"a": 10_000, "p": 5000}, [])


def test_of_a_split_only_the_fee_too_much_waits_for_the_credit_note() -> None:
    split = booked("2026-01-25", "17", ("a", "10", "late_fee"), ("a", "4", "principal"))
    ledger = the_ledger(
        "2026-03-20", A, payments=[split], adjustments=[credit_note("2026-03-20", "50", "a")], under=dear()
    )
    assert [tuple(each)[1:] for each in of(ledger, "a").applied] == [
        (day("2026-01-25"), "late_fee", 500),
        (day("2026-01-25"), "principal", 400),
        (day("2026-01-25"), "principal", 300),
        (day("2026-03-20"), "principal", 500),
    ]
    more = booked("2026-01-25", "147", ("a", "10", "late_fee"), ("a", "4", "principal"))
    ledger = the_ledger(
        "2026-03-20", A, payments=[more], adjustments=[credit_note("2026-03-20", "50", "a")], under=dear()
    )
    assert (of(ledger, "a").paid, of(ledger, "a").fee.paid, ledger.credit) == (5000, 500, 14_700 - 5500)
    # What waited is credit as old as its payment: a refund takes it before younger money.
    younger = paid("2026-01-26", "300", name="P0")
    refunded = the_ledger(
        "2026-06-30",
        A,
        charge("2026-06-11", "400.00", name="z"),
        payments=[split, younger],
        adjustments=[credit_note("2026-03-20", "50", "a"), refund("2026-03-21", "4", None)],
        under=dear(),
    )
    assert [(each.payment, each.amount) for each in of(refunded, "z").applied][:2] == [("P0", 25_657), ("P1", 100)]


def test_a_fee_paid_beyond_the_assessed_one_for_a_later_credit_note_is_credit_from_the_day_of_the_note() -> None:
    """10 days at 1%: 10.00 booked and paid; a note of half the charge in March leaves 5.00 of fee."""
    split = booked("2026-01-25", "10", ("a", "10", "late_fee"))
    note = credit_note("2026-03-20", "50", "a")
    account = [A, B]
    before = the_ledger("2026-03-19", *account, payments=[split], adjustments=[note], under=dear())
    assert (of(before, "a").fee.paid, before.credit) == (1000, 0)
    after = the_ledger("2026-03-20", *account, payments=[split], adjustments=[note], under=dear())
    assert of(after, "a").fee.paid == 500
    assert [(each.on, each.amount) for each in of(after, "a").applied] == [
        (day("2026-01-25"), 500),
        (day("2026-03-20"), 500),
    ]
    assert (of(after, "a").unpaid, after.credit) == (4500, 0)
    assert [each.payment for each in of(after, "a").applied] == ["P1", "P1"]
    earlier_note = the_ledger(
        "2026-01-25", *account, payments=[split], adjustments=[credit_note("2026-01-25", "50", "a")], under=dear()
    )
    assert (of(earlier_note, "a").fee.paid, of(earlier_note, "a").unpaid) == (500, 4500)
