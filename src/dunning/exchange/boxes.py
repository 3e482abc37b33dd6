"""A condition as boxes: rows of cells, one cell a fact, as a decision table has them.

`any` and `not` reach across columns, which no table of DMN can; what they say is cut into rows that together hold where
the condition does. Exact on facts that are known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

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
)

Span = tuple[int | None, int | None]
"""Whole numbers from one to the other, both ends in; None is open."""

MOST = 200
"""Rows one condition may be cut into; beyond, nobody would read the table."""


@dataclass(frozen=True, slots=True)
class Region:
    """A set of values of one fact: numbers in spans, words (all but some, if `others`), truths, and nothing at all."""

    spans: tuple[Span, ...] = ()
    words: frozenset[str] = frozenset()
    others: bool = False
    truths: frozenset[bool] = frozenset()
    nothing: bool = False

    def __bool__(self) -> bool:
        return bool(self.spans or self.words or self.others or self.truths or self.nothing)

    def meet(self, other: Region) -> Region:
        """What is in both."""
        words, others = _words_in_both(self, other)
        spans = tuple(span for one in self.spans for two in other.spans if (span := _overlap(one, two)))
        return Region(spans, words, others, self.truths & other.truths, self.nothing and other.nothing)

    def join(self, other: Region) -> Region:
        """What is in either."""
        return self.complement().meet(other.complement()).complement()

    def complement(self) -> Region:
        """Whatever is not in it."""
        truths = frozenset((True, False)) - self.truths
        return Region(_gaps(self.spans), self.words, not self.others, truths, not self.nothing)


EVERYTHING = Region(((None, None),), others=True, truths=frozenset((True, False)), nothing=True)


def _words_in_both(one: Region, two: Region) -> tuple[frozenset[str], bool]:
    match one.others, two.others:
        case False, False:
            return one.words & two.words, False
        case False, True:
            return one.words - two.words, False
        case True, False:
            return two.words - one.words, False
    return one.words | two.words, True


def _overlap(one: Span, two: Span) -> Span | None:
    lows = [low for low, _ in (one, two) if low is not None]
    highs = [high for _, high in (one, two) if high is not None]
    low, high = max(lows, default=None), min(highs, default=None)
    return None if low is not None and high is not None and low > high else (low, high)


def _gaps(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The numbers between spans that are in order and apart."""
    gaps: list[Span] = []
    start: int | None = None
    opened = True  # whether anything is left from `start` on
    for low, high in sorted(spans, key=lambda span: (span[0] is not None, span[0] or 0)):
        if low is not None and (start is None or low > start):
            gaps.append((start, low - 1))
        if high is None:
            opened = False
            break
        start = high + 1 if start is None else max(start, high + 1)
    return (*gaps, (start, None)) if opened else tuple(gaps)


def region_of(test: Test) -> Region:
    """The values one test is true of (see the table in `engine.known.logic`); of sets, see `boxes`."""
    match test:
        case Range():
            low, high = test.lowest, test.highest
            empty = low is not None and high is not None and low > high
            return Region(() if empty else ((low, high),))
        case OneOf(values, _, negated):
            numbers = sorted(value for value in values if type(value) is int)
            found = Region(
                _touching((number, number) for number in numbers),
                frozenset(value for value in values if isinstance(value, str)),
                truths=frozenset(value for value in values if isinstance(value, bool)),
            )
            return replace(found.complement(), nothing=False) if negated else found
        case Nothing(negated):
            found = Region(nothing=True)
            return found.complement() if negated else found
        case Contains():
            raise TypeError("a set has no region of its own")
        case Anything():
            return EVERYTHING


def _touching(spans: Iterable[tuple[int, int]]) -> tuple[Span, ...]:
    """Spans in order, those that touch made one."""
    joined: list[tuple[int, int]] = []
    for low, high in spans:
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(joined[-1][1], high))
        else:
            joined.append((low, high))
    return tuple(joined)


# --- conditions ---------------------------------------------------------------------------------------------------

Axis = tuple[str, str | None]
"""A fact; of a set, the fact and one word (or "" for whether it is empty): each is a truth of its own."""

Box = Mapping[Axis, Region]
"""One row: a region for each axis it speaks of."""


class TooManyError(Exception):
    """A condition that would be cut into more than `MOST` rows."""


