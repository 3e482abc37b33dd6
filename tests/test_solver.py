"""The search against a solver: z3 finds the same gaps, dead rows and overlaps in every table made at random.

z3 knows nothing of segments or boxes: numbers are its integers, a table is what its hit policy says of its rows. How
many tables: `pytest tests/test_solver.py --tables 100000`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import pytest
import z3

from dunning.check.asked import Subject
from dunning.check.chart import Chart
from dunning.check.tables import EXCLUSIVE, IN_ORDER, Examined
from dunning.engine.known.logic import holds
from dunning.engine.known.tables import decide
from dunning.model.condition import All, Any, Anything, Check, Condition, Contains, Not, Nothing, OneOf, Range, Test
from dunning.model.rulebook import Row, RuleBook, Table
from dunning.testing.making import from_random
from tables_at_random import FACTS, ON, make_book

SLICES = 8
ALWAYS, NEVER = z3.And([]), z3.Or([])


@dataclass(frozen=True)
class Either:
    """Where something is true and where it is false; where neither, it cannot be told."""

    true: z3.BoolRef
    false: z3.BoolRef


def both_ways(true: z3.BoolRef) -> Either:
    return Either(true, z3.Not(true))


class Household:
    """Any household: a variable for each fact, and what the tables of a book answer it."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.answers: dict[str, dict[object, z3.BoolRef]] = {}

    def truth(self, condition: Condition) -> Either:
        match condition:
            case Check(fact, test):
                return self.of_table(fact, test) if fact in self.book.tables else both_ways(self.of_fact(fact, test))
            case All(parts):
                each = [self.truth(part) for part in parts]
                return Either(z3.And([part.true for part in each]), z3.Or([part.false for part in each]))
            case Any(parts):
                each = [self.truth(part) for part in parts]
                return Either(z3.Or([part.true for part in each]), z3.And([part.false for part in each]))
            case Not(part):
                inner = self.truth(part)
                return Either(inner.false, inner.true)

    def of_fact(self, name: str, test: Test) -> z3.BoolRef:
        own = FACTS[name]
        nothing = z3.Bool(f"{name} is nothing") if own.has_default else NEVER
        match test:
            case Anything():
                return ALWAYS
            case Contains(words, negated):
                held = z3.Or([z3.Bool(f"{name} has {word}") for word in words])
                return z3.Not(held) if negated else held
            case Nothing(negated):
                if own.type.kind == "set":
                    words = ("x", "y") if own.type.values else ("x", "y", "another")
                    nothing = z3.Not(z3.Or([z3.Bool(f"{name} has {word}") for word in words]))
                return z3.Not(nothing) if negated else nothing
            case Range():
                value = z3.Int(name)
                ends = [] if test.lowest is None else [value >= test.lowest]
                ends += [] if test.highest is None else [value <= test.highest]
                return z3.And([z3.Not(nothing), *ends])
            case OneOf(values, _, negated):
                is_one = z3.Or([self.equals(name, value) for value in values])
                return z3.And(z3.Not(nothing), z3.Not(is_one) if negated else is_one)

    def equals(self, name: str, value: int | str | bool) -> z3.BoolRef:
        if isinstance(value, bool):
            return z3.Bool(name) == value
        if isinstance(value, int):
            return z3.Int(name) == value
        words = list(FACTS[name].type.values or ("p", "q"))
        return z3.Int(name) == words.index(value)

    def exists(self) -> Iterator[z3.BoolRef]:
        """What holds of every household."""
        for condition in self.book.impossible:
            yield z3.Not(self.truth(condition).true)
        for name, fact in FACTS.items():
            if fact.type.kind == "choice":
                yield z3.And(z3.Int(name) >= 0, z3.Int(name) < len(fact.type.values or ()))

    # Tables, as what is true of each answer

    def of_table(self, name: str, test: Test) -> Either:
        """A test on a table: true or false by its answer, if it has one."""
        answers = self.answered(self.book.tables[name])
        by_truth = {
            truth: [here for value, here in answers.items() if holds(test, value) is truth] for truth in (True, False)
        }  # type: ignore[arg-type]
        if isinstance(test, Anything):
            return both_ways(ALWAYS)
        return Either(z3.Or(by_truth[True]), z3.Or(by_truth[False]))

    def answered(self, table: Table) -> dict[object, z3.BoolRef]:
        if table.id not in self.answers:
            self.answers[table.id] = self._answered(table)
        return self.answers[table.id]

    def _answered(self, table: Table) -> dict[object, z3.BoolRef]:
        """By answer, where the table gives it: every way its rows can be true is looked at, as they are few."""
        rows = [row for row in table.rows if not row.otherwise]
        rest = [row for row in table.rows if row.otherwise]
        found: dict[object, list[z3.BoolRef]] = {}
        truths = [self.truth(row.when) for row in rows]

        def go(number: int, so_far: list[bool | None], where: list[z3.BoolRef]) -> None:
            if number < len(rows):
                each = truths[number]
                open_ = z3.Not(z3.Or(each.true, each.false))
                for truth, here in ((True, each.true), (False, each.false), (None, open_)):
                    if not z3.is_false(z3.simplify(here)):
                        go(number + 1, [*so_far, truth], [*where, here])
                return
            graded = decide(table, so_far, lambda _: ("?",), ON)
            if graded.cause == "":
                found.setdefault(graded.fact, []).append(z3.And(where))

        assert len(rest) <= 1
        go(0, [], [])
        return {answer: z3.Or(where) for answer, where in found.items()}


