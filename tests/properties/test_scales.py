"""What a scale says of classes and tests is what the engine says of values and tests."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from dunning.engine.known.logic import holds
from dunning.model.condition import Anything, Bound, Nothing, OneOf, Range, Test, Value
from dunning.model.scales import Scale

NUMBERS: Sequence[Value] = range(-2, 8)
WORDS: Sequence[Value] = ("a", "b", "c")


@st.composite
def ranges(draw: st.DrawFn) -> Test:
    def bound() -> Bound | None:
        value = draw(st.integers(0, 5))
        return Bound(value, included=draw(st.booleans()), written=str(value)) if draw(st.booleans()) else None

    return Range(bound(), bound())


def one_of(values: Sequence[Value]) -> st.SearchStrategy[Test]:
    chosen = st.lists(st.sampled_from([v for v in values if v is not None]), min_size=1, max_size=3, unique=True)
    return st.builds(lambda some, negated: OneOf(tuple(some), tuple(map(str, some)), negated), chosen, st.booleans())  # type: ignore[arg-type]


nothing = st.builds(Nothing, st.booleans())
of_numbers = st.lists(ranges() | one_of(range(6)) | nothing, max_size=5)
of_words = st.lists(one_of(WORDS) | nothing, max_size=4)


@st.composite
def scales(draw: st.DrawFn) -> tuple[Scale, list[Test], list[Value]]:
    """A scale with its tests, and values of every class."""
    may_be_nothing = draw(st.booleans())
    more: list[Value] = [None] if may_be_nothing else []
    if draw(st.booleans()):
        tests = draw(of_numbers)
        return Scale.of(tests, numbers=True, nothing=may_be_nothing), tests, [*NUMBERS, *more]
    tests = draw(of_words)
    if draw(st.booleans()):
        return Scale.of(tests, other=True, nothing=may_be_nothing), tests, [*WORDS, "other", *more]
    return Scale.of(tests, words=("a", "b", "c"), nothing=may_be_nothing), tests, [*WORDS, *more]


@given(scales())
def test_a_test_is_true_of_a_value_if_it_is_of_its_class(case: tuple[Scale, list[Test], list[Value]]) -> None:
    scale, tests, values = case
    assert {scale.place(value) for value in values} == set(range(len(scale.classes)))
    for test in [*tests, Anything(), Nothing(), Nothing(negated=True)]:
        for value in values:
            assert bool(scale.true(test) >> scale.place(value) & 1) is holds(test, value)


@given(scales(), st.integers(0), st.integers(0))
def test_classes_are_told_by_tests_that_are_true_of_them_alone(
    case: tuple[Scale, list[Test], list[Value]], some: int, others: int
) -> None:
    scale, _, values = case
    classes, possible = some & scale.whole, (some | others) & scale.whole
    told = scale.tests(classes, possible)
    for value in values:
        place = 1 << scale.place(value)
        if place & possible:
            assert bool(place & classes) is any(holds(test, value) is True for test in told)
