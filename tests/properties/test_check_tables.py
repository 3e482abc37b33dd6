"""What is found wrong in tables is what a brute force over all households finds, by the engine's own reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from dunning.check.asked import OTHER_WORDS, Subject
from dunning.check.chart import Chart, View
from dunning.check.tables import EXCLUSIVE, IN_ORDER, Examined
from dunning.engine.known.logic import truth
from dunning.engine.known.tables import grade
from dunning.model.boxes import Point
from dunning.model.condition import Unknown, Value
from dunning.model.rulebook import Row, RuleBook, Table
from dunning.testing.making import Pick
from tables_at_random import ON, Household, households, make_book


@st.composite
def books(draw: st.DrawFn) -> RuleBook:
    return make_book(Pick(lambda low, high: draw(st.integers(low, high))))


class Seen:
    """A book's last table, examined, beside all its households."""

    def __init__(self, book: RuleBook) -> None:
        self.book = book
        self.table = list(book.tables.values())[-1]
        chart = Chart(Subject(book, (self.table.id,)), on=ON)
        self.view = chart.views[0]
        self.examined = Examined(self.view, self.table)
        self.flaws = self.examined.flaws()
        self.households = list(households(book))
        self.rows = [row for row in self.table.rows if not row.otherwise]

    def true(self, row: Row, of: Household) -> bool | None:
        return truth(row.when, of.__getitem__)

    def decided_by(self, row: Row, of: Household) -> bool:
        """Whether the row has a say: true, and nothing before it perhaps true."""
        order = [each.row for each in self.examined.rows]
        before = order[: order.index(row)] if self.table.hit in IN_ORDER else []
        return self.true(row, of) is True and all(self.true(other, of) is False for other in before)


def lies_at(view: View, point: Point, of: Household, facts: set[str] | None = None) -> bool:
    """Whether a household is one of those at a point, as far as some facts go."""
    for name in facts if facts is not None else of.keys():
        for axis in view.axes(name) if name in view.names else ():
            value = of[name]
            if isinstance(value, Unknown):
                segments = axis.undetermined
            elif axis.word is None:
                segments = axis.places[axis.scale.place(value)]
            else:
                assert isinstance(value, frozenset)
                named = {each.word for each in view.axes(name)}
                has = bool(value - named) if axis.word == OTHER_WORDS else axis.word in value
                segments = axis.places[has]
            if not segments & point[axis.number]:
                return False
    return True


@settings(max_examples=150)
@given(books())
def test_flaws_are_those_that_a_brute_force_finds(book: RuleBook) -> None:
    seen = Seen(book)
    gaps_are_right(seen)
    overlaps_are_right(seen)
    dead_rows_are_right(seen)
    if not seen.flaws.overlaps and all(row.perhaps is row.true for row in seen.examined.rows):
        idle_rows_are_right(seen)
        idle_facts_are_right(seen)


def gaps_are_right(seen: Seen) -> None:
    rest = any(row.otherwise for row in seen.table.rows)
    without = [of for of in seen.households if all(seen.true(row, of) is False for row in seen.rows)]
    assert bool(seen.flaws.gaps) is (bool(without) and not rest and seen.table.hit not in ("sum", "collect"))
    for gap in seen.flaws.gaps:
        at = [of for of in seen.households if lies_at(seen.view, gap.point, of)]
        assert at
        assert all(of in without for of in at)
        alike = [of for of in seen.households if lies_at(seen.view, gap.region, of, set(seen.examined.facts))]
        assert all(of in without for of in alike)
        assert all(of in alike for of in at)
        told = seen.view.told(gap.region, seen.examined.facts)
        if not any(axis.word == OTHER_WORDS for axis in seen.examined.axes):  # such a word has no name in prose
            told = seen.view.told(gap.region, seen.examined.facts)
            known = [of for of in seen.households if not any(isinstance(of[f], Unknown) for f in seen.examined.facts)]
            assert [of for of in known if truth(told, of.__getitem__)] == [of for of in alike if of in known]
    assert bool(seen.flaws.idle_rest) is (rest and not without)


