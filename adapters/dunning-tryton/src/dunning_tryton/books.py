"""What a party owes a company, from the entries of its receivable: charges, payments, what was cancelled, late fees.

Every posted entry is used once, whatever made it, so that nothing owed and nothing paid is left out; what still has to
be paid by it is held against Tryton's own `amount_to_pay`, and a difference is told and never netted away.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import dunning
from dunning.adapter import Source
from dunning.adapter.documents import Finding
from dunning.adapter.notes import HEAD, Note, Notes
from dunning_tryton.server import Row, Server

CHINA = timezone(timedelta(hours=8))
FEE = "account.dunning.fee.dunning_level"
LINE, INVOICE, INVOICE_LINE = "account.move.line", "account.invoice", "account.invoice.line"
NOTE = "ir.note"
LATE_FEE = "late_fee"
NOWHERE = "-"
"""The unit of what a party owes that has no invoice, and so no address."""

ENTRIES = (
    "move", "move_origin", "date", "debit", "credit", "maturity_date", "reconciliation", "party",
    "second_currency.code", "create_date",
)  # fmt: skip
INVOICES = (
    "number", "party", "invoice_address", "move", "cancel_move", "payment_lines", "amount_to_pay", "tax_amount",
)  # fmt: skip
CHAT = ("resource", "message", "create_date")
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "charges": {"amount": "debit", "due": "maturity_date", "item": "product"},
    "payments": {"amount": "credit", "on": "date", "reversed_on": "date", "for": "reconciliation"},
    "adjustments": {"amount": "credit", "on": "date", "charge": "reconciliation", "payment": "reconciliation"},
    "late_fees": {"amount": "debit", "on": "date", "charge": "move"},
    "holds": {"since": "write_date"},
    "contacts": {"outcome": "message", "at": "create_date", "channel": "message"},
}
"""Where each field of a record stands in Tryton: what a finding names, so that somebody can go and look."""

Items = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Said:
    """What the options say: items by product or account code, fields of every account, whether dunnings are read."""

    items: Items
    of_all: Row
    holds: bool


@dataclass(slots=True)
class Unit:
    """One account while it is put together: records of each list, each with the row it came from."""

    lists: dict[str, list[tuple[Source, Row]]] = field(default_factory=lambda: defaultdict(list))
    findings: list[Finding] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    ours: Decimal = Decimal(0)  # what is still to pay of its invoices, by their entries
    foreign: tuple[Source, str] | None = None

    def add(self, records: str, source: Source, record: Row) -> None:
        self.lists[records].append((source, record))


@dataclass(slots=True)
class Ledger:
    """What was read of a page of parties in one company."""

    company: Row
    said: Said
    entries: Mapping[int, Sequence[Row]]  # by party
    invoices: Mapping[int, Row]
    lines: Mapping[int, Sequence[Row]]  # invoice lines by invoice
    fees: Mapping[int, int]  # the entry each fee level is about
    blocked: Mapping[int, Row]  # by entry
    notes: Notes
    noted: Mapping[str, int]  # the party of each note
    asked: datetime

    @classmethod
    def read(cls, server: Server, company: Row, parties: Sequence[int], said: Said) -> Ledger:
        of = {"company": company["id"]}
        receivable = [["account.type.receivable", "=", True], ["move.state", "=", "posted"]]
        here = [["party", "in", list(parties)], ["move.company", "=", company["id"]]]
        entries = server.read(LINE, [*receivable, *here], ENTRIES, **of)
        asked = server.asked()
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
        notes = server.read(NOTE, ours, CHAT) if entries else []
        return cls(
            company=company,
            said=said,
            entries=_by(entries, "party"),
            invoices={row["id"]: row for row in invoices},
            lines=_by(lines, "invoice"),
            fees={row["id"]: row["dunning."]["line"] for row in fees},
            blocked={row["line"]: row for row in blocked},
            notes=Notes.of(map(note_of, notes)),
            noted={str(row["id"]): party_of(row) for row in notes},
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
        billed = [row for row in ledger.invoices.values() if row["party"] == party]
        self.units: dict[str, Unit] = {str(row["invoice_address"]): Unit() for row in billed}
        for row in billed:
            self.units[str(row["invoice_address"])].invoices.append(row)
        self.moves = {row["move"]: row for row in ledger.invoices.values()}
        self.paid = {line: row for row in ledger.invoices.values() for line in row["payment_lines"]}
        self.charges: dict[int, list[tuple[str, Decimal]]] = {}  # charge ids and amounts by entry
        self.of_item: dict[tuple[int, str], str] = {}  # the charge of an invoice for an item
        self.late: dict[int, list[tuple[str, Decimal]]] = defaultdict(list)  # charge ids and late fees by invoice
        self.grouped: dict[int, list[Row]] = defaultdict(list)

    def accounts(self) -> Iterator[dunning.Read | dunning.Rejected]:
        live, reversed_on = self._live()
        for entry in live:
            if entry["reconciliation"]:
                self.grouped[entry["reconciliation"]].append(entry)
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
        for place in sorted(self.units, key=lambda one: (one == NOWHERE, len(one), one)):
            yield self._account(place, self.units[place])

    # What an entry is

    def _live(self) -> tuple[list[Row], dict[int, date]]:
        """The entries that count, and the days on which payments among them were cancelled.

        A cancelling move names the move it cancels; the latest first, for it may itself have been cancelled. It bears
        the date of what it cancels, so that the day it was made is the day on which the money was known to be gone.
        """
        entries = self.ledger.entries.get(self.party, ())
        by_move = _by(entries, "move")
        withdrawn = {
            move
            for row in self.ledger.invoices.values()
            if row["cancel_move"]
            for move in (row["move"], row["cancel_move"])
        }
        gone: set[int] = {row["id"] for row in entries if row["move"] in withdrawn}
        reversed_on: dict[int, date] = {}
        for entry in reversed(entries):
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
        return [row for row in entries if row["id"] not in gone], reversed_on

    def _is_bill(self, entry: Row) -> bool:
        return _signed(entry) > 0 and entry["move"] in self.moves

    def _is_fee(self, entry: Row) -> bool:
        return _signed(entry) > 0 and _is(entry, FEE)

    def _invoice(self, entry: Row) -> Row | None:
        """The invoice an entry is of, or pays."""
        if entry["move"] in self.moves:
            return self.moves[entry["move"]]
        return self.paid.get(entry["id"]) or (self.ledger.invoices.get(_id(entry)) if _is(entry, INVOICE) else None)

    def _unit(self, entry: Row, billed: Row | None = None) -> Unit:
        """Where an entry belongs: with its invoice, with what it is reconciled with, or where there is no choice."""
        mine = [billed] if billed else [found for found in map(self._invoice, [entry, *self._group(entry)]) if found]
        if mine:
            place = str(mine[0]["invoice_address"])
        else:
            known = [place for place in self.units if place != NOWHERE]
            place = known[0] if len(known) == 1 else NOWHERE
            if len(known) > 1 and _signed(entry) < 0 and not entry["reconciliation"]:
                told = Finding("P502", at=Source(LINE, str(entry["id"]), "credit"), args={"amount": -_signed(entry)})
                for one in known:
                    self.units[one].findings.append(told)
        return self.units.setdefault(place, Unit())

    def _group(self, entry: Row) -> list[Row]:
        return self.grouped.get(entry["reconciliation"], []) if entry["reconciliation"] else []

    # What it becomes

    def _bill(self, entry: Row) -> None:
        """One instalment of an invoice: one charge, or one for each item where there is one due date and no tax."""
        invoice = self.moves[entry["move"]]
        unit = self._unit(entry, invoice)
        lines = self.ledger.lines.get(invoice["id"], ())
        by_item: dict[str, Decimal] = defaultdict(Decimal)
        for line in lines:
            by_item[_item(self.ledger.said.items, line)] += line["amount"]
        unit.ours += _signed(entry)
        source = Source(LINE, str(entry["id"]))
        if len(by_item) > 1:
            alone = sum(by_item.values()) == _signed(entry) and not invoice["tax_amount"]
            if not alone:
                at = Source(INVOICE, str(invoice["id"]), "tax_amount" if invoice["tax_amount"] else "lines_to_pay")
                unit.findings.append(Finding("P503", at=at, args={"invoice": invoice["number"]}))
            source = Source(INVOICE, str(invoice["id"]))
        else:
            by_item = {item: _signed(entry) for item in by_item} or {"property_fee": _signed(entry)}
        made = []
        for item, amount in by_item.items():
            if item == LATE_FEE:
                continue
            name = str(entry["id"]) if len(by_item) == 1 else f"{entry['id']}/{item}"
            unit.add("charges", source, {"id": name, "item": item, "amount": amount, "due": entry["maturity_date"]})
            self.of_item.setdefault((invoice["id"], item), name)
            made.append((name, amount))
        self.charges[entry["id"]] = made
        if entry["second_currency."]:
            unit.foreign = Source(LINE, str(entry["id"]), "second_currency"), entry["second_currency."]["code"]

    def _fee(self, entry: Row) -> None:
        """A late fee of Tryton's own dunning: never principal. It is for the entry that was dunned."""
        dunned = self.ledger.fees.get(_id(entry), 0)
        about = next((row for row in self.ledger.entries[self.party] if row["id"] == dunned), entry)
        source, name = Source(LINE, str(entry["id"])), str(entry["id"])
        record = _late_fee(name, self._about(entry) or str(dunned), entry["date"], _signed(entry))
        self._unit(about).add("late_fees", source, record)

    def _hold(self, entry: Row) -> None:
        """Its dunning is blocked. Tryton does not say since when: the last time somebody touched it."""
        row = self.ledger.blocked[entry["id"]]
        since = (row["write_date"] or row["create_date"]).astimezone(CHINA).date()
        record = {"id": str(row["id"]), "kind": "contact", "since": since}
        self._unit(entry).add("holds", Source("account.dunning", str(row["id"]), "blocked"), record)

    def _late_lines(self) -> None:
        """Late fees billed as lines of an invoice: each is for the line it names as its origin."""
        lines = {line["id"]: line for rows in self.ledger.lines.values() for line in rows}
        for unit in self.units.values():
            for invoice in unit.invoices:
                if invoice["cancel_move"]:
                    continue
                for line in self.ledger.lines.get(invoice["id"], ()):
                    if _item(self.ledger.said.items, line) != LATE_FEE:
                        continue
                    at = Source(INVOICE_LINE, str(line["id"]), "origin")
                    about = lines.get(_number(line["origin"])) if line["origin"] else None
                    charge = about and self.of_item.get((about["invoice"], _item(self.ledger.said.items, about)))
                    if not charge:
                        unit.findings.append(Finding("P504", at=at, args={"invoice": invoice["number"]}))
                        continue
                    on = next(row["date"] for row in self.ledger.entries[self.party] if row["move"] == invoice["move"])
                    self.late[invoice["id"]].append((charge, line["amount"]))
                    unit.add("late_fees", at, _late_fee(f"L{line['id']}", charge, on, line["amount"]))

    def _other(self, entry: Row, reversed_on: date | None) -> None:
        """A payment, a credit note, money given back, or a debt entered by hand."""
        invoice = self._invoice(entry)
        attached = invoice is not None and (entry["id"] in self.paid or reversed_on is not None)
        unit = self._unit(entry)
        source, name, amount = Source(LINE, str(entry["id"])), str(entry["id"]), -_signed(entry)
        if amount < 0:
            self._debit(entry, unit)
            return
        fees = [row for row in self._group(entry) if self._is_fee(row)]
        bills = [row for row in self._group(entry) if row["id"] in self.charges]
        if attached and not bills:
            mine = self.ledger.entries[self.party]
            bills = [row for row in mine if row["id"] in self.charges and self._invoice(row) is invoice]
        charges = [charge for row in bills for charge, _ in self.charges.get(row["id"], ())]
        if entry["move"] in self.moves and len(charges) == 1:
            unit.add("adjustments", source, {
                "id": name, "kind": "credit_note", "on": entry["date"], "amount": amount, "charge": charges[0],
            })  # fmt: skip
        else:
            record = {"id": name, "on": entry["date"], "amount": amount, "for": charges, "reversed_on": reversed_on}
            late = self.late[invoice["id"]] if attached and invoice and not charges else []
            if fees or late:
                record["settles"] = self._settles(
                    amount, [*((self._about(row), _signed(row)) for row in fees), *late], bills
                )
            unit.add("payments", source, record)
        if reversed_on is None and (attached or bills):
            unit.ours -= amount - sum(map(_signed, fees))

    def _debit(self, entry: Row, unit: Unit) -> None:
        """Money given back, where it was reconciled with a payment; else a debt that somebody entered by hand."""
        source, name = Source(LINE, str(entry["id"])), str(entry["id"])
        payments = [row for row in self._group(entry) if _signed(row) < 0]
        if payments and not entry["maturity_date"]:
            most = max(payments, key=lambda row: (-_signed(row), row["id"]))
            unit.add("adjustments", source, {
                "id": name, "kind": "refund", "on": entry["date"], "amount": _signed(entry), "payment": str(most["id"]),
            })  # fmt: skip
        else:
            unit.add("charges", source, {"id": name, "amount": _signed(entry), "due": entry["maturity_date"]})

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

    # The account

    def _account(self, place: str, unit: Unit) -> dunning.Read | dunning.Rejected:
        ledger, name = self.ledger, f"{self.party}/{place}"
        company = str(ledger.company["id"])
        for of, source, record in ledger.notes.contacts():
            if of == (company, name):
                unit.add("contacts", source, record)
        for note in ledger.notes.unread:  # a step may have been done: nobody knows, and it says which note
            if ledger.noted[note.source.key] == self.party:
                word = note.text.split("\n", 1)[0].removeprefix(HEAD)
                unit.add("contacts", note.source, {"id": f"note {note.source.key}", "at": note.at, "outcome": word})
        theirs = sum((row["amount_to_pay"] for row in unit.invoices), Decimal(0))
        if unit.ours != theirs and unit.foreign is None:
            owed = [row for row in unit.invoices if row["amount_to_pay"]] or unit.invoices
            at = Source(INVOICE, ", ".join(str(row["id"]) for row in owed), "amount_to_pay")
            unit.findings.append(Finding("P501", at=at, args={"ours": unit.ours, "theirs": theirs}))
        if unit.findings:
            where = Source("party.party", str(self.party))
            return dunning.Rejected(company, name, str(self.party), tuple(unit.findings), where)
        code = ledger.company["currency."]["code"]
        mapping = {
            "company": company,
            "id": name,
            "unit": place,
            "currency": unit.foreign[1] if unit.foreign else code,
            "debtor": {"id": str(self.party)},
            "data_as_of": ledger.asked,
            **ledger.said.of_all,
            **{records: [record for _, record in rows] for records, rows in unit.lists.items()},
        }
        return dunning.read(mapping, where=lambda path: self._where(unit, path))

    def _where(self, unit: Unit, path: tuple[str | int, ...]) -> Source:
        if len(path) > 1 and path[0] in COLUMNS:
            source = unit.lists[str(path[0])][int(path[1])][0]
            column = str(path[2]) if len(path) > 2 else ""
            return Source(source.table, source.key, source.column or COLUMNS[str(path[0])].get(column, column))
        if path and path[0] == "currency":
            return (
                unit.foreign[0]
                if unit.foreign
                else Source("company.company", str(self.ledger.company["id"]), "currency")
            )
        return Source("party.party", str(self.party), str(path[0]) if path else "")


def note_of(row: Row) -> Note:
    return Note(row["message"], row["create_date"], Source(NOTE, str(row["id"]), "message"))


def party_of(note: Row) -> int:
    return _number(note["resource"])


def _late_fee(name: str, charge: str, on: date, amount: Decimal) -> Row:
    return {"id": name, "charge": charge, "on": on, "amount": amount}


def _item(items: Items, line: Row) -> str:
    """What a line is for, by its product's code, else by its account's; a property fee unless told otherwise."""
    codes = [line[of]["code"] for of in ("product.", "account.") if line[of]]
    return next((items[code] for code in codes if code in items), items.get("*", "property_fee"))


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


def _by(rows: Iterable[Row], column: str) -> dict[int, list[Row]]:
    found: dict[int, list[Row]] = defaultdict(list)
    for row in rows:
        found[row[column]].append(row)
    return found
