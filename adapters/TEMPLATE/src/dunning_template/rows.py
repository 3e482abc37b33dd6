"""From the ERP's rows to accounts: what each column means in the words of docs/reference/records.md.

Each habit of this ERP is one of real ones: amounts as text, UTC times, rows "deleted" by a date, late fees among the
bills. Where a line here guards against one of them, leaving it out makes a test of the suite fail.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any, NamedTuple

import dunning
from dunning.adapter import Delivery, Gone, Item, Receipt, Source, contacts_of

CHINA = timezone(timedelta(hours=8))
RESIDENTS = "SELECT * FROM resident WHERE company = ? AND person = ? ORDER BY id"
MESSAGES = "SELECT * FROM message WHERE resident = ? ORDER BY version"

Row = sqlite3.Row
Rows = list[tuple[str, dict[str, Any]]]
"""Records of one list, each with the key of the row it came from."""


def day(moment: str | None) -> date | None:
    """The day in China of a time in UTC, which until eight in the morning is not the day written in it."""
    return None if moment is None else datetime.fromisoformat(moment).astimezone(CHINA).date()


def item(kind: str) -> str:
    return {"PM": "property_fee", "PK": "parking", "WT": "utility"}.get(kind, "other")


def grievance(kind: str) -> str:
    return {"price": "price", "bill": "billing_error"}.get(kind, "service_quality")


def same(value: Any) -> Any:
    return value


def always(value: str) -> Callable[[Any], str]:
    return lambda _: value


class From(NamedTuple):
    """Where the records of a list come from: the table, the rows, and for each field its column and how it is read."""

    table: str
    rows: str
    fields: Mapping[str, tuple[str, Callable[[Any], Any]]]


BILLED = "WHERE resident = ? AND deleted_at IS NULL AND kind"
LISTS = {
    "contracts": From("contract", "WHERE resident = ?", {
        "kind": ("kind", same), "since": ("signed", same), "late_fee_clause": ("late_fee", bool),
    }),
    "charges": From("bill", f"{BILLED} <> 'LF'", {
        "item": ("kind", item), "amount": ("amount", same), "due": ("due_date", same),
    }),
    "payments": From("receipt", "WHERE resident = ? AND deleted_at IS NULL", {
        "on": ("received_at", day), "amount": ("amount", same), "reversed_on": ("returned_at", day),
    }),
    "adjustments": From("refund", "WHERE resident = ?", {
        "kind": ("id", always("refund")), "payment": ("receipt", str), "amount": ("amount", same),
        "on": ("given_at", day),
    }),
    "late_fees": From("bill", f"{BILLED} = 'LF'", {
        "charge": ("about", str), "on": ("booked_on", same), "amount": ("amount", Decimal), "key": ("source_ref", same),
    }),
    "disputes": From("complaint", "WHERE resident = ?", {
        "kind": ("kind", grievance), "opened": ("opened", same), "closed": ("closed", same),
    }),
    "holds": From("pause", "WHERE resident = ?", {
        "kind": ("id", always("contact")), "since": ("since", same), "until": ("until", same),
    }),
}  # fmt: skip
"""The ERP in the words of docs/reference/records.md. A finding names table, row and column by it, too."""


def read_person(db: sqlite3.Connection, company: str, person: str, asked: datetime) -> Iterator[Item]:
    """All accounts of a person, those that are gone as Gone; `asked` is when this reading began."""
    residents = db.execute(RESIDENTS, (company, person)).fetchall()
    contacts = _contacts(db, residents)
    for resident in residents:
        yield _gone(db, resident) or _account(db, resident, contacts[_name(resident)], asked)


def resident_of(db: sqlite3.Connection, company: str, account: str) -> Row | None:
    """The ERP's row of an account, by the name we gave it."""
    number = account.rpartition("/")[2]
    row: Row | None = db.execute("SELECT * FROM resident WHERE id = ? AND company = ?", (number, company)).fetchone()
    return row if row is not None and _name(row) == account else None


def receipt_of(row: Row) -> Receipt:
    """What the ERP's gateway says of a message."""
    return Receipt(row["ref"], row["state"], datetime.fromisoformat(row["state_at"]), row["channel"])


