"""Where two tables, or two conditions, answer differently: exactly, as boxes of households, each as large as it can be.

Both stand on one chart. A household whose answer changes is decided, in the one or the other, by a row that is not in
both; only such rows are held against the others, so that a small change is found fast in a large table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from dunning.check.axes import Axis
from dunning.check.chart import Chart, RowBoxes, View
from dunning.check.tables import IN_ORDER
from dunning.engine.known.compile import read_by
from dunning.model.boxes import EVERYTHING, Box, Piece, Point, Space, bits
from dunning.model.condition import Condition, Unknown, Value, facts_of
from dunning.model.rulebook import Row, Table

MOST = 12
"""Boxes told of one answer that becomes another; that there are more is said."""

Said = Value | Unknown


class Shift(NamedTuple):
    """Households of which `old` was answered and `new` is: all in these boxes, or in these and more (not `whole`).

    `word`: of a table that collects, the word they have (True) or lack.
    """

    old: Said
    new: Said
    boxes: tuple[Point, ...]
    whole: bool = True
    word: str | None = None


class _Tile(NamedTuple):
    """Where one thing is answered: in a box, without the boxes of what goes before it and answers something else."""

    said: Said
    box: Box
    without: int
    changed: bool  # whether it is not in both


def shifts_of_table(chart: Chart, old: str, new: str, most: int = MOST) -> list[Shift]:
    """How the answers of a table (by its id in each book) differ; one that collects differs from others as a whole."""
    before, after = sides = ((chart.views[0], old), (chart.views[1], new))
    kept = _kept(before, after)
    if kept is not None and all(len(each) == len(_table(side).rows) for each, side in zip(kept, sides, strict=True)):
        return []
    search = _Search(chart, _axes((side[0], read_by(_table(side))) for side in sides), most)
    hits = {_table(side).hit for side in sides}
    if "collect" in hits and len(hits) > 1:
        return []  # one word, and any number of them, cannot be held against each other
    if hits & {"sum", "collect"}:
        for one, other, word in _paired(sides):
            search.along(one, other, word)
    else:
        mine, its = (list(_tiles(side, each)) for side, each in zip(sides, kept or _NONE, strict=True))
        search.between(mine, its)
    return search.found()


def shifts_of_condition(chart: Chart, old: Condition, new: Condition, most: int = MOST) -> list[Shift]:
    """Where one condition is true and the other is not."""
    before, after = chart.views
    boxes = [view.boxes(condition) for view, condition in ((before, old), (after, new))]
    search = _Search(chart, _axes(((before, facts_of(old)), (after, facts_of(new)))), most)
    search.between(*(_truths(chart.space, each, theirs) for each, theirs in (boxes, boxes[::-1])))
    return search.found()


def _truths(space: Space, boxes: Sequence[Box], others: Sequence[Box]) -> list[_Tile]:
    theirs = {_key(box) for box in others}
    return [
        *(_Tile(said=True, box=box, without=0, changed=_key(box) not in theirs) for box in boxes),
        _Tile(said=False, box=EVERYTHING, without=space.bits_of(boxes), changed=False),
    ]


def _axes(read: Iterable[tuple[View, Iterable[str]]]) -> list[int]:
    """The axes that the conditions themselves speak of: facts, and tables that are read."""
    return list(dict.fromkeys(axis.number for view, facts in read for fact in facts for axis in view.axes(fact)))


# Rows in both

_Kept = frozenset[int]
"""The numbers of rows that stand in both tables, the one for the rest among them."""
_NONE: tuple[_Kept, _Kept] = (frozenset(), frozenset())
_Side = tuple[View, str]
"""A book's view of the chart, and the id of its table."""


def _table(side: _Side) -> Table:
    return side[0].book.tables[side[1]]


