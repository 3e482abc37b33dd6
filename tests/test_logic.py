"""Three-valued conditions: the table of `engine.logic`, connectives, and which cell is to blame."""

from __future__ import annotations

import pytest

from dunning.engine.known.logic import Truth, holds, kept_out, missing, truth
from dunning.model.condition import All, Any, Anything, Bound, Condition, Not, Range, Test, Unknown, Value
from tables_by_hand import (
    FALSE,
    NOTHING,
    SOMETHING,
    TRUE,
    above,
    all_of,
    below,
    check,
    contains,
    lacks,
    none_of,
    one_of,
    within,
)

GONE = Unknown()

YES, NO = check("yes", TRUE), check("no", TRUE)
OPEN, OPEN_TOO = check("open", TRUE), check("open_too", TRUE)
FACTS: dict[str, Value | Unknown] = {"yes": True, "no": False, "open": GONE, "open_too": GONE}


def read(fact: str) -> Value | Unknown:
    return FACTS[fact]


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        (above(5), 5, False),
        (above(5), 6, True),
        (within(5), 5, True),
        (below(5), 5, False),
        (within(None, 5), 5, True),
        (within(5, 10), 4, False),
        (within(5, 10), 10, True),
        (Range(Bound(5, included=True, written="5"), Bound(10, included=False, written="10")), 10, False),
        (Range(None, None), -3, True),
        (one_of("S", "A"), "A", True),
        (one_of("S", "A"), "B", False),
        (none_of("S", "A"), "A", False),
        (none_of("S", "A"), "none", True),
        (one_of(0), 0, True),
        (FALSE, False, True),
        (contains("vip", "key"), frozenset({"vip"}), True),
        (contains("vip", "key"), frozenset({"new"}), False),
        (lacks("vip", "key"), frozenset({"new"}), True),
        (lacks("vip", "key"), frozenset({"new", "key"}), False),
        (NOTHING, 0, False),
        (SOMETHING, 0, True),
        (NOTHING, frozenset({"vip"}), False),
    ],
)
def test_a_value_is_in_or_out(test: Test, value: Value, expected: bool) -> None:
    assert holds(test, value) is expected


@pytest.mark.parametrize(
    "test", [within(5), one_of("S"), none_of("S"), contains("vip"), lacks("vip"), NOTHING, SOMETHING]
)
def test_every_test_of_a_missing_fact_is_unknown(test: Test) -> None:
    assert holds(test, GONE) is None


@pytest.mark.parametrize("value", [GONE, None, 3, "S", frozenset[str]()])
def test_anything_fits_even_what_is_missing(value: Value | Unknown) -> None:
    assert holds(Anything(), value) is True


@pytest.mark.parametrize("test", [above(-1), below(1), Range(None, None), one_of("S"), none_of("S"), SOMETHING])
def test_a_known_nothing_matches_no_test_of_a_value(test: Test) -> None:
    assert holds(test, None) is False


def test_a_known_nothing_matches_nothing() -> None:
    assert holds(NOTHING, None) is True


@pytest.mark.parametrize("nothing", [None, frozenset[str]()])
def test_a_set_known_to_be_nothing_is_the_empty_set(nothing: Value) -> None:
    assert [holds(test, nothing) for test in (NOTHING, SOMETHING, contains("vip"), lacks("vip"))] == [
        True,
        False,
        False,
        True,
    ]


@pytest.mark.parametrize(
    ("test", "value", "expected"),
    [
        (above(0), "individual", False),
        (below(0), "individual", False),
        (none_of(300_000), "individual", True),
        (one_of(1), True, False),
        (TRUE, 1, False),
        (within(0, 1), True, False),
        (contains("vip"), "vip", False),
    ],
)
def test_values_of_another_kind_are_no_match_and_no_error(test: Test, value: Value, expected: bool) -> None:
    assert holds(test, value) is expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (All(), True),
        (All((YES, NO)), False),
        (All((YES, OPEN)), None),
        (All((OPEN, NO)), False),
        (Any(()), False),
        (Any((NO, YES)), True),
        (Any((OPEN, YES)), True),
        (Any((OPEN, NO)), None),
        (Not(YES), False),
        (Not(NO), True),
        (Not(OPEN), None),
        (Not(All((OPEN, NO))), True),
    ],
)
def test_an_unknown_part_counts_only_where_it_matters(condition: Condition, expected: Truth) -> None:
    assert truth(condition, read) is expected


def test_no_more_is_read_than_needed() -> None:
    asked: list[str] = []

    def watched(fact: str) -> Value | Unknown:
        asked.append(fact)
        return read(fact)

    assert truth(All((NO, OPEN)), watched) is False
    assert truth(Any((YES, OPEN)), watched) is True
    assert truth(check("open", Anything()), watched) is True
    assert asked == ["no", "yes"]


@pytest.mark.parametrize(
    ("condition", "facts"),
    [
        (YES, ()),
        (NO, ()),
        (OPEN, ("open",)),
        (All((OPEN, NO)), ()),
        (All((OPEN_TOO, YES, OPEN)), ("open_too", "open")),
        (All((Any((YES, OPEN)), OPEN_TOO)), ("open_too",)),
        (Any((NO, Not(All((OPEN, OPEN, YES))))), ("open",)),
    ],
)
def test_only_facts_that_leave_it_open_are_missing(condition: Condition, facts: tuple[str, ...]) -> None:
    assert missing(condition, read) == facts


NEITHER = Any((NO, Not(YES)))


@pytest.mark.parametrize(
    ("condition", "part"),
    [
        (All((YES, YES)), None),
        (NO, NO),
        (All((YES, OPEN, NO)), NO),
        (All((YES, All((YES, OPEN)), OPEN_TOO)), OPEN),
        (Any((NO,)), NO),
        (All((YES, NEITHER)), NEITHER),
        (Any((NO, OPEN)), OPEN),
        (Not(YES), Not(YES)),
        (Not(All((YES, OPEN))), OPEN),
    ],
)
def test_the_first_part_that_keeps_a_row_out(condition: Condition, part: Condition | None) -> None:
    assert kept_out(condition, read) == part


def test_a_cell_that_anything_fits_keeps_nobody_out() -> None:
    condition = all_of(open=Anything(), no=TRUE)
    assert kept_out(condition, read) == check("no", TRUE)
    assert missing(All((check("open", Anything()), OPEN_TOO)), read) == ("open_too",)
