"""The days steps are tied to: each anchor, its offsets, its windows, and the record each occurrence hangs on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dunning.basis.calendar import Calendar, Year
from dunning.basis.span import Span
from dunning.engine.steps.anchors import Anchors, anchor_charge, calendar_occurrences, open_charges, shifted
from dunning.engine.steps.ready import made_ready
from dunning.lang.words.terms import read_anchor, read_window
from dunning.model.account import Account, Instalment, Opening, Plan, Proceeding
from dunning.model.anchor import Anchor, CalendarWindow, Duration
from dunning.model.rulebook import Payments, RuleBook
from dunning.model.steps import Gives, Retired
from escalation import book, did, step
from households import BOOK, charge, day, demand, dispute, facts, household, opening, paid, promised, said

HERE = Span("test", 1, 1)
Q1 = charge("2026-01-15", period="2026-01-01..2026-03-31", name="Q1")
Q2 = charge("2026-04-15", period="2026-04-01..2026-06-30", name="Q2")
DEMANDS = book(
    step("formal_demand", action="formal_demand", gives=Gives(Duration(10, "wd"), Duration(15, "d")), proof="B")
)


def anchors(account: Account, on: str, rules: RuleBook = BOOK) -> Anchors:
    return Anchors(facts(account, on, book=rules), made_ready(rules).steps)


def anchor(text: str) -> Anchor:
    found, wrong = read_anchor(text, HERE)
    assert found is not None, wrong
    return found


def days(text: str, account: Account, on: str, *, of: str = "", rules: RuleBook = BOOK) -> list[str]:
    """The days an anchor comes up, with the record of each: `2026-01-15 Q1`."""
    found = anchors(account, on, rules)
    state = next((each for each in found.of.ledger.charges if each.charge.id == of), None)
    return [f"{moment.day} {moment.record}" for moment in found.moments(anchor(text), state).known]


def windows(text: str, account: Account, on: str, *, of: str = "", rules: RuleBook = BOOK) -> list[str]:
    """The windows as `first..last record`."""
    found = anchors(account, on, rules)
    state = next((each for each in found.of.ledger.charges if each.charge.id == of), None)
    window, wrong = read_window(text, HERE)
    assert window is not None, wrong
    return [f"{each.first}..{each.last or ''} {each.record}" for each in found.occurrences(window, state)[0]]


def lacking(text: str, account: Account, on: str, rules: RuleBook = BOOK) -> tuple[str, ...]:
    return anchors(account, on, rules).moments(anchor(text)).lacking


# Offsets


@pytest.mark.parametrize(
    ("start", "count", "unit", "expected"),
    [
        ("2026-01-15", 3, "d", "2026-01-18"),
        ("2026-01-15", -15, "d", "2025-12-31"),
        ("2026-01-31", 1, "mo", "2026-02-28"),
        ("2024-02-29", 1, "y", "2025-02-28"),
        ("2026-01-16", 1, "wd", "2026-01-19"),  # a Friday
        ("2026-01-19", -1, "wd", "2026-01-16"),
        ("2026-01-17", 0, "wd", "2026-01-19"),
        ("2026-02-16", 1, "wd", "2026-02-18"),  # over the festival of the 17th
        ("2026-01-15", 48, "h", "2026-01-17"),
    ],
)
def test_an_offset_counts_days_working_days_months_or_years(start: str, count: int, unit: str, expected: str) -> None:
    assert str(shifted(day(start), Duration(count, unit), BOOK.calendar)[0]) == expected  # type: ignore[arg-type]


def test_before_the_due_date_counts_from_the_bill_and_after_it_from_the_day_it_rolled_to() -> None:
    saturday = household(charge("2026-01-17", name="S"))  # D' is Monday the 19th
    assert windows("due - 7d .. due - 1d", saturday, "2026-01-01") == ["2026-01-10..2026-01-16 S"]
    assert windows("due + 3d .. due + 5d", saturday, "2026-01-01") == ["2026-01-22..2026-01-24 S"]
    assert windows("due - 2d .. due", saturday, "2026-01-01") == ["2026-01-15..2026-01-19 S"]


def test_a_working_day_beyond_the_calendar_is_provisional() -> None:
    rules = replace(BOOK, calendar=Calendar({2026: Year()}))
    found = anchors(household(charge("2026-12-30", name="Y")), "2026-12-31", rules)
    window, _ = read_window("due + 5wd", HERE)
    assert window is not None
    assert found.occurrences(window)[0][0].provisional
    in_days, _ = read_window("due + 1d", HERE)
    assert in_days is not None
    assert not found.occurrences(in_days)[0][0].provisional


# Charges


def test_due_is_the_oldest_unpaid_charge_of_the_account_and_each_charge_of_its_own() -> None:
    account = household(Q1, Q2, payments=[paid("2026-05-10", "1000.00", "Q1")])
    assert days("due", account, "2026-05-09") == ["2026-01-15 Q1"]
    assert days("due", account, "2026-05-10") == ["2026-04-15 Q2"]
    assert days("due", account, "2026-05-09", of="Q2") == ["2026-04-15 Q2"]
    assert days("due", household(), "2026-05-09") == []


def test_a_charge_is_an_anchor_before_it_falls_due_and_not_below_the_amount_chased_from() -> None:
    account = household(Q1, Q2, payments=[paid("2026-01-10", "999.50", "Q1")])
    assert days("due", account, "2026-01-02") == ["2026-01-15 Q1"]
    small = replace(BOOK, payments=Payments(chase_from=100))
    assert days("due", account, "2026-02-01", rules=small) == ["2026-04-15 Q2"]
    assert [state.charge.id for state in open_charges(facts(account, "2026-02-01", book=small))] == ["Q2"]


def test_what_is_not_chased_or_another_debtors_is_no_anchor() -> None:
    repair = charge("2026-01-01", item="repair", name="R")
    assert days("due", household(repair, Q2), "2026-05-01") == ["2026-04-15 Q2"]
    empty = household(Q1, occupancy="undelivered")
    assert anchor_charge(facts(empty, "2026-05-01")) is None


def test_nobody_knows_when_an_opening_balance_fell_due_so_what_has_a_due_date_is_the_anchor() -> None:
    carried = household(opening("2024-01-01"))
    assert (days("due", carried, "2026-02-01"), lacking("due", carried, "2026-02-01")) == ([], ("charges.due",))
    both = household(opening("2024-01-01"), Q1, Q2)
    assert days("due", both, "2026-02-01") == ["2026-01-15 Q1"]
    assert days("due", both, "2026-02-01", of="OPEN") == []
    dated = household(charge("2023-10-16", name="OLD", opening=Opening(on=day("2024-01-01"))), Q1)
    assert days("due", dated, "2026-02-01") == ["2023-10-16 OLD"]


def test_a_window_that_ends_on_an_unknown_due_date_is_not_open_for_ever() -> None:
    talks = [said("2026-02-01", "refused")]
    refused = household(opening("2026-01-01"), contacts=talks)
    window, _ = read_window("contact(refused) .. due + 30d", HERE)
    assert window is not None
    found, moments = anchors(refused, "2026-02-02").occurrences(window)
    assert (found, moments.lacking) == ([], ("charges.due",))
    dated = household(Q1, contacts=talks)
    assert windows("contact(refused) .. due + 30d", dated, "2026-02-02") == ["2026-02-01..2026-02-14 C2026-02-01"]
    never, moments = anchors(household(opening("2026-01-01")), "2026-02-02").occurrences(window)
    assert (never, moments.lacking) == ([], ())


def test_a_period_has_a_start_and_an_end_or_nobody_knows() -> None:
    assert days("period_start", household(Q1), "2025-12-01") == ["2026-01-01 Q1"]
    assert days("period_end", household(Q1, Q2), "2025-12-01", of="Q2") == ["2026-06-30 Q2"]
    assert lacking("period_start", household(charge("2026-01-15")), "2026-02-01") == ("charges.period",)


def test_handover_is_a_day_of_the_account_or_unknown() -> None:
    assert days("handover - 30d", household(handed_over=day("2026-03-01")), "2026-02-01") == ["2026-03-01 2026-03-01"]
    assert windows("handover - 30d .. handover", household(handed_over=day("2026-03-01")), "2026-02-01") == [
        "2026-01-30..2026-03-01 2026-03-01"
    ]
    assert lacking("handover", household(), "2026-02-01") == ("handed_over",)


# Money that came


def test_paid_comes_up_with_each_payment_and_for_a_charge_with_those_that_settled_it() -> None:
    account = household(Q1, Q2, payments=[paid("2026-02-01", "400.00"), paid("2026-05-01", "700.00")])
    assert days("paid", account, "2026-05-02") == ["2026-02-01 P2026-02-01", "2026-05-01 P2026-05-01"]
    assert days("paid", account, "2026-05-02", of="Q2") == ["2026-05-01 P2026-05-01"]
    assert days("paid", account, "2026-01-31") == []


def test_of_many_payments_only_the_windows_still_open_and_the_last_closed_one_are_looked_at() -> None:
    many = household(Q1, payments=[paid(f"2026-02-{number:02}", "1.00") for number in range(1, 20)])
    found = windows("paid .. paid + 1d", many, "2026-02-19")
    assert found == [
        "2026-02-17..2026-02-18 P2026-02-17",
        "2026-02-18..2026-02-19 P2026-02-18",
        "2026-02-19..2026-02-20 P2026-02-19",
    ]


def test_settled_is_the_day_the_last_of_it_went() -> None:
    account = household(Q1, Q2, payments=[paid("2026-02-01", "1000.00"), paid("2026-05-01", "1000.00", "Q2")])
    assert days("settled", account, "2026-02-02") == ["2026-02-01 Q1"]
    assert days("settled", account, "2026-04-30") == []  # the second is overdue
    assert days("settled", account, "2026-05-02") == ["2026-05-01 Q2"]
    assert days("settled", account, "2026-05-02", of="Q1") == ["2026-02-01 Q1"]


# What was said


def test_a_promise_comes_up_on_its_day_unless_it_was_kept() -> None:
    broken = promised("2026-02-01", "2026-02-10", id="B")
    still_open = promised("2026-02-20", "2026-03-10", id="O")
    account = household(Q1, contacts=[broken, still_open])
    assert days("promise", account, "2026-03-01") == ["2026-02-10 B", "2026-03-10 O"]
    kept = replace(account, payments=(paid("2026-03-05", "1000.00"),))
    assert days("promise", kept, "2026-03-06") == ["2026-02-10 B"]


def test_of_several_promises_for_one_day_the_last_one_made_stands() -> None:
    account = household(
        Q1, contacts=[promised("2026-02-01", "2026-03-10", id="A"), promised("2026-02-09", "2026-03-10", id="B")]
    )
    assert days("promise", account, "2026-03-01") == ["2026-03-10 B"]


def test_a_contact_anchors_by_its_outcome_and_counts_for_the_charges_it_names() -> None:
    talks = [said("2026-02-01", "away"), said("2026-03-01", "refused"), said("2026-05-01", "away", charges=("Q1",))]
    account = household(Q1, Q2, contacts=talks)
    assert days("contact(away)", account, "2026-06-01") == ["2026-02-01 C2026-02-01", "2026-05-01 C2026-05-01"]
    assert days("contact(away)", account, "2026-06-01", of="Q2") == []  # not yet due in February, not named in May
    assert days("contact(away)", account, "2026-06-01", of="Q1") == ["2026-02-01 C2026-02-01", "2026-05-01 C2026-05-01"]
    assert lacking("contact(away)", household(Q1, unknown=("contacts",)), "2026-06-01") == ("contacts.outcome",)


def test_a_dispute_comes_up_while_it_is_open_and_for_the_charge_it_is_about() -> None:
    account = household(
        Q1, Q2, disputes=[dispute("2026-02-01", closed="2026-03-01"), dispute("2026-05-01", charge="Q2", id="D")]
    )
    assert days("dispute", account, "2026-02-15") == ["2026-02-01 D2026-02-01price"]
    assert days("dispute", account, "2026-05-15") == ["2026-05-01 D"]
    assert days("dispute", account, "2026-05-15", of="Q1") == []
    assert lacking("dispute", household(Q1, unknown=("disputes",)), "2026-05-15") == ("disputes",)


def test_a_plan_comes_up_with_each_instalment_by_its_number() -> None:
    plan = Plan(
        id="PL",
        signed=day("2026-02-01"),
        charges=("Q1",),
        instalments=(Instalment(due=day("2026-04-01"), amount=50000), Instalment(due=day("2026-03-01"), amount=50000)),
    )
    account = household(Q1, Q2, plans=[plan])
    assert days("plan", account, "2026-02-20") == ["2026-03-01 PL/1", "2026-04-01 PL/2"]
    assert days("plan", account, "2026-02-20", of="Q2") == []
    assert days("plan", account, "2026-03-05") == []  # broken


def test_a_judgment_comes_up_and_the_end_of_its_performance_period_nobody_recorded() -> None:
    account = household(Q1, proceedings=[Proceeding(id="J", kind="judgment", on=day("2026-06-01"))])
    assert days("judgment", account, "2026-07-01") == ["2026-06-01 J"]
    assert days("judgment", account, "2026-05-01") == []
    assert lacking("performance_end", account, "2026-07-01") == ("proceedings.performance_end",)
    assert lacking("performance_end", household(Q1), "2026-07-01") == ()


# What came of other steps


def test_done_wants_what_the_step_has_recorded_and_failed_is_what_did_not_reach_anybody() -> None:
    rules = book(step("call", 3, record=("reason", "outcome")))
    talks = [
        did("2026-02-01", "call", "no_answer"),
        did("2026-02-02", "call", "undeliverable", "sms"),
        did("2026-02-03", "call", "reached"),
        did("2026-02-04", "call", "reached", reason="forgot"),
        did("2026-02-05", "other", "reached", reason="forgot"),
        did("2026-02-06", "call", "reached", reason="forgot", inbound=True),
    ]
    account = household(Q1, contacts=talks)
    assert days("done(call)", account, "2026-03-01", rules=rules) == ["2026-02-04 call@2026-02-04"]
    assert days("failed(call)", account, "2026-03-01", rules=rules) == [
        "2026-02-01 call@2026-02-01",
        "2026-02-02 call@2026-02-02",
    ]


def test_a_demand_arrives_with_a_delivery_receipt_and_its_time_is_up_the_day_after_the_deadline() -> None:
    account = household(Q1, contacts=[demand("2026-07-16", proof="B", id="F")])
    assert days("delivered(formal_demand)", account, "2026-08-10", rules=DEMANDS) == ["2026-07-16 F"]
    # Ten working days end on 30 July, fifteen days on 31 July.
    assert days("expired(formal_demand)", account, "2026-08-10", rules=DEMANDS) == ["2026-08-01 F"]


@pytest.mark.parametrize(
    ("proof", "weak", "unknown"), [("C", ("F",), ()), ("D", ("F",), ()), (None, (), ("contacts.proof",))]
)
def test_without_the_evidence_it_asks_for_a_demand_has_not_arrived(
    proof: str | None, weak: tuple[str, ...], unknown: tuple[str, ...]
) -> None:
    found = anchors(household(Q1, contacts=[demand("2026-07-16", proof=proof, id="F")]), "2026-08-10", DEMANDS)
    moments = found.moments(anchor("delivered(formal_demand)"))
    assert (moments.known, moments.weak, moments.lacking) == ((), weak, unknown)


def test_a_demand_that_came_back_counts_for_nothing() -> None:
    account = household(Q1, contacts=[demand("2026-07-16", proof="B", outcome="undeliverable")])
    found = anchors(account, "2026-08-10", DEMANDS).moments(anchor("expired(formal_demand)"))
    assert (found.known, found.weak, found.lacking) == ((), (), ())


def test_a_letter_that_asks_for_no_proof_arrives_by_its_outcome() -> None:
    rules = book(step("letter", 3, action="deliver_letter", gives=Gives(Duration(7, "d"), from_="sent")))
    account = household(
        Q1, contacts=[did("2026-02-02", "letter", "sent", "letter"), did("2026-02-05", "letter", "delivered", "letter")]
    )
    assert days("delivered(letter)", account, "2026-03-01", rules=rules) == ["2026-02-05 letter@2026-02-05"]
    assert [each[:10] for each in days("expired(letter)", account, "2026-03-01", rules=rules)] == [
        "2026-02-10",
        "2026-02-13",
    ]


def test_contacts_under_a_name_the_step_had_before_are_its_own() -> None:
    rules = replace(book(step("call", 3)), retired=(Retired("ring", now="call"), Retired("phone", now="ring")))
    account = household(Q1, contacts=[did("2026-02-01", "phone"), did("2026-02-02", "ring"), did("2026-02-03", "call")])
    assert [each[:10] for each in days("done(call)", account, "2026-03-01", rules=rules)] == [
        "2026-02-01", "2026-02-02", "2026-02-03",
    ]  # fmt: skip


# Windows


def test_a_window_between_two_events_ends_with_the_first_end_after_its_start() -> None:
    rules = book(step("notice", 3))
    account = household(Q1, contacts=[did("2026-01-05", "notice"), did("2026-01-20", "notice")])
    assert windows("done(notice) + 3d .. due", account, "2026-01-10", rules=rules) == [
        "2026-01-08..2026-01-15 notice@2026-01-05"
    ]
    assert windows("done(notice) + 3d .. due", account, "2026-01-25", rules=rules) == [
        "2026-01-08..2026-01-15 notice@2026-01-05",
        "2026-01-23.. notice@2026-01-20",
    ]


@pytest.mark.parametrize(
    ("text", "on", "expected"),
    [
        (
            "day 1..3 of month",
            "2026-03-02",
            ["2026-02-01..2026-02-03", "2026-03-01..2026-03-03", "2026-04-01..2026-04-03"],
        ),
        (
            "day 31 of month",
            "2026-02-10",
            ["2026-01-31..2026-01-31", "2026-02-28..2026-02-28", "2026-03-31..2026-03-31"],
        ),
        (
            "day 15 of quarter",
            "2026-05-01",
            ["2026-01-15..2026-01-15", "2026-04-15..2026-04-15", "2026-07-15..2026-07-15"],
        ),
        ("quarter_end", "2026-05-01", ["2026-03-31..2026-03-31", "2026-06-30..2026-06-30", "2026-09-30..2026-09-30"]),
        (
            "quarter_end - 15d",
            "2026-01-01",
            ["2025-12-16..2025-12-16", "2026-03-16..2026-03-16", "2026-06-15..2026-06-15"],
        ),
        ("year_end", "2026-05-01", ["2025-12-31..2025-12-31", "2026-12-31..2026-12-31", "2027-12-31..2027-12-31"]),
        (
            "day 1 of half_year",
            "2026-08-01",
            ["2026-01-01..2026-01-01", "2026-07-01..2026-07-01", "2027-01-01..2027-01-01"],
        ),
    ],
)
def test_calendar_days_come_up_in_the_period_before_in_this_one_and_in_the_next(
    text: str, on: str, expected: list[str]
) -> None:
    window, wrong = read_window(text, HERE)
    assert isinstance(window, CalendarWindow), wrong
    found = list(calendar_occurrences(window, day(on), BOOK.calendar))
    assert [f"{each.first}..{each.last}" for each in found] == expected
    assert all(each.kind == window.period for each in found)
