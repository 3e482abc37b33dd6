"""The tables of MicroCommunity as rows: what belongs to a few hundred rooms or parking spaces, fetched by their keys.

Every table marks deleted rows by `status_cd`; only `report_owe_fee` has no such column.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

T = TypeVar("T")

NOTHING = Decimal(0)
NO_DATES = (1000, 1970)
"""Years that MicroCommunity writes for a date that is not there."""


class Fee(NamedTuple):
    """A row of pay_fee, with what its item says of paying."""

    id: str
    obj_type: str
    built: datetime | None
    state: str
    config: str
    payment_cd: str
    cycle: str


class Month(NamedTuple):
    """A row of pay_fee_detail_month. Amounts are yuan with four decimals; `of` is its fee."""

    id: str
    fee: str
    obj: str
    owner: str
    detail: str
    state: str
    receivable: Decimal | None
    received: Decimal
    discount: Decimal
    begins: datetime | None
    ends: date | None
    paid_at: datetime | None
    type: str
    of: Fee


class Detail(NamedTuple):
    """A payment: a row of pay_fee_detail. `late` is the late fee in it, `charged` the same by the discounts table."""

    id: str
    fee: str
    received: Decimal | None
    late: Decimal
    begins: datetime | None
    ends: datetime | None
    paid_at: datetime | None
    charged: Decimal = Decimal(0)


class Arrears(NamedTuple):
    """A row of report_owe_fee: what a job found to be owed of a fee, up to a day, for an object and by an owner."""

    id: str
    fee: str
    amount: Decimal
    until: datetime | None
    updated: datetime | None
    obj: str = ""
    owner: str = ""


class Bond(NamedTuple):
    """An owner (业主本人) and a room: moved in (2002) or out again (2003)."""

    room: str
    owner: str
    state: str
    since: datetime | None
    until: datetime | None


class Log(NamedTuple):
    """A line of a dunning log: `way` and `state` in its own codes, `table` the log."""

    table: str
    id: str
    obj: str
    owner: str
    way: str
    state: str
    at: datetime
    remark: str


class Found(NamedTuple):
    """All that is known about some objects, by object; payments, arrears and owners by fee.

    `bare`: the arrears of fees that have no month rows.
    """

    months: dict[str, list[Month]]
    owners: dict[str, str]
    details: dict[str, list[Detail]]
    arrears: dict[str, Arrears]
    bare: dict[str, list[Arrears]]
    bonds: dict[str, list[Bond]]
    logs: dict[str, list[Log]]


_MONTHS = """
SELECT m.month_id, m.fee_id, m.obj_id, m.owner_id, m.detail_id, m.state, m.receivable_amount, m.received_amount,
       m.discount_amount, m.cur_month_time, m.deadline_time, m.pay_fee_time, m.fee_type_cd
