"""Out as a workbook and back: the same tables, word for word where a row is a line of cells."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings

from dunning.exchange.from_xlsx import import_xlsx
from dunning.exchange.to_xlsx import export_xlsx
from dunning.model.rulebook import Table
from exchanged import Facts, book_of, graded, households, is_plain, meaning, read_text, shelves


@given(shelves(), households(known=False))
@settings(max_examples=25)
def test_what_goes_out_as_a_workbook_comes_back(tables: tuple[Table, ...], facts: Facts) -> None:
    book = book_of(tables)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "made.xlsx"
        export_xlsx(book, book.tables, path)
        back = import_xlsx(path)
    assert [found.message("en") for found in back.findings] == []
    again = read_text(back.text)
    for table in back.tables:
        if is_plain(book.tables[table.id]):
            assert meaning(table) == meaning(book.tables[table.id])
            assert meaning(again[table.id]) == meaning(table)
    values = {name: each.value for name, each in graded(tables, facts).items()}
    assert {name: each.value for name, each in graded(back.tables, facts).items()} == values
    assert {name: each.value for name, each in graded([again[t.id] for t in tables], facts).items()} == values