@dataclass(frozen=True)
class Verdicts:
    gap: bool
    unmet: frozenset[int]
    hidden: frozenset[int]
    overlaps: frozenset[tuple[int, int]]


def by_solver(book: RuleBook, table: Table, order: Sequence[Row]) -> Verdicts:
    household = Household(book)
    solver = z3.SolverFor("QF_LIA")
    solver.add(*household.exists())
    truths = [household.truth(row.when) for row in order]

    def possible(*parts: z3.BoolRef) -> bool:
        return bool(solver.check(*parts) == z3.sat)

    met = {place for place, each in enumerate(truths) if possible(each.true)}
    before = {place: [each.false for each in truths[:place]] if table.hit in IN_ORDER else [] for place in met}
    reached = {place for place in met if possible(truths[place].true, *before[place])}
    rest = any(row.otherwise for row in table.rows) or table.hit in ("sum", "collect")
    return Verdicts(
        gap=not rest and possible(*[each.false for each in truths]),
        unmet=frozenset(row.number for place, row in enumerate(order) if place not in met),
        hidden=frozenset(order[place].number for place in met - reached),
        overlaps=frozenset(
            (order[one].number, order[other].number)
            for other in range(len(order))
            for one in range(other)
            if table.hit in EXCLUSIVE and not (table.hit == "any" and order[one].then == order[other].then)
            if possible(truths[one].true, truths[other].true)
        ),
    )


def by_search(examined: Examined) -> Verdicts:
    flaws = examined.flaws()
    return Verdicts(
        gap=bool(flaws.gaps),
        unmet=frozenset(each.row.number for each in flaws.unmet),
        hidden=frozenset(each.row.number for each in flaws.hidden),
        overlaps=frozenset((other.number, each.row.number) for each in flaws.overlaps for other in each.others),
    )


@pytest.mark.parametrize("part", range(SLICES))
def test_search_and_solver_agree(part: int, request: pytest.FixtureRequest) -> None:
    for seed in range(part, request.config.getoption("--tables"), SLICES):
        book = make_book(from_random(Random(seed)), facts=5, tables=2, rows=6)
        table = list(book.tables.values())[-1]
        examined = Examined(Chart(Subject(book, (table.id,)), on=ON).views[0], table)
        told = by_search(examined)
        assert by_solver(book, table, [each.row for each in examined.rows]) == told, seed
