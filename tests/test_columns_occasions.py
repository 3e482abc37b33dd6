"""The days a step's anchor comes up, for many homes: promises, contacts, payments, and what became of other steps."""

from __future__ import annotations

import pytest

from both_ways import DUE, actions, codes, left, until
from dunning.model.account import Account, Contact
from dunning.model.anchor import AnchorWindow, Duration, Event
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Gives
from escalation import after, book, did, step
from households import charge, demand, household, paid, promised, said

Q1 = charge("2026-01-15", name="Q1")
Q2 = charge("2026-02-16", name="Q2")


def late(*contacts: Contact, **more: object) -> Account:
    return household(Q1, contacts=list(contacts), **more)


def note(event: Event, what: str = "", first: int = 0, last: int | None = 2, **more: object) -> RuleBook:
    """A note so many days after something came about, beside a call in the ladder."""
    ends = None if last is None else after(last, event=event, of=what)
    window = AnchorWindow(after(first, event=event, of=what), ends)
    more.setdefault("late", "drop")
    return book(step("call", 3), reminders=(step("note", action="send_message", window=window, **more),))


def said_of(on: str, rules: RuleBook, account: Account) -> str:
    return codes(on, rules, account)["note"]


# Of records


def test_a_promise_is_spoken_of_about_its_day() -> None:
    rules, account = note("promise", first=-1, last=0), late(promised("2026-02-02", "2026-02-10"))
    assert [said_of(on, rules, account) for on in ("2026-02-08", "2026-02-09", "2026-02-10")] == ["not_yet", DUE, DUE]
    assert until("2026-02-03", rules, account)["note"] == "2026-02-08"
    assert said_of("2026-02-11", rules, account) == "missed"
    keeps = late(promised("2026-02-02", "2026-02-10"), payments=[paid("2026-02-05", "1000.00")])
    assert said_of("2026-02-09", rules, keeps) == "not_yet"  # it was kept
    assert until("2026-02-09", rules, keeps)["note"] is None


def test_what_somebody_said_opens_a_window_after_it() -> None:
    rules = note("contact", "away", 1, 3)
    account = late(said("2026-02-02", "away"), said("2026-02-20", "reached"))
    days = ("2026-02-02", "2026-02-03", "2026-02-05", "2026-02-06")
    assert [said_of(on, rules, account) for on in days] == ["not_yet", DUE, DUE, "missed"]


def test_of_several_windows_the_one_that_is_open_counts_and_then_the_next() -> None:
    rules = note("contact", "away", 1, 3)
    account = late(said("2026-02-02", "away"), said("2026-02-12", "away"))
    assert said_of("2026-02-14", rules, account) == DUE
    assert (
        until("2026-02-08", note("promise"), late(*(promised(f"2026-02-0{n}", f"2026-03-0{n}") for n in (1, 2))))[
            "note"
        ]
        == "2026-02-28"
    )


def test_a_late_one_that_is_kept_is_the_last_that_was_reached() -> None:
    rules = note("contact", "away", 1, 3, late="keep")
    account = late(said("2026-02-02", "away"), said("2026-02-12", "away"))
    (row,) = [row for row in actions("2026-02-25", rules, account) if row["step"] == "call"]
    assert row["carries"] == []
    assert said_of("2026-02-25", rules, account) in (DUE, "grouped")


def test_two_that_opened_on_one_day_are_left_to_the_engine() -> None:
    rules = note("contact", "away", 0, None, late="keep")
    twins = late(said("2026-02-02", "away", id="C9"), said("2026-02-02T12:00", "away", id="C10"))
    assert left("2026-02-10", rules, twins) == 1
    assert left("2026-02-10", rules, late(said("2026-02-02", "away"))) == 0


@pytest.mark.parametrize("on", ["2026-02-05", "2026-02-07"])
def test_two_windows_that_are_open_at_once_are_left_to_the_engine(on: str) -> None:
    rules, both = note("contact", "away", 0, 5), [said("2026-02-02", "away"), said("2026-02-04", "away")]
    assert left(on, rules, late(*both)) == 1
    assert left("2026-02-08", rules, late(*both)) == 0