def now(db: sqlite3.Connection) -> datetime:
    """By the ERP's clock, which is the one its own rows go by."""
    return datetime.fromisoformat(db.execute("SELECT strftime('%Y-%m-%dT%H:%M:%SZ', 'now')").fetchone()[0])


def _name(resident: Row) -> str:
    """Another owner of the room is another account; the same person who comes back is, too."""
    return f"{resident['room']}/{resident['person']}/{resident['id']}"


def _gone(db: sqlite3.Connection, resident: Row) -> Gone | None:
    if resident["state"] == "open":
        return None
    into = db.execute("SELECT * FROM resident WHERE id = ?", (resident["merged_into"],)).fetchone()
    return Gone(resident["company"], _name(resident), resident["state"], _name(into) if into else None)


def _account(db: sqlite3.Connection, resident: Row, contacts: Rows, asked: datetime) -> Item:
    """One account: the ERP's rows under the names of docs/reference/records.md, and where each value stands."""
    number = (resident["id"],)
    lists = {name: [_record(row, of) for row in db.execute(_select(of), number)] for name, of in LISTS.items()}
    for _, payment in lists["payments"]:
        payment["settles"] = _settled(db, payment)
    lists["late_fees"] = _netted(lists["late_fees"])
    lists["contacts"] = contacts

    def locate(path: tuple[str | int, ...]) -> Source:
        match path:
            case (str(name), int(place), *field) if name in LISTS:
                table, _, fields = LISTS[name]
                column = fields[str(field[0])][0] if field and field[0] in fields else ""
                return Source(table, lists[name][place][0], column)
        return Source("resident", str(resident["id"]), str(path[0]) if path else "")

    mapping = {
        "company": resident["company"],
        "id": _name(resident),
        "unit": resident["room"],
        "use": "residential",
        "debtor": {"id": resident["person"], "since": resident["moved_in"], "until": resident["moved_out"]},
        "data_as_of": asked,  # without it nothing is ever sent
        **{name: [record for _, record in records] for name, records in lists.items()},
    }
    return dunning.read(mapping, where=locate)


def _select(of: From) -> str:
    return f"SELECT * FROM {of.table} {of.rows} ORDER BY id"


def _record(row: Row, of: From) -> tuple[str, dict[str, Any]]:
    fields = {field: read(row[column]) for field, (column, read) in of.fields.items()}
    return str(row["id"]), {"id": str(row["id"]), **fields}


def _settled(db: sqlite3.Connection, payment: dict[str, Any]) -> list[dict[str, Any]]:
    """What the ERP booked a payment on: a bill, or the late fee of one."""
    query = "SELECT bill.* FROM bill JOIN receipt ON receipt.bill = bill.id WHERE receipt.id = ?"
    bills = db.execute(query, (payment["id"],)).fetchall()
    parts = [(bill["about"], "late_fee") if bill["kind"] == "LF" else (bill["id"], "principal") for bill in bills]
    return [{"charge": str(charge), "part": part, "amount": payment["amount"]} for charge, part in parts]


def _netted(fees: Rows) -> Rows:
    """A charge's fee and its corrections as one row: their sum, with the key of the last that came from us."""
    found: dict[str, tuple[str, dict[str, Any]]] = {}
    for row, fee in fees:
        _, before = found.get(fee["charge"], (row, {"amount": 0, "key": None}))
        amount, key = before["amount"] + fee["amount"], fee["key"] or before["key"]
        found[fee["charge"]] = (row, {**fee, "amount": amount, "key": key})
    return list(found.values())


def _contacts(db: sqlite3.Connection, residents: list[Row]) -> dict[str, Rows]:
    """What was sent to a person, on each of the accounts it was about."""
    found: dict[str, Rows] = defaultdict(list)
    for resident in residents:
        for row in db.execute(MESSAGES, (resident["id"],)):
            for account, contact in contacts_of(Delivery.from_dict(json.loads(row["body"])), receipt_of(row)):
                found[account].append((row["ref"], asdict(contact)))
    return found
