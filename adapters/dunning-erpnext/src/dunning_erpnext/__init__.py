"""ERPNext over Frappe's REST, v1 or v2: invoices and payments in, actions out as ToDos, receipts from their status.

Not run against an ERPNext: none installs from a registry. The README says what is assumed of one, line by line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

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
from dunning.adapter.notes import receipt_of
from dunning_erpnext.books import CUSTOMER, INVOICE, Customer, Page, Settings, customer_of
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
    zone: str = "Asia/Shanghai",
    assignee: str = "",
    page: str = "100",
    timeout: str = "60",
) -> Adapter:
    """The companies of an ERPNext site that the owner of `key` and `secret` may see.

    `api`: v1, v2, or v2 where it is there. `companies`: only these. `items`: what item codes or groups are for,
    `PM:property_fee,LF:late_fee`, `*` for all others. `unit`: the field of an invoice that says which unit it is for.
    `holds`: check fields that say "do not dun", `Customer.custom_hold,Sales Invoice.custom_hold`. `begin`: invoices
    paid in full before this day are left out. `zone`: the site's time zone. `assignee`: the user who gets the ToDos.
    `page`: documents listed at a time. `timeout`: seconds for one answer.
    """
    if api not in APIS:
        _wrong("api", api)
    for name, value in (("page", page), ("timeout", timeout)):
        if not value.isdecimal() or not int(value):
            _wrong(name, value)
    settings = Settings(
        items=dict(_pair(one, ":", "items") for one in _words(items)),
        unit=unit,
        holds=tuple(_hold(one) for one in _words(holds)),
        begin=_day(begin) if begin else "",
    )
    server = Server(url, key, secret, api=api, page=int(page), timeout=float(timeout))
    return ErpNext(server, settings, frozenset(_words(companies)), ToDos(server, _zone(zone), assignee))


class ErpNext:
    """One site. Nothing is kept between two calls but which API it has."""

    def __init__(self, server: Server, settings: Settings, only: frozenset[str], todos: ToDos) -> None:
        self.server = server
        self.settings = settings
        self.only = only
        self.todos = todos

    def capabilities(self) -> Capabilities:
        return CAPABILITIES if self.settings.holds else replace(CAPABILITIES, lists=CAPABILITIES.lists - {"holds"})

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        if since is not None:  # what is deleted leaves no trace: there is no news to be trusted
            raise RefusedError.to(CAPABILITIES.name, "accounts(since)")
        companies = self._companies()
        for page in self.server.pages(CUSTOMER, [], ()):
            yield from self._accounts(companies, [row["name"] for row in page])

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        asked = dict.fromkeys(ids)
        wanted = {(company, customer_of(account)) for company, account in asked}
        came = set()
        for item in self._accounts(self._companies(), sorted({customer for _, customer in wanted})):
            company, account = place_of(item)
            if (company, customer_of(account)) in wanted:
                came.add((company, account))
                yield item
        for company, account in asked:
            if (company, account) not in came:
                yield Gone(company, account, "deleted")

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        """A ToDo for each that has none; each is a transaction of its own, and what was written is found again."""
        there = {place_of(item) for item in self.reread((one.company, one.account) for one in deliveries)
                 if not isinstance(item, Gone)}  # fmt: skip
        notes = self.todos.of({customer_of(one.account) for one in deliveries if (one.company, one.account) in there})
        receipts = []
        for one in deliveries:
            now, customer = self.server.asked(), customer_of(one.account)
            if (one.company, one.account) not in there:
                receipts.append(Receipt(one.key, "refused", now, detail="no such account"))
                continue
            known = notes[customer].answer(one, now)
            if known is None:
                notes[customer].add(self.todos.write(one, customer))
                known = notes[customer].found[one.key].receipt
            receipts.append(known)
        return receipts

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        for key in dict.fromkeys(keys):
            self.todos.call_off(key)
        after = self.todos.about(keys)
        return [after.taken_back(key, because, self.server.asked()) for key in keys]

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        moment = None if since is None else datetime.fromisoformat(since) - OVERLAP
        notes = list(self.todos.since(moment))
        read_to = self.server.asked().isoformat()
        yield from filter(None, map(receipt_of, notes))  # what cannot be read is told with its account
        yield Mark(read_to)

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        del postings  # a late fee is a Dunning in ERPNext, which counts its own interest
        raise RefusedError.to(CAPABILITIES.name, "post")

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        fields = ("customer_name", "mobile_no", "email_id", "primary_address")
        for row in self.server.read(CUSTOMER, [["name", "in", list(ids)]], fields):
            ways = {
                "phone": row["mobile_no"], "sms": row["mobile_no"], "email": row["email_id"],
                **dict.fromkeys(("letter", "ems", "visit"), row["primary_address"]),
            }  # fmt: skip
            addresses = {way: where for way, where in ways.items() if where}
            yield PartyCard(id=row["name"], name=row["customer_name"] or "", addresses=addresses)  # type: ignore[arg-type]

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


def place_of(item: Item) -> tuple[str, str]:
    if isinstance(item, dunning.Read):
        return item.account.company, item.account.id
    assert isinstance(item, dunning.Rejected | Gone)
    return item.company, item.id


def _words(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]


def _pair(text: str, mark: str, name: str) -> tuple[str, str]:
    key, found, value = text.partition(mark)
    return (key, value) if found and key and value else _wrong(name, text)


def _hold(text: str) -> tuple[str, str]:
    model, _, field = text.rpartition(".")
    return (model, field) if model in (CUSTOMER, INVOICE) and field else _wrong("holds", text)


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        _wrong("begin", text)


def _zone(text: str) -> ZoneInfo:
    try:
        return ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError):
        _wrong("zone", text)


def _wrong(name: str, value: str) -> NoReturn:
    raise dunning.UsageError(Text(f"选项 {name} 不能是“{value}”", f"the option {name} cannot be `{value}`"))
