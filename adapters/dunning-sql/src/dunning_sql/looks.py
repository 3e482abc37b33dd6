"""What a draft looks at: tables with their columns, keys and references, and a bounded look at what stands in them.

An ERP with a hundred million rows is looked at in seconds: of a table only the first rows are asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import NoSuchTableError

from dunning_sql.convert import plain
from dunning_sql.database import named
from dunning_sql.names import Named
from dunning_sql.store import OWN_TABLES
from dunning_sql.tables import Tables

ROWS = 20_000  # of a table that are looked at
_CHINESE = re.compile(r"[\u3400-\u9fff][\w\u3400-\u9fff]*")
MOST_WORDS = 30  # different values; more of them are no words


class Reference(NamedTuple):
    """A foreign key: these columns name a row of another table by those columns of it."""

    columns: tuple[str, ...]
    table: str
    named_by: tuple[str, ...]


class Table(NamedTuple):
    """A table of the schema: its columns by name with types and comments, its key, its references, its own comment."""

    name: str
    columns: Mapping[str, Any]
    key: tuple[str, ...]
    references: Sequence[Reference]
    comment: str

    @property
    def named(self) -> Named:
        return Named(self.name, self.comment)

    def column(self, name: str) -> Named:
        return Named(name, str(self.columns[name].get("comment") or ""))

    @property
    def heads(self) -> list[Named]:
        """Its columns with their comments."""
        return [self.column(name) for name in self.columns]

    def kind(self, column: str) -> Any:
        return self.columns[column]["type"]


class Looks:
    """The schema of one database, and what stands in the first rows of its tables."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.seen = Tables(connection)
        self._words: dict[tuple[str, str], list[str]] = {}

    @cached_property
    def tables(self) -> list[Table]:
        """Every table and view of the schema but our own, by name."""
        return [self._table(name) for name in sorted(set(self.seen.names) - OWN_TABLES)]

    def _table(self, name: str) -> Table:
        inspector = self.seen.inspector
        references = [
            Reference(tuple(each["constrained_columns"]), each["referred_table"], tuple(each["referred_columns"]))
            for each in inspector.get_foreign_keys(name)
        ]
        key = tuple(inspector.get_pk_constraint(name)["constrained_columns"])
        return Table(name, self.seen.columns(name) or {}, key, references, self._comment(name))

    def _comment(self, name: str) -> str:
        try:
            return str(self.seen.inspector.get_table_comment(name)["text"] or "")
        except (NotImplementedError, NoSuchTableError):
            return ""

    def quoted(self, name: str) -> str:
        """A name as this database's SQL writes it. Chinese names need no quotes, whatever SQLAlchemy thinks of them."""
        preparer = self.connection.dialect.identifier_preparer
        if _CHINESE.fullmatch(name) and name.lower() not in preparer.reserved_words:
            return name
        return preparer.quote(name)

    # What stands there

    def words(self, table: str, column: str) -> list[str]:
        """The different values of a column, the most frequent first; one more than MOST_WORDS where there are more."""
        at = (table, column)
        if at not in self._words:
            first = self._first(table, column)
            cell = first.c[column]
            count = sa.func.count()
            asked = sa.select(cell).group_by(cell).order_by(count.desc(), cell).limit(MOST_WORDS + 1)
            cells = self.connection.execute(asked).scalars()
            self._words[at] = [text for each in cells if (text := plain(each))]
        return self._words[at]

    def are_words(self, table: str, column: str) -> bool:
        """Whether a column holds a few words, again and again."""
        return 0 < len(self.words(table, column)) <= MOST_WORDS

    def cells(self, table: str, column: str, limit: int = 50) -> list[Any]:
        """The first values of a column that are something."""
        (name,) = named([column])
        asked = sa.select(name).select_from(sa.table(table)).where(name.is_not(None)).limit(limit)
        return [cell for cell in self.connection.execute(asked).scalars() if plain(cell)]

    def pairs(self, table: str, key: str, text: str) -> dict[str, str]:
        """What a small table calls things: their key and their name."""
        columns = named([key, text])
        asked = sa.select(*columns).select_from(sa.table(table)).limit(500)
        return {plain(row[0]): plain(row[1]) for row in self.connection.execute(asked)}

    def empty(self, table: str) -> bool:
        asked = sa.select(sa.literal(1)).select_from(sa.table(table)).limit(1)
        return self.connection.execute(asked).first() is None

    def unique(self, table: str, column: str) -> bool:
        """Whether a column tells rows apart: by a key of the database, or in the rows looked at."""
        if self.seen.unique(table, [column]):
            return True
        first = self._first(table, column)
        asked = sa.select(sa.literal(1)).select_from(first).group_by(first.c[column]).having(sa.func.count() > 1)
        return self.connection.execute(asked.limit(1)).first() is None

    def _first(self, table: str, column: str) -> sa.Subquery:
        (name,) = named([column])
        return sa.select(name).select_from(sa.table(table)).limit(ROWS).subquery("first_rows")
