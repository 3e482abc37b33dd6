"""Flaws of tables, seen one at a time; that they are all there are is held by brute force (properties) and a solver."""

from __future__ import annotations

import pytest

from dunning.check.asked import Subject
from dunning.check.chart import Chart, View
from dunning.check.tables import Examined, Flaws
from dunning.engine.known.catalogue import CATALOGUE
from dunning.model.boxes import Space, UndecidedError
from dunning.model.condition import ALWAYS
from dunning.model.prose import prose
from dunning.model.rulebook import Table
from tables_by_hand import DAY, TRUE, above, all_of, below, book_of, contains, lacks, one_of, table, within

TITLES = {fact.id: fact.title for fact in CATALOGUE.values()}


def view_of(*tables: Table, space: Space | None = None, **settings: object) -> View:
    book = book_of(*tables, applies=ALWAYS, **settings)
    return Chart(Subject(book, (tables[-1].id,)), on=DAY, space=space).views[0]


def examined(*tables: Table, **settings: object) -> Examined:
    view = view_of(*tables, **settings)
    return Examined(view, tables[-1])


def flaws(*tables: Table, **settings: object) -> Flaws:
    return examined(*tables, **settings).flaws()


def numbers(rows: list[object]) -> list[int]:
    return [getattr(each, "row", each).number for each in rows]  # type: ignore[attr-defined]


def test_a_gap_is_told_in_the_columns_of_the_table() -> None:
    one = examined(table([(all_of(arrears=above(5), overdue_days=above(30)), "A")], "A", hit="first"))
    gaps = one.flaws().gaps

    told = [prose(one.view.told(gap.region, one.facts), TITLES, "en") for gap in gaps]
    assert told == ["days overdue at most 30", "arrears at most 5"]


def test_a_table_with_a_row_for_the_rest_has_no_gap() -> None:
    assert flaws(table([(all_of(arrears=above(5)), "A"), (None, "B")], "A B", hit="first")) == Flaws()


def test_rows_are_hidden_by_better_answers_as_by_earlier_ones() -> None:
    rows = [(all_of(arrears=above(5)), 1), (all_of(arrears=above(0)), 3), (None, 0)]

    assert numbers(flaws(table(rows, hit="max")).hidden) == [1]
    assert numbers(flaws(table(rows, hit="min")).hidden) == []


def test_three_rows_may_be_needed_to_hide_one() -> None:
    one = flaws(
        table(
            [
                (all_of(arrears=within(0, 10)), "A"),
                (all_of(arrears=within(11, 20)), "A"),
                (all_of(arrears=within(15, 30)), "A"),
                (all_of(arrears=above(30)), "A"),
                (all_of(arrears=within(5, 25)), "B"),
            ],
            "A B",
            hit="first",
        )
    )

    (hidden,) = one.hidden
    assert [row.number for row in hidden.by] == [1, 2, 3]


def test_the_tests_that_never_go_together_are_told_alone() -> None:
    one = examined(
        table([(all_of(use=one_of("office"), arrears=one_of(0), overdue_days=above(3)), "A"), (None, "B")], "A B")
    )
    (unmet,) = one.flaws().unmet

    facts = [axis.fact for axis in one.axes if axis.number in unmet.box]
    assert facts == ["arrears", "overdue_days"]
    assert unmet.who == "records"


def test_a_row_without_a_single_box_has_no_core() -> None:
    contrary = all_of(tags=contains("vip"))
    twice = type(contrary)((*contrary.parts, *all_of(tags=lacks("vip")).parts))

    (unmet,) = flaws(table([(twice, "A"), (None, "B")], "A B")).unmet
    assert (unmet.box, unmet.who) == ({}, "records")


def test_what_reads_an_undetermined_table_is_told_when_that_is_mended() -> None:
    """Where two rows overlap nobody can say what the table answers: so nothing that hangs on it is called idle."""
    both = table([(all_of(arrears=above(5)), "A"), (all_of(overdue_days=above(5)), "B"), (None, "C")], "A B C", id="t")
    reads = table([(all_of(t=one_of("A")), "X"), (all_of(t=one_of("B", "C")), "X")], "X", hit="first")

    found = flaws(both, reads)
    assert (found.gaps, found.idle_rows, found.idle_facts) == ([], [], [])
    assert numbers(flaws(both).overlaps) == [2]


@pytest.mark.parametrize(
    ("hit", "rows", "idle"),
    [
        ("first", [(all_of(arrears=above(9)), "A"), (all_of(arrears=above(5)), "A"), (None, "B")], [1]),
        ("unique", [(all_of(arrears=above(9)), "A"), (all_of(arrears=below(5)), "B"), (None, "A")], [1]),
        ("any", [(all_of(arrears=above(9)), "A"), (all_of(arrears=above(5)), "A"), (None, "B")], [1]),
        ("collect", [(all_of(arrears=above(9)), "A"), (all_of(arrears=above(5)), "A")], [1]),
        ("collect", [(all_of(arrears=above(9)), "A"), (all_of(arrears=above(5)), "B")], []),
        ("priority", [(all_of(arrears=above(5)), "B"), (all_of(arrears=above(9)), "B"), (None, "A")], [2]),
        ("unique", [(all_of(arrears=above(9)), "none")], []),  # it says of a gap that it is meant
    ],
)
def test_a_row_is_idle_if_nobody_would_miss_it(hit: str, rows: list[object], idle: list[int]) -> None:
    found = flaws(table(rows, "A B", hit=hit))  # type: ignore[arg-type]

    assert sorted([*numbers(found.idle_rows), *numbers(found.hidden)]) == idle


def test_rows_of_a_scorecard_are_idle_if_they_add_nothing() -> None:
    rows = [(all_of(arrears=above(9)), 0), (all_of(arrears=above(5)), 3), (all_of(overdue_days=above(5)), -3)]

    assert numbers(flaws(table(rows, hit="sum")).idle_rows) == [1]


def test_points_that_cancel_out_decide_nothing() -> None:
    rows = [(all_of(open_disputes=above(0)), 5), (all_of(open_disputes=below(1)), 5), (all_of(refused=TRUE), 1)]

    assert flaws(table(rows, hit="sum")).idle_facts == ["open_disputes"]


def test_a_fact_that_goes_with_another_is_not_idle() -> None:
    """Whoever owes no period owes nothing; taking the amount out would still send everybody to the row."""
    rows = [(all_of(overdue_periods=above(1)), "A"), (all_of(arrears=above(0)), "B"), (None, "C")]

    assert flaws(table(rows, "A B C", hit="first")).idle_facts == []


def test_order_is_silent_for_pairs_that_reach_past_each_other() -> None:
    rows = [
        (all_of(arrears=above(5)), "A"),
        (all_of(overdue_days=above(5)), "B"),
        (all_of(open_disputes=above(0)), "C"),
    ]
    order = flaws(table([*rows, (None, "D")], "A B C D", hit="first")).order

    assert order is not None
    assert (order.row.number, order.other.number) == (1, 2)


def test_patience_is_for_the_whole_table() -> None:
    rows = [(all_of(arrears=within(n, n + 2), overdue_days=within(n, n + 3)), "A") for n in range(0, 30, 2)]

    with pytest.raises(UndecidedError):
        flaws(table(rows, "A", hit="first"), space=Space(patience=20))
