"""Boxes and their search: points inside these and outside those, the largest box around one, which box is first."""

from __future__ import annotations

import pytest

from dunning.model.boxes import EVERYTHING, Piece, Space, UndecidedError, bits


def square(side: int = 4) -> tuple[Space, int, int]:
    """A space of two axes."""
    space = Space()
    return space, space.axis(side), space.axis(side)


def test_a_point_is_the_largest_box_around_it() -> None:
    space, x, y = square()
    corner = space.bit({x: 0b0011, y: 0b0011})

    point = space.find((Piece({x: 0b0111}, corner),))

    assert point in ((0b0111, 0b1100), (0b0100, 0b1111))


def test_nothing_is_left_outside_boxes_that_cover_everything() -> None:
    space, x, y = square()
    halves = space.bits_of([{x: 0b0011}, {x: 0b1100, y: 0b0111}, {y: 0b1000}])

    assert space.find((Piece(EVERYTHING, halves),)) is None
    assert not space.has((Piece(EVERYTHING, halves),))


def test_equal_boxes_have_one_bit() -> None:
    space, x, y = square()

    assert space.bit({x: 1, y: 2}) == space.bit({y: 2, x: 1})
    assert space.bit({x: 1}) != space.bit({x: 1, y: 2})


def test_there_is_never_a_point_where_there_is_none() -> None:
    space, x, y = square(2)
    space.never({x: 0b01, y: 0b01})

    assert space.find((Piece({x: 0b01}),)) == (0b01, 0b10)
    assert not space.has((Piece({x: 0b01, y: 0b01}),))
    assert space.has((Piece({x: 0b01, y: 0b01}),), despite=space.bit({x: 0b01, y: 0b01}))


def test_a_segment_that_is_never_met_is_not_possible() -> None:
    space, x, y = square(3)
    space.never({x: 0b100})
    space.never({x: 0b010, y: 0b001})

    assert (space.possible(x), space.possible(y)) == (0b011, 0b111)


def test_which_of_some_boxes_is_the_first() -> None:
    space, x, y = square(2)
    which = space.first_of([{x: 0b01}, {y: 0b01}])

    assert space.find((Piece({which: 0b001}),)) == (0b01, 0b11, 0b001)
    assert space.find((Piece({which: 0b010}),)) == (0b10, 0b01, 0b010)
    assert space.find((Piece({which: 0b100}),)) == (0b10, 0b10, 0b100)


def test_the_difference_of_two_regions_goes_round_holes() -> None:
    space, x, y = square(3)
    all_but_the_middle = (Piece(EVERYTHING, space.bit({x: 0b010, y: 0b010})),)

    rest = space.difference((Piece({x: 0b110}),), all_but_the_middle)

    assert [space.named(point) for point in space.boxes(rest)] == [{x: 0b010, y: 0b010}]


def test_a_region_as_boxes_is_all_of_it_and_no_more() -> None:
    space, x, y = square(3)
    ring = (Piece(EVERYTHING, space.bit({x: 0b010, y: 0b010})),)
    fields = {(1 << a, 1 << b) for a in range(3) for b in range(3)} - {(0b010, 0b010)}

    told = {(1 << a, 1 << b) for point in space.boxes(ring) for a in bits(point[x]) for b in bits(point[y])}

    assert told == fields


def test_a_gap_is_told_as_wide_as_the_rows_leave_it_even_where_nobody_is() -> None:
    space, x, y = square(3)
    space.never({x: 0b001, y: 0b100})
    rows = space.bits_of([{x: 0b100}, {y: 0b011}])
    point = space.find((Piece(EVERYTHING, rows),))

    assert point == (0b010, 0b100)
    assert space.grown(point, [x, y], rows) == (0b011, 0b100)
    assert space.grown(point, [x, y], rows, within={x: 0b010}) == (0b010, 0b100)


def test_boxes_that_touch_a_box_and_boxes_it_lies_in() -> None:
    space, x, y = square()
    left, low, far = space.bit({x: 0b0011}), space.bit({y: 0b0001}), space.bit({x: 0b1000, y: 0b1000})

    assert space.touching({x: 0b0001}) == left | low
    assert space.spanning({x: 0b0001}) == left
    assert space.spanning({x: 0b1000, y: 0b1000}) == far


def test_a_space_without_axes_has_one_point() -> None:
    space = Space()

    assert space.find((Piece(EVERYTHING),)) == ()
    assert not space.has((Piece(EVERYTHING, space.bit({})),))


def test_patience_comes_to_an_end() -> None:
    space = Space(patience=1)
    axes = [space.axis(3) for _ in range(4)]
    rows = space.bits_of(
        {one: 1 << n, other: 1 << n} for one in axes for other in axes if one < other for n in range(3)
    )

    with pytest.raises(UndecidedError):
        space.find((Piece(EVERYTHING, rows),))


def test_bits_are_told_from_the_lowest() -> None:
    assert list(bits(0b10110)) == [1, 2, 4]
