"""Copy me: the whole adapter for an imaginary ERP that keeps its books in an SQLite file (tests/estate.sql).

Each of its habits is one of real ERPs: amounts as text, UTC times, rows "deleted" by a date, late fees among the bills.
Where a line here guards against one of them, leaving it out makes a test of the suite fail (tests/test_conformance.py).
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import dunning
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
    Source,
    contacts_of,
)

CAPABILITIES = Capabilities(
    name="template",
    lists=frozenset({"charges", "payments", "adjustments", "late_fees", "contacts", "disputes", "holds"}),
    changes="complete",
    late_fees_by="dunning",
    delivers=True,
    posts=True,
    resolves=True,
)
CHINA = timezone(timedelta(hours=8))

ITEMS = {"PM": "property_fee", "PK": "parking", "WT": "utility"}
NEVER_LEFT = ("cancelled", "failed")
GRIEVANCES = {"price": "price", "service": "service_quality", "bill": "billing_error"}
COLUMNS: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "charges": ("bill", {"item": "kind", "amount": "amount", "due": "due_date"}),
    "payments": ("receipt", {"amount": "amount", "on": "received_at", "reversed_on": "returned_at"}),
    "adjustments": ("refund", {"amount": "amount", "on": "given_at", "payment": "receipt"}),
    "late_fees": ("bill", {"amount": "amount", "on": "booked_on", "charge": "about", "key": "source_ref"}),
    "contacts": ("message", {"at": "state_at", "outcome": "state", "step": "step", "key": "ref"}),
    "disputes": ("complaint", {"kind": "kind", "opened": "opened", "closed": "closed"}),
    "holds": ("pause", {"since": "since", "until": "until"}),
}
"""Where each field of a record stands in the ERP: what a finding names, so that somebody can go and look."""

# A person's accounts together, in an order that does not change, a page of persons at a time from where the last ended.
PAGE = """
    SELECT DISTINCT company, person FROM resident
    WHERE (company, person) > (?, ?) AND (? < 0 OR id IN (SELECT resident FROM news WHERE version > ?))
    ORDER BY company, person LIMIT ?
"""
NEWS = """
    CREATE TEMP VIEW news AS
    SELECT id AS resident, version FROM resident
    UNION ALL SELECT resident, version FROM bill
    UNION ALL SELECT resident, version FROM receipt
    UNION ALL SELECT resident, version FROM refund
    UNION ALL SELECT resident, version FROM complaint
    UNION ALL SELECT resident, version FROM pause
    UNION ALL SELECT resident, version FROM message
"""
RESIDENTS = "SELECT * FROM resident WHERE company = ? AND person = ? ORDER BY id"
BILLS = "SELECT * FROM bill WHERE resident = ? AND deleted_at IS NULL AND kind <> 'LF' ORDER BY id"
FEES = "SELECT * FROM bill WHERE resident = ? AND deleted_at IS NULL AND kind = 'LF' ORDER BY id"
RECEIPTS = """
    SELECT receipt.*, bill.kind, bill.about FROM receipt LEFT JOIN bill ON bill.id = receipt.bill
    WHERE receipt.resident = ? AND receipt.deleted_at IS NULL ORDER BY receipt.id
"""
REFUNDS = "SELECT * FROM refund WHERE resident = ? ORDER BY id"
COMPLAINTS = "SELECT * FROM complaint WHERE resident = ? ORDER BY id"
PAUSES = "SELECT * FROM pause WHERE resident = ? ORDER BY id"
MESSAGES = "SELECT * FROM message WHERE resident = ? ORDER BY version"
TOO_SOON = f"""
    SELECT ref FROM message WHERE resident = ? AND step = ? AND ref <> ? AND quiet_until > ?
    AND state NOT IN {NEVER_LEFT}
