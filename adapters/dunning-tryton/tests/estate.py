"""Tryton as its own people use it: invoices, payments, cancelled moves, blocked dunnings and notes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tryton import CHINA, Tryton

from dunning import Account
from dunning.adapter import Adapter, open_adapter
from dunning.testing.conformance import (
    Arrived,
    At,
    Bounced,
    Change,
    Charged,
    Closed,
    Dispatched,
    Emptied,
    Erased,
    FeeBooked,
    Held,
    Invoiced,
    Kept,
    Moved,
    Paid,
    Point,
    Released,
    Voided,
)

CODES = {"property_fee": "PM", "utility": "WT"}
ITEMS = "PM:property_fee,WT:utility,LF:late_fee"
HEAD = "#dunning "


class TrytonBench:
    """Parties of its own in a Tryton that others use too."""

    def __init__(self, tryton: Tryton, *, page: int = 20) -> None:
        self.tryton = tryton
        self.page = page
        self.today = datetime.now(CHINA).date()
        self.parties: dict[tuple[str, str], int] = {}
        self.places: dict[At, dict[str, int]] = {}
        self.invoices: dict[tuple[At, str], dict[str, Any]] = {}  # by the test's charge
        self.moves: dict[tuple[At, str], tuple[int, str]] = {}  # by the test's payment: its move and its charge
        self.left: list[str] = []

    def open(self) -> Adapter:
        """A new adapter, with the session of the one before: a login takes a server 0.2 s, and has tests of its own."""
        adapter: Any = open_adapter(
            "tryton", url=self.tryton.url, database=self.tryton.database, user=self.tryton.user,
            password=self.tryton.password, items=ITEMS, page=str(self.page),
        )  # fmt: skip
        server, session = adapter.server, self.tryton.session
        if not session:
            server.call("model.ir.date.today")
            session.update(path=server.path, context=server.context, token=server.site.http.headers["Authorization"])
        server.path, server.context = session["path"], session["context"]
        server.site.http.headers["Authorization"] = session["token"]
        return adapter  # type: ignore[no-any-return]

    def put(self, accounts: Sequence[Account]) -> Sequence[Kept]:
        self._settle(accounts)
        for company in dict.fromkeys(account.company for account in accounts):
            mine = [account for account in accounts if account.company == company]
            self._bill([((one.company, one.id), [charge]) for one in mine for charge in one.charges])
        for account in accounts:
            for payment in account.payments:
                self.do(Paid((account.company, account.id), payment))
        return [self._kept(account) for account in accounts]

    def do(self, change: Change) -> None:
        match change:
            case Charged(at, charge):
                self._bill([(at, [charge])])
            case Invoiced(at, charges, fee):
                self._bill([(at, list(charges))], fee)
            case Paid(at, payment):
                (of,) = payment.for_
                invoice = self.invoices[at, of]["invoice"]
                move = self._hand("pay", at, invoice=invoice, amount=_yuan(payment.amount), on=payment.on.isoformat())
                self.moves[at, payment.id] = move, of
            case Bounced(at, payment, _) | Voided(at, "payments", payment):
                self._hand("bounce", at, move=self.moves[at, payment][0])
            case Voided(at, "charges", charge):
                self._hand("credit", at, invoice=self.invoices[at, charge]["invoice"], refund=True)
            case Held(at, _):
                self._hand("block", at, invoice=self._first(at), blocked=True)
            case Released(at, _):
                self._hand("block", at, invoice=self._first(at), blocked=False)
            case FeeBooked(at, fee):
                self._hand("fee", at, invoice=self.invoices[at, fee.charge]["invoice"], amount=_yuan(fee.amount))
            case Moved(_, to):
                self.put([to])
            case Closed(at):
                self._hand("retire", at, parties=[self.places[at]["party"]])
            case Erased(at):  # Tryton erases nobody who owes
                for (of, _), one in self.invoices.items():
                    if of == at:
                        self._hand("credit", at, invoice=one["invoice"], refund=True)
                self._hand("erase", at, party=self.places[at]["party"])
            case Emptied(at, charge, "due"):
                self._hand("set_due", at, invoice=self.invoices[at, charge]["invoice"], due=None)
            case Dispatched(now):
                self._dispatch(now)
            case Arrived(key, state, now):
                (party,) = {place["party"] for place in self.places.values() if key in self._accepted(place["party"])}
                self.tryton.do("note", party=party, message=f"{HEAD}{key} {state} sms {now.isoformat()}")
            case (
                _
            ):  # disputes, merged units, a missing amount; for a refund the payment is cancelled and a smaller one made
                raise NotImplementedError(change)

    def column(self, field: str) -> str:
        return {"due": "maturity_date", "amount": "debit"}[field]

    def sent(self) -> Sequence[str]:
        return list(self.left)

    def crash(self, point: Point) -> Adapter:
        """An adapter whose process dies when it writes its notes. One call writes them all: there is no midway."""
        adapter: Any = self.open()
        call = adapter.server.call

        def dying(method: str, *params: object, **context: object) -> Any:
            writing = method == "model.ir.note.create"
            if writing and point == "before":
                raise KeyboardInterrupt
            answer = call(method, *params, **context)
            if writing:
                raise KeyboardInterrupt
            return answer

        adapter.server.call = dying
        return adapter  # type: ignore[no-any-return]

    def leave(self) -> None:
        """Out of the way of the tests that follow."""
        self.tryton.do("retire", parties=[place["party"] for place in self.places.values()])

    def invoice(self, at: At, charge: str) -> int:
        """Tryton's id of the invoice of a charge."""
        return int(self.invoices[at, charge]["invoice"])

    def _hand(self, what: str, at: At, **order: Any) -> Any:
        return self.tryton.do(what, company=self.tryton.companies[at[0]], **order)

    def _first(self, at: At) -> int:
        return next(int(one["invoice"]) for (of, _), one in self.invoices.items() if of == at)

    def _settle(self, accounts: Sequence[Account]) -> None:
        """Parties with an address for each account; first those nobody has met, then further addresses of theirs."""
        new = {(one.company, one.debtor.id): one for one in reversed(accounts)}
        first = [one for who, one in new.items() if who not in self.parties]
        rest = [one for one in accounts if not any(one is other for other in first)]
        for batch in (first, rest):
            orders = [
                {"name": one.debtor.id, "unit": one.unit, "party": self.parties.get((one.company, one.debtor.id))}
                for one in batch
            ]
            for one, place in zip(batch, self.tryton.do("households", households=orders), strict=True):
                self.parties[one.company, one.debtor.id] = place["party"]
                self.places[one.company, one.id] = place

    def _bill(self, bills: list[tuple[At, list[Any]]], fee: Any = None) -> None:
        """An invoice for each of these: a line a charge, and a late fee that names the line it is for."""
        if not bills:
            return
        orders = []
        for at, charges in bills:
            lines = [[CODES[charge.item], _yuan(charge.amount), None] for charge in charges]
            if fee is not None:
                lines.append(["LF", _yuan(fee.amount), self.invoices[at, fee.charge]["lines"][0]])
            orders.append({**self.places[at], "due": charges[0].due.isoformat(), "lines": lines})
        made = self._hand("invoices", bills[0][0], invoices=orders)
        for (at, charges), one in zip(bills, made, strict=True):
            self.invoices.update(((at, charge.id), one) for charge in charges)

    def _kept(self, account: Account) -> Kept:
        at = account.company, account.id
        place = self.places[at]
        charges = {charge.id: str(self.invoices[at, charge.id]["entry"]) for charge in account.charges}
        return Kept(str(self.tryton.companies[account.company]), f"{place['party']}/{place['address']}", charges)

    def _accepted(self, party: int) -> dict[str, dict[str, Any]]:
        """What waits for the clerk or has gone, by key, each with `state`."""
        found: dict[str, dict[str, Any]] = {}
        for message in self.tryton.do("notes", parties=[party]):
            if not message.startswith(HEAD):
                continue
            key, state, *_ = message.splitlines()[0].removeprefix(HEAD).split()
            if state == "accepted":
                found[key] = {"state": state, **json.loads(message.splitlines()[-1])["action"]}
            else:
                found[key]["state"] = state
        return found

    def _dispatch(self, now: datetime) -> None:
        """A clerk goes through the notes, does what may be done now, and says so in another note."""
        for party in dict.fromkeys(place["party"] for place in self.places.values()):
            for key, action in self._accepted(party).items():
                stretches = action["hours"] or [(action["not_before"], action["not_after"])]
                hours = [[text and datetime.fromisoformat(text) for text in stretch] for stretch in stretches]
                may = any(begins <= now and (ends is None or now <= ends) for begins, ends in hours)
                if action["state"] == "accepted" and may:
                    self.left.append(key)
                    self.tryton.do("note", party=party, message=f"{HEAD}{key} sent sms {now.isoformat()}")


def _yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"