def overlaps_are_right(seen: Seen) -> None:
    if seen.table.hit not in EXCLUSIVE:
        assert not seen.flaws.overlaps
        return
    pairs = {
        (one.number, other.number)
        for place, other in enumerate(seen.rows)
        for one in seen.rows[:place]
        if not (seen.table.hit == "any" and one.then == other.then)
        if any(seen.true(one, of) and seen.true(other, of) for of in seen.households)
    }
    assert {(one.number, each.row.number) for each in seen.flaws.overlaps for one in each.others} == pairs
    for overlap in seen.flaws.overlaps:
        at = [of for of in seen.households if lies_at(seen.view, overlap.point, of)]
        assert at
        assert all(seen.true(row, of) for of in at for row in (overlap.row, overlap.others[0]))


def dead_rows_are_right(seen: Seen) -> None:
    met = {row.number for row in seen.rows if any(seen.true(row, of) for of in seen.households)}
    reached = {row.number for row in seen.rows if any(seen.decided_by(row, of) for of in seen.households)}
    assert {unmet.row.number for unmet in seen.flaws.unmet} == {row.number for row in seen.rows} - met
    assert {hidden.row.number for hidden in seen.flaws.hidden} == met - reached
    for hidden in seen.flaws.hidden:
        its_own = [of for of in seen.households if seen.true(hidden.row, of)]

        def hide(rows: list[Row], its_own: list[Household] = its_own) -> bool:
            return all(any(seen.true(row, of) is not False for row in rows) for of in its_own)

        assert hide(list(hidden.by))
        assert not any(hide([row for row in hidden.by if row is not left]) for left in hidden.by)


def answer(table: Table, of: Household) -> tuple[object, bool]:
    """What it answers, and whether because no row is true and none is for the rest."""
    graded = grade(table, of.__getitem__, ON)
    return graded.value, not graded.rows and table.hit not in ("sum", "collect")


def idle_rows_are_right(seen: Seen) -> None:
    """Of a table whose answers are the same on every day."""
    if any(row.then.steps[0][0] != date.min for row in seen.table.rows):
        return
    dead = [each.row for each in (*seen.flaws.hidden, *seen.flaws.unmet)]
    assert not any(row in dead for row in seen.flaws.idle_rows)
    dead += [seen.flaws.idle_rest] if seen.flaws.idle_rest else []
    gone = [*dead, *seen.flaws.idle_rows]
    assert makes_no_difference(seen, gone)
    assert not any(makes_no_difference(seen, [*gone, row]) for row in seen.rows if row not in gone)


def makes_no_difference(seen: Seen, gone: list[Row]) -> bool:
    """Whether the table answers every household the same without these rows."""
    less = replace(seen.table, rows=tuple(row for row in seen.table.rows if row not in gone))
    return all(answer(less, of) == answer(seen.table, of) for of in seen.households)


def idle_facts_are_right(seen: Seen) -> None:
    if any(row.then.steps[0][0] != date.min for row in seen.table.rows):
        return
    idle = {fact for fact in seen.examined.facts if not any(hangs_on(seen, fact, of) for of in seen.households)}
    assert set(seen.flaws.idle_facts) == idle


def hangs_on(seen: Seen, fact: str, of: Household) -> bool:
    now = answer(seen.table, of)
    return any(now != other for value in values_of(seen, fact) for other in answers(seen, {**of, fact: value}))


def answers(seen: Seen, of: Household) -> Iterator[tuple[object, bool]]:
    """What the table answers; where no such household exists two rows that exclude each other may both be true."""
    true = [row for row in seen.rows if seen.true(row, of)]
    if seen.table.hit in EXCLUSIVE and len(true) > 1:
        for row in true:
            yield answer(replace(seen.table, rows=(row,)), of)
    else:
        yield answer(seen.table, of)


def values_of(seen: Seen, fact: str) -> set[Value | Unknown]:
    """The values some household has; of a set, each word by itself."""
    found = {of[fact] for of in seen.households if not isinstance(of[fact], Unknown)}
    if not any(isinstance(value, frozenset) for value in found):
        return found
    words = frozenset().union(*found)  # type: ignore[arg-type]
    always = [word for word in words if all(word in value for value in found)]  # type: ignore[operator]
    every: list[frozenset[str]] = [frozenset(always)]
    for word in words.difference(always):
        every += [each | {word} for each in every]
    return set(every)
