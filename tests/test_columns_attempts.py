"""What was done under a step, for many homes at once: tried, done, awaited, to be done again; what is left to try."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pytest

from both_ways import DUE, actions, codes, until
from dunning.basis.finding import Text
from dunning.model.account import Account, Contact, Party
from dunning.model.anchor import AnchorWindow, CalendarWindow, Duration
from dunning.model.condition import Type
from dunning.model.rulebook import OwnFact, RuleBook
from dunning.model.steps import Channels, Gives, Repeat, Step
from escalation import after, book, did, step
from households import charge, household, promised, said
from test_ladder import is_

Q1 = charge("2026-01-15", name="Q1")
Q2 = charge("2026-02-16", name="Q2")
CALL_THEN_WRITE = Channels("first_of", ("phone", "wechat"))
THREE_DAYS = Duration(3, "d")


def late(*contacts: Contact, **more: object) -> Account:
    return household(Q1, contacts=list(contacts), **more)


def calls(facts: Mapping[str, OwnFact] = MappingProxyType({}), **more: object) -> RuleBook:
    return book(step("call", 3, **more), facts=facts)


def channels(on: str, rules: RuleBook, account: Account) -> list[object]:
    return [row["channels"] for row in actions(on, rules, account)]


# Channels


def test_a_call_unanswered_falls_back_to_the_next_channel() -> None:
    rules = calls(channels=CALL_THEN_WRITE)
    rang = late(did("2026-02-02", "call", "no_answer"))
    assert channels("2026-02-03", rules, rang) == [["wechat"]]
    assert actions("2026-02-03", rules, rang)[0]["action"] == "send_message"
    wrote = late(did("2026-02-02", "call", "no_answer"), did("2026-02-03", "call", "sent", "wechat"))
    assert codes("2026-02-04", rules, wrote) == {"call": "done"}


def test_where_no_channel_is_left_an_unanswered_call_was_made() -> None:
    rules = calls(channels=Channels("first_of", ("phone",)))
    assert codes("2026-02-03", rules, late(did("2026-02-02", "call", "no_answer"))) == {"call": "done"}


def test_a_call_by_a_channel_the_step_has_not_got_falls_back_to_nothing() -> None:
    rules = calls(channels=CALL_THEN_WRITE)
    assert codes("2026-02-03", rules, late(did("2026-02-02", "call", "no_answer", "visit"))) == {"call": "done"}


def test_somebody_reached_starts_the_channels_anew() -> None:
    rules = calls(channels=CALL_THEN_WRITE, repeat=Repeat(THREE_DAYS))
    rang = [did("2026-02-02", "call", "no_answer"), did("2026-02-02T11:00", "call", "reached")]
    assert channels("2026-02-06", rules, late(*rang)) == [["phone", "wechat"]]


def test_what_could_not_be_delivered_is_tried_no_more() -> None:
    rules = calls(channels=CALL_THEN_WRITE)
    dead = [did("2026-02-02", "call", "undeliverable")]
    assert channels("2026-02-05", rules, late(*dead)) == [["wechat"]]
    dead.append(did("2026-02-03", "call", "undeliverable", "wechat"))
    assert codes("2026-02-05", rules, late(*dead)) == {"call": "unreachable"}


def test_a_list_of_ways_to_reach_somebody_rules_out_the_others() -> None:
    rules = calls(channels=CALL_THEN_WRITE)
    deaf = late(did("2026-02-02", "call", "no_answer"), debtor=Party(id="O1", reachable=("sms", "phone")))
    assert codes("2026-02-03", rules, deaf) == {"call": "done"}


# Results


def test_a_rung_rests_while_its_result_is_to_be_recorded() -> None:
    rules = calls(record=("outcome", "reason"))
    made = late(did("2026-02-02", "call", "reached"))  # a Monday
    assert codes("2026-02-04", rules, made) == {"call": "done"}
    assert until("2026-02-04", rules, made) == {"call": "2026-02-04"}
    assert codes("2026-02-05", rules, made) == {"call": DUE}
    assert codes("2026-02-05", rules, late(did("2026-02-02", "call", "reached", reason="forgot"))) == {"call": "done"}


def test_of_a_call_sent_is_no_result() -> None:
    rules = calls(record=("outcome",), channels=CALL_THEN_WRITE)
    assert codes("2026-02-06", rules, late(did("2026-02-02", "call", "sent"))) == {"call": DUE}
    assert codes("2026-02-06", rules, late(did("2026-02-02", "call", "sent", "wechat"))) == {"call": "done"}
    assert codes("2026-02-06", rules, late(did("2026-02-02", "call", "sent", None))) == {"call": DUE}


@pytest.mark.parametrize(
    ("field", "more"),
    [
        ("promise", {"promise": promised("2026-02-02", "2026-02-03").promise}),
        ("party", {"party": "O1"}),
        ("content", {"content": "说了"}),
        ("proof", {"proof": "C"}),
    ],
)
def test_what_a_step_wants_recorded_completes_it(field: str, more: dict[str, object]) -> None:
    rules = calls(record=(field,))
    assert codes("2026-02-10", rules, late(did("2026-02-02", "call"))) == {"call": DUE}
    assert codes("2026-02-10", rules, late(did("2026-02-02", "call", **more))) == {"call": "done"}


def test_an_empty_text_is_nothing_recorded() -> None:
    rules = calls(record=("content",))
    assert codes("2026-02-10", rules, late(did("2026-02-02", "call", content=""))) == {"call": DUE}


# Again


def test_a_step_comes_again_after_its_time_so_many_times() -> None:
    rules = calls(repeat=Repeat(THREE_DAYS, times=2))
    once = late(did("2026-02-02", "call"))
    assert until("2026-02-04", rules, once) == {"call": "2026-02-04"}
    assert codes("2026-02-05", rules, once) == {"call": DUE}
    twice = late(did("2026-02-02", "call"), did("2026-02-05", "call"))
    assert until("2026-03-01", rules, twice) == {"call": None}


def test_an_attempt_that_failed_counts_for_no_time_but_the_step_rests_after_it() -> None:
    rules = calls(repeat=Repeat(Duration(10, "d"), times=1), record=("reason",))
    made = late(did("2026-02-02", "call", reason=None))
    assert until("2026-02-04", rules, made) == {"call": "2026-02-11"}
    assert codes("2026-02-12", rules, made) == {"call": DUE}


def test_a_step_comes_no_more_once_its_end_is_reached() -> None:
    rules = calls(repeat=Repeat(THREE_DAYS, until=is_("refused", True)))
    assert codes("2026-02-10", rules, late(did("2026-02-02", "call", "refused"))) == {"call": "done"}
    assert codes("2026-02-10", rules, late(did("2026-02-02", "call", "reached"))) == {"call": DUE}


def test_where_nobody_can_tell_whether_it_comes_again_it_says_so_once_it_would() -> None:
    pleased = OwnFact(id="pleased", type=Type("boolean"), title=Text("满意", "pleased"), key="pleased")
    rules = calls(repeat=Repeat(THREE_DAYS, until=is_("pleased", True)), record=("reason",), facts={"pleased": pleased})
    done = did("2026-02-02", "call", reason="forgot")
    assert codes("2026-02-04", rules, late(done)) == {"call": "done"}
    assert codes("2026-02-10", rules, late(done)) == {"call": "unknown"}
    made = late(done, did("2026-02-09", "call"))
    assert codes("2026-02-10", rules, made) == {"call": "done"}  # of the last call the reason is still to come
    assert codes("2026-02-12", rules, made) == {"call": "unknown"}


def test_a_step_that_was_overtaken_is_not_repeated() -> None:
    rules = book(step("call", 3, repeat=Repeat(THREE_DAYS)), step("visit", 8, action="visit"))
    overtaken = late(did("2026-01-19", "call"), did("2026-01-25", "visit", channel="visit"))
    assert codes("2026-02-10", rules, overtaken) == {"call": "done", "visit": "done"}


def test_where_the_source_tells_of_no_contacts_nobody_knows_what_was_done() -> None:
    blind = ("contacts",)
    assert codes("2026-02-10", calls(), late(unknown=blind)) == {"call": "unknown"}
    assert codes("2026-02-10", calls(), late(did("2026-02-02", "call"), unknown=blind)) == {"call": "done"}


# For what


def test_a_contact_before_the_present_debt_was_about_an_older_one() -> None:
    assert codes("2026-02-10", calls(), late(did("2026-01-14", "call"))) == {"call": DUE}
    assert codes("2026-02-10", calls(), late(did("2026-01-15", "call"))) == {"call": "done"}


def test_a_step_of_a_charge_is_done_by_the_contact_that_names_it() -> None:
    rules = calls(of="charge")
    account = household(Q1, Q2, contacts=[did("2026-02-20", "call", charges=("Q2",))])
    assert codes("2026-02-25", rules, account) == {"call/Q1": DUE, "call/Q2": "done"}
    unnamed = household(Q1, Q2, contacts=[did("2026-02-15", "call")])
    assert codes("2026-02-25", rules, unnamed) == {"call/Q1": "done", "call/Q2": DUE}


@pytest.mark.parametrize(
    ("occasion", "last"), [("month", "2026-05-31"), ("quarter", "2026-06-30"), ("year", "2026-12-31")]
)
def test_once_in_a_while_is_once_until_its_end(occasion: str, last: str) -> None:
    rules = calls(once_per=occasion)
    assert until("2026-05-20", rules, late(did("2026-05-01", "call"))) == {"call": last}


def test_what_was_done_in_the_month_before_does_for_that_alone() -> None:
    assert codes("2026-05-20", calls(once_per="month"), late(did("2026-04-30", "call"))) == {"call": DUE}
    assert codes("2026-05-20", calls(once_per="quarter"), late(did("2026-04-30", "call"))) == {"call": "done"}


def test_once_for_a_charge_is_for_good_and_nobody_knows_until_when() -> None:
    rules = calls(once_per="charge", of="charge")
    assert until("2026-02-20", rules, late(did("2026-02-02", "call"))) == {"call/Q1": None}


def test_the_deadline_a_step_gave_runs_from_when_it_arrived() -> None:
    gives = Gives(Duration(10, "d"))
    rules = book(step("call", 3), step("letter", 8, action="deliver_letter", gives=gives, proof="B"))
    there = late(did("2026-02-02", "letter", "delivered", "letter", proof="B"))
    assert codes("2026-02-12", rules, there) == {"call": "quiet;superseded", "letter": "done"}
    assert until("2026-02-12", rules, there)["call"] == "2026-02-12"
    assert codes("2026-02-13", rules, there)["call"] == "superseded"
    weak = late(did("2026-02-02", "letter", "sent", "letter", proof="C"))
    assert codes("2026-02-12", rules, weak)["call"] == "superseded"
    lost = late(did("2026-02-02", "letter", "undeliverable", "letter", proof="A"))
    assert codes("2026-02-12", rules, lost)["letter"] == "unreachable"


def test_a_demand_arrives_by_a_receipt_where_the_step_asks_for_no_proof() -> None:
    demand = step("formal_demand", 8, action="formal_demand", gives=Gives(Duration(15, "d")))
    rules = book(step("suit", 3, action="visit", after=(after(0, event="delivered", of="formal_demand"),)), demand)
    sent = late(did("2026-02-02", "formal_demand", "delivered", "ems", proof="C"))
    assert codes("2026-03-02", rules, sent)["suit"] == "evidence;superseded"
    received = late(did("2026-02-02", "formal_demand", "sent", "ems", proof="B"))
    assert codes("2026-03-02", rules, received)["suit"] == "superseded"
    untold = late(did("2026-02-02", "formal_demand", "delivered", "ems"))
    assert codes("2026-03-02", rules, untold)["suit"] == "unknown;superseded"


def test_a_deadline_from_sending_needs_no_evidence() -> None:
    gives = Gives(Duration(10, "d"), from_="sent")
    rules = book(step("call", 3), step("letter", 8, action="deliver_letter", gives=gives, proof="B"))
    assert codes("2026-02-12", rules, late(did("2026-02-02", "letter", "sent", "letter")))["call"] == "quiet;superseded"


def test_a_day_in_the_calendar_has_what_was_done_since_it_began() -> None:
    hint: Step = step("hint", action="send_message", window=CalendarWindow("month", 10, 15), late="drop")
    rules = book(reminders=(hint,))
    assert codes("2026-05-12", rules, late(did("2026-05-10", "hint", "sent", "sms"))) == {"hint": "done"}
    assert codes("2026-05-12", rules, late(did("2026-05-09", "hint", "sent", "sms"))) == {"hint": DUE}


def test_a_window_that_has_closed_was_missed_or_what_was_to_be_done_was_done_in_it() -> None:
    window = AnchorWindow(after(3), after(5))
    rules = book(reminders=(step("note", action="send_message", window=window, late="drop"),))
    assert codes("2026-02-10", rules, late(did("2026-01-20", "note", "sent", "sms"))) == {"note": "done"}
    assert codes("2026-02-10", rules, late(did("2026-01-21", "note", "sent", "sms"))) == {"note": "missed"}
    assert codes("2026-02-10", rules, late(did("2026-01-17", "note", "sent", "sms"))) == {"note": "missed"}
    named = did("2026-01-30", "note", "sent", "sms", charges=("Q1",))  # whenever it was, it was about this one
    assert codes("2026-02-10", rules, late(named)) == {"note": "done"}
    assert codes("2026-02-10", rules, late(said("2026-01-20"))) == {"note": "missed"}
