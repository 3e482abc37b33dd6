"""The lists of accounts: each owner's part of the fees of a room or a parking space, and what is doubtful about it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from typing import Any

from sqlalchemy.engine import Connection

from dunning import Finding
from dunning.adapter import Source
from dunning.adapter.documents import Text
from dunning_microcommunity.due import DuePolicy
from dunning_microcommunity.fees import DISCOUNTS, MONTHS, PAYMENTS, Sheet, by_fee, fee_sheets, fen, yuan_text
from dunning_microcommunity.rows import Arrears, Bond, Found, Log, Month, day_of, fetch
from dunning_sql.reader import Filled

CHINA = timezone(timedelta(hours=8), "Asia/Shanghai")
LISTS = frozenset({"charges", "payments", "adjustments", "late_fees", "contacts", "parties"})
PARKING = "6666"
OURS = "dunning:"
"""How the remark of a line begins that we have put into the ERP's log; our key follows."""

_TABLES = {
    "charges": (MONTHS, {"amount": "receivable_amount", "period": "cur_month_time", "due": "cur_month_time"}),
    "payments": (PAYMENTS, {"amount": "received_amount", "on": "create_time"}),
    "adjustments": (MONTHS, {"amount": "discount_amount", "on": "pay_fee_time"}),
    "late_fees": (DISCOUNTS, {"amount": "discount_price"}),
}
_WAYS = {"WECHAT": "wechat", "SMS": "sms", "PRINT": "letter", "001": "sms", "002": "sms", "003": "wechat"}


class Lists:
    """Puts the lists into accounts, a few hundred at a time. `stale`: how old the snapshot of arrears may be."""

    def __init__(self, policy: DuePolicy, stale: timedelta) -> None:
        self.policy = policy
        self.stale = stale

    def __call__(self, connection: Connection, accounts: Sequence[Filled]) -> None:
        objects: dict[str, list[Filled]] = {}
        for each in accounts:
            objects.setdefault(_whose(each)[0], []).append(each)
        found = fetch(connection, objects.keys())
        for obj, of_it in objects.items():
            self._fill(obj, of_it, found)

    def _fill(self, obj: str, accounts: Sequence[Filled], found: Found) -> None:
        months, bonds = found.months.get(obj, []), found.bonds.get(obj, [])
        now = sorted({bond.owner for bond in bonds if bond.state == "2002"})
        as_of: datetime = accounts[0].data["data_as_of"]

        def owner_of(month: Month) -> str:
            return found.owners.get(month.fee) or month.owner or (now[0] if now else "")

        sheets: dict[str, Sheet] = {}
        for fee, of_fee in by_fee(months).items():
            parts = fee_sheets(
                of_fee,
                found.details.get(fee, []),
                found.arrears.get(fee),
                owner_of=owner_of,
                policy=self.policy,
                as_of=as_of.astimezone(CHINA).date(),
            )
            for owner, part in parts.items():
                _add(sheets.setdefault(owner, Sheet()), part)
        for each in accounts:
            owner = _whose(each)[1]
            mine = [month for month in months if owner_of(month) == owner]
            _put(each, sheets.get(owner, Sheet()))
            each.doubts += _contradicted(mine, found)
            each.doubts += _bare(found.bare.get(obj, []), owner, [_whose(one)[1] for one in accounts])
            self._date(each, [found.arrears[fee] for fee in by_fee(mine) if fee in found.arrears])
            _people(each, owner, bonds, now, orphan=bool(mine) and not owner)
            _contacts(each, [log for log in found.logs.get(obj, []) if log.owner in ("", owner)])
            if mine and all(month.of.obj_type == PARKING for month in mine):
                each.data["use"] = "parking"

    def _date(self, each: Filled, arrears: Sequence[Arrears]) -> None:
        """What a job has not looked at lately may have been paid since: the data are as old as its snapshot."""
        times = [(row.updated.replace(tzinfo=CHINA), row) for row in arrears if row.updated is not None and row.amount]
        if not times:
            return
        oldest, row = min(times)
        asked: datetime = each.data["data_as_of"]
        if asked - oldest > self.stale:
            each.data["data_as_of"] = oldest
            args = {"at": f"{oldest:%Y-%m-%d %H:%M}", "hours": f"{(asked - oldest) / timedelta(hours=1):.0f}"}
            each.doubts.append(Finding("P605", Source("report_owe_fee", row.id, "update_time"), args))


