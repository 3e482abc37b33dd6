"""The hands of the company's people in Tryton: invoices, payments, cancelled moves, blocked dunnings, notes.

Run by the Python of Tryton's own environment: `python hands.py CONFIG DATABASE` reads an order a line from stdin, as
`{"do": "pay", "company": 1, ...}`, and answers each with a line: `{"ok": ...}` or `{"error": "..."}`. Never imported.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from proteus import Model, Wizard, config
from trytond.pool import Pool
from trytond.transaction import Transaction, TransactionError

Order = dict[str, Any]
Get = Callable[[str], Any]

IN_SERVER = ("households", "invoices", "entry", "retire")


class Hands:
    def __init__(self, conf: str, database: str) -> None:
        self.settings = config.set_trytond(database, config_file=conf)
        self.settings.skip_warning = True
        self.database = database
        self.preferences = Model.get("res.user").get_preferences(True, {})  # noqa: FBT003

    def act(self, order: Order) -> Any:
        self.settings._context = {**self.preferences, "company": order.get("company", self.preferences["company"])}
        act = getattr(self, f"do_{order['do']}")
        return self._in_server(act, order) if order["do"] in IN_SERVER else act(order)

    def do_companies(self, _: Order) -> dict[str, int]:
        return {company.party.name: company.id for company in Model.get("company.company").find([])}

    @staticmethod
    def do_households(get: Get, order: Order) -> list[Order]:
        """Parties with an address each, `name` to be the party's own or one of before (`party`)."""
        party, address = get("party.party"), get("party.address")
        made = []
        for one in order["households"]:
            who = party(one["party"]) if one.get("party") else party(name=one["name"], addresses=[])
            who.save()
            where = address(party=who, street_unstructured=one["unit"])
            where.save()
            made.append({"party": who.id, "address": where.id})
        return made

    @staticmethod
    def do_invoices(get: Get, order: Order) -> list[Order]:
        """Posted customer invoices; each line is [product code, amount, origin line or null]. Their ids, the entry they
        made on the receivable, and their lines."""
        invoice, line = get("account.invoice"), get("account.invoice.line")
        (term,) = get("account.invoice.payment_term").search([("name", "=", order.get("term", "到期日付清"))])
        (journal,) = get("account.journal").search([("type", "=", "revenue")], limit=1)
        products = {one.code: one for one in get("product.product").search([])}
        company = get("company.company")(order["company"])
        currency = company.currency
        if order.get("currency"):
            currency = _currency(get("currency.currency"), order["currency"])
        (revenue,) = get("account.account").search(
            [("type.revenue", "=", True), ("company", "=", company), ("closed", "!=", True)], limit=1
        )
        made = []
        for one in order["invoices"]:
            party = get("party.party")(one["party"])
            lines = [
                line(
                    type="line", company=company, invoice_type="out", currency=currency, account=revenue,
                    product=products[code], unit=products[code].default_uom, quantity=1,
                    unit_price=Decimal(amount), description=products[code].name,
                    origin=line(origin) if origin else None,
                )
                for code, amount, origin in one["lines"]
            ]  # fmt: skip
            made.append(
                invoice(
                    type="out", company=company, party=party, invoice_address=one["address"], journal=journal,
                    currency=currency, account=party.account_receivable_used, payment_term=term,
                    payment_term_date=date.fromisoformat(one["due"]), lines=lines,
                )
            )  # fmt: skip
        invoice.save(made)
        invoice.post(made)
        return [
            {
                "invoice": one.id,
                "entry": min(line.id for line in one.move.lines if line.account == one.account),
                "lines": [line.id for line in one.lines],
            }
            for one in made
        ]

    def do_pay(self, order: Order) -> int:
        """A payment of an invoice; the id of its move."""
        invoice = Model.get("account.invoice")(order["invoice"])
        before = {line.id for line in invoice.payment_lines}
        wizard = Wizard("account.invoice.pay", [invoice])
        (wizard.form.payment_method,) = Model.get("account.invoice.payment.method").find(
            [("company", "=", invoice.company.id)]
        )
        wizard.form.amount, wizard.form.date = Decimal(order["amount"]), date.fromisoformat(order["on"])
        wizard.execute("choice")
        if wizard.state != "end":
            wizard.form.type = order.get("type", "partial")
            if wizard.form.type == "writeoff":
                (wizard.form.writeoff,) = Model.get("account.move.reconcile.write_off").find([], limit=1)
            wizard.execute("pay")
        invoice.reload()
        (paid,) = [line for line in invoice.payment_lines if line.id not in before]
        return int(paid.move.id)

    def do_bounce(self, order: Order) -> None:
        """A payment's move is cancelled; what it was reconciled with is open again."""
        self._open_again(order["move"])
        wizard = Wizard("account.move.cancel", [Model.get("account.move")(order["move"])])
        wizard.execute("cancel")

    def _open_again(self, move: int) -> None:
        lines = Model.get("account.move.line").find([("move", "=", move), ("reconciliation", "!=", None)])
        if lines:
            Wizard("account.move.unreconcile_lines", lines)

    def do_credit(self, order: Order) -> None:
        """A credit note for a whole invoice: it is cancelled, if nothing was paid of it (`refund`)."""
        wizard = Wizard("account.invoice.credit", [Model.get("account.invoice")(order["invoice"])])
        wizard.form.with_refund = order["refund"]
        wizard.execute("credit")

    def do_block(self, order: Order) -> int:
        """The dunning of an invoice blocked or not."""
        dunning = self._dunning(self._line(order["invoice"]), "list_price")
        dunning.blocked = order["blocked"]
        dunning.save()
        return int(dunning.id)

    def do_fee(self, order: Order) -> None:
        """Tryton's own late fee of a level, at a list price."""
        (template,) = Model.get("product.template").find([("code", "=", "LF")])
        template.list_price = Decimal(order["amount"])
        template.save()
        dunning = self._dunning(self._line(order["invoice"]), "list_price")
        Wizard("account.dunning.process", [dunning]).execute("process")

    @staticmethod
    def do_entry(get: Get, order: Order) -> int:
        """A move by hand between a party's receivable and the cash: `amount` below zero is money from the party."""
        amount = Decimal(order["amount"])
        party, company = get("party.party")(order["party"]), get("company.company")(order["company"])
        (cash,) = get("account.account").search([("code", "=", "1.1.1"), ("company", "=", company)], limit=1)
        (journal,) = get("account.journal").search([("type", "=", "cash")], limit=1)
        on = date.fromisoformat(order["on"])
        line = get("account.move.line")
        due = date.fromisoformat(order["due"]) if order.get("due") else None
        debit, credit = max(amount, Decimal(0)), max(-amount, Decimal(0))
        mine = line(
            account=party.account_receivable_used, party=party, debit=debit, credit=credit, maturity_date=due
        )  # fmt: skip
        other = line(account=cash, debit=credit, credit=debit)
        move = get("account.move")(
            company=company, journal=journal, date=on, period=get("account.period").find(company, date=on),
            lines=[mine, other],
        )  # fmt: skip
        move.save()
        get("account.move").post([move])
        (mine,) = [one for one in move.lines if one.party]
        if order.get("invoice"):
            get("account.invoice").add_payment_lines({get("account.invoice")(order["invoice"]): [mine]})
        if order.get("settles"):
            line.reconcile([mine, *line.search([("move", "=", order["settles"]), ("party", "=", party)])])
        return int(move.id)

    @staticmethod
    def do_retire(get: Get, order: Order) -> None:
        """Parties are taken out of use."""
        get("party.party").write(get("party.party").browse(order["parties"]), {"active": False})

    def do_rename(self, order: Order) -> None:
        party = Model.get("party.party")(order["party"])
        party.name = order["called"]
        mechanism = party.contact_mechanisms.new()
        mechanism.type, mechanism.value = "phone", order["phone"]
        party.save()

    def do_replace(self, order: Order) -> None:
        wizard = Wizard("party.replace", [Model.get("party.party")(order["party"])])
        wizard.form.destination = Model.get("party.party")(order["into"])
        wizard.execute("replace")

    def do_erase(self, order: Order) -> None:
        """A party that owes nothing is erased; Tryton wants it taken out of use first."""
        self._in_server(self.do_retire, {"parties": [order["party"]]})
        Wizard("party.erase", [Model.get("party.party")(order["party"])]).execute("erase")

    def do_set_due(self, order: Order) -> None:
        line = self._line(order["invoice"])
        line.maturity_date = date.fromisoformat(order["due"]) if order["due"] else None
        line.save()

    def do_notes(self, order: Order) -> list[str]:
        """The notes of these parties, oldest first."""
        found = Model.get("ir.note").find(
            [("resource", "in", [f"party.party,{party}" for party in order["parties"]])], order=[("id", "ASC")]
        )
        return [note.message for note in found]

    def do_note(self, order: Order) -> None:
        party = Model.get("party.party")(order["party"])
        Model.get("ir.note")(resource=party, message=order["message"]).save()

    def do_drop_notes(self, order: Order) -> None:
        note = Model.get("ir.note")
        note.delete(note.find([("resource", "=", f"party.party,{order['party']}")]))

    def do_rounds(self, order: Order) -> Order:
        """Tryton's own dunning for one party: create and process; what it asks for and the fee it books."""
        party = Model.get("party.party")(order["party"])
        (party.dunning_procedure,) = Model.get("account.dunning.procedure").find([("name", "=", "5%")])
        party.save()
        Wizard("account.dunning.create").execute("create_")
        dunnings = Model.get("account.dunning").find([("party", "=", party.id)])
        Wizard("account.dunning.process", dunnings).execute("process")
        fees = Model.get("account.dunning.fee.dunning_level").find([("dunning.party", "=", party.id)])
        return {"amount": str(sum(one.amount for one in dunnings)), "fee": str(sum(one.amount for one in fees))}

    def do_cancelled_by(self, order: Order) -> int:
        """The move that cancels a move."""
        (move,) = Model.get("account.move").find([("origin", "=", f"account.move,{order['move']}")])
        return int(move.id)

    def do_fee_move(self, order: Order) -> int:
        """The move of the late fee that Tryton's dunning booked for an invoice."""
        line = self._line(order["invoice"])
        (fee,) = Model.get("account.dunning.fee.dunning_level").find([("dunning.line", "=", line.id)])
        return int(fee.moves[0].id)

    def do_owed(self, order: Order) -> str:
        """What Tryton says is still to pay of an invoice."""
        return str(Model.get("account.invoice")(order["invoice"]).amount_to_pay)

    def _line(self, invoice: int) -> Any:
        move = Model.get("account.invoice")(invoice).move
        lines = Model.get("account.move.line").find([("move", "=", move.id), ("account.type.receivable", "=", True)])
        return lines[0]

    def _dunning(self, line: Any, procedure: str) -> Any:
        dunnings = Model.get("account.dunning")
        found = dunnings.find([("line", "=", line.id)])
        if found:
            return found[0]
        (by,) = Model.get("account.dunning.procedure").find([("name", "=", procedure)])
        dunning = dunnings(line=line, procedure=by, level=by.levels[0])
        dunning.save()
        return dunning

    def _in_server(self, act: Callable[[Get, Order], Any], order: Order) -> Any:
        """In a transaction of the server's own: what the client would do too, where it takes proteus too long."""
        more: dict[str, Any] = {}
        context = {**self.settings._context, "_skip_warnings": True}
        while True:
            with Transaction().start(self.database, self.settings.user, context=context, **more) as transaction:
                try:
                    answer = act(Pool().get, order)
                    transaction.commit()
                    return answer
                except TransactionError as error:  # as the server itself goes about it
                    transaction.rollback()
                    error.fix(more)


def _currency(model: Any, code: str) -> Any:
    """A currency that stands at eight to one."""
    found = model.search([("code", "=", code)])
    rates = [("create", [{"date": date(2000, 1, 1), "rate": Decimal("0.125")}])]
    money = {"name": code, "symbol": code, "code": code, "digits": 2, "rounding": Decimal("0.01"), "rates": rates}
    return found[0] if found else model.create([money])[0]


def main(conf: str, database: str) -> None:
    hands = Hands(conf, database)
    print(json.dumps({"ok": "ready"}), flush=True)
    for order in sys.stdin:
        try:
            answer = {"ok": hands.act(json.loads(order))}
        except Exception:  # noqa: BLE001  # told to the test, whoever it is
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
