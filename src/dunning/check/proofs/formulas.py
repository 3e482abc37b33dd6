"""Conditions and tables of a book as formulas of the solver z3: the same syntax tree, read by somebody else.

Nothing here knows of segments or boxes. A number is a whole number of z3's own, a condition its own formula, a table
what its hit policy says of its rows; so z3 can be asked what the search of `dunning check` found, and agree or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from itertools import combinations
from math import lcm
from typing import Any as Whatever
from typing import NamedTuple

import z3

from dunning.check.asked import Asked, guarantees, told_apart
from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.compile import worst_of
from dunning.engine.known.impossible import AGES, MAY_BE_NOTHING, NO_MORE, days_of, not_for
from dunning.engine.known.logic import holds
from dunning.engine.known.tables import NONE, decide
from dunning.engine.law.law_facts import LAW_FACTS
from dunning.model.condition import (
    All,
    Any,
    Anything,
    Check,
    Condition,
    Contains,
    Not,
    Nothing,
    OneOf,
    Range,
    Test,
    Type,
    Unknown,
    Value,
    facts_of,
)
from dunning.model.rulebook import Answer, Row, RuleBook, Table

Formula = Whatever  # z3 has no types for its own
ALWAYS, NEVER = z3.And([]), z3.Or([])
SOME_WORD = "another word"


@dataclass(frozen=True)
class Either:
    """Where something is true and where it is false; where neither, it cannot be told."""

    true: Formula
    false: Formula

    @property
    def open(self) -> Formula:
        """Where it cannot be told."""
        return z3.Not(z3.Or(self.true, self.false))


def both_ways(true: Formula) -> Either:
    """What can always be told."""
    return Either(true, z3.Not(true))


def together(parts: Sequence[Either]) -> Either:
    """Where all are true."""
    return Either(z3.And([part.true for part in parts]), z3.Or([part.false for part in parts]))


class Answered(NamedTuple):
    """What a table answers: some value where its formula is true; besides, of a `sum`, a number (a term of hundred
    millionths cut to a whole) where it is one. Elsewhere it is undetermined.
    """

    values: Mapping[Value, Formula]
    number: Formula = None
    is_number: Formula = NEVER


class Household:
    """Any household a book can speak of: a variable for each fact, and what the tables of the book answer it.

    Where a `worst` of a charge table is read, any of its answers will do: the charges of a household are not modelled.
    """

    def __init__(self, book: RuleBook, asked: Asked, *, on: date) -> None:
        self.book = book
        self.asked = asked
        self.on = on
        self._answers: dict[str, Answered] = {}

    # Conditions

    def truth(self, condition: Condition) -> Either:
        match condition:
            case Check(test=Anything()):
                return both_ways(ALWAYS)
            case Check(fact, test):
                if self.asked.is_table(fact):
                    return self.of_table(fact, test)
                return both_ways(self.of_fact(fact, test))
            case All(parts):
                return together([self.truth(part) for part in parts])
            case Any(parts):
                inner = together([self.truth(Not(part)) for part in parts])
                return Either(inner.false, inner.true)
            case Not(part):
                inner = self.truth(part)
                return Either(inner.false, inner.true)

    def of_fact(self, name: str, test: Test) -> Formula:
        """Where a test on a fact is true; elsewhere it is false."""
        if self.type(name).kind == "set":
            return self._of_set(name, test)
        nothing = z3.Bool(f"{name} is nothing") if self._may_be_nothing(name) else NEVER
        match test:
            case Nothing(negated):
                return z3.Not(nothing) if negated else nothing
            case Range():
                return z3.And(z3.Not(nothing), between(z3.Int(name), test))
            case OneOf(values, _, negated):
                is_one = z3.Or([self._equals(name, value) for value in values])
                return z3.And(z3.Not(nothing), z3.Not(is_one) if negated else is_one)
            case _:
                return NEVER

    def _of_set(self, name: str, test: Test) -> Formula:
        words: Iterable[str] = told_apart(self.asked.tests.get(name, ()), self.type(name))
        if isinstance(test, Contains):
            words, negated = test.values, test.negated
        else:
            negated = not (isinstance(test, Nothing) and test.negated)
        held = z3.Or([self.has(name, word) for word in words])
        return z3.Not(held) if negated else held

    def has(self, name: str, word: str) -> Formula:
        """Whether a set has a word; the empty word stands for any that no test names."""
        return z3.Bool(f"{name} has {word or SOME_WORD}")

    def _equals(self, name: str, value: int | str | bool) -> Formula:
        if isinstance(value, bool):
            return z3.Bool(name) == value
        if isinstance(value, int):
            return z3.Int(name) == value
        words = self.words(name)
        return z3.Int(name) == (words.index(value) if value in words else len(words))

    def words(self, name: str) -> list[str]:
        """The words of a choice, or of an open fact those that tests name: each is told by its place."""
        listed = self.type(name).values
        if listed:
            return list(listed)
        tests = (test for test in self.asked.tests.get(name, ()) if isinstance(test, OneOf))
        return list(dict.fromkeys(value for test in tests for value in test.values if isinstance(value, str)))

    def type(self, name: str) -> Type:
        own = self.book.facts.get(name)
        if own is not None:
            return own.type
        return CATALOGUE[name].type if name in CATALOGUE else LAW_FACTS[name].type

    def _may_be_nothing(self, name: str) -> bool:
        own = self.book.facts.get(name)
        return name in MAY_BE_NOTHING if own is None else own.has_default and own.default is None

    # What holds of every household

    def exists(self) -> Iterator[Formula]:
        """What the records guarantee, whom the book is for, and what it declares impossible."""
        asked = self.asked
        for condition in (*guarantees([asked]), *not_for(self.book), *self.book.impossible):
            yield z3.Not(self.truth(condition).true)
        for name in asked.base:
            values = self.type(name).values
            if self.type(name).kind == "choice" and values:
                yield z3.And(z3.Int(name) >= 0, z3.Int(name) < len(values))
        for rule in NO_MORE:
            if {rule.less, rule.more, *facts_of(rule.given)} <= asked.tests.keys():
                given = self.truth(rule.given).true
                yield z3.Implies(given, z3.Int(rule.less) <= z3.Int(rule.more))
        for days, months in AGES:
            if {days, months} <= asked.tests.keys():
                yield from self._in_step(days, months)

    def _in_step(self, days: str, months: str) -> Iterator[Formula]:
        """So many days overdue are so many months, as far as any test tells ages apart."""
        day, age = z3.Int(days), z3.Int(months)
        tests = self.asked.tests[months]
        told = [end for test in tests if isinstance(test, Range) for end in (test.lowest, test.highest)]
        told += [int(value) for test in tests if isinstance(test, OneOf) for value in test.values]
        ends = {end for end in told if end is not None}
        for end in sorted({near for value in ends for near in (value - 1, value, value + 1)}):
            yield z3.Implies(z3.And(day >= 1, age <= end), NEVER if end < 1 else day <= days_of(end)[1])
            if end > 0:
                yield z3.Implies(z3.And(day >= 1, age >= end), day >= days_of(end)[0])

    # Tables

    def rows(self, table: Table) -> list[tuple[Row, Either]]:
        """The rows but the one for the rest, each with where it is true and false."""
        return [(row, self.truth(row.when)) for row in table.rows if not row.otherwise]

    def of_table(self, name: str, test: Test) -> Either:
        """A test on a table: true or false by its answer, if it has one."""
        answers = self.answered(name)
        by_truth = {
            truth: [here for value, here in answers.values.items() if holds(test, value) is truth]
            for truth in (True, False)
        }
        if answers.number is not None:
            holding = _of_number(answers.number, test)
            by_truth[True].append(z3.And(answers.is_number, holding))
            by_truth[False].append(z3.And(answers.is_number, z3.Not(holding)))
        return Either(z3.Or(by_truth[True]), z3.Or(by_truth[False]))

    def answered(self, name: str) -> Answered:
        if name not in self._answers:
            worst = worst_of(name)
            self._answers[name] = (
                self._worst(name, self.book.tables[worst]) if worst else self._answered(self.book.tables[name])
            )
        return self._answers[name]

    def _worst(self, name: str, table: Table) -> Answered:
        """Any of the values a charge table may give, or none."""
        given = [self._said(table, row) for row in table.rows]
        values = list(dict.fromkeys([NONE, *(value for value in given if not isinstance(value, Unknown))]))
        chosen = z3.Int(f"which of {name}")
        return Answered({value: chosen == place for place, value in enumerate(values)})

    def _said(self, table: Table, *rows: Row) -> Value | Unknown:
        """What the table answers where just these rows are true, by the engine's own word."""
        few = replace(table, rows=rows)
        return decide(few, [True for row in rows if not row.otherwise], lambda _: (), self.on).fact

    def _answered(self, table: Table) -> Answered:
        rows = self.rows(table)
        rest = self._said(table, *(row for row in table.rows if row.otherwise))
        none = z3.And([each.false for _, each in rows])
        match table.hit:
            case "sum":
                return self._added_up(table, rows, rest, none)
            case "collect":
                return _by_value(self._collected(rows, rest, none))
            case "unique" | "any":
                found = self._agreed(table, rows)
            case "first":
                found = self._in_turn(table, rows)
            case _:
                found = self._best(table, rows)
        return _by_value([*found, (rest, none)])

    def _in_turn(self, table: Table, rows: Sequence[tuple[Row, Either]]) -> Iterator[tuple[Value | Unknown, Formula]]:
        before: list[Formula] = []
        for row, each in rows:
            yield self._said(table, row), z3.And([each.true, *before])
            before.append(each.false)

    def _agreed(self, table: Table, rows: Sequence[tuple[Row, Either]]) -> Iterator[tuple[Value | Unknown, Formula]]:
        """One row is true and no other that excludes it; what cannot be told of others is no matter."""
        apart = {
            (one.number, other.number)
            for (one, _), (other, _) in combinations(rows, 2)
            if isinstance(self._said(table, one, other), Unknown)
        }
        for row, each in rows:
            against = [
                z3.Not(other.true)
                for its, other in rows
                if (row.number, its.number) in apart or (its.number, row.number) in apart
            ]
            yield self._said(table, row), z3.And([each.true, *against])

    def _best(self, table: Table, rows: Sequence[tuple[Row, Either]]) -> Iterator[tuple[Value | Unknown, Formula]]:
        """The true row that wins over all others; a better one of which nobody can tell leaves it undetermined."""
        for place, (row, each) in enumerate(rows):
            better = [other.false for its, other in rows if its is not row and self._wins(table, its, row)]
            equal = [
                z3.Not(other.true)
                for its, other in rows[:place]
                if not self._wins(table, its, row) and not self._wins(table, row, its)
            ]
            yield self._said(table, row), z3.And([each.true, *better, *equal])

    def _wins(self, table: Table, one: Row, over: Row) -> bool:
        """Whether one row goes before another wherever it stands; an undated one always does."""
        if one.then.on(self.on) is None or over.then.on(self.on) is None:
            return one.then.on(self.on) is None and over.then.on(self.on) is not None
        return all(
            decide(replace(table, rows=rows), [True, True], lambda _: (), self.on).rows == (one.number,)
            for rows in ((one, over), (over, one))
        )

    def _collected(
        self, rows: Sequence[tuple[Row, Either]], rest: Value | Unknown, none: Formula
    ) -> list[tuple[Value | Unknown, Formula]]:
        """Every set of words that may be collected: as many as there are ways to choose among different answers."""
        known = z3.And([z3.Or(each.true, each.false) for _, each in rows])
        dated = z3.And([each.false for row, each in rows if row.then.on(self.on) is None])
        by_word: dict[str, list[Formula]] = {}
        for row, each in rows:
            answer = row.then.on(self.on)
            if answer is not None:
                by_word.setdefault(str(answer), []).append(each.true)
        sets: list[tuple[frozenset[str], Formula]] = [(frozenset(), z3.And(known, dated))]
        for word, trues in by_word.items():
            held = z3.Or(trues)
            sets = [
                each for words, where in sets
                for each in ((words, z3.And(where, z3.Not(held))), (words | {word}, z3.And(where, held)))
            ]  # fmt: skip
        return [(rest, none) if not words else (words, where) for words, where in sets]

    def _added_up(
        self, table: Table, rows: Sequence[tuple[Row, Either]], rest: Value | Unknown, none: Formula
    ) -> Answered:
        """The numbers of the true rows together; a word only where it is alone."""
        known = [z3.Or(each.true, each.false) for _, each in rows]
        answers: list[tuple[Answer | None, Formula]] = [(row.then.on(self.on), each.true) for row, each in rows]
        numbers = [(answer, true) for answer, true in answers if isinstance(answer, int | Fraction)]
        scale = lcm(*(Fraction(answer).denominator for answer, _ in numbers))
        total = z3.Sum([z3.If(true, int(answer * scale), 0) for answer, true in numbers] or [z3.IntVal(0)])
        whole = total * 1_000_000 / scale if table.output.kind == "percent" else total
        others = [true for answer, true in answers if not isinstance(answer, int | Fraction)]
        added = z3.And([*known, z3.Or([true for _, true in numbers]), *map(z3.Not, others)])
        words = []
        for place, (answer, true) in enumerate(answers):
            if isinstance(answer, str):
                alone = [z3.Not(other) for its, (_, other) in enumerate(answers) if its != place]
                words.append((answer, z3.And([*known, true, *alone])))
        return _by_value([*words, (rest, none)])._replace(number=whole, is_number=added)


def _by_value(found: Iterable[tuple[Value | Unknown, Formula]]) -> Answered:
    values: dict[Value, list[Formula]] = {}
    for value, here in found:
        if not isinstance(value, Unknown):
            values.setdefault(value, []).append(here)
    return Answered({value: z3.Or(heres) for value, heres in values.items()})


def between(number: Formula, test: Range) -> Formula:
    """A number between two ends."""
    ends = [] if test.lowest is None else [number >= test.lowest]
    ends += [] if test.highest is None else [number <= test.highest]
    return z3.And(ends)


def _of_number(number: Formula, test: Test) -> Formula:
    """Where a test is true of a number a table adds up to."""
    match test:
        case Range():
            return between(number, test)
        case OneOf(values, _, negated):
            is_one = z3.Or([number == value for value in values if type(value) is int])
            return z3.Not(is_one) if negated else is_one
        case Nothing(negated) | Contains(_, negated):
            return z3.BoolVal(negated)
        case Anything():
            return ALWAYS
