"""What the past says: billing periods owed, the first arrears, punctuality, the habit, what is paid ahead."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dunning.model.account import Adjustment, Instalment, Plan
from dunning.model.condition import Unknown
from dunning.model.rulebook import Payments
from households import BOOK, CONTRACT, charge, credit_note, day, fact, facts, household, opening, paid

Q1, Q2, Q3, Q4 = (charge(f"2026-{month:02}-15") for month in (1, 4, 7, 10))
NO_DUE = Unknown(("charges.due",))


# Periods (systems.md N.17)


def quarterly(*months: str, **more: object) -> object:
    """Quarters billed in the month they begin."""
    charges = [
        charge(f"{month}-15", period=f"{month}-01..{month[:5]}{int(month[5:]) + 2:02}-28", name=month)
        for month in months
    ]
    return household(*charges, **more)


@pytest.mark.parametrize(
    ("months", "owed", "in_a_row"),
    [
        ((), 0, 0),
        (("2026-01",), 1, 1),
        (("2025-10", "2026-01"), 2, 2),
        (("2025-07", "2026-01"), 2, 1),
        (("2025-01", "2025-04", "2026-01"), 3, 2),  # the two old quarters still follow one another
        (("2025-01", "2025-07", "2025-10", "2026-01"), 4, 3),
    ],
)
def test_periods_owed_and_the_longest_row_of_them(months: tuple[str, ...], owed: int, in_a_row: int) -> None:
    known = facts(quarterly(*months), "2026-03-01")
    assert known.values(("overdue_periods", "consecutive_overdue_periods")) == [owed, in_a_row]


def test_owing_one_period_more_never_shortens_the_row() -> None:
    two = facts(quarterly("2024-01", "2024-04"), "2026-03-01")
    three = facts(quarterly("2024-01", "2024-04", "2026-01"), "2026-03-01")
    assert two.value("consecutive_overdue_periods") == three.value("consecutive_overdue_periods") == 2


def test_a_quarter_billed_by_the_month_is_one_period_and_three_under_a_monthly_contract() -> None:
    lines = [
        charge("2026-01-15", period=f"2026-{month:02}-01..2026-{month:02}-28", name=str(month)) for month in (1, 2, 3)
    ]
    assert fact("overdue_periods", household(*lines), "2026-05-01") == 1
    monthly = household(*lines, contract=replace(CONTRACT, cycle="month"))
    names = ("overdue_periods", "consecutive_overdue_periods", "overdue_quarters")
    assert facts(monthly, "2026-05-01").values(names) == [3, 3, 1]


def test_a_year_billed_at_once_is_four_quarters_and_one_year() -> None:
    year = charge("2026-01-15", period="2026-01-01..2026-12-31")
    names = ("overdue_periods", "consecutive_overdue_periods", "overdue_quarters")
    assert facts(household(year), "2026-02-01").values(names) == [4, 4, 4]
    yearly = household(year, contract=replace(CONTRACT, cycle="year"))
    assert facts(yearly, "2026-02-01").values(names) == [1, 1, 4]


def test_a_first_bill_of_a_quarter_and_a_day_is_one_period() -> None:
    odd = charge("2021-07-15", period="2021-06-30..2021-09-30")
    assert fact("overdue_periods", household(odd, contract=replace(CONTRACT, since=None)), "2022-01-01") == 1


def test_fee_and_parking_of_one_quarter_are_one_period() -> None:
    parking = charge("2026-01-20", "300.00", item="parking", period="2026-01-01..2026-03-31", name="P")
    assert fact("overdue_periods", household(Q1, parking), "2026-02-01") == 1


def test_without_a_cycle_the_bills_own_periods_count() -> None:
    no_cycle = replace(CONTRACT, cycle=None)
    months = [charge(f"2026-{m:02}-15", period=f"2026-{m:02}-01..2026-{m:02}-28") for m in (1, 2, 4)]
    names = ("overdue_periods", "consecutive_overdue_periods", "overdue_quarters")
    assert facts(household(*months, contract=no_cycle), "2026-06-01").values(names) == [3, 2, 2]


def test_without_cycle_and_period_one_bill_is_one_period_and_more_are_unknown() -> None:
    no_cycle, because = replace(CONTRACT, cycle=None), Unknown(("contracts.cycle",))
    names = ("overdue_periods", "consecutive_overdue_periods", "overdue_quarters")
    assert facts(household(Q1, contract=no_cycle), "2026-03-01").values(names) == [1, 1, because]
    assert facts(household(Q1, Q2, contract=no_cycle), "2026-05-01").values(names) == [because] * 3


def test_a_bill_without_a_period_lies_in_the_cycle_of_its_due_date() -> None:
    names = ("overdue_periods", "consecutive_overdue_periods", "overdue_quarters")
    assert facts(household(Q1, Q2, Q4), "2026-11-01").values(names) == [3, 2, 3]
    half_year = household(Q1, contract=replace(CONTRACT, cycle="half_year"))
    assert fact("overdue_quarters", half_year, "2026-02-01") == 2


@pytest.mark.parametrize(
    ("paid_on", "paid_late", "first"),
    [
        (None, None, False),  # Q1 still owed: two due dates
        ("2026-01-15", None, True),
        ("2026-01-16", None, False),
        ("2026-01-15", "2026-04-20", False),  # nothing overdue
    ],
)
def test_first_arrears(paid_on: str | None, paid_late: str | None, first: bool) -> None:
    payments = [paid(on, "1000.00", which) for on, which in ((paid_on, Q1.id), (paid_late, Q2.id)) if on]
    assert fact("first_arrears", household(Q1, Q2, payments=payments), "2026-05-01") is first


def test_arrears_are_not_the_first_where_a_later_bill_was_paid_late() -> None:
    account = household(Q1, Q2, payments=[paid("2026-04-16", "1000.00", Q2.id)])
    assert fact("first_arrears", account, "2026-04-15") is True
    assert fact("first_arrears", account, "2026-05-01") is False


def test_whether_arrears_are_the_first_is_unknown_after_an_opening_balance() -> None:
    once_in_debt = household(opening("2026-01-01"), Q2, payments=[paid("2026-02-01", "1000.00")])
    assert fact("first_arrears", once_in_debt, "2026-04-16") == NO_DUE
    assert fact("first_arrears", household(opening("2026-01-01")), "2026-02-01") == NO_DUE
    assert fact("first_arrears", household(opening("2026-01-01"), Q2), "2026-04-16") is False


# How it was paid


def test_the_last_payment() -> None:
    account = household(
        Q1,
        payments=[
            paid("2026-02-01", "10.00"),
            paid("2026-03-01", "10.00", reversed_on=day("2026-03-05")),
            paid("2026-04-01", "10.00"),
        ],
    )
    names = ("last_payment_on", "days_since_payment")
    assert facts(account, "2026-01-31").values(names) == [None, None]
    assert facts(account, "2026-02-01").values(names) == [day("2026-02-01").toordinal(), 0]
    assert facts(account, "2026-03-04").values(names) == [day("2026-03-01").toordinal(), 3]
    assert facts(account, "2026-03-05").values(names) == [day("2026-02-01").toordinal(), 32]


@pytest.mark.parametrize(("on", "amount"), [("2026-11-21", 30_000), ("2026-11-22", 20_000), ("2026-12-01", 20_000)])
def test_twelve_months_reach_to_the_day_after_this_day_a_year_ago(on: str, amount: int) -> None:
    payments = [paid("2025-11-22", "100.00"), paid("2025-12-02", "200.00"), paid("2026-12-02", "400.00")]
    assert fact("paid_12m", household(Q1, payments=payments), on) == amount


def test_what_was_given_back_was_not_paid() -> None:
    refund = Adjustment(id="R", on=day("2026-06-01"), kind="refund", amount=4_000, payment="P2026-05-01")
    account = household(payments=[paid("2026-05-01", "100.00")], adjustments=[refund])
    assert fact("paid_12m", account, "2026-05-31") == 10_000
    assert fact("paid_12m", account, "2026-06-01") == 6_000


PUNCTUALITY = ("late_payments_12m", "on_time_ratio_12m", "average_days_late")


def test_punctuality_counts_due_dates_missed_paid_since_or_not() -> None:
    payments = [
        paid("2026-01-15", "1000.00", Q1.id),  # on the day
        paid("2026-04-20", "1000.00", Q2.id),  # five days late
    ]
    account = household(Q1, Q2, Q3, payments=payments)  # Q3 not at all
    assert facts(account, "2026-01-15").values(PUNCTUALITY) == [0, None, None]
    assert facts(account, "2026-01-16").values(PUNCTUALITY) == [0, 1_000_000, 0]
    assert facts(account, "2026-04-16").values(PUNCTUALITY) == [1, 500_000, 0]
    assert facts(account, "2026-06-01").values(PUNCTUALITY) == [1, 500_000, 2]
    assert facts(account, "2026-07-25").values(PUNCTUALITY) == [2, 333_333, 5]


def test_a_due_date_leaves_the_twelve_months_after_a_year() -> None:
    account = household(Q1)
    assert fact("late_payments_12m", account, "2027-01-14") == 1
    assert fact("late_payments_12m", account, "2027-01-15") == 0


def test_several_charges_due_on_one_day_are_one_due_date() -> None:
    parking = charge("2026-01-15", "300.00", item="parking", name="P")
    account = household(Q1, parking, payments=[paid("2026-01-10", "1000.00", Q1.id)])
    assert facts(account, "2026-02-01").values(PUNCTUALITY) == [1, 0, 17]


def test_a_rest_too_small_to_chase_is_as_good_as_paid() -> None:
    book = replace(BOOK, payments=Payments(chase_from=100))
    account = household(
        Q1, payments=[paid("2026-01-10", "999.50", Q1.id), paid("2026-03-01", "0.50", Q1.id, name="rest")]
    )
    assert facts(account, "2026-05-01", book=book).values(PUNCTUALITY) == [0, 1_000_000, 0]
    assert facts(account, "2026-05-01").values(PUNCTUALITY) == [1, 0, 45]
    just_enough = household(
        Q1, payments=[paid("2026-01-10", "999.00", Q1.id), paid("2026-03-01", "1.00", Q1.id, name="rest")]
    )
    assert facts(just_enough, "2026-05-01", book=book).values(PUNCTUALITY) == [1, 0, 45]


def test_a_charge_of_just_the_amount_chased_from_is_chased() -> None:
    book = replace(BOOK, payments=Payments(chase_from=100))
    names = ("first_arrears", *PUNCTUALITY)
    for amount, expected in (("1.00", [False, 2, 0, 61]), ("0.99", [True, 1, 0, 16])):
        account = household(charge("2026-01-15", amount), Q2)
        assert facts(account, "2026-05-01", book=book).values(names) == expected
    before = household(charge("2026-01-15", "1.00"), Q2, payments=[paid("2026-01-16", "1.00")])
    assert fact("first_arrears", before, "2026-05-01", book=book) is False
    opened = household(opening("2026-01-01", "1.00"), Q2, payments=[paid("2026-02-01", "1.00")])
    assert fact("first_arrears", opened, "2026-05-01", book=book) == NO_DUE


def test_a_charge_credited_in_full_was_never_due() -> None:
    account = household(Q1, adjustments=[credit_note("2026-03-01", "1000.00", Q1.id)])
    assert facts(account, "2026-02-01").values(PUNCTUALITY) == [1, 0, 17]
    assert facts(account, "2026-03-01").values(PUNCTUALITY) == [0, None, None]


@pytest.mark.parametrize(
    ("days", "habit"),
    [
        ((), None),
        (("2026-01-02",), None),
        (("2026-01-01", "2026-04-03"), "month_start"),
        (("2026-01-02", "2026-04-04"), "irregular"),
        (("2026-01-10", "2026-04-15"), "mid_month"),
        (("2026-01-09", "2026-04-16"), "irregular"),
        (("2026-01-25", "2026-02-28"), "month_end"),
        (("2026-01-24", "2026-02-28"), "irregular"),
        (("2026-01-01", "2026-02-02", "2026-03-20"), "month_start"),  # two of three
        (("2026-01-01", "2026-02-02", "2026-03-20", "2026-04-20"), "irregular"),
        (("2025-05-01", "2026-01-02"), None),  # the first is more than a year ago
    ],
)
def test_the_habit_is_where_two_thirds_of_the_payments_fall(days: tuple[str, ...], habit: str | None) -> None:
    account = household(payments=[paid(on, "10.00") for on in days])
    assert fact("payment_habit", account, "2026-05-01") == habit


def test_several_payments_on_one_day_are_one_day_of_payment() -> None:
    payments = [paid("2026-01-02", "10.00"), paid("2026-01-02", "10.00", name="second")]
    assert fact("payment_habit", household(payments=payments), "2026-05-01") is None


AHEAD = ("paid_ahead", "covers_months")
YEAR = charge("2027-01-15", "4000.00", period="2027-01-01..2027-12-31", name="Y")


@pytest.mark.parametrize(
    ("on", "ahead", "months"),
    [("2026-10-15", 6, 12), ("2026-10-16", 5, 12), ("2026-12-15", 2, 12), ("2026-12-16", 1, 12), ("2027-01-14", 1, 12)],
)
def test_a_year_paid_ahead(on: str, ahead: int, months: int) -> None:
    account = household(YEAR, payments=[paid(on, "4000.00", "Y")])
    assert facts(account, on).values(AHEAD) == [ahead, months]


def test_paid_ahead_is_over_on_the_due_date_and_needs_all_of_the_charge() -> None:
    account = household(YEAR, payments=[paid("2026-10-15", "4000.00", "Y")])
    assert facts(account, "2026-10-14").values(AHEAD) == [0, 0]
    assert facts(account, "2027-01-14").values(AHEAD) == [6, 12]
    assert facts(account, "2027-01-15").values(AHEAD) == [0, 0]
    most = household(YEAR, payments=[paid("2026-10-15", "3999.99", "Y")])
    assert facts(most, "2026-11-01").values(AHEAD) == [0, 0]


def test_money_left_as_credit_is_for_no_charge_yet() -> None:
    assert facts(household(YEAR, payments=[paid("2026-10-15", "4000.00")]), "2026-11-01").values(AHEAD) == [0, 0]


def test_months_covered_are_counted_once_and_by_the_cycle_where_no_period_is_given() -> None:
    parking = charge("2026-10-15", "300.00", item="parking", period="2026-09-01..2026-10-31", name="P")
    payments = [paid("2026-07-15", "2300.00", Q3.id, Q4.id, "P")]
    assert facts(household(Q3, Q4, parking, payments=payments), "2026-07-15").values(AHEAD) == [6, 4]
    no_cycle = household(Q3, Q4, parking, payments=payments, contract=replace(CONTRACT, cycle=None))
    assert fact("covers_months", no_cycle, "2026-07-15") == Unknown(("contracts.cycle",))


def test_the_plan_signed_last() -> None:
    def plan(name: str, signed: str, due: str) -> Plan:
        return Plan(
            id=name, signed=day(signed), charges=(Q1.id,), instalments=(Instalment(due=day(due), amount=50_000),)
        )

    account = household(Q1, plans=[plan("PL1", "2026-02-01", "2026-03-01"), plan("PL2", "2026-04-01", "2026-05-01")])
    states = ("2026-01-31", None), ("2026-02-01", "kept"), ("2026-03-02", "broken"), ("2026-04-01", "kept")
    assert [(on, fact("plan_state", account, on)) for on, _ in states] == list(states)
