"""An ERP on a shelf: accounts in a dict, deliveries in a list, and nothing that goes wrong unless a test says so."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from dunning.adapter import (
    Capabilities,
    Delivery,
    Gone,
    Item,
    Mark,
    PartyCard,
    Posting,
    Receipt,
    RefusedError,
)
from dunning.intake.headers import LISTS
from dunning.model.account import SHANGHAI, Account

NOON = datetime(2026, 6, 25, 12, tzinfo=SHANGHAI)  # a Thursday


class Shelf:
    """`items` by (company, id), in the order they were put there: accounts, the rejected, those gone."""

    def __init__(self, *accounts: Account, **declared: Any) -> None:
        self.items: dict[tuple[str, str], Item] = {(one.company, one.id): one for one in accounts}
        self.declared = {"delivers": True, "changes": "complete", "lists": frozenset(LISTS) - {"accounts"}, **declared}
        self.delivered: list[Delivery] = []
        self.reads: list[str | None] = []

    def capabilities(self) -> Capabilities:
        return Capabilities(name="shelf", **self.declared)

    def accounts(self, since: str | None) -> Iterator[Item]:
        self.reads.append(since)
        yield from self.items.values()
        yield Mark("1")

    def reread(self, ids: Iterable[tuple[str, str]]) -> Iterator[Item]:
        wanted = list(ids)
        debtors = {
            (one.company, one.debtor.id)
            for one in self.items.values()
            if isinstance(one, Account) and (one.company, one.id) in wanted
        }
        for at in wanted:
            found = self.items.get(at)
            if not isinstance(found, Account):
                yield found or Gone(*at, "deleted")
        for one in self.items.values():
            if isinstance(one, Account) and (one.company, one.debtor.id) in debtors:
                yield one

    def deliver(self, deliveries: Sequence[Delivery]) -> Sequence[Receipt]:
        self.delivered.extend(deliveries)
        return [Receipt(one.key, "accepted", NOON) for one in deliveries]

    def cancel(self, keys: Sequence[str], because: str) -> Sequence[Receipt]:
        return [Receipt(key, "too_late", NOON, detail=because) for key in keys]

    def receipts(self, since: str | None) -> Iterator[Receipt | Mark]:
        assert since is None
        for one in self.delivered:
            yield Receipt(one.key, "accepted", NOON)

    def post(self, postings: Sequence[Posting]) -> Sequence[str]:
        raise RefusedError.to("shelf", f"post {len(postings)}")

    def parties(self, ids: Iterable[str]) -> Iterator[PartyCard]:
        raise RefusedError.to("shelf", f"parties {list(ids)}")

    def forget(self, party: str) -> None:
        raise RefusedError.to("shelf", f"forget {party}")
