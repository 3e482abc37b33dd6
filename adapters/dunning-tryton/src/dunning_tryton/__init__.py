"""Tryton 7 and 8 over JSON-RPC: open receivables in, actions out as notes on the party, receipts back from notes.

Tryton's own dunning asks for an invoice's full amount until it is paid in full. Here payments count when they arrive.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

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
    beside,
    open_store,
    present,
)
from dunning.adapter.folios import account_of, debtor_of, or_gone
from dunning.adapter.notes import HEAD, Note, Notes, message_of, receipt_of, reply, taken
from dunning.adapter.options import Items, OfAll, choice, numbers, whole
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
"""What it can do at most, but for what is said of all accounts: `holds` where account_dunning is installed."""

OVERLAP = timedelta(minutes=15)
"""How far behind its cursor a read begins: a row bears the time its transaction began, and is seen when that ends."""

NAMED = 1000
"""How many parties are named in one question."""

OURS = ["message", "like", f"{HEAD}%"]
PARTY = ("active", "replaced_by", "name")
MECHANISMS = ("phone", "mobile", "email", "wechat")


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
    none: str = "",
    store: str = "",
    page: str = "200",
    timeout: str = "60",
) -> Adapter:
    """The companies of a Tryton database that `user` may see.

    `companies`: only these, by id (`1,3`). `items`: what product or account codes are for, `PM:property_fee,W:utility`,
    `*` for all others (without it: property_fee); a code of `late_fee` is one billed by hand. `holds`: `none` where the
    module account_dunning is not installed. What Tryton has no field for may be said of all accounts: their `use`
    (`residential`), their `place` (`CN-3301`), whether every contract has a `late_fee_clause` (`yes`, `no`), of what
    there is `none` anywhere (`disputes,plans`); what is not said is unknown. `page`: parties read at a time. `timeout`:
    seconds for one answer.
    `store`: a file or address for what Tryton cannot keep (approvals, promises, holds, disputes, results of calls); it
    needs dunning-sql.
    """
    dunned = choice("holds", holds, ("dunning", "none")) == "dunning"
    supplied = CAPABILITIES.lists if dunned else CAPABILITIES.lists - {"holds"}
    of_all = OfAll.read(supplied, use=use, place=place, late_fee_clause=late_fee_clause, none=none)
    capabilities = replace(CAPABILITIES, lists=supplied | of_all.lists)
    said = Said(Items.read("items", items), of_all.fields, holds=dunned)
    server = Server(url, database, user, password, whole("timeout", timeout))
    adapter = Tryton(server, capabilities, numbers("companies", companies), said, whole("page", page))
    return beside(adapter, open_store(store)) if store else adapter


class Tryton:
    """One database. Nothing is kept between two calls but the session."""

    def __init__(self, server: Server, capabilities: Capabilities, only: frozenset[int], said: Said, page: int) -> None:
        self.server = server
        self.able = capabilities
        self.only = only
        self.said = said
        self.page = page

    def capabilities(self) -> Capabilities:
        return self.able

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        companies = self._companies()
        read_to = self.server.site.asked().isoformat()  # before reading: what comes later, again
        news = None if since is None else self._news(datetime.fromisoformat(since) - OVERLAP)
        for company in companies:
            for parties in self._pages(news):
                yield from self._accounts(company, parties)
        yield Mark(read_to)

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        asked = list(ids)
        debtors = sorted({int(debtor) for _, account in asked if (debtor := debtor_of(account)).isdecimal()})
        pages = list(self._pages(debtors))
        read = (item for company in self._companies() for page in pages for item in self._accounts(company, page))
        parties = {str(row["id"]): row for page in pages for row in page}
        return or_gone(asked, read, why=lambda company, account: _gone(company, account, parties))

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        """All of them are written in one call: they are in Tryton together, or none is."""
        there = present(self.reread((one.company, one.account) for one in deliveries))
        notes = self._notes(debtor_of(account) for _, account in there)
        written: list[Row] = []

        def write(one: Delivery) -> Note:
            written.append(_note(one.account, message_of(one)))
            return note_of({**written[-1], "id": 0, "create_date": self.server.site.asked()})

        receipts = taken(deliveries, there, lambda _: notes, write, self.server.site.asked)
        self._write(written)
        return receipts

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        about = ["OR", *([["message", "like", f"{HEAD}{key} %"]] for key in keys)]
        before = Notes.of(map(note_of, self._chat([about]))) if keys else Notes()
        known = [before.found[key] for key in dict.fromkeys(keys) if key in before.found]
        waiting = [one.delivery for one in known if one.receipt.state == "accepted"]
        self._write([_note(one.account, reply(one.key, "cancelled", because)) for one in waiting])
        after = self._notes(debtor_of(one.delivery.account) for one in known)  # it may have been sent in between
        return [after.taken_back(key, because, self.server.site.asked()) for key in keys]

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        self._companies()
        read_to = self.server.site.asked().isoformat()
        newer = [] if since is None else [["create_date", ">=", datetime.fromisoformat(since) - OVERLAP]]
        rows = sorted(self._chat(newer), key=lambda row: int(row["id"]))
        yield from filter(None, map(receipt_of, map(note_of, rows)))
        yield Mark(read_to)

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        del postings  # a late fee in Tryton is a move on accounts that only its accountant can choose
        raise RefusedError.to(CAPABILITIES.name, "post")

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        numbers = [int(one) for one in ids if one.isdecimal()]
        known: dict[int, dict[str, str]] = defaultdict(dict)
        theirs = [["party", "in", numbers], ["active", "=", True]]
        for row in self.server.read("party.contact_mechanism", theirs, ("party", "type", "value")):
            if row["type"] in MECHANISMS:
                known[row["party"]].setdefault(row["type"], row["value"])
        for row in self.server.read("party.address", theirs, ("party", "full_address")):
            known[row["party"]].setdefault("address", row["full_address"])
        for row in self.server.read("party.party", [["id", "in", numbers]], PARTY):
            yield PartyCard.of(row["id"], row["name"], **known[row["id"]])

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
        ledger = Ledger.read(self.server, company, [row["id"] for row in parties if row["active"]], self.said)
        billed = self._addresses(company, [row["id"] for row in parties if not row["active"]])
        for row in parties:
            if row["active"]:
                yield from ledger.accounts(row["id"])
            for address in billed.get(row["id"], ()):
                yield _gone(str(company["id"]), account_of(row["id"], str(address)), {str(row["id"]): row})

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


def _note(account: str, message: str) -> Row:
    return {"resource": f"party.party,{debtor_of(account)}", "message": message}


def _gone(company: str, account: str, parties: Mapping[str, Row]) -> Gone:
    """Why an account is no longer there, by what became of its party."""
    party = parties.get(debtor_of(account))
    if party is None or (party["active"] and not party["replaced_by"]):
        return Gone(company, account, "deleted")
    if party["replaced_by"]:
        return Gone(company, account, "merged", account_of(party["replaced_by"], account.partition("/")[2]))
    return Gone(company, account, "closed" if party["name"] else "erased")
