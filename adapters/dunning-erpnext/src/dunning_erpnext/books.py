"""What a customer owes a company: instalments of submitted invoices, payments, credit notes, and late fees of Dunnings.

Every document is used once. What is left of an invoice by the documents read here is held against ERPNext's own
outstanding amount, and a difference (a journal entry, a write-off) is told and never netted away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

import dunning
from dunning.adapter import Source
from dunning.adapter.folios import Columns, Folio, Folios, Record, number
from dunning.adapter.notes import Notes
from dunning.adapter.options import LATE_FEE, Items
from dunning_erpnext.server import Row, Server
from dunning_erpnext.todos import AT_ONCE

INVOICE, PAYMENT, DUNNING, CUSTOMER = "Sales Invoice", "Payment Entry", "Dunning", "Customer"

COLUMNS: Columns = {
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

    items: Items
    unit: str
    holds: tuple[tuple[str, str], ...]
    begin: str
    of_all: Mapping[str, object] = field(default_factory=dict)


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
        return cls(rows, found, server.site.asked())

    def of(self, doctype: str, customer: str, company: str) -> list[Row]:
        return self.documents.get(doctype, {}).get((customer, company), [])


@dataclass(slots=True)
class Bill:
    """An invoice: its account, what is left of it, its charges by instalment, what its late-fee lines are for."""

    row: Row
    folio: Folio
    left: Decimal
    charges: dict[str, list[str]] = field(default_factory=dict)  # by the instalment's row
    fee_of: str = ""

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
        self.company = company
        self.customer = page.customers[name]
        self.invoices, self.dunnings, self.payments = (
            page.of(doctype, name, company["name"]) for doctype in (INVOICE, DUNNING, PAYMENT)
        )
        self.folios = Folios(company["name"], name, who=Source(CUSTOMER, name), columns=COLUMNS, notes=notes)
        self.bills: dict[str, Bill] = {}
        self.dunned: dict[str, tuple[Folio, str]] = {}  # where the late fee of a Dunning, or of a charge, stands

    def accounts(self) -> Iterator[dunning.Read | dunning.Rejected]:
        returns = [row for row in self.invoices if number(row.get("is_return"))]
        for row in self.invoices:
            if not number(row.get("is_return")):
                self._bill(row)
        for bill in self.bills.values():
            self._late_lines(bill)
        self._late_fees()
        paid_out: dict[str, Decimal] = defaultdict(Decimal)  # of each credit note
        for row in self.payments:
            self._payment(row, paid_out)
        for row in returns:
            self._credit_note(row, paid_out[row["name"]])
        for row in self.payments:
            if row.get("payment_type") == "Pay":
                self._refund(row)
        for bill in self.bills.values():
            self._compare(bill)
        for folio in self.folios:
            self._holds(folio, CUSTOMER, self.customer)
        own = Source("Company", self.company["name"], "default_currency"), self.company["default_currency"]
        yield from self.folios.accounts(currency=own, asked=self.page.asked, **self.settings.of_all)

    # invoices

    def _bill(self, row: Row) -> None:
        folio, at = self.folios.at(row.get(self.settings.unit)), Source(INVOICE, row["name"], "grand_total")
        total = number(row.get("rounded_total")) or row.get("grand_total")
        bill = self.bills[row["name"]] = Bill(row, folio, folio.exact(total, at))
        whole = {"name": row["name"], "due_date": row.get("due_date"), "payment_amount": total}
        terms = row.get("payment_schedule") or [whole]
        parts: dict[str, Decimal] = defaultdict(Decimal)
        for line in row.get("items") or []:
            parts[self._item(line)] += folio.exact(line.get("amount"), at)
        if len(parts) > 1 and not (len(terms) == 1 and sum(parts.values()) == bill.left):
            folio.refuse("P503", at, invoice=row["name"])
        for term in terms:
            only = next(iter(parts), self.settings.items.of())
            self._instalment(bill, term, parts if len(parts) > 1 else {only: term.get("payment_amount")})
        if row.get("currency") not in (None, self.company["default_currency"]):
            folio.currency = Source(INVOICE, row["name"], "currency"), row["currency"]
        if number(row.get("outstanding_amount")):
            self._holds(folio, INVOICE, row)

    def _instalment(self, bill: Bill, term: Row, parts: Mapping[str, Any]) -> None:
        at = Source(INVOICE if term["name"] == bill.row["name"] else "Payment Schedule", term["name"])
        made = bill.charges.setdefault(term["name"], [])
        for item, amount in parts.items():
            if item != LATE_FEE:
                name = term["name"] if len(parts) == 1 else f"{term['name']}/{item}"
                exact = None if amount is None else bill.folio.exact(amount, at)
                bill.folio.add("charges", at, {"id": name, "item": item, "amount": exact, "due": term.get("due_date")})
                made.append(name)

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
                bill.folio.refuse("P504", at, invoice=bill.row["name"])
                continue
            bill.fee_of = charges[0]
            record = {"id": line["name"], "charge": charges[0], "on": bill.row["posting_date"]}
            bill.folio.add("late_fees", at, {**record, "amount": bill.folio.exact(line.get("amount"), at)})

    def _item(self, line: Row) -> str:
        """What a line is for, by the code of its item, else by its group."""
        return self.settings.items.of(line.get("item_code"), line.get("item_group"))

    def _late_fees(self) -> None:
        """ERPNext's own late fees: the interest of a charge's last Dunning, for each counts from the due date anew, and
        the fixed fees of all of them.
        """
        interest: dict[str, tuple[Folio, Source, Record]] = {}
        for row in sorted(self.dunnings, key=lambda one: (one["posting_date"], one["name"])):
            fixed = self.folios.exact(row.get("dunning_fee"), Source(DUNNING, row["name"], "dunning_fee"))
            for line in row.get("overdue_payments") or [row]:  # until 14 a Dunning is about one invoice
                bill = self.bills.get(line.get("sales_invoice") or "")
                charges = bill and (bill.charges.get(line.get("payment_schedule") or "") or bill.of_term(None))
                if not bill or not charges:
                    continue
                charge = charges[0]
                column = "interest" if line.get("interest") is not None else "interest_amount"  # until 2021
                at = Source(DUNNING if line is row else "Overdue Payment", line["name"], column)
                if charge in interest:
                    fixed += interest[charge][2]["fixed"]
                record = {"id": line["name"], "charge": charge, "on": row["posting_date"], "fixed": fixed}
                interest[charge] = bill.folio, at, {**record, "amount": bill.folio.exact(line.get(column), at)}
                fixed = Decimal(0)
                self.dunned.setdefault(row["name"], (bill.folio, charge))
                self.dunned[charge] = bill.folio, charge
        for folio, at, record in interest.values():
            amount = record["amount"] + record.pop("fixed")
            if amount:
                folio.add("late_fees", at, {**record, "amount": amount})

    # money

    def _payment(self, row: Row, paid_out: dict[str, Decimal]) -> None:
        """A payment as it was booked: a record in each account, for what went there; the rest where there is no choice.

        `paid_out`: what was paid out of each credit note is added to it.
        """
        pays_out = row.get("payment_type") == "Pay"
        charged: list[str] = []
        for reference in row.get("references") or []:
            name = str(reference.get("reference_name"))
            bill, at = self.bills.get(name), Source("Payment Entry Reference", str(reference.get("name")))
            of = bill.folio if bill else self.folios
            amount = of.exact(reference.get("allocated_amount"), Source(at.table, at.key, "allocated_amount"))
            if pays_out or amount < 0:  # a credit note paid out, or set against invoices together with the money
                paid_out[name] += abs(amount)
            elif bill is None:  # until 14 the late fee of a Dunning is paid as one more reference
                self._fee_paid(row, name, amount)
            else:
                bill.left -= amount
                charges = bill.of_term(reference.get("payment_term"))
                bill.folio.pay(_record(bill.folio, row), amount, charges, late_fee_of=bill.fee_of)
                charged += charges
        about = next((charge for charge in charged if charge in self.dunned), "")
        for deduction in row.get("deductions") or []:  # since 15 it is booked as income, below zero
            amount = -self.folios.exact(deduction.get("amount"), Source(PAYMENT, row["name"], "deductions"))
            if amount > 0:
                self._fee_paid(row, about, amount)
        at = Source(PAYMENT, row["name"], "unallocated_amount")
        rest = Decimal(0) if pays_out else self.folios.exact(row.get("unallocated_amount"), at)
        if rest:
            folio = self.folios.choose(rest, at, payment=row["name"])
            folio.pay(_record(folio, row), rest)

    def _fee_paid(self, row: Row, about: str, amount: Decimal) -> None:
        """Money for the late fee of a Dunning, by the Dunning's name or its charge."""
        if about in self.dunned:
            folio, charge = self.dunned[about]
            folio.pay(_record(folio, row), amount, late_fee_of=charge)

    def _credit_note(self, row: Row, paid_out: Decimal) -> None:
        """A return: what it took off its invoice, and what is still the customer's."""
        at = Source(INVOICE, row["name"], "grand_total")
        bill = self.bills.get(row.get("return_against") or "")
        folio = bill.folio if bill else self.folios.choose(Decimal(0), at)
        total = abs(folio.exact(number(row.get("rounded_total")) or row.get("grand_total"), at))
        open_ = abs(folio.exact(row.get("outstanding_amount"), at))
        taken = total - open_ - paid_out
        record = {"id": row["name"], "on": row["posting_date"], "amount": taken}
        if bill and taken > 0:
            bill.left -= taken
            charges = bill.of_term(None)
            if len(charges) == 1:
                folio.add("adjustments", at, {**record, "kind": "credit_note", "charge": charges[0]})
            else:
                folio.add("payments", at, {**record, "for": charges})
        if open_:
            folio.add("payments", at, {**record, "id": f"{row['name']}/open", "amount": open_, "for": []})

    def _refund(self, row: Row) -> None:
        """Money paid out that is for no credit note: the last payment before it was too much."""
        at = Source(PAYMENT, row["name"], "unallocated_amount")
        amount = self.folios.exact(row.get("unallocated_amount"), at)
        if not amount:
            return
        folio = self.folios.choose(amount, at)
        before = [record for _, record in folio.lists["payments"] if record["on"] <= row["posting_date"]]
        record = {"id": row["name"], "on": row["posting_date"], "amount": amount}
        if before:
            last = max(before, key=lambda one: (one["on"], one["id"]))
            folio.add("adjustments", at, {**record, "kind": "refund", "payment": last["id"]})
        else:  # nobody knows what it was for, and that is said: it has no due date
            folio.add("charges", at, {**record, "due": None})

    def _compare(self, bill: Bill) -> None:
        """What is left by the documents read here is what ERPNext says is outstanding; not so in another currency."""
        at = Source(INVOICE, bill.row["name"], "outstanding_amount")
        theirs = bill.folio.exact(bill.row.get("outstanding_amount"), at)
        if bill.left != theirs and bill.folio.currency is None:
            bill.folio.refuse("P501", at, ours=bill.left, theirs=theirs)

    def _holds(self, folio: Folio, doctype: str, row: Row) -> None:
        """Somebody ticked "do not dun". ERPNext does not say since when: the last time the document was saved."""
        for of, name in self.settings.holds:
            if of == doctype and number(row.get(name)):
                folio.hold(Source(doctype, row["name"], name), str(row["modified"])[:10])


def _record(folio: Folio, payment: Row) -> Record:
    return folio.payment(payment["name"], payment["posting_date"], Source(PAYMENT, payment["name"]))
