"""Households looked at in arrays: which charges count and in which order, what was done, how conditions come out."""

from __future__ import annotations

from dataclasses import replace

import pytest

from both_ways import DUE, actions, codes
from dunning.model.account import Account, Contact
from dunning.model.anchor import AnchorWindow, Duration
from dunning.model.condition import All
from dunning.model.rulebook import Payments
from dunning.model.steps import Channels, Retired
from escalation import after, book, did, step
from households import charge, household, opening, paid, promised, said
from test_ladder import at_least, is_

Q1 = charge("2026-01-15", name="Q1")
Q2 = charge("2026-02-16", name="Q2")
CALL = step("call", 3)


def late(*contacts: Contact, **more: object) -> Account:
    return household(Q1, contacts=list(contacts) or [said("2026-01-10")], **more)


# Charges


def test_steps_of_charges_come_in_the_order_of_the_ledger() -> None:
    account = household(
        charge("2026-01-15", name="b"), charge("2026-01-15", name="a"), charge("2026-01-14", name="z"),
        contacts=[said("2026-01-10")],
    )  # fmt: skip
    assert list(codes("2026-02-10", book(step("call", 3, of="charge", when=is_("refused", True))), account)) == [
        "call/z", "call/a", "call/b"
    ]  # fmt: skip
    (row,) = actions("2026-02-10", book(CALL), account)
    assert row["charges"] == ["z", "a", "b"]


def test_what_little_is_left_of_a_charge_is_not_chased() -> None:
    rules = book(CALL, payments=Payments(chase_from=100))
    almost = [paid("2026-01-15", "999.01")]
    assert codes("2026-02-10", rules, late(payments=almost)) == {"call": "not_yet"}
    assert codes("2026-02-10", rules, late(payments=[paid("2026-01-15", "999.00")])) == {"call": DUE}


def test_a_late_fee_alone_is_spoken_of_and_calls_for_nothing() -> None:
    fee_left = household(
        Q1, Q2, contacts=[said("2026-01-10")], payments=[paid("2026-02-10", "1000.00", "Q1")]
    )  # fmt: skip
    (row,) = actions("2026-03-10", book(CALL), fee_left)
    assert (row["charges"], row["ask_principal"]) == (["Q1", "Q2"], 100000)
    assert codes("2026-02-12", book(CALL), fee_left) == {"call": "not_yet"}


def test_what_is_overdue_goes_before_what_is_not() -> None:
    rules = book(step("early", window=AnchorWindow(after(-5))), CALL, catch_up="all")
    both = household(Q1, charge("2026-02-12", name="Q2"), contacts=[said("2026-01-10")])
    assert codes("2026-02-10", rules, both) == {"early": DUE, "call": DUE}
    assert codes("2026-02-10", rules, replace(both, charges=both.charges[1:])) == {"early": DUE, "call": "not_yet"}


def test_of_an_opening_balance_nobody_knows_when_a_step_is_due() -> None:
    told = household(opening("2025-12-31"), contacts=[said("2026-01-20")])
    at_once = step("at_once")
    assert codes("2026-02-10", book(CALL, at_once, catch_up="all"), told) == {"call": "unknown", "at_once": DUE}
    dated = replace(told, charges=(*told.charges, Q2))
    assert codes("2026-02-18", book(CALL), dated) == {"call": "not_yet"}
    assert codes("2026-02-19", book(CALL), dated) == {"call": DUE}


def test_an_opening_balance_known_only_later_is_none_yet() -> None:
    later = replace(opening("2026-05-01"), due=Q1.due)
    account = household(later, Q2, contacts=[said("2026-01-10")])
    assert codes("2026-03-10", book(step("call", 3, of="charge")), account) == {"call/Q2": DUE}


# What was done


def test_a_step_was_done_under_its_old_names_too() -> None:
    rules = book(CALL, retired=(Retired("ring", now="call"), Retired("dial", now="call")))
    for name in ("call", "ring", "dial"):
        assert codes("2026-02-10", rules, late(did("2026-02-02", name))) == {"call": "done"}
    assert codes("2026-02-10", rules, late(did("2026-02-02", "else"))) == {"call": DUE}


def test_who_calls_us_does_no_step() -> None:
    assert codes("2026-02-10", book(CALL), late(did("2026-02-02", "call", inbound=True))) == {"call": DUE}


def test_what_is_told_of_another_account_is_not_about_this_one() -> None:
    assert codes("2026-02-10", book(CALL), late(did("2026-02-02", "call", account="A9"))) == {"call": DUE}
    assert codes("2026-02-10", book(CALL), late(did("2026-02-02", "call", account="A1"))) == {"call": "done"}


