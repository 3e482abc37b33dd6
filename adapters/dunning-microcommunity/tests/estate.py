"""MicroCommunity as its own people use it: by its tables, never through the adapter.

One fee for each charge that is put, with the one month row that it has; a job brings the snapshot of arrears up to date
after every change, as its own does at night.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from dunning import Account
from dunning.adapter import Adapter
from dunning.testing.conformance import (
    At,
    Bounced,
    Change,
    Charged,
    Dispatched,
    Disputed,
    Emptied,
    FeeBooked,
    Held,
    Kept,
    Moved,
    Paid,
    Released,
    Voided,
)
from dunning_microcommunity import CallableLog, open_microcommunity
from dunning_microcommunity.accounts import OURS
from dunning_sql import Outbox, Store, work
from dunning_sql.database import open_engine

CHINA = timezone(timedelta(hours=8))
TYPES = {"property_fee": "888800010001", "parking": "888800010008", "utility": "888800010015"}
DUE = "prepaid:start+0,postpaid:end+0"
LONG_AGO, FAR_OFF = date(2015, 1, 1), date(2037, 1, 1)


class Tables:
    """The ERP's tables: rows in, rows changed, and its nightly job."""

    def __init__(self, url: str) -> None:
        self.engine = open_engine(url, read_only=False)
        self.numbers = count(1)
        with self.engine.begin() as db:
            self.columns = {
                table: [column["name"] for column in sa.inspect(db).get_columns(table)]
                for table in sa.inspect(db).get_table_names()
            }
            for table in self.columns:
                db.exec_driver_sql(f"DELETE FROM {table}")

    def id(self, letter: str) -> str:
        return f"{letter}{next(self.numbers):07d}"

    def insert(self, db: sa.Connection, table: str, /, **row: object) -> None:
        db.execute(sa.table(table, *map(sa.column, row)).insert().values(row))

    def add(self, table: str, /, **row: object) -> None:
        with self.engine.begin() as db:
            self.insert(db, table, **row)

    def change(self, sql: str, **values: object) -> None:
        with self.engine.begin() as db:
            db.execute(sa.text(sql), values)

    def job(self, db: sa.Connection, fees: Sequence[str]) -> None:
        """Its own job: what is owed of these fees, with two decimals."""
        for fee in fees:
            db.execute(sa.text("DELETE FROM report_owe_fee WHERE fee_id = :fee"), {"fee": fee})
            asked = """
                SELECT ROUND(SUM(IF(m.state = 'R', m.receivable_amount,
                                    m.receivable_amount - m.received_amount - m.discount_amount)), 2) AS owed,
                       MAX(m.cur_month_time) AS last, MAX(m.community_id) AS community
                FROM pay_fee_detail_month m JOIN pay_fee f ON f.fee_id = m.fee_id
                WHERE m.fee_id = :fee AND m.state <> 'C' AND m.status_cd = '0' AND f.status_cd = '0'"""
            row = db.execute(sa.text(asked), {"fee": fee}).one()
            if row.owed is not None and row.last is not None:
                self.insert(
                    db, "report_owe_fee", owe_id=self.id("W"), fee_id=fee, amount_owed=row.owed,
                    community_id=row.community, deadline_time=row.last + timedelta(days=31), update_time=now(),
                )  # fmt: skip


