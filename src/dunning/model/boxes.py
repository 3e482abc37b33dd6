"""Boxes and their search: is there a point in these boxes and outside those?

While every test cuts its own fact into segments, what a condition says is a union of boxes, and the gaps, dead rows,
overlaps and differences of decision tables are all this one question. It is answered exactly, without a solver.

A `Space` has axes, each cut into segments 0, 1, 2 ...; a set of segments is an int, one bit a segment. A `Box` spans
some segments of some axes. A `Piece` is a box without some other boxes, a `Region` a union of pieces. Of what an axis
is about (days, grades, which row of a table decides) nothing is known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

Box = Mapping[int, int]
"""By axis, the segments it spans; an axis it does not name it spans whole. The empty mapping is everything."""

Point = tuple[int, ...]
"""By axis, segments of which any one will do: as found, the largest box around a point that lies in the region."""

EVERYTHING: Box = {}


class Piece(NamedTuple):
    """A box without the boxes whose bits (see `Space.bit`) are set in `without`."""

    box: Box
    without: int = 0


Region = tuple[Piece, ...]
"""A union of pieces; no piece at all is the empty region."""


class UndecidedError(Exception):
    """The search took more steps than the space has patience for: neither yes nor no."""


@lru_cache(maxsize=1 << 16)
def bits(mask: int) -> tuple[int, ...]:
    """The numbers of the bits that are set, from the lowest."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return tuple(found)


