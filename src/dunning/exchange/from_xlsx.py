"""A workbook back to tables of the rule language, read by the readers of rule files, findings with their cells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from dunning.basis.errors import RulesError, UsageError
from dunning.basis.finding import Finding, Text, in_order
from dunning.basis.span import Cell, Span
from dunning.exchange.drawn import Imported, UnsayableError, book_text
from dunning.exchange.names import known_by
from dunning.exchange.to_xlsx import (
    ARROW,
    COVERS,
    FACTS,
    HIT,
    ID,
    OF,
    OTHER,
    OUTPUT,
    REST,
    ROW_ID,
    ROW_TITLE,
    SOURCE,
    TITLE,
    TITLE_EN,
    TITLES,
    WORDS,
    WORDS_OUT,
)
from dunning.lang.readers.read_facts import read_facts
from dunning.lang.readers.read_tables import in_evaluation_order, read_heads, read_rows
from dunning.lang.readers.read_when import Names
from dunning.lang.text import positions as yaml
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words.desk import Desk

_KEYS = {TITLE: "title", OF: "of", HIT: "hit", SOURCE: "source"}
_ARROWS = (ARROW, "=>", "⇒")
_LARGEST = 100_000
"""Cells of one sheet: a decision table has some hundreds."""


def import_xlsx(path: Path) -> Imported:
    """The tables of a workbook. UsageError without openpyxl, RulesError (X301) if it is no workbook."""
    try:
        from openpyxl import load_workbook
        from openpyxl.utils.exceptions import InvalidFileException
    except ImportError:
        raise UsageError(
            Text(
                "读 xlsx 要装 openpyxl: pip install 'dunning[excel]'",
                "xlsx needs openpyxl: pip install 'dunning[excel]'",
            )
        ) from None
    file = path.as_posix()
    try:
        workbook = load_workbook(path, read_only=False)
    except (InvalidFileException, KeyError, ValueError, zipfile_error()) as wrong:
        why = Text(f"打不开工作簿 ({wrong})", f"the workbook does not open ({wrong})")
        raise RulesError([Finding("X301", Cell(file, 1), {"why": why})]) from None
    reader = _Import(file, Desk(file))
    for number, sheet in enumerate(workbook.worksheets):
        reader.sheets.append(sheet.title)
        reader.take(number, sheet)
    return reader.done(path.stem)


def zipfile_error() -> type[Exception]:
    """What a file that is no archive raises."""
    from zipfile import BadZipFile

    return BadZipFile


@dataclass(slots=True)
class _Sheet:
    """One sheet as texts with places: rows of scalars, empty ones included."""

    rows: list[list[Scalar]]


@dataclass(slots=True)
class _Import:
    """Reads one workbook. A place in it is a Span whose line is `sheet * 10**6 + row`, until it is told as a cell."""

    file: str
    desk: Desk
    sheets: list[str] = field(default_factory=list)
    tables: list[tuple[Scalar, Node]] = field(default_factory=list)
    facts: list[tuple[Scalar, Node]] = field(default_factory=list)

    def take(self, number: int, sheet: Any) -> None:
        """One sheet: a table, the facts, or nothing at all."""
        if sheet.max_row * sheet.max_column > _LARGEST:
            why = Text("这一页太大, 不像一张决策表", "the sheet is too large to be a decision table")
            self.refuse(Span(self.file, number * 10**6 + 1, 1), why)
            return
        rows = [[self.scalar(number, cell) for cell in row] for row in sheet.iter_rows()]
        while rows and not any(cell.text for cell in rows[-1]):
            rows.pop()
        if not rows:
            return
        first = rows[0][0]
        if first.text == FACTS:
            self.facts += self.own_facts(rows[1:])
        elif first.text == ID and len(rows[0]) > 1 and rows[0][1].text:
            self.tables.append((rows[0][1], self.table(rows)))
        else:
            self.refuse(first.span, Text(f"左上角应写“{ID}”和表的编号", f"`{ID}` and the table's id begin it"))

    def refuse(self, at: Span, why: Text) -> None:
        self.desk.report("X301", at, why=why)

    def scalar(self, number: int, cell: Any) -> Scalar:
        """A cell as text; what a spreadsheet has made a date or a broken number of is refused."""
        at = Span(self.file, number * 10**6 + cell.row, cell.column)
        value = cell.value
        if cell.data_type == "f":
            self.desk.report("X302", at, what=Text("公式", "a formula"), shown=str(value))
            return Scalar("", at)
        if isinstance(value, datetime | date | time | timedelta):
            self.desk.report("X302", at, what=Text("日期或时间", "a date or time"), shown=str(value))
            return Scalar("", at)
        if isinstance(value, float) and not value.is_integer():
            self.desk.report("X302", at, what=Text("小数或百分比", "a decimal or percentage"), shown=str(value))
            return Scalar("", at)
        if isinstance(value, bool):
            return Scalar("是" if value else "否", at)
        text = str(int(value)) if isinstance(value, float) else "" if value is None else str(value).strip()
        return Scalar(text, at)

    # Tables as the nodes a rule file would have

    def table(self, rows: list[list[Scalar]]) -> Node:
        blank = next((n for n, row in enumerate(rows) if not any(cell.text for cell in row)), len(rows))
        top = {row[0].text: row for row in rows[:blank]}
        entries: list[tuple[Scalar, Node]] = []
        for name, row in top.items():
            values = [cell for cell in row[1:] if cell.text]
            if name in _KEYS and values and name != TITLE:
                entries.append((_key(_KEYS[name], row[0]), values[0]))
            elif name == COVERS:
                listed: list[Node] = [replace(cell, text=part) for cell in values for part in cell.text.split("、")]
                entries.append((_key("covers", row[0]), yaml.Sequence(listed, row[0].span)))
            elif name not in (ID, TITLE, TITLE_EN, OUTPUT, WORDS, TITLES, *_KEYS):
                self.refuse(row[0].span, Text(f"不认识“{name}”", f"`{name}` is not known here"))
        entries += self.title(top)
        entries += self.output(top, rows[0][0])
        body = rows[blank + 1 :]
        if not body:
            self.refuse(rows[0][0].span, Text("没有列名和各行", "there are no heads and rows"))
            return yaml.Mapping(entries, rows[0][0].span)
        entries.append((_key("rows", body[0][0]), self.rows(body)))
        return yaml.Mapping(entries, rows[0][0].span)

    def title(self, top: Mapping[str, list[Scalar]]) -> Iterator[tuple[Scalar, Node]]:
        title, english = top.get(TITLE), top.get(TITLE_EN)
        if title is None:
            return
        node: Node = title[1]
        if english is not None:
            node = yaml.Mapping([(_key("zh", title[0]), title[1]), (_key("en", english[0]), english[1])], title[1].span)
        yield _key("title", title[0]), node

    def output(self, top: Mapping[str, list[Scalar]], first: Scalar) -> Iterator[tuple[Scalar, Node]]:
        kind, listed = top.get(OUTPUT), top.get(WORDS)
        if kind is None or len(kind) < 2:
            self.refuse(first.span, Text(f"没有“{OUTPUT}”一行", f"there is no line `{OUTPUT}`"))
            return
        node: Node = kind[1]
        words = self.words(listed, top.get(TITLES))
        if kind[1].text == WORDS_OUT:
            node = words or kind[1]
        elif words is not None:
            node = yaml.Mapping([(_key("type", kind[0]), kind[1]), (_key("or", kind[0]), words)], kind[0].span)
        yield _key("output", kind[0]), node

    def words(self, listed: list[Scalar] | None, titles: list[Scalar] | None) -> Node | None:
        if listed is None:
            return None
        found = [cell for cell in listed[1:] if cell.text]
        if titles is None:
            return yaml.Sequence([*found], listed[0].span)
        pairs: list[tuple[Scalar, Node]] = [(word, titles[n]) for n, word in enumerate(listed) if n and word.text]
        return yaml.Mapping(pairs, listed[0].span)

    def rows(self, body: list[list[Scalar]]) -> Node:
        heads = body[0]
        answers = [n for n, head in enumerate(heads) if head.text.startswith(_ARROWS)]
        if len(answers) != 1:
            self.refuse(
                heads[0].span, Text(f"要有一列以“{ARROW}”开头: 结果", f"one head begins with `{ARROW}`: the answer")
            )
            return yaml.Sequence([], heads[0].span)
        filled = (cells for cells in body[1:] if any(cell.text for cell in cells))
        return yaml.Sequence([self.row(heads, cells, answers[0]) for cells in filled], heads[0].span)

    def row(self, heads: list[Scalar], cells: list[Scalar], answer: int) -> Node:
        when: list[tuple[Scalar, Node]] = []
        entries: list[tuple[Scalar, Node]] = []
        rest = any(cell.text == REST for cell in cells[:answer])
        for place, (head, cell) in enumerate(zip(heads, cells, strict=True)):
            if place == answer:
                entries.append((_key("else" if rest else "then", cell), self.written(cell)))
            elif head.text in (ROW_ID, ROW_TITLE):
                if cell.text:
                    entries.append((_key("id" if head.text == ROW_ID else "title", cell), cell))
            elif not cell.text or cell.text == REST:
                continue
            elif head.text == OTHER:
                inner = self.written(cell)
                when += inner.entries if isinstance(inner, yaml.Mapping) else [(head, inner)]
            else:
                when.append((replace(head, span=cell.span), self.listed(cell)))
        if not rest:
            entries.append((_key("when", cells[0]), yaml.Mapping(when, cells[0].span)))
        return yaml.Mapping(entries, cells[0].span)

    def listed(self, cell: Scalar) -> Node:
        """`[S, A]` of words is a list; `[5..10]` is a range and stays text."""
        return self.written(cell) if cell.text.startswith("[") and ".." not in cell.text else cell

    def written(self, cell: Scalar) -> Node:
        """A cell that holds a map or list in braces, as in a rule file."""
        if cell.text[:1] not in ("{", "["):
            return cell
        node, findings = yaml.compose(cell.text, self.file)
        self.desk.add([replace(finding, at=cell.span, line="") for finding in findings])
        return cell if node is None else _placed(node, cell.span)

    def own_facts(self, rows: Iterable[list[Scalar]]) -> Iterator[tuple[Scalar, Node]]:
        for cells in rows:
            name, *said = [*cells, *[Scalar("", cells[0].span)] * 5][:5]
            if not name.text:
                continue
            keys = ("type", "title", "from", "default")
            entries = [(_key(key, cell), self.written(cell)) for key, cell in zip(keys, said, strict=True) if cell.text]
            yield name, yaml.Mapping(entries, name.span)

    # The whole

    def done(self, name: str) -> Imported:
        where = Span(self.file, 1, 1)
        names = Names()
        facts = read_facts(self.desk, yaml.Mapping(self.facts, where), names)
        heads = read_heads(self.desk, yaml.Mapping(self.tables, where), names, "")
        tables = in_evaluation_order(self.desk, read_rows(self.desk, heads, names))
        inside = [table for head in heads if (table := tables.get(head.table.id)) is not None]
        known = known_by(facts, tables)
        findings = [replace(found, at=self.cell(found.at), line="") for found in self.desk.findings]
        if not inside and not findings:
            findings = [Finding("X301", Cell(self.file, 1), {"why": Text("没有表", "there is no table")})]
        plain = name if name.isascii() and name.isidentifier() else "imported"
        try:
            text = book_text(plain, name, facts.values(), inside, known, like_written=True)
        except UnsayableError as wrong:
            why = Text(f"“{wrong.fact}”的条件写不成文字", f"the test of `{wrong.fact}` has no text")
            findings.append(Finding("X301", Cell(self.file, 1), {"why": why}))
            text = ""
        return Imported(plain, tuple(inside), tuple(facts.values()), text, tuple(in_order(findings)))

    def cell(self, at: Any) -> Any:
        """A place as people find it: the sheet and the cell."""
        if not isinstance(at, Span) or at.line < 1:
            return at
        from openpyxl.utils import get_column_letter

        number, row = divmod(at.line, 10**6)
        return Cell(self.file, row, get_column_letter(at.column), self.sheets[number] if self.sheets else "")


def _key(name: str, beside: Scalar) -> Scalar:
    return Scalar(name, beside.span)


def _placed(node: Node, at: Span) -> Node:
    """A tree that stands in one cell: all of it has the cell's place."""
    match node:
        case Scalar():
            return replace(node, span=at)
        case yaml.Sequence(items):
            return yaml.Sequence([_placed(item, at) for item in items], at, flow=True)
    return yaml.Mapping([(replace(key, span=at), _placed(value, at)) for key, value in node.entries], at, flow=True)
