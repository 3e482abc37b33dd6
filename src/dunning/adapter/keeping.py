"""An adapter with a store of our own beside it: for approvals, promises, holds and results of calls.

What nobody can write down is asked for again and again: the reason a call has found, the approval that was given. The
store is anything with these few methods; dunning-sql brings one.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import entry_points
from itertools import islice
from typing import Any, Protocol

from dunning.adapter.delivery import Delivery, Receipt, retold
from dunning.adapter.errors import AdapterError, DependencyMissingError
from dunning.adapter.lookup import KNOWN, SERVICES
from dunning.adapter.protocol import Adapter, Capabilities, Cursor, Gone, Item, Mark, PartyCard, Posting
from dunning.adapter.supply import place_of
from dunning.basis.finding import Text
from dunning.basis.span import Place, Source
from dunning.intake.files.writers import as_record
from dunning.intake.records import Read, Rejected, read
from dunning.model.account import Account

At = tuple[str, str]
Records = Mapping[str, Sequence[Mapping[str, Any]]]
"""Records of docs/reference/records.md, by list."""

AT_ONCE = 500
"""Accounts looked up in the store at a time."""

STORE = "dunning"
"""The table that findings name for what stands in the store."""


class Keeper(Protocol):
    """A store of records about accounts, by (company, account id); `dunning_sql.Store` is one."""

    @property
    def lists(self) -> Collection[str]:
        """The lists it can keep."""
        ...

    def records(self, accounts: Sequence[At]) -> Mapping[At, Records]:
        """What is kept about accounts."""
        ...

    def changes(self) -> int:
        """How many changes there have been."""
        ...

    def changed_since(self, change: int) -> Iterable[At]:
        """The accounts something changed of since then."""
        ...

    def forget(self, party: str) -> None:
        """Erase what is kept of a party."""
        ...


def beside(adapter: Adapter, keeper: Keeper) -> Adapter:
    """The adapter, with what the store keeps among its accounts' records; messages go the adapter's own way.

    By the same id the ERP's record counts; of a contact our delivery left, what people wrote in the store does. That
    contacts are known is said only where the adapter gives back those it delivered: else what was sent is forgotten.
    """
    return _Beside(adapter, keeper)


def open_store(address: str) -> Keeper:
    """The store of dunning-sql: the path of an SQLite file, or `postgresql://...`; made when it is opened first.

    DependencyMissingError where dunning-sql, or what it needs, is not installed.
    """
    try:
        (entry,) = entry_points(group=SERVICES, name="store")
        keeper: Keeper = entry.load()(address)
    except (ValueError, ModuleNotFoundError) as error:
        pip = KNOWN["sql"].pip
        raise DependencyMissingError(
            Text(
                f"选项 store 需要 dunning-sql; 在 dunning 的源码目录里运行: {pip}",
                f"the option store needs dunning-sql; in a copy of dunning's source, run: {pip}",
            )
        ) from error
    return keeper


class _Beside:
    """See dunning.adapter.Adapter."""

    def __init__(self, adapter: Adapter, keeper: Keeper) -> None:
        self.adapter = adapter
        self.keeper = keeper

    def capabilities(self) -> Capabilities:
        able = self.adapter.capabilities()
        return replace(able, lists=able.lists | (frozenset(self.keeper.lists) - {"contacts"}), forgets=True)

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        change = self.keeper.changes()  # before reading: what comes later, again
        if since is None:
            yield from self._with_ours(self.adapter.accounts(None), change)
            return
        theirs, ours = _read_to(since)
        wanted = dict.fromkeys(self.keeper.changed_since(ours))
        told: set[At | None] = set()
        marks: list[Mark] = []
        for item in self._with_ours(self.adapter.accounts(theirs), change):
            if isinstance(item, Mark):
                marks.append(item)
            else:
                told.add(_debtor_of(item))
                wanted.pop(place_of(item), None)
                yield item
        # A debtor comes once: who had news in the ERP came whole, with what the store has.
        more = self._with_ours(self.adapter.reread(list(wanted)), change) if wanted else ()
        yield from (item for item in more if _debtor_of(item) is None or _debtor_of(item) not in told)
        yield from marks

    def reread(self, ids: Iterable[At]) -> Iterator[Item]:
        return self._with_ours(self.adapter.reread(ids), 0)

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        return self.adapter.deliver(deliveries)

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        return self.adapter.cancel(keys, because)

    def receipts(self, since: Cursor | None) -> Iterator[Receipt | Mark]:
        return self.adapter.receipts(since)

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        return self.adapter.post(postings)

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        return self.adapter.parties(ids)

    def forget(self, party: str) -> None:
        self.keeper.forget(party)
        if self.adapter.capabilities().forgets:
            self.adapter.forget(party)

    def _with_ours(self, items: Iterable[Item], change: int) -> Iterator[Item]:
        left = iter(items)
        while batch := list(islice(left, AT_ONCE)):
            kept = self.keeper.records([place_of(item) for item in batch if not isinstance(item, Mark)])
            for item in batch:
                if isinstance(item, Mark):
                    yield Mark(json.dumps([item.cursor, change]))
                elif isinstance(item, Gone | Rejected) or not (ours := kept.get(place_of(item))):
                    yield item
                else:
                    yield _together(item if isinstance(item, Read) else Read(item), ours)


def _together(item: Read, ours: Records) -> Read | Rejected:
    """An account with the store's records among its own, read once more: together they may contradict each other."""
    account = item.account
    whole = as_record(account)
    for name, records in ours.items():
        mine: list[dict[str, Any]] = [*whole.get(name, ())]
        known = {record[told]: place for told in ("key", "id") for place, record in enumerate(mine) if record.get(told)}
        for record in records:
            place = known.get(record.get("id"))
            if place is None:
                mine.append(dict(record))
            elif name == "contacts":
                mine[place] = retold(record, mine[place])
        whole[name] = mine
    unknown = [name for name in account.unknown if name not in ours]

    def where(path: tuple[str | int, ...]) -> Place:
        column = ".".join(str(part) for part in path if isinstance(part, str))
        return Source(STORE, f"{account.company}/{account.id}", column)

    found = read({**whole, "unknown": unknown}, where=where)
    if isinstance(found, Rejected):
        return found
    codes = {each.code for each in item.findings}  # what the ERP's records alone say is told with their own places
    told = tuple(each for each in found.findings if each.code not in codes)
    return Read(found.account, (*item.findings, *told))


def _debtor_of(item: Item) -> At | None:
    """Whose account it is; None of one that is gone or names nobody."""
    match item:
        case Read(account=account) | (Account() as account):
            return account.company, account.debtor.id
        case Rejected(company=company, debtor=debtor) if debtor:
            return company, debtor
    return None


def _read_to(cursor: Cursor) -> tuple[Cursor, int]:
    """What a cursor of ours says: the adapter's own, and how many changes there were in the store."""
    try:
        theirs, change = json.loads(cursor)
        return str(theirs), int(change)
    except (ValueError, TypeError) as error:
        told = Text(f"这不是带库的适配器的游标: {cursor}", f"this is no cursor of an adapter with a store: {cursor}")
        raise AdapterError(told) from error
