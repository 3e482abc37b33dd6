"""How one table names the rows of another: foreign keys, columns of the same name, names made of the other's name.

Where nothing is declared the rows are asked: a column that names rooms holds values that rooms have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import sqlalchemy as sa

from dunning_sql.convert import plain
from dunning_sql.database import named
from dunning_sql.looks import Looks, Table
from dunning_sql.names import LIKE, Named, bare, best, common_names

SAMPLE = 100
_GENERIC = {"id", "编号", "序号", "no", "code", "bh", "xh", "guid", "uuid"}
_ENDS = ("id", "编号", "编码", "号", "_id", "bh", "_bh", "no", "_no")


class Link(NamedTuple):
    """`columns` of one table name a row of another by `named_by`."""

    columns: tuple[str, ...]
    named_by: tuple[str, ...]


def link(looks: Looks, table: Table, other: Table) -> Link | None:
    """How a table names rows of another one; None if it does not."""
    for each in table.references:
        if each.table == other.name and each.named_by:
            return Link(each.columns, each.named_by)
    seen = dict.fromkeys(_likely(table, other))
    known = [one for one in seen if _fitting(looks, table, one, other)]
    return next(iter(known), None)


def _likely(table: Table, other: Table) -> Iterator[Link]:
    """Pairs of columns that may be one, the likeliest first."""
    if not other.key or table.name == other.name:
        return
    generic = any(name.lower() in _GENERIC for name in other.key)
    if not generic and all(name in table.columns for name in other.key):
        yield Link(other.key, other.key)
    if len(other.key) == 1:
        called = {word.removeprefix("t_").removesuffix("s") for word in (other.name.lower(), *_bare_names(other))}
        for column in table.columns:
            lower = column.lower()
            stems = {lower.removesuffix(end).rstrip("_") for end in _ENDS if lower.endswith(end)}
            if stems & called or _squeezed(column) in {_squeezed(each) for each in called}:
                yield Link((column,), other.key)
    for column in table.columns:
        alike = {name.lower(): name for name in other.columns}
        if column.lower() in alike and column.lower() not in _GENERIC and _names_rooms(Named(column)):
            yield Link((column,), (alike[column.lower()],))
    if len(other.key) == 1:
        for _, one in best(table.heads, common_names("account")):
            yield Link((one.name,), other.key)
            for _, theirs in best(other.heads, common_names("account")):
                yield Link((one.name,), (theirs.name,))


def _squeezed(name: str) -> str:
    return name.lower().replace("_", "").removesuffix("id")


def _names_rooms(column: Named) -> bool:
    return common_names("account").likeness(column) >= LIKE


def _bare_names(table: Table) -> Iterator[str]:
    for text in table.named.chinese:
        yield text.lower()
        yield bare(text).lower()


def _fitting(looks: Looks, table: Table, one: Link, other: Table) -> bool:
    """Whether rows of the one are found in the other. A table without rows cannot say no."""
    column, theirs = one.columns[0], one.named_by[0]
    values = list(dict.fromkeys(plain(cell) for cell in looks.cells(table.name, column, SAMPLE)))
    if not values:
        return True
    (name,) = named([theirs])
    types = sa.types.String if isinstance(other.kind(theirs), sa.types.String) else None
    whole = isinstance(other.kind(theirs), sa.types.Integer | sa.types.Numeric)
    asked = values if types else [int(value) for value in values if value.lstrip("-").isdigit()] if whole else values
    if not asked:
        return False
    there = sa.select(name).select_from(sa.table(other.name)).where(name.in_(asked)).distinct()
    return len(looks.connection.execute(there).scalars().all()) * 2 >= len(values)