class MicroCommunityBench:
    """The ERP in a MariaDB, and the adapter on it with a store; messages leave through the ERP's own log."""

    def __init__(self, url: str, store: Path, *, page: str = "") -> None:
        self.url, self.store, self.page = url, str(store), page
        self.today: date = now().date()
        self.tables = Tables(url)
        self.rooms: dict[tuple[str, str], str] = {}
        self.owners: dict[At, str] = {}
        self.members: dict[tuple[str, str], str] = {}
        self.months: dict[tuple[At, str], str] = {}
        self.fees: dict[str, str] = {}  # of a month
        self.paid: dict[tuple[At, str], tuple[str, list[tuple[str, int]]]] = {}
        self.dispatched_at = datetime.now(CHINA)
        with self.tables.engine.begin() as db:
            for community in ("wy-01", "wy-02"):
                self.tables.insert(db, "s_community", community_id=community, name="幸福里")
                self.tables.insert(db, "f_floor", floor_id=f"F{community}", floor_num="1", community_id=community)
                self.tables.insert(db, "building_unit", unit_id=f"U{community}", unit_num="1", floor_id=f"F{community}")
                for kind, code in TYPES.items():
                    self.tables.insert(
                        db, "pay_fee_config", config_id=f"K{community}{kind}", community_id=community,
                        fee_type_cd=code, fee_name=kind, fee_flag="1003006", payment_cycle="1", payment_cd="1200",
                        state="Y",
                    )  # fmt: skip

    def open(self) -> Adapter:
        return open_microcommunity(due=DUE, url=self.url, store=self.store, page=self.page)

    def put(self, accounts: Sequence[Account]) -> Sequence[Kept]:
        with self.tables.engine.begin() as db:
            return [self._put(db, account) for account in accounts]

    def do(self, change: Change) -> None:
        match change:
            case Dispatched(at):
                self.dispatched_at = at
                sink = CallableLog(self.url, clock=lambda: at)
                work(Outbox(Store(self.store)), sink, worker="w", now=lambda: at)
            case Disputed(at, dispute):
                record = {"id": dispute.id, "kind": dispute.kind, "opened": dispute.opened.isoformat()}
                Store(self.store).put("disputes", *self._at(at), record)
            case Held(at, hold):
                assert hold.until is not None
                days = {"since": hold.since.isoformat(), "until": hold.until.isoformat()}
                Store(self.store).put("holds", *self._at(at), {"id": hold.id, "kind": hold.kind, **days})
            case Released(at, hold):
                Store(self.store).drop("holds", *self._at(at), hold)
            case _:
                with self.tables.engine.begin() as db:
                    self._do(db, change)

    def column(self, field: str) -> str:
        return {"due": "cur_month_time", "amount": "receivable_amount"}[field]

    def sent(self) -> Sequence[str]:
        asked = "SELECT remark FROM owe_fee_callable WHERE remark LIKE 'dunning:%' ORDER BY create_time, ofc_id"
        with self.tables.engine.connect() as db:
            return [remark.removeprefix(OURS) for remark in db.execute(sa.text(asked)).scalars()]

    # Its people at work

    def _at(self, at: At) -> At:
        return at[0], f"{self.rooms[at[0], at[1]]}/{self.owners[at]}"

    def _put(self, db: sa.Connection, account: Account) -> Kept:
        at = (account.company, account.id)
        room = self.rooms.get((account.company, account.unit)) or self._room(db, account)
        self.rooms[at] = self.rooms[account.company, account.unit] = room
        owner = self.owners[at] = self._member(db, account)
        since = account.debtor.since
        self.tables.insert(
            db, "building_owner_room_rel", rel_id=self.tables.id("L"), owner_id=owner, room_id=room, state="2002",
            start_time=midnight(since or LONG_AGO), end_time=midnight(FAR_OFF),
        )  # fmt: skip
        months = {charge.id: self._month(db, at, charge) for charge in account.charges}
        for payment in account.payments:
            self._pay(db, at, payment)
        return Kept(*self._at(at), months)

    def _room(self, db: sa.Connection, account: Account) -> str:
        room, community = self.tables.id("R"), account.company
        self.tables.insert(
            db, "building_room", room_id=room, room_num=account.unit, unit_id=f"U{community}", community_id=community,
            built_up_area="96.50", room_type="1010301", room_sub_type="110", state="2001",
        )  # fmt: skip
        return room

    def _member(self, db: sa.Connection, account: Account) -> str:
        name = (account.company, account.debtor.id)
        if name not in self.members:
            member = self.members[name] = self.tables.id("M")
            self.tables.insert(
                db, "building_owner", member_id=member, owner_id=member, name="业主", link="13800000000",
                owner_type_cd="1001", person_type="P", person_role="1", owner_flag="T", community_id=name[0],
            )  # fmt: skip
        return self.members[name]

    def _month(self, db: sa.Connection, at: At, charge: Any) -> str:
        fee, month, community = self.tables.id("E"), self.tables.id("Y"), at[0]
        config, begins = f"K{community}{charge.item}", midnight(charge.due)
        self.tables.insert(
            db, "pay_fee", fee_id=fee, community_id=community, payer_obj_id=self.rooms[at], payer_obj_type="3333",
            config_id=config, start_time=begins, end_time=begins, fee_flag="1003006", state="2008001",
        )  # fmt: skip
        self.tables.insert(
            db, "pay_fee_detail_month", month_id=month, community_id=community, fee_id=fee,
            detail_year=charge.due.year, detail_month=charge.due.month, receivable_amount=yuan(charge.amount),
            received_amount=0, discount_amount=0, state="W", cur_month_time=begins, obj_id=self.rooms[at],
            owner_id=self.owners[at], config_id=config, fee_type_cd=TYPES[charge.item],
        )  # fmt: skip
        self.months[at, charge.id], self.fees[month] = month, fee
        self.tables.job(db, [fee])
        return month

    def _pay(self, db: sa.Connection, at: At, payment: Any) -> None:
        """A payment for one month, of part of it or all; the period it covers is the share of the month it pays."""
        month = self.months[at, payment.for_[0]]
        row = db.execute(sa.text("SELECT * FROM pay_fee_detail_month WHERE month_id = :id"), {"id": month}).one()
        detail = self._detail(db, row, payment.amount, payment.on)
        received = row.received_amount + yuan(payment.amount)
        state = "C" if received >= row.receivable_amount else "W"
        self._set(db, month, received_amount=received, state=state, detail_id=detail, pay_fee_time=midnight(payment.on))
        self.paid[at, payment.id] = detail, [(month, payment.amount)]
        self.tables.job(db, [row.fee_id])

    def _detail(self, db: sa.Connection, row: Any, amount: int, on: date, *, late: int = 0) -> str:
        detail, begins = self.tables.id("D"), row.cur_month_time
        self.tables.insert(
            db, "pay_fee_detail", detail_id=detail, community_id=row.community_id, fee_id=row.fee_id, cycles="1.00",
            receivable_amount=yuan(amount), received_amount=yuan(amount), late_amount=yuan(late), start_time=begins,
            end_time=begins + timedelta(days=10), state="1400", create_time=midnight(on),
        )  # fmt: skip
        return detail

    def _set(self, db: sa.Connection, month: str, **values: object) -> None:
        table = sa.table("pay_fee_detail_month", sa.column("month_id"), *map(sa.column, values))
        db.execute(table.update().where(table.c.month_id == month).values(values))

    def _unpay(self, db: sa.Connection, at: At, payment: str, state: str) -> None:
        """Its money is out again: what it had paid is open."""
        _, parts = self.paid[at, payment]
        for month, amount in parts:
            row = db.execute(sa.text("SELECT * FROM pay_fee_detail_month WHERE month_id = :id"), {"id": month}).one()
            rest = row.received_amount - yuan(amount)
            self._set(db, month, state=state if not rest else "W", received_amount=rest, detail_id=None)
            self.tables.job(db, [row.fee_id])

    def _do(self, db: sa.Connection, change: Change) -> None:
        match change:
            case Charged(at, charge):
                self._month(db, at, charge)
            case Paid(at, payment):
                self._pay(db, at, payment)
            case Bounced(at, payment, on):  # as a refund: the payment is marked, and its counterpart booked
                detail, _ = self.paid[at, payment]
                self._state(db, detail, "1100")
                copied = sa.text("SELECT * FROM pay_fee_detail WHERE detail_id = :id")
                row = dict(db.execute(copied, {"id": detail}).mappings().one())
                row |= {"detail_id": self.tables.id("D"), "state": "1300", "create_time": midnight(on)}
                self.tables.insert(db, "pay_fee_detail", **row | {"received_amount": -row["received_amount"]})
                self._unpay(db, at, payment, "R")
            case Voided(at, "payments", payment):
                db.execute(
                    sa.text("UPDATE pay_fee_detail SET status_cd = '1' WHERE detail_id = :id"),
                    {"id": self.paid[at, payment][0]},
                )
                self._unpay(db, at, payment, "W")
            case Voided(at, "charges", charge):
                self._set(db, self.months[at, charge], status_cd="1")
                self.tables.job(db, [self.fees[self.months[at, charge]]])
            case FeeBooked(at, fee):  # with a payment, of which nothing has come in yet
                asked = sa.text("SELECT * FROM pay_fee_detail_month WHERE month_id = :id")
                row = db.execute(asked, {"id": self.months[at, fee.charge]}).one()
                detail = self._detail(db, row, 0, fee.on, late=fee.amount)
                self.tables.insert(
                    db, "pay_fee_detail_discount", detail_discount_id=self.tables.id("X"), fee_id=row.fee_id,
                    detail_id=detail, discount_price=-yuan(fee.amount),
                )  # fmt: skip
            case Moved(at, to):
                since = to.debtor.since
                assert since is not None
                db.execute(
                    sa.text("UPDATE building_owner_room_rel SET state = '2003', end_time = :day WHERE room_id = :room"),
                    {"day": midnight(since - timedelta(days=1)), "room": self.rooms[at]},
                )
                self._put(db, to)
            case Emptied(at, charge, field):
                self._set(db, self.months[at, charge], **{self.column(field): None})
            case _:
                raise NotImplementedError

    def _state(self, db: sa.Connection, detail: str, state: str) -> None:
        db.execute(
            sa.text("UPDATE pay_fee_detail SET state = :state WHERE detail_id = :id"), {"state": state, "id": detail}
        )


def now() -> datetime:
    """As its server has it: local time without a zone."""
    return datetime.now(CHINA).replace(tzinfo=None, microsecond=0)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min)


def yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)
