"""Odoo 14 and later, over JSON-2 or JSON-RPC: receivables in, actions out as notes and activities, receipts back.

Not run against an Odoo: none installs from a registry. The README says what is assumed of one, line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Literal

from dunning.adapter import (
    Adapter,
    Capabilities,
    Cursor,
    Delivery,
    Item,
    Mark,
    PartyCard,
    Posting,
    Receipt,
    RefusedError,
    beside,
    open_store,
    present,
)
from dunning.adapter.folios import debtor_of, or_gone
from dunning.adapter.notes import message_of, receipt_of, reply, taken
from dunning.adapter.options import Items, OfAll, choice, flags, listed, numbers, whole
from dunning_odoo.books import Reading
from dunning_odoo.chatter import Chatter
from dunning_odoo.rows import MOVE, PARTNER, Settings
from dunning_odoo.server import APIS, Server

CAPABILITIES = Capabilities(
    name="odoo",
    lists=frozenset({"charges", "payments", "adjustments", "late_fees", "contacts", "holds"}),
    late_fees_by="source",
    delivers=True,
    resolves=True,
)
"""What it can do at most: `holds` are there if the option names a field, payments if the ledger is read as events."""


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
    use: str = "",
    place: str = "",
    late_fee_clause: str = "",
    none: str = "",
    store: str = "",
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
    `credit_control`: `yes` reads what OCA's credit control has sent. What Odoo has no field for may be said of all
    accounts: their `use` (`residential`), their `place` (`CN-3301`), whether every contract has a `late_fee_clause`
    (`yes`, `no`), of what there is `none` anywhere (`disputes,plans`); what is not said is unknown. `assignee`: the id
    of the user who gets the activities. `page`: records read at a time. `timeout`: seconds for one answer.
    `store`: a file or address for what Odoo cannot keep (approvals, promises, holds, disputes, results of calls); it
    needs dunning-sql.
    """
    settings = Settings(
        snapshot=choice("ledger", ledger, ("events", "snapshot")) == "snapshot",
        items=Items.read("items", items),
        unit=unit,
        holds=flags("holds", holds, (MOVE, PARTNER)),
        attributes=tuple(listed(attributes)),
        credit_control=choice("credit_control", credit_control, ("yes", "no")) == "yes",
    )
    able = _capabilities(settings)
    of_all = OfAll.read(able.lists, use=use, place=place, late_fee_clause=late_fee_clause, none=none)
    able = replace(able, lists=able.lists | of_all.lists)
    clerk = whole("assignee", assignee) if assignee else None
    size, seconds = whole("page", page), whole("timeout", timeout)
    server = Server(url, database, user, key, api=choice("api", api, APIS), page=size, timeout=seconds)
    settings = replace(settings, of_all=of_all.fields)
    adapter = Odoo(server, able, settings, numbers("companies", companies), Chatter(server, clerk))
    return beside(adapter, open_store(store)) if store else adapter


def _capabilities(settings: Settings) -> Capabilities:
    """What it can do as it is opened."""
    without = set() if settings.holds else {"holds"}
    if settings.snapshot:
        without |= {"payments", "adjustments"}
    ledger: Literal["events", "snapshot"] = "snapshot" if settings.snapshot else "events"
    return replace(CAPABILITIES, lists=CAPABILITIES.lists - without, ledger=ledger)


class Odoo:
    """One database. Nothing is kept between two calls but which API it has."""

    def __init__(
        self, server: Server, capabilities: Capabilities, settings: Settings, only: frozenset[int], chatter: Chatter
    ) -> None:
        self.server = server
        self.able = capabilities
        self.settings = settings
        self.only = only
        self.chatter = chatter

    def capabilities(self) -> Capabilities:
        return self.able

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        if since is not None:  # taking a reconciliation apart leaves no trace: there is no news to be trusted
            raise RefusedError.to(CAPABILITIES.name, "accounts(since)")
        reading = Reading.open(self.server, self.settings, self.only)
        for page in self.server.pages("res.partner", [], ("commercial_partner_id",)):
            yield from reading.accounts([row["id"] for row in page if row["commercial_partner_id"] == row["id"]])

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        asked = list(ids)
        debtors = sorted({int(debtor) for _, account in asked if (debtor := debtor_of(account)).isdecimal()})
        return or_gone(asked, Reading.open(self.server, self.settings, self.only).accounts(debtors))

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        """A note for each, and an activity for those that have none yet, so that a crash in between is made good."""
        there = present(self.reread((one.company, one.account) for one in deliveries))
        notes = self.chatter.of({_debtor(account) for _, account in there})
        receipts = taken(
            deliveries,
            there,
            lambda one: notes[_debtor(one.account)],
            lambda one: self.chatter.write(_debtor(one.account), message_of(one)),
            self.server.site.asked,
        )
        waiting = {one.key for one in receipts if one.state == "accepted"}
        self.chatter.plan([kept.delivery for of in notes.values() for key, kept in of.found.items() if key in waiting])
        return receipts

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        before = self.chatter.about(keys)
        waiting = [kept for kept in before.found.values() if kept.receipt.state == "accepted"]
        for kept in waiting:
            self.chatter.unplan(kept.delivery.key)
            self.chatter.write(_debtor(kept.delivery.account), reply(kept.delivery.key, "cancelled", because))
        after = self.chatter.about(keys) if waiting else before  # somebody may have sent it in between
        return [after.taken_back(key, because, self.server.site.asked()) for key in keys]

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
        for row in self.server.read(PARTNER, [["id", "in", numbers]], fields):
            known = {"mobile": row["phone"], "email": row["email"], "address": row["contact_address"]}
            yield PartyCard.of(row["id"], row["name"], **known)

    def forget(self, party: str) -> None:
        del party  # this adapter keeps nothing of its own
        raise RefusedError.to(CAPABILITIES.name, "forget")


def _debtor(account: str) -> int:
    return int(debtor_of(account))