def test_a_contact_names_charges_of_its_own_alone() -> None:
    rules = book(step("call", 3, of="charge"))
    first = household(Q1, Q2, contacts=[did("2026-02-20", "call", charges=("Q1", "gone"))])
    others = [
        replace(first, id=f"A{n}", debtor=replace(first.debtor, id=f"O{n}"),
                contacts=tuple(replace(each, charges=("Q2",), id=f"C{n}") for each in first.contacts))
        for n in (2, 3)
    ]  # fmt: skip
    assert codes("2026-02-25", rules, first, *others) == {"call/Q1": "done", "call/Q2": DUE}
    assert codes("2026-02-25", rules, *others, first) == {"call/Q1": DUE, "call/Q2": "done"}
    nothing = household(Q1, Q2, contacts=[did("2026-02-20", "call", charges=())])
    assert codes("2026-02-25", rules, nothing, *others) == {"call/Q1": DUE, "call/Q2": DUE}


# The ladder's gap


@pytest.mark.parametrize(("on", "wanted"), [("2026-02-04", "min_gap"), ("2026-02-05", DUE)])
def test_the_ladder_leaves_days_between_its_contacts(on: str, wanted: str) -> None:
    rules = book(CALL, step("visit", 8, action="visit"), min_gap=Duration(3, "d"))
    assert codes(on, rules, late(did("2026-02-02", "call")))["visit"] == wanted
    assert codes(on, rules, late(did("2026-02-02", "call", "no_answer")))["visit"] == DUE


def test_a_gap_is_of_the_household_whose_ladder_it_is() -> None:
    rules = book(CALL, step("visit", 8, action="visit"), min_gap=Duration(3, "d"))
    just, long_ago = late(did("2026-02-02", "call")), late(did("2026-01-26", "call"), id="A2")
    other = replace(long_ago, debtor=replace(long_ago.debtor, id="O2"))
    assert codes("2026-02-04", rules, other, just)["visit"] == DUE
    assert codes("2026-02-04", rules, just, other)["visit"] == "min_gap"


def test_a_gap_in_hours_ends_at_an_hour() -> None:
    rules = book(CALL, step("visit", 8, action="visit"), min_gap=Duration(48, "h"))
    account = late(did("2026-02-02T17:30", "call"))
    (row,) = actions("2026-02-04", rules, account)
    assert str(row["not_before"]).startswith("2026-02-04 17:30")
    (row,) = actions("2026-02-05", rules, account)
    assert "17:30" not in str(row["not_before"])
    assert codes("2026-02-03", rules, account)["visit"] == "min_gap"


def test_the_gap_is_the_ladders_and_no_reminder_keeps_it() -> None:
    note = step("note", 4, action="send_message", late="keep")
    rules = book(CALL, step("visit", 8, action="visit"), reminders=(note,), min_gap=Duration(3, "d"))
    assert codes("2026-02-03", rules, late(did("2026-02-02", "call")))["note"] == DUE
    assert codes("2026-02-03", rules, late(did("2026-02-02", "note", "sent", "sms")))["visit"] == DUE


# Conditions


def test_a_condition_about_charges_is_asked_of_each() -> None:
    rules = book(step("call", 3, of="charge", when=at_least("charge_overdue_days", 20)))
    account = household(Q1, Q2, contacts=[said("2026-01-10")])
    assert codes("2026-02-25", rules, account) == {"call/Q1": DUE, "call/Q2": "condition"}


def test_a_condition_about_charges_and_their_account_is_asked_of_both() -> None:
    when = All((at_least("charge_overdue_days", 20), is_("refused", True)))
    rules = book(step("call", 3, of="charge", when=when))
    account = household(Q1, Q2, contacts=[said("2026-01-20", "refused")])
    assert codes("2026-02-25", rules, account) == {"call/Q1": DUE, "call/Q2": "condition"}
    meek = household(Q1, Q2, contacts=[said("2026-01-20", "willing")])
    assert codes("2026-02-25", rules, meek) == {"call/Q1": "condition", "call/Q2": "condition"}


def test_everybody_is_asked_of_his_own() -> None:
    rules = book(step("call", 3, when=is_("refused", True)), step("visit", 8, action="visit", when=is_("away", True)))
    said_of = {"A1": "refused", "A2": "away", "A3": "willing", "A4": "refused"}
    accounts = [
        late(said("2026-01-20", outcome), id=name, debtor=replace(late().debtor, id=f"O-{name}"))
        for name, outcome in said_of.items()
    ]
    assert codes("2026-02-10", rules, *accounts) == {"call": DUE, "visit": "condition"}
    assert codes("2026-02-10", rules, *accounts[1:], accounts[0]) == {"call": "condition;superseded", "visit": DUE}


def test_a_household_of_which_nothing_is_due_is_asked_nothing() -> None:
    rules = book(step("call", 3, of="charge", when=at_least("charge_overdue_days", 20)))
    settled = late(payments=[paid("2026-01-20", "2000.00")])
    assert codes("2026-02-25", rules, settled) == {"call": "not_yet"}


def test_a_promise_of_the_household_keeps_its_ladder_back_and_no_other() -> None:
    rules = book(step("call", 3, channels=Channels("first_of", ("phone",))))
    promising = late(promised("2026-02-09", "2026-02-20"))
    other = late(id="A2", debtor=replace(promising.debtor, id="O2"))
    assert codes("2026-02-10", rules, promising, other) == {"call": "promise"}
    assert codes("2026-02-10", rules, other, promising) == {"call": DUE}
