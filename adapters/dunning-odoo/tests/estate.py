"""The fake Odoo as its own people use it: invoices, payments and notes in its tables, never through the adapter."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import count
from typing import Any

from fake_odoo import KEY, LOGIN, Database, FakeOdoo, text_of

from dunning import Account
from dunning.adapter import Adapter, Delivery
from dunning.adapter.notes import end_of
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
from dunning_odoo import open_odoo

CHINA = timezone(timedelta(hours=8))
PRODUCTS = {"property_fee": "PM", "utility": "WT", "parking": "PK", "late_fee": "LF"}
ITEMS = ",".join(f"{code}:{item}" for item, code in PRODUCTS.items())
names = count(1)


class OdooBench:
    """A new database of the fake, with two companies in CNY, and how to open the adapter on it."""

    def __init__(self, fake: FakeOdoo, url: str, version: int, **options: str) -> None:
        fake.databases.clear()  # a server has one version
        self.name = f"db{next(names)}"
        self.db = fake.databases[self.name] = Database(version)
        self.options = {"url": url, "database": self.name, "user": LOGIN, "key": KEY, "items": ITEMS, **options}
        self.today = datetime.now(CHINA).date()
        self.left: list[str] = []
        self.accounts: dict[At, tuple[int, int, int]] = {}  # company, debtor, the address that is the unit
        self.debtors: dict[tuple[str, str], int] = {}
        self.rows: dict[tuple[At, str, str], int] = {}  # what became of the test's names
        self.currency = self.db.insert("res.currency", name="CNY", rounding=0.01)
        self.companies = {
            name: self.db.insert("res.company", name=name, currency_id=self.currency) for name in ("wy-01", "wy-02")
        }
        self.receivable = self._account("1122", "asset_receivable", "receivable")
        self.income = self._account("6001", "income", "other")
        self.products = {item: self.db.insert("product.product", default_code=code) for item, code in PRODUCTS.items()}

    def _account(self, code: str, kind: str, internal: str) -> int:
        return self.db.insert("account.account", code=code, account_type=kind, internal_type=internal)

    def open(self) -> Adapter:
        return open_odoo(**self.options)

    def column(self, field: str) -> str:
        return {"due": "date_maturity", "amount": "debit"}[field]

    def sent(self) -> Sequence[str]:
        return list(self.left)

    def crash(self, point: Point) -> Adapter:
        adapter: Any = self.open()
        call, written = adapter.server.call, 0

        def dying(model: str, method: str, *args: Any, **more: Any) -> Any:
            nonlocal written
            written += method == "message_post"
            if method == "message_post" and written == {"before": 1, "between": 2}.get(point):
                raise KeyboardInterrupt
            if method == "create" and point == "after":
                call(model, method, *args, **more)
                raise KeyboardInterrupt
            return call(model, method, *args, **more)

        adapter.server.call = dying
        return adapter

    # households

    def put(self, accounts: Sequence[Account]) -> Sequence[Kept]:
        return [self._put(account) for account in accounts]

    def _put(self, account: Account) -> Kept:
        at, who = (account.company, account.id), (account.company, account.debtor.id)
        if who not in self.debtors:
            self.debtors[who] = self._partner("业主", None)
        debtor, company = self.debtors[who], self.companies[account.company]
        unit = self._partner(account.unit, debtor)
        self.accounts[at] = company, debtor, unit
        charges = {}
        for charge in account.charges:
            line = self.rows[at, "charges", charge.id] = self.invoice(at, {charge.item: charge.amount}, charge.due)
            charges[charge.id] = str(line)
        for payment in account.payments:
            self._pay(at, payment)
        return Kept(str(company), f"{debtor}/{unit}", charges)

    def _partner(self, name: str, parent: int | None) -> int:
        number = self.db.insert("res.partner", name=name, active=True, parent_id=parent or False, phone="13800000000")
        self.db.tables["res.partner"][number]["commercial_partner_id"] = parent or number
        return number

    def invoice(
        self, at: At, parts: dict[str, int], due: date | None, *, label: str = "", kind: str = "out_invoice"
    ) -> int:
        """A posted invoice with a line for each item; its receivable line."""
        _, debtor, unit = self.accounts[at]
        move = self._move(at, kind, partner_id=debtor, partner_shipping_id=unit, name=f"INV/{next(names):05}")
        on = (due or self.today) - timedelta(days=10)
        for item, fen in parts.items():
            text = label if item == "late_fee" else "物业服务"
            self._line(
                move, on, account_id=self.income, product_id=self.products[item], price_total=_yuan(fen), name=text,
                display_type="product" if self.db.version >= 16 else False, credit=_yuan(fen),
            )  # fmt: skip
        total = _yuan(sum(parts.values()))
        side = {"debit": total, "amount_residual": total}
        if kind == "out_refund":
            side = {"credit": total, "amount_residual": -total}
        term = "payment_term" if self.db.version >= 16 else False
        due_ = due.isoformat() if due else False
        return self._line(move, on, account_id=self.receivable, date_maturity=due_, display_type=term, **side)

    def _move(self, at: At, kind: str, **more: Any) -> int:
        return self.db.insert("account.move", move_type=kind, state="posted", company_id=self.accounts[at][0], **more)

    def _line(self, move: int, on: date, **values: Any) -> int:
        document = self.db.tables["account.move"][move]
        base = {"debit": Decimal(0), "credit": Decimal(0), "amount_residual": Decimal(0), "parent_state": "posted"}
        return self.db.insert(
            "account.move.line", **base | values, move_id=move, date=on.isoformat(), currency_id=self.currency,
            partner_id=document["partner_id"], company_id=document["company_id"],
        )  # fmt: skip

    def entry(self, at: At, amount: Decimal, on: date, **move: Any) -> int:
        """A receivable line of a payment (below zero), of money given back or of a reversal."""
        document = self._move(at, "entry", partner_id=self.accounts[at][1], **move)
        side = {"debit": amount} if amount > 0 else {"credit": -amount}
        return self._line(
            document, on, account_id=self.receivable, amount_residual=amount, date_maturity=on.isoformat(), **side
        )

    def reconcile(self, debit: int, credit: int, amount: Decimal) -> None:
        lines = self.db.tables["account.move.line"]
        lines[debit]["amount_residual"] -= amount
        lines[credit]["amount_residual"] += amount
        last = max(lines[debit]["date"], lines[credit]["date"])
        self.db.insert(
            "account.partial.reconcile", debit_move_id=debit, credit_move_id=credit, amount=amount, max_date=last
        )

    def unreconcile(self, line: int) -> None:
        partials, lines = self.db.tables["account.partial.reconcile"], self.db.tables["account.move.line"]
        for number, row in list(partials.items()):
            if line in (row["debit_move_id"], row["credit_move_id"]):
                lines[row["debit_move_id"]]["amount_residual"] += row["amount"]
                lines[row["credit_move_id"]]["amount_residual"] -= row["amount"]
                del partials[number]

    def void(self, line: int) -> None:
        """Reset to draft: what it was reconciled with is open again."""
        self.unreconcile(line)
        move = self.db.tables["account.move.line"][line]["move_id"]
        self.db.tables["account.move"][move]["state"] = "draft"
        for row in self.db.rows("account.move.line", move_id=move):
            row["parent_state"] = "draft"

    def _pay(self, at: At, payment: Any) -> None:
        credit = self.rows[at, "payments", payment.id] = self.entry(at, -_yuan(payment.amount), payment.on)
        if payment.for_:
            debit = self.rows[at, "charges", payment.for_[0]]
            open_ = self.db.tables["account.move.line"][debit]["amount_residual"]
            self.reconcile(debit, credit, min(open_, _yuan(payment.amount)))

    # what happens

    def do(self, change: Change) -> None:
        lines = self.db.tables["account.move.line"]
        match change:
            case Charged(at, charge):
                self.rows[at, "charges", charge.id] = self.invoice(at, {charge.item: charge.amount}, charge.due)
            case Invoiced(at, charges, fee):
                parts = {charge.item: charge.amount for charge in charges}
                label = self._about(at, fee.charge) if fee else ""
                self.invoice(at, parts | ({"late_fee": fee.amount} if fee else {}), charges[0].due, label=label)
            case FeeBooked(at, fee):
                self.invoice(at, {"late_fee": fee.amount}, fee.on, label=self._about(at, fee.charge))
            case Paid(at, payment):
                self._pay(at, payment)
            case Bounced(at, payment, on):
                credit = self.rows[at, "payments", payment]
                self.unreconcile(credit)
                amount = lines[credit]["credit"]
                self.reconcile(self.entry(at, amount, on, reversed_entry_id=lines[credit]["move_id"]), credit, amount)
            case Refunded(at, payment, fen, on):
                credit = self.rows[at, "payments", payment]
                (debit,) = [
                    row["debit_move_id"] for row in self.db.rows("account.partial.reconcile", credit_move_id=credit)
                ]
                self.unreconcile(credit)
                self.reconcile(self.entry(at, _yuan(fen), on), credit, _yuan(fen))
                self.reconcile(debit, credit, lines[credit]["credit"] - _yuan(fen))
            case Voided(at, records, name):
                self.void(self.rows[at, records, name])
            case Held(at, _):
                self._tick(at, value=True)
            case Released(at, _):
                self._tick(at, value=False)
            case Moved(_, to):
                self._put(to)
            case Emptied(at, charge, "due"):
                lines[self.rows[at, "charges", charge]]["date_maturity"] = False
            case Dispatched(now):
                self._dispatch(now)
            case Arrived(key, state, now):
                self.db.message(self._partner_of(key), f"<p>#dunning {key} {state}</p>", at=now)
            case _:
                raise NotImplementedError

    def _about(self, at: At, charge: str) -> str:
        lines, moves = self.db.tables["account.move.line"], self.db.tables["account.move"]
        return f"违约金 {moves[lines[self.rows[at, 'charges', charge]]['move_id']]['name']}"

    def _tick(self, at: At, *, value: bool) -> None:
        for (where, records, _), line in self.rows.items():
            if (where, records) == (at, "charges"):
                move = self.db.tables["account.move.line"][line]["move_id"]
                self.db.tables["account.move"][move]["no_overdue_reminder"] = value

    def _partner_of(self, key: str) -> int:
        return next(row["res_id"] for row in self.db.rows("mail.message") if f"#dunning {key} " in row["body"])

    def _dispatch(self, now: datetime) -> None:
        """A clerk works off the activities whose hours it is: done, they go, and a message in the chatter says so."""
        for activity in sorted(self.db.rows("mail.activity"), key=lambda row: row["summary"]):
            text = text_of(activity["note"])
            delivery = Delivery.from_dict(json.loads(text[text.index("{") :]))
            if delivery.leaves(now) == now <= end_of(delivery):
                self.left.append(delivery.key)
                del self.db.tables["mail.activity"][activity["id"]]
                self.done(activity, now)

    def done(self, activity: dict[str, Any], now: datetime, feedback: str = "") -> None:
        body = (
            f"<div><p><span>To-Do</span> done: <span>{activity['summary']}</span></p>"
            f"<div>Original note:</div><div><p>{activity['note']}</p></div><div>{feedback}</div></div>"
        )
        self.db.message(activity["res_id"], body, at=now.astimezone(UTC), activity=4)


def _yuan(fen: int) -> Decimal:
    return Decimal(fen) / 100
