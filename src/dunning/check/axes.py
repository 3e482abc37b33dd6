"""The axes of a chart: what their segments mean, and how what lies on them is told and wished for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from dunning.check.asked import OTHER_WORDS
from dunning.check.wishes import Wish
from dunning.model.boxes import Box, bits
from dunning.model.condition import All, Check, Condition, Contains, Nothing, Unknown, Value
from dunning.model.scales import Interval, Scale


@dataclass(frozen=True, slots=True)
class Axis:
    """What the segments of an axis mean: `places` are the segments of each class of the fact's scale.

    Of a set fact there is one axis for each `word`, with the classes False (lacks it) and True. Where the fact is a
    table, `values` are its answers by segment, and some segments may leave it `undetermined`.
    """

    number: int
    fact: str
    scale: Scale
    places: tuple[int, ...]
    undetermined: int = 0
    word: str | None = None
    values: tuple[Value | Unknown, ...] = ()

    def segments(self, classes: int) -> int:
        """All segments of these classes."""
        return sum(self.places[number] for number in bits(classes))

    def classes(self, segments: int) -> int:
        """The classes that lie whole in these segments."""
        return sum(1 << n for n, place in enumerate(self.places) if place and not place & ~segments)

    def touched(self, segments: int) -> int:
        """The classes of which these segments have a part."""
        return sum(1 << n for n, place in enumerate(self.places) if place & segments)


class Charted(NamedTuple):
    """A table on an axis: what it answers in each segment; of one that collects, whether it has the `word`."""

    number: int
    values: tuple[Value | Unknown, ...]
    word: str | None = None


def wish_of_words(words: Mapping[str, int]) -> Wish:
    """A set that has (0b10) some words and lacks (0b01) others."""
    held = frozenset(word for word, classes in words.items() if word and classes == 0b10)
    lacked = frozenset(word for word, classes in words.items() if word and classes == 0b01)
    return Wish((), held, lacked, frozenset(words), {0b10: True, 0b01: False}.get(words.get(OTHER_WORDS, 0)))


def words_told(fact: str, words: Mapping[str, int]) -> Condition | None:
    """Which words a set has (0b10) and which it lacks (0b01), as a condition.

    A word that no test names has no name here either: 无 is said of a set that has none and need not have the others,
    and of one that must have some such word, that it has one and none of the others.
    """
    held = tuple(word for word, classes in words.items() if word and classes == 0b10)
    lacked = tuple(word for word, classes in words.items() if word and classes == 0b01)
    other = words.get(OTHER_WORDS)
    if not held and (other == 0b01 or (other is None and len(lacked) == len(words))):
        return Check(fact, Nothing(), "")
    parts = [Check(fact, Contains((word,)), "") for word in held]
    if other == 0b10 and not held:
        parts.append(Check(fact, Nothing(negated=True), ""))
        lacked = tuple(word for word in words if word)
    if lacked:
        parts.append(Check(fact, Contains(lacked, negated=True), ""))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else All(tuple(parts))


def pairs(one: Axis, other: Axis, apart: Callable[[Interval, Interval], bool]) -> Iterator[Box]:
    """The classes of two facts in numbers that never go together."""
    for number, mine in enumerate(one.scale.classes):
        theirs = sum(
            place
            for its, place in zip(other.scale.classes, other.places, strict=True)
            if isinstance(mine, Interval) and isinstance(its, Interval) and apart(mine, its)
        )
        if theirs:
            yield {one.number: one.places[number], other.number: theirs}
