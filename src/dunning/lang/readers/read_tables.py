"""Decision tables: rows or a grid, to typed rows, in the order they can be evaluated in.

Outputs are read before any row, so that a row may test a table that stands further down.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from heapq import heappop, heappush

from dunning.basis.finding import Text
from dunning.basis.span import Span
from dunning.engine.known.catalogue import CATALOGUE
from dunning.lang.readers.read_answers import read_answer, read_output, type_of
from dunning.lang.readers.read_when import ACCOUNT, CHARGE, Name, Names, Scope, check, find_fact, read_when
from dunning.lang.text import positions as yaml
from dunning.lang.text.keys import english
from dunning.lang.text.names import did_you_mean
from dunning.lang.text.positions import Node, Scalar
from dunning.lang.words import words
from dunning.lang.words.desk import Desk, Fields
from dunning.lang.words.grids import GridCell, read_grid
from dunning.model.condition import ALWAYS, All, Condition, facts_of
from dunning.model.rulebook import Answer, Dated, Output, Row, Table

TABLE = ("title", "of", "output", "hit", "source", "covers", "grid", "rows")
ROW = ("id", "title", "when", "then", "else")

_NUMBERS = ("integer", "percent", "money")
_SUMS = ("sum", "min", "max")


# What a base brings


def take_tables(desk: Desk, node: Node | None, taken: Mapping[str, Table], has_base: bool) -> Node | None:
    """The file's own tables, once every `use` has been looked up: `use: NAME`, `use: [NAMES]`, or `NAME: {use: NAME}`.

    A base's tables come along by themselves; `use` says so aloud, and fails where there is no such table.
    """
    if not isinstance(node, yaml.Mapping):
        return node
    own: list[tuple[Scalar, Node]] = []
    for key, value in node.entries:
        used = _used(key, value)
        if used is None:
            own.append((key, value))
            continue
        for name in (key, *_keys_of(value)):
            if english(name.text)[0] == "use":
                desk.take(name)
        for item in used:
            if not has_base:
                desk.report("R307", item.span, name=item.text)
            elif item.text not in taken:
                guess = desk.nearest(item.text, taken)
                hint = did_you_mean(guess)
                desk.report("N203", item.span, name=item.text, hint=hint, fix=guess or "")
    return yaml.Mapping(own, node.span, node.flow)


def _used(key: Scalar, value: Node) -> list[Scalar] | None:
    """The names an entry takes from the base; None if it is a table of its own."""
    if english(key.text)[0] == "use":
        nodes = value.items if isinstance(value, yaml.Sequence) else [value]
        return [item for item in nodes if isinstance(item, Scalar)]
    if isinstance(value, yaml.Mapping) and len(value.entries) == 1:
        inner, said = value.entries[0]
        if english(inner.text)[0] == "use" and isinstance(said, Scalar):
            return [said]
    return None


def _keys_of(node: Node) -> list[Scalar]:
    return [key for key, _ in node.entries] if isinstance(node, yaml.Mapping) else []


# Outputs


@dataclass(slots=True)
class Head:
    """A table before its rows are read."""

    key: Scalar
    fields: Fields
    table: Table


def read_heads(desk: Desk, node: Node | None, names: Names, pack: str) -> list[Head]:
    """The tables' titles, outputs and policies; each becomes a name for conditions."""
    heads: list[Head] = []
    if node is None:
        return heads
    for key, value in desk.named(node, Text("“表”一段", "`tables`")):
        if key.text in CATALOGUE or (names.get(key.text) and names.own[key.text].kind == "own"):
            title = names.get(key.text).title  # type: ignore[union-attr]  # it is one of them
            desk.report("R201", key.span, name=key.text, title=title)
            continue
        head = _read_head(desk, key, value, pack)
        if head is not None:
            heads.append(head)
            add_table(names, head.table)
    return heads


def add_table(names: Names, table: Table) -> None:
    """Lets conditions speak of a table."""
    names.add(Name(table.id, type_of(table.output, table.hit), table.title, table.of, "table"))


