"""Small databases for one test each: tables from plain SQL, a mapping from text, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from textwrap import dedent

import sqlalchemy as sa

from dunning import Account, Read, Rejected
from dunning.adapter import Item
from dunning_sql import SqlAdapter, Store, read_mapping
from dunning_sql.database import open_engine

MAPPING = """\
mapping: test
accounts:
  table: room
  key: room_id
  fields: {id: room_no, debtor.id: owner_id}
charges:
  table: fee
  account: room_id
  fields: {id: fee_id, amount: amount, due: due_date}
"""


def adapter(url: str, mapping: str = MAPPING, *, store: Path | str | None = None, page: int = 10_000) -> SqlAdapter:
    """An adapter on a database, by a mapping that must be sound."""
    found, findings = read_mapping(dedent(mapping), "mapping.yaml")
    assert found is not None, [f"{one.at} {one.message('en')}" for one in findings]
    return SqlAdapter(found, open_engine(url), store=None if store is None else Store(store), page=page)


def run(url: str, *statements: str) -> None:
    """Statements, one after another; the tables they make are dropped first."""
    engine = open_engine(url, read_only=False)
    with engine.begin() as db:
        for statement in statements:
            words = statement.split()
            if words[:2] == ["CREATE", "TABLE"]:
                db.exec_driver_sql(f"DROP TABLE IF EXISTS {words[2].partition('(')[0]}")
            db.exec_driver_sql(statement)


def accounts(items: Iterable[Item]) -> dict[str, Account]:
    """Those that can be read, by id."""
    return {item.account.id: item.account for item in items if isinstance(item, Read)}


def rejected(items: Iterable[Item]) -> dict[str, list[str]]:
    """Those that cannot, by id, with the codes of why and where."""
    return {item.id: [f"{one.code} {one.at}" for one in item.findings] for item in items if isinstance(item, Rejected)}


def tables(url: str) -> list[str]:
    engine = open_engine(url, read_only=False)
    with engine.connect() as db:
        return sa.inspect(db).get_table_names()
