"""ERPNext over Frappe's REST, v1 or v2: invoices and payments in, actions out as ToDos, receipts from their status.

Not run against an ERPNext: none installs from a registry. The README says what is assumed of one, line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
from dunning.adapter.notes import receipt_of, taken
from dunning.adapter.options import Items, OfAll, choice, day, flags, listed, whole, wrong
from dunning_erpnext.books import CUSTOMER, INVOICE, Customer, Page, Settings
from dunning_erpnext.server import APIS, Row, Server
from dunning_erpnext.todos import ToDos

CAPABILITIES = Capabilities(
    name="erpnext",
    lists=frozenset({"charges", "payments", "adjustments", "late_fees", "contacts", "holds"}),
    late_fees_by="source",
    delivers=True,
    resolves=True,
)
"""What it can do at most: `holds` are there if the option names a field."""

OVERLAP = timedelta(minutes=15)
"""How far behind its cursor a read of receipts begins: a document bears the time its request began at."""


def open_erpnext(
    *,
    url: str,
    key: str,
    secret: str,
    api: str = "auto",
    companies: str = "",
    items: str = "",
    unit: str = "shipping_address_name",
    holds: str = "",
    begin: str = "",
    use: str = "",
    place: str = "",
    late_fee_clause: str = "",
    none: str = "",
    store: str = "",
    zone: str = "Asia/Shanghai",
    assignee: str = "",
    page: str = "100",
    timeout: str = "60",
) -> Adapter:
    """The companies of an ERPNext site that the owner of `key` and `secret` may see.

    `api`: v1, v2, or v2 where it is there. `companies`: only these. `items`: what item codes or groups are for,
    `PM:property_fee,LF:late_fee`, `*` for all others. `unit`: the field of an invoice that says which unit it is for.
    `holds`: check fields that say "do not dun", `Customer.custom_hold,Sales Invoice.custom_hold`. `begin`: invoices
    paid in full before this day are left out. What ERPNext has no field for may be said of all accounts: their `use`
    (`residential`), their `place` (`CN-3301`), whether every contract has a `late_fee_clause` (`yes`, `no`), of what
    there is `none` anywhere (`disputes,plans`); what is not said is unknown. `zone`: the site's time zone. `assignee`:
    the user who gets the ToDos. `page`: documents listed at a time. `timeout`: seconds for one answer.
    `store`: a file or address for what ERPNext cannot keep (approvals, promises, holds, disputes, results of calls); it
    needs dunning-sql.
    """
    held = flags("holds", holds, (CUSTOMER, INVOICE))
    supplied = CAPABILITIES.lists if held else CAPABILITIES.lists - {"holds"}
    of_all = OfAll.read(supplied, use=use, place=place, late_fee_clause=late_fee_clause, none=none)
    able = replace(CAPABILITIES, lists=supplied | of_all.lists)
    settings = Settings(Items.read("items", items), unit, held, day("begin", begin), of_all.fields)
    size, seconds = whole("page", page), whole("timeout", timeout)
    server = Server(url, key, secret, api=choice("api", api, APIS), page=size, timeout=seconds)
    adapter = ErpNext(server, able, settings, frozenset(listed(companies)), ToDos(server, _zone(zone), assignee))
    return beside(adapter, open_store(store)) if store else adapter


class ErpNext:
    """One site. Nothing is kept between two calls but which API it has."""

    def __init__(
        self, server: Server, capabilities: Capabilities, settings: Settings, only: frozenset[str], todos: ToDos
    ) -> None:
        self.server = server
        self.able = capabilities
        self.settings = settings
        self.only = only
        self.todos = todos

    def capabilities(self) -> Capabilities:
        return self.able

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        if since is not None:  # what is deleted leaves no trace: there is no news to be trusted
            raise RefusedError.to(CAPABILITIES.name, "accounts(since)")
        companies = self._companies()
        for page in self.server.pages(CUSTOMER, [], ()):
            yield from self._accounts(companies, [row["name"] for row in page])

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        asked = list(ids)
        customers = sorted({debtor_of(account) for _, account in asked})
        return or_gone(asked, self._accounts(self._companies(), customers))

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        """A ToDo for each that has none; each is a transaction of its own, and what was written is found again."""
        there = present(self.reread((one.company, one.account) for one in deliveries))
        notes = self.todos.of({debtor_of(account) for _, account in there})
        return taken(
            deliveries,
            there,
            lambda one: notes[debtor_of(one.account)],
            lambda one: self.todos.write(one, debtor_of(one.account)),
            self.server.site.asked,
        )

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        for key in dict.fromkeys(keys):
            self.todos.call_off(key)
        after = self.todos.about(keys)
        return [after.taken_back(key, because, self.server.site.asked()) for key in keys]

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        moment = None if since is None else datetime.fromisoformat(since) - OVERLAP
        notes = list(self.todos.since(moment))
        read_to = self.server.site.asked().isoformat()
        yield from filter(None, map(receipt_of, notes))  # what cannot be read is told with its account
        yield Mark(read_to)

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        del postings  # a late fee is a Dunning in ERPNext, which counts its own interest
        raise RefusedError.to(CAPABILITIES.name, "post")

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        fields = ("customer_name", "mobile_no", "email_id", "primary_address")
        for row in self.server.read(CUSTOMER, [["name", "in", list(ids)]], fields):
            known = {"mobile": row["mobile_no"], "email": row["email_id"], "address": row["primary_address"]}
            yield PartyCard.of(row["name"], row["customer_name"], **known)

    def forget(self, party: str) -> None:
        del party  # this adapter keeps nothing of its own
        raise RefusedError.to(CAPABILITIES.name, "forget")

    def _companies(self) -> list[Row]:
        rows = self.server.read("Company", [], ("default_currency",))
        return [row for row in rows if not self.only or row["name"] in self.only]

    def _accounts(self, companies: Sequence[Row], customers: Sequence[str]) -> Iterator[Item]:
        """The accounts of these customers, company by company; nothing for those who never had a document."""
        page = Page.read(self.server, self.settings, customers)
        notes = self.todos.of(page.customers.keys())
        for company in companies:
            for customer in sorted(page.customers):
                yield from Customer(self.settings, page, notes[customer], company, customer).accounts()


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        wrong("zone", text)
