"""What is wrong with a decision table as a whole, exactly: found on a chart of all households, told elsewhere.

Each question is one search. Gaps, overlaps and rows that are never reached are what a reviewer loses sleep over; rows
and columns that change nothing are what the next one trips over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, NamedTuple, TypeVar

from dunning.check.axes import Axis
from dunning.check.chart import RowBoxes, View
from dunning.engine.known.compile import read_by, tested_by
from dunning.model.boxes import EVERYTHING, Box, Piece, Point, Region
from dunning.model.condition import Unknown, Value
from dunning.model.rulebook import Row, Table

T = TypeVar("T")

IN_ORDER = frozenset({"first", "min", "max", "priority"})
"""Hit policies under which one row goes before another: as they stand, or by their answers."""

EXCLUSIVE = frozenset({"unique", "any"})
"""Those under which true rows must be one, or agree."""


class Gap(NamedTuple):
    """Households of which no row is true: all like `region` says, one of them at `point`."""

    point: Point
    region: Point


class Overlap(NamedTuple):
    """A row, and earlier ones that are true of some of its households though they exclude each other (or disagree).

    At `point` it is with the first of them.
    """

    row: Row
    others: tuple[Row, ...]
    point: Point


class Unmet(NamedTuple):
    """A row that is true of no household: its tests on these axes never go together, says `who`."""

    row: Row
    box: Box
    who: Literal["applies", "impossible", "records"]


class Hidden(NamedTuple):
    """A row that never decides: each household it is true of (one at `point`) is another's, of these rows."""

    row: Row
    by: tuple[Row, ...]
    point: Point


class Order(NamedTuple):
    """Two rows that would each take the households of `point`, and answer differently."""

    row: Row
    other: Row
    point: Point


@dataclass(slots=True)
class Flaws:
    """Everything found in one table."""

    gaps: list[Gap] = field(default_factory=list)
    overlaps: list[Overlap] = field(default_factory=list)
    unmet: list[Unmet] = field(default_factory=list)
    hidden: list[Hidden] = field(default_factory=list)
    idle_rest: Row | None = None
    idle_rows: list[Row] = field(default_factory=list)
    idle_facts: list[str] = field(default_factory=list)
    order: Order | None = None


