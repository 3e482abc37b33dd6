"""Copy me: the whole adapter for an imaginary ERP that keeps its books in an SQLite file (tests/estate.sql).

Accounts come out of it (rows.py), messages go into the table its gateway sends from, late fees become bills.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from dunning.adapter import (
    Adapter,
    AdapterError,
    Capabilities,
    Cursor,
    Delivery,
    Gone,
    Item,
    Mark,
    PartyCard,
    Posting,
    Receipt,
    RefusedError,
)
from dunning_template.rows import CHINA, Row, now, read_person, receipt_of, resident_of

CAPABILITIES = Capabilities(
    name="template",
    lists=frozenset(["contracts", "charges", "payments", "adjustments", "late_fees", "contacts", "disputes", "holds"]),
    changes="complete",
    late_fees_by="dunning",
    delivers=True,
    posts=True,
    resolves=True,
)

# A person's accounts together, in an order that does not change, a page of persons at a time from where the last ended.
PAGE = """
    SELECT DISTINCT company, person FROM resident
    WHERE (company, person) > (?, ?) AND (? < 0 OR id IN (SELECT resident FROM news WHERE version > ?))
    ORDER BY company, person LIMIT ?
"""
CHANGING = ("contract", "bill", "receipt", "refund", "complaint", "pause", "message")
NEWS = "CREATE TEMP VIEW news AS SELECT id AS resident, version FROM resident" + "".join(
    f" UNION ALL SELECT resident, version FROM {table}" for table in CHANGING
)
MESSAGE = "SELECT * FROM message WHERE ref = ?"
NEVER_LEFT = ("cancelled", "failed")
TOO_SOON = f"""
    SELECT 1 FROM message WHERE resident = ? AND step = ? AND ref <> ? AND quiet_until > ?
    AND state NOT IN {NEVER_LEFT}
"""


def open_estate(*, file: str, page: str = "500") -> Adapter:
    """The ERP in the SQLite file `file`; `page` is how many persons are read at a time."""
    return Estate(file, int(page))


class Estate:
    """An adapter is any object with these methods; nothing is inherited and nothing is remembered between two calls."""

    connect = staticmethod(sqlite3.connect)

    def __init__(self, file: str, page: int) -> None:
        self.file = file
        self.page = page

    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        with self._database() as db:
            asked = now(db)
            read_to = db.execute("SELECT version FROM clock").fetchone()[0]  # before reading: what comes later, again
            for company, person in self._persons(db, -1 if since is None else int(since)):
                for item in read_person(db, company, person, asked):
                    if since is not None or not isinstance(item, Gone):
                        yield item
            yield Mark(str(read_to))

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        with self._database() as db:
            asked = now(db)
            persons: dict[tuple[str, str], None] = {}
            for company, id_ in ids:
                resident = resident_of(db, company, id_)
                if resident is None:
                    yield Gone(company, id_, "deleted")
                else:
                    persons[company, resident["person"]] = None
            for company, person in persons:
                yield from read_person(db, company, person, asked)

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        with self._database(write=True) as db:  # one transaction: all of them are in the ERP, or none is
            return [_take(db, delivery) for delivery in deliveries]

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        with self._database(write=True) as db:
            return [_take_back(db, key, because) for key in keys]

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        with self._database() as db:
            last = int(since or 0)
            for row in db.execute("SELECT * FROM message WHERE version > ? ORDER BY version", (last,)):
                last = row["version"]
                yield receipt_of(row)
            yield Mark(str(last))

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        with self._database(write=True) as db:
            return [_book(db, posting) for posting in postings]

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        with self._database() as db:
            for id_ in ids:
                row = db.execute("SELECT * FROM person WHERE id = ?", (id_,)).fetchone()
                if row is not None:
                    yield PartyCard(id=id_, name=row["name"] or "", addresses={"phone": row["phone"]})

    def forget(self, party: str) -> None:
        del party  # this adapter keeps nothing of its own
        raise RefusedError.to(CAPABILITIES.name, "forget")

    @contextmanager
    def _database(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """A transaction: kept whole, or not at all."""
        try:
            with closing(self.connect(f"file:{self.file}?mode=rw", uri=True, isolation_level=None)) as db:
                db.row_factory = sqlite3.Row
                db.execute(NEWS)
                db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
                yield db
                db.execute("COMMIT")
        except sqlite3.Error as error:
            raise AdapterError(f"{self.file}: {error}") from error

    def _persons(self, db: sqlite3.Connection, since: int) -> Iterator[tuple[str, str]]:
        after = ("", "")
        while page := db.execute(PAGE, (*after, since, since, self.page)).fetchall():
            yield from (tuple(row) for row in page)
            after = tuple(page[-1])


def _take(db: sqlite3.Connection, delivery: Delivery) -> Receipt:
    """A message for the ERP's gateway, one for a key: what is under way or gone is left alone."""
    resident = resident_of(db, delivery.company, delivery.account)
    if resident is None:
        return Receipt(delivery.key, "refused", now(db), detail="no such resident")
    on, action = delivery.on.isoformat(), delivery.action
    row = _message(db, delivery.key)
    if row is not None and (row["day"] >= on or row["state"] not in (*NEVER_LEFT, "accepted")):
        return receipt_of(row)
    if db.execute(TOO_SOON, (resident["id"], action.step, delivery.key, on)).fetchone():
        return Receipt(delivery.key, "refused", now(db), detail="the same step went out a short while ago")
    quiet = None if delivery.not_again_before is None else delivery.not_again_before.isoformat()
    db.execute(
        "INSERT OR REPLACE INTO message (ref, resident, step, day, quiet_until, body, state, state_at)"
        " VALUES (?, ?, ?, ?, ?, ?, 'accepted', ?)",
        (delivery.key, resident["id"], action.step, on, quiet, delivery.to_json(), _utc(now(db))),
    )
    _set_hours(db, delivery)
    return receipt_of(db.execute(MESSAGE, (delivery.key,)).fetchone())


