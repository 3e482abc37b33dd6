"""The ladder of many homes: which rung is due, and what rungs do to each other."""

from __future__ import annotations

from both_ways import DUE, actions, codes, in_columns, until
from dunning.model.account import Account, Contact
from dunning.model.anchor import AnchorWindow, Duration
from dunning.model.steps import Gives, Repeat
from escalation import after, book, did, step
from households import charge, household, paid, said
from test_ladder import is_

Q1 = charge("2026-01-15", name="Q1")
Q2 = charge("2026-02-16", name="Q2")
THREE = (step("low", 3), step("middle", 8, action="visit"), step("high", 15, action="deliver_letter"))


def late(*contacts: Contact, **more: object) -> Account:
    return household(Q1, contacts=list(contacts) or [said("2026-01-10")], **more)


def test_the_highest_rung_supersedes_those_below_it() -> None:
    assert codes("2026-01-25", book(*THREE), late()) == {"low": "superseded", "middle": DUE, "high": "not_yet"}
    assert codes("2026-02-25", book(*THREE), late()) == {"low": "superseded", "middle": "superseded", "high": DUE}


def test_a_rung_that_is_blocked_lets_the_one_below_it_go() -> None:
    rules = book(THREE[0], step("middle", 8, action="visit", when=is_("refused", True)))
    assert codes("2026-01-25", rules, late()) == {"low": DUE, "middle": "condition"}


def test_a_rung_that_was_done_supersedes_those_below_it_blocked_or_not() -> None:
    rules = book(step("low", 3, when=is_("refused", True)), *THREE[1:])
    account = late(did("2026-01-24", "middle", channel="visit"))
    assert codes("2026-01-25", rules, account) == {"low": "condition;superseded", "middle": "done", "high": "not_yet"}
    failed = late(did("2026-01-24", "middle", "undeliverable", channel="letter"))
    assert codes("2026-01-25", book(*THREE), failed)["low"] == "superseded"  # by one that is due
    assert codes("2026-01-25", book(*THREE), failed)["middle"] == DUE


def test_a_rung_that_is_done_and_one_below_it_that_was_done_before() -> None:
    account = late(did("2026-01-19", "low"), did("2026-01-24", "middle", channel="visit"))
    assert codes("2026-01-25", book(*THREE), account) == {"low": "done", "middle": "done", "high": "not_yet"}


def test_the_highest_that_was_done_supersedes_whatever_was_done_below() -> None:
    rules = book(THREE[0], step("middle", 8, action="visit", when=is_("refused", True)), THREE[2])
    account = late(did("2026-01-19", "low"), did("2026-02-02", "high", "sent", "letter"))
    assert codes("2026-02-10", rules, account) == {"low": "done", "middle": "condition;superseded", "high": "done"}


def test_from_the_lowest_up_the_others_wait() -> None:
    rules = book(*THREE, catch_up="lowest_first")
    assert codes("2026-02-25", rules, late()) == {"low": DUE, "middle": "superseded", "high": "superseded"}
    called = late(did("2026-02-20", "low"))
    assert codes("2026-02-25", rules, called) == {"low": "done", "middle": DUE, "high": "superseded"}


def test_all_at_once_go_out_each() -> None:
    rules = book(*THREE, catch_up="all")
    assert codes("2026-02-25", rules, late()) == {"low": DUE, "middle": DUE, "high": DUE}


def test_a_rung_whose_result_is_to_be_recorded_is_open_still() -> None:
    low, middle = step("low", 3, record=("reason",)), THREE[1]
    account = late(did("2026-01-26", "low"))  # a Monday
    assert codes("2026-01-27", book(low, middle, catch_up="lowest_first"), account) == {
        "low": "done", "middle": "superseded"
    }  # fmt: skip
    assert codes("2026-01-27", book(THREE[0], middle, catch_up="lowest_first"), account) == {
        "low": "done",
        "middle": DUE,
    }


def test_a_rung_whose_result_is_to_be_recorded_supersedes_those_below_it() -> None:
    rules = book(THREE[0], step("middle", 8, action="visit", record=("reason",)))
    assert codes("2026-01-27", rules, late(did("2026-01-26", "middle", channel="visit"))) == {
        "low": "superseded", "middle": "done"
    }  # fmt: skip


# Quiet


def letter(**more: object) -> object:
    return step("letter", 8, action="deliver_letter", gives=Gives(Duration(10, "d"), from_="sent"), **more)


