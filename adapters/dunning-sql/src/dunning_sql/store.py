"""What an ERP has no table for, kept by us: contacts, approvals, promises, holds, and the outbox of deliveries.

SQLite for one machine, PostgreSQL for several. Writers take turns: one transaction at a time, so that what one worker
has claimed no other one sees free, and the order of changes is the order in which they were made.
"""

from __future__ import annotations

import json
import sqlite3
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dunning import AccountError, Rejected, UsageError, read
from dunning.adapter import AdapterError
from dunning.adapter.documents import Text
from dunning_sql.database import open_engine, told

VERSION = 2
"""Of the tables below. What is written by a newer one is refused; what is older is brought here when it is opened."""

LISTS = ("contacts", "approvals", "holds", "disputes", "consents", "plans", "proceedings")
"""The lists the store can keep. A promise is a contact with `promise`."""

At = tuple[str, str]

_META = sa.MetaData()
_LONG = sa.BigInteger().with_variant(sa.Integer, "sqlite")

STATE = sa.Table(
    "dunning_state",
    _META,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("changes", _LONG, nullable=False),  # how many changes there have been: cursors count by it
)
RECORDS = sa.Table(
    "dunning_records",
    _META,
    sa.Column("list", sa.String(20), primary_key=True),
    sa.Column("company", sa.String(100), primary_key=True),
    sa.Column("account", sa.String(200), primary_key=True),
    sa.Column("id", sa.String(200), primary_key=True),
    sa.Column("data", sa.Text, nullable=False),  # the record as JSON, with the names of docs/reference/records.md
    sa.Column("party", sa.String(200), index=True),
    sa.Column("changed", _LONG, nullable=False, index=True),
    sa.Column("written", sa.Boolean, nullable=False),  # into the ERP as it is now, where the mapping says so
    sa.Column("wrote", sa.Text),  # how it was written there last; since version 2
)
DELIVERIES = sa.Table(
    "dunning_deliveries",
    _META,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("company", sa.String(100), nullable=False),
    sa.Column("account", sa.String(200), nullable=False),
    sa.Column("debtor", sa.String(200), nullable=False, index=True),
    sa.Column("data", sa.Text, nullable=False),  # Delivery.to_json
    sa.Column("day", sa.String(10), nullable=False),  # it was assessed for
    sa.Column("ready", sa.String(32), nullable=False),  # it may leave from then on
    sa.Column("not_after", sa.String(32)),
    sa.Column("quiet_until", sa.String(10)),  # no other delivery of the step before that day
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20)),
    sa.Column("party", sa.String(200)),
    sa.Column("proof", sa.String(1)),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("accepted", _LONG, nullable=False),  # the change it came with: first come, first served
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("worker", sa.String(100)),  # who is sending it, until `leased`
    sa.Column("leased", sa.String(32)),
    sa.Column("cancel", sa.Text),  # why it is to be cancelled, asked for while it was being sent
    sa.Index("dunning_deliveries_ready", "state", "ready", "accepted"),
    sa.Index("dunning_deliveries_late", "state", "not_after"),
    sa.Index("dunning_deliveries_leased", "state", "leased"),
)
COVERS = sa.Table(  # the steps a delivery does: its own, and those it carries
    "dunning_covers",
    _META,
    sa.Column("key", sa.String(64), primary_key=True),
    sa.Column("company", sa.String(100), primary_key=True),
    sa.Column("account", sa.String(200), primary_key=True),
    sa.Column("step", sa.String(100), primary_key=True),
    sa.Index("dunning_covers_step", "company", "account", "step"),
)
RECEIPTS = sa.Table(
    "dunning_receipts",
    _META,
    sa.Column("change", _LONG, primary_key=True, autoincrement=False),
    sa.Column("key", sa.String(64), nullable=False, index=True),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("at", sa.String(32), nullable=False),
    sa.Column("channel", sa.String(20)),
    sa.Column("party", sa.String(200)),
    sa.Column("proof", sa.String(1)),
    sa.Column("detail", sa.Text, nullable=False),
)

OWN_TABLES = frozenset(_META.tables)

_TURN = 0x64756E6E696E67  # "dunning": the advisory lock that writers take turns by


class Unwritten(NamedTuple):
    """A contact of an account to be written into the ERP; `wrote` is what was written there last, if anything was."""

    at: At
    id: str
    record: dict[str, Any]
    wrote: dict[str, Any] | None


