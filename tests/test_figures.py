"""Figures of many households without their steps: those of the assessments, whichever way a household went."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from dunning.columns.answer import IN_COLUMNS
from dunning.columns.figures import UNDETERMINED, Figures, figures
from dunning.columns.packing import pack
from dunning.compare.impact import Standing
from dunning.engine.assess import Rules, assess_group
from dunning.intake.records import Read, read
from dunning.intake.samples.sample import make_portfolio
from dunning.lang.folder import load_folder
from dunning.model.account import Account, Party

ON = date(2026, 11, 22)
ELSEWHERE = datetime(2026, 11, 22, 8, tzinfo=UTC)
"""A moment of another zone, which no array holds."""


@pytest.fixture(scope="module")
def rules() -> Rules:
    return load_folder()


@pytest.fixture(scope="module")
def debtors() -> list[list[Account]]:
    groups: dict[tuple[str, str], list[Account]] = {}
    for record in make_portfolio(250, seed=6):
        found = read(record)
        if isinstance(found, Read):
            account = found.account
            groups.setdefault((account.company, account.debtor.id), []).append(account)
    return list(groups.values())


def standing(found: Figures, row: int) -> Standing:
    status = str(found.status.words[found.status.codes[row]])
    if status != "assessed":
        return Standing(status)  # type: ignore[arg-type]
    grades = {
        table: column.words[column.codes[row]] for table, column in found.grades.items() if column.codes[row] >= 0
    }
    return Standing(
        "assessed",
        None if found.unknown[row] else int(found.arrears[row]),
        int(found.late_fee[row]),
        bool(found.undetermined[row]),
        {table: str(word) for table, word in grades.items()},
    )


def test_every_figure_is_that_of_the_assessment(rules: Rules, debtors: list[list[Account]]) -> None:
    odd = [replace(each, id=f"{each.id}-2", debtor=Party(id="elsewhere"), data_as_of=ELSEWHERE) for each in debtors[0]]
    debtors = [*debtors, odd]
    found = figures(pack(account for debtor in debtors for account in debtor), rules, on=ON)
    results = [result for debtor in debtors for result in assess_group(debtor, rules, on=ON)]
    for row, result in enumerate(results):
        assert standing(found, row) == Standing.of(result)._replace(steps=(), withheld=())
        name = found.book.words[found.book.codes[row]] if found.book.codes[row] >= 0 else None
        assert name == (result.book.name if result.book else None)
    without_book = sum(result.book is None for result in results)
    assert found.paths == {IN_COLUMNS: len(results) - without_book - len(odd), "book": without_book, "kept": len(odd)}
    assert any(UNDETERMINED in column.words for column in found.grades.values())


def test_of_nobody_there_are_no_figures(rules: Rules) -> None:
    assert figures(pack([]), rules, on=ON).paths == {}
