"""What a customer owes a company: instalments of submitted invoices, payments, credit notes, and late fees of Dunnings.

Every document is used once. What is left of an invoice by the documents read here is held against ERPNext's own
outstanding amount, and a difference (a journal entry, a write-off) is told and never netted away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import dunning
from dunning.adapter import Source
from dunning.adapter.documents import Finding
from dunning.adapter.notes import Notes
from dunning_erpnext.server import Row, Server
from dunning_erpnext.todos import AT_ONCE

INVOICE, PAYMENT, DUNNING, CUSTOMER = "Sales Invoice", "Payment Entry", "Dunning", "Customer"
LATE_FEE, PROPERTY_FEE = "late_fee", "property_fee"
NOWHERE = "-"
"""The unit of what a customer owes or has paid without an invoice that names one."""
FEN = Decimal("0.01")
NOISE = Decimal("0.00001")
"""What floats may be off by; anything more is money."""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "charges": {"amount": "payment_amount", "due": "due_date", "item": "item_code"},
    "payments": {"amount": "paid_amount", "on": "posting_date", "for": "references", "settles": "references"},
    "adjustments": {"amount": "grand_total", "on": "posting_date", "charge": "return_against"},
    "late_fees": {"amount": "interest", "on": "posting_date", "charge": "sales_invoice"},
    "holds": {"since": "modified"},
    "contacts": {"at": "creation"},
}
"""Where each field of a record stands in ERPNext: what a finding names, so that somebody can go and look."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How this site is read, as its options say."""

    items: Mapping[str, str]
    unit: str
    holds: tuple[tuple[str, str], ...]
    begin: str


@dataclass(slots=True)
class Page:
    """The documents of some customers, whole, by customer and company."""

    customers: Mapping[str, Row]
    documents: Mapping[str, Mapping[tuple[str, str], list[Row]]]
    asked: datetime

    @classmethod
    def read(cls, server: Server, settings: Settings, customers: Sequence[str]) -> Page:
        found: dict[str, dict[tuple[str, str], list[Row]]] = {}
        rows: dict[str, Row] = {}
        held = [name for doctype, name in settings.holds if doctype == CUSTOMER]
        for start in range(0, len(customers), AT_ONCE):
            some = list(customers[start : start + AT_ONCE])
            rows |= {row["name"]: row for row in server.read(CUSTOMER, [["name", "in", some]], ("modified", *held))}
            submitted = ["docstatus", "=", 1]
            paid = [["posting_date", ">=", settings.begin]] if settings.begin else []
            for doctype, column, filters in (
                (INVOICE, "customer", [["outstanding_amount", "!=", 0]]),
                (INVOICE, "customer", [["outstanding_amount", "=", 0], *paid]),
                (PAYMENT, "party", [["party_type", "=", CUSTOMER]]),
                (DUNNING, "customer", []),
            ):
                of = found.setdefault(doctype, defaultdict(list))
                for row in server.read(doctype, [submitted, [column, "in", some], *filters], (column, "company")):
                    of[row[column], row["company"]].append(server.document(doctype, row["name"]))
        return cls(rows, found, server.asked())

    def of(self, doctype: str, customer: str, company: str) -> list[Row]:
        return self.documents.get(doctype, {}).get((customer, company), [])


@dataclass(slots=True)
class Unit:
    """One account while it is put together: records of each list, each with the row it came from."""

    lists: dict[str, list[tuple[Source, Row]]] = field(default_factory=lambda: defaultdict(list))
    findings: list[Finding] = field(default_factory=list)
    foreign: tuple[Source, str] | None = None

    def add(self, records: str, source: Source, record: Row) -> None:
        self.lists[records].append((source, record))