def test_lower_rungs_are_quiet_until_the_deadline_ends() -> None:
    rules = book(THREE[0], letter())
    account = late(did("2026-01-26", "letter", "sent", "letter"))
    assert codes("2026-02-05", rules, account)["low"] == "quiet;superseded"
    assert until("2026-02-05", rules, account)["low"] == "2026-02-05"
    assert codes("2026-02-06", rules, account)["low"] == "superseded"


def test_a_deadline_quiets_those_below_it_and_not_those_above() -> None:
    rules = book(THREE[0], letter(), step("top", 9, action="visit"))
    account = late(did("2026-01-26", "letter", "sent", "letter"))
    assert codes("2026-02-05", rules, account) == {"low": "quiet;superseded", "letter": "done", "top": DUE}


def test_what_is_not_yet_or_was_done_is_not_quieted() -> None:
    rules = book(THREE[0], step("later", 60), letter())
    account = late(did("2026-01-20", "low"), did("2026-01-26", "letter", "sent", "letter"))
    assert codes("2026-02-05", rules, account) == {"low": "done", "later": "not_yet", "letter": "done"}


def test_of_two_deadlines_the_longer_one_counts() -> None:
    longer = step("demand", 9, action="deliver_letter", gives=Gives(Duration(20, "d"), from_="sent"))
    made = did("2026-01-26", "letter", "sent", "letter"), did("2026-01-27", "demand", "sent", "letter")
    assert until("2026-02-01", book(THREE[0], letter(), longer), late(*made))["low"] == "2026-02-16"


# Of charges


def test_a_step_of_charges_done_for_one_supersedes_as_a_whole() -> None:
    rules = book(THREE[0], step("middle", 8, action="visit", of="charge"))
    account = household(Q1, Q2, contacts=[did("2026-03-02", "middle", channel="visit", charges=("Q2",))])
    assert codes("2026-03-03", rules, account) == {"low": "superseded", "middle/Q1": DUE, "middle/Q2": "done"}


# After the last rung


def ended(on: str, rules: object, account: Account) -> object:
    return in_columns(on, rules, account).assessments.to_pylist()[0]["ended"]  # type: ignore[arg-type]


def test_after_the_last_rung_what_the_book_says_comes() -> None:
    rules = book(THREE[0], THREE[1], at_end="refer_to_management")
    done = did("2026-01-26", "middle", channel="visit")
    assert ended("2026-01-27", rules, late(done)) == "refer_to_management"
    assert ended("2026-01-27", rules, late(did("2026-01-26", "low"))) is None
    assert ended("2026-01-27", rules, household(Q1, contacts=[done], payments=[paid("2026-01-26", "2000.00")])) is None


def test_nobody_is_at_the_end_while_a_deadline_runs_or_the_last_rung_comes_again() -> None:
    sent = late(did("2026-01-26", "letter", "sent", "letter"))
    rules = book(THREE[0], letter(), at_end="refer_to_management")
    assert [ended(on, rules, sent) for on in ("2026-02-05", "2026-02-06")] == [None, "refer_to_management"]
    again = book(THREE[0], letter(repeat=Repeat(Duration(20, "d"))), at_end="refer_to_management")
    assert [ended(on, again, sent) for on in ("2026-02-14", "2026-02-15")] == ["refer_to_management", None]


def test_a_last_rung_of_charges_has_ended_once_it_was_done_for_each() -> None:
    rules = book(step("middle", 8, action="visit", of="charge"), at_end="refer_to_management")
    some = did("2026-03-02", "middle", channel="visit", charges=("Q2",))
    rest = did("2026-03-03", "middle", channel="visit", charges=("Q1",))
    assert ended("2026-03-04", rules, household(Q1, Q2, contacts=[some])) is None
    assert ended("2026-03-04", rules, household(Q1, Q2, contacts=[some, rest])) == "refer_to_management"


def test_a_rung_before_the_due_date_waits_for_nothing_to_be_overdue() -> None:
    rules = book(step("early", window=AnchorWindow(after(-5), after(-1))), step("low", 3))
    soon = household(Q2, contacts=[said("2026-01-20")])
    assert codes("2026-02-12", rules, soon) == {"early": DUE, "low": "not_yet"}
    assert [row["step"] for row in actions("2026-02-12", rules, soon)] == ["early"]
