"""Odoo 14 and later, over JSON-2 or JSON-RPC: receivables in, actions out as notes and activities, receipts back.

Not run against an Odoo: none installs from a registry. The README says what is assumed of one, line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NoReturn

import dunning
from dunning.adapter import (
    Adapter,
    Capabilities,
    Cursor,
    Delivery,
    Gone,
    Item,
    Mark,
    PartyCard,
    Posting,
    Receipt,
    RefusedError,
)
from dunning.adapter.documents import Text
from dunning.adapter.notes import message_of, receipt_of, reply
from dunning_odoo.books import Reading
from dunning_odoo.chatter import Chatter
from dunning_odoo.rows import Settings
from dunning_odoo.server import APIS, Server

CAPABILITIES = Capabilities(
    name="odoo",
    lists=frozenset({"charges", "payments", "adjustments", "late_fees", "contacts", "holds"}),
    late_fees_by="source",
    delivers=True,
    resolves=True,
)
"""What it can do at most: `holds` are there if the option names a field, payments if the ledger is read as events."""

LEDGERS = ("events", "snapshot")
HOLDERS = ("account.move", "res.partner")


def open_odoo(
    *,
    url: str,
    database: str,
    key: str,
    user: str = "",
    api: str = "auto",
    ledger: str = "events",
    companies: str = "",
    items: str = "",
    unit: str = "partner_shipping_id",
    holds: str = "",
    attributes: str = "",
    credit_control: str = "no",
    assignee: str = "",
    page: str = "500",
    timeout: str = "60",
) -> Adapter:
    """The companies of an Odoo database that the owner of `key` may see.

    `user`: the login, for /jsonrpc. `api`: json2, jsonrpc, or whichever answers. `ledger`: `snapshot` where
    account.partial.reconcile may not be read. `companies`: only these, by id. `items`: what product or account codes
    are for, `PM:property_fee,LF:late_fee`, `*` for all others. `unit`: the field of an invoice that says which unit it
    is for (where it is empty: partner_id). `holds`: fields that say "do not dun",
    `account.move.no_overdue_reminder,res.partner.manual_followup`. `attributes`: fields of res.partner for the rules.
    `credit_control`: `yes` reads what OCA's credit control has sent. `assignee`: the id of the user who gets the
    activities. `page`: records read at a time. `timeout`: seconds for one answer.
    """
    for name, value, known in (
        ("api", api, APIS), ("ledger", ledger, LEDGERS), ("credit_control", credit_control, ("yes", "no")),
    ):  # fmt: skip
        if value not in known:
            _wrong(name, value)
    for name, value in (("page", page), ("timeout", timeout), ("assignee", assignee or "1")):
        if not value.isdecimal() or not int(value):
            _wrong(name, value)
    settings = Settings(
        snapshot=ledger == "snapshot",
        items=dict(_pair(one, ":", "items") for one in _words(items)),
        unit=unit,
        holds=tuple(_hold(one) for one in _words(holds)),
        attributes=tuple(_words(attributes)),
        credit_control=credit_control == "yes",
    )
    only = frozenset(int(one) if one.isdecimal() else _wrong("companies", one) for one in _words(companies))
    server = Server(url, database, user, key, api=api, page=int(page), timeout=float(timeout))
    return Odoo(server, settings, only, Chatter(server, int(assignee) if assignee else None))


class Odoo:
    """One database. Nothing is kept between two calls but which API it has."""

    def __init__(self, server: Server, settings: Settings, only: frozenset[int], chatter: Chatter) -> None:
        self.server = server
        self.settings = settings
        self.only = only
        self.chatter = chatter

    def capabilities(self) -> Capabilities:
        without = set() if self.settings.holds else {"holds"}
        if self.settings.snapshot:
            without |= {"payments", "adjustments"}
        found = replace(CAPABILITIES, lists=CAPABILITIES.lists - without)
        return replace(found, ledger="snapshot") if self.settings.snapshot else found

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        if since is not None:  # taking a reconciliation apart leaves no trace: there is no news to be trusted
            raise RefusedError.to(CAPABILITIES.name, "accounts(since)")
        reading = Reading.open(self.server, self.settings, self.only)
        for page in self.server.pages("res.partner", [], ("commercial_partner_id",)):
            yield from reading.accounts([row["id"] for row in page if row["commercial_partner_id"] == row["id"]])

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        asked = dict.fromkeys(ids)
        debtors = {int(account.partition("/")[0]) for _, account in asked if account.partition("/")[0].isdecimal()}
        reading = Reading.open(self.server, self.settings, self.only)
        wanted = {(company, account.partition("/")[0]) for company, account in asked}
        came = set()
        for item in reading.accounts(sorted(debtors)):
            company, account = place_of(item)
            if (company, account.partition("/")[0]) in wanted:
                came.add((company, account))
                yield item
        for company, account in asked:
            if (company, account) not in came:
                yield Gone(company, account, "deleted")

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        """A note for each, and an activity for those that have none yet, so that a crash in between is made good."""
        there = {place_of(item) for item in self.reread((one.company, one.account) for one in deliveries)
                 if not isinstance(item, Gone)}  # fmt: skip
        notes = self.chatter.of({_debtor(one.account) for one in deliveries if (one.company, one.account) in there})
        receipts = []
        for one in deliveries:
            now = self.server.asked()
            if (one.company, one.account) not in there:
                receipts.append(Receipt(one.key, "refused", now, detail="no such account"))
                continue
            mine = notes[_debtor(one.account)]
            known = mine.answer(one, now)
            if known is None:
                mine.add(self.chatter.write(_debtor(one.account), message_of(one)))
                known = mine.found[one.key].receipt
            receipts.append(known)
        waiting = {one.key for one in receipts if one.state == "accepted"}
        self.chatter.plan(
            [kept.delivery for mine in notes.values() for key, kept in mine.found.items() if key in waiting]
        )
        return receipts

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        before = self.chatter.about(keys)
        waiting = [kept for kept in before.found.values() if kept.receipt.state == "accepted"]
        for kept in waiting:
            self.chatter.unplan(kept.delivery.key)
            self.chatter.write(_debtor(kept.delivery.account), reply(kept.delivery.key, "cancelled", because))
        after = self.chatter.about(keys) if waiting else before  # somebody may have sent it in between
        return [after.taken_back(key, because, self.server.asked()) for key in keys]

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        last = since or "0"
        for number, note in self.chatter.since(int(last)):
            last = str(max(int(last), number))
            receipt = receipt_of(note)
            if receipt is not None:  # what cannot be read is told with its account
                yield receipt
        yield Mark(last)

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        del postings  # an invoice of late fees needs a journal, an account and taxes that only an accountant can choose
        raise RefusedError.to(CAPABILITIES.name, "post")

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        numbers = [int(one) for one in ids if one.isdecimal()]
        fields = ("name", "phone", "email", "contact_address")
        for row in self.server.read("res.partner", [["id", "in", numbers]], fields):
            ways = {
                "phone": row["phone"], "sms": row["phone"], "email": row["email"],
                **dict.fromkeys(("letter", "ems", "visit"), (row["contact_address"] or "").strip()),
            }  # fmt: skip
            addresses = {way: where for way, where in ways.items() if where}
            yield PartyCard(id=str(row["id"]), name=row["name"] or "", addresses=addresses)  # type: ignore[arg-type]

    def forget(self, party: str) -> None:
        del party  # this adapter keeps nothing of its own
        raise RefusedError.to(CAPABILITIES.name, "forget")


def place_of(item: Item) -> tuple[str, str]:
    if isinstance(item, dunning.Read):
        return item.account.company, item.account.id
    assert isinstance(item, dunning.Rejected | Gone)
    return item.company, item.id


def _debtor(account: str) -> int:
    return int(account.partition("/")[0])


def _words(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _pair(text: str, mark: str, name: str) -> tuple[str, str]:
    key, found, value = text.partition(mark)
    return (key, value) if found and key and value else _wrong(name, text)


def _hold(text: str) -> tuple[str, str]:
    model, _, field = text.rpartition(".")
    return (model, field) if model in HOLDERS and field else _wrong("holds", text)


def _wrong(name: str, value: str) -> NoReturn:
    raise dunning.UsageError(Text(f"选项 {name} 不能是“{value}”", f"the option {name} cannot be `{value}`"))
