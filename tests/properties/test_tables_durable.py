"""Decision tables against durable-rules, an engine written by others: 20,000 households, no difference.

    DUNNING_DURABLE_CASES=200000 pytest tests/properties/test_tables_durable.py

Each table is made from a seed, and a difference names it: `case(seed)` is that table with its households. At home the
seeds are new every time.
"""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from random import Random
from typing import NamedTuple

from dunning.engine.known.tables import Graded, Program, grade
from dunning.model.condition import (
    All,
    Any,
    Anything,
    Bound,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    OneOf,
    Range,
    Test,
    Unknown,
    Value,
)
from dunning.model.rulebook import Answer, Output, Table
from dunning.selfcheck.rete import ONE_RULE, Facts, Told, answered
from dunning.testing.making import Pick, from_random
from tables_by_hand import DAY, book_of, table, titled

CASES = int(os.environ.get("DUNNING_DURABLE_CASES", "20000"))
HOUSEHOLDS = 20  # a table
FIRST_SEED = 0 if os.environ.get("CI") else Random().randrange(1 << 32)

NUMBERS = {  # the facts that are numbers, as they are kept, and how large they get
    "money": 10**13,  # fen: a hundred thousand million yuan
    "days": 4_000,
    "months": 240,  # age: 2m+e
    "rate": 1_000_000,  # ppm
    "area": 10**7,  # hundredths
    "day": 800_000,  # ordinal
}
WORDS = ("a", "b", "c", "d", "none")
HITS = ("first", "unique", "collect", "any", "sum", "min", "max", "priority")
LANDMARKS = 3


class Case(NamedTuple):
    seed: int
    table: Table
    households: list[Facts]


# --- tables and households ----------------------------------------------------------------------------------------


class Maker:
    """A table and its households. Both keep near a few landmarks, or no household would ever stand on a bound."""

    def __init__(self, pick: Pick) -> None:
        self.pick = pick
        self.landmarks = {
            fact: [pick.number(-most if fact == "money" else 0, most) for _ in range(LANDMARKS)]
            for fact, most in NUMBERS.items()
        }

    def near(self, fact: str) -> int:
        return self.pick.one(self.landmarks[fact]) + self.pick.one((0, 0, 1, -1, 2))

    def value(self, fact: str) -> Value:
        if self.pick.chance(10):
            return None
        if fact in NUMBERS:
            return self.near(fact)
        if fact == "kind":
            return self.pick.one(WORDS)
        return self.pick.chance(50) if fact == "away" else frozenset(self.pick.some(WORDS))

    def test(self, fact: str) -> Test:
        pick = self.pick
        match pick.number(0, 9):
            case 8:
                return Nothing(negated=pick.chance(50))
            case 9:
                return Anything()
        negated = pick.chance(30)
        if fact in NUMBERS:
            return self.range(fact) if pick.chance(75) else self.one_of([self.near(fact)] * pick.number(1, 2), negated)
        if fact == "away":
            return self.one_of([pick.chance(50)], negated)
        words = pick.some(WORDS) or (pick.one(WORDS),)
        return Contains(words, negated) if fact == "tags" else self.one_of(words, negated)

    def one_of(self, values: tuple[str, ...] | list[int] | list[bool], negated: bool) -> OneOf:
        return OneOf(tuple(values), tuple(map(str, values)), negated)

    def range(self, fact: str) -> Range:
        def bound(value: int) -> Bound:
            return Bound(value, included=self.pick.chance(50), written=str(value))

        low, high = sorted((self.near(fact), self.near(fact)))
        if self.pick.chance(5):
            low, high = high, low  # a range nothing is in
        ends = self.pick.number(0, 9)
        return Range(None if ends < 3 else bound(low), None if 3 <= ends < 6 else bound(high))

    def check(self) -> Check:
        fact = self.pick.one((*NUMBERS, "kind", "away", "tags"))
        test = self.test(fact)
        return Check(fact, test, f"{fact} {test}")

    def condition(self, deep: int = 3) -> Condition:
        """Half of them lines of a grid; the others nests."""
        parts = self.pick.number(0, 3)
        if deep == 3 and self.pick.chance(50):
            return All(tuple(self.check() for _ in range(parts)))
        match self.pick.number(0, 3) if deep else 3:
            case 0:
                return All(tuple(self.condition(deep - 1) for _ in range(parts)))
            case 1:
                return Any(tuple(self.condition(deep - 1) for _ in range(parts)))
            case 2:
                return Not(self.condition(deep - 1))
        return self.check()

    def table(self) -> Table:
        pick = self.pick
        hit = pick.one(HITS)
        words = hit in ("collect", "priority") or (hit != "sum" and pick.chance(70))
        answers: tuple[Answer, ...] = WORDS if words else (0, 5, -3, 20)
        rows: list[tuple[Condition | None, Answer]] = [
            (self.condition(), pick.one(answers)) for _ in range(pick.number(1, 6))
        ]
        if pick.chance(50):
            rows.insert(pick.number(0, len(rows)), (None, pick.one(answers)))
        output = Output(kind="choice", words=titled(" ".join(WORDS))) if words else Output(kind="integer")
        return table(rows, hit=hit, output=output)

    def household(self) -> Facts:
        return {fact: self.value(fact) for fact in (*NUMBERS, "kind", "away", "tags")}