@dataclass(frozen=True, slots=True)
class _Join:
    """Some or all of its parts: conditions without `not`, over axes."""

    every: bool
    parts: tuple[_Form, ...]


_Form = tuple[Axis, Region] | _Join


def plain_cells(condition: Condition) -> tuple[Check, ...] | None:
    """The tests of a row that already is a line of a table, each fact once; None if it is not."""
    match condition:
        case Check():
            return () if isinstance(condition.test, Anything) else (condition,)
        case All(parts):
            cells = [plain_cells(part) for part in parts]
            if any(cell is None for cell in cells):
                return None
            found = tuple(check for cell in cells for check in cell or ())
            return found if len({check.fact for check in found}) == len(found) else None
    return None


def boxes(condition: Condition, types: Callable[[str], Type], *, apart: bool) -> list[Box]:
    """The rows a condition is cut into; `apart`: so that no two hold together. No row: it never holds."""
    form = _form(condition, types, holds=True)
    found = _cut(form, apart=apart)
    return found if apart else _without_contained(found)


def _form(condition: Condition, types: Callable[[str], Type], *, holds: bool) -> _Form:
    match condition:
        case Check(fact, test):
            return _axis(fact, test, types(fact), holds=holds)
        case All(parts) | Any(parts):
            every = isinstance(condition, All) is holds
            return _joined(every, [_form(part, types, holds=holds) for part in parts])
        case Not(part):
            return _form(part, types, holds=not holds)


def _axis(fact: str, test: Test, type_: Type, *, holds: bool) -> _Form:
    if type_.kind == "set" and isinstance(test, Contains):
        yes = test.negated is not holds
        axes: list[_Form] = [((fact, word), Region(truths=frozenset((yes,)))) for word in test.values]
        return _joined(not yes, axes)
    if type_.kind == "set" and isinstance(test, Nothing):
        return (fact, ""), Region(truths=frozenset((test.negated is not holds,)))
    region = region_of(test)
    return (fact, None), region if holds else region.complement()


def _joined(every: bool, parts: Iterable[_Form]) -> _Form:
    """Parts on one axis are made one, so that 不满5期 or 超过10期 of one fact is a cell and not two rows."""
    axes: dict[Axis, Region] = {}
    nests: list[_Form] = []
    for part in parts:
        if isinstance(part, _Join):
            nests.extend(part.parts if part.every is every else [part])
            continue
        axis, region = part
        known = axes.get(axis)
        axes[axis] = region if known is None else known.meet(region) if every else known.join(region)
    flat: list[_Form] = list(axes.items())
    both = flat + nests
    return both[0] if len(both) == 1 else _Join(every, tuple(both))


def _opposite(form: _Form) -> _Form:
    if isinstance(form, _Join):
        return _Join(not form.every, tuple(_opposite(part) for part in form.parts))
    axis, region = form
    return axis, region.complement()


def _cut(form: _Form, *, apart: bool) -> list[Box]:
    if not isinstance(form, _Join):
        axis, region = form
        return [{axis: region}] if region else []
    found: list[Box] = []
    if form.every:
        found = [{}]
        for part in form.parts:
            found = _product(found, _cut(part, apart=apart))
        return found
    outside: list[Box] = [{}]
    for part in form.parts:
        inside = _cut(part, apart=apart)
        found += _product(outside, inside) if apart else inside
        if apart:
            outside = _product(outside, _cut(_opposite(part), apart=True))
        if len(found) > MOST:
            raise TooManyError
    return found


def _product(ones: list[Box], twos: list[Box]) -> list[Box]:
    if len(ones) * len(twos) > 50 * MOST:
        raise TooManyError
    met = (_met(one, two) for one in ones for two in twos)
    found = [box for box in met if box is not None]
    if len(found) > MOST:
        raise TooManyError
    return found


def _met(one: Box, two: Box) -> Box | None:
    box = dict(one)
    for axis, region in two.items():
        both = box[axis].meet(region) if axis in box else region
        if not both:
            return None
        box[axis] = both
    return box


def _without_contained(found: list[Box]) -> list[Box]:
    """Without the rows that lie within another."""
    kept: list[Box] = []
    for box in found:
        if any(_within(box, other) for other in kept):
            continue
        kept = [other for other in kept if not _within(other, box)] + [box]
    return kept


def _within(small: Box, large: Box) -> bool:
    return all(axis in small and small[axis].meet(region) == small[axis] for axis, region in large.items())
