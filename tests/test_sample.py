"""Sample portfolios: the same for the same seed, of every size, with everything a real one has."""

from __future__ import annotations

import filecmp
from collections import Counter
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from dunning.basis.errors import UsageError
from dunning.basis.money import parse_yuan
from dunning.intake.files.tables import open_portfolio
from dunning.intake.records import Read, Rejected, read
from dunning.intake.samples.histories import ON
from dunning.intake.samples.sample import make_portfolio, write_portfolio
from dunning.model.account import Account

EXAMPLE = Path(__file__).parent.parent / "examples" / "portfolio"
RECORDS = list(make_portfolio(2000, 1))
FOUND = [read(record) for record in RECORDS]
ACCOUNTS = [found.account for found in FOUND if isinstance(found, Read)]


def share(holds: list[bool]) -> float:
    return sum(holds) / len(holds)


def owed(account: Account) -> int:
    """Roughly: billed and due, less what was paid."""
    due = sum(charge.amount for charge in account.charges if charge.due is None or charge.due < ON)
    return due - sum(payment.amount for payment in account.payments if payment.reversed_on is None)


def test_the_example_is_what_the_command_writes(tmp_path: Path) -> None:
    write_portfolio(tmp_path, accounts=300, seed=9, lang="zh")
    names = sorted(file.name for file in EXAMPLE.glob("*.csv"))

    assert sorted(file.name for file in tmp_path.iterdir()) == names
    assert filecmp.cmpfiles(EXAMPLE, tmp_path, names, shallow=False) == (names, [], [])


@pytest.mark.parametrize("size", [0, 1, 2, 39, 300])
def test_there_are_as_many_accounts_as_asked_for(size: int) -> None:
    records = list(make_portfolio(size, 3))

    assert len(records) == size
    assert len({(record["company"], record["id"]) for record in records}) == size


def test_the_seed_decides() -> None:
    assert list(make_portfolio(60, 5)) == list(make_portfolio(60, 5))
    assert list(make_portfolio(60, 5)) != list(make_portfolio(60, 6))


def test_a_million_accounts_begin_at_once() -> None:
    assert len(list(islice(make_portfolio(1_000_000, 1), 10))) == 10


def test_a_few_accounts_contradict_themselves_each_in_one_way() -> None:
    rejected = [found for found in FOUND if isinstance(found, Rejected)]

    assert 0.005 < len(rejected) / len(FOUND) < 0.02
    assert {finding.code for found in rejected for finding in found.findings} == {
        "A104", "A110", "A111", "A120", "A201", "A202", "A203", "A204",
    }  # fmt: skip
    assert {finding.code for found in FOUND if isinstance(found, Read) for finding in found.findings} == {"A301"}


def test_people_have_one_account_or_several() -> None:
    per_person = Counter((account.company, account.debtor.id) for account in ACCOUNTS)

    assert set(per_person.values()) >= {1, 2, 3}
    assert 0.02 < share([count > 1 for count in per_person.values()]) < 0.3


def test_a_person_s_accounts_may_lie_far_apart() -> None:
    first: dict[str, int] = {}
    apart = [position - first.setdefault(record["debtor"]["id"], position) for position, record in enumerate(RECORDS)]

    assert max(apart) > 100


def test_a_receipt_may_pay_for_several_accounts() -> None:
    receipts: dict[str | None, set[str]] = {}
    for account in ACCOUNTS:
        for payment in account.payments:
            receipts.setdefault(payment.ref, set()).add(account.id)

    assert any(len(accounts) > 1 for ref, accounts in receipts.items() if ref)


def test_units_change_hands() -> None:
    sold = {account.unit: account for account in ACCOUNTS if account.debtor.until is not None}
    bought = [account for account in ACCOUNTS if account.unit in sold and account.debtor.until is None]

    assert bought
    for account in bought:
        before = sold[account.unit]
        assert before.debtor.until is not None
        assert account.debtor.since is not None
        assert account.debtor.since > before.debtor.until
        assert not {charge.id for charge in account.charges} & {charge.id for charge in before.charges if charge.due}


