"""Whatever tables a book has, coverage has words for what it finds in them, in both languages, and does not fail."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings

from dunning.basis.span import Span
from dunning.check.coverage import coverage
from dunning.model.condition import ALWAYS
from dunning.model.rulebook import RuleBook, Table
from dunning.output.screens import render
from dunning.testing.making import Pick
from dunning.testing.strategies import picks
from tables_at_random import make_book

FILE = "book.yaml"


def placed(table: Table, line: int) -> Table:
    rows = tuple(replace(row, at=Span(FILE, line + row.number, 1)) for row in table.rows)
    return replace(table, rows=rows, at=Span(FILE, line, 1))


def as_read(book: RuleBook) -> RuleBook:
    """The book with places, for everyone."""
    tables = {name: placed(table, 100 * n) for n, (name, table) in enumerate(book.tables.items(), 1)}
    return replace(book, tables=tables, file=FILE, applies=ALWAYS)


@settings(max_examples=60)
@given(picks())
def test_every_finding_has_a_place_and_words_in_both_languages(pick: Pick) -> None:
    found = list(coverage(as_read(make_book(pick, tables=2))))
    for lang in ("zh", "en"):
        assert all(each.message(lang) and f"[{each.code}]" in render([each], lang) for each in found)
        samples = [each.args["sample"].to(lang) for each in found if "sample" in each.args]
        assert all(told.endswith(")") for told in samples)  # what the engine said, or that there is facts only
    assert all(isinstance(each.at, Span) and each.at.file == FILE for each in found)
