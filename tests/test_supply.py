"""An adapter as a portfolio: a debtor's accounts together, what the source lacks unknown, the gone set apart."""

from __future__ import annotations

from dataclasses import replace

import pytest

import dunning
from dunning.adapter import AdapterError, AdapterPortfolio, Capabilities, Gone, supplied
from dunning.adapter.supply import lacking
from dunning.intake.records import Read, Rejected
from dunning.model.account import Account, Contact, Party
from households import charge, household, said
from shelf import Shelf

READS_CHARGES = Capabilities(name="shelf", lists=frozenset({"charges"}))


def owner(name: str, debtor: str = "", company: str = "main") -> Account:
    debtor = debtor or f"O-{name}"
    return household(charge("2026-01-15"), id=name, company=company, debtor=Party(id=debtor))


def unreadable(debtor: str | None = None) -> Rejected:
    data = {"id": "B1", "charges": [{"id": "Q1", "amount": "x", "due": "2026-01-15"}]}
    found = dunning.read({**data, "debtor": {"id": debtor}} if debtor else {**data, "debtor": {"id": 7}})
    assert isinstance(found, Rejected)
    return found


def groups(portfolio: AdapterPortfolio) -> list[tuple[str, list[str], int]]:
    return [(group.debtor, [one.id for one in group.accounts], len(group.rejected)) for group in portfolio]


def test_a_debtors_accounts_are_one_group() -> None:
    portfolio = AdapterPortfolio(Shelf(owner("A1", "O-1"), owner("A2", "O-1"), owner("A3", "O-3")))
    assert groups(portfolio) == [("O-1", ["A1", "A2"], 0), ("O-3", ["A3"], 0)]
    assert portfolio.count is None
    assert portfolio.cursor == "1"


def test_the_same_debtor_in_two_companies_is_two() -> None:
    portfolio = AdapterPortfolio(Shelf(owner("A1", "O-1"), owner("A1", "O-1", "other")))
    assert groups(portfolio) == [("O-1", ["A1"], 0), ("O-1", ["A1"], 0)]


def test_what_cannot_be_read_stays_with_its_debtor() -> None:
    shelf = Shelf(owner("A1", "O-1"))
    shelf.items["main", "B1"] = unreadable("O-1")
    shelf.items["main", "A2"] = owner("A2", "O-1")
    assert groups(AdapterPortfolio(shelf)) == [("O-1", ["A1", "A2"], 1)]


def test_what_cannot_be_read_and_has_no_debtor_stands_alone() -> None:
    shelf = Shelf(owner("A1", "O-1"))
    shelf.items["", ""] = unreadable()
    assert groups(AdapterPortfolio(shelf)) == [("O-1", ["A1"], 0), ("", [], 1)]


def test_who_is_gone_is_listed_apart() -> None:
    shelf = Shelf(owner("A1"))
    shelf.items["main", "A0"] = Gone("main", "A0", "merged", "A1")
    portfolio = AdapterPortfolio(shelf)
    assert groups(portfolio) == [("O-A1", ["A1"], 0)]
    assert portfolio.gone == [Gone("main", "A0", "merged", "A1")]
    assert groups(portfolio) == [("O-A1", ["A1"], 0)]  # iterating twice gives the same twice
    assert len(portfolio.gone) == 1


def test_a_debtor_who_comes_twice_stops_the_run() -> None:
    """Somebody's cap would be counted from half of their contacts: no result is better than that one."""
    portfolio = AdapterPortfolio(Shelf(owner("A1", "O-1"), owner("A2", "O-2"), owner("A3", "O-1")))
    with pytest.raises(AdapterError, match=r"together.*O-1"):
        groups(portfolio)


def test_news_are_read_from_the_cursor() -> None:
    shelf = Shelf(owner("A1"))
    groups(AdapterPortfolio(shelf, since="7"))
    assert shelf.reads == ["7"]


def test_what_a_source_has_no_table_for_is_unknown() -> None:
    read = supplied(owner("A1"), READS_CHARGES)
    assert isinstance(read, Read)
    assert {"contacts", "payments", "disputes", "holds"} <= set(read.account.unknown)
    assert "charges" not in read.account.unknown


def test_what_an_account_has_all_the_same_is_not_unknown() -> None:
    """A list the adapter fills for some accounts only, without declaring it."""
    contact: Contact = said("2026-02-01", "reached")
    read = supplied(replace(owner("A1"), contacts=(contact,)), READS_CHARGES)
    assert isinstance(read, Read)
    assert "contacts" not in read.account.unknown


def test_what_the_adapter_said_itself_is_kept_and_nothing_said_twice() -> None:
    read = supplied(replace(owner("A1"), unknown=("area", "contacts")), READS_CHARGES)
    assert isinstance(read, Read)
    assert read.account.unknown[:2] == ("area", "contacts")
    assert len(set(read.account.unknown)) == len(read.account.unknown)
    assert supplied(read, READS_CHARGES) is read


def test_the_lists_a_source_lacks_are_told() -> None:
    (finding,) = lacking(READS_CHARGES)
    assert "联系记录" in finding.message("zh")
    assert "contacts" in finding.message("en")
    assert "charges" not in finding.message("en")
    assert lacking(Shelf().capabilities()) == ()
