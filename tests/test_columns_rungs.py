"""Where each rung stands for many homes: its time, and everything that keeps it back today; and what is left alone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from both_ways import DUE, codes, left, until
from dunning.basis.finding import Text
from dunning.columns.rungs import understood
from dunning.model.account import Account, Contact, Hold
from dunning.model.anchor import AnchorWindow, CalendarWindow, Duration
from dunning.model.condition import Bound, Check, Range, Type
from dunning.model.rulebook import Dated, Output, OwnFact, Row, Table
from dunning.model.steps import ApprovalRule, By, Channels, Pause, Promises, Repeat, Step, Stop, Template
from escalation import after, approved, book, did, step
from households import charge, day, dispute, household, paid, promised, said
from test_ladder import at_least, is_

Q1 = charge("2026-01-15", name="Q1")
Q2 = charge("2026-02-16", name="Q2")
CALL = step("call", 3)
PLEASED = {"pleased": OwnFact(id="pleased", type=Type("boolean"), title=Text("满意", "pleased"), key="pleased")}
"""A fact that most accounts do not tell."""


def late(*contacts: Contact, **more: object) -> Account:
    return household(Q1, contacts=list(contacts) or [said("2026-01-10")], **more)


def at_due(first: int, last: int | None = None) -> AnchorWindow:
    return AnchorWindow(after(first), None if last is None else after(last))


def note(window: object, **more: object) -> Step:
    more.setdefault("late", "drop")
    return step("note", action="send_message", window=window, **more)


# Reminders


def test_a_reminder_of_a_due_date_is_waited_for_up_and_missed() -> None:
    rules, account = book(reminders=(note(at_due(3, 5)),)), late()
    days = ("2026-01-17", "2026-01-18", "2026-01-20", "2026-01-21")
    assert [codes(on, rules, account)["note"] for on in days] == ["not_yet", DUE, DUE, "missed"]
    assert until("2026-01-16", rules, account) == {"note": "2026-01-17"}
    kept = book(reminders=(note(at_due(3, 5), late="keep"),))
    assert codes("2026-01-21", kept, account) == {"note": DUE}


def test_a_reminder_of_charges_is_told_of_each_that_has_seen_it() -> None:
    rules = book(reminders=(note(at_due(-5, 5), of="charge"),))
    account = household(Q1, Q2, contacts=[said("2026-01-10")])
    assert codes("2026-02-11", rules, account) == {"note/Q1": "missed", "note/Q2": DUE}
    assert until("2026-02-01", rules, account) == {"note/Q1": None, "note/Q2": "2026-02-10"}


def test_what_no_charge_has_seen_is_told_once() -> None:
    follow = note(AnchorWindow(after(1, event="done", of="call"), after(3, event="done", of="call")), of="charge")
    rules, account = book(CALL, reminders=(follow,)), household(Q1, Q2, contacts=[said("2026-01-10")])
    assert codes("2026-02-25", rules, account) == {"note": "not_yet", "call": DUE}


def test_who_owes_nothing_has_no_due_date() -> None:
    rules = book(CALL, reminders=(note(at_due(3)),))
    assert codes("2026-02-10", rules, late(payments=[paid("2026-01-20", "2000.00")])) == {
        "note": "not_yet", "call": "not_yet"
    }  # fmt: skip


def test_days_of_the_calendar() -> None:
    rules = book(reminders=(note(CalendarWindow("month", 10, 12)),))
    assert [codes(on, rules, late())["note"] for on in ("2026-02-09", "2026-02-10", "2026-02-12", "2026-02-13")] == [
        "not_yet", DUE, DUE, "not_yet"
    ]  # fmt: skip
    assert until("2026-02-13", rules, late()) == {"note": "2026-03-09"}


def test_a_reminder_of_records_nobody_has_is_not_yet_up() -> None:
    rules = book(CALL, reminders=(note(AnchorWindow(after(0, event="judgment"))),))
    assert codes("2026-02-10", rules, late())["note"] == "not_yet"


# The ladder


def test_a_rung_is_waited_for_with_its_day() -> None:
    rules = book(CALL, step("visit", 8, action="visit"))
    assert until("2026-01-17", rules, late()) == {"call": "2026-01-17", "visit": "2026-01-22"}


def test_a_rung_that_is_dropped_when_late_is_missed() -> None:
    rules = book(step("call", window=at_due(3, 5), late="drop"))
    assert codes("2026-01-20", rules, late()) == {"call": DUE}
    assert codes("2026-01-21", rules, late()) == {"call": "missed"}
    assert codes("2026-01-21", rules, late(did("2026-01-19", "call"))) == {"call": "missed"}


def test_a_rung_done_for_an_older_debt_that_was_due_on_the_same_day() -> None:
    rules = book(step("call", 30))
    assert codes("2026-01-25", rules, late(did("2026-01-20", "call"))) == {"call": "done"}
    again = book(step("call", 30, repeat=Repeat(Duration(3, "d"))))
    assert codes("2026-01-25", again, late(did("2026-01-20", "call"))) == {"call": "not_yet"}
    assert until("2026-01-25", again, late(did("2026-01-20", "call"))) == {"call": None}
    assert until("2026-01-25", rules, late(did("2026-01-10", "call"))) == {"call": "2026-02-13"}


def test_a_rung_at_once_waits_until_something_is_overdue() -> None:
    rules = book(step("call"))
    assert until("2026-01-15", rules, late()) == {"call": "2026-01-15"}
    assert codes("2026-01-16", rules, late()) == {"call": DUE}


def test_a_rung_of_charges_is_asked_of_those_that_are_overdue() -> None:
    rules = book(step("call", 3, of="charge"))
    account = household(Q1, Q2, contacts=[said("2026-01-10")])
    assert codes("2026-02-10", rules, account) == {"call/Q1": DUE}
    assert codes("2026-02-18", rules, account) == {"call/Q1": DUE, "call/Q2": "not_yet"}


# What keeps it back


def test_a_condition_that_nobody_can_tell() -> None:
    rules = book(step("call", 3, when=is_("pleased", True)), facts=PLEASED)
    assert codes("2026-02-10", rules, late()) == {"call": "unknown"}
    assert codes("2026-02-10", rules, late(attributes={"pleased": True})) == {"call": DUE}
    assert codes("2026-02-10", rules, late(attributes={"pleased": False})) == {"call": "condition"}


def test_a_table_that_cannot_tell_how_it_goes() -> None:
    rows = (Row(number=1, when=is_("pleased", True), then=Dated.always("legal")),)
    who = Table(id="who", title=Text("谁", "who"), output=Output(kind="role"), hit="first", rows=rows)
    rules = book(step("call", 3, role=By("who")), facts=PLEASED, tables={"who": who})
    assert codes("2026-02-10", rules, late()) == {"call": "unknown"}
    assert codes("2026-02-10", rules, late(attributes={"pleased": True})) == {"call": DUE}


def test_an_approval_that_nobody_gave() -> None:
    rules = book(step("call", 3, approval=ApprovalRule(("legal",))))
    assert codes("2026-02-10", rules, late()) == {"call": "approval"}
    assert codes("2026-02-10", rules, late(approvals=[approved("2026-02-09", "call", "legal", "u1")])) == {"call": DUE}
    refused = [approved("2026-02-09", "call", "legal", "u1", "refused")]
    assert codes("2026-02-10", rules, late(approvals=refused)) == {"call": "approval"}


def test_nobody_to_be_reached() -> None:
    rules = book(step("call", 3, channels=Channels("first_of", ("phone",))))
    deaf = late(debtor=replace(late().debtor, reachable=("sms",)))
    assert codes("2026-02-10", rules, deaf) == {"call": "unreachable"}


@pytest.mark.parametrize(
    ("since", "last", "wanted"),
    [("2026-02-10", "2026-02-10", "hold"), ("2026-02-11", None, DUE), ("2026-01-01", "2026-02-09", DUE)],
)
def test_a_hold_rests_all_steps_on_its_days(since: str, last: str | None, wanted: str) -> None:
    rules = book(CALL, reminders=(note(at_due(1, 90)),), catch_up="all")
    hold = Hold(id="H", kind="contact", since=day(since), until=day(last) if last else None)
    assert codes("2026-02-10", rules, late(holds=[hold]))["call"] == wanted
    assert codes("2026-02-10", rules, late(holds=[hold]))["note"] == wanted
    assert codes("2026-02-10", rules, late(holds=[replace(hold, kind="accrual")]))["call"] == DUE


def test_of_several_holds_the_last_day_counts_and_one_without_an_end_has_none() -> None:
    short = Hold(id="H1", kind="contact", since=day("2026-02-01"), until=day("2026-02-12"))
    longer = replace(short, id="H2", until=day("2026-02-20"))
    assert until("2026-02-10", book(CALL), late(holds=[longer, short])) == {"call": "2026-02-20"}
    assert until("2026-02-10", book(CALL), late(holds=[longer, replace(short, until=None)])) == {"call": None}


def test_a_promise_that_counts_rests_the_ladder_until_its_day() -> None:
    rules = book(CALL, promises=Promises(longest=Duration(10, "d")))
    assert until("2026-02-10", rules, late(promised("2026-02-09", "2026-02-15"))) == {"call": "2026-02-15"}
    assert codes("2026-02-10", rules, late(promised("2026-02-09", "2026-02-28"))) == {"call": DUE}


def test_a_pause_stops_steps_of_one_tone_one_step_or_all() -> None:
    def paused(*stops: Stop, on: str = "2026-02-10") -> dict[str, str]:
        rules = book(
            CALL, step("visit", 4, action="visit", tone="legal"), reminders=(note(at_due(1, 90), tone="firm"),),
            catch_up="all", pauses=(Pause(while_=is_("away", True), stops=stops),),
        )  # fmt: skip
        return codes(on, rules, late(said("2026-02-01", "away")))

    assert paused() == {"note": DUE, "call": DUE, "visit": DUE}
    assert paused(Stop("tone", "legal")) == {"note": DUE, "call": DUE, "visit": "hold"}
    assert paused(Stop("tone", "friendly"), Stop("tone", "firm")) == {"note": "hold", "call": "hold", "visit": DUE}
    assert paused(Stop("step", "call")) == {"note": DUE, "call": "hold", "visit": DUE}
    assert paused(Stop("reminders")) == {"note": "hold", "call": DUE, "visit": DUE}
    assert paused(Stop("ladder")) == {"note": DUE, "call": "hold", "visit": "hold"}


def test_a_pause_that_nobody_can_tell_stops_as_well() -> None:
    rules = book(CALL, pauses=(Pause(while_=is_("pleased", False), stops=(Stop("all"),)),), facts=PLEASED)
    assert codes("2026-02-10", rules, late()) == {"call": "unknown"}
    assert codes("2026-02-10", rules, late(attributes={"pleased": True})) == {"call": DUE}


def test_a_pause_by_promise_asks_for_one_that_counts() -> None:
    pause = Pause(while_=is_("promise_open", True), stops=(Stop("reminders"),))
    rules = book(reminders=(note(at_due(1, 90)),), pauses=(pause,), promises=Promises(longest=Duration(10, "d")))
    assert until("2026-02-10", rules, late(promised("2026-02-09", "2026-02-15"))) == {"note": "2026-02-15"}
    assert codes("2026-02-10", rules, late(promised("2026-02-09", "2026-02-28"))) == {"note": DUE}


def test_a_pause_by_the_day_promised_reads_the_one_that_counts() -> None:
    later = Check(
        "promise_on", Range(Bound(day("2026-02-12").toordinal(), included=True, written="2026-02-12"), None), ""
    )
    rules = book(reminders=(note(at_due(1, 90)),), pauses=(Pause(while_=later, stops=(Stop("reminders"),)),))
    assert codes("2026-02-10", rules, late(promised("2026-02-09", "2026-02-15"))) == {"note": "promise"}
    assert codes("2026-02-10", rules, late(promised("2026-02-09", "2026-02-11"))) == {"note": DUE}
    assert codes("2026-02-10", rules, late(promised("2026-02-09", "2026-04-15"))) == {"note": DUE}  # too far off
    assert codes("2026-02-10", rules, late()) == {"note": DUE}


def test_a_dispute_rests_the_steps_about_its_charge() -> None:
    kinds = Check("open_disputes", Range(Bound(1, included=True, written="1"), None), ">= 1")
    rules = book(step("call", 3, of="charge"), pauses=(Pause(while_=kinds, stops=(Stop("ladder"),)),))
    both = household(Q1, Q2, contacts=[said("2026-01-10")])
    assert codes("2026-02-25", rules, replace(both, disputes=(dispute("2026-02-20", charge="Q2"),))) == {
        "call/Q1": DUE, "call/Q2": "dispute"
    }  # fmt: skip
    assert codes("2026-02-25", rules, replace(both, disputes=(dispute("2026-02-20"),))) == {
        "call/Q1": "dispute", "call/Q2": "dispute"
    }  # fmt: skip
    closed = dispute("2026-02-20", charge="Q2", closed="2026-02-25")
    assert codes("2026-02-25", rules, replace(both, disputes=(closed,))) == {"call/Q1": DUE, "call/Q2": DUE}


def test_the_tone_is_that_of_the_template_where_the_step_says_none() -> None:
    pause = Pause(while_=is_("away", True), stops=(Stop("tone", "firm"),))
    templates = {"stern": Template(id="stern", title="严词", tone="firm")}
    rules = book(step("call", 3, template="stern"), pauses=(pause,), templates=templates)
    assert codes("2026-02-10", rules, late(said("2026-02-01", "away"))) == {"call": "hold"}
    other = replace(rules, templates={"stern": Template(id="stern", title="好言", tone="friendly")})
    assert codes("2026-02-10", other, late(said("2026-02-01", "away"))) == {"call": DUE}


def test_what_must_have_happened_before_and_until_when_it_is_waited_for() -> None:
    rules = book(CALL, step("visit", 8, action="visit", after=(after(5, event="done", of="call"),)))
    called = late(did("2026-02-02", "call"))
    assert until("2026-02-06", rules, called)["visit"] == "2026-02-06"
    assert codes("2026-02-07", rules, called)["visit"] == DUE
    assert until("2026-02-06", rules, late())["visit"] is None


# Left to the engine


@pytest.mark.parametrize(
    "other",
    [
        step("call", window=AnchorWindow(after(0, event="promise"))),
        step("call", 3, once_per="episode"),
        step("call", 3, after=(after(0, event="paid"),)),
        step("call", 3, of="charge", repeat=Repeat(Duration(3, "d"), until=at_least("charge_overdue_days", 60))),
        step("call", window=AnchorWindow(after(0, event="due"), after(3, event="promise"))),
        step("call", window=CalendarWindow("month", 1, 5)),
        step("call", window=AnchorWindow(after(0, event="judgment")), of="charge"),
    ],
)
def test_a_book_with_a_step_of_another_kind_is_left_to_the_engine(other: Step) -> None:
    assert not understood(book(other))
    assert left("2026-02-10", book(other), late()) == 1


def test_a_reminder_whose_window_ends_with_something_else_is_left_to_the_engine() -> None:
    ends = AnchorWindow(after(0, event="contact", of="away"), after(3, event="promise"))
    assert not understood(book(CALL, reminders=(note(ends),)))
    late_calendar = note(CalendarWindow("month", 1, 5), late="keep")
    assert not understood(book(CALL, reminders=(late_calendar,)))
    of_charge = note(AnchorWindow(after(0, event="paid")), of="charge")
    assert not understood(book(CALL, reminders=(of_charge,)))


def test_what_is_understood_is_done_in_columns() -> None:
    rules = book(CALL, reminders=(note(AnchorWindow(after(0, event="contact", of="away"))),))
    assert understood(rules)
    assert left("2026-02-10", rules, late()) == 0
