"""Which accounts, and in which order: all of a debtor together, by pages, by their keys or by their ids.

Keyset pages are ordered by the database, which has opinions of its own on null, on case and on what is equal; what
comes out of here does not depend on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import groupby, islice
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dunning.adapter import AdapterError, Gone
from dunning.adapter.documents import Text
from dunning_sql.convert import Raw, Shape, Unfit, plain
from dunning_sql.database import after, keyed, named, query
from dunning_sql.mapping import Section, SqlMapping
from dunning_sql.tables import Tables

T = TypeVar("T")
At = tuple[str, str]
"""(company, id) of an account."""

PAGE = 10_000  # accounts in a page: what lies in memory, and how often an unindexed order is sorted anew
CHUNK = 400  # accounts whose lists are fetched together


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


class Rows:
    """The rows of accounts. Their data are as of `asked`, unless the mapping has a column that knows better."""

    def __init__(
        self, connection: Connection, mapping: SqlMapping, tables: Tables, *, asked: datetime, page: int
    ) -> None:
        self.connection = connection
        self.mapping = mapping
        self.tables = tables
        self.page = page
        self.chunk = min(page, CHUNK)
        self.section = mapping.accounts
        self.shape = Shape(self.section, mapping)
        self.as_of = asked if self.section.value("data_as_of") is None else None
        values = filter(None, (self.section.value("company"), self.section.value("debtor.id")))
        self.order = list(dict.fromkeys(column for value in values for column in value.columns))

    # All of them

    def everything(self) -> Iterator[Row]:
        """Every row, in an order that depends on nothing but the ids.

        Where the database takes `a7` and `A7` for one and they are two people, their rows come mixed: each person's
        are put together again.
        """
        for _, alike in groupby(self._pages(), key=lambda row: loose(row.debtor)):
            yield from sorted(alike, key=lambda row: (row.debtor, row.at))

    def _pages(self) -> Iterator[Row]:
        """Every row by (company, debtor, key). Nulls sort otherwise everywhere, so they come by themselves."""
        names = list(dict.fromkeys((*self.order, *self.section.key)))
        nullable = [name for name in names if self.tables.may_be_null(self.section, name)]
        columns = named(nullable)
        for nulls in self._patterns(columns):
            asked = self._asked()
            for column, null in zip(columns, nulls, strict=True):
                asked = asked.where(column.is_(None) if null else column.is_not(None))
            absent = {name for name, null in zip(nullable, nulls, strict=True) if null}
            yield from self._keyset(asked, [name for name in names if name not in absent])

    def _patterns(self, columns: Sequence[sa.ColumnElement[Any]]) -> list[tuple[bool, ...]]:
        """Which of these columns are null together, in some row."""
        if not columns:
            return [()]
        is_null = [sa.case((column.is_(None), 1), else_=0).label(f"null_{n}") for n, column in enumerate(columns)]
        found = self.connection.execute(self._asked().with_only_columns(*is_null).distinct())
        return sorted((tuple(map(bool, row)) for row in found), reverse=True)

    def _keyset(self, narrowed: sa.Select[Any], order: list[str]) -> Iterator[Row]:
        """Pages of rows in an order of columns that are not null, each from where the last one ended."""
        if not order:
            yield from self._rows(narrowed)
            return
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
                    raise AdapterError(_all_alike(self.section, order, self.page))
            yield from map(self._row, whole)
            if len(page) < self.page:
                return
            last = [whole[-1][index] for index in at]

    # Some of them

    def of_debtors_of(self, rows: Iterable[Row]) -> Iterator[Row]:
        """All rows of everyone whose rows these are, by (company, debtor)."""
        at = [self.shape.columns.index(name) for name in self.order]
        people = {row.debtor: row for row in rows}
        for chunk in chunks(sorted(people), self.chunk):
            known = [people[debtor] for debtor in chunk]
            cells = [[row.cells[index] for index in at] for row in known]
            found = [row for row, names in zip(known, cells, strict=True) if not names or None in names]
            ask = [names for names in cells if names and None not in names]
            if ask:
                found += self._rows(self._asked().where(keyed(named(self.order), ask)))
            wanted = set(chunk)
            yield from sorted((row for row in found if row.debtor in wanted), key=lambda row: (row.debtor, row.at))

    def by_key(self, keys: Sequence[tuple[Raw, ...]], *, filtered: bool = True) -> list[Row]:
        names = self.section.key
        fitting = self.tables.fitting(self.section, names, keys)
        return self._rows(self._asked(filtered=filtered).where(keyed(named(names), fitting))) if fitting else []

    def by_id(self, ids: Sequence[At], *, filtered: bool = True) -> list[Row]:
        """Rows of these ids; an id of several columns is taken apart in every way it could have been put together."""
        value = self.section.value("id")
        assert value is not None
        found = []
        for chunk in chunks(ids, self.chunk):
            parts = [split for _, id_ in chunk for split in _splits(id_, value.join, len(value.columns))]
            fitting = self.tables.fitting(self.section, value.columns, parts)
            if fitting:
                these = self._asked(filtered=filtered).where(keyed(named(value.columns), fitting))
                found += [row for row in self._rows(these) if row.at in set(chunk)]
        return found

    def not_alone(self, rows: Sequence[Row]) -> dict[At, tuple[str, str]]:
        """Which of these share their id or their key with another row, by (columns, value): whose the charges are that
        name it, nobody could tell.
        """
        values = filter(None, (self.section.value("company"), self.section.value("id")))
        ids = tuple(dict.fromkeys(column for value in values for column in value.columns))
        found: dict[At, tuple[str, str]] = {}
        for names in dict.fromkeys((ids, self.section.key)):
            if self.section.once or (self.section.table and self.tables.unique(self.section.table, names)):
                continue
            at = [self.shape.columns.index(name) for name in names]
            columns = named(names)
            keys = [[row.cells[index] for index in at] for row in rows]
            many = self._asked().where(keyed(columns, keys)).with_only_columns(*columns)
            again = self.connection.execute(many.group_by(*columns).having(sa.func.count() > 1))
            twice = {loose(map(plain, cells)) for cells in again}
            whole = [(row.at, key) for row, key in zip(rows, keys, strict=True) if None not in key]
            told = ((place, [plain(cell) for cell in key]) for place, key in whole)
            found |= {place: (", ".join(names), "/".join(key)) for place, key in told if loose(key) in twice}
        return found

    def gone(self, row: Row) -> Gone | None:
        """Why the account of a row is no more; None if it is there."""
        because: Any = self.shape.gone_because(row.cells)
        if because is None:
            return None
        into = plain(row.cells[self.shape.into_at]) if self.shape.into_at >= 0 else ""
        return Gone(*row.at, because, into or None)

    def _asked(self, *, filtered: bool = True) -> sa.Select[Any]:
        return query(self.section, self.mapping.parameters, filtered=filtered)

    def _rows(self, asked: sa.Select[Any]) -> list[Row]:
        return [self._row(cells) for cells in self.connection.execute(asked)]

    def _row(self, cells: Sequence[Raw]) -> Row:
        record, unfit = self.shape.record(cells)
        if self.as_of is not None:
            record["data_as_of"] = self.as_of
        return Row(cells, record, unfit)


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


def _all_alike(section: Section, order: Sequence[str], page: int) -> Text:
    columns = ", ".join(order)
    return Text(
        f"{section.title} 里有 {page} 行以上 ({columns}) 全都相同; key 要写能分清每一行的列",
        f"more than {page} rows of {section.title} have the same ({columns}); let `key` tell them apart",
    )