def _read_head(desk: Desk, key: Scalar, node: Node, pack: str) -> Head | None:
    what = Text(f"表“{key.text}”", f"the table `{key.text}`")
    fields = desk.open(node, TABLE, what, ("output",))
    output = read_output(desk, fields)
    if output is None:
        return None
    hit = fields.word("hit", words.HITS, "unique")
    if hit in _SUMS and output.kind not in _NUMBERS:
        desk.report("R204", fields.at("hit"), hit=words.HITS[hit], table=key.text)
    if hit == "collect" and output.kind not in ("choice", "role"):
        desk.report("R205", fields.at("hit"), table=key.text)
    if hit == "priority" and output.kind not in ("choice", "role"):
        desk.report("R205", fields.at("hit"), table=key.text)
    table = Table(
        id=key.text,
        title=fields.title(default=key.text),
        output=output,
        rows=(),
        hit=hit,
        of=fields.word("of", words.OF, "account"),
        source=fields.text("source"),
        covers=fields.texts("covers"),
        at=key.span,
        pack=pack,
    )
    return Head(key, fields, table)


# Rows


def read_rows(desk: Desk, heads: Iterable[Head], names: Names) -> dict[str, Table]:
    """The tables with their rows, by id, as they stand in the file."""
    return {head.table.id: replace(head.table, rows=tuple(_read_table(desk, head, names))) for head in heads}


def _read_table(desk: Desk, head: Head, names: Names) -> list[Row]:
    grid, rows = head.fields.node("grid"), head.fields.node("rows")
    if (grid is None) == (rows is None):
        desk.report("R210", head.key.span, table=head.table.id)
    scope = CHARGE if head.table.of == "charge" else ACCOUNT
    if rows is not None:
        items = desk.items(rows, Text("“行”", "`rows`"))
        if isinstance(rows, yaml.Sequence) and not items:
            desk.report("R115", head.fields.key_at("rows"), what=Text("“行”", "`rows`"))
        read = [_read_row(desk, item, number, head.table.output, names, scope) for number, item in enumerate(items, 1)]
    else:
        read = _read_grid(desk, grid, head.table.output, names, scope) if grid is not None else []
    found = [row for row in read if row is not None]
    _check_rows(desk, found)
    return found


def _check_rows(desk: Desk, rows: list[Row]) -> None:
    """At most one row for the rest; no id twice."""
    rest = [row for row in rows if row.otherwise]
    for row in rest[1:]:
        first = rest[0].at
        assert row.at is not None
        assert first is not None
        desk.report("R211", row.at, line=first.line, related=((first, Text("另一行", "the other row")),))
    seen: dict[str, Row] = {}
    for row in rows:
        first_row = seen.setdefault(row.id, row) if row.id else row
        if first_row is not row and row.at is not None and first_row.at is not None:
            desk.report("R107", row.at, name=row.id, line=first_row.at.line)


def _read_row(desk: Desk, node: Node, number: int, output: Output, names: Names, scope: Scope) -> Row | None:
    what = Text(f"第{number}行", f"row {number}")
    fields = desk.open(node, ROW, what)
    if not fields.entries:
        return None
    rest = "else" in fields
    for key in ("when", "then") if rest else ():
        if key in fields:
            desk.report("R212", fields.key_at(key), key=desk.spelling(key), rest=desk.spelling("else"))
    then = fields.node("else" if rest else "then")
    if then is None:
        desk.report("R102", node.span, what=what, key=desk.spelling("then"))
    if not rest and "when" not in fields:
        desk.report("R213", node.span, number=number)
    when = ALWAYS if rest else read_when(desk, fields.node("when"), names, scope)
    dated: Dated[Answer] | None = None
    if then is not None:
        dated = desk.dated(then, lambda value: _answer_of(desk, value, output), what)
    if dated is None:
        return None
    return Row(
        number=number,
        when=when,
        then=dated,
        id=fields.text("id"),
        title=fields.text("title"),
        at=node.span,
        otherwise=rest,
    )


def _answer_of(desk: Desk, node: Node, output: Output) -> Answer | None:
    text = desk.text(node, Text("结果", "the answer"))
    return None if text is None else read_answer(desk, text, node.span, output)


# Grids


@dataclass(slots=True)
class _Columns:
    """What each column of a grid says."""

    facts: dict[int, Name]
    then: int
    title: int | None = None
    id: int | None = None


_TITLES = ("说明", "标题", "title", "note")
_IDS = ("编号", "id")
_REST = ("否则", "else", "其余")