def case(seed: int) -> Case:
    maker = Maker(from_random(Random(seed)))
    return Case(seed, maker.table(), [maker.household() for _ in range(HOUSEHOLDS)])


# --- comparing ----------------------------------------------------------------------------------------------------


def cases(number: int, *, first: int = FIRST_SEED) -> list[Case]:
    return [case(seed) for seed in range(first, first + number // HOUSEHOLDS)]


def as_told(graded: Graded) -> Told:
    return (None if isinstance(graded.value, Unknown) else graded.value), graded.rows


def differences(cases: list[Case], theirs: list[list[Told]]) -> list[str]:
    """Every household whose answer by durable-rules is not ours, by the reference or by the generated source."""
    found = []
    for each, of_table in zip(cases, theirs, strict=True):
        compiled = Program(book_of(each.table))
        for facts, durable in zip(each.households, of_table, strict=True):
            reference = as_told(grade(each.table, facts.__getitem__, DAY))
            source = as_told(compiled.grade(each.table.id, facts.__getitem__, DAY))
            if not reference == source == durable:
                answers = f"reference {reference}, source {source}, durable-rules {durable}"
                found.append(f"seed {each.seed}, {each.table.hit}: {answers}\n{facts}\n{each.table}")
    return found


def test_durable_rules_grades_every_household_as_we_do() -> None:
    made = cases(CASES)
    different = differences(made, answered(((each.table, each.households) for each in made), DAY))
    assert not different, f"{len(different)} of {len(made) * HOUSEHOLDS} households, among them\n{different[0]}"


def test_the_households_are_worth_asking() -> None:
    """Under every hit policy there is often one row that is true, often none, and often several."""
    decided = {hit: Counter[int]() for hit in HITS}
    for each in cases(4_000, first=0):
        for facts in each.households:
            graded = grade(each.table, facts.__getitem__, DAY)
            of_the_rest = graded.rows and each.table.rows[graded.rows[0] - 1].otherwise
            decided[each.table.hit][0 if of_the_rest else min(len(graded.rows), 2)] += 1
    for hit, rows in decided.items():
        assert min(rows[0], rows[1]) > 40, hit
        assert rows[2] > 40 or hit in ONE_RULE, hit


# --- the guard is seen to fail --------------------------------------------------------------------------------------


def mistaken(condition: Condition) -> Condition:
    """The condition with the ends of its ranges misread: what belongs to one does not, and the other way round."""
    match condition:
        case All(parts):
            return All(tuple(map(mistaken, parts)))
        case Any(parts):
            return Any(tuple(map(mistaken, parts)))
        case Not(part):
            return Not(mistaken(part))
        case Check(fact, Range(low, high), text):
            return Check(fact, Range(low and turned(low), high and turned(high)), text)
    return condition


def turned(bound: Bound) -> Bound:
    return replace(bound, included=not bound.included)


def test_a_table_read_with_the_wrong_ends_is_told() -> None:
    made = cases(2_000, first=0)
    tables = [
        replace(each.table, rows=tuple(replace(row, when=mistaken(row.when)) for row in each.table.rows))
        for each in made
    ]
    theirs = answered(((table, each.households) for table, each in zip(tables, made, strict=True)), DAY)
    assert len(differences(made, theirs)) > 100
