"""Tables as a workbook for people who live in Excel: one sheet a table, every cell text, rows as they were written.

Text throughout, because a spreadsheet that may guess turns 3-5 into a day in May.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dunning.basis.errors import UsageError
from dunning.basis.finding import Text
from dunning.basis.width import width
from dunning.exchange.boxes import plain_cells
from dunning.exchange.drawn import Writer, answer_said, columns, dated_said, scalar, value_said, words_text
from dunning.exchange.names import known_in
from dunning.lang.words import words
from dunning.model.rulebook import Output, OwnFact, RuleBook, Table

if TYPE_CHECKING:
    from openpyxl.worksheet.worksheet import Worksheet

Line = Sequence[str]

ID, TITLE, TITLE_EN, OF, HIT, OUTPUT, WORDS, TITLES, SOURCE, COVERS = (
    "表", "标题", "英文标题", "对象", "命中", "输出", "词", "词的标题", "来源", "覆盖",
)  # fmt: skip
WORDS_OUT = "词"
"""What 输出 says where a table answers words."""

OTHER, ROW_ID, ROW_TITLE, ARROW, REST = "其他条件", "编号", "说明", "→", "否则"
FACTS = "事实"
FACT_HEADS = ("事实", "类型", "标题", "来自", "缺省")
_WIDEST, _NARROWEST = 40, 8
_FORBIDDEN = re.compile(r"[\\/*?:\[\]]")


def export_xlsx(book: RuleBook, tables: Iterable[str], path: Path) -> None:
    """Writes these tables of a book to `path`. UsageError without openpyxl."""
    try:
        from openpyxl import Workbook
    except ImportError:
        raise UsageError(
            Text(
                "写 xlsx 要装 openpyxl: pip install 'dunning[excel]'",
                "xlsx needs openpyxl: pip install 'dunning[excel]'",
            )
        ) from None
    workbook = Workbook()
    first = workbook.active
    if first is not None:
        workbook.remove(first)
    writer = Writer(known_in(book), like_written=True)
    taken: set[str] = set()
    for name in tables:
        table = book.tables[name]
        top = list(_top(table))
        body = list(_body(table, writer))
        _fill(workbook.create_sheet(_sheet_name(table.title.zh or table.id, taken)), top, body)
    if book.facts:
        body = [FACT_HEADS, *(_fact(fact, writer) for fact in book.facts.values())]
        _fill(workbook.create_sheet(_sheet_name(FACTS, taken)), [], body)
    workbook.save(path)


def _top(table: Table) -> Iterable[Line]:
    """What stands above the rows: a word and its value, a line each."""
    yield ID, table.id
    yield TITLE, table.title.zh
    if table.title.en != table.title.zh:
        yield TITLE_EN, table.title.en
    if table.of == "charge":
        yield OF, words.OF[table.of].zh
    yield HIT, words.HITS[table.hit].zh
    yield from _output(table.output)
    if table.source:
        yield SOURCE, table.source
    if table.covers:
        yield COVERS, "、".join(table.covers)


def _output(output: Output) -> Iterable[Line]:
    yield OUTPUT, WORDS_OUT if output.kind == "choice" else words.KINDS[output.kind].zh
    if output.words:
        yield WORDS, *output.words
        if any(title.zh != word for word, title in output.words.items()):
            yield TITLES, *(title.zh for title in output.words.values())


def _body(table: Table, writer: Writer) -> Iterable[Line]:
    """The heads and the rows; a condition that is no line of cells stands whole in a column of its own."""
    facts = columns(table)
    nested = any(_cells(row.when, writer) is None for row in table.rows) or not facts
    named, titled = any(row.id for row in table.rows), any(row.title for row in table.rows)
    ends = [*([ROW_ID] if named else []), *([ROW_TITLE] if titled else [])]
    yield [*map(writer.head, facts), *([OTHER] if nested else []), f"{ARROW} {table.title.zh}", *ends]
    for row in table.rows:
        cells = {} if row.otherwise else _cells(row.when, writer)
        line = [(cells or {}).get(fact, "") for fact in facts]
        if nested:
            line.append("" if cells is not None else writer.when(row.when))
        if row.otherwise:
            line[0] = REST
        dated = len(row.then.steps) > 1 or row.then.steps[0][0].year > 1
        line.append(dated_said(row.then, table.output) if dated else answer_said(row.then.steps[0][1], table.output))
        yield [*line, *([row.id] if named else []), *([row.title] if titled else [])]


def _cells(condition: Any, writer: Writer) -> dict[str, str] | None:
    """The texts of a row by fact; None if it is more than a line of cells."""
    checks = plain_cells(condition)
    if checks is None:
        return None
    found = {check.fact: writer.test(check) for check in checks}
    return {
        fact: text if isinstance(text, str) else f"[{', '.join(map(scalar, text))}]" for fact, text in found.items()
    }


def _fact(fact: OwnFact, writer: Writer) -> Line:
    type_ = fact.type
    kind = words_text(type_.values) if type_.kind == "choice" and type_.values else words.FACT_TYPES[type_.kind].zh
    default = value_said(fact.default, writer.known[fact.id].type) if fact.has_default else ""
    return fact.id, kind, fact.title.zh, f"attributes.{fact.key}", default


def _sheet_name(title: str, taken: set[str]) -> str:
    """A name Excel allows: 31 characters, some signs not, none twice."""
    plain = _FORBIDDEN.sub(" ", title).strip("' ")[:28] or "表"
    name, number = plain, 2
    while name.casefold() in taken:
        name, number = f"{plain} {number}", number + 1
    taken.add(name.casefold())
    return name


def _fill(sheet: Worksheet, top: list[Line], body: list[Line]) -> None:
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    blank: list[Line] = [()] if top else []
    lines = [*top, *blank, *body]
    heads = len(top) + len(blank) + 1
    for row, line in enumerate(lines, 1):
        for column, text in enumerate(line, 1):
            cell = sheet.cell(row, column, text or None)
            cell.number_format = "@"
            if isinstance(cell.value, str):
                cell.data_type = "s"  # what begins with = is no formula
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            if row == heads or (row < heads and column == 1):
                cell.font = Font(bold=True)
    sheet.freeze_panes = f"A{heads + 1}"
    for column in range(max(map(len, lines), default=0)):
        longest = max((width(line[column]) for line in lines if column < len(line)), default=0)
        letter = get_column_letter(column + 1)
        sheet.column_dimensions[letter].width = min(_WIDEST, max(_NARROWEST, longest + 2))
