"""The adapter `sql`: one mapping, one database, and, where there is one, our own store beside it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from sqlalchemy.engine import Connection, Engine

from dunning import Finding, UsageError
from dunning.adapter import (
    AdapterError,
    Capabilities,
    Cursor,
    Delivery,
    Item,
    Mark,
    PartyCard,
    Posting,
    Receipt,
    RefusedError,
)
from dunning.adapter.documents import Text, has_errors
from dunning.adapter.fields import RECORD_LISTS
from dunning_sql.convert import Shape
from dunning_sql.database import keyed, named, open_engine, query, snapshot, writable
from dunning_sql.document import read_file
from dunning_sql.mapping import SHANGHAI, SqlMapping
from dunning_sql.news import changed, newest
from dunning_sql.outbox import Outbox
from dunning_sql.reader import More, Reader
from dunning_sql.rows import CHUNK, PAGE, chunks
from dunning_sql.store import LISTS, Store
from dunning_sql.tables import Tables
from dunning_sql.writer import Writer, posting_record

LANGS: tuple[Literal["zh", "en"], ...] = ("zh", "en")
MOST_NEWS = 200_000
"""With news of more accounts than this everything is read: it is hardly longer, and takes no memory."""


CAPABILITIES = Capabilities(
    name="sql",
    lists=frozenset(RECORD_LISTS),
    changes="complete",
    late_fees_by="source",
    delivers=True,
    posts=True,
    resolves=True,
    forgets=True,
)
"""What it can do at most: what of it, the mapping says, and whether there is a store."""


class MappingError(AdapterError):
    """A mapping that cannot be used; `findings` says why, all of it."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        zh, en = ("\n".join(f"{one.at} [{one.code}] {one.message(lang)}" for one in findings) for lang in LANGS)
        super().__init__(Text(zh, en))


def open_sql(*, mapping: str, url: str = "", store: str = "", page: str = "") -> SqlAdapter:
    """The adapter `sql`: a mapping file, the address of the ERP's database, and that of our own store.

    `url` as SQLAlchemy writes it, else the variable DUNNING_SQL_URL. `store`: the path of an SQLite file, or
    `postgresql://...`; without it nothing can be delivered and the ERP's own contacts are all there are. `page`: how
    many accounts are looked at together, 10,000 unless told. MappingError with every finding; UsageError for an
    address that is none.
    """
    if not Path(mapping).is_file():
        raise UsageError(Text(f"没有映射文件 {mapping}", f"there is no mapping {mapping}"))
    found, findings = read_file(mapping)
    if found is None:
        raise MappingError([finding for finding in findings if has_errors([finding])])
    if page and not (page.isdecimal() and int(page) > 1):
        raise UsageError(
            Text(f"page 要写大于 1 的整数, 不能是 {page}", f"`page` is a whole number above 1, not {page}")
        )
    size = int(page) if page else PAGE
    return SqlAdapter(found, open_engine(url), store=Store(store) if store else None, page=size)