def _kept(before: _Side, after: _Side) -> tuple[_Kept, _Kept] | None:
    """Which rows stand in both tables as they are; None where the tables decide by other rules.

    Where rows go before one another, those that stand in both but in another order are not kept.
    """
    one, other = _table(before), _table(after)
    ranked = one.hit in ("min", "max", "priority") and list(one.output.words) != list(other.output.words)
    if one.hit != other.hit or one.of != other.of or ranked:
        return None
    rows = [view.in_order(table) for view, table in (before, after)]
    signs = [[_sign(view, row) for row in each] for (view, _), each in zip((before, after), rows, strict=True)]
    places = _in_one_order(*signs) if one.hit in IN_ORDER else _in_both(*signs)
    mine, theirs = (
        frozenset(each[place].row.number for place in kept) for each, kept in zip(rows, places, strict=True)
    )
    rests = [next((row for row in each.rows if row.otherwise), None) for each in (one, other)]
    if rests[0] is not None and rests[1] is not None and _then(before[0], rests[0]) == _then(after[0], rests[1]):
        return mine | {rests[0].number}, theirs | {rests[1].number}
    return mine, theirs


_Sign = tuple[object, ...]


def _sign(view: View, row: RowBoxes) -> _Sign:
    """What makes two rows the same: where they are true, where nobody can tell, and what they answer."""
    true = frozenset(map(_key, row.true))
    perhaps = true if row.perhaps is row.true else frozenset(map(_key, row.perhaps))
    return true, perhaps, _then(view, row.row)


def _then(view: View, row: Row) -> object:
    answer = row.then.on(view.chart.on)
    return type(answer).__name__, answer


def _key(box: Box) -> frozenset[tuple[int, int]]:
    return frozenset(box.items())


def _in_one_order(one: Sequence[_Sign], other: Sequence[_Sign]) -> tuple[set[int], set[int]]:
    """The places of rows that stand in both, one after another in the same order."""
    blocks = SequenceMatcher(None, one, other, autojunk=False).get_matching_blocks()
    return (
        {block.a + more for block in blocks for more in range(block.size)},
        {block.b + more for block in blocks for more in range(block.size)},
    )


def _in_both(one: Sequence[_Sign], other: Sequence[_Sign]) -> tuple[set[int], set[int]]:
    """The places of rows that stand in both, wherever."""
    both = Counter(one) & Counter(other)
    return _taken(one, both), _taken(other, both)


def _taken(signs: Sequence[_Sign], both: Mapping[_Sign, int]) -> set[int]:
    left = Counter(both)
    places = set()
    for place, sign in enumerate(signs):
        if left[sign]:
            left[sign] -= 1
            places.add(place)
    return places


# What decides where


def _tiles(side: _Side, kept: _Kept) -> Iterator[_Tile]:
    """The decisions of a table in their order; what answers the same before one need not be kept out of it."""
    view, table = side
    space = view.chart.space
    before: dict[Said, int] = {}
    for decision in view.decisions(table):
        said = Unknown() if isinstance(decision.answer, Unknown) else decision.answer
        others = 0
        for other, boxes in before.items():
            others |= 0 if _same(said, other) else boxes
        no_row = not decision.rows and isinstance(said, Unknown)  # rows that nobody can tell of, whichever
        changed = no_row or any(row.number not in kept for row in decision.rows)
        for piece in decision.region:
            yield _Tile(said, piece.box, others, changed)
        before[said] = before.get(said, 0) | space.bits_of(piece.box for piece in decision.region)


def _same(one: Said, other: Said) -> bool:
    """Equal, and of one kind: `True` is not 1."""
    return type(one) is type(other) and one == other


def _paired(sides: tuple[_Side, _Side]) -> Iterator[tuple[Axis, Axis, str | None]]:
    """The axes of two tables; of those that collect, one a word that either collects or is asked for."""
    axes = [view.axes(table) for view, table in sides]
    if not {_table(side).hit for side in sides} & {"collect"}:
        yield axes[0][0], axes[1][0], None
        return
    for word in dict.fromkeys(axis.word for each in axes for axis in each if axis.word):
        one, other = (view.collected(table, word) for view, table in sides)
        yield one, other, word


# The search


_Pair = tuple[Said, Said, str | None]
"""What was answered, what is, and of which word."""


