"""What a debtor owes a company, from the receivable lines of posted entries and what they are reconciled with.

Every line is used once, whatever made it. What is left of an invoice by its reconciliations is held against Odoo's own
residual, and a difference is told and never netted away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal

import dunning
from dunning.adapter import Source
from dunning.adapter.folios import Columns, Folio, Folios, Record
from dunning.adapter.notes import Notes
from dunning.adapter.options import LATE_FEE
from dunning_odoo.chatter import CHINA, Chatter
from dunning_odoo.rows import CONTROL, LINE, MOVE, PARTIAL, PARTNER, Page, Settings
from dunning_odoo.server import Row, Server

COLUMNS: Columns = {
    "charges": {"amount": "debit", "due": "date_maturity", "item": "product_id"},
    "payments": {"amount": "credit", "on": "date", "for": "matched_debit_ids", "settles": "matched_debit_ids"},
    "adjustments": {"amount": "amount", "on": "max_date", "charge": "debit_move_id", "payment": "credit_move_id"},
    "late_fees": {"amount": "price_total", "on": "date", "charge": "name"},
    "holds": {"since": "write_date"},
    "contacts": {"outcome": "body", "at": "date", "channel": "body"},
}
"""Where each field of a record stands in Odoo: what a finding names, so that somebody can go and look."""


@dataclass(slots=True)
class Bill:
    """A receivable line of an invoice: its account, its charges, else the charge its late fees are for."""

    folio: Folio
    charges: list[str]
    fee_of: str = ""


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
            for debtor in sorted(page.partners.keys() & set(debtors)):
                yield from _Debtor(self, page, notes[debtor], company, debtor).accounts()


class _Debtor:
    """The entries of one debtor in one company, each told once."""

    def __init__(self, reading: Reading, page: Page, notes: Notes, company: Row, debtor: int) -> None:
        self.settings = reading.settings
        self.currencies = reading.currencies
        self.page = page
        self.company = company
        self.debtor = debtor
        self.lines = page.lines.get((company["id"], debtor), [])
        self.folios = Folios(
            str(company["id"]),
            str(debtor),
            who=Source(PARTNER, str(debtor)),
            columns=COLUMNS,
            notes=notes,
            step=Decimal(str(reading.currencies[company["currency_id"]]["rounding"])),
        )
        self.bills: dict[int, Bill] = {}

    def accounts(self) -> Iterator[dunning.Read | dunning.Rejected]:
        for line in self.lines:
            if self.page.is_bill(line):
                self._bill(line)
        for line in self.lines:
            if line["id"] in self.bills:
                self._reconciled(line)
        for line in self.lines:
            if line["debit"] and line["id"] not in self.bills:
                self._debit(line)
            elif line["credit"]:
                self._rest(line)
        partner, named = self.page.partners[self.debtor], self.settings.attributes
        for folio in self.folios:
            self._holds(folio, PARTNER, partner)
            self._credit_control(folio)
        yield from self.folios.accounts(
            currency=(Source("res.company", str(self.company["id"]), "currency_id"), self._code(self.company)),
            asked=self.page.asked,
            attributes={name: partner[name] for name in named if partner[name] is not None},
            **self.settings.of_all,
        )

    def _code(self, row: Row) -> str:
        code: str = self.currencies[row["currency_id"]]["name"]
        return code

    # invoices

    def _bill(self, line: Row) -> None:
        """One instalment of an invoice: one charge, or one for each item where there is one due date."""
        move = self.page.moves[line["move_id"]]
        folio, at = self.folios.at(move[self.settings.unit] or move["partner_id"]), Source(LINE, str(line["id"]))
        open_, whole = _money(folio, line, "amount_residual"), _money(folio, line, "debit")
        parts = self.page.parts(move, self.settings)
        sums = self._sums(folio, move, parts, whole, open_ if self.settings.snapshot else whole)
        bill = self.bills[line["id"]] = Bill(folio, [])
        for item, part in sums.items():
            if item == LATE_FEE:
                bill.fee_of = self._late_fee(folio, move, parts[item], part)
            elif part:
                name = str(line["id"]) if len(sums) == 1 else f"{line['id']}/{item}"
                folio.add("charges", at, {"id": name, "item": item, "amount": part, "due": line["date_maturity"]})
                bill.charges.append(name)
        if line["currency_id"] not in (None, self.company["currency_id"]):
            folio.currency = Source(LINE, str(line["id"]), "currency_id"), self._code(line)
        if open_:
            self._holds(folio, MOVE, move)

    def _sums(
        self, folio: Folio, move: Row, parts: Mapping[str, Sequence[Row]], whole: Decimal, amount: Decimal
    ) -> dict[str, Decimal]:
        """The `amount` of a line by item; of several items it can only be told where the line is the whole invoice."""
        if len(parts) == 1:
            return dict.fromkeys(parts, amount)
        at = Source(MOVE, str(move["id"]), "line_ids")
        totals = {item: sum(row["price_total"] for row in rows) for item, rows in parts.items()}
        sums = {item: folio.exact(total, at) for item, total in totals.items()}
        if not sum(sums.values()) == whole == amount:
            folio.refuse("P503", at, invoice=move["name"])
        return sums

    def _late_fee(self, folio: Folio, move: Row, rows: Sequence[Row], amount: Decimal) -> str:
        """A late fee that Odoo's people have billed: it is for the invoice its label or the document's origin names."""
        at = Source(LINE, str(rows[0]["id"]))
        words = [*" ".join(row["name"] or "" for row in rows).split(), move["invoice_origin"]]
        others = (other for other in self.page.moves.values() if other["name"] in words and other is not move)
        named = next(others, move)
        parts = self.page.parts(named, self.settings)
        item = next((item for item in parts if item != LATE_FEE), None)
        about = next((one for one in self.lines if one["move_id"] == named["id"] and self.page.is_bill(one)), None)
        if about is None or item is None:
            folio.refuse("P504", Source(LINE, at.key, "name"), invoice=move["name"])
            return ""
        charge = str(about["id"]) if len(parts) == 1 else f"{about['id']}/{item}"
        record = {"id": f"L{rows[0]['id']}", "charge": charge, "on": rows[0]["date"], "amount": amount}
        folio.add("late_fees", at, record)
        return charge

    def _reconciled(self, line: Row) -> None:
        """What was paid or credited of an invoice's line, by its reconciliations; they add up to Odoo's residual."""
        bill = self.bills[line["id"]]
        if self.settings.snapshot:
            return
        left, theirs = _money(bill.folio, line, "debit"), _money(bill.folio, line, "amount_residual")
        for partial in self.page.paying.get(line["id"], ()):
            at = Source(PARTIAL, str(partial["id"]))
            amount = bill.folio.exact(partial["amount"], at)
            left -= amount
            credit = self.page.every[partial["credit_move_id"]]
            relieved = bill.charges or [bill.fee_of]
            if self.page.is_refund(credit) and len(relieved) == 1 and relieved[0]:
                kind = "credit_note" if bill.charges else "late_fee_waiver"
                record = {"id": f"A{partial['id']}", "kind": kind, "on": credit["date"], "amount": amount}
                bill.folio.add("adjustments", at, {**record, "charge": relieved[0]})
            else:
                bill.folio.pay(_payment(bill.folio, credit), amount, bill.charges, late_fee_of=bill.fee_of)
        if left != theirs and bill.folio.currency is None:
            bill.folio.refuse("P501", Source(LINE, str(line["id"]), "amount_residual"), ours=left, theirs=theirs)

    # payments, money given back, and what somebody entered by hand

    def _debit(self, line: Row) -> None:
        """Money given back, a payment reversed, or a debt that somebody entered by hand."""
        folio, at = self.folios.lone(), Source(LINE, str(line["id"]))
        left = _money(folio, line, "amount_residual" if self.settings.snapshot else "debit")
        for partial in self.page.paying.get(line["id"], ()):
            amount = folio.exact(partial["amount"], Source(PARTIAL, str(partial["id"])))
            left -= amount
            credit = self.page.every[partial["credit_move_id"]]
            if not self.page.is_refund(credit):  # else a credit note paid out in money: neither is of any invoice
                self._given_back(line, partial, credit, amount)
        if left:
            record = {"id": str(line["id"]), "item": self.settings.items.of(), "amount": left}
            folio.add("charges", at, {**record, "due": line["date_maturity"]})

    def _given_back(self, line: Row, partial: Row, credit: Row, amount: Decimal) -> None:
        folio = self._folio_of(credit, amount)
        payment = _payment(folio, credit)
        folio.pay(payment, amount)
        if self.page.moves[line["move_id"]]["reversed_entry_id"] == credit["move_id"]:
            payment["reversed_on"] = line["date"]
        else:
            record = {"id": f"A{partial['id']}", "kind": "refund", "on": line["date"], "amount": amount}
            folio.add("adjustments", Source(PARTIAL, str(partial["id"])), {**record, "payment": payment["id"]})

    def _rest(self, line: Row) -> None:
        """What is left of a payment or a credit note that is for nothing yet; Odoo counts it below zero."""
        at = Source(LINE, str(line["id"]), "amount_residual")
        amount = -self.folios.exact(line["amount_residual"], at)
        if amount:
            folio = self._folio_of(line, amount)
            folio.pay(_payment(folio, line), amount)

    def _folio_of(self, credit: Row, amount: Decimal) -> Folio:
        at = Source(LINE, str(credit["id"]), "amount_residual")
        return self.folios.choose(amount, at, payment=str(credit["id"]))

    # what is not money

    def _holds(self, folio: Folio, model: str, row: Row) -> None:
        """Somebody ticked "do not dun". Odoo does not say since when: the last time the row was touched."""
        since = datetime.fromisoformat(row["write_date"]).replace(tzinfo=UTC).astimezone(CHINA).date()
        for of, name in self.settings.holds:
            if of == model and row[name]:
                folio.hold(Source(model, str(row["id"]), name), since)

    def _credit_control(self, folio: Folio) -> None:
        """What OCA's credit control has sent to the debtor."""
        for row in self.page.credit_control.get((self.company["id"], self.debtor), ()):
            sent = row["date_sent"] or row["date"]
            at = datetime.fromisoformat(sent).replace(tzinfo=UTC) if len(sent) > 10 else _noon(sent)
            channel = "letter" if row["channel"] == "letter_mail" else row["channel"]
            record = {"id": f"credit control {row['id']}", "at": at, "outcome": "sent", "proof": "C"}
            more = {"party": str(self.debtor), "channel": channel}
            folio.add("contacts", Source(CONTROL, str(row["id"])), {**record, **more})


def _money(folio: Folio, line: Row, column: str) -> Decimal:
    return folio.exact(line[column], Source(LINE, str(line["id"]), column))


def _payment(folio: Folio, credit: Row) -> Record:
    return folio.payment(str(credit["id"]), credit["date"], Source(LINE, str(credit["id"])))


def _noon(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(12), CHINA)
