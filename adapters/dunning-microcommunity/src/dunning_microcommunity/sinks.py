"""Where deliveries leave to: MicroCommunity's own dunning log, where this is asked for, or a CSV file for its API.

Both take a key once: handed the same again, they answer as they did then.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from dunning.adapter import AdapterError, Delivery, Receipt
from dunning.adapter.documents import Text
from dunning_microcommunity.accounts import CHINA, OURS
from dunning_sql.database import open_engine, snapshot, told
from dunning_sql.tables import Tables

LOG = "owe_fee_callable"
HEAD = (
    "key", "communityId", "callableWay", "roomIds", "feeIds", "ownerId", "amount", "step", "notBefore", "notAfter",
    "hours",
)  # fmt: skip
PATIENCE = 10  # seconds to wait for another worker that has the same key in hand

Way = Literal["SMS", "WECHAT", "PRINT"]
_WAYS: Mapping[str, Way] = {"sms": "SMS", "wechat": "WECHAT", "letter": "PRINT", "notice": "PRINT"}
_CHANNELS = {"SMS": "sms", "WECHAT": "wechat", "PRINT": "letter"}

Clock = Callable[[], datetime]


def _now() -> datetime:
    return datetime.now(CHINA)


class Fee(NamedTuple):
    """What is unpaid of one fee among the charges of a delivery."""

    fee: str
    config: str
    name: str
    obj: str
    obj_type: str
    obj_name: str
    community: str
    owner_name: str
    since: datetime
    until: datetime
    amount: Decimal


_FEES = """
SELECT m.fee_id, pf.config_id, COALESCE(pc.fee_name, ''), m.obj_id, pf.payer_obj_type, COALESCE(MAX(r.room_num), ''),
       m.community_id, COALESCE(MAX(o.name), ''), MIN(m.cur_month_time), MAX(m.cur_month_time),
       ROUND(SUM(m.receivable_amount - m.received_amount - m.discount_amount), 2)