class SqlAdapter:
    """An ERP's database through a mapping; see dunning.adapter.Adapter. `clock` tells the time for receipts.

    `more` adds to accounts what a mapping cannot say, and `supplies` names the lists it brings.
    """

    def __init__(
        self,
        mapping: SqlMapping,
        engine: Engine,
        *,
        store: Store | None = None,
        name: str = "sql",
        clock: Callable[[], datetime] = lambda: datetime.now(SHANGHAI),
        page: int = PAGE,
        more: More | None = None,
        supplies: frozenset[str] = frozenset(),
    ) -> None:
        self.mapping = mapping
        self.engine = engine
        self.store = store
        self.name = name
        self.clock = clock
        self.page = page
        self.more = more
        self.supplies = supplies

    def capabilities(self) -> Capabilities:
        mapping = self.mapping
        return Capabilities(
            name=self.name,
            lists=mapping.lists | self.supplies | (frozenset(LISTS) if self.store else frozenset()),
            ledger=mapping.ledger,
            changes=mapping.changes,
            late_fees_by=mapping.late_fees_by,
            delivers=self.store is not None,
            posts="late_fees" in mapping.writes,
            resolves=mapping.people is not None,
            forgets=self.store is not None,
        )

    @cached_property
    def outbox(self) -> Outbox:
        """The deliveries of our store. RefusedError if there is none."""
        return Outbox(self._store("deliver"))

    # In

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        if since is not None and self.mapping.changes == "none":
            raise RefusedError.to(self.name, "accounts(since)")
        return self._accounts(since)

    def _accounts(self, since: Cursor | None) -> Iterator[Item]:
        with snapshot(self.engine) as connection:
            seen = {} if self.mapping.changes == "none" else newest(connection, self.mapping)
            cursor = json.dumps([seen, self.store.changes() if self.store else 0], sort_keys=True)
            reader = self._reader(connection)
            if since is None:
                yield from reader.everything()
            else:
                seen, change = _read_to(since)
                keys = islice(changed(connection, self.mapping, seen), MOST_NEWS + 1)
                news = dict.fromkeys(keys)
                ours = self.store.changed_since(change) if self.store else []
                yield from reader.everything() if len(news) > MOST_NEWS else reader.of_keys(news, ours)
        if self.mapping.changes != "none":
            yield Mark(cursor)

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        with snapshot(self.engine) as connection:
            yield from self._reader(connection).of(ids)

    def _reader(self, connection: Connection) -> Reader:
        return Reader(connection, self.mapping, kept=self._kept, more=self.more, page=self.page)

    def _kept(self, accounts: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, list[dict[str, object]]]]:
        return self.store.records(accounts) if self.store else {}

    # Out

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        return self.outbox.accept(deliveries, self.clock())

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        return self.outbox.cancel(keys, because, self.clock())

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        return self.outbox.receipts(since)

    # Into the ERP's own tables

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        return self._writer("late_fees", "post").put([(each.key, posting_record(each)) for each in postings])

    def write_contacts(self, *, limit: int = 1000) -> int:
        """Write contacts that our deliveries left into the ERP's table, where the mapping names one; how many.

        A contact that has changed since is brought up to date, but for what somebody has changed in the ERP. Run it
        after the workers.
        """
        store, writer = self._store("write_contacts"), self._writer("contacts", "write_contacts")
        waiting = store.unwritten(limit)
        for one in waiting:
            company, account = one.at
            whose = {"company": company, "account": account}
            wrote = None if one.wrote is None else {**one.wrote, **whose}
            writer.bring_up(one.id, {**one.record, **whose}, wrote)
            store.written(one)
        return len(waiting)

    def _writer(self, name: str, method: str) -> Writer:
        if name not in self.mapping.writes:
            raise RefusedError.to(self.name, method)
        return Writer(writable(self.engine), self.mapping.writes[name])

    # People

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        people = self.mapping.people
        if people is None:
            raise RefusedError.to(self.name, "parties")
        shape = Shape(people, self.mapping)
        with snapshot(self.engine) as connection:
            tables = Tables(connection)
            for chunk in chunks(dict.fromkeys(ids), CHUNK):
                keys = tables.fitting(people, people.key, [(id_,) for id_ in chunk])
                asked = query(people, self.mapping.parameters).where(keyed(named(people.key), keys))
                for row in connection.execute(asked) if keys else ():
                    record: dict[Any, str] = shape.record(row)[0]
                    yield PartyCard(id=shape.key(row)[0], name=record.pop("name", ""), addresses=record)

    def forget(self, party: str) -> None:
        self._store("forget").forget(party)

    def _store(self, method: str) -> Store:
        if self.store is None:
            raise RefusedError.to(self.name, method)
        return self.store


def _read_to(cursor: Cursor) -> tuple[dict[str, str], int]:
    """What a cursor of ours says: the newest changes seen in the ERP's lists, and how many in our store."""
    try:
        seen, change = json.loads(cursor)
        return dict(seen), int(change)
    except (ValueError, TypeError) as error:
        told = Text(f"这不是 sql 适配器的游标: {cursor}", f"this is no cursor of the adapter sql: {cursor}")
        raise AdapterError(told) from error