def _whose(each: Filled) -> tuple[str, str]:
    """The object and the owner of an account."""
    obj, _, owner = each.row.at[1].rpartition("/")
    return obj, owner


def _add(sheet: Sheet, part: Sheet) -> None:
    for of in fields(Sheet):
        getattr(sheet, of.name).extend(getattr(part, of.name))


def _put(each: Filled, sheet: Sheet) -> None:
    for name in _TABLES:
        each.data[name] = sorted(getattr(sheet, name), key=lambda record: str(record["id"]))
    each.unfit += sheet.unfit
    each.doubts += sheet.doubts

    def place(path: tuple[str | int, ...]) -> Source | None:
        match path:
            case (str() as name, int() as index, *rest) if name in _TABLES:
                table, columns = _TABLES[name]
                key = str(each.data[name][index]["id"])
                unproven = name == "payments" and key.endswith("/paid")
                field = next((columns[str(part)] for part in rest if part in columns), "")
                return Source(MONTHS if unproven else table, key.partition("/")[0], field)
        return None

    each.place = place


def _contradicted(months: Sequence[Month], found: Found) -> Iterator[Finding]:
    """Fees that name one owner while their month rows name another."""
    for fee, rows in by_fee(months).items():
        owner = found.owners.get(fee)
        other = next((row for row in rows if owner and row.owner and row.owner != owner), None)
        if owner and other is not None:
            args = {"fee": fee, "owner": owner, "other": other.owner}
            yield Finding("P608", Source(MONTHS, other.id, "owner_id"), args)


def _bare(arrears: Sequence[Arrears], owner: str, owners: Sequence[str]) -> Iterator[Finding]:
    """What the snapshot says is owed of fees that have no month rows: told on the account of whom it names, else on the
    object's first. Nothing is asked for it, for nobody can say since when it is due.
    """
    for row in arrears:
        if owner == (row.owner if row.owner in owners else owners[0]):
            args = {"fee": row.fee, "ours": yuan_text(0), "theirs": yuan_text(fen(row.amount))}
            yield Finding("P603", Source("report_owe_fee", row.id, "amount_owed"), args)


def _people(each: Filled, owner: str, bonds: Sequence[Bond], now: Sequence[str], *, orphan: bool) -> None:
    """Since when the owner is one, who else is, and that nobody is known to be."""
    if orphan:
        each.unfit.append(Finding("P606", Source("pay_fee_attrs", _whose(each)[0], "value")))
        return
    mine = [bond for bond in bonds if bond.owner == owner]
    begins = [day for bond in mine if (day := day_of(bond.since))]
    ends = [day for bond in mine if bond.state == "2003" and (day := day_of(bond.until))]
    debtor = each.data.setdefault("debtor", {})
    if begins:
        debtor["since"] = min(begins)
    if ends and owner not in now:
        debtor["until"] = max(ends)
    others = [other for other in now if other != owner]
    if owner in now and others:
        each.data["parties"] = [{"id": other, "role": "joint_owner"} for other in others]
        told = Text("、".join(others), ", ".join(others))
        at = Source("building_owner_room_rel", _whose(each)[0], "owner_id")
        each.doubts.append(Finding("P607", at, {"owner": owner, "others": told}))


def _contacts(each: Filled, logs: Sequence[Log]) -> None:
    """Its dunning logs as contacts: those of one owner, way and second are one, however many fees and rooms they name.

    What failed (F) was no contact. A line of ours that our store knows better is left to it.
    """
    records: list[dict[str, Any]] = each.data.setdefault("contacts", [])
    known = {record.get("key") or record["id"] for record in records}
    for log in sorted(logs, key=lambda log: (log.at, log.id)):
        key = log.remark.removeprefix(OURS).split()[0] if log.remark.startswith(OURS) else None
        id_ = key or f"{log.table}/{log.owner or _whose(each)[0]}/{log.way}/{log.at:%Y%m%d%H%M%S}"
        if log.state != "F" and id_ not in known:
            known.add(id_)
            records.append(_contact(id_, key, log))


def _contact(id_: str, key: str | None, log: Log) -> dict[str, Any]:
    at = log.at.replace(tzinfo=CHINA).isoformat()
    record = {"id": id_, "key": key, "at": at, "channel": _WAYS.get(log.way), "outcome": "sent"}
    return {name: value for name, value in record.items() if value is not None}