class Examined:
    """One table on a chart, row by row in the order they decide."""

    def __init__(self, view: View, table: Table) -> None:
        self.view = view
        self.table = table
        self.chart = view.chart
        self.space = view.chart.space
        self.rows = view.in_order(table.id)
        self.rest = next((row for row in table.rows if row.otherwise), None)
        self.true = [self.space.bits_of(row.true) for row in self.rows]
        self.perhaps = [self.space.bits_of(row.perhaps) for row in self.rows]
        self.facts = read_by(table)
        self.axes = tuple(axis for fact in self.facts for axis in view.axes(fact))
        self._before = [0]
        for perhaps in self.perhaps:
            self._before.append(self._before[-1] | perhaps)
        self.reached = [self._reached(place) for place in range(len(self.rows))]
        self.rest_counts = self.rest is not None and self.space.has((Piece(EVERYTHING, self.every),))

    @cached_property
    def total(self) -> Axis:
        """What a `sum` comes to."""
        return self.view.added_up(self.table, self.rows)

    @property
    def every(self) -> int:
        """The boxes of all rows."""
        return self._before[-1]

    def _reached(self, place: int) -> Point | None:
        """A household that the row decides about."""
        return self.space.find(self.space.inside(self.rows[place].true, self.ahead(place)))

    def ahead(self, place: int) -> int:
        """The boxes of the rows that go before one."""
        return self._before[place] if self.table.hit in IN_ORDER else 0

    def flaws(self) -> Flaws:
        found = Flaws()
        found.gaps = list(self._gaps())
        found.overlaps = list(self._overlaps())
        found.unmet = list(self._unmet())
        found.hidden = list(self._hidden())
        found.idle_rest = None if self.rest_counts else self.rest
        if found.overlaps or any(row.perhaps is not row.true for row in self.rows):
            return found  # what is undetermined comes first: whether a row matters can be told when that is mended
        found.idle_rows = self._idle_rows()
        found.idle_facts = [fact for fact in self.facts if self._is_idle_fact(fact)]
        found.order = self._order()
        return found

    # Households without a row

    def _gaps(self, most: int = 3) -> Iterator[Gap]:
        if self.rest is not None or self.table.hit in ("sum", "collect"):
            return
        told = self.every
        axes = [axis.number for axis in self.axes]
        for _ in range(most):
            point = self.space.find((Piece(EVERYTHING, told),))
            if point is None:
                return
            region = self.space.grown(point, axes, self.every)
            yield Gap(point, region)
            told |= self.space.bit({axis: region[axis] for axis in axes if region[axis] != self.space.whole(axis)})

    # Rows that get in each other's way

    def _overlaps(self) -> Iterator[Overlap]:
        if self.table.hit not in EXCLUSIVE:
            return
        for place, row in enumerate(self.rows):
            before = [other for other in self._beside(place, self.true) if other < place]
            if self.table.hit == "any":
                before = [other for other in before if self.rows[other].row.then != row.row.then]
            met = [other for other in before if self._meet(other, place)]
            point = self.space.find(self._where_both(met[0], place)) if met else None
            if point is not None:
                yield Overlap(row.row, tuple(self.rows[other].row for other in met), point)

    def _beside(self, place: int, boxes: Sequence[int]) -> list[int]:
        """The other rows of which some box touches one of the row's."""
        touching = 0
        for box in self.rows[place].true:
            touching |= self.space.touching(box)
        return [other for other, theirs in enumerate(boxes) if other != place and theirs & touching]

    # Rows together

    def _meet(self, one: int, other: int, without: int = 0) -> bool:
        """Whether there is a household of which both rows are true, in none of the boxes without."""
        return self.space.has(self._where_both(one, other, without))

    def _where_both(self, one: int, other: int, without: int = 0) -> Region:
        mine = self.space.inside(self.rows[one].true, without)
        return self.space.both(mine, self.space.inside(self.rows[other].true))

    # Rows that nothing gets to

    def _unmet(self) -> Iterator[Unmet]:
        for place, row in enumerate(self.rows):
            if self.reached[place] is None and self._met(place) is None:
                yield Unmet(row.row, self._core(row), self._who_says(row))

    def _who_says(self, row: RowBoxes) -> Literal["applies", "impossible", "records"]:
        """Who rules out the households of a row: the book's own lines, else what the records guarantee."""
        where = self.space.inside(row.true)
        if self.space.has(where, despite=self.chart.not_for):
            return "applies"
        return "impossible" if self.space.has(where, despite=self.chart.not_for | self.chart.declared) else "records"

    def _met(self, place: int) -> Point | None:
        return self.space.find(self.space.inside(self.rows[place].true))

    def _core(self, row: RowBoxes) -> Box:
        """The fewest tests of the row that never are together; nothing if its conditions are no single box."""
        if len(row.true) != 1:
            return EVERYTHING
        box = row.true[0]

        def never_together(axes: Sequence[int]) -> Sequence[int] | None:
            return None if self.space.has((Piece({axis: box[axis] for axis in axes}),)) else axes

        return {axis: box[axis] for axis in fewest(list(box), never_together)}

    def _hidden(self) -> Iterator[Hidden]:
        for place, row in enumerate(self.rows):
            point = None if self.reached[place] is not None else self._met(place)
            if point is not None:
                yield Hidden(row.row, tuple(self.rows[other].row for other in self._hiding(place)), point)

    def _hiding(self, place: int) -> list[int]:
        """The fewest of the rows before it that together take every household of a row."""
        mine = self.rows[place].true

        def hiding(others: Sequence[int]) -> Sequence[int] | None:
            met = 0
            for box in mine:
                against = self.space.against(Piece(box, self._together(others)))
                if against is None:
                    return None
                met |= against
            return [other for other in others if self.perhaps[other] & met]

        before = [other for other in self._beside(place, self.perhaps) if other < place]
        alone = -1
        for box in mine:
            alone &= self.space.spanning(box)
        by_one = next((other for other in before if self.perhaps[other] & alone), None)
        return [by_one] if by_one is not None else fewest(before, hiding)

    # Rows that change nothing

    def _idle_rows(self) -> list[Row]:
        """Rows that can all be left out together, with those that are never reached; of two alike, the later one."""
        kept = [place for place, point in enumerate(self.reached) if point is not None]
        idle: list[int] = []
        before = -1
        while before < len(idle):  # what is left when one row goes may be all that another was there for
            before = len(idle)
            for place in reversed([*kept]):
                if self._is_idle(place, kept):
                    kept.remove(place)
                    idle.append(place)
        return [self.rows[each].row for each in sorted(idle)]

    def _is_idle(self, place: int, kept: Sequence[int]) -> bool:
        """Whether, among the rows that are kept, it makes no difference to any household's answer."""
        then = self.rows[place].row.then
        as_rest = self.rest is not None and self.rest_counts and self.rest.then == then
        others = [other for other in self._beside(place, self.perhaps) if other in kept]
        match self.table.hit:
            case "sum":
                if any(answer for _, answer in then.steps):
                    return as_rest and not any(self._meet(place, other) for other in others)
                return as_rest or not self.rest_counts or not self._is_left(place, others)
            case "collect":
                same = [other for other in others if self.rows[other].row.then == then]
                if not self._is_left(place, same):
                    return True
                without = self._together(same)
                return as_rest and not any(self._meet(place, other, without) for other in others if other not in same)
        if self.table.hit in IN_ORDER and self._is_missed(place, others):
            return False
        return as_rest or not self._is_left(place, others)

    def _is_missed(self, place: int, others: Sequence[int]) -> bool:
        """Whether a household of the row would, without it, be another's with another answer."""
        then = self.rows[place].row.then
        point = self.reached[place]
        if point is not None:  # one we know of tells at once, nearly always
            here = self._true_at({axis.number: _one_of(point[axis.number]) for axis in self.axes})
            following = next((other for other in others if other in here and other > place), None)
            if following is not None and self.rows[following].row.then != then:
                return True
        before = 0
        for other in others:
            if other > place and self.rows[other].row.then != then and self._meet(place, other, before):
                return True
            before |= self.perhaps[other]
        return False

    def _is_left(self, place: int, others: Iterable[int]) -> bool:
        """Whether the row is true of a household of which none of the others is."""
        return self.space.has(self.space.inside(self.rows[place].true, self._together(others)))

    def _together(self, places: Iterable[int]) -> int:
        boxes = 0
        for place in places:
            boxes |= self.perhaps[place]
        return boxes

    # Columns that decide nothing

    def _is_idle_fact(self, fact: str) -> bool:
        """Whether the answer never hangs on it: no household would get another one for another value of this fact."""
        testing = [place for place, row in enumerate(self.rows) if fact in tested_by(row.row)]
        if not all(self.values(axis) for axis in self.view.axes(fact)):
            return True  # a table that is undetermined for everyone
        return not any(self._sways(fact, place) for place in testing) and _Twins(self, fact).agree(testing)

    def _sways(self, fact: str, place: int) -> bool:
        """Whether the household at which a row was found gets another answer for another value of the fact."""
        point = self.reached[place]
        if point is None:
            return False
        here = {axis.number: _one_of(point[axis.number]) for axis in self.axes}
        answers = self._answers_at(here)
        return any(
            self._answers_at({**here, axis.number: segments}) - answers
            for axis in self.view.axes(fact)
            for segments in self.values(axis)
        )

    def values(self, axis: Axis) -> list[int]:
        """The segments of each class of an axis that some household is in."""
        return [place for place in axis.places if place and self.space.has((Piece({axis.number: place}),))]

    def _answers_at(self, at: Box) -> set[Value | Unknown]:
        """What the table answers; several where rows that exclude each other are true, of a household there is not."""
        true = [self.rows[place].row for place in sorted(self._true_at(at))]
        if self.table.hit in EXCLUSIVE and true:
            return {self.view.answer(self.table, row) for row in true}
        if self.table.hit in IN_ORDER:
            true = true[:1]
        return {self.view.answer(self.table, *(true or ([self.rest] if self.rest else [])))}

    def _true_at(self, at: Box) -> set[int]:
        """The rows that are true at one segment of each axis."""
        spanning = self.space.spanning(at)
        return {place for place, true in enumerate(self.true) if true & spanning}

    # Rows whose order matters

    def _order(self) -> Order | None:
        """Rows of a `first` table that have households in common, neither all of the other's, and answer differently.

        A row with a title says for itself why it goes first.
        """
        if self.table.hit != "first":
            return None
        for place, row in enumerate(self.rows):
            if not row.row.title and self.reached[place] is not None:
                for other in self._beside(place, self.true):
                    point = self._at_odds(place, other) if other > place else None
                    if point is not None:
                        return Order(row.row, self.rows[other].row, point)
        return None

    def _at_odds(self, place: int, other: int) -> Point | None:
        one, two = self.rows[place], self.rows[other]
        if one.row.then == two.row.then or self._lies_within(one, other) or self._lies_within(two, place):
            return None
        return self.space.find(self._where_both(place, other, self.ahead(place)))

    def _lies_within(self, row: RowBoxes, other: int) -> bool:
        """Whether all households of a row are also another's."""
        if all(self.space.spanning(box) & self.true[other] for box in row.true):
            return True
        return not self.space.has(self.space.inside(row.true, self.true[other]))


