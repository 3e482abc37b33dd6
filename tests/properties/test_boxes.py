"""The search finds a point exactly where counting through all points does."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from dunning.model.boxes import Box, Piece, Point, Region, Space, bits

SIZES = (3, 2, 4)


def segments(axis: int) -> st.SearchStrategy[int]:
    return st.integers(1, (1 << SIZES[axis]) - 1)


boxes = st.fixed_dictionaries({}, optional={axis: segments(axis) for axis in range(len(SIZES))})
lists = st.lists(boxes, max_size=7)


def made(*never: Box) -> Space:
    space = Space()
    for size in SIZES:
        space.axis(size)
    for box in never:
        space.never(box)
    return space


def points(space: Space) -> list[Point]:
    return list(product(*([1 << n for n in range(space.whole(axis).bit_length())] for axis in range(space.axes))))


def inside(point: Point, box: Box) -> bool:
    return all(point[axis] & spanned for axis, spanned in box.items())


def lies_in(point: Point, region: Region, known: dict[int, Box]) -> bool:
    return any(
        inside(point, piece.box) and not any(piece.without & bit and inside(point, box) for bit, box in known.items())
        for piece in region
    )


@given(boxes, lists, lists)
def test_a_point_is_found_where_there_is_one_and_all_of_its_box_is_like_it(
    box: Box, without: list[Box], never: list[Box]
) -> None:
    space = made(*never)
    rest = [p for p in points(space) if inside(p, box) and not any(inside(p, each) for each in [*without, *never])]

    found = space.find((Piece(box, space.bits_of(without)),))

    assert (found is not None) == bool(rest) == space.has((Piece(box, space.bits_of(without)),))
    if found is not None:
        alike = [p for p in points(space) if all(here & there for here, there in zip(p, found, strict=True))]
        assert set(alike) <= set(rest)
        for axis in range(len(SIZES)):  # and no axis can be widened
            for n in bits(space.whole(axis) & ~found[axis]):
                wider = [p for p in points(space) if p[axis] == 1 << n]
                wider = [p for p in wider if all(p[a] & found[a] for a in range(len(SIZES)) if a != axis)]
                assert not set(wider) <= set(rest)


@given(boxes, lists, lists)
def test_what_an_empty_piece_is_up_against_is_enough(box: Box, without: list[Box], never: list[Box]) -> None:
    space = made(*never)
    against = space.against(Piece(box, space.bits_of(without)))

    assert (against is None) == space.has((Piece(box, space.bits_of(without)),))
    if against is not None:
        assert not against & ~space.bits_of(without)
        assert not space.has((Piece(box, against),))


@given(lists, lists, lists)
def test_regions_are_met_and_taken_from_one_another_point_by_point(
    mine: list[Box], theirs: list[Box], holes: list[Box]
) -> None:
    space = made()
    one, other = space.inside(mine, space.bits_of(holes[:3])), space.inside(theirs, space.bits_of(holes[3:]))
    both, rest = space.both(one, other), space.difference(one, other)
    known = {space.bit(box): box for box in [*mine, *theirs, *holes]}

    for point in points(space):
        in_one, in_other = lies_in(point, one, known), lies_in(point, other, known)
        assert lies_in(point, both, known) == (in_one and in_other)
        assert lies_in(point, rest, known) == (in_one and not in_other)
    told = {
        p for found in space.boxes(rest) for p in points(space) if all(a & b for a, b in zip(p, found, strict=True))
    }
    assert told == {p for p in points(space) if lies_in(p, rest, known)}


@given(lists)
def test_the_first_of_some_boxes_is_the_first_that_a_point_lies_in(some: list[Box]) -> None:
    space = made()
    which = space.first_of(some)

    for point in product(*([1 << n for n in range(size)] for size in SIZES)):
        first = next((place for place, box in enumerate(some) if inside(point, box)), len(some))
        here = dict(enumerate(point))
        for place in range(len(some) + 1):
            assert space.has((Piece({**here, which: 1 << place}),)) == (place == first)


@given(boxes, lists, lists)
def test_boxes_noted_later_are_taken_in(box: Box, sooner: list[Box], later: list[Box]) -> None:
    space = made(*sooner)
    space.has((Piece(box),))
    extra = space.axis(2)
    for each in later:
        space.never({**each, extra: 0b01})

    once = made(*sooner)
    assert space.has((Piece({**box, extra: 0b10}),)) == once.has((Piece(box),))
    assert space.has((Piece({**box, extra: 0b01}),)) == made(*sooner, *later).has((Piece(box),))
    for each in [*sooner, *({**each, extra: 0b01} for each in later)]:
        assert bool(space.touching(box) & space.bit(each)) == (space.meet(box, each) is not None)
