"""Reminders: each in its window, once for each time its anchor comes up; too late is dropped."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dunning.basis.span import Span
from dunning.lang.words.terms import read_window
from dunning.model.account import Account, Contact, Instalment, Party, Plan
from dunning.model.anchor import Duration, Window
from dunning.model.rulebook import Payments, RuleBook
from dunning.model.steps import Repeat, Step
from escalation import book, codes, did, due, one, pack, step, steps
from households import charge, day, demand, dispute, household, opening, paid, promised, said

Q1 = charge("2026-01-15", "1000.00", period="2026-01-01..2026-03-31", name="Q1")
Q2 = charge("2026-04-15", "1000.00", period="2026-04-01..2026-06-30", name="Q2")


def at(text: str) -> Window:
    found, wrong = read_window(text, Span("test", 1, 1))
    assert found is not None, wrong
    return found


def reminder(name: str, window: str, **more: Any) -> Step:
    return step(name, action="send_message", window=at(window), late=more.pop("late", "drop"), **more)


def only(*reminders: Step) -> RuleBook:
    return book(reminders=reminders)


def owner(*charges: Any, contacts: tuple[Contact, ...] = (), **more: Any) -> Account:
    return household(*charges, contacts=contacts, **more)


# Windows


def test_a_reminder_is_due_in_its_window_and_missed_after_it() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d", of="charge"))
    days = ("2025-12-30", "2025-12-31", "2026-01-08", "2026-01-09")
    assert [codes(owner(Q1), on, rules)["notice/Q1"] for on in days] == [("not_yet",), (), (), ("missed",)]
    assert one("notice/Q1", owner(Q1), "2025-12-25", rules).until == day("2025-12-30")


def test_of_an_opening_balance_a_reminder_tied_to_a_due_date_is_unknown_and_says_what_is_missing() -> None:
    rules = only(reminder("notice", "due + 1d .. due + 7d", of="charge"), reminder("late", "due + 1d .. due + 9d"))
    carried, both = owner(opening("2026-01-01")), owner(opening("2025-01-01"), Q1)
    assert codes(carried, "2026-01-02", rules) == {"notice/OPEN": ("unknown",), "late": ("unknown",)}
    assert [reason.name for reason in one("late", carried, "2026-01-02", rules).because] == ["charges.due"]
    assert codes(both, "2026-01-16", rules) == {"notice/OPEN": ("unknown",), "notice/Q1": (), "late": ()}
    assert codes(both, "2026-02-16", rules)["late"] == ("missed",)


def test_one_that_was_sent_is_done_and_stays_done_after_its_window() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d", of="charge"))
    sent = owner(Q1, contacts=(did("2026-01-02", "notice", "sent", "sms"),))
    assert codes(sent, "2026-01-03", rules) == {"notice/Q1": ("done",)}
    assert codes(sent, "2026-01-09", rules) == {"notice/Q1": ("done",)}


def test_a_late_one_is_kept_if_the_step_says_so() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d", of="charge", late="keep"))
    assert codes(owner(Q1), "2026-03-01", rules) == {"notice/Q1": ()}
    found = one("notice/Q1", owner(Q1), "2026-03-01", rules)
    assert (found.since, found.last) == (day("2025-12-31"), None)
    dropped = one("notice/Q1", owner(Q1), "2026-01-01", only(reminder("notice", "due - 15d .. due - 7d", of="charge")))
    assert dropped.last == day("2026-01-08")


def test_what_was_sent_after_the_window_was_about_something_else() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d", of="charge"))
    later = owner(Q1, Q2, contacts=(did("2026-04-02", "notice", "sent", "sms"),))
    assert codes(later, "2026-04-03", rules) == {"notice/Q1": ("missed",), "notice/Q2": ("done",)}


def test_each_open_charge_has_its_own_reminder_and_a_paid_one_none() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d", of="charge"))
    assert codes(owner(Q1, Q2), "2026-04-01", rules) == {"notice/Q1": ("missed",), "notice/Q2": ()}
    settled = owner(Q1, Q2, payments=[paid("2026-01-10", "1000.00", "Q1")])
    assert codes(settled, "2026-04-01", rules) == {"notice/Q2": ()}
    assert codes(owner(), "2026-04-01", rules) == {"notice": ("not_yet",)}


def test_a_charge_below_the_amount_chased_from_is_not_reminded_of() -> None:
    rules = replace(only(reminder("notice", "due - 15d .. due - 7d", of="charge")), payments=Payments(chase_from=100))
    almost = owner(Q2, payments=[paid("2026-03-20", "999.50", "Q2")])
    assert codes(almost, "2026-04-01", rules) == {"notice": ("not_yet",)}


def test_a_notice_of_one_charge_is_done_by_the_contact_that_names_it() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d", of="charge"))
    named = did("2026-03-25", "notice", "sent", "sms", charges=("Q2",))
    assert codes(owner(Q1, Q2, contacts=(named,)), "2026-04-01", rules)["notice/Q2"] == ("done",)
    other = did("2026-04-01", "notice", "sent", "sms", charges=("Q1",))
    assert codes(owner(Q1, Q2, contacts=(other,)), "2026-04-01", rules)["notice/Q2"] == ()


def test_a_reminder_of_the_account_speaks_of_its_oldest_unpaid_charge() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d"))
    assert codes(owner(Q1, Q2), "2026-04-01", rules) == {"notice": ("missed",)}
    settled = owner(Q1, Q2, payments=[paid("2026-01-10", "1000.00", "Q1")])
    assert codes(settled, "2026-04-01", rules) == {"notice": ()}
    found = one("notice", settled, "2026-04-01", rules)
    assert (found.anchor_kind, found.anchor_record, [state.charge.id for state in found.charges]) == (
        "due",
        "Q2",
        ["Q2"],
    )


def test_a_condition_is_asked_in_the_window_and_not_before() -> None:
    rules = pack()
    rich = household(
        replace(Q1, amount=600000), contacts=(did("2026-01-02", "due_notice", "sent", "sms", charges=("Q1",)),)
    )
    poor = replace(rich, charges=(Q1,))
    assert codes(rich, "2026-01-05", rules)["first_follow_up/Q1"] == ()
    assert codes(poor, "2026-01-05", rules)["first_follow_up/Q1"] == ("condition",)
    assert codes(poor, "2026-01-04", rules)["first_follow_up/Q1"] == ("not_yet",)


# Promises, plans, disputes, outcomes


def test_the_day_before_a_promise_and_on_its_day_the_debtor_is_reminded() -> None:
    rules = only(reminder("promise_reminder", "promise - 1d .. promise"))
    account = owner(Q1, contacts=(promised("2026-02-01", "2026-02-10", id="C"),))
    days = ("2026-02-08", "2026-02-09", "2026-02-10", "2026-02-11")
    assert [codes(account, on, rules)["promise_reminder"] for on in days] == [("not_yet",), (), (), ("missed",)]
    found = one("promise_reminder", account, "2026-02-09", rules)
    assert (found.kind, found.anchor_record) == ("promise", "C")


def test_a_promise_kept_is_not_reminded_of() -> None:
    rules = only(reminder("promise_reminder", "promise - 1d .. promise"))
    account = owner(Q1, contacts=(promised("2026-02-01", "2026-02-10"),), payments=[paid("2026-02-08", "1000.00")])
    assert codes(account, "2026-02-09", rules) == {"promise_reminder": ("not_yet",)}


def test_two_promises_are_two_occasions() -> None:
    rules = only(reminder("promise_reminder", "promise - 1d .. promise"))
    both = (promised("2026-02-01", "2026-02-10", id="A"), promised("2026-02-02", "2026-02-11", id="B"))
    first = did("2026-02-10", "promise_reminder", "sent", "sms")
    found = steps(owner(Q1, contacts=both), "2026-02-10", rules).candidates
    assert [(each.anchor_record, each.codes) for each in found] == [("A", ()), ("B", ())]
    assert len({each.key for each in found}) == 2
    found = steps(owner(Q1, contacts=(*both, first)), "2026-02-10", rules).candidates
    assert [each.codes for each in found] == [("done",), ()]
    assert found[1].anchor_record == "B"


def test_an_instalment_is_asked_for_before_it_falls_due() -> None:
    plan = Plan(
        id="PL",
        signed=day("2026-02-01"),
        charges=("Q1",),
        instalments=(Instalment(due=day("2026-03-01"), amount=40000), Instalment(due=day("2026-04-01"), amount=60000)),
    )
    rules = only(reminder("instalment", "plan - 3d .. plan"))
    account = owner(Q1, plans=[plan], payments=[paid("2026-03-01", "400.00", "Q1")])
    assert codes(account, "2026-03-28", rules) == {"instalment": ("not_yet",)}
    found = one("instalment", account, "2026-03-30", rules)
    assert (found.codes, found.anchor_record) == ((), "PL/2")
    assert found.ask is not None
    assert (found.ask.principal, found.ask.late_fee) == (60000, 0)


def test_a_complaint_is_to_be_resolved_until_it_is_closed() -> None:
    complaint = dispute("2026-02-01", "service_quality", id="D")
    account = household(Q1, disputes=[complaint], use="residential", place="CN-3301")
    found = one("resolve_complaint", account, "2026-02-20")
    assert (found.codes, found.anchor_record, found.role) == ((), "D", "customer_relations")
    assert codes(household(Q1, disputes=[replace(complaint, closed=day("2026-02-10"))]), "2026-02-20")[
        "resolve_complaint"
    ] == ("not_yet",)


def test_who_is_away_is_told_how_to_pay_from_there() -> None:
    account = household(Q1, contacts=[said("2026-02-01", "away")], use="residential", place="CN-3301")
    days = ("2026-02-01", "2026-02-02", "2026-02-04", "2026-02-05")
    assert [codes(account, on)["transfer_guide"] for on in days] == [("not_yet",), (), (), ("missed",)]


def test_after_delivery_of_a_demand_somebody_follows_up() -> None:
    account = household(Q1, contacts=[demand("2026-07-16", proof="B")], use="residential", place="CN-3301")
    days = ("2026-07-22", "2026-07-23", "2026-07-30", "2026-07-31")
    assert [codes(account, on)["demand_follow_up"] for on in days] == [("not_yet",), (), (), ("missed",)]
    sent = household(Q1, contacts=[demand("2026-07-16", proof="C")], use="residential", place="CN-3301")
    assert codes(sent, "2026-07-25")["demand_follow_up"] == ("not_yet",)


# Money that came


def test_a_receipt_follows_each_payment_and_asks_for_nothing() -> None:
    rules = only(reminder("receipt", "paid .. paid + 1d"))
    account = owner(Q1, payments=[paid("2026-02-01", "100.00"), paid("2026-02-02", "200.00")])
    found = steps(account, "2026-02-02", rules).candidates
    assert [(each.anchor_record, each.codes, each.ask) for each in found] == [
        ("P2026-02-01", (), None),
        ("P2026-02-02", (), None),
    ]
    assert codes(account, "2026-02-05", rules) == {"receipt": ("missed",)}
    assert found[0].void_if == ("dispute", "hold")


def test_receipts_sent_on_one_day_are_shared_out_among_the_payments_in_order() -> None:
    rules = only(reminder("receipt", "paid .. paid + 1d"))
    payments = [paid("2026-02-01", "100.00"), paid("2026-02-02", "200.00")]
    one_sent = did("2026-02-02", "receipt", "sent", "wechat")
    found = steps(owner(Q1, payments=payments, contacts=(one_sent,)), "2026-02-02", rules).candidates
    assert [each.codes for each in found] == [("done",), ()]
    both_sent = (one_sent, did("2026-02-02T11:00", "receipt", "sent", "wechat"))
    found = steps(owner(Q1, payments=payments, contacts=both_sent), "2026-02-02", rules).candidates
    assert [each.codes for each in found] == [("done",), ("done",)]


def test_a_charge_just_settled_is_thanked_for_and_older_ones_are_left_alone() -> None:
    rules = only(reminder("thanks", "settled .. settled + 1d", of="charge"))
    account = owner(Q1, Q2, payments=[paid("2026-01-10", "1000.00", "Q1"), paid("2026-04-10", "1000.00", "Q2")])
    assert codes(account, "2026-04-16", rules) == {"thanks": ("not_yet",)}
    late = owner(Q1, payments=[paid("2026-02-10", "1000.00", "Q1")])
    assert codes(late, "2026-02-11", rules) == {"thanks/Q1": ()}


# The calendar


def test_days_of_a_month_come_up_every_month() -> None:
    rules = only(reminder("notice", "day 1..3 of month"))
    sent = owner(Q2, contacts=(did("2026-02-02", "notice", "sent", "sms"),))
    assert codes(sent, "2026-02-03", rules) == {"notice": ("done",)}
    assert codes(sent, "2026-02-04", rules) == {"notice": ("not_yet",)}
    assert one("notice", sent, "2026-02-04", rules).until == day("2026-02-28")
    assert codes(sent, "2026-03-01", rules) == {"notice": ()}
    assert one("notice", sent, "2026-03-01", rules).anchor_record == "2026-03-01"


def test_handover_is_awaited_and_unknown_where_nobody_gave_it() -> None:
    rules = only(reminder("welcome", "handover - 30d .. handover"))
    known = owner(handed_over=day("2026-03-01"))
    days = ("2026-01-29", "2026-01-30", "2026-03-01", "2026-03-02")
    assert [codes(known, on, rules)["welcome"] for on in days] == [("not_yet",), (), (), ("missed",)]
    assert codes(owner(), "2026-03-01", rules) == {"welcome": ("unknown",)}


def test_before_its_period_begins_each_charge_is_announced() -> None:
    account = household(Q1, Q2, use="residential", place="CN-3301")
    assert codes(account, "2026-03-25")["period_notice/Q2"] == ()
    no_period = household(charge("2026-04-15", name="N"), use="residential", place="CN-3301")
    assert codes(no_period, "2026-03-25")["period_notice/N"] == ("unknown",)


# Repeats and what keeps a reminder back


def test_a_reminder_without_an_end_repeats() -> None:
    rules = only(reminder("weekly", "due + 7d", repeat=Repeat(Duration(7, "d"))))
    once = owner(Q1, contacts=(did("2026-01-22", "weekly", "sent", "sms"),))
    assert codes(once, "2026-01-28", rules) == {"weekly": ("done",)}
    assert codes(once, "2026-01-29", rules) == {"weekly": ()}


def test_a_reminder_needs_a_way_to_the_debtor() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d", of="charge"))
    unreachable = owner(Q1, debtor=Party(id="O1", reachable=("phone",)))
    assert codes(unreachable, "2026-01-05", rules) == {"notice/Q1": ("unreachable",)}


def test_where_nobody_knows_what_was_sent_nothing_is_sent_twice() -> None:
    rules = only(reminder("notice", "due - 15d .. due - 7d", of="charge"))
    assert codes(owner(Q1, unknown=("contacts",)), "2026-01-05", rules) == {"notice/Q1": ("unknown",)}
    assert codes(owner(Q1, unknown=("contacts.step",)), "2026-01-05", rules) == {"notice/Q1": ("unknown",)}


def test_a_day_in_the_life_of_a_quarter() -> None:
    account = household(Q1, use="residential", place="CN-3301")
    told = {
        "2025-12-24": ["period_notice/Q1"],
        "2025-12-27": ["period_notice/Q1", "early_sms/Q1"],
        "2026-01-02": ["due_notice/Q1"],
        "2026-01-09": ["first_round/Q1"],
        "2026-01-15": [],
        "2026-01-18": ["second_reminder"],
        "2026-01-23": ["routine_round"],
    }
    assert {on: due(account, on) for on in told} == told
