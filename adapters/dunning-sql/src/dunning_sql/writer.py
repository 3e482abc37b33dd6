"""Into the ERP's own tables, and only into those the mapping names under `write:`: late fees, and contacts made.

Each row once: our key stands in a column that the database keeps unique, so that no second process, and none that died
midway, can make it two.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
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

    def put(self, records: Iterable[tuple[str, Mapping[str, object]]], *, change: bool = False) -> list[str]:
        """A row for each (key, record), once; the ERP's ids of the rows. With `change` a row that is there is brought
        up to date.
        """
        with told(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            self._make_sure(connection)
            return [self._put(connection, key, record, change=change) for key, record in records]

    def _put(self, connection: Connection, key: str, record: Mapping[str, object], *, change: bool) -> str:
        row = self._row(key, record)
        try:
            with connection.begin():
                found = self._id(connection, key)
                if found is None:
                    connection.execute(self.table.insert().values(row))
                elif change:
                    connection.execute(self.table.update().where(self.key == bound(key)).values(row))
                return found if found is not None else str(self._id(connection, key))
        except IntegrityError:
            with connection.begin():  # somebody else has written the very row meanwhile; else it is a real refusal
                found = self._id(connection, key)
            if found is None:
                raise
            return found

    def _id(self, connection: Connection, key: str) -> str | None:
        found = connection.execute(sa.select(self.id).where(self.key == bound(key))).first()
        return None if found is None else plain(found[0])

    def _row(self, key: str, record: Mapping[str, object]) -> dict[str, Any]:
        row: dict[str, Any] = {column: bound(text) for column, text in self.write.constants.items()}
        row |= {value.columns[0]: bound(_written(value, record.get(value.name))) for value in self.write.values}
        return row | {self.write.key: bound(key)}

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