class Space:
    """Axes, boxes, and the search. `patience` is how many steps all searches in it may take together (ten seconds).

    Every box is known by one bit, and the index is the other way about: for each segment of each axis, the bits of the
    boxes that span it. So one operation on ints looks at all boxes of a table at once.
    """

    def __init__(self, patience: int = 500_000) -> None:
        self.patience = patience
        self._whole: list[int] = []
        self._boxes: list[Box] = []
        self._bits: dict[frozenset[tuple[int, int]], int] = {}
        self._possible: list[int] = []
        self._never = 0  # boxes in which there is no point
        self._used = 0  # boxes that the last search ran into
        self._follow: set[int] = set()
        self._index = _Index()

    # Axes and boxes

    def axis(self, segments: int, *, follows: bool = False) -> int:
        """A new axis of so many segments; its number. `follows`: where a point lies on it follows from the others."""
        self._whole.append((1 << segments) - 1)
        self._possible.append((1 << segments) - 1)
        if follows:
            self._follow.add(len(self._whole) - 1)
        return len(self._whole) - 1

    @property
    def axes(self) -> int:
        """How many axes there are."""
        return len(self._whole)

    def whole(self, axis: int) -> int:
        """All segments of an axis."""
        return self._whole[axis]

    def possible(self, axis: int) -> int:
        """The segments of an axis that no `never` takes away by itself."""
        return self._possible[axis]

    def bit(self, box: Box) -> int:
        """The bit of a box, for `Piece.without`; equal boxes have the same one."""
        key = frozenset(box.items())
        found = self._bits.get(key)
        if found is None:
            found = self._bits[key] = 1 << len(self._boxes)
            self._boxes.append(box)
        return found

    def bits_of(self, boxes: Iterable[Box]) -> int:
        """The bits of several boxes together."""
        together = 0
        for box in boxes:
            together |= self.bit(box)
        return together

    def never(self, box: Box) -> None:
        """There is no point in this box, whatever is asked."""
        self._never |= self.bit(box)
        if len(box) == 1:
            ((axis, spanned),) = box.items()
            self._possible[axis] &= ~spanned

    def first_of(self, boxes: Sequence[Box]) -> int:
        """A new axis that says which of the boxes is the first to hold a point: segment k the k-th, the last none.

        So a condition may ask what another table answers: its rows are the boxes, and an answer is some segments.
        """
        axis = self.axis(len(boxes) + 1, follows=True)
        outside: dict[tuple[int, int], int] = {}
        for place, box in enumerate(boxes):
            self.never({**box, axis: self._whole[axis] >> (place + 1) << (place + 1)})
            for other, spanned in box.items():
                rest = (other, self._whole[other] & ~spanned)
                outside[rest] = outside.get(rest, 0) | 1 << place
        for (other, rest_of_it), places in outside.items():
            self.never({axis: places, other: rest_of_it})
        return axis

    # Regions

    def meet(self, one: Box, other: Box) -> Box | None:
        """The box of what lies in both; None if that is nothing."""
        if not one or not other:
            return one or other
        both = dict(one)
        for axis, spanned in other.items():
            both[axis] = spanned & both.get(axis, spanned)
            if not both[axis]:
                return None
        return both

    def inside(self, boxes: Iterable[Box], without: int = 0) -> Region:
        """The region of what lies in any of the boxes and in none of those without."""
        return tuple(Piece(box, without) for box in boxes)

    def both(self, one: Region, other: Region) -> Region:
        """What lies in both regions."""
        pieces = []
        for mine in one:
            for theirs in other:
                box = self.meet(mine.box, theirs.box)
                if box is not None:
                    pieces.append(Piece(box, mine.without | theirs.without))
        return tuple(pieces)

    def difference(self, one: Region, other: Region) -> Region:
        """What lies in the one region and not in the other: outside each piece's box, or in what it is without."""
        rest = one
        for piece in other:
            holes = self.inside(self._boxes[number] for number in bits(piece.without))
            outside = tuple(Piece(mine.box, mine.without | self.bit(piece.box)) for mine in rest)
            rest = tuple(each for each in (*outside, *self.both(rest, holes)) if self._find(each) is not None)
        return rest

    def touching(self, box: Box) -> int:
        """The bits of all boxes noted so far that have something in common with this one."""
        self._index.take(self._boxes, self._whole)
        found = (1 << len(self._boxes)) - 1
        for axis, spanned in box.items():
            found &= self._index.touched(axis, spanned)
        return found

    def spanning(self, box: Box) -> int:
        """The bits of all boxes noted so far that this one lies in."""
        self._index.take(self._boxes, self._whole)
        found = (1 << len(self._boxes)) - 1
        for axis, spanned in enumerate(self._domains(box)):
            found &= self._index.spanning(axis, spanned)
        return found

    # The search

    def find(self, region: Region, *, despite: int = 0) -> Point | None:
        """A point of the region, as large a box of them as there is around it; None if the region is empty.

        `despite` are the bits of boxes that may be entered though there is never a point in them.
        """
        for piece in region:
            found = self._find(piece, despite)
            if found is not None:
                return self._grown(found, piece, despite)
        return None

    def has(self, region: Region, *, despite: int = 0) -> bool:
        """Whether there is a point in the region."""
        return any(self._find(piece, despite) is not None for piece in region)

    def against(self, piece: Piece) -> int | None:
        """Of an empty piece, some of the boxes it is without that are enough to make it empty; None if it is not."""
        self._used = 0
        return None if self._find(piece) is not None else self._used & piece.without

    def boxes(self, region: Region) -> Iterator[Point]:
        """The region as boxes, each as large as it can be in its piece and with something the ones before have not."""
        told = 0
        for piece in region:
            while (found := self._find(Piece(piece.box, piece.without | told))) is not None:
                grown = self._grown(found, piece)
                yield grown
                told |= self.bit(self.named(grown))

    def named(self, point: Point) -> Box:
        """The box around a point, with the axes that it does not span whole."""
        return {axis: spanned for axis, spanned in enumerate(point) if spanned != self._whole[axis]}

    def grown(self, point: Point, axes: Iterable[int], without: int, within: Box = EVERYTHING) -> Point:
        """The point with each of these axes, in turn, widened within a box as far as no box of `without` is touched.

        What never is does not stop it: the prose of a gap need not speak of households that cannot exist.
        """
        self._index.take(self._boxes, self._whole)
        wide = list(point)
        self._widen(wide, self._domains(within), axes, without)
        return tuple(wide)

    def _find(self, piece: Piece, despite: int = 0) -> list[int] | None:
        self._index.take(self._boxes, self._whole)
        domains = self._domains(piece.box)
        return self._search(domains, piece.without | self._never & ~despite, range(len(domains)))

    def _domains(self, box: Box) -> list[int]:
        domains = list(self._whole)
        for axis, spanned in box.items():
            domains[axis] = spanned
        return domains

    def _grown(self, domains: list[int], piece: Piece, despite: int = 0) -> Point:
        wide = list(domains)
        self._widen(wide, self._domains(piece.box), range(len(wide)), piece.without | self._never & ~despite)
        return tuple(wide)

    def _widen(self, domains: list[int], most: Sequence[int], axes: Iterable[int], avoided: int) -> None:
        index = self._index
        touched = [index.touched(axis, domain) for axis, domain in enumerate(domains)]
        for axis in axes:
            near = avoided
            for other, boxes in enumerate(touched):
                if other != axis:
                    near &= boxes
            domains[axis] |= sum(1 << n for n in bits(most[axis] & ~domains[axis]) if not near & index.at(axis, n))
            touched[axis] = index.touched(axis, domains[axis])

    def _search(self, domains: list[int], avoided: int, axes: Sequence[int]) -> list[int] | None:
        """Narrows `domains` until no avoided box is touched; None if that cannot be.

        A box that all domains lie in is a contradiction; one they lie in but for one axis is left by that axis. Where
        nothing is forced, an axis is split into its segments by the boxes they meet, and only those that meet the least
        are tried: whatever is a point with another segment is a point with one of them.
        """
        index = self._index
        while True:
            for axis in axes:
                avoided &= index.touched(axis, domains[axis])
            if not avoided:
                return domains
            self._take_a_step()
            axes = [axis for axis in axes if avoided & ~index.open[axis]]
            if not axes:
                self._used |= avoided & -avoided
                return None
            inside_all, inside_but_one = avoided, 0
            for axis in axes:
                inside = index.spanning(axis, domains[axis])
                inside_but_one = (inside_but_one & inside) | (inside_all & ~inside)
                inside_all &= inside
            if inside_all:
                self._used |= inside_all & -inside_all
                return None
            if not inside_but_one:
                choice = self._choice(domains, avoided, axes)
                if isinstance(choice, int):
                    continue
                axis, tries = choice
                break
            for axis in axes:
                to_leave = inside_but_one & ~index.spanning(axis, domains[axis])
                if to_leave:
                    domains[axis] = self._left(axis, domains[axis], to_leave)
                    if not domains[axis]:
                        return None
        for segments in tries:
            narrowed = list(domains)
            narrowed[axis] = segments
            found = self._search(narrowed, avoided, axes)
            if found is not None:
                return found
        return None

    def _take_a_step(self) -> None:
        """A step takes the longer, the more boxes and axes there are to look at."""
        self.patience -= 1 + (len(self._boxes) * len(self._whole) >> 15)
        if self.patience < 0:
            raise UndecidedError

    def _left(self, axis: int, segments: int, to_leave: int) -> int:
        """The segments that none of these boxes spans."""
        cover = self._index.cover[axis]
        for n in bits(segments):
            spanning = cover[n] & to_leave
            if spanning:
                segments ^= 1 << n
                self._used |= spanning & -spanning
        return segments

    def _choice(self, domains: list[int], avoided: int, axes: Sequence[int]) -> int | tuple[int, list[int]]:
        """The axis with the fewest ways, and these; where one way is the best of all, it is taken, and 1 told.

        What follows from other axes is left to follow, as long as there is a choice among the others.
        """
        best: tuple[int, list[int]] | None = None
        for axis in sorted(axes, key=self._follow.__contains__):
            if best is not None and axis in self._follow:
                break
            by_boxes: dict[int, int] = {}
            cover = self._index.cover[axis]
            for n in bits(domains[axis]):
                met = cover[n] & avoided
                by_boxes[met] = by_boxes.get(met, 0) | 1 << n
            if len(by_boxes) == 1:
                continue
            least = _least(by_boxes)
            if len(least) == 1:
                domains[axis] = by_boxes[least[0]]
                return 1
            if best is None or len(least) < len(best[1]):
                best = (axis, [by_boxes[met] for met in least])
        assert best is not None  # else every box avoided would span the domains, or none
        return best


