"""The whole answer for an account: its money, its charges, its grades; when no book applies; one debtor's accounts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

import dunning
from dunning.engine.assess import applies, assess_group
from dunning.engine.result import Assessment, Balance
from dunning.model.condition import Unknown

BOOK = dunning.load("residential")
HOME: dict[str, Any] = {
    "id": "XH-1-0502/O-77",
    "use": "residential",
    "place": "CN-3301",
    "debtor": {"id": "O-77", "kind": "person", "role": "owner", "since": "2021-06-30"},
    "contract": {"kind": "committee", "tariff": "5.50", "cycle": "quarter", "late_fee_clause": True},
    "charges": [{"id": "2026Q1", "period": ["2026-01-01", "2026-03-31"], "amount": "1592.25", "due": "2026-01-15"}],
    "payments": [{"id": "P1", "on": "2026-03-01", "amount": "800.00", "for": ["2026Q1"]}],
    "adjustments": [
        {"id": "A1", "on": "2026-03-02", "kind": "credit_note", "charge": "2026Q1", "amount": "92.25", "by": "finance"}
    ],
}


def assessed(on: str = "2026-11-22", **changes: Any) -> Assessment:
    return dunning.assess(dunning.read_account({**HOME, **changes}), BOOK, on=date.fromisoformat(on))


def test_the_example_of_the_contract() -> None:
    """docs/design/records.md: 700.00 unpaid of 1500.00, the late fee at its cap of 5%."""
    result = assessed()
    assert result.status == "assessed"
    assert result.balance == Balance(principal_due=70000, late_fee=7500)
    assert result.balance.total == 77500
    (charge,) = result.charges
    assert (charge.amount, charge.paid, charge.principal, charge.overdue_days) == (150000, 80000, 70000, 311)
    assert [(str(s.since), str(s.until), s.principal, s.days) for s in charge.late_fee.segments] == [
        ("2026-01-16", "2026-03-01", 150000, 45),
        ("2026-03-02", "2026-11-22", 70000, 266),
    ]
    assert charge.late_fee.capped
    assert charge.grades["provision_rate"].rows == (4,)
    assert result.grades["account_grade"].value == "B"


def test_a_charge_that_is_settled_has_no_grades() -> None:
    result = assessed(payments=[{"id": "P1", "on": "2026-01-10", "amount": "1500.00", "for": ["2026Q1"]}])
    (charge,) = result.charges
    assert (charge.principal, charge.settled_on, charge.overdue_days) == (0, date(2026, 1, 10), 0)
    assert charge.grades == {}


def test_a_charge_not_yet_due_is_no_arrears() -> None:
    result = assessed("2026-01-14")
    assert result.balance == Balance(principal_not_due=159225)
    assert result.facts["arrears"] == 0
    assert result.charges[0].overdue_days == 0


def test_due_today_is_due_and_not_overdue() -> None:
    result = assessed("2026-01-15")
    assert (result.balance.principal_due, result.facts["arrears"]) == (159225, 0)


def test_a_fee_that_is_undetermined_is_left_out_of_the_sum() -> None:
    result = assessed(contract={"kind": "committee"})
    assert result.balance.late_fee == 0
    assert result.charges[0].late_fee.assessed is None


def test_disputed_and_others_parts_are_shown_apart() -> None:
    result = assessed(
        charges=[
            *HOME["charges"],
            {"id": "2021Q1", "period": ["2021-01-01", "2021-03-31"], "amount": "100.00", "due": "2021-01-15"},
        ],
        disputes=[{"id": "D1", "kind": "service_quality", "opened": "2026-02-03", "charge": "2026Q1", "amount": "300"}],
    )
    assert (result.balance.disputed, result.balance.other_debtor) == (30000, 10000)
    assert not next(charge for charge in result.charges if charge.id == "2021Q1").chased


def test_any_fact_can_be_asked_for() -> None:
    result = assessed()
    assert "monthly_fee" not in result.facts
    assert result.value("monthly_fee") == Unknown(("area",))
    assert result.value("arrears") == 70000
    with pytest.raises(KeyError):
        result.value("no_such_fact")


def test_another_use_is_not_this_books() -> None:
    result = assessed(use="commercial")
    assert (result.status, result.book, result.charges, result.findings) == ("not_applicable", None, (), ())


def test_an_unknown_use_is_not_a_no() -> None:
    """Unknown is not false: the account is not graded, and the finding says what is missing."""
    result = assessed(use=None)
    assert result.status == "not_applicable"
    assert [finding.code for finding in result.findings] == ["A701"]
    assert "用途" in result.findings[0].message("zh")


def test_a_base_applies_to_nobody_and_a_book_only_in_its_time() -> None:
    account = dunning.read_account(HOME)
    on = date(2026, 11, 22)
    assert applies(BOOK, account, on) is True
    assert applies(dunning.load("common"), account, on) is False
    assert applies(BOOK, account, date(2020, 12, 31)) is False
    assert applies(replace(BOOK, until=date(2026, 11, 21)), account, on) is False
    assert applies(replace(BOOK, until=on), account, on) is True


def test_a_folder_gives_each_account_its_book() -> None:
    home = dunning.read_account(HOME)
    shop = dunning.read_account({**HOME, "id": "S-1", "use": "commercial"})
    field = dunning.read_account({**HOME, "id": "F-1", "use": "other"})
    results = assess_group((home, shop, field), dunning.load_folder(), on=date(2026, 11, 22))
    assert [result.book.name if result.book else None for result in results] == ["residential", "commercial", None]


def test_one_persons_accounts_share_their_contacts() -> None:
    contact = {"id": "C1", "at": "2026-11-20T10:15:00+08:00", "channel": "phone", "outcome": "reached"}
    first = dunning.read_account({**HOME, "contacts": [contact]})
    second = dunning.read_account({**HOME, "id": "XH-2-0101/O-77"})
    on = date(2026, 11, 22)
    _, beside = assess_group((first, second), BOOK, on=on)
    assert beside.value("contacts_7d") == 1
    assert dunning.assess(second, BOOK, on=on).value("contacts_7d") == 0


def test_a_year_without_calendar_is_provisional() -> None:
    assert assessed(charges=[{"id": "Q", "amount": "1.00", "due": "2031-01-15"}], adjustments=[]).provisional
    assert not assessed().provisional


def test_a_wrong_call_is_told_by_name() -> None:
    account = dunning.read_account(HOME)
    with pytest.raises(dunning.UsageError, match="2026-03-31"):
        dunning.assess(account, BOOK, on="2026-03-31")  # type: ignore[arg-type]
    with pytest.raises(dunning.UsageError, match=r"datetime\.date"):
        dunning.assess(account, BOOK, on=datetime(2026, 3, 31, 8, tzinfo=UTC))
    with pytest.raises(dunning.UsageError, match="residential"):
        dunning.assess(account, "residential", on=date(2026, 3, 31))  # type: ignore[arg-type]
    with pytest.raises(dunning.UsageError, match="read_account"):
        dunning.assess(HOME, BOOK, on=date(2026, 3, 31))  # type: ignore[arg-type]


def test_an_error_speaks_both_languages() -> None:
    with pytest.raises(dunning.AccountError) as wrong:
        dunning.read_account({**HOME, "charges": [{"id": "Q1", "amount": "-1.00", "due": "2026-01-15"}]})
    assert "负数" in wrong.value.told("zh")
    assert "negative" in wrong.value.told("en") == str(wrong.value)