def _read_grid(desk: Desk, node: Node, output: Output, names: Names, scope: Scope) -> list[Row | None]:
    grid = read_grid(node) if isinstance(node, Scalar) else None
    if grid is None:
        desk.report("R215", node.span)
        return []
    columns = _columns(desk, grid.heads, names, scope)
    if columns is None:
        return []
    return [
        _grid_row(desk, cells, number, len(grid.heads), columns, output) for number, cells in enumerate(grid.rows, 1)
    ]


def _columns(desk: Desk, heads: tuple[GridCell, ...], names: Names, scope: Scope) -> _Columns | None:
    facts: dict[int, Name] = {}
    seen: dict[str, GridCell] = {}
    answer = [index for index, head in enumerate(heads) if head.text.startswith(("=>", "→", "⇒"))]
    if len(answer) != 1:
        desk.report("R216", heads[0].at)
        return None
    columns = _Columns(facts, answer[0])
    for index, head in enumerate(heads):
        if index == columns.then:
            continue
        if head.text in _TITLES:
            columns.title = index
        elif head.text in _IDS:
            columns.id = index
        elif not head.text:
            desk.report("R217", head.at, column=index + 1)
        elif (name := find_fact(desk, head.text, head.at, names, scope)) is not None:
            if name.id in seen:
                desk.report("R203", head.at, word=head.text, what=Text("表头", "the heads"))
            seen[name.id] = head
            facts[index] = name
    return columns


def _grid_row(
    desk: Desk, cells: tuple[GridCell, ...], number: int, width: int, columns: _Columns, output: Output
) -> Row | None:
    """One line of a grid. Cells missing after the answer are empty; more than the heads, or too few, are noted."""
    if len(cells) <= columns.then or any(cell.text for cell in cells[width:]):
        desk.report("R218", cells[0].at, number=number, cells=len(cells), heads=width)
        return None
    rest = [cells[index] for index in columns.facts if cells[index].text in _REST]
    filled = [(name, cells[index]) for index, name in columns.facts.items() if cells[index].text and not rest]
    parts: list[Condition] = []
    for name, cell in filled:
        part = check(desk, name, Scalar(cell.text, cell.at))
        if part is not None:
            parts.append(part)
    then = cells[columns.then]
    if not then.text:
        desk.report("R219", then.at, number=number)
        return None
    answer = read_answer(desk, then.text, then.at, output)
    if answer is None:
        return None
    return Row(
        number=number,
        when=parts[0] if len(parts) == 1 else All(tuple(parts)),
        then=Dated.always(answer),
        id=_cell(cells, columns.id),
        title=_cell(cells, columns.title),
        at=_whole_row(cells),
        otherwise=bool(rest),
    )


def _whole_row(cells: tuple[GridCell, ...]) -> Span:
    """From the first column to the end of the last cell with text."""
    last = max((cell.at.end for cell in cells if cell.text), default=cells[0].at.end)
    return replace(cells[0].at, end=last)


def _cell(cells: tuple[GridCell, ...], index: int | None) -> str:
    return cells[index].text if index is not None and index < len(cells) else ""


# Order


def in_evaluation_order(desk: Desk, tables: Mapping[str, Table]) -> dict[str, Table]:
    """The tables with each after those it reads, otherwise as they stand. A circle is noted with its path."""
    places = {name: index for index, name in enumerate(tables)}
    names = list(tables)
    sorter: TopologicalSorter[str] = TopologicalSorter({name: _reads(table, tables) for name, table in tables.items()})
    ordered: dict[str, Table] = {}
    ready: list[int] = []
    try:
        sorter.prepare()
    except CycleError as circle:
        path: list[str] = circle.args[1][::-1]
        first = tables[path[0]]
        others = tuple(
            (at, Text(f"“{name}”在这里", f"`{name}` is here")) for name in path[1:-1] if (at := tables[name].at)
        )
        if first.at is not None:
            desk.report("R220", first.at, path=" → ".join(path), related=others)
        return dict(tables)
    while sorter.is_active():
        for name in sorter.get_ready():
            heappush(ready, places[name])
        first_ready = names[heappop(ready)]
        ordered[first_ready] = tables[first_ready]
        sorter.done(first_ready)
    return ordered


def _reads(table: Table, tables: Mapping[str, Table]) -> list[str]:
    facts = (fact for row in table.rows for fact in facts_of(row.when))
    bare = (fact.removeprefix("worst(").removesuffix(")") for fact in facts)
    return [name for name in dict.fromkeys(bare) if name in tables]
