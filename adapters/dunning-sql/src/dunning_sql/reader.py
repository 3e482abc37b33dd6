"""Accounts out of a relational schema: a page of accounts in the order of their debtors, then the lists of that page.

One snapshot and one connection, whatever the size: the accounts come in keyset pages, and what belongs to a few hundred
of them is fetched by their keys, so that memory holds one page and the ERP's own indexes do the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby, islice, product
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dunning import Finding, Read, Rejected, read
from dunning.adapter import AdapterError, Gone, Source
from dunning.adapter.documents import Text
from dunning_sql.convert import Path, Raw, Shape, Unfit, plain
from dunning_sql.database import after, keyed, named, now, query
from dunning_sql.mapping import Section, SqlMapping
from dunning_sql.tables import Tables

T = TypeVar("T")
At = tuple[str, str]
"""(company, id) of an account."""

Records = Mapping[str, Sequence[Mapping[str, Any]]]
"""Lists of records by their names."""

Kept = Callable[[Sequence[At]], Mapping[At, Records]]
"""What is kept elsewhere about accounts and belongs to them as well: our own store."""

PAGE = 10_000  # accounts in a page: what lies in memory, and how often an unindexed order is sorted anew
CHUNK = 400  # accounts whose lists are fetched together
KEPT_IN = "dunning"  # the table findings name for what our own store keeps


class Row(NamedTuple):
    """An account's row: its cells, the record made of them, and what of it cannot be read."""

    cells: Sequence[Raw]
    record: dict[str, Any]
    unfit: list[Unfit]

    @property
    def at(self) -> At:
        return self.record.get("company") or "main", self.record.get("id") or ""

    @property
    def debtor(self) -> tuple[str, str]:
        company, id_ = self.at
        return company, self.record.get("debtor", {}).get("id") or id_


@dataclass(slots=True)
class Filled:
    """An account with its lists, on the way to being read. `own` counts the records of each list the ERP gave."""

    row: Row
    data: dict[str, Any]
    unfit: list[Finding]
    own: dict[str, int] = field(default_factory=dict)


