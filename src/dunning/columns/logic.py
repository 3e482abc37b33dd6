"""Conditions over arrays, in three-valued logic: for each household whether one surely, and whether it possibly, holds.

Where it possibly but not surely holds it is unknown. See `engine.known.logic` for the same of one household.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np

from dunning.columns.known import Bools, Ints, Known, Ordered, Worded
from dunning.engine.known.logic import holds
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
)


class Truths(NamedTuple):
    """Of a condition, by household. Where nothing is unknown both are one array."""

    surely: Bools
    possibly: Bools

    @property
    def settled(self) -> bool:
        """Whether it is true or false of every one of them."""
        return self.surely is self.possibly


class Logic:
    """Evaluates conditions over the facts of `size` households; a test that stands in many rows is made once."""

    def __init__(self, facts: Mapping[str, Known], size: int) -> None:
        self.facts = facts
        self.size = size
        self._tested: dict[tuple[str, Test], Truths] = {}

    def truth(self, condition: Condition) -> Truths:
        """Of every household (strong Kleene logic). KeyError for a fact that is not among the facts."""
        match condition:
            case Check(test=Anything()):
                return self._always
            case Check(fact, test):
                return self._check(fact, test)
            case All(parts):
                return self._all(self.truth(part) for part in parts)
            case Any(parts):
                return _negated(self._all(_negated(self.truth(part)) for part in parts))
            case Not(part):
                return _negated(self.truth(part))

    @property
    def _always(self) -> Truths:
        return _of(np.ones(self.size, np.bool_))

    def _all(self, parts: Iterable[Truths]) -> Truths:
        found: Truths | None = None
        for part in parts:
            found = part if found is None else _both(found, part)
        return self._always if found is None else found

    def _check(self, fact: str, test: Test) -> Truths:
        truths = self._tested.get((fact, test))
        if truths is None:
            known = self.facts[fact]
            truths = _of_words(test, known) if isinstance(known, Worded) else _of_numbers(test, known)
            self._tested[fact, test] = truths
        return truths


def _of_words(test: Test, fact: Worded) -> Truths:
    """Each word is tested once."""
    truths = [holds(test, word) for word in fact.words]
    surely = np.array([truth is True for truth in truths], np.bool_)
    if None not in truths:
        return _of(surely[fact.codes])
    return Truths(surely[fact.codes], np.array([truth is not False for truth in truths], np.bool_)[fact.codes])


def _of_numbers(test: Test, fact: Ordered) -> Truths:
    surely = _true_of(test, fact)
    if fact.unknown is None:
        return _of(surely)
    return Truths(surely & ~fact.unknown, surely | fact.unknown)


def _true_of(test: Test, fact: Ordered) -> Bools:
    """As if none were unknown. What is known to be nothing matches 无 alone."""
    values, nothing = fact.values, fact.nothing
    match test:
        case Range():
            found = _within(test, values)
        case OneOf(wanted, _, negated):
            found = np.isin(values, [each for each in wanted if type(each) is int and _fits(each)])
            found = ~found if negated else found
        case Contains(negated=negated):  # a number is in no set; nothing is the empty one
            return np.full(len(values), negated)
        case Nothing(negated):
            empty = np.zeros(len(values), np.bool_) if nothing is None else nothing
            return ~empty if negated else empty
        case Anything():
            return np.ones(len(values), np.bool_)
    return found if nothing is None else found & ~nothing


def _within(test: Range, values: Ints) -> Bools:
    low, high = test.lowest, test.highest
    if (low is not None and low > _HIGHEST) or (high is not None and high < _LOWEST):
        return np.zeros(len(values), np.bool_)
    found: Bools | None = None
    if low is not None and low > _LOWEST:
        found = values >= low
    if high is not None and high < _HIGHEST:
        below = values <= high
        found = below if found is None else found & below
    return np.ones(len(values), np.bool_) if found is None else found


_LOWEST, _HIGHEST = -(2**63), 2**63 - 1


def _fits(value: int) -> bool:
    return _LOWEST <= value <= _HIGHEST


def _of(surely: Bools) -> Truths:
    return Truths(surely, surely)


def _negated(truths: Truths) -> Truths:
    if truths.settled:
        return _of(~truths.surely)
    return Truths(~truths.possibly, ~truths.surely)


def _both(one: Truths, other: Truths) -> Truths:
    surely = one.surely & other.surely
    if one.settled and other.settled:
        return _of(surely)
    return Truths(surely, one.possibly & other.possibly)