def test_payments_open_windows_and_bounced_ones_do_not() -> None:
    rules = note("paid")
    account = late(said("2026-01-20"), payments=[paid("2026-02-02", "10.00")])
    assert [said_of(on, rules, account) for on in ("2026-02-01", "2026-02-04", "2026-02-05")] == [
        "not_yet", DUE, "missed"
    ]  # fmt: skip
    bounced = paid("2026-02-02", "10.00", reversed_on=Q1.due and Q1.due.replace(month=2, day=3))
    assert said_of("2026-02-04", rules, late(said("2026-01-20"), payments=[bounced])) == "not_yet"


def test_who_owes_something_has_settled_nothing() -> None:
    rules = note("settled", first=1, last=3)
    paying = [paid("2026-02-02", "1000.00")]
    assert said_of("2026-02-03", rules, late(said("2026-01-20"), payments=paying)) == DUE
    assert said_of("2026-02-18", rules, household(Q1, Q2, contacts=[said("2026-01-20")], payments=paying)) == "not_yet"


def test_the_last_that_was_settled_is_what_is_thanked_for() -> None:
    both = household(
        Q1, charge("2026-01-15", name="Q0"), contacts=[said("2026-01-20")],
        payments=[paid("2026-02-02", "2500.00")],
    )  # fmt: skip
    (row,) = actions("2026-02-03", note("settled", first=1, last=3), both)  # its key hangs on the id
    assert row["step"] == "note"


def test_the_day_of_handover_opens_a_window_and_where_it_is_lacking_nobody_knows() -> None:
    rules = note("handover", first=-3, last=0)
    known = late(said("2026-01-20"), handed_over=Q2.due)
    assert [said_of(on, rules, known) for on in ("2026-02-12", "2026-02-13", "2026-02-17")] == [
        "not_yet", DUE, "missed"
    ]  # fmt: skip
    assert said_of("2026-02-13", rules, late(said("2026-01-20"))) == "unknown"


def test_where_the_source_tells_of_no_payments_nobody_knows_of_any() -> None:
    blind = late(said("2026-01-20"), unknown=("payments",))
    assert said_of("2026-02-10", note("paid"), blind) == "unknown"
    assert said_of("2026-02-10", note("settled"), blind) == "unknown"
    paying = household(
        charge("2026-01-10", name="Q0"), Q1, contacts=[said("2026-01-20")], unknown=("payments",),
        payments=[paid("2026-01-11", "1001.00")],
    )  # fmt: skip
    assert said_of("2026-02-10", note("settled"), paying) == "not_yet"  # it settled one, and owes another
    assert said_of("2026-02-10", note("paid"), paying) == "missed"


def test_where_the_source_tells_of_no_contacts_nobody_knows_what_was_said() -> None:
    blind = late(unknown=("contacts",))
    assert said_of("2026-02-10", note("contact", "away"), blind) == "unknown"
    assert said_of("2026-02-10", note("promise"), blind) == "unknown"
    known = late(said("2026-02-09", "away"), unknown=("contacts",))
    assert said_of("2026-02-10", note("contact", "away"), known) == "unknown"  # there are caps


# Of other steps


@pytest.mark.parametrize(
    ("event", "outcome", "proof", "wanted"),
    [
        ("done", "reached", None, DUE),
        ("done", "undeliverable", None, "not_yet"),
        ("failed", "undeliverable", None, DUE),
        ("failed", "no_answer", None, DUE),
        ("failed", "reached", None, "not_yet"),
        ("delivered", "delivered", None, DUE),
        ("delivered", "sent", "B", DUE),
        ("delivered", "sent", "C", "not_yet"),
        ("delivered", "no_answer", "A", "not_yet"),
    ],
)
def test_what_became_of_a_step(event: Event, outcome: str, proof: str | None, wanted: str) -> None:
    account = late(did("2026-02-02", "call", outcome, proof=proof))
    assert said_of("2026-02-03", note(event, "call"), account) == wanted


