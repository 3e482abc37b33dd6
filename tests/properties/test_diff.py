"""Differences are exact: a household's answers differ just where a box says so, and what is the same has none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dunning
from dunning.check.asked import OTHER_WORDS, Subject
from dunning.check.chart import Chart
from dunning.compare.impact import Standing
from dunning.compare.regions import Shift, shifts_of_condition, shifts_of_table
from dunning.engine.known.logic import truth
from dunning.lang.library import shipped
from dunning.lang.write import formatted
from dunning.model.boxes import Piece, Region
from dunning.model.condition import ALWAYS, Condition, Unknown, Value
from dunning.model.rulebook import RuleBook, Table
from dunning.testing.making import FIRST, Pick, from_random, make_history
from dunning.testing.strategies import picks
from rule_edits import edited, small_book
from tables_at_random import FACTS, ON, Household, make_book, make_condition, make_table, product_of, with_tables

NO_LIMIT = 10_000
PACKS = {path.stem: path.read_text(encoding="utf-8") for path in sorted((shipped() / "packs").glob("*.yaml"))}
SETTINGS = settings(max_examples=80)


def changed(pick: Pick, book: RuleBook) -> RuleBook:
    """The book after somebody has worked on it: rows moved, dropped, added, or a table written anew."""
    name = pick.one(tuple(book.tables))
    table = book.tables[name]
    before = {each: book.tables[each] for each in list(book.tables)[: list(book.tables).index(name)]}
    fresh = replace(
        make_table(pick, name, pick.some(tuple(FACTS))[:2] or ("n",), before, 4), hit=table.hit, output=table.output
    )
    rows = list(table.rows)
    match pick.number(0, 3):
        case 0:
            rows.insert(pick.number(0, len(rows)), rows.pop(pick.number(0, len(rows) - 1)))
        case 1 if len(rows) > 1:
            rows.pop(pick.number(0, len(rows) - 1))
        case 2 if table.output.kind == fresh.output.kind and not any(row.otherwise for row in fresh.rows):
            rows.insert(pick.number(0, len(rows)), fresh.rows[0])
        case _:
            pick_from = [row for row in rows if not row.otherwise]
            if pick_from:
                place = rows.index(pick.one(tuple(pick_from)))
                rows[place] = replace(rows[place], when=make_condition(pick, ("n", "kind"), before))
    numbered = tuple(replace(row, number=number) for number, row in enumerate(rows, 1))
    return replace(book, tables={**book.tables, name: replace(table, rows=numbered)})


@st.composite
def pairs(draw: st.DrawFn) -> tuple[RuleBook, RuleBook]:
    pick = draw(picks())
    old = make_book(pick, facts=2, tables=3, rows=4)
    new = changed(pick, old)
    return old, changed(pick, new) if pick.chance(40) else new


def everyone(chart: Chart, *books: RuleBook) -> Iterator[tuple[Household, Region]]:
    """Every household that any of the books tells apart and none rules out, with where it is on the chart."""
    tables: dict[str, Table] = {
        f"{n}{name}": table for n, book in enumerate(books) for name, table in book.tables.items()
    }
    impossible = tuple(each for book in books for each in book.impossible)
    for household in product_of(replace(books[0], tables=tables, impossible=impossible)):
        box: dict[int, int] = {}
        for view in chart.views:
            for name, value in household.items():
                for axis in view.axes(name) if name in view.names else ():
                    word = bool(isinstance(value, frozenset) and value - {each.word for each in view.axes(name)})
                    has = word if axis.word == OTHER_WORDS else isinstance(value, frozenset) and axis.word in value
                    box[axis.number] = axis.places[has if isinstance(value, frozenset) else axis.scale.place(value)]
        here: Region = (Piece(box),)
        if chart.space.has(here):
            yield household, here


def told(chart: Chart, shifts: list[Shift], here: Region) -> set[tuple[Value | Unknown, Value | Unknown, str | None]]:
    space = chart.space
    return {
        (shift.old, shift.new, shift.word)
        for shift in shifts
        if any(space.has(space.both(here, (Piece(space.named(box)),))) for box in shift.boxes)
    }


@SETTINGS
@given(pairs())
def test_answers_of_tables_differ_just_in_the_boxes(books: tuple[RuleBook, RuleBook]) -> None:
    old, new = books
    for name in old.tables:
        chart = Chart(Subject(old, (name,)), Subject(new, (name,)), on=ON)
        shifts = shifts_of_table(chart, name, name, most=NO_LIMIT)
        for household, here in everyone(chart, old, new):
            one, other = (with_tables(book, household)[name] for book in (old, new))
            words = {axis.word for view in chart.views for axis in view.axes(name) if axis.word}
            expected = set(differences(one, other, words))
            assert told(chart, shifts, here) == expected, (name, household)


def differences(
    one: Value | Unknown, other: Value | Unknown, words: set[str]
) -> Iterator[tuple[Value | Unknown, Value | Unknown, str | None]]:
    if words or isinstance(one, frozenset) or isinstance(other, frozenset):
        for word in words:
            has = [word in each if isinstance(each, frozenset) else Unknown() for each in (one, other)]
            if has[0] != has[1]:
                yield has[0], has[1], word
        return
    before, after = (Unknown() if isinstance(each, Unknown) else each for each in (one, other))
    if before != after:
        yield before, after, None


@SETTINGS
@given(pairs(), st.data())
def test_conditions_differ_just_in_the_boxes(books: tuple[RuleBook, RuleBook], data: st.DataObject) -> None:
    pick = data.draw(picks())
    book = books[0]
    one, other = (make_condition(pick, ("n", "tags", "kind"), {}) for _ in range(2))
    conditions: tuple[Condition, ...] = (one, other)
    chart = Chart(*(Subject(replace(book, tables={}, impossible=()), conditions=(each,)) for each in conditions), on=ON)
    shifts = shifts_of_condition(chart, one, other, most=NO_LIMIT)
    for household, here in everyone(chart, *(replace(book, tables={}, impossible=conditions) for _ in range(2))):
        before, after = (truth(each, household.__getitem__) for each in conditions)
        assert told(chart, shifts, here) == ({(before, after, None)} if before is not after else set())


@SETTINGS
@given(pairs())
def test_what_is_only_written_otherwise_does_not_differ(books: tuple[RuleBook, RuleBook]) -> None:
    old = books[0]
    for name, table in old.tables.items():
        rows = table.rows if table.hit in ("first", "priority", "min", "max") else table.rows[::-1]
        same = replace(table, rows=tuple(replace(row, number=n, title="") for n, row in enumerate(rows, 1)))
        new = replace(
            old, tables={**old.tables, name: same}, impossible=(*old.impossible,) if old.impossible != (ALWAYS,) else ()
        )
        chart = Chart(Subject(old, (name,)), Subject(new, (name,)), on=ON)
        assert shifts_of_table(chart, name, name) == []


# Whole files


@st.composite
def two_texts(draw: st.DrawFn) -> tuple[str, str]:
    """A rule file, and the same after somebody has worked on it."""
    pick = draw(picks())
    old = small_book(pick) if pick.chance(30) else PACKS[pick.one(sorted(PACKS))]
    return old, edited(pick, old, most=3)


def loaded(folder: Path, text: str) -> RuleBook | None:
    """The book of a text among the shipped rules; None where it has errors."""
    path = folder / "book.yaml"
    path.write_text(text, encoding="utf-8")
    try:
        return dunning.load(path)
    except dunning.RulesError:
        return None


@settings(max_examples=40)
@given(two_texts(), st.integers(0, 2**32))
def test_what_is_no_difference_makes_none_to_any_household(
    tmp_path_factory: pytest.TempPathFactory, texts: tuple[str, str], seed: int
) -> None:
    """Whatever was changed is told, in meaning or in wording; and where no change of meaning is told, there is none."""
    folder = tmp_path_factory.mktemp("rules")
    books = [loaded(folder, text) for text in texts]
    if books[0] is None or books[1] is None:
        return
    old, new = books[0], books[1]
    found = dunning.diff(old, new, on=ON)
    compared = found.books[0]
    assert bool(compared.changes or compared.wording) is (old.meaning != new.meaning)
    assert not dunning.diff(new, new, on=ON).books[0].wording
    dunning.difference_text(found)
    if found:
        return
    pick = from_random(Random(seed))
    steps = [step.id for step in (*old.reminders, *old.ladder.steps)]
    for _ in range(4):
        account = replace(make_history(pick, steps=steps or ["none"]), use="residential")
        on = FIRST + timedelta(days=pick.number(0, 900))
        one, other = (Standing.of(dunning.assess(account, book, on=on)) for book in (old, new))
        assert one == other


@settings(max_examples=30)
@given(st.sampled_from(sorted(PACKS)), picks())
def test_a_file_laid_out_otherwise_has_no_difference(
    tmp_path_factory: pytest.TempPathFactory, name: str, pick: Pick
) -> None:
    """Comments, blanks, the language of keys, and what `fmt` does to it."""
    text = PACKS[name]
    lines = text.split("\n")
    blocks = [n for n, line in enumerate(lines) if line.startswith("# ") or not line.strip()]
    for place in sorted({pick.one(blocks) for _ in range(3)}, reverse=True):
        lines.insert(place, pick.one(("# 另加的注释", "", "#")))
    other = formatted("\n".join(lines))
    folder = tmp_path_factory.mktemp("rules")
    old, new = loaded(folder, text), loaded(folder, other)
    assert old is not None
    assert new is not None
    found = dunning.diff(old, new, on=ON)
    assert not found
    assert found.books[0].wording == ()
