"""Scales: values into classes that no test tells apart, and classes back into the tests they were cut by."""

from __future__ import annotations

import pytest

from dunning.model.condition import Anything, Bound, Nothing, OneOf, Range, Test
from dunning.model.prose import prose_test
from dunning.model.scales import OTHER, Interval, Scale
from tables_by_hand import TRUE, above, below, none_of, one_of, within

YUAN = Range(Bound(1_000_000, included=False, written="1万元"), None)  # 超过1万元
BAND = Range(Bound(500_000, included=True, written="5000元"), Bound(1_000_000, included=True, written="1万元"))


NOT_TRUE = OneOf(TRUE.values, TRUE.written, negated=True)


def numbers(*tests: Test, nothing: bool = False) -> Scale:
    return Scale.of(tests, numbers=True, nothing=nothing)


def told(scale: Scale, classes: int, possible: int | None = None) -> list[str]:
    return [prose_test(test, "zh") for test in scale.tests(classes, possible)]


def test_numbers_are_cut_where_tests_cut_them() -> None:
    scale = numbers(YUAN, BAND)

    assert scale.classes == (Interval(None, 499_999), Interval(500_000, 1_000_000), Interval(1_000_001, None))
    assert [scale.place(value) for value in (-1, 499_999, 500_000, 1_000_000, 1_000_001)] == [0, 0, 1, 1, 2]
    assert (scale.true(YUAN), scale.true(BAND), scale.true(Anything())) == (0b100, 0b010, 0b111)


def test_a_class_is_told_as_the_tests_were_written() -> None:
    scale = numbers(YUAN, BAND)

    assert told(scale, 0b010) == ["5000元至1万元"]
    assert told(scale, 0b011) == ["不超过1万元"]
    assert told(scale, 0b001) == ["不满5000元"]
    assert told(scale, 0b101) == ["不满5000元", "超过1万元"]
    assert told(scale, 0b111) == ["任意"]


def test_one_number_is_told_as_itself() -> None:
    scale = numbers(one_of(0), above(5))

    assert told(scale, 0b010) == ["等于0"]
    assert scale.true(one_of(0)) == 0b0010
    assert scale.true(none_of(0)) == 0b1101


def test_an_end_beyond_which_nothing_is_possible_is_left_open() -> None:
    scale = numbers(within(0, 30), above(90))  # ..-1, 0..30, 31..90, 91..
    possible = 0b1110

    assert told(scale, 0b0010, possible) == ["不超过30"]
    assert told(scale, 0b0110, possible) == ["不超过90"]
    assert told(scale, 0b1110, possible) == ["任意"]
    assert told(scale, 0b1010, 0b1011) == ["0以上"]  # what lies between is not possible


def test_no_value_is_a_class_of_its_own() -> None:
    scale = numbers(above(180), nothing=True)

    assert scale.classes == (Interval(None, 180), Interval(181, None), None)
    assert scale.place(None) == 2
    assert (scale.true(Nothing()), scale.true(Nothing(negated=True))) == (0b100, 0b011)
    assert numbers(none_of(3), nothing=True).true(none_of(3)) == 0b0101  # 非 3 is false of what has no value
    assert told(scale, 0b101) == ["不超过180", "为无"]
    assert told(scale, 0b011) == ["不为无"]


def test_words_are_told_by_name_or_by_what_they_are_not() -> None:
    scale = Scale.of((), words="ABCD")

    assert told(scale, 0b0011) == ["为 A、B"]
    assert told(scale, 0b0111) == ["不是 D"]
    assert told(scale, 0b0001, 0b0011) == ["为 A"]


def test_any_other_word_can_only_be_told_by_those_it_is_not() -> None:
    scale = Scale.of([one_of("p", "q")], other=True, nothing=True)

    assert scale.classes == ("p", "q", OTHER, None)
    assert scale.place("never heard of") == 2
    assert told(scale, 0b0110) == ["不是 p"]
    assert told(scale, 0b1100) == ["不是 p、q", "为无"]


def test_truths_are_no_numbers() -> None:
    scale = Scale.of((), words=(False, True))

    assert [scale.place(truth) for truth in (False, True)] == [0, 1]
    assert (scale.true(TRUE), scale.true(NOT_TRUE), scale.true(above(0))) == (0b10, 0b01, 0)
    assert told(scale, 0b10) == ["为是"]


def test_numbers_with_words_beside_them() -> None:
    scale = Scale.of([below(100)], numbers=True, words=["individual"])

    assert scale.classes == (Interval(None, 99), Interval(100, None), "individual")
    assert told(scale, 0b011) == ["不是 individual"]
    assert told(scale, 0b101) == ["不满100", "为 individual"]


@pytest.mark.parametrize("value", [None, 3, "z"])
def test_a_value_the_fact_cannot_have_has_no_place(value: int | str | None) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Scale.of((), words=("a",)).place(value)


def test_an_empty_range_is_true_of_nothing() -> None:
    nothing_lies_there = Range(Bound(3, included=False, written="3"), Bound(3, included=True, written="3"))

    assert numbers(nothing_lies_there, above(3)).true(nothing_lies_there) == 0


def test_of_equal_cuts_each_way_of_writing_is_kept() -> None:
    scale = numbers(within(None, 30), within(31, 90), OneOf((91,), ("91天",)))

    assert told(scale, 0b0010) == ["31至90"]
    assert told(scale, 0b1100) == ["满91天"]
