"""Facts of what was said, made of arrays, where days and amounts stand exactly at the edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from columns_facts import differences
from dunning.columns.arrears import Arrears
from dunning.columns.facts import OF_ACCOUNT, OF_CHARGE, facts_of
from dunning.columns.ledgers import ledgers
from dunning.columns.packing import pack
from dunning.columns.promises import counting, promises_of
from dunning.columns.talks import talks_of
from dunning.intake.records import Read, read
from dunning.model.account import Account, Contact, Party
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Promises
from households import BOOK, charge, day, demand, dispute, household, paid, promised, said

FEBRUARY = charge("2026-02-02")
"""Overdue from 3 February on."""


def told(fact: str, *accounts: Account, on: str, book: RuleBook = BOOK) -> object:
    """A fact of the first of these accounts, after the engine has said the same."""
    assert differences(accounts, book, day(on)) == []
    batch = pack(accounts)
    return facts_of(batch, ledgers(batch, book, day(on)), book, day(on), [fact]).of_accounts[fact].at(0)


def test_a_charge_named_twice_is_promised_once() -> None:
    promise = promised("2026-03-01", "2026-03-10", charges=(FEBRUARY.id, FEBRUARY.id))
    account = household(FEBRUARY, contacts=[promise], payments=[paid("2026-03-05", "1000.00")])
    assert told("broken_promises", account, on="2026-03-15") == 0


@pytest.mark.parametrize(("due", "broken"), [("2026-03-09", 1), ("2026-03-10", 0)])
def test_where_nothing_was_overdue_a_promise_is_of_what_is_overdue_on_its_day(due: str, broken: int) -> None:
    account = household(charge(due), contacts=[promised("2026-03-01", "2026-03-10")])
    assert told("broken_promises", account, on="2026-03-15") == broken


def test_a_promise_for_a_day_gone_by_is_kept_where_nothing_was_overdue_then() -> None:
    account = household(
        charge("2026-03-09"), contacts=[promised("2026-03-05", "2026-03-01")], payments=[paid("2026-03-03", "1.00")]
    )
    assert told("broken_promises", account, on="2026-03-15") == 0


def counts(account: Account, on: str, in_a_row: int) -> Sequence[bool]:
    book = replace(BOOK, promises=Promises(in_a_row=in_a_row))
    assert differences([account], book, day(on)) == []
    batch = pack([account])
    of = Arrears(batch, ledgers(batch, book, day(on)), book, day(on))
    found: list[bool] = counting(of, promises_of(of, talks_of(batch, day(on)))).tolist()
    return found


@pytest.mark.parametrize(("made", "rests"), [("2026-02-03", False), ("2026-02-02", True)])
def test_a_promise_stands_in_a_row_from_the_first_day_of_the_episode(made: str, rests: bool) -> None:
    account = household(FEBRUARY, contacts=[promised(made, "2026-02-05"), promised("2026-02-06", "2026-02-20")])
    assert counts(account, "2026-02-10", 1) == [False, rests]


def test_a_promise_kept_begins_the_row_anew() -> None:
    said_so = [
        promised("2026-02-03", "2026-02-05"),
        promised("2026-02-06", "2026-02-08", "1.00"),
        promised("2026-02-09", "2026-02-20"),
    ]
    account = household(FEBRUARY, contacts=said_so, payments=[paid("2026-02-07", "1.00")])
    assert counts(account, "2026-02-10", 1) == [False, False, True]
    assert counts(replace(account, payments=()), "2026-02-10", 1) == [False, False, False]


def test_midnight_in_china_begins_the_day_whatever_zone_wrote_the_time() -> None:
    """16:00 UTC is the next day; a time without zone is China's."""
    times = ("2026-02-09T15:59:59Z", "2026-02-09T16:00:00Z", "2026-02-10T00:00:00", "2026-02-10T00:00:00+08:00")
    records = [{"id": f"C{n}", "at": at, "channel": "phone", "outcome": "no_answer"} for n, at in enumerate(times)]
    found = read({"id": "A1", "debtor": {"id": "O1"}, "charges": [], "contacts": records})
    assert isinstance(found, Read)
    assert told("contacts_7d", found.account, on="2026-02-15") == 4
    assert told("contacts_7d", found.account, on="2026-02-16") == 3
    assert told("last_contact_on", found.account, on="2026-02-09") == day("2026-02-09").toordinal()
    assert told("unreachable_streak", found.account, on="2026-02-09") == 1


def test_an_account_with_a_time_no_array_holds_harms_no_other() -> None:
    elsewhere = Contact(id="C", at=datetime(2026, 2, 9, 16, tzinfo=UTC), channel="phone")
    odd = household(id="B1", debtor=Party(id="O2"), contacts=[elsewhere])
    assert told("contacts_7d", household(contacts=[said("2026-02-10")]), odd, on="2026-02-15") == 1


def test_a_person_is_contacted_on_all_accounts_and_once_where_two_tell_of_it() -> None:
    call = said("2026-02-10", "no_answer", key="K")
    first = household(contacts=[call])
    second = household(id="A2", contacts=[replace(call, id="other"), replace(call, id="third", key=None)])
    assert told("contacts_7d", first, second, on="2026-02-11") == 2
    assert told("unreachable_streak", first, second, on="2026-02-11") == 2


def test_what_one_account_lacks_is_unknown_of_the_person_and_of_no_other_account() -> None:
    first, second = household(), household(id="A2", unknown=("contacts.outcome",))
    assert str(told("contacts_7d", first, second, on="2026-02-11")).find("contacts.outcome") > 0
    assert told("refused", first, second, on="2026-02-11") is False


@pytest.mark.parametrize(("on", "expired"), [("2026-02-27", False), ("2026-02-28", True)])
def test_a_demand_is_expired_the_day_after_its_last_day(on: str, expired: bool) -> None:
    account = household(FEBRUARY, contacts=[demand("2026-02-12")])
    assert told("demand_delivered", account, on="2026-02-12") is True
    assert told("demand_expired", account, on=on) is expired


def test_a_demand_without_names_is_about_what_was_overdue_before_that_day() -> None:
    later = charge("2026-02-12")
    account = household(FEBRUARY, later, contacts=[demand("2026-02-12")])
    assert differences([account], BOOK, day("2026-03-20")) == []
    batch = pack([account])
    found = facts_of(batch, ledgers(batch, BOOK, day("2026-03-20")), BOOK, day("2026-03-20"), (), OF_CHARGE).of_charges
    assert [found["charge_demand_delivered"].at(row) for row in range(2)] == [True, False]


def test_hardship_is_known_where_one_source_says_so_whatever_another_lacks() -> None:
    pleads = household(FEBRUARY, contacts=[said("2026-02-10", reason="hardship")], unknown=("debtor.tags",))
    contests = household(disputes=[dispute("2026-02-10", "hardship")], unknown=("contacts",))
    silent = household(FEBRUARY, unknown=("contacts", "disputes"))
    assert told("hardship", pleads, on="2026-02-11") is True
    assert told("hardship", contests, on="2026-02-11") is True
    assert told("hardship", silent, on="2026-02-11") not in (True, False)


def test_of_nobody_there_are_no_facts() -> None:
    batch = pack([])
    found = facts_of(batch, ledgers(batch, BOOK, day("2026-02-11")), BOOK, day("2026-02-11"), OF_ACCOUNT, OF_CHARGE)
    assert not len(found.said.talks.of_person.rows)
    assert not len(counting(found.said.owed, found.said.promises))