@dataclass(slots=True)
class Bill:
    """An invoice: its unit, its charges by instalment, what its late-fee lines are for, what is still to pay of it."""

    row: Row
    unit: Unit
    charges: dict[str, list[str]] = field(default_factory=dict)  # by the instalment's row
    fee_of: str | None = None
    left: Decimal = Decimal(0)

    def of_term(self, term: str | None) -> list[str]:
        """The charges of a payment term; all of them where none is named."""
        rows = self.row.get("payment_schedule") or []
        named = [row["name"] for row in rows if term and row.get("payment_term") == term]
        return [charge for name, charges in self.charges.items() if not named or name in named for charge in charges]


class Customer:
    """The documents of one customer in one company, each told once."""

    def __init__(self, settings: Settings, page: Page, notes: Notes, company: Row, name: str) -> None:
        self.settings = settings
        self.page = page
        self.notes = notes
        self.company = company
        self.name = name
        self.units: dict[str, Unit] = {}
        self.bills: dict[str, Bill] = {}
        self.dunned: dict[str, tuple[Unit, str]] = {}  # where the late fee of a Dunning, or of a charge, stands

    def accounts(self) -> Iterator[dunning.Read | dunning.Rejected]:
        invoices = self.page.of(INVOICE, self.name, self.company["name"])
        for row in invoices:
            if not _number(row.get("is_return")):
                self._bill(row)
        for bill in self.bills.values():
            self._late_lines(bill)
        self._late_fees(self.page.of(DUNNING, self.name, self.company["name"]))
        payments = self.page.of(PAYMENT, self.name, self.company["name"])
        received: dict[str, Decimal] = defaultdict(Decimal)
        for row in payments:
            self._payment(row, received)
        for row in invoices:
            if _number(row.get("is_return")):
                self._credit_note(row, received[row["name"]])
        self._refunds(payments)
        for bill in self.bills.values():
            self._compare(bill)
        for place in sorted(self.units, key=lambda one: (one == NOWHERE, one)):
            yield self._account(place, self.units[place])

    # invoices

    def _bill(self, row: Row) -> None:
        place = str(row.get(self.settings.unit) or NOWHERE)
        bill = self.bills[row["name"]] = Bill(row, self.units.setdefault(place, Unit()))
        total = _number(row.get("rounded_total")) or row.get("grand_total")
        at = Source(INVOICE, row["name"], "grand_total")
        bill.left = self._exact(bill.unit, total, at)
        terms = row.get("payment_schedule") or [
            {"name": row["name"], "due_date": row.get("due_date"), "payment_amount": total}
        ]
        parts: dict[str, Decimal] = defaultdict(Decimal)
        for line in row.get("items") or []:
            parts[self._item(line)] += self._exact(bill.unit, line.get("amount"), at)
        parts = parts or {self.settings.items.get("*", PROPERTY_FEE): bill.left}
        whole = len(terms) == 1 and sum(parts.values()) == bill.left
        if len(parts) > 1 and not whole:
            bill.unit.findings.append(Finding("P503", at=at, args={"invoice": row["name"]}))
        for term in terms:
            self._instalment(bill, term, parts if len(parts) > 1 else {next(iter(parts)): term.get("payment_amount")})
        if row.get("currency") not in (None, self.company["default_currency"]):
            bill.unit.foreign = Source(INVOICE, row["name"], "currency"), row["currency"]
        for doctype, name in self.settings.holds:
            if doctype == INVOICE and _number(row.get(name)) and _number(row.get("outstanding_amount")):
                self._hold(bill.unit, Source(INVOICE, row["name"], name), row)

    def _instalment(self, bill: Bill, term: Row, parts: Mapping[str, Any]) -> None:
        at = Source(INVOICE if term["name"] == bill.row["name"] else "Payment Schedule", term["name"])
        bill.charges[term["name"]] = []
        for item, amount in parts.items():
            if item != LATE_FEE:
                name = term["name"] if len(parts) == 1 else f"{term['name']}/{item}"
                exact = None if amount is None else self._exact(bill.unit, amount, at)
                record = {"id": name, "item": item, "amount": exact, "due": term.get("due_date")}
                bill.unit.add("charges", at, record)
                bill.charges[term["name"]].append(name)

    def _late_lines(self, bill: Bill) -> None:
        """Late fees billed as lines of an invoice: the description names the invoice each is for."""
        for line in bill.row.get("items") or []:
            if self._item(line) != LATE_FEE:
                continue
            at = Source("Sales Invoice Item", line["name"], "description")
            words = str(line.get("description") or "").replace("<", " ").replace(">", " ").split()
            named = next((self.bills[word] for word in words if word in self.bills and word != bill.row["name"]), bill)
            charges = named.of_term(None)
            if not charges:
                bill.unit.findings.append(Finding("P504", at=at, args={"invoice": bill.row["name"]}))
                continue
            bill.fee_of = charges[0]
            amount = self._exact(bill.unit, line.get("amount"), at)
            record = {"id": line["name"], "charge": charges[0], "on": bill.row["posting_date"], "amount": amount}
            bill.unit.add("late_fees", at, record)

    def _item(self, line: Row) -> str:
        """What a line is for, by the code of its item, else by its group; a property fee unless told otherwise."""
        items = self.settings.items
        codes = (str(line.get(column) or "") for column in ("item_code", "item_group"))
        return next((items[code] for code in codes if code in items), items.get("*", PROPERTY_FEE))

    # money

    def _payment(self, row: Row, returned: dict[str, Decimal]) -> None:
        """A payment as it was booked: a record in each unit, for what went there; the rest where there is no choice.

        `returned`: what was paid out of each credit note is added to it.
        """
        pays_out = row.get("payment_type") == "Pay"
        parts: dict[int, Row] = {}
        for reference in row.get("references") or []:
            bill = self.bills.get(reference.get("reference_name") or "")
            at = Source("Payment Entry Reference", str(reference.get("name")), "allocated_amount")
            amount = self._exact(bill.unit if bill else Unit(), reference.get("allocated_amount"), at)
            if pays_out or amount < 0:  # a credit note paid out, or set against invoices together with the money
                returned[str(reference.get("reference_name"))] += abs(amount)
                continue
            if bill is None:  # until 14 the late fee of a Dunning is paid as one more reference
                self._fee_paid(parts, row, reference.get("reference_name"), amount)
                continue
            bill.left -= amount
            record = self._part(parts, bill.unit, row)
            record["amount"] += amount
            charges = bill.of_term(reference.get("payment_term"))
            record["for"] += [charge for charge in charges if charge not in record["for"]]
            single = charges or ([bill.fee_of] if bill.fee_of else [])
            if len(single) == 1:
                part = "principal" if charges else "late_fee"
                record["settles"].append({"charge": single[0], "part": part, "amount": amount})
        for deduction in row.get("deductions") or []:  # since 15 it is booked as income, below zero
            amount = -self._exact(Unit(), deduction.get("amount"), Source(PAYMENT, row["name"], "deductions"))
            paid = [charge for record in parts.values() for charge in record["for"] if charge in self.dunned]
            if amount > 0 and paid:
                self._fee_paid(parts, row, paid[0], amount)
        rest = self._exact(Unit(), row.get("unallocated_amount"), Source(PAYMENT, row["name"], "unallocated_amount"))
        if rest and not pays_out:
            unit = self._only(rest, Source(PAYMENT, row["name"], "unallocated_amount"), parts)
            self._part(parts, unit, row)["amount"] += rest

    def _fee_paid(self, parts: dict[int, Row], row: Row, about: str | None, amount: Decimal) -> None:
        """Money for the late fee of a Dunning, by the Dunning's name or its charge."""
        if about in self.dunned:
            unit, charge = self.dunned[about]
            record = self._part(parts, unit, row)
            record["amount"] += amount
            record["settles"].append({"charge": charge, "part": "late_fee", "amount": amount})

    def _part(self, parts: dict[int, Row], unit: Unit, row: Row) -> Row:
        if id(unit) not in parts:
            record = {"id": row["name"], "on": row["posting_date"], "amount": Decimal(0), "for": [], "settles": []}
            parts[id(unit)] = record
            unit.add("payments", Source(PAYMENT, row["name"]), record)
        return parts[id(unit)]

    def _only(self, amount: Decimal, at: Source, parts: Mapping[int, Row]) -> Unit:
        """Where money belongs that names no invoice: with the rest of it, or where there is no choice."""
        known = [unit for place, unit in self.units.items() if place != NOWHERE] or list(self.units.values())
        went = [unit for unit in known if id(unit) in parts]
        for choice in (went, known):
            if len(choice) == 1:
                return choice[0]
        for unit in known:
            unit.findings.append(Finding("P502", at=at, args={"amount": amount}))
        return known[0] if known else self.units.setdefault(NOWHERE, Unit())

    def _credit_note(self, row: Row, paid_out: Decimal) -> None:
        """A return: what it took off its invoice, and what is still the customer's."""
        at = Source(INVOICE, row["name"], "grand_total")
        bill = self.bills.get(row.get("return_against") or "")
        unit = bill.unit if bill else self._only(Decimal(0), at, {})
        total = abs(self._exact(unit, _number(row.get("rounded_total")) or row.get("grand_total"), at))
        open_ = abs(self._exact(unit, row.get("outstanding_amount"), at))
        taken = total - open_ - paid_out
        record = {"id": row["name"], "on": row["posting_date"], "amount": taken}
        if bill and taken > 0:
            bill.left -= taken
            charges = bill.of_term(None)
            if len(charges) == 1:
                unit.add("adjustments", at, {**record, "kind": "credit_note", "charge": charges[0]})
            else:
                unit.add("payments", at, {**record, "for": charges})
        if open_:
            unit.add("payments", at, {**record, "id": f"{row['name']}/open", "amount": open_, "for": []})

    def _refunds(self, payments: Sequence[Row]) -> None:
        """Money paid out that is for no credit note: the last payment before it was too much."""
        for row in payments:
            at = Source(PAYMENT, row["name"], "unallocated_amount")
            amount = self._exact(Unit(), row.get("unallocated_amount"), at)
            if row.get("payment_type") != "Pay" or not amount:
                continue
            unit = self._only(amount, at, {})
            before = [record for _, record in unit.lists["payments"] if record["on"] <= row["posting_date"]]
            record = {"id": row["name"], "on": row["posting_date"], "amount": amount}
            if before:
                last = max(before, key=lambda one: (one["on"], one["id"]))
                unit.add("adjustments", at, {**record, "kind": "refund", "payment": last["id"]})
            else:  # nobody knows what it was for, and that is said: it has no due date
                unit.add("charges", at, {**record, "due": None})

    def _compare(self, bill: Bill) -> None:
        at = Source(INVOICE, bill.row["name"], "outstanding_amount")
        theirs = self._exact(bill.unit, bill.row.get("outstanding_amount"), at)
        if bill.left != theirs and bill.unit.foreign is None:
            bill.unit.findings.append(Finding("P501", at=at, args={"ours": bill.left, "theirs": theirs}))

    def _late_fees(self, dunnings: Sequence[Row]) -> None:
        """ERPNext's own late fees: the interest of a charge's last Dunning, for each counts from the due date anew, and
        the fixed fees of all of them.
        """
        interest: dict[str, tuple[Unit, Source, Row]] = {}
        for row in sorted(dunnings, key=lambda one: (one["posting_date"], one["name"])):
            fee = self._exact(Unit(), row.get("dunning_fee"), Source(DUNNING, row["name"], "dunning_fee"))
            for line in row.get("overdue_payments") or [row]:  # until 14 a Dunning is about one invoice
                bill = self.bills.get(line.get("sales_invoice") or "")
                if bill is None:
                    continue
                column = "interest" if line.get("interest") is not None else "interest_amount"  # until 2021
                at = Source(DUNNING if line is row else "Overdue Payment", line["name"], column)
                charges = bill.charges.get(line.get("payment_schedule") or "") or bill.of_term(None)
                if not charges:
                    continue
                fixed = interest[charges[0]][2]["fixed"] if charges[0] in interest else Decimal(0)
                record = {
                    "id": line["name"], "charge": charges[0], "on": row["posting_date"],
                    "amount": self._exact(bill.unit, line.get(column), at), "fixed": fixed + fee,
                }  # fmt: skip
                interest[charges[0]], fee = (bill.unit, at, record), Decimal(0)
                self.dunned.setdefault(row["name"], (bill.unit, charges[0]))
                self.dunned[charges[0]] = bill.unit, charges[0]
        for unit, at, record in interest.values():
            amount = record["amount"] + record.pop("fixed")
            if amount:
                unit.add("late_fees", at, {**record, "amount": amount})

    def _exact(self, unit: Unit, amount: Any, at: Source) -> Decimal:
        """The amount to the fen, without the noise of floats; one that is no whole number of fen is told."""
        raw = _number(amount)
        near = raw.quantize(FEN)
        if abs(near - raw) > NOISE:
            unit.findings.append(Finding("P505", at=at, args={"amount": raw, "unit": FEN}))
        return near

    # the account

    def _hold(self, unit: Unit, source: Source, row: Row) -> None:
        """Somebody ticked "do not dun". ERPNext does not say since when: the last time the document was saved."""
        record = {"id": f"{source.table} {source.column}", "kind": "contact", "since": str(row["modified"])[:10]}
        unit.add("holds", source, {**record, "id": f"{record['id']} {source.key}"})

    def _account(self, place: str, unit: Unit) -> dunning.Read | dunning.Rejected:
        name, company, customer = account_of(self.name, place), self.company["name"], self.page.customers[self.name]
        for at, source, record in self.notes.contacts():
            if at == (company, name):
                unit.add("contacts", source, record)
        for note in self.notes.unread:  # a step may have been done: nobody knows, and it says which document
            record = {"id": f"{note.source.table} {note.source.key}", "at": note.at, "outcome": note.text[:60]}
            unit.add("contacts", note.source, record)
        for doctype, held in self.settings.holds:
            if doctype == CUSTOMER and _number(customer.get(held)):
                self._hold(unit, Source(CUSTOMER, self.name, held), customer)
        if unit.findings:
            return dunning.Rejected(company, name, self.name, tuple(unit.findings), Source(CUSTOMER, self.name))
        lists = {records: [record for _, record in rows] for records, rows in unit.lists.items()}
        for payment in lists.get("payments", ()):
            payment["settles"] = payment.get("settles") or None
        mapping = {
            "company": company,
            "id": name,
            "unit": place,
            "currency": unit.foreign[1] if unit.foreign else self.company["default_currency"],
            "debtor": {"id": self.name},
            "data_as_of": self.page.asked,
            **lists,
        }
        return dunning.read(mapping, where=lambda path: self._where(unit, path))

    def _where(self, unit: Unit, path: tuple[str | int, ...]) -> Source:
        if len(path) > 1 and path[0] in COLUMNS:
            source = unit.lists[str(path[0])][int(path[1])][0]
            column = str(path[2]) if len(path) > 2 else ""
            return Source(source.table, source.key, source.column or COLUMNS[str(path[0])].get(column, column))
        if path and path[0] == "currency" and unit.foreign:
            return unit.foreign[0]
        return Source(CUSTOMER, self.name, str(path[-1]) if path else "")


def account_of(customer: str, place: str) -> str:
    """The id of an account; a slash in the customer's name is written %2F, for the first one ends it."""
    return f"{customer.replace('%', '%25').replace('/', '%2F')}/{place}"


def customer_of(account: str) -> str:
    return account.partition("/")[0].replace("%2F", "/").replace("%25", "%")


def _number(value: Any) -> Decimal:
    """A number that comes as one, as text or not at all."""
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal("NaN")