class _Twins:
    """A household, and the same with another value of one fact: that fact's axes are there a second time."""

    def __init__(self, examined: Examined, fact: str) -> None:
        self.of = examined
        self.space = examined.space
        self.second = {}
        for axis in examined.view.axes(fact):
            number = self.second[axis.number] = self.space.axis(self.space.whole(axis.number).bit_length())
            impossible = self.space.whole(number) & ~sum(examined.values(axis))
            if impossible:
                self.space.never({number: impossible})
        self.rows = [RowBoxes(row, *[tuple(map(self._renamed, true))] * 2) for row, true, _ in examined.rows]

    def _renamed(self, box: Box) -> Box:
        return {self.second.get(axis, axis): spanned for axis, spanned in box.items()}

    def agree(self, places: Sequence[int]) -> bool:
        """Whether twins always get the same answer; `places` are the rows that test the fact.

        Where rows go in order, of two that decide for twins the earlier one tests it: it is true of one of them alone.
        """
        if self.of.table.hit == "sum":
            return not self.space.has(self._other_total())
        pairs = (self.of.rows, self.rows), (self.rows, self.of.rows)
        return not any(
            self.space.has(region)
            for place in places
            for ones, others in pairs
            for region in self._regions(place, ones, others)
        )

    def _regions(self, place: int, ones: Sequence[RowBoxes], others: Sequence[RowBoxes]) -> Iterator[Region]:
        """Where the row decides for the one, and something with another answer for the other."""
        ordered = self.of.table.hit in IN_ORDER
        row, rest = ones[place].row, self.of.rest
        mine = self._without(ones[place].true, ones[:place] if ordered else ())
        if self.of.table.hit == "collect":
            same = [each for each in others if each.row.then == row.then]
            different = [each for each in others if each.row.then != row.then]
            as_rest = rest is not None and rest.then == row.then  # where no row is true, it is collected too
            beside = [box for each in different for box in each.true] if as_rest else [EVERYTHING]
            yield self.space.both(mine, self._without(beside, same))
            return
        for number in range(place + 1 if ordered else 0, len(others)):
            if others[number].row.then != row.then:
                theirs = self._without(others[number].true, others[:number] if ordered else ())
                yield self.space.both(mine, theirs)
        if rest is None or rest.then != row.then:
            yield self.space.both(mine, self._without([EVERYTHING], others))

    def _without(self, boxes: Iterable[Box], rows: Iterable[RowBoxes]) -> Region:
        return self.space.inside(boxes, self.space.bits_of(box for row in rows for box in row.true))

    def _other_total(self) -> Region:
        mine, theirs = self.of.total, self.of.view.added_up(self.of.table, self.rows)
        by_answer: dict[Value | Unknown, int] = {}
        for place, answer in enumerate(mine.values):
            by_answer[answer] = by_answer.get(answer, 0) | 1 << place
        equal = ({mine.number: places, theirs.number: places} for places in by_answer.values())
        return (Piece(EVERYTHING, self.space.bits_of(equal)),)


def _one_of(segments: int) -> int:
    return segments & -segments


def fewest(candidates: Sequence[T], enough: Callable[[Sequence[T]], Sequence[T] | None]) -> list[T]:
    """A part of what is enough together, from which nothing can be left out; the later go before the earlier.

    `enough` answers with a part of what it was given that is enough already, or None.
    """
    kept = list(enough(candidates) or ())
    for each in reversed(candidates):
        if each in kept:
            part = enough([other for other in kept if other != each])
            kept = kept if part is None else list(part)
    return kept
