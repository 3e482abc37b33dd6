"""What the database itself says of the tables a mapping names: their columns, types, keys and indexes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import NoSuchTableError

from dunning_sql.convert import plain
from dunning_sql.database import query
from dunning_sql.mapping import Section, SqlMapping


class Tables:
    """The schema of one database, looked up when first asked for and then remembered."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.inspector = sa.inspect(connection)
        self._columns: dict[str, Mapping[str, ReflectedColumn] | None] = {}

    @cached_property
    def names(self) -> list[str]:
        """Tables and views of the schema one is in."""
        return sorted([*self.inspector.get_table_names(), *self.inspector.get_view_names()])

    def columns(self, table: str) -> Mapping[str, ReflectedColumn] | None:
        """The columns of a table or view by name; None if there is none of that name."""
        if table not in self._columns:
            schema, _, name = table.rpartition(".")
            try:
                found = self.inspector.get_columns(name, schema=schema or None)
                self._columns[table] = {str(column["name"]): column for column in found} or None
            except NoSuchTableError:
                self._columns[table] = None
        return self._columns[table]

    def type_of(self, section: Section, column: str) -> sa.types.TypeEngine[Any] | None:
        """The type of a table's column; None where a SELECT hides it."""
        found = (self.columns(section.table) or {}).get(column) if section.table else None
        return None if found is None else found["type"]

    def may_be_null(self, section: Section, column: str) -> bool:
        found = (self.columns(section.table) or {}).get(column) if section.table else None
        return found is None or bool(found.get("nullable", True))

    def unique(self, table: str, columns: Sequence[str]) -> bool:
        """Whether the database itself keeps these columns (or some of them) unique together."""
        return any(set(key) <= set(columns) for key in self._keys(table, unique=True))

    def indexed(self, table: str, columns: Sequence[str]) -> bool:
        """Whether rows can be found by these columns without reading the whole table. Of a view nobody can tell."""
        if table not in self.inspector.get_table_names():
            return True
        return any(key[0] in columns for key in self._keys(table, unique=False))

    def _keys(self, table: str, *, unique: bool) -> list[list[str]]:
        """The columns of each key and index; of a `unique` one that holds for all rows."""
        schema, _, name = table.rpartition(".")
        inspector, where = self.inspector, schema or None
        found = [inspector.get_pk_constraint(name, schema=where)["constrained_columns"]]
        found += [each["column_names"] for each in inspector.get_unique_constraints(name, schema=where)]
        for each in inspector.get_indexes(name, schema=where, include_auto_indexes=True):
            partial = any("where" in option for option in each.get("dialect_options", {}))
            if not unique or (each["unique"] and not partial):
                found.append([str(column) for column in each["column_names"]])
        return [key for key in found if key]

    def storage(self, table: str) -> str:
        """What MySQL keeps a table in (`InnoDB`, `MyISAM`); empty elsewhere."""
        schema, _, name = table.rpartition(".")
        options = self.inspector.get_table_options(name, schema=schema or None) if name in self.names else {}
        return str(options.get("mysql_engine") or options.get("mariadb_engine") or "")

    def names_of(self, section: Section, mapping: SqlMapping) -> list[str]:
        """The columns a section's table has or its SELECT gives; whatever the database says of a SELECT it raises."""
        if section.table:
            return list(self.columns(section.table) or {})
        bare = Section(name=section.name, select=section.select)
        every = query(bare, mapping.parameters, every=True).where(sa.false())
        return list(self.connection.execute(every).keys())

    def fitting(
        self, section: Section, columns: Sequence[str], keys: Sequence[tuple[object, ...]]
    ) -> list[list[object]]:
        """Keys of one table as another table's columns hold them: 12 and '12' name the same room.

        A key that cannot stand in such a column names no row there, and is left out.
        """
        types = [self.type_of(section, column) for column in columns]
        found = []
        for key in keys:
            try:
                found.append([_as(kind, part) for kind, part in zip(types, key, strict=True)])
            except ValueError:
                continue
        return found


def _as(kind: sa.types.TypeEngine[Any] | None, value: object) -> object:
    if isinstance(kind, sa.types.Integer):
        return value if isinstance(value, int) else int(plain(value))
    if isinstance(kind, sa.types.Numeric):
        return value if isinstance(value, int | Decimal) else int(plain(value))
    if isinstance(kind, sa.types.String) and not isinstance(value, str | bytes):
        return plain(value)
    return value