class _Search:
    """Collects boxes of households by what was and what is answered; `axes` are those the prose can speak of."""

    def __init__(self, chart: Chart, axes: Sequence[int], most: int) -> None:
        self.space = chart.space
        self.base = chart.base
        self.axes = axes
        self.most = most
        self.speakable = True
        self.boxes: dict[_Pair, list[Point]] = {}
        self.told: dict[_Pair, int] = {}
        self.full: set[_Pair] = set()

    def found(self) -> list[Shift]:
        return [
            Shift(old, new, tuple(boxes), (old, new, word) not in self.full, word)
            for (old, new, word), boxes in self.boxes.items()
        ]

    def between(self, old: Sequence[_Tile], new: Sequence[_Tile]) -> None:
        """Where a tile of the one and a tile of the other meet, and answer differently."""
        named = {axis for tile in (*old, *new) for axis in tile.box}
        self.speakable = named <= set(self.axes)
        fresh = [tile for tile in new if tile.changed]
        for mine in old:
            for its in new if mine.changed else fresh:
                key = (mine.said, its.said, None)
                if not _same(mine.said, its.said):
                    box = self.space.meet(mine.box, its.box)
                    if box is not None:
                        self._all_of(key, box, mine.without | its.without)

    def along(self, old: Axis, new: Axis, word: str | None) -> None:
        """The same of answers that no one row gives: sums, and words that are collected."""
        theirs = _segments(new)
        for was, mine in _segments(old).items():
            for now, its in theirs.items():
                if _same(was, now):
                    continue
                key, box = (was, now, word), {old.number: mine, new.number: its}
                while key not in self.full:
                    point = self.space.find((Piece(box, self.told.get(key, 0)),))
                    if point is None:
                        break
                    self._note(key, self._widened(point, box))

    def _all_of(self, key: _Pair, box: Box, without: int) -> None:
        """Every household of a box but those of some others."""
        while key not in self.full:
            point = self.space.find((Piece(box, without | self.told.get(key, 0)),))
            if point is None:
                return
            self._note(key, self._spread(point, box, without))

    def _spread(self, point: Point, box: Box, without: int) -> Point:
        """The point as wide as the box lets it be, on the axes the prose can speak of, households that cannot exist
        or not. Where something stands on an axis without a name, as it was found, by the facts alone.
        """
        if self.speakable:
            return self._only(self.space.grown(point, self.axes, without, box), self.axes)
        return self._only(point, (*self.base, *self.axes))

    def _only(self, point: Point, axes: Iterable[int]) -> Point:
        named = set(axes)
        return tuple(each if axis in named else self.space.whole(axis) for axis, each in enumerate(point))

    def _note(self, key: _Pair, point: Point) -> None:
        boxes = self.boxes.setdefault(key, [])
        boxes.append(point)
        self.told[key] = self.told.get(key, 0) | self.space.bit(self.space.named(point))
        if len(boxes) == self.most:
            self.full.add(key)

    def _widened(self, point: Point, answers: Box) -> Point:
        """The point with each fact widened as far as the answers stay these."""
        axes = list(dict.fromkeys((*self.base, *self.axes)))
        wide = {axis: point[axis] for axis in axes}
        wrong = [{axis: self.space.whole(axis) & ~segments} for axis, segments in answers.items()]

        def leaves(slab: Box) -> bool:
            return any(all(each.values()) and self.space.has((Piece({**slab, **each}),)) for each in wrong)

        for axis in axes:
            missing = self.space.whole(axis) & ~wide[axis]
            if missing and not leaves({**wide, axis: missing}):
                wide[axis] = self.space.whole(axis)
                continue
            for segment in bits(missing):
                if not leaves({**wide, axis: 1 << segment}):
                    wide[axis] |= 1 << segment
        return tuple(wide.get(axis, self.space.whole(axis)) for axis in range(self.space.axes))


def _segments(axis: Axis) -> dict[Said, int]:
    """The segments of an axis by what is answered there."""
    found: dict[Said, int] = {}
    for place, value in enumerate(axis.values):
        said = Unknown() if isinstance(value, Unknown) else value
        found[said] = found.get(said, 0) | 1 << place
    return found