FROM pay_fee_detail_month m
JOIN pay_fee pf ON pf.fee_id = m.fee_id AND pf.status_cd = '0'
LEFT JOIN pay_fee_config pc ON pc.config_id = pf.config_id
LEFT JOIN building_room r ON r.room_id = m.obj_id
LEFT JOIN building_owner o ON o.member_id = :owner AND o.status_cd = '0'
WHERE m.status_cd = '0' AND m.state <> 'C' AND m.obj_id IN :objects AND {which}
GROUP BY m.fee_id, pf.config_id, pc.fee_name, m.obj_id, pf.payer_obj_type, m.community_id ORDER BY m.fee_id
"""
_THESE, _DUE = "m.month_id IN :charges", "m.cur_month_time <= :today"


def fees_of(connection: Connection, delivery: Delivery) -> list[Fee]:
    """The fees that a delivery asks for, of its account and of those whose steps it carries."""
    action = delivery.action
    accounts = dict.fromkeys([delivery.account, *(each.account for each in action.carries)])
    objects = [account.rpartition("/")[0] for account in accounts]
    given: dict[str, object] = {"owner": delivery.debtor, "objects": objects}
    spread: list[sa.BindParameter[Any]] = [sa.bindparam("objects", expanding=True)]
    if action.charges:
        given["charges"] = list(action.charges)
        spread.append(sa.bindparam("charges", expanding=True))
    else:
        given["today"] = delivery.on.isoformat()
    asked = sa.text(_FEES.format(which=_THESE if action.charges else _DUE)).bindparams(*spread)
    return [Fee(*row) for row in connection.execute(asked, given)]


def way_of(delivery: Delivery) -> Way | None:
    """The first of its channels that MicroCommunity has."""
    wanted = [channel for channels in delivery.action.channels.values() for channel in channels]
    return next((_WAYS[channel] for channel in wanted if channel in _WAYS), None)


class CallableLog:
    """Writes deliveries into `owe_fee_callable` as waiting (W), a row a fee; MicroCommunity's own sender takes it on.

    Our key stands in `remark`, so that no delivery is written twice: neither by two workers at a time nor by one that
    starts again. AdapterError where the table needs a column that we know nothing of.
    """

    once = True

    def __init__(self, url: str = "", *, staff: str = "dunning", clock: Clock = _now) -> None:
        self.engine = open_engine(url, read_only=False)
        self.staff = staff
        self.clock = clock
        self._columns: frozenset[str] | None = None

    def send(self, delivery: Delivery, key: str) -> Receipt:
        at, way = self.clock(), way_of(delivery)
        if way is None:
            return Receipt(key, "failed", at, detail=f"{LOG} has no such channel")
        with told(self.engine), self.engine.connect() as connection, _alone(connection, key):
            before = self._known(connection, key)
            if before is not None:
                return before
            fees = fees_of(connection, delivery)
            if not fees:
                return Receipt(key, "failed", at, detail="no month row of it is unpaid")
            table = self._table(connection)
            for fee in fees:
                row = self._row(delivery, key, fee, way, at)
                known = {name: value for name, value in row.items() if name in table.c}
                connection.execute(table.insert().values(known))
            connection.commit()
        return Receipt(key, "sent", at, _CHANNELS[way], delivery.debtor)  # type: ignore[arg-type]

    def known(self, key: str) -> Receipt | None:
        with told(self.engine), self.engine.connect() as connection:
            return self._known(connection, key)

    def heard(self) -> Iterator[Receipt]:
        """What its sender could not send (F): those deliveries never reached anybody."""
        asked = f"SELECT remark, MAX(create_time) FROM {LOG} WHERE status_cd = '0' AND remark LIKE :ours "
        asked += "GROUP BY remark HAVING MIN(state) = 'F' AND MAX(state) = 'F'"
        with told(self.engine), self.engine.connect() as connection:
            rows = connection.execute(sa.text(asked), {"ours": f"{OURS}%"}).fetchall()
        for remark, at in rows:
            yield Receipt(remark.removeprefix(OURS), "undeliverable", at.replace(tzinfo=CHINA), detail=f"{LOG}: F")

    def _known(self, connection: Connection, key: str) -> Receipt | None:
        asked = f"SELECT callable_way, create_time, owner_id FROM {LOG} WHERE remark = :ours ORDER BY ofc_id LIMIT 1"
        row = connection.execute(sa.text(asked), {"ours": OURS + key}).first()
        if row is None:
            return None
        channel: Any = _CHANNELS.get(row.callable_way)
        return Receipt(key, "sent", row.create_time.replace(tzinfo=CHINA), channel, row.owner_id)

    def _row(self, delivery: Delivery, key: str, fee: Fee, way: Way, at: datetime) -> dict[str, object]:
        return {
            "ofc_id": "dn" + sha256(f"{key}/{fee.fee}".encode()).hexdigest()[:26],
            "payer_obj_id": fee.obj, "payer_obj_type": fee.obj_type, "payer_obj_name": fee.obj_name,
            "owner_id": delivery.debtor, "owner_name": fee.owner_name, "community_id": fee.community,
            "fee_id": fee.fee, "fee_name": fee.name, "config_id": fee.config, "amountd_owed": fee.amount,
            "start_time": fee.since, "end_time": fee.until, "callable_way": way, "state": "W",
            "staff_id": self.staff, "staff_name": self.staff, "remark": OURS + key, "status_cd": "0",
            "create_time": at.astimezone(CHINA).replace(tzinfo=None, microsecond=0),
        }  # fmt: skip

    def _table(self, connection: Connection) -> sa.TableClause:
        """The log with those of its columns that it has; what it needs beyond ours is refused."""
        columns = Tables(connection).columns(LOG) or {}
        ours = set(self._names())
        needed = [
            name
            for name, column in columns.items()
            if name not in ours
            and not (column.get("nullable", True) or column.get("default") or column.get("autoincrement") is True)
        ]
        if needed or not columns:
            names = ", ".join(needed)
            raise AdapterError(
                Text(
                    f"{LOG} 还要填 {names}, 我们不知道填什么; 改用导出文件",
                    f"{LOG} also needs {names}, of which we know nothing; export a file instead",
                )
            )
        return sa.table(LOG, *(sa.column(name) for name in columns if name in ours))

    @staticmethod
    def _names() -> tuple[str, ...]:
        return (
            "ofc_id", "payer_obj_id", "payer_obj_type", "payer_obj_name", "owner_id", "owner_name", "community_id",
            "fee_id", "fee_name", "config_id", "amountd_owed", "start_time", "end_time", "callable_way", "state",
            "staff_id", "staff_name", "remark", "status_cd", "create_time",
        )  # fmt: skip


@contextmanager
def _alone(connection: Connection, key: str) -> Iterator[None]:
    """Only one worker at a time has a key in hand: the table itself does not keep our key unique."""
    name = f"{OURS}{key}"
    if connection.execute(sa.text("SELECT GET_LOCK(:name, :wait)"), {"name": name, "wait": PATIENCE}).scalar() != 1:
        raise AdapterError(Text(f"{key}: 另一个进程正在写这一条", f"{key}: another worker has it in hand"))
    try:
        yield
    finally:
        connection.rollback()
        connection.execute(sa.text("SELECT RELEASE_LOCK(:name)"), {"name": name})


class CsvExport:
    """Appends deliveries to a CSV file, a line each, with what `saveOweFeeCallable` of its API asks for.

    `url` is the database, read only, for the ids of the fees.
    """

    once = True

    def __init__(self, path: str | Path, url: str = "", *, clock: Clock = _now) -> None:
        self.path = Path(path)
        self.engine = open_engine(url)
        self.clock = clock

    def send(self, delivery: Delivery, key: str) -> Receipt:
        before, way, at = self.known(key), way_of(delivery), self.clock()
        if before is not None:
            return before
        if way is None:
            return Receipt(key, "failed", at, detail=f"{LOG} has no such channel")
        with snapshot(self.engine) as connection:
            fees = fees_of(connection, delivery)
        if not fees:
            return Receipt(key, "failed", at, detail="no month row of it is unpaid")
        self._append(self._line(delivery, key, fees, way))
        return Receipt(key, "sent", at, _CHANNELS[way], delivery.debtor)  # type: ignore[arg-type]

    def known(self, key: str) -> Receipt | None:
        if not self.path.exists():
            return None
        with self.path.open(encoding="utf-8-sig", newline="") as file:
            line = next((line for line in csv.DictReader(file) if line["key"] == key), None)
        if line is None:
            return None
        channel: Any = _CHANNELS[line["callableWay"]]
        return Receipt(key, "sent", self.clock(), channel, line["ownerId"])

    def _line(self, delivery: Delivery, key: str, fees: list[Fee], way: Way) -> list[str]:
        rooms = dict.fromkeys(fee.obj for fee in fees)
        amount = sum((fee.amount for fee in fees), Decimal(0))
        ids = [";".join(rooms), ";".join(fee.fee for fee in fees)]
        return [
            key,
            fees[0].community,
            way,
            *ids,
            delivery.debtor,
            str(amount),
            delivery.action.step,
            *self._hours(delivery),
        ]

    def _hours(self, delivery: Delivery) -> list[str]:
        """The stretch it may leave in now, or next, as two times; then all of the day's."""
        told = [(since.isoformat(), "" if until is None else until.isoformat()) for since, until in delivery.hours]
        now = self.clock()
        over = sum(until is not None and until <= now for _, until in delivery.hours)
        return [*told[min(over, len(told) - 1)], ";".join(map("/".join, told))]

    def _append(self, line: list[str]) -> None:
        """On the disk before anybody is told."""
        new = not self.path.exists() or not self.path.stat().st_size
        with self.path.open("a", encoding="utf-8-sig" if new else "utf-8", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(HEAD)
            writer.writerow(line)
            file.flush()
            os.fsync(file.fileno())
