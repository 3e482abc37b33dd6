"""A scale: the values of one fact, cut into classes that no test written on it tells apart, and back into tests.

Five thresholds on arrears make six classes, however many fen there are; so a region of households is finite, exact,
and can be told again in the words the thresholds were written in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple

from dunning.model.boxes import bits
from dunning.model.condition import Anything, Bound, Contains, Nothing, OneOf, Range, Test, Value

ORDERED = frozenset({"money", "integer", "days", "months", "percent", "number", "date"})
"""The kinds of fact whose values are ints in order."""


class Interval(NamedTuple):
    """Whole numbers from `low` to `high`, both included; None = without end."""

    low: int | None
    high: int | None


class OtherWord(NamedTuple):
    """Any word that no test names."""


OTHER = OtherWord()

Class = Interval | str | bool | OtherWord | None
"""Values that belong together; None is 无."""


class _Cut(NamedTuple):
    """How the cut below a number was written: as 满 or 不满 of it (`at`), as 超过 or 不超过 of the number below.

    Where it was written both ways, the one without a fraction is told: 超过0元, not 0.01元以上.
    """

    at: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Scale:
    """The classes of one fact, numbered: intervals from low to high, then words, then any other word, then nothing.

    A set of classes is an int, one bit a class. Tests on facts that are sets are not asked of a scale: each word of a
    set is a fact of its own.
    """

    cuts: tuple[int, ...]
    words: tuple[str | bool, ...]
    numbers: bool  # whether there are intervals
    other: bool  # whether there are other words
    nothing: bool  # whether the fact may be known to have no value
    _written: dict[int, _Cut] = field(repr=False)
    _classes: tuple[Class, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        ends = [None, *self.cuts, None]
        intervals = [Interval(low, None if high is None else high - 1) for low, high in pairwise(ends)]
        classes: list[Class] = [*(intervals if self.numbers else ()), *self.words]
        classes += [OTHER] * self.other + [None] * self.nothing
        object.__setattr__(self, "_classes", tuple(classes))

    @classmethod
    def of(
        cls,
        tests: Iterable[Test],
        *,
        numbers: bool = False,
        words: Iterable[str | bool] = (),
        other: bool = False,
        nothing: bool = False,
    ) -> Scale:
        """The scale of a fact with numbers, or with these words, as far as these tests tell its values apart."""
        cuts: dict[int, _Cut] = {}
        named = dict.fromkeys(words)
        for test in tests:
            match test:
                case Range():
                    for bound, is_low in ((test.low, True), (test.high, False)):
                        if bound is not None:
                            _cut(cuts, bound.value, bound.written, after=bound.included is not is_low)
                case OneOf(values, written):
                    for value, text in zip(values, written or map(str, values), strict=True):
                        if isinstance(value, str | bool):
                            named.setdefault(value)
                        else:
                            _cut(cuts, value, text, after=False)
                            _cut(cuts, value, text, after=True)
        return cls(tuple(sorted(cuts)) if numbers else (), tuple(named), numbers, other, nothing, cuts)

    @property
    def classes(self) -> tuple[Class, ...]:
        return self._classes

    @property
    def whole(self) -> int:
        """All classes."""
        return (1 << len(self._classes)) - 1

    def place(self, value: Value) -> int:
        """The number of the class a value is in; ValueError where the fact cannot have it."""
        if value is None:
            if not self.nothing:
                raise ValueError("this fact always has a value")
            return len(self._classes) - 1
        if type(value) is int:
            if not self.numbers:
                raise ValueError(f"{value} is a number, and this fact has none")
            return bisect_right(self.cuts, value)
        for number in range(self._first_word, self._first_word + len(self.words)):
            if self._classes[number] is value or (isinstance(value, str) and self._classes[number] == value):
                return number
        if not self.other or not isinstance(value, str):
            raise ValueError(f"{value!r} is none of {self.words}")
        return self._first_word + len(self.words)

    @property
    def _first_word(self) -> int:
        return len(self.cuts) + 1 if self.numbers else 0

    def true(self, test: Test) -> int:
        """The classes of which a test on this fact is true."""
        match test:
            case Anything():
                return self.whole
            case Nothing(negated):
                nothing = 1 << len(self._classes) - 1 if self.nothing else 0
                return self.whole & ~nothing if negated else nothing
            case Range():
                return self._within(test.lowest, test.highest)
            case OneOf(values, _, negated):
                named = self._named(values)
                return self.true(Nothing(negated=True)) & ~named if negated else named
            case Contains():
                return 0

    def _within(self, low: int | None, high: int | None) -> int:
        if not self.numbers:
            return 0
        first = 0 if low is None else bisect_left(self.cuts, low) + 1
        last = len(self.cuts) if high is None else bisect_left(self.cuts, high + 1)
        return (1 << max(last + 1, first)) - (1 << first)

    def _named(self, values: Sequence[int | str | bool]) -> int:
        found = 0
        for value in values:
            if type(value) is int:
                found |= 1 << bisect_right(self.cuts, value) if self.numbers else 0
            elif value in self.words:
                found |= 1 << self.place(value)
        return found

    def tests(self, classes: int, possible: int | None = None) -> list[Test]:
        """Tests of which one is true of a value just where it is in one of these classes.

        Classes that are not `possible` may be counted in or out, whichever is the shorter. All classes: no test is
        needed, and Anything is the only one.
        """
        possible = self.whole if possible is None else possible
        asked = classes
        classes &= possible
        if classes == possible:
            return [Anything()]
        nothing: list[Test] = [Nothing()] if classes & self.true(Nothing()) else []
        kept, left_out = self._words_of(classes), self._words_of(possible & ~classes)
        if self._all_but_words(classes, possible) and (self.numbers or self.other or len(left_out) < len(kept)):
            some: Test = OneOf(left_out, _written(left_out), negated=True) if left_out else Nothing(negated=True)
            return [some, *nothing]
        words: list[Test] = [OneOf(kept, _written(kept))] if kept else []
        return [*self._ranges(classes, possible, asked), *words, *nothing]

    def _all_but_words(self, classes: int, possible: int) -> bool:
        """Whether all it lacks of what has a value is some words it can name: 非 S、A."""
        lacking = possible & ~classes & self.true(Nothing(negated=True))
        return all(isinstance(self._classes[number], str | bool) for number in bits(lacking))

    def _words_of(self, classes: int) -> tuple[str | bool, ...]:
        found = (self._classes[number] for number in bits(classes))
        return tuple(each for each in found if isinstance(each, str | bool))

    def _ranges(self, classes: int, possible: int, asked: int) -> Iterable[Test]:
        """One test for each run of intervals, whatever is not possible among them.

        It ends where what was asked ends, though nothing is possible there: 超过0元 where at least one yuan is owed.
        """
        idle = asked & ~possible & ((1 << self._first_word) - 1)
        run: list[int] = []
        for number in range(self._first_word):
            if classes >> number & 1:
                run.append(number)
            elif run and possible >> number & 1:
                yield self._range(*_widened(run[0], run[-1], idle), possible)
                run = []
        if run:
            yield self._range(*_widened(run[0], run[-1], idle), possible)

    def _range(self, first: int, last: int, possible: int) -> Test:
        """From one interval to another; an end beyond which nothing is possible is left open."""
        low, high = self._ends(first, last)
        if low is not None and low == high:
            return OneOf((low,), (self._written[low].at or self._written[low + 1].after,))
        below, above = (1 << first) - 1, (1 << self._first_word) - (2 << last)
        return Range(
            self._low_end(low) if possible & below else None,
            self._high_end(high) if possible & above else None,
        )

    def _ends(self, first: int, last: int) -> tuple[int | None, int | None]:
        return (self.cuts[first - 1] if first else None), (self.cuts[last] - 1 if last < len(self.cuts) else None)

    def _low_end(self, low: int | None) -> Bound | None:
        if low is None:
            return None
        cut = self._written[low]
        if cut.at and not _plainer(cut.after, cut.at):
            return Bound(low, included=True, written=cut.at)
        return Bound(low - 1, included=False, written=cut.after)

    def _high_end(self, high: int | None) -> Bound | None:
        if high is None:
            return None
        cut = self._written[high + 1]
        if cut.after and not _plainer(cut.at, cut.after):
            return Bound(high, included=True, written=cut.after)
        return Bound(high + 1, included=False, written=cut.at)


def _plainer(one: str, other: str) -> bool:
    return bool(one) and "." in other and "." not in one


def _widened(first: int, last: int, idle: int) -> tuple[int, int]:
    """A run of classes with the idle ones beside it."""
    while first and idle >> first - 1 & 1:
        first -= 1
    while idle >> last + 1 & 1:
        last += 1
    return first, last


def _cut(cuts: dict[int, _Cut], value: int, text: str, *, after: bool) -> None:
    place = value + 1 if after else value
    known = cuts.get(place, _Cut())
    if after:
        cuts[place] = known if known.after else known._replace(after=text)
    else:
        cuts[place] = known if known.at else known._replace(at=text)


def _written(words: Sequence[str | bool]) -> tuple[str, ...]:
    return tuple(word if isinstance(word, str) else "是" if word else "否" for word in words)
