"""What is said to be impossible never happens: no generated account has such facts, on any day, under any book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.facts import Answer, Facts
from dunning.engine.known.impossible import (
    AGES,
    NO_MORE,
    days_of,
    guaranteed,
    of_places,
    of_settings,
)
from dunning.engine.known.logic import truth
from dunning.engine.owed.ledger import replay
from dunning.model.condition import ALWAYS, All, Anything, Check, Condition, facts_of
from dunning.model.prose import prose
from dunning.model.rulebook import RuleBook
from dunning.testing.making import CALENDAR, Pick, from_random, make_book, make_history

OF_ACCOUNT = [fact.id for fact in CATALOGUE.values() if fact.of == "account"]
OF_CHARGE = [fact.id for fact in CATALOGUE.values() if fact.of == "charge"]
PLACES = ("CN", "CN-33", "CN-3301", "CN-44", "CN-4403")
TITLES = {fact.id: fact.title for fact in CATALOGUE.values()}


def households(pick: Pick) -> Iterator[tuple[dict[str, Answer], RuleBook]]:
    """The facts of an account, and those of each charge that would be graded with them; some long after the records."""
    account = make_history(pick)
    account = replace(
        account, place=pick.one((None, *PLACES)), debtor=replace(account.debtor, kind=pick.one((None, "person")))
    )
    book = make_book(pick, chase_from=pick.one((1, 1, 50)))
    on = pick.day() + timedelta(days=pick.one((0, 0, 40, 300, 366, 800)))
    facts = Facts(account, replay(account, book, on), book)
    known = dict(zip(OF_ACCOUNT, facts.values(OF_ACCOUNT), strict=True))
    yield known, book
    for state in facts.ledger.charges:
        if state.unpaid:
            yield known | dict(zip(OF_CHARGE, facts.charge_values(OF_CHARGE, state), strict=True)), book


def refuted(known: dict[str, Answer], book: RuleBook) -> str:
    """The first guarantee that a household breaks; empty if it breaks none."""
    for condition in (*guaranteed(), *of_settings(book), *of_places(PLACES)):
        if set(facts_of(condition)) <= known.keys() and truth(condition, known.__getitem__):
            return prose(condition, TITLES, "en")
    for less, more, given_ in NO_MORE:
        low, high = known.get(less), known.get(more)
        if isinstance(low, int) and isinstance(high, int) and low > high and truth(given_, known.__getitem__):
            return f"{less} > {more}"
    for days, age in AGES:
        passed, months = known.get(days), known.get(age)
        if not isinstance(passed, int) or not isinstance(months, int) or passed == 0:
            continue
        if months < 1 or not days_of(months)[0] <= passed <= days_of(months)[1]:
            return f"{passed} {days}, {months} {age}"
    return ""


@given(st.integers(0, 10**9))
def test_no_household_is_impossible(seed: int) -> None:
    pick = from_random(Random(seed))
    for _ in range(10):
        for known, book in households(pick):
            assert refuted(known, book) == ""


# What follows for some facts follows without asking about the others


def everything(book: RuleBook) -> Chart:
    """A chart of all facts there are."""
    return Chart(
        Subject(book, conditions=tuple(Check(fact, Anything(), "") for fact in CATALOGUE)), on=date(2026, 6, 30)
    )


BOOK = RuleBook(name="any", title="", version="1", calendar=CALENDAR, applies=ALWAYS)
EVERYTHING = everything(BOOK)


def kinds_of_value(fact: str) -> list[Condition]:
    """Tests that tell apart what the guarantees tell apart of one fact."""
    (axis, *more) = EVERYTHING.axes(fact)
    if more or axis.word is not None:
        return []
    return [Check(fact, test, "") for n in range(len(axis.scale.classes)) for test in axis.scale.tests(1 << n)]


FACTS = [fact for fact in CATALOGUE if len(kinds_of_value(fact)) > 1 and not CATALOGUE[fact].type.values]


@given(st.lists(st.sampled_from(FACTS), min_size=2, max_size=3, unique=True))
def test_what_two_or_three_facts_rule_out_is_said_of_them_alone(facts: list[str]) -> None:
    """So a table is analysed with the facts it reads, not with all forty and what they say of one another."""
    alone = Chart(
        Subject(BOOK, conditions=tuple(each for fact in facts for each in kinds_of_value(fact))), on=date(2026, 6, 30)
    )
    for tests in product(*map(kinds_of_value, facts)):
        both = All(tests)
        assert alone.space.has(alone.views[0].region(both)) == EVERYTHING.space.has(EVERYTHING.views[0].region(both)), (
            both
        )
