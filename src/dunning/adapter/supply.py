"""An adapter as a portfolio: groups by debtor, what the source cannot supply said, what is gone counted.

What an ERP has no table for is unknown, never empty: an adapter need not think of it, for it is seen to here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dunning.adapter.errors import AdapterError
from dunning.adapter.protocol import Adapter, Capabilities, Cursor, Gone, Item, Mark
from dunning.basis.finding import Finding, Text
from dunning.intake.groups import Group, Portfolio, RawGroup, group_of
from dunning.intake.headers import LISTS
from dunning.intake.records import Read, Rejected
from dunning.model.account import Account


@dataclass(frozen=True, slots=True)
class _Items(RawGroup):
    """The accounts of one debtor, read already."""

    items: tuple[Read | Rejected, ...]

    def read(self) -> Group:
        return group_of(self.items)


class AdapterPortfolio(Portfolio):
    """All accounts of an adapter, or those with news since a cursor, as groups by debtor.

    `count` is None: no ERP is asked to count. After a pass `gone` are the accounts it reported as gone, and `cursor` is
    the last mark: store it once the results of the pass are safe. AdapterError if a debtor's accounts do not come
    together, for then caps could not be kept.
    """

    count = None

    def __init__(self, adapter: Adapter, *, since: Cursor | None = None) -> None:
        self.adapter = adapter
        self.since = since
        self.cursor: Cursor | None = None
        self.gone: list[Gone] = []

    def raw(self) -> Iterator[RawGroup]:
        capabilities = self.adapter.capabilities()
        self.gone, self.cursor = [], None
        together: list[Read | Rejected] = []
        debtor: tuple[str, str] | None = None
        seen: set[int] = set()
        for item in self.adapter.accounts(self.since):
            if isinstance(item, Mark):
                self.cursor = item.cursor
            elif isinstance(item, Gone):
                self.gone.append(item)
            else:
                found = supplied(item, capabilities)
                if debtor is not None and _debtor(found) != debtor:
                    yield _Items(tuple(together))
                    together = []
                if _debtor(found) != debtor:
                    debtor = _debtor(found)
                    _first_time(debtor, seen, capabilities)
                together.append(found)
        if together:
            yield _Items(tuple(together))


def supplied(item: Item, capabilities: Capabilities) -> Read | Rejected:
    """An account as an adapter gave it, with every list its source does not supply among its `unknown`."""
    if isinstance(item, Rejected):
        return item
    assert isinstance(item, (Read, Account))
    read = item if isinstance(item, Read) else Read(item)
    lacking = [
        name
        for name in LISTS
        if name != "accounts" and name not in capabilities.lists and not getattr(read.account, name)
    ]
    unknown = tuple(dict.fromkeys((*read.account.unknown, *lacking)))
    return read if unknown == read.account.unknown else replace(read, account=replace(read.account, unknown=unknown))


def place_of(item: Account | Read | Rejected | Gone) -> tuple[str, str]:
    """Which account an item is of: (company, id)."""
    account = item.account if isinstance(item, Read) else item
    return account.company, account.id


def present(items: Iterable[Item]) -> set[tuple[str, str]]:
    """The accounts among them that there are, readable or not, by (company, id)."""
    return {place_of(item) for item in items if not isinstance(item, Gone | Mark)}


def lacking(capabilities: Capabilities) -> tuple[Finding, ...]:
    """What is to be said of the lists that a source does not supply."""
    names = [name for name in LISTS if name != "accounts" and name not in capabilities.lists]
    if not names:
        return ()
    told = Text("、".join(LISTS[name][0] for name in names), ", ".join(names))
    # where a mapping says what there is, this says that there is none
    fix = "\n".join(f"{name}: none" for name in names) if capabilities.name == "sql" else ""
    return (Finding("P406", args={"name": capabilities.name, "lists": told}, fix=fix),)


def _debtor(found: Read | Rejected) -> tuple[str, str]:
    """A rejected account whose debtor could not be read is a debtor of its own."""
    if isinstance(found, Read):
        return found.account.company, found.account.debtor.id
    return found.company, found.debtor or f"?{found.id}"


def _first_time(debtor: tuple[str, str], seen: set[int], capabilities: Capabilities) -> None:
    """A debtor comes once; 8 bytes of hash each, so that ten million can be watched."""
    mark = hash(debtor)
    if mark in seen:
        name, who = capabilities.name, debtor[1]
        raise AdapterError(
            Text(
                f"适配器 {name} 给出的户没有按欠费人排在一起: {who} 出现了两次",
                f"the adapter {name} does not give a debtor's accounts together: {who} came up twice",
            )
        )
    seen.add(mark)
