"""Money in words: the cap with its sum, the contract's own terms, days that rolled, and where each payment went."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import dunning
from dunning.model.account import Account, Adjustment
from dunning.model.rulebook import Cap, Dated, RuleBook
from households import BOOK, CONTRACT, charge, day, household, paid

ALL = replace(BOOK, applies=dunning.load("residential").applies)


def told(account: Account, on: str, lang: Any = "zh", rules: RuleBook = ALL) -> str:
    return dunning.explain(dunning.assess(replace(account, use="residential"), rules, on=day(on)), lang)


def part(text: str, head: str) -> list[str]:
    """The lines under a head, up to the next empty one."""
    lines = text[text.index(head) :].partition("\n\n")[0].splitlines()[1:]
    return [line.strip() for line in lines]


# The late fee


def test_a_cap_that_is_no_whole_fen_says_how_it_was_cut() -> None:
    text = told(household(charge("2026-01-15", "1592.30")), "2026-11-22")
    assert "取上限 79.61 (5% × 本金 1592.30 = 79.615, 不足一分的舍去)" in text


def test_a_cap_of_what_was_overdue_names_that() -> None:
    (terms,) = BOOK.late_fees
    of_overdue = replace(terms, cap=Dated.always(Cap(Fraction(1, 20), "overdue")))
    account = household(charge("2026-01-15"), payments=[paid("2026-01-10", "400.00")])
    text = told(account, "2026-11-22", rules=replace(ALL, late_fees=(of_overdue,)))
    assert "取上限 30.00 (5% × 到期日未缴本金 600.00)" in text


def test_a_contract_that_asks_for_less_is_named_with_what_it_lowers() -> None:
    lower = replace(CONTRACT, late_fee_rate=Fraction(3, 10000), late_fee_cap=Fraction(3, 100))
    account = household(charge("2026-01-15"), contract=lower)
    text = told(account, "2026-03-01")
    assert "日费率 0.3‰ 是合同 K1 约定的, 低于规则书的 0.5‰" in text
    assert "上限 3% 是合同 K1 约定的, 低于规则书的 5%" in text
    english = told(account, "2026-03-01", "en")
    assert "the daily rate of 0.3‰ is that of contract K1, below the rule book's 0.5‰" in english
    assert "the cap of 3% is that of contract K1, below the rule book's 5%" in english
    (terms,) = BOOK.late_fees
    uncapped = replace(ALL, late_fees=(replace(terms, cap=Dated.always(None)),))
    assert "上限 3% 是合同 K1 约定的, 规则书没有上限" in told(account, "2026-03-01", rules=uncapped)


@pytest.mark.parametrize("rate", [None, Fraction(1, 2000), Fraction(1, 1000)])
def test_a_contract_that_asks_for_no_less_is_not_named(rate: Fraction | None) -> None:
    account = household(charge("2026-01-15"), contract=replace(CONTRACT, late_fee_rate=rate, late_fee_cap=rate and 1))
    assert "约定的" not in told(account, "2026-03-01")


def test_a_due_date_on_a_rest_day_is_told_with_the_day_it_rolled_to() -> None:
    saturday = household(charge("2026-01-17", name="Q1"))
    assert "账单 Q1 物业费, 2026-01-19 (账单写 2026-01-17, 遇休息日顺延) 到期, 已过 1 天" in told(
        saturday, "2026-01-20"
    )
    assert "due 2026-01-19 (the bill says 2026-01-17, a rest day)" in told(saturday, "2026-01-18", "en")
    assert "顺延" not in told(household(charge("2026-01-16")), "2026-01-20")


# Payments


def test_each_payment_is_told_with_what_it_settled_to_the_fen() -> None:
    dues = (charge("2026-01-15", name="Q1"), charge("2026-04-15", name="Q2"))
    payments = [
        paid("2026-03-01", "1022.50", name="P1"),
        paid("2026-03-09", "50.00", name="P2", reversed_on=day("2026-03-20")),
        paid("2026-03-10", "1200.00", name="P3"),
    ]
    text = told(household(*dues, payments=payments), "2026-05-01")
    assert part(text, "收款去向") == [
        "2026-03-01 P1 1022.50: Q1 本金 1000.00、Q1 违约金 22.50",
        "2026-03-09 P2 50.00: 2026-03-20 已冲正, 不算",
        "2026-03-10 P3 1200.00: Q2 本金 1000.00 (2026-04-15 从预存里付)、预存 200.00",
    ]
    english = told(household(*dues, payments=payments), "2026-05-01", "en")
    assert part(english, "Where the payments went")[0] == (
        "2026-03-01 P1 1022.50: Q1 principal 1000.00, Q1 late fee 22.50"
    )


def test_money_given_back_is_not_called_credit() -> None:
    back = Adjustment(id="R1", on=day("2026-03-05"), kind="refund", amount=5000, payment="P1")
    account = household(payments=[paid("2026-03-01", "80.00", name="P1")], adjustments=[back])
    assert part(told(account, "2026-05-01"), "收款去向") == ["2026-03-01 P1 80.00: 预存或已退 80.00"]


def test_old_payments_of_settled_charges_are_counted_and_no_more() -> None:
    old = [charge(f"2024-0{number}-15", "100.00", name=f"M{number}") for number in range(1, 7)]
    payments = [paid(f"2024-0{number}-15", "100.00", f"M{number}") for number in range(1, 7)]
    account = household(*old, charge("2026-01-15", name="Q1"), payments=[*payments, paid("2026-02-01", "300.00")])
    assert part(told(account, "2026-05-01"), "收款去向") == [
        "一年以前的 6 笔共 600.00元, 都用在已清的账单上",
        "2026-02-01 P2026-02-01 300.00: Q1 本金 300.00",
    ]


def test_who_never_paid_has_no_such_part() -> None:
    assert "收款去向" not in told(household(charge("2026-01-15")), "2026-05-01")