def test_a_reminder_of_a_charge_follows_the_step_that_was_about_it() -> None:
    rules = note("done", "call", 3, 5, of="charge")
    named = household(Q1, Q2, contacts=[did("2026-02-20", "call", charges=("Q2",))])
    assert codes("2026-02-24", rules, named)["note/Q2"] == DUE
    assert codes("2026-02-24", rules, named)["note/Q1"] == "not_yet"
    unnamed = household(Q1, Q2, contacts=[did("2026-02-16", "call")])  # Q2 was not overdue yet
    assert codes("2026-02-20", rules, unnamed)["note/Q1"] == DUE
    assert codes("2026-02-20", rules, unnamed)["note/Q2"] == "not_yet"


def test_a_rung_of_a_charge_waits_for_what_was_said_of_it() -> None:
    rules = book(step("visit", 3, action="visit", of="charge", after=(after(1, event="contact", of="refused"),)))
    account = household(Q1, Q2, contacts=[said("2026-02-25", "refused", charges=("Q2",))])
    assert codes("2026-02-26", rules, account) == {"visit/Q1": "after", "visit/Q2": DUE}
    assert until("2026-02-25", rules, account) == {"visit/Q1": None, "visit/Q2": "2026-02-25"}
    everything = household(Q1, Q2, contacts=[said("2026-02-16", "refused")])
    assert codes("2026-02-26", rules, everything) == {"visit/Q1": DUE, "visit/Q2": "after"}


def test_what_was_said_of_an_older_debt_lets_no_rung_go_on() -> None:
    rules = book(step("visit", 3, action="visit", after=(after(0, event="contact", of="refused"),)))
    assert codes("2026-02-26", rules, late(said("2026-01-14", "refused"))) == {"visit": "after"}
    assert codes("2026-02-26", rules, late(said("2026-01-15", "refused"))) == {"visit": DUE}


def suit(**gives: object) -> RuleBook:
    waits = (after(0, event="expired", of="formal_demand"),)
    return book(
        step("formal_demand", 3, action="formal_demand", gives=Gives(Duration(15, "d"), **gives)),  # type: ignore[arg-type]
        step("visit", 8, action="visit", after=waits),
    )


def test_a_rung_waits_for_the_day_after_the_deadline() -> None:
    account = late(demand("2026-02-03"))
    assert codes("2026-02-18", suit(), account)["visit"] == "after"
    assert until("2026-02-10", suit(), account)["visit"] == "2026-02-18"
    assert codes("2026-02-19", suit(), account)["visit"] == DUE


def test_a_deadline_without_evidence_says_so_and_one_from_sending_needs_none() -> None:
    weak, untold = late(demand("2026-02-02", proof="C")), late(demand("2026-02-02", proof=None))
    assert codes("2026-03-02", suit(), weak)["visit"] == "evidence"
    assert codes("2026-03-02", suit(), untold)["visit"] == "unknown"
    proven = late(demand("2026-02-02", proof="C"), demand("2026-02-03"))
    assert codes("2026-03-02", suit(), proven)["visit"] == DUE


def test_a_deadline_that_runs_is_known_whatever_else_was_sent() -> None:
    account = late(demand("2026-02-03"), demand("2026-02-04", proof=None), demand("2026-02-05", proof="C"))
    assert codes("2026-02-10", suit(), account)["visit"] == "after"


# Left to the engine


def test_working_days_of_a_year_the_calendar_does_not_know_are_left_to_the_engine() -> None:
    rules = book(
        step("call", 3), reminders=(step("note", action="send_message", window=AnchorWindow(
            after(3, "wd", event="contact", of="away")), late="drop"),),
    )  # fmt: skip
    assert left("2027-12-30", rules, late(said("2027-12-30", "away"))) == 1
    assert left("2027-12-20", rules, late(said("2027-12-20", "away"))) == 0


def test_deadlines_of_a_year_the_calendar_does_not_know_are_left_to_the_engine() -> None:
    expired = after(0, event="expired", of="letter")
    letter = step("letter", 3, action="deliver_letter", gives=Gives(Duration(10, "wd"), from_="sent"))
    rules = book(letter, reminders=(step("note", action="send_message", window=AnchorWindow(expired), late="drop"),))
    assert left("2027-12-30", rules, late(did("2027-12-28", "letter", "sent", "letter"))) == 1
    assert left("2027-12-30", rules, late(did("2027-12-10", "letter", "sent", "letter"))) == 0
