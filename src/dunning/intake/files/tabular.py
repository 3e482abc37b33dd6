"""Lists in files or sheets of their own -> whole accounts, by debtor, whatever order the rows stand in.

The rows are spooled into a temporary database on disk and come back sorted by debtor and account, so that memory holds
only whose account is which, and a portfolio of any order costs the same.
"""

from __future__ import annotations

import marshal
import sqlite3
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from dunning.basis.errors import AccountError
from dunning.basis.finding import Finding, Text
from dunning.basis.span import Cell
from dunning.intake.contradictions import Path
from dunning.intake.files.cells import Fault, Row
from dunning.intake.files.layout import Layout, amounts_of, read_heads
from dunning.intake.groups import Group, Portfolio, RawGroup, group_of
from dunning.intake.headers import LISTS
from dunning.intake.records import Read, Rejected, key_of, read

_ORDER = {name: rank for rank, name in enumerate(LISTS)}  # accounts first
_SEQUENCE_BITS = 31


class Source(NamedTuple):
    """A list as it stands in a file: `rows` gives its heads, then its rows, from the start each time it is called."""

    name: str
    file: str
    sheet: str
    rows: Callable[[], Iterator[Row]]


class Spooled(NamedTuple):
    """A row on its way: its layout, its number in the file, and its cells and faults, marshalled."""

    layout: int
    number: int
    cells: bytes


class RawAccount(NamedTuple):
    """The rows of one account. `first`: the row of the list of accounts where it stands already, 0 if nowhere."""

    company: str
    id: str
    first: int
    rows: tuple[Spooled, ...]


@dataclass(frozen=True, slots=True)
class Rows(RawGroup):
    """The rows of one debtor's accounts."""

    layouts: tuple[Layout, ...]
    accounts: tuple[RawAccount, ...]

    def read(self) -> Group:
        return group_of(_Assembly(self.layouts, account).read() for account in self.accounts)


class _Assembly:
    """One account put together from its rows, and where each value of it stands."""

    def __init__(self, layouts: tuple[Layout, ...], raw: RawAccount) -> None:
        self.layouts = layouts
        self.raw = raw
        self.data: dict[str, Any] = {}
        self.rows: dict[str, list[tuple[Layout, int]]] = {}
        self.faults: list[Finding] = []
        for layout, number, cells in raw.rows:
            self._add(layouts[layout], number, cells)

    def _add(self, layout: Layout, number: int, raw: bytes) -> None:
        cells, faults = marshal.loads(raw)
        self.rows.setdefault(layout.name, []).append((layout, number))
        self.faults.extend(Finding(code, layout.at_column(number, column), args) for code, column, args in faults)
        if layout.name == "accounts":
            self.data.update(layout.record(cells))
        else:
            self.data.setdefault(layout.name, []).append({} if faults else layout.record(cells))

    def read(self) -> Read | Rejected:
        if "accounts" not in self.rows:
            return self._orphan()
        where = self._at("accounts", 0)
        if self.raw.first:
            layout = self.rows["accounts"][0][0]
            self.faults.append(Finding("A210", where, {"id": self.raw.id, "first": layout.at(self.raw.first)}))
        if not self.faults:
            return read(self.data, where=self.where)
        _, _, debtor = key_of(self.data)
        return Rejected(self.raw.company, self.raw.id, debtor, tuple(self.faults), where)

    def _orphan(self) -> Rejected:
        """Rows of an account that the list of accounts does not have."""
        name = next(iter(self.rows))
        where = self._at(name, 0)
        if not self.faults:
            count = sum(map(len, self.rows.values()))
            lists = Text("、".join(LISTS[each][0] for each in self.rows), ", ".join(self.rows))
            self.faults.append(Finding("I204", where, {"id": self.raw.id, "count": count, "lists": lists}))
        return Rejected(self.raw.company, self.raw.id, "", tuple(self.faults), where)

    def _at(self, name: str, index: int, field: str = "") -> Cell:
        layout, number = self.rows[name][index]
        return layout.at(number, field)

    def where(self, path: Path) -> Cell:
        """The cell of a value: charges[2].period[0] is the third row's column `period.since`."""
        name, *rest = path or ("",)
        if rest and isinstance(rest[0], int) and name in self.rows:
            return self._at(str(name), rest[0], _column_of(str(name), rest[1:]))
        if name == "contracts":  # the short form, in the account's own row
            return self._at("accounts", 0, ".".join(["contract", *map(str, rest[1:])]))
        return self._at("accounts", 0, ".".join(str(part) for part in path if not isinstance(part, int)))