def _set_hours(db: sqlite3.Connection, delivery: Delivery) -> None:
    """All the stretches of the day in which the gateway may send it: at noon people rest."""
    midnight = datetime.combine(delivery.on + timedelta(days=1), time(), CHINA)
    stretches = [(delivery.key, _utc(since), _utc(until or midnight)) for since, until in delivery.hours]
    db.execute("DELETE FROM sending_hours WHERE ref = ?", (delivery.key,))
    db.executemany("INSERT INTO sending_hours VALUES (?, ?, ?)", stretches)


def _take_back(db: sqlite3.Connection, key: str, because: str) -> Receipt:
    db.execute(
        "UPDATE message SET state = 'cancelled', state_at = ? WHERE ref = ? AND state = 'accepted'",
        (_utc(now(db)), key),
    )
    row = _message(db, key)
    if row is None:
        return Receipt(key, "refused", now(db), detail="no such message")
    receipt = receipt_of(row)
    return receipt if receipt.state in NEVER_LEFT else receipt._replace(state="too_late", detail=because)


def _book(db: sqlite3.Connection, posting: Posting) -> str:
    """One more bill, once a key; a correction or waiver is one below zero."""
    resident = resident_of(db, posting.company, posting.account)
    if resident is None:
        raise AdapterError(f"{posting.company}/{posting.account}: no such resident")
    amount = f"{Decimal(posting.amount) / 100:.2f}"
    db.execute(
        "INSERT OR IGNORE INTO bill (resident, kind, amount, booked_on, about, source_ref)"
        " VALUES (?, 'LF', ?, ?, ?, ?)",
        (resident["id"], amount, posting.through.isoformat(), posting.charge, posting.key),
    )
    return str(db.execute("SELECT id FROM bill WHERE source_ref = ?", (posting.key,)).fetchone()[0])


def _message(db: sqlite3.Connection, key: str) -> Row | None:
    row: Row | None = db.execute(MESSAGE, (key,)).fetchone()
    return row


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
