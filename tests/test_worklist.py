"""What goes out to a person on a day, of all that is due on their accounts; what waits, why, and until when."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import permutations

import pytest

from contacting import (
    FESTIVAL,
    FRIDAY,
    MONDAY,
    SATURDAY,
    SUNDAY,
    at_least,
    at_most,
    book,
    codes,
    debtor,
    goes,
    moment,
    plan,
    share,
    span,
    states,
    step,
    today,
)
from dunning.engine.known.contacts import Person
from dunning.engine.steps.candidates import Ask, Candidate, Reason, Withheld
from dunning.engine.worklist import Outcome, worklist
from dunning.model.account import SHANGHAI, Channel
from dunning.model.condition import Check, OneOf, Unknown
from dunning.model.rulebook import RuleBook
from dunning.model.steps import Channels
from households import charge, day, household, said

GRADE_S = Check("account_grade", OneOf(("S",), ("S",)), "S")


def held(outcome: Outcome, name: str) -> Withheld:
    return next(each for each in outcome.withheld if each.step == name)


def reasons(outcome: Outcome, name: str) -> list[tuple[str, str]]:
    return [(reason.kind, reason.name) for reason in held(outcome, name).because]


# One step


def test_a_call_goes_out_in_the_first_hours_of_the_day() -> None:
    outcome = today(SUNDAY, book(), step("call"))
    assert goes(outcome) == ["call"]
    (due,) = outcome.due
    assert due.not_before == datetime(2026, 6, 28, 10, 30, tzinfo=SHANGHAI)
    assert due.not_after == datetime(2026, 6, 28, 12, 0, tzinfo=SHANGHAI)
    assert due.bundle == "O1/2026-06-28"


def test_it_says_all_the_hours_of_the_day_in_which_it_may_go_out() -> None:
    assert hours(today(FRIDAY, book(), step("call"))) == ["10:00-12:00", "15:00-18:00"]
    assert hours(today(SUNDAY, book(), step("call"))) == ["10:30-12:00", "15:00-18:00"]
    assert hours(today(FRIDAY, book(), step("notice", "sms"))) == ["08:30-20:30"]
    assert hours(today(FRIDAY, book(), step("letter", "letter", action="deliver_letter"))) == []
    both = today(FRIDAY, book(windows={"phone": {"workday": "09:00-11:00 14:00-21:00"}}), step("call"))
    assert hours(both) == ["09:00-11:00", "14:00-21:00"]


def test_hours_end_with_fresh_data_and_begin_when_the_gap_is_over() -> None:
    rules = book(fresh="24h")
    assert hours(fresh_of(rules, "2026-06-25T16:00:00")) == ["10:00-12:00", "15:00-16:00"]
    assert hours(fresh_of(rules, "2026-06-25T11:00:00")) == ["10:00-11:00"]
    assert hours(fresh_of(rules, "2026-06-26T13:00:00")) == ["15:00-18:00"]  # the morning was over when it was drawn
    call = step("call", gap_since=moment("2026-06-25T10:30:00"))
    assert hours(today(FRIDAY, book(min_gap="24h"), call)) == ["10:30-12:00", "15:00-18:00"]
    assert hours(today(FRIDAY, book(min_gap="28h"), call)) == ["15:00-18:00"]


def hours(outcome: Outcome) -> list[str]:
    (due,) = outcome.due
    assert due.hours[:1] in ((), ((due.not_before, due.not_after),))
    return [f"{since:%H:%M}-{until:%H:%M}" for since, until in due.hours]


def fresh_of(rules: RuleBook, drawn: str) -> Outcome:
    (outcome,) = plan(FRIDAY, share(debtor(data_as_of=moment(drawn)), rules, step("call")))
    return outcome


def test_what_is_withheld_already_is_handed_on_as_it_is() -> None:
    waits = Withheld("suit", None, ("condition",))
    outcome = today(FRIDAY, book("0 any per 1d"), waits, step("call"))
    assert outcome.withheld[0] is waits
    assert codes(outcome) == {"suit": ("condition",), "call": ("cap",)}


def test_nothing_to_do_is_nothing_done() -> None:
    assert today(FRIDAY, book()) == Outcome((), ())
    assert plan(FRIDAY) == ()


@pytest.mark.parametrize("channel", ["letter", "ems", "notice"])
def test_paper_has_no_hours(channel: str) -> None:
    (due,) = today(FESTIVAL, book("0 any per 7d"), step("letter", channel, action="deliver_letter")).due
    assert (span(due), due.not_after) == ("00:00-", None)


def test_what_contacts_nobody_has_neither_hours_nor_caps() -> None:
    (due,) = today(FESTIVAL, book("0 any per 7d"), step("mediation", "", action="mediate")).due
    assert (span(due), due.not_after) == ("00:00-", None)


def test_a_contact_by_no_channel_in_particular_keeps_the_floor_and_every_cap() -> None:
    talk = step("talk", "", action="negotiate")
    assert span(today(FESTIVAL, book("1 phone per 7d"), talk).due[0]) == "08:00-22:00"
    assert codes(today(FESTIVAL, book("1 phone per 7d"), talk, contacts=[said(FESTIVAL)])) == {"talk": ("cap",)}


def test_a_festival_closes_the_phone_and_says_until_when() -> None:
    outcome = today(FESTIVAL, book(), step("call"))
    call = held(outcome, "call")
    assert (call.codes, call.until) == (("window",), day(FESTIVAL))
    assert call.because[-1] == Reason("window", "day", "next 10:00-12:00", day("2026-06-20"))


def test_several_codes_are_told_in_order_and_the_first_says_until_when() -> None:
    rules = book("1 phone per 7d", fresh="24h", min_gap="3d")
    contacts = [said("2026-06-18T10:00:00")]
    outcome = today(FESTIVAL, rules, step("call", gap_since=moment("2026-06-18T10:00")), contacts=contacts)
    call = held(outcome, "call")
    assert call.codes == ("stale_data", "min_gap", "cap", "window")
    assert call.until is None  # when the data will be fresh nobody knows
    assert [each.value for each in call.because if each.name.startswith("next ")] == [day("2026-06-25")]


# Fresh data


@pytest.mark.parametrize(
    ("drawn", "fresh"),
    [
        ("2026-06-26T09:59", True),
        ("2026-06-25T23:00", True),
        ("2026-06-25T10:00", True),  # just until the call may be made
        ("2026-06-25T09:59", False),
        ("2026-06-24T23:00", False),
        ("2026-07-01T00:00", True),
        (None, False),
    ],
)
def test_nothing_is_sent_on_data_that_may_be_out_of_date(drawn: str | None, fresh: bool) -> None:
    account = debtor(data_as_of=moment(drawn) if drawn else None)
    (outcome,) = plan(FRIDAY, share(account, book(fresh="24h"), step("call")))
    assert codes(outcome) == ({} if fresh else {"call": ("stale_data",)})


def test_stale_data_says_of_when_it_is() -> None:
    account = debtor(data_as_of=datetime.fromisoformat("2026-06-23T17:00:00+00:00"))  # one in the morning in China
    (outcome,) = plan(FRIDAY, share(account, book(fresh="1d"), step("call")))
    assert held(outcome, "call").because == (Reason("stale_data", "fact", "data_as_of", day("2026-06-24")),)
    (outcome,) = plan(FRIDAY, share(debtor(), book(fresh="1d"), step("call")))
    assert held(outcome, "call").because == (Reason("stale_data", "fact", "data_as_of", Unknown(("data_as_of",))),)


def test_an_action_ends_with_the_freshness_of_its_data() -> None:
    account = debtor(data_as_of=moment("2026-06-25T11:15"))
    (outcome,) = plan(FRIDAY, share(account, book(fresh="24h"), step("call")))
    assert span(outcome.due[0]) == "10:00-11:15"


def test_hours_that_were_over_when_the_data_was_drawn_are_passed_over() -> None:
    account = debtor(data_as_of=moment("2026-06-26T14:00"))
    (outcome,) = plan(FRIDAY, share(account, book(fresh="24h"), step("call")))
    assert span(outcome.due[0]) == "15:00-18:00"


def test_data_of_the_end_of_the_day_is_for_the_whole_of_it() -> None:
    account = debtor(data_as_of=moment("2026-06-26T23:59"))
    (outcome,) = plan(FRIDAY, share(account, book(fresh="24h"), step("call")))
    assert span(outcome.due[0]) == "10:00-12:00"


def test_one_account_of_old_data_does_not_hold_up_another() -> None:
    stale = share(debtor(id="A1"), book(fresh="24h"), step("call"))
    fresh = share(debtor(id="A2", data_as_of=moment("2026-06-26T01:00")), book(fresh="24h"), step("call"))
    first, second = plan(FRIDAY, stale, fresh)
    assert codes(first) == {"call": ("stale_data",)}
    assert goes(second) == ["call"]


# The ladder's gap


@pytest.mark.parametrize(
    ("gap", "since", "waits_until"),
    [
        ("3d", "2026-06-24T18:00", FRIDAY),
        ("3d", "2026-06-23T18:00", None),
        ("48h", "2026-06-24T09:00", None),
        ("48h", "2026-06-24T18:00", FRIDAY),  # over when the last hours of the day are
        ("48h", "2026-06-25T10:00", FRIDAY),
        ("72h", "2026-06-25T10:00", SATURDAY),
        ("0d", "2026-06-26T10:00", None),
    ],
)
def test_the_ladder_leaves_a_gap_between_its_contacts(gap: str, since: str, waits_until: str | None) -> None:
    outcome = today(FRIDAY, book(min_gap=gap), step("call", gap_since=moment(since)))
    if waits_until is None:
        assert goes(outcome) == ["call"]
    else:
        assert (held(outcome, "call").codes, held(outcome, "call").until) == (("min_gap",), day(waits_until))


def test_a_gap_says_when_the_ladder_goes_on() -> None:
    call = held(today(FRIDAY, book(min_gap="4d"), step("call", gap_since=moment("2026-06-25T17:00"))), "call")
    assert call.until == day(SUNDAY)
    assert call.because == (
        Reason("min_gap", "limit", "min_gap 4d", day(SUNDAY)),
        Reason("min_gap", "day", "next 10:00-12:00", day(MONDAY)),
    )
    call = held(today(FRIDAY, book(min_gap="72h"), step("call", gap_since=moment("2026-06-25T11:00"))), "call")
    assert call.because[-1] == Reason("min_gap", "day", "next 11:00-12:00", day(SUNDAY))
    call = held(today(FRIDAY, book(min_gap="48h"), step("call", gap_since=moment("2026-06-25T19:00"))), "call")
    assert call.until == day(SATURDAY)  # over at seven in the evening, when nobody is called any more


def test_a_gap_in_hours_moves_the_hour() -> None:
    outcome = today(FRIDAY, book(min_gap="48h"), step("call", gap_since=moment("2026-06-24T11:20")))
    assert span(outcome.due[0]) == "11:20-12:00"
    outcome = today(FRIDAY, book(min_gap="48h"), step("call", gap_since=moment("2026-06-24T13:00")))
    assert span(outcome.due[0]) == "15:00-18:00"


# Who yields


def test_ladder_before_promise_before_other_reminders() -> None:
    steps = [step("notice", kind="reminder"), step("promise", kind="promise"), step("ladder", kind="ladder")]
    for order in permutations(steps):
        outcome = today(FRIDAY, book("1 phone per 1d"), *order)
        assert goes(outcome) == ["ladder"]
        assert codes(outcome) == {"promise": ("cap",), "notice": ("cap",)}
    assert goes(today(FRIDAY, book("2 phone per 1d"), *steps)) == ["promise", "ladder"]


def test_a_priority_goes_before_all_without_one_the_lower_first() -> None:
    steps = [step("ladder"), step("second", kind="reminder", priority=2), step("first", kind="promise", priority=1)]
    assert goes(today(FRIDAY, book("1 phone per 1d"), *steps)) == ["first"]
    assert goes(today(FRIDAY, book("2 phone per 1d"), *steps)) == ["second", "first"]


def test_of_equals_the_graver_then_the_longer_due_goes_first() -> None:
    steps = [step("old", since=day("2026-05-01")), step("new", since=day("2026-06-01"))]
    assert goes(today(FRIDAY, book("1 phone per 1d"), *steps)) == ["old"]
    assert goes(today(FRIDAY, book("1 phone per 1d"), *steps, step("legal", tone="legal"))) == ["legal"]


def test_of_two_accounts_the_one_tried_less_often_goes_first() -> None:
    first = share(debtor(id="A1"), book("1 visit per 7d"), step("visit", "visit", occurrence=2))
    second = share(debtor(id="A2"), book("1 visit per 7d"), step("visit", "visit", occurrence=1))
    assert [goes(outcome) for outcome in plan(FRIDAY, first, second)] == [[], ["visit"]]


def test_what_yields_says_to_whom_and_until_when() -> None:
    outcome = today(FRIDAY, book("1 phone per 7d"), step("first"), step("second", kind="reminder"))
    assert held(outcome, "second").until == day("2026-07-02")
    assert ("limit", "1 phone per 7d") in reasons(outcome, "second")


# Channels


def test_channels_tried_in_turn_go_out_in_the_hours_of_the_first() -> None:
    (due,) = today(SUNDAY, book(), step("call", "phone wechat")).due
    assert span(due) == "10:30-12:00"
    assert due.candidate.channels == Channels("first_of", ("phone", "wechat"))


def test_the_next_channel_is_for_when_the_first_fails_not_for_when_it_is_shut() -> None:
    """The ladder is late, not lost: a rung that calls waits for a day on which one may call."""
    assert codes(today(FESTIVAL, book(), step("call", "phone wechat"))) == {"call": ("window",)}
    assert codes(today(FRIDAY, book("1 phone per 7d"), step("call", "phone sms"), contacts=[said(FRIDAY)])) == {
        "call": ("cap",)
    }


def test_a_reminder_that_would_be_missed_takes_the_next_channel() -> None:
    note = step("note", "sms wechat", kind="promise", last=day(FRIDAY))
    sent = [said("2026-06-25", "sent", "sms")]
    (due,) = today(FRIDAY, book("1 sms per 7d"), note, contacts=sent).due
    assert due.candidate.channels == Channels("first_of", ("wechat",))
    assert span(due) == "08:30-20:30"
    waits = note._replace(last=day("2026-07-02"))
    assert codes(today(FRIDAY, book("1 sms per 7d"), waits, contacts=sent)) == {"note": ("cap",)}


def test_a_call_stays_a_call_though_it_be_missed() -> None:
    """That nobody answers lets it go on as a message; that the day is full, or a festival, does not."""
    call = step("promise", "phone sms", kind="promise", last=day(FESTIVAL))
    assert codes(today(FESTIVAL, book(), call)) == {"promise": ("window",)}
    two = today(FRIDAY, book("1 phone per 1d"), step("ladder"), call._replace(last=day(FRIDAY)))
    assert (goes(two), codes(two)) == (["ladder"], {"promise": ("cap",)})
    by_machine = step("promise", "phone sms ai_voice", kind="promise", last=day(FRIDAY))
    (due,) = today(FRIDAY, book("0 sms per 1d"), by_machine).due
    assert due.candidate.channels == Channels("first_of", ("phone", "ai_voice"))


def test_what_was_to_be_a_call_is_told_in_no_message_by_channels_it_does_not_have() -> None:
    """A day has one message; a call whose turn it is not keeps its place for another day."""
    call = _of_book(step("call", "wechat", action="call", since=day("2026-06-20")), "phone", "wechat")
    other = _of_book(step("other", "wechat", action="call"), "phone", "wechat", "sms")
    notice = step("notice", "sms", tone="firm")
    outcome = today(FRIDAY, book(), call, other, notice)
    assert goes(outcome) == ["notice"]
    assert codes(outcome) == {"call": ("grouped",), "other": ("grouped",)}
    assert [one.step.id for _, one in outcome.due[0].carries] == ["other"]


def _of_book(candidate: Candidate, *channels: Channel) -> Candidate:
    """The same with the channels its step has in the book; those left are fewer."""
    return candidate._replace(step=replace(candidate.step, channels=Channels("first_of", channels)))


def test_where_every_channel_is_shut_the_first_says_why() -> None:
    note = step("note", "sms wechat", kind="promise", last=day(FRIDAY))
    outcome = today(FRIDAY, book("0 sms per 1d", "0 wechat per 1d"), note)
    assert codes(outcome) == {"note": ("cap",)}
    assert ("limit", "0 sms per 1d") in reasons(outcome, "note")


def test_a_reminder_that_yields_on_its_last_day_takes_the_next_channel() -> None:
    letter = step("letter", "sms ems", action="send_notice", kind="reminder", last=day(FRIDAY))
    outcome = today(FRIDAY, book("0 sms per 1d"), step("call"), letter)
    assert goes(outcome) == ["call", "letter"]
    assert outcome.due[1].candidate.channels == Channels("first_of", ("ems",))


def test_all_the_channels_of_an_action_together_keep_the_caps() -> None:
    """Whoever tries one after another may do so without a look at the caps."""
    call = step("call", "phone visit wechat")
    assert today(FRIDAY, book(), call).due[0].candidate.channels == Channels("first_of", ("phone", "wechat"))
    two = today(FRIDAY, book("1 any per 1d"), call).due[0].candidate.channels
    assert two == Channels("first_of", ("phone",))


def test_a_fall_back_takes_no_room_from_what_is_planned() -> None:
    outcome = today(
        FRIDAY, book("2 any per 1d"), step("call", "phone ai_voice"), step("visit", "visit", kind="reminder")
    )
    assert goes(outcome) == ["call", "visit"]
    assert outcome.due[0].candidate.channels == Channels("first_of", ("phone",))


def test_a_fall_back_is_no_second_message() -> None:
    outcome = today(FRIDAY, book(), step("call", "phone wechat"), step("notice", "sms", kind="reminder"))
    assert goes(outcome) == ["call", "notice"]
    assert outcome.due[0].candidate.channels == Channels("first_of", ("phone",))


def test_channels_together_are_one_contact_in_any_and_one_in_each_of_their_own() -> None:
    notice = step("notice", "sms+wechat")
    assert goes(today(FRIDAY, book("1 any per 1d", "1 message per 1d", "1 sms per 1d", "1 wechat per 1d"), notice))
    sent = [said("2026-06-25", "sent", "wechat")]
    assert codes(today(FRIDAY, book("1 wechat per 2d"), notice, contacts=sent)) == {"notice": ("cap",)}
    (due,) = today(FRIDAY, book(), step("demand", "ems+sms")).due
    assert due.candidate.channels == Channels("all_of", ("ems", "sms"))
    assert span(due) == "08:30-20:30"


# One message a day


def test_one_message_of_everything_at_the_highest_tone() -> None:
    steps = [
        step("ladder", "wechat", tone="service_value"),
        step("promise", "sms", kind="promise", tone="firm"),
        step("notice", "sms", kind="reminder", tone="friendly"),
    ]
    for order in permutations(steps):
        outcome = today(FRIDAY, book(), *order)
        assert goes(outcome) == ["promise"]
        assert codes(outcome) == {"ladder": ("grouped",), "notice": ("grouped",)}
        assert {candidate.step.id for _, candidate in outcome.due[0].carries} == {"ladder", "notice"}
    grouped = held(today(FRIDAY, book(), *steps), "notice")
    assert grouped.until == day(FRIDAY)
    assert Reason("grouped", "step", "promise", day(FRIDAY)) in grouped.because


def test_the_message_has_the_turn_of_the_first_in_it() -> None:
    steps = [step("call", kind="promise"), step("notice", "sms", kind="reminder", tone="legal"), step("rung", "wechat")]
    outcome = today(FRIDAY, book("1 any per 1d"), *steps)
    assert goes(outcome) == ["notice"]
    assert codes(outcome) == {"call": ("cap",), "rung": ("grouped",)}


def test_visits_calls_and_formal_demands_are_no_part_of_a_message() -> None:
    steps = [
        step("call"),
        step("visit", "visit"),
        step("demand", "ems+sms"),
        step("urgent", "sms", action="formal_demand"),
    ]
    outcome = today(FRIDAY, book(), *steps, step("notice", "sms"), step("letter", "letter", action="deliver_letter"))
    assert goes(outcome) == ["call", "visit", "demand", "urgent", "notice", "letter"]
    assert len({due.bundle for due in outcome.due}) == 1


def test_messages_on_several_accounts_are_one() -> None:
    first = share(debtor(id="A1"), book(), step("notice", "sms"))
    second = share(debtor(id="A2"), book(), step("final", "wechat", tone="legal"))
    for shares in permutations([first, second]):
        outcomes = dict(zip((each.account.id for each in shares), plan(FRIDAY, *shares), strict=True))
        assert codes(outcomes["A1"]) == {"notice": ("grouped",)}
        assert goes(outcomes["A2"]) == ["final"]
        ((account, candidate),) = outcomes["A2"].due[0].carries
        assert (account, candidate.step.id) == ("A1", "notice")


def test_what_others_receive_is_not_put_into_a_message() -> None:
    """The joint owner of one flat is told nothing of the other."""
    alone, both = step("alone", "sms"), step("both", "sms", to=("O1", "O2"), tone="legal")
    outcome = today(FRIDAY, book(), alone, both)
    assert goes(outcome) == ["both"]
    assert codes(outcome) == {"alone": ("grouped",)}
    assert outcome.due[0].carries == ()


def test_the_committee_gets_a_message_of_its_own() -> None:
    urge = step("urge", "wechat", action="committee_urge", receiver="committee", to=())
    assert goes(today(FRIDAY, book(), step("notice", "wechat"), urge)) == ["notice", "urge"]


@pytest.mark.parametrize(
    ("contact", "goes_out"),
    [
        (said(FRIDAY, "sent", "wechat"), False),
        (said(FRIDAY, "sent", "wechat", party="O1"), False),
        (said(FRIDAY, "sent", "wechat", party="O9"), True),
        (said("2026-06-25", "sent", "wechat"), True),
        (said(FRIDAY, "undeliverable", "sms"), True),
        (said(FRIDAY, "sent", "wechat", inbound=True), True),
        (said(FRIDAY, "reached", "phone"), True),
        (said(FRIDAY, "sent", "sms", step="formal_demand"), True),
    ],
)
def test_a_message_sent_today_is_the_message_of_the_day(contact: object, goes_out: bool) -> None:
    outcome = today(FRIDAY, book(), step("notice", "sms"), contacts=[contact])
    assert codes(outcome) == ({} if goes_out else {"notice": ("grouped",)})


def test_a_message_sent_with_a_letter_under_one_key_is_part_of_the_letter() -> None:
    contacts = [said(FRIDAY, "sent", "sms", id="C1", key="k"), said(FRIDAY, "sent", "ems", id="C2", key="k")]
    assert goes(today(FRIDAY, book(), step("notice", "sms"), contacts=contacts)) == ["notice"]


def test_a_message_held_up_by_its_own_channel_holds_up_no_other() -> None:
    steps = [step("legal", "sms", tone="legal"), step("notice", "wechat")]
    outcome = today(FRIDAY, book("1 sms per 7d"), *steps, contacts=[said("2026-06-25", "sent", "sms")])
    assert goes(outcome) == ["notice"]
    assert codes(outcome) == {"legal": ("cap",)}


def test_stale_data_is_put_into_no_message() -> None:
    stale = share(debtor(id="A1"), book(fresh="24h"), step("notice", "sms", tone="legal"))
    first, second = plan(FRIDAY, stale, share(debtor(id="A2"), book(), step("notice", "sms")))
    assert codes(first) == {"notice": ("stale_data",)}
    assert second.due[0].carries == ()


def test_the_message_names_the_charges_of_all_it_carries_and_asks_for_each_once() -> None:
    account = household(charge("2026-04-15"), charge("2026-01-15"))
    later, earlier = sorted(states(account, FRIDAY), key=lambda state: state.charge.id, reverse=True)
    one = Ask(later.unpaid, later.fee.outstanding, day(FRIDAY))
    two = Ask(earlier.unpaid + later.unpaid, None, day(FRIDAY))
    steps = [
        step("q2", "sms", charges=(later,), ask=one, tone="firm"),
        step("q1", "sms", charges=(earlier,), ask=Ask(earlier.unpaid, earlier.fee.outstanding, day(FRIDAY))),
        step("all", "sms", charges=(earlier, later), ask=two),
    ]
    (outcome,) = plan(FRIDAY, share(account, book(), *steps))
    (due,) = outcome.due
    assert due.candidate.charges == (earlier, later)
    assert due.candidate.ask == Ask(
        earlier.unpaid + later.unpaid, (earlier.fee.outstanding or 0) + (later.fee.outstanding or 0), day(FRIDAY)
    )


def test_a_receipt_that_carries_a_reminder_asks_what_the_reminder_asks() -> None:
    account = debtor()
    ask = Ask(100, 0, day(FRIDAY))
    steps = [
        step("receipt", "sms", tone="legal", ask=None),
        step("notice", "sms", charges=states(account, FRIDAY), ask=ask),
    ]
    (outcome,) = plan(FRIDAY, share(account, book(), *steps))
    assert outcome.due[0].candidate.ask == ask


# Several accounts


def test_caps_are_a_persons_across_accounts() -> None:
    called = said("2026-06-25", "reached")
    first, second = plan(
        FRIDAY,
        share(debtor(called, id="A1"), book("2 phone per 7d"), step("call", since=day("2026-06-01"))),
        share(debtor(id="A2"), book("2 phone per 7d"), step("call", since=day("2026-05-01"))),
    )
    assert codes(first) == {"call": ("cap",)}
    assert goes(second) == ["call"]


def test_contacts_of_an_account_no_book_applies_to_count() -> None:
    mine, other = debtor(id="A1"), debtor(said("2026-06-25"), id="A2")
    (outcome,) = worklist([share(mine, book("1 phone per 7d"), step("call"))], Person([mine, other], day(FRIDAY)))
    assert codes(outcome) == {"call": ("cap",)}


def test_the_strictest_of_two_books_holds() -> None:
    strict = book(
        "1 any per 7d", windows={"phone": {"workday": "16:00-17:00", "rest_day": "", "festival": ""}}, name="s"
    )
    mild = share(debtor(id="A1"), book("5 any per 7d"), step("call"))
    assert span(plan(FRIDAY, mild, share(debtor(id="A2"), strict))[0].due[0]) == "16:00-17:00"
    contacted = share(debtor(said("2026-06-25", "sent", "sms"), id="A2"), strict)
    assert codes(plan(FRIDAY, mild, contacted)[0]) == {"call": ("cap",)}
    assert codes(plan(SATURDAY, mild, share(debtor(id="A2"), strict))[0]) == {"call": ("window",)}


def test_a_cap_for_one_account_holds_for_the_person() -> None:
    rules = book(at_most("0 phone per 7d", GRADE_S))
    first, second = plan(
        FRIDAY,
        share(debtor(id="A1"), rules, step("call"), account_grade="B"),
        share(debtor(id="A2"), rules, account_grade="S"),
    )
    assert codes(first) == {"call": ("cap",)}
    assert second == Outcome((), ())


def test_the_order_of_accounts_changes_nothing() -> None:
    steps = [step("call", since=day("2026-06-01")), step("notice", "sms", tone="firm"), step("visit", "visit")]
    sent = said("2026-06-24", "sent", "sms")
    shares = [
        share(debtor(sent, id=f"A{n}"), book("2 phone per 7d", "3 any per 7d", name=f"b{n}"), *steps) for n in range(3)
    ]
    expected = dict(zip((each.account.id for each in shares), plan(FRIDAY, *shares), strict=True))
    for order in permutations(shares):
        assert dict(zip((each.account.id for each in order), plan(FRIDAY, *order), strict=True)) == expected


def test_without_the_contacts_nothing_goes_out_under_a_cap() -> None:
    blind = debtor(unknown=("contacts",))
    (outcome,) = plan(FRIDAY, share(blind, book("5 any per 7d"), step("call"), step("letter", "letter")))
    assert codes(outcome) == {"call": ("unknown",)}
    assert goes(outcome) == ["letter"]


# Quotas


def test_a_quota_not_met_is_reported_with_the_count() -> None:
    rules = book(quotas=[at_least("2 any per 7d", GRADE_S)])
    (short,) = today(FRIDAY, rules, account_grade="S", contacts=[said("2026-06-22")]).shortfalls
    assert (short.quota.name, short.times, short.lacking) == ("2 any per 7d", 1, ())
    met = [said("2026-06-22"), said("2026-06-24")]
    assert today(FRIDAY, rules, account_grade="S", contacts=met).shortfalls == ()
    assert today(FRIDAY, rules, account_grade="B").shortfalls == ()


def test_what_is_planned_for_today_counts_towards_a_quota_but_a_fall_back_does_not() -> None:
    rules = book(quotas=[at_least("2 any per 7d")])
    assert today(FRIDAY, rules, step("call", "phone ai_voice")).shortfalls[0].times == 1
    assert today(FRIDAY, rules, step("call"), step("visit", "visit")).shortfalls == ()


def test_a_quota_that_may_apply_says_what_is_missing() -> None:
    rules = book(quotas=[at_least("2 any per 7d", GRADE_S)])
    (short,) = today(FRIDAY, rules, account_grade=Unknown(("area",))).shortfalls
    assert short.lacking == ("account_grade",)
    (outcome,) = plan(MONDAY, share(debtor(unknown=("contacts",)), rules, account_grade="S"))
    assert outcome.shortfalls[0].lacking == ("contacts",)