"""

Row = sqlite3.Row
Rows = list[tuple[str, dict[str, Any]]]
"""Records of one list, each with the key of the row it came from."""


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
            read_to = db.execute("SELECT version FROM clock").fetchone()[0]  # before reading: what comes later, again
            for company, person in self._persons(db, -1 if since is None else int(since)):
                for item in self._person(db, company, person):
                    if since is not None or not isinstance(item, Gone):
                        yield item
            yield Mark(str(read_to))

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        with self._database() as db:
            persons: dict[tuple[str, str], None] = {}
            for company, id_ in ids:
                resident = _resident(db, company, id_)
                if resident is None:
                    yield Gone(company, id_, "deleted")
                else:
                    persons[company, resident["person"]] = None
            for company, person in persons:
                yield from self._person(db, company, person)

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
                yield _receipt(row)
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
            db = self.connect(f"file:{self.file}?mode=rw", uri=True, isolation_level=None)
        except sqlite3.Error as error:
            raise AdapterError(f"{self.file}: {error}") from error
        try:
            db.row_factory = sqlite3.Row
            db.execute(NEWS)
            db.execute("BEGIN IMMEDIATE" if write else "BEGIN")
            yield db
            db.execute("COMMIT")
        finally:
            db.close()

    def _persons(self, db: sqlite3.Connection, since: int) -> Iterator[tuple[str, str]]:
        after = ("", "")
        while page := db.execute(PAGE, (*after, since, since, self.page)).fetchall():
            yield from (tuple(row) for row in page)
            after = tuple(page[-1])

    def _person(self, db: sqlite3.Connection, company: str, person: str) -> Iterator[Item]:
        residents = db.execute(RESIDENTS, (company, person)).fetchall()
        contacts = _contacts(db, residents)
        asked = _now(db)
        for resident in residents:
            yield _gone(db, resident) or _account(db, resident, contacts[_name(resident)], asked)


def _name(resident: Row) -> str:
    """Another owner of the room is another account; the same person who comes back is, too."""
    return f"{resident['room']}/{resident['person']}/{resident['id']}"


def _resident(db: sqlite3.Connection, company: str, account: str) -> Row | None:
    number = account.rpartition("/")[2]
    row: Row | None = db.execute("SELECT * FROM resident WHERE id = ? AND company = ?", (number, company)).fetchone()
    return row if row is not None and _name(row) == account else None


def _gone(db: sqlite3.Connection, resident: Row) -> Gone | None:
    if resident["state"] == "open":
        return None
    into = db.execute("SELECT * FROM resident WHERE id = ?", (resident["merged_into"],)).fetchone()
    return Gone(resident["company"], _name(resident), resident["state"], _name(into) if into else None)


def _account(db: sqlite3.Connection, resident: Row, contacts: Rows, asked: datetime) -> Item:
    """One account: the ERP's rows under the names of docs/reference/records.md, and where each value stands."""

    def rows(query: str) -> list[Row]:
        return db.execute(query, (resident["id"],)).fetchall()

    lists: dict[str, Rows] = {
        "charges": [_keyed(row, _charge(row)) for row in rows(BILLS)],
        "payments": [_keyed(row, _payment(row)) for row in rows(RECEIPTS)],
        "adjustments": [_keyed(row, _refund(row)) for row in rows(REFUNDS)],
        "late_fees": _late_fees(rows(FEES)),
        "contacts": contacts,
        "disputes": [_keyed(row, _dispute(row)) for row in rows(COMPLAINTS)],
        "holds": [_keyed(row, _hold(row)) for row in rows(PAUSES)],
    }

    def locate(path: tuple[str | int, ...]) -> Source:
        if len(path) > 1 and path[0] in COLUMNS:
            table, columns = COLUMNS[str(path[0])]
            column = str(path[2]) if len(path) > 2 else ""
            return Source(table, lists[str(path[0])][int(path[1])][0], columns.get(column, column))
        return Source("resident", str(resident["id"]), str(path[0]) if path else "")

    mapping = {
        "company": resident["company"],
        "id": _name(resident),
        "unit": resident["room"],
        "use": "residential",
        "debtor": {"id": resident["person"], "since": resident["moved_in"], "until": resident["moved_out"]},
        "data_as_of": asked,  # by the ERP's clock: without it nothing is ever sent
        "unknown": ["contracts.late_fee_clause"],
        **{name: [record for _, record in records] for name, records in lists.items()},
    }
    return dunning.read(mapping, where=locate)


