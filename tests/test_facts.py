"""Each fact at its edges: the day before and after, the fen more and less, nothing at all, and not known."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from dunning.engine.known.catalogue import CATALOGUE, MISNOMERS
from dunning.engine.known.facts import _OF_ACCOUNT, _OF_CHARGE
from dunning.model.account import Party
from dunning.model.condition import Unknown
from dunning.model.rulebook import Payments
from dunning.model.shown import plain
from households import (
    BOOK,
    CONTRACT,
    charge,
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


# Who and what


def test_days_since_handover_are_negative_before_it() -> None:
    account = household(handed_over=day("2026-06-30"))
    assert [fact("handover_days", account, on) for on in ("2026-05-31", "2026-06-30", "2026-07-31")] == [-30, 0, 31]


SCALARS = {
    "use": ("use", "residential"),
    "occupancy": ("occupancy", "vacant"),
    "community": ("community", "xinghe"),
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


def test_a_misnomer_is_no_name_of_another_fact_and_means_one_that_is_there() -> None:
    names = {name for each in CATALOGUE.values() for name in (each.id, each.title.zh)}
    assert not names & set(MISNOMERS)
    assert set(MISNOMERS.values()) <= set(CATALOGUE)