FROM pay_fee_detail_month m WHERE m.status_cd = '0' AND m.obj_id IN :keys
"""
_FEES = """
SELECT pf.fee_id, pf.payer_obj_type, pf.start_time, pf.state, pf.config_id, pc.payment_cd, pc.payment_cycle
FROM pay_fee pf LEFT JOIN pay_fee_config pc ON pc.config_id = pf.config_id AND pc.status_cd = '0'
WHERE pf.status_cd = '0' AND pf.fee_id IN :keys
"""
_OWNERS = """
SELECT fee_id, value FROM pay_fee_attrs
WHERE spec_cd = '390007' AND status_cd = '0' AND value <> '' AND fee_id IN :keys
"""
# 1100 and 1300 are the two halves of a refund, 1500 is no payment
_DETAILS = """
SELECT detail_id, fee_id, received_amount, late_amount, start_time, end_time, create_time FROM pay_fee_detail
WHERE status_cd = '0' AND state IN ('1400', '1200', '1000') AND fee_id IN :keys
"""
# a late fee stands among the discounts, below zero
_CHARGED = """
SELECT detail_id, -SUM(discount_price) FROM pay_fee_detail_discount
WHERE status_cd = '0' AND discount_price < 0 AND detail_id IN :keys GROUP BY detail_id
"""
_ARREARS = """
SELECT owe_id, fee_id, amount_owed, deadline_time, update_time, COALESCE(payer_obj_id, ''), COALESCE(owner_id, '')
FROM report_owe_fee WHERE {of} IN :keys
"""
_BONDS = """
SELECT rel.room_id, rel.owner_id, rel.state, rel.start_time, rel.end_time FROM building_owner_room_rel rel
JOIN building_owner o ON o.member_id = rel.owner_id AND o.status_cd = '0' AND o.owner_type_cd = '1001'
WHERE rel.status_cd = '0' AND rel.state IN ('2002', '2003') AND rel.room_id IN :keys
"""
_CALLABLE = """
SELECT 'owe_fee_callable', ofc_id, payer_obj_id, owner_id, callable_way, state, create_time, remark
FROM owe_fee_callable WHERE status_cd = '0' AND create_time IS NOT NULL AND payer_obj_id IN :keys
"""
_COLLECTION = """
SELECT 'fee_collection_detail', detail_id, payer_obj_id, owner_id, collection_way, state, create_time, remarks
FROM fee_collection_detail WHERE status_cd = '0' AND create_time IS NOT NULL AND payer_obj_id IN :keys
"""


def fetch(connection: Connection, objects: Collection[str]) -> Found:
    """All that is known about rooms and parking spaces."""
    rows = _rows(connection, _MONTHS, objects)
    fees = {row[0]: _fee(row) for row in _rows(connection, _FEES, {row.fee_id for row in rows})}
    months = [_month(row, fees[row.fee_id]) for row in rows if row.fee_id in fees]
    owners: dict[str, str] = {}
    for fee, owner in _rows(connection, _OWNERS, fees):
        owners[fee] = min(owner.strip(), owners.get(fee, owner.strip()))
    details = [_detail(row) for row in _rows(connection, _DETAILS, fees)]
    charged = {row[0]: row[1] for row in _rows(connection, _CHARGED, [detail.id for detail in details])}
    details = [detail._replace(charged=charged.get(detail.id, Decimal(0))) for detail in details]
    arrears = [Arrears(*row) for row in _rows(connection, _ARREARS.format(of="fee_id"), fees)]
    of_objects = [Arrears(*row) for row in _rows(connection, _ARREARS.format(of="payer_obj_id"), objects)]
    bonds = [Bond(*row) for row in _rows(connection, _BONDS, objects)]
    logs = [_log(row) for sql in (_CALLABLE, _COLLECTION) for row in _rows(connection, sql, objects)]
    return Found(
        months=_by(months, "obj"),
        owners=owners,
        details=_by(details, "fee"),
        arrears={each.fee: each for each in arrears},
        bare=_by([each for each in of_objects if each.amount and each.fee not in fees], "obj"),
        bonds=_by(bonds, "room"),
        logs=_by(logs, "obj"),
    )


def _rows(connection: Connection, sql: str, keys: Collection[str]) -> list[Any]:
    if not keys:
        return []
    asked = sa.text(sql).bindparams(sa.bindparam("keys", sorted(keys), expanding=True))
    return list(connection.execute(asked))


def _fee(row: Any) -> Fee:
    id_, obj_type, built, state, config, payment_cd, cycle = row
    return Fee(id_, obj_type or "", built, state or "", config or "", payment_cd or "", (cycle or "").strip())


def _month(row: Any, fee: Fee) -> Month:
    (id_, of_fee, obj, owner, detail, state, receivable, received, discount, begins, ends, paid_at, type_) = row
    return Month(
        id=id_,
        fee=of_fee,
        obj=obj,
        owner=(owner or "").strip(),
        detail=detail or "",
        state=state or "",
        receivable=receivable,
        received=received or NOTHING,
        discount=discount or NOTHING,
        begins=_time(begins),
        ends=day_of(ends),
        paid_at=_time(paid_at),
        type=type_ or "",
        of=fee,
    )


def _detail(row: Any) -> Detail:
    late = row.late_amount or Decimal(0)
    return Detail(row.detail_id, row.fee_id, row.received_amount, late, row.start_time, row.end_time, row.create_time)


def _log(row: Any) -> Log:
    table, id_, obj, owner, way, state, at, remark = row
    return Log(table, id_, obj, owner or "", way or "", state or "", at, remark or "")


def _by(rows: Iterable[T], field: str) -> dict[str, list[T]]:
    """Rows by one of their fields."""
    found: dict[str, list[T]] = defaultdict(list)
    for row in rows:
        found[getattr(row, field)].append(row)
    return dict(found)


def _time(moment: datetime | None) -> datetime | None:
    return None if day_of(moment) is None else moment


def day_of(moment: date | None) -> date | None:
    """The day of a time; None for what stands for no date."""
    if moment is None or moment.year in NO_DATES:
        return None
    return moment.date() if isinstance(moment, datetime) else moment