class Store:
    """A store at an address: `sqlite:///dunning.db`, `postgresql://...`, or just the path of an SQLite file.

    Made when it is opened for the first time. Several processes may have one open; an object may be used by threads.
    """

    lists = LISTS

    def __init__(self, address: str | Path) -> None:
        text = str(address)
        self.engine = open_engine(text if "://" in text else f"sqlite:///{text}", read_only=False, keep=True)
        weakref.finalize(self, self.engine.dispose)  # its connections go with it
        if self.engine.dialect.name not in ("sqlite", "postgresql"):
            what = self.engine.dialect.name
            raise UsageError(
                Text(
                    f"自带的库只用 SQLite 或 PostgreSQL, 不用 {what}", f"the store is SQLite or PostgreSQL, not {what}"
                )
            )
        if self.engine.dialect.name == "sqlite":
            self._log_ahead()
        with self.writing() as connection:
            self._make(connection)

    def _log_ahead(self) -> None:
        """SQLite's write-ahead log: with it a transaction waits for the disk once instead of thrice.

        It stays with the file. If somebody is writing just now, whoever opens it next sees to it.
        """
        with told(self.engine), closing(self.engine.raw_connection()) as raw, suppress(sqlite3.OperationalError):
            raw.cursor().execute("PRAGMA journal_mode = WAL")

    def _make(self, connection: Connection) -> None:
        _META.create_all(connection)
        found = connection.execute(sa.select(STATE.c.version)).scalar()
        if found is None:
            connection.execute(STATE.insert().values(version=VERSION, changes=0))
        elif found > VERSION:
            raise AdapterError(
                Text(
                    f"这个库是更新的版本写的 ({found}, 这里是 {VERSION}); 请升级 dunning-sql",
                    f"the store was written by a newer version ({found}, here {VERSION}); upgrade dunning-sql",
                )
            )
        elif found < VERSION:
            connection.exec_driver_sql("ALTER TABLE dunning_records ADD COLUMN wrote TEXT")
            connection.execute(RECORDS.update().where(RECORDS.c.written).values(wrote=RECORDS.c.data))
            connection.execute(STATE.update().values(version=VERSION))

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that nobody else writes beside; kept when the block ends, nothing of it if it raises."""
        with told(self.engine), self.engine.connect() as connection:
            connection = connection.execution_options(writing=True)
            with connection.begin():
                if self.engine.dialect.name == "postgresql":
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
                yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with told(self.engine), self.engine.connect() as connection:
            yield connection

    def changes(self) -> int:
        """How many changes there have been: a cursor."""
        with self.reading() as connection:
            return int(connection.execute(sa.select(STATE.c.changes)).scalar_one())

    # Records

    def put(self, list_: str, company: str, account: str, record: Mapping[str, Any]) -> None:
        """Keep a record of an account, in place of the one with its id. Fields as in docs/reference/records.md.

        A contact that is there keeps what is not named, for a receipt of its delivery may have said it; None takes it
        away. AccountError if it cannot be read, UsageError for a list the store does not keep.
        """
        if list_ not in LISTS:
            known = ", ".join(LISTS)
            raise UsageError(Text(f"这里不存 {list_}; 可以存 {known}", f"no {list_} are kept here; there are {known}"))
        id_ = record.get("id") or "/".join(str(record.get(name)) for name in ("party", "kind", "since"))
        with self.writing() as connection:
            there = kept(connection, list_, (company, account), id_) if list_ == "contacts" else None
            if there is not None:
                record = {name: value for name, value in {**there, **record}.items() if value is not None}
            found = read({"company": company, "id": account, list_: [record]})
            if isinstance(found, Rejected):
                raise AccountError(found.findings)
            keep(connection, list_, (company, account), id_, record)

    def promise(
        self,
        company: str,
        account: str,
        *,
        id: str,  # noqa: A002  # the records' own word
        at: datetime,
        on: date,
        amount: str | None = None,
        party: str | None = None,
        by: str | None = None,
    ) -> None:
        """Keep a promise to pay: a contact at a time, on which somebody promised to pay by a day. Amounts are yuan."""
        promise = {"on": on.isoformat()} if amount is None else {"on": on.isoformat(), "amount": amount}
        record = {"id": id, "at": at.isoformat(), "outcome": "promised", "promise": promise, "party": party, "by": by}
        self.put("contacts", company, account, {name: value for name, value in record.items() if value is not None})

    def drop(self, list_: str, company: str, account: str, id: str) -> None:  # noqa: A002
        """Keep a record no longer: a hold that was taken back. Nothing happens if there is none."""
        where = (RECORDS.c.list == list_, RECORDS.c.company == company, RECORDS.c.account == account)
        with self.writing() as connection:
            if connection.execute(RECORDS.delete().where(*where, RECORDS.c.id == id)).rowcount:
                row = {"list": "", "company": company, "account": account, "id": "", "data": "{}", "written": True}
                connection.execute(RECORDS.delete().where(RECORDS.c.list == "", *where[1:]))
                connection.execute(RECORDS.insert().values(row | {"changed": next_change(connection)}))

    def records(self, accounts: Sequence[At]) -> dict[At, dict[str, list[dict[str, Any]]]]:
        """What is kept about accounts, by their (company, id), the lists in the order of their records' ids."""
        found: dict[At, dict[str, list[dict[str, Any]]]] = {}
        columns = (RECORDS.c.company, RECORDS.c.account, RECORDS.c.list, RECORDS.c.data)
        wanted = set(accounts)
        asked = sa.select(*columns).where(RECORDS.c.account.in_({id_ for _, id_ in accounts}), RECORDS.c.list != "")
        with self.reading() as connection:
            for company, account, list_, data in connection.execute(asked.order_by(RECORDS.c.id)):
                if (company, account) in wanted:
                    found.setdefault((company, account), {}).setdefault(list_, []).append(json.loads(data))
        return found

    def changed_since(self, change: int) -> list[At]:
        """The accounts something was kept, changed or dropped of since then."""
        asked = sa.select(RECORDS.c.company, RECORDS.c.account).where(RECORDS.c.changed > change).distinct()
        with self.reading() as connection:
            return [(company, account) for company, account in connection.execute(asked)]

    # What is to be written into the ERP

    def unwritten(self, limit: int) -> list[Unwritten]:
        """Contacts of ours that the ERP does not have as they are by now, oldest first."""
        columns = (RECORDS.c.company, RECORDS.c.account, RECORDS.c.id, RECORDS.c.data, RECORDS.c.wrote)
        asked = sa.select(*columns).where(RECORDS.c.list == "contacts", RECORDS.c.written.is_(False))
        with self.reading() as connection:
            rows = connection.execute(asked.order_by(RECORDS.c.changed).limit(limit)).fetchall()
        return [
            Unwritten((company, account), id_, json.loads(data), None if wrote is None else json.loads(wrote))
            for company, account, id_, data, wrote in rows
        ]

    def written(self, one: Unwritten) -> None:
        """The ERP has it like this now; if it has changed since it was asked for, it is to be written again."""
        company, account = one.at
        mine = sa.and_(RECORDS.c.list == "contacts", RECORDS.c.company == company, RECORDS.c.account == account)
        told = told_as(one.record)
        now = {"wrote": told, "written": RECORDS.c.data == told}
        with self.writing() as connection:
            connection.execute(RECORDS.update().where(mine, RECORDS.c.id == one.id).values(now))

    # People

    def forget(self, party: str) -> None:
        """Erase what is kept of a party: their contacts, and what was in messages to them.

        Of a delivery its key and its state stay, which name nobody: else it would go out again. One that was still
        waiting is cancelled. Approvals and holds stay; they are the company's own decisions about an account.
        """
        nobody = {"company": "", "account": "", "debtor": "", "data": "", "party": None, "detail": ""}
        with self.writing() as connection:
            theirs = sa.select(DELIVERIES.c.key).where(DELIVERIES.c.debtor == party).scalar_subquery()
            connection.execute(RECORDS.delete().where(RECORDS.c.party == party))
            connection.execute(COVERS.delete().where(COVERS.c.key.in_(theirs)))
            connection.execute(RECEIPTS.update().where(RECEIPTS.c.key.in_(theirs)).values(party=None, detail=""))
            mine = DELIVERIES.c.debtor == party
            waiting = sa.and_(mine, DELIVERIES.c.state == "accepted")
            connection.execute(DELIVERIES.update().where(waiting).values(state="cancelled", worker=None))
            connection.execute(DELIVERIES.update().where(mine).values(nobody))


