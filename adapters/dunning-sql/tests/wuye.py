"""The ERP of these tests, as its own people use it: by SQL on its tables, never through the adapter.

It has what grown systems have: rows deleted by a flag, late fees among the fees, amounts in fen here and in yuan there,
midnights for days, states in letters.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dunning import Account
from dunning.adapter import Adapter, Delivery, Receipt
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
from dunning_sql import Outbox, SqlAdapter, open_sql, work
from dunning_sql.database import open_engine

MAPPING = Path(__file__).parent / "wuye.yaml"
CHINA = timezone(timedelta(hours=8))
ITEMS = {"property_fee": "WY", "parking": "TC", "utility": "SF"}
COMPLAINTS = {"price": 1, "service_quality": 2, "billing_error": 3}

META = sa.MetaData()
_ID = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def _table(name: str, *columns: sa.Column[Any]) -> sa.Table:
    return sa.Table(name, META, *columns, sa.Column("updated_at", sa.DateTime, nullable=False, index=True))


def _whose() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("company_code", sa.String(20), nullable=False),
        sa.Column("account_no", sa.String(40), nullable=False, index=True),
    )


ACCOUNT = _table(
    "wy_account",
    sa.Column("company_code", sa.String(20), primary_key=True),
    sa.Column("account_no", sa.String(40), primary_key=True),
    sa.Column("room_no", sa.String(40)),
    sa.Column("owner_id", sa.String(40), index=True),
    sa.Column("owner_type", sa.SmallInteger),
    sa.Column("moved_in", sa.Date),
    sa.Column("moved_out", sa.Date),
    sa.Column("state", sa.CHAR(1)),
    sa.Column("merged_into", sa.String(40)),
)
OWNER = sa.Table(
    "wy_owner",
    META,
    sa.Column("owner_id", sa.String(40), primary_key=True),
    sa.Column("owner_name", sa.String(40)),
    sa.Column("mobile", sa.String(20)),
)
FEE = _table(
    "wy_fee",
    sa.Column("fee_id", _ID, primary_key=True),
    *_whose(),
    sa.Column("fee_type", sa.String(4)),
    sa.Column("amount", sa.Numeric(12, 2)),
    sa.Column("due_date", sa.DateTime),
    sa.Column("about_fee_id", _ID),
    sa.Column("source_key", sa.String(64), unique=True),
    sa.Column("del_flag", sa.SmallInteger, nullable=False, default=0),
)
PAYMENT = _table(
    "wy_payment",
    sa.Column("pay_id", _ID, primary_key=True),
    *_whose(),
    sa.Column("fee_id", _ID),
    sa.Column("amount_fen", sa.BigInteger),
    sa.Column("paid_at", sa.DateTime),
    sa.Column("returned_on", sa.Date),
    sa.Column("del_flag", sa.SmallInteger, nullable=False, default=0),
)
REFUND = _table(
    "wy_refund",
    sa.Column("refund_id", _ID, primary_key=True),
    sa.Column("pay_id", _ID, index=True),
    sa.Column("amount", sa.Numeric(12, 2)),
    sa.Column("given_on", sa.Date),
)
COMPLAINT = _table(
    "wy_complaint",
    sa.Column("complaint_id", _ID, primary_key=True),
    *_whose(),
    sa.Column("kind", sa.SmallInteger),
    sa.Column("opened_on", sa.Date),
)
PAUSE = _table(
    "wy_pause",
    sa.Column("pause_id", _ID, primary_key=True),
    *_whose(),
    sa.Column("begins", sa.Date),
    sa.Column("ends", sa.Date),
    sa.Column("del_flag", sa.SmallInteger, nullable=False, default=0),
)


class Gateway:
    """Where messages leave: a key once, however often it is handed over."""

    once = True

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.left: list[str] = []

    def send(self, delivery: Delivery, key: str) -> Receipt:
        if key not in self.left:
            self.left.append(key)
        return Receipt(key, "sent", self.now, "sms", delivery.debtor)

    def known(self, key: str) -> Receipt | None:
        return Receipt(key, "sent", self.now) if key in self.left else None


class WuyeBench:
    """The ERP in a database of its own, and the adapter on it with a store."""

    def __init__(self, url: str, store: str, *, page: str = "", mapping: Path = MAPPING) -> None:
        self.url, self.store, self.page, self.mapping = url, store, page, mapping
        self.engine = open_engine(url, read_only=False)
        self.today = datetime.now(CHINA).date()
        self.rows: dict[tuple[At, str, str], int] = {}  # what became of the test's names
        self.gateway = Gateway(datetime.now(CHINA))
        if self.engine.dialect.name == "sqlite":  # so that it can be written to while it is read
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
                file.execute("PRAGMA journal_mode = WAL")
        META.create_all(self.engine)
        self.open()
        for address in (url, store):  # tests may share a database
            _wipe(open_engine(address if "://" in address else f"sqlite:///{address}", read_only=False))

    def open(self) -> SqlAdapter:
        return open_sql(mapping=str(self.mapping), url=self.url, store=self.store, page=self.page)

    def put(self, accounts: Sequence[Account]) -> Sequence[Kept]:
        with self.engine.begin() as db:
            return [self._put(db, account) for account in accounts]

    def do(self, change: Change) -> None:
        match change:
            case Dispatched(now):
                self.gateway.now = now
                work(Outbox(self.open().outbox.store), self.gateway, worker="w", now=lambda: now)
            case Arrived(key, state, now):
                self.open().outbox.report(Receipt(key, state, now))
            case _:
                with self.engine.begin() as db:
                    self._do(db, change)

    def column(self, field: str) -> str:
        return {"due": "due_date", "amount": "amount"}[field]

    def sent(self) -> Sequence[str]:
        return list(self.gateway.left)

    def crash(self, point: Point) -> Adapter:
        adapter = self.open()
        outbox = adapter.outbox

        def dies(_: object, __: object, sql: str, *___: object) -> None:
            if "INSERT INTO dunning_deliveries" in sql:
                dies.written += 1  # type: ignore[attr-defined]
                if dies.written > {"before": 0, "between": 1, "after": 9}[point]:  # type: ignore[attr-defined]
                    raise KeyboardInterrupt

        class Dying(Outbox):
            def accept(self, deliveries: Sequence[Delivery], now: datetime) -> list[Receipt]:
                super().accept(deliveries, now)
                raise KeyboardInterrupt

        dies.written = 0  # type: ignore[attr-defined]
        sa.event.listen(outbox.store.engine, "before_cursor_execute", dies)
        adapter.outbox = Dying(outbox.store)
        return adapter

    # The ERP's own people at work

    def _put(self, db: sa.Connection, account: Account) -> Kept:
        at, debtor = (account.company, account.id), account.debtor
        row = {"company_code": at[0], "account_no": at[1], "room_no": account.unit, "owner_id": debtor.id}
        row |= {"owner_type": 1, "moved_in": debtor.since, "moved_out": debtor.until, "state": "0"}
        _insert(db, ACCOUNT, row)
        if db.execute(sa.select(OWNER.c.owner_id).where(OWNER.c.owner_id == debtor.id)).first() is None:
            db.execute(OWNER.insert().values(owner_id=debtor.id, owner_name="业主", mobile="13800000000"))
        charges = {charge.id: self._fee(db, at, charge) for charge in account.charges}
        for payment in account.payments:
            self._pay(db, at, payment)
        return Kept(*at, charges)

    def _fee(self, db: sa.Connection, at: At, charge: Any) -> str:
        row = {"fee_type": ITEMS[charge.item], "amount": _yuan(charge.amount), "due_date": _midnight(charge.due)}
        self.rows[at, "charges", charge.id] = _insert(db, FEE, _of(at) | row)
        return str(self.rows[at, "charges", charge.id])

    def _late_fee(self, db: sa.Connection, at: At, fee: Any) -> None:
        row = {"fee_type": "LF", "amount": _yuan(fee.amount), "due_date": _midnight(fee.on)}
        _insert(db, FEE, _of(at) | row | {"about_fee_id": self.rows[at, "charges", fee.charge]})

    def _pay(self, db: sa.Connection, at: At, payment: Any) -> None:
        fee = self.rows[at, "charges", payment.for_[0]] if payment.for_ else None
        row = {"fee_id": fee, "amount_fen": payment.amount, "paid_at": _midnight(payment.on)}
        self.rows[at, "payments", payment.id] = _insert(db, PAYMENT, _of(at) | row)

    def _do(self, db: sa.Connection, change: Change) -> None:
        match change:
            case Charged(at, charge):
                self._fee(db, at, charge)
            case Invoiced(at, charges, fee):
                for charge in charges:
                    self._fee(db, at, charge)
                if fee is not None:
                    self._late_fee(db, at, fee)
            case FeeBooked(at, fee):
                self._late_fee(db, at, fee)
            case Paid(at, payment):
                self._pay(db, at, payment)
            case Bounced(at, payment, on):
                self._update(db, PAYMENT, (at, "payments", payment), returned_on=on)
            case Refunded(at, payment, amount, on):
                row = {"pay_id": self.rows[at, "payments", payment], "amount": _yuan(amount), "given_on": on}
                _insert(db, REFUND, row)
            case Voided(at, of, id_):
                self._update(db, FEE if of == "charges" else PAYMENT, (at, of, id_), del_flag=1)
            case Disputed(at, dispute):
                row = {"kind": COMPLAINTS[dispute.kind], "opened_on": dispute.opened}
                self.rows[at, "disputes", dispute.id] = _insert(db, COMPLAINT, _of(at) | row)
            case Held(at, hold):
                row = {"begins": hold.since, "ends": hold.until}
                self.rows[at, "holds", hold.id] = _insert(db, PAUSE, _of(at) | row)
            case Released(at, hold):
                self._update(db, PAUSE, (at, "holds", hold), del_flag=1)
            case Moved(at, to):
                self._account(db, at, moved_out=to.debtor.since and to.debtor.since - timedelta(days=1))
                self._put(db, to)
            case Closed(at):
                self._account(db, at, state="C")
            case Merged(at, into):
                self._account(db, at, state="M", merged_into=into[1])
            case Erased(at):
                self._account(db, at, state="E")
            case Emptied(at, charge, field):
                self._update(db, FEE, (at, "charges", charge), **{self.column(field): None})
            case _:
                raise NotImplementedError

    def _update(self, db: sa.Connection, table: sa.Table, name: tuple[At, str, str], **values: object) -> None:
        key = next(iter(table.primary_key))
        db.execute(table.update().where(key == self.rows[name]).values(**values, updated_at=_now()))

    def _account(self, db: sa.Connection, at: At, **values: object) -> None:
        c = ACCOUNT.c
        mine = ACCOUNT.update().where(c.company_code == at[0], c.account_no == at[1])
        db.execute(mine.values(**values, updated_at=_now()))


def _wipe(engine: sa.Engine) -> None:
    with engine.begin() as db:
        for table in sa.inspect(db).get_table_names():
            if table != "dunning_state":
                db.exec_driver_sql(f"DELETE FROM {table}")


def _insert(db: sa.Connection, table: sa.Table, row: Mapping[str, object]) -> int:
    key = db.execute(table.insert().values({**row, "updated_at": _now()})).inserted_primary_key
    assert key is not None
    return key[0]  # type: ignore[no-any-return]


def _of(at: At) -> dict[str, object]:
    return {"company_code": at[0], "account_no": at[1]}


def _now() -> datetime:
    return datetime.now(UTC).astimezone(CHINA).replace(tzinfo=None, microsecond=0)


def _midnight(day: date | None) -> datetime | None:
    return None if day is None else datetime.combine(day, time.min)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)
