"""A household becomes a case: it passes under the rules it was made with, and names nobody."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

import dunning
from dunning.check.cases import read_cases, run_cases
from dunning.model.account import Account
from dunning.output.record.case_file import case_text

ON = date(2026, 11, 22)
PORTFOLIO = Path(__file__).parents[1] / "examples" / "portfolio"


@pytest.fixture(scope="module")
def households() -> list[Account]:
    with dunning.open_portfolio(PORTFOLIO) as portfolio:
        return [account for group in portfolio for account in group.accounts]


def test_every_household_of_the_example_makes_a_case_that_passes(tmp_path: Path, households: list[Account]) -> None:
    rules = dunning.load_folder()
    files = []
    for number, account in enumerate(households[::12]):
        file = tmp_path / f"{number}.yaml"
        file.write_text(case_text(account, rules, on=ON), encoding="utf-8")
        files.append(file)

    report = run_cases(files)

    assert [difference.told("en") for result in report.results for difference in result.differences] == []
    assert (report.findings, len(report.results)) == ([], len(files))


def test_no_id_and_no_free_text_of_the_household_is_in_it(households: list[Account]) -> None:
    account = next(one for one in households if one.contacts and one.payments)

    text = case_text(account, dunning.load_folder(), on=ON)

    ids = {account.id, account.unit, account.debtor.id, *(contact.id for contact in account.contacts)}
    assert {id_ for id_ in ids if id_ in text} == set()


def test_what_could_tell_whose_it_is_goes_unless_the_outcome_needs_it() -> None:
    home = {
        "id": "XD-1", "use": "residential", "community": "阳光新城", "place": "CN-410105", "area": "153.3",
        "handed_over": "2023-05-07", "debtor": {"id": "O-1", "kind": "person", "since": "2023-05-07"},
        "contract": {"kind": "committee", "late_fee_clause": True},
        "charges": [{"id": "C1", "amount": "100.00", "due": "2026-01-15"}],
    }  # fmt: skip
    text = case_text(dunning.read_account(home), dunning.load_folder(), on=ON, lang="en")

    assert {word for word in ("阳光新城", "153.3", "2023-05-07", "410105") if word in text} == set()
    assert text.startswith("# without names, ids, texts and what the outcome does not need")

    book = dunning.load("handover")
    needed = case_text(dunning.read_account(home | {"handed_over": "2026-11-01"}), book, on=ON, lang="en")
    assert "2026-11-01" in needed
    assert "handover date" in needed.splitlines()[0]


def test_it_expects_the_money_the_grades_and_every_step(tmp_path: Path, households: list[Account]) -> None:
    account = next(one for one in households if one.charges and one.use == "residential")
    file = tmp_path / "case.yaml"
    file.write_text(case_text(account, dunning.load("residential"), on=ON, lang="en"), encoding="utf-8")

    (case,) = read_cases(file).cases
    expected = {key.text for key, _ in case.expect.entries}

    assert case.name == "a household on 2026-11-22"
    assert expected == {"principal", "late_fee", "total", "grades", "steps"}


def test_an_account_no_book_applies_to_makes_no_case() -> None:
    account = dunning.read_account({"id": "x", "use": "other"})

    with pytest.raises(dunning.UsageError, match="no rule book applies"):
        case_text(account, dunning.load_folder(), on=ON)
