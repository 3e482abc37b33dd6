"""What a party owes a company, from the entries of its receivable: charges, payments, what was cancelled, late fees.

Every posted entry is used once, whatever made it, so that nothing owed and nothing paid is left out; what still has to
be paid by it is held against Tryton's own `amount_to_pay`, and a difference is told and never netted away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import dunning
from dunning.adapter import Source
from dunning.adapter.folios import Columns, Folio, Folios, by_column
from dunning.adapter.notes import HEAD, Note, Notes
from dunning.adapter.options import LATE_FEE, Items
from dunning_tryton.server import Row, Server

CHINA = timezone(timedelta(hours=8))
FEE = "account.dunning.fee.dunning_level"
LINE, INVOICE, INVOICE_LINE = "account.move.line", "account.invoice", "account.invoice.line"
NOTE, PARTY = "ir.note", "party.party"

ENTRIES = (
    "move", "move_origin", "date", "debit", "credit", "maturity_date", "reconciliation", "party",
    "second_currency.code", "create_date",
)  # fmt: skip
INVOICES = (
    "number", "party", "invoice_address", "move", "cancel_move", "payment_lines", "amount_to_pay", "tax_amount",
)  # fmt: skip
CHAT = ("resource", "message", "create_date")
COLUMNS: Columns = {
    "charges": {"amount": "debit", "due": "maturity_date", "item": "product"},
    "payments": {"amount": "credit", "on": "date", "reversed_on": "date", "for": "reconciliation"},
    "adjustments": {"amount": "credit", "on": "date", "charge": "reconciliation", "payment": "reconciliation"},
    "late_fees": {"amount": "debit", "on": "date", "charge": "move"},
    "holds": {"since": "write_date"},
    "contacts": {"outcome": "message", "at": "create_date", "channel": "message"},
}
"""Where each field of a record stands in Tryton: what a finding names, so that somebody can go and look."""


@dataclass(frozen=True, slots=True)
class Said:
    """What the options say: items by product or account code, fields of every account, whether dunnings are read."""

    items: Items
    of_all: Mapping[str, object]
    holds: bool


@dataclass(frozen=True, slots=True)
class Ledger:
    """What was read of a page of parties in one company."""

    company: Row
    said: Said
    entries: Mapping[int, Sequence[Row]]  # by party
    invoices: Mapping[int, Row]
    lines: Mapping[int, Sequence[Row]]  # invoice lines by invoice
    fees: Mapping[int, int]  # the entry each fee level is about
    blocked: Mapping[int, Row]  # by entry
    notes: Mapping[int, Notes]  # by party
    asked: datetime

    @classmethod
    def read(cls, server: Server, company: Row, parties: Sequence[int], said: Said) -> Ledger:
        of = {"company": company["id"]}
        receivable = [["account.type.receivable", "=", True], ["move.state", "=", "posted"]]
        here = [["party", "in", list(parties)], ["move.company", "=", company["id"]]]
        entries = server.read(LINE, [*receivable, *here], ENTRIES, **of)
        asked = server.site.asked()
        billed = [["party", "in", list(parties)], ["company", "=", company["id"]]]
        named = ["id", "in", sorted({_id(row) for row in entries if _is(row, INVOICE)})]
        states = ["state", "in", ["posted", "paid", "cancelled"]]
        invoices = server.read(INVOICE, [["type", "=", "out"], states, ["OR", billed, named]], INVOICES, **of)
        ids = [row["id"] for row in invoices]
        columns = ("invoice", "product.code", "account.code", "amount", "origin")
        lines = server.read(INVOICE_LINE, [["invoice", "in", ids], ["type", "=", "line"]], columns, **of) if ids else []
        levels = sorted({_id(row) for row in entries if _is(row, FEE)})
        fees = server.read(FEE, [["id", "in", levels]], ("dunning.line",), **of) if levels else []
        blocked: list[Row] = []
        if said.holds and entries:
            dunned = [["line", "in", [row["id"] for row in entries]], ["blocked", "=", True]]
            blocked = server.read("account.dunning", dunned, ("line", "create_date", "write_date"), **of)
        resources = [f"party.party,{party}" for party in parties]
        ours = [["resource", "in", resources], ["message", "like", f"{HEAD}%"]]
        notes = by_column(server.read(NOTE, ours, CHAT), "resource") if entries else {}
        return cls(
            company=company,
            said=said,
            entries=by_column(entries, "party"),
            invoices={row["id"]: row for row in invoices},
            lines=by_column(lines, "invoice"),
            fees={row["id"]: row["dunning."]["line"] for row in fees},
            blocked={row["line"]: row for row in blocked},
            notes={_number(resource): Notes.of(map(note_of, rows)) for resource, rows in notes.items()},
            asked=asked,
        )

    def accounts(self, party: int) -> Iterator[dunning.Read | dunning.Rejected]:
        """The accounts of one party, by the address of their invoices."""
        yield from _Party(self, party).accounts()


class _Party:
    """The entries of one party, each told once."""

    def __init__(self, ledger: Ledger, party: int) -> None:
        self.ledger = ledger
        self.party = party
        self.entries = ledger.entries.get(party, [])
        self.folios = Folios(
            str(ledger.company["id"]),
            str(party),
            who=Source(PARTY, str(party)),
            columns=COLUMNS,
            notes=ledger.notes.get(party, Notes()),
        )
        self.billed = [row for row in ledger.invoices.values() if row["party"] == party]
        for row in self.billed:
            self.folios.at(row["invoice_address"])
        self.left: dict[str, Decimal] = defaultdict(Decimal)  # still to pay of a place's invoices, by their entries
        self.moves = {row["move"]: row for row in ledger.invoices.values()}
        self.paid = {line: row for row in ledger.invoices.values() for line in row["payment_lines"]}
        self.charges: dict[int, list[tuple[str, Decimal]]] = {}  # charge ids and amounts by entry
        self.of_item: dict[tuple[int, str], str] = {}  # the charge of an invoice for an item
        self.late: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)  # charge ids and late fees by invoice
        self.grouped: dict[int, list[Row]] = {}

    def accounts(self) -> Iterator[dunning.Read | dunning.Rejected]:
        live, reversed_on = self._live()
        self.grouped = by_column(live, "reconciliation")
        for entry in live:
            if self._is_bill(entry):
                self._bill(entry)
        self._late_lines()
        for entry in live:
            if entry["id"] in self.ledger.blocked:
                self._hold(entry)
            if self._is_fee(entry):
                self._fee(entry)
            elif not self._is_bill(entry):
                self._other(entry, reversed_on.get(entry["id"]))
        for folio in self.folios:
            self._compare(folio)
        ledger, company = self.ledger, self.ledger.company
        currency = Source("company.company", str(company["id"]), "currency"), company["currency."]["code"]
        yield from self.folios.accounts(currency=currency, asked=ledger.asked, **ledger.said.of_all)

    def _compare(self, folio: Folio) -> None:
        """What is left by the entries is what Tryton says is to pay; in another currency neither is."""
        billed = [row for row in self.billed if str(row["invoice_address"]) == folio.place]
        ours, theirs = self.left[folio.place], sum((row["amount_to_pay"] for row in billed), Decimal(0))
        if ours != theirs and folio.currency is None:
            owed = [row for row in billed if row["amount_to_pay"]] or billed
            at = Source(INVOICE, ", ".join(str(row["id"]) for row in owed), "amount_to_pay")
            folio.refuse("P501", at, ours=ours, theirs=theirs)

    # What an entry is

    def _live(self) -> tuple[list[Row], dict[int, date]]:
        """The entries that count, and the days on which payments among them were cancelled.

        A cancelling move names the move it cancels; the latest first, for it may itself have been cancelled. It bears
        the date of what it cancels, so that the day it was made is the day on which the money was known to be gone.
        """
        by_move = by_column(self.entries, "move")
        withdrawn = {
            move
            for row in self.ledger.invoices.values()
            if row["cancel_move"]
            for move in (row["move"], row["cancel_move"])
        }
        gone: set[int] = {row["id"] for row in self.entries if row["move"] in withdrawn}
        reversed_on: dict[int, date] = {}
        for entry in reversed(self.entries):
            if entry["id"] in gone or not _is(entry, "account.move"):
                continue
            for other in by_move.get(_id(entry), ()):
                if other["id"] not in gone and other["id"] not in reversed_on and _signed(other) == -_signed(entry):
                    gone.add(entry["id"])
                    if _signed(other) < 0 and other["move"] not in self.moves:
                        reversed_on[other["id"]] = max(entry["date"], entry["create_date"].astimezone(CHINA).date())
                    else:  # a fee or a bill that was taken back was never owed
                        gone.add(other["id"])
                    break
        return [row for row in self.entries if row["id"] not in gone], reversed_on

    def _is_bill(self, entry: Row) -> bool:
        return _signed(entry) > 0 and entry["move"] in self.moves

    def _is_fee(self, entry: Row) -> bool:
        return _signed(entry) > 0 and _is(entry, FEE)

    def _invoice(self, entry: Row) -> Row | None:
        """The invoice an entry is of, or pays."""
        if entry["move"] in self.moves:
            return self.moves[entry["move"]]
        return self.paid.get(entry["id"]) or (self.ledger.invoices.get(_id(entry)) if _is(entry, INVOICE) else None)

    def _folio(self, entry: Row) -> Folio:
        """Where an entry belongs: with its invoice, with what it is reconciled with, or where there is no choice."""
        invoice = next(filter(None, map(self._invoice, [entry, *self._group(entry)])), None)
        if invoice is not None:
            return self.folios.at(invoice["invoice_address"])
        if _signed(entry) < 0 and not entry["reconciliation"]:
            return self.folios.choose(-_signed(entry), Source(LINE, str(entry["id"]), "credit"))
        return self.folios.lone()

    def _group(self, entry: Row) -> list[Row]:
        return self.grouped.get(entry["reconciliation"], []) if entry["reconciliation"] else []

    # What it becomes

    def _bill(self, entry: Row) -> None:
        """One instalment of an invoice: one charge, or one for each item where there is one due date and no tax."""
        invoice, amount = self.moves[entry["move"]], _signed(entry)
        folio, at = self.folios.at(invoice["invoice_address"]), Source(LINE, str(entry["id"]))
        self.left[folio.place] += amount
        by_item: dict[str, Decimal] = defaultdict(Decimal)
        for line in self.ledger.lines.get(invoice["id"], ()):
            by_item[self._item(line)] += line["amount"]
        if len(by_item) > 1:
            at = Source(INVOICE, str(invoice["id"]))
            if invoice["tax_amount"] or sum(by_item.values()) != amount:
                column = "tax_amount" if invoice["tax_amount"] else "lines_to_pay"
                folio.refuse("P503", Source(at.table, at.key, column), invoice=invoice["number"])
        else:
            by_item = {next(iter(by_item), "property_fee"): amount}
        made = self.charges.setdefault(entry["id"], [])
        for item, part in by_item.items():
            if item != LATE_FEE:
                name = str(entry["id"]) if len(by_item) == 1 else f"{entry['id']}/{item}"
                folio.add("charges", at, {"id": name, "item": item, "amount": part, "due": entry["maturity_date"]})
                self.of_item.setdefault((invoice["id"], item), name)
                made.append((name, part))
        if entry["second_currency."]:
            folio.currency = Source(LINE, str(entry["id"]), "second_currency"), entry["second_currency."]["code"]

    def _item(self, line: Row) -> str:
        """What a line is for, by its product's code, else by its account's."""
        return self.ledger.said.items.of(*(line[of]["code"] for of in ("product.", "account.") if line[of]))

    def _fee(self, entry: Row) -> None:
        """A late fee of Tryton's own dunning: never principal. It is for the entry that was dunned."""
        dunned = self.ledger.fees.get(_id(entry), 0)
        about = next((row for row in self.entries if row["id"] == dunned), entry)
        record = _late_fee(str(entry["id"]), self._about(entry) or str(dunned), entry["date"], _signed(entry))
        self._folio(about).add("late_fees", Source(LINE, str(entry["id"])), record)

    def _hold(self, entry: Row) -> None:
        """Its dunning is blocked. Tryton does not say since when: the last time somebody touched it."""
        row = self.ledger.blocked[entry["id"]]
        since = (row["write_date"] or row["create_date"]).astimezone(CHINA).date()
        self._folio(entry).hold(Source("account.dunning", str(row["id"]), "blocked"), since)

    def _late_lines(self) -> None:
        """Late fees billed as lines of an invoice: each is for the line it names as its origin."""
        lines = {line["id"]: line for rows in self.ledger.lines.values() for line in rows}
        for invoice in self.billed:
            for line in () if invoice["cancel_move"] else self.ledger.lines.get(invoice["id"], ()):
                if self._item(line) == LATE_FEE:
                    about = lines.get(_number(line["origin"])) if line["origin"] else None
                    self._late_line(invoice, line, about)

    def _late_line(self, invoice: Row, line: Row, about: Row | None) -> None:
        folio, at = self.folios.at(invoice["invoice_address"]), Source(INVOICE_LINE, str(line["id"]), "origin")
        charge = about and self.of_item.get((about["invoice"], self._item(about)))
        if not charge:
            folio.refuse("P504", at, invoice=invoice["number"])
            return
        on = next(row["date"] for row in self.entries if row["move"] == invoice["move"])
        self.late[invoice["id"]].append((charge, line["amount"]))
        folio.add("late_fees", at, _late_fee(f"L{line['id']}", charge, on, line["amount"]))

    def _other(self, entry: Row, reversed_on: date | None) -> None:
        """A payment, a credit note, money given back, or a debt entered by hand."""
        folio, amount = self._folio(entry), -_signed(entry)
        if amount < 0:
            self._debit(entry, folio)
            return
        invoice, at = self._invoice(entry), Source(LINE, str(entry["id"]))
        attached = invoice is not None and (entry["id"] in self.paid or reversed_on is not None)
        fees = [row for row in self._group(entry) if self._is_fee(row)]
        bills = [row for row in self._group(entry) if row["id"] in self.charges]
        if attached and not bills:
            bills = [row for row in self.entries if row["id"] in self.charges and self._invoice(row) is invoice]
        charges = [charge for row in bills for charge, _ in self.charges[row["id"]]]
        record = {"id": str(entry["id"]), "on": entry["date"], "amount": amount}
        if entry["move"] in self.moves and len(charges) == 1:
            folio.add("adjustments", at, {**record, "kind": "credit_note", "charge": charges[0]})
        else:
            late = self.late[invoice["id"]] if attached and invoice and not charges else []
            owed = [*((self._about(row), _signed(row)) for row in fees), *late]
            settles = self._settles(amount, owed, bills) if owed else []
            folio.add("payments", at, {**record, "for": charges, "settles": settles, "reversed_on": reversed_on})
        if reversed_on is None and (attached or bills):
            self.left[folio.place] -= amount - sum(map(_signed, fees))

    def _debit(self, entry: Row, folio: Folio) -> None:
        """Money given back, where it was reconciled with a payment; else a debt that somebody entered by hand."""
        at, record = Source(LINE, str(entry["id"])), {"id": str(entry["id"]), "amount": _signed(entry)}
        payments = [row for row in self._group(entry) if _signed(row) < 0]
        if payments and not entry["maturity_date"]:
            most = max(payments, key=lambda row: (-_signed(row), row["id"]))
            refund = {**record, "kind": "refund", "on": entry["date"], "payment": str(most["id"])}
            folio.add("adjustments", at, refund)
        else:
            folio.add("charges", at, {**record, "due": entry["maturity_date"]})

    def _settles(self, amount: Decimal, fees: Sequence[tuple[str, Decimal]], bills: Sequence[Row]) -> list[Row]:
        """How Tryton booked money that was reconciled with late fees among others: fees first, in their order."""
        parts = [(charge, "late_fee", owed) for charge, owed in fees]
        parts += [(charge, "principal", owed) for row in bills for charge, owed in self.charges.get(row["id"], ())]
        found = []
        for charge, part, owed in parts:
            taken = min(amount, owed)
            if charge and taken > 0:
                found.append({"charge": charge, "part": part, "amount": taken})
                amount -= taken
        return found

    def _about(self, fee: Row) -> str:
        charges = self.charges.get(self.ledger.fees.get(_id(fee), 0), ())
        return charges[0][0] if charges else ""


def note_of(row: Row) -> Note:
    return Note(row["message"], row["create_date"], Source(NOTE, str(row["id"]), "message"))


def party_of(note: Row) -> int:
    return _number(note["resource"])


def _late_fee(name: str, charge: str, on: date, amount: Decimal) -> Row:
    return {"id": name, "charge": charge, "on": on, "amount": amount}


def _signed(entry: Row) -> Decimal:
    """What an entry adds to what is owed, below zero what it takes off."""
    amount: Decimal = entry["debit"] - entry["credit"]
    return amount


def _is(entry: Row, model: str) -> bool:
    return bool(entry["move_origin"]) and entry["move_origin"].startswith(f"{model},")


def _id(entry: Row) -> int:
    """The id of the record an entry's move came from."""
    return _number(entry["move_origin"])


def _number(reference: str) -> int:
    return int(reference.rpartition(",")[2])
