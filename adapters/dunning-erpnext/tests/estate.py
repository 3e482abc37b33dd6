"""The fake ERPNext as its own people use it: invoices, payments and ToDos as documents, never through the adapter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from fake_frappe import KEY, SECRET, ZONE, FakeFrappe, Row, Site

from dunning import Account
from dunning.adapter import Adapter, Delivery
from dunning.adapter.notes import end_of, plain
from dunning.testing.conformance import (
    Arrived,
    At,
    Bounced,
    Change,
    Charged,
    Dispatched,
    Emptied,
    FeeBooked,
    Held,
    Invoiced,
    Kept,
    Moved,
    Paid,
    Point,
    Refunded,
    Released,
    Voided,
)
from dunning_erpnext import open_erpnext

CODES = {"property_fee": "PM", "utility": "WT", "parking": "PK", "late_fee": "LF"}
ITEMS = ",".join(f"{code}:{item}" for item, code in CODES.items())
names = count(1)


class ErpNextBench:
    """A new site of the fake, with two companies in CNY, and how to open the adapter on it."""

    def __init__(self, fake: FakeFrappe, url: str, version: int, **options: str) -> None:
        self.site = fake.site = Site(version)
        self.options = {"url": url, "key": KEY, "secret": SECRET, "items": ITEMS, **options}
        self.today = datetime.now(ZONE).date()
        self.left: list[str] = []
        self.customers: dict[tuple[str, str], str] = {}
        self.units: dict[At, tuple[str, str, str]] = {}  # company, customer, address
        self.rows: dict[tuple[At, str, str], str] = {}  # what became of the test's names
        for name in ("wy-01", "wy-02"):
            self.site.insert("Company", name, default_currency="CNY")

    def open(self) -> Adapter:
        return open_erpnext(**self.options)

    def column(self, field: str) -> str:
        return {"due": "due_date", "amount": "payment_amount"}[field]

    def sent(self) -> Sequence[str]:
        return list(self.left)

    def crash(self, point: Point) -> Adapter:
        adapter: Any = self.open()
        create, written = adapter.server.create, 0

        def dying(doctype: str, values: Row) -> Row:
            nonlocal written
            written += 1
            if written == {"before": 1, "between": 2}.get(point):
                raise KeyboardInterrupt
            row: Row = create(doctype, values)
            if point == "after" and written == 2:
                raise KeyboardInterrupt
            return row

        adapter.server.create = dying
        return adapter

    # households

    def put(self, accounts: Sequence[Account]) -> Sequence[Kept]:
        return [self._put(account) for account in accounts]

    def _put(self, account: Account) -> Kept:
        at, who = (account.company, account.id), (account.company, account.debtor.id)
        if who not in self.customers:
            customer = self.site.insert(
                "Customer", f"CUST-{next(names):06}", customer_name="业主", mobile_no="13800000000"
            )
            self.customers[who] = customer["name"]
        self.units[at] = account.company, self.customers[who], f"{account.unit}-Shipping"
        charges = {}
        for charge in account.charges:
            invoice = self.invoice(at, {charge.item: charge.amount}, charge.due)
            self.rows[at, "charges", charge.id] = invoice["name"]
            charges[charge.id] = invoice["payment_schedule"][0]["name"]
        for payment in account.payments:
            self._pay(at, payment)
        return Kept(account.company, f"{self.customers[who]}/{account.unit}-Shipping", charges)

    def invoice(self, at: At, parts: dict[str, int], due: date | None, *, about: str = "", **more: Any) -> Row:
        """A submitted invoice with a line for each item and one instalment."""
        company, customer, unit = self.units[at]
        total, day = _yuan(sum(parts.values())), due.isoformat() if due else None
        items = [
            self.site.child(
                item_code=CODES[item], item_group="服务", amount=_yuan(fen),
                description=f"<div>违约金 {about}</div>" if item == "late_fee" else "物业服务",
            )
            for item, fen in parts.items()
        ]  # fmt: skip
        on = ((due or self.today) - timedelta(days=10)).isoformat()
        schedule = [self.site.child(due_date=day, payment_amount=total, outstanding=total)]
        values = {
            "customer": customer, "company": company, "shipping_address_name": unit, "posting_date": on,
            "due_date": day, "currency": "CNY", "grand_total": total, "rounded_total": Decimal(0),
            "outstanding_amount": total, "is_return": 0, "docstatus": 1, "items": items, "payment_schedule": schedule,
        }  # fmt: skip
        return self.site.insert("Sales Invoice", **{**values, **more})

    def entry(self, at: At, amount: Decimal, on: date, *, kind: str = "Receive", doctype: str = "Sales Invoice",
              **invoices: Decimal) -> Row:  # fmt: skip
        """A submitted payment, with how much of it is for which document."""
        company, customer, _ = self.units[at]
        references = [
            self.site.child(reference_doctype=doctype, reference_name=name.replace("_", "-"), allocated_amount=part)
            for name, part in invoices.items()
        ]
        for row in references:
            if doctype == "Sales Invoice":
                self.site.tables[doctype][row["reference_name"]]["outstanding_amount"] -= row["allocated_amount"]
        return self.site.insert(
            "Payment Entry", payment_type=kind, party_type="Customer", party=customer, company=company, docstatus=1,
            posting_date=on.isoformat(), paid_amount=amount, unallocated_amount=amount - sum(invoices.values()),
            references=references,
        )  # fmt: skip

    def unallocate(self, entry: Row, amount: Decimal) -> None:
        (reference,) = entry["references"]
        reference["allocated_amount"] -= amount
        entry["unallocated_amount"] += amount
        self.site.tables["Sales Invoice"][reference["reference_name"]]["outstanding_amount"] += amount

    def cancel(self, doctype: str, name: str) -> None:
        row = self.site.tables[doctype][name]
        row["docstatus"] = 2
        for reference in row.get("references", []):
            invoice = self.site.tables["Sales Invoice"][reference["reference_name"]]
            invoice["outstanding_amount"] += reference["allocated_amount"]

    def _pay(self, at: At, payment: Any) -> None:
        amount = _yuan(payment.amount)
        invoice = self.rows[at, "charges", payment.for_[0]]
        open_ = self.site.tables["Sales Invoice"][invoice]["outstanding_amount"]
        parts = {invoice: min(amount, open_)}
        self.rows[at, "payments", payment.id] = self.entry(at, amount, payment.on, **parts)["name"]

    # what happens

    def do(self, change: Change) -> None:
        match change:
            case Charged(at, charge):
                invoice = self.invoice(at, {charge.item: charge.amount}, charge.due)
                self.rows[at, "charges", charge.id] = invoice["name"]
            case Invoiced(at, charges, fee):
                parts = {charge.item: charge.amount for charge in charges}
                about = self.rows[at, "charges", fee.charge] if fee else ""
                self.invoice(at, parts | ({"late_fee": fee.amount} if fee else {}), charges[0].due, about=about)
            case FeeBooked(at, fee):
                self.dunning(at, fee.charge, fee.on, _yuan(fee.amount))
            case Paid(at, payment):
                self._pay(at, payment)
            case Bounced(at, payment, _) | Voided(at, "payments", payment):
                self.cancel("Payment Entry", self.rows[at, "payments", payment])
            case Refunded(at, payment, fen, on):
                entry = self.site.tables["Payment Entry"][self.rows[at, "payments", payment]]
                self.unallocate(entry, _yuan(fen))
                self.entry(at, _yuan(fen), on, kind="Pay")
            case Voided(at, "charges", name):
                self._void(self.rows[at, "charges", name])
            case Held(at, _):
                self.site.tables["Customer"][self.units[at][1]]["custom_hold"] = 1
            case Released(at, _):
                self.site.tables["Customer"][self.units[at][1]]["custom_hold"] = 0
            case Moved(_, to):
                self._put(to)
            case Emptied(at, charge, field):
                invoice = self.site.tables["Sales Invoice"][self.rows[at, "charges", charge]]
                invoice["payment_schedule"][0][self.column(field)] = None
            case Dispatched(now):
                self._dispatch(now)
            case Arrived(key, state, now):
                todo = next(row for row in self.site.rows("ToDo") if f"#dunning {key} " in row["description"])
                self.comment(todo["reference_name"], f"<p>#dunning {key} {state}</p>", now)
            case _:
                raise NotImplementedError

    def _void(self, invoice: str) -> None:
        """ERPNext takes the payments off an invoice before it is cancelled."""
        for entry in self.site.rows("Payment Entry", docstatus=1):
            if [row["reference_name"] for row in entry["references"]] == [invoice]:
                self.unallocate(entry, entry["references"][0]["allocated_amount"])
                entry["references"] = []
        self.cancel("Sales Invoice", invoice)

    def dunning(
        self, at: At, charge: str, on: date, interest: Decimal, *, column: str = "interest", fee: int = 0
    ) -> Row:
        invoice = self.site.tables["Sales Invoice"][self.rows[at, "charges", charge]]
        schedule = invoice["payment_schedule"][0]["name"]
        row = self.site.child(
            sales_invoice=invoice["name"], payment_schedule=schedule, overdue_days="35", **{column: interest}
        )
        return self.site.insert(
            "Dunning", customer=self.units[at][1], company=self.units[at][0], posting_date=on.isoformat(), docstatus=1,
            status="Unresolved", dunning_fee=Decimal(fee), total_interest=interest, overdue_payments=[row],
        )  # fmt: skip

    def comment(self, customer: str, content: str, now: datetime) -> Row:
        at = now.astimezone(ZONE).strftime("%Y-%m-%d %H:%M:%S.%f")
        about = {"reference_doctype": "Customer", "reference_name": customer}
        return self.site.insert("Comment", comment_type="Comment", content=content, **about, creation=at)

    def _dispatch(self, now: datetime) -> None:
        """A clerk closes the ToDos whose hours it is."""
        for todo in self.site.rows("ToDo", status="Open"):
            text = plain(todo["description"])
            delivery = Delivery.from_dict(json.loads(text[text.index("{") :]))
            if delivery.leaves(now) == now <= end_of(delivery):
                self.left.append(delivery.key)
                todo |= {"status": "Closed", "modified": self.site.now()}


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
