"""The ladder: what is reached, open and blocked, who supersedes whom, and when a rung counts as done."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest

from dunning.basis.finding import Text
from dunning.engine.ladder.offered import key_of
from dunning.engine.steps.candidates import CODES, Candidate, in_order
from dunning.model.account import Account, Consent, Contact, Party
from dunning.model.action import Action
from dunning.model.anchor import AnchorWindow, CalendarWindow, Duration
from dunning.model.condition import Bound, Check, Not, OneOf, Range, Type, Unknown
from dunning.model.law import Gate, LawPack, Prohibition
from dunning.model.rulebook import Dated, Output, OwnFact, Payments, Row, RuleBook, Table
from dunning.model.steps import ApprovalRule, By, Channels, Gives, Repeat, Retired, Template
from escalation import after, approved, book, codes, did, due, name_of, one, pack, step, steps
from households import charge, credit_note, day, demand, dispute, household, opening, paid, promised, said
from laws import article
from laws import pack as law_pack

Q1 = charge("2026-01-15", "1000.00", name="Q1")
Q2 = charge("2026-04-15", "1000.00", name="Q2")
THREE = (step("low", 3), step("middle", 8, action="visit"), step("high", 15, action="deliver_letter"))


def at_least(fact: str, count: int) -> Check:
    return Check(fact, Range(Bound(count, included=True, written=str(count)), None), f">= {count}")


def is_(fact: str, *values: str | bool) -> Check:
    return Check(fact, OneOf(values, tuple(map(str, values))), str(values))


def late(*contacts: Contact, **more: Any) -> Account:
    return household(Q1, contacts=list(contacts), **more)


# Reached


def test_a_rung_is_reached_on_its_day_and_late_is_late_not_lost() -> None:
    rules = book(step("call", window=AnchorWindow(after(3), after(5))))
    found = {on: codes(late(), on, rules)["call"] for on in ("2026-01-17", "2026-01-18", "2026-01-20", "2026-06-01")}
    assert list(found.values()) == [("not_yet",), (), (), ()]
    assert one("call", late(), "2026-01-16", rules).until == day("2026-01-17")


def test_a_rung_that_drops_what_is_late_is_missed_after_its_window() -> None:
    rules = book(step("call", window=AnchorWindow(after(3), after(5)), late="drop"))
    assert codes(late(), "2026-01-20", rules) == {"call": ()}
    assert codes(late(), "2026-01-21", rules) == {"call": ("missed",)}


def test_without_a_day_a_rung_is_reached_as_soon_as_something_is_overdue() -> None:
    rules = book(step("call"))
    assert codes(late(), "2026-01-15", rules) == {"call": ("not_yet",)}
    assert codes(late(), "2026-01-16", rules) == {"call": ()}
    assert codes(household(), "2026-01-16", rules) == {"call": ("not_yet",)}


def test_while_nothing_is_overdue_only_what_begins_before_the_due_date_is_reached() -> None:
    rules = book(step("early", window=AnchorWindow(after(-3))), step("call", 3))
    assert codes(late(), "2026-01-12", rules) == {"early": (), "call": ("not_yet",)}
    assert codes(late(), "2026-01-11", rules) == {"early": ("not_yet",), "call": ("not_yet",)}
    assert codes(household(), "2026-01-11", rules) == {"early": ("not_yet",), "call": ("not_yet",)}


def test_a_rung_on_calendar_days_waits_for_the_first_one_after_the_debt_fell_due() -> None:
    rules = book(step("visit", action="visit", window=CalendarWindow("quarter", -1, -1)))
    spring = household(Q2)
    assert codes(spring, "2026-05-01", rules) == {"visit": ("not_yet",)}
    assert one("visit", spring, "2026-05-01", rules).until == day("2026-06-29")
    assert codes(spring, "2026-07-10", rules) == {"visit": ()}
    visited = replace(spring, contacts=(did("2026-07-10", "visit", channel="visit"),))
    assert codes(visited, "2026-09-29", rules) == {"visit": ("done",)}
    assert codes(visited, "2026-09-30", rules) == {"visit": ()}  # the next quarter's


def test_a_rung_tied_to_a_due_date_is_unknown_of_an_opening_balance_and_says_what_is_missing() -> None:
    carried = household(opening("2026-01-01"))
    rules = book(step("write", action="deliver_letter"), step("call", 3), step("early", window=AnchorWindow(after(-3))))
    for on in ("2026-01-03", "2026-06-01", "2027-06-01"):
        assert codes(carried, on, rules) == {"write": (), "call": ("unknown",), "early": ("unknown",)}
    (reason,) = one("call", carried, "2026-06-01", rules).because
    assert (reason.code, reason.kind, reason.name) == ("unknown", "record", "charges.due")
    # On the day itself nothing is overdue, and without a day there is nothing to wait for but that.
    assert codes(carried, "2026-01-01", book(step("call", 3), step("write"))) == {
        "call": ("not_yet",), "write": ("not_yet",)
    }  # fmt: skip


def test_beside_an_opening_balance_a_household_has_its_rungs_on_what_has_a_due_date() -> None:
    both = household(opening("2024-01-01"), Q1, Q2)
    rules = book(step("call", 3), step("visit", 120, action="visit"))
    assert codes(both, "2026-01-17", rules) == {"call": ("not_yet",), "visit": ("not_yet",)}
    assert due(both, "2026-01-18", rules) == ["call"]
    call = one("call", both, "2026-01-18", rules)
    assert (call.anchor_record, [state.charge.id for state in call.charges]) == ("Q1", ["OPEN", "Q1"])
    # Until the first quarter is overdue, what is overdue has no known age, and no rung is said to be merely early.
    assert codes(both, "2026-01-10", rules) == {"call": ("unknown",), "visit": ("unknown",)}
    assert codes(both, "2026-01-10", book(step("early", window=AnchorWindow(after(-9))))) == {"early": ()}


def test_a_rung_of_each_charge_is_unknown_of_the_opening_balance_alone() -> None:
    both = household(opening("2024-01-01"), Q1)
    rules = book(step("call", 3, of="charge"))
    assert codes(both, "2026-02-01", rules) == {"call/OPEN": ("unknown",), "call/Q1": ()}


def test_a_demand_done_for_an_opening_balance_stays_done_when_a_newer_charge_falls_due() -> None:
    rules = book(step("letter", action="deliver_letter"))
    both = household(opening("2024-01-01"), Q1, contacts=[did("2025-06-01", "letter", channel="letter")])
    assert codes(both, "2026-02-01", rules) == {"letter": ("done",)}


# How it goes


def goes(account: Account, rules: RuleBook, on: str = "2026-02-01") -> tuple[str, tuple[str, ...]]:
    """The action of the one rung, and its channels."""
    each = one("rung", account, on, rules)
    assert isinstance(each, Candidate)
    assert each.action is not None
    return each.action.id, () if each.channels is None else each.channels.channels


def test_a_call_nobody_can_be_reached_by_goes_on_as_a_message_and_says_so() -> None:
    rules = book(step("rung", 3, channels=Channels("first_of", ("phone", "wechat"))))
    assert goes(late(), rules) == ("call", ("phone", "wechat"))
    assert goes(late(debtor=Party(id="O1", reachable=("wechat",))), rules) == ("send_message", ("wechat",))
    unanswered = late(did("2026-01-20", "rung", "no_answer"))
    assert goes(unanswered, rules) == ("send_message", ("wechat",))
    assert one("rung", unanswered, "2026-02-01", rules).step.action == "call"  # the step is still the step


def test_a_visit_goes_on_as_what_it_comes_down_to() -> None:
    rules = book(step("rung", 3, action="visit", channels=Channels("first_of", ("visit", "phone", "letter", "app"))))
    for reachable, expected in (
        (("visit",), "visit"), (("phone",), "call"), (("letter",), "deliver_letter"), (("app",), "send_message")
    ):  # fmt: skip
        assert goes(late(debtor=Party(id="O1", reachable=reachable)), rules) == (expected, reachable)


def test_other_actions_go_by_any_channel_of_their_step() -> None:
    letter = Channels("first_of", ("letter", "sms"))
    assert goes(late(), book(step("rung", 3, action="send_notice", channels=letter)))[0] == "send_notice"
    together = Channels("all_of", ("sms", "phone"))
    assert goes(late(), book(step("rung", 3, channels=together)))[0] == "call"


def asked(*gates: Gate) -> tuple[LawPack, ...]:
    return (law_pack(article("L-1"), gates=[replace(gate, articles=("L-1",)) for gate in gates]),)


def needed(account: Account, *gates: Gate, **of: Any) -> tuple[str, ...]:
    """What is to be seen to with the one rung that goes out."""
    each = one("rung", account, "2026-02-01", book(step("rung", 3, **of), laws=asked(*gates)))
    assert isinstance(each, Candidate)
    return each.needs


def test_what_the_law_asks_in_words_goes_with_the_action() -> None:
    visits = Gate(articles=(), actions=("visit",), says=Text("两人", "two"), needs=("two_persons", "badge"))
    calls = Gate(articles=(), actions=("call",), says=Text("时段", "hours"), needs=("within_limits",))
    silent = Gate(articles=(), actions=("call",), says=Text("如实", "true"))
    assert needed(late(), visits, calls) == ("within_limits",)
    assert needed(late(), calls, silent, needs=("written",)) == ("written", "within_limits")
    assert needed(late(), visits, action="visit", needs=("badge",)) == ("badge", "two_persons")
    assert needed(late(), visits, calls, action="send_message") == ()
    # As it goes: who cannot be called is not called.
    unheard = late(debtor=Party(id="O1", reachable=("wechat",)))
    assert needed(unheard, calls, channels=Channels("first_of", ("phone", "wechat"))) == ()


def test_what_the_law_asks_for_some_is_asked_where_it_may_be_they() -> None:
    homes = Gate(
        articles=(), actions=("call",), says=Text("轻声", "low"), needs=("truthful",), for_=is_("use", "office")
    )
    assert needed(late(use="office"), homes) == ("truthful",)
    assert needed(late(use="residential"), homes) == ()
    assert needed(late(), homes) == ("truthful",)  # nobody knows what it is used for


def test_a_machine_that_speaks_says_so_only_where_it_speaks() -> None:
    machine = Gate(articles=(), effects=("automated_call",), says=Text("机器", "machine"), needs=("ai_disclosed",))
    both = Channels("first_of", ("phone", "ai_voice"))
    assert needed(late(), machine, channels=both) == ("ai_disclosed",)
    assert needed(late(debtor=Party(id="O1", reachable=("phone",))), machine, channels=both) == ()


def test_what_a_step_comes_to_is_put_to_the_law_in_that_form() -> None:
    """A call that has come down to a message is a message before the law."""
    never = Prohibition(verdict="prohibited", articles=("L-1",), actions=("send_message",))
    laws = (law_pack(article("L-1"), prohibitions=[never]),)
    call = step("call", 3, channels=Channels("first_of", ("phone", "wechat")))
    rules = book(call, laws=laws)
    anybody = one("call", late(), "2026-02-01", rules)
    assert (anybody.action.id, anybody.channels) == ("call", Channels("first_of", ("phone",)))
    no_phone = replace(late(), debtor=Party(id="O1", reachable=("wechat",)))
    kept_back = one("call", no_phone, "2026-02-01", rules)
    assert (kept_back.codes, [each.name for each in kept_back.because]) == (("prohibited",), ["L-1"])
    nobody_answered = late(did("2026-01-20", "call", "no_answer"))
    assert codes(nobody_answered, "2026-02-01", rules) == {"call": ("prohibited",)}
    assert codes(no_phone, "2026-02-01", book(call)) == {"call": ()}


def test_a_law_on_calls_leaves_the_message_a_call_has_come_down_to() -> None:
    never = Prohibition(verdict="prohibited", articles=("L-1",), actions=("call",), for_=at_least_owed(1000))
    laws = (law_pack(article("L-1"), prohibitions=[never]),)
    rules = book(step("call", 3, channels=Channels("first_of", ("wechat", "phone"))), laws=laws)
    found = one("call", late(), "2026-02-01", rules)
    assert (found.action.id, found.channels) == ("send_message", Channels("first_of", ("wechat",)))
    small = one("call", replace(late(), charges=(replace(Q1, amount=999),)), "2026-02-01", rules)
    assert small.channels == Channels("first_of", ("wechat", "phone"))


def at_least_owed(fen: int) -> Check:
    return Check("arrears", Range(Bound(fen, included=True, written=str(fen)), None), f">= {fen}")


# Done


def test_a_rung_is_done_once_and_for_good_while_the_debt_is_the_same() -> None:
    rules = book(step("call", 3))
    assert codes(late(did("2026-01-18", "call")), "2026-06-01", rules) == {"call": ("done",)}


def test_what_was_undeliverable_or_came_from_the_debtor_did_nothing() -> None:
    rules = book(step("call", 3, channels=Channels("all_of", ("sms", "wechat"))))
    assert codes(late(did("2026-01-18", "call", "undeliverable", "sms")), "2026-02-01", rules) == {"call": ()}
    assert codes(late(did("2026-01-18", "call", inbound=True)), "2026-02-01", rules) == {"call": ()}


def test_a_contact_completes_a_rung_only_with_what_is_to_be_recorded() -> None:
    rules = book(step("call", 3, record=("reason", "outcome")))
    bare, whole = did("2026-01-18", "call"), did("2026-01-19", "call", reason="forgot")
    assert codes(late(bare), "2026-02-01", rules) == {"call": ()}
    assert codes(late(bare, whole), "2026-02-01", rules) == {"call": ("done",)}
    assert [each.value for each in one("call", late(bare), "2026-02-01", rules).because][-1] == "reason"


def test_a_step_rests_while_its_result_may_still_be_recorded_and_is_open_again_after_that() -> None:
    rules = book(step("call", 3, record=("reason", "outcome")))
    friday = late(did("2026-03-13", "call", "sent"))
    resting = one("call", friday, "2026-03-13", rules)
    assert (resting.codes, resting.until) == (("done",), day("2026-03-17"))  # Monday and Tuesday to write it down
    assert [(each.code, each.value) for each in resting.because] == [("done", "reason"), ("done", "outcome")]
    assert codes(friday, "2026-03-17", rules) == {"call": ("done",)}
    assert codes(friday, "2026-03-18", rules) == {"call": ()}
    assert [each.value for each in one("call", friday, "2026-03-18", rules).because][-2:] == ["reason", "outcome"]


def test_of_a_call_sent_is_no_outcome_and_of_a_message_it_is() -> None:
    rules = book(step("remind", 3, action="send_message", record=("outcome",), channels=Channels("first_of", ("sms",))))
    assert steps(late(did("2026-03-13", "remind", "sent", "sms")), "2026-06-01", rules).ended is None
    assert codes(late(did("2026-03-13", "remind", "sent", "sms")), "2026-06-01", rules) == {"remind": ("done",)}
    calls = book(step("call", 3, record=("outcome",)))
    for channel in ("phone", "visit", None):
        assert codes(late(did("2026-03-13", "call", "sent", channel)), "2026-06-01", calls) == {"call": ()}
        assert codes(late(did("2026-03-13", "call", "refused", channel)), "2026-06-01", calls) == {"call": ("done",)}


def test_a_call_that_has_come_down_to_a_message_wants_and_waits_for_what_a_message_can_have() -> None:
    wanted = ("reason", "outcome", "content", "party", "promise", "proof")
    rules = book(step("call", 3, record=wanted, channels=Channels("first_of", ("phone", "wechat"))))
    no_phone = late(debtor=Party(id="O1", reachable=("wechat",)))
    assert one("call", late(), "2026-03-13", rules).record == wanted
    assert one("call", no_phone, "2026-03-13", rules).record == ("outcome", "party", "proof")
    bare = replace(did("2026-03-13", "call", "sent", "wechat"), party=None)
    waits = one("call", replace(no_phone, contacts=(bare,)), "2026-03-13", rules)
    assert [(each.code, each.value) for each in waits.because] == [("done", "party"), ("done", "proof")]
    whole = replace(bare, party="O1", proof="C")
    assert codes(replace(no_phone, contacts=(whole,)), "2026-06-01", rules) == {"call": ("done",)}


def test_a_step_that_repeats_as_a_message_comes_again_after_its_interval() -> None:
    ways = Channels("first_of", ("phone", "sms"))
    rules = book(step("call", 3, record=("reason", "outcome"), channels=ways, repeat=Repeat(Duration(7, "d"), 2)))
    once, twice = did("2026-03-02", "call", "sent", "sms"), did("2026-03-09", "call", "sent", "sms")
    assert codes(late(once), "2026-03-08", rules) == {"call": ("done",)}
    assert codes(late(once), "2026-03-09", rules) == {"call": ()}
    assert codes(late(once, twice), "2026-06-01", rules) == {"call": ("done",)}


def test_a_message_is_no_call_where_the_step_does_not_go_by_it() -> None:
    by_sms = late(did("2026-03-13", "call", "sent", "sms"))
    for ways in (None, Channels("first_of", ("phone", "wechat")), Channels("all_of", ("phone", "sms"))):
        assert codes(by_sms, "2026-06-01", book(step("call", 3, record=("reason",), channels=ways))) == {"call": ()}


def test_a_visit_that_has_come_down_to_the_phone_still_has_a_result() -> None:
    ways = Channels("first_of", ("visit", "phone", "letter"))
    rules = book(step("go", 3, action="visit", record=("reason", "outcome"), channels=ways))
    called = late(did("2026-03-13", "go", "refused", "phone"))
    assert codes(called, "2026-06-01", rules) == {"go": ()}
    assert codes(late(did("2026-03-13", "go", "sent", "letter")), "2026-06-01", rules) == {"go": ("done",)}


def test_one_that_failed_is_open_at_once_though_something_is_to_be_recorded() -> None:
    rules = book(step("call", 3, record=("reason",)))
    assert codes(late(did("2026-03-13", "call", "no_answer")), "2026-03-13", rules) == {"call": ()}
    made = late(did("2026-03-12", "call", "sent"), did("2026-03-13", "call", "no_answer"))
    assert codes(made, "2026-03-13", rules) == {"call": ("done",)}


def test_a_rung_whose_result_is_awaited_lets_no_other_go_in_its_stead() -> None:
    low, high = step("low", 3, record=("reason",)), step("high", 20, action="visit", record=("reason",))
    visited = late(did("2026-02-10", "high", "sent", "visit"))
    assert codes(visited, "2026-02-10", book(low, high)) == {"low": ("superseded",), "high": ("done",)}
    assert codes(visited, "2026-03-02", book(low, high)) == {"low": ("superseded",), "high": ()}
    called = late(did("2026-02-10", "low", "sent"))
    upwards = book(low, high, catch_up="lowest_first")
    assert codes(called, "2026-02-10", upwards) == {"low": ("done",), "high": ("superseded",)}
    assert codes(called, "2026-03-02", upwards) == {"low": (), "high": ("superseded",)}


def test_a_missing_record_brings_no_repeat_sooner_than_a_whole_one() -> None:
    rules = book(step("call", 3, record=("reason",), repeat=Repeat(Duration(7, "d"))))
    bare, whole = did("2026-03-02", "call"), did("2026-03-02", "call", reason="forgot")
    for first in (late(bare), late(whole)):
        assert codes(first, "2026-03-08", rules) == {"call": ("done",)}
        assert codes(first, "2026-03-09", rules) == {"call": ()}
    again = late(whole, did("2026-03-09", "call"))
    assert codes(again, "2026-03-15", rules) == {"call": ("done",)}
    assert [each.value for each in one("call", again, "2026-03-15", rules).because] == ["reason"]
    assert codes(again, "2026-03-16", rules) == {"call": ()}


def test_where_the_source_does_not_record_it_nobody_can_tell_whether_it_was_done() -> None:
    rules = book(step("call", 3, record=("reason",)))
    assert codes(late(did("2026-01-18", "call"), unknown=("contacts.reason",)), "2026-02-01", rules) == {
        "call": ("unknown",)
    }
    assert codes(late(unknown=("contacts",)), "2026-02-01", rules) == {"call": ("unknown",)}
    assert codes(late(unknown=("contacts",)), "2026-01-17", rules) == {"call": ("not_yet",)}


def test_paying_the_oldest_charge_goes_on_at_the_age_of_the_newer_one_with_what_was_done_since() -> None:
    both = household(Q1, Q2, contacts=[did("2026-01-20", "low"), did("2026-04-20", "middle", channel="visit")])
    settled = replace(both, payments=(paid("2026-04-26", "1000.00", "Q1"),))
    assert codes(both, "2026-04-26", book(*THREE)) == {"low": ("done",), "middle": ("done",), "high": ()}
    # The call was about the first quarter; the visit came after the second had fallen due.
    assert codes(settled, "2026-04-26", book(*THREE)) == {
        "low": ("superseded",),
        "middle": ("done",),
        "high": ("not_yet",),
    }
    assert codes(settled, "2026-04-30", book(*THREE))["high"] == ()


def test_a_contact_on_the_due_date_itself_counts() -> None:
    rules = book(step("call", 3))
    assert codes(late(did("2026-01-15", "call")), "2026-02-01", rules) == {"call": ("done",)}
    assert codes(late(did("2026-01-14", "call")), "2026-02-01", rules) == {"call": ()}


def test_a_credit_note_or_a_small_rest_moves_the_anchor_like_a_payment() -> None:
    rules = replace(book(step("call", 3)), payments=Payments(chase_from=100))
    called = household(Q1, Q2, contacts=[did("2026-01-20", "call")])
    assert codes(called, "2026-04-20", rules) == {"call": ("done",)}
    assert codes(replace(called, adjustments=(credit_note("2026-04-01", "1000.00", "Q1"),)), "2026-04-20", rules) == {
        "call": ()
    }
    assert codes(replace(called, payments=(paid("2026-04-01", "999.50", "Q1"),)), "2026-04-20", rules) == {"call": ()}


def test_once_per_quarter_is_open_again_with_the_quarter() -> None:
    rules = book(step("visit", 3, action="visit", once_per="quarter"))
    visited = late(did("2026-02-01", "visit", channel="visit"))
    assert codes(visited, "2026-03-31", rules) == {"visit": ("done",)}
    assert one("visit", visited, "2026-03-01", rules).until == day("2026-03-31")
    assert codes(visited, "2026-04-01", rules) == {"visit": ()}


def test_once_per_episode_outlives_the_anchor_charge() -> None:
    rules = book(step("letter", 3, action="deliver_letter", once_per="episode"))
    sent = household(
        Q1, Q2, contacts=[did("2026-02-01", "letter", "sent", "letter")], payments=[paid("2026-04-20", "1000.00", "Q1")]
    )
    assert codes(sent, "2026-05-01", rules) == {"letter": ("done",)}
    assert codes(sent, "2026-05-01", book(step("letter", 3, action="deliver_letter"))) == {"letter": ()}


# Repeats


def test_a_rung_repeats_after_its_interval_as_often_as_it_may() -> None:
    rules = book(step("visit", 3, action="visit", repeat=Repeat(Duration(7, "d"), times=2)))
    visits = [did(f"2026-02-{number:02}", "visit", channel="visit") for number in (1, 8)]
    assert codes(late(visits[0]), "2026-02-07", rules) == {"visit": ("done",)}
    assert one("visit", late(visits[0]), "2026-02-02", rules).until == day("2026-02-07")
    assert codes(late(visits[0]), "2026-02-08", rules) == {"visit": ()}
    assert codes(late(*visits), "2026-12-31", rules) == {"visit": ("done",)}


def test_a_rung_stops_repeating_when_its_end_is_true_or_a_higher_one_was_done() -> None:
    until = Repeat(Duration(7, "d"), until=is_("refused", True))
    rules = book(
        step("visit", 3, action="visit", repeat=until),
        step("letter", 5, action="deliver_letter", when=is_("use", "office")),
    )
    visited = did("2026-02-01", "visit", channel="visit")
    assert codes(late(visited, use="residential"), "2026-02-10", rules)["visit"] == ()
    refused = late(visited, said("2026-02-03", "refused"), use="residential")
    assert codes(refused, "2026-02-10", rules)["visit"] == ("done",)
    higher = late(visited, did("2026-02-05", "letter", "sent", "letter"), use="residential")
    assert codes(higher, "2026-02-10", rules)["visit"] == ("done",)
    unheard = late(visited, use="residential", unknown=("contacts.outcome",))
    assert codes(unheard, "2026-02-10", rules)["visit"] == ("unknown",)


# Choosing


@pytest.mark.parametrize(
    ("catch_up", "expected"),
    [
        ("only_highest", {"low": ("superseded",), "middle": ("superseded",), "high": ()}),
        ("lowest_first", {"low": (), "middle": ("superseded",), "high": ("superseded",)}),
        ("all", {"low": (), "middle": (), "high": ()}),
    ],
)
def test_a_household_that_comes_late_catches_up_as_the_book_says(catch_up: str, expected: object) -> None:
    assert codes(late(), "2026-03-01", book(*THREE, catch_up=catch_up)) == expected


def test_what_lies_below_a_rung_done_is_superseded() -> None:
    rules = book(*THREE)
    jumped = late(did("2026-01-25", "middle", channel="visit"))
    assert codes(jumped, "2026-01-26", rules) == {"low": ("superseded",), "middle": ("done",), "high": ("not_yet",)}
    assert codes(jumped, "2026-01-26", book(*THREE, catch_up="lowest_first"))["low"] == ()
    assert codes(jumped, "2026-01-26", book(*THREE, catch_up="all"))["low"] == ()


def test_a_blocked_rung_supersedes_nothing() -> None:
    signed = step("demand", 15, action="formal_demand", approval=ApprovalRule(("legal",)))
    rules = book(*THREE[:2], signed)
    waiting = codes(late(), "2026-03-01", rules)
    assert waiting == {"low": ("superseded",), "middle": (), "demand": ("approval",)}
    given = late(approvals=[approved("2026-02-25", "demand", "legal", "u1")])
    assert codes(given, "2026-03-01", rules) == {"low": ("superseded",), "middle": ("superseded",), "demand": ()}


def test_a_rung_whose_condition_fails_or_is_unknown_supersedes_nothing() -> None:
    rules = book(step("low", 3), step("high", 8, action="visit", when=at_least("area", 10000)))
    assert codes(late(), "2026-03-01", rules) == {"low": (), "high": ("unknown",)}
    small = one("high", late(area=80), "2026-03-01", rules)
    assert small.codes == ("condition",)
    assert [(each.code, each.kind, each.name, each.value) for each in small.because] == [
        ("condition", "fact", "area", 8000)
    ]
    assert [each.name for each in one("high", late(), "2026-03-01", rules).because] == ["area"]


def test_all_codes_are_told_in_their_order() -> None:
    rules = book(
        step("low", 3),
        step("suit", action="sue", when=at_least("overdue_days", 366), after=(after(0, event="done", of="low"),),
             approval=ApprovalRule(("legal",))),
    )  # fmt: skip
    account = late(promised("2026-02-20", "2026-03-05"), disputes=[dispute("2026-02-25", "contract")])
    assert codes(account, "2026-03-01", rules) == {
        "low": ("promise", "dispute"),
        "suit": ("condition", "after", "promise", "dispute", "approval"),
    }
    assert in_order(reversed(CODES)) == CODES


# Waiting for other rungs


def test_a_rung_waits_for_another_to_have_been_done_since_the_debt_fell_due() -> None:
    rules = book(step("call", 3), step("visit", action="visit", after=(after(5, event="done", of="call"),)))
    assert codes(late(), "2026-02-01", rules)["visit"] == ("after",)
    called = late(did("2026-01-20", "call"))
    assert codes(called, "2026-01-24", rules)["visit"] == ("after",)
    assert one("visit", called, "2026-01-24", rules).until == day("2026-01-24")
    assert codes(called, "2026-01-25", rules)["visit"] == ()
    assert codes(late(did("2026-01-10", "call")), "2026-01-25", rules)["visit"] == ("after",)


DEMAND = step(
    "formal_demand", 10, action="formal_demand", gives=Gives(Duration(10, "wd"), Duration(15, "d")), proof="B"
)
WAITING = step("mediation", action="mediate", after=(after(0, event="expired", of="formal_demand"),))


def test_a_deadline_quiets_the_rungs_below_until_it_expires() -> None:
    rules = book(step("call", 3, repeat=Repeat(Duration(5, "d"))), DEMAND, WAITING, catch_up="all")
    sent = late(demand("2026-07-16", proof="B"))
    before = one("call", sent, "2026-07-31", rules)
    assert (before.codes, before.until) == (("quiet",), day("2026-07-31"))
    assert codes(sent, "2026-07-31", rules)["mediation"] == ("after",)
    assert codes(sent, "2026-08-01", rules) == {"call": (), "formal_demand": ("done",), "mediation": ()}


def test_a_demand_that_has_not_arrived_quiets_nobody() -> None:
    rules = book(step("call", 3), DEMAND, catch_up="all")
    assert codes(late(demand("2026-07-16", proof="C")), "2026-07-20", rules)["call"] == ()
    assert codes(late(demand("2026-07-16", proof=None)), "2026-07-20", rules)["call"] == ()


def test_a_demand_with_less_evidence_than_it_needs_is_told_apart_from_none() -> None:
    rules = book(DEMAND, WAITING)
    assert codes(late(), "2026-09-01", rules)["mediation"] == ("after",)
    assert codes(late(demand("2026-07-16", proof="C")), "2026-09-01", rules)["mediation"] == ("evidence",)
    assert codes(late(demand("2026-07-16", proof=None)), "2026-09-01", rules)["mediation"] == ("unknown",)
    assert codes(late(demand("2026-07-16", proof="A")), "2026-09-01", rules)["mediation"] == ()


def test_the_end_of_the_ladder_is_told_once_the_last_rung_is_done_and_nothing_runs() -> None:
    rules = book(step("call", 3), DEMAND, at_end="refer_to_management")
    assert steps(late(did("2026-02-01", "call")), "2026-09-01", rules).ended is None
    sent = late(demand("2026-07-16", proof="B"))
    assert steps(sent, "2026-07-31", rules).ended is None
    assert steps(sent, "2026-08-01", rules).ended == "refer_to_management"
    assert steps(household(), "2026-08-01", rules).ended is None


def test_a_rung_tied_to_what_came_of_another_waits_for_it_or_says_what_is_missing() -> None:
    follow = step("follow", window=AnchorWindow(after(7, event="delivered", of="formal_demand")))
    rules = book(DEMAND, follow)
    assert codes(late(), "2026-09-01", rules)["follow"] == ("not_yet",)
    sent = late(demand("2026-07-16", proof="B"))
    assert codes(sent, "2026-07-22", rules)["follow"] == ("not_yet",)
    assert one("follow", sent, "2026-07-22", rules).until == day("2026-07-22")
    assert codes(sent, "2026-07-23", rules)["follow"] == ()
    assert codes(late(demand("2026-07-16", proof="C")), "2026-07-23", rules)["follow"] == ("not_yet", "evidence")
    assert codes(late(demand("2026-07-16", proof=None)), "2026-07-23", rules)["follow"] == ("unknown",)
    twice = late(demand("2026-07-16", proof="B"), did("2026-07-24", "follow"), demand("2026-08-20", proof="B"))
    assert codes(twice, "2026-08-26", rules)["follow"] == ("done",)
    assert codes(twice, "2026-08-27", rules)["follow"] == ()  # the second demand wants a call of its own


# Channels


def channels(account: Account, on: str, rules: RuleBook) -> tuple[str, ...] | str:
    found = one("call", account, on, rules)
    return found.channels.channels if not found.codes and found.channels is not None else "/".join(found.codes)


def test_an_unanswered_call_falls_back_on_the_next_channel() -> None:
    rules = book(step("call", 3, channels=Channels("first_of", ("phone", "wechat", "sms"))))
    unanswered = did("2026-01-18", "call", "no_answer", "phone")
    assert channels(late(), "2026-01-18", rules) == ("phone", "wechat", "sms")
    assert channels(late(unanswered), "2026-01-18", rules) == ("wechat", "sms")
    failed = did("2026-01-18T11:00", "call", "undeliverable", "wechat")
    assert channels(late(unanswered, failed), "2026-01-18", rules) == ("sms",)
    sent = did("2026-01-18T12:00", "call", "sent", "sms")
    assert channels(late(unanswered, failed, sent), "2026-01-18", rules) == "done"


def test_an_unanswered_call_counts_where_no_other_channel_is_left() -> None:
    alone = book(step("call", 3, channels=Channels("first_of", ("phone",))))
    assert channels(late(did("2026-01-18", "call", "no_answer")), "2026-02-01", alone) == "done"
    dead_end = late(did("2026-01-18", "call", "no_answer"), did("2026-01-19", "call", "undeliverable", "sms"))
    assert (
        channels(dead_end, "2026-02-01", book(step("call", 3, channels=Channels("first_of", ("phone", "sms")))))
        == "done"
    )


def test_where_every_channel_is_dead_nobody_can_be_reached() -> None:
    rules = book(step("call", 3, channels=Channels("first_of", ("sms", "wechat"))))
    dead = late(did("2026-01-18", "call", "undeliverable", "sms"), did("2026-01-19", "call", "undeliverable", "wechat"))
    assert channels(dead, "2026-02-01", rules) == "unreachable"


def test_a_list_of_ways_to_reach_the_debtor_rules_out_the_others() -> None:
    rules = book(step("call", 3, channels=Channels("first_of", ("phone", "sms"))))
    only_sms = late(debtor=Party(id="O1", reachable=("sms", "ems")))
    assert channels(only_sms, "2026-02-01", rules) == ("sms",)
    assert channels(late(debtor=Party(id="O1", reachable=("ems",))), "2026-02-01", rules) == "unreachable"
    assert channels(late(debtor=Party(id="O1", reachable=())), "2026-02-01", rules) == "unreachable"


def test_a_demand_by_post_needs_only_the_address_of_the_unit() -> None:
    both = Channels("all_of", ("ems", "sms"))
    rules = book(step("call", 3, action="formal_demand", channels=both))
    assert channels(late(debtor=Party(id="O1", reachable=("sms",))), "2026-02-01", rules) == ("ems", "sms")
    assert channels(late(debtor=Party(id="O1", reachable=())), "2026-02-01", rules) == ("ems",)
    returned = late(did("2026-01-18", "call", "undeliverable", "ems"), debtor=Party(id="O1", reachable=("sms",)))
    assert channels(returned, "2026-02-01", rules) == ("sms",)


def test_a_step_without_channels_goes_out_the_usual_way_and_a_visit_needs_no_address_book() -> None:
    rules = book(step("call", 3), step("visit", 4, action="visit"), step("talk", 5, action="mediate"), catch_up="all")
    found = {
        each.step.id: each.channels
        for each in steps(late(debtor=Party(id="O1", reachable=("phone",))), "2026-02-01", rules).candidates
    }
    assert found == {"call": Channels("first_of", ("phone",)), "visit": Channels("first_of", ("visit",)), "talk": None}
    assert codes(late(debtor=Party(id="O1", reachable=("sms",))), "2026-02-01", rules)["call"] == ("unreachable",)


def test_an_unreachable_rung_does_not_silence_the_one_below() -> None:
    rules = book(
        step("low", 3, channels=Channels("first_of", ("sms",))),
        step("high", 5, channels=Channels("first_of", ("wechat",))),
    )
    assert codes(late(debtor=Party(id="O1", reachable=("sms",))), "2026-02-01", rules) == {
        "low": (),
        "high": ("unreachable",),
    }


# What a step says and who does it

_KIND = Output(kind="choice", words={word: Text(word, word) for word in ("friendly", "firm", "legal")})
_BY_AGE = Table(
    id="tone_by_age",
    title=Text("口径", "tone"),
    output=_KIND,
    hit="first",
    rows=(
        Row(number=1, when=at_least("overdue_days", 90), then=Dated.always("legal")),
        Row(number=2, when=at_least("area", 9000), then=Dated.always("firm")),
    ),
)


def test_role_template_and_tone_come_from_tables() -> None:
    rules = book(
        step("call", 3, template=By("tone_by_age"), tone=By("tone_by_age"), role="steward"),
        tables={"tone_by_age": _BY_AGE},
    )
    old = one("call", late(area=80), "2026-06-01", rules)
    assert (old.template, old.tone, old.role) == ("legal", "legal", "steward")
    large = one("call", late(area=95), "2026-02-01", rules)
    assert (large.template, large.tone) == ("firm", "firm")


def test_a_table_that_answers_none_leaves_the_usual_tone_and_one_undetermined_withholds_the_step() -> None:
    rules = book(step("call", 3, template=By("tone_by_age")), tables={"tone_by_age": _BY_AGE})
    small = one("call", late(area=80), "2026-02-01", rules)
    assert (small.template, small.tone) == (None, "friendly")
    unknown = one("call", late(), "2026-02-01", rules)
    assert unknown.codes == ("unknown",)
    reason = unknown.because[0]
    assert (reason.name, reason.value) == ("tone_by_age", Unknown(("area",)))


def test_the_tone_is_the_steps_else_that_of_its_templates_head() -> None:
    heads = {"a": "service_value", "b": "firm"}
    templates = {name: Template(id=name, title=name, tone=tone) for name, tone in heads.items()}  # type: ignore[arg-type]
    by_age = replace(_BY_AGE, rows=(Row(number=1, when=at_least("overdue_days", 0), then=Dated.always("b")),))
    rules = book(
        step("headed", 3, template="a"),
        step("own", 3, template="a", tone="legal"),
        step("by_table", 3, template=By("tone_by_age")),
        step("unheard_of", 3, template="legal"),
        step("bare", 3),
        catch_up="all",
        templates=templates,
        tables={"tone_by_age": by_age},
    )
    assert tones(rules) == {
        "headed": "service_value", "own": "legal", "by_table": "firm", "unheard_of": "friendly", "bare": "friendly",
    }  # fmt: skip


def test_a_formal_demand_and_a_suit_are_always_legal() -> None:
    letter = {"letter": Template(id="letter", title="letter", tone="friendly")}
    rules = book(
        step("demand", 4, action="formal_demand", tone="friendly", template="letter"),
        step("claim", 4, action="formal_demand", template="letter"),
        step("suit", 5, action="sue"),
        catch_up="all",
        templates=letter,
    )
    assert set(tones(rules).values()) == {"legal"}


def tones(rules: RuleBook) -> dict[str, str]:
    return {each.step.id: each.tone for each in steps(late(), "2026-02-01", rules).candidates}


def test_a_demand_goes_to_everybody_liable_and_a_call_to_the_debtor() -> None:
    parties = [
        Party(id="W", role="joint_owner", liable=True),
        Party(id="T", role="tenant", liable=False),
        Party(id="OLD", role="joint_owner", liable=True, until=day("2025-12-31")),
    ]
    rules = book(step("call", 3), step("demand", 4, action="formal_demand"), catch_up="all")
    found = {each.step.id: each.to for each in steps(late(parties=parties), "2026-02-01", rules).candidates}
    assert found == {"call": ("O1",), "demand": ("O1", "W")}
    others = book(
        step("urge", 3, action="committee_urge", to="committee"), step("dev", 3, to="developer"), catch_up="all"
    )
    found = {each.step.id: (each.to, each.receiver) for each in steps(late(), "2026-02-01", others).candidates}
    assert found == {"urge": ((), "committee"), "dev": ((), "developer")}


_OF_CHARGE = Table(
    id="who",
    title=Text("经办", "who"),
    of="charge",
    output=Output(kind="role", words={}),
    rows=(
        Row(number=1, when=at_least("charge_unpaid", 200000), then=Dated.always("legal")),
        Row(number=2, when=Not(at_least("charge_unpaid", 200000)), then=Dated.always("steward")),
    ),
)


def test_a_step_of_charges_reads_tables_of_charges_and_one_of_the_account_their_worst() -> None:
    big = charge("2026-01-15", "3000.00", name="BIG")
    rules = book(
        step("each", 3, of="charge", role=By("who"), when=is_("who", "legal", "steward")),
        step("once", 4, when=is_("worst(who)", "legal")),
        tables={"who": _OF_CHARGE},
        catch_up="all",
    )
    account = household(Q1, big)
    found = {each.charge_id: each.role for each in steps(account, "2026-02-01", rules).candidates if not each.codes}
    assert found == {"Q1": "steward", "BIG": "legal", None: None}
    assert codes(household(Q1), "2026-02-01", rules)["once"] == ("condition",)


# What is asked for


def test_a_rung_asks_for_all_that_is_overdue_with_its_late_fee() -> None:
    rules = book(step("call", 3))
    account = household(Q1, Q2, charge("2026-07-15", name="Q3"))
    found = one("call", account, "2026-05-15", rules)
    assert [state.charge.id for state in found.charges] == ["Q1", "Q2"]
    assert found.ask is not None
    # 120 days cap at 50.00 for the first; 30 days at 0.5 a day for the second.
    assert (found.ask.principal, found.ask.late_fee, found.ask.total, str(found.ask.as_of)) == (
        200000,
        6500,
        206500,
        "2026-05-15",
    )


def test_late_fee_left_on_a_charge_paid_is_asked_for_with_the_rest() -> None:
    account = household(Q1, Q2, payments=[paid("2026-02-14", "1000.00", "Q1")])
    found = one("call", account, "2026-05-15", book(step("call", 3)))
    assert [state.charge.id for state in found.charges] == ["Q1", "Q2"]
    assert found.ask is not None
    assert found.ask.late_fee == 1500 + 1500


def test_a_fee_nobody_can_determine_is_left_open() -> None:
    found = one("call", household(Q1, contract=None), "2026-05-15", book(step("call", 3)))
    assert found.ask is not None
    assert (found.ask.late_fee, found.ask.total) == (None, 100000)


def test_the_time_a_step_gives_is_told_as_a_day_to_pay_by() -> None:
    assert one("formal_demand", late(), "2026-07-16", book(DEMAND)).pay_by == day("2026-07-31")


def test_min_gap_counts_from_the_last_contact_this_ladder_made() -> None:
    rules = book(
        step("low", 3), step("high", 8, action="visit"), reminders=(step("note", 0),), min_gap=Duration(3, "d")
    )
    talks = [
        did("2026-01-20", "low"),
        did("2026-01-21", "note"),
        did("2026-01-22", "high", "no_answer", "visit"),
        said("2026-01-22"),
    ]
    found = one("high", late(*talks), "2026-01-23", rules)
    assert found.codes == ("done",)  # an unanswered visit is a visit: no other channel is left
    both = one("high", late(*talks[:2]), "2026-01-23", rules)
    assert str(both.gap_since) == "2026-01-20 10:00:00"
    assert one("high", late(), "2026-01-23", rules).gap_since is None


# Charge by charge


def test_a_rung_of_charges_stands_for_each_of_them() -> None:
    rules = book(step("call", 3, of="charge", when=at_least("charge_overdue_days", 30)))
    account = household(Q1, Q2, contacts=[did("2026-02-20", "call", charges=("Q1",))])
    assert codes(account, "2026-05-20", rules) == {"call/Q1": ("done",), "call/Q2": ()}
    assert codes(account, "2026-05-01", rules) == {"call/Q1": ("done",), "call/Q2": ("condition",)}
    assert codes(account, "2026-04-16", rules) == {"call/Q1": ("done",), "call/Q2": ("not_yet",)}
    assert codes(household(), "2026-04-16", rules) == {"call": ("not_yet",)}
    found = one("call/Q2", account, "2026-05-20", rules)
    assert [state.charge.id for state in found.charges] == ["Q2"]
    assert (found.anchor_record, found.ask and found.ask.principal) == ("Q2", 100000)


def test_a_rung_before_the_due_date_stands_for_charges_to_come_beside_those_overdue() -> None:
    rules = book(step("early", window=AnchorWindow(after(-3)), of="charge"))
    assert codes(household(Q1, Q2), "2026-04-13", rules) == {"early/Q1": (), "early/Q2": ()}
    told = household(Q1, Q2, contacts=[did("2026-01-12", "early", charges=("Q1",))])
    assert codes(told, "2026-04-11", rules) == {"early/Q1": ("done",), "early/Q2": ("not_yet",)}


def test_what_was_done_before_the_due_date_counts_for_a_rung_that_begins_there() -> None:
    rules = book(step("early", window=AnchorWindow(after(-3))))
    assert codes(late(did("2026-01-12", "early")), "2026-01-13", rules) == {"early": ("done",)}
    assert codes(late(did("2026-01-11", "early")), "2026-01-13", rules) == {"early": ()}


def test_a_contact_that_names_no_charge_was_about_all_that_were_overdue() -> None:
    rules = book(step("call", 3, of="charge"))
    account = household(Q1, Q2, contacts=[did("2026-04-14", "call")])
    assert codes(account, "2026-05-20", rules) == {"call/Q1": ("done",), "call/Q2": ()}


# Names


def test_a_renamed_rung_keeps_what_was_done_and_its_key() -> None:
    old = book(step("ring", 3, repeat=Repeat(Duration(7, "d"))))
    new = replace(book(step("call", 3, repeat=Repeat(Duration(7, "d")))), retired=(Retired("ring", now="call"),))
    rung = late(did("2026-02-01", "ring"))
    assert codes(rung, "2026-02-05", new) == {"call": ("done",)}
    assert one("call", rung, "2026-02-10", new).key == one("ring", rung, "2026-02-10", old).key


def test_approvals_under_an_older_name_count() -> None:
    rules = replace(
        book(step("demand", 3, action="formal_demand", approval=ApprovalRule(("legal",)))),
        retired=(Retired("letter", now="demand"),),
    )
    assert codes(late(approvals=[approved("2026-02-01", "letter", "legal", "u1")]), "2026-02-10", rules) == {
        "demand": ()
    }


def test_a_step_nobody_knows_any_more_is_reported_while_the_household_stands_on_it() -> None:
    rules = replace(book(step("call", 3)), retired=(Retired("visit", reason="不再上门"),))
    stranger = late(did("2026-02-01", "final_warning"), did("2026-02-02", "visit"), did("2026-02-03", "final_warning"))
    assert [(each.code, each.args["step"]) for each in steps(stranger, "2026-03-01", rules).findings] == [
        ("A802", "final_warning")
    ]
    older = late(did("2026-01-01", "final_warning"))
    assert steps(older, "2026-03-01", rules).findings == ()


# Keys


def test_the_key_is_made_of_what_identifies_the_occasion() -> None:
    found = one("call", late(), "2026-02-01", book(step("call", 3)))
    text = json.dumps(["main", "A1", "call", None, "due", "Q1", 0], separators=(",", ":"))
    assert found.key == hashlib.sha256(text.encode()).hexdigest()[:32]
    assert found.key == key_of("main", "A1", "call", None, "due", "Q1", 0)


def test_the_key_changes_with_every_attempt_and_with_the_debt_and_with_nothing_else() -> None:
    rules = book(step("call", 3, channels=Channels("first_of", ("phone", "sms"))))
    first = one("call", late(), "2026-02-01", rules)
    assert one("call", late(said("2026-01-30")), "2026-02-09", rules).key == first.key
    second = one("call", late(did("2026-02-01", "call", "no_answer")), "2026-02-01", rules)
    assert (second.occurrence, second.key != first.key) == (1, True)
    newer = household(Q1, Q2, payments=[paid("2026-04-20", "1000.00", "Q1")])
    assert one("call", newer, "2026-05-01", rules).anchor_record == "Q2"


# The whole book, under the law


def debtor(*charges: Any, **more: Any) -> Account:
    return household(*charges, use="residential", place="CN-3301", area=96, **more)


BIG = charge("2025-01-15", "6000.00", name="B")


def test_a_suit_names_only_the_charges_whose_demand_has_expired() -> None:
    letter = demand("2026-03-02", proof="B", charges=("B",))
    given = [approved("2026-07-01", "suit", role, by) for role, by in (("legal", "u1"), ("general_manager", "u2"))]
    both = debtor(BIG, Q1, contacts=[letter], approvals=given)
    found = one("suit", both, "2026-07-10")
    assert found.codes == ()
    assert [state.charge.id for state in found.charges] == ["B"]
    assert found.ask is not None
    assert found.ask.principal == 600000
    assert found.approved_by == ("u1", "u2")


def test_a_suit_without_a_demand_meets_the_gate_of_the_law() -> None:
    found = one("suit", debtor(BIG), "2026-07-10")
    assert found.codes == ("gate", "after", "approval")
    assert "CC-944.2" in [each.name for each in found.because if each.code == "gate"]
    weak = one("suit", debtor(BIG, contacts=[demand("2026-03-02", proof="C")]), "2026-07-10")
    assert weak.codes == ("gate", "evidence", "approval")


def test_a_formal_demand_waits_for_two_people() -> None:
    found = one("formal_demand", debtor(BIG), "2025-08-01")
    assert found.codes == ("approval",)
    assert [each.name for each in found.because if each.kind == "role"] == ["legal", "property_manager"]


def test_a_charge_the_law_bars_is_left_out_of_every_step() -> None:
    period = (day("2026-01-01"), day("2026-03-31"))
    once, twice = replace(Q1, period=period, id="ONE"), replace(Q1, period=period, id="TWICE")
    found = one("routine_round", debtor(once, twice), "2026-03-01")
    assert [state.charge.id for state in found.charges] == ["ONE"]
    assert found.ask is not None
    assert found.ask.principal == 100000
    refused = debtor(Q1, BIG, debtor=Party(id="O1", tags=("handover_refused",)))
    assert codes(refused, "2026-03-01")["routine_round"] == ("gate",)
    assert codes(refused, "2026-03-01")["formal_demand"][0] == "prohibited"


def test_a_step_the_law_forbids_for_this_debtor_is_withheld_with_its_articles() -> None:
    rules = replace(pack(), ladder=replace(pack().ladder, steps=(step("praise", 3, action="commend_payers"),)))
    refused = one("praise", debtor(Q1), "2026-03-01", rules)
    assert refused.codes == ("prohibited",)
    assert {each.kind for each in refused.because if each.code == "prohibited"} == {"article"}
    agreed = debtor(Q1, consents=[Consent(party="O1", kind="public_commendation", since=day("2025-01-01"))])
    assert one("praise", agreed, "2026-03-01", rules).codes == ()


def test_a_known_action_keeps_its_effects_whatever_a_book_says_of_it() -> None:
    harmless = Action("charge_dunning_fee", Text("催收费", "a fee"), ())
    ladder = replace(pack().ladder, steps=(step("fee", action="charge_dunning_fee"),))
    rules = replace(pack(), ladder=ladder, actions={harmless.id: harmless})
    assert codes(debtor(Q1), "2026-03-01", rules)["fee"] == ("prohibited",)


def test_every_configured_step_appears_once_at_least() -> None:
    rules = pack()
    configured = [each.id for each in (*rules.reminders, *rules.ladder.steps)]
    for account in (debtor(), debtor(BIG), debtor(BIG, Q1, Q2), debtor(BIG, unknown=("contacts", "debtor.tags"))):
        for on in ("2024-12-20", "2025-01-20", "2025-08-01", "2026-04-10"):
            found = [name_of(each).partition("/")[0] for each in steps(account, on).candidates]
            assert list(dict.fromkeys(found)) == configured


def test_own_facts_are_read_by_steps_as_by_tables() -> None:
    fact = OwnFact(id="vip", type=Type("boolean"), title=Text("贵宾", "VIP"), key="vip")
    rules = book(step("call", 3, when=is_("vip", True)), facts={"vip": fact})
    assert codes(late(attributes={"vip": True}), "2026-02-01", rules) == {"call": ()}
    assert codes(late(attributes={"vip": False}), "2026-02-01", rules) == {"call": ("condition",)}
    assert codes(late(), "2026-02-01", rules) == {"call": ("unknown",)}


def test_due_is_short_for_the_steps_without_codes() -> None:
    assert due(late(), "2026-03-01", book(*THREE)) == ["high"]
