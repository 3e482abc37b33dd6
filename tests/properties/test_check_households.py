"""Examples have the facts that were wished for, whatever they are; and for most that happen there is an example."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from dunning.check.households import Household, household
from dunning.check.wishes import Wish
from dunning.engine.assess import assess
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.facts import Answer, Facts
from dunning.engine.owed.ledger import replay
from dunning.lang.folder import load
from dunning.model.condition import ALWAYS, Unknown
from dunning.model.scales import Interval
from dunning.testing.making import from_random, make_book, make_history

BOOK = replace(load("common"), applies=ALWAYS)
ON = date(2026, 6, 30)
KINDS = ("money", "integer", "days", "months", "percent", "boolean", "choice", "set")
FACTS = [fact.id for fact in CATALOGUE.values() if fact.type.kind in KINDS and fact.of == "account"]


def exactly(value: Answer) -> Wish:
    if isinstance(value, frozenset):
        return Wish(has=value, named=value, other=False)
    return Wish((Interval(value, value) if type(value) is int else value,))  # type: ignore[arg-type]


def wishes(source: Random, most: int) -> Mapping[str, Wish]:
    """Some facts of an account made at random, just as they are."""
    pick = from_random(source)
    account, book, on = make_history(pick), make_book(pick), pick.day() + timedelta(days=pick.one((0, 300)))
    values = Facts(account, replay(account, book, on), book).values(FACTS)
    known = [(fact, value) for fact, value in zip(FACTS, values, strict=True) if not isinstance(value, Unknown)]
    return {fact: exactly(value) for fact, value in source.sample(known, source.randint(1, most))}


def comes_out(made: Household, wished: Mapping[str, Wish]) -> None:
    again = assess(made.account, BOOK, on=made.on)
    assert again.status == "assessed"
    for fact, wish in wished.items():
        assert wish.admits(again.read(fact))
        assert again.read(fact) == made.fact(fact)


@given(st.integers(0, 10**9))
def test_an_example_has_the_facts_that_were_wished_for(seed: int) -> None:
    wished = wishes(Random(seed), most=4)
    made = household(wished, BOOK, ON)
    if made is not None:
        comes_out(made, wished)


def test_nine_facts_of_ten_that_happen_have_an_example() -> None:
    """Three facts together, each to the fen and the day, which is more than any finding asks for."""
    made = [household(wishes(Random(seed), most=3), BOOK, ON) for seed in range(300)]

    assert sum(each is not None for each in made) >= 270