def _least(sets: Iterable[int]) -> list[int]:
    """Those that no other is a part of, the smallest first."""
    least: list[int] = []
    for each in sorted(sets, key=int.bit_count):
        if not any(other & each == other for other in least):
            least.append(each)
    return least


class _Index:
    """By axis and segment, the boxes that span it; `open` are, by axis, those that do not name the axis."""

    def __init__(self) -> None:
        self.cover: list[list[int]] = []
        self.open: list[int] = []
        self._taken = 0
        self._touched: list[dict[int, int]] = []
        self._spanning: list[dict[int, int]] = []

    def take(self, boxes: Sequence[Box], whole: Sequence[int]) -> None:
        """Takes in the boxes and axes that are new."""
        if self._taken == len(boxes) and len(self.cover) == len(whole):
            return
        for segments in whole[len(self.cover) :]:
            self.cover.append([0] * segments.bit_length())
            self.open.append((1 << self._taken) - 1)
        edges = [[0] * (len(cover) + 1) for cover in self.cover]
        fresh = (1 << len(boxes)) - (1 << self._taken)
        naming = [0] * len(whole)
        for number in range(self._taken, len(boxes)):
            for axis, spanned in boxes[number].items():
                naming[axis] |= 1 << number
                for edge in bits(spanned ^ spanned << 1):
                    edges[axis][edge] ^= 1 << number
        for axis, cover in enumerate(self.cover):
            self.open[axis] |= fresh & ~naming[axis]
            running = 0
            for n in range(len(cover)) if naming[axis] else ():
                running ^= edges[axis][n]
                cover[n] |= running
        self._taken = len(boxes)
        self._touched = [{} for _ in whole]
        self._spanning = [{} for _ in whole]

    def at(self, axis: int, n: int) -> int:
        """The boxes that span one segment."""
        return self.cover[axis][n] | self.open[axis]

    def touched(self, axis: int, segments: int) -> int:
        """The boxes that span any of these segments."""
        found = self._touched[axis].get(segments)
        if found is None:
            cover = self.cover[axis]
            found = self.open[axis]
            for n in bits(segments):
                found |= cover[n]
            self._touched[axis][segments] = found
        return found

    def spanning(self, axis: int, segments: int) -> int:
        """The boxes that span all of these segments."""
        found = self._spanning[axis].get(segments)
        if found is None:
            cover = self.cover[axis]
            found = -1
            for n in bits(segments):
                found &= cover[n]
            found = self._spanning[axis][segments] = found | self.open[axis]
        return found