class Reader:
    """Reads accounts within one snapshot. `kept` adds what our own store has.

    The data are as of now by the database's clock, unless the mapping has a column that knows better.
    """

    def __init__(
        self, connection: Connection, mapping: SqlMapping, *, kept: Kept = lambda _: {}, page: int = PAGE
    ) -> None:
        self.page = page
        self.chunk = min(page, CHUNK)
        self.connection = connection
        self.mapping = mapping
        self.kept = kept
        self.tables = Tables(connection)
        self.shapes = {name: Shape(section, mapping) for name, section in mapping.sections.items()}
        self.accounts = mapping.accounts
        self.shape = self.shapes["accounts"]
        self.as_of = now(connection)
        self.asked_now = self.accounts.value("data_as_of") is None

    # Which accounts

    def everything(self) -> Iterator[Read | Rejected | Gone]:
        """Every account, all of a debtor together, in an order that depends on nothing but the ids."""
        return self._given(self._in_order(self._pages()))

    def of(self, ids: Iterable[At]) -> Iterator[Read | Rejected | Gone]:
        """The accounts of these ids and the others of their debtors; Gone for an id that names none."""
        wanted = list(dict.fromkeys(ids))
        rows = [row for row in self._rows_by_id(wanted) if row.at in set(wanted)]
        yield from self._given(self._of_debtors_of(rows))
        found = {row.at for row in rows}
        missing = [at for at in wanted if at not in found]
        why = {row.at: self._gone(row) for row in self._rows_by_id(missing, filtered=False)} if missing else {}
        for company, id_ in missing:
            yield why.get((company, id_)) or Gone(company, id_, "deleted")

    def of_keys(self, keys: Iterable[tuple[Raw, ...]], ids: Iterable[At] = ()) -> Iterator[Read | Rejected | Gone]:
        """All accounts of every debtor whom one of these keys or ids belongs to; Gone for those filtered out."""
        rows: list[Row] = []
        gone: list[Gone] = []
        for chunk in chunks(keys, self.chunk):
            here = self._rows_by_key(chunk)
            rows += here
            if self.accounts.where:
                there = {row.at for row in here}
                lost = (row for row in self._rows_by_key(chunk, filtered=False) if row.at not in there)
                gone += [self._gone(row) or Gone(*row.at, "deleted") for row in lost]
        rows += self._rows_by_id(list(ids))
        yield from self._given(self._of_debtors_of(rows))
        yield from gone

    # Rows of accounts

    def _pages(self) -> Iterator[Row]:
        """Every row by (company, debtor, key), in keyset pages. Null sorts differently everywhere: it has its own."""
        order = self._order()
        nullable = [name for name in order if self.tables.may_be_null(self.accounts, name)]
        for nulls in product((True, False), repeat=len(nullable)):
            absent = {name for name, null in zip(nullable, nulls, strict=True) if null}
            narrowed = query(self.accounts, self.mapping.parameters)
            for name, column in zip(nullable, named(nullable), strict=True):
                narrowed = narrowed.where(column.is_(None) if name in absent else column.is_not(None))
            present = [name for name in (*order, *self.accounts.key) if name not in absent]
            yield from self._keyset(narrowed, list(dict.fromkeys(present)))

    def _keyset(self, narrowed: sa.Select[Any], order: list[str]) -> Iterator[Row]:
        columns = named(order)
        at = [self.shape.columns.index(name) for name in order]
        last: list[Raw] | None = None
        while True:
            asked = narrowed if last is None else narrowed.where(after(columns, last))
            page = self.connection.execute(asked.order_by(*columns).limit(self.page)).fetchall()
            whole = page
            if len(page) == self.page:  # rows alike in all of the order might go on beyond the page
                end = loose(plain(page[-1][index]) for index in at)
                whole = page[: next(n for n in range(self.page, -1, -1) if not n or _differs(page[n - 1], at, end))]
                if not whole:
                    raise AdapterError(_all_alike(self.accounts, order, self.page))
            yield from map(self._row, whole)
            if len(page) < self.page:
                return
            last = [whole[-1][index] for index in at]

    def _order(self) -> list[str]:
        """The columns that tell debtors apart."""
        values = filter(None, (self.accounts.value("company"), self.accounts.value("debtor.id")))
        return list(dict.fromkeys(column for value in values for column in value.columns))

    def _row(self, cells: Sequence[Raw]) -> Row:
        record, unfit = self.shape.record(cells)
        if self.asked_now:
            record["data_as_of"] = self.as_of
        return Row(cells, record, unfit)

    def _in_order(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Rows as the database orders them, put right where it takes `a7` and `A7` for one and they are two people."""
        for _, alike in groupby(rows, key=lambda row: loose(row.debtor)):
            yield from sorted(alike, key=lambda row: (row.debtor, row.at))

    def _of_debtors_of(self, rows: Iterable[Row]) -> Iterator[Row]:
        """All rows of everyone whose rows these are, by (company, debtor)."""
        order = self._order()
        at = [self.shape.columns.index(name) for name in order]
        people = {row.debtor: row for row in rows}
        for chunk in chunks(sorted(people), self.chunk):
            known = [people[debtor] for debtor in chunk]
            cells = [[row.cells[index] for index in at] for row in known]
            found = [row for row, names in zip(known, cells, strict=True) if not names or None in names]
            ask = [names for names in cells if names and None not in names]
            if ask:
                found += self._rows(query(self.accounts, self.mapping.parameters).where(keyed(named(order), ask)))
            wanted = set(chunk)
            yield from sorted((row for row in found if row.debtor in wanted), key=lambda row: (row.debtor, row.at))

    def _rows(self, asked: sa.Select[Any]) -> list[Row]:
        return [self._row(cells) for cells in self.connection.execute(asked)]

    def _rows_by_key(self, keys: Sequence[tuple[Raw, ...]], *, filtered: bool = True) -> list[Row]:
        names = self.accounts.key
        fitting = self.tables.fitting(self.accounts, names, keys)
        asked = query(self.accounts, self.mapping.parameters, filtered=filtered)
        return self._rows(asked.where(keyed(named(names), fitting))) if fitting else []

    def _rows_by_id(self, ids: Sequence[At], *, filtered: bool = True) -> list[Row]:
        """Rows of these ids; an id of several columns is taken apart in every way it could have been put together."""
        value = self.accounts.value("id")
        assert value is not None
        found = []
        for chunk in chunks(ids, self.chunk):
            parts = [split for _, id_ in chunk for split in _splits(id_, value.join, len(value.columns))]
            fitting = self.tables.fitting(self.accounts, value.columns, parts)
            if fitting:
                asked = query(self.accounts, self.mapping.parameters, filtered=filtered)
                these = asked.where(keyed(named(value.columns), fitting))
                found += [row for row in self._rows(these) if row.at in set(chunk)]
        return found

    def _gone(self, row: Row) -> Gone | None:
        because: Any = self.shape.gone_because(row.cells)
        if because is None:
            return None
        into = plain(row.cells[self.shape.into_at]) if self.shape.into_at >= 0 else ""
        return Gone(*row.at, because, into or None)

    # With their lists

    def _given(self, rows: Iterable[Row]) -> Iterator[Read | Rejected | Gone]:
        """Each account in its turn, read with its lists."""
        for chunk in chunks(rows, self.chunk):
            twice = self._twice(chunk)
            gone = [self._gone(row) for row in chunk]
            filled = [Filled(row, dict(row.record), self._unfit(row)) for row in chunk]
            self._fill([each for each, lost in zip(filled, gone, strict=True) if lost is None])
            for each, lost in zip(filled, gone, strict=True):
                if lost is None and each.row.at in twice:
                    each.unfit.append(Finding("P305", self._source(each.row), {"id": each.row.at[1]}))
                yield self._read(each) if lost is None else lost

    def _unfit(self, row: Row) -> list[Finding]:
        return [unfit.finding(self.accounts.title, "/".join(self.shape.key(row.cells))) for unfit in row.unfit]

    def _source(self, row: Row, column: str = "") -> Source:
        return Source(self.accounts.title, "/".join(self.shape.key(row.cells)), column)

    def _twice(self, rows: Sequence[Row]) -> set[At]:
        """Which of these ids stand in several rows: whose their charges are, nobody could tell."""
        values = filter(None, (self.accounts.value("company"), self.accounts.value("id")))
        names = list(dict.fromkeys(column for value in values for column in value.columns))
        if self.accounts.table and self.tables.unique(self.accounts.table, names):
            return set()
        at = [self.shape.columns.index(name) for name in names]
        columns = named(names)
        keys = [[row.cells[index] for index in at] for row in rows]
        these = query(self.accounts, self.mapping.parameters).where(keyed(columns, keys))
        many = these.with_only_columns(*columns).group_by(*columns).having(sa.func.count() > 1)
        twice = {tuple(map(plain, row)) for row in self.connection.execute(many)}
        return {row.at for row, key in zip(rows, keys, strict=True) if tuple(map(plain, key)) in twice}

    def _fill(self, accounts: Sequence[Filled]) -> None:
        """Puts the lists into the accounts' data, each in the order of its ids, then what our store keeps."""
        by_key = {self.shape.key(each.row.cells): each for each in accounts}
        loosely = {loose(key): each for key, each in by_key.items()}
        for name in self.mapping.sections:
            if name != "accounts" and "." not in name:
                self._fill_list(name, by_key, loosely)
        kept = self.kept([each.row.at for each in accounts])
        for each in accounts:
            for name, records in kept.get(each.row.at, {}).items():
                mine = each.data.setdefault(name, [])
                each.own[name] = len(mine)
                known = {record.get("id") for record in mine} | {
                    record.get("key") for record in mine if "key" in record
                }
                mine += [record for record in records if record.get("id") not in known]

    def _fill_list(
        self, name: str, by_key: Mapping[tuple[str, ...], Filled], loosely: Mapping[tuple[str, ...], Filled]
    ) -> None:
        section, shape = self.mapping.sections[name], self.shapes[name]
        keys = [tuple(each.row.cells[index] for index in self.shape.key_at) for each in by_key.values()]
        rows = self._rows_of(section, keys)
        inner = self._inner_rows(section, shape, rows) if any(self.mapping.inner(name)) else {}
        for row in rows:
            key = shape.key(row)
            owner = by_key.get(key) or loosely.get(loose(key))
            if owner is None:  # the database took it for one of ours by rules of its own: never lose it silently
                raise AdapterError(_whose(section, key))
            record, unfit = shape.record(row)
            own = str(record.get("id", ""))
            owner.unfit += [each.finding(section.title, own or "/".join(key)) for each in unfit]
            for field_, found, wrong in inner.get(own, ()):
                record.setdefault(field_, []).append(found)
                owner.unfit += wrong
            owner.data.setdefault(name, []).append(record)
        for each in by_key.values():
            if len(each.data.get(name, ())) > 1:
                each.data[name].sort(key=_by_id)
                if name == "late_fees":
                    each.data[name] = netted(each.data[name])

    def _rows_of(self, section: Section, keys: Sequence[tuple[Raw, ...]]) -> Sequence[Sequence[Raw]]:
        fitting = self.tables.fitting(section, section.key, keys)
        if not fitting:
            return ()
        these = keyed(named(section.key), fitting)
        return self.connection.execute(query(section, self.mapping.parameters).where(these)).fetchall()

    def _inner_rows(
        self, section: Section, shape: Shape, rows: Sequence[Sequence[Raw]]
    ) -> Mapping[str, list[tuple[str, dict[str, Any], list[Finding]]]]:
        """The records inside the records of a list, by the id of the outer one: (field, record, what is wrong)."""
        value = section.value("id")
        assert value is not None
        at = [shape.columns.index(name) for name in value.columns]
        keys = [tuple(row[index] for index in at) for row in rows]
        found: dict[str, list[tuple[str, dict[str, Any], list[Finding]]]] = {}
        for inner in self.mapping.inner(section.name):
            form = self.shapes[inner.name]
            for chunk in chunks(keys, self.chunk):
                for row in sorted(self._rows_of(inner, chunk), key=lambda row: [plain(cell) for cell in row]):
                    key = value.join.join(form.key(row))
                    record, unfit = form.record(row)
                    wrong = [each.finding(inner.title, key) for each in unfit]
                    found.setdefault(key, []).append((inner.name.partition(".")[2], record, wrong))
        return found

    # Read

    def _read(self, each: Filled) -> Read | Rejected:
        found = read(each.data, where=lambda path: self._locate(each, path))
        if not each.unfit:
            return found
        company, id_ = each.row.at
        told = {finding.at for finding in each.unfit}
        others = found.findings if isinstance(found, Rejected) else ()
        findings = (*each.unfit, *(other for other in others if other.at not in told))
        return Rejected(company, id_, each.row.debtor[1], findings, self._source(each.row))

    def _locate(self, each: Filled, path: Path) -> Source:
        """The ERP's own table, row and column for a value of the account."""
        name = str(path[0]) if path else ""
        place = path[1] if len(path) > 1 else None
        if name in each.data and isinstance(place, int) and isinstance(each.data[name], list):
            record = each.data[name][place]
            key = str(record.get("id", f"#{place + 1}"))
            if name not in self.shapes or place >= each.own.get(name, place + 1):
                return Source(f"{KEPT_IN}.{name}", key, ".".join(str(part) for part in path[2:]))
            inner = f"{name}.{path[2]}" if len(path) > 3 else ""
            shape = self.shapes.get(inner) or self.shapes[name]
            return Source(shape.section.title, key, shape.column(path[4:] if inner in self.shapes else path[2:]))
        outer = ("contract", *path[2:]) if name == "contracts" else path
        return self._source(each.row, self.shape.column(outer))


def loose(texts: Iterable[str]) -> tuple[str, ...]:
    """Texts as a database that does not mind case takes them."""
    return tuple(text.casefold() for text in texts)


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Items in lists of a size, the last one shorter."""
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk


def _differs(row: Sequence[Raw], at: Sequence[int], end: tuple[str, ...]) -> bool:
    return loose(plain(row[index]) for index in at) != end


def _splits(text: str, by: str, parts: int) -> Iterator[tuple[str, ...]]:
    """Every way a text may have been joined of so many parts, which may hold the sign themselves."""
    if parts == 1:
        yield (text,)
        return
    place = text.find(by)
    while place >= 0:
        for rest in _splits(text[place + len(by) :], by, parts - 1):
            yield text[:place], *rest
        place = text.find(by, place + 1)


def _by_id(record: Mapping[str, Any]) -> tuple[str, str]:
    return (str(record["id"]), "") if "id" in record else ("", repr(record))


def netted(fees: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Late fees with their corrections, which ERPs book below zero: those of a charge as one row.

    It is their sum, on the day of the last one, with the last of the keys that came from us.
    """
    if all(fee.get("amount", 0) >= 0 for fee in fees):
        return fees
    by_charge: dict[object, list[dict[str, Any]]] = {}
    for fee in sorted(fees, key=lambda fee: (fee.get("on") or date.min, _by_id(fee))):
        by_charge.setdefault(fee.get("charge"), []).append(fee)
    keys = [[fee["key"] for fee in rows if "key" in fee] for rows in by_charge.values()]
    sums = [{**rows[-1], "amount": sum(fee.get("amount", 0) for fee in rows)} for rows in by_charge.values()]
    return [fee | ({"key": known[-1]} if known else {}) for fee, known in zip(sums, keys, strict=True)]


def _all_alike(section: Section, order: Sequence[str], page: int) -> Text:
    named = ", ".join(order)
    return Text(
        f"{section.title} 里有 {page} 行以上 ({named}) 全都相同; key 要写能分清每一行的列",
        f"more than {page} rows of {section.title} have the same ({named}); let `key` tell them apart",
    )


def _whose(section: Section, key: Sequence[str]) -> Text:
    told = "/".join(key)
    return Text(
        f"{section.title}: 数据库把“{told}”当成某一户的, 字面却对不上; 请统一两边的写法或排序规则 (collation)",
        f"{section.title}: the database takes `{told}` for one of the accounts, and it is spelt like none; make the"
        " spelling or the collation of both columns the same",
    )
