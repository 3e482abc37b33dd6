"""What is asked of a chart: the facts, tables and conditions of a book, and every test on each of them.

Names are settled here, once: a fact of the catalogue is the same in every book, a book's own fact only where two books
mean the same by it, a table is its own book's.
"""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from dunning.engine.known.catalogue import CATALOGUE
from dunning.engine.known.compile import worst_of
from dunning.engine.known.impossible import MAY_BE_NOTHING, days_of, guaranteed, not_for, of_places, of_settings
from dunning.lang.words.meaning import canonical
from dunning.model.condition import Condition, Contains, Test, Type, checks, facts_of
from dunning.model.rulebook import OwnFact, RuleBook
from dunning.model.scales import ORDERED, Interval, Scale

OTHER_WORDS = ""
"""Of an open set: some word that no test names. (No word of a rule file is empty.)"""


class Subject(NamedTuple):
    """What of a book is charted: tables by id, with all they read, and conditions."""

    book: RuleBook
    tables: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()


class Asked:
    """A subject with every name it reads: facts and tables, and the tests on each."""

    def __init__(self, subject: Subject) -> None:
        self.book = subject.book
        self.tests: dict[str, list[Test]] = {}
        self._meanings: dict[str, Hashable] = {}
        read: set[str] = set()
        to_read = [*subject.tables]
        for condition in (*subject.conditions, *not_for(self.book), *self.book.impossible):
            to_read += self._note(condition)
        while to_read:
            table = to_read.pop()
            if table not in read:
                read.add(table)
                for row in self.book.tables[table].rows:
                    to_read += self._note(row.when)

    @property
    def base(self) -> list[str]:
        """The facts that are no tables."""
        return [name for name in self.tests if not self.is_table(name)]

    def is_table(self, name: str) -> bool:
        """Whether it is a table of the book, or the worst of one over the household's charges."""
        return (worst_of(name) or name) in self.book.tables

    def _note(self, condition: Condition) -> Iterator[str]:
        """Takes in the tests of a condition; the tables it reads."""
        for check in checks(condition):
            self.tests.setdefault(check.fact, []).append(check.test)
            table = worst_of(check.fact) or check.fact
            if table in self.book.tables:
                yield table

    def own(self, name: str) -> OwnFact | None:
        return self.book.facts.get(name)

    def key(self, name: str) -> Hashable:
        """What two books have in common; a fact of their own only if both mean the same by it."""
        own = self.own(name)
        if own is None:
            return name
        return (name, own.key, own.type.kind, tuple(own.type.values or ()), own.has_default, own.default)

    def meaning(self, name: str) -> Hashable:
        """What a table says, with all it reads: two books that agree on it mean the same table."""
        if name not in self._meanings:
            rows = self.book.tables[worst_of(name) or name].rows
            said = canonical([[row.when, row.then.steps, row.otherwise] for row in rows])
            read = dict.fromkeys(fact for row in rows for fact in facts_of(row.when))
            below = tuple(self.meaning(fact) if self.is_table(fact) else self.key(fact) for fact in read)
            table = self.book.tables[worst_of(name) or name]
            output = (table.output.kind, *table.output.words)
            self._meanings[name] = (worst_of(name) is None, table.hit, table.of, output, json.dumps(said), below)
        return self._meanings[name]

    def type(self, name: str) -> Type:
        own = self.own(name)
        return CATALOGUE[name].type if own is None else own.type

    def is_set(self, name: str) -> bool:
        if self.is_table(name):
            return name in self.book.tables and self.book.tables[name].hit == "collect"
        return self.type(name).kind == "set"

    def may_be_nothing(self, name: str) -> bool:
        own = self.own(name)
        return name in MAY_BE_NOTHING if own is None else own.has_default and own.default is None


def guarantees(asked: Sequence[Asked]) -> list[Condition]:
    """What the records rule out, as far as it is about facts that are asked for and words that are named."""
    facts = {key for each in asked for name in each.base if isinstance(key := each.key(name), str)}
    named: dict[str, set[str]] = {fact: set() for fact in facts}
    for each in asked:
        for fact in facts & each.tests.keys():
            named[fact] |= {word for test in each.tests[fact] if isinstance(test, Contains) for word in test.values}
    every = [*guaranteed(), *(condition for each in asked for condition in of_settings(each.book))]
    every += of_places(named.get("place", ()))
    return [condition for condition in every if _is_asked(condition, named)]


def _is_asked(condition: Condition, named: Mapping[str, set[str]]) -> bool:
    for check in checks(condition):
        if check.fact not in named:
            return False
        if isinstance(check.test, Contains) and not named[check.fact].issuperset(check.test.values):
            return False
    return True


def told_apart(tests: Iterable[Test], type_: Type) -> list[str]:
    """The words of a set that tests name, and any other, if there may be one."""
    named = list(dict.fromkeys(word for test in tests if isinstance(test, Contains) for word in test.values))
    return named if type_.values and set(type_.values) <= set(named) else [*named, OTHER_WORDS]


def scale_of(type_: Type, tests: Sequence[Test], *, nothing: bool) -> Scale:
    words: Iterable[str | bool] = (False, True) if type_.kind == "boolean" else type_.values or ()
    numbers = type_.kind in ORDERED
    return Scale.of(tests, numbers=numbers, words=words, other=not numbers and not words, nothing=nothing)


def surely_more(one: Interval, other: Interval) -> bool:
    """Whether every number of the one is above every number of the other."""
    return one.low is not None and other.high is not None and one.low > other.high


def out_of_step(days: Interval, age: Interval) -> bool:
    """Whether so many days overdue are never so many months; no days at all go with any age."""
    if days.low is None or days.low < 1:
        return False
    if age.high is not None and (age.high < 1 or days.low > days_of(age.high)[1]):
        return True
    return age.low is not None and age.low > 0 and days.high is not None and days.high < days_of(age.low)[0]
