"""The next review: the first day on which a household looks different though nobody adds a record."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contacting import at_most, stretches
from dunning.engine.assess import assess
from dunning.engine.review import fresh, next_review, next_reviews, reviewed, shape
from dunning.model.account import Account, Hold, Instalment, Plan
from dunning.model.anchor import AnchorWindow, CalendarWindow, Duration, Event
from dunning.model.condition import Bound, Check, Range
from dunning.model.rulebook import RuleBook
from dunning.model.steps import ApprovalRule, Contact, Repeat
from dunning.output.exchange import to_dict
from dunning.output.explain import explain
from escalation import after, approved, book, did, pack, step
from households import charge, credit_note, day, demand, household, paid, promised

DUE = "2026-03-16"  # a Monday


def owing(*charges: Any, **more: Any) -> Account:
    return household(*(charges or (charge(DUE),)), **more)


def review(account: Account, on: str, rules: RuleBook) -> str | None:
    found = next_review(account, rules, on=day(on))
    return None if found is None else str(found)


CALL = step("call", 5)


def window(first: int, last: int, event: Event = "due") -> AnchorWindow:
    return AnchorWindow(after(first, event=event), after(last, event=event))


def test_a_step_falls_due() -> None:
    assert review(owing(), "2026-03-17", book(CALL)) == "2026-03-21"


def test_a_result_is_awaited_no_more() -> None:
    called = owing(contacts=[did("2026-03-27", "call", "sent")])  # a Friday
    assert review(called, "2026-03-27", book(replace(CALL, record=("reason",)))) == "2026-04-01"
    weekly = replace(CALL, record=("reason",), repeat=Repeat(Duration(7, "d")))
    assert review(called, "2026-03-27", book(weekly)) == "2026-04-03"


def test_something_becomes_overdue() -> None:
    assert review(owing(), "2026-03-01", book(step("at_once"))) == "2026-03-17"


def test_what_stays_as_it_is_for_five_years_has_none() -> None:
    assert review(owing(), "2026-03-25", book(CALL)) is None
    assert review(owing(payments=[paid("2026-03-10", "1000")]), "2026-03-12", book(CALL)) is None


def test_nothing_is_looked_for_beyond_five_years() -> None:
    far = owing(charge("2031-03-20"))
    assert review(far, "2026-03-25", book(CALL)) == "2031-03-25"
    assert review(far, "2026-03-24", book(CALL)) is None


def test_a_reminder_is_missed_after_its_window() -> None:
    notice = step("notice", window=window(5, 7), late="drop")
    assert review(owing(), "2026-03-21", book(reminders=(notice,))) == "2026-03-24"


def test_a_step_comes_round_again() -> None:
    again = replace(CALL, repeat=Repeat(Duration(4, "d")))
    account = owing(contacts=[did("2026-03-22", "call")])
    assert review(account, "2026-03-22", book(again)) == "2026-03-26"


def test_the_gap_of_the_ladder_ends() -> None:
    account = owing(contacts=[did("2026-03-20", "call")])
    rules = book(CALL, step("visit", 5, action="visit"), min_gap=Duration(3, "d"))
    assert review(account, "2026-03-21", rules) == "2026-03-23"


def test_a_cap_has_room_again() -> None:
    rules = replace(book(CALL), contact=Contact(caps=(at_most("1 phone per 7d"),)))
    account = owing(contacts=[did("2026-03-19", "older_step")])
    assert review(account, "2026-03-21", rules) == "2026-03-26"


def test_hours_open_and_close() -> None:
    rules = replace(book(CALL), contact=Contact(windows={"phone": {"workday": stretches("10:00-12:00")}}))
    assert review(owing(), "2026-03-27", rules) == "2026-03-28"  # a Friday, then nobody is called
    assert review(owing(), "2026-03-28", rules) == "2026-03-30"


def test_days_of_the_calendar() -> None:
    rules = book(
        reminders=(step("monthly", action="send_message", window=CalendarWindow("month", 10, 15), late="drop"),)
    )
    assert review(owing(), "2026-03-18", rules) == "2026-04-10"
    assert review(owing(), "2026-04-10", rules) == "2026-04-16"


def test_a_promise_runs_out() -> None:
    account = owing(contacts=[promised("2026-03-18", "2026-04-02")])
    assert review(account, "2026-03-23", book(CALL)) == "2026-04-03"


def test_a_hold_begins_and_ends() -> None:
    account = owing(holds=[Hold(id="H1", kind="contact", since=day("2026-04-01"), until=day("2026-04-30"))])
    assert review(account, "2026-03-23", book(CALL)) == "2026-04-01"
    assert review(account, "2026-04-01", book(CALL)) == "2026-05-01"


def test_a_plan_breaks_the_day_after_an_instalment_was_missed() -> None:
    plan = Plan(id="L1", signed=day("2026-03-20"), instalments=(Instalment(due=day("2026-04-20"), amount=500_00),))
    assert review(owing(plans=[plan]), "2026-03-23", book(CALL)) == "2026-04-21"


def test_a_record_of_a_day_to_come_is_news_on_its_day() -> None:
    account = owing(payments=[paid("2026-04-01", "1000")])
    assert review(account, "2026-03-23", book(CALL)) == "2026-04-01"


def test_what_follows_from_such_a_record_is_found_too() -> None:
    """Its day itself changes nothing: only part was paid."""
    thanks = step("thanks", action="send_message", window=window(3, 4, "paid"))
    account = owing(payments=[paid("2026-04-01", "10")])
    assert review(account, "2026-03-23", book(reminders=(thanks,))) == "2026-04-04"


def test_a_demand_expires() -> None:
    account = owing(contacts=[demand("2026-03-18")])
    sue = step("mediate", after=(after(0, event="expired", of="formal_demand"),), action="mediate")
    first = step("formal_demand", action="formal_demand", channels=None)
    assert review(account, "2026-03-19", book(first, sue)) == "2026-04-03"


def test_an_approval_runs_out() -> None:
    rung = replace(CALL, approval=ApprovalRule(("legal",)))
    account = owing(approvals=[approved("2026-03-20", "call", "legal", "u1")])
    assert review(account, "2026-03-23", book(rung)) == "2026-04-20"


def test_an_alert_of_the_limitation_comes() -> None:
    rules = replace(pack(), tables={}, ladder=book().ladder, reminders=(), pauses=())
    account = owing(charge("2024-01-15"), use="residential")
    assert review(account, "2026-03-23", rules) == "2026-07-19"
    assert review(account, "2026-07-19", rules) == "2026-10-17"
    assert review(account, "2027-01-01", rules) == "2027-01-16"


@pytest.mark.parametrize(
    ("fact", "value", "until"),
    [
        ("overdue_days", 40, "2026-04-25"),
        ("late_fee", 20_00, "2026-04-25"),  # 1000 yuan at 0.05% a day
        ("average_days_late", 100, "2026-06-24"),
    ],
)
def test_a_fact_reaches_a_threshold(fact: str, value: int, until: str) -> None:
    rung = step("call", 5, when=Check(fact, Range(Bound(value, included=True, written=""), None), ""))
    assert review(owing(), "2026-03-25", book(rung)) == until


def test_a_fact_of_the_last_twelve_months_falls_back() -> None:
    rung = step("call", 5, when=Check("late_payments_12m", Range(Bound(2, included=True, written=""), None), ""))
    account = owing(charge("2025-06-16"), charge(DUE), payments=[paid("2025-07-01", "1000")])
    assert review(account, "2026-03-25", book(rung)) == "2026-06-16"


def test_another_version_of_the_book_comes_into_force() -> None:
    assert review(owing(), "2026-03-25", replace(book(CALL), until=day("2026-06-30"))) == "2026-07-01"


def test_all_accounts_of_a_debtor_are_looked_at_together() -> None:
    """Only one message a day: when one account falls out of it, the other's goes."""
    send = step("send", action="send_message", window=window(5, 6), late="drop")
    one = owing(id="A1")
    other = owing(charge("2026-03-18"), id="A2")
    rules = book(reminders=(send,))
    assert [str(found) for found in next_reviews((one, other), rules, on=day("2026-03-22"))] == [
        "2026-03-23",
        "2026-03-23",
    ]


