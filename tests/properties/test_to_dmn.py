"""Out as DMN and back: the same meaning; and the file run by itself answers what the tables answer."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dunning.exchange import feel
from dunning.exchange.document import document_of
from dunning.exchange.evaluate import evaluate
from dunning.exchange.from_dmn import imported
from dunning.exchange.to_dmn import to_dmn
from dunning.model.condition import Unknown
from dunning.model.rulebook import Answer, Duration, Table
from exchanged import ON, Facts, book_of, canonical_value, graded, households, is_plain, meaning, read_text, shelves


@given(shelves(), st.lists(households(known=True), min_size=3, max_size=6))
@settings(max_examples=30)
def test_what_goes_out_as_dmn_comes_back(tables: tuple[Table, ...], people: list[Facts]) -> None:
    book = book_of(tables)
    written = to_dmn(book, book.tables, on=ON)
    assume("X111" not in {found.code for found in written.findings})  # a table without a row that can hold is left out
    back = imported(document_of(written.text.encode(), "made.dmn"))
    assert [found.code for found in back.findings if found.severity != "note"] == []
    again = read_text(back.text)
    for table in back.tables:
        if is_plain(book.tables[table.id]):
            assert meaning(table) == meaning(book.tables[table.id])
            assert meaning(again[table.id]) == meaning(table)
    for facts in people:
        expected = graded(book.tables.values(), facts)
        for read in (back.tables, [again[table.id] for table in back.tables]):
            found = graded(read, facts)
            assert {name: said(each.value) for name, each in found.items()} == {
                name: said(expected[name].value) for name in found
            }


@given(shelves(), households(known=False), households(known=True))
@settings(max_examples=30)
def test_what_is_answered_with_a_fact_missing_holds_once_it_is_known(
    tables: tuple[Table, ...], some: Facts, whole: Facts
) -> None:
    book = book_of(tables)
    back = imported(document_of(to_dmn(book, book.tables, on=ON).text.encode(), "made.dmn"))
    later = {fact: whole[fact] if isinstance(value, Unknown) else value for fact, value in some.items()}
    expected = graded(tables, later)
    if any(isinstance(each.value, Unknown) for each in expected.values()):  # rows that overlap
        return
    for name, found in graded(back.tables, some).items():
        assert isinstance(found.value, Unknown) or found.value == expected[name].value


@given(shelves(), households(known=True))
@settings(max_examples=30)
def test_the_file_answers_what_the_tables_answer(tables: tuple[Table, ...], facts: Facts) -> None:
    book = book_of(tables)
    written = to_dmn(book, book.tables, on=ON)
    document = document_of(written.text.encode(), "made.dmn")
    here = {each.name for each in document.inputs}
    data = {fact: canonical_value(fact)(value) for fact, value in facts.items() if fact in here}
    for name, expected in graded(book.tables.values(), facts).items():
        if isinstance(expected.value, Unknown):  # rows that overlap: an error there, undetermined here
            return
        if document.decision(name) is not None:
            assert in_feel(expected.value, book.tables[name]) == deduplicated(evaluate(document, name, data))


def said(value: object) -> object:
    return "undetermined" if isinstance(value, Unknown) else value


def in_feel(value: object, table: Table) -> object:
    """An answer as FEEL has it."""
    if isinstance(value, tuple):
        return sorted(value)
    return one_in_feel(value, table)


def one_in_feel(value: Answer, table: Table) -> object:
    match value:
        case "none":
            return None
        case bool() | str():
            return value
        case Duration(count, "mo"):
            return feel.Months(count)
        case Duration(count, "y"):
            return feel.Months(12 * count)
        case Duration(count, "d"):
            return feel.Seconds(Fraction(86_400 * count))
        case Duration(count, "h"):
            return feel.Seconds(Fraction(3_600 * count))
        case Duration(count, unit):
            return f"{count}{unit}"
    return Fraction(value, 100) if table.output.kind == "money" else Fraction(value)


def deduplicated(value: object) -> object:
    return sorted({"none" if each is None else each for each in value}) if isinstance(value, list) else value
