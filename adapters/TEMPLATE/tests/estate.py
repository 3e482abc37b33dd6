"""The ERP of the template as its own people use it: by SQL on its file, never through the adapter."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from dunning import Account
from dunning.adapter import Adapter
from dunning.testing.conformance import (
    Arrived,
    At,
    Bounced,
    Change,
    Charged,
    Closed,
    Dispatched,
    Disputed,
    Emptied,
    Erased,
    FeeBooked,
    Held,
    Invoiced,
    Kept,
    Merged,
    Moved,
    Paid,
    Point,
    Refunded,
    Released,
    Voided,
)

SCHEMA = (Path(__file__).parent / "estate.sql").read_text("utf-8")
CHINA = timezone(timedelta(hours=8))
KINDS = {"property_fee": "PM", "parking": "PK", "utility": "WT"}
GRIEVANCES = {"price": "price", "service_quality": "service", "billing_error": "bill"}
TABLES = {"charges": "bill", "payments": "receipt"}


class EstateBench:
    """A new file of the imaginary ERP, and how to open the adapter on it."""

    def __init__(self, folder: Path, opener: Callable[..., Adapter], *, page: int = 500) -> None:
        self.file = folder / "estate.sqlite"
        self.opener = opener
        self.page = page
        self.today = datetime.now(CHINA).date()
        self.rows: dict[tuple[At, str, str], int] = {}  # what became of the test's names
        self.left: list[str] = []
        self.file.write_bytes(_empty())

    def open(self) -> Adapter:
        return self.opener(file=str(self.file), page=str(self.page))

    def put(self, accounts: Sequence[Account]) -> Sequence[Kept]:
        with self._sql() as db:
            return [self._put(db, account) for account in accounts]

    def do(self, change: Change) -> None:
        with self._sql() as db:
            self._do(db, change)

    def column(self, field: str) -> str:
        return {"due": "due_date", "amount": "amount"}[field]

    def sent(self) -> Sequence[str]:
        return list(self.left)

    def crash(self, point: Point) -> Adapter:
        class Dying(sqlite3.Connection):
            """A connection whose process is killed at that point of writing messages."""

            written = 0

            def execute(self, sql: str, *args: Any) -> sqlite3.Cursor:
                writing = "INTO message" in sql
                if writing and self.written == {"before": 0, "between": 1}.get(point):
                    raise KeyboardInterrupt
                self.written += writing
                done = super().execute(sql, *args)
                if sql == "COMMIT" and self.written and point == "after":
                    raise KeyboardInterrupt
                return done

        adapter = self.open()
        adapter.connect = lambda *args, **more: sqlite3.connect(*args, factory=Dying, **more)  # type: ignore[attr-defined]
        return adapter

    @contextmanager
    def _sql(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self.file)
        db.execute("PRAGMA synchronous = OFF")  # a test need not outlive a power cut
        try:
            with db:
                yield db
        finally:
            db.close()

    def _put(self, db: sqlite3.Connection, account: Account) -> Kept:
        at = (account.company, account.id)
        debtor = account.debtor
        who = {"company": account.company, "room": account.unit, "person": debtor.id}
        resident = _insert(db, "resident", **who, moved_in=_iso(debtor.since), moved_out=_iso(debtor.until))
        db.execute("INSERT OR IGNORE INTO person VALUES (?, '业主', '13800000000')", (debtor.id,))
        self.rows[at, "", ""] = resident
        for one in account.contracts:
            terms = {"kind": one.kind, "late_fee": one.late_fee_clause is True}
            _insert(db, "contract", resident=resident, **terms)
        charges = {charge.id: self._bill(db, at, charge) for charge in account.charges}
        for payment in account.payments:
            self._receipt(db, at, payment)
        return Kept(account.company, f"{account.unit}/{debtor.id}/{resident}", charges)

    def _bill(self, db: sqlite3.Connection, at: At, charge: Any, invoice: str | None = None) -> str:
        row = _insert(
            db, "bill", resident=self.rows[at, "", ""], invoice=invoice, kind=KINDS[charge.item],
            amount=_yuan(charge.amount), due_date=_iso(charge.due),
        )  # fmt: skip
        self.rows[at, "charges", charge.id] = row
        return str(row)

    def _fee(self, db: sqlite3.Connection, at: At, fee: Any, invoice: str | None = None) -> None:
        about = self.rows[at, "charges", fee.charge]
        _insert(
            db, "bill", resident=self.rows[at, "", ""], invoice=invoice, kind="LF", amount=_yuan(fee.amount),
            due_date=_iso(fee.on), booked_on=_iso(fee.on), about=about,
        )  # fmt: skip

    def _receipt(self, db: sqlite3.Connection, at: At, payment: Any) -> None:
        bill = self.rows[at, "charges", payment.for_[0]] if payment.for_ else None
        self.rows[at, "payments", payment.id] = _insert(
            db, "receipt", resident=self.rows[at, "", ""], bill=bill, amount=_yuan(payment.amount),
            received_at=_midnight(payment.on),
        )  # fmt: skip

    def _do(self, db: sqlite3.Connection, change: Change) -> None:
        match change:
            case Charged(at, charge):
                self._bill(db, at, charge)
            case Invoiced(at, charges, fee):
                for charge in charges:
                    self._bill(db, at, charge, "INV-1")
                if fee is not None:
                    self._fee(db, at, fee, "INV-1")
            case FeeBooked(at, fee):
                self._fee(db, at, fee)
            case Paid(at, payment):
                self._receipt(db, at, payment)
            case Bounced(at, payment, on):
                row = self.rows[at, "payments", payment]
                db.execute("UPDATE receipt SET returned_at = ? WHERE id = ?", (_midnight(on), row))
            case Refunded(at, payment, amount, on):
                of = {"resident": self.rows[at, "", ""], "receipt": self.rows[at, "payments", payment]}
                _insert(db, "refund", **of, amount=_yuan(amount), given_at=_midnight(on))
            case Voided(at, records, id_):
                row = self.rows[at, records, id_]
                db.execute(f"UPDATE {TABLES[records]} SET deleted_at = ? WHERE id = ?", (_midnight(self.today), row))
            case Disputed(at, dispute):
                kind = GRIEVANCES.get(dispute.kind, "service")
                _insert(db, "complaint", resident=self.rows[at, "", ""], kind=kind, opened=_iso(dispute.opened))
            case Held(at, hold):
                days = {"since": _iso(hold.since), "until": _iso(hold.until)}
                self.rows[at, "holds", hold.id] = _insert(db, "pause", resident=self.rows[at, "", ""], **days)
            case Released(at, hold):
                until = _iso(self.today - timedelta(days=1))
                db.execute("UPDATE pause SET until = ? WHERE id = ?", (until, self.rows[at, "holds", hold]))
            case Moved(at, to):
                assert to.debtor.since is not None
                left = _iso(to.debtor.since - timedelta(days=1))
                db.execute("UPDATE resident SET moved_out = ? WHERE id = ?", (left, self.rows[at, "", ""]))
                self._put(db, to)
            case Closed(at):
                db.execute("UPDATE resident SET state = 'closed' WHERE id = ?", (self.rows[at, "", ""],))
            case Merged(at, into):
                rows = (self.rows[into, "", ""], self.rows[at, "", ""])
                db.execute("UPDATE resident SET state = 'merged', merged_into = ? WHERE id = ?", rows)
            case Erased(at):
                db.execute("UPDATE resident SET state = 'erased' WHERE id = ?", (self.rows[at, "", ""],))
            case Emptied(at, charge, field):
                row = self.rows[at, "charges", charge]
                db.execute(f"UPDATE bill SET {self.column(field)} = NULL WHERE id = ?", (row,))
            case Dispatched(now):
                self._dispatch(db, _utc(now))
            case Arrived(key, state, now):
                db.execute("UPDATE message SET state = ?, state_at = ? WHERE ref = ?", (state, _utc(now), key))

    def _dispatch(self, db: sqlite3.Connection, now: str) -> None:
        """The ERP's gateway: it sends what may be sent now."""
        due = "JOIN sending_hours USING (ref) WHERE state = 'accepted' AND send_from <= ? AND send_until >= ?"
        for (key,) in db.execute(f"SELECT DISTINCT ref FROM message {due} ORDER BY ref", (now, now)).fetchall():
            self.left.append(key)
            sent = "UPDATE message SET state = 'sent', state_at = ?, channel = 'sms' WHERE ref = ?"
            db.execute(sent, (now, key))


@cache
def _empty() -> bytes:
    """The file of an ERP that nobody has used."""
    with TemporaryDirectory() as folder:
        file = Path(folder) / "estate.sqlite"
        db = sqlite3.connect(file)
        db.executescript("PRAGMA journal_mode = WAL;" + SCHEMA)  # read while others write, as servers can
        db.close()
        return file.read_bytes()


def _insert(db: sqlite3.Connection, table: str, **values: object) -> int:
    names, marks = ", ".join(values), ", ".join("?" * len(values))
    row = db.execute(f"INSERT INTO {table} ({names}) VALUES ({marks})", tuple(values.values())).lastrowid
    assert row is not None
    return row


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _midnight(day: date) -> str:
    """How this ERP stores a day: as its first moment in China, written in UTC, which is the evening before."""
    return _utc(datetime.combine(day, time(), CHINA))


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
