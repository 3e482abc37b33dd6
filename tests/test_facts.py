"""Each fact at its edges: the day before and after, the fen more and less, nothing at all, and not known."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from dunning.basis.finding import Text
from dunning.engine.catalogue import CATALOGUE
from dunning.engine.facts import _OF_ACCOUNT, _OF_CHARGE
from dunning.model.account import Adjustment, Instalment, Party, Plan
from dunning.model.condition import Type, Unknown
from dunning.model.rulebook import OwnFact, Payments
from dunning.model.shown import plain
from households import (
    BOOK,
    CONTRACT,
    charge,
    credit_note,
    day,
    dispute,
    fact,
    facts,
    household,
    of_charge,
    opening,
    paid,
)

Q1, Q2, Q3, Q4 = (charge(f"2026-{month:02}-15") for month in (1, 4, 7, 10))
NO_DUE = Unknown(("charges.due",))


def test_every_fact_of_the_catalogue_can_be_asked_for() -> None:
    assert set(_OF_ACCOUNT) == {each.id for each in CATALOGUE.values() if each.of == "account"}
    assert set(_OF_CHARGE) == {each.id for each in CATALOGUE.values() if each.of == "charge"}


def test_every_fact_has_titles_of_its_own_and_a_definition() -> None:
    for lang in ("zh", "en"):
        assert len({each.title.to(lang) for each in CATALOGUE.values()}) == len(CATALOGUE)
        assert all(each.definition.to(lang).endswith(".") for each in CATALOGUE.values())


def test_a_name_that_is_no_fact_is_an_error() -> None:
    with pytest.raises(KeyError):
        fact("overdue_day", household(Q1), "2026-03-01")


# What is owed


@pytest.mark.parametrize(
    ("on", "arrears", "not_due", "days"),
    [
        ("2026-01-14", 0, 100_000, 0),
        ("2026-01-15", 0, 0, 0),  # due today: to be paid, and not late
        ("2026-01-16", 100_000, 0, 1),
        ("2026-03-01", 100_000, 0, 45),
    ],
)
def test_arrears_begin_the_day_after_the_due_date(on: str, arrears: int, not_due: int, days: int) -> None:
    known = facts(household(Q1), on)
    assert known.values(("arrears", "principal_not_due", "overdue_days")) == [arrears, not_due, days]


def test_a_due_date_on_a_rest_day_moves_and_the_age_with_it() -> None:
    saturday = household(charge("2026-05-16"))
    assert fact("oldest_due", saturday, "2026-05-18") is None
    assert facts(saturday, "2026-05-19").values(("oldest_due", "overdue_days")) == [day("2026-05-18").toordinal(), 1]


def test_what_is_left_below_the_amount_chased_from_counts_in_no_overdue_fact() -> None:
    book = replace(BOOK, payments=Payments(chase_from=100))
    names = ("arrears", "overdue_days", "overdue_periods", "first_arrears", "oldest_due")
    nearly = household(Q1, payments=[paid("2026-03-01", "999.01")])
    assert facts(nearly, "2026-04-01", book=book).values(names) == [0, 0, 0, False, None]
    assert of_charge("charge_unpaid", nearly, "2026-04-01", "2026-01-15", book=book) == 99
    assert fact("balance", nearly, "2026-04-01", book=book) == 99 + 2252
    assert of_charge("charge_overdue_days", nearly, "2026-04-01", "2026-01-15", book=book) == 0
    a_yuan = household(Q1, payments=[paid("2026-03-01", "999.00")])
    assert facts(a_yuan, "2026-04-01", book=book).values(names)[:3] == [100, 76, 1]
    assert of_charge("charge_overdue_days", a_yuan, "2026-04-01", "2026-01-15", book=book) == 76


def test_arrears_speak_of_chased_items_only_the_balance_of_all() -> None:
    repair = charge("2026-01-15", "300.00", item="repair", name="R")
    known = facts(household(Q1, repair), "2026-01-16")
    assert known.value("arrears") == 100_000
    assert known.value("balance") == 100_000 + 30_000 + 50


def test_what_is_due_today_belongs_to_the_balance_and_may_be_disputed() -> None:
    known = facts(household(Q1, disputes=[dispute("2026-01-10")]), "2026-01-15")
    assert known.values(("balance", "disputed_amount", "arrears")) == [100_000, 100_000, 0]


def test_the_charges_of_another_debtor_count_nowhere() -> None:
    before_him = charge("2026-01-15", period="2026-01-01..2026-03-31")
    account = household(before_him, debtor=Party(id="O1", kind="person", since=day("2026-02-01")))
    names = ("arrears", "overdue_days", "late_fee", "balance", "principal_not_due", "disputed_amount")
    account = replace(account, disputes=(dispute("2026-01-20"),))
    assert facts(account, "2026-06-01").values(names) == [0] * len(names)


def test_the_late_fee_is_what_is_outstanding() -> None:
    account = household(Q1, Q2)
    assert fact("late_fee", account, "2026-01-15") == 0
    assert fact("late_fee", account, "2026-04-16") == 4550 + 50
    assert fact("late_fee", household(Q1, payments=[paid("2026-02-14", "1015.00")]), "2026-06-01") == 0


@pytest.mark.parametrize("contract", [None, replace(CONTRACT, late_fee_clause=None)])
def test_a_late_fee_nobody_can_assess_is_unknown_and_so_is_the_balance(contract: object) -> None:
    account = replace(household(Q1), contracts=(contract,) if contract else ())
    because = Unknown(("contracts.late_fee_clause",))
    names = ("late_fee", "balance", "late_fee_capped", "arrears")
    assert facts(account, "2026-02-01").values(names) == [because, because, because, 100_000]
    assert of_charge("charge_fee_capped", account, "2026-02-01", "2026-01-15") == because


def test_credit_makes_the_balance_negative() -> None:
    account = household(Q2, payments=[paid("2026-03-01", "1200.00")])
    assert facts(account, "2026-03-02").values(("credit", "balance")) == [120_000, -120_000]
    assert facts(account, "2026-04-15").values(("credit", "balance")) == [20_000, -20_000]


@pytest.mark.parametrize(
    ("disputes", "amount"),
    [
        ([], 0),
        ([dispute("2026-02-01", charge="2026-01-15", amount="300.00")], 30_000),
        ([dispute("2026-02-01", charge="2026-01-15", amount="5000.00")], 100_000),  # no more than is unpaid of it
        ([dispute("2026-02-01", charge="2026-01-15")], 100_000),
        ([dispute("2026-02-01")], 200_000),  # all that is due
        ([dispute("2026-02-01", amount="300.00")], 30_000),
        ([dispute("2026-02-01", charge="2026-07-15")], 0),  # not due yet
        ([dispute("2026-02-01", charge="2026-01-15"), dispute("2026-02-02", amount="9999.00")], 200_000),
        ([dispute("2026-02-01", closed="2026-05-01")], 0),
        ([dispute("2026-02-01", closed="2026-05-02")], 200_000),
        ([dispute("2026-05-02")], 0),
    ],
)
def test_the_disputed_part_of_what_is_due(disputes: list[object], amount: int) -> None:
    assert fact("disputed_amount", household(Q1, Q2, Q3, disputes=disputes), "2026-05-01") == amount


def test_nothing_overdue_has_no_oldest_due_date() -> None:
    assert facts(household(), "2026-05-01").values(("oldest_due", "overdue_days", "arrears")) == [None, 0, 0]


def test_an_opening_balance_is_owed_but_nobody_knows_since_when() -> None:
    account = household(opening("2026-01-01"), Q2)
    assert fact("arrears", account, "2026-01-01") == 0
    assert fact("arrears", account, "2026-01-02") == 100_000
    of_age = ("oldest_due", "overdue_days", "overdue_periods", "consecutive_overdue_periods", "overdue_quarters")
    assert facts(account, "2026-06-01").values(of_age) == [NO_DUE] * 5
    assert of_charge("charge_age", account, "2026-06-01", "OPEN") == NO_DUE
    assert of_charge("charge_overdue_days", account, "2026-06-01", "OPEN") == NO_DUE
    settled = replace(account, payments=(paid("2026-02-01", "1000.00"),))
    assert fact("overdue_days", settled, "2026-04-16") == 1
    assert of_charge("charge_overdue_days", settled, "2026-06-01", "OPEN") == 0


# Periods (N.17)


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


@pytest.mark.parametrize(
    ("area", "tariff", "fee"),
    [("96.50", 550, 53_075), ("96.51", 250, 24_128), ("0.01", 50, 1), ("0", 550, 0)],
)
def test_the_monthly_fee_is_tariff_by_area_to_the_fen(area: str, tariff: int, fee: int) -> None:
    account = household(area=Fraction(area), contract=replace(CONTRACT, tariff=tariff))
    assert fact("monthly_fee", account, "2026-05-01") == fee


def test_the_monthly_fee_is_unknown_without_area_tariff_or_contract() -> None:
    no_area = household()
    neither = household(contract=None)
    ended = household(area=Fraction(100), contract=replace(CONTRACT, until=day("2026-04-30")))
    assert fact("monthly_fee", no_area, "2026-05-01") == Unknown(("area",))
    assert fact("monthly_fee", neither, "2026-05-01") == Unknown(("contracts.tariff", "area"))
    assert fact("monthly_fee", ended, "2026-04-30") == 55_000
    assert fact("monthly_fee", ended, "2026-05-01") == Unknown(("contracts.tariff",))


@pytest.mark.parametrize(
    ("amount", "months"), [("0.00", 0), ("0.01", 1), ("550.00", 2), ("1100.00", 4), ("1100.01", 5)]
)
def test_months_owed_tell_two_months_from_two_and_a_fen(amount: str, months: int) -> None:
    account = household(charge("2026-01-15", amount), area=Fraction(100))
    assert fact("months_owed", account, "2026-02-01") == months


def test_months_owed_are_unknown_with_a_monthly_fee_unknown_or_zero() -> None:
    assert fact("months_owed", household(Q1), "2026-01-15") == 0  # nothing overdue is no month of any fee
    assert fact("months_owed", household(Q1), "2026-02-01") == Unknown(("area",))
    assert fact("months_owed", household(Q1, area=Fraction(0)), "2026-02-01") == Unknown(("contracts.tariff", "area"))


@pytest.mark.parametrize(("on", "capped"), [("2026-04-24", False), ("2026-04-25", True)])
def test_the_late_fee_is_capped_from_the_hundredth_day(on: str, capped: bool) -> None:
    account = household(Q1, Q2)
    assert fact("late_fee_capped", account, on) is capped
    assert of_charge("charge_fee_capped", account, on, Q1.id) is capped
    assert of_charge("charge_fee_capped", account, on, Q2.id) is False


def test_a_capped_fee_is_no_more_when_charge_and_fee_are_paid() -> None:
    paid_up = household(Q1, payments=[paid("2026-05-01", "1050.00")])
    assert fact("late_fee_capped", paid_up, "2026-06-01") is False
    fee_left = household(Q1, payments=[paid("2026-05-01", "1000.00")])
    assert fact("late_fee_capped", fee_left, "2026-06-01") is True


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


# Who and what


def test_days_since_handover_are_negative_before_it() -> None:
    account = household(handed_over=day("2026-06-30"))
    assert [fact("handover_days", account, on) for on in ("2026-05-31", "2026-06-30", "2026-07-31")] == [-30, 0, 31]


SCALARS = {
    "use": ("use", "residential"),
    "occupancy": ("occupancy", "vacant"),
    "community": ("community", "xinghe"),
    "place": ("place", "CN-3301"),
}


def test_scalars_as_the_source_gave_them() -> None:
    account = household(
        **dict(SCALARS.values()), area=Fraction("96.5"), debtor=Party(id="O", kind="company", role="tenant")
    )
    known = facts(account, "2026-05-01")
    assert known.values(SCALARS) == [value for _, value in SCALARS.values()]
    names = ("area", "debtor_kind", "debtor_role", "contract_kind", "tags")
    assert known.values(names) == [9650, "company", "tenant", "committee", frozenset()]


@pytest.mark.parametrize(
    ("name", "field"),
    [
        *((name, field) for name, (field, _) in SCALARS.items()),
        ("handover_days", "handed_over"),
        ("area", "area"),
        ("debtor_kind", "debtor.kind"),
        ("debtor_role", "debtor.role"),
        ("contract_kind", "contracts.kind"),
    ],
)
def test_a_scalar_not_given_is_unknown(name: str, field: str) -> None:
    account = household(debtor=Party(id="O"), contract=replace(CONTRACT, kind=None))
    assert fact(name, account, "2026-05-01") == Unknown((field,))


def test_the_kind_of_the_contract_that_began_last() -> None:
    renewed = replace(CONTRACT, id="K2", since=day("2026-05-01"), kind="individual")
    account = replace(household(), contracts=(renewed, CONTRACT))
    assert fact("contract_kind", account, "2026-04-30") == "committee"
    assert fact("contract_kind", account, "2026-05-01") == "individual"
    assert fact("contract_kind", account, "2021-06-30") == Unknown(("contracts",))
    same_day = replace(CONTRACT, id="K3", kind="holdover")
    for contracts in ((same_day, CONTRACT), (CONTRACT, same_day)):
        assert fact("contract_kind", replace(account, contracts=contracts), "2026-04-30") == "holdover"


@pytest.mark.parametrize(("area", "hundredths"), [("96.504", 9650), ("96.505", 9651)])
def test_the_area_has_two_decimals(area: str, hundredths: int) -> None:
    assert fact("area", household(area=Fraction(area)), "2026-05-01") == hundredths


# Of one charge


@pytest.mark.parametrize(
    ("on", "age"),
    [
        ("2026-01-29", "-1mo+"),
        ("2026-01-30", "0mo"),
        ("2026-02-27", "0mo+"),
        ("2026-02-28", "1mo"),  # 30 January + 1 month
        ("2026-03-29", "1mo+"),
        ("2026-03-30", "2mo"),
        ("2027-01-30", "12mo"),
    ],
)
def test_the_age_of_a_charge_compares_dates(on: str, age: str) -> None:
    value = of_charge("charge_age", household(charge("2026-01-30")), on, "2026-01-30")
    assert not isinstance(value, Unknown)
    assert plain(value, CATALOGUE["charge_age"].type) == age


def test_a_charge_is_overdue_while_it_counts_as_arrears() -> None:
    repair = charge("2026-01-15", "300.00", item="repair", name="R")
    account = household(Q1, repair, payments=[paid("2026-03-01", "1000.00", Q1.id)])
    on_each_day = [of_charge("charge_overdue_days", account, on, Q1.id) for on in ("2026-01-15", "2026-01-16")]
    assert on_each_day == [0, 1]
    assert of_charge("charge_overdue_days", account, "2026-03-01", Q1.id) == 0
    assert of_charge("charge_overdue_days", account, "2026-03-01", "R") == 0  # not a chased item
    assert of_charge("charge_unpaid", account, "2026-03-01", "R") == 30_000
    assert of_charge("charge_item", account, "2026-03-01", "R") == "repair"


def test_a_charge_table_reads_the_households_facts_too() -> None:
    assert of_charge("overdue_days", household(Q1, Q2), "2026-04-16", Q2.id) == 91


# Not known


@pytest.mark.parametrize(
    ("unknown", "lost", "kept"),
    [
        ("contacts", "contacts_7d", "arrears"),
        ("contacts", "promise_open", "late_fee"),
        ("contacts.proof", "demand_delivered", "contacts_7d"),
        ("contacts.promise", "broken_promises", "refused"),
        ("debtor.tags", "tags", "debtor_kind"),
        ("debtor", "tags", "arrears"),
        ("disputes", "open_disputes", "arrears"),
        ("payments", "arrears", "monthly_fee"),
        ("payments", "last_payment_on", "open_disputes"),
        ("adjustments", "paid_12m", "last_payment_on"),
        ("holds", "late_fee", "arrears"),
        ("plans", "plan_state", "arrears"),
        ("charges.period", "overdue_periods", "overdue_days"),
        ("contracts.cycle", "overdue_periods", "monthly_fee"),
    ],
)
def test_what_the_source_cannot_supply_is_unknown_and_nothing_else_is(unknown: str, lost: str, kept: str) -> None:
    account = household(Q1, area=Fraction(100), unknown=[unknown])
    assert fact(lost, account, "2026-03-01") == Unknown((unknown,))
    assert not isinstance(fact(kept, account, "2026-03-01"), Unknown)


def test_charge_facts_are_unknown_the_same_way() -> None:
    account = household(Q1, unknown=["payments", "holds"])
    assert of_charge("charge_unpaid", account, "2026-03-01", Q1.id) == Unknown(("payments",))
    assert of_charge("charge_fee_capped", account, "2026-03-01", Q1.id) == Unknown(("payments", "holds"))
    assert of_charge("charge_item", account, "2026-03-01", Q1.id) == "property_fee"


# A book's own facts


def own(type_: Type, **more: object) -> OwnFact:
    return OwnFact(id="mine", type=type_, title=Text("自有", "mine"), key="k", **more)


WORDS = {"good": Text("良好", "good"), "poor": Text("较差", "poor")}


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        ("money", "1592.25", 159_225),
        ("money", 5000, 500_000),
        ("integer", 82, 82),
        ("integer", "82", 82),
        ("integer", "82.0", 82),
        ("days", "-3", -3),
        ("months", 3, 6),
        ("percent", "85.5%", 855_000),
        ("percent", "5‰", 5_000),
        ("number", "90.5", 9050),
        ("date", "2026-01-15", day("2026-01-15").toordinal()),
        ("boolean", True, True),
        ("boolean", "否", False),
        ("choice", "good", "good"),
        ("choice", "较差", "poor"),
        ("set", "a、b, c", frozenset({"a", "b", "c"})),
        ("text", "any", "any"),
    ],
)
def test_an_attribute_becomes_the_books_own_fact(kind: str, raw: object, value: object) -> None:
    book = replace(BOOK, facts={"mine": own(Type(kind, WORDS if kind == "choice" else None))})
    known = facts(household(attributes={"k": raw}), "2026-05-01", book=book)
    assert known.value("mine") == value
    assert known.findings == []


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        ("money", "1000O"),
        ("money", True),
        ("integer", "82.5"),
        ("integer", "about 80"),
        ("integer", False),
        ("days", "10-20"),
        ("percent", "85"),  # or 8500%?
        ("percent", 85),
        ("number", "90.505"),
        ("date", "2026-02-30"),
        ("boolean", "maybe"),
        ("choice", "fair"),
        ("text", True),
    ],
)
def test_an_attribute_that_does_not_fit_is_unknown_and_told(kind: str, raw: object) -> None:
    book = replace(BOOK, facts={"mine": own(Type(kind, WORDS if kind == "choice" else None))})
    known = facts(household(attributes={"k": raw}), "2026-05-01", book=book)
    assert known.value("mine") == Unknown(("attributes.k",))
    (finding,) = known.findings
    assert (finding.code, str(finding.at)) == ("A601", "main/A1 attributes[k]")
    assert str(raw) in finding.message("zh")
    assert str(raw) in finding.message("en")
    assert known.value("mine") == Unknown(("attributes.k",))
    assert len(known.findings) == 1  # told once, however often it is read


UNTITLED = Type("set", {"a": Text("", ""), "b": Text("乙", "b")})


@pytest.mark.parametrize(("raw", "value"), [("a; 乙", {"a", "b"}), ("a|", {"a"}), ("a,c", None)])
def test_the_words_of_a_closed_set(raw: str, value: set[str] | None) -> None:
    known = facts(household(attributes={"k": raw}), "2026-05-01", book=replace(BOOK, facts={"mine": own(UNTITLED)}))
    assert known.value("mine") == (frozenset(value) if value else Unknown(("attributes.k",)))
    assert len(known.findings) == (0 if value else 1)


def test_a_word_that_is_none_of_a_choice_is_told_with_those_that_are() -> None:
    choice = Type("choice", {"a": Text("", ""), "b": Text("乙", "b")})
    known = facts(household(attributes={"k": "c"}), "2026-05-01", book=replace(BOOK, facts={"mine": own(choice)}))
    known.value("mine")
    assert "a、乙" in known.findings[0].message("zh")
    assert "a, b" in known.findings[0].message("en")


@pytest.mark.parametrize("attributes", [{}, {"k": None}, {"k": ""}])
def test_an_attribute_not_there_is_unknown_or_the_default(attributes: dict[str, str | None]) -> None:
    account = household(attributes=attributes)
    for fact_, value in (
        (own(Type("integer")), Unknown(("attributes.k",))),
        (own(Type("integer"), has_default=True, default=60), 60),
        (own(Type("integer"), has_default=True, default=None), None),
    ):
        assert fact("mine", account, "2026-05-01", book=replace(BOOK, facts={"mine": fact_})) == value


def test_an_attribute_declared_unknown_is_so_whatever_stands_there() -> None:
    book = replace(BOOK, facts={"mine": own(Type("integer"))})
    for unknown in ("attributes", "attributes.k"):
        account = household(attributes={"k": 3}, unknown=[unknown])
        assert fact("mine", account, "2026-05-01", book=book) == Unknown(("attributes.k",))
