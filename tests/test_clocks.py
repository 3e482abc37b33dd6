"""What runs: promises until their day, a demand's time until it is up, an episode while something is overdue."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from dunning.basis.calendar import Calendar
from dunning.engine.known.clocks import deadline, episode_since
from dunning.engine.owed.ledger import replay
from dunning.model.account import Account, Contact
from dunning.model.anchor import Duration
from dunning.model.condition import Unknown
from dunning.model.rulebook import Payments
from dunning.model.steps import Gives, Ladder, Retired, Step
from households import BOOK, charge, day, demand, fact, facts, household, of_charge, opening, paid, promised, said

Q1, Q2 = charge("2026-01-15"), charge("2026-04-15")


# Episodes


def since(account: Account, on: str, chase_from: int = 1) -> str | None:
    book = replace(BOOK, payments=Payments(chase_from=chase_from))
    found = episode_since(replay(account, book, day(on)), chase_from)
    return None if found is None else found.isoformat()


def test_an_episode_begins_the_day_after_the_first_due_date_and_ends_with_the_debt() -> None:
    account = household(Q1, Q2, payments=[paid("2026-05-10", "2200.00")])
    days = ("2026-01-15", "2026-01-16", "2026-04-20", "2026-05-09", "2026-05-10")
    assert [since(account, on) for on in days] == [None, *["2026-01-16"] * 3, None]


def test_a_charge_paid_in_time_belongs_to_no_episode() -> None:
    account = household(Q1, Q2, payments=[paid("2026-01-15", "1000.00", Q1.id)])
    assert since(account, "2026-05-01") == "2026-04-16"


def test_a_rest_below_the_amount_chased_from_ends_it() -> None:
    account = household(Q1, Q2, payments=[paid("2026-03-01", "999.01", Q1.id)])
    assert since(account, "2026-03-31", 100) is None
    assert since(account, "2026-05-01", 100) == "2026-04-16"
    assert since(account, "2026-05-01") == "2026-01-16"


def test_just_the_amount_chased_from_goes_on_and_paying_late_fees_ends_nothing() -> None:
    account = household(Q1, charge("2026-04-15", "1.00"), payments=[paid("2026-03-01", "999.00", Q1.id)])
    assert since(account, "2026-03-31", 100) == "2026-01-16"
    assert since(household(charge("2026-01-15", "1.00")), "2026-03-31", 100) == "2026-01-16"
    book = replace(BOOK, payments=Payments(chase_from=100, within_charge=("late_fee", "principal")))
    fee_first = household(Q1, payments=[paid("2026-03-01", "1010.00", Q1.id)])  # 22.50 of it is late fee
    assert fact("overdue_days", fee_first, "2026-03-02", book=book) == 46
    settled = replace(fee_first, payments=(*fee_first.payments, paid("2026-03-10", "12.60")))
    assert facts(settled, "2026-03-20", book=book).values(("overdue_days", "average_days_late")) == [0, 54]


def test_an_item_that_is_not_chased_begins_no_episode() -> None:
    repair = charge("2025-11-14", item="repair", name="R")
    assert since(household(repair, Q1), "2026-03-01") == "2026-01-16"


def test_with_an_opening_balance_it_began_before_all_records() -> None:
    account = household(opening("2026-01-01"), Q2)
    assert since(account, "2026-01-01") is None
    assert since(account, "2026-05-01") == date.min.isoformat()
    assert since(replace(account, payments=(paid("2026-02-01", "1000.00"),)), "2026-05-01") == "2026-04-16"


# Promises

PROMISE = ("promise_open", "promise_on", "broken_promises")


def word(*contacts: Contact, on: str, **more: object) -> list[object]:
    return facts(household(Q1, contacts=list(contacts), **more), on).values(PROMISE)


TENTH = day("2026-02-10").toordinal()


def test_a_promise_is_open_to_its_day_and_broken_after_it() -> None:
    promise = promised("2026-02-01", "2026-02-10", "1000.00")
    assert word(promise, on="2026-01-31") == [False, None, 0]
    assert word(promise, on="2026-02-01") == [True, TENTH, 0]
    assert word(promise, on="2026-02-10") == [True, TENTH, 0]
    assert word(promise, on="2026-02-11") == [False, None, 1]


@pytest.mark.parametrize(
    ("payments", "kept"),
    [
        ([paid("2026-02-10", "1000.00")], True),
        ([paid("2026-02-10", "999.99")], False),
        ([paid("2026-02-01", "400.00"), paid("2026-02-09", "600.00")], True),
        ([paid("2026-01-31", "1000.00")], False),  # before it was made
        ([paid("2026-02-11", "1000.00")], False),  # a day late
        ([paid("2026-02-10", "1000.00", reversed_on=day("2026-02-12"))], False),
    ],
)
def test_a_promise_is_kept_by_the_payments_from_its_making_to_its_day(payments: list[object], kept: bool) -> None:
    promise = promised("2026-02-01", "2026-02-10", "1000.00")
    assert word(promise, on="2026-02-12", payments=payments) == [False, None, 0 if kept else 1]


def test_a_promise_kept_early_is_no_longer_open() -> None:
    promise = promised("2026-02-01", "2026-02-10", "300.00")
    assert word(promise, on="2026-02-05", payments=[paid("2026-02-05", "300.00")]) == [False, None, 0]


def test_a_promise_without_an_amount_is_for_all_overdue_when_it_was_made() -> None:
    promise = promised("2026-02-01", "2026-02-10")
    before = paid("2026-01-20", "400.00")
    assert word(promise, on="2026-02-11", payments=[before, paid("2026-02-10", "600.00")])[2] == 0
    assert word(promise, on="2026-02-11", payments=[before, paid("2026-02-10", "599.99")])[2] == 1


def test_what_is_paid_on_the_day_of_the_promise_is_owed_by_it_and_counts_for_it() -> None:
    promise = promised("2026-02-01", "2026-02-10")
    assert word(promise, on="2026-02-11", payments=[paid("2026-02-01", "999.00")])[2] == 1
    assert word(promise, on="2026-02-11", payments=[paid("2026-02-01", "1000.00")])[2] == 0


def test_a_promise_for_named_charges_is_for_those() -> None:
    small = charge("2026-04-15", "300.00")
    account = household(Q1, small, contacts=[promised("2026-05-01", "2026-05-10", charges=(small.id,))])
    assert fact("broken_promises", account, "2026-05-11") == 1
    for amount, broken in (("299.99", 1), ("300.00", 0)):
        kept = replace(account, payments=(paid("2026-05-05", amount, small.id),))
        assert fact("broken_promises", kept, "2026-05-11") == broken


def test_a_promise_without_an_amount_leaves_out_what_is_too_small_to_chase() -> None:
    book = replace(BOOK, payments=Payments(chase_from=100))
    for rest, broken in (("0.99", 0), ("1.00", 1)):
        account = household(charge("2026-01-15", rest), contacts=[promised("2026-02-01", "2026-02-10")])
        assert fact("broken_promises", account, "2026-02-11", book=book) == broken


def test_a_promise_made_before_anything_is_overdue_is_for_what_is_overdue_on_its_day() -> None:
    promise = promised("2026-01-10", "2026-01-25")
    assert word(promise, on="2026-01-26")[2] == 1
    assert word(promise, on="2026-01-26", payments=[paid("2026-01-25", "1000.00")])[2] == 0
    on_the_due_date = promised("2026-01-15", "2026-01-15")  # nothing is overdue all through that day
    assert word(on_the_due_date, on="2026-01-16")[2] == 0


def test_each_promise_stands_by_itself_but_two_for_one_day_are_one() -> None:
    first, again = promised("2026-02-01", "2026-02-10", "1000.00"), promised("2026-02-05", "2026-02-10", "1000.00")
    later = promised("2026-02-08", "2026-02-20", "1000.00")
    assert word(first, again, on="2026-02-11") == [False, None, 1]
    assert word(first, later, on="2026-02-09") == [True, day("2026-02-20").toordinal(), 0]
    assert word(first, later, on="2026-02-11") == [True, day("2026-02-20").toordinal(), 1]
    assert word(first, later, on="2026-02-21") == [False, None, 2]


def test_of_several_open_promises_the_one_made_last_has_the_word() -> None:
    far, near = promised("2026-02-01", "2026-02-20", "1000.00"), promised("2026-02-05", "2026-02-10", "1000.00")
    assert word(near, far, on="2026-02-06") == [True, TENTH, 0]


# Formal demands

DEMANDED = ("demand_delivered", "demand_expired")


def after(*contacts: Contact, on: str, charges: tuple[object, ...] = (Q1,), **more: object) -> list[object]:
    return facts(household(*charges, contacts=list(contacts), **more), on).values(DEMANDED)


@pytest.mark.parametrize(
    ("sent", "last_day"),
    [
        ("2026-03-02", "2026-03-17"),  # Monday: ten working days end on 16 March, fifteen days on 17 March
        ("2026-02-13", "2026-03-02"),  # the festival of 17 February: ten working days end on 2 March, a day later
        ("2026-03-05", "2026-03-20"),
        ("2026-03-06", "2026-03-23"),  # the fifteenth day is a Saturday
    ],
)
def test_a_demand_gives_the_later_of_15_days_and_10_working_days(sent: str, last_day: str) -> None:
    until = deadline(BOOK.calendar, Gives(Duration(10, "wd"), Duration(15, "d")), day(sent))
    assert until == (day(last_day), False)
    the_day_after = date.fromordinal(day(last_day).toordinal() + 1).isoformat()
    assert after(demand(sent), on=last_day) == [True, False]
    assert after(demand(sent), on=the_day_after) == [True, True]


@pytest.mark.parametrize(
    ("contact", "delivered"),
    [
        (demand("2026-03-02"), True),
        (demand("2026-03-02", proof="A", outcome="refused"), True),  # it was signed for, and the answer is no
        (demand("2026-03-02", outcome=None), True),
        (demand("2026-03-02", outcome="undeliverable"), False),
        (demand("2026-03-02", outcome="no_answer"), False),
        (demand("2026-03-02", proof="C"), False),
        (demand("2026-03-02", proof="D"), False),
        (demand("2026-03-02", proof=None), Unknown(("contacts.proof",))),
        (demand("2026-03-02", proof=None, outcome="undeliverable"), False),
        (said("2026-03-02", "delivered", "ems", step="second_reminder", proof="A"), False),
        (demand("2026-03-02", inbound=True), False),
        (demand("2026-01-15"), False),  # nothing was overdue yet
        (demand("2026-01-16"), True),
        (demand("2026-06-01"), False),
    ],
)
def test_a_demand_is_delivered_by_proof(contact: Contact, delivered: object) -> None:
    assert after(contact, on="2026-05-31") == [delivered, delivered]


def test_a_second_demand_with_proof_settles_what_the_first_left_open() -> None:
    unproven, proven, no_proof = demand("2026-03-02", proof=None), demand("2026-03-05"), Unknown(("contacts.proof",))
    assert after(unproven, proven, on="2026-03-17") == [True, False]
    assert after(unproven, proven, on="2026-03-18") == [True, no_proof]  # the time of the first is up, if it arrived
    assert after(unproven, proven, on="2026-03-21") == [True, True]


def test_a_demand_speaks_of_the_charges_it_names_or_of_all_overdue_that_day() -> None:
    names_one = household(Q1, Q2, contacts=[demand("2026-05-04", charges=(Q2.id,))])
    names_none = household(Q1, Q2, contacts=[demand("2026-03-02")])
    for account, demanded in ((names_one, Q2), (names_none, Q1)):
        for each in (Q1, Q2):
            found = of_charge("charge_demand_delivered", account, "2026-06-30", each.id)
            assert found is (each is demanded)
            assert of_charge("charge_demand_expired", account, "2026-06-30", each.id) is found


def test_a_demand_for_a_charge_since_paid_is_no_demand_for_the_next() -> None:
    paid_up = [paid("2026-03-10", "1000.00", Q1.id)]
    assert after(demand("2026-03-02"), on="2026-04-15", charges=(Q1, Q2), payments=paid_up) == [False, False]
    assert after(demand("2026-03-02"), on="2026-06-01", charges=(Q1, Q2), payments=paid_up) == [False, False]


def test_a_demand_that_names_no_charge_speaks_of_what_was_unpaid_that_morning() -> None:
    for paid_on, covered in (("2026-03-01", False), ("2026-03-02", True)):
        account = household(Q1, contacts=[demand("2026-03-02")], payments=[paid(paid_on, "1000.00")])
        assert of_charge("charge_demand_delivered", account, "2026-03-10", Q1.id) is covered
    book = replace(BOOK, payments=Payments(chase_from=100_000))
    whole = household(Q1, contacts=[demand("2026-03-02")])
    assert of_charge("charge_demand_delivered", whole, "2026-03-10", Q1.id, book=book) is True


def test_the_books_own_step_says_what_time_it_gives() -> None:
    step = Step(id="letter", title="催告", action="formal_demand", gives=Gives(Duration(1, "mo")))
    book = replace(BOOK, ladder=Ladder(steps=(step,)), retired=(Retired("old_letter", now="letter"),))
    for name in ("letter", "old_letter"):
        account = household(Q1, contacts=[said("2026-03-02", "delivered", "ems", step=name, proof="A")])
        assert facts(account, "2026-04-02", book=book).values(DEMANDED) == [True, False]
        assert facts(account, "2026-04-03", book=book).values(DEMANDED) == [True, True]
        assert facts(account, "2026-04-03").values(DEMANDED) == [False, False]


@pytest.mark.parametrize(
    ("gives", "last_day"),
    [
        (Gives(Duration(48, "h")), "2026-03-04"),
        (Gives(Duration(25, "h")), "2026-03-04"),
        (Gives(Duration(1, "y")), "2027-03-02"),
        (Gives(Duration(0, "d")), "2026-03-02"),
        (Gives(Duration(30, "d"), Duration(10, "wd")), "2026-04-01"),
    ],
)
def test_lengths_of_time_a_demand_may_give(gives: Gives, last_day: str) -> None:
    assert deadline(BOOK.calendar, gives, day("2026-03-02")).day == day(last_day)


def test_a_deadline_beyond_the_calendar_is_provisional() -> None:
    account = household(Q1, contacts=[demand("2026-03-02")])
    sure = facts(account, "2026-05-01")
    unsure = facts(account, "2026-05-01", book=replace(BOOK, calendar=Calendar({})))
    for known in (sure, unsure):
        assert known.value("arrears") == 100_000
        assert not known.provisional
        assert known.value("demand_expired") is True
    assert (sure.provisional, unsure.provisional) == (False, True)
