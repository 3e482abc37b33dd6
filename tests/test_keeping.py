"""An adapter with a store beside it: what people write in the store is the account's, and news of it is found."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from importlib.metadata import EntryPoints
from pathlib import Path
from typing import Any

import pytest

import dunning
from dunning.adapter import (
    Adapter,
    AdapterError,
    AdapterPortfolio,
    Cursor,
    DependencyMissingError,
    Gone,
    Item,
    Mark,
    Source,
    beside,
    open_store,
)
from dunning.intake.records import Read, Rejected
from dunning.model.account import Account, Party
from dunning.testing.conformance import AdapterSuite, Bench
from households import charge, household, said
from shelf import Shelf
from templates import bench
from test_conformance import opens

ONE, OTHER = ("main", "A1"), ("main", "A2")
KEY = "b" * 32
SENT = replace(said("2026-03-02", "sent"), id=KEY, key=KEY, step="call", proof="C")
RESULT = {"outcome": "promised", "reason": "forgot", "promise": {"on": "2026-03-10"}}


class Box:
    """A store in memory; `put` notes a record of an account."""

    lists = ("contacts", "approvals", "holds", "disputes")

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], dict[str, list[Mapping[str, Any]]]] = {}
        self.log: list[tuple[str, str]] = []
        self.asked: list[int] = []

    def put(self, account: tuple[str, str], name: str, **record: Any) -> None:
        self.kept.setdefault(account, {}).setdefault(name, []).append(record)
        self.log.append(account)

    def records(self, accounts: Sequence[tuple[str, str]]) -> Mapping[tuple[str, str], Any]:
        self.asked.append(len(accounts))
        return {account: self.kept[account] for account in accounts if account in self.kept}

    def changes(self) -> int:
        return len(self.log)

    def changed_since(self, change: int) -> Iterable[tuple[str, str]]:
        return self.log[change:]

    def forget(self, party: str) -> None:
        self.log.append(("forgot", party))


class News(Shelf):
    """A shelf that tells as news the accounts named."""

    news: tuple[tuple[str, str], ...] = ()

    def accounts(self, since: Cursor | None) -> Iterator[Item]:
        if since is None:
            yield from super().accounts(None)
            return
        self.reads.append(since)
        yield from self.reread(self.news)
        yield Mark("2")


def owner(name: str, debtor: str = "", **more: Any) -> Account:
    return household(charge("2026-01-15"), id=name, company="main", debtor=Party(id=debtor or f"O-{name}"), **more)


def read(adapter: Adapter, account: tuple[str, str] = ONE) -> Any:
    return next(item for item in adapter.reread([account]) if isinstance(item, Read | Rejected | Account))


def accounts(adapter: Adapter, since: Cursor | None = None) -> list[str]:
    items = [item for item in adapter.accounts(since) if not isinstance(item, Mark)]
    return [item.account.id if isinstance(item, Read) else item.id for item in items]


def cursor(adapter: Adapter, since: Cursor | None = None) -> Cursor:
    return [item.cursor for item in adapter.accounts(since) if isinstance(item, Mark)][-1]


def test_what_people_wrote_about_a_contact_of_ours_is_told_with_it() -> None:
    box = Box()
    box.put(ONE, "contacts", id=KEY, at="2026-03-02T10:05:00+08:00", **RESULT)
    account = read(beside(Shelf(owner("A1", contacts=(SENT,))), box)).account
    (contact,) = account.contacts
    assert (contact.outcome, contact.reason, contact.step, contact.channel) == ("promised", "forgot", "call", "phone")
    assert (str(contact.promise.on), contact.proof, contact.key) == ("2026-03-10", "C", KEY)


def test_of_several_steps_one_contact_did_each_has_its_own_result() -> None:
    box, carried = Box(), replace(SENT, id="c" * 32, step="visit")
    box.put(ONE, "contacts", id=KEY, at="2026-03-02T10:00:00+08:00", outcome="promised")
    account = read(beside(Shelf(owner("A1", contacts=(SENT, carried))), box)).account
    assert [(each.step, each.outcome) for each in account.contacts] == [("call", "promised"), ("visit", "sent")]


def test_what_the_erp_cannot_keep_is_there_and_known() -> None:
    box = Box()
    approved = {"of": "formal_demand", "decision": "approved", "by": "u-1", "role": "legal"}
    box.put(ONE, "approvals", id="AP1", at="2026-03-01T09:00:00+08:00", **approved)
    box.put(ONE, "holds", id="H1", kind="contact", since="2026-03-01")
    bare = Shelf(owner("A1", unknown=("approvals",)), lists=frozenset({"charges", "holds"}))
    adapter = beside(bare, box)
    account = read(adapter).account
    assert ([one.by for one in account.approvals], [one.id for one in account.holds]) == (["u-1"], ["H1"])
    assert account.unknown == ()
    assert adapter.capabilities().lists == {"charges", "holds", "approvals", "disputes"}, "sent messages would be lost"
    assert beside(Shelf(lists=frozenset({"contacts"})), box).capabilities().lists >= {"contacts", "disputes"}


def test_by_the_same_id_the_erps_record_counts() -> None:
    box, hold = Box(), dunning.read_account({"id": "x", "holds": [{"id": "H1", "kind": "both", "since": "2026-01-01"}]})
    box.put(ONE, "holds", id="H1", kind="contact", since="2026-03-01", until="2026-03-02")
    (found,) = read(beside(Shelf(owner("A1", holds=hold.holds)), box)).account.holds
    assert (found.kind, found.until) == ("both", None)


def test_what_the_store_says_against_the_erp_rejects_the_account_with_the_place() -> None:
    box = Box()
    box.put(ONE, "holds", id="H1", kind="contact", since="2026-03-02", until="2026-03-01")
    found = read(beside(Shelf(owner("A1")), box))
    assert isinstance(found, Rejected)
    (finding,) = found.findings
    assert isinstance(finding.at, Source)
    assert (finding.at.table, finding.at.key) == ("dunning", "main/A1")


def test_accounts_without_anything_of_ours_come_as_they_are() -> None:
    box, gone = Box(), Gone("main", "A9", "closed")
    shelf = Shelf(*(owner(f"A{n}") for n in range(1, 1200)))
    shelf.items["main", "A9"] = gone
    found = [item for item in beside(shelf, box).accounts(None) if not isinstance(item, Mark)]
    assert all(mine is theirs for mine, theirs in zip(found, shelf.items.values(), strict=True))
    assert len(box.asked) <= 3, "they are looked up many at a time"


def test_news_is_what_either_of_them_has_and_a_debtor_comes_once() -> None:
    box = Box()
    shelf = News(owner("A1", "O-1"), owner("A2", "O-1"), owner("A3"), owner("A4"))
    adapter = beside(shelf, box)
    mark = cursor(adapter)
    assert json.loads(mark) == ["1", 0]
    assert accounts(adapter, mark) == []
    box.put(OTHER, "holds", id="H1", kind="contact", since="2026-03-01")
    box.put(("main", "A4"), "holds", id="H1", kind="contact", since="2026-03-01")
    shelf.news = (ONE,)
    assert accounts(adapter, mark) == ["A1", "A2", "A4"]
    assert accounts(adapter, cursor(adapter, mark)) == ["A1", "A2"], "the ERP's own news"
    shelf.news = ()
    assert accounts(adapter, cursor(adapter, mark)) == []
    assert [group.debtor for group in AdapterPortfolio(adapter, since=mark)] == ["O-1", "O-A4"]


def test_a_cursor_of_another_adapter_is_refused() -> None:
    with pytest.raises(AdapterError, match="no cursor of an adapter with a store"):
        list(beside(Shelf(), Box()).accounts("2026-03-01"))


def test_a_party_is_forgotten_in_the_store_and_where_the_adapter_can() -> None:
    box = Box()
    adapter = beside(Shelf(owner("A1")), box)
    assert adapter.capabilities().forgets
    adapter.forget("O-A1")
    assert box.log == [("forgot", "O-A1")]


def test_without_dunning_sql_it_is_said_how_to_get_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dunning.adapter.keeping.entry_points", lambda **_: EntryPoints())
    with pytest.raises(DependencyMissingError, match=r"pip install \./adapters/dunning-sql"):
        open_store("x.db")


class Forwards:
    """An adapter beside a store, whose inner one is set up by the bench: its ways of letting it die."""

    inner: Adapter
    outer: Adapter

    def __init__(self, inner: Adapter) -> None:
        self.__dict__["inner"], self.__dict__["outer"] = inner, beside(inner, Box())

    def __setattr__(self, name: str, value: object) -> None:
        setattr(self.inner, name, value)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.outer, name)


class TestWithAStore(AdapterSuite):
    """The template with a store beside it still does all that the contract says."""

    @pytest.fixture
    def erp(self, tmp_path: Path) -> Bench:
        return bench(tmp_path, opens(Forwards))