# Within a transaction of `writing`


def next_change(connection: Connection) -> int:
    """Counts one more change, and says its number."""
    connection.execute(STATE.update().values(changes=STATE.c.changes + 1))
    return int(connection.execute(sa.select(STATE.c.changes)).scalar_one())


def kept(connection: Connection, list_: str, at: At, id_: str) -> dict[str, Any] | None:
    """The record with this id, None if there is none."""
    found = connection.execute(sa.select(RECORDS.c.data).where(*_the(list_, at, id_))).scalar()
    return None if found is None else dict(json.loads(found))


def keep(connection: Connection, list_: str, at: At, id_: str, record: Mapping[str, Any]) -> None:
    """Puts a record, in place of the one with its id."""
    company, account = at
    row = {"data": told_as(record), "party": record.get("party"), "changed": next_change(connection), "written": False}
    if not connection.execute(RECORDS.update().where(*_the(list_, at, id_)).values(row)).rowcount:
        name = {"list": list_, "company": company, "account": account, "id": id_}
        connection.execute(RECORDS.insert().values(name | row))


def _the(list_: str, at: At, id_: str) -> tuple[sa.ColumnElement[bool], ...]:
    company, account = at
    there = (RECORDS.c.company == company, RECORDS.c.account == account)
    return (RECORDS.c.list == list_, *there, RECORDS.c.id == id_)


def told_as(record: Mapping[str, Any]) -> str:
    """A record as JSON, the same bytes for the same record."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)
