"""A chart says of every household what the engine says of it: where conditions are true, and what tables answer."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.check.asked import OTHER_WORDS, Subject
from dunning.check.chart import Chart, View
from dunning.engine.known.logic import truth
from dunning.model.boxes import Box, Piece, Region
from dunning.model.condition import All, Any, Check, Not, Unknown, Value
from dunning.model.rulebook import RuleBook, Table
from dunning.testing.making import CALENDAR
from dunning.testing.strategies import picks
from tables_at_random import FACTS, ON, Household, make_book, product_of, with_tables
from tables_by_hand import above


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    return make_book(draw(picks()), facts=2, tables=3, rows=3)


def box_of(view: View, household: Household) -> Box:
    """Where a household is, by its facts; which row of a table decides follows from them."""
    box: dict[int, int] = {}
    for name, value in household.items():
        for axis in view.axes(name) if name in view.names and name in FACTS else ():
            if isinstance(value, frozenset):
                named = {each.word for each in view.axes(name)}
                has = bool(value - named) if axis.word == OTHER_WORDS else axis.word in value
                box[axis.number] = axis.places[has]
            else:
                assert not isinstance(value, Unknown)
                box[axis.number] = axis.places[axis.scale.place(value)]
    return box


@settings(max_examples=60)
@given(books())
def test_a_condition_is_true_false_or_open_where_the_engine_says_so(book: RuleBook) -> None:
    table = list(book.tables)[-1]
    view = Chart(Subject(book, (table,)), on=ON).views[0]
    space = view.chart.space
    conditions = [row.when for row in book.tables[table].rows if not row.otherwise]
    regions = [
        [
            space.inside(view.boxes(each, perhaps=perhaps, wanted=wanted))
            for wanted in (True, False)
            for perhaps in (False, True)
        ]
        for each in conditions
    ]
    for household in product_of(book):
        here: Region = (Piece(box_of(view, household)),)
        known = with_tables(book, household)
        exists = not any(truth(each, known.__getitem__) for each in book.impossible)
        assert space.has(here) is exists
        for condition, where in zip(conditions, regions, strict=True):
            said = truth(condition, known.__getitem__)
            expected = [said is True, said is not False, said is False, said is not True]
            assert [space.has(space.both(here, each)) for each in where] == [exists and each for each in expected]


@settings(max_examples=60)
@given(books())
def test_a_table_answers_where_it_is_said_to(book: RuleBook) -> None:
    table = book.tables[list(book.tables)[-1]]
    view = Chart(Subject(book, (table.id,)), on=ON).views[0]
    space = view.chart.space
    decisions = view.decisions(table.id)
    for household in product_of(book):
        here: Region = (Piece(box_of(view, household)),)
        if not space.has(here):
            continue
        said: Value | Unknown = with_tables(book, household)[table.id]
        found = [each for each in decisions if space.has(space.both(here, each.region))]
        if isinstance(said, frozenset):
            assert {each.answer for each in found} == said
        else:
            assert {isinstance(each.answer, Unknown) or each.answer for each in found} == {
                isinstance(said, Unknown) or said
            }
            assert len(found) == 1 or isinstance(said, Unknown)


@settings(max_examples=60)
@given(books(), books())
def test_two_books_on_one_chart_differ_just_where_their_answers_do(old: RuleBook, new: RuleBook) -> None:
    """What the difference of two versions asks: where the one answers this and the other that."""
    tables = [list(book.tables.values())[-1] for book in (old, new)]
    chart = Chart(*(Subject(book, (table.id,)) for book, table in zip((old, new), tables, strict=True)), on=ON)
    before, after = (view.decisions(table.id) for view, table in zip(chart.views, tables, strict=True))
    space = chart.space
    for household in product_of(
        RuleBook(name="", title="", version="", calendar=old.calendar, tables=read_by_both(old, new))
    ):
        here: Region = (Piece(box_of(chart.views[0], household) | box_of(chart.views[1], household)),)
        if not space.has(here) or "collect" in (tables[0].hit, tables[1].hit):
            continue
        said = [with_tables(book, household)[table.id] for book, table in zip((old, new), tables, strict=True)]
        found = {
            (known(mine.answer), known(its.answer))
            for mine in before
            for its in after
            if space.has(space.both(here, space.both(mine.region, its.region)))
        }
        assert found == {(known(said[0]), known(said[1]))}


def known(answer: Value | Unknown) -> Value | Unknown:
    return Unknown() if isinstance(answer, Unknown) else answer


def read_by_both(old: RuleBook, new: RuleBook) -> dict[str, Table]:
    return {
        f"{book.version}{name}": table
        for book in (old, replace(new, version="2"))
        for name, table in book.tables.items()
    }


MANY = {f"f{number}": replace(FACTS["n"], id=f"f{number}", key=f"f{number}") for number in range(14)}


@given(st.lists(st.integers(0, 2), min_size=14, max_size=14), st.booleans())
def test_conditions_that_would_multiply_are_as_true_as_any(values: list[int], nested: bool) -> None:
    """Seven times one or the other would be 128 boxes: a part of it is an axis of its own."""
    household = dict(zip(MANY, values, strict=True))
    either = tuple(Any((Check(f"f{n}", above(0), ""), Check(f"f{n + 1}", above(1), ""))) for n in range(0, 14, 2))
    condition = All((*either, Not(All(either[:2])), Not(Any(())))) if nested else All(either)
    book = RuleBook(name="", title="", version="", calendar=CALENDAR, facts=MANY)
    view = Chart(Subject(book, conditions=(condition,)), on=ON).views[0]
    space = view.chart.space
    here: Region = (
        Piece(
            {
                axis.number: axis.places[axis.scale.place(value)]
                for fact, value in household.items()
                for axis in view.axes(fact)
            }
        ),
    )

    assert len(view.boxes(condition)) <= 64
    assert space.has(here)
    assert space.has(space.both(here, view.region(condition))) is truth(condition, household.__getitem__)
