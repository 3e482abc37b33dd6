"""A mapping against the database it is for: are the tables and columns there, and do they hold what it says they hold?

What is found here in a minute would else be found at night, or in a letter a hundred times too high.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from dunning.adapter.documents import Finding, Span, did_you_mean, in_order, nearest
from dunning.adapter.fields import RECORD_LISTS
from dunning_sql.convert import UnfitError, converter, plain
from dunning_sql.database import keyed, named, query, words_of
from dunning_sql.desk import mended, with_line
from dunning_sql.mapping import PERIOD, Section, SqlMapping, Value, Write
from dunning_sql.tables import Tables
from dunning_sql.writer import unique_index

MOST_WORDS = 60  # different values of a column that are looked at; more of them are no words
SAMPLE = 50
TOLD = 5


def against(mapping: SqlMapping, connection: Connection) -> list[Finding]:
    """Every finding about a mapping and the database at hand, by place. Only looks; never raises for what it finds."""
    seen = _Seen(mapping, connection)
    sections = [*mapping.sections.values(), *filter(None, [mapping.people])]
    found = [finding for section in sections for finding in seen.section(section)]
    found += [finding for write in mapping.writes.values() for finding in seen.write(write)]
    found += seen.together()
    return in_order(with_line(finding, mapping.lines) for finding in found)


class _Seen:
    """The database as the checks look at it."""

    def __init__(self, mapping: SqlMapping, connection: Connection) -> None:
        self.mapping = mapping
        self.connection = connection
        self.tables = Tables(connection)
        self.sound: dict[str, Section] = {}  # those that can be asked, without what is not there

    def section(self, section: Section) -> Iterator[Finding]:
        """What is wrong with one list; of a table or column that is not there nothing more is asked."""
        if bool(section.table) == bool(section.select):  # the file says so
            return
        try:
            columns = self.tables.names_of(section, self.mapping)
        except SQLAlchemyError as error:
            yield self._refused(section, "select", error)
            return
        if not columns:
            yield self._no_table(section.table, section.places["table"])
            return
        yield from self._missing(section.title, section.spans(), columns)
        section = _without(section, columns)
        try:
            self.connection.execute(query(section, self.mapping.parameters).limit(0))
        except (SQLAlchemyError, KeyError) as error:  # a KeyError: a parameter the file does not give, told there
            if isinstance(error, SQLAlchemyError):
                yield self._refused(section, "where", error)
            return
        self.sound[section.name] = section
        if section.table:
            yield from self._table(section)
        yield from self._values(section)

    def _no_table(self, table: str, at: Span) -> Finding:
        near = nearest(table, self.tables.names)
        fix = mended(self.mapping.lines, at, near) if near else ""
        return Finding("P201", at, {"table": table, "hint": did_you_mean(near)}, fix=fix)

    def _refused(self, section: Section, key: str, error: SQLAlchemyError) -> Finding:
        """What the database says of a piece of SQL. PostgreSQL then listens to nothing until the transaction ends."""
        self.connection.rollback()
        at = section.places.get(key, section.places["section"])
        return Finding("P203", at, {"why": words_of(error)})

    def _missing(self, table: str, spans: Iterator[tuple[str, Span]], columns: Sequence[str]) -> Iterator[Finding]:
        for column, at in spans:
            if column not in columns:
                near = nearest(column, columns)
                fix = mended(self.mapping.lines, at, near) if near else ""
                args = {"table": table, "column": column, "hint": did_you_mean(near), "known": ", ".join(columns)}
                yield Finding("P202", at, args, fix=fix)

    def _table(self, section: Section) -> Iterator[Finding]:
        table, at = section.table, section.places["table"]
        if section.name != "accounts" and section.key and not self.tables.indexed(table, section.key):
            fix = f"CREATE INDEX {table.rpartition('.')[2]}_{section.key[0]} ON {table} ({', '.join(section.key)})"
            args = {"table": table, "column": section.key[0]}
            yield Finding("P205", section.places["key"], args, fix=fix)
        engine = self.tables.storage(table)
        if engine and engine.lower() not in ("innodb", "xtradb"):
            yield Finding("P210", at, {"table": table, "engine": engine})

    # Values

    def _values(self, section: Section) -> Iterator[Finding]:
        for value in section.values:
            if len(value.columns) == 1:
                if value.field.kind == "money":
                    yield from self._money(section, value)
                elif value.map is not None or value.field.kind in ("word", "truth") or value.field == PERIOD:
                    yield from self._words(section, value)

    def _money(self, section: Section, value: Value) -> Iterator[Finding]:
        """Whether a column can hold what its unit says. Of a SELECT the cells tell."""
        column = value.columns[0]
        kind = self.tables.type_of(section, column)
        cells = [] if kind is not None else self._cells(section, column)
        is_float = isinstance(kind, sa.types.Float) or any(isinstance(cell, float) for cell in cells)
        is_whole = isinstance(kind, sa.types.Integer) or (bool(cells) and all(type(cell) is int for cell in cells))
        scale = getattr(kind, "scale", None) if isinstance(kind, sa.types.Numeric) else None
        has_decimals = bool(scale) or any(isinstance(cell, Decimal) and cell % 1 for cell in cells)
        told = {"column": column, "type": str(kind) if kind is not None else type(cells[0]).__name__ if cells else ""}
        if is_float:
            yield Finding("P204", value.at, told)
        elif is_whole and not value.unit:
            written = mended(self.mapping.lines, value.at, column)
            spelt, short = f"column: {column}", f"{{column: {column}, unit: fen}}"
            fix = mended(self.mapping.lines, value.at, short) if spelt not in written else ""
            yield Finding("P206", value.at, told, fix=fix or written.replace(spelt, f"{spelt}, unit: fen", 1))
        elif has_decimals and value.unit == "fen":
            yield Finding("P207", value.at, told)

    def _cells(self, section: Section, column: str) -> list[object]:
        asked = query(section, self.mapping.parameters).with_only_columns(*named([column])).limit(SAMPLE)
        return [cell for cell in self.connection.execute(asked).scalars() if cell is not None]

    def _words(self, section: Section, value: Value) -> Iterator[Finding]:
        """Values that the map says nothing of, with how often they stand there."""
        (column,) = named(value.columns)
        asked = query(section, self.mapping.parameters).with_only_columns(column, sa.func.count()).group_by(column)
        convert = converter(value, self.mapping)
        rows = self.connection.execute(asked.order_by(sa.func.count().desc()).limit(MOST_WORDS)).fetchall()
        for cell, count in rows:
            try:
                convert([cell])
            except UnfitError as error:
                args = {"column": value.columns[0], "value": plain(cell), "count": count}
                code = "P215" if value.field == PERIOD and value.map is None else "P208"
                yield Finding(code, value.at, args, fix=error.fix)

    # All together

    def together(self) -> Iterator[Finding]:
        """What the accounts and their lists say together, as far as they can be asked."""
        accounts = self.sound.get("accounts")
        for name in ("accounts", "charges"):
            if name in self.sound:
                yield from self._empty(self.sound[name])
        if accounts is None:
            return
        if accounts.key and accounts.value("id") is not None:
            yield from self._accounts(accounts)
        for name, section in self.sound.items():
            if name in RECORD_LISTS and accounts.key and len(section.key) == len(accounts.key):
                yield from self._strangers(section, accounts)

    def _empty(self, section: Section) -> Iterator[Finding]:
        """A list nothing goes without, and no row of it counts."""
        asked = query(section, self.mapping.parameters).limit(1)
        if self.connection.execute(asked).first() is None:
            at = section.places.get("where" if section.where else "table", section.places["section"])
            yield Finding("P213", at, {"table": section.title})

    def _strangers(self, section: Section, accounts: Section) -> Iterator[Finding]:
        """A list whose rows name no account: it is the wrong column, or another kind of number."""
        mine = query(section, self.mapping.parameters).with_only_columns(*named(section.key)).distinct()
        keys = [tuple(row) for row in self.connection.execute(mine.limit(SAMPLE)) if None not in row]
        fitting = self.tables.fitting(accounts, accounts.key, keys)
        theirs = query(accounts, self.mapping.parameters, filtered=False).with_only_columns(*named(accounts.key))
        if not keys or (fitting and self.connection.execute(theirs.where(keyed(named(accounts.key), fitting))).first()):
            return
        one = self.connection.execute(theirs.limit(1)).first()
        if one is not None:
            args = {
                "table": section.title,
                "columns": ", ".join(section.key),
                "value": "/".join(map(plain, keys[0])),
                "key": f"{accounts.title}.{', '.join(accounts.key)}",
                "other": "/".join(map(plain, one)),
            }
            yield Finding("P214", section.places["key"], args)

    def _accounts(self, accounts: Section) -> Iterator[Finding]:
        """Ids that stand twice, and people nobody named."""
        values = {value.name: value for value in accounts.values}
        ids = tuple(name for key in ("company", "id") if key in values for name in values[key].columns)
        whole = query(accounts, self.mapping.parameters)
        for names, at in {ids: values["id"].at, accounts.key: accounts.places["key"]}.items():
            columns = named(dict.fromkeys(names))
            many = whole.with_only_columns(*columns, sa.func.count()).group_by(*columns).having(sa.func.count() > 1)
            for row in self.connection.execute(many.limit(TOLD)):
                told = {"columns": ", ".join(names), "value": "/".join(map(plain, row[:-1])), "count": row[-1]}
                yield Finding("P211", at, {"table": accounts.title, **told})
        debtor = values.get("debtor.id")
        if debtor is not None and len(debtor.columns) == 1:
            (column,) = named(debtor.columns)
            asked = whole.where(column.is_(None)).with_only_columns(sa.func.count())
            count = self.connection.execute(asked).scalar_one()
            if count:
                args = {"table": accounts.title, "column": debtor.columns[0], "count": count}
                yield Finding("P212", debtor.at, args)

    def write(self, write: Write) -> Iterator[Finding]:
        """A table that is written to: its columns, and that it keeps our key unique."""
        at = write.places["table"]
        columns = self.tables.columns(write.table)
        if columns is None:
            yield self._no_table(write.table, at)
            return
        spans: Mapping[str, Span] = {
            write.key: write.places["key"],
            write.id: write.places.get("id", write.places["key"]),
            **{value.columns[0]: value.at for value in write.values},
            **{name: write.places[f"set.{name}"] for name in write.constants},
        }
        yield from self._missing(write.table, iter(spans.items()), list(columns))
        if write.key in columns and not self.tables.unique(write.table, [write.key]):
            args = {"table": write.table, "column": write.key}
            yield Finding("P209", write.places["key"], args, fix=unique_index(write))


def _without(section: Section, columns: Sequence[str]) -> Section:
    """A list without the columns that are not there: the rest of it can still be looked at."""
    there = set(columns)
    changed, gone = section.changed_at, section.gone
    return replace(
        section,
        key=section.key if there.issuperset(section.key) else (),
        values=tuple(value for value in section.values if there.issuperset(value.columns)),
        changed_at=changed if changed is not None and there.issuperset(changed.columns) else None,
        gone=gone if gone is not None and there.issuperset(gone.columns) else None,
        into=section.into if section.into in there else "",
    )