def _column_of(name: str, fields: Sequence[str | int]) -> str:
    if not fields:
        return ""
    if fields[0] == "period" and len(fields) > 1:
        return "period.until" if fields[1] == 1 else "period.since"
    if fields[0] == "period":
        return "period.since"
    if (name, fields[0]) == ("contacts", "account"):
        return "other_account"
    return ".".join(map(str, fields[:2])) if fields[0] in ("opening", "promise") else str(fields[0])


class Tables(Portfolio):
    """A portfolio in tables. AccountError with all findings if a table's heads do not fit."""

    def __init__(self, sources: Iterable[Source], *, close: Callable[[], None] = lambda: None) -> None:
        self._close = close
        ordered = sorted(sources, key=lambda source: _ORDER[source.name])
        self._layouts = tuple(_layouts(ordered))
        self._companies: dict[str, dict[str, int]] = {}  # company -> account -> its sequence number
        self._debtors: dict[str, dict[str, int]] = {}  # company -> debtor -> group
        self._groups = 0
        self._keys = array("q")  # by sequence number: group and sequence number, what rows are sorted by
        self._first_rows = array("q")  # by sequence number: the row in the list of accounts; 0: not there
        self._again: dict[int, int] = {}  # sequence number -> the row its account stands in already
        self._by_id: dict[str, list[int]] = {}
        self._spool = sqlite3.connect("")  # a nameless database is a temporary file, gone when it is closed
        self._spool.executescript(
            "pragma journal_mode=off; pragma synchronous=off; pragma cache_size=-32768;"
            "create table row(key integer, layout integer, number integer, company text, id text, cells blob)"
        )
        try:
            for index, source in enumerate(ordered):
                spool = self._spooled_accounts if source.name == "accounts" else self._spooled_list
                self._spool.executemany("insert into row values(?,?,?,?,?,?)", spool(index, _rows_of(source)))
        except BaseException:
            self.close()
            raise
        self._by_id.clear()
        self.count = len(self._keys)

    def raw(self) -> Iterator[Rows]:
        query = "select key, layout, number, company, id, cells from row order by key, layout, number"
        for _, group in groupby(self._spool.execute(query), key=lambda row: row[0] >> _SEQUENCE_BITS):
            accounts = []
            for key, rows in groupby(group, key=lambda row: row[0]):
                spooled = list(rows)
                first = self._again.get(key & ((1 << _SEQUENCE_BITS) - 1), 0)
                company, id_ = spooled[0][3:5]
                accounts.append(
                    RawAccount(company, id_, first, tuple(Spooled(row[1], row[2], row[5]) for row in spooled))
                )
            yield Rows(self._layouts, tuple(accounts))

    def close(self) -> None:
        self._spool.close()
        self._close()

    # Spooling

    def _spooled_accounts(self, index: int, rows: Iterator[Row]) -> Iterator[tuple[Any, ...]]:
        layout = self._layouts[index]
        columns = [layout.column(field) for field in ("company", "id", "debtor.id")]
        for row in map(layout.fitted, rows):
            company, id_, debtor = (row.cells[column] if column >= 0 else "" for column in columns)
            company = company or "main"
            sequence = self._new(company, debtor or id_)
            self._first_rows[sequence] = row.number
            if id_:
                known = self._companies.setdefault(company, {}).setdefault(id_, sequence)
                if known != sequence:
                    self._again[sequence] = self._first_rows[known]
            yield self._spooled(sequence, index, row, company, id_)

    def _spooled_list(self, index: int, rows: Iterator[Row]) -> Iterator[tuple[Any, ...]]:
        layout = self._layouts[index]
        company_column, id_column = layout.column("company"), layout.column("account")
        amounts = amounts_of(layout) if layout.sheet else ()
        for row in map(layout.fitted, rows):
            if amounts:
                row = _amounts_checked(row, amounts)
            company = row.cells[company_column] if company_column >= 0 else ""
            id_ = row.cells[id_column]
            if not id_:
                row = row._replace(faults=row.faults or (Fault("I203", id_column, {}),))
            owners = self._owners(company, id_)
            if len(owners) > 1:  # whose it is cannot be told, so none of them is safe without it
                row = row._replace(faults=(*row.faults, Fault("I205", id_column, {"id": id_})))
            for sequence in owners:
                yield self._spooled(sequence, index, row, company, id_)

    def _spooled(self, sequence: int, index: int, row: Row, company: str, id_: str) -> tuple[Any, ...]:
        if row.faults:  # bytes that could not be decoded stand as lone surrogates, which no database holds
            company, id_ = (text.encode("utf-8", "replace").decode() for text in (company, id_))
        cells = marshal.dumps((row.cells, [tuple(fault) for fault in row.faults]))
        return self._keys[sequence], index, row.number, company, id_, cells

    def _new(self, company: str, debtor: str) -> int:
        """The sequence number of an account met for the first time, put into its debtor's group."""
        known = self._debtors.setdefault(company, {})
        group = known.get(debtor) if debtor else None
        if group is None:
            group = self._groups
            self._groups += 1
            if debtor:
                known[debtor] = group
        sequence = len(self._keys)
        self._keys.append(group << _SEQUENCE_BITS | sequence)
        self._first_rows.append(0)
        return sequence

    def _owners(self, company: str, id_: str) -> list[int]:
        """The accounts a row may belong to; one not met before if there is none."""
        if company or len(self._companies) == 1:
            company = company or next(iter(self._companies))
            found = self._companies.get(company, {}).get(id_)
            owners = [] if found is None else [found]
        else:
            if not self._by_id:
                for accounts in self._companies.values():
                    for known, sequence in accounts.items():
                        self._by_id.setdefault(known, []).append(sequence)
            owners = self._by_id.get(id_, [])
        if owners:
            return owners
        sequence = self._new(company, "")
        if id_:
            self._companies.setdefault(company, {})[id_] = sequence
            if self._by_id:
                self._by_id[id_] = [sequence]
        return [sequence]


def _layouts(sources: Sequence[Source]) -> list[Layout]:
    """The layout of each list; AccountError with everything wrong about any of them."""
    layouts, wrong = [], list[Finding]()
    for source in sources:
        layout, found = read_heads(source.name, source.file, source.sheet, next(source.rows(), None))
        wrong.extend(found)
        if layout is not None:
            layouts.append(layout)
    if wrong:
        raise AccountError(wrong)
    return layouts


def _rows_of(source: Source) -> Iterator[Row]:
    rows = source.rows()
    next(rows)
    return rows


def _amounts_checked(row: Row, amounts: Sequence[int]) -> Row:
    """Excel shows 530.75 for 530.7499999999999; the cell is refused, for the fen would come from the format."""
    for column in amounts:
        cell = row.cells[column]
        whole, _, decimals = cell.partition(".")
        if len(decimals) > 2 and decimals[2:].strip("0") and whole.isdigit() and decimals.isdigit():
            return row._replace(faults=(*row.faults, Fault("I209", column, {"value": cell})))
    return row
