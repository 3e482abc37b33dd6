"""Tables, rows and tests written down briefly, for tests of the engine that need no rule file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any as Whatever

from dunning.basis.calendar import Calendar
from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.model.condition import All, Bound, Check, Condition, Contains, Nothing, OneOf, Range, Test
from dunning.model.rulebook import Answer, Dated, Output, Row, RuleBook, Table

DAY = date(2026, 11, 22)


def within(low: int | None = None, high: int | None = None) -> Range:
    """Both ends belong to it."""
    return Range(
        None if low is None else Bound(low, included=True, written=str(low)),
        None if high is None else Bound(high, included=True, written=str(high)),
    )


def above(low: int) -> Range:
    return Range(Bound(low, included=False, written=str(low)), None)


def below(high: int) -> Range:
    return Range(None, Bound(high, included=False, written=str(high)))


def one_of(*values: int | str | bool) -> OneOf:
    return OneOf(values, tuple(map(str, values)))


def none_of(*values: int | str | bool) -> OneOf:
    return OneOf(values, tuple(map(str, values)), negated=True)


def contains(*words: str) -> Contains:
    return Contains(words)


def lacks(*words: str) -> Contains:
    return Contains(words, negated=True)


TRUE = OneOf((True,), ("是",))
FALSE = OneOf((False,), ("否",))
NOTHING = Nothing()
SOMETHING = Nothing(negated=True)


def check(fact: str, test: Test) -> Check:
    return Check(fact, test, f"{fact} {test}")


def all_of(**tests: Test) -> All:
    """`all_of(arrears=above(5), tags=contains("vip"))`, as a reviewer's `when` or a line of a grid says it."""
    return All(tuple(check(fact, test) for fact, test in tests.items()))


def row(number: int, when: Condition | None, then: Answer | Mapping[date, Answer]) -> Row:
    """A row on line `number`; without a condition, the one for the rest. `then` may be dated."""
    return Row(
        number=number,
        when=All() if when is None else when,
        then=Dated(tuple(then.items())) if isinstance(then, Mapping) else Dated.always(then),
        at=Span("pack.yaml", number, 1),
        otherwise=when is None,
    )


def table(
    rows: Iterable[tuple[Condition | None, Answer | Mapping[date, Answer]]],
    words: str = "",
    **settings: Whatever,
) -> Table:
    """A table of the words given (`"S A B"`), or of integers; rows are numbered from 1."""
    settings.setdefault("id", "grade")
    settings.setdefault("output", Output(kind="choice" if words else "integer", words=titled(words)))
    return Table(
        title=Text("表", "table"),
        rows=tuple(row(number, when, then) for number, (when, then) in enumerate(rows, 1)),
        at=Span("pack.yaml", 99, 1),
        **settings,
    )


def titled(words: str) -> dict[str, Text]:
    return {word: Text(word, word) for word in words.split()}


def book_of(*tables: Table, **settings: Whatever) -> RuleBook:
    return RuleBook(
        name="book", title="", version="1", calendar=Calendar(years={}), tables={t.id: t for t in tables}, **settings
    )
