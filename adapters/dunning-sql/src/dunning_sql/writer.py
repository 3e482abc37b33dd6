"""Into the ERP's own tables, and only into those the mapping names under `write:`: late fees, and contacts made.

Each row once: our key stands in a column that the database keeps unique, so that no second process, and none that died
midway, can make it two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import fields
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import IntegrityError

from dunning.adapter import AdapterError, Posting
from dunning.adapter.documents import Text
from dunning_sql.convert import plain
from dunning_sql.database import bound, told
from dunning_sql.mapping import Value, Write
from dunning_sql.tables import Tables

OF_RECEIPTS = ("sent", "delivered", "undeliverable")
"""What a receipt says of a contact; every other outcome was written by somebody."""


class Writer:
    """Writes one kind of record into one table of the ERP."""

    def __init__(self, engine: Engine, write: Write) -> None:
        self.engine = engine
        self.write = write
        schema, _, name = write.table.rpartition(".")
        columns = [*(value.columns[0] for value in write.values), *write.constants, write.key, write.id]
        self.table = sa.table(name, *map(sa.column, dict.fromkeys(columns)), schema=schema or None)
        self.key, self.id = self.table.c[write.key], self.table.c[write.id]
        self._sure = False

    def put(self, records: Iterable[tuple[str, Mapping[str, object]]]) -> list[str]:
        """A row for each (key, record), once; the ERP's ids of the rows. A row that is there stays as it is."""
        with self._writing() as connection:
            return [self._put(connection, key, record) for key, record in records]

    def bring_up(self, key: str, record: Mapping[str, object], wrote: Mapping[str, object] | None) -> None:
        """The row of a contact as it is by now; `wrote` is the record it was last written from, None if nobody knows.

        Only what has changed with us is written. What the ERP's clerks have written about what came of it stays, and
        its time with it.
        """
        with self._writing() as connection:
            self._put(connection, key, record)
            with connection.begin():
                before = self._row(wrote or {})
                news = {name: value for name, value in self._row(record).items() if value != before[name]}
                if self._is_theirs(connection, key, wrote):
                    news = {name: value for name, value in news.items() if name not in self._columns("outcome", "at")}
                if news:
                    connection.execute(self.table.update().where(self.key == bound(key)).values(_bound(news)))

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with told(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            self._make_sure(connection)
            yield connection

    def _put(self, connection: Connection, key: str, record: Mapping[str, object]) -> str:
        try:
            with connection.begin():
                found = self._id(connection, key)
                if found is None:
                    row = {**self.write.constants, **self._row(record), self.write.key: key}
                    connection.execute(self.table.insert().values(_bound(row)))
                return found if found is not None else str(self._id(connection, key))
        except IntegrityError:
            with connection.begin():  # somebody else has written the very row meanwhile; else it is a real refusal
                found = self._id(connection, key)
            if found is None:
                raise
            return found

    def _is_theirs(self, connection: Connection, key: str, wrote: Mapping[str, object] | None) -> bool:
        """Whether somebody has changed in the ERP what we wrote as the outcome. Nobody writes the row meanwhile."""
        for value in self.write.values:
            if value.name == "outcome":
                ours = OF_RECEIPTS if wrote is None else (wrote.get("outcome"),)
                asked = sa.select(self.table.c[value.columns[0]]).where(self.key == bound(key)).with_for_update()
                found = connection.execute(asked).scalar()
                return plain(found) not in {plain(_written(value, one)) for one in ours}
        return False

    def _columns(self, *names: str) -> set[str]:
        return {value.columns[0] for value in self.write.values if value.name in names}

    def _id(self, connection: Connection, key: str) -> str | None:
        found = connection.execute(sa.select(self.id).where(self.key == bound(key))).first()
        return None if found is None else plain(found[0])

    def _row(self, record: Mapping[str, object]) -> dict[str, Any]:
        """What of a record goes into which column."""
        return {value.columns[0]: _written(value, record.get(value.name)) for value in self.write.values}

    def _make_sure(self, connection: Connection) -> None:
        """The database itself must keep our key unique: nothing less keeps a row from being written twice."""
        if not self._sure:
            with connection.begin():
                self._sure = Tables(connection).unique(self.write.table, [self.write.key])
        if not self._sure:
            table, key = self.write.table, self.write.key
            fix = unique_index(self.write)
            raise AdapterError(
                Text(
                    f"{table} 的“{key}”不是唯一的, 同一笔会写两次; 先运行: {fix}",
                    f"`{key}` of {table} is not unique, and a row could be written twice; first run: {fix}",
                )
            )


def unique_index(write: Write) -> str:
    """The statement that keeps our key unique."""
    return f"CREATE UNIQUE INDEX {write.table.rpartition('.')[2]}_{write.key} ON {write.table} ({write.key})"


def posting_record(posting: Posting) -> dict[str, object]:
    """A posting by the names that `write: late_fees` maps; the amount in yuan."""
    record: dict[str, object] = {field.name: getattr(posting, field.name) for field in fields(posting)}
    return record | {"amount": Decimal(posting.amount).scaleb(-2)}


def _bound(row: Mapping[str, object]) -> dict[str, sa.BindParameter[Any]]:
    return {column: bound(value) for column, value in row.items()}


def _written(value: Value, found: object) -> object:
    """A value as the ERP's column takes it: its own word, its own unit. Text suits every column type."""
    if found is None or found in ("", ()):
        return value.empty
    if value.map is not None:
        text = str(found).lower() if isinstance(found, bool) else str(found)
        if text in value.map:
            return value.map[text]
        if value.has_other:
            return value.other
    if isinstance(found, Sequence) and not isinstance(found, str):
        return ",".join(map(str, found))
    if value.field.kind == "money":
        amount = Decimal(str(found))
        return int(amount * 100) if value.unit == "fen" else format(amount, "f")
    if value.format and isinstance(found, date):
        return found.strftime(value.format)
    return str(found) if not isinstance(found, int) else found
