"""Tables over arrays grade every household and charge as the engine grades them one by one."""

from __future__ import annotations

from datetime import date

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.columns.kinds import alike, told_apart
from dunning.columns.known import Known, Ordered, Worded
from dunning.columns.logic import Logic
from dunning.columns.tables import grades
from dunning.engine.known.logic import truth
from dunning.engine.known.tables import program
from dunning.model.condition import Condition, Unknown, Value
from dunning.model.rulebook import RuleBook
from tables_drawn import ACCOUNT_CHECKS, ACCOUNT_FACTS, CHARGE_FACTS, DAYS, Facts, books, conditions, facts_among


def column(values: list[Value | Unknown]) -> Known:
    """As an array of numbers where they are numbers, of words otherwise."""
    if values and all(type(value) is int or value is None or isinstance(value, Unknown) for value in values):
        return Ordered(
            np.array([value if type(value) is int else -7 for value in values], np.int64),
            np.array([isinstance(value, Unknown) for value in values], np.bool_),
            np.array([value is None for value in values], np.bool_),
        )
    words = tuple(dict.fromkeys(values))
    return Worded(np.array([words.index(value) for value in values], np.int32), words)


def columns(rows: list[Facts], names: list[str]) -> dict[str, Known]:
    return {name: column([row[name] for row in rows]) for name in names}


@given(st.lists(facts_among(ACCOUNT_FACTS), max_size=8), conditions(ACCOUNT_CHECKS))
def test_a_condition_is_as_true_of_each_as_of_one(rows: list[Facts], condition: Condition) -> None:
    found = Logic(columns(rows, ACCOUNT_FACTS), len(rows)).truth(condition)
    truths = [truth(condition, row.__getitem__) for row in rows]
    assert found.surely.tolist() == [each is True for each in truths]
    assert found.possibly.tolist() == [each is not False for each in truths]


debtors = st.tuples(facts_among(ACCOUNT_FACTS), st.lists(facts_among(CHARGE_FACTS), max_size=3))


@settings(max_examples=200)
@given(books(), st.lists(debtors, max_size=6), st.sampled_from(DAYS))
def test_a_whole_book_grades_each_as_one(book: RuleBook, households: list[tuple[Facts, list[Facts]]], on: date) -> None:
    accounts = [account for account, _ in households]
    charges = [charge for _, theirs in households for charge in theirs]
    owner = np.array([place for place, (_, theirs) in enumerate(households) for _ in theirs], np.int64)
    facts, charge_facts = columns(accounts, ACCOUNT_FACTS), columns(charges, CHARGE_FACTS)
    found = grades(book, on, facts, len(accounts), charge_facts, owner)
    compiled = program(book)
    following = 0
    for place, (account, theirs) in enumerate(households):
        of_account, of_charges = compiled.run(
            [account[fact] for fact in compiled.reads],
            [[charge[fact] for fact in compiled.charge_reads] for charge in theirs],
            on,
        )
        assert {table: graded.at(place) for table, graded in found.account.items()} == of_account
        for one in of_charges:
            assert {table: graded.at(following) for table, graded in found.charges.items()} == one
            following += 1


@given(st.lists(st.tuples(st.integers(-3, 3) | st.sampled_from([2**62, -(2**62)]), st.integers(0, 2))))
def test_kinds_are_those_whose_numbers_are_the_same(pairs: list[tuple[int, int]]) -> None:
    one, other = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    for codes, samples, seen in ((*told_apart(one), [p[0] for p in pairs]), (*alike([one, other]), pairs)):
        assert [seen[place] for place in samples[codes]] == seen
        assert len({*seen}) == len(samples)
        assert all(seen.index(seen[place]) == place for place in samples)
