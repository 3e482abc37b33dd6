"""Tryton 7 and 8 over JSON-RPC: open receivables in, actions out as notes on the party, receipts back from notes.

Tryton's own dunning asks for an invoice's full amount until it is paid in full. Here payments count when they arrive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

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
from dunning.adapter.notes import HEAD, Notes, message_of, receipt_of, reply
from dunning_tryton.books import CHAT, INVOICE, LINE, NOTE, Ledger, Said, note_of, party_of
from dunning_tryton.server import Domain, Row, Server

CAPABILITIES = Capabilities(
    name="tryton",
    lists=frozenset({"charges", "payments", "adjustments", "late_fees", "contacts", "holds"}),
    changes="partial",
    late_fees_by="source",
    delivers=True,
    resolves=True,
)
OVERLAP = timedelta(minutes=15)
"""How far behind its cursor a read begins: a row bears the time its transaction began, and is seen when that ends."""

NAMED = 1000
"""How many parties are named in one question."""

OURS = ["message", "like", f"{HEAD}%"]
PARTY = ("active", "replaced_by", "name")
MECHANISMS = {"phone": ("phone",), "mobile": ("phone", "sms"), "email": ("email",), "wechat": ("wechat",)}


def open_tryton(
    *,
    url: str,
    database: str,
    user: str,
    password: str,
    companies: str = "",
    items: str = "",
    holds: str = "dunning",
    use: str = "",
    place: str = "",
    late_fee_clause: str = "",
    page: str = "200",
    timeout: str = "60",
) -> Adapter:
    """The companies of a Tryton database that `user` may see.

    `companies`: only these, by id (`1,3`). `items`: what product or account codes are for, `PM:property_fee,W:utility`,
    `*` for all others (without it: property_fee); a code of `late_fee` is one billed by hand. `holds`: `none` where the
    module account_dunning is not installed. What Tryton has no field for may be said of all accounts: their `use`
    (`residential`), their `place` (`CN-3301`), whether every contract has a `late_fee_clause` (`yes`, `no`); what is
    not said is unknown. `page`: parties read at a time. `timeout`: seconds for one answer.
    """
    only = frozenset(int(one) for one in _words(companies, "companies", str.isdigit))
    pairs = [one.partition(":") for one in _words(items, "items", lambda one: ":" in one)]
    for name, value, good in (
        ("holds", holds, holds in ("dunning", "none")),
        ("late_fee_clause", late_fee_clause, late_fee_clause in ("", "yes", "no")),
        ("page", page, page.isdigit() and int(page) > 0),
        ("timeout", timeout, timeout.isdigit() and int(timeout) > 0),
    ):
        if not good:
            raise _option(name, value)
    of_all: Row = {name: value for name, value in (("use", use), ("place", place)) if value}
    if late_fee_clause:
        of_all["contracts"] = [{"id": "all", "late_fee_clause": late_fee_clause == "yes"}]
    said = Said({code: item for code, _, item in pairs}, of_all, holds=holds == "dunning")
    return Tryton(Server(url, database, user, password, float(timeout)), only, said, int(page))


class Tryton:
    """One database. Nothing is kept between two calls but the session."""

    def __init__(self, server: Server, only: frozenset[int], said: Said, page: int) -> None:
        self.server = server
        self.only = only
        self.said = said
        self.page = page

    def capabilities(self) -> Capabilities:
        return CAPABILITIES

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        companies = self._companies()
        read_to = self.server.asked().isoformat()  # before reading: what comes later, again
        news = None if since is None else self._news(datetime.fromisoformat(since) - OVERLAP)
        for company in companies:
            for parties in self._pages(news):
                yield from self._accounts(company, parties)
        yield Mark(read_to)

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        companies = {str(row["id"]): row for row in self._companies()}
        asked: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
        for company, account in ids:
            party = _party(account)
            if company in companies and party.isdecimal():
                asked[company][int(party)].append(account)
            else:
                yield Gone(company, account, "deleted")
        for company, named in asked.items():
            for parties in self._pages(sorted(named)):
                came = set()
                for item in self._accounts(companies[company], parties):
                    came.add(_name(item))
                    yield item
                for row in parties:
                    for account in dict.fromkeys(named.pop(row["id"])):
                        if account not in came:
                            yield _gone(company, account, row)
            for accounts in named.values():
                yield from (Gone(company, account, "deleted") for account in dict.fromkeys(accounts))

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        """All of them are written in one call: they are in Tryton together, or none is."""
        places = self._places(deliveries)
        notes = self._notes(_party(account) for _, account in places)
        written: list[Row] = []
        receipts = [self._take(one, notes, places, written) for one in deliveries]
        self._write(written)
        return receipts

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        about = ["OR", *([["message", "like", f"{HEAD}{key} %"]] for key in keys)]
        before = Notes.of(map(note_of, self._chat([about]))) if keys else Notes()
        known = [before.found[key] for key in dict.fromkeys(keys) if key in before.found]
        waiting = [one.delivery for one in known if one.receipt.state == "accepted"]
        self._write([_note(one.account, reply(one.key, "cancelled", because)) for one in waiting])
        after = self._notes([_party(one.delivery.account) for one in known])  # it may have been sent in between
        return [after.taken_back(key, because, self.server.asked()) for key in keys]

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        self._companies()
        read_to = self.server.asked().isoformat()
        newer = [] if since is None else [["create_date", ">=", datetime.fromisoformat(since) - OVERLAP]]
        rows = sorted(self._chat(newer), key=lambda row: int(row["id"]))
        yield from filter(None, map(receipt_of, map(note_of, rows)))
        yield Mark(read_to)

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        del postings  # a late fee in Tryton is a move on accounts that only its accountant can choose
        raise RefusedError.to(CAPABILITIES.name, "post")

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        numbers = [int(one) for one in ids if one.isdecimal()]
        parties = self.server.read("party.party", [["id", "in", numbers]], PARTY)
        addresses: dict[int, dict[Any, str]] = defaultdict(dict)
        theirs = [["party", "in", numbers], ["active", "=", True]]
        for row in self.server.read("party.contact_mechanism", theirs, ("party", "type", "value")):
            for channel in MECHANISMS.get(row["type"], ()):
                addresses[row["party"]].setdefault(channel, row["value"])
        for row in self.server.read("party.address", theirs, ("party", "full_address")):
            for channel in ("letter", "ems", "visit"):
                addresses[row["party"]].setdefault(channel, row["full_address"])
        for row in parties:
            yield PartyCard(id=str(row["id"]), name=row["name"] or "", addresses=addresses[row["id"]])

    def forget(self, party: str) -> None:
        del party  # this adapter keeps nothing of its own; its notes go with the party that Tryton erases
        raise RefusedError.to(CAPABILITIES.name, "forget")

    # reading

    def _companies(self) -> list[Row]:
        rows = self.server.read("company.company", [], ("currency.code",))
        return [row for row in rows if not self.only or row["id"] in self.only]

    def _pages(self, ids: Sequence[int] | None) -> Iterator[list[Row]]:
        """Parties by their ids, a page at a time: all that are in use, or these, whether they are or not."""
        if ids is None:
            yield from self.server.pages("party.party", [["active", "=", True]], PARTY, self.page)
        else:
            for start in range(0, len(ids), self.page):
                yield self.server.read("party.party", [["id", "in", list(ids[start : start + self.page])]], PARTY)

    def _accounts(self, company: Row, parties: Sequence[Row]) -> Iterator[Item]:
        active = [row["id"] for row in parties if row["active"]]
        ledger = Ledger.read(self.server, company, active, self.said)
        gone = self._addresses(company, [row["id"] for row in parties if not row["active"]])
        for row in parties:
            if row["active"]:
                yield from ledger.accounts(row["id"])
            else:
                yield from (_gone(str(company["id"]), f"{row['id']}/{address}", row) for address in gone[row["id"]])

    def _addresses(self, company: Row, parties: Sequence[int]) -> Mapping[int, Iterable[int]]:
        """Where these parties were billed, by party: the accounts they had."""
        found: dict[int, dict[int, None]] = defaultdict(dict)
        of = [["party", "in", list(parties)], ["company", "=", company["id"]], ["type", "=", "out"]]
        for row in self.server.read(INVOICE, of, ("party", "invoice_address")) if parties else ():
            found[row["party"]][row["invoice_address"]] = None
        return found

    def _news(self, since: datetime) -> list[int]:
        """The parties with news: entries, notes, dunnings and their own rows, by when they were made or written.

        What Tryton changes without a trace (an entry taken out of a reconciliation) waits for the next full read.
        """
        new = ["OR", ["create_date", ">=", since], ["write_date", ">=", since]]
        posted = ["OR", *new[1:], ["move.write_date", ">=", since]]
        entries = [["account.type.receivable", "=", True], ["party", "!=", None], posted]
        found = {row["party"] for row in self.server.read(LINE, entries, ("party",))}
        found |= {row["party"] for row in self.server.read(INVOICE, [["type", "=", "out"], new], ("party",))}
        if self.said.holds:
            found |= {row["line."]["party"] for row in self.server.read("account.dunning", [new], ("line.party",))}
        for row in self.server.read("party.party", [new], PARTY):
            found |= {row["id"], row["replaced_by"] or row["id"]}
        return sorted(found | set(map(party_of, self._chat([new]))))

    # sending

    def _notes(self, parties: Iterable[str]) -> Notes:
        resources = sorted({f"party.party,{party}" for party in parties})
        return Notes.of(map(note_of, self.server.read(NOTE, [["resource", "in", resources], OURS], CHAT)))

    def _chat(self, domain: Domain) -> Iterator[Row]:
        """Our notes that fit a domain, on any party. Whoever is no administrator may ask only for those of parties he
        names.
        """
        for page in self.server.pages("party.party", [], ("active",), NAMED):
            resources = [f"party.party,{row['id']}" for row in page]
            yield from self.server.read(NOTE, [["resource", "in", resources], OURS, *domain], CHAT)

    def _write(self, notes: Sequence[Row]) -> None:
        if notes:
            self.server.call(f"model.{NOTE}.create", notes)

    def _places(self, deliveries: Sequence[Delivery]) -> set[tuple[str, str]]:
        """The accounts among them that there are, by (company, account)."""
        found = set()
        for item in self.reread(dict.fromkeys((one.company, one.account) for one in deliveries)):
            if isinstance(item, dunning.Read):
                found.add((item.account.company, item.account.id))
            elif isinstance(item, dunning.Rejected):
                found.add((item.company, item.id))
        return found

    def _take(self, one: Delivery, notes: Notes, places: set[tuple[str, str]], written: list[Row]) -> Receipt:
        now = self.server.asked()
        if (one.company, one.account) not in places:
            return Receipt(one.key, "refused", now, detail="no such account")
        known = notes.answer(one, now)
        if known is not None:
            return known
        row = _note(one.account, message_of(one))
        written.append(row)
        notes.add(note_of({**row, "id": 0, "create_date": now}))
        return notes.found[one.key].receipt


def _party(account: str) -> str:
    return account.partition("/")[0]


def _note(account: str, message: str) -> Row:
    return {"resource": f"party.party,{_party(account)}", "message": message}


def _name(item: Item) -> str:
    return item.account.id if isinstance(item, dunning.Read) else item.id  # type: ignore[union-attr]


def _gone(company: str, account: str, party: Row) -> Gone:
    """Why an account is no longer there, by what became of its party."""
    if party["replaced_by"]:
        return Gone(company, account, "merged", f"{party['replaced_by']}/{account.partition('/')[2]}")
    if party["active"]:
        return Gone(company, account, "deleted")
    return Gone(company, account, "closed" if party["name"] else "erased")


def _words(text: str, name: str, good: Any) -> list[str]:
    found = [one.strip() for one in text.split(",") if one.strip()]
    for one in found:
        if not good(one):
            raise _option(name, one)
    return found


def _option(name: str, value: str) -> dunning.UsageError:
    return dunning.UsageError(Text(f"选项 {name} 不能是“{value}”", f"the option {name} cannot be `{value}`"))