def test_an_assessment_is_given_its_next_review() -> None:
    result = assess(owing(), book(CALL), on=day("2026-03-17"))
    (found,) = reviewed((result,), book(CALL))
    assert (found.next_review, replace(found, next_review=None)) == (day("2026-03-21"), result)
    assert reviewed((), book(CALL)) == ()


def test_amounts_and_days_left_are_no_reason_to_look_again() -> None:
    account = owing(adjustments=[credit_note("2026-03-26", "1", DUE)])
    on = [assess(fresh(account, day(each)), book(CALL), on=day(each)) for each in ("2026-03-25", "2026-03-27")]
    assert shape(on[0]) == shape(on[1])


def test_it_is_told_in_words_and_as_data() -> None:
    (found,) = reviewed((assess(owing(), book(CALL), on=day("2026-03-17")),), book(CALL))
    assert "下次 2026-03-21 再看" in explain(found)
    assert "looked at again on 2026-03-21" in explain(found, "en")
    assert to_dict(found)["next_review"] == "2026-03-21"


def test_what_is_barred_is_never_told_to_be_enforceable() -> None:
    account = owing(charge("2022-01-14"), use="residential")
    text = explain(assess(account, pack(), on=day("2026-03-17")))
    assert "诉讼时效届满 2022-01-14, 已过 427 天, 可以请对方缴, 不能说可以强制" in text
