"""What `check` passes, everything runs on: no household and no day makes a book fail that had no errors.

Books come as text, so that the reader and every check stand between a slip and the engine: the shipped packs after a
few changes, and books of clauses at random.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dunning
from dunning import Account, RuleBook
from dunning.basis.finding import has_errors
from dunning.engine.review import fresh
from dunning.lang.library import shipped
from dunning.model.action import ACTIONS
from dunning.testing.making import FIRST, Pick, from_random, make_history
from dunning.testing.strategies import picks
from rule_edits import edited, moved, small_book

FILES = (*sorted((shipped() / "packs").glob("*.yaml")), Path(__file__).parents[1] / "books" / "whole.yaml")
PACKS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
EARLIEST, LATEST = date(1950, 1, 1), date(2150, 12, 31)
HOUSEHOLDS = 4  # of each book
AFTER_DUE = (0, 1, 3, 5, 10, 16, 40, 100, 200, 370, 800, 4000)
"""Days at which something tends to happen."""


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str]:
    """A name and the text of a rule file, good or bad."""
    pick = draw(picks())
    if pick.chance(35):
        return "generated", small_book(pick)
    name = pick.one(sorted(PACKS))
    return name, edited(pick, PACKS[name])


def a_household(pick: Pick, book: RuleBook) -> Account:
    """Any household, at any time, mostly of those the book is for, whose contacts are about its steps."""
    steps = [step.id for step in (*book.reminders, *book.ladder.steps)]
    account = make_history(pick, steps=steps or ["none"])
    if pick.chance(50):
        account = moved(account, timedelta(days=pick.number(-27_000, 45_000)))
    return replace(account, use="residential") if pick.chance(60) else account


def a_day(pick: Pick, account: Account) -> date:
    """A day on which something may be due for the household, or any day."""
    if pick.chance(20):
        return EARLIEST + timedelta(days=pick.number(0, (LATEST - EARLIEST).days))
    begins = account.charges[0].due or FIRST
    on = begins + timedelta(days=pick.one((pick.one(AFTER_DUE), pick.number(-60, 500))))
    return min(max(on, EARLIEST), LATEST)


def runs(pick: Pick, book: RuleBook, account: Account, on: date) -> None:
    """Everything that may be asked about a household."""
    results = [
        dunning.assess(account, book, on=on),
        *dunning.assess_group([account, replace(account, id="A-2")], book, on=on),
    ]
    for result in results:
        assert all(dunning.explain(result, lang=lang) for lang in ("zh", "en"))
        assert dunning.to_json(result)
    dunning.next_review(account, book, on=on)
    scenario = pick.one(("silent", "promises_and_breaks", f"pays_on:{on + timedelta(days=9)}"))
    assert dunning.timeline(account, book, since=on, until=on + timedelta(days=20), scenario=scenario)


def may_be_asked(book: RuleBook, account: Account, on: date) -> None:
    """Every action there is, and every action and step of the book."""
    for name in {*ACTIONS, *book.actions, *(step.id for step in (*book.reminders, *book.ladder.steps))}:
        assert dunning.may(name, book, on=on, account=account).reason


@settings(max_examples=150)
@given(texts(), st.integers(0, 2**32))
def test_whatever_check_passes_is_never_raised_on(
    tmp_path_factory: pytest.TempPathFactory, text: tuple[str, str], seed: int
) -> None:
    name, said = text
    path = tmp_path_factory.mktemp(name) / f"{name}.yaml"
    path.write_text(said, encoding="utf-8")
    if has_errors(dunning.check(path)):
        return

    book = dunning.load(path)
    pick = from_random(Random(seed))
    for _ in range(HOUSEHOLDS):
        account = a_household(pick, book)
        on = a_day(pick, account)
        runs(pick, book, fresh(account, on) if pick.chance(50) else account, on)
    may_be_asked(book, account, on)


def test_enough_of_the_books_pass(tmp_path: Path) -> None:
    """So that the property above is not true of nothing at all."""
    pick = from_random(Random(5))
    passed = 0
    for number in range(12):
        path = tmp_path / str(number) / "x.yaml"
        path.parent.mkdir()
        path.write_text(small_book(pick) if number % 2 else edited(pick, PACKS["residential"]), encoding="utf-8")
        passed += not has_errors(dunning.check(path))

    assert passed >= 3
