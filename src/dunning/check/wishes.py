"""What the facts of an example may be: any value of some classes; and which of them a person would have picked.

An example with 12,000.00 yuan and 40 days reads like a household; one with 10,000.01 yuan and 31 days like a proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from dunning.model.condition import Value
from dunning.model.scales import Class, Interval, OtherWord

_ROUND = (200_000, 100_000, 50_000, 10_000, 1_000, 100, 10, 5)
"""Numbers that look round, roundest first: 2,000 yuan in fen, ten days."""
_SMALL = 20
"""A number below this is taken as it is: nobody rounds four periods to five."""
_ANOTHER = "another"
"""Any word will do that is none of those named."""


class Wish(NamedTuple):
    """A value of one of `classes` is wanted; of a set, all words of `has`, none of `lacks`, other than `named` or not.

    `other` None: it does not matter.
    """

    classes: tuple[Class, ...] = ()
    has: frozenset[str] = frozenset()
    lacks: frozenset[str] = frozenset()
    named: frozenset[str] = frozenset()
    other: bool | None = None

    def admits(self, value: object) -> bool:
        """Whether a value is one that was wanted; what is unknown never is."""
        if isinstance(value, frozenset):
            others = bool(value - self.named)
            return self.has <= value and not value & self.lacks and self.other in (None, others)
        return any(_lies_in(value, each) for each in self.classes)

    def numbers(self, *near: int, least: int = 0) -> list[int]:
        """Numbers wanted, from `least` up: those `near` first, then round ones, then the ends; each once."""
        found = [number for number in near if number >= least and self.admits(number)]
        for each in self.classes:
            if isinstance(each, Interval):
                low = least if each.low is None else max(least, each.low)
                found += _likely(low, each.high)
        return list(dict.fromkeys(found))

    def words(self) -> list[str | bool]:
        """The words or truths wanted, and another word where any would do."""
        named = [each for each in self.classes if isinstance(each, str | bool)]
        return [*named, *(_ANOTHER for each in self.classes if isinstance(each, OtherWord))]

    @property
    def nothing(self) -> bool:
        """Whether no value at all would do."""
        return None in self.classes

    def set(self) -> frozenset[str]:
        """The smallest set that would do."""
        return self.has | ({_ANOTHER} if self.other else frozenset())

    def value(self) -> Value:
        """A value that would do."""
        if not self.classes:
            return self.set()
        numbers = self.numbers() or self.numbers(least=-(10**9))
        return next(iter([*numbers, *self.words()]), None)


def _lies_in(value: object, wanted: Class) -> bool:
    if isinstance(wanted, Interval):
        low, high = wanted
        return type(value) is int and (low is None or value >= low) and (high is None or value <= high)
    if isinstance(wanted, OtherWord):
        return value == _ANOTHER
    return value is wanted or (isinstance(value, str) and value == wanted)


def _likely(low: int, high: int | None) -> Iterator[int]:
    """A small number as it is; the next one of each roundness, up to a fifth above the low end; then the ends."""
    last = low + 7 if high is None else min(low + 7, high)
    if low < _SMALL:
        yield from range(low, min(low, last) + 1)
    for step in _ROUND:
        number = -(-low // step) * step
        if number <= low + max(low // 5, 10) and (high is None or number <= high):
            yield number
    yield from range(low, last + 1)
    if high is not None:
        yield from range(max(low, high - 3), high + 1)


class Wishes:
    """What is wished of several facts; of one that is not named, anything will do."""

    def __init__(self, wishes: Mapping[str, Wish]) -> None:
        self._wishes = wishes

    def __contains__(self, fact: str) -> bool:
        return fact in self._wishes

    def numbers(self, fact: str, *near: int, least: int = 1) -> list[int]:
        """Numbers wished for; where none is, those that are near."""
        return self._wishes[fact].numbers(*near, least=least) if fact in self else list(near)

    def first(self, fact: str, *near: int, least: int = 1) -> int:
        """The likeliest number wished for; 0 if there is none."""
        return next(iter(self.numbers(fact, *near, least=least)), 0)

    def least(self, fact: str) -> int:
        """The likeliest number that is more than nothing, where nothing will not do; else 0."""
        return 0 if self.may(fact, 0) else self.first(fact)

    def may(self, fact: str, value: object) -> bool:
        """Whether a fact may have a value."""
        return fact not in self or self._wishes[fact].admits(value)

    def must(self, fact: str, value: object = True) -> bool:
        """Whether a word or truth is the only one wished for."""
        return fact in self and self._wishes[fact].admits(value) and len(self._wishes[fact].classes) == 1

    def must_be_something(self, fact: str) -> bool:
        """Whether a fact that may have no value needs one."""
        return fact in self and not self._wishes[fact].nothing

    def word(self, fact: str) -> Any:
        """A word wished for; None where none is, or none will do."""
        if fact not in self or self._wishes[fact].nothing:
            return None
        return next(iter(self._wishes[fact].words()), None)

    def of(self, fact: str) -> Wish:
        """The whole wish; of a fact that is not named, an empty set will do."""
        return self._wishes.get(fact, Wish())