def test_tariffs_areas_and_amounts_agree() -> None:
    for account in ACCOUNTS:
        tariff = account.contracts[-1].tariff
        assert tariff is not None
        assert 120 <= tariff <= 550
        if account.area is None:
            assert account.use == "parking"
            continue
        for charge in account.charges:
            if charge.period is not None:
                months = (
                    (charge.period[1].year - charge.period[0].year) * 12
                    + charge.period[1].month
                    - charge.period[0].month
                    + 1
                )
                assert abs(charge.amount - tariff * account.area * months) <= months


def test_the_arrears_are_those_of_the_source_documents() -> None:
    homes = [account for account in ACCOUNTS if account.use == "residential"]
    shops = [account for account in ACCOUNTS if account.use == "commercial"]

    assert 0.65 < share([owed(account) <= 0 for account in homes]) < 0.9
    assert share([owed(account) <= 0 for account in shops]) < share([owed(account) <= 0 for account in homes])
    assert any(owed(account) > 1_000_000 for account in ACCOUNTS)


def test_everything_a_portfolio_may_hold_occurs() -> None:
    lists = ("parties", "contracts", "charges", "payments", "adjustments", "late_fees", "contacts", "disputes", "holds",
             "plans", "proceedings", "approvals", "consents", "unknown")  # fmt: skip
    for name in lists:
        assert any(getattr(account, name) for account in ACCOUNTS), name
    payments = [payment for account in ACCOUNTS for payment in account.payments]
    contacts = [contact for account in ACCOUNTS for contact in account.contacts]
    assert any(charge.opening for account in ACCOUNTS for charge in account.charges)
    assert any(payment.reversed_on for payment in payments)
    assert any(payment.settles for payment in payments)
    assert any(contact.promise for contact in contacts)
    assert {account.use for account in ACCOUNTS} == {"residential", "commercial", "office", "parking", "other"}
    assert {account.contracts[-1].cycle for account in ACCOUNTS} == {"month", "quarter", "half_year", "year"}
    assert {account.contracts[-1].late_fee_clause for account in ACCOUNTS} == {True, False, None}
    assert {account.debtor.kind for account in ACCOUNTS} >= {"person", "company", "sole_trader", "developer"}
    assert len({account.company for account in ACCOUNTS}) > 1
    assert len({account.place for account in ACCOUNTS}) > 2


def test_nothing_lies_in_the_future_but_plans_and_promises() -> None:
    for account in ACCOUNTS:
        days: list[date] = [payment.on for payment in account.payments] + [each.on for each in account.adjustments]
        days += [contact.at.date() for contact in account.contacts] + [dispute.opened for dispute in account.disputes]
        assert max(days, default=ON) <= ON, account.id


def test_amounts_have_two_decimals() -> None:
    def amounts(value: Any, key: str = "") -> list[str]:
        if isinstance(value, dict):
            return [each for inner_key, inner in value.items() for each in amounts(inner, inner_key)]
        if isinstance(value, list):
            return [each for inner in value for each in amounts(inner, key)]
        return [value] if key == "amount" else []

    for record, found in zip(RECORDS, FOUND, strict=True):
        if isinstance(found, Read):
            assert all(parse_yuan(amount) >= 0 and amount[-3] == "." for amount in amounts(record))


@pytest.mark.parametrize("shape", ["csv", "xlsx", "jsonl"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_shape_holds_the_same(tmp_path: Path, shape: str, lang: Any) -> None:
    path = write_portfolio(tmp_path / "p", accounts=90, seed=2, shape=shape, lang=lang)
    with open_portfolio(path) as portfolio:
        groups = list(portfolio)
    accounts = {(account.company, account.id): account for group in groups for account in group.accounts}

    expected = [read(record) for record in make_portfolio(90, 2)]
    assert accounts == {
        (each.account.company, each.account.id): each.account for each in expected if isinstance(each, Read)
    }
    assert sum(len(group.rejected) for group in groups) == sum(isinstance(each, Rejected) for each in expected)


def test_other_shapes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="pdf: csv"):
        write_portfolio(tmp_path, accounts=1, seed=1, shape="pdf")


def test_a_folder_with_something_in_it_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a\n", encoding="utf-8")
    with pytest.raises(UsageError, match="not empty"):
        write_portfolio(tmp_path, accounts=1, seed=1)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]
