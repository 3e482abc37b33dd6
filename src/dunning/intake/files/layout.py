"""Which column of a file is which field, and a row of it as the record JSON would give.

Heads are settled once a file, before the first row: a column that is not known would lose its data for every household.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell
from dunning.intake.files.cells import Convert, Fault, Row, attribute, place, reader, unknowns
from dunning.intake.headers import FIELDS, LISTS, PERSONAL, Amount, by_head, columns, plain, without_none
from dunning.lang.text.names import did_you_mean, nearest

ATTRIBUTES = "attributes."
_OWN_READER: dict[tuple[str, str], Convert] = {("accounts", "place"): place, ("accounts", "unknown"): unknowns}
_ROW_KEYS = {"company", "account"}


@dataclass(frozen=True, slots=True)
class Layout:
    """A file or sheet of one list. `fields`: the field of each column, empty for a column without a head."""

    name: str
    file: str
    sheet: str
    heads: tuple[str, ...]
    fields: tuple[str, ...]

    def at(self, row: int, field: str = "") -> Cell:
        """The place of a field in a row, by the head that stands in the file."""
        head = self.heads[self.fields.index(field)] if field in self.fields else ""
        return Cell(self.file, row, head, self.sheet)

    def at_column(self, row: int, column: int) -> Cell:
        return Cell(self.file, row, self.heads[column] if 0 <= column < len(self.heads) else "", self.sheet)

    def column(self, field: str) -> int:
        """Where a field stands; -1 if it has no column."""
        return self.fields.index(field) if field in self.fields else -1

    def fitted(self, row: Row) -> Row:
        """A row with a cell for each head; a fault where more cells hold something than there are heads."""
        cells, width = row.cells, len(self.heads)
        if len(cells) < width:
            return row._replace(cells=cells + [""] * (width - len(cells)))
        beyond = [index for index in range(width, len(cells)) if cells[index]]
        faults = row.faults
        if beyond and not faults:
            faults = (Fault("I111", beyond[0], {"place": beyond[0] + 1, "value": cells[beyond[0]][:40]}),)
        return Row(row.number, cells[:width], faults)

    def record(self, cells: Sequence[str]) -> dict[str, Any]:
        """The row as JSON would have it: empty cells are absent, and so is the key of the row (company, account)."""
        plan = _plan(self.name, self.fields)
        record: dict[str, Any] = {
            field: cell for field, cell in zip(plan.fields, cells, strict=False) if cell and field
        }
        for field, convert in plan.converts:
            if field in record:
                record[field] = convert(record[field])
        for field, outer, inner in plan.nested:
            if field in record:
                record.setdefault(outer, {})[inner] = record.pop(field)
        if "period" in record:
            record["period"] = list(record["period"].values())
        return record


class _Plan(NamedTuple):
    """How a row becomes a record, worked out once a layout."""

    fields: tuple[str, ...]
    converts: tuple[tuple[str, Convert], ...]
    nested: tuple[tuple[str, str, str], ...]


@lru_cache(256)
def _plan(name: str, fields: tuple[str, ...]) -> _Plan:
    of_field = {column.field: column for column in columns(name)}
    kept, converts, nested = [], [], []
    for field in fields:
        own = "" if name != "accounts" and field in _ROW_KEYS else "account" if field == "other_account" else field
        kept.append(own)
        if field.startswith(ATTRIBUTES):
            convert: Convert | None = attribute
        else:
            convert = _OWN_READER.get((name, field)) or (reader(of_field[field].hint) if field else None)
        if own and convert is not None:
            converts.append((own, convert))
        outer, dot, inner = own.partition(".")
        if dot:
            nested.append((own, outer, inner))
    # A period's first day is its first: {since, until} keeps this order, whatever the order of the columns.
    nested.sort(key=lambda each: each[2] if each[1] == "period" else "")
    return _Plan(tuple(kept), tuple(converts), tuple(nested))


def amounts_of(layout: Layout) -> tuple[int, ...]:
    """The columns that hold amounts."""
    money = {column.field for column in columns(layout.name) if without_none(column.hint) is Amount}
    return tuple(index for index, field in enumerate(layout.fields) if field in money)


# Heads


def read_heads(name: str, file: str, sheet: str, heads: Row | None) -> tuple[Layout | None, list[Finding]]:
    """The layout of a list from its heads, or everything that is wrong with them."""
    at = Cell(file, heads.number if heads else 1, "", sheet)
    if heads is None:
        return None, [Finding("I102", at)]
    if heads.faults:
        return None, [Finding(fault.code, at, fault.args) for fault in heads.faults]
    written = list(heads.cells)
    while written and not written[-1]:
        written.pop()
    if len(written) == 1 and (what := _other_separator(written[0])):
        return None, [Finding("I110", at, {"what": what})]
    found: list[Finding] = []
    fields: list[str] = []
    for head in written:
        here = Cell(file, at.row, head, sheet)
        field = _field_of(name, head)
        if head and not field:
            found.append(_unknown_head(name, head, here))
        elif field and field in fields:
            other = written[fields.index(field)]
            found.append(Finding("I105", here, {"name": head, "other": other, "field": field}))
        fields.append(field)
    key = "id" if name == "accounts" else "account"
    if key not in fields and not any(finding.code == "I103" for finding in found):
        args = {"list": _called(name), "name": key, "label": FIELDS["accounts"]["id"][0]}
        found.append(Finding("I106", at, args))
    return (None if found else Layout(name, file, sheet, tuple(written), tuple(fields))), found


def _field_of(name: str, head: str) -> str:
    plainly = plain(head)
    column = by_head(name).get(plainly.lower()) or by_head(name).get(head.lower())
    if column is not None:
        return column.field
    if name == "accounts":
        for prefix in (ATTRIBUTES, f"{FIELDS['accounts']['attributes'][0]}."):
            if plainly.startswith(prefix) and len(plainly) > len(prefix):
                return ATTRIBUTES + plainly.removeprefix(prefix)
    return ""


def _unknown_head(name: str, head: str, at: Cell) -> Finding:
    if plain(head).lower() in PERSONAL:
        return Finding("I104", at, {"name": head})
    return Finding(
        "I103", at, {"list": _called(name), "name": head, "near": did_you_mean(nearest(plain(head), by_head(name)))}
    )


def _other_separator(head: str) -> Text | None:
    for char, what in (
        ("\t", Text("制表符", "tabs")),
        (";", Text("分号", "semicolons")),
        ("，", Text("全角逗号", "full-width commas")),
    ):
        if char in head:
            return what
    return None


def _called(name: str) -> Text:
    return Text(LISTS[name][0], name)
