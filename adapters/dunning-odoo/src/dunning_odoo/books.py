"""What a debtor owes a company, from the receivable lines of posted entries and what they are reconciled with.

Every line is used once, whatever made it. What is left of an invoice by its reconciliations is held against Odoo's own
residual, and a difference is told and never netted away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

import dunning
from dunning.adapter import Source
from dunning.adapter.documents import Finding
from dunning.adapter.notes import Notes
from dunning_odoo.chatter import CHINA, Chatter
from dunning_odoo.rows import LINE, MOVE, NOISE, PARTNER, Page, Settings
from dunning_odoo.server import Row, Server

LATE_FEE = "late_fee"
NOWHERE = "-"
"""The unit of what a debtor owes or has paid without an invoice."""

COLUMNS: Mapping[str, Mapping[str, str]] = {
    "charges": {"amount": "debit", "due": "date_maturity", "item": "product_id"},
    "payments": {"amount": "credit", "on": "date", "for": "matched_debit_ids", "settles": "matched_debit_ids"},
    "adjustments": {"amount": "amount", "on": "max_date", "charge": "debit_move_id", "payment": "credit_move_id"},
    "late_fees": {"amount": "price_total", "on": "date", "charge": "name"},
    "holds": {"since": "write_date"},
    "contacts": {"outcome": "body", "at": "date", "channel": "body"},
}
"""Where each field of a record stands in Odoo: what a finding names, so that somebody can go and look."""


@dataclass(slots=True)
class Unit:
    """One account while it is put together: records of each list, each with the row it came from."""

    lists: dict[str, list[tuple[Source, Row]]] = field(default_factory=lambda: defaultdict(list))
    findings: list[Finding] = field(default_factory=list)
    foreign: tuple[Source, int] | None = None

    def add(self, records: str, source: Source, record: Row) -> None:
        self.lists[records].append((source, record))


@dataclass(slots=True)
class Bill:
    """A receivable line of an invoice: its unit, its charges with their amounts, the charge its late fees are for."""

    unit: Unit
    charges: list[str]
    fee_of: str | None = None


class Reading:
    """One pass over the books: companies, currencies and products are asked for once."""

    def __init__(
        self, server: Server, settings: Settings, companies: Sequence[Row], currencies: Mapping[int, Row]
    ) -> None:
        self.server = server
        self.settings = settings
        self.companies = companies
        self.currencies = currencies

    @classmethod
    def open(cls, server: Server, settings: Settings, only: frozenset[int]) -> Reading:
        rows = server.read("res.company", [], ("currency_id",))
        companies = [row for row in rows if not only or row["id"] in only]
        server.context = {**server.context, "allowed_company_ids": [row["id"] for row in companies]}
        currencies = server.read("res.currency", [], ("name", "rounding"))
        return cls(server, settings, companies, {row["id"]: row for row in currencies})

    def accounts(self, debtors: Sequence[int]) -> Iterator[dunning.Read | dunning.Rejected]:
        """The accounts of these debtors, company by company; nothing for those who never had an entry."""
        if not debtors:
            return
        page = Page.read(self.server, self.settings, [row["id"] for row in self.companies], debtors)
        notes = Chatter(self.server, None).of(debtors)
        for company in self.companies:
            for debtor in debtors:
                yield from _Debtor(self, page, notes, company, debtor).accounts()


class _Debtor:
    """The entries of one debtor in one company, each told once."""

    def __init__(self, reading: Reading, page: Page, notes: Mapping[int, Notes], company: Row, debtor: int) -> None:
        self.reading = reading
        self.settings = reading.settings
        self.page = page
        self.notes = notes.get(debtor, Notes())
        self.company = company
        self.debtor = debtor
        self.own = reading.currencies[company["currency_id"]]
        self.units: dict[str, Unit] = {}
        self.bills: dict[int, Bill] = {}
        self.settled: dict[tuple[int, int], Row] = {}  # what a credit line paid in a unit, by (line, id of the unit)

    def accounts(self) -> Iterator[dunning.Read | dunning.Rejected]:
        lines = self.page.lines.get((self.company["id"], self.debtor), [])
        for line in lines:
            if self.page.is_bill(line):
                self._bill(line)
        for line in lines:
            if line["id"] in self.bills:
                self._reconciled(line)
        for line in lines:
            if line["debit"] and line["id"] not in self.bills:
                self._debit(line)
            elif line["credit"]:
                self._rest(line)
        for place in sorted(self.units, key=lambda one: (one == NOWHERE, len(one), one)):
            yield self._account(place, self.units[place])

    # invoices

    def _bill(self, line: Row) -> None:
        """One instalment of an invoice: one charge, or one for each item where there is one due date."""
        move = self.page.moves[line["move_id"]]
        unit = self.units.setdefault(str(move[self.settings.unit] or move["partner_id"]), Unit())
        parts = self.page.parts(move, self.settings)
        open_, whole = self._money(unit, line, "amount_residual"), self._money(unit, line, "debit")
        amount = open_ if self.settings.snapshot else whole
        at = Source(LINE, str(line["id"]))
        if len(parts) > 1:
            totals = {item: sum(row["price_total"] for row in rows) for item, rows in parts.items()}
            sums = {item: self._exact(unit, total, at) for item, total in totals.items()}
            if not sum(sums.values()) == whole == amount:
                told = Finding("P503", at=Source(MOVE, str(move["id"]), "line_ids"), args={"invoice": move["name"]})
                unit.findings.append(told)
        else:
            sums = {next(iter(parts)): amount}
        bill = self.bills[line["id"]] = Bill(unit, [])
        for item, part in sums.items():
            if item == LATE_FEE:
                bill.fee_of = self._late_fee(unit, move, parts[item], part)
            elif part:
                name = str(line["id"]) if len(sums) == 1 else f"{line['id']}/{item}"
                record = {"id": name, "item": item, "amount": part, "due": line["date_maturity"]}
                unit.add("charges", at, record)
                bill.charges.append(name)
        if line["currency_id"] not in (None, self.company["currency_id"]):
            unit.foreign = Source(LINE, str(line["id"]), "currency_id"), line["currency_id"]
        for model, name in self.settings.holds:
            if model == MOVE and move[name] and open_:
                self._hold(unit, Source(MOVE, str(move["id"]), name), move)

    def _late_fee(self, unit: Unit, move: Row, rows: Sequence[Row], amount: Decimal) -> str | None:
        """A late fee that Odoo's people have billed: it is for the invoice its label or the document's origin names."""
        source = Source(LINE, str(rows[0]["id"]))
        words = [*" ".join(row["name"] or "" for row in rows).split(), move["invoice_origin"]]
        others = (other for other in self.page.moves.values() if other["name"] in words and other is not move)
        named = next(others, move)
        items = [item for item in self.page.parts(named, self.settings) if item != LATE_FEE]
        mine = self.page.lines.get((self.company["id"], self.debtor), ())
        about = next((line for line in mine if line["move_id"] == named["id"] and self.page.is_bill(line)), None)
        if about is None or not items:
            told = Finding("P504", at=Source(LINE, source.key, "name"), args={"invoice": move["name"]})
            unit.findings.append(told)
            return None
        charge = str(about["id"]) if len(self.page.parts(named, self.settings)) == 1 else f"{about['id']}/{items[0]}"
        record = {"id": f"L{rows[0]['id']}", "charge": charge, "on": rows[0]["date"], "amount": amount}
        unit.add("late_fees", source, record)
        return charge

    def _reconciled(self, line: Row) -> None:
        """What was paid or credited of an invoice's line, by its reconciliations; they add up to Odoo's residual."""
        bill = self.bills[line["id"]]
        if self.settings.snapshot:
            return
        left = self._money(bill.unit, line, "debit")
        for partial in self.page.paying.get(line["id"], ()):
            amount = self._exact(bill.unit, partial["amount"], Source("account.partial.reconcile", str(partial["id"])))
            left -= amount
            credit = self.page.line(partial["credit_move_id"])
            charges = bill.charges or ([bill.fee_of] if bill.fee_of else [])
            if self.page.is_refund(credit) and len(charges) == 1:
                record = {
                    "id": f"A{partial['id']}", "on": credit["date"], "amount": amount, "charge": charges[0],
                    "kind": "credit_note" if bill.charges else "late_fee_waiver",
                }  # fmt: skip
                bill.unit.add("adjustments", Source("account.partial.reconcile", str(partial["id"])), record)
                continue
            payment = self._payment(bill.unit, credit)
            payment["amount"] += amount
            payment["for"] += [one for one in bill.charges if one not in payment["for"]]
            if len(charges) == 1:
                part = "principal" if bill.charges else "late_fee"
                payment["settles"].append({"charge": charges[0], "part": part, "amount": amount})
        theirs = self._money(bill.unit, line, "amount_residual")
        if left != theirs and bill.unit.foreign is None:
            at = Source(LINE, str(line["id"]), "amount_residual")
            bill.unit.findings.append(Finding("P501", at=at, args={"ours": left, "theirs": theirs}))

    # payments, money given back, and what somebody entered by hand

    def _payment(self, unit: Unit, credit: Row) -> Row:
        """The payment that a credit line is in a unit: begun with nothing, for its parts are found one by one."""
        at = (credit["id"], id(unit))
        if at not in self.settled:
            record = {"id": str(credit["id"]), "on": credit["date"], "amount": Decimal(0), "for": [], "settles": []}
            self.settled[at] = record
            unit.add("payments", Source(LINE, str(credit["id"])), record)
        return self.settled[at]

    def _unit_of(self, credit: Row, amount: Decimal) -> Unit:
        """Where money belongs that stands against no invoice: with the rest of it, or where there is no choice."""
        went = [unit for unit in self.units.values() if (credit["id"], id(unit)) in self.settled]
        known = [unit for place, unit in self.units.items() if place != NOWHERE]
        for choice in (went, known):
            if len(choice) == 1:
                return choice[0]
        if not known:
            return self.units.setdefault(NOWHERE, Unit())
        for unit in known:
            told = Finding("P502", at=Source(LINE, str(credit["id"]), "amount_residual"), args={"amount": amount})
            unit.findings.append(told)
        return known[0]

    def _debit(self, line: Row) -> None:
        """Money given back, a payment reversed, or a debt that somebody entered by hand."""
        known = [unit for place, unit in self.units.items() if place != NOWHERE]
        unit = known[0] if len(known) == 1 else self.units.setdefault(NOWHERE, Unit())
        left = self._money(unit, line, "amount_residual" if self.settings.snapshot else "debit")
        for partial in self.page.paying.get(line["id"], ()):
            source = Source("account.partial.reconcile", str(partial["id"]))
            amount = self._exact(unit, partial["amount"], source)
            left -= amount
            credit = self.page.line(partial["credit_move_id"])
            if self.page.is_refund(credit):
                continue  # a credit note paid out in money: neither is of any invoice
            of = self._unit_of(credit, amount)
            payment = self._payment(of, credit)
            payment["amount"] += amount
            if self.page.moves[line["move_id"]]["reversed_entry_id"] == credit["move_id"]:
                payment["reversed_on"] = line["date"]
            else:
                record = {
                    "id": f"A{partial['id']}", "kind": "refund", "on": line["date"], "amount": amount,
                    "payment": payment["id"],
                }  # fmt: skip
                of.add("adjustments", source, record)
        if left:
            record = {"id": str(line["id"]), "item": self.settings.items.get("*", "property_fee"), "amount": left}
            unit.add("charges", Source(LINE, str(line["id"])), {**record, "due": line["date_maturity"]})

    def _rest(self, line: Row) -> None:
        """What is left of a payment or a credit note that is for nothing yet; Odoo counts it below zero."""
        unit = next((one for one in self.units.values() if (line["id"], id(one)) in self.settled), Unit())
        amount = -self._money(unit, line, "amount_residual")
        if amount:
            self._payment(self._unit_of(line, amount), line)["amount"] += amount

    # money

    def _money(self, unit: Unit, line: Row, column: str) -> Decimal:
        return self._exact(unit, line[column], Source(LINE, str(line["id"]), column))

    def _exact(self, unit: Unit, amount: Any, at: Source) -> Decimal:
        """The amount without the noise of Odoo's floats; one that is no multiple of the currency's unit is told."""
        step = Decimal(str(self.own["rounding"]))
        raw = Decimal(amount or 0)
        near = (raw / step).to_integral_value() * step
        if abs(near - raw) > step * NOISE:
            unit.findings.append(Finding("P505", at=at, args={"amount": raw, "unit": step.normalize()}))
        return near.quantize(Decimal("0.01")) if step <= 1 else near

    # the account

    def _hold(self, unit: Unit, source: Source, row: Row) -> None:
        """Somebody ticked "do not dun". Odoo does not say since when: the last time the row was touched."""
        since = datetime.fromisoformat(row["write_date"]).replace(tzinfo=UTC).astimezone(CHINA).date()
        record = {"id": f"{source.table} {row['id']} {source.column}", "kind": "contact", "since": since}
        unit.add("holds", source, record)

    def _contacts(self, place: str, unit: Unit) -> None:
        for at, source, record in self.notes.contacts():
            if at == (str(self.company["id"]), place):
                unit.add("contacts", source, record)
        for note in self.notes.unread:  # a step may have been done: nobody knows, and it says which message
            record = {"id": f"message {note.source.key}", "at": note.at, "outcome": note.text[:60]}
            unit.add("contacts", note.source, record)
        for row in self.page.credit_control.get((self.company["id"], self.debtor), ()):
            at_ = row["date_sent"] or row["date"]
            when = datetime.fromisoformat(at_).replace(tzinfo=UTC) if len(at_) > 10 else _noon(at_)
            record = {
                "id": f"credit control {row['id']}", "at": when, "outcome": "sent", "proof": "C",
                "party": str(self.debtor), "channel": row["channel"] if row["channel"] != "letter_mail" else "letter",
            }  # fmt: skip
            unit.add("contacts", Source("credit.control.line", str(row["id"])), record)

    def _account(self, place: str, unit: Unit) -> dunning.Read | dunning.Rejected:
        name, partner = f"{self.debtor}/{place}", self.page.partners[self.debtor]
        company = str(self.company["id"])
        self._contacts(name, unit)
        for model, held in self.settings.holds:
            if model == PARTNER and partner[held]:
                self._hold(unit, Source(PARTNER, str(self.debtor), held), partner)
        if unit.findings:
            where = Source(PARTNER, str(self.debtor))
            return dunning.Rejected(company, name, str(self.debtor), tuple(unit.findings), where)
        currency = self.reading.currencies[unit.foreign[1]] if unit.foreign else self.own
        lists = {records: [record for _, record in rows] for records, rows in unit.lists.items()}
        for payment in lists.get("payments", ()):
            payment["settles"] = payment["settles"] or None
        mapping = {
            "company": company,
            "id": name,
            "unit": place,
            "currency": currency["name"],
            "debtor": {"id": str(self.debtor)},
            "data_as_of": self.page.asked,
            "attributes": {one: partner[one] for one in self.settings.attributes if partner[one] is not None},
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
        return Source(PARTNER, str(self.debtor), str(path[-1]) if path else "")


def _noon(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(12), CHINA)