def _keyed(row: Row, record: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return str(row["id"]), {"id": str(row["id"]), **record}


def _charge(row: Row) -> dict[str, Any]:
    return {"item": ITEMS.get(row["kind"], "other"), "amount": row["amount"], "due": row["due_date"]}


def _payment(row: Row) -> dict[str, Any]:
    record = {"on": _day(row["received_at"]), "amount": row["amount"], "reversed_on": _day(row["returned_at"])}
    if row["bill"] is not None:
        charge, part = (row["about"], "late_fee") if row["kind"] == "LF" else (row["bill"], "principal")
        record["settles"] = [{"charge": str(charge), "part": part, "amount": row["amount"]}]
    return record


def _refund(row: Row) -> dict[str, Any]:
    return {
        "kind": "refund", "on": _day(row["given_at"]), "amount": row["amount"], "payment": str(row["receipt"])
    }  # fmt: skip


def _late_fees(rows: list[Row]) -> Rows:
    """A charge's fee with its corrections as one row: their sum, and the key of the last that came from us."""
    by_charge: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_charge[str(row["about"])].append(row)
    found: Rows = []
    for charge, booked in by_charge.items():
        amount = sum(Decimal(row["amount"]) for row in booked)
        keys = [row["source_ref"] for row in booked if row["source_ref"]]
        record = {"charge": charge, "on": booked[-1]["booked_on"], "amount": amount, "key": keys[-1] if keys else None}
        found.append(_keyed(booked[-1], record))
    return found


def _dispute(row: Row) -> dict[str, Any]:
    return {"kind": GRIEVANCES.get(row["kind"], "service_quality"), "opened": row["opened"], "closed": row["closed"]}


def _hold(row: Row) -> dict[str, Any]:
    return {"kind": "contact", "since": row["since"], "until": row["until"]}


def _contacts(db: sqlite3.Connection, residents: list[Row]) -> dict[str, Rows]:
    """What was sent to a person, on each of the accounts it was about."""
    found: dict[str, Rows] = defaultdict(list)
    for resident in residents:
        for row in db.execute(MESSAGES, (resident["id"],)):
            for account, contact in contacts_of(Delivery.from_dict(json.loads(row["body"])), _receipt(row)):
                record = {
                    "id": contact.id, "at": contact.at, "step": contact.step, "party": contact.party,
                    "outcome": contact.outcome, "charges": contact.charges, "proof": contact.proof, "key": contact.key,
                }  # fmt: skip
                found[account].append((row["ref"], record))
    return found


def _take(db: sqlite3.Connection, delivery: Delivery) -> Receipt:
    """A message for the ERP's gateway, one for a key: what is under way or gone is left alone."""
    resident = _resident(db, delivery.company, delivery.account)
    if resident is None:
        return Receipt(delivery.key, "refused", _now(db), detail="no such resident")
    row = _message(db, delivery.key)
    if row is not None and (row["state"] not in NEVER_LEFT or row["day"] >= delivery.on.isoformat()):
        return _receipt(row)
    if db.execute(TOO_SOON, (resident["id"], delivery.action.step, delivery.key, delivery.on.isoformat())).fetchone():
        return Receipt(delivery.key, "refused", _now(db), detail="the same step went out a short while ago")
    message = {
        "ref": delivery.key,
        "resident": resident["id"],
        "step": delivery.action.step,
        "day": delivery.on.isoformat(),
        "quiet_until": _iso(delivery.not_again_before),
        "send_from": _utc(delivery.action.not_before),
        "send_until": _utc(delivery.action.not_after),
        "body": delivery.to_json(),
        "state": "accepted",
        "state_at": _utc(_now(db)),
    }
    db.execute(f"INSERT OR REPLACE INTO message ({', '.join(message)}) VALUES (:{', :'.join(message)})", message)
    return _receipt(_message(db, delivery.key))


def _take_back(db: sqlite3.Connection, key: str, because: str) -> Receipt:
    db.execute(
        "UPDATE message SET state = 'cancelled', state_at = ? WHERE ref = ? AND state = 'accepted'",
        (_utc(_now(db)), key),
    )
    row = _message(db, key)
    if row is None:
        return Receipt(key, "refused", _now(db), detail="no such message")
    receipt = _receipt(row)
    return receipt if receipt.state in NEVER_LEFT else receipt._replace(state="too_late", detail=because)


def _book(db: sqlite3.Connection, posting: Posting) -> str:
    """One more bill, once a key; a correction or waiver is one below zero."""
    resident = _resident(db, posting.company, posting.account)
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
    row: Row | None = db.execute("SELECT * FROM message WHERE ref = ?", (key,)).fetchone()
    return row


def _receipt(row: Row | None) -> Receipt:
    assert row is not None
    return Receipt(row["ref"], row["state"], datetime.fromisoformat(row["state_at"]), row["channel"])


def _now(db: sqlite3.Connection) -> datetime:
    """By the ERP's clock, which is the one its own rows go by."""
    now: str = db.execute("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')").fetchone()[0]
    return datetime.fromisoformat(now)


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _day(moment: str | None) -> date | None:
    """The day in China of a time in UTC, which until eight in the morning is not the day written in it."""
    return None if moment is None else datetime.fromisoformat(moment).astimezone(CHINA).date()


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
