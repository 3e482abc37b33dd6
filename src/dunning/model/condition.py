"""Conditions: tests on typed facts, in a tree of all, any and not.

One syntax tree serves the matcher, the columns, the analysis and the prose. Every value is a canonical int (fen, days,
2m+e for months of age, ppm for percent, hundredths, day ordinals, rank of a choice) or a word of a set, so meeting,
complement and equality are exact; the written form is kept beside it, for prose.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from dunning.basis.finding import Text
from dunning.basis.span import Span

FactKind = Literal[
    "money",  # fen
    "integer",
    "days",
    "months",  # age: 2m+e, so that n months are 2n (see `calendar.month_age`)
    "percent",  # ppm
    "number",  # hundredths (square metres)
    "date",  # proleptic ordinal
    "boolean",
    "choice",  # one of `values`, ranked in their order
    "set",  # any of `values` (open if empty)
    "text",  # an open word: community, place
]


_NO_UNIT = Text("", "")


@dataclass(frozen=True, slots=True)
class Type:
    """The type of a fact or of a table's output.

    `values` are the words of a choice or set, in order, with their titles; `unit` is for people (户, 天, 元/㎡).
    """

    kind: FactKind
    values: Mapping[str, Text] | None = None
    unit: Text = _NO_UNIT


Value = int | str | bool | frozenset[str] | None
"""A fact's value: int for every ordered kind, str for choice and text, bool, frozenset for set, None for 无."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact the source did not give, or an undetermined table. Never false or zero; `because` says what is missing."""

    because: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range: the canonical value, whether it belongs, and how it was written (`1万元`)."""

    value: int
    included: bool
    written: str


@dataclass(frozen=True, slots=True)
class Range:
    """An ordered fact between two ends; a missing end is open. `lowest`/`highest` are closed ints for the machine."""

    low: Bound | None
    high: Bound | None

    @property
    def lowest(self) -> int | None:
        if self.low is None:
            return None
        return self.low.value if self.low.included else self.low.value + 1

    @property
    def highest(self) -> int | None:
        if self.high is None:
            return None
        return self.high.value if self.high.included else self.high.value - 1


@dataclass(frozen=True, slots=True)
class OneOf:
    """A choice, text, boolean or ordered fact equal to one of `values`; `negated`: to none of them."""

    values: tuple[int | str | bool, ...]
    written: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Contains:
    """A set fact that contains one of `values`; `negated`: none of them."""

    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Nothing:
    """无: the fact is known to have no value, or the set is empty. `negated`: it has one."""

    negated: bool = False


@dataclass(frozen=True, slots=True)
class Anything:
    """任意, or an empty cell."""


Test = Range | OneOf | Contains | Nothing | Anything


@dataclass(frozen=True, slots=True)
class Check:
    """One test on one fact, with the text as written and its place."""

    fact: str
    test: Test
    text: str
    at: Span | None = None


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple[Condition, ...] = ()


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple[Condition, ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: Condition


Condition = Check | All | Any | Not
ALWAYS = All()


def checks(condition: Condition) -> Iterator[Check]:
    """Every single test in it, in the order written."""
    match condition:
        case Check():
            yield condition
        case All(parts) | Any(parts):
            for part in parts:
                yield from checks(part)
        case Not(part):
            yield from checks(part)


def facts_of(condition: Condition) -> tuple[str, ...]:
    """The facts it reads, each once, in the order written."""
    return tuple(dict.fromkeys(check.fact for check in checks(condition)))
